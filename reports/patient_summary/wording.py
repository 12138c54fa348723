"""Remarks of a patient's record on the page."""

from collections.abc import Callable, Iterable
from typing import Any

from monitoring.record.entries import Kind, StoredEntry
from monitoring.summary import PatientSummary
from monitoring.times import short


def about_void(recorded: StoredEntry[Kind], summary: PatientSummary) -> tuple[str, ...]:
    """Return the reason, the author and the time of a void, if any."""
    void = recorded.void
    if void is None:
        return ()
    when = short(void.author.at, summary.made.zone)
    return (f"Voided: {void.entry.reason} ({void.author.by}, {when})",)


def newest_first(
    recorded: Iterable[StoredEntry[Kind]], key: Callable[[Kind], Any]
) -> list[StoredEntry[Kind]]:
    """Return entries by a time or day of theirs, the newest first."""
    return sorted(recorded, key=lambda each: (key(each.entry), each.number), reverse=True)


def labelled(**texts: str) -> tuple[str, ...]:
    """Return the texts that are not empty, each after its name.

    >>> labelled(Reason="too high", Remark="")
    ('Reason: too high',)
    """
    return tuple(f"{name}: {text}" for name, text in texts.items() if text)
