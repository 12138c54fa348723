"""The grade of a patient whose sex or birth date is not known exactly: the higher one counts."""

from collections.abc import Callable

from monitoring.laboratory.cuts import Grading
from monitoring.laboratory.subject import Subject


def by_either(subject: Subject, grade: Callable[[Subject], Grading]) -> Grading:
    """Return the grade of a subject, or the highest of those that it may be, with all of them."""
    if not subject.either:
        return grade(subject)
    found = [(label, grade(each)) for label, each in subject.either]
    words = [f"{label}, {graded_words(grading)}" for label, grading in found]
    if len({(grading.grade, grading.why) for _, grading in found}) == 1:
        return found[0][1]
    grades = [grading.grade for _, grading in found if grading.grade is not None]
    at_most = [grading.at_most for _, grading in found if grading.at_most is not None]
    return Grading(
        max(grades, default=None),
        "; ".join(words),
        at_most=max(at_most) if len(at_most) == len(found) else None,
    )


def graded_words(grading: Grading) -> str:
    """Return a grade with its reason, or the reason for none."""
    return f"grade {grading.grade}: {grading.why}" if grading.grade else grading.why
