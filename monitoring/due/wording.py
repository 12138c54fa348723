"""What is due in plain words, for screen and paper; checks of the same days and reason together."""

from collections.abc import Iterable

from monitoring.due.check import Due


def together(checks: Iterable[Due]) -> tuple[tuple[Due, ...], ...]:
    """Return the checks in groups of the same days, reason and source, in their order."""
    alike: dict[tuple[object, ...], list[Due]] = {}
    for each in checks:
        alike.setdefault((each.since, each.until, each.why, each.source), []).append(each)
    return tuple(map(tuple, alike.values()))


def what(group: Iterable[Due]) -> str:
    """Return what is to be checked, as the beginning of a sentence."""
    names = ", ".join(each.what for each in group)
    return f"{names[0].upper()}{names[1:]}"


def days(check: Due) -> str:
    """Return from which to which day it is to be made."""
    return str(check.since) if check.since == check.until else f"{check.since} to {check.until}"


def when(check: Due) -> str:
    """Return whether it is overdue, due or due later."""
    if check.overdue_days:
        return f"overdue {check.overdue_days} day{'s' if check.overdue_days > 1 else ''}"
    return "due" if check.is_open else "later"
