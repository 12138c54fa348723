"""Prophylaxis against Pneumocystis: the reasons on a day, each strong or soft.

A strong reason is due until it is settled; a soft one is shown once and is never overdue. The rules
and their sources: `dosing/knowledge/prophylaxis.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dosing import Age, Alert
from dosing.knowledge.alert_catalogue import (
    ADVISE_PROPHYLAXIS_IN_LYMPHOPENIA,
    ADVISE_PROPHYLAXIS_ON_STEROIDS,
    CONSIDER_PNEUMOCYSTIS_PROPHYLAXIS,
)
from dosing.knowledge.prophylaxis import (
    HIGH_TARGET,
    INFANCY,
    INFANT_ON_STEROIDS,
    LYMPHOPENIA,
    STEROIDS,
    ProphylaxisReason,
    is_high_target,
    is_infant,
)
from monitoring.adverse_events.finder import known_term
from monitoring.laboratory.assessment import assess_laboratory
from monitoring.laboratory.tests import LaboratoryTest, find_test
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.treatment import TreatmentHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason to consider prophylaxis, its rule and its first day.

    A strong reason asks for a decision; a soft one is shown once and never becomes overdue.
    """

    words: str
    since: date
    rule: ProphylaxisReason

    @property
    def strong(self) -> bool:
        """True if the reason asks for a decision."""
        return self.rule.strong

    @property
    def source(self) -> str:
        """The source of its rule."""
        return self.rule.source


def consider_prophylaxis(record: Record, day: date) -> Alert | None:
    """Return the alert about prophylaxis against Pneumocystis, or None without a reason.

    The strongest reason gives the alert, which names all of them.
    """
    reasons = prophylaxis_reasons(record, day)
    if not reasons:
        return None
    rules = {reason.rule for reason in reasons}
    words = ", ".join(dict.fromkeys(reason.words for reason in reasons))
    if INFANT_ON_STEROIDS in rules:
        return ADVISE_PROPHYLAXIS_ON_STEROIDS.alert(reasons=words)
    if LYMPHOPENIA in rules:
        return ADVISE_PROPHYLAXIS_IN_LYMPHOPENIA.alert(reasons=words)
    return CONSIDER_PNEUMOCYSTIS_PROPHYLAXIS.alert(reasons=words)


def prophylaxis_reasons(record: Record, day: date) -> tuple[Reason, ...]:
    """Return the reasons to consider prophylaxis on a day.

    Empty if sirolimus is not given on that day, or if co-trimoxazole or pentamidine is.
    """
    history = TreatmentHistory.of(record)
    current = history.periods_on(day)
    given = [(drug, each.since) for each in history.drugs_on(day) for drug in each.known]
    if not current or any(drug.is_pneumocystis_prophylaxis for drug, _ in given):
        return ()
    infancy = is_infant(Age.between(record.patient.entry.born, day).months)
    on_steroids = INFANT_ON_STEROIDS if infancy else STEROIDS
    steroids = (
        Reason(words=STEROIDS.words, since=since, rule=on_steroids)
        for drug, since in given
        if drug.is_steroid
    )
    high_targets = (
        Reason(
            words=f"a target of {each.prescription.entry.target}",
            since=each.since.local.date(),
            rule=HIGH_TARGET,
        )
        for each in current
        if is_high_target(each.prescription.entry.target)
    )
    return (*_of_the_patient(record, day, infancy=infancy), *steroids, *high_targets)


def _lymphopenia(since: date) -> Reason:
    return Reason(words=LYMPHOPENIA.words, since=since, rule=LYMPHOPENIA)


def _of_the_patient(record: Record, day: date, *, infancy: bool) -> Iterator[Reason]:
    if infancy:
        yield Reason(words=INFANCY.words, since=record.patient.entry.born, rule=INFANCY)
    for event in record.active(AdverseEvent):
        term, ending = known_term(event.entry.term), event.ending
        last = ending.entry.on if ending else None
        goes_on = event.entry.since <= day and (last is None or day <= last)
        if term and term.name == LYMPHOPENIA.words and goes_on:
            yield _lymphopenia(event.entry.since)
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
        yield _lymphopenia(counts[-1].value.entry.at.local.date())


def _is_lymphocytes(test: LaboratoryTest | None) -> bool:
    return test is not None and test.name == "lymphocytes"
