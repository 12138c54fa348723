"""Cuts: the figures at which grades begin, and the grade that a value has by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dosing.quantities.formatting import plain
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Comparator

# A value has six decimals and a multiple of it one more: no other value is this near to a figure.
_NEXT_TO = Decimal("1e-9")
_BEYOND_ALL = Decimal("1e18")


@dataclass(frozen=True, slots=True)
class Grading:
    """A grade from 1 to 4, its comparison and its CTCAE term; or None and the reason.

    `remark` tells what a number alone cannot decide. `at_most` is the highest grade that is
    possible, 0 for none; None where it is open.
    """

    grade: int | None
    why: str
    term: str | None = None
    remark: str | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The beginning of a grade. `words` explain the figure; without them it is CTCAE's own."""

    grade: int
    figure: Decimal
    words: str = ""
    includes: bool = False
    shown_decimals: int | None = None

    def in_words(self, unit: str) -> str:
        """Return the figure and its explanation."""
        figure = plain(self.figure, self.shown_decimals)
        return f"{figure} {unit}{f' ({self.words})' if self.words else ''}"

    def is_passed_by(self, number: Decimal, *, rising: bool) -> bool:
        """Return whether a number is beyond the figure, or at one that belongs to the grade."""
        if number == self.figure:
            return self.includes
        return (number > self.figure) == rising


def grade_by(value: LaboratoryValue, cuts: Sequence[Cut], *, rising: bool = True) -> Grading:
    """Return the highest grade that every possible number of the value passes.

    From one end of a censored value to the other the grade only rises, or only falls: the two ends
    decide for all numbers between them.
    """
    ends = [highest(cuts, number, rising=rising) for number in possible(value)]
    grades = sorted({cut.grade if cut else 0 for cut in ends})
    if len(grades) > 1:
        lowest = f"grade {grades[0]}" if grades[0] else "no grade"
        why = f"it is censored: from {lowest} to grade {grades[1]} is possible"
        return Grading(None, why, at_most=grades[1])
    beyond, unit, cut = "above" if rising else "below", value.value.unit, ends[0]
    if cut is None:
        first = min(cuts, key=lambda each: each.grade)
        return Grading(None, f"it is not {beyond} {first.in_words(unit)}", at_most=0)
    beyond = f"at or {beyond}" if cut.includes else beyond
    return Grading(cut.grade, f"{beyond} {cut.in_words(unit)}", at_most=cut.grade)


def highest(cuts: Sequence[Cut], number: Decimal, *, rising: bool) -> Cut | None:
    """Return the cut of the highest grade that a number passes."""
    passed = (cut for cut in cuts if cut.is_passed_by(number, rising=rising))
    return max(passed, key=lambda cut: cut.grade, default=None)


def possible(value: LaboratoryValue) -> tuple[Decimal, ...]:
    """Return the number, or the two ends of a censored value."""
    number = value.value.number
    if value.comparator is Comparator.BELOW:
        return number - _NEXT_TO, Decimal(0)
    if value.comparator is Comparator.ABOVE:
        return number + _NEXT_TO, _BEYOND_ALL
    return (number,)
