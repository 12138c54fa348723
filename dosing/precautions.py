"""What to rule out, to test and to tell before the first dose, each with its source.

Figures and facts: clinical reference, sections 5, 7 and 8. The program cannot check them; a person
must.
"""

from dataclasses import dataclass

from dosing.knowledge.products import ORAL_SOLUTION, TABLETS, Product


@dataclass(frozen=True, slots=True)
class Precaution:
    """One thing to do or to know before the first dose."""

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
        "Test",
        "full blood count, kidney function, liver enzymes, cholesterol and triglycerides, fasting "
        "glucose, potassium, phosphate, urine protein, blood pressure; again monthly three times, "
        "then every 3 months",
        "jop2023",
    ),
    Precaution("Tell", "always with food or always without", "us-label"),
    Precaution("Tell", "no grapefruit, no live vaccines", "us-label-medical-information"),
    Precaution(
        "Product",
        "each mL holds up to 25 mg ethanol and about 350 mg propylene glycol",
        "us-label",
        (ORAL_SOLUTION,),
    ),
    Precaution(
        "Product",
        "tablets have about 27 % more bioavailability than the solution: take a level again after "
        "a switch",
        "us-label",
    ),
)  # fmt: skip


def precautions_for(product: Product) -> tuple[Precaution, ...]:
    """Return what applies to this product, in the order of the topics."""
    return tuple(each for each in _PRECAUTIONS if product in each.products)
