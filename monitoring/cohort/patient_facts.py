"""The facts about one treated patient that the cohort counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dosing import Age, Sex, TargetTrough
from dosing.surface_area import MOSTELLER, body_surface_area
from monitoring.adverse_events.finder import known_term
from monitoring.laboratory import assess_laboratory
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly
from monitoring.record.response import Response
from monitoring.response import TimeToResponse, time_to_response
from monitoring.times import Moment
from monitoring.treatment import DosingPeriod, TreatmentHistory

# Proposed: older measurements do not give the dose by size at the start.
_WEIGHED_WITHIN_DAYS = 30
_HEIGHT_WITHIN_DAYS = 183

STEROIDS = "steroids"
UNKNOWN_EVENT = "in words that the program does not know"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """One patient who was given sirolimus; None for missing data."""

    anomaly: Anomaly
    sex: Sex
    age_at_start: Age
    congenital: bool | None
    severity: str | None
    """The severity before treatment, in the clinic's own words."""
    daily_mg_per_m2: Decimal | None
    """The first maintenance dose, by the last weight and height before it."""
    daily_mg_per_kg: Decimal | None
    times_a_day: int
    target: TargetTrough
    drugs: frozenset[str]
    """The concomitant drugs: names of the interaction table, `STEROIDS`, or as recorded."""
    is_treated: bool
    """True with a current dose."""
    days_treated: float
    """The days with a current dose, from the first one until the moment of the figures."""
    events: frozenset[str] | None
    """Adverse events since the first dose, under their names in Nadal 2016 if counted there.

    A laboratory value of a grade, new or worse than before the first dose, is one too. None if
    nothing is recorded after the first dose.
    """
    actions: frozenset[ActionTaken]
    response: TimeToResponse | None


def patient_facts(record: Record, now: Moment) -> PatientFacts | None:
    """Return the facts about a patient, or None for one who was not treated up to now."""
    history = TreatmentHistory.of(record)
    given = history.periods_begun_by(now)
    if not given:
        return None
    first, last = given[0], given[-1]
    start, patient = first.since.local.date(), record.patient.entry
    per_m2, per_kg = _by_size(history, first, start)
    events = [
        each.entry
        for each in record.active(AdverseEvent)
        if start <= each.entry.since <= now.local.date()
    ]
    names = {_name(event.term) for event in events}
    names |= {_name(event) for event in _of_values(record, first.since, now)}
    return PatientFacts(
        anomaly=patient.anomaly,
        sex=patient.sex,
        age_at_start=Age.between(patient.born, start),
        congenital=patient.congenital,
        severity=patient.severity,
        daily_mg_per_m2=per_m2,
        daily_mg_per_kg=per_kg,
        times_a_day=first.prescription.entry.times_a_day,
        target=first.prescription.entry.target,
        drugs=_drugs(history, start, last, now.local.date()),
        is_treated=last.holds_at(now),
        days_treated=sum(_days(each, now) for each in given),
        events=frozenset(names) if names or _was_followed(record, start) else None,
        actions=frozenset(event.action for event in events),
        response=time_to_response(record, now),
    )


def _days(period: DosingPeriod, now: Moment) -> float:
    end = now if period.until is None or now < period.until else period.until
    return (end.utc - period.since.utc) / timedelta(days=1)


def _by_size(
    history: TreatmentHistory, first: DosingPeriod, start: date
) -> tuple[Decimal | None, Decimal | None]:
    """Return the first dose in mg/m²/day and mg/kg/day, as far as the body was measured."""
    weighed, measured = history.weight_on(start), history.height_on(start)
    weight = weighed.entry.as_weight if weighed else None
    height = measured.entry.as_height if measured else None
    if not (weighed and weight) or start - weighed.entry.on > timedelta(_WEIGHED_WITHIN_DAYS):
        return None, None
    daily_mg = first.prescription.entry.daily_mg
    per_kg = daily_mg / weight.kg
    if not (measured and height) or start - measured.entry.on > timedelta(_HEIGHT_WITHIN_DAYS):
        return None, per_kg
    return daily_mg / body_surface_area(MOSTELLER, weight, height), per_kg


def _drugs(
    history: TreatmentHistory, start: date, last: DosingPeriod, today: date
) -> frozenset[str]:
    """Return the drugs that were given on at least one day of the treatment."""
    until = min(today, last.until.local.date()) if last.until else today
    names: set[str] = set()
    for each in history.drugs:
        if each.is_given_between(start, until):
            names |= {STEROIDS if drug.is_steroid else drug.name for drug in each.known}
            names |= set() if each.known else {each.name}
    return frozenset(names)


def _of_values(record: Record, first_dose: Moment, now: Moment) -> Iterator[str]:
    """Yield the adverse events that graded laboratory values show since the first dose.

    The last grade of a test before the first dose is the disease's: only a higher one counts.
    """
    before: dict[str, int] = {}
    for each in assess_laboratory(record):
        if each.test is None or not each.value.is_active:
            continue
        at, grade, event = each.value.entry.at, each.grade or 0, each.matching_event
        if at <= first_dose:
            before[each.test.name] = grade
        elif event and at <= now and grade > before.get(each.test.name, 0):
            yield event


def _name(term: str) -> str:
    known = known_term(term)
    if known is None:
        return UNKNOWN_EVENT
    return known.review_count.name if known.review_count else known.name


def _was_followed(record: Record, start: date) -> bool:
    """Return whether anything is recorded on a day after the first dose."""
    days = (
        *(each.entry.sampled.local.date() for each in record.active(Level)),
        *(each.entry.at.local.date() for each in record.active(LaboratoryValue)),
        *(each.entry.on for each in record.active(Measurement)),
        *(each.entry.on for each in record.active(Response)),
        *(each.entry.on for each in record.active(Note)),
    )
    return any(day > start for day in days)
