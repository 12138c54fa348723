"""The one reader of times and days that a person types, for the app and the command line.

Beside 2026-11-05T08:00 it reads the shorthand of a clinic: `8:00`, `today 8:00`, `yesterday 20:00`,
`-3d 8:00`, `Mon 8:00`, `28 Nov 8:00`, and `28.11. 8:00` where the settings state the order of day
and month. Whatever has two readings is refused with both. Files are read without shorthand: a
`today` in a file would mean another day whenever the file is read.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dosing import ReadingError, read_date
from dosing.quantities.text import quoted
from monitoring.clinic_choices import clinic_choices
from monitoring.time_text import DateOrder, month_of, read_clock, read_day
from monitoring.times import WEEKDAYS, Moment

_ISO = re.compile(r"[0-9]{4}-[0-9]")
_CLOCK_LAST = re.compile(r"(?:(?P<day>.*[^ ,])[ ,]+)?(?P<clock>[0-9]{1,2}:[0-9]{2}.{0,6})")
_DAYS_AWAY = re.compile(r"(?P<sign>[+-]) ?(?P<days>[0-9]{1,3}) ?d")
_WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}
_DAY_AND_MONTH = re.compile(r"(?P<one>[0-9]{1,2})(?P<mark>[./])(?P<two>[0-9]{1,2})\.?")
_WITH_YEAR = re.compile(r"(?P<one>[0-9]{1,2})(?P<mark>[./-])(?P<two>[0-9]{1,2})(?P=mark)"
                        r"(?P<year>[0-9]{4})")  # fmt: skip
_DAY_THEN_NAME = re.compile(r"(?P<day>[0-9]{1,2})\.? ?(?P<month>[^\W\d_]{3,12})\.?")
_NAME_THEN_DAY = re.compile(r"(?P<month>[^\W\d_]{3,12})\.? ?(?P<day>[0-9]{1,2})")
_LONGEST = 60
_SHORT_OF = {"tues": "tuesday", "thur": "thursday", "thurs": "thursday"}
_A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TimeReader:
    """The reader at one moment, in the zone of that moment.

    Raises `ReadingError` for what it cannot read, for what has two readings, and for a time that
    the clocks skipped or showed twice.

    >>> now = Moment.read("2026-11-29T10:00", "Europe/Paris")  # a Sunday
    >>> [str(TimeReader(now).moment(text)) for text in ("8:00", "yesterday 20:00", "Fri 8:00")]
    ['2026-11-29T08:00+01:00', '2026-11-28T20:00+01:00', '2026-11-27T08:00+01:00']
    >>> TimeReader(now).day("-3d"), TimeReader(now, DateOrder.DAY_FIRST).day("28.11.")
    (datetime.date(2026, 11, 26), datetime.date(2026, 11, 28))
    """

    now: Moment
    order: DateOrder | None = None
    """The order of day and month in numbers; None or ISO where nobody stated one."""

    @classmethod
    def here(cls) -> "TimeReader":
        """Return the reader of this machine's clock and settings."""
        return cls(Moment.now(), clinic_choices().date_order)

    def moment(self, text: str, *, may_be_ahead: bool = False) -> Moment:
        """Return the moment of a text; a time of day alone is today's.

        `may_be_ahead` is True for a time that may be planned: a day without its year is refused
        then where the coming one is nearer than the last.
        """
        stripped = _shortened(text)
        if _ISO.match(stripped):
            return Moment.read(text, self.now.zone)
        if stripped.casefold() == "now":
            return self.now.minute
        parts = _CLOCK_LAST.fullmatch(stripped)
        if parts is None:
            raise self._without_clock(stripped, may_be_ahead=may_be_ahead)
        clock = read_clock(parts["clock"])
        day = self.day(parts["day"] or "today", may_be_ahead=may_be_ahead)
        return Moment.of_local(datetime.combine(day, clock), self.now.zone)

    def day(self, text: str, *, may_be_ahead: bool = False) -> date:
        """Return the day of a text; `may_be_ahead` as in `moment`."""
        stripped = _shortened(text)
        word = stripped.casefold()
        if _ISO.match(stripped):
            return read_date(text)
        if (days := _days_away(word)) is not None:
            return self._today + timedelta(days=days)
        if (number := _weekday(word)) is not None:
            return self._weekday_of(stripped, number, may_be_ahead=may_be_ahead)
        if parts := _WITH_YEAR.fullmatch(stripped):
            day, month = self._in_order(stripped, parts)
            return _in_calendar(stripped, int(parts["year"]), month, day)
        if (found := self._day_and_month(stripped)) is not None:
            day, month = found
            return self._without_year(stripped, month, day, may_be_ahead=may_be_ahead)
        try:
            return read_day(stripped, None)
        except ReadingError:
            raise ReadingError(
                f"{quoted(text)} is not a date. Write it as in 2026-11-05, today, -3d or 5 Nov."
            ) from None

    # --- the readings

    @property
    def _today(self) -> date:
        return self.now.local.date()

    def _day_and_month(self, text: str) -> tuple[int, int] | None:
        """Return the day and the month of a text without a year; None for another text."""
        if parts := _DAY_AND_MONTH.fullmatch(text):
            return self._in_order(text, parts)
        parts = _DAY_THEN_NAME.fullmatch(text) or _NAME_THEN_DAY.fullmatch(text)
        month = month_of(parts["month"]) if parts else None
        return (int(parts["day"]), month) if parts and month else None

    def _weekday_of(self, text: str, number: int, *, may_be_ahead: bool) -> date:
        """Return the last such day before today; refuse one that may be another."""
        ago = (self._today.weekday() - number) % 7
        last = self._today - timedelta(days=ago)
        if ago == 0:
            raise _two_readings(text, last, last - _A_WEEK)
        if may_be_ahead:
            raise _two_readings(text, last, last + _A_WEEK)
        return last

    def _in_order(self, text: str, parts: re.Match[str]) -> tuple[int, int]:
        """Return day and month by the order of the settings; refuse without one."""
        one, two = int(parts["one"]), int(parts["two"])
        if self.order is DateOrder.DAY_FIRST:
            return one, two
        if self.order is DateOrder.MONTH_FIRST:
            return two, one
        raise ReadingError(
            f"{quoted(text)} may be day and month or month and day. Write it as in 2026-11-05, or "
            "state date_order in the settings."
        )

    def _without_year(self, text: str, month: int, day: int, *, may_be_ahead: bool) -> date:
        """Return the latest such day that is not in the future, of this year or the last."""
        today = self._today
        near = [_or_none(today.year + away, month, day) for away in (-1, 0, 1)]
        if near == [None, None, None]:
            _in_calendar(text, _LEAP_YEAR, month, day)
            raise _needs_year(text)
        last = max((each for each in near if each and each <= today), default=None)
        coming = min((each for each in near if each and each > today), default=None)
        if may_be_ahead and coming and (last is None or coming - today <= today - last):
            if last is None:
                raise _needs_year(text)
            raise _two_readings(text, last, coming)
        if last is None:
            raise _needs_year(text)
        return last

    def _without_clock(self, text: str, *, may_be_ahead: bool) -> ReadingError:
        """Return the error of a text that is a day alone, or no time at all."""
        try:
            self.day(text, may_be_ahead=may_be_ahead)
        except ReadingError:
            return ReadingError(
                f"{quoted(text)} is not a valid time. Write it as in 8:00, yesterday 20:00, "
                "-3d 8:00 or 2026-11-05T08:00."
            )
        return ReadingError(f"{quoted(text)} has no time of day. Add it, as in {text} 8:00.")


