"""Every row of limits.md that guards a starting dose: just below, at and just above."""

from dataclasses import replace
from decimal import Decimal

import pytest

from dosing.alerts import AlertKind
from dosing.knowledge import limits as dosing_limits
from dosing.knowledge.limits import LIMITS, CheckInput, Population
from dosing.knowledge.references import SOURCES
from dosing.patient import Age, Weight
from tests.builders import checked

NOTHING, CAUTION, OVERRIDE, STOP = None, AlertKind.CAUTION, AlertKind.OVERRIDE, AlertKind.STOP
Kind = AlertKind | None
ROOM = Decimal("0.000001")


def someone(months: str = "36", kg: str = "14") -> CheckInput:
    age = Decimal(months)
    return CheckInput(weight=Weight(Decimal(kg)), age=Age(age, age * Decimal("30.4375")))


def kind_of(code: str, facts: CheckInput) -> Kind:
    return next((alert.kind for alert in checked(facts) if alert.code == code), None)


# code, figure, limit, alert just below, at, and just above it; typed from limits.md
EVERYONE = [
    ("height-out-of-range", "height_cm", "25", STOP, NOTHING, NOTHING),
    ("height-out-of-range", "height_cm", "250", NOTHING, NOTHING, STOP),
    ("body-mass-index-out-of-range", "body_mass_index", "7.5", STOP, NOTHING, NOTHING),
    ("body-mass-index-out-of-range", "body_mass_index", "105", NOTHING, NOTHING, STOP),
    ("weight-unusual-for-age", "weight_for_age_z", "3.5", NOTHING, NOTHING, CAUTION),
    ("weight-unusual-for-age", "weight_for_age_z", "-3.5", CAUTION, NOTHING, NOTHING),
    ("weight-unusual-for-age", "weight_for_age_z", "8", CAUTION, CAUTION, CAUTION),
    ("height-unusual-for-age", "height_for_age_z", "3.5", NOTHING, NOTHING, CAUTION),
    ("height-unusual-for-age", "height_for_age_z", "-3.5", CAUTION, NOTHING, NOTHING),
    (
        "body-mass-index-unusual-for-age",
        "body_mass_index_for_age_z",
        "3.5",
        NOTHING,
        NOTHING,
        CAUTION,
    ),
    (
        "body-mass-index-unusual-for-age",
        "body_mass_index_for_age_z",
        "-3.5",
        CAUTION,
        NOTHING,
        NOTHING,
    ),
    ("measurement-in-future", "measured_days_ago", "0", STOP, NOTHING, NOTHING),
    ("area-out-of-range", "area_m2", "0.1", STOP, NOTHING, NOTHING),
    ("area-out-of-range", "area_m2", "3.5", NOTHING, NOTHING, STOP),
    ("formulas-differ", "formula_difference_percent", "5", NOTHING, NOTHING, CAUTION),
    ("formulas-differ", "formula_difference_percent", "-5", CAUTION, NOTHING, NOTHING),
    ("weight-only-differs", "weight_only_difference_percent", "25", NOTHING, NOTHING, CAUTION),
    ("weight-only-differs", "weight_only_difference_percent", "-25", CAUTION, NOTHING, NOTHING),
    ("dose-above-maximum", "largest_day_mg", "40", NOTHING, NOTHING, STOP),
    ("dose-not-positive", "daily_mg", "0", STOP, STOP, NOTHING),
    ("rounding", "rounding_percent", "5", NOTHING, NOTHING, CAUTION),
    ("rounding", "rounding_percent", "-5", CAUTION, NOTHING, NOTHING),
    ("rounding", "rounding_percent", "10", CAUTION, CAUTION, STOP),
    ("rounding", "rounding_percent", "-10", STOP, CAUTION, CAUTION),
    ("loading-rounding", "loading_rounding_percent", "5", NOTHING, NOTHING, CAUTION),
    ("loading-rounding", "loading_rounding_percent", "-10", STOP, CAUTION, CAUTION),
    ("volume-small", "volume_ml", "0.1", CAUTION, CAUTION, NOTHING),
]
ADULT, CHILD, BIG_CHILD = ("216", "70"), ("24", "39.999"), ("24", "40")
OLDER_INFANT, YOUNG_INFANT, NEONATE = ("7", "8"), ("6.999999", "8"), ("0.999999", "3")
OF_SOME = [
    (ADULT, "body-mass-index-unusual", "body_mass_index", "15", CAUTION, NOTHING, NOTHING),
    (ADULT, "body-mass-index-unusual", "body_mass_index", "50", NOTHING, NOTHING, CAUTION),
    (CHILD, "body-mass-index-unusual", "body_mass_index", "15", NOTHING, NOTHING, NOTHING),
    (OLDER_INFANT, "measurement-old", "measured_days_ago", "14", NOTHING, NOTHING, CAUTION),
    (CHILD, "measurement-old", "measured_days_ago", "30", NOTHING, NOTHING, CAUTION),
    (ADULT, "measurement-old", "measured_days_ago", "180", NOTHING, NOTHING, CAUTION),
    (CHILD, "weight-changed", "weight_ratio", "0.8", CAUTION, NOTHING, NOTHING),
    (CHILD, "weight-changed", "weight_ratio", "1.25", NOTHING, NOTHING, CAUTION),
    (CHILD, "height-shrunk", "shrunk_cm", "2", NOTHING, NOTHING, CAUTION),
    (ADULT, "height-shrunk", "shrunk_cm", "2", NOTHING, NOTHING, NOTHING),
    (CHILD, "dose-step", "dose_ratio", "0.4", CAUTION, NOTHING, NOTHING),
    (CHILD, "dose-step", "dose_ratio", "1.5", NOTHING, NOTHING, CAUTION),
    (CHILD, "dose-step", "dose_ratio", "5", CAUTION, CAUTION, STOP),
    (ADULT, "dose-high", "daily_mg", "6", NOTHING, NOTHING, CAUTION),
    (ADULT, "dose-high", "daily_mg", "20", CAUTION, CAUTION, OVERRIDE),
    (BIG_CHILD, "dose-high", "daily_mg", "6", NOTHING, NOTHING, CAUTION),
    (BIG_CHILD, "dose-high", "daily_mg", "20", CAUTION, CAUTION, OVERRIDE),
    (CHILD, "dose-high", "daily_mg", "6", NOTHING, NOTHING, NOTHING),
    (CHILD, "dose-high", "daily_mg_per_m2", "3", NOTHING, NOTHING, CAUTION),
    (CHILD, "dose-high", "daily_mg_per_m2", "4", CAUTION, CAUTION, OVERRIDE),
    (CHILD, "dose-high", "daily_mg_per_m2", "8", OVERRIDE, STOP, STOP),
    (BIG_CHILD, "dose-high", "daily_mg_per_m2", "8", NOTHING, NOTHING, NOTHING),
    (ADULT, "dose-high", "daily_mg_per_m2", "8", NOTHING, NOTHING, NOTHING),
    (OLDER_INFANT, "dose-high", "daily_mg_per_m2", "1.8", NOTHING, NOTHING, CAUTION),
    (OLDER_INFANT, "dose-high", "daily_mg_per_m2", "4", CAUTION, STOP, STOP),
    (OLDER_INFANT, "age-under-7-months", "daily_mg_per_m2", "1.6", NOTHING, NOTHING, NOTHING),
    (YOUNG_INFANT, "age-under-7-months", "daily_mg_per_m2", "0.8", NOTHING, NOTHING, CAUTION),
    (YOUNG_INFANT, "age-under-7-months", "daily_mg_per_m2", "1.6", CAUTION, OVERRIDE, OVERRIDE),
    (YOUNG_INFANT, "age-under-7-months", "daily_mg_per_m2", "3.2", OVERRIDE, STOP, STOP),
    (YOUNG_INFANT, "age-under-7-months", "daily_mg_per_m2", "0.4", NOTHING, NOTHING, NOTHING),
    (NEONATE, "age-under-7-months", "daily_mg_per_m2", "0.4", NOTHING, NOTHING, OVERRIDE),
    (("1", "4"), "age-under-7-months", "daily_mg_per_m2", "0.4", NOTHING, NOTHING, NOTHING),
    (NEONATE, "age-under-7-months", "daily_mg_per_m2", "3.2", OVERRIDE, STOP, STOP),
    (OLDER_INFANT, "dose-low", "daily_mg_per_m2", "0.15", CAUTION, NOTHING, NOTHING),
    (("23.999999", "12"), "dose-low", "daily_mg_per_m2", "0.15", CAUTION, NOTHING, NOTHING),
    (CHILD, "dose-low", "daily_mg_per_m2", "0.4", CAUTION, NOTHING, NOTHING),
    (ADULT, "dose-low", "daily_mg", "0.5", CAUTION, NOTHING, NOTHING),
    (("215.999999", "39"), "dose-low", "daily_mg", "0.5", NOTHING, NOTHING, NOTHING),
]


