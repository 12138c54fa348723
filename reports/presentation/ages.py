"""Ages in words, never rounded up."""

from decimal import ROUND_FLOOR, Decimal

from dosing.patient import Age
from dosing.quantities.formatting import count_of, plain

_MONTHS_ONLY_BELOW = 24


def age_words(age: Age) -> str:
    """Return an age in words: days in the first month, months up to two years.

    >>> age_words(Age.read("12 days")), age_words(Age.read("23 months"))
    ('12 days', '23 months')
    >>> age_words(Age.read("30.5 months")), age_words(Age.read("8 years"))
    ('2 years 6 months', '8 years')
    """
    if age.oldest is not None:
        return " to ".join(age_words(each) for each in age.ends)
    if age.months < 1:
        return count_of(int(age.days), "day")
    months = int(age.months)
    if months < _MONTHS_ONLY_BELOW:
        return count_of(months, "month")
    years, rest = divmod(months, 12)
    parts = [count_of(years, "year"), count_of(rest, "month") if rest else ""]
    return " ".join(filter(None, parts))


def short_age(age: Age) -> str:
    """Return an age for a narrow column: months below two years, then years.

    >>> from datetime import date
    >>> short_age(Age.between(date(2013, 11, 28), date(2026, 11, 25)))
    '12.9 y'
    """
    if age.oldest is not None:
        return f"{short_age(age.ends[0])}+"
    if age.months < _MONTHS_ONLY_BELOW:
        return f"{int(age.months)} mo"
    return f"{plain(age.years.quantize(Decimal('0.1'), ROUND_FLOOR))} y"
