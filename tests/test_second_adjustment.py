"""Adjusted doses against a second implementation, and against each other.

SIROLIMUS_CAMPAIGN=full compares 10,000 patients and levels in each test instead of 200.
"""

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from dosing import (
    PROTOCOLS,
    AdjustedDose,
    Adjustment,
    Age,
    AlertKind,
    Height,
    Override,
    Product,
    TargetTrough,
    Weight,
    adjust_dose,
    measure_out,
)
from tests import second_adjustment as second
from tests.second_implementation import outcome, strongest
from tests.test_second_implementation import RELATIVE_TOLERANCE, compared, numbers

RULES = {
    "ceiling": "ceiling",
    "factor-capped": "capped",
    "weight-out-of-range": "weight",
    "area-out-of-range": "area",
    "measurement-old": "measurement",
    "weight-unknown": "no weight",
    "dose-above-maximum": "high dose",
    "dose-high": "high dose",
    "age-under-7-months": "high dose",
    "dose-low": "low dose",
    "dose-step": "step",
    "rounding": "rounding",
    "rounding-turned-round": "turned round",
    "loading-rounding": "loading rounding",
    "loading-in-infancy": "loading in infancy",
    "volume-small": "volume",
}
SHOWN_WITH_A_DOSE_ONLY = {"volume", "loading in infancy"}
REASON = Override("agreed in the vascular anomalies board", "A. Name")
DAYS_PER_MONTH = Decimal("30.4375")

TARGETS = st.sampled_from(
    [(5, 15), (10, 15), (4, 12), (4, 10), (1, 5), (5, 7), (None, 15), (12, 20)]
).map(lambda ends: TargetTrough(Decimal(ends[0]) if ends[0] else None, Decimal(ends[1])))
LEVELS = st.one_of(
    numbers("0.1", "40", 1),
    numbers("1", "32", 2),
    st.sampled_from(["4", "5", "10", "12", "15", "20", "30", "30.01"]).map(Decimal),
)
AGES_MONTHS = numbers("0", "30", 1) | numbers("0", "300", 0) | st.sampled_from(
    ["1", "7", "24", "216"]
).map(Decimal)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Weight | None, Height | None]:
    """Bodies of a body mass index of 12 to 30, with weight and height known or not."""
    cm = draw(numbers("40", "190", 1))
    kg = draw(numbers("12", "30", 1)) * (cm / 100) ** 2
    weight = Weight(kg.quantize(Decimal("0.01")))
    known = draw(st.sampled_from(["both", "both", "both", "weight", "neither"]))
    return (
        None if known == "neither" else weight,
        Height(cm) if known == "both" else None,
    )


@st.composite
def adjustments(draw: st.DrawFn) -> Adjustment:
    """Patients and levels, plausible and not; the dose now given is mostly measurable."""
    product = draw(st.sampled_from([Product.SOLUTION, Product.SOLUTION, Product.TABLETS]))
    dose = draw(numbers("0.02", "2", 2) | numbers("0.05", "6", 1) | numbers("1", "12", 0))
    if draw(st.integers(0, 9)):
        dose = measure_out(dose, product).mg
    target = draw(TARGETS)
    aim = draw(st.none() | numbers(str(target.low_ng_ml or 1), str(target.high_ng_ml), 1))
    months = draw(AGES_MONTHS)
    weight, height = draw(bodies())
    return Adjustment(
        level_ng_ml=draw(LEVELS),
        dose_mg=dose,
        times_a_day=draw(st.sampled_from([1, 2, 2, 3])),
        product=product,
        protocol=PROTOCOLS[draw(st.sampled_from(["review", "french", "japan"]))],
        target=target,
        age=Age(months, months * DAYS_PER_MONTH),
        weight=weight,
        height=height,
        measured_days_ago=Decimal(draw(st.integers(0, 200))) if weight else None,
        chosen_aim_ng_ml=aim,
        loading=draw(st.booleans()),
        override=draw(st.sampled_from([None, REASON])),
    )


def as_case(request: Adjustment) -> second.Case:
    """Return the same in plain floats."""
    low, aim = request.target.low_ng_ml, request.chosen_aim_ng_ml
    return second.Case(
        level=float(request.level_ng_ml),
        dose_mg=float(request.dose_mg),
        times_a_day=request.times_a_day,
        product=request.product.value,
        protocol=request.protocol.key,
        low=None if low is None else float(low),
        high=float(request.target.high_ng_ml),
        chosen_aim=None if aim is None else float(aim),
        loading=request.loading,
        age_months=float(request.age.months),
        weight_kg=float(request.weight.kg) if request.weight else None,
        height_cm=float(request.height.cm) if request.height else None,
        measured_days_ago=float(request.measured_days_ago or 0),
    )


