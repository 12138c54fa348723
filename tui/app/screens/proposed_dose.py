"""A dose that another screen fills in where a dose is adjusted."""

from dataclasses import dataclass

from dosing import Dose, Product


@dataclass(frozen=True, slots=True)
class ProposedDose:
    """What is filled in. It is checked there as if it was typed, and stored only when asked for."""

    dose: Dose
    product: Product
    reason: str
    """Where the dose comes from."""
