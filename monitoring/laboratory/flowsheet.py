"""The laboratory flowsheet: tests by dates, the same on screen and paper.

The newest date is the first column: it is beside the names of the tests, and older ones follow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from dosing.quantities.formatting import short_date
from monitoring.laboratory.assessment import LaboratoryAssessment
from monitoring.laboratory.tests import TESTS
from monitoring.record.laboratory_value import DIPSTICK, LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import comparator_sign

TREND_PERCENT = 10
"""Proposed: a smaller change from the value before is steady. It is shown only, no alert."""
RULE = (
    f"↑ ↓ a change of {TREND_PERCENT} % or more from the value before, → a smaller one; none "
    "after or for a value outside the assay's range"
)
"""The rule of the arrows in words."""
_ORDER = {test.name: place for place, test in enumerate(TESTS)}


class Trend(Enum):
    """The change from the value before, as the sign that shows it."""

    RISING = "↑"
    STEADY = "→"
    FALLING = "↓"

    @property
    def word(self) -> str:
        """The change in a word."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowsheetCell:
    """One value of one test on one day."""

    number: int
    """The number of the entry."""
    value: str
    """As reported, with its comparator and without its unit; a dipstick in words."""
    beyond: str | None
    """The side of a limit of normal beyond which it certainly is: above or below."""
    is_out_of_range: bool
    """True beyond a limit, with a grade, or from 1+ on a strip."""
    grade: int | None
    """By CTCAE."""
    trend: Trend | None
    """The change from the value before; None for the first, and beside a censored value."""

    @property
    def mark(self) -> str:
        """The sign and the word of a value out of range; empty for another."""
        sides = {"above": "▲ high", "below": "▼ low"}
        return sides.get(self.beyond or "", "! abnormal") if self.is_out_of_range else ""

    @property
    def value_with_trend(self) -> str:
        """The value and the arrow."""
        return f"{self.value} {self.trend.value}" if self.trend else self.value

    @property
    def words(self) -> str:
        """The whole cell in words, as `150 ↑ ▲ high, grade 2`."""
        grade = f"grade {self.grade}" if self.grade else ""
        meaning = ", ".join(filter(None, (self.mark, grade)))
        return " ".join(filter(None, (self.value_with_trend, meaning)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowsheetColumn:
    """One day; a second value of a test on a day has a column of its own."""

    day: date
    nth: int
    """0 for the last value of each test on the day, 1 for the one before."""

    @property
    def heading(self) -> str:
        """The day in short form, marked where it is an earlier time of it."""
        return f"{short_date(self.day)}{' earlier' if self.nth else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowsheetRow:
    """One test in one unit: values in two units are two rows, with no trend between."""

    test: str
    unit: str
    limits: str
    """The limits of normal of the newest value, without the unit; empty without any."""
    cells: tuple[FlowsheetCell | None, ...]
    """One for each column; None on a day without a value."""


@dataclass(frozen=True, slots=True)
class Flowsheet:
    """The values that are not voided: the newest day first, the tests in the order of the table."""

    columns: tuple[FlowsheetColumn, ...]
    rows: tuple[FlowsheetRow, ...]


def flowsheet_of(assessed: Iterable[LaboratoryAssessment]) -> Flowsheet:
    """Return the flowsheet of a patient's laboratory values, voided ones left out.

    Days are by the clocks of each value. No value is hidden behind another of its day.
    """
    by_row: dict[tuple[str, str], list[LaboratoryAssessment]] = {}
    active = (each for each in assessed if each.value.is_active)
    for each in sorted(active, key=lambda each: (each.value.entry.at, each.value.number)):
        by_row.setdefault(_row_key(each), []).append(each)
    placed = {key: _placed(values) for key, values in by_row.items()}
    columns = sorted(
        {column for cells in placed.values() for column in cells},
        key=lambda each: (-each.day.toordinal(), each.nth),
    )
    return Flowsheet(
        columns=tuple(columns),
        rows=tuple(
            FlowsheetRow(
                test=test,
                unit="" if unit == DIPSTICK else unit,
                limits=limits_words(values[-1].value.entry),
                cells=tuple(placed[test, unit].get(column) for column in columns),
            )
            for (test, unit), values in sorted(by_row.items(), key=lambda each: _order(each[0]))
        ),
    )


def _row_key(assessed: LaboratoryAssessment) -> tuple[str, str]:
    value = assessed.value.entry
    return assessed.test.name if assessed.test else value.test, value.value.unit


def _order(key: tuple[str, str]) -> tuple[int, str, str]:
    test, unit = key
    return _ORDER.get(test, len(_ORDER)), test.casefold(), unit


def _placed(
    values: Sequence[LaboratoryAssessment],
) -> dict[FlowsheetColumn, FlowsheetCell]:
    """Return the values of a row, oldest first, each in its column."""
    found: dict[FlowsheetColumn, FlowsheetCell] = {}
    seen: dict[date, int] = {}
    for place in range(len(values) - 1, -1, -1):
        value = values[place].value.entry
        day = value.at.local.date()
        column = FlowsheetColumn(day=day, nth=seen.get(day, 0))
        seen[day] = column.nth + 1
        before = values[place - 1].value.entry if place else None
        found[column] = _cell(values[place], before)
    return found


def _cell(assessed: LaboratoryAssessment, before: LaboratoryValue | None) -> FlowsheetCell:
    value = assessed.value.entry
    sign = comparator_sign(value.comparator)
    text = str(value.value) if value.value.unit == DIPSTICK else f"{value.value.number:f}"
    return FlowsheetCell(
        number=assessed.value.number,
        value=f"{sign}{text}",
        beyond=assessed.beyond,
        is_out_of_range=assessed.is_out_of_range,
        grade=assessed.grade,
        trend=trend_of(before, value) if before else None,
    )


def trend_of(before: LaboratoryValue, value: LaboratoryValue) -> Trend | None:
    """Return the change between two values of one unit; None where one is censored."""
    if before.comparator or value.comparator:
        return None
    change = value.value.number - before.value.number
    if abs(change) * 100 < TREND_PERCENT * abs(before.value.number) or not change:
        return Trend.STEADY
    return Trend.RISING if change > 0 else Trend.FALLING


def limits_words(value: LaboratoryValue) -> str:
    """Return the limits of normal of a value without their unit; empty without any."""
    lower: LaboratoryQuantity | None = value.lower_limit
    upper: LaboratoryQuantity | None = value.upper_limit
    if lower and upper:
        return f"{lower.number:f}-{upper.number:f}"
    if upper:
        return f"up to {upper.number:f}"
    return f"from {lower.number:f}" if lower else ""
