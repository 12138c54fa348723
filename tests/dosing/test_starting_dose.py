"""A starting dose from end to end: what is proposed, what prevents it, and what it carries."""

import dataclasses
import json
from decimal import Decimal

import pytest

from dosing import (
    FORMULAS,
    PROTOCOLS,
    TABLETS,
    VERSION,
    Age,
    AlertKind,
    Height,
    LiverImpairment,
    Override,
    Proposal,
    Request,
    Sex,
    TargetTrough,
    UserError,
    Weight,
    propose_starting_dose,
)
from dosing.calculation import work_out
from dosing.knowledge.products import FINE_MARKS, SyringeMarks
from dosing.knowledge.prophylaxis import is_high_target
from dosing.knowledge.references import SOURCES
from dosing.quantities.formatting import plain

TODDLER = Request(
    weight=Weight.read("12.4 kg"), height=Height.read("88 cm"), age=Age.read("2 years")
)
INFANT = Request(
    weight=Weight.read("6.2 kg"), height=Height.read("61 cm"), age=Age.read("3 months")
)
REASON = Override("KHE with Kasabach-Merritt phenomenon, levels twice a week", "Dr Example")


def ask(request: Request, **changes: object) -> Proposal:
    return propose_starting_dose(dataclasses.replace(request, **changes))  # type: ignore[arg-type]


def alerts_of(proposal: Proposal) -> dict[str, AlertKind]:
    return {alert.code: alert.kind for alert in proposal.alerts}


def test_the_example_child() -> None:
    """12.4 kg, 88 cm, 2 years by hand.

    √(12.4 × 88 / 3600) = √0.303111 = 0.550555 m²; 0.8 × 0.550555 = 0.440444 mg, to the nearest
    0.02 mg: 0.44 mg, 0.1 % less; 0.88 mg a day / 0.550555 = 1.598386 mg/m²/day.
    """
    proposal = ask(TODDLER)
    assert proposal.dose is not None
    assert proposal.area_m2 is not None
    assert round(proposal.area_m2, 6) == Decimal("0.550555")
    assert round(proposal.dose.exact_mg, 6) == Decimal("0.440444")
    assert proposal.dose.measured.mg == Decimal("0.44")
    assert proposal.dose.measured.volume_ml == Decimal("0.44")
    assert (proposal.dose.times_a_day, proposal.dose.every_hours) == (2, 12)
    assert proposal.dose.daily_mg == Decimal("0.88")
    assert round(proposal.dose.mg_per_m2_per_day or 0, 6) == Decimal("1.598386")
    assert round(proposal.dose.mg_per_m2_per_dose or 0, 6) == Decimal("0.799193")
    assert round(proposal.dose.rounding_percent, 4) == Decimal("-0.1009")
    assert proposal.alerts == ()
    assert proposal.version == VERSION


def test_the_steps_show_the_numbers() -> None:
    assert [step.working for step in ask(TODDLER).steps] == [
        "√(12.4 × 88 / 3600) = 0.550555 m²",
        "1.6 mg/m²/day ÷ 2 doses/day = 0.8 mg/m²/dose",
        "1.6 mg/m²/day × 0.550555 m² = 0.880888 mg/day",
        "0.880888 mg/day ÷ 2 doses/day = 0.440444 mg/dose",
        "0.440444 mg in steps of 0.02 mg = 0.44 mg (−0.1 %)",
        "0.44 mg × 2 = 0.88 mg/day; ÷ 0.550555 m² = 1.5984 mg/m²/day",
    ]


def test_a_protocol_that_states_a_dose_per_administration_shows_it_so() -> None:
    steps = ask(TODDLER, protocol=PROTOCOLS["phase2"]).steps
    assert steps[1].working == "0.8 mg/m²/dose × 2 doses/day = 1.6 mg/m²/day"


def test_every_step_and_alert_has_its_citation() -> None:
    proposal = ask(INFANT, override=REASON, drugs=("rifampin",), protocol=PROTOCOLS["french"])
    used = {step.source for step in proposal.steps} | {alert.source for alert in proposal.alerts}
    assert used <= proposal.sources.keys()
    assert proposal.sources.items() <= SOURCES.items()
    assert {"jop2023", "mosteller1987", "czechowicz2018"} <= proposal.sources.keys()


def test_a_proposal_cannot_be_changed() -> None:
    proposal = ask(TODDLER)
    assert proposal.dose is not None
    for frozen, name in ((proposal, "dose"), (proposal.dose, "exact_mg"), (TODDLER, "weight")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frozen, name, None)


