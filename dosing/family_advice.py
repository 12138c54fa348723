"""What a family is told with a dose: how to give and keep it, what to avoid, when to call.

Figures and facts: clinical reference, sections 1, 5, 7 and 8. Where no source gives a rule, the
advice is to ask the clinic, and its source is `proposed`.
"""

from dataclasses import dataclass
from enum import Enum

from dosing.knowledge.products import ORAL_SOLUTION, TABLETS, Product
from dosing.knowledge.references import PROPOSED


class Topic(Enum):
    """What a piece of advice is about, in plain words."""

    GIVE = "Giving it"
    KEEP = "Keeping it"
    AVOID = "Avoid"
    CALL = "Call at once"
    ASK = "Ask your clinic first"
    LEVEL = "Next blood level"


@dataclass(frozen=True, slots=True)
class CounsellingPoint:
    """One plain sentence for the family, and on whose authority."""

    topic: Topic
    text: str
    source: str
    products: tuple[Product, ...] = (ORAL_SOLUTION, TABLETS)


_ADVICE = (
    CounsellingPoint(Topic.GIVE, "With food or without: always the same way.", "us-label"),
    CounsellingPoint(
        Topic.KEEP,
        "In the fridge, 2-8 °C. Use it within one month of opening.",
        "label-secondary",
        (ORAL_SOLUTION,),
    ),
    CounsellingPoint(Topic.AVOID, "Grapefruit and its juice.", "us-label-medical-information"),
    CounsellingPoint(Topic.AVOID, "Live vaccines.", "us-label-medical-information"),
    CounsellingPoint(
        Topic.AVOID,
        "Starting, stopping or changing another medicine or herbal remedy without asking.",
        "us-label-medical-information",
    ),
    CounsellingPoint(Topic.CALL, "Fever, or another sign of infection.", "nadal2016"),
    CounsellingPoint(Topic.CALL, "Mouth sores that stop eating or drinking.", "nadal2016"),
    CounsellingPoint(Topic.CALL, "Cough or trouble breathing.", "rapalimus-label"),
    CounsellingPoint(Topic.ASK, "A dose was vomited, missed or given twice.", PROPOSED),
    CounsellingPoint(Topic.ASK, "Anything else that worries you.", PROPOSED),
    CounsellingPoint(
        Topic.LEVEL, "It is taken just before a dose: give that dose afterwards.", "us-label"
    ),
)


def advice_for(product: Product) -> tuple[CounsellingPoint, ...]:
    """Return what a family is told of this product, in the order of the topics."""
    return tuple(each for each in _ADVICE if product in each.products)
