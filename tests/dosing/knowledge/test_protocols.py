"""The protocols of the clinical reference, section 3, each figure typed from there."""

from decimal import Decimal

import pytest

from dosing.calculation import ceiling_mg_per_day, work_out
from dosing.errors import UserError
from dosing.knowledge.products import ORAL_SOLUTION, TABLETS, Product
from dosing.knowledge.protocols import PROTOCOLS, Band, TargetTrough
from dosing.knowledge.references import SOURCES
from dosing.patient import Age, Height, Weight
from dosing.proposal import Dose, Request
from dosing.quantities.units import magnitude
from dosing.starting_dose import propose_starting_dose
from dosing.surface_area import FORMULAS

CHILD = (Weight(Decimal(20)), Age(Decimal(60), Decimal(1826)), Decimal("0.8"), ORAL_SOLUTION)
ADULT = (Weight(Decimal(70)), Age(Decimal(216), Decimal(6574)), Decimal("1.8"), ORAL_SOLUTION)


@pytest.mark.parametrize(
    ("key", "per_day", "per_dose", "times", "source"),
    [
        ("review", "1.6", "0.8", 2, "nadal2016"),
        ("phase2", "1.6", "0.8", 2, "adams2016"),
        ("french", "1.6", "0.8", 2, "jop2023"),
    ],
)
def test_per_day_and_per_dose_are_the_same_regimen(
    key: str, per_day: str, per_dose: str, times: int, source: str
) -> None:
    start = PROTOCOLS[key].start_for(*CHILD)
    assert start is not None
    assert magnitude(start.per_day, "mg/m**2/day") == Decimal(per_day)
    assert magnitude(start.per_dose, "mg/m**2/dose") == Decimal(per_dose)
    assert start.times_a_day == times
    assert PROTOCOLS[key].source == source


@pytest.mark.parametrize(
    ("key", "low", "high", "first_level_days"),
    [
        ("review", "5", "15", (7, 14)),
        ("phase2", "10", "15", (7, 14)),
        ("french", "4", "12", (14, 14)),
        ("japan", None, "15", (7, 14)),
        ("transplant", "4", "12", (3, 4)),
    ],
)
def test_targets_and_first_levels(
    key: str, low: str | None, high: str, first_level_days: tuple[int, int]
) -> None:
    protocol = PROTOCOLS[key]
    assert protocol.target.low_ng_ml == (None if low is None else Decimal(low))
    assert protocol.target.high_ng_ml == Decimal(high)
    assert protocol.first_level_days == first_level_days
    assert {protocol.source, protocol.first_level_source} <= SOURCES.keys()


@pytest.mark.parametrize(
    ("months", "times"), [("215.9", 2), ("216", 1), ("216.1", 1)], ids=["below", "at", "above"]
)
def test_french_guidance_gives_adults_one_dose_a_day(months: str, times: int) -> None:
    weight, _, area, product = ADULT
    start = PROTOCOLS["french"].start_for(
        weight, Age(Decimal(months), Decimal(6574)), area, product
    )
    assert start is not None
    assert start.times_a_day == times
    assert magnitude(start.per_day, "mg/m**2/day") == Decimal("1.6")


def japanese_dose(kg: str, cm: str, months: str, product: Product) -> Dose:
    """Return the dose before the limits: the bands at every edge, plausible patient or not."""
    request = Request(
        weight=Weight(Decimal(kg)),
        height=Height(Decimal(cm)),
        age=Age(Decimal(months), Decimal(months) * Decimal("30.4375")),
        protocol=PROTOCOLS["japan"],
        product=product,
    )
    area = FORMULAS["mosteller"].area(request.weight.kg, Decimal(cm))
    start = request.protocol.start_for(request.weight, request.age, area, product)
    assert start is not None
    assert start.times_a_day == 1
    return work_out(request, start, area)[0]


@pytest.mark.parametrize("product", [ORAL_SOLUTION, TABLETS])
@pytest.mark.parametrize(
    ("kg", "cm", "mg"),
    [
        # body surface area 1 m²: 30 kg and 120 cm
        ("29.99", "120", "1"), ("30", "120", "2"), ("30.01", "120", "2"),
        # 0.6 m²: 12.96 kg and 100 cm (below it the tablets still start at 1 mg)
        ("12.96", "100", "1"), ("12.97", "100", "1"),
    ],
)  # fmt: skip
def test_japanese_label_by_body_surface_area(kg: str, cm: str, mg: str, product: Product) -> None:
    assert japanese_dose(kg, cm, "60", product).exact_mg == Decimal(mg)


