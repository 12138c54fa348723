"""A date of birth, which may be known to the month or to the year only."""

import calendar
import re
from datetime import date
from typing import Any, Self

from dosing.errors import ReadingError
from dosing.quantities.text import quoted

_WRITTEN = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?")


class BirthDate(date):
    """The first possible day of birth; `last` is the last one. As text it is as it was stated.

    >>> BirthDate.read("2024-02"), BirthDate.read("2024-02").last
    (BirthDate('2024-02'), datetime.date(2024, 2, 29))
    """

    _written: str

    def __new__(cls, year: int, month: int | None = None, day: int | None = None) -> Self:
        """Take the year, and month and day as far as they are known."""
        known = [f"{year:04}", *(f"{each:02}" for each in (month, day) if each is not None)]
        made = super().__new__(cls, year, 1 if month is None else month, 1 if day is None else day)
        made._written = "-".join(known)
        return made

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the date of a text: 2024-05-11, 2024-05 or 2024; else raise `ReadingError`."""
        parts = _WRITTEN.fullmatch(text.strip(" "))
        if parts is None:
            raise ReadingError(
                f"{quoted(text)} is not a date. Write year-month-day, as in 2024-11-05, or as much "
                "as is known."
            )
        try:
            return cls(*(int(each) for each in parts.groups() if each))
        except ValueError:
            raise ReadingError(
                f"{quoted(text)} is not in the calendar. Check the day and the month."
            ) from None

    @property
    def last(self) -> date:
        """The last possible day."""
        match self._written.count("-"):
            case 0:
                return date(self.year, 12, 31)
            case 1:
                return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])
        return date(self.year, self.month, self.day)

    def isoformat(self) -> str:
        """Return it as it was stated."""
        return self._written

    def __str__(self) -> str:
        """Return it as it was stated."""
        return self._written

    def __repr__(self) -> str:
        """Return the text of which it is made."""
        return f"{type(self).__name__}('{self._written}')"

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same day, known as exactly."""
        return super().__eq__(other) and last_day(self) == last_day(other)  # type: ignore[arg-type]  # both are dates

    def __ne__(self, other: object) -> bool:
        """Return whether it is another day, or known less or more exactly."""
        return not self == other

    def __hash__(self) -> int:
        """Return the hash of its first day."""
        return super().__hash__()

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes a copy."""
        return type(self).read, (self._written,)


def last_day(born: date) -> date:
    """Return the last possible day of a birth."""
    return born.last if isinstance(born, BirthDate) else born


def is_exact(born: date) -> bool:
    """Return whether the day of a birth is known."""
    return last_day(born) == date(born.year, born.month, born.day)


def may_be_same_birth(one: date, other: date) -> bool:
    """Return whether two dates of birth have a possible day in common.

    >>> may_be_same_birth(BirthDate.read("2024"), date(2024, 5, 1))
    True
    """
    return one <= last_day(other) and other <= last_day(one)


def read_birth(text: str) -> date:
    """Return the day of a text, or a `BirthDate` where only the month or the year is stated."""
    born = BirthDate.read(text)
    return born if not is_exact(born) else born.last
