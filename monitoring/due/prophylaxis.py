"""Whether prophylaxis against Pneumocystis is to be thought about.

Reasons: clinical reference, section 8.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache

from dosing.interactions import find_drugs
from dosing.limits import INFANT_BELOW_MONTHS
from dosing.sources import PROPOSED
from monitoring.due.check import Check, Due
from monitoring.due.history import History, day_of
from monitoring.due.laboratory_checks import LYMPHOCYTES, test_called
from monitoring.due.schedule import HIGH_TARGET_ABOVE_NG_ML
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.note import Note
from monitoring.treatment import drugs_on

_PROPHYLAXIS_WORDS = ("prophylaxis", "pneumocystis")


def prophylaxis_review(history: History) -> Iterator[Due]:
    """Yield the review of prophylaxis where there is a reason for it and nobody wrote of it since.

    A drug against Pneumocystis settles it, or a note that names it or the word prophylaxis.
    """
    drugs = [each.entry for each in drugs_on(history.record, history.today)]
    if any(_is_prophylaxis(each.drug) for each in drugs):
        return
    steroids = [each.since for each in drugs if _is_steroid(each.drug)]
    reasons = tuple(_reasons(history, steroids))
    if not reasons:
        return
    since = max(day for _, day, _ in reasons)
    if any(
        since <= each.entry.on <= history.today
        and any(word in each.entry.text.casefold() for word in _PROPHYLAXIS_WORDS)
        for each in history.record.standing(Note)
    ):
        return
    why = f"against Pneumocystis, to consider for {', '.join(name for name, _, _ in reasons)}"
    days = history.schedule.prophylaxis.after(since)
    yield history.due(Check.PROPHYLAXIS, "review of prophylaxis", days, why, reasons[0][2])


def _reasons(history: History, steroids: list[date]) -> Iterator[tuple[str, date, str]]:
    """Yield each reason for prophylaxis, since when, and its source."""
    start, case = history.start, "authorea668195"
    if history.age.months < INFANT_BELOW_MONTHS:
        yield "an age under 2 years", start, case
    if steroids:
        yield "steroids", max(start, min(steroids)), case
    if history.course.prescription.entry.target.high_ng_ml > HIGH_TARGET_ABOVE_NG_ML:
        yield (
            f"a target above {HIGH_TARGET_ABOVE_NG_ML} ng/mL",
            day_of(history.course.since),
            PROPOSED,
        )
    low = _lymphopenia(history)
    if low:
        yield "low lymphocytes", max(start, low), PROPOSED


def _lymphopenia(history: History) -> date | None:
    """Return the day of the last lymphocyte count where it is below its laboratory's limit."""
    counts = (
        each
        for each in history.record.standing(LaboratoryValue)
        if test_called(each.entry.test) == LYMPHOCYTES and each.entry.at <= history.now
    )
    last = max(counts, key=lambda each: (each.entry.at, each.number), default=None)
    if last is None or last.entry.lower_limit is None:
        return None
    return (
        day_of(last.entry.at) if last.entry.value.number < last.entry.lower_limit.number else None
    )


@cache
def _is_prophylaxis(drug: str) -> bool:
    return any(each.is_pneumocystis_prophylaxis for each in find_drugs(drug))


@cache
def _is_steroid(drug: str) -> bool:
    return any(each.is_steroid for each in find_drugs(drug))