@pytest.mark.parametrize(
    ("age", "stopped"), [("6.99 months", True), ("7 months", False), ("7.01 months", False)]
)
def test_under_7_months_the_reviews_dose_needs_an_override(age: str, *, stopped: bool) -> None:
    request = dataclasses.replace(
        INFANT, weight=Weight.read("8 kg"), height=Height.read("68 cm"), age=Age.read(age)
    )
    proposal = ask(request)
    assert proposal.stopped == stopped
    assert proposal.awaits_override == stopped
    assert (alerts_of(proposal).get("age-under-7-months") is AlertKind.OVERRIDE) == stopped
    assert ask(request, override=REASON).dose is not None


def test_a_dose_that_rounding_lowers_below_the_limit_still_stops() -> None:
    """The rounded dose is 1.5993 mg/m²/day, the exact one 1.6: both are looked at."""
    request = dataclasses.replace(
        INFANT, weight=Weight.read("6.32 kg"), height=Height.read("61 cm")
    )
    with_override = ask(request, override=REASON)
    assert with_override.dose is not None
    assert with_override.dose.mg_per_m2_per_day is not None
    assert with_override.dose.mg_per_m2_per_day < Decimal("1.6")
    assert ask(request).awaits_override


PREVENTED = [
    (INFANT, {}),
    (INFANT, {"protocol": PROTOCOLS["french"], "liver": LiverImpairment.B}),
    (INFANT, {"protocol": PROTOCOLS["japan"], "drugs": ("clarithromycin",)}),
    (INFANT, {"protocol": PROTOCOLS["japan"], "product": TABLETS}),
    (INFANT, {"weight": Weight.read("3.5 kg"), "height": Height.read("50 cm"),
              "age": Age.read("10 days"), "protocol": PROTOCOLS["japan"]}),
    (TODDLER, {"product": TABLETS, "drugs": ("voriconazole",)}),
    (TODDLER, {"protocol": PROTOCOLS["japan"], "drugs": ("rifampicin",)}),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "changes"), PREVENTED)
def test_a_dose_that_is_prevented_is_not_shown_anywhere(
    request_: Request, changes: dict[str, object]
) -> None:
    """Worked out once more here: neither it nor its volume stands in page, --explain or JSON."""
    request = dataclasses.replace(request_, **changes)  # type: ignore[arg-type]
    proposal = propose_starting_dose(request)
    assert proposal.stopped
    assert proposal.area_m2 is not None
    start = request.protocol.start_for(
        request.weight, request.age, proposal.area_m2, request.product
    )
    assert start is not None
    dose, _ = work_out(request, start, proposal.area_m2)
    words = json.loads(proposal.to_json())
    del words["inputs"], words["sources"], words["precautions"], words["review_adverse_events"]
    told_text = json.dumps(words, ensure_ascii=False)
    for mg in (dose.exact_mg, dose.measured.mg, dose.daily_mg, dose.exact_daily_mg):
        for decimals in (2, 4, 6):
            assert f" {plain(mg, decimals)} m" not in told_text
            assert f'"{plain(mg, decimals)} m' not in told_text
    assert words["dose"] is words["loading_dose"] is words["protocol_dose"] is None
    assert [step.title for step in proposal.steps] == ["Body surface area (Mosteller)"]


@pytest.mark.parametrize("liver", LiverImpairment)
def test_a_reduction_for_the_liver_is_no_way_round_the_stop_for_infants(
    liver: LiverImpairment,
) -> None:
    assert ask(INFANT, liver=liver).awaits_override


def test_the_level_expected_in_an_infant_counts_the_liver_in() -> None:
    """6.2 kg, 61 cm, 3 months, by hand: 18.01 ng/mL; in class B × 2/3 × 1.96: 23.5 ng/mL."""

    def words(liver: LiverImpairment) -> str:
        alerts = ask(INFANT, liver=liver).alerts
        return next(alert.message for alert in alerts if alert.code == "clearance-maturing")

    assert "about 18 ng/mL" in words(LiverImpairment.NONE)
    assert "about 24 ng/mL" in words(LiverImpairment.B)


def test_no_level_is_derived_for_the_first_month_of_life() -> None:
    newborn = ask(INFANT, age=Age.read("3 days"), weight=Weight.read("3.4 kg"))
    assert not any("ng/mL (derived)" in alert.message for alert in newborn.alerts)


