"""The meaning of laboratory values, for the table of entry kinds."""

from collections.abc import Mapping

from dosing.knowledge.laboratory_grades import SOURCE as CTCAE
from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
from monitoring.record.adverse_event import SCALE
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
        return {
            "known_as": assessed.test.name if assessed.test else None,
            "limits": assessed.limits,
            "grade": assessed.grade,
            "graded_as": assessed.graded_as,
            "working": assessed.working,
            "not_graded_because": assessed.not_graded_because,
            "matching_event": assessed.matching_event,
            "alerts": [alert.to_dict() for alert in assessed.alerts],
        }

    def answer(self, _record: Record, assessed: LaboratoryAssessment) -> EntryMeaning:
        """Return the grade, or the reason for none."""
        return EntryMeaning((_grade_line(assessed),), assessed.alerts)

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
            named("Laboratory", value.laboratory),
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
        grade = f"Grade {assessed.grade} ({SCALE}, {assessed.graded_as})"
        return f"{grade}: {assessed.working} [{CTCAE}]"
    return f"No grade: {assessed.not_graded_because}."
