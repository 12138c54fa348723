"""Blood pressure: the figures by which it is graded, in children by age, sex and height.

Children of 1 to 17 years are compared with the regression of the Fourth Report (source key
`fourth-report2004`; course of treatment, section 11): with x the age in years - 10 and z the z
score of the height, the expected pressure is a + Σ b·x^i + Σ c·z^i, and a centile is its normal
deviate times σ above it. The report took z from the CDC's tables of height; this program has those
of the WHO (`who-growth`). CTCAE's grades of a child are 90th, 95th and 99th centile + 5 mmHg
(`ctcae5`). From 13 years on the figures of the AAP apply too (`aap2017`), from 18 years those of
CTCAE alone; figures begin a grade.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from dosing.knowledge.references import PROPOSED
from dosing.patient import Sex

SOURCE = "fourth-report2004"
AAP_SOURCE = "aap2017"

CHILD_FROM_MONTHS = Decimal(12)
AAP_FROM_MONTHS = Decimal(13 * 12)
SYSTOLIC, DIASTOLIC = "systolic", "diastolic"

# The deviates of the normal distribution (by definition).
CENTILES: Mapping[int, Decimal] = MappingProxyType(
    {90: Decimal("1.2815516"), 95: Decimal("1.6448536"), 99: Decimal("2.3263479")}
)
ABOVE_THE_99TH_MMHG = Decimal(5)

# Beyond this z the polynomial turns back: a taller or shorter child is taken as one at it.
FARTHEST_HEIGHT_Z = Decimal(3)
FARTHEST_HEIGHT_Z_SOURCE = PROPOSED

Grades = tuple[tuple[int, Decimal], ...]


def _from(grades: str) -> Grades:
    """Return the figures that begin grades, such as "1:120 2:140"."""
    pairs = (each.split(":") for each in grades.split())
    return tuple((int(grade), Decimal(figure)) for grade, figure in pairs)


ADULT: Mapping[str, Grades] = MappingProxyType(
    {SYSTOLIC: _from("1:120 2:140 3:160"), DIASTOLIC: _from("1:80 2:90 3:100")}
)
AAP: Mapping[str, Grades] = MappingProxyType(
    {SYSTOLIC: _from("1:120 2:130 3:140"), DIASTOLIC: _from("2:80 3:90")}
)
"""Elevated, stage 1 and stage 2. An elevated pressure has a diastolic one below 80."""


@dataclass(frozen=True, slots=True)
class Regression:
    """One row of table B-1: the intercept, the powers of age and height z, and σ."""

    intercept: Decimal
    by_age: tuple[Decimal, ...]
    by_height: tuple[Decimal, ...]
    sigma: Decimal

    def expected(self, years: Decimal, height_z: Decimal) -> Decimal:
        """Return the expected pressure, mmHg."""
        age = years - 10
        return (
            self.intercept
            + sum(factor * age**power for power, factor in enumerate(self.by_age, start=1))
            + sum(factor * height_z**power for power, factor in enumerate(self.by_height, start=1))
        )

    def centile(self, centile: int, years: Decimal, height_z: Decimal) -> Decimal:
        """Return a centile of the pressure, mmHg."""
        return self.expected(years, height_z) + CENTILES[centile] * self.sigma


def _regression(figures: str) -> Regression:
    intercept, *powers, sigma = map(Decimal, figures.split())
    return Regression(intercept, tuple(powers[:4]), tuple(powers[4:]), sigma)


REGRESSIONS: Mapping[tuple[Sex, str], Regression] = MappingProxyType(
    {
        (Sex.MALE, SYSTOLIC): _regression(
            "102.19768 1.82416 0.12776 0.00249 -0.00135 2.73157 -0.19618 -0.04659 0.00947 10.7128"
        ),
        (Sex.MALE, DIASTOLIC): _regression(
            "61.01217 0.68314 -0.09835 0.01711 0.00045 1.46993 -0.07849 -0.03144 0.00967 11.6032"
        ),
        (Sex.FEMALE, SYSTOLIC): _regression(
            "102.01027 1.94397 0.00598 -0.00789 -0.00059 2.03526 0.02534 -0.01884 0.00121 10.4855"
        ),
        (Sex.FEMALE, DIASTOLIC): _regression(
            "60.50510 1.01301 0.01157 0.00424 -0.00137 1.16641 0.12795 -0.03869 -0.00079 10.9573"
        ),
    }
)
"""Table B-1 by sex and pressure."""