@pytest.mark.parametrize(
    ("months", "mg_per_kg"),
    [
        ("0.1", "0.02"), ("2.99", "0.02"), ("3", "0.04"), ("3.01", "0.04"),
        ("5.99", "0.04"), ("6", "0.06"), ("6.01", "0.06"),
        ("11.99", "0.06"), ("12", "0.08"), ("12.01", "0.08"), ("60", "0.08"),
    ],
)  # fmt: skip
def test_japanese_label_by_age_below_0_6_square_metres(months: str, mg_per_kg: str) -> None:
    dose = japanese_dose("12.95", "100", months, ORAL_SOLUTION)
    assert dose.exact_mg == Decimal("12.95") * Decimal(mg_per_kg)
    assert japanese_dose("12.95", "100", months, TABLETS).exact_mg == 1


def test_japanese_ceilings() -> None:
    """4 mg a day; below 0.6 m² also 4 times the starting dose per kg, for tablets too."""
    japan, review = PROTOCOLS["japan"], PROTOCOLS["review"]
    kg, age, area, _ = CHILD
    small = (Weight(Decimal(10)), Age(Decimal(4), Decimal(122)), Decimal("0.45"))
    assert ceiling_mg_per_day(japan, *small) == Decimal("1.6")  # 4 × 0.04 × 10
    assert ceiling_mg_per_day(japan, kg, age, area) == 4
    assert ceiling_mg_per_day(review, kg, age, area) is None


@pytest.mark.parametrize(
    ("kg", "code"),
    [
        ("5.9", "rounding"),  # 4 × 0.04 × 5.9 = 0.944 mg: 1 mg is above it, 0.5 mg too far below
        ("3", "ceiling"),  # 4 × 0.04 × 3 = 0.48 mg: no tablet is as small
    ],
)
def test_japanese_tablets_below_0_6_m2_stay_under_the_ceiling_by_weight(kg: str, code: str) -> None:
    request = Request(
        weight=Weight(Decimal(kg)),
        height=Height(Decimal(60)),
        age=Age(Decimal(4), Decimal(122)),
        protocol=PROTOCOLS["japan"],
        product=TABLETS,
    )
    proposal = propose_starting_dose(request)
    assert proposal.dose is None
    assert code in proposal.alerts.blocking_codes
    assert proposal.awaits_override == (code == "rounding")


def test_a_dose_above_its_ceiling_is_held_there_and_says_so() -> None:
    """No published start reaches its ceiling, so a start above one is made here."""
    from dataclasses import replace  # noqa: PLC0415

    protocol = replace(PROTOCOLS["review"], ceiling_mg_per_day=Decimal("0.85"))
    request = Request(weight=CHILD[0], age=CHILD[1], protocol=protocol)
    dose, steps = work_out(request, protocol.starts[0], Decimal("0.8"))
    assert dose.exact_mg == Decimal("0.425")
    assert dose.measured.mg == Decimal("0.42")
    assert "at most 0.85 mg/day instead of 1.28 mg/day" in [step.working for step in steps]


@pytest.mark.parametrize(
    ("months", "kg", "cm", "stopped"),
    [
        ("155.9", "39", "150", True), ("156", "39", "150", False), ("156.1", "39", "150", False),
        ("160", "39.99", "150", False), ("160", "40", "150", True), ("160", "40.01", "150", True),
    ],
)  # fmt: skip
def test_transplant_protocol_only_from_13_years_and_under_40_kg(
    months: str, kg: str, cm: str, *, stopped: bool
) -> None:
    proposal = propose_starting_dose(
        Request(
            weight=Weight(Decimal(kg)),
            height=Height(Decimal(cm)),
            age=Age(Decimal(months), Decimal(months) * Decimal("30.4375")),
            protocol=PROTOCOLS["transplant"],
        )
    )
    assert proposal.stopped == stopped
    codes = [alert.code for alert in proposal.alerts]
    assert ("protocol-not-applicable" in codes) == stopped


