"""The assessment of one adverse event: grade in words, Nadal 2016, and urgent findings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dosing import Age, Alert, Alerts
from dosing.knowledge.adverse_event_terms import REVIEW_PATIENTS, Seriousness, Term
from dosing.knowledge.alert_catalogue import (
    EVENT_BEFORE_BETTER_VALUE,
    EVENT_TERM_UNKNOWN,
    GRADE_3_OR_MORE,
    GRADE_3_OR_MORE_OVER,
    NO_DOSE_RULE,
    PNEUMONITIS,
    PNEUMONITIS_OVER,
    SERIOUS_EVENT,
    SERIOUS_EVENT_OVER,
)
from dosing.knowledge.ctcae import grades_of
from dosing.knowledge.laboratory_grades import SERIOUS_FROM_GRADE
from dosing.knowledge.nadal2016 import (
    DOSE_DECREASED_IN,
    INFECTIONS,
    KEPT_IN_INFECTION,
    STOPPED_GRADUALLY_FOR,
    STOPPED_GRADUALLY_IN,
    Count,
)
from dosing.quantities.formatting import short_date
from dosing.quantities.text import quoted
from monitoring.adverse_events.finder import find_terms, known_term
from monitoring.adverse_events.prophylaxis import consider_prophylaxis
from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level

_NADAL = "Nadal 2016"
# Interstitial lung disease by the Rapalimus label, whose severities are taken as CTCAE grades.
_LABEL_RULE = {
    1: "no symptoms, on imaging only: continue sirolimus",
    2: "mild symptoms: hold until improved, then it may be resumed",
    3: "severe, or oxygen needed: stop, and in principle do not resume",
    4: "life-threatening: stop",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAssessment:
    """One adverse event of the record and its meaning.

    `term` is None if the words are not in the table: it is then not compared with Nadal 2016.
    `nearest_level` is the active level nearest to the first day of the event, the earlier one of
    two; `nearest_level_days` are the days between them, in either direction.
    """

    event: StoredEntry[AdverseEvent]
    term: Term | None
    wording: str | None
    """The grade in words; None without a grade, or if the wording is not included."""
    nearest_level: StoredEntry[Level] | None
    alerts: Alerts
    """The strongest first."""
    better_value: LaboratoryAssessment | None = None
    """The newer laboratory value with a lower grade than this open event, if there is one."""

    @property
    def is_open(self) -> bool:
        """True for an active event that has not ended."""
        return self.event.is_active and self.event.ending is None

    @property
    def in_review_profile(self) -> bool | None:
        """True if the Nadal 2016 safety profile includes it; None for an unknown term."""
        return self.term.in_review_profile if self.term else None

    @property
    def review_count(self) -> Count | None:
        """The patients with it in Nadal 2016, of those with data, if it was counted."""
        return self.term.review_count if self.term else None

    @property
    def review_words(self) -> str | None:
        """The frequency in Nadal 2016, in words; None for an unknown term."""
        return _frequency(self.term) if self.term else None

    @property
    def done_in_review(self) -> str | None:
        """The authors' action, in the fixed words of JSON; None if they had no such event."""
        return _done_by_authors(self.term, "the review")

    @property
    def done_in_nadal2016(self) -> str | None:
        """The authors' action, for people; None if Nadal 2016 lacks the event."""
        return _done_by_authors(self.term, _NADAL)

    @property
    def nearest_level_days(self) -> int | None:
        """The days between the first day of the event and the nearest level."""
        if self.nearest_level is None:
            return None
        return abs((_day_of(self.nearest_level) - self.event.entry.since).days)


def assess_events(record: Record) -> tuple[EventAssessment, ...]:
    """Return an assessment of every adverse event, voided ones too, in the order of entry.

    The first open event with a reason for it carries the alert about prophylaxis, and no other.
    They are made once for a record.
    """
    return record.once(_assess_all)


def _assess_all(record: Record) -> tuple[EventAssessment, ...]:
    prophylaxis = _first_prophylaxis(record)
    return tuple(_assess(record, event, prophylaxis) for event in record.of(AdverseEvent))


def _first_prophylaxis(record: Record) -> tuple[int, Alert] | None:
    """Return the number of that event, and the alert."""
    for event in record.active(AdverseEvent):
        if event.ending is None and (alert := consider_prophylaxis(record, event.entry.since)):
            return event.number, alert
    return None


def _assess(
    record: Record, event: StoredEntry[AdverseEvent], prophylaxis: tuple[int, Alert] | None
) -> EventAssessment:
    entry = event.entry
    term = known_term(entry.term)
    age = Age.between(record.patient.entry.born, entry.since)
    grades = grades_of(term, age, entry.scale) if term else None
    wording = grades.wording.get(entry.grade or 0) if grades else None
    is_open = event.is_active and event.ending is None
    better = better_value(record, event, term) if is_open else None
    alerts = [*_alerts(event, term, wording, better)] if event.is_active else []
    if prophylaxis and prophylaxis[0] == event.number:
        alerts.append(prophylaxis[1])
    return EventAssessment(
        event=event,
        term=term,
        wording=wording,
        nearest_level=nearest_level(record, event),
        alerts=Alerts(alerts).strongest_first(),
        better_value=better,
    )


