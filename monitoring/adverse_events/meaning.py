"""The meaning of adverse events, for the table of entry kinds."""

from collections.abc import Iterator, Mapping
from typing import Any

from dosing import Age, Alerts, clean, json_number
from dosing.knowledge.adverse_event_terms import REVIEW_PATIENTS, Term
from dosing.knowledge.ctcae import Grades, check_grade, grades_of
from dosing.knowledge.laboratory_grades import SOURCE as CTCAE
from dosing.knowledge.laboratory_grades import SOURCES
from dosing.knowledge.nadal2016 import SOURCE as REVIEW
from dosing.quantities.formatting import count_of
from monitoring.adverse_events.assessment import (
    EventAssessment,
    assess_events,
    authors_action,
)
from monitoring.adverse_events.finder import known_term
from monitoring.record.adverse_event import SCALE, AdverseEvent
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry_kind import EntryMeaning, Meaning, Typed
from monitoring.record.listing import ListRow, fate, named, row
from monitoring.record.patient import Patient
from monitoring.times import short


class EventMeaning(Meaning):
    """The grade of an adverse event in words, Nadal 2016, and the nearest level."""

    in_summary = "events"
    part = "event"

    def assess(self, record: Record) -> tuple[EventAssessment, ...]:
        """Return an assessment of every adverse event."""
        return assess_events(record)

    def columns(self, assessed: EventAssessment) -> Mapping[str, object]:
        """Return an assessment as columns of JSON."""
        count, level = assessed.review_count, assessed.nearest_level
        return {
            "open": assessed.is_open,
            "ctcae_term": assessed.term.ctcae_term if assessed.term else None,
            "grade_wording": assessed.wording,
            "in_review_profile": assessed.in_review_profile,
            "review_count": count.count if count else None,
            "review_patients": REVIEW_PATIENTS,
            "done_in_review": assessed.done_in_review,
            "nearest_level_ng_ml": json_number(level.entry.value.value) if level else None,
            "nearest_level_comparator": (
                level.entry.comparator.value if level and level.entry.comparator else None
            ),
            "nearest_level_at": str(level.entry.sampled) if level else None,
            "nearest_level_days": assessed.nearest_level_days,
            "alerts": [alert.to_dict() for alert in assessed.alerts],
        }

    def answer(self, record: Record, assessed: EventAssessment) -> EntryMeaning:
        """Return the grade in words, the frequency in Nadal 2016, and the nearest level.

        The authors' action is shown with the first event of the record that has it, and no other.
        """
        before = {
            authors_action(known_term(each.entry.term))
            for each in record.active(AdverseEvent)
            if each.number < assessed.event.number
        }
        alerts = Alerts(alert for alert in assessed.alerts if alert not in before)
        return EntryMeaning(tuple(_lines(record, assessed)), alerts)

    def row(self, recorded: StoredEntry[AdverseEvent], assessed: EventAssessment) -> ListRow:
        """Return the row of an adverse event."""
        event = recorded.entry
        ended = recorded.ending.entry.on if recorded.ending else None
        details = [
            event.term,
            named(
                f"Grade {event.grade}" if event.grade else "Grade", assessed.wording or "unknown"
            ),
            f"From {short(event.since)}" + (f" to {short(ended)}" if ended else ", open"),
            f"Action: {event.action.value}",
            named("Remark", event.text),
            named("Reason", event.reason),
            named("Frequency", assessed.review_words),
            named("Authors' action", assessed.done_in_nadal2016),
        ]
        cells = (
            short(event.since),
            event.term,
            f"grade {event.grade}" if event.grade else "not graded",
            f"to {short(ended)}" if ended else "open",
            fate(recorded) or named("action", event.action.value),
        )
        return row(cells, details)


def _lines(record: Record, assessed: EventAssessment) -> Iterator[str]:
    event, term = assessed.event.entry, assessed.term
    if assessed.wording:
        source = SOURCES.get(event.scale, CTCAE)
        yield f"Grade {event.grade} ({event.scale}): {assessed.wording} [{source}]"
    elif term and event.grade is None:
        age = Age.between(record.patient.entry.born, event.since)
        grades = grades_of(term, age, event.scale)
        yield from grade_lines(grades, "Not graded. Grades", event.scale) if grades else ()
    elif term:
        yield f"{event.scale} has no wording for {term.name} here. Look the grade up."
    if assessed.review_words:
        yield f"It is {assessed.review_words} [{REVIEW}]."
    if assessed.nearest_level:
        yield f"Nearest level: {_nearest_level(assessed)}."


def _nearest_level(assessed: EventAssessment) -> str:
    level, days = assessed.nearest_level, assessed.nearest_level_days
    if level is None:
        return ""
    apart = f"{count_of(days, 'day')} apart" if days else "on the same day"
    return f"{level.entry} sampled {short(level.entry.sampled)}, {apart}"


def grade_lines(grades: Grades, heading: str, version: str = SCALE) -> Iterator[str]:
    """Yield a heading and the grades of an adverse event by a version of CTCAE, a line each."""
    yield f"{heading} ({version}, {grades.graded_as}) [{SOURCES.get(version, CTCAE)}]:"
    for grade, words in grades.wording.items():
        yield f"  {grade}  {words}"


def event_typed(patient: Patient, typed: Typed) -> AdverseEvent:
    """Return an adverse event under its name in the table, or as typed if it is not there.

    The typed words are kept in the remark. Raises `UserError` for a grade that it does not have.
    """
    words, grade = typed["term"], typed.get("grade")
    term = known_term(words)
    if term and grade:
        check_grade(term, grade, Age.between(patient.born, typed["since"]))
    made: dict[str, Any] = {
        **typed,
        "term": term.name if term else words,
        "text": _with_typed(typed.get("text", ""), words, term),
    }
    return AdverseEvent(**made)


def _with_typed(text: str, typed: str, term: Term | None) -> str:
    if term is None or clean(typed).casefold() == term.name.casefold():
        return text
    kept = f'typed as "{clean(typed)}"'
    return f"{text}; {kept}" if text else kept
