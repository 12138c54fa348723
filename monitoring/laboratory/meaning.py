"""The meaning of laboratory values, for the table of entry kinds."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from dosing import json_number
from dosing.quantities.formatting import rounded
from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry_kind import EntryMeaning, Meaning
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.listing import NOTHING, ListRow, fate, named, row
from monitoring.times import short


class LaboratoryMeaning(Meaning):
    """The grade of a laboratory value, or the reason for none."""

    in_summary = "laboratory"
    part = "value"

    def assess(self, record: Record) -> tuple[LaboratoryAssessment, ...]:
        """Return an assessment of every value."""
        return assess_laboratory(record)

    def columns(self, assessed: LaboratoryAssessment) -> Mapping[str, object]:
        """Return an assessment as columns of JSON."""
        other_scale, other_grade = next(iter(assessed.other_grades.items()), (None, None))
        return {
            "known_as": assessed.test.name if assessed.test else None,
            "limits": assessed.limits,
            "grade": assessed.grade,
            "graded_as": assessed.graded_as,
            "working": assessed.working,
            "not_graded_because": assessed.not_graded_because,
            "matching_event": assessed.matching_event,
            "scale": assessed.scale,
            "other_scale": other_scale,
            "other_grade": other_grade,
            "times_upper_limit": _rounded(assessed.times_upper_limit),
            "times_baseline": _rounded(assessed.times_baseline),
            "beyond_limit": assessed.beyond,
            "alerts": [alert.to_dict() for alert in assessed.alerts],
        }

    def answer(self, _record: Record, assessed: LaboratoryAssessment) -> EntryMeaning:
        """Return the grade, or the reason for none."""
        lines = [_grade_line(assessed), *_beside(assessed)]
        return EntryMeaning(tuple(lines), assessed.alerts)

    def row(
        self, recorded: StoredEntry[LaboratoryValue], assessed: LaboratoryAssessment
    ) -> ListRow:
        """Return the row of a value."""
        value = recorded.entry
        grade = f"grade {assessed.grade}" if assessed.grade else "not graded"
        details = [
            str(value),
            f"At {short(value.at)}",
            named("Limits", assessed.limits),
            named(grade.capitalize(), assessed.working or assessed.not_graded_because),
            named("Graded as", assessed.graded_as),
            *_beside(assessed),
            *_by_other_versions(assessed),
            named("Laboratory", value.laboratory),
            named("Reason", value.reason),
        ]
        comparator = value.comparator.value if value.comparator else ""
        cells = (
            short(value.at),
            value.test,
            f"{comparator}{value.value}",
            grade if assessed.grade else NOTHING,
            fate(recorded) or assessed.limits or "no limits",
        )
        return row(cells, details)


def _grade_line(assessed: LaboratoryAssessment) -> str:
    if assessed.grade:
        grade = f"Grade {assessed.grade} ({assessed.scale}, {assessed.graded_as})"
        return f"{grade}: {assessed.working} [{assessed.source}]"
    return f"No grade: {assessed.not_graded_because}."


def _beside(assessed: LaboratoryAssessment) -> Iterator[str]:
    """Yield the multiples, and the newer value of a graded one."""
    if assessed.multiples:
        yield f"That is {assessed.multiples}."
    if assessed.later and assessed.grade:
        newer = assessed.later.entry
        yield f"There is a newer value: {newer} on {short(newer.at)}."


def _by_other_versions(assessed: LaboratoryAssessment) -> Iterator[str]:
    """Yield the grade by each other version of CTCAE where it differs."""
    for version, grade in assessed.other_grades.items():
        if grade != assessed.grade:
            yield f"By {version}: {f'grade {grade}' if grade else 'no grade'}"


def _rounded(multiple: Decimal | None) -> float | int | None:
    return None if multiple is None else json_number(rounded(multiple, 2))