def test_transplant_protocol_loads_with_3_and_maintains_with_1_mg_per_square_metre() -> None:
    proposal = propose_starting_dose(
        Request(
            weight=Weight(Decimal(36)),
            height=Height(Decimal(144)),  # √(36 × 144 / 3600) = 1.2 m²
            age=Age.read("14 years"),
            protocol=PROTOCOLS["transplant"],
        )
    )
    assert proposal.dose is not None
    assert proposal.loading_dose is not None
    assert (proposal.dose.exact_mg, proposal.dose.measured.mg) == (Decimal("1.2"), Decimal("1.2"))
    assert proposal.loading_dose.exact_mg == Decimal("3.6")
    assert proposal.loading_dose.measured.mg == Decimal("3.6")
    assert proposal.dose.times_a_day == 1


@pytest.mark.parametrize(
    ("low", "high", "accepted"),
    [
        ("5", "15", True), ("14.9", "15", True), ("15", "15", False), ("15.1", "15", False),
        ("5", "24", True), ("5", "24.1", False), (None, "15", True), (None, "0", False),
    ],
)  # fmt: skip
def test_a_target_is_a_range_up_to_24_ng_ml(low: str | None, high: str, *, accepted: bool) -> None:
    def make() -> TargetTrough:
        return TargetTrough(None if low is None else Decimal(low), Decimal(high))

    if accepted:
        assert make().high_ng_ml == Decimal(high)
    else:
        with pytest.raises(UserError, match="at most 24 ng/mL"):
            make()


def test_a_target_as_it_is_written() -> None:
    assert str(TargetTrough(Decimal(5), Decimal(15))) == "5-15 ng/mL"
    assert str(TargetTrough(None, Decimal(15))) == "at most 15 ng/mL"


@pytest.mark.parametrize(
    ("band", "holds"),
    [
        (Band(), True),
        (Band(age_from_months=Decimal(24)), True),
        (Band(age_from_months=Decimal("24.1")), False),
        (Band(age_below_months=Decimal(24)), False),
        (Band(age_below_months=Decimal("24.1")), True),
        (Band(area_from_m2=Decimal("0.5")), True),
        (Band(area_from_m2=Decimal("0.51")), False),
        (Band(area_below_m2=Decimal("0.5")), False),
        (Band(area_below_m2=Decimal("0.51")), True),
        (Band(weight_below_kg=Decimal(12)), False),
        (Band(weight_below_kg=Decimal("12.1")), True),
        (Band(products=(TABLETS,)), False),
    ],
)
def test_a_band_takes_its_lower_end_and_not_its_upper(band: Band, *, holds: bool) -> None:
    weight, age = Weight(Decimal(12)), Age(Decimal(24), Decimal("730.5"))
    assert band.holds(weight, age, Decimal("0.5"), ORAL_SOLUTION) == holds
    assert Band().holds(weight, Age(Decimal(0), Decimal(0)), Decimal("0.05"), ORAL_SOLUTION)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("4-10 ng/mL", "4", "10"),
        (" 4 - 10 ng/mL ", "4", "10"),
        ("4.5–10.5ng/mL", "4.5", "10.5"),
        ("4 ng/mL - 10 ng/mL", "4", "10"),
        ("4-10 ug/L", "4", "10"),
        ("4-24 ng/mL", "4", "24"),
    ],
)
def test_a_target_is_read(text: str, low: str, high: str) -> None:
    assert TargetTrough.read(text) == TargetTrough(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a target"),
        ("10 ng/mL", "not a target"),
        ("4-10", "has no unit"),
        ("4,5-10 ng/mL", "has a comma"),
        ("-10 ng/mL", "is empty"),
        ("4--10 ng/mL", "has a plus or minus sign"),
        ("4-10-15 ng/mL", "range"),
        ("4-10 ng/dL", "hundred times"),
        ("10-4 ng/mL", "lower to a higher"),
        ("4-4 ng/mL", "lower to a higher"),
        ("4-24.1 ng/mL", "at most 24"),
        ("\x1b[31m", "not a target"),
    ],
)
def test_what_is_no_target_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        TargetTrough.read(text)