@pytest.mark.parametrize(
    ("changes", "early"),
    [
        ({}, False),
        ({"liver": LiverImpairment.A}, True),
        ({"age": Age.read("23 months")}, True),
        ({"drugs": ("rifampicin",), "override": REASON}, True),
        ({"drugs": ("fluconazole",)}, False),
    ],
)
def test_an_early_level_is_asked_for(changes: dict[str, object], *, early: bool) -> None:
    assert ask(TODDLER, **changes).needs_early_level == early


def test_an_override_is_kept_with_reason_and_name() -> None:
    proposal = ask(INFANT, override=REASON)
    assert proposal.dose is not None
    assert proposal.override == REASON
    assert proposal.overridden == ("age-under-7-months",)
    assert alerts_of(proposal)["age-under-7-months"] is AlertKind.OVERRIDE


def test_an_override_that_nothing_needed_is_not_kept() -> None:
    proposal = ask(TODDLER, override=REASON)
    assert proposal.override is None
    assert proposal.overridden == ()
    assert alerts_of(proposal) == {"override-not-needed": AlertKind.NOTE}


def test_no_override_passes_a_stop() -> None:
    """0.44 mg with marks of 0.3 mL: 0.3 mg is a third less."""
    coarse = SyringeMarks(((Decimal(1), Decimal("0.3")),))
    proposal = ask(TODDLER, marks=coarse, override=REASON)
    assert proposal.dose is None
    assert not proposal.awaits_override
    assert alerts_of(proposal) == {"rounding": AlertKind.STOP}


@pytest.mark.parametrize(
    ("kg", "cm", "age", "given"),
    [
        # √(kg × cm / 3600) × 0.8 mg: 1.144, 1.235, 1.282 and 0.832 mg twice a day
        ("46", "160", "15 years", "1"), ("52", "165", "15 years", "1"),
        ("55", "168", "15 years", "1.5"), ("29.5", "132", "9 years", "1"),
    ],
)  # fmt: skip
def test_whole_tablets_near_the_dose_are_proposed_with_what_else_there_is(
    kg: str, cm: str, age: str, given: str
) -> None:
    """limits.md: for tablets a caution above 10 %; every way to nearly the same day is named."""
    child = Request(weight=Weight(Decimal(kg)), height=Height(Decimal(cm)), age=Age(age))
    proposal = ask(child, product=TABLETS)
    assert proposal.dose is not None
    assert proposal.dose.measured.mg == Decimal(given)
    assert alerts_of(proposal) == {"rounding": AlertKind.CAUTION}
    dosages = [option.dosage for option in proposal.tablet_options]
    assert {each.dose_mg for each in dosages if each.every_hours == 12 and not each.evening_mg} == (
        {1, Decimal("1.5")} if kg != "29.5" else {Decimal("0.5"), 1}
    )
    assert {each.every_hours for each in dosages} == {12, 24, 48}
    assert any(each.evening_mg for each in dosages)
    off = [abs(option.off_percent) for option in proposal.tablet_options]
    assert off == sorted(off)


def test_tablets_that_are_far_off_await_an_override_and_the_others_are_named() -> None:
    """0.8 × √(8.8 × 73 / 3600) = 0.338 mg twice a day: once a day 0.5 mg is 26 % less."""
    child = dataclasses.replace(TODDLER, weight=Weight("8.8 kg"), height=Height("73 cm"))
    proposal = ask(child, product=TABLETS)
    assert proposal.awaits_override
    assert alerts_of(proposal)["rounding"] is AlertKind.OVERRIDE
    assert [str(each.dosage) for each in proposal.tablet_options] == [
        "1.5 mg every 48 hours", "0.5 mg every 12 hours",
    ]  # fmt: skip
    assert ask(child, product=TABLETS, override=REASON).dose is not None
    drug = ask(child, product=TABLETS, drugs=("Clarithromycin",))
    assert drug.tablet_options == ()  # no dose is shown that something else forbids, too


def test_the_solution_has_no_tablet_options() -> None:
    assert ask(TODDLER).tablet_options == ()


