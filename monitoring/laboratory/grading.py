"""The grade of one laboratory value by its number, or the reason for none.

The laboratory's own limits are used, in the unit it reported. A value is not graded if the scale
has no figure in its unit, if a needed limit of normal is missing, or if it is censored and more
than one grade is possible.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from dosing.knowledge.laboratory_grades import (
    CTCAE_5,
    LLN,
    SCALES_OF,
    ULN,
    ByFigures,
    Scale,
    TimesLowerLimit,
    TimesUpperLimit,
)
from dosing.quantities.formatting import plain
from monitoring.laboratory.blood_pressure import grade_blood_pressure
from monitoring.laboratory.cuts import Cut, Grading, grade_by, highest, possible
from monitoring.laboratory.proteinuria import grade_proteinuria
from monitoring.laboratory.subject import NOBODY, Subject
from monitoring.laboratory.tests import LaboratoryTest
from monitoring.record.laboratory_value import LaboratoryValue

HYPERTENSION, PROTEINURIA = "Hypertension", "Proteinuria"
_BY_AGE = frozenset({HYPERTENSION, PROTEINURIA})  # the same in both versions


def grade_value(
    test: LaboratoryTest,
    value: LaboratoryValue,
    baseline: LaboratoryValue | None = None,
    subject: Subject = NOBODY,
    scale: str = CTCAE_5,
) -> Grading:
    """Return the grade of a value of a test by a version of CTCAE (keys of `SCALES_OF`).

    `baseline` is the last value before the first dose, for the scales that use it; `subject` the
    patient on that day, for those that ask for age, sex and height. Of a test that is graded when
    high and when low, the result names the term.
    """
    because = test.not_graded_because.format(scale=scale)
    if not test.terms:
        return Grading(None, because)
    unit = value.value.unit
    if unit not in test.units:
        return Grading(None, f"it is graded in {' or '.join(test.units)}, not in {unit}")
    gradings = [_by_term(term, test, value, baseline, subject, scale) for term in test.terms]
    found = [each for each in gradings if each and each.grade]
    if found:
        return max(found, key=lambda each: each.grade or 0)
    without_figures = because if None in gradings else ""
    why = [without_figures, *(each.why for each in gradings if each)]
    possible_grades = [each.at_most for each in gradings if each]
    known = [each for each in possible_grades if each is not None]
    return Grading(
        None,
        "; ".join(dict.fromkeys(filter(None, why))),
        at_most=max(known) if known and len(known) == len(possible_grades) else None,
    )


def has_figures(test: LaboratoryTest, version: str) -> bool:
    """Return whether this program has figures of a version of CTCAE for a test."""
    return any(term in _BY_AGE or term in SCALES_OF[version] for term in test.terms)


def _by_term(  # noqa: PLR0913, PLR0917 - the parts of a grading
    term: str,
    test: LaboratoryTest,
    value: LaboratoryValue,
    baseline: LaboratoryValue | None,
    subject: Subject,
    version: str,
) -> Grading | None:
    """Return the grading by one term; None where the version has no figures for it."""
    if term == HYPERTENSION:
        grading = grade_blood_pressure(test.name, value, subject)
    elif term == PROTEINURIA:
        grading = grade_proteinuria(value, subject)
    elif term in SCALES_OF[version]:
        grading = _by_scale(SCALES_OF[version][term], value, baseline)
    elif test.not_graded_because:
        return None
    else:
        return Grading(None, f"the figures of {version} for it are not in this program")
    return replace(grading, term=term) if grading.grade else grading


def _by_scale(scale: Scale, value: LaboratoryValue, baseline: LaboratoryValue | None) -> Grading:
    if isinstance(scale, TimesUpperLimit):
        return _by_upper_limit(scale, value, baseline)
    if isinstance(scale, TimesLowerLimit):
        return _by_lower_limit(scale, value, baseline)
    grading = _by_figures(scale, value)
    if grading.grade in scale.fasting_only and not is_fasting(value):
        return Grading(
            None,
            f"grade {grading.grade} is for a fasting sample alone: if it was one, name the test "
            "fasting glucose",
        )
    return replace(grading, remark=scale.remarks.get(grading.grade or 0))


def is_fasting(value: LaboratoryValue) -> bool:
    """Return whether a value is named as that of a fasting sample."""
    return "fasting" in value.test.casefold()


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
    if baseline and scale.abnormal_from is not None and is_above_normal(baseline, value):
        if not same_unit:
            return Grading(None, f"the baseline was abnormal and is in {baseline.value.unit}")
        base = baseline.value.number
        begin = Cut(
            1,
            scale.abnormal_from * base,
            f"{plain(scale.abnormal_from)} × the abnormal baseline",
            includes=scale.abnormal_includes,
        )
        multiples = scale.abnormal_multiples or scale.multiples
        return grade_by(value, [begin, *_multiples(multiples, base, "the abnormal baseline")])
    cuts = [Cut(1, limit, "the ULN"), *_multiples(scale.multiples, limit, "the ULN")]
    if baseline and same_unit and baseline.value.number > 0:
        is_low = _is_below_normal(baseline, value)
        words = "the low baseline" if scale.low_baseline_only else "the baseline"
        if is_low or not scale.low_baseline_only:
            cuts += _multiples(scale.baseline_multiples, baseline.value.number, words)
    return grade_by(value, cuts)


def is_above_normal(baseline: LaboratoryValue, value: LaboratoryValue) -> bool:
    """Return whether the baseline was above its own ULN, or else above the value's."""
    limit = baseline.upper_limit or value.upper_limit
    same_unit = limit is not None and limit.unit == baseline.value.unit
    return limit is not None and same_unit and baseline.value.number > limit.number


