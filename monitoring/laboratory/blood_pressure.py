"""The grade of a systolic or diastolic pressure, by age.

An adult by the figures of CTCAE; a child of 1 to 17 years by the centiles of the Fourth Report, and
from 13 years on by the figures of the AAP too: the higher grade counts, and both are shown.
"""

from dataclasses import replace
from decimal import Decimal

from dosing.knowledge.blood_pressure import (
    AAP,
    AAP_FROM_MONTHS,
    ABOVE_THE_99TH_MMHG,
    ADULT,
    CHILD_FROM_MONTHS,
    DIASTOLIC,
    FARTHEST_HEIGHT_Z,
    REGRESSIONS,
    SYSTOLIC,
    Grades,
)
from dosing.knowledge.laboratory_grades import SERIOUS_FROM_GRADE
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from dosing.quantities.formatting import plain
from monitoring.laboratory.cuts import Cut, Grading, grade_by
from monitoring.laboratory.either import by_either, graded_words
from monitoring.laboratory.subject import Subject
from monitoring.record.laboratory_value import LaboratoryValue

_CRISIS = "Grade 4, a hypertensive crisis, is a clinical judgement, not a number."


def grade_blood_pressure(test: str, value: LaboratoryValue, subject: Subject) -> Grading:
    """Return the grade of a systolic or diastolic pressure, or the reason for none."""
    pressure = SYSTOLIC if test.startswith(SYSTOLIC) else DIASTOLIC
    grading = by_either(subject, lambda each: _grade(pressure, value, each))
    is_serious = (grading.grade or 0) >= SERIOUS_FROM_GRADE
    return replace(grading, remark=_CRISIS if is_serious else None)


def _grade(pressure: str, value: LaboratoryValue, subject: Subject) -> Grading:
    if subject.age is None:
        return Grading(None, "the age is not known")
    months = subject.age.months
    if months >= ADULT_FROM_MONTHS:
        return grade_by(value, _cuts(ADULT[pressure], ""))
    if months < CHILD_FROM_MONTHS:
        return Grading(None, "under 1 year there are no centiles for it in this program")
    by_centile = _by_centile(pressure, value, subject)
    if months < AAP_FROM_MONTHS:
        return by_centile
    by_figures = grade_by(value, _cuts(AAP[pressure], "AAP 2017"))
    higher = by_figures.grade or by_centile.grade
    if higher is None:
        return Grading(None, f"{by_centile.why}; {by_figures.why}")
    return Grading(
        max(by_figures.grade or 0, by_centile.grade or 0),
        f"{graded_words(by_centile)}; {graded_words(by_figures)}",
    )


def _by_centile(pressure: str, value: LaboratoryValue, subject: Subject) -> Grading:
    age, sex, z = subject.age, subject.sex, subject.height_z
    row = REGRESSIONS.get((sex, pressure)) if sex else None
    if row is None or age is None:
        return Grading(None, "the sex is not known: no centile")
    if z is None:
        return Grading(None, "no height is recorded up to that day: no centile")
    taken = max(-FARTHEST_HEIGHT_Z, min(FARTHEST_HEIGHT_Z, z))
    height = f"height z {plain(z, 1)} by WHO"
    if subject.is_height_at_corrected_age:
        height += " at the corrected age"
    if taken != z:
        height += f", taken as {plain(taken)}"
    ninetieth, ninety_fifth, top = (row.centile(each, age.years, taken) for each in (90, 95, 99))

    def cut(grade: int, figure: Decimal, name: str) -> Cut:
        words = f"{name}, Fourth Report; {height}"
        return Cut(grade, figure, words, includes=grade < SERIOUS_FROM_GRADE, shown_decimals=1)

    cuts = (
        cut(1, ninetieth, "90th centile"),
        cut(2, ninety_fifth, "95th centile"),
        cut(3, top + ABOVE_THE_99TH_MMHG, "99th centile + 5"),
    )
    return grade_by(value, cuts)


def _cuts(grades: Grades, words: str) -> tuple[Cut, ...]:
    return tuple(Cut(grade, figure, words, includes=True) for grade, figure in grades)
