"""Contraindications: what in the record forbids a dose, or asks for care.

Rules: course of treatment, section 3. What they mean for one dose is in `dose_safety`.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from dosing import Alert, Alerts
from dosing.knowledge.adverse_event_terms import Seriousness
from dosing.knowledge.alert_catalogue import (
    ACTIVE_INFECTION,
    BREASTFEEDING,
    FEVER,
    MILD_PNEUMONITIS,
    OPEN_PNEUMONITIS,
    PREGNANCY,
    RECORD_INCOMPLETE,
    RESPIRATORY_SYMPTOM,
    SEVERE_FINDING,
    SEVERE_PNEUMONITIS,
    SURGERY,
)
from dosing.knowledge.conditions import (
    PREGNANCY_PLANNED_WITHIN_DAYS,
    SURGERY_PLANNED_WITHIN_DAYS,
    SURGERY_RECENT_WITHIN_DAYS,
    ConditionKind,
    condition_kind,
    is_fever,
    is_respiratory_symptom,
    names_pneumonitis,
)
from dosing.knowledge.contraindications import allergy_alerts
from dosing.knowledge.laboratory_grades import SERIOUS_FROM_GRADE
from dosing.knowledge.products import ORAL_SOLUTION, Product
from dosing.quantities.text import shortened
from monitoring.adverse_events.finder import known_term
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.condition import Condition
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.kinds import kind_called
from monitoring.state.severe_findings import SevereFinding
from monitoring.times import Moment, short
from monitoring.treatment import TreatmentHistory

_NAMED = 5  # entries in one alert


def allergies_of(record: Record, day: date) -> str:
    """Return the allergies on a day: the patient's, and those among the conditions."""
    recorded = [record.patient.entry.allergies]
    recorded += [
        f"{each.entry.name} {each.entry.text}".strip()
        for each in record.active(Condition)
        if condition_kind(each.entry.name) is ConditionKind.ALLERGY
        and each.entry.since <= day
        and (each.ending is None or day <= (each.ending.entry.on or day))
    ]
    return ", ".join(filter(None, recorded))


def contraindications(
    record: Record, now: Moment, severe: Sequence[SevereFinding], product: Product | None = None
) -> Alerts:
    """Return the findings of a moment, the strongest first.

    `product` is the one that is to be given; without it that of the current dose counts.
    """
    today = now.local.date()
    period = TreatmentHistory.of(record).period_at(now)
    if product is None:
        product = period.prescription.entry.product if period else ORAL_SOLUTION
    pneumonitis = tuple(_pneumonitis(record, today))
    found = (
        *_incomplete(record),
        *allergy_alerts(allergies_of(record, today), product),
        *pneumonitis,
        *_conditions(record, today),
        *map(severe_alert, of_no_stronger_rule(record, severe)),
        *_symptoms(record, today),
        *_infections(record, today, severe),
    )
    return Alerts(found).distinct().strongest_first()


