"""Parsing of laboratories' dates and times, by a declared order of day and month."""

import re
from datetime import date, datetime, time
from enum import Enum

from dosing import ReadingError, read_date
from dosing.quantities.text import quoted
from monitoring.times import Moment


class DateOrder(Enum):
    """The order of a date: 2026-04-03, 03/04/2026 or 04/03/2026 for 3 April."""

    ISO = "iso"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_HOURS_OF_24 = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_HOURS_OF_12 = re.compile(r"(0?[1-9]|1[0-2]):([0-5][0-9])(?::([0-5][0-9]))? ?([AP])M")
_NO_FRACTION = re.compile(r"(:[0-9]{2})\.0+(?![0-9])")
_WITH_OFFSET = re.compile(r"[0-9-]{10}[T ][0-9:]{5,8}(?:Z|[+-][0-9]{2}:[0-9]{2})")
_DAY_THEN_CLOCK = re.compile(r"(?P<day>[^T ,]+)[T ,] *(?P<clock>.+)")


def read_day(text: str, order: DateOrder | None) -> date:
    """Return the day of `text`; year-month-day is accepted in every order.

    Raises `ReadingError` for another order than the declared one, and for a year of two digits.
    """
    stripped = text.strip(" \t")
    if _ISO_DAY.fullmatch(stripped):
        return read_date(stripped)
    parts = _DAY.fullmatch(stripped)
    if parts is None:
        raise ReadingError(
            f"{quoted(text)} is not a valid date. Write it with four digits for the year, as in "
            "2026-04-03."
        )
    if order is None:
        raise ReadingError(
            f"{quoted(text)} is day-month or month-day. State date_order in the mapping."
        )
    if order is DateOrder.ISO:
        raise ReadingError(
            f"{quoted(text)} is not year-month-day. Check date_order in the mapping."
        )
    first, _, second, year = parts.groups()
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ReadingError(
            f"{quoted(text)} is not in the calendar by the mapping's date_order, {order.value}. "
            "Check both."
        ) from None


def read_clock(text: str) -> time:
    """Return the time of day of `text`: 24 hours, or 12 with AM or PM.

    >>> read_clock("8:05"), read_clock("12:30 AM"), read_clock("2:30 PM")
    (datetime.time(8, 5), datetime.time(0, 30), datetime.time(14, 30))
    """
    clock = _NO_FRACTION.sub(r"\1", text.strip(" \t")).upper()
    if parts := _HOURS_OF_12.fullmatch(clock):
        hour = int(parts[1]) % 12 + (12 if parts[4] == "P" else 0)
    elif parts := _HOURS_OF_24.fullmatch(clock):
        hour = int(parts[1])
    else:
        raise ReadingError(f"{quoted(text)} is not a time of day. Write it as in 08:05.")
    return time(hour, int(parts[2]), int(parts[3] or 0))


def read_instant(text: str, order: DateOrder | None, zone: str) -> Moment:
    """Return the moment of a date and a time of day in one text.

    Raises `ReadingError` without a time of day, and the errors of `Moment.of_local`.
    """
    stripped = _NO_FRACTION.sub(r"\1", text.strip(" \t"))
    if _WITH_OFFSET.fullmatch(stripped):
        return Moment.read(stripped, zone)
    parts = _DAY_THEN_CLOCK.fullmatch(stripped)
    if parts is None:
        read_day(stripped, order)
        raise ReadingError(f"{quoted(text)} has no time of day. Add it, as in 08:05.")
    return join(read_day(parts["day"], order), read_clock(parts["clock"]), zone)


def join(day: date, clock: time, zone: str) -> Moment:
    """Return the moment of this local day and time in `zone`."""
    return Moment.of_local(datetime.combine(day, clock), zone)
