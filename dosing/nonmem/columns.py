"""The columns of a table in the NONMEM convention: the ones that are read, and the ones refused.

A column that changes the meaning of a row is never passed over: it is read, or any value that
would change something is refused by name. `unused_columns` names all others.

Names are those of NONMEM's data items. With them are their counterparts in Monolix (ADM, YTYPE,
TINF), nlmixr2 (DUR, DVID, LIMIT) and Pmetrics (OUTEQ, INPUT), and the usual names of flags (BLQ,
EXCL).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from dosing.errors import UserError
from dosing.pharmacokinetics.model import Model
from dosing.quantities.text import quoted

DATES = ("DATE", "DAT1", "DAT2", "DAT3")
"""The columns of dates, each with the order that its name means in NONMEM."""
BELOW = ("BLQ", "BQL", "BLOQ")
"""1: the level is below the limit of quantification."""
LOWER_LIMITS = ("LLOQ", "LOQ")
"""The lower limit of quantification, ng/mL."""
EXCLUSIONS = ("EXCL", "EXCLUDE", "IGNORE", "C")
"""1: the row is left out; in a text, lines with a letter C in a column C are comments."""

_REQUIRED = ("ID", "TIME", "AMT", "DV")
_OPTIONAL = (
    *("EVID", "MDV", "II", "ADDL", "SS", "CENS", "CMT"),
    *DATES, *BELOW, *LOWER_LIMITS, "ULOQ", *EXCLUSIONS,
)  # fmt: skip


class RowsOf(Enum):
    """The rows for which a column has a meaning."""

    ALL = "all"
    DOSES = "doses"
    LEVELS = "levels"


@dataclass(frozen=True, slots=True)
class RefusedColumn:
    """A column that is not supported, with the values that change nothing."""

    name: str
    rows: RowsOf
    harmless: tuple[float, ...]
    why: str


_INFUSION = "infusions are not supported: the models are for oral doses"
_ROUTE = "only one route is supported, 1. Leave the other doses out, or write 1 for oral doses"
_KIND = "only one kind of level is supported, 1. Leave the others out"
_CORRELATION = "correlated levels are not supported. Leave the column out if they are not"
_COPIES = "it is supported only as 0. Leave the column out if it changes nothing"
_UNKNOWN = "its meaning is unknown. Rename the column EXCL for rows to leave out, or remove it"

REFUSED = (
    RefusedColumn("RATE", RowsOf.DOSES, (0,), _INFUSION),
    RefusedColumn("DUR", RowsOf.DOSES, (0,), _INFUSION),
    RefusedColumn("TINF", RowsOf.DOSES, (0,), _INFUSION),
    RefusedColumn("ADM", RowsOf.DOSES, (1,), _ROUTE),
    RefusedColumn("ADMID", RowsOf.DOSES, (1,), _ROUTE),
    RefusedColumn("INPUT", RowsOf.DOSES, (1,), _ROUTE),
    RefusedColumn("DVID", RowsOf.LEVELS, (1,), _KIND),
    RefusedColumn("YTYPE", RowsOf.LEVELS, (1,), _KIND),
    RefusedColumn("OBSID", RowsOf.LEVELS, (1,), _KIND),
    RefusedColumn("OUTEQ", RowsOf.LEVELS, (1,), _KIND),
    RefusedColumn(
        "LIMIT",
        RowsOf.LEVELS,
        (),
        "levels within an interval are not supported: CENS and DV give one bound",
    ),
    RefusedColumn(
        "ALQ", RowsOf.LEVELS, (0,), "write CENS -1 for a level above the limit, and the limit as DV"
    ),
    RefusedColumn(
        "MDVX",
        RowsOf.LEVELS,
        (0,),
        "MDV fits this level. Write MDV 1 if it is missing, or remove the column",
    ),
    RefusedColumn("PCMT", RowsOf.LEVELS, (0, 2), "levels come from 2, the central compartment"),
    RefusedColumn("L2", RowsOf.LEVELS, (0,), _CORRELATION),
    RefusedColumn("CONT", RowsOf.ALL, (0,), _COPIES),
    RefusedColumn("RAW_", RowsOf.ALL, (0,), _COPIES),
    RefusedColumn("MRG_", RowsOf.ALL, (0,), _COPIES),
    RefusedColumn("RPT_", RowsOf.ALL, (0,), _COPIES),
    RefusedColumn("DROP", RowsOf.ALL, (0,), _UNKNOWN),
    RefusedColumn("SKIP", RowsOf.ALL, (0,), _UNKNOWN),
    RefusedColumn("FLAG", RowsOf.ALL, (0,), _UNKNOWN),
)
"""Not supported: the values that change nothing, and the message for any other."""

_FROM_PMETRICS = {"AMT": "DOSE", "DV": "OUT"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that a model uses, with their places."""

    places: dict[str, int]
    """By the name in capitals, in the order of the cells of a row."""
    unused: tuple[str, ...]
    """The names of the others, as in the table: they change nothing."""

    @classmethod
    def of(cls, header: Iterable[object], model: Model, file: str = "") -> "Columns":
        """Find the columns by a header.

        Raises `UserError` for a column that is missing or there twice, and for two columns of the
        same meaning.
        """
        table = f"The table {file}" if file else "The table"
        spelled = [str(name).strip() for name in header]
        names = [name.upper() for name in spelled]
        covariates = {each.column.upper(): each.name for each in model.covariates}
        _refuse_reserved(covariates, model)
        needed = [column for column, name in covariates.items() if name in model.needed]
        missing = [name for name in (*_REQUIRED, *needed) if name not in names]
        if missing:
            raise UserError(_is_missing(table, missing, names, model))
        refused = [each.name for each in REFUSED]
        used = [
            name for name in (*_REQUIRED, *covariates, *_OPTIONAL, *refused) if name in names
        ]  # fmt: skip
        for name in used:
            if names.count(name) > 1:
                raise UserError(f"The column {name} is there twice. Keep one.")
        for group in (DATES, BELOW, LOWER_LIMITS):
            both = [name for name in group if name in used]
            if len(both) > 1:
                raise UserError(f"{table} has the columns {' and '.join(both)}. Keep one.")
        unused = tuple(
            name for name, known in zip(spelled, names, strict=True) if known not in used
        )
        return cls({name: names.index(name) for name in used}, unused)

    def cells(self, row: Sequence[object]) -> list[object]:
        """Return the cells of a row that are used, in the order of `places`."""
        return [row[place] for place in self.places.values()]


def _refuse_reserved(covariates: dict[str, str], model: Model) -> None:
    reserved = {*_REQUIRED, *_OPTIONAL, *(each.name for each in REFUSED)}
    for column in covariates:
        if column in reserved:
            raise UserError(
                f"The column {column} of {model.name} has another meaning in a table. "
                "Give the covariate another column in the model's file."
            )


def _is_missing(table: str, missing: list[str], names: list[str], model: Model) -> str:
    text = f"{table} has no column {', '.join(missing)}. {model.name} needs it."
    renamed = {
        name: other
        for name, other in _FROM_PMETRICS.items()
        if name in missing and other in names and "OUTEQ" in names
    }
    for name, other in renamed.items():
        text += f" Rename {quoted(other)} of Pmetrics {name}."
    return text