# limits.md, "product": tablets override > 25 %, caution > 10 %; the stop is the solution's
OF_TABLETS = [
    (code, figure, *edges)
    for code, figure in (
        ("rounding", "rounding_percent"), ("loading-rounding", "loading_rounding_percent")
    )
    for edges in (
        ("5", NOTHING, NOTHING, NOTHING), ("10", NOTHING, NOTHING, CAUTION),
        ("-10", CAUTION, NOTHING, NOTHING), ("25", CAUTION, CAUTION, OVERRIDE),
        ("-25", OVERRIDE, CAUTION, CAUTION),
    )
]  # fmt: skip


def assert_edges(facts: CheckInput, code: str, figure: str, limit: str, *kinds: Kind) -> None:
    found = tuple(
        kind_of(code, replace(facts, **{figure: Decimal(limit) + offset}))  # type: ignore[arg-type]
        for offset in (-ROOM, Decimal(0), ROOM)
    )
    assert found == kinds


@pytest.mark.parametrize(("code", "figure", "limit", "below", "at", "above"), EVERYONE)
@pytest.mark.parametrize("whom", [NEONATE, OLDER_INFANT, CHILD, ADULT], ids=str)
def test_edges_of_the_limits_for_everyone(  # noqa: PLR0913, PLR0917 - a row of the table
    whom: tuple[str, str], code: str, figure: str, limit: str, below: Kind, at: Kind, above: Kind
) -> None:
    assert_edges(someone(*whom), code, figure, limit, below, at, above)


