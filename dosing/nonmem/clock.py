"""The time of a row: hours, a clock time, and a date in the order that its column's name means.

As in NM-TRAN: DATE is month, day, year; DAT1 day, month, year; DAT2 year, month, day; DAT3 year,
day, month; a date of one number is a day. TIME is then the hour of that day. A date elsewhere, as
in TIME, is refused: its order is unknown. Clock times are those of one clock: a change to summer
time is not known.
"""

import re
from datetime import date
from functools import lru_cache

from dosing.errors import ReadingError

_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?")
_DATE = re.compile(r"([0-9]{1,4})[-/.]([0-9]{1,4})[-/.]([0-9]{1,4})")
_DAY = re.compile(r"[+-]?[0-9]{1,5}(?:\.0*)?")
_ORDER = {"DATE": "mdy", "DAT1": "dmy", "DAT2": "ymd", "DAT3": "ydm"}
_WORDS = {
    "DATE": "month-day-year",
    "DAT1": "day-month-year",
    "DAT2": "year-month-day",
    "DAT3": "year-day-month",
}
_LAST_OF_2000 = 50
"""NM-TRAN's LAST20: a year of two digits up to it is of this century."""


def clock_hours(text: str) -> float | None:
    """Return the hours of a clock time HH:MM or HH:MM:SS, or None for another text.

    >>> clock_hours("8:30"), clock_hours("26:15:36"), clock_hours("8.5")
    (8.5, 26.26, None)
    """
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return hours + (60 * minutes + seconds) / 3600


@lru_cache(maxsize=10_000)  # many rows have a date in common
def day_of(text: str, column: str) -> int:
    """Return the number of a day, by the order that the name of its column means.

    Raises `ReadingError` for a text that is not a date in that order.

    >>> day_of("10-2-86", "DATE") - day_of("10/1/1986", "DATE"), day_of("-3", "DAT1")
    (1, -3)
    """
    if _DAY.fullmatch(text):
        return int(float(text))
    found = _DATE.fullmatch(text)
    if not found:
        raise ReadingError(f"it is neither the number of a day nor a date, {_WORDS[column]}")
    parts = dict(zip(_ORDER[column], found.groups(), strict=True))
    if len(parts["m"]) > 2 or len(parts["d"]) > 2 or len(parts["y"]) == 3:
        raise ReadingError(_not_in_order(column))
    year = int(parts["y"])
    if len(parts["y"]) <= 2:
        year += 2000 if year <= _LAST_OF_2000 else 1900
    try:
        return date(year, int(parts["m"]), int(parts["d"])).toordinal()
    except ValueError:
        raise ReadingError(_not_in_order(column)) from None


def _not_in_order(column: str) -> str:
    others = ", ".join(f"{name} {words}" for name, words in _WORDS.items() if name != column)
    return f"{column} is {_WORDS[column]}. Name the column by its order: {others}"