def _incomplete(record: Record) -> Iterator[Alert]:
    """Yield that entries cannot be read: any of them may be what forbids a dose."""
    lost = [each for each in record.unreadable if each.is_active]
    if lost:
        names = ", ".join(f"{kind_called(each.kind).what} {each.number}" for each in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        yield RECORD_INCOMPLETE.alert(entries=f"{names}{more}")


def _pneumonitis(record: Record, today: date) -> Iterator[Alert]:
    """Yield the strongest alert of pneumonitis: severe at any time, or open."""
    found = [each for each in pneumonitis_events(record) if each.entry.since <= today]
    severe = [each for each in found if (each.entry.grade or 0) >= SERIOUS_FROM_GRADE]
    if severe:
        worst = max(severe, key=lambda each: (each.entry.grade or 0, each.entry.since))
        yield SEVERE_PNEUMONITIS.alert(grade=worst.entry.grade, day=short(worst.entry.since))
        return
    still = [each for each in found if each.ending is None]
    serious = [each for each in still if each.entry.grade != 1]
    if serious:
        each = max(serious, key=lambda each: each.entry.since)
        grade = f"of grade {each.entry.grade}" if each.entry.grade else "without a grade"
        yield OPEN_PNEUMONITIS.alert(grade=grade, day=short(each.entry.since))
    elif still:
        yield MILD_PNEUMONITIS.alert(day=short(max(each.entry.since for each in still)))


def pneumonitis_events(record: Record) -> tuple[StoredEntry[AdverseEvent], ...]:
    """Return the adverse events that are a pneumonitis, or may be one by their words."""
    return tuple(each for each in record.active(AdverseEvent) if _is_pneumonitis(each.entry.term))


def _is_pneumonitis(words: str) -> bool:
    term = known_term(words)
    if term is None:
        return names_pneumonitis(words)
    return term.seriousness is Seriousness.PNEUMONITIS


def _conditions(record: Record, today: date) -> Iterator[Alert]:
    for each in record.active(Condition):
        condition, kind = each.entry, condition_kind(each.entry.name)
        last = each.ending.entry.on if each.ending else None
        is_over = last is not None and last < today
        name, day = shortened(condition.name).capitalize(), short(condition.since)
        days_ahead = (condition.since - today).days
        if kind is ConditionKind.SURGERY:
            ended = last or condition.since
            if (
                days_ahead <= SURGERY_PLANNED_WITHIN_DAYS
                and (today - ended).days <= SURGERY_RECENT_WITHIN_DAYS
            ):
                yield SURGERY.alert(condition=name, day=day)
        elif is_over:
            continue
        elif kind is ConditionKind.PREGNANCY or kind is ConditionKind.PLANNED_PREGNANCY:
            if days_ahead <= PREGNANCY_PLANNED_WITHIN_DAYS:
                yield PREGNANCY.alert(condition=name, day=day)
        elif days_ahead > 0:
            continue
        elif kind is ConditionKind.BREASTFEEDING:
            yield BREASTFEEDING.alert(day=day)
        elif kind is ConditionKind.INFECTION:
            yield ACTIVE_INFECTION.alert(infection=name, day=day)


def of_no_stronger_rule(
    record: Record, severe: Sequence[SevereFinding]
) -> tuple[SevereFinding, ...]:
    """Return the severe findings other than pneumonitis and respiratory symptoms."""
    told = {each.number for each in pneumonitis_events(record)}
    told |= {
        each.number
        for each in record.active(AdverseEvent)
        if is_respiratory_symptom(each.entry.term)
    }
    return tuple(each for each in severe if each.number not in told)


def severe_alert(finding: SevereFinding) -> Alert:
    """Return the one alert of a severe finding; its message is that of every page."""
    return SEVERE_FINDING.alert(
        what=shortened(finding.what), grade=finding.grade, day=short(finding.since)
    )


def _symptoms(record: Record, today: date) -> Iterator[Alert]:
    """Yield cough, breathlessness and fever that are open on treatment."""
    first = TreatmentHistory.of(record).first_dose
    if first is None:
        return
    started = first.local.date() - timedelta(days=1)
    for each in _open_events(record, today):
        event, day = each.entry, short(each.entry.since)
        if event.since < started:
            continue
        if is_respiratory_symptom(event.term):
            yield RESPIRATORY_SYMPTOM.alert(symptom=shortened(event.term).capitalize(), day=day)
        elif is_fever(event.term):
            yield FEVER.alert(day=day)


def _infections(record: Record, today: date, severe: Sequence[SevereFinding]) -> Iterator[Alert]:
    """Yield the open infections, before the first dose too; a severe one is not repeated."""
    told = {each.number for each in severe}
    for each in _open_events(record, today):
        term = known_term(each.entry.term)
        if term is not None and term.is_infection and each.number not in told:
            infection = shortened(each.entry.term).capitalize()
            yield ACTIVE_INFECTION.alert(infection=infection, day=short(each.entry.since))


def _open_events(record: Record, today: date) -> Iterator[StoredEntry[AdverseEvent]]:
    """Yield the adverse events that are open on a day and not attributed to something else."""
    for each in record.active(AdverseEvent):
        event = each.entry
        if each.ending is None and event.attributed_to is None and event.since <= today:
            yield each
