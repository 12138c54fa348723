"""The rows of a table in the NONMEM convention: one row an event, checked as it is parsed.

The columns, in any case and order; an empty cell or a point is a missing value:

| column | content |
| --- | --- |
| ID | the patient: a number or a text |
| TIME | hours |
| EVID | 0 a level, 1 a dose, 2 neither (a change of covariates) |
| AMT | the dose, mg |
| DV | the level, ng/mL |
| MDV | 1: no level to fit in this row; missing: 0 where EVID is 0 |
| II, ADDL | hours between doses, and the number of doses after the one of this row |
| CENS | 1: the level is below DV; -1: it is above |
| a covariate | its column in the model's file |

Other columns are ignored, except those that would change the meaning of a row and are not
supported: they may only have the value that changes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from math import isfinite
from numbers import Real

from dosing.errors import ReadingError, UserError
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel
from dosing.quantities.text import quoted

REQUIRED = ("ID", "TIME", "EVID", "AMT", "DV")
OPTIONAL = ("MDV", "II", "ADDL", "CENS", "LIMIT", "SS", "RATE", "CMT", "DVID")

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LARGEST = 1e7
"""No time, dose, level or covariate is larger: a larger number is a damaged cell."""

# not supported: the values that change nothing, and the message for any other
_NOT_SUPPORTED = {
    "SS": ((0,), "doses at steady state are not supported. Write the doses before, or use ADDL"),
    "RATE": ((0,), "infusions are not supported: the models are for oral doses"),
    "LIMIT": ((), "levels within an interval are not supported: CENS and DV give one bound"),
    "DVID": ((1,), "only one kind of level is supported. Leave the others out"),
}
_DEPOT, _CENTRAL = (0, 1), (0, 2)
"""The compartments of an oral dose and of a level, as a CMT column may name them."""


class EventId(IntEnum):
    """The kind of a row, by its EVID."""

    LEVEL = 0
    DOSE = 1
    OTHER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One row: its place, its time, its dose or level, and its covariates."""

    place: str
    time_h: float
    event: EventId
    dose_mg: float | None = None
    interval_h: float | None = None
    more_doses: int = 0
    level: MeasuredLevel | None = None
    covariates: Mapping[str, float]


def read_row(place: str, cells: Mapping[str, object], model: Model) -> EventRow:
    """Return a row from its cells by their columns.

    Raises `UserError` with the place of the row, and the column, for a cell that is wrong or
    ambiguous.
    """
    row = _Cells(place, cells)
    row.refuse_unsupported()
    event = _event(row)
    covariates = {
        each.name: value
        for each in model.covariates
        if (value := row.covariate(each.column.upper())) is not None
    }
    at_h = row.needed("TIME")
    amount = row.number("AMT") or 0
    if event is not EventId.LEVEL and row.number("MDV") == 0 and (row.number("DV") or 0) > 0:
        raise row.error("DV", f"a level has EVID 0 and its own row, not EVID {event.value}")
    if event is EventId.DOSE:
        if amount <= 0:
            raise row.error("AMT", "a dose is above zero. A row without one has another EVID")
        interval, more = _repeated(row)
        return EventRow(
            place=place, time_h=at_h, event=event, covariates=covariates,
            dose_mg=amount, interval_h=interval, more_doses=more,
        )  # fmt: skip
    if amount:
        raise row.error("AMT", f"a dose has EVID 1, not {event.value}")
    if row.number("ADDL"):
        raise row.error("ADDL", "further doses follow a dose, which has EVID 1")
    level = _level(row, at_h) if event is EventId.LEVEL else None
    return EventRow(place=place, time_h=at_h, event=event, level=level, covariates=covariates)


