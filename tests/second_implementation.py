"""A second way to a starting dose, written from the clinical reference and not from the program.

Nothing here is imported from `dosing`: the tables are typed again from the clinical reference and
the table of limits (section or row in a comment), and the arithmetic is plain floats. So the same
mistake has to be made twice before a comparison of the two misses it.

A float cannot hold 0.8 mg or a band's edge exactly. So a value is rounded to nine decimals before
it is held against a limit, and to ten before it is rounded to a step: far finer than anything that
is weighed or measured, far coarser than a float's own error (about 1e-15). Only a patient closer
than that to an edge, without lying on it, would be judged wrongly.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

Kind = Literal["stop", "override", "urgent", "caution"]
Limit = tuple[str, Kind]
Outcome = Literal["dose", "stopped", "awaiting override"]

ADULT_FROM_MONTHS = 18 * 12
ADULT_ROW_FROM_KG = 40  # limits: "adult or ≥ 40 kg"

# Limits: the rows of daily doses, strongest first. With "from" the bound itself is too high.
TOO_HIGH_MG: dict[str, tuple[tuple[Kind, str, float], ...]] = {
    "anyone": (("stop", "above", 40),),
    "adult or 40 kg": (("override", "above", 20), ("caution", "above", 6)),
}
TOO_HIGH_MG_PER_M2: dict[str, tuple[tuple[Kind, str, float], ...]] = {
    "child under 40 kg": (("stop", "from", 8), ("override", "above", 4), ("caution", "above", 3)),
    "7-24 months": (("stop", "from", 4), ("caution", "above", 1.8)),
    "under 7 months": (("stop", "from", 3.2), ("override", "from", 1.6), ("caution", "above", 0.8)),
    "under 1 month": (("override", "above", 0.4),),
}
# Limits: "very low dose".
TOO_LOW_MG = {"adult": 0.5}
TOO_LOW_MG_PER_M2 = {"child": 0.4, "infant": 0.15}


@dataclass(frozen=True)
class Patient:
    """Who is dosed; `z_scores` are the growth scores that exist for the age."""

    weight_kg: float
    age_months: float
    height_cm: float | None
    z_scores: tuple[float, ...] = ()


@dataclass(frozen=True)
class Choice:
    """What the clinician chose, by the names that the command line knows."""

    protocol: str = "review"
    formula: str = "mosteller"
    product: str = "solution"
    liver: str = "none"
    every_hours: int | None = None
    strength: float = 1
    """mg in a mL."""
    fine_marks: bool = False
    """Whether the clinic's 0.5 mL syringes have marks of 0.01 mL."""


@dataclass(frozen=True)
class Start:
    """What a protocol begins with: its dose a day, in how many doses, and a loading dose."""

    protocol_mg: float
    """The protocol's own dose per day."""
    doses_a_day: float
    part: float
    """What the liver leaves of it."""
    ceiling_mg: float = math.inf
    """The most per day."""
    loading_mg: float | None = None
    never_up: bool = False
    """Whether rounding never raises the dose (limits: under 7 months)."""

    @property
    def mg(self) -> float:
        """The dose per administration, before rounding."""
        return min(self.protocol_mg * self.part, self.ceiling_mg) / self.doses_a_day

    def given_mg(self, choice: Choice) -> Fraction:
        """Return the dose per administration, rounded; 0 where no dose is under the ceiling."""
        highest = self.ceiling_mg / self.doses_a_day
        highest = min(highest, self.mg) if self.never_up else highest
        return measured_mg(self.mg, choice.product, highest, choice.strength, choice.fine_marks)


def area_m2(formula: str, kg: float, cm: float | None) -> float | None:
    """Return the body surface area (section 2); None where the formula lacks a height."""
    grams = kg * 1000
    if formula == "weight-only":
        cm2: float = 4.688 * grams ** (0.8168 - 0.0154 * math.log10(grams))
        return cm2 / 10_000
    if cm is None:
        return None
    by_formula: dict[str, float] = {
        "mosteller": math.sqrt(kg * cm / 3600),
        "haycock": 0.024265 * kg**0.5378 * cm**0.3964,
        "dubois": 0.007184 * kg**0.425 * cm**0.725,
        "gehan-george": 0.0235 * kg**0.51456 * cm**0.42246,
        "boyd": 0.0003207 * cm**0.3 * grams ** (0.7285 - 0.0188 * math.log10(grams)),
        "fujimoto": 0.008883 * kg**0.444 * cm**0.663,
        "takahira": 0.007241 * kg**0.425 * cm**0.725,
        "shuter-aslani": 0.00949 * kg**0.441 * cm**0.655,
    }
    return by_formula[formula]


