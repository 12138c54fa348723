"""An assessed level in plain words, with a sign that is readable without colour."""

from dosing.quantities.formatting import duration, four_digits
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.record.level import Comparator, Level, comparator_sign, written
from monitoring.terms import Status

SIGNS = {Status.BELOW: "▼", Status.WITHIN: "●", Status.ABOVE: "▲"}
"""The sign of each status, readable without colour."""
_TROUGH = {True: "a trough", False: "not a trough", None: "possibly not a trough"}
_AFTER_HOLD = "not at steady state (doses were held shortly before)"
_STEADY = {
    True: "at steady state",
    False: "not at steady state",
    None: "possibly not yet at steady state",
}


NG_PER_ML = "ng/mL"


def in_ng_per_ml(level: Level) -> str:
    """Return a level in ng/mL, as targets are written; one of another unit also as reported.

    >>> from monitoring.record.level import read_level
    >>> from monitoring.times import Moment
    >>> value, comparator = read_level("<2.0 ug/L")
    >>> in_ng_per_ml(Level(sampled=Moment.read("2026-11-05T08:00", "UTC"), value=value,
    ...                    comparator=comparator))
    '<2.0 ng/mL (reported as <2.0 ug/L)'
    """
    if level.value.unit == NG_PER_ML:
        return str(level)
    return f"{number_in_ng_per_ml(level)} {NG_PER_ML} (reported as {level})"


def number_in_ng_per_ml(level: Level) -> str:
    """Return the number of a level in ng/mL with its comparator: as reported where it is the same.

    >>> from monitoring.record.level import read_level
    >>> from monitoring.times import Moment
    >>> value, comparator = read_level("<2.0 ug/L")
    >>> number_in_ng_per_ml(Level(sampled=Moment.read("2026-11-05T08:00", "UTC"), value=value,
    ...                           comparator=comparator))
    '<2.0'
    """
    is_same = level.value.value == level.value.number
    number = f"{level.value.number:f}" if is_same else four_digits(level.value.value)
    return f"{comparator_sign(level.comparator)}{number}"


def mark(assessed: LevelAssessment) -> str:
    """Return the sign of a level and its word: above, below, within, or not evaluable."""
    if not assessed.level.is_active:
        return "○ voided"
    if assessed.is_excluded:
        return "○ excluded"
    if not assessed.is_evaluable:
        return "○ not evaluable"
    word = assessed.status.value
    if assessed.level.entry.comparator is Comparator.BELOW and assessed.status is Status.BELOW:
        return f"◇ {word}, censored"
    return f"{SIGNS[assessed.status]} {word}"


def place(assessed: LevelAssessment) -> str:
    """Return the status with the target, or the reason why it was not assessed."""
    if assessed.is_excluded:
        return f"not assessed: {cause(assessed)}"
    target = f"the target ({assessed.target})"
    if assessed.target is None:
        return "not assessed: no dose at that time"
    if assessed.status is Status.NOT_ASSESSED:
        return f"not assessed against {target}"
    return f"{assessed.status.value} {target}"


def cause(assessed: LevelAssessment) -> str | None:
    """Return the cause recorded for a level, with its remark; None without one."""
    if assessed.cause is None:
        return None
    answer = assessed.cause.entry
    words = answer.cause.value.replace("-", " ")
    return f"{words} ({answer.text})" if answer.text else words


def since_last_dose(assessed: LevelAssessment) -> str | None:
    """Return the time since the last dose, marked where that dose is assumed; None if unknown."""
    hours = assessed.hours_since_last_dose
    if hours is None:
        return None
    return f"{duration(hours)}{assumed_mark(assessed.level.entry)}"


def assumed_mark(level: Level) -> str:
    """Return the mark after a time of a last dose that the schedule supposed; else nothing."""
    return " (assumed)" if level.last_dose_assumed else ""


def timing(assessed: LevelAssessment) -> str:
    """Return trough and steady state in words, with the times on which they are based."""
    hours, days = assessed.hours_since_last_dose, assessed.days_since_change
    assumed = ", assumed" if assessed.level.entry.last_dose_assumed else ""
    assumed += ", in question" if assessed.is_in_question else ""
    after = "" if hours is None else f" ({duration(hours)} after the dose{assumed})"
    trough = f"{_TROUGH[assessed.is_trough]}{after}"
    if days is None:
        return trough
    if assessed.is_after_hold:
        return f"{trough}, {_AFTER_HOLD}"
    return f"{trough}, {_STEADY[assessed.steady_state]} ({duration(days * 24)} after the change)"


def change(assessed: LevelAssessment) -> str | None:
    """Return the change from the last evaluable level of its assay, or None."""
    percent = assessed.change_percent
    return (
        None
        if percent is None
        else f"{percent:+.0f} % from the last evaluable level of this assay".replace("-", "−")
    )


def meaning(assessed: LevelAssessment) -> tuple[str, ...]:
    """Return the assessment in two lines."""
    first = f"{mark(assessed)}: {written(assessed.level.entry)} is {place(assessed)}."
    return first, f"It is {timing(assessed)}."