@pytest.mark.parametrize(("whom", "code", "figure", "limit", "below", "at", "above"), OF_SOME)
def test_edges_of_the_limits_by_age_and_size(  # noqa: PLR0913, PLR0917 - a row of the table
    whom: tuple[str, str], code: str, figure: str, limit: str, below: Kind, at: Kind, above: Kind
) -> None:
    assert_edges(someone(*whom), code, figure, limit, below, at, above)


@pytest.mark.parametrize(("code", "figure", "limit", "below", "at", "above"), OF_TABLETS)
def test_edges_of_the_rounding_of_tablets(  # noqa: PLR0913, PLR0917 - a row of the table
    code: str, figure: str, limit: str, below: Kind, at: Kind, above: Kind
) -> None:
    tablets = replace(someone(), is_tablets=True)
    assert_edges(tablets, code, figure, limit, below, at, above)


@pytest.mark.parametrize(
    ("ratio", "former", "kind"),
    [
        ("5", "1", CAUTION), ("5.01", None, STOP), ("5.01", "0.99", OVERRIDE),
        ("5.01", "1", OVERRIDE), ("5.01", "1.01", STOP), ("1.5", "1", NOTHING),
        ("0.39", "0.5", CAUTION), ("5.01", "1.0000000001", OVERRIDE),  # a division's last digit
    ],
)  # fmt: skip
def test_a_step_back_to_the_former_dose_is_an_override(
    ratio: str, former: str | None, kind: Kind
) -> None:
    """limits.md: override where an interacting drug or a hold ended, up to the former dose."""
    facts = replace(
        someone(), dose_ratio=Decimal(ratio), former_dose_ratio=Decimal(former) if former else None
    )
    assert kind_of("dose-step", facts) == kind


@pytest.mark.parametrize(("months", "kg"), [NEONATE, OLDER_INFANT, CHILD, ADULT])
def test_a_low_dose_that_is_meant_is_no_caution(months: str, kg: str) -> None:
    """The infant protocol and a taper (course.md, sections 6 and 7)."""
    low = replace(someone(months, kg), daily_mg=Decimal("0.01"), daily_mg_per_m2=Decimal("0.01"))
    assert kind_of("dose-low", low) == CAUTION
    assert kind_of("dose-low", replace(low, is_low_intended=True)) == NOTHING


@pytest.mark.parametrize(
    ("kg", "kind"),
    [("0.499", STOP), ("0.5", NOTHING), ("0.501", NOTHING),
     ("349.999", NOTHING), ("350", NOTHING), ("350.001", STOP)],
)  # fmt: skip
def test_edges_of_the_weight(kg: str, kind: Kind) -> None:
    assert kind_of("weight-out-of-range", someone(kg=kg)) == kind


@pytest.mark.parametrize(
    ("months", "kind"),
    [("-0.03", STOP), ("0", NOTHING), ("0.03", NOTHING),
     ("1439.9", NOTHING), ("1440", NOTHING), ("1440.1", STOP)],
)  # fmt: skip
def test_edges_of_the_age(months: str, kind: Kind) -> None:
    """A date of birth in the future, or more than 120 years ago."""
    assert kind_of("age-out-of-range", someone(months)) == kind


def test_a_z_score_beyond_8_asks_to_enter_again() -> None:
    """It stays a question: overgrowth is legitimate in vascular anomalies."""
    for figure in ("weight_for_age_z", "height_for_age_z", "body_mass_index_for_age_z"):
        at, above = (
            checked(replace(someone(), **{figure: Decimal(z)}))[0]  # type: ignore[arg-type]
            for z in ("8", "8.001")
        )
        assert "Enter" not in at.message
        assert "Enter weight, height and age again." in above.message
        assert above.kind is CAUTION


