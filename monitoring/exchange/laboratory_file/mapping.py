"""The mapping of a laboratory's columns, kept as a TOML file.

It states whatever is ambiguous in the file: the order of day and month, the decimal sign, the time
zone, and missing units.
"""

import tomllib
from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from dosing import QuantityKind, UserError, accepted_units, clean
from dosing.quantities.reading_limits import MAPPING_BYTES, MAPPING_NESTING
from dosing.quantities.text import quoted
from dosing.quantities.toml_reading import read_toml
from monitoring.exchange.incoming import ReadingChoices, ResultStatus
from monitoring.exchange.laboratory_file.csv_text import ENCODINGS
from monitoring.exchange.laboratory_file.layout import SEPARATORS, FileLayout
from monitoring.exchange.result_text import DECIMAL_SIGNS, is_laboratory_unit, is_level_unit
from monitoring.files import read_file
from monitoring.record.laboratory_value import UNITS
from monitoring.record.level import Assay
from monitoring.time_text import DateOrder
from monitoring.times import local_zone, zone_of

LEVEL = "sirolimus level"
"""The name of the sirolimus level in a mapping; every other name is a laboratory value."""

REFUSE, SKIP, READ, IGNORE = "refuse", "skip", "read", "ignore"
_LEVEL_UNITS = accepted_units(QuantityKind.LEVEL)
_LABORATORY_UNITS = tuple(spellings[0] for spellings in UNITS)

_DEFAULT_LAYOUT = FileLayout()
_NOTHING: Map[str, Any] = MappingProxyType({})

Kind = TypeVar("Kind")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumns:
    """The headings of the columns; None for a column that the file lacks.

    The time of the sample is in one column, or its day and time of day are in two.
    """

    record_number: str
    value: str
    born: str | None = None
    """The date of birth: a row with another one than the patient's is refused."""
    test: str | None = None
    unit: str | None = None
    sample_time: str | None = None
    sample_day: str | None = None
    sample_clock: str | None = None
    last_dose: str | None = None
    assay: str | None = None
    laboratory: str | None = None
    lower_limit: str | None = None
    upper_limit: str | None = None
    range: str | None = None
    """Both limits of normal in one cell, as in 0.5 - 1.2."""
    status: str | None = None

    def __post_init__(self) -> None:
        """Check that the time of the sample is in one column, or in two."""
        together, apart = self.sample_time, (self.sample_day, self.sample_clock)
        if bool(together) == any(apart) or any(apart) != all(apart):
            raise UserError(
                "The time of the sample is missing from columns. Give sample_time, or both "
                "sample_day and sample_clock."
            )
        if self.range and (self.lower_limit or self.upper_limit):
            raise UserError(
                "columns.range has both limits of normal. Remove lower_limit and upper_limit."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """The mapping of one laboratory's file.

    Raises `UserError` with the key for a contradiction.
    """

    columns: MappedColumns
    time_zone: str
    layout: FileLayout = _DEFAULT_LAYOUT
    date_order: DateOrder | None = None
    decimal_sign: str | None = None
    no_value: frozenset[str] = frozenset()
    """Texts that mean a missing value, as an empty cell always does."""
    skips_without_value: bool = False
    skips_other_tests: bool = False
    hidden: str | None = None
    """READ or SKIP for rows that Excel does not show; None refuses each of them."""
    ignores_status: bool = False
    """True if a column that looks like the status of a result is not one."""
    tests: Map[str, str] = field(default_factory=lambda: _NOTHING)
    """The name of a test by the laboratory's name: `LEVEL` for the sirolimus level, `SKIP` to leave
    it out."""
    default_units: Map[str, str] = field(default_factory=lambda: _NOTHING)
    """The unit of a test without one in the file, by the laboratory's name."""
    assays: Map[str, Assay] = field(default_factory=lambda: _NOTHING)
    statuses: Map[str, ResultStatus] = field(default_factory=lambda: _NOTHING)
    """The status by a word of the laboratory, where that is not known."""
    test: str | None = None
    """The test of the whole file, if no column has it."""
    assay: Assay | None = None
    laboratory: str = ""

    def __post_init__(self) -> None:
        """Check that every row has a test, and each default unit."""
        zone_of(self.time_zone)
        if bool(self.columns.test) == bool(self.test):
            raise UserError(
                "The test must be given once. Use either columns.test or whole_file.test."
            )
        if self.columns.test and not self.tests:
            raise UserError(f'tests is empty. Name the level in it, as in "SIRO" = "{LEVEL}".')
        for both in ("assay", "laboratory"):
            if getattr(self.columns, both) and getattr(self, both):
                raise UserError(f"columns.{both} and whole_file.{both} are both given. Remove one.")
        if self.statuses and not self.columns.status:
            raise UserError("statuses needs the column of the status. Give columns.status.")
        for name, unit in self.default_units.items():
            self._check_default_unit(name, unit)

    def _check_default_unit(self, name: str, unit: str) -> None:
        kept = self.tests.get(name, self.test if name == self.test else None)
        if kept is None:
            raise UserError(f"default_units.{quoted(name)} is not named in tests. Add it there.")
        units = _LEVEL_UNITS if kept == LEVEL else _LABORATORY_UNITS
        is_known = is_level_unit(unit) if kept == LEVEL else is_laboratory_unit(unit)
        if not is_known:
            raise UserError(
                f"The value of default_units.{quoted(name)} is unknown. "
                f"Use one of {', '.join(units)}."
            )


def read_mapping(file: Path) -> Mapping:
    """Return the mapping of a TOML file.

    Raises `UserError` with the wrong line or key.
    """
    return mapping_of(_text_of(file), file)


def read_choices(file: Path) -> ReadingChoices:
    """Return what a mapping states about the messages of a sender; it needs no columns.

    Without a time zone it is this machine's. Raises `UserError` as `read_mapping` does.
    """
    return _read(_text_of(file), file, _choices)


def mapping_of(text: str, file: object) -> Mapping:
    """Return the mapping of a text in TOML; `file` is its name, for a message.

    Raises `UserError` with the wrong line or key.
    """
    return _read(text, file, _mapping)


def _text_of(file: Path) -> str:
    try:
        return read_file(file, MAPPING_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}). Check its path.") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not in UTF-8. Save it as UTF-8.") from None


