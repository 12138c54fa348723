"""Liver impairment: the reduction of a maintenance dose.

Figures: clinical reference, section 7. The exposure rises by 48, 96 and 210 % in Child-Pugh A, B
and C. The United States label reduces the maintenance dose by about a third in A and B and by a
half in C; the Japanese label halves it in B and C. A loading dose is unchanged.
"""

from dataclasses import dataclass
from decimal import Decimal

from dosing.knowledge.protocols import Protocol
from dosing.patient import LiverImpairment


@dataclass(frozen=True, slots=True)
class Reduction:
    """The part of a dose that is given, as `numerator` / `denominator`."""

    numerator: int
    denominator: int
    source: str

    def of(self, mg: Decimal) -> Decimal:
        """Return the reduced dose."""
        return mg * self.numerator / self.denominator

    def __str__(self) -> str:
        """Return the part as a fraction."""
        return f"{self.numerator}/{self.denominator}"


EXPOSURE_SOURCE = "tortorici2013"

_EXPOSURE_RISE_PERCENT = {
    LiverImpairment.A: 48,
    LiverImpairment.B: 96,
    LiverImpairment.C: 210,
}

_US_LABEL = {
    LiverImpairment.A: Reduction(2, 3, "us-label"),
    LiverImpairment.B: Reduction(2, 3, "us-label"),
    LiverImpairment.C: Reduction(1, 2, "us-label"),
}


def liver_reduction(protocol: Protocol, liver: LiverImpairment) -> Reduction | None:
    """Return the reduction for a liver impairment, or None where the dose stays as it is.

    The protocol's own source decides; without one the United States label does.
    """
    if liver is LiverImpairment.NONE:
        return None
    if protocol.halved_in is None:
        return _US_LABEL[liver]
    return Reduction(1, 2, protocol.source) if liver in protocol.halved_in else None


def exposure_rise_percent(liver: LiverImpairment) -> int:
    """Return the rise of the exposure (area under the curve) by this impairment, in percent."""
    return _EXPOSURE_RISE_PERCENT.get(liver, 0)