def _event(row: "_Cells") -> EventId:
    evid = row.needed("EVID")
    if evid in {3, 4}:
        raise row.error("EVID", "a reset is not supported. Give the rows after it another ID")
    if evid not in set(EventId):
        raise row.error("EVID", "it is 0 (a level), 1 (a dose) or 2 (neither)")
    event = EventId(int(evid))
    compartment = row.number("CMT")
    accepted = {EventId.DOSE: _DEPOT, EventId.LEVEL: _CENTRAL}.get(event)
    if compartment is not None and accepted is not None and compartment not in accepted:
        raise row.error("CMT", "oral doses go to 1, levels come from 2")
    return event


def _repeated(row: "_Cells") -> tuple[float | None, int]:
    """Return the hours between the doses, and the number of doses after the first."""
    more, interval = row.number("ADDL") or 0, row.number("II") or 0
    if more < 0 or more != int(more):
        raise row.error("ADDL", "it is a whole number, not below zero")
    if interval < 0 or (more and not interval):
        raise row.error("II", "the hours between doses are above zero")
    return interval or None, int(more)


def _level(row: "_Cells", at_h: float) -> MeasuredLevel | None:
    """Return the level of a row, or None where MDV excludes it."""
    mdv, cens = row.number("MDV") or 0, row.number("CENS") or 0
    if mdv not in {0, 1}:
        raise row.error("MDV", "it is 0 or 1")
    if cens not in {-1, 0, 1}:
        raise row.error("CENS", "it is 1 (below DV), -1 (above DV) or 0")
    if mdv:
        return None
    value = row.number("DV")
    if value is None:
        raise row.error("DV", "the level is missing. Write MDV 1 for a row without one")
    if value <= 0:
        raise row.error(
            "DV", "a level is above zero. Below the assay's limit, DV is that limit and CENS is 1"
        )
    return MeasuredLevel(at_h, value, Censoring(int(-cens)))


class _Cells:
    """The cells of one row; an error names the row and the column."""

    def __init__(self, place: str, cells: Mapping[str, object]) -> None:
        self._place = place
        self._cells = cells

    def error(self, column: str, what: str) -> UserError:
        return UserError(f"{self._place}, {column} {quoted(str(self._cells[column]))}: {what}.")

    def number(self, column: str) -> float | None:
        """Return the number in a cell, or None where it is missing."""
        cell = self._cells.get(column)
        try:
            return read_number(cell)
        except ReadingError as error:
            raise self.error(column, str(error)) from None

    def needed(self, column: str) -> float:
        found = self.number(column)
        if found is None:
            raise UserError(f"{self._place}, {column}: it is missing.")
        return found

    def covariate(self, column: str) -> float | None:
        found = self.number(column)
        if found is not None and found < 0:
            raise self.error(column, "it is negative. Write a point for an unknown value")
        return found

    def refuse_unsupported(self) -> None:
        for column, (harmless, why) in _NOT_SUPPORTED.items():
            found = self.number(column)
            if found is not None and found not in harmless:
                raise self.error(column, why)


def read_number(cell: object) -> float | None:
    """Return the number that a cell holds, or None where it is missing.

    Raises `ReadingError` for a cell that is not a plain number, or too large for a patient.

    >>> read_number("2.50"), read_number("."), read_number(1.5e-1)
    (2.5, None, 0.15)
    """
    if cell is None:
        return None
    if isinstance(cell, str):
        return _number_of_text(cell.strip())
    if isinstance(cell, bool) or not isinstance(cell, Real):
        raise ReadingError("it is not a number")
    return _plausible(float(cell))


@lru_cache(maxsize=100_000)  # most cells of a long table repeat a few texts
def _number_of_text(text: str) -> float | None:
    if text in {"", "."}:
        return None
    if "," in text:
        raise ReadingError("it has a comma. Write the decimal sign as a point")
    if not _NUMBER.fullmatch(text):
        raise ReadingError("it is not one plain number. Write a point for an unknown value")
    return _plausible(float(text))


def _plausible(number: float) -> float:
    if not isfinite(number) or abs(number) > _LARGEST:
        raise ReadingError("it is too large for a patient")
    return number