@pytest.mark.parametrize(("months", "given"), [("6.99", "0.34"), ("7", "0.36"), ("7.01", "0.36")])
def test_under_7_months_a_dose_is_rounded_down(months: str, given: str) -> None:
    """√(9 × 79 / 3600) × 0.8 = 0.35553 mg: nearest 0.36; a neonate was given 1.66 mg/m²/day."""
    age = Age(Decimal(months), Decimal(months) * Decimal("30.4375"))
    request = Request(weight=Weight("9 kg"), height=Height("79 cm"), age=age, override=REASON)
    dose = ask(request).dose
    assert dose is not None
    assert dose.measured.mg == Decimal(given)


def test_at_12_days_an_override_never_gives_more_than_the_dose() -> None:
    newborn = Request(
        weight=Weight("3.4 kg"), height=Height("50 cm"), age=Age("12 days"), override=REASON
    )
    dose = ask(newborn).dose
    assert dose is not None
    assert dose.mg_per_m2_per_day is not None
    assert dose.mg_per_m2_per_day <= Decimal("1.6")


@pytest.mark.parametrize(
    ("every", "daily", "exact"),
    [(None, "0.05", "0.05"), (24, "0.05", "0.05"), (48, "0.025", "0.05")],
)
def test_the_infant_protocol_gives_0_2_mg_per_m2_a_dose(
    every: int | None, daily: str, exact: str
) -> None:
    """BJCP 2022, bcp.15202: 0.2 mg/m² every 24 or 48 h. √(4.5 × 50 / 3600) = 0.25 m²: 0.05 mg."""
    infant = Request(
        weight=Weight("4.5 kg"), height=Height("50 cm"), age=Age("2 months"),
        protocol=PROTOCOLS["infant"], every_hours=every, marks=FINE_MARKS,
    )  # fmt: skip
    proposal = ask(infant)
    assert proposal.dose is not None
    assert proposal.dose.exact_mg == proposal.dose.measured.mg == Decimal(exact)
    assert proposal.dose.daily_mg == Decimal(daily)
    assert proposal.dose.every_hours == (every or 24)
    assert proposal.dose.times_a_day == (None if every == 48 else 1)
    assert not {"dose-low", "age-under-7-months"} & set(alerts_of(proposal))
    assert str(proposal.target) == "4-6 ng/mL"
    assert ask(infant, age=Age("5 days")).dose == proposal.dose


def test_a_small_dose_needs_finer_marks_or_a_dilution() -> None:
    """0.05 mg is 20 % off the marks of 0.02 mL; of 0.5 mg/mL it is 0.1 mL."""
    infant = Request(
        weight=Weight("4.5 kg"), height=Height("50 cm"), age=Age("2 months"),
        protocol=PROTOCOLS["infant"],
    )  # fmt: skip
    assert alerts_of(ask(infant))["rounding"] is AlertKind.STOP
    diluted = ask(infant, strength_mg_per_ml=Decimal("0.5")).dose
    assert diluted is not None
    assert (diluted.measured.mg, diluted.measured.volume_ml) == (Decimal("0.05"), Decimal("0.1"))
    assert "0.05 mg (0.1 mL of 0.5 mg/mL)" in diluted.words


@pytest.mark.parametrize(("months", "stopped"), [("6.99", False), ("7", True), ("7.01", True)])
def test_the_infant_protocol_ends_at_7_months(months: str, *, stopped: bool) -> None:
    age = Age(Decimal(months), Decimal(months) * Decimal("30.4375"))
    proposal = ask(TODDLER, age=age, protocol=PROTOCOLS["infant"], marks=FINE_MARKS)
    assert ("protocol-not-applicable" in alerts_of(proposal)) == stopped


def test_an_interval_that_the_source_does_not_state_is_refused() -> None:
    with pytest.raises(UserError, match="every 12 hours"):
        ask(TODDLER, every_hours=48)
    assert ask(TODDLER, every_hours=12).dose == ask(TODDLER).dose


def test_the_low_target_says_that_it_states_no_starting_dose() -> None:
    """Harbers 2021 states a target (clinical reference, section 3)."""
    proposal = ask(TODDLER, protocol=PROTOCOLS["low"], override=REASON)
    assert proposal.dose is None
    assert alerts_of(proposal)["no-starting-dose"] is AlertKind.STOP
    assert proposal.alerts[0].source == "harbers2021"


@pytest.mark.parametrize(
    ("age", "words"),
    [("29 days", "extrapolated below 1 month"), ("31 days", "derived"), ("23 months", "derived")],
)
def test_the_expected_average_is_shown_at_every_age_below_2_years(age: str, words: str) -> None:
    proposal = ask(INFANT, age=Age(age))
    (note,) = [alert for alert in proposal.alerts if alert.code == "clearance-maturing"]
    assert f"ng/mL ({words})" in note.message


