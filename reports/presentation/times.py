"""Days and times for people, beyond those of `monitoring.times.short`."""

from datetime import date

from dosing.quantities.formatting import short_date, short_time
from monitoring.times import Moment


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
