"""Prophylaxis against Pneumocystis: reasons to consider it.

Some authors in Nadal 2016 gave co-trimoxazole or pentamidine to all (`nadal2016`); a 4-month-old on
steroids without prophylaxis had the pneumonia (`authorea668195`). The reasons: clinical reference,
section 8. The limits of infancy and of a high target are proposed, with the figures of the dosing
limits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dosing import Age, Alert
from dosing.knowledge.alert_catalogue import CONSIDER_PNEUMOCYSTIS_PROPHYLAXIS
from dosing.knowledge.prophylaxis import INFANCY_BELOW_MONTHS, is_high_target
from monitoring.adverse_events.finder import known_term
from monitoring.laboratory.assessment import assess_laboratory
from monitoring.laboratory.tests import LaboratoryTest, find_test
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.treatment import TreatmentHistory


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to consider prophylaxis, and its first day."""

    words: str
    since: date


def consider_prophylaxis(record: Record, day: date) -> Alert | None:
    """Return a note to consider prophylaxis against Pneumocystis, or None without a reason."""
    reasons = dict.fromkeys(reason.words for reason in prophylaxis_reasons(record, day))
    if not reasons:
        return None
    return CONSIDER_PNEUMOCYSTIS_PROPHYLAXIS.alert(reasons=", ".join(reasons))


def prophylaxis_reasons(record: Record, day: date) -> tuple[Reason, ...]:
    """Return the reasons to consider prophylaxis on a day.

    Empty if sirolimus is not given on that day, or if co-trimoxazole or pentamidine is.
    """
    history = TreatmentHistory.of(record)
    current = history.periods_on(day)
    given = [(drug, each.since) for each in history.drugs_on(day) for drug in each.known]
    if not current or any(drug.is_pneumocystis_prophylaxis for drug, _ in given):
        return ()
    steroids = (Reason("steroids", since) for drug, since in given if drug.is_steroid)
    high_targets = (
        Reason(f"a target of {each.prescription.entry.target}", each.since.local.date())
        for each in current
        if is_high_target(each.prescription.entry.target)
    )
    return (*_of_the_patient(record, day), *steroids, *high_targets)


def _of_the_patient(record: Record, day: date) -> Iterator[Reason]:
    born = record.patient.entry.born
    if Age.between(born, day).months < INFANCY_BELOW_MONTHS:
        yield Reason(f"under {INFANCY_BELOW_MONTHS} months of age", born)
    for event in record.active(AdverseEvent):
        term, ending = known_term(event.entry.term), event.ending
        last = ending.entry.on if ending else None
        goes_on = event.entry.since <= day and (last is None or day <= last)
        if term and term.name == "lymphopenia" and goes_on:
            yield Reason("lymphopenia", event.entry.since)
    if any(_is_lymphocytes(find_test(e.entry.test)) for e in record.active(LaboratoryValue)):
        yield from _low_lymphocytes(record, day)


def _low_lymphocytes(record: Record, day: date) -> Iterator[Reason]:
    counts = [
        each
        for each in assess_laboratory(record)
        if each.value.is_active
        and _is_lymphocytes(each.test)
        and each.value.entry.at.local.date() <= day
    ]
    if counts and counts[-1].grade:
        yield Reason("lymphopenia", counts[-1].value.entry.at.local.date())


def _is_lymphocytes(test: LaboratoryTest | None) -> bool:
    return test is not None and test.name == "lymphocytes"
