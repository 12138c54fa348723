"""Allergies that speak against sirolimus or a product of it.

The label's: hypersensitivity to sirolimus (US), and soya or peanut for the oral solution, which
holds soya oil (EU). Allergies are free text, which can mislead ("no peanut allergy"): so a word
that is found asks for an override, and a text without it proves nothing.
"""

import re
import unicodedata
from collections.abc import Iterator

from dosing.alerts import Alert, AlertKind
from dosing.plain_text import clean, quoted
from dosing.products import ORAL_SOLUTION, Product

_SIROLIMUS = re.compile(r"sirolimus|rapamycin|rapamune")
_SOYA = re.compile(r"\b(soy|soja|pea-? ?nut|ground-? ?nut|arachis)")


def allergy_alerts(allergies: str, product: Product) -> tuple[Alert, ...]:
    """Return an override for each contraindication that the allergies name.

    >>> [alert.code for alert in allergy_alerts("Peanuts", ORAL_SOLUTION)]
    ['allergy-soya']
    """
    return tuple(_alerts(clean(allergies), product))


def _alerts(allergies: str, product: Product) -> Iterator[Alert]:
    letters = unicodedata.normalize("NFKD", allergies).casefold()
    if _SIROLIMUS.search(letters):
        message = (
            f"The allergies ({quoted(allergies)}) name sirolimus: hypersensitivity to it is a "
            "contraindication."
        )
        yield Alert("allergy-sirolimus", AlertKind.OVERRIDE, message, "us-label")
    if product is ORAL_SOLUTION and _SOYA.search(letters):
        message = (
            f"The allergies ({quoted(allergies)}) name soya or peanut: the oral solution holds "
            "soya oil and is contraindicated. Consider tablets."
        )
        yield Alert("allergy-soya", AlertKind.OVERRIDE, message, "eu-label")
