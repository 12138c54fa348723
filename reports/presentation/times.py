"""Days and times for people: short, and with the offset where they are ambiguous."""

from datetime import date

from dosing.quantities.formatting import short_date, short_time
from monitoring.times import Moment


def clock(moment: Moment, zone: str) -> str:
    """Return a time by its own clocks for a reader in `zone`, with the offset where that differs.

    The offset is shown in another zone, and in the hour that the clocks showed twice.

    >>> sampled = Moment.read("2026-11-05T08:00", "America/New_York")
    >>> clock(sampled, "America/New_York"), clock(sampled, "Europe/Paris")
    ('5 Nov 2026, 08:00', '5 Nov 2026, 08:00 (-0500)')
    """
    local = moment.local
    came_twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    return short_time(local) if moment.zone == zone and not came_twice else clock_anywhere(moment)


def clock_anywhere(moment: Moment) -> str:
    """Return a time with its offset, for a reader in any zone."""
    return f"{short_time(moment.local)} ({moment.local:%z})"


def day_of(moment: Moment) -> str:
    """Return the day of a moment by its own clocks."""
    return short_date(moment.local.date())


def span(since: date | str, until: date | str | None) -> str:
    """Return the beginning and the end of a time; a day in short form, a text unchanged.

    >>> span(date(2026, 11, 5), None)
    'from 5 Nov 2026'
    """
    first = _shown(since)
    return f"from {first}" if until is None else f"{first} to {_shown(until)}"


def _shown(day: date | str) -> str:
    return day if isinstance(day, str) else short_date(day)