@pytest.mark.parametrize("strength", ["0", "-1", "NaN", "Infinity"])
def test_a_strength_is_above_zero_and_of_the_solution(strength: str) -> None:
    with pytest.raises(UserError, match="above zero"):
        ask(TODDLER, strength_mg_per_ml=Decimal(strength))
    with pytest.raises(UserError, match="Only the solution"):
        ask(TODDLER, strength_mg_per_ml=Decimal(1), product=TABLETS)


def test_a_drug_to_avoid_needs_an_override_and_never_changes_the_dose() -> None:
    proposal = ask(TODDLER, drugs=("Clarithromycin",))
    assert proposal.awaits_override
    overridden = ask(TODDLER, drugs=("Clarithromycin",), override=REASON)
    assert overridden.dose == ask(TODDLER).dose


@pytest.mark.parametrize(("reason", "by"), [("", "Dr Example"), ("because", " "), ("[/]", "x")])
def test_an_override_without_a_reason_or_a_name_is_refused(reason: str, by: str) -> None:
    with pytest.raises(UserError, match="is empty"):
        Override(reason, by)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"weight": Weight.read("400 kg")}, "weight-out-of-range"),
        ({"weight": Weight.read("12.4 g")}, "weight-out-of-range"),
        ({"height": Height.read("12.4 cm"), "weight": Weight.read("88 kg")}, "height-out-of-range"),
        ({"weight": Weight.read("124 kg")}, "body-mass-index-out-of-range"),
        ({"weight": Weight.read("1.24 kg")}, "body-mass-index-out-of-range"),
        ({"age": Age.read("121 years")}, "age-out-of-range"),
        ({"measured_days_ago": Decimal(-1)}, "measurement-in-future"),
        ({"weight": Weight.read("0.6 kg"), "height": Height.read("26 cm")}, "area-out-of-range"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_typed_can_stop(changes: dict[str, object], code: str) -> None:
    proposal = ask(TODDLER, **changes)
    assert proposal.stopped
    assert alerts_of(proposal)[code] is AlertKind.STOP


def test_a_stop_is_told_together_with_what_the_other_drugs_do() -> None:
    proposal = ask(TODDLER, weight=Weight.read("400 kg"), drugs=("fluconazole",))
    assert proposal.area_m2 is None
    stops = {"weight-out-of-range", "body-mass-index-out-of-range"}
    assert set(alerts_of(proposal)) == {*stops, "weight-unusual-for-age", "interaction"}
    assert [alert.kind for alert in proposal.alerts] == sorted(
        (alert.kind for alert in proposal.alerts), reverse=True
    )


def test_du_bois_in_an_infant_is_told_to_read_low() -> None:
    proposal = ask(INFANT, formula=FORMULAS["dubois"], override=REASON)
    assert alerts_of(proposal)["formulas-differ"] is AlertKind.CAUTION
    assert "formulas-differ" not in alerts_of(ask(INFANT, override=REASON))


def test_how_far_a_formula_is_off_is_told_in_percent_of_haycocks() -> None:
    """9.3 kg and 75 cm: 4.9 % below Haycock's area, which is 5.1 % above that of Du Bois."""
    child = {"weight": Weight.read("9.3 kg"), "height": Height.read("75 cm")}
    proposal = ask(TODDLER, **child, formula=FORMULAS["dubois"])
    assert proposal.area_m2 is not None
    assert "formulas-differ" not in alerts_of(proposal)


def test_a_height_that_does_not_fit_the_weight_differs_from_weight_alone() -> None:
    """12.4 kg at 40 cm: body mass index 77.5, still possible; 35 % off the area by weight."""
    proposal = ask(TODDLER, height=Height.read("40 cm"))
    assert alerts_of(proposal)["weight-only-differs"] is AlertKind.CAUTION


@pytest.mark.parametrize(
    ("age", "drugs", "words"),
    [
        ("23.9 months", (), True),
        ("24 months", (), False),
        ("24.1 months", (), False),
        ("8 years", ("prednisolone",), True),
        ("8 years", ("Dexamethasone",), True),
        ("8 years", ("prednisolone", "TMP-SMX"), False),
        ("8 years", ("propranolol",), False),
        ("8 years", ("no such drug",), False),
    ],
)
def test_pneumocystis_prophylaxis_in_infancy_and_beside_steroids(
    age: str, drugs: tuple[str, ...], *, words: bool
) -> None:
    proposal = ask(TODDLER, age=Age.read(age), drugs=drugs)
    assert ("pneumocystis-prophylaxis" in alerts_of(proposal)) == words


@pytest.mark.parametrize(
    ("months", "codes"),
    [
        ("6.9", {"clearance-maturing", "young-infant-doses"}),
        ("7", {"clearance-maturing"}),
        ("23.9", {"clearance-maturing"}),
        ("24", set()),
    ],
)
def test_infants_get_an_early_level(months: str, codes: set[str]) -> None:
    proposal = ask(TODDLER, age=Age.read(f"{months} months"))
    noted = {"clearance-maturing", "young-infant-doses"} & alerts_of(proposal).keys()
    assert noted == codes


@pytest.mark.parametrize(
    ("age", "drugs", "kind"),
    [
        ("23.9 months", ("prednisolone",), AlertKind.CAUTION),
        ("24 months", ("prednisolone",), AlertKind.NOTE),
        ("23.9 months", (), AlertKind.NOTE),
    ],
)
def test_an_infant_on_steroids_is_a_strong_reason(
    age: str, drugs: tuple[str, ...], kind: AlertKind
) -> None:
    """Both published cases (Kalbfell)."""
    proposal = ask(TODDLER, age=Age.read(age), drugs=drugs)
    (alert,) = (each for each in proposal.alerts if each.code == "pneumocystis-prophylaxis")
    assert (alert.kind, "infant on steroids" in alert.message) == (kind, kind > AlertKind.NOTE)


def test_pneumocystis_prophylaxis_at_a_high_target() -> None:
    assert "pneumocystis-prophylaxis" in alerts_of(ask(TODDLER, protocol=PROTOCOLS["phase2"]))


def test_french_guidance_also_tells_the_dose_by_weight() -> None:
    """0.88 mg a day for 12.4 kg: 0.071 mg/kg/day."""
    proposal = ask(TODDLER, protocol=PROTOCOLS["french"])
    (alert,) = (alert for alert in proposal.alerts if alert.code == "dose-by-weight")
    assert "states 0.08-0.1 mg/kg/day. This dose is 0.071 mg/kg/day." in alert.message


def test_japanese_bands_on_the_solution_are_told_to_be_for_granules() -> None:
    proposal = ask(TODDLER, protocol=PROTOCOLS["japan"])
    (alert,) = (alert for alert in proposal.alerts if alert.code == "protocol-remark")
    assert "1.23 times" in alert.message


def test_sex_sharpens_the_question_about_growth() -> None:
    """A boy and a girl of the same size: the tables differ, an unknown sex takes the milder."""
    big = dataclasses.replace(TODDLER, weight=Weight.read("18.1 kg"))
    (girl, boy, unknown) = (
        "weight-unusual-for-age" in alerts_of(ask(big, sex=sex))
        for sex in (Sex.FEMALE, Sex.MALE, None)
    )
    assert (girl, boy, unknown) == (False, True, False)


def test_a_formula_that_needs_a_height_asks_for_one() -> None:
    with pytest.raises(UserError, match="needs a height"):
        ask(TODDLER, height=None)
    proposal = ask(TODDLER, height=None, formula=FORMULAS["weight-only"])
    assert proposal.dose is not None
    assert len(proposal.areas) == 1


def test_small_volumes_are_flagged_for_a_dilution() -> None:
    """Japanese label, 5 kg at 4 months: 0.04 × 5 = 0.2 mg; at 2 months 0.02 × 5 = 0.1 mg."""
    small = dataclasses.replace(
        INFANT,
        weight=Weight.read("5 kg"),
        height=Height.read("58 cm"),
        protocol=PROTOCOLS["japan"],
    )
    assert "volume-small" in alerts_of(ask(small, age=Age.read("2 months")))
    assert "volume-small" not in alerts_of(ask(small, age=Age.read("4 months")))


@pytest.mark.parametrize(
    ("low", "high", "is_high"),
    [("9.9", "15", False), ("10", "15", True), ("10.1", "15", True), ("5", "15.1", True)],
)
def test_a_high_target_begins_at_10_or_reaches_above_15(
    low: str, high: str, *, is_high: bool
) -> None:
    assert is_high_target(TargetTrough(Decimal(low), Decimal(high))) == is_high
