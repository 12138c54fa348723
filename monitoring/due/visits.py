"""When weight and response are due."""

from dosing.knowledge.limits import INFANT_BELOW_MONTHS
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from dosing.quantities.formatting import short_date
from monitoring.due.check import Check, Due
from monitoring.due.context import DueContext
from monitoring.record.response import Response
from monitoring.treatment import TreatmentHistory


def weight_check(history: DueContext) -> Due:
    """Return the next weighing, by the age of today."""
    months = history.age.months
    if months < INFANT_BELOW_MONTHS:
        whom, rhythm = "an infant", history.schedule.weight_of_infant
    elif months < ADULT_FROM_MONTHS:
        whom, rhythm = "a child", history.schedule.weight_of_child
    else:
        whom, rhythm = "an adult", history.schedule.weight_of_adult
    weighed = TreatmentHistory.of(history.record).weight_on(history.today)
    last = weighed.entry.on if weighed else None
    days = rhythm.next_after(last, history.start) if last else (history.start, history.start)
    told = f"last on {short_date(last)}" if last else "none yet"
    why = f"{rhythm} in {whom}; {told}"
    return history.due(Check.WEIGHT, "weight", days, why, rhythm.source)


def response_check(history: DueContext) -> Due:
    """Return the next assessment of the response."""
    assessed = (
        each.entry.on
        for each in history.record.active(Response)
        if history.start <= each.entry.on <= history.today
    )
    last = max(assessed, default=None)
    if last is None:
        window = history.schedule.first_response
        days, source = window.after(history.start), window.source
        why = f"{window} after the first dose on {short_date(history.start)}; none yet"
    else:
        rhythm = history.schedule.response
        days, source = rhythm.next_after(last, history.start), rhythm.source
        why = f"{rhythm}; last on {short_date(last)}"
    return history.due(Check.RESPONSE, "assessment of the response", days, why, source)
