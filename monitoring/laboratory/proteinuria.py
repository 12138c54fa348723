"""The grade of proteinuria: by dipstick, by protein/creatinine in a child, by 24 h in an adult."""

from dosing.knowledge.laboratory_grades import (
    PROTEINURIA_GRADE_1_DIPSTICK,
    PROTEINURIA_IN_ADULT,
    PROTEINURIA_IN_CHILD,
    ULN,
)
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from monitoring.laboratory.cuts import Cut, Grading, grade_by
from monitoring.laboratory.either import by_either
from monitoring.laboratory.subject import Subject
from monitoring.record.laboratory_value import DIPSTICK, LaboratoryValue


def grade_proteinuria(value: LaboratoryValue, subject: Subject) -> Grading:
    """Return the grade of protein in urine, or the reason for none."""
    unit = value.value.unit
    if unit == DIPSTICK:
        return _by_dipstick(value)
    return by_either(subject, lambda each: _by_age(value, each))


def _by_age(value: LaboratoryValue, subject: Subject) -> Grading:
    unit = value.value.unit
    if subject.age is None:
        return Grading(None, "the age is not known")
    is_adult = subject.age.months >= ADULT_FROM_MONTHS
    if unit in PROTEINURIA_IN_CHILD:
        if is_adult:
            return Grading(None, "in an adult it is graded by the protein of 24 hours (g/24h)")
        second, third = PROTEINURIA_IN_CHILD[unit]
        return grade_by(value, [Cut(2, second, includes=True), Cut(3, third)])
    return _by_24_hours(value, is_adult=is_adult)


def _by_dipstick(value: LaboratoryValue) -> Grading:
    if value.comparator:
        return Grading(None, "a dipstick is not censored")
    number = value.value.number
    if number > PROTEINURIA_GRADE_1_DIPSTICK:
        return Grading(None, f"a dipstick of {value.value} has no grade of its own, only 1+ has")
    if number == PROTEINURIA_GRADE_1_DIPSTICK:
        return Grading(1, "1+ on a dipstick")
    return Grading(None, "it is below 1+ on a dipstick", at_most=0)


def _by_24_hours(value: LaboratoryValue, *, is_adult: bool) -> Grading:
    second, third = (Cut(grade, figure, includes=True)
                     for grade, figure in enumerate(PROTEINURIA_IN_ADULT, start=2))  # fmt: skip
    upper = value.upper_limit
    begins = [Cut(1, upper.number, "the ULN", includes=True)] if upper else []
    grading = grade_by(value, [*begins, second, third])
    if grading.grade is None and upper is None:
        return Grading(None, f"the {ULN} is missing")
    if not is_adult and (grading.grade or 0) > 1:
        return Grading(
            None,
            f"from {second.figure:f} {value.value.unit} on, CTCAE grades a child by "
            "protein/creatinine",
        )
    return grading
