"""The gestational age at birth, and the age from the date of term, by which growth is compared."""

import re
from dataclasses import dataclass
from decimal import Decimal

from dosing.errors import ReadingError, UserError
from dosing.patient import Age
from dosing.quantities.definitions import DAYS_A_YEAR
from dosing.quantities.formatting import count_of
from dosing.quantities.text import quoted

TERM_DAYS = 40 * 7
"""The date of term, from which a corrected age is counted."""
PRETERM_BELOW_DAYS = 37 * 7
CORRECTED_BELOW_MONTHS = 24
"""Proposed: from two years on growth is compared by the age since birth."""
_FEWEST_WEEKS, _MOST_WEEKS = 22, 44
_WRITTEN = re.compile(
    r"(?P<weeks>[0-9]{1,2}) *(?:\+ *(?P<plus>[0-6])"
    r"|(?:weeks?|wk|w)(?: *(?:and *|, *)?(?P<days>[0-6]) *(?:days?|d))?)"
)


@dataclass(frozen=True, slots=True)
class GestationalAge:
    """The gestational age at birth in whole days, from 22 weeks to below 45 weeks.

    >>> str(GestationalAge.read("31+2")), str(GestationalAge.read("40 weeks"))
    ('31 weeks 2 days', '40 weeks')
    """

    days: int

    def __post_init__(self) -> None:
        """Raise `UserError` for an age at which no child is born."""
        if not _FEWEST_WEEKS * 7 <= self.days < (_MOST_WEEKS + 1) * 7:
            raise UserError(
                f"A gestational age is {_FEWEST_WEEKS} to {_MOST_WEEKS} weeks. Check the weeks."
            )

    @classmethod
    def read(cls, text: str) -> "GestationalAge":
        """Return the gestational age of a text, such as "31 weeks 2 days"; else `ReadingError`."""
        parts = _WRITTEN.fullmatch(text.strip(" \t").casefold())
        if parts is None:
            raise ReadingError(
                f"{quoted(text)} is not a gestational age. Write weeks and days, as in 31+2."
            )
        return cls(int(parts["weeks"]) * 7 + int(parts["plus"] or parts["days"] or 0))

    @property
    def is_preterm(self) -> bool:
        """Return whether the child was born before 37 weeks."""
        return self.days < PRETERM_BELOW_DAYS

    def __str__(self) -> str:
        """Return the weeks and the days."""
        weeks, days = divmod(self.days, 7)
        return count_of(weeks, "week") + (f" {count_of(days, 'day')}" if days else "")


def is_corrected(age: Age, gestation: GestationalAge | None) -> bool:
    """Return whether growth is compared at a corrected age: under two years if born preterm."""
    is_preterm = gestation is not None and gestation.is_preterm
    return is_preterm and age.months < CORRECTED_BELOW_MONTHS


def growth_age(age: Age, gestation: GestationalAge | None) -> Age:
    """Return the age by which growth is compared: from term, under two years if born preterm.

    Before the date of term it is zero, the first age of the growth tables.

    >>> growth_age(Age("6 months"), GestationalAge.read("32 weeks"))
    <Age 4.16 months, 126.62 days>
    """
    if gestation is None or not is_corrected(age, gestation):
        return age
    early = Decimal(TERM_DAYS - gestation.days)
    months = age.months - early * 12 / DAYS_A_YEAR
    return Age(max(months, Decimal(0)), max(age.days - early, Decimal(0)))
