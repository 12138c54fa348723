"""How a summary's values are written on a screen: words and signs, nothing calculated."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from dosing import plain
from monitoring.record.listing import NOTHING

if TYPE_CHECKING:
    from dosing import Age
    from dosing.products import Measured
    from monitoring.due import Due
    from monitoring.levels import LevelAssessment
    from monitoring.summary import CurrentDose, PatientSummary


def age_words(age: "Age") -> str:
    """Return an age: months below two years, then years.

    >>> from dosing import Age
    >>> age_words(Age.between(date(2024, 2, 29), date(2026, 11, 5)))
    '2.6 y'
    """
    months, years = months_and_years(age)
    return f"{months} mo" if age.months < 24 else f"{years} y"


def months_and_years(age: "Age") -> tuple[str, str]:
    """Return whole months, and years with one decimal: never what is not reached yet.

    >>> from dosing import Age
    >>> months_and_years(Age.between(date(2013, 11, 28), date(2026, 11, 25)))
    ('155', '12.9')
    """
    return (
        plain(age.months.quantize(Decimal(1), ROUND_FLOOR)),
        plain(age.years.quantize(Decimal("0.1"), ROUND_FLOOR)),
    )


def measured_words(dose: "Measured") -> str:
    """Return what is drawn up or counted for one administration.

    >>> from decimal import Decimal
    >>> from dosing import Product
    >>> from dosing.products import Measured
    >>> measured_words(Measured(Decimal(3), Product.TABLETS, Decimal("0.5")))
    '1 × 2 mg and 1 × 1 mg'
    """
    if dose.volume_ml is not None:
        return f"{plain(dose.volume_ml)} mL"
    counted = [f"{number} × {plain(mg)} mg" for mg, number in dose.tablets if number]
    return " and ".join(counted)


def per_m2_words(current: "CurrentDose") -> str:
    """Return the daily dose per m², or that no area is known."""
    value = current.mg_per_m2_per_day
    return NOTHING if value is None else plain(value, 2)


def level_words(level: "LevelAssessment") -> str:
    """Return the level between its sign and its word, so that what is cut off is never a digit."""
    from monitoring.levels.wording import mark  # noqa: PLC0415 - what it comes with is heavy

    sign, _, word = mark(level).partition(" ")
    return f"{sign} {level.level.entry} {word.removesuffix(', censored')}"


def since_words(day: date, summary: "PatientSummary") -> str:
    """Return how many days a day lies before the summary's."""
    return f"{(summary.made.local.date() - day).days} d"


def due_words(checks: "tuple[Due, ...]") -> str:
    """Return how many checks are overdue, or how many are due."""
    overdue = sum(1 for each in checks if each.overdue_days)
    if overdue:
        return f"{overdue} overdue"
    due_now = sum(1 for each in checks if each.is_open)
    return f"{due_now} due" if due_now else NOTHING


def when_words(check: "Due") -> str:
    """Return whether a check is overdue, due or later."""
    if check.overdue_days:
        return f"overdue {check.overdue_days} d"
    return "due" if check.is_open else f"from {check.since}"