def start_of(patient: Patient, choice: Choice, area: float) -> Start | None:
    """Return what the protocol begins with (section 3); None where it is not for the patient."""
    part = part_the_liver_leaves(choice)
    if choice.protocol == "low":  # Harbers: a target, no start
        return None
    if choice.protocol == "infant":  # BJCP 2022: 0.2 mg/m² every 24 or 48 h, under 7 months
        if patient.age_months >= 7:
            return None
        a_day = 24 / (choice.every_hours or 24)
        return Start(0.2 * area * a_day, a_day, part)
    start = usual_start_of(patient, choice, area, part)
    return start and replace(start, never_up=patient.age_months < 7)


def usual_start_of(patient: Patient, choice: Choice, area: float, part: float) -> Start | None:
    """Return what the protocols with usual doses begin with."""
    if choice.protocol in {"review", "phase2"}:  # 1.6 mg/m²/day in 2 is 0.8 mg/m² per dose, twice
        return Start(1.6 * area, 2, part)
    if choice.protocol == "french":
        return Start(1.6 * area, 1 if patient.age_months >= ADULT_FROM_MONTHS else 2, part)
    if choice.protocol == "japan":
        return japanese_start(patient, choice.product, round(area, 9), part)
    if patient.age_months < 13 * 12 or patient.weight_kg >= 40:  # kidney transplant
        return None
    return Start(1.0 * area, 1, part, loading_mg=3.0 * area)


def japanese_start(patient: Patient, product: str, area: float, part: float) -> Start:
    """Return the Japanese label's start (section 3); its doses per kg are for the solution only.

    Its ceiling of four times the dose per kg is for every product below 0.6 m².
    """
    if area >= 0.6:
        return Start(2 if area >= 1.0 else 1, 1, part, ceiling_mg=4)
    bands = ((3, 0.02), (6, 0.04), (12, 0.06), (math.inf, 0.08))
    per_kg = next(mg for until, mg in bands if patient.age_months < until)
    by_weight = per_kg * patient.weight_kg
    daily = 1 if product == "tablets" else by_weight
    return Start(daily, 1, part, ceiling_mg=min(4, 4 * by_weight))


def part_the_liver_leaves(choice: Choice) -> float:
    """Return the part of the maintenance dose that hepatic impairment leaves (section 7)."""
    if choice.protocol == "japan":
        return {"none": 1, "A": 1, "B": 1 / 2, "C": 1 / 2}[choice.liver]
    return {"none": 1, "A": 2 / 3, "B": 2 / 3, "C": 1 / 2}[choice.liver]


