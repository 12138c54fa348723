"""The rows of a patient in a table of the NONMEM convention, checked as they are parsed.

The columns, in any case and order; an empty cell, a point or NA is a missing value:

| column | content |
| --- | --- |
| ID | the patient: a number or a text; 1 and 1.0 are one |
| TIME | hours, or a clock time HH:MM |
| DATE, DAT1, DAT2, DAT3 | the date, in the order of `dosing.nonmem.clock`; TIME is its hour |
| EVID | 0 a level, 1 a dose, 2 neither (a change of covariates), 3 a reset, 4 a reset and a dose |
| AMT | the dose, mg; without a column EVID, a row with it is a dose |
| DV | the level, ng/mL; 0 before the first dose is left out |
| MDV | 1: no level to fit in this row; missing: 0 where EVID is 0 |
| II, ADDL | hours between doses, and the number of doses after the one of this row |
| SS | 1: the dose has been repeated every II hours for ever, instead of the doses before |
| CENS | 1: the level is below DV; -1: it is above |
| BLQ, BQL or BLOQ | 1: the level is below LLOQ (or LOQ), whatever DV is |
| CMT | 1 for a dose, 2 for a level, or 0 |
| EXCL, EXCLUDE, IGNORE or C | 1: the row, a level or neither, is left out |
| a covariate | its column in the model's file |

`dosing.nonmem.columns` has the columns that are refused. Other columns are not used.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from math import isfinite
from numbers import Real

from dosing.errors import ReadingError, UserError
from dosing.nonmem.clock import clock_hours, day_of
from dosing.nonmem.columns import (
    BELOW,
    DATES,
    EXCLUSIONS,
    LOWER_LIMITS,
    REFUSED,
    RefusedColumn,
    RowsOf,
)
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel
from dosing.quantities.text import quoted

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eEdD][+-]?[0-9]{1,3})?")
"""A plain number; its exponent may be that of Fortran."""
_FORTRAN = str.maketrans("dD", "eE")
_LARGEST = 1e7
"""No time, dose, level or covariate is larger: a larger number is a damaged cell."""
_MISSING = frozenset({"", ".", "NA"})
_YES, _NO = frozenset({"Y", "YES", "C", "#", "@"}), frozenset({"N", "NO"})
_COMPARTMENTS = {"depot": 1.0, "central": 2.0}
"""The names of nlmixr2, beside the numbers of NONMEM."""
_DEPOT, _CENTRAL = (None, 0, 1), (None, 0, 2)
"""The compartments of an oral dose and of a level, as a CMT column may name them or not."""
_DAY_H = 24
BELOW_THE_LIMIT = "a level is above zero. Below the assay's limit, DV is that limit and CENS is 1"


class EventId(IntEnum):
    """The kind of a row, by its EVID."""

    LEVEL = 0
    DOSE = 1
    OTHER = 2
    RESET = 3
    RESET_AND_DOSE = 4

    @property
    def is_dose(self) -> bool:
        """Return whether a dose is given."""
        return self in _WITH_DOSE

    @property
    def is_reset(self) -> bool:
        """Return whether all amounts become zero, before a dose of the row."""
        return self in _WITH_RESET


_WITH_DOSE = frozenset({EventId.DOSE, EventId.RESET_AND_DOSE})
_WITH_RESET = frozenset({EventId.RESET, EventId.RESET_AND_DOSE})
_EVENTS = {float(each): each for each in EventId}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One row: its place, its time, its dose or level, and its covariates."""

    place: str
    time_h: float
    event: EventId
    dose_mg: float | None = None
    interval_h: float | None = None
    more_doses: int = 0
    is_steady: bool = False
    """The dose has been repeated for ever."""
    level: MeasuredLevel | None = None
    is_zero: bool = False
    """A level of 0, as of a sample before the first dose."""
    covariates: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns that a table has of each meaning."""

    names: tuple[str, ...]
    date: str | None
    below: str | None
    """The flag of a level below the limit of quantification."""
    lower: str | None
    exclusions: tuple[str, ...]
    has_evid: bool
    has_limits: bool
    refused: Mapping[RowsOf, tuple[RefusedColumn, ...]]


@lru_cache(maxsize=16)  # of a table, for all its patients
def _layout_of(names: tuple[str, ...]) -> _Layout:
    below, lower = (_first_of(each, names) for each in (BELOW, LOWER_LIMITS))
    return _Layout(
        names=names,
        date=_first_of(DATES, names),
        below=below,
        lower=lower,
        exclusions=tuple(name for name in EXCLUSIONS if name in names),
        has_evid="EVID" in names,
        has_limits=bool(below or lower or "ULOQ" in names),
        refused={
            rows: found
            for rows in RowsOf
            if (found := tuple(e for e in REFUSED if e.name in names and e.rows is rows))
        },
    )


def _first_of(columns: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in columns if name in names), None)


def read_rows(
    lines: Iterable[tuple[str, Sequence[object]]], names: tuple[str, ...], model: Model
) -> list[EventRow]:
    """Return the rows of a patient, from the place of each line and its cells by the columns.

    Rows that a column leaves out are not among them. Raises `UserError` with the place of the row,
    and the column, for a cell that is wrong or ambiguous.
    """
    layout = _layout_of(names)
    covariates = [
        (each.name, column) for each in model.covariates if (column := each.column.upper()) in names
    ]
    first_day: int | None = None
    found = []
    for place, cells in lines:
        row = _Cells(place, cells, layout)
        event = _event(row)
        if row.is_left_out(event):
            continue
        row.refuse(RowsOf.ALL)
        at_h = row.hours()
        if layout.date is not None:
            day = row.day(layout.date)
            first_day = day if first_day is None else first_day
            at_h += _DAY_H * (day - first_day)
        values = {
            name: value
            for name, column in covariates
            if (value := row.covariate(column)) is not None
        }
        found.append(_event_row(row, event, at_h, values))
    return found


def _event_row(
    row: "_Cells", event: EventId, at_h: float, covariates: Mapping[str, float]
) -> EventRow:
    if event is EventId.LEVEL:
        _refuse_dose(row, event)
        level, is_zero = _level(row, at_h)
        return EventRow(
            place=row.place, time_h=at_h, event=event, covariates=covariates,
            level=level, is_zero=is_zero,
        )  # fmt: skip
    _refuse_level(row, event)
    if not event.is_dose:
        _refuse_dose(row, event)
        if (row.compartment() or 0) < 0:
            raise row.error("CMT", "a compartment is not turned off. Leave the row out")
        return EventRow(place=row.place, time_h=at_h, event=event, covariates=covariates)
    row.refuse(RowsOf.DOSES)
    if row.compartment() not in _DEPOT:
        raise row.error("CMT", "oral doses go to 1, levels come from 2")
    amount = row.number("AMT") or 0
    if amount <= 0:
        raise row.error("AMT", "a dose is above zero. A row without one has another EVID")
    interval, more, is_steady = _repeated(row)
    return EventRow(
        place=row.place, time_h=at_h, event=event, covariates=covariates,
        dose_mg=amount, interval_h=interval, more_doses=more, is_steady=is_steady,
    )  # fmt: skip


def _event(row: "_Cells") -> EventId:
    if not row.layout.has_evid:
        return _event_without_evid(row)
    event = _EVENTS.get(row.needed("EVID"))
    if event is None:
        raise row.error("EVID", "it is 0 (a level), 1 (a dose), 2 (neither), 3 or 4 (a reset)")
    return event


def _event_without_evid(row: "_Cells") -> EventId:
    """Return the event by AMT, as NM-TRAN does; a row without dose and level is neither."""
    if row.number("AMT"):
        return EventId.DOSE
    flag = row.layout.below
    is_level = row.has_value("DV") or row.number("MDV") == 0 or (flag and row.flag(flag))
    return EventId.LEVEL if is_level else EventId.OTHER


def _refuse_level(row: "_Cells", event: EventId) -> None:
    """Refuse a level in a row of another event: it would be passed over."""
    mdv = row.number("MDV")
    is_meant = mdv == 0 or (mdv is None and not row.layout.has_evid)
    if is_meant and (row.number("DV") or 0) > 0:
        evid = f", not EVID {event.value}" if row.layout.has_evid else ""
        raise row.error("DV", f"a level has EVID 0 and its own row{evid}")


def _refuse_dose(row: "_Cells", event: EventId) -> None:
    if row.number("AMT"):
        raise row.error("AMT", f"a dose has EVID 1, not {event.value}")
    if row.number("ADDL"):
        raise row.error("ADDL", "further doses follow a dose, which has EVID 1")
    if row.number("SS"):
        raise row.error("SS", "a steady state begins with a dose, which has EVID 1")


def _repeated(row: "_Cells") -> tuple[float | None, int, bool]:
    """Return the hours between the doses, how many follow the first, and if it is steady."""
    more, interval, steady = (row.number(name) or 0 for name in ("ADDL", "II", "SS"))
    if more < 0 or more != int(more):
        raise row.error("ADDL", "it is a whole number, not below zero")
    if steady not in {0, 1}:
        raise row.error("SS", "only 0 and 1 are supported. Write the other doses out")
    if interval < 0 or ((more or steady) and not interval):
        raise row.error("II", "the hours between doses are above zero")
    return interval or None, int(more), bool(steady)


def _level(row: "_Cells", at_h: float) -> tuple[MeasuredLevel | None, bool]:
    """Return the level of a row, or None where MDV excludes it; and whether it is 0."""
    mdv, cens = row.number("MDV") or 0, row.number("CENS")
    if mdv not in (0, 1):
        raise row.error("MDV", "it is 0 or 1")
    if cens not in (None, -1, 0, 1):
        raise row.error("CENS", "it is 1 (below DV), -1 (above DV) or 0")
    if mdv:
        return None, False
    if row.compartment() not in _CENTRAL:
        raise row.error("CMT", "oral doses go to 1, levels come from 2")
    row.refuse(RowsOf.LEVELS)
    flag = row.layout.below
    if flag is not None and row.flag(flag):
        return MeasuredLevel(at_h, _limit_of(row, cens, flag), Censoring.BELOW), False
    value = row.number("DV")
    if value is None:
        raise row.error("DV", "the level is missing. Write MDV 1 for a row without one")
    if value == 0 and not cens:
        return None, True
    if value <= 0:
        raise row.error("DV", BELOW_THE_LIMIT if not value else f"{BELOW_THE_LIMIT}. {_NEGATIVE}")
    if row.layout.has_limits:
        _refuse_beyond_limits(row, value, cens)
    return MeasuredLevel(at_h, value, Censoring(int(-(cens or 0)))), False


_NEGATIVE = "A logarithm is not a level: write ng/mL. For a missing level write MDV 1"


def _limit_of(row: "_Cells", cens: float | None, flag: str) -> float:
    """Return the limit that a level is below, where a flag says so."""
    if cens not in (None, 1):
        raise row.error(flag, f"CENS is {cens:g}. Write both alike")
    value, limit = row.number("DV"), row.lower_limit()
    if limit is None and cens:
        limit = value
    if limit is None or limit <= 0:
        raise row.error(
            flag, "its limit is unknown. Write it in a column LLOQ, or as DV with CENS 1"
        )
    if value is not None and (value > limit or (cens and value != limit)):
        raise row.error("DV", f"the level is flagged as below the limit of {limit:g}. Correct one")
    return limit


def _refuse_beyond_limits(row: "_Cells", value: float, cens: float | None) -> None:
    """Refuse a level beyond a limit that the row names, unless a flag says what it is."""
    flag = row.layout.below
    is_said = cens is not None or (flag is not None and row.has_value(flag))
    if cens == 1 and flag is not None and row.has_value(flag):
        raise row.error(flag, "CENS is 1. Write both alike")
    lower, upper = row.lower_limit(), row.number("ULOQ")
    if cens == 1 and lower not in (None, value):
        raise row.error("DV", f"with CENS 1 it is the limit, but LLOQ is {lower:g}")
    if cens == -1 and upper not in (None, value):
        raise row.error("DV", f"with CENS -1 it is the limit, but ULOQ is {upper:g}")
    if lower is not None and not cens and (value < lower or (value == lower and not is_said)):
        raise row.error("DV", f"it is not above LLOQ, {lower:g}. Write BLQ 1 if it is below")
    if upper is not None and not cens and (value > upper or (value == upper and not is_said)):
        raise row.error("DV", f"it is not below ULOQ, {upper:g}. Write CENS -1 if it is above")


class _Cells:
    """The cells of one row; an error names the row and the column."""

    __slots__ = ("_cells", "_numbers", "layout", "place")

    def __init__(self, place: str, cells: Sequence[object], layout: _Layout) -> None:
        self.place = place
        self.layout = layout
        self._cells = cells
        self._numbers = dict(zip(layout.names, map(_number_or_error, cells), strict=True))

    def _cell(self, column: str) -> object:
        return self._cells[self.layout.names.index(column)]

    def error(self, column: str, what: str) -> UserError:
        return UserError(f"{self.place}, {column} {quoted(str(self._cell(column)))}: {what}.")

    def has_value(self, column: str) -> bool:
        """Return whether a cell has a value, readable or not."""
        return self._numbers.get(column) is not None

    def number(self, column: str) -> float | None:
        """Return the number in a cell, or None where it is missing."""
        found = self._numbers.get(column)
        if isinstance(found, ReadingError):
            raise self.error(column, str(found))
        return found

    def needed(self, column: str) -> float:
        found = self.number(column)
        if found is None:
            raise UserError(f"{self.place}, {column}: it is missing.")
        return found

    def covariate(self, column: str) -> float | None:
        found = self.number(column)
        if found is not None and found < 0:
            raise self.error(column, "it is negative. Write a point for an unknown value")
        return found

    def compartment(self) -> float | None:
        if isinstance(self._numbers.get("CMT"), ReadingError):
            named = _COMPARTMENTS.get(str(self._cell("CMT")).strip().lower())
            if named is not None:
                return named
        return self.number("CMT")

    def lower_limit(self) -> float | None:
        return self.number(self.layout.lower) if self.layout.lower else None

    def hours(self) -> float:
        """Return TIME in hours; with a date it is the hour of the day."""
        clock = None
        if isinstance(self._numbers["TIME"], ReadingError):
            clock = clock_hours(str(self._cell("TIME")).strip())
        hours = self.needed("TIME") if clock is None else clock
        if self.layout.date is not None and not 0 <= hours <= _DAY_H:
            raise self.error(
                "TIME",
                "beside a date it is the hour of the day, 0 to 24. Remove the date if it is not",
            )
        return hours

    def day(self, column: str) -> int:
        if not self.has_value(column):
            raise UserError(f"{self.place}, {column}: it is missing.")
        cell = self._cell(column)
        text = f"{cell:g}" if isinstance(cell, Real) else str(cell).strip()
        try:
            return day_of(text, column)
        except ReadingError as error:
            raise self.error(column, str(error)) from None

    def is_left_out(self, event: EventId) -> bool:
        """Return whether a flag leaves the row out. Raises `UserError` for a dose or a reset."""
        for name in self.layout.exclusions:
            if self.flag(name):
                if event.is_dose or event.is_reset:
                    raise self.error(
                        name, "was the dose given? Remove the row if it was not, or write 0"
                    )
                return True
        return False

    def flag(self, column: str) -> bool:
        """Return whether a flag is set. Raises `UserError` for another value than yes or no."""
        number = self._numbers[column]
        if isinstance(number, ReadingError):
            text = str(self._cell(column)).strip().upper()
            if text in _YES or text in _NO:
                return text in _YES
        if number not in (None, 0, 1):
            raise self.error(column, "it is 1 (yes) or 0 (no)")
        return bool(number)

    def refuse(self, rows: RowsOf) -> None:
        """Raise `UserError` for a value that would change the meaning of such a row."""
        if not self.layout.refused:
            return
        for each in self.layout.refused.get(rows, ()):
            found = self._numbers[each.name]
            if found is not None and found not in each.harmless:
                raise self.error(each.name, each.why)


@lru_cache(maxsize=20_000, typed=True)  # most cells of a long table repeat a few texts
def _number_or_error(cell: object) -> float | ReadingError | None:
    try:
        return read_number(cell)
    except ReadingError as error:
        return error.with_traceback(None)


def read_number(cell: object) -> float | None:
    """Return the number that a cell holds, or None where it is missing.

    Raises `ReadingError` for a cell that is not a plain number, or too large for a patient.

    >>> read_number("2.50"), read_number("."), read_number(1.5e-1), read_number("2.4D2")
    (2.5, None, 0.15, 240.0)
    """
    if cell is None:
        return None
    if isinstance(cell, str):
        return _number_of_text(cell)
    if isinstance(cell, bool) or not isinstance(cell, Real):
        raise ReadingError("it is not a number")
    return _plausible(float(cell))


def _number_of_text(cell: str) -> float | None:
    text = cell.strip()
    if text in _MISSING:
        return None
    if "," in text:
        raise ReadingError("it has a comma. Write the decimal sign as a point")
    if not NUMBER.fullmatch(text):
        raise ReadingError("it is not one plain number. Write a point for an unknown value")
    return _plausible(float(text.translate(_FORTRAN)))


def _plausible(number: float) -> float:
    if not isfinite(number) or abs(number) > _LARGEST:
        raise ReadingError("it is too large for a patient")
    return number
