"""Parsing of dates and times as other systems write them.

A text with one reading is read, whatever its order and separators. A day such as 03/04/2026 needs
a declared order, and a day without a time of day is never a moment.
"""

import re
import unicodedata
from datetime import date, datetime, time
from enum import Enum

from dosing import ReadingError
from dosing.quantities.text import quoted
from monitoring.times import Moment


class DateOrder(Enum):
    """The order of a date: 2026-04-03, 03/04/2026 or 04/03/2026 for 3 April."""

    ISO = "iso"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


# Full names and abbreviations, by month: English, German, French, Spanish, Dutch, Italian; without
# accents. An abbreviation of two months, such as "jui" for juin and juillet, is in none.
_MONTHS = (
    "january januar janvier enero januari gennaio jan janv ene gen janner jaenner",
    "february februar fevrier febrero februari febbraio feb febr fev fevr",
    "march marz maerz mars marzo maart mar mrz mrt",
    "april avril abril aprile apr avr abr",
    "may mai mayo mei maggio mag",
    "june juni juin junio giugno jun giu",
    "july juli juillet julio luglio jul juil lug",
    "august aout agosto augustus aug ago aou",
    "september septembre septiembre setiembre settembre sep sept set",
    "october oktober octobre octubre ottobre oct okt ott",
    "november novembre noviembre nov",
    "december dezember decembre diciembre dicembre dec dez dic",
)
MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
"""The number of a month by its name."""