def _is_below_normal(baseline: LaboratoryValue, value: LaboratoryValue) -> bool:
    """Return whether the baseline was below its own LLN, or else below the value's."""
    limit = baseline.lower_limit or value.lower_limit
    same_unit = limit is not None and limit.unit == baseline.value.unit
    return limit is not None and same_unit and baseline.value.number < limit.number


def _multiples(
    multiples: Sequence[Decimal], base: Decimal, of_what: str, *, includes: bool = False
) -> list[Cut]:
    return [
        Cut(grade, multiple * base, f"{plain(multiple)} × {of_what}", includes=includes)
        for grade, multiple in enumerate(multiples, start=2)
    ]


def _by_lower_limit(
    scale: TimesLowerLimit, value: LaboratoryValue, baseline: LaboratoryValue | None
) -> Grading:
    unit, lower = value.value.unit, value.lower_limit
    cuts = [Cut(4, scale.absolute[unit])]
    if lower is None:
        passed = [highest(cuts, number, rising=False) for number in possible(value)]
        return grade_by(value, cuts, rising=False) if all(passed) else _missing(LLN)
    cuts += [Cut(1, lower.number, "the LLN"), *_multiples(scale.fractions, lower.number, "the LLN")]
    if baseline and baseline.value.unit == unit and _is_below_normal(baseline, value):
        base = baseline.value.number
        cuts += _multiples(scale.fractions, base, "the abnormal baseline", includes=True)
    return grade_by(value, cuts, rising=False)


def _missing(limit: str) -> Grading:
    return Grading(None, f"the {limit} is missing")


def _by_figures(scale: ByFigures, value: LaboratoryValue) -> Grading:
    unit, rising = value.value.unit, scale.rising
    limit = value.upper_limit if rising else value.lower_limit
    cuts = [
        Cut(grade, figure) for grade, figure in zip(scale.grades, scale.figures[unit], strict=True)
    ]
    if unit in scale.first:
        begin = Cut(1, scale.first[unit], includes=scale.first_includes)
        return grade_by(value, [begin, *cuts], rising=rising)
    if limit is None:
        passes_any = any(highest(cuts, number, rising=rising) for number in possible(value))
        if passes_any:
            return grade_by(value, cuts, rising=rising)
        return replace(_missing(scale.limit), at_most=scale.grades[0] - 1)
    begin = Cut(1, limit.number, "the ULN" if rising else "the LLN")
    graded = grade_by(value, [begin, *cuts], rising=rising)
    is_beyond = all(begin.is_passed_by(number, rising=rising) for number in possible(value))
    if graded.grade and not is_beyond:
        within = f"it is within the laboratory's own {scale.limit}, {limit}"
        passed = f"and yet passes CTCAE's figure for grade {graded.grade}"
        return Grading(None, f"{within}, {passed}", at_most=graded.grade)
    return graded
