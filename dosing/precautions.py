"""What to rule out, to test and to tell before the first dose, each with its source.

Figures and facts: clinical reference, sections 5, 7 and 8.
"""

from dataclasses import dataclass

from dosing.products import ORAL_SOLUTION, TABLETS, Product


@dataclass(frozen=True, slots=True)
class Precaution:
    """One thing that the program cannot check and a person must."""

    text: str
    source: str
    products: tuple[Product, ...] = (ORAL_SOLUTION, TABLETS)


RULE_OUT = (
    Precaution("hypersensitivity to sirolimus", "us-label"),
    Precaution("pregnancy (contraception until 12 weeks after the last dose)", "us-label"),
    Precaution(
        "soya or peanut allergy (the solution holds soya oil)", "eu-label", (ORAL_SOLUTION,)
    ),
)

BASELINE_TESTS = Precaution(
    "full blood count, kidney function, liver enzymes, cholesterol and triglycerides, fasting "
    "glucose, potassium, phosphate, urine protein, blood pressure; again monthly three times, then "
    "every 3 months",
    "jop2023",
)

HOW_TO_TAKE = (
    Precaution("always with food or always without", "us-label"),
    Precaution("no grapefruit, no live vaccines", "us-label-medical-information"),
)

SWITCH = Precaution(
    "the bioavailability of tablets is about 27 % above the solution's: take a level again after a "
    "switch",
    "us-label",
)
