"""How a summary's values are written on a screen: words and signs, nothing calculated."""

from datetime import date
from typing import TYPE_CHECKING

from dosing import plain

if TYPE_CHECKING:
    from dosing.products import Measured
    from monitoring.levels import LevelAssessment
    from monitoring.record.prescription import Prescription
    from monitoring.summary import CurrentDose, PatientSummary

NOTHING = "–"


def dose_words(dose: "Prescription") -> str:
    """Return mg per administration and times a day."""
    return f"{plain(dose.dose_mg)} mg × {dose.times_a_day}"


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


def protocol_words(dose: "Prescription") -> str:
    """Return the protocol and the target in ng/mL, without the unit."""
    return f"{dose.protocol} {dose.target}".removesuffix(" ng/mL").replace("at most ", "≤")


def level_words(level: "LevelAssessment") -> str:
    """Return the level between its sign and its word, so that what is cut off is never a digit."""
    from reports.presentation.levels import mark  # noqa: PLC0415 - what it comes with is heavy

    sign, _, word = mark(level).partition(" ")
    return f"{sign} {level.level.entry} {word.removesuffix(', censored')}"


def since_words(day: date, summary: "PatientSummary") -> str:
    """Return how many days a day lies before the summary's."""
    return f"{(summary.made.local.date() - day).days} d"
