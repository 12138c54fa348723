"""Days and times as laboratories write them, read by a declared order of day and month."""

import re
from datetime import date, datetime, time
from enum import Enum

from dosing import ReadingError, read_date
from dosing.quantities.text import quoted
from monitoring.times import Moment


class DateOrder(Enum):
    """In which order a day is written: 2026-04-03, 03/04/2026 or 04/03/2026 for 3 April."""

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
    """Return the day that `text` states; year-month-day is read in every order.

    Raises `ReadingError` for another order than the declared one, and for a year of two digits.
    """
    stripped = text.strip(" \t")
    if _ISO_DAY.fullmatch(stripped):
        return read_date(stripped)
    parts = _DAY.fullmatch(stripped)
    if parts is None:
        raise ReadingError(
            f"{quoted(text)} is not a date with a year of four digits, such as 2026-04-03."
        )
    if order is None:
        raise ReadingError(
            f"{quoted(text)} can be read as day-month or month-day: state date_order in the "
            "mapping."
        )
    if order is DateOrder.ISO:
        raise ReadingError(
            f"{quoted(text)} is not written year-month-day, which is the mapping's date_order."
        )
    first, _, second, year = parts.groups()
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ReadingError(
            f"{quoted(text)} is not a day of the calendar in the mapping's date_order, "
            f"{order.value}."
        ) from None


def read_clock(text: str) -> time:
    """Return the time of day that `text` states: 24 hours, or 12 with AM or PM.

    >>> read_clock("8:05"), read_clock("12:30 AM"), read_clock("2:30 PM")
    (datetime.time(8, 5), datetime.time(0, 30), datetime.time(14, 30))
    """
    written = _NO_FRACTION.sub(r"\1", text.strip(" \t")).upper()
    if parts := _HOURS_OF_12.fullmatch(written):
        hour = int(parts[1]) % 12 + (12 if parts[4] == "P" else 0)
    elif parts := _HOURS_OF_24.fullmatch(written):
        hour = int(parts[1])
    else:
        raise ReadingError(f"{quoted(text)} is not a time of day, such as 08:05.")
    return time(hour, int(parts[2]), int(parts[3] or 0))


def read_instant(text: str, order: DateOrder | None, zone: str) -> Moment:
    """Return the moment of a day and a time of day in one text.

    Raises `ReadingError` where the time of day is missing, and as `Moment.of_local` does.
    """
    stripped = _NO_FRACTION.sub(r"\1", text.strip(" \t"))
    if _WITH_OFFSET.fullmatch(stripped):
        return Moment.read(stripped, zone)
    parts = _DAY_THEN_CLOCK.fullmatch(stripped)
    if parts is None:
        day = read_day(stripped, order)
        raise ReadingError(f"{quoted(text)} has no time of day: {day} alone is not enough.")
    return join(read_day(parts["day"], order), read_clock(parts["clock"]), zone)


def join(day: date, clock: time, zone: str) -> Moment:
    """Return the moment at which the clocks of `zone` show this day and time."""
    return Moment.of_local(datetime.combine(day, clock), zone)
