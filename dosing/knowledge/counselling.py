"""Precautions before the first dose, and the counselling of the family, each with its source.

Figures and facts: clinical reference, sections 1, 5, 7 and 8, and the rules of the course of
treatment, section 8. The program cannot check a precaution; a person must. Where no source gives a
rule, the advice is to ask the clinic, and its source is `proposed`.
"""

from dataclasses import dataclass
from enum import Enum

from dosing.knowledge.products import ORAL_SOLUTION, TABLETS, TABLETS_OVER_SOLUTION, Product
from dosing.knowledge.references import PROPOSED
from dosing.patient import Age

FERTILITY_ASKED_FROM_MONTHS = 120  # proposed: the age from which puberty is expected


@dataclass(frozen=True, slots=True)
class Precaution:
    """One precaution before the first dose."""

    topic: str
    text: str
    source: str
    products: tuple[Product, ...] = (ORAL_SOLUTION, TABLETS)

    def to_dict(self) -> dict[str, str]:
        """Return the precaution as the JSON document of a proposal holds it."""
        return {"topic": self.topic, "text": self.text, "source": self.source}


_PRECAUTIONS = (
    Precaution("Rule out", "hypersensitivity to sirolimus", "us-label"),
    Precaution(
        "Rule out", "pregnancy (contraception until 12 weeks after the last dose)", "us-label"
    ),
    Precaution(
        "Rule out", "soya or peanut allergy: the solution holds soya oil", "eu-label",
        (ORAL_SOLUTION,),
    ),
    Precaution(
        "Rule out", "missing vaccinations, active infection (teeth too), cancer", "jop2023"
    ),
    Precaution(
        "Test",
        "full blood count, kidney function, liver enzymes, cholesterol and triglycerides, fasting "
        "glucose, potassium, phosphate, urine protein, blood pressure; again every month",
        "jop2023",
    ),
    Precaution(
        "Test",
        "coagulation, pregnancy test, HIV, hepatitis, tuberculosis; chest X-ray where indicated",
        "jop2023",
    ),
    Precaution("Test", "TSH, T4", "genereviews"),
    Precaution("Test", "chest CT, again during treatment; hepatitis B", "rapalimus-label"),
    Precaution("Tell", "always with food or always without", "us-label"),
    Precaution("Tell", "no grapefruit, no live vaccines", "us-label-medical-information"),
    Precaution("Tell", "fertility is a concern in women and men", "vascern2023"),
    Precaution(
        "Know",
        "on 1.3-1.5 mg/day rare periods (hazard ratio 4.3, 95 % CI 1.1-29) and ovarian cysts "
        "(4.4, 1.1-26) were more frequent",
        "suisse-adpkd",
    ),
    Precaution(
        "Know",
        "hepatitis B can be reactivated; efficacy in high-flow lesions is not confirmed",
        "rapalimus-label",
    ),
    Precaution(
        "Know",
        "from 2 years of age, with a steady level, the tests may be monthly three times, then "
        "every 3 months",
        "genereviews",
    ),
    Precaution(
        "Product",
        "each mL holds up to 25 mg ethanol and about 350 mg propylene glycol",
        "us-label",
        (ORAL_SOLUTION,),
    ),
    Precaution(
        "Product",
        f"tablets have about {100 * (TABLETS_OVER_SOLUTION - 1):.0f} % more bioavailability than "
        "the solution: take a level again after a switch",
        "us-label",
    ),
)  # fmt: skip


def precautions_for(product: Product) -> tuple[Precaution, ...]:
    """Return the precautions for this product, in the order of the topics."""
    return tuple(each for each in _PRECAUTIONS if product in each.products)


class Topic(Enum):
    """The topic of a counselling point, in plain words."""

    GIVE = "Giving it"
    KEEP = "Keeping it"
    AVOID = "Avoid"
    CALL = "Call at once"
    ASK = "Ask your clinic first"
    LEVEL = "Next blood level"


@dataclass(frozen=True, slots=True)
class CounsellingPoint:
    """One plain sentence for the family, with its source; `name` finds its translations."""

    name: str
    topic: Topic
    text: str
    source: str
    products: tuple[Product, ...] = (ORAL_SOLUTION, TABLETS)
    from_months: int = 0
    """The age from which it concerns a patient."""


_ADVICE = (
    CounsellingPoint("food", Topic.GIVE, "With food or without: always the same way.", "us-label"),
    CounsellingPoint(
        "fridge",
        Topic.KEEP,
        "In the fridge, 2-8 °C. Use it within one month of opening.",
        "label-secondary",
        (ORAL_SOLUTION,),
    ),
    CounsellingPoint(
        "grapefruit", Topic.AVOID, "Grapefruit and its juice.", "us-label-medical-information"
    ),
    CounsellingPoint(
        "live-vaccines", Topic.AVOID, "Live vaccines.", "us-label-medical-information"
    ),
    CounsellingPoint(
        "other-medicines",
        Topic.AVOID,
        "Starting, stopping or changing another medicine or herbal remedy without asking.",
        "us-label-medical-information",
    ),
    CounsellingPoint("infection", Topic.CALL, "Fever, or another sign of infection.", "nadal2016"),
    CounsellingPoint(
        "mouth-sores", Topic.CALL, "Mouth sores that stop eating or drinking.", "nadal2016"
    ),
    CounsellingPoint("breathing", Topic.CALL, "Cough or trouble breathing.", "rapalimus-label"),
    CounsellingPoint(
        "not-given-right", Topic.ASK, "A dose was vomited, missed or given twice.", PROPOSED
    ),
    CounsellingPoint(
        "fertility",
        Topic.ASK,
        "Periods that change or stop; a wish for children.",
        "vascern2023",
        from_months=FERTILITY_ASKED_FROM_MONTHS,
    ),
    CounsellingPoint("worries", Topic.ASK, "Anything else that worries you.", PROPOSED),
    CounsellingPoint(
        "trough",
        Topic.LEVEL,
        "It is taken just before a dose: give that dose afterwards.",
        "us-label",
    ),
)


def every_point() -> tuple[CounsellingPoint, ...]:
    """Return the counselling points for every product and age."""
    return _ADVICE


def advice_for(product: Product, age: Age) -> tuple[CounsellingPoint, ...]:
    """Return the counselling points for this product and age, in the order of the topics."""
    return tuple(
        each for each in _ADVICE if product in each.products and each.from_months <= age.months
    )
