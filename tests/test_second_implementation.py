"""The program against a second implementation, and against itself where the answer is known.

SIROLIMUS_CAMPAIGN=full compares 10,000 patients in each test instead of 200.
"""

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dosing import (
    FORMULAS,
    PROTOCOLS,
    Age,
    Alert,
    AlertKind,
    Formula,
    Height,
    LiverImpairment,
    Override,
    Product,
    Proposal,
    Request,
    Sex,
    UserError,
    Weight,
    propose_starting_dose,
)
from dosing.growth import growth_scores
from dosing.knowledge.limits import CheckInput
from dosing.knowledge.products import (
    FINE_MARKS,
    ORAL_SOLUTION,
    STANDARD_MARKS,
    SyringeMarks,
    measure_out,
)
from dosing.proposal import Dose
from tests import second_implementation as second
from tests.builders import checked
from tests.campaign import cases

compared = settings(
    max_examples=cases(120, full=10_000),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

# Before rounding: the program's 28 decimal digits against a float's 15, both through powers.
RELATIVE_TOLERANCE = 1e-9

# The program's alert codes and the second implementation's rules say the same in other words.
RULES = {
    "weight-out-of-range": "weight",
    "height-out-of-range": "height",
    "age-out-of-range": "age",
    "body-mass-index-out-of-range": "body mass index",
    "body-mass-index-unusual": "body mass index",
    "weight-unusual-for-age": "growth",
    "height-unusual-for-age": "growth",
    "body-mass-index-unusual-for-age": "growth",
    "area-out-of-range": "area",
    "formulas-differ": "not haycock",
    "weight-only-differs": "not weight-only",
    "protocol-not-applicable": "not for this patient",
    "dose-above-maximum": "high dose",
    "dose-high": "high dose",
    "age-under-7-months": "high dose",
    "age-under-1-month": "high dose",
    "dose-low": "low dose",
    "no-starting-dose": "no start",
    "ceiling": "ceiling",
    "rounding": "rounding",
    "loading-rounding": "loading rounding",
    "volume-small": "volume",
}
DAYS_PER_MONTH = Decimal("30.4375")
ADVICE = {"liver-impairment"}  # a caution that tells what was done, and no limit


def numbers(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    """Numbers as they are typed, with so many decimal places."""
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


AGES_MONTHS = st.one_of(
    numbers("0", "24", 2),
    numbers("0", "240", 1),
    numbers("150", "220", 0),
    numbers("-12", "1500", 0),
    st.sampled_from(["0", "1", "3", "6", "7", "12", "24", "156", "216", "1440"]).map(Decimal),
)
HEIGHTS_CM = numbers("40", "200", 1)

Body = tuple[Decimal, Decimal]
"""Weight in kg and height in cm."""


def body_of(height_cm: Decimal, body_mass_index: Decimal) -> Body:
    """Return a body of that height and body mass index, the weight to the gram."""
    kg = body_mass_index * (height_cm / 100) ** 2
    return max(kg.quantize(Decimal("0.001")), Decimal("0.001")), height_cm


def body_of_area(eightieths: int) -> Body:
    """Return a body 1 m tall of exactly n/80 m² by Mosteller's formula.

    On these lie the band edges 0.6 and 1.0 m², and 0.8 mg/m² halfway between two steps.
    """
    return 36 * (Decimal(eightieths) / 80) ** 2, Decimal(100)


EDGES: list[Body] = [
    (Decimal(kg), Decimal(cm))
    for kg, cm in (
        ("0.5", "25"), ("0.499", "25"), ("350", "250"), ("350.001", "250"), ("40", "150"),
        ("39.999", "150"), ("7.5", "100"), ("105", "100"), ("105.001", "100"), ("1.2", "30"),
        ("245", "180"), ("245.1", "180"), ("60", "200"), ("200", "200"), ("200.1", "200"),
    )
]  # fmt: skip
PLAUSIBLE_BODIES = st.builds(body_of, HEIGHTS_CM, numbers("10", "40", 1))
BODIES = st.one_of(
    PLAUSIBLE_BODIES,
    PLAUSIBLE_BODIES.filter(lambda body: body[0] < 40),
    st.integers(30, 140).map(body_of_area),
    st.builds(body_of, HEIGHTS_CM, numbers("5", "120", 1)),
    st.tuples(numbers("0.4", "400", 2), numbers("20", "260", 1)),  # mostly impossible
    st.sampled_from(EDGES),
)
SMALL_BODIES = st.one_of(
    st.builds(body_of, numbers("50", "110", 1), numbers("12", "20", 1)),
    st.integers(46, 50).map(body_of_area),  # about 0.6 m²
)
REASON = Override("agreed in the vascular anomalies board", "A. Name")
OVERRIDES = st.sampled_from([None, REASON])


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Everything that can be asked for, plausible and not."""
    kg, cm = draw(BODIES)
    months = draw(AGES_MONTHS)
    formula = draw(st.sampled_from(list(FORMULAS.values())))
    protocol = draw(st.sampled_from(list(PROTOCOLS.values())))
    product = draw(st.sampled_from(Product))
    dilution = draw(st.sampled_from([None, "0.5", "0.2", "0.3"]))
    has_height = formula.needs_height or draw(st.booleans())
    return Request(
        weight=Weight(kg),
        height=Height(cm) if has_height else None,
        age=Age(months, months * DAYS_PER_MONTH),
        sex=draw(st.sampled_from([None, *Sex])),
        protocol=protocol,
        formula=formula,
        product=product,
        every_hours=draw(st.sampled_from([None, 24, 48])) if protocol.key == "infant" else None,
        strength_mg_per_ml=Decimal(dilution) if dilution and product is ORAL_SOLUTION else None,
        marks=draw(st.sampled_from([STANDARD_MARKS, FINE_MARKS])),
        liver=draw(st.sampled_from(LiverImpairment)),
        override=draw(OVERRIDES),
    )


@st.composite
def small_children_by_the_japanese_label(draw: st.DrawFn) -> Request:
    """Small bodies at 0 to 15 months, with an override so that the dose is seen."""
    kg, cm = draw(SMALL_BODIES)
    months = draw(numbers("0", "15", 1) | st.sampled_from(["3", "6", "7", "12"]).map(Decimal))
    return Request(
        weight=Weight(kg),
        height=Height(cm),
        age=Age(months, months * DAYS_PER_MONTH),
        protocol=PROTOCOLS["japan"],
        product=draw(st.sampled_from(Product)),
        liver=draw(st.sampled_from(LiverImpairment)),
        override=REASON,
    )


def as_patient(request: Request) -> second.Patient:
    """Return the patient in plain floats, with the growth scores of the program's WHO tables."""
    scores = growth_scores(request.weight, request.height, request.age, request.sex)
    return second.Patient(
        weight_kg=float(request.weight.kg),
        age_months=float(request.age.months),
        height_cm=float(request.height.cm) if request.height else None,
        z_scores=tuple(float(score.z) for score in scores),
    )


def as_choice(request: Request) -> second.Choice:
    """Return what was chosen, by name."""
    return second.Choice(
        protocol=request.protocol.key,
        formula=request.formula.key,
        product=request.product.value,
        liver=request.liver.value,
        every_hours=request.every_hours,
        strength=float(request.drawn_mg_per_ml),
        fine_marks=request.marks == FINE_MARKS,
    )


def rules_met(alerts: Iterable[Alert]) -> dict[str, str]:
    """Return the strongest kind of each rule among the program's alerts, notes left out."""
    by_strength = sorted(alerts, key=lambda alert: alert.kind)
    return {
        RULES[alert.code]: alert.kind.word
        for alert in by_strength
        if alert.kind > AlertKind.NOTE and alert.code not in ADVICE
    }


def outcome_of(proposal: Proposal) -> second.Outcome:
    """Return the outcome of a proposal in the second implementation's words."""
    if proposal.awaits_override:
        return "awaiting override"
    return "stopped" if proposal.stopped else "dose"


def assert_same_dose(dose: Dose, exact_mg: float, given_mg: Fraction) -> None:
    """Check a dose before rounding (nearly) and after rounding (exactly)."""
    assert math.isclose(dose.exact_mg, exact_mg, rel_tol=RELATIVE_TOLERANCE)
    assert Fraction(dose.measured.mg) == given_mg


def assert_same_answer(request: Request) -> None:
    """Check the area, the limits met, the outcome, the dose and the loading dose."""
    patient, choice = as_patient(request), as_choice(request)
    limits = second.all_limits(patient, choice)
    area = second.area_m2(choice.formula, patient.weight_kg, patient.height_cm)
    assert area is not None
    proposal = propose_starting_dose(request)
    rules = second.strongest(limits)
    if proposal.dose is None:
        rules.pop("volume", None)  # it is told of a dose that is shown
    assert rules_met(proposal.alerts) == rules
    assert outcome_of(proposal) == second.outcome(limits, overridden=request.override is not None)
    if proposal.area_m2 is not None:
        assert math.isclose(proposal.area_m2, area, rel_tol=RELATIVE_TOLERANCE)
    if proposal.dose is None:
        return
    start = second.start_of(patient, choice, area)
    assert start is not None
    assert 24 / proposal.dose.every_hours == start.doses_a_day
    assert_same_dose(proposal.dose, start.mg, start.given_mg(choice))
    assert (proposal.loading_dose is None) == (start.loading_mg is None)
    if proposal.loading_dose and start.loading_mg:
        given_mg = second.loading_given(start, choice)
        assert_same_dose(proposal.loading_dose, start.loading_mg, given_mg)


@compared
@given(requests())
def test_both_implementations_give_the_same_answer(request: Request) -> None:
    """To everything that can be asked for, plausible and not."""
    assert_same_answer(request)


@compared
@given(small_children_by_the_japanese_label())
def test_both_implementations_read_the_japanese_bands_alike(request: Request) -> None:
    """Its bands of age and area are narrow, and tablets can be above its ceiling."""
    assert_same_answer(request)


EXACT_DOSES_MG = st.one_of(
    numbers("0.01", "7", 2),  # every tie between two steps has at most two decimals
    numbers("0.001", "7", 9),
    numbers("0.1", "60", 1),
)
CEILINGS_MG = st.one_of(st.none(), numbers("0.01", "6", 2))


@compared
@given(
    EXACT_DOSES_MG,
    st.sampled_from(Product),
    CEILINGS_MG,
    st.sampled_from(["1", "0.5", "0.2", "0.3"]).map(Decimal),
    st.sampled_from([STANDARD_MARKS, FINE_MARKS]),
)
def test_both_implementations_round_alike_and_never_above_a_ceiling(
    exact_mg: Decimal,
    product: Product,
    ceiling_mg: Decimal | None,
    strength: Decimal,
    marks: SyringeMarks,
) -> None:
    """The nearest measurable dose under the ceiling, or a refusal where there is none."""
    highest = math.inf if ceiling_mg is None else float(ceiling_mg)
    expected = second.measured_mg(
        float(exact_mg), product.value, highest, float(strength), fine_marks=marks == FINE_MARKS
    )

    def measured() -> Decimal:
        return measure_out(
            exact_mg, product, ceiling_mg, strength_mg_per_ml=strength, marks=marks
        ).mg

    if expected == 0:
        with pytest.raises(UserError):
            measured()
        return
    given_mg = measured()
    assert Fraction(given_mg) == expected
    assert ceiling_mg is None or given_mg <= ceiling_mg


# Every limit in mg/m²/day, a little below and a little above; with the areas also those in mg/day.
RATES = [
    Decimal(limit) * near
    for limit in ("0.15", "0.2", "0.4", "0.8", "1.6", "1.8", "3", "3.2", "4", "6", "8", "16")
    for near in (Decimal("0.999"), Decimal(1), Decimal("1.001"))
]
AREAS = [Decimal(1), Decimal("2.5")]
AGES_AT_EDGES = [
    Decimal(months)
    for months in ("0", "0.99", "1", "6.99", "7", "23.99", "24", "215.99", "216", "600")
]
WEIGHTS_AT_EDGES = [Decimal(kg) for kg in ("10", "39.999", "40")]


@pytest.mark.parametrize("months", AGES_AT_EDGES)
@pytest.mark.parametrize("kg", WEIGHTS_AT_EDGES)
def test_both_implementations_agree_at_every_limit_of_a_daily_dose(
    months: Decimal, kg: Decimal
) -> None:
    """At the edge of each row, for those just inside and just outside of it."""
    for rate, area in itertools.product(RATES, AREAS):
        facts = CheckInput(
            weight=Weight(kg),
            age=Age(months, months * DAYS_PER_MONTH),
            daily_mg=rate * area,
            daily_mg_per_m2=rate,
            largest_day_mg=rate * area,
        )
        patient = second.Patient(float(kg), float(months), None)
        expected = second.daily_dose_limits(patient, float(rate * area), float(area))
        assert rules_met(checked(facts)) == second.strongest(expected), (rate, area)


@compared
@given(
    st.sampled_from(RATES) | numbers("0.05", "20", 2),
    numbers("0.1", "3.5", 2),
    st.sampled_from([1, 2]),
    st.sampled_from(Product),
    st.sampled_from(WEIGHTS_AT_EDGES),
    st.sampled_from(AGES_AT_EDGES),
)
def test_both_implementations_limit_any_rounded_dose_alike(  # noqa: PLR0913, PLR0917
    mg_per_m2_per_day: Decimal,
    area: Decimal,
    times_a_day: int,
    product: Product,
    kg: Decimal,
    months: Decimal,
) -> None:
    """Also the doses that no protocol starts with: above 40 mg, far too high, far too low."""
    exact_mg = mg_per_m2_per_day * area / times_a_day
    dose = Dose(exact_mg, measure_out(exact_mg, product), 24 // times_a_day, area)
    before = CheckInput(
        weight=Weight(kg),
        age=Age(months, months * DAYS_PER_MONTH),
        daily_mg=dose.exact_daily_mg,
        daily_mg_per_m2=dose.exact_daily_mg / area,
        largest_day_mg=dose.exact_daily_mg,
    )
    after = replace(
        before,
        daily_mg=dose.daily_mg,
        daily_mg_per_m2=dose.mg_per_m2_per_day,
        largest_day_mg=dose.daily_mg,
        rounding_percent=dose.rounding_percent,
        volume_ml=dose.measured.volume_ml,
        is_tablets=product is Product.TABLETS,
    )
    patient = second.Patient(float(kg), float(months), None)
    start = second.Start(float(dose.exact_daily_mg), times_a_day, part=1)
    choice = second.Choice(product=product.value)
    expected = second.dose_limits(patient, choice, float(area), start)
    assert rules_met(checked(before, after)) == second.strongest(expected)


def proposal_for(weight: Weight, height: Height, months: Decimal = Decimal(60)) -> Proposal:
    """Return the review protocol's proposal, any stop that can be overridden passed."""
    age = Age(months, months * DAYS_PER_MONTH)
    return propose_starting_dose(Request(weight=weight, height=height, age=age, override=REASON))


@compared
@given(numbers("1", "400", 1), numbers("15", "80", 1))
def test_pounds_and_inches_give_the_dose_of_kilograms_and_centimetres(
    lb: Decimal, inches: Decimal
) -> None:
    """The same body in either pair of units has the same proposal, to the last digit."""
    imperial = proposal_for(Weight.read(f"{lb} lb"), Height.read(f"{inches} in"))
    kg, cm = lb * Decimal("0.45359237"), inches * Decimal("2.54")
    metric = proposal_for(Weight.read(f"{kg} kg"), Height.read(f"{cm} cm"))
    assert (imperial.area_m2, imperial.dose) == (metric.area_m2, metric.dose)
    assert imperial.alerts == metric.alerts


@compared
@given(BODIES, numbers("1.001", "2", 3), st.sampled_from(list(FORMULAS.values())))
def test_the_area_rises_with_the_weight(body: Body, factor: Decimal, formula: Formula) -> None:
    """By every formula a heavier body of the same height has a larger surface."""
    kg, cm = body
    assert formula.area(kg, cm) < formula.area(kg * factor, cm)


@compared
@given(
    HEIGHTS_CM.filter(lambda cm: cm >= 60),
    numbers("11", "30", 1),
    numbers("1.001", "1.5", 3),
    st.sampled_from(["3", "12", "60", "240"]).map(Decimal),
)
def test_the_review_dose_never_falls_as_the_weight_rises(
    cm: Decimal, body_mass_index: Decimal, factor: Decimal, months: Decimal
) -> None:
    """Neither before rounding nor after, not even where the step of the syringe changes."""
    kg, _ = body_of(cm, body_mass_index)
    light = proposal_for(Weight(kg), Height(cm), months).dose
    heavy = proposal_for(Weight(kg * factor), Height(cm), months).dose
    assume(light and heavy)
    assert light is not None
    assert heavy is not None
    assert light.exact_mg < heavy.exact_mg
    assert light.measured.mg <= heavy.measured.mg