_LONGEST = 60
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2099  # of eight digits in a row
_YEAR_FIRST = re.compile(r"([0-9]{4})([./-])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_WORD = r"([^\W\d_]{3,12})\.?"
_NAMED = (  # the groups of year, month and day
    (re.compile(rf"([0-9]{{1,2}})(?:\.|er|º)?[ ./-]*(?:de )?{_WORD}[ ,./-]*(?:de )?([0-9]{{4}})"),
     (3, 2, 1)),
    (re.compile(rf"{_WORD} *([0-9]{{1,2}})(?:st|nd|rd|th)?[ ,]+([0-9]{{4}})"), (3, 1, 2)),
    (re.compile(rf"([0-9]{{4}})[ ./-]*{_WORD}[ ./-]*([0-9]{{1,2}})"), (1, 2, 3)),
)  # fmt: skip
_FOUR_DIGITS = re.compile(r"(?<![0-9])(?:[0-9]{4}|[0-9]{8})(?![0-9])")
_TWO_DIGIT_YEAR = re.compile(r"[0-9]{1,2}([./ -])[^\W_]{1,12}\1[0-9]{2}")

_CLOCK = (
    r"(?P<hour>[0-9]{1,2})(?::|[hH](?=[0-9]))(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.? ?[Mm]\b\.?)?(?: ?(?:Uhr|uur|hrs|h))?"
)
_OFFSET = r"(?: ?(?P<offset>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?))?"
_TIME_OF_DAY = re.compile(_CLOCK)
_INSTANT = re.compile(rf"(?P<day>\S.*?)(?:T| *[ ,;:] *){_CLOCK}{_OFFSET}")
_ALL_DIGITS = re.compile(
    r"(?P<day>[0-9]{8})T?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})"
    rf"(?:(?P<second>[0-9]{{2}})(?:[.,](?P<fraction>[0-9]{{1,9}}))?)?(?P<half>){_OFFSET}"
)
_HOUR_ALONE = re.compile(r"[0-9]{8}T?[0-9]{2}")
_ISO_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_LAST_HOUR_OF_12, _HOURS, _SIXTY = 12, 24, 60


def read_day(text: str, order: DateOrder | None) -> date:
    """Return the day of `text`; a day with one reading is accepted in every order.

    Raises `ReadingError` for an ambiguous day without an order, for a day that contradicts the
    order, and for a year of two digits.

    >>> read_day("23. Nov 2026", None), read_day("20261123", None)
    (datetime.date(2026, 11, 23), datetime.date(2026, 11, 23))
    >>> read_day("03/04/2026", DateOrder.DAY_FIRST)
    datetime.date(2026, 4, 3)
    """
    stripped = text.strip(" \t")
    if len(stripped) > _LONGEST:
        raise _not_a_date(text)
    if parts := _YEAR_FIRST.fullmatch(stripped):
        return _day(text, parts[1], parts[3], parts[4])
    if parts := _YEAR_LAST.fullmatch(stripped):
        return _by_order(text, parts[1], parts[3], parts[4], order)
    if parts := _DIGITS.fullmatch(stripped):
        if not _EARLIEST_YEAR <= int(parts[1]) <= _LATEST_YEAR:
            raise _not_a_date(text)
        return _day(text, *parts.groups())
    for pattern, (year, month, day) in _NAMED:
        if (parts := pattern.fullmatch(stripped)) and (number := month_of(parts[month])):
            return _day(text, parts[year], number, parts[day])
    raise _not_a_date(text)


def month_of(name: str) -> int | None:
    """Return the number of a month by its name or abbreviation, or None.

    >>> month_of("März"), month_of("févr"), month_of("jui") is None
    (3, 2, True)
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return MONTH_OF.get("".join(sign for sign in letters if not unicodedata.combining(sign)))


def _not_a_date(text: str) -> ReadingError:
    if _TWO_DIGIT_YEAR.fullmatch(text.strip(" \t")):
        return ReadingError(
            f"{quoted(text)} has a year of two digits. Write all four, as in 2026-04-03."
        )
    if _FOUR_DIGITS.search(text[:_LONGEST]):
        return ReadingError(f"{quoted(text)} is not a valid date. Write it as in 2026-04-03.")
    return ReadingError(
        f"{quoted(text)} is not a valid date. Write it with four digits for the year, as in "
        "2026-04-03."
    )


def _by_order(text: str, first: str, second: str, year: str, order: DateOrder | None) -> date:
    """Return a day whose year is last, by the order; without one only if it has one reading."""
    if order is DateOrder.ISO:
        raise ReadingError(
            f"{quoted(text)} is not year-month-day. Check date_order in the mapping."
        )
    if order is None:
        readings = {
            found
            for day, month in ((first, second), (second, first))
            if (found := _in_calendar(year, month, day))
        }
        if len(readings) > 1:
            raise ReadingError(
                f"{quoted(text)} is day-month or month-day. State date_order in the mapping."
            )
        if readings:
            return readings.pop()
        raise _not_in_calendar(text)
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    found = _in_calendar(year, month, day)
    if found is None:
        raise ReadingError(
            f"{quoted(text)} is not in the calendar by the mapping's date_order, {order.value}. "
            "Check both."
        )
    return found


def _day(text: str, year: str, month: str | int, day: str) -> date:
    found = _in_calendar(year, month, day)
    if found is None:
        raise _not_in_calendar(text)
    return found


def _in_calendar(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _not_in_calendar(text: str) -> ReadingError:
    return ReadingError(f"{quoted(text)} is not in the calendar. Check the date.")


def read_clock(text: str) -> time:
    """Return the time of day of `text`, to the second: 24 hours, or 12 with AM or PM.

    >>> read_clock("8:05"), read_clock("12:30 AM"), read_clock("2:30 p. m.")
    (datetime.time(8, 5), datetime.time(0, 30), datetime.time(14, 30))
    """
    stripped = text.strip(" \t")
    parts = _TIME_OF_DAY.fullmatch(stripped) if len(stripped) <= _LONGEST else None
    if parts is None:
        raise _not_a_time(text)
    return _clock(text, parts)


def read_instant(text: str, order: DateOrder | None, zone: str) -> Moment:
    """Return the moment of a date and a time of day in one text, to the second.

    Raises `ReadingError` without a time of day, and the errors of `Moment.of_local`.

    >>> read_instant("20261123075000", None, "UTC") == read_instant(
    ...     "23-Nov-2026 7:50 AM", None, "UTC")
    True
    >>> read_instant("2026-11-23T07:50:00.123+0100", None, "Europe/Paris")
    <Moment 2026-11-23T07:50+01:00 Europe/Paris>
    """
    stripped = text.strip(" \t")
    if len(stripped) > _LONGEST:
        raise _not_a_date(text)
    if _ISO_MINUTE.fullmatch(stripped):  # as nearly every text is
        day, _, clock = stripped.replace("T", " ").partition(" ")
        return join(read_day(day, order), read_clock(clock), zone)
    parts = _ALL_DIGITS.fullmatch(stripped) or _INSTANT.fullmatch(stripped)
    if parts is None:
        raise _without_clock(text, stripped, order)
    at = datetime.combine(read_day(parts["day"], order), _clock(text, parts))
    offset = parts["offset"]
    if offset is None:
        return Moment.of_local(at, zone)
    if offset in {"Z", "UTC", "GMT"}:
        return Moment.read(f"{at.isoformat()}Z", zone)
    digits = offset[1:].replace(":", "")
    pairs = [digits[place : place + 2] for place in range(0, len(digits), 2)]
    pairs += ["00"] * (2 - len(pairs))
    return Moment.read(f"{at.isoformat()}{offset[0]}{':'.join(pairs)}", zone)


def has_fraction(text: str) -> bool:
    """Return whether a time has a fraction of a second, which a moment does not keep.

    >>> has_fraction("07:50:00.120"), has_fraction("07:50:00.000"), has_fraction("07.12.2026")
    (True, False, False)
    """
    stripped = text.strip(" \t")
    if len(stripped) > _LONGEST or not ("." in stripped or "," in stripped):
        return False
    found = (
        _TIME_OF_DAY.fullmatch(stripped)
        or _ALL_DIGITS.fullmatch(stripped)
        or _INSTANT.fullmatch(stripped)
    )
    return bool(found and (found["fraction"] or "").strip("0"))


def join(day: date, clock: time, zone: str) -> Moment:
    """Return the moment of this local day and time in `zone`."""
    return Moment.of_local(datetime.combine(day, clock), zone)


def _clock(text: str, parts: re.Match[str]) -> time:
    """Return the time of day of a match; the fraction of a second is left out."""
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    if hour == _HOURS:
        raise ReadingError(
            f"{quoted(text)} has the hour 24. Write 00:00 of the next day if that is meant."
        )
    half = (parts["half"] or "").upper()
    if half:
        if not 1 <= hour <= _LAST_HOUR_OF_12:
            raise _not_a_time(text)
        hour = hour % _LAST_HOUR_OF_12 + (_LAST_HOUR_OF_12 if half == "P" else 0)
    if hour > _HOURS or minute >= _SIXTY or second >= _SIXTY:
        raise _not_a_time(text)
    return time(hour, minute, second)


def _not_a_time(text: str) -> ReadingError:
    return ReadingError(f"{quoted(text)} is not a time of day. Write it as in 08:05.")


def _without_clock(text: str, stripped: str, order: DateOrder | None) -> ReadingError:
    """Return the error of a text that is a day alone, or neither a day nor a time."""
    if _HOUR_ALONE.fullmatch(stripped):
        return ReadingError(f"{quoted(text)} has no minutes. Add them, as in 202611230750.")
    day, _, rest = stripped.partition(" ")
    try:
        read_day(stripped, order)
    except ReadingError as error:
        try:
            read_day(day, order)
        except ReadingError:
            return error
        return _not_a_time(rest)
    return ReadingError(f"{quoted(text)} has no time of day. Add it, as in 08:05.")