def rules_met(adjusted: AdjustedDose) -> dict[str, str]:
    by_strength = sorted(adjusted.alerts, key=lambda alert: alert.kind)
    return {
        RULES[alert.code]: alert.kind.word for alert in by_strength if alert.kind > AlertKind.NOTE
    }


@compared
@given(adjustments())
def test_both_implementations_adjust_alike(request: Adjustment) -> None:
    """The dose and the loading dose nearly before rounding, exactly after, and every limit met."""
    case, adjusted = as_case(request), adjust_dose(request)
    if case.level > 30:
        assert [alert.code for alert in adjusted.alerts] == ["level-too-high-to-adjust"]
        assert adjusted.stopped
        return
    if case.is_inside:
        assert [alert.code for alert in adjusted.alerts] == ["no-change"]
        assert adjusted.factor == 1
        assert adjusted.dose is None
        return
    found = list(second.limits(case))
    expected = outcome(found, overridden=request.override is not None)
    assert (adjusted.dose is not None) == (expected == "dose")
    assert adjusted.awaits_override == (expected == "awaiting override")
    rules = strongest(found)
    if adjusted.dose is None:
        rules = {rule: kind for rule, kind in rules.items() if rule not in SHOWN_WITH_A_DOSE_ONLY}
        assert rules_met(adjusted) == rules
        assert (adjusted.factor, adjusted.loading_dose, adjusted.steps) == (None, None, ())
        return
    assert rules_met(adjusted) == rules
    assert adjusted.factor is not None
    assert math.isclose(adjusted.factor, case.factor, rel_tol=RELATIVE_TOLERANCE)
    assert math.isclose(adjusted.dose.exact_mg, case.exact_mg, rel_tol=RELATIVE_TOLERANCE)
    assert Fraction(adjusted.dose.measured.mg) == case.given_mg
    assert (adjusted.loading_dose is None) == (case.loading_mg is None)
    if adjusted.loading_dose and case.loading_mg:
        loading = float(case.loading_mg)
        assert math.isclose(adjusted.loading_dose.exact_mg, loading, rel_tol=RELATIVE_TOLERANCE)
        given_mg = case.rounded_mg(loading)
        assert Fraction(adjusted.loading_dose.measured.mg) == given_mg


def daily_mg(adjusted: AdjustedDose) -> Decimal | None:
    """Return the daily dose after the advice: inside the target the one now given."""
    if adjusted.stopped:
        return None
    return adjusted.dose.daily_mg if adjusted.dose else adjusted.request.daily_mg


@compared
@given(adjustments(), LEVELS)
def test_a_higher_level_never_gives_a_higher_dose(request: Adjustment, other: Decimal) -> None:
    request = replace(request, override=REASON)
    lower, higher = sorted((request.level_ng_ml, other))
    at_lower = daily_mg(adjust_dose(replace(request, level_ng_ml=lower)))
    at_higher = daily_mg(adjust_dose(replace(request, level_ng_ml=higher)))
    assume(at_lower is not None and at_higher is not None)
    assert at_lower is not None
    assert at_higher is not None
    assert at_higher <= at_lower


@compared
@given(adjustments())
def test_no_dose_is_above_a_ceiling_the_cap_or_40_mg_on_a_day(request: Adjustment) -> None:
    adjusted = adjust_dose(replace(request, override=REASON))
    if adjusted.dose is None:
        return
    given_mg = adjusted.dose.daily_mg
    load = adjusted.loading_dose.measured.mg if adjusted.loading_dose else Decimal(0)
    assert given_mg <= Decimal("1.5") * request.daily_mg
    assert given_mg + load <= 40
    assert float(given_mg) <= as_case(request).ceiling_mg + 1e-9


@compared
@given(adjustments())
def test_the_dose_moves_towards_the_target_or_stays(request: Adjustment) -> None:
    adjusted = adjust_dose(replace(request, override=REASON))
    if adjusted.dose is None:
        return
    if request.level_ng_ml > request.target.high_ng_ml:
        assert adjusted.dose.daily_mg <= request.daily_mg
    else:
        assert adjusted.dose.daily_mg >= request.daily_mg
