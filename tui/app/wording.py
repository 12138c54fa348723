"""How a summary's values are written on a screen: words and signs, nothing calculated."""

from datetime import date
from typing import TYPE_CHECKING

from dosing import plain
from monitoring.record.listing import NOTHING

if TYPE_CHECKING:
    from dosing.knowledge.products import Measured
    from monitoring.levels import LevelAssessment
    from monitoring.summary import CurrentDose, PatientSummary


def measured_words(dose: "Measured") -> str:
    """Return what is drawn up or counted for one administration.

    >>> from decimal import Decimal
    >>> from dosing import Product
    >>> from dosing.knowledge.products import Measured
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
