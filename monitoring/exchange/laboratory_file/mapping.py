"""What a laboratory's columns hold: a mapping, made once and kept as a TOML file.

The file is the laboratory's, so the mapping states whatever could be read in two ways: the order of
day and month, the decimal sign, the time zone, and the unit where the file has none.
"""

import tomllib
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from dosing import QuantityKind, UserError, accepted_units, clean
from dosing.quantities.text import quoted
from monitoring.exchange.laboratory_file.csv_text import ENCODINGS
from monitoring.exchange.laboratory_file.date_parsing import DateOrder
from monitoring.exchange.laboratory_file.layout import SEPARATORS, FileLayout
from monitoring.record.laboratory_value import UNITS
from monitoring.record.level import Assay
from monitoring.times import zone_of

LEVEL = "sirolimus level"
"""What a mapping calls the test that is the level; every other name is a laboratory value's."""

DECIMAL_SIGNS = {"point": ".", "comma": ","}
REFUSE, SKIP = "refuse", "skip"
_LEVEL_UNITS = accepted_units(QuantityKind.LEVEL)
_LABORATORY_UNITS = tuple(spellings[0] for spellings in UNITS)

_DEFAULT_LAYOUT = FileLayout()
_NOTHING: Map[str, Any] = MappingProxyType({})

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumns:
    """The headings of the columns; None where the file has no such column.

    The time of the sample is in one column, or its day and time of day are in two.
    """

    record_number: str
    value: str
    born: str | None = None
    """Where there is one, a date of birth that is not the patient's refuses the row."""
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

    def __post_init__(self) -> None:
        """Check that the time of the sample is in one column, or in two."""
        together, apart = self.sample_time, (self.sample_day, self.sample_clock)
        if bool(together) == any(apart) or any(apart) != all(apart):
            raise UserError(
                "columns needs sample_time, or both sample_day and sample_clock where the day and "
                "the time of day stand in two columns."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How one laboratory's file is read.

    Raises `UserError` for what contradicts itself, naming the key.
    """

    columns: MappedColumns
    time_zone: str
    layout: FileLayout = _DEFAULT_LAYOUT
    date_order: DateOrder | None = None
    decimal_sign: str | None = None
    no_value: frozenset[str] = frozenset()
    """Texts that stand where there is no value; an empty cell always does."""
    skips_without_value: bool = False
    skips_other_tests: bool = False
    tests: Map[str, str] = field(default_factory=lambda: _NOTHING)
    """The laboratory's name of a test, and the name it is kept by; `LEVEL` is the level."""
    default_units: Map[str, str] = field(default_factory=lambda: _NOTHING)
    """The laboratory's name of a test, and the unit where the file has none."""
    assays: Map[str, Assay] = field(default_factory=lambda: _NOTHING)
    test: str | None = None
    """The test of the whole file, where no column says it."""
    assay: Assay | None = None
    laboratory: str = ""

    def __post_init__(self) -> None:
        """Check that every row's test can be told, and each default unit."""
        zone_of(self.time_zone)
        if bool(self.columns.test) == bool(self.test):
            raise UserError("Either columns.test or whole_file.test says which test a row is of.")
        if self.columns.test and not self.tests:
            raise UserError(
                f'tests is empty: write which name is the level, such as "SIRO" = "{LEVEL}".'
            )
        for both in ("assay", "laboratory"):
            if getattr(self.columns, both) and getattr(self, both):
                raise UserError(f"columns.{both} and whole_file.{both} contradict each other.")
        for name, unit in self.default_units.items():
            self._check_default_unit(name, unit)

    def _check_default_unit(self, name: str, unit: str) -> None:
        kept = self.tests.get(name, self.test if name == self.test else None)
        if kept is None:
            raise UserError(f"default_units.{quoted(name)} is none of the names in tests.")
        units = _LEVEL_UNITS if kept == LEVEL else _LABORATORY_UNITS
        if unit not in units:
            raise UserError(f"default_units.{quoted(name)} is one of {', '.join(units)}.")


def read_mapping(file: Path) -> Mapping:
    """Return the mapping that a TOML file states.

    Raises `UserError` with the line, or the key, that is wrong.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is no TOML file in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file} is not TOML: {error}.") from None
    try:
        return _mapping(document)
    except UserError as error:
        raise UserError(f"{file}: {error}") from None


_SECTIONS = {
    "file": ("encoding", "separator", "sheet", "heading_row"),
    "reading": (
        "time_zone", "date_order", "decimal_sign", "no_value", "without_value", "other_tests",
    ),
    "columns": tuple(MappedColumns.__dataclass_fields__),
    "whole_file": ("test", "assay", "laboratory"),
    "tests": None,
    "default_units": None,
    "assays": None,
}  # fmt: skip


def _mapping(document: dict[str, Any]) -> Mapping:
    _refuse_unknown("", document, tuple(_SECTIONS))
    for name, known in _SECTIONS.items():
        section = document.setdefault(name, {})
        if not isinstance(section, dict):
            raise UserError(f"{name} is a section: write [{name}].")
        if known is not None:
            _refuse_unknown(f"{name}.", section, known)
    keys = _Keys(document)
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
        ),
        date_order=_member(DateOrder, order, "reading.date_order") if order else None,
        decimal_sign=keys.choice("reading", "decimal_sign", DECIMAL_SIGNS),
        no_value=frozenset(keys.texts("reading", "no_value")),
        skips_without_value=keys.choice("reading", "without_value", skips) == SKIP,
        skips_other_tests=keys.choice("reading", "other_tests", skips) == SKIP,
        tests=keys.table("tests"),
        default_units=keys.table("default_units"),
        assays=MappingProxyType(
            {
                name: _member(Assay, assay, f"assays.{quoted(name)}")
                for name, assay in keys.table("assays").items()
            }
        ),
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
            raise UserError(f"{where}{clean(name)} is not known; it is one of {', '.join(known)}.")


def _member(kind: type[Kind], text: str, key: str) -> Kind:
    members: Any = kind
    for member in members:
        if member.value == text:
            return member  # type: ignore[no-any-return]
    raise UserError(f"{key} is one of {', '.join(member.value for member in members)}.")


class _Keys:
    """The keys of the document, each checked when it is asked for."""

    def __init__(self, document: Map[str, Any]) -> None:
        self._document = document

    def text(self, section: str, key: str) -> str | None:
        """Return a text, or None where the key is absent or left empty."""
        value = self._document[section].get(key, "")
        if not isinstance(value, str):
            raise UserError(f"{section}.{key} is a text: write it in quotation marks.")
        return clean(value) or None

    def required(self, section: str, key: str) -> str:
        text = self.text(section, key)
        if text is None:
            raise UserError(f"{section}.{key} is missing: the mapping must state it.")
        return text

    def choice(self, section: str, key: str, known: Map[str, str] | tuple[str, ...]) -> str | None:
        text = self.text(section, key)
        if text is not None and text not in known:
            raise UserError(f"{section}.{key} is one of {', '.join(known)}.")
        return text

    def row(self, section: str, key: str) -> int:
        value = self._document[section].get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise UserError(f"{section}.{key} is the number of a row, such as 1.")
        return value

    def texts(self, section: str, key: str) -> list[str]:
        value = self._document[section].get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise UserError(f'{section}.{key} is a list of texts, such as ["NA"].')
        return [clean(each) for each in value]

    def table(self, section: str) -> Map[str, str]:
        table = {}
        for name, value in self._document[section].items():
            if not isinstance(value, str) or not clean(value):
                raise UserError(f"{section}.{quoted(name)} is a text: write it in quotation marks.")
            if clean(name) in table:
                raise UserError(f"{section}.{quoted(name)} is there twice.")
            table[clean(name)] = clean(value)
        return MappingProxyType(table)
