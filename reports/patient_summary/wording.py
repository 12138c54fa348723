"""Times and remarks of a patient's record on the page."""

from monitoring.record.entries import Kind, StoredEntry
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from reports.presentation import times


def clock(moment: Moment, summary: PatientSummary) -> str:
    """Return a time for a reader in the zone of the summary; see `times.clock`."""
    return times.clock(moment, summary.made.zone)


def about_void(recorded: StoredEntry[Kind], summary: PatientSummary) -> tuple[str, ...]:
    """Return the reason, the author and the time of a void, if any."""
    void = recorded.void
    if void is None:
        return ()
    return (f"Voided: {void.entry.reason} ({void.author.by}, {clock(void.author.at, summary)})",)


def labelled(**texts: str) -> tuple[str, ...]:
    """Return the texts that are not empty, each after its name.

    >>> labelled(Reason="too high", Remark="")
    ('Reason: too high',)
    """
    return tuple(f"{name}: {text}" for name, text in texts.items() if text)
