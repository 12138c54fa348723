"""Who is dosed: weight, height, age and sex, each checked and in one unit."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from dosing.errors import ReadingError, UserError
from dosing.plain_text import quoted
from dosing.reading import Measure, read
from dosing.units import DAYS_A_YEAR, convert

# By the calendar so many months can be some days more or fewer than by the mean month.
_CALENDAR_DIFFERENCE_DAYS = 4
_DAYS_A_MONTH = DAYS_A_YEAR / 12

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Sex(Enum):
    """The sex whose growth tables apply."""

    FEMALE = "female"
    MALE = "male"


class LiverImpairment(Enum):
    """The Child-Pugh class of a liver impairment."""

    NONE = "none"
    A = "A"
    B = "B"
    C = "C"


def _require_positive(number: Decimal, what: str) -> None:
    if not number.is_finite() or number <= 0:
        raise UserError(f"{what} must be a number above zero, not {number}.")


@dataclass(frozen=True, slots=True)
class Weight:
    """A body weight in kg, above zero.

    >>> Weight.read("27 lb").kg
    Decimal('12.24699399')
    """

    kg: Decimal

    def __post_init__(self) -> None:
        """Raise `UserError` unless the weight is a number above zero."""
        _require_positive(self.kg, "A weight")

    @classmethod
    def read(cls, text: str) -> "Weight":
        """Return the weight that `text` states, such as "12.4 kg"; else raise `ReadingError`."""
        return cls(read(text, Measure.WEIGHT))

    @property
    def lb(self) -> Decimal:
        """The same weight in pounds."""
        return convert(self.kg, "kg", to="lb")


@dataclass(frozen=True, slots=True)
class Height:
    """A body height or length in cm, above zero."""

    cm: Decimal

    def __post_init__(self) -> None:
        """Raise `UserError` unless the height is a number above zero."""
        _require_positive(self.cm, "A height")

    @classmethod
    def read(cls, text: str) -> "Height":
        """Return the height that `text` states, such as "88 cm"; else raise `ReadingError`."""
        return cls(read(text, Measure.HEIGHT))

    @property
    def inches(self) -> Decimal:
        """The same height in inches."""
        return convert(self.cm, "cm", to="in")


@dataclass(frozen=True, slots=True)
class Age:
    """An age, in months for the dosing bands and in days for the growth tables.

    Both are kept because a calendar month is not a fixed number of days. An age is negative only
    where a date of birth lies in the future; `dosing.limits` stops that.
    """

    months: Decimal
    days: Decimal

    def __post_init__(self) -> None:
        """Raise `UserError` unless both are numbers and of one age."""
        if not (self.months.is_finite() and self.days.is_finite()):
            raise UserError(f"An age must be a number, not {self.months} months.")
        if abs(self.months * _DAYS_A_MONTH - self.days) > _CALENDAR_DIFFERENCE_DAYS:
            raise UserError(f"{self.months} months and {self.days} days are not the same age.")

    @classmethod
    def read(cls, text: str) -> "Age":
        """Return the age that `text` states, such as "27 months"; else raise `ReadingError`."""
        months = read(text, Measure.AGE)
        return cls(months, convert(months, "month", to="day"))

    @classmethod
    def between(cls, born: date, today: date) -> "Age":
        """Return the age on `today` of someone born on the day `born`, by the calendar.

        >>> Age.between(date(2026, 4, 23), date(2026, 11, 23)).months
        Decimal('7')
        """
        days = Decimal((today - born).days)
        if today < born:
            return cls(convert(days, "day", to="month"), days)
        whole = (today.year - born.year) * 12 + today.month - born.month
        if _months_after(born, whole) > today:
            whole -= 1
        begun, end = _months_after(born, whole), _months_after(born, whole + 1)
        part = Decimal((today - begun).days) / Decimal((end - begun).days)
        return cls(whole + part, days)

    @property
    def years(self) -> Decimal:
        """The age in years of twelve months."""
        return self.months / 12


def _months_after(born: date, months: int) -> date:
    """Return the day on which someone is `months` old; the 1st where a month has no such day."""
    year, month = divmod(born.year * 12 + born.month - 1 + months, 12)
    try:
        return date(year, month + 1, born.day)
    except ValueError:
        return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)


def read_date(text: str) -> date:
    """Return the date that `text` states as year-month-day; else raise `ReadingError`.

    >>> read_date("2024-11-05")
    datetime.date(2024, 11, 5)
    """
    if not _ISO_DATE.fullmatch(text.strip(" ")):
        raise ReadingError(f"{quoted(text)} is not a date: write year-month-day, as in 2024-11-05.")
    try:
        return date.fromisoformat(text.strip(" "))
    except ValueError:
        raise ReadingError(f"{quoted(text)} is not a day of the calendar.") from None


def days_since(day: date, today: date) -> Decimal:
    """Return the days from `day` to `today`; negative where `day` is still to come."""
    return Decimal((today - day) / timedelta(days=1))
