"""What an assessed level says in plain words, with a sign that needs no colour."""

from dosing import plain
from monitoring.levels.level_assessment import LevelAssessment, Status
from monitoring.record.level import Comparator, Level

_SIGNS = {Status.BELOW: "▼", Status.WITHIN: "●", Status.ABOVE: "▲"}
_TROUGH = {True: "a trough", False: "not a trough", None: "perhaps not a trough"}
_CLOCK = ((3600, "h"), (60, "min"), (1, "s"))
_STEADY = {
    True: "at steady state",
    False: "not at steady state",
    None: "perhaps not at steady state yet",
}


def mark(assessed: LevelAssessment) -> str:
    """Return the sign of a level and its word: above, below, within, or that it does not count."""
    if not assessed.level.stands:
        return "○ voided"
    if not assessed.counts:
        return "○ does not count"
    word = assessed.status.value
    if assessed.level.entry.comparator is Comparator.BELOW and assessed.status is Status.BELOW:
        return f"◇ {word}, censored"
    return f"{_SIGNS[assessed.status]} {word}"


def place(assessed: LevelAssessment) -> str:
    """Return where the level lies, or that it was not assessed."""
    target = f"the target ({assessed.target})"
    if assessed.target is None:
        return "not assessed: no dose in force"
    if assessed.status is Status.NOT_ASSESSED:
        return f"not assessed against {target}"
    return f"{assessed.status.value} {target}"


def timing(assessed: LevelAssessment) -> str:
    """Return whether it is a trough and at steady state, with the times by which that is known."""
    hours, days = assessed.hours_since_last_dose, assessed.days_since_change
    after = "" if hours is None else f" ({duration(hours)} after the dose)"
    trough = f"{_TROUGH[assessed.is_trough]}{after}"
    if days is None:
        return trough
    return f"{trough}, {_STEADY[assessed.steady_state]} ({duration(days * 24)} after the change)"


def change(assessed: LevelAssessment) -> str | None:
    """Return by how much it differs from the last level, or None."""
    percent = assessed.change_percent
    return (
        None
        if percent is None
        else f"{percent:+.0f} % against the last of its assay".replace("-", "−")
    )


def written(level: Level) -> str:
    """Return the level as it was reported, and in ng/mL where that is another figure.

    >>> from monitoring.record.level import read_level
    >>> from monitoring.times import Moment
    >>> value, _ = read_level("16.40 nmol/L")
    >>> written(Level(sampled=Moment.read("2026-11-05T08:00", "UTC"), value=value))
    '16.40 nmol/L (14.9924 ng/mL)'
    """
    ng_ml = level.value.value
    return str(level) if ng_ml == level.value.number else f"{level} ({plain(ng_ml, 4)} ng/mL)"


def meaning(assessed: LevelAssessment) -> tuple[str, ...]:
    """Return what the level means, in one or two lines."""
    first = f"{mark(assessed)}: {written(assessed.level.entry)} is {place(assessed)}."
    return first, f"It is {timing(assessed)}."


def duration(hours: float) -> str:
    """Return a time, to the second below three days and in whole hours passed from then on.

    So it shows on which side of a limit it lies.

    >>> duration(11.75), duration(14 + 1 / 3600), duration(167.9997), duration(72)
    ('11 h 45 min', '14 h 1 s', '6 d 23 h', '3 d')
    """
    seconds = round(hours * 3600)
    units = ((86400, "d"), (3600, "h")) if seconds >= 3 * 86400 else _CLOCK
    parts = []
    for unit_s, unit in units:
        number, seconds = divmod(seconds, unit_s)
        parts.append(f"{number} {unit}" if number else "")
    return " ".join(filter(None, parts)) or "0 h"
