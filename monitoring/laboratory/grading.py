"""The grade of one laboratory value by its number, or the reason for none.

The laboratory's own limits are used, in the unit it reported. A value is not graded if the scale
has no figure in its unit, if a needed limit of normal is missing, or if it is censored and more
than one grade is possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dosing.knowledge.laboratory_grades import SCALES, ULN, ByFigures, TimesUpperLimit
from dosing.quantities.formatting import plain
from monitoring.laboratory.tests import LaboratoryTest
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Comparator

# A value has six decimals and a multiple of it one more: no other value is this near to a figure.
_NEXT_TO = Decimal("1e-9")
_BEYOND_ALL = Decimal("1e18")


@dataclass(frozen=True, slots=True)
class Grading:
    """A grade from 1 to 4 and its comparison, or None and the reason."""

    grade: int | None
    why: str


@dataclass(frozen=True, slots=True)
class _Cut:
    """The beginning of a grade. `words` explain the figure; without them it is CTCAE's own."""

    grade: int
    figure: Decimal
    words: str = ""
    includes: bool = False

    def in_words(self, unit: str) -> str:
        """Return the figure and its explanation."""
        return f"{plain(self.figure)} {unit}{f' ({self.words})' if self.words else ''}"


def grade_value(
    test: LaboratoryTest, value: LaboratoryValue, baseline: LaboratoryValue | None = None
) -> Grading:
    """Return the grade of a value of a test by CTCAE v5.0 (source key `ctcae5`).

    `baseline` is the last value before the first dose, for the scales that use it.
    """
    unit = value.value.unit
    if test.scale is None:
        return Grading(None, test.not_graded_because)
    if unit not in test.units:
        return Grading(None, f"it is graded in {' or '.join(test.units)}, not in {unit}")
    scale = SCALES[test.scale]
    if isinstance(scale, TimesUpperLimit):
        return _by_upper_limit(scale, value, baseline)
    return _by_figures(scale, value)


def _by_upper_limit(
    scale: TimesUpperLimit, value: LaboratoryValue, baseline: LaboratoryValue | None
) -> Grading:
    upper = value.upper_limit
    if upper is None:
        return Grading(None, f"the {ULN} is missing")
    if upper.number == 0:
        return Grading(None, f"the {ULN} is zero")
    unit, limit = value.value.unit, upper.number
    same_unit = baseline is not None and baseline.value.unit == unit
    if baseline and scale.abnormal_from is not None and _is_abnormal(baseline, value):
        if not same_unit:
            return Grading(None, f"the baseline was abnormal and is in {baseline.value.unit}")
        base = baseline.value.number
        begin = _Cut(
            1,
            scale.abnormal_from * base,
            f"{plain(scale.abnormal_from)} × the abnormal baseline",
            includes=scale.abnormal_includes,
        )
        return _graded(value, [begin, *_multiples(scale.multiples, base, "the abnormal baseline")])
    cuts = [_Cut(1, limit, "the ULN"), *_multiples(scale.multiples, limit, "the ULN")]
    if baseline and same_unit and baseline.value.number > 0:
        cuts += _multiples(scale.baseline_multiples, baseline.value.number, "the baseline")
    return _graded(value, cuts)


def _is_abnormal(baseline: LaboratoryValue, value: LaboratoryValue) -> bool:
    """Return whether the baseline was above its own ULN, or else above the value's."""
    limit = baseline.upper_limit or value.upper_limit
    same_unit = limit is not None and limit.unit == baseline.value.unit
    return limit is not None and same_unit and baseline.value.number > limit.number


def _multiples(multiples: Sequence[Decimal], base: Decimal, of_what: str) -> list[_Cut]:
    return [
        _Cut(grade, multiple * base, f"{plain(multiple)} × {of_what}")
        for grade, multiple in enumerate(multiples, start=2)
    ]


def _by_figures(scale: ByFigures, value: LaboratoryValue) -> Grading:
    unit, rising = value.value.unit, scale.rising
    limit = value.upper_limit if rising else value.lower_limit
    cuts = [
        _Cut(grade, figure) for grade, figure in zip(scale.grades, scale.figures[unit], strict=True)
    ]
    if unit in scale.first:
        begin = _Cut(1, scale.first[unit], includes=True)
        return _graded(value, [begin, *cuts], rising=rising)
    if limit is None:
        passes_any = any(_highest(cuts, number, rising=rising) for number in _possible(value))
        if not passes_any:
            return Grading(None, f"the {scale.limit} is missing")
        return _graded(value, cuts, rising=rising)
    begin = _Cut(1, limit.number, "the ULN" if rising else "the LLN")
    graded = _graded(value, [begin, *cuts], rising=rising)
    is_beyond = all(_passes(begin, number, rising=rising) for number in _possible(value))
    if graded.grade and not is_beyond:
        within = f"it is within the laboratory's own {scale.limit}, {limit}"
        return Grading(None, f"{within}, and yet passes CTCAE's figure for grade {graded.grade}")
    return graded


def _graded(value: LaboratoryValue, cuts: Sequence[_Cut], *, rising: bool = True) -> Grading:
    """Return the highest grade that every possible number of the value passes.

    From one end of a censored value to the other the grade only rises, or only falls: the two ends
    decide for all numbers between them.
    """
    ends = [_highest(cuts, number, rising=rising) for number in _possible(value)]
    grades = sorted({cut.grade if cut else 0 for cut in ends})
    if len(grades) > 1:
        lowest = f"grade {grades[0]}" if grades[0] else "no grade"
        return Grading(None, f"it is censored: from {lowest} to grade {grades[1]} is possible")
    beyond, unit, cut = "above" if rising else "below", value.value.unit, ends[0]
    if cut is None:
        first = min(cuts, key=lambda each: each.grade)
        return Grading(None, f"it is not {beyond} {first.in_words(unit)}")
    beyond = f"at or {beyond}" if cut.includes else beyond
    return Grading(cut.grade, f"{beyond} {cut.in_words(unit)}")


def _highest(cuts: Sequence[_Cut], number: Decimal, *, rising: bool) -> _Cut | None:
    """Return the cut of the highest grade that a number passes."""
    passed = (cut for cut in cuts if _passes(cut, number, rising=rising))
    return max(passed, key=lambda cut: cut.grade, default=None)


def _passes(cut: _Cut, number: Decimal, *, rising: bool) -> bool:
    if number == cut.figure:
        return cut.includes
    return (number > cut.figure) == rising


def _possible(value: LaboratoryValue) -> tuple[Decimal, ...]:
    """Return the number, or the two ends of a censored value."""
    number = value.value.number
    if value.comparator is Comparator.BELOW:
        return number - _NEXT_TO, Decimal(0)
    if value.comparator is Comparator.ABOVE:
        return number + _NEXT_TO, _BEYOND_ALL
    return (number,)