def measured_mg(
    mg: float,
    product: str,
    ceiling_mg: float = math.inf,
    strength: float = 1,
    fine_marks: bool = False,  # noqa: FBT001, FBT002 - one of the clinic's choices
) -> Fraction:
    """Return the nearest dose that can be measured (section 5); a tie goes to the lower one.

    It is 0 where no dose that can be measured is as low as the ceiling.
    """
    exact = Fraction(f"{mg:.10f}")
    step = step_mg(exact, product, strength, fine=fine_marks)
    below, rest = divmod(exact, step)
    steps = max(1, below + (rest > step / 2))
    if ceiling_mg < math.inf:
        steps = min(steps, Fraction(f"{ceiling_mg:.10f}") // step)
    return step * steps


def step_mg(exact: Fraction, product: str, strength: float = 1, *, fine: bool = False) -> Fraction:
    """Return the step that a dose is measured in (section 5); the marks are those of volumes."""
    if product == "tablets":
        return Fraction("0.5")
    mg_per_ml = Fraction(str(strength))
    ml = exact / mg_per_ml
    if fine and ml <= Fraction("0.5"):
        return Fraction("0.01") * mg_per_ml
    if ml <= 1:
        return Fraction("0.02") * mg_per_ml
    return (Fraction("0.1") if ml <= 3 else Fraction("0.2")) * mg_per_ml


def outside(rule: str, kind: Kind, value: float, low: float, high: float) -> Iterator[Limit]:
    """Give the limit where the value lies below `low` or above `high`."""
    if not low <= round(value, 9) <= high:
        yield rule, kind


def body_limits(patient: Patient) -> Iterator[Limit]:
    """Give the limits that weight, height and age meet by themselves."""
    kg, cm, months = patient.weight_kg, patient.height_cm, patient.age_months
    yield from outside("weight", "stop", kg, 0.5, 350)
    yield from outside("age", "stop", months, 0, 120 * 12)
    for z in patient.z_scores:  # beyond 8 it is asked again, but stays a question
        yield from outside("growth", "caution", z, -3.5, 3.5)
    if cm is not None:
        body_mass_index = kg / (cm / 100) ** 2
        yield from outside("height", "stop", cm, 25, 250)
        yield from outside("body mass index", "stop", body_mass_index, 7.5, 105)
        if months >= ADULT_FROM_MONTHS:
            yield from outside("body mass index", "caution", body_mass_index, 15, 50)


def area_limits(patient: Patient, area: float) -> Iterator[Limit]:
    """Give the limits of the row "body surface area"."""
    yield from outside("area", "stop", area, 0.1, 3.5)
    for formula, allowed in (("haycock", 0.05), ("weight-only", 0.25)):
        other = area_m2(formula, patient.weight_kg, patient.height_cm)
        if other is not None:
            yield from outside(f"not {formula}", "caution", area / other - 1, -allowed, allowed)


def rows_of(patient: Patient) -> list[str]:
    """Return the rows of daily doses that are the patient's."""
    months = patient.age_months
    if months < 1:
        return ["anyone", "infant", "under 7 months", "under 1 month"]
    if months < 24:
        return ["anyone", "infant", "under 7 months" if months < 7 else "7-24 months"]
    grown = months >= ADULT_FROM_MONTHS
    large = grown or patient.weight_kg >= ADULT_ROW_FROM_KG
    return [
        "anyone",
        "adult" if grown else "child",
        "adult or 40 kg" if large else "child under 40 kg",
    ]


def daily_dose_limits(
    patient: Patient, daily_mg: float, area: float, *, low_meant: bool = False
) -> Iterator[Limit]:
    """Give the limits that a daily maintenance dose meets."""
    mg, per_m2 = round(daily_mg, 9), round(daily_mg / area, 9)
    for row in rows_of(patient):
        bounds = [(mg, *bound) for bound in TOO_HIGH_MG.get(row, ())]
        bounds += [(per_m2, *bound) for bound in TOO_HIGH_MG_PER_M2.get(row, ())]
        for value, kind, word, bound in bounds:
            if value > bound or (word == "from" and value == bound):
                yield "high dose", kind
        if low_meant:
            continue
        if mg < TOO_LOW_MG.get(row, 0) or per_m2 < TOO_LOW_MG_PER_M2.get(row, 0):
            yield "low dose", "caution"


def rounding_limits(rule: str, exact_mg: float, given_mg: float, product: str) -> Iterator[Limit]:
    """Give the limits on what rounding does to a dose."""
    percent = round(abs(given_mg - exact_mg) / exact_mg * 100, 9)
    if product == "tablets":
        if percent > 10:
            yield rule, "override" if percent > 25 else "caution"
        return
    if percent > 5:
        yield rule, "stop" if percent > 10 else "caution"


def dose_limits(patient: Patient, choice: Choice, area: float, start: Start) -> Iterator[Limit]:
    """Give the limits of a dose: the protocol's own, before and after rounding.

    The protocol's own is looked at too, since section 4 stops the review's dose in young infants
    whatever their liver: a reduction there answers a higher exposure.
    """
    given_mg = float(start.given_mg(choice))
    if given_mg == 0:
        yield "ceiling", "stop"
        return
    times = start.doses_a_day
    for daily_mg in (start.protocol_mg, start.mg * times, given_mg * times):
        low_meant = choice.protocol == "infant"
        yield from daily_dose_limits(patient, daily_mg, area, low_meant=low_meant)
    yield from rounding_limits("rounding", start.mg, given_mg, choice.product)
    if choice.product == "solution" and round(given_mg / choice.strength, 9) <= 0.1:
        yield "volume", "caution"
    if start.loading_mg is not None:
        loading_given_mg = float(loading_given(start, choice))
        rule = "loading rounding"
        yield from rounding_limits(rule, start.loading_mg, loading_given_mg, choice.product)


def loading_given(start: Start, choice: Choice) -> Fraction:
    """Return the loading dose, rounded."""
    mg = start.loading_mg or 0
    return measured_mg(mg, choice.product, math.inf, choice.strength, choice.fine_marks)


def strongest(limits: Iterable[Limit]) -> dict[str, Kind]:
    """Return the strongest kind that each rule met."""
    order: tuple[Kind, ...] = ("caution", "urgent", "override", "stop")
    return dict(sorted(limits, key=lambda limit: order.index(limit[1])))


def outcome(limits: Iterable[Limit], *, overridden: bool) -> Outcome:
    """Return whether a dose is proposed, is stopped, or waits for a documented reason."""
    kinds = {kind for _, kind in limits}
    if "stop" in kinds:
        return "stopped"
    return "awaiting override" if "override" in kinds and not overridden else "dose"


def all_limits(patient: Patient, choice: Choice) -> list[Limit]:
    """Return the limits that a request meets; a stop leaves nothing to look at after it."""
    limits = list(body_limits(patient))
    if outcome(limits, overridden=True) == "stopped":
        return limits
    area = area_m2(choice.formula, patient.weight_kg, patient.height_cm)
    if area is None:
        return [*limits, ("height missing", "stop")]
    limits += area_limits(patient, area)
    if outcome(limits, overridden=True) == "stopped":
        return limits
    start = start_of(patient, choice, area)
    if start is None:
        rule = "no start" if choice.protocol == "low" else "not for this patient"
        return [*limits, (rule, "stop")]
    return [*limits, *dose_limits(patient, choice, area, start)]