def _read(text: str, file: object, read: Callable[[dict[str, Any]], Read]) -> Read:
    try:
        document = read_toml(text.replace("\r\n", "\n"), file, MAPPING_NESTING)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file} is not valid TOML: {error}. Correct this line.") from None
    try:
        return read(document)
    except UserError as error:
        raise UserError(f"{file}: {error}") from None


_SECTIONS = {
    "file": ("encoding", "separator", "sheet", "heading_row", "headings"),
    "reading": (
        "time_zone", "date_order", "decimal_sign", "no_value", "without_value", "other_tests",
        "hidden", "status",
    ),
    "columns": tuple(MappedColumns.__dataclass_fields__),
    "whole_file": ("test", "assay", "laboratory"),
    "tests": None,
    "default_units": None,
    "assays": None,
    "statuses": None,
}  # fmt: skip


def _keys_of(document: dict[str, Any]) -> "_Keys":
    """Return the keys of a document that has no unknown ones."""
    _refuse_unknown("", document, tuple(_SECTIONS))
    for name, known in _SECTIONS.items():
        section = document.setdefault(name, {})
        if not isinstance(section, dict):
            raise UserError(f"{name} is a section. Write it as [{name}].")
        if known is not None:
            _refuse_unknown(f"{name}.", section, known)
    return _Keys(document)


def _choices(document: dict[str, Any]) -> ReadingChoices:
    keys = _keys_of(document)
    return ReadingChoices(
        time_zone=keys.text("reading", "time_zone") or local_zone(),
        tests=keys.table("tests"),
        default_units=keys.table("default_units"),
        assays=_assays(keys),
    )


def _assays(keys: "_Keys") -> Map[str, Assay]:
    named = keys.table("assays").items()
    return MappingProxyType(
        {name: _member(Assay, assay, f"assays.{quoted(name)}") for name, assay in named}
    )