def test_what_is_not_known_raises_no_alert() -> None:
    assert checked(someone()) == ()


def test_of_several_facts_the_strongest_alert_of_a_code_is_told_once() -> None:
    child = someone()
    alerts = checked(
        replace(child, daily_mg_per_m2=Decimal("3.5")),
        replace(child, daily_mg_per_m2=Decimal("4.5")),
        replace(child, daily_mg_per_m2=Decimal("3.6")),
    )
    assert [(alert.code, alert.kind, alert.value) for alert in alerts] == [
        ("dose-high", OVERRIDE, "4.5 mg/m²/day")
    ]


def test_an_alert_tells_value_limit_and_whom() -> None:
    (alert,) = checked(replace(someone("7", "8"), daily_mg_per_m2=Decimal("1.9")))
    assert (alert.value, alert.limit) == ("1.9 mg/m²/day", "1.8 mg/m²/day")
    assert "Daily dose 1.9 mg/m²/day, above 1.8 mg/m²/day (7 to 24 months)." in alert.message


def test_a_value_just_beyond_its_limit_is_never_shown_as_the_limit() -> None:
    (alert,) = checked(replace(someone(), body_mass_index=Decimal("105.00004")))
    assert alert.value == "105.00004 kg/m²"


def test_a_product_of_a_division_is_at_its_limit() -> None:
    """1.6 mg/m²/day × an area, divided by the area again, is 1.6: not a hair below."""
    area = Decimal("0.3188521078284831")
    rate = Decimal("1.6") * area / area - Decimal("1e-27")
    facts = replace(someone("6", "7"), daily_mg_per_m2=rate)
    assert kind_of("age-under-7-months", facts) is OVERRIDE


def test_every_row_has_a_source_and_advice() -> None:
    for limit in LIMITS:
        assert limit.source in SOURCES
        assert limit.row.sentences[-1].endswith(".")


# limits.md's groups, by age in months and weight in kg: far from the edges, below, at, and above
NEWBORN, YOUNG, OLDER, SMALL_CHILD, LARGE_CHILD, GROWN = (
    {
        dosing_limits.NEONATE,
        dosing_limits.YOUNG_INFANT,
        dosing_limits.INFANT,
        dosing_limits.UNDER_AGE,
    },
    {dosing_limits.YOUNG_INFANT, dosing_limits.INFANT, dosing_limits.UNDER_AGE},
    {dosing_limits.OLDER_INFANT, dosing_limits.INFANT, dosing_limits.UNDER_AGE},
    {dosing_limits.CHILD, dosing_limits.UNDER_AGE, dosing_limits.CHILD_SIZED},
    {dosing_limits.CHILD, dosing_limits.UNDER_AGE, dosing_limits.ADULT_SIZED},
    {dosing_limits.ADULT, dosing_limits.ADULT_SIZED},
)
GROUPS = [
    *((months, "3", NEWBORN) for months in ("0.03", "0.5", "0.999")),
    *((months, "5", YOUNG) for months in ("1", "1.001", "4", "6.999")),
    *((months, "9", OLDER) for months in ("7", "7.001", "15", "23.999")),
    *((months, "14", SMALL_CHILD) for months in ("24", "24.001", "100", "215.999")),
    *(("100", kg, SMALL_CHILD) for kg in ("5", "39.999")),
    *(("100", kg, LARGE_CHILD) for kg in ("40", "40.001", "90")),
    *((months, "70", LARGE_CHILD) for months in ("24", "100", "215.999")),
    *((months, kg, GROWN) for months in ("216", "216.001", "600", "1200") for kg in ("30", "70")),
]


@pytest.mark.parametrize(("months", "kg", "groups"), GROUPS)
def test_everyone_belongs_to_the_groups_of_their_age_and_size(
    months: str, kg: str, groups: set[Population]
) -> None:
    every = {limit.whom for limit in LIMITS} | {dosing_limits.INFANT, dosing_limits.UNDER_AGE}
    belongs = {whom for whom in every if whom.includes(someone(months, kg))}
    assert belongs - {dosing_limits.ANYONE} == groups


@pytest.mark.parametrize(
    ("figure", "shown"),
    [("0.4", "0.4 kg"), ("0.499", "0.499 kg"), ("0.4999999", "0.4999999 kg")],
)
def test_a_figure_just_out_of_bounds_is_shown_with_the_digits_that_tell(
    figure: str, shown: str
) -> None:
    (alert,) = [each for each in checked(someone(kg=figure)) if each.code == "weight-out-of-range"]
    assert alert.value == shown
    assert alert.message.startswith(f"Weight {shown}, below 0.5 kg.")
