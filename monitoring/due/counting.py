"""Which levels settle a check: troughs that were not taken too early."""

from monitoring.record.entries import Record
from monitoring.record.level import Level
from monitoring.treatment import course_at, last_change, loading_doses


def counting_levels(record: Record) -> frozenset[int]:
    """Return the numbers of the levels that count."""
    return frozenset(each.number for each in record.standing(Level) if _counts(record, each.entry))


def _counts(record: Record, level: Level) -> bool:
    if level.last_dose is None:
        return False
    then, now = course_at(record, level.last_dose), course_at(record, level.sampled)
    changed = last_change(record, level.sampled)
    if then is None or now is None or changed is None:
        return False
    interval = 24 / then.prescription.entry.times_a_day
    if abs(level.sampled.hours_since(level.last_dose) - interval) > interval / 6:
        return False
    loads = [
        each.entry.since for each in loading_doses(record) if each.entry.since <= level.sampled
    ]
    loaded = any(abs(load.hours_since(changed)) <= 24 for load in loads)
    days = level.sampled.hours_since(changed) / 24
    return days >= (3 if loaded else 7) and all(
        level.sampled.hours_since(load) / 24 >= 3 for load in loads
    )
