"""The last dose of a level beside the doses that the record says were not given."""

from collections.abc import Iterator

from dosing.knowledge.tdm_rules import FAR_TOO_EARLY
from dosing.quantities.text import shortened
from monitoring.record.level import Level
from monitoring.times import short
from monitoring.treatment import OmittedDoses, TreatmentHistory

_HOURS_PER_DAY = 24


def last_dose_conflict(history: TreatmentHistory, level: Level) -> str | None:
    """Return what in the record contradicts the last dose of a level, in words; None if it fits.

    It is so in a hold, at the time of a missed dose, and after the day of an adverse event that
    says "held" or "stopped" where nothing answers it. An assumed last dose is contradicted too.
    """
    last = level.last_dose
    if last is None:
        return None
    omitted = history.omission_at(last)
    if omitted is not None:
        until = f" to {short(omitted.until)}" if omitted.until else ""
        in_hold = f"in the hold from {short(omitted.at)}{until}"
        return "recorded as missed" if omitted.is_one_dose else in_hold
    for event in history.unanswered_events(level.sampled) if history.may_be_unanswered else ():
        if event.entry.since < last.local.date():
            term, day = shortened(event.entry.term), short(event.entry.since)
            return f"after {term} of {day}, for which sirolimus was {event.entry.action.value}"
    return None


def held_shortly_before(history: TreatmentHistory, level: Level) -> Iterator[OmittedDoses]:
    """Yield the holds within `FAR_TOO_EARLY` before a sample, of which its last dose is not before.

    Such a level does not reflect the dose. Without a known last dose every such hold counts.
    """
    for each in history.holds:
        last = min(each.until or level.sampled, level.sampled)
        is_late = level.sampled.hours_since(last) < FAR_TOO_EARLY.value * _HOURS_PER_DAY
        if each.at < level.reflects_until and each.at < level.sampled and is_late:
            yield each