_LEAP_YEAR = 2024


def is_written_out(text: str) -> bool:
    """Return whether a text begins with its year and month, and not with shorthand.

    >>> is_written_out("2026-11-05T08:00"), is_written_out("today 8:00")
    (True, False)
    """
    return bool(_ISO.match(text.strip()))


def _shortened(text: str) -> str:
    """Return a text without blanks around it. Raises `ReadingError` for a very long one."""
    if len(text) > _LONGEST:
        raise ReadingError(f"{quoted(text)} is not a time. Write it as in 2026-11-05T08:00.")
    return " ".join(text.split())


def _days_away(word: str) -> int | None:
    """Return the days from today to `yesterday` or `-3d`; None for another text."""
    parts = _DAYS_AWAY.fullmatch(word)
    return int(f"{parts['sign']}{parts['days']}") if parts else _WORDS.get(word)


def _weekday(word: str) -> int | None:
    """Return the number of a weekday by its name or its first three letters, Monday being 0."""
    word = _SHORT_OF.get(word.removesuffix("."), word.removesuffix("."))
    names = [each.casefold() for each in WEEKDAYS]
    found = [at for at, name in enumerate(names) if word in {name, name[:3]}]
    return found[0] if found else None


def _or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_calendar(text: str, year: int, month: int, day: int) -> date:
    found = _or_none(year, month, day)
    if found is None:
        raise ReadingError(f"{quoted(text)} is not in the calendar. Check the day and the month.")
    return found


def _two_readings(text: str, one: date, other: date) -> ReadingError:
    first, second = sorted((one, other))
    return ReadingError(f"{quoted(text)} may be {first} or {second}. Write the one that is meant.")


def _needs_year(text: str) -> ReadingError:
    return ReadingError(f"{quoted(text)} is not of this year or the last. Write it with its year.")
