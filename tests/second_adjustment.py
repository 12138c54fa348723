"""A second way to an adjusted dose, in plain floats, from the clinical reference and the limits.

Nothing here is imported from `dosing`; what it shares with the second way to a starting dose (the
limits of a daily dose, the steps of a product) is taken from there. See `second_implementation` for
what a float cannot hold and how values are rounded before they meet a limit.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from tests import second_implementation as second
from tests.second_implementation import Limit


@dataclass(frozen=True)
class Case:
    """A level beside the dose it was reached with; a weight of None is not known."""

    level: float
    dose_mg: float
    times_a_day: int
    product: str
    protocol: str
    low: float | None
    high: float
    chosen_aim: float | None
    loading: bool
    age_months: float
    weight_kg: float | None
    height_cm: float | None
    measured_days_ago: float

    @property
    def daily_mg(self) -> float:
        return self.dose_mg * self.times_a_day

    @property
    def aim(self) -> float:
        """The chosen point, or the middle; without a lower end two thirds of the upper one."""
        if self.chosen_aim is not None:
            return self.chosen_aim
        return round(self.high * 2 / 3, 1) if self.low is None else (self.low + self.high) / 2

    @property
    def area(self) -> float | None:
        if self.weight_kg is None:
            return None
        formula = "mosteller" if self.height_cm else "weight-only"
        return second.area_m2(formula, self.weight_kg, self.height_cm)

    @property
    def is_inside(self) -> bool:
        return (self.low or 0) <= self.level <= self.high

    @property
    def factor(self) -> float:
        """Section 6, and the cap of the limits."""
        return min(self.aim / self.level, 1.5)

    @property
    def ceiling_mg(self) -> float:
        """Only the Japanese label has one (section 3)."""
        if self.protocol != "japan":
            return math.inf
        if self.weight_kg is None or self.area is None:
            return 4
        patient = second.Patient(self.weight_kg, self.age_months, self.height_cm)
        return second.japanese_start(patient, "solution", round(self.area, 9), 1).ceiling_mg

    @property
    def exact_mg(self) -> float:
        """Per administration, before rounding."""
        return min(self.daily_mg * self.factor, self.ceiling_mg) / self.times_a_day

    @property
    def given_mg(self) -> Fraction:
        """Per administration; 0 where nothing is as low as the ceiling and the cap."""
        highest = min(self.ceiling_mg, self.daily_mg * 1.5) / self.times_a_day
        return self.rounded_mg(self.exact_mg, highest)

    def rounded_mg(self, exact_mg: float, highest_mg: float = math.inf) -> Fraction:
        """Return a dose on the marks; under 7 months rounding never raises it (limits)."""
        never_up = min(exact_mg, highest_mg) if self.age_months < 7 else highest_mg
        return second.measured_mg(exact_mg, self.product, never_up)

    @property
    def rise_mg(self) -> Fraction:
        """By how much the daily dose rises."""
        return self.given_mg * self.times_a_day - Fraction(f"{self.daily_mg:.10f}")

    @property
    def loading_mg(self) -> Fraction | None:
        """Section 6: three times the rise, before rounding."""
        return 3 * self.rise_mg if self.loading and self.rise_mg > 0 else None


def limits(case: Case) -> Iterator[Limit]:
    """Give every limit met: a reduction is told them, and nothing forbids it (course.md 6)."""
    is_lower = case.factor < 1 and 0 < float(case.given_mg) * case.times_a_day < case.daily_mg
    for rule, kind in _limits(case):
        is_force = kind in {"stop", "override"} and rule != "ceiling"
        yield rule, "urgent" if is_lower and is_force else kind


def _limits(case: Case) -> Iterator[Limit]:
    """Give every limit that a level outside the target meets."""
    if case.factor > 1 and round(case.ceiling_mg, 9) <= round(case.daily_mg, 9):
        yield "ceiling", "stop"
        return
    given = float(case.given_mg)
    if given == 0:
        yield "ceiling", "stop"
        return
    if case.loading_mg is not None and case.rounded_mg(float(case.loading_mg)) == 0:
        yield "ceiling", "stop"
        return
    if round(case.aim / case.level, 9) > 1.5:
        yield "capped", "caution"
    yield from _body(case)
    for daily in (case.exact_mg * case.times_a_day, given * case.times_a_day):
        yield from _daily(case, daily)
        ratio = round(daily / case.daily_mg, 9)
        if ratio > 1.5 or ratio < 0.4:
            yield "step", "stop" if ratio > 5 else "caution"
    yield from second.rounding_limits("rounding", case.exact_mg, given, case.product)
    if (case.rise_mg > 0 and case.factor < 1) or (case.rise_mg < 0 and case.factor > 1):
        yield "turned round", "stop"
    yield from _loading(case, given)
    if case.product == "solution" and given <= 0.1:
        yield "volume", "caution"


def _loading(case: Case, given_mg: float) -> Iterator[Limit]:
    """Give the limits of the day of the change, with the loading dose or without."""
    largest = given_mg * case.times_a_day
    if case.loading_mg is not None:
        exact = float(case.loading_mg)
        loading = float(case.rounded_mg(exact))
        largest += loading
        yield from second.rounding_limits("loading rounding", exact, loading, case.product)
        if case.age_months < 24:
            yield "loading in infancy", "caution"
    if round(largest, 9) > 40:
        yield "high dose", "stop"


def _body(case: Case) -> Iterator[Limit]:
    if case.weight_kg is None or case.area is None:
        yield "no weight", "caution"
        return
    yield from second.outside("weight", "stop", case.weight_kg, 0.5, 350)
    yield from second.outside("area", "stop", case.area, 0.1, 3.5)
    months = case.age_months
    allowed = 14 if months < 24 else 180 if months >= 18 * 12 else 30
    yield from second.outside("measurement", "caution", case.measured_days_ago, 0, allowed)


def _daily(case: Case, daily_mg: float) -> Iterator[Limit]:
    """Give the limits of a daily dose; without a weight those in mg only."""
    if case.weight_kg is not None and case.area is not None:
        patient = second.Patient(case.weight_kg, case.age_months, case.height_cm)
        yield from second.daily_dose_limits(patient, daily_mg, case.area)
        return
    mg, months = round(daily_mg, 9), case.age_months
    if months >= 24 and mg > 6:
        yield "high dose", "override" if mg > 20 else "caution"
    if months >= 18 * 12 and mg < 0.5:
        yield "low dose", "caution"
