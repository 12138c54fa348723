"""A dosage: the dose of each administration, and how often it is given.

It is what a prescription, the dose that a level was reached with, and a step of a taper share.
"""

from dataclasses import dataclass
from decimal import Decimal

from dosing.errors import UserError
from dosing.json_document import json_number
from dosing.quantities.formatting import plain, regimen_words
from dosing.quantities.parsing import QuantityKind, read

HOURS_A_DAY = 24
_INTERVALS_WITHIN_A_DAY = (6, 8, 12, HOURS_A_DAY)
EVERY_12_HOURS = 12
ALTERNATE_DAYS = 48

MORNING, EVENING, EACH = "morning", "evening", "each dose"


@dataclass(frozen=True, slots=True)
class DosePart:
    """One dose of a dosage, and when it is given: morning, evening, or each dose."""

    at: str
    mg: Decimal

    def to_dict(self) -> dict[str, object]:
        """Return the part as every JSON document of the program holds it."""
        return {"at": self.at, "mg": json_number(self.mg)}


@dataclass(frozen=True, slots=True)
class Dosage:
    """A dose every so many hours, and another one in the evening where it differs.

    Raises `UserError` for a dose at or below zero, for an interval that fits neither a day nor
    whole days, and for an evening dose at another interval than 12 hours.

    >>> str(Dosage(Decimal(1), 48)), Dosage(Decimal(1), 48).daily_mg
    ('1 mg every 48 hours', Decimal('0.5'))
    >>> str(Dosage(Decimal("0.5"), 12, Decimal("0.4")))
    '0.5 mg in the morning and 0.4 mg in the evening'
    """

    dose_mg: Decimal
    """Per administration; in the morning, where the evening has another."""
    every_hours: int
    evening_mg: Decimal | None = None
    """None where it is the same as in the morning."""

    def __post_init__(self) -> None:
        """Check the figures."""
        for mg in (self.dose_mg, self.evening_mg):
            if mg is not None and (not mg.is_finite() or mg <= 0):
                raise UserError(f"A dose is above zero, not {mg} mg. Correct the dose.")
        check_interval(self.every_hours)
        if self.evening_mg is not None and self.every_hours != EVERY_12_HOURS:
            raise UserError("An evening dose needs two doses a day. Correct one of them.")

    @classmethod
    def of(
        cls,
        dose_mg: Decimal,
        times_a_day: int,
        every_hours: int | None = None,
        evening_mg: Decimal | None = None,
    ) -> "Dosage":
        """Return the dosage of a record's columns: without hours the doses are spread over a day.

        >>> str(Dosage.of(Decimal("0.44"), 2))
        '0.44 mg every 12 hours'
        """
        if times_a_day not in range(1, 5):
            raise UserError(
                f"A dose is given 1 to 4 times a day, not {times_a_day}. Correct the number."
            )
        return cls(dose_mg, every_hours or HOURS_A_DAY // times_a_day, evening_mg)

    @property
    def times_a_day(self) -> int | None:
        """The number of doses a day, or None above 24 hours."""
        return HOURS_A_DAY // self.every_hours if self.every_hours <= HOURS_A_DAY else None

    @property
    def daily_mg(self) -> Decimal:
        """The dose per day, as the mean over days."""
        if self.evening_mg is not None:
            return self.dose_mg + self.evening_mg
        return per_day(self.dose_mg, self.every_hours)

    @property
    def largest_day_mg(self) -> Decimal:
        """The amount on a day with a dose."""
        return max(self.daily_mg, self.dose_mg)

    @property
    def parts(self) -> tuple[DosePart, ...]:
        """The doses by when they are given."""
        if self.evening_mg is None:
            return (DosePart(EACH, self.dose_mg),)
        return DosePart(MORNING, self.dose_mg), DosePart(EVENING, self.evening_mg)

    @property
    def in_short(self) -> str:
        """The dose with its times a day where that says all, else the words.

        >>> Dosage(Decimal("0.44"), 12).in_short, Dosage(Decimal(1), 48).in_short
        ('0.44 mg × 2', '1 mg every 48 hours')
        """
        if self.evening_mg is not None or self.times_a_day is None:
            return str(self)
        return regimen_words(self.dose_mg, self.times_a_day)

    def __str__(self) -> str:
        """Return the dosage in words."""
        if self.evening_mg is not None:
            return (
                f"{plain(self.dose_mg)} mg in the morning and {plain(self.evening_mg)} mg in the "
                "evening"
            )
        return f"{plain(self.dose_mg)} mg every {self.every_hours} hours"


def check_interval(every_hours: int) -> None:
    """Raise `UserError` for an interval that fits neither a day nor whole days."""
    whole_days = every_hours > 0 and every_hours % HOURS_A_DAY == 0
    if every_hours not in _INTERVALS_WITHIN_A_DAY and not whole_days:
        raise UserError(
            f"Doses every {every_hours} hours do not fit the day. Write 6, 8, 12, 24 or whole days."
        )


def read_interval(text: str) -> int:
    """Return the hours between two doses that `text` states, such as "48 h" or "2 days".

    Raises `ReadingError`, and `UserError` for an interval that fits neither a day nor whole days.

    >>> read_interval("48 h"), read_interval("2 days")
    (48, 48)
    """
    hours = read(text, QuantityKind.INTERVAL)
    if hours != int(hours):
        raise UserError(f"Doses every {plain(hours)} hours do not fit the day. Write whole hours.")
    check_interval(int(hours))
    return int(hours)


def per_day(mg: Decimal, every_hours: int) -> Decimal:
    """Return the daily amount of a dose every so many hours, as the mean over days."""
    if every_hours <= HOURS_A_DAY:
        return mg * (HOURS_A_DAY // every_hours)
    return mg * HOURS_A_DAY / every_hours


def per_dose(daily_mg: Decimal, every_hours: int) -> Decimal:
    """Return the dose every so many hours of a daily amount."""
    if every_hours <= HOURS_A_DAY:
        return daily_mg / (HOURS_A_DAY // every_hours)
    return daily_mg * every_hours / HOURS_A_DAY
