"""Times, ends and marks as they are written on the page."""

from datetime import date

from monitoring.record.entries import Kind, Recorded
from monitoring.summary import PatientSummary
from monitoring.times import Moment


def clock(moment: Moment, summary: PatientSummary) -> str:
    """Return a time by its own clocks; with the offset where that could be mistaken.

    That is in another zone than the summary's, and in the hour that the clocks showed twice.
    """
    local = moment.local
    written = f"{local:%Y-%m-%d %H:%M}"
    came_twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    if moment.zone == summary.made.zone and not came_twice:
        return written
    return f"{written} ({local:%z})"


def span(since: date | str, until: date | str | None) -> str:
    """Return from when to when.

    >>> span(date(2026, 11, 5), None)
    'from 2026-11-05'
    """
    return f"from {since}" if until is None else f"{since} to {until}"


def about_void(recorded: Recorded[Kind], summary: PatientSummary) -> tuple[str, ...]:
    """Return why, by whom and when an entry was voided; nothing where it stands."""
    void = recorded.void
    if void is None:
        return ()
    return (f"Voided: {void.entry.reason} ({void.author.by}, {clock(void.author.at, summary)})",)


def labelled(**texts: str) -> tuple[str, ...]:
    """Return the texts that are not empty, each behind its name.

    >>> labelled(Reason="too high", Remark="")
    ('Reason: too high',)
    """
    return tuple(f"{name}: {text}" for name, text in texts.items() if text)
