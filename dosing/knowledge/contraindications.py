"""Contraindications: allergies to sirolimus or to a product of it.

They are the label's: hypersensitivity to sirolimus (US), and soya or peanut for the oral solution,
which contains soya oil (EU). Allergies are free text, which can mislead ("no peanut allergy"): a
match for soya asks for an override, one for sirolimus stops until the text is corrected, and a
text without a match proves nothing.
"""

import re
import unicodedata
from collections.abc import Iterator

from dosing.alerts import Alert, Alerts
from dosing.knowledge.alert_catalogue import ALLERGY_SIROLIMUS, ALLERGY_SOYA
from dosing.knowledge.products import ORAL_SOLUTION, Product
from dosing.quantities.text import clean, quoted

_SIROLIMUS = re.compile(r"sirolimus|rapamycin|rapamune")
_SOYA = re.compile(r"\b(soy|soja|pea-? ?nut|ground-? ?nut|arachis)")


def allergy_alerts(allergies: str, product: Product) -> Alerts:
    """Return a stop or an override for each contraindication that the allergies name.

    >>> [alert.code for alert in allergy_alerts("Peanuts", ORAL_SOLUTION)]
    ['allergy-soya']
    """
    return Alerts(_alerts(clean(allergies), product))


def _alerts(allergies: str, product: Product) -> Iterator[Alert]:
    letters = unicodedata.normalize("NFKD", allergies).casefold()
    if _SIROLIMUS.search(letters):
        yield ALLERGY_SIROLIMUS.alert(allergies=quoted(allergies))
    if product is ORAL_SOLUTION and _SOYA.search(letters):
        yield ALLERGY_SOYA.alert(allergies=quoted(allergies))
