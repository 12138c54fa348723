"""The trough: a sample taken close to the next dose."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, overload

from dosing.knowledge.tdm_rules import TROUGH_WINDOW

if TYPE_CHECKING:
    from monitoring.levels.timeline import Real, Truth, Whole

Time = TypeVar("Time", float, timedelta, "Real")


def trough_window(interval: Time) -> tuple[Time, Time]:
    """Return the first and last time after a dose at which a sample is a trough; number or column.

    >>> trough_window(12.0), trough_window(24.0)
    ((10.0, 14.0), (20.0, 28.0))
    """
    slack = interval * TROUGH_WINDOW.value / 12
    return interval - slack, interval + slack


@overload
def is_trough(since_dose: timedelta, interval: timedelta) -> bool: ...
@overload
def is_trough(since_dose: "Whole", interval: "Whole") -> "Truth": ...
def is_trough(since_dose: Any, interval: Any) -> Any:
    """Return whether a sample is a trough, by the time since the dose and the interval.

    >>> every = timedelta(hours=12)
    >>> [is_trough(timedelta(hours=hours), every) for hours in (9.9, 10, 14, 14.1)]
    [False, True, True, False]
    """
    first, last = trough_window(interval)
    return (first <= since_dose) & (since_dose <= last)