def nearest_level(record: Record, event: StoredEntry[AdverseEvent]) -> StoredEntry[Level] | None:
    """Return the active level nearest to an event's first day; of two the one before it."""

    def distance(level: StoredEntry[Level]) -> tuple[int, bool, int]:
        days = (_day_of(level) - event.entry.since).days
        return abs(days), days > 0, -level.number

    return min(record.active(Level), key=distance, default=None)


def _day_of(level: StoredEntry[Level]) -> date:
    return level.entry.sampled.local.date()


def _alerts(
    event: StoredEntry[AdverseEvent],
    term: Term | None,
    wording: str | None,
    better: LaboratoryAssessment | None,
) -> Iterator[Alert]:
    entry, is_open = event.entry, event.ending is None
    if term is None:
        yield unknown_term(entry.term)
    # An event that has ended needs no action now.
    if term and term.seriousness is Seriousness.PNEUMONITIS:
        at_grade = _LABEL_RULE.get(entry.grade or 0)
        pneumonitis = PNEUMONITIS if is_open else PNEUMONITIS_OVER
        yield pneumonitis.alert(
            label=f"{'; '.join(_LABEL_RULE.values())}.",
            grade=entry.grade,
            at_grade=f"{at_grade}." if at_grade else None,
        )
    elif term and term.seriousness:
        serious = SERIOUS_EVENT if is_open else SERIOUS_EVENT_OVER
        yield serious.alert(event=term.name)
    if entry.grade and entry.grade >= SERIOUS_FROM_GRADE:
        what = term.name if term else quoted(entry.term)
        grade = f"{entry.grade} ({wording})" if wording else entry.grade
        if better:
            later = f"grade {better.grade}" if better.grade else "no such grade"
            yield EVENT_BEFORE_BETTER_VALUE.alert(
                what=what, grade=entry.grade, later=later,
                value=f"{better.value.entry} on {short_date(better.value.entry.at.local.date())}",
            )  # fmt: skip
        elif is_open:
            yield GRADE_3_OR_MORE.alert(value=str(entry.grade), what=what, grade=grade)
        else:
            yield GRADE_3_OR_MORE_OVER.alert(
                value=str(entry.grade), what=what, grade=grade, later=None
            )
    if action := authors_action(term):
        yield action


def authors_action(term: Term | None) -> Alert | None:
    """Return the standing note of what the authors of Nadal 2016 did about an adverse event.

    None for an unknown term, and for pneumonitis, for which the label has a rule.
    """
    if term is None or term.seriousness is Seriousness.PNEUMONITIS:
        return None
    return NO_DOSE_RULE.alert(done=_done_by_authors(term, _NADAL))


def better_value(
    record: Record, event: StoredEntry[AdverseEvent], term: Term | None
) -> LaboratoryAssessment | None:
    """Return the newest laboratory value, where it certainly has a lower grade than an event.

    It is of the tests that the event's CTCAE term grades, after the event's first day; of several
    tests (ALT and AST) the newest of each must be better. None if there is none.
    """
    graded_as, grade = term.graded_as if term else None, event.entry.grade
    if graded_as is None or grade is None:
        return None
    newest = {
        each.test.name: each
        for each in assess_laboratory(record)
        if each.value.is_active and each.test and graded_as in each.test.terms
    }
    is_better = all(
        each.at_most is not None
        and each.at_most < grade
        and each.value.entry.at.local.date() > event.entry.since
        for each in newest.values()
    )
    last = max(newest.values(), key=lambda each: each.value.entry.at, default=None)
    return last if is_better else None


def unknown_term(words: str) -> Alert:
    """Return the caution about a term that is not in the table, with the nearest that are."""
    terms = find_terms(words)
    return EVENT_TERM_UNKNOWN.alert(
        term=quoted(words),
        nearest=" or ".join(term.name for term in terms) or None,
        serious=next((term.name.capitalize() for term in terms if term.seriousness), None),
    )


def _frequency(term: Term) -> str:
    if term.review_category is None:
        return f"not in the {_NADAL} safety profile"
    count, as_part = term.review_count, ""
    if term.review_words != term.name:
        as_part = f" as {term.review_words}"
    if count:
        share = f"{count.count} of {count.of} patients ({count.percent} %)"
        return f"in the {_NADAL} safety profile{as_part}: {share}"
    return f"in the {_NADAL} safety profile{as_part}: {term.review_category.value}, not counted"


def _done_by_authors(term: Term | None, publication: str) -> str | None:
    if term is None or not term.in_review_profile:
        return None
    if term.is_infection:
        kept = KEPT_IN_INFECTION
        return (
            f"In {publication} sirolimus was kept in {kept.count} of {kept.of} infections "
            f"({'; '.join(INFECTIONS)})."
        )
    return (
        f"In {publication}, of {REVIEW_PATIENTS} patients with data the dose was decreased in "
        f"{DOSE_DECREASED_IN} and sirolimus was stopped gradually in {STOPPED_GRADUALLY_IN} "
        f"({STOPPED_GRADUALLY_FOR})."
    )
