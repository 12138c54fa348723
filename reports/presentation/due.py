"""Due checks in words, for screen and paper; checks of the same days and reason together."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of, short_date

if TYPE_CHECKING:
    from monitoring.due import Due


def together(checks: "Iterable[Due]") -> "tuple[tuple[Due, ...], ...]":
    """Return the checks in groups of the same days, reason and source, in their order."""
    return _grouped(
        checks, lambda each: (each.since, each.until, each.why, each.source, each.urgency)
    )


def of_same_days(checks: "Iterable[Due]") -> "tuple[tuple[Due, ...], ...]":
    """Return the checks in groups of the same days, whatever their reasons, in their order."""
    return _grouped(checks, lambda each: (each.since, each.until, each.urgency))


def _grouped(
    checks: "Iterable[Due]", key: "Callable[[Due], tuple[object, ...]]"
) -> "tuple[tuple[Due, ...], ...]":
    alike: dict[tuple[object, ...], list[Due]] = {}
    for each in checks:
        alike.setdefault(key(each), []).append(each)
    return tuple(map(tuple, alike.values()))


def what(group: "Iterable[Due]") -> str:
    """Return the names of the checks, as the beginning of a sentence."""
    names = ", ".join(each.what for each in group)
    return f"{names[0].upper()}{names[1:]}"


def days(check: "Due") -> str:
    """Return the days on which a check is due."""
    if check.since == check.until:
        return short_date(check.since)
    return f"{short_date(check.since)} to {short_date(check.until)}"


def when(check: "Due") -> str:
    """Return that a check is urgent, overdue, due or due later."""
    overdue = f"overdue {count_of(check.overdue_days, 'day')}" if check.overdue_days else ""
    if check.is_urgent:
        return f"urgent, {overdue}" if overdue else "urgent"
    return overdue or ("due" if check.is_open else "later")


def from_when(check: "Due") -> str:
    """Return that a check is urgent, overdue or due, or the day from which it will be."""
    return when(check) if check.is_now else f"from {short_date(check.since)}"


def how_many(checks: "Iterable[Due]") -> str:
    """Return the number of urgent checks, else of overdue ones, else of due ones, or nothing.

    >>> how_many(())
    ''
    """
    found = tuple(checks)
    urgent = sum(1 for each in found if each.is_urgent)
    if urgent:
        return f"{urgent} urgent"
    overdue = sum(1 for each in found if each.overdue_days)
    if overdue:
        return f"{overdue} overdue"
    open_now = sum(1 for each in found if each.is_open)
    return f"{open_now} due" if open_now else ""