def _mapping(document: dict[str, Any]) -> Mapping:
    keys = _keys_of(document)
    order, whole_assay = keys.text("reading", "date_order"), keys.text("whole_file", "assay")
    skips = (REFUSE, SKIP)
    return Mapping(
        columns=_columns(keys),
        time_zone=keys.required("reading", "time_zone"),
        layout=FileLayout(
            encoding=keys.choice("file", "encoding", ENCODINGS),
            separator=keys.choice("file", "separator", SEPARATORS) or "comma",
            sheet=keys.text("file", "sheet"),
            heading_row=keys.row("file", "heading_row"),
            headings=tuple(keys.texts("file", "headings")),
        ),
        date_order=_member(DateOrder, order, "reading.date_order") if order else None,
        decimal_sign=keys.choice("reading", "decimal_sign", DECIMAL_SIGNS),
        no_value=frozenset(keys.texts("reading", "no_value")),
        skips_without_value=keys.choice("reading", "without_value", skips) == SKIP,
        skips_other_tests=keys.choice("reading", "other_tests", skips) == SKIP,
        hidden=keys.choice("reading", "hidden", (READ, SKIP)),
        ignores_status=keys.choice("reading", "status", (IGNORE,)) == IGNORE,
        statuses=MappingProxyType(
            {
                name: _member(ResultStatus, status, f"statuses.{quoted(name)}")
                for name, status in keys.table("statuses").items()
            }
        ),
        tests=keys.table("tests"),
        default_units=keys.table("default_units"),
        assays=_assays(keys),
        test=keys.text("whole_file", "test"),
        assay=_member(Assay, whole_assay, "whole_file.assay") if whole_assay else None,
        laboratory=keys.text("whole_file", "laboratory") or "",
    )


def _columns(keys: "_Keys") -> MappedColumns:
    required = ("record_number", "value")
    optional = [name for name in MappedColumns.__dataclass_fields__ if name not in required]
    return MappedColumns(
        record_number=keys.required("columns", "record_number"),
        value=keys.required("columns", "value"),
        **{name: keys.text("columns", name) for name in optional},
    )


def _refuse_unknown(where: str, found: Map[str, Any], known: tuple[str, ...]) -> None:
    for name in found:
        if name not in known:
            raise UserError(f"{where}{clean(name)} is unknown. Use one of {', '.join(known)}.")


def _member(kind: type[Kind], text: str, key: str) -> Kind:
    members: Any = kind
    for member in members:
        if member.value == text:
            return member  # type: ignore[no-any-return]
    raise UserError(
        f"The value of {key} is unknown. Use one of {', '.join(each.value for each in members)}."
    )


class _Keys:
    """The keys of the document, each checked on access."""

    def __init__(self, document: Map[str, Any]) -> None:
        self._document = document

    def text(self, section: str, key: str) -> str | None:
        """Return a text, or None for an absent or empty key."""
        value = self._document[section].get(key, "")
        if not isinstance(value, str):
            raise UserError(f"{section}.{key} is not a text. Write it in quotation marks.")
        return clean(value) or None

    def required(self, section: str, key: str) -> str:
        text = self.text(section, key)
        if text is None:
            raise UserError(f"{section}.{key} is missing. Add it to the mapping.")
        return text

    def choice(self, section: str, key: str, known: Map[str, str] | tuple[str, ...]) -> str | None:
        text = self.text(section, key)
        if text is not None and text not in known:
            raise UserError(
                f"The value of {section}.{key} is unknown. Use one of {', '.join(known)}."
            )
        return text

    def row(self, section: str, key: str) -> int:
        value = self._document[section].get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise UserError(f"{section}.{key} is not the number of a row. Write it as in 1.")
        return value

    def texts(self, section: str, key: str) -> list[str]:
        value = self._document[section].get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise UserError(f'{section}.{key} is not a list of texts. Write it as in ["NA"].')
        return [clean(each) for each in value]

    def table(self, section: str) -> Map[str, str]:
        table = {}
        for name, value in self._document[section].items():
            if not isinstance(value, str) or not clean(value):
                raise UserError(
                    f"{section}.{quoted(name)} is not a text. Write it in quotation marks."
                )
            if clean(name) in table:
                raise UserError(f"{section}.{quoted(name)} occurs twice. Remove one.")
            table[clean(name)] = clean(value)
        return MappingProxyType(table)
