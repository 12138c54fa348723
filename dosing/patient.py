"""The patient of a dose: weight, height, age and sex, each checked and in one unit."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from dosing.birth_date import is_exact, last_day
from dosing.errors import ReadingError, UserError
from dosing.quantities.definitions import DAYS_A_YEAR
from dosing.quantities.formatting import plain
from dosing.quantities.parsing import QuantityKind, read
from dosing.quantities.text import quoted
from dosing.quantities.units import convert

# A number of calendar months can be so many days longer or shorter than by the mean month.
_CALENDAR_DIFFERENCE_DAYS = 4
_DAYS_A_MONTH = DAYS_A_YEAR / 12

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Sex(Enum):
    """The recorded sex. Growth tables exist for two; for the others both apply."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class LiverImpairment(Enum):
    """The Child-Pugh class of a liver impairment."""

    NONE = "none"
    A = "A"
    B = "B"
    C = "C"


def _number(given: Decimal | str, kind: QuantityKind) -> Decimal:
    """Return a number above zero in the unit of `kind`; raise `UserError` for anything else."""
    if isinstance(given, str):
        return read(given, kind)
    what = kind.value.name.replace("a", "A", 1)
    if not isinstance(given, Decimal):
        raise _without_unit(kind)
    if not given.is_finite() or given <= 0:
        raise UserError(f"{what} is a number above zero, not {given}.")
    return given


def _without_unit(kind: QuantityKind) -> UserError:
    form = kind.value
    return UserError(
        f'The unit is missing. Write {form.name} as a text with its unit, such as "{form.example}".'
    )


@dataclass(frozen=True, slots=True, init=False)
class Weight:
    """A body weight in kg, above zero.

    >>> Weight("12.4 kg").kg, Weight("27 lb").kg
    (Decimal('12.4'), Decimal('12.24699399'))
    """

    kg: Decimal

    def __init__(self, kg: Decimal | str) -> None:
        """Take a number of kg, or a text with its unit; raise `UserError` for anything else."""
        object.__setattr__(self, "kg", _number(kg, QuantityKind.WEIGHT))

    @classmethod
    def read(cls, text: str) -> "Weight":
        """Return the weight that `text` states, such as "12.4 kg"; else raise `ReadingError`."""
        return cls(read(text, QuantityKind.WEIGHT))

    def __repr__(self) -> str:
        """Return the expression that makes this weight."""
        return f"Weight('{plain(self.kg)} kg')"

    @property
    def lb(self) -> Decimal:
        """The same weight in pounds."""
        return convert(self.kg, "kg", to="lb")


@dataclass(frozen=True, slots=True, init=False)
class Height:
    """A body height or length in cm, above zero.

    >>> Height("0.88 m")
    Height('88 cm')
    """

    cm: Decimal

    def __init__(self, cm: Decimal | str) -> None:
        """Take a number of cm, or a text with its unit; raise `UserError` for anything else."""
        object.__setattr__(self, "cm", _number(cm, QuantityKind.HEIGHT))

    @classmethod
    def read(cls, text: str) -> "Height":
        """Return the height that `text` states, such as "88 cm"; else raise `ReadingError`."""
        return cls(read(text, QuantityKind.HEIGHT))

    def __repr__(self) -> str:
        """Return the expression that makes this height."""
        return f"Height('{plain(self.cm)} cm')"

    @property
    def inches(self) -> Decimal:
        """The same height in inches."""
        return convert(self.cm, "cm", to="in")


@dataclass(frozen=True, slots=True, init=False)
class Age:
    """An age, in months for the dosing bands and in days for the growth tables.

    Both are kept because a calendar month is not a fixed number of days. An age is negative only
    for a date of birth in the future; `dosing.knowledge.limits` stops that.

    >>> Age("2 years")
    <Age 24 months, 730.5 days>
    """

    months: Decimal
    days: Decimal
    oldest: "Age | None"
    """The greatest possible age, where the birth date is not known exactly; else None."""

    def __init__(self, months: Decimal | str, days: Decimal | None = None) -> None:
        """Take a text with its unit, or the months and the days of one age.

        Raises `UserError` for anything else, and where the two are not the same age.
        """
        if isinstance(months, str):
            months = read(months, QuantityKind.AGE)
            days = convert(months, "month", to="day") if days is None else days
        if not (isinstance(months, Decimal) and isinstance(days, Decimal)):
            raise _without_unit(QuantityKind.AGE)
        if not (months.is_finite() and days.is_finite()):
            raise UserError(f"An age is a number, not {months} months.")
        if abs(months * _DAYS_A_MONTH - days) > _CALENDAR_DIFFERENCE_DAYS:
            raise UserError(f"{months} months and {days} days are not the same age.")
        object.__setattr__(self, "months", months)
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "oldest", None)

    @classmethod
    def read(cls, text: str) -> "Age":
        """Return the age that `text` states, such as "27 months"; else raise `ReadingError`."""
        return cls(text)

    @classmethod
    def between(cls, born: date | str, today: date | str) -> "Age":
        """Return the age on `today` of a person born on the day `born`, by the calendar.

        Either day is a date or a text such as "2026-04-23". Of a birth that is known to the month
        or year it is the least possible age, which has the greatest one.

        >>> Age.between("2026-04-23", "2026-11-23").months
        Decimal('7')
        """
        born = read_date(born) if isinstance(born, str) else born
        today = read_date(today) if isinstance(today, str) else today
        if not is_exact(born):
            return cls._in_range(born, today)
        days = Decimal((today - born).days)
        if today < born:
            return cls(convert(days, "day", to="month"), days)
        whole = (today.year - born.year) * 12 + today.month - born.month
        if _months_after(born, whole) > today:
            whole -= 1
        begun, end = _months_after(born, whole), _months_after(born, whole + 1)
        part = Decimal((today - begun).days) / Decimal((end - begun).days)
        return cls(whole + part, days)

    @classmethod
    def _in_range(cls, born: date, today: date) -> "Age":
        first, last = date(born.year, born.month, born.day), last_day(born)
        oldest = cls.between(first, today)
        youngest = cls.between(min(last, max(today, first)), today)
        if youngest.days != oldest.days:
            object.__setattr__(youngest, "oldest", oldest)
        return youngest

    @property
    def ends(self) -> tuple["Age", ...]:
        """The least and the greatest possible age, each exact; or the age alone if it is known."""
        if self.oldest is None:
            return (self,)
        return (Age(self.months, self.days), self.oldest)

    @property
    def years(self) -> Decimal:
        """The age in years of twelve months."""
        return self.months / 12

    def __repr__(self) -> str:
        """Return the age in months and in days."""
        return f"<{type(self).__name__} {plain(self.months, 2)} months, {plain(self.days, 2)} days>"


def _months_after(born: date, months: int) -> date:
    """Return the day at which a person is `months` old; the 1st where a month has no such day."""
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
        raise ReadingError(f"{quoted(text)} is not a date. Write year-month-day, as in 2024-11-05.")
    try:
        return date.fromisoformat(text.strip(" "))
    except ValueError:
        raise ReadingError(
            f"{quoted(text)} is not in the calendar. Check the day and the month."
        ) from None


def days_since(day: date, today: date) -> Decimal:
    """Return the days from `day` to `today`; negative for a day in the future."""
    return Decimal((today - day) / timedelta(days=1))
