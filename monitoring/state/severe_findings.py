"""Open adverse events and laboratory values of grade 3 and above that sirolimus may have caused."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dosing.knowledge.laboratory_grades import SERIOUS_FROM_GRADE
from dosing.knowledge.tdm_rules import VALUE_COUNTS_FOR
from monitoring.adverse_events.assessment import EventAssessment, assess_events
from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
from monitoring.record.entries import Record
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory


@dataclass(frozen=True, slots=True)
class SevereFinding:
    """An open adverse event, or the newest value of a test, of grade 3 or above."""

    what: str
    """The event's term or the value, for people."""
    grade: int
    since: date
    number: int
    """The number of its entry."""

    def to_dict(self) -> dict[str, object]:
        """Return the finding as JSON."""
        return {"what": self.what, "grade": self.grade, "since": str(self.since)}


def severe_findings(record: Record, now: Moment) -> tuple[SevereFinding, ...]:
    """Return the findings at a moment that are new or worse than before the first dose.

    A sample at the moment of the first dose is from before it: the dose has not acted yet. A
    finding that is attributed to something else is left out. A value counts until the next one
    of its test, at most `VALUE_COUNTS_FOR` (proposed).
    """
    first = TreatmentHistory.of(record).first_dose
    if first is None or now < first:
        return ()
    events, values = assess_events(record), assess_laboratory(record)
    started, today = first.local.date(), now.local.date()
    found = (*_events(events, started, today), *_values(events, values, first, now))
    return tuple(sorted(found, key=lambda each: (-each.grade, each.since, each.number)))


def _events(
    events: tuple[EventAssessment, ...], started: date, today: date
) -> Iterator[SevereFinding]:
    before: Counter[str] = Counter()
    for each in events:
        event = each.event.entry
        if each.event.is_active and event.since < started:
            before[event.term] = max(before[event.term], _number(event.grade))
    for each in events:
        event, grade = each.event.entry, _number(each.event.entry.grade)
        if (
            each.is_open
            and event.since <= today
            and event.attributed_to is None
            and each.better_value is None
            and grade >= SERIOUS_FROM_GRADE
            and grade > before[event.term]
        ):
            yield SevereFinding(event.term, grade, event.since, each.event.number)


def _values(
    events: tuple[EventAssessment, ...],
    values: tuple[LaboratoryAssessment, ...],
    first: Moment,
    now: Moment,
) -> Iterator[SevereFinding]:
    newest: dict[str, LaboratoryAssessment] = {}
    before: dict[str, LaboratoryAssessment] = {}
    for each in values:
        if not each.value.is_active or each.test is None or now < each.value.entry.at:
            continue
        newest[each.test.name] = each
        if each.value.entry.at <= first:
            before[each.test.name] = each
    explained = {
        each.event.entry.term
        for each in events
        if each.is_open and each.event.entry.attributed_to is not None
    }
    oldest = now.utc - timedelta(days=VALUE_COUNTS_FOR.value)
    for name, each in newest.items():
        sampled, grade = each.value.entry.at, _number(each.grade)
        if (
            grade >= SERIOUS_FROM_GRADE
            and oldest <= sampled.utc
            and _is_new(each, before.get(name))
            and each.matching_event not in explained
        ):
            what = str(each.value.entry)
            yield SevereFinding(what, grade, sampled.local.date(), each.value.number)


def _is_new(value: LaboratoryAssessment, before: LaboratoryAssessment | None) -> bool:
    """Return whether a value is worse than the last one before the first dose, or another finding.

    Too high after too low is not the finding of before.
    """
    if before is None or value.graded_as != before.graded_as:
        return True
    return _number(value.grade) > _number(before.grade)


def _number(grade: int | None) -> int:
    """Return a grade as a number, 0 without one."""
    return grade or 0
