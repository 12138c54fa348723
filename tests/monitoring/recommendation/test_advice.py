"""One recommendation: each rule of course of treatment, section 6, and what changes it."""

import re
from dataclasses import FrozenInstanceError, fields, replace
from decimal import Decimal
from typing import Any

import pytest

from dosing import AlertKind, Dose, Override, Product, TargetTrough
from dosing.knowledge.products import ORAL_SOLUTION, measure_out
from dosing.pharmacokinetics import Forecast, model_named
from monitoring.due import Check, Due, due
from monitoring.prescribing import check_prescription
from monitoring.recommendation.advice import Advice, advise, against_the_label, forecast_for
from monitoring.recommendation.decision import Decision
from monitoring.recommendation.dose_recommendation import (
    DoseAction,
    DoseRecommendation,
    ModelEvidence,
)
from monitoring.recommendation.forecast import ForecastRequest
from monitoring.recommendation.forecast.observed import ObservedLevel
from monitoring.recommendation.label_advice import AdviceOptions, LabelAdvice
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Level, LevelCause, LevelCauseAnswer
from tests.builders import (
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    day,
    ended,
    held_doses,
    voided,
)

NOW = at("2026-11-29T10:00")
MEASURED = a_measurement("16 kg", "100 cm", "2026-11-20")
DOSE = a_dose("2026-10-01T08:00", "0.4")
SAMPLED = "2026-11-27T08:00"
LOW, INSIDE, HIGH = (a_level(f"{value} ng/mL", SAMPLED) for value in ("4.0", "8.0", "18.0"))
NEUTROPENIA = a_laboratory_value(
    "neutrophils", "0.9 10*9/L", "2026-11-25T08:00", lower="1.5 10*9/L"
)


def advised(*entries: Entry, **patient: Any) -> Advice:
    return advise(a_record(MEASURED, *entries, patient=a_patient(**patient)), NOW)


def codes(advice: Advice) -> list[str]:
    return [each.code for each in advice.recommendation.reasons]


# --- the level alone


@pytest.mark.parametrize(
    ("level", "action"),
    [
        ("4.9", DoseAction.RAISE), ("5.0", DoseAction.KEEP), ("15.0", DoseAction.KEEP),
        ("15.1", DoseAction.LOWER), ("30.0", DoseAction.LOWER), ("30.1", DoseAction.HOLD),
    ],
)  # fmt: skip
def test_a_trough_at_steady_state_is_answered(level: str, action: DoseAction) -> None:
    advice = advised(DOSE, a_level(f"{level} ng/mL", SAMPLED))
    assert advice.recommendation.action is action
    assert (advice.dose is not None) is (action in {DoseAction.RAISE, DoseAction.LOWER})
    assert not advice.stopped


def test_a_raise_is_at_most_half_as_much_again() -> None:
    dose = advised(DOSE, LOW).dose
    assert dose is not None
    assert dose.measured.mg <= DOSE.dose_mg * 3 / 2


def test_without_a_level_the_dose_is_kept() -> None:
    advice = advised(DOSE)
    assert (advice.recommendation.action, codes(advice)) == (DoseAction.KEEP, ["no-level"])


@pytest.mark.parametrize("hours", [2, 5.9, 6.1])
def test_a_sample_soon_after_a_dose_is_repeated_once(hours: float) -> None:
    peak = a_level("21.4 ng/mL", SAMPLED, hours=hours)
    assert advised(DOSE, peak).recommendation.action is DoseAction.REPEAT_LEVEL
    before = a_level("20.9 ng/mL", "2026-11-20T08:00", hours=hours)
    assert advised(DOSE, before, peak).recommendation.action is DoseAction.ASK


# --- the pairs: another entry that changes the answer


def test_pneumonitis_forbids_every_dose_and_forecast() -> None:
    event = a_side_effect("pneumonitis", "2026-11-20", 3)
    advice = advised(DOSE, event, LOW)
    assert (advice.recommendation.action, advice.stopped) == (DoseAction.HOLD, True)
    forecast = forecast_for(a_record(MEASURED, DOSE, event, LOW), NOW)
    assert forecast.stopped
    assert "pneumonitis-severe" in forecast.alerts.blocking_codes


def test_a_documented_override_passes_pregnancy_and_the_level_is_answered() -> None:
    record = a_record(MEASURED, DOSE, a_condition("pregnancy"), LOW)
    assert advise(record, NOW).recommendation.action is DoseAction.HOLD
    override = Override("agreed in the board", "A. Name")
    passed = advise(record, NOW, override=override)
    assert (passed.recommendation.action, passed.stopped) == (DoseAction.RAISE, False)


def test_a_conflict_is_asked_before_any_dose() -> None:
    event = a_side_effect("mouth sores", "2026-11-20", 2, action=ActionTaken.STOPPED)
    advice = advised(DOSE, event, HIGH)
    assert (advice.recommendation.action, advice.stopped) == (DoseAction.ASK, True)
    assert codes(advice)[0] == "treatment-conflict"


def test_on_hold_the_question_is_the_restart() -> None:
    advice = advised(DOSE, LOW, held_doses("2026-11-28T08:00", None, is_open=True))
    assert (advice.recommendation.action, codes(advice)) == (DoseAction.ASK, ["on-hold"])
    assert not advice.stopped


def test_a_low_level_four_days_after_a_restart_raises_nothing() -> None:
    held = held_doses("2026-11-08T08:00", "2026-11-22T08:00")
    advice = advised(DOSE, held, a_level("4.2 ng/mL", "2026-11-26T08:00"))
    assert advice.recommendation.action is DoseAction.KEEP
    assert "no-raise-yet" in codes(advice)


def test_a_severe_finding_bars_a_raise_and_is_named_first() -> None:
    advice = advised(DOSE, NEUTROPENIA, LOW)
    assert (advice.recommendation.action, codes(advice)) == (DoseAction.KEEP, ["severe-finding"])
    assert advice.recommendation.words == "Review the open grade 3 or 4 first; keep the dose"


def test_a_severe_finding_never_bars_a_reduction() -> None:
    advice = advised(DOSE, NEUTROPENIA, HIGH)
    assert advice.recommendation.action is DoseAction.LOWER
    assert codes(advice)[0] == "severe-finding"


def test_a_raise_under_an_inducer_says_what_its_end_will_do() -> None:
    advice = advised(DOSE, a_drug("rifampicin", "2026-10-15"), LOW)
    assert advice.recommendation.action is DoseAction.RAISE
    assert "inducer-in-force" in codes(advice)


@pytest.mark.parametrize(("level", "action"), [(LOW, DoseAction.KEEP), (HIGH, DoseAction.LOWER)])
def test_a_drug_that_began_just_before_bars_a_raise_only(level: Entry, action: DoseAction) -> None:
    advice = advised(DOSE, a_drug("voriconazole", "2026-11-25"), level)
    assert advice.recommendation.action is action
    assert (advice.alerts.blocking_codes == ()) is (action is DoseAction.LOWER)


def test_a_dose_changed_since_the_level_is_kept_until_the_next() -> None:
    advice = advised(DOSE, LOW, a_dose("2026-11-28T08:00", "0.5"))
    assert advice.recommendation.action is DoseAction.KEEP
    assert codes(advice)[0] == "wait-for-level"


@pytest.mark.parametrize(
    ("changed", "action"),
    [("2026-11-16", DoseAction.KEEP), ("2026-11-14", DoseAction.REPEAT_LEVEL)],
)
def test_when_its_days_are_over_the_level_is_asked_for(changed: str, action: DoseAction) -> None:
    level = a_level("4.0 ng/mL", "2026-11-10T08:00")
    advice = advised(DOSE, level, a_dose(f"{changed}T08:00", "0.5"))
    assert advice.recommendation.action is action


def test_while_tapering_a_low_level_raises_nothing() -> None:
    advice = advised(replace(DOSE, is_taper_step=True), LOW)
    assert (advice.recommendation.action, codes(advice)) == (DoseAction.KEEP, ["no-raise-in-taper"])


def test_after_the_stop_there_is_nothing_to_adjust() -> None:
    record = ended(a_record(MEASURED, DOSE, LOW), 3, at("2026-11-28T08:00"))
    advice = advise(record, NOW)
    assert (advice.recommendation.action, codes(advice)) == (DoseAction.ASK, ["no-dose-now"])
    assert advice.dose is None


# --- a level that does not fit


BEFORE = a_level("12.4 ng/mL", "2026-11-10T08:00")
THIRD = a_level("3.1 ng/mL", SAMPLED)


def test_a_third_of_the_last_level_asks_for_its_cause() -> None:
    advice = advised(DOSE, BEFORE, THIRD)
    assert advice.recommendation.action is DoseAction.ASK
    assert advice.dose is None


OF_A_DOSE = {"next-level", "factor-capped", "review-authors"}
"""What the arithmetic tells of its dose."""
SMALL = a_dose("2026-10-01T08:00", "0.09")


@pytest.mark.parametrize(
    ("entries", "action"),
    [
        ((BEFORE, THIRD), DoseAction.ASK),
        ((THIRD, NEUTROPENIA), DoseAction.KEEP),
        ((INSIDE,), DoseAction.KEEP),
    ],
)
def test_nothing_is_told_of_a_dose_that_is_not_recommended(
    entries: tuple[Entry, ...], action: DoseAction
) -> None:
    advice = advised(DOSE, *entries)
    assert advice.recommendation.action is action
    assert not OF_A_DOSE & {each.code for each in advice.alerts}


def test_a_limit_of_a_dose_is_told_only_where_it_is_the_reason() -> None:
    """Half as much again, 0.135 mg, is so far off the marks that only an override allows it."""
    asked, forbidden = advised(SMALL, BEFORE, THIRD), advised(SMALL, THIRD)
    assert asked.recommendation.action is forbidden.recommendation.action is DoseAction.ASK
    assert (asked.stopped, forbidden.stopped) == (False, True)
    assert codes(forbidden) == ["rounding"]
    told = {each.code for each in forbidden.alerts}
    assert told >= {"rounding", "factor-capped"}
    assert not {"rounding", "factor-capped"} & {each.code for each in asked.alerts}


def test_what_a_recommended_dose_needs_is_told() -> None:
    """The same level, with nothing against a raise."""
    advice = advised(DOSE, THIRD)
    assert advice.recommendation.action is DoseAction.RAISE
    assert {each.code for each in advice.alerts} >= OF_A_DOSE


def test_an_unknown_weight_is_told_without_a_dose_too() -> None:
    advice = advise(a_record(DOSE, BEFORE, THIRD), NOW)
    assert advice.dose is None
    assert "weight-unknown" in {each.code for each in advice.alerts}


@pytest.mark.parametrize(
    ("cause", "action"),
    [
        (LevelCause.NOT_FOUND, DoseAction.REPEAT_LEVEL),  # a raise needs a second level
        (LevelCause.DIARRHOEA, DoseAction.KEEP),  # the cause is dealt with first
    ],
)
def test_the_cause_of_a_low_level_decides(cause: LevelCause, action: DoseAction) -> None:
    answer = LevelCauseAnswer(of=5, on=day("2026-11-28"), cause=cause, is_excluded=False)
    assert advised(DOSE, BEFORE, THIRD, answer).recommendation.action is action


def excluded(number: int, cause: LevelCause = LevelCause.MISSED) -> LevelCauseAnswer:
    return LevelCauseAnswer(of=number, on=day("2026-11-28"), cause=cause, is_excluded=True)


@pytest.mark.parametrize(
    ("before", "action"),
    [("4.4", DoseAction.REPEAT_LEVEL), ("12.4", DoseAction.REPEAT_LEVEL), ("17", DoseAction.LOWER)],
)
def test_an_excluded_level_is_repeated_and_only_a_reduction_goes_on(
    before: str, action: DoseAction
) -> None:
    """Course of treatment, section 5: it is excluded, with its reason, and repeated."""
    advice = advised(DOSE, a_level(f"{before} ng/mL", "2026-11-10T08:00"), THIRD, excluded(5))
    assert advice.recommendation.action is action
    assert advice.assessment is not None
    assert advice.assessment.level.number == 4


def test_an_excluded_level_alone_is_repeated_and_a_second_one_asks_why() -> None:
    assert advised(DOSE, THIRD, excluded(4)).recommendation.action is DoseAction.REPEAT_LEVEL
    second = a_level("2.9 ng/mL", "2026-11-28T08:00")
    twice = advised(DOSE, THIRD, second, excluded(4), excluded(5))
    assert twice.recommendation.action is DoseAction.ASK


@pytest.mark.parametrize(("one", "other"), [("3.0", "9.0"), ("9.0", "3.0")])
def test_two_levels_of_one_moment_are_asked_about_whichever_came_last(one: str, other: str) -> None:
    advice = advised(DOSE, a_level(f"{one} ng/mL", SAMPLED), a_level(f"{other} ng/mL", SAMPLED))
    assert (advice.recommendation.action, codes(advice)) == (
        DoseAction.ASK,
        ["level-contradicted"],
    )
    assert advice.dose is None


@pytest.mark.parametrize(
    ("mg", "action"),
    [("0.39", DoseAction.KEEP), ("0.4", DoseAction.HOLD), ("0.6", DoseAction.HOLD)],
)
def test_after_46_only_a_lower_dose_waits_for_the_next_level(mg: str, action: DoseAction) -> None:
    high = a_level("46 ng/mL", SAMPLED)
    again = a_dose("2026-11-28T08:00", mg, product=Product.TABLETS if mg == "0.4" else
                   Product.SOLUTION)  # fmt: skip
    assert advised(DOSE, high, again).recommendation.action is action


def test_a_level_three_times_the_last_lowers_the_dose_and_asks() -> None:
    advice = advised(DOSE, a_level("6.5 ng/mL", "2026-11-10T08:00"), a_level("20.1 ng/mL", SAMPLED))
    assert advice.recommendation.action is DoseAction.LOWER
    assert advice.recommendation.reasons


# --- label and model


def test_model_and_label_give_one_dose_in_one_direction() -> None:
    for level in (LOW, HIGH):
        recommendation = advised(DOSE, level).recommendation
        assert recommendation.model is not None
        if recommendation.model.is_used:
            assert recommendation.dose == recommendation.model.dose
        else:
            assert recommendation.dose == recommendation.label
            assert "model-not-used" in {each.code for each in recommendation.reasons}


@pytest.mark.parametrize("value", ["15.1", "16", "18", "20", "20.1", "25", "29.9"])
@pytest.mark.parametrize("before", [None, "9"])
def test_a_reduction_brings_the_patients_own_level_into_the_target(
    value: str, before: str | None
) -> None:
    """The model draws a level to its population: 29 ng/mL at 0.24 of 0.4 mg is still 17.4."""
    earlier = [a_level(f"{before} ng/mL", "2026-11-10T08:00")] if before else []
    dose = advised(DOSE, *earlier, a_level(f"{value} ng/mL", SAMPLED)).dose
    assert dose is not None
    assert 5 <= Decimal(value) * dose.daily_mg / DOSE.daily_mg <= 15


def test_the_model_is_not_used_outside_the_ages_it_was_built_on() -> None:
    grown = a_measurement("52 kg", "160 cm", "2026-11-21")
    dose = a_dose("2026-10-01T08:00", "1.2")
    recommendation = advised(grown, dose, LOW, born="2008-05-01").recommendation
    assert recommendation.model is not None
    assert not recommendation.model.is_used
    assert recommendation.model.why_not == "no model covers this patient"


def test_a_forecast_shows_no_dose_that_the_recommendation_does_not() -> None:
    """A severe finding bars the raise: no dose above the current one is listed."""
    forecast = forecast_for(a_record(MEASURED, DOSE, NEUTROPENIA, LOW), NOW)
    assert forecast.answer is not None
    assert forecast.answer.recommendation is not None
    assert forecast.answer.recommendation.dose is None
    listed = [each.regimen.dose_mg for each in forecast.answer.recommendation.outcomes]
    assert max(listed) == DOSE.dose_mg


@pytest.mark.parametrize("level", [LOW, INSIDE, HIGH])
@pytest.mark.parametrize("model", [None, "chen2021", "golubovic2019"])
def test_no_model_says_another_dose_than_the_recommendation(
    level: Entry, model: str | None
) -> None:
    record = a_record(MEASURED, DOSE, level)
    request = ForecastRequest(model=model_named(model)) if model else None
    found, advice = forecast_for(record, NOW, request), advise(record, NOW)
    assert found.recommendation == advice.recommendation
    own = found.answer.recommendation if found.answer else None
    if own is None or own.dose is None:
        assert not {"dose-at-the-edge", "best-dose-not-allowed"} & {e.code for e in found.alerts}
    else:
        assert own.dose == advice.dose
    if advice.dose is not None:
        assert "dose-unchanged" not in {each.code for each in found.alerts}


def test_arithmetic_says_nothing_against_the_recommendation() -> None:
    """Inside the target the arithmetic keeps the dose; held for pneumonitis nothing is kept."""
    assert "no-change" in {each.code for each in advised(DOSE, INSIDE).alerts}
    held = advised(DOSE, INSIDE, a_side_effect("pneumonitis", "2026-11-20", 3))
    assert "no-change" not in {each.code for each in held.alerts}
    assert "next-level" in {each.code for each in advised(DOSE, LOW).alerts}
    barred = advised(DOSE, NEUTROPENIA, LOW)
    assert "next-level" not in {each.code for each in barred.alerts}


def level_check(record: Record) -> Due | None:
    return next((each for each in due(record, NOW) if each.check is Check.LEVEL), None)


def test_without_a_change_the_next_level_is_that_of_the_due_list() -> None:
    record = a_record(MEASURED, DOSE, INSIDE)
    found = level_check(record)
    assert found is not None
    assert advise(record, NOW).next_level == found


@pytest.mark.parametrize("level", [LOW, HIGH])
def test_with_a_change_the_next_level_is_due_as_once_it_is_prescribed(level: Entry) -> None:
    record = a_record(MEASURED, DOSE, level)
    advice = advise(record, NOW)
    assert advice.dose is not None
    prescribed = record.with_entry(replace(DOSE, since=NOW, dose_mg=advice.dose.measured.mg), NOW)
    found = level_check(prescribed)
    assert found is not None
    assert advice.next_level is not None
    assert (advice.next_level.since, advice.next_level.until) == (found.since, found.until)
    assert (found.since, found.until) == (day("2026-12-06"), day("2026-12-13"))  # 7-14 days


# --- the last level beside its prediction


@pytest.mark.parametrize(
    ("level", "missed"),
    [
        ("4.9", True), ("5.0", False), ("5.1", False), ("14.9", False), ("15.0", False),
        ("15.1", True), ("<4.0", True), ("<5.0", False), (">15.0", False), (">15.1", True),
        ("<20", False), (">2.0", False),
    ],
)  # fmt: skip
def test_a_forecast_misses_a_level_outside_its_band(level: str, *, missed: bool) -> None:
    band = Forecast(
        at_h=0, ng_ml=9.5, low_ng_ml=8, high_ng_ml=11, measured_low_ng_ml=5, measured_high_ng_ml=15
    )
    stored = a_record(a_level(f"{level} ng/mL")).active(Level)[0]
    assert ObservedLevel(stored, band, 1).is_missed is missed


def test_the_prediction_of_the_last_level_knows_only_what_came_before_it() -> None:
    earlier = a_level("9.0 ng/mL", "2026-11-10T08:00")
    answers = [
        forecast_for(a_record(a_measurement("16 kg", "100 cm", "2026-09-30"), DOSE, *levels), NOW)
        for levels in ((earlier, LOW), (earlier, HIGH), (HIGH,))
    ]
    low, high, alone = (each.answer.observed for each in answers if each.answer)
    assert low is not None
    assert high is not None
    assert alone is not None
    assert low.predicted == high.predicted  # the level itself changes nothing of it
    assert (low.earlier_levels, alone.earlier_levels) == (1, 0)
    assert low.predicted.ng_ml != alone.predicted.ng_ml


def test_a_level_of_another_assay_is_left_out_of_the_fit() -> None:
    other = a_level("9.0 ng/mL", "2026-11-10T08:00", assay=Assay.CMIA)
    forecast = forecast_for(a_record(MEASURED, DOSE, other, INSIDE), NOW)
    assert forecast.answer is not None
    assert [each.level.number for each in forecast.answer.levels] == [5]


def test_the_document_holds_one_recommendation_with_its_evidence() -> None:
    document = advised(DOSE, LOW).to_dict()
    recommendation = document["recommendation"]
    assert isinstance(recommendation, dict)
    assert recommendation["action"] == "raise"
    assert recommendation["dose"] == document["dose"]
    assert recommendation["label"]["dose"]["given_mg"] > 0.4
    assert recommendation["model"]["model"] == "average"
    assert all(isinstance(each, str) for each in recommendation["reasons"])


# --- a level that does not fit what the model predicted for it


@pytest.mark.parametrize(
    ("level", "is_misfit"),
    # 90 % of measured levels are 6-14 ng/mL: 4 is 1.645 SD, so 2.807 SD is 6.826 and 99.5 % 3.174
    [("3.18 ng/mL", False), ("3.17 ng/mL", True), ("<3.1 ng/mL", True), (">3.1 ng/mL", False),
     ("16.82 ng/mL", False), ("16.83 ng/mL", True), (">17 ng/mL", True), ("<17 ng/mL", False)],
)  # fmt: skip
def test_a_level_outside_the_prediction_does_not_fit(level: str, *, is_misfit: bool) -> None:
    predicted = Forecast(at_h=0, ng_ml=10, low_ng_ml=8, high_ng_ml=12,
                         measured_low_ng_ml=6, measured_high_ng_ml=14)  # fmt: skip
    stored = a_record(a_level(level, SAMPLED)).of(Level)[0]
    assert ObservedLevel(stored, predicted, 2).is_misfit is is_misfit


@pytest.mark.parametrize(
    "entries",
    [
        (DOSE, a_side_effect("pneumonitis", "2026-11-20", 3), LOW),
        (DOSE, NEUTROPENIA, LOW),
        (DOSE, BEFORE, THIRD),
        (DOSE, a_level("3.0 ng/mL", SAMPLED), a_level("9.0 ng/mL", SAMPLED)),
    ],
    ids=["pneumonitis", "neutropenia", "a third", "one moment"],
)
def test_no_document_holds_a_dose_that_is_not_recommended(entries: tuple[Entry, ...]) -> None:
    advice = advised(*entries).to_dict()
    forecast = forecast_for(a_record(MEASURED, *entries), NOW).to_dict()
    recommendation = advice["recommendation"]
    assert isinstance(recommendation, dict)
    assert (advice["dose"], advice["steps"], forecast["label_arithmetic"]) == (None, [], None)
    assert recommendation["label"]["dose"] is None
    assert (recommendation["model"] or {}).get("dose") is None


# --- edges of the decision


def sampled_at(value: str, when: str = SAMPLED, **fields: Any) -> Entry:
    return a_level(f"{value} ng/mL", when, **fields)


@pytest.mark.parametrize(
    ("now", "since", "action"),
    [
        ("2026-11-29T10:00", "2026-11-26T19:59", DoseAction.LOWER),  # the last dose was the new one
        ("2026-11-29T10:00", "2026-11-26T20:00", DoseAction.LOWER),
        ("2026-11-29T10:00", "2026-11-26T20:01", DoseAction.KEEP),
        ("2026-11-29T10:00", "2026-11-27T07:59", DoseAction.KEEP),
        ("2026-11-29T10:00", "2026-11-27T08:00", DoseAction.KEEP),  # the minute of the sample
        ("2026-11-29T10:00", "2026-11-27T08:01", DoseAction.KEEP),
        ("2026-11-29T10:00", "2026-11-29T10:00", DoseAction.KEEP),
        ("2026-12-20T10:00", "2026-11-27T08:00", DoseAction.REPEAT_LEVEL),  # its days are over
    ],
)
def test_a_level_of_the_dose_before_lowers_no_dose_again(
    now: str, since: str, action: DoseAction
) -> None:
    """The dose was lowered for it: 18 ng/mL, 12 hours after a dose at 20:00."""
    record = a_record(MEASURED, DOSE, a_dose(since, "0.3"), HIGH)
    recommendation = advise(record, at(now)).recommendation
    assert recommendation.action is action
    waits = "wait-for-level" in {each.code for each in recommendation.reasons}
    assert waits is (action is DoseAction.KEEP)


@pytest.mark.parametrize(
    ("since", "waits"),
    [("2026-11-27T07:59", False), ("2026-11-27T08:00", True), ("2026-11-27T08:01", True)],
)
def test_without_a_last_dose_a_change_counts_from_the_minute_of_the_sample(
    since: str, *, waits: bool
) -> None:
    level = sampled_at("18", hours=None)
    found = codes(advised(DOSE, a_dose(since, "0.3"), level))
    assert ("wait-for-level" in found) is waits


def test_a_drug_since_the_sample_is_no_change_of_the_dose() -> None:
    found = codes(advised(DOSE, INSIDE, a_drug("rifampicin", "2026-11-28")))
    assert "wait-for-level" not in found


@pytest.mark.parametrize(
    ("value", "reasons"),
    [
        ("4.9", ["no-raise-in-taper"]),
        ("5.0", ["no-change"]),
        ("5.1", ["no-change"]),
    ],
)
def test_while_tapering_the_lower_end_of_before_asks_for_no_raise(
    value: str, reasons: list[str]
) -> None:
    found = advised(replace(DOSE, is_taper_step=True), sampled_at(value))
    assert (found.recommendation.action, codes(found)) == (DoseAction.KEEP, reasons)


@pytest.mark.parametrize(
    ("values", "edge"),
    [
        (("5.4", "5.4"), "lower"),
        (("5.5", "5.5"), "lower"),  # a tenth above 5
        (("5.5", "5.6"), None),
        (("5.6", "5.5"), None),
        (("8.0", "5.5"), None),
        (("13.5", "13.4"), None),
        (("13.4", "13.5"), None),
        (("13.5", "13.5"), "upper"),  # a tenth below 15
        (("14.0", "14.9"), "upper"),
        (("5.4",), None),
        (("8.0", "5.4", "5.4"), "lower"),
    ],
)
def test_two_levels_near_one_edge_are_named(values: tuple[str, ...], edge: str | None) -> None:
    days = ("2026-11-10T08:00", "2026-11-20T08:00", SAMPLED)[-len(values) :]
    found = advised(DOSE, *map(sampled_at, values, days)).recommendation
    near = [each.message for each in found.reasons if each.code == "twice-near-the-edge"]
    assert (found.action, len(near)) == (DoseAction.KEEP, 0 if edge is None else 1)
    assert edge is None or edge in near[0]


def test_near_the_edge_of_another_target_is_none() -> None:
    narrow = a_dose("2026-11-15T08:00", "0.4", target=TargetTrough(Decimal(5), Decimal(12)))
    found = advised(DOSE, sampled_at("5.4", "2026-11-10T08:00"), narrow, sampled_at("5.4"))
    assert "twice-near-the-edge" not in codes(found)


@pytest.mark.parametrize(
    ("first", "action"),
    [
        ("2026-11-10T09:59", DoseAction.REPEAT_LEVEL),  # its last dose was the one before
        ("2026-11-10T10:00", DoseAction.ASK),
        ("2026-11-10T10:01", DoseAction.ASK),
    ],
)
def test_a_useless_level_is_repeated_once_on_a_dose(first: str, action: DoseAction) -> None:
    new = a_dose("2026-11-10T08:00", "0.5")
    useless = sampled_at("20.9", first, hours=2)
    found = advised(DOSE, new, useless, sampled_at("21.4", hours=2))
    assert found.recommendation.action is action
    assert ("level-not-repeated" in codes(found)) is (action is DoseAction.ASK)


def test_a_useless_level_that_was_voided_was_no_repeat() -> None:
    record = a_record(
        MEASURED, DOSE, sampled_at("20.9", "2026-11-20T08:00", hours=2), sampled_at("21", hours=2)
    )
    assert advise(record, NOW).recommendation.action is DoseAction.ASK
    assert advise(voided(record, 4), NOW).recommendation.action is DoseAction.REPEAT_LEVEL


def test_an_excluded_level_that_was_voided_asks_for_nothing() -> None:
    record = a_record(MEASURED, DOSE, sampled_at("8.0", "2026-11-10T08:00"), THIRD, excluded(5))
    assert advise(record, NOW).recommendation.action is DoseAction.REPEAT_LEVEL
    assert advise(voided(record, 5), NOW).recommendation.action is DoseAction.KEEP


def test_an_excluded_level_from_before_the_newest_one_asks_for_nothing() -> None:
    found = advised(DOSE, sampled_at("2.0", "2026-11-10T08:00"), INSIDE, excluded(4))
    assert found.recommendation.action is DoseAction.KEEP


def test_a_dose_on_hold_with_a_level_that_would_raise_asks_for_the_restart() -> None:
    held = held_doses("2026-11-28T08:00", None, is_open=True)
    found = advised(DOSE, LOW, held)
    assert (found.recommendation.action, codes(found)) == (DoseAction.ASK, ["on-hold"])


def test_the_dose_of_no_answer_names_no_label_dose_either() -> None:
    document = advised(DOSE, THIRD, NEUTROPENIA).to_dict()
    recommendation = document["recommendation"]
    assert isinstance(recommendation, dict)
    assert recommendation["dose"] is None
    assert recommendation["label"]["dose"] is None


def test_without_a_level_the_document_says_null() -> None:
    document = advised(DOSE).to_dict()
    silent = (
        "level_ng_ml", "comparator", "sampled_at", "assay", "current_daily_mg", "target_ng_ml",
        "aim_ng_ml", "factor", "dose", "loading_dose_mg", "loading_dose", "override",
    )  # fmt: skip
    assert {name: document[name] for name in silent} == dict.fromkeys(silent)
    assert (document["steps"], document["next_level"] is not None) == ([], True)


def test_the_document_names_the_level_as_it_was_reported() -> None:
    level = a_level("<2.0 ng/mL", SAMPLED, assay=Assay.CMIA)
    document = advised(DOSE, level).to_dict()
    assert [document[name] for name in ("level_ng_ml", "comparator", "assay", "sampled_at")] == [
        2.0, "<", "cmia", "2026-11-27T08:00+01:00",
    ]  # fmt: skip
    assert document["target_ng_ml"] == [5, 15]
    assert document["current_daily_mg"] == 0.8


def test_an_advice_cannot_be_changed() -> None:
    found = advised(DOSE, LOW)
    with pytest.raises(FrozenInstanceError):
        found.version = "0"  # type: ignore[misc]  # what is tried
    with pytest.raises(FrozenInstanceError):
        found.recommendation.dose = None  # type: ignore[misc]  # what is tried
    assert repr(found).startswith("<Advice Raise the dose to 0.")


@pytest.mark.parametrize(
    ("now", "action"),
    [
        ("2026-12-12T07:59", DoseAction.KEEP),
        ("2026-12-12T08:00", DoseAction.KEEP),  # 14 days: the latest day of steady state
        ("2026-12-12T08:01", DoseAction.REPEAT_LEVEL),
    ],
)
def test_the_days_of_the_next_level_are_over_after_the_fourteenth(
    now: str, action: DoseAction
) -> None:
    record = a_record(MEASURED, DOSE, LOW, a_dose("2026-11-28T08:00", "0.5"))
    assert advise(record, at(now)).recommendation.action is action


def test_of_two_changes_the_days_count_from_the_last() -> None:
    record = a_record(
        MEASURED, DOSE, LOW, a_dose("2026-11-28T08:00", "0.5"), a_dose("2026-12-05T08:00", "0.6")
    )
    assert advise(record, at("2026-12-13T08:00")).recommendation.action is DoseAction.KEEP


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        ("2026-11-29T09:59", "wait-for-level"),
        ("2026-11-29T10:00", "wait-for-level"),
        ("2026-11-29T10:01", None),
    ],
)
def test_a_dose_that_begins_later_has_changed_nothing_yet(since: str, reason: str | None) -> None:
    found = codes(advised(DOSE, INSIDE, a_dose(since, "0.5")))
    assert ("wait-for-level" in found) is (reason is not None)


def test_near_the_edge_of_the_same_target_prescribed_again_counts() -> None:
    def dose(since: str) -> Entry:
        return a_dose(since, "0.4", target=TargetTrough(Decimal("5.0"), Decimal("15.0")))

    levels = sampled_at("5.4", "2026-11-10T08:00"), sampled_at("5.4")
    found = advised(dose("2026-10-01T08:00"), *levels, dose("2026-11-15T08:00"))
    assert "twice-near-the-edge" in codes(found)


def test_a_useless_level_recorded_late_was_the_first_one_too() -> None:
    newest, earlier = sampled_at("21", hours=2), sampled_at("20.9", "2026-11-20T08:00", hours=2)
    assert advised(DOSE, newest, earlier).recommendation.action is DoseAction.ASK


def test_of_two_levels_of_one_moment_the_one_in_use_needs_no_repeat() -> None:
    found = advised(DOSE, INSIDE, sampled_at("2.0"), excluded(5))
    assert found.recommendation.action is DoseAction.KEEP


def test_a_raise_that_rounds_to_the_same_dose_is_none() -> None:
    """From 4.9 to 5.0 ng/mL, 0.1 mg would be 0.102 mg: no mark of the syringe."""
    record = a_record(MEASURED, a_dose("2026-10-01T08:00", "0.1"), sampled_at("4.9"))
    found = advise(record, NOW, aim_ng_ml=Decimal(5))
    assert (found.recommendation.action, found.dose) == (DoseAction.KEEP, None)


@pytest.mark.parametrize("value", ["4.0", "8.0"])
def test_an_old_level_is_repeated_wherever_it_was(value: str) -> None:
    """In the first three months the next level is due monthly."""
    old = sampled_at(value, "2026-09-20T08:00")
    found = advised(a_dose("2026-09-01T08:00", "0.4"), old)
    assert found.recommendation.action is DoseAction.REPEAT_LEVEL
    assert "level-old" in codes(found)
    assert found.next_level is not None
    assert found.next_level.is_now


@pytest.mark.parametrize(
    ("value", "action"), [("8.0", DoseAction.KEEP), ("4.0", DoseAction.REPEAT_LEVEL)]
)
def test_a_dose_is_kept_on_an_old_level_in_the_target_until_the_next_is_due(
    value: str, action: DoseAction
) -> None:
    """After two steady levels the next is due every three months, at 65 days not yet."""
    dose = a_dose("2026-02-01T08:00", "0.4")
    sampled = {"2026-05-20T08:00": "8.1", "2026-07-20T08:00": "7.9", "2026-09-24T08:00": value}
    levels = [sampled_at(each, moment) for moment, each in sampled.items()]
    found = advised(dose, *levels)
    assert found.recommendation.action is action
    assert found.next_level is not None
    assert found.next_level.is_now is (action is DoseAction.REPEAT_LEVEL)


@pytest.mark.parametrize(
    "useless",
    [
        {"hours": None},
        {"hours": 9},
        {"value": "<6.0 ng/mL"},
    ],
)
def test_a_level_that_is_to_be_repeated_is_due_with_its_days(useless: dict[str, Any]) -> None:
    """The rhythm alone would ask for it a month after the last evaluable level."""
    dose = a_dose("2026-10-01T08:00", "0.4")
    good = sampled_at("8.0", "2026-11-20T08:00")
    stated = {"value": "7.5 ng/mL", **useless}
    poor = a_level(sampled="2026-11-27T08:00", **stated)
    found = advised(dose, good, poor)
    assert found.recommendation.action is DoseAction.REPEAT_LEVEL
    assert found.next_level is not None
    assert (found.next_level.since, found.next_level.until) == (
        day("2026-11-28"),
        day("2026-12-04"),
    )
    assert "allows no answer about the dose" in found.next_level.why


def test_a_level_shortly_after_a_hold_is_repeated_when_doses_were_given_for_three_days() -> None:
    """A sample of the next day would be as useless: 26 November and three days are the 29th."""
    hold = held_doses("2026-11-25T20:00", "2026-11-26T20:00")
    good = sampled_at("8.0", "2026-11-10T08:00")
    found = advised(a_dose("2026-10-01T08:00", "0.4"), good, hold, sampled_at("6.1"))
    assert found.recommendation.action is DoseAction.REPEAT_LEVEL
    assert codes(found) == ["doses-held"]
    assert found.next_level is not None
    assert found.next_level.since == day("2026-11-29")
    assert "is not evaluable" not in found.next_level.why  # its own reason says so


def test_a_dose_that_is_kept_on_a_level_without_arithmetic_has_its_reason() -> None:
    """An azole that has just ended: the level within the target says little."""
    drug = a_drug("voriconazole", "2026-11-26")
    found = advised(a_dose("2026-10-01T08:00", "0.4"), drug, sampled_at("8.0"))
    assert found.recommendation.action is DoseAction.KEEP
    assert codes(found) == ["drug-just-changed"]


def test_a_dose_that_was_planned_before_the_level_leaves_it_as_it_is() -> None:
    found = advised(a_dose("2026-10-01T08:00", "0.4"), a_dose("2026-12-05T08:00", "0.5"), LOW)
    assert "dose-changed-since" not in {each.code for each in found.alerts}
    assert found.recommendation.action is DoseAction.RAISE


def test_a_level_too_old_and_due_gives_each_reason_once() -> None:
    """Of before a drug and more than 60 days ago: the rhythm asks for the next one anyway."""
    drug = a_drug("voriconazole", "2026-11-10")
    found = advised(a_dose("2026-08-01T08:00", "0.4"), drug, sampled_at("8.0", "2026-09-20T08:00"))
    assert found.recommendation.action is DoseAction.REPEAT_LEVEL
    assert sorted(codes(found)) == ["drug-just-changed", "level-old"]


@pytest.mark.parametrize(
    ("until", "action"), [("2026-11-17", DoseAction.KEEP), ("2026-11-14", DoseAction.REPEAT_LEVEL)]
)
def test_a_level_of_before_a_restart_allows_no_raise_and_the_answer_has_its_reason(
    until: str, action: DoseAction
) -> None:
    """The dose is the former one, but steady state begins anew (course of treatment, section 2)."""
    low = sampled_at("4.0", "2026-11-05T08:00")
    hold = held_doses("2026-11-06T08:00", f"{until}T08:00")
    record = a_record(MEASURED, a_dose("2026-10-01T08:00", "0.4"), low, hold)
    found = advise(record, NOW)
    assert found.recommendation.action is action
    assert codes(found) == ["wait-for-level"]
    assert check_prescription(record, a_dose(NOW, "0.5"), NOW).stopped
    assert not check_prescription(record, a_dose(NOW, "0.4"), NOW).stopped


def test_a_level_that_a_dose_of_tonight_answers_is_not_answered_twice() -> None:
    found = advised(a_dose("2026-10-01T08:00", "0.4"), LOW, a_dose("2026-11-29T20:00", "0.5"))
    assert (found.recommendation.action, codes(found)) == (DoseAction.KEEP, ["dose-changed-since"])
    assert found.next_level is not None
    assert "allows no answer" not in found.next_level.why


def test_a_reduction_that_rounds_to_the_same_dose_is_none() -> None:
    """From 15.1 to 15 ng/mL, 0.1 mg would be 0.0993 mg: no mark of the syringe."""
    record = a_record(MEASURED, a_dose("2026-10-01T08:00", "0.1"), sampled_at("15.1"))
    found = advise(record, NOW, aim_ng_ml=Decimal(15))
    assert (found.recommendation.action, found.dose) == (DoseAction.KEEP, None)


def test_three_reasons_against_a_raise_bar_it_and_ask_for_no_repeat() -> None:
    """Three days of doses held, just restarted, and an inducer begun the day before."""
    held = held_doses("2026-11-22T08:00", "2026-11-26T08:00")
    found = advised(DOSE, held, a_drug("rifampicin", "2026-11-26"), LOW)
    assert found.recommendation.action is DoseAction.KEEP
    stops = {each.code for each in found.label.alerts if each.kind is AlertKind.STOP}
    assert {"doses-held", "drug-just-changed"} <= stops


def test_a_dose_of_one_mark_that_is_too_high_asks_for_another_interval() -> None:
    """0.02 mg by 10 / 15.4 would be 0.013 mg: less than one mark of the syringe."""
    found = advised(a_dose("2026-10-01T08:00", "0.02"), sampled_at("15.4"))
    assert (found.recommendation.action, found.dose) == (DoseAction.ASK, None)
    assert any("a longer interval" in each.message for each in found.recommendation.reasons)


FAR_OUT = sampled_at("0.3")
"""On 0.8 mg twice a day Fan 2024 predicts far more: outside its 99.5 % interval."""


@pytest.mark.parametrize(
    ("cause", "action", "reason"),
    [
        (None, DoseAction.ASK, "level-outside-model"),
        (LevelCause.NOT_FOUND, DoseAction.REPEAT_LEVEL, "second-level-first"),
        (LevelCause.DIARRHOEA, DoseAction.KEEP, "cause-first"),
    ],
)
def test_a_level_outside_the_models_interval_asks_for_its_cause(
    cause: LevelCause | None, action: DoseAction, reason: str
) -> None:
    entries: list[Entry] = [a_dose("2026-10-01T08:00", "0.8"), FAR_OUT]
    if cause:
        entries.append(LevelCauseAnswer(of=4, on=day("2026-11-28"), cause=cause, is_excluded=False))
    found = advised(*entries)
    assert (found.recommendation.action, found.dose) == (action, None)
    assert codes(found) == [reason]
    if cause is None:
        assert found.recommendation.reasons[0].message.startswith("0.3 ng/mL is outside")


def test_an_override_is_awaited_only_where_one_would_help() -> None:
    asked = advised(DOSE, LOW)
    assert (asked.stopped, asked.awaits_override) == (False, False)
    passed = advised(DOSE, a_condition("pregnancy"), LOW)
    assert (passed.stopped, passed.awaits_override) == (True, True)
    never = advised(DOSE, a_condition("allergy to sirolimus"), LOW)
    assert (never.stopped, never.awaits_override) == (True, False)


@pytest.mark.parametrize(("value", "dose"), [("15.4", "0.02"), ("28", "0.02")])
def test_a_reduction_that_cannot_be_measured_is_forbidden_as_a_dose(value: str, dose: str) -> None:
    found = advised(a_dose("2026-10-01T08:00", dose), sampled_at(value))
    assert (found.recommendation.action, found.stopped) == (DoseAction.ASK, True)


@pytest.mark.parametrize(
    ("before", "value", "why_not"),
    [
        ((), "4.0", "no other dose reaches the target more often"),
        ((), "18", None),
        (("9",), "18", None),
        (("7", "7.5"), "18", "the last level scales to"),
        (("7", "7.5"), "20", "the last level scales to"),
        ((), "24", "the last level does not fit"),  # above 20: its cause is asked
    ],
)
def test_why_the_models_dose_is_not_used(
    before: tuple[str, ...], value: str, why_not: str | None
) -> None:
    """Section 6: a dose that keeps the patient's own level above the target is none."""
    days = ("2026-10-20T08:00", "2026-11-10T08:00")[: len(before)]
    found = advised(DOSE, *map(sampled_at, before, days), sampled_at(value)).recommendation
    assert found.model is not None
    assert found.model.is_used is (why_not is None)
    assert (found.model.why_not or "").startswith(why_not or "")
    assert found.dose == (found.model.dose if why_not is None else found.label)
    assert found.dose is not None
    if scaled := re.search(r"scales to ([0-9.]+) ng/mL, above", found.model.why_not or ""):
        models_mg = Decimal(scaled[1]) / Decimal(value) * DOSE.dose_mg
        assert Decimal(scaled[1]) > 15
        assert found.dose.measured.mg < models_mg < DOSE.dose_mg


def test_the_repr_of_a_recommendation_names_action_and_dose() -> None:
    assert repr(advised(DOSE).recommendation) == "<DoseRecommendation keep>"
    raised = advised(DOSE, LOW).recommendation
    assert raised.dose is not None
    assert repr(raised) == f"<DoseRecommendation raise to {raised.dose.words}>"
    assert raised.words == f"Raise the dose to {raised.dose.words}"


@pytest.mark.parametrize("loading", [False, True])
def test_a_loading_dose_is_in_the_document_where_it_is_asked_for(*, loading: bool) -> None:
    document = advise(a_record(MEASURED, DOSE, LOW), NOW, loading=loading).to_dict()
    assert (document["loading_dose_mg"] is not None) is loading
    assert (document["loading_dose"] is not None) is loading
    assert document["steps"]
    kept = advise(a_record(MEASURED, DOSE, INSIDE), NOW, loading=True).to_dict()
    assert (kept["loading_dose_mg"], kept["steps"]) == (None, [])


def a_model_dose(mg: str) -> Dose:
    return Dose(Decimal(mg), measure_out(Decimal(mg), ORAL_SOLUTION), 12, None)


@pytest.mark.parametrize(
    ("level", "mg", "why_not"),
    [
        # 20 ng/mL on 0.4 mg: 0.3 mg scales to 15, the upper end; 0.1 mg to 5, the lower one
        ("20", "0.32", "the last level scales to 16 ng/mL, above the target"),
        ("20", "0.3", None),
        ("20", "0.28", None),
        ("20", "0.12", None),
        ("20", "0.1", None),
        ("20", "0.08", "the last level scales to 4 ng/mL, below the target"),
        ("18.3", "0.38", "the last level scales to 17.4 ng/mL, above the target"),  # 17.385
        # a raise may end below the target, at most half as much again; and no other way
        ("2.0", "0.6", None),
        ("2.0", "0.42", None),
        ("2.0", "0.4", "it points the other way"),
        ("2.0", "0.39", "it points the other way"),
        ("20", "0.4", "the last level scales to 20 ng/mL, above the target"),
        ("20", "0.42", "it points the other way"),
        ("20.1", "0.24", "the last level does not fit"),  # above 20 its cause is asked
    ],
)
def test_a_models_dose_is_held_against_the_patients_own_level(
    level: str, mg: str, why_not: str | None
) -> None:
    advice = advised(DOSE, sampled_at(level))
    action = advice.recommendation.action
    assert against_the_label(a_model_dose(mg), advice.label, action) == why_not


@pytest.mark.parametrize("entries", [(DOSE,), (HIGH,)])
def test_without_a_level_or_a_dose_nothing_is_held_against_a_models_dose(
    entries: tuple[Entry, ...],
) -> None:
    label = advised(*entries).label
    assert against_the_label(a_model_dose("0.3"), label, DoseAction.RAISE) is None


# --- what the mutation campaign asked for


def test_of_two_excluded_levels_the_later_one_is_named() -> None:
    second = a_level("2.9 ng/mL", "2026-11-28T08:00")
    answers = (excluded(4, LevelCause.MISSED), excluded(5, LevelCause.VOMITED))
    (reason, named) = advised(DOSE, THIRD, second, *answers).recommendation.reasons
    assert reason.code == "level-not-repeated"
    assert "28 Nov 2026" in named.message
    assert "vomited" in named.message


@pytest.mark.parametrize(
    ("answers", "action"), [((), DoseAction.ASK), (("answered",), DoseAction.REPEAT_LEVEL)]
)
def test_a_useless_level_that_does_not_fit_asks_for_its_cause_until_it_is_answered(
    answers: tuple[str, ...], action: DoseAction
) -> None:
    old = a_level("24 ng/mL", "2026-08-20T08:00")
    cause = LevelCauseAnswer.about(4, LevelCause.NOT_FOUND, day("2026-08-21"))
    given = [cause for _ in answers]
    doses = a_dose("2026-06-01T08:00", "0.4")
    assert advised(doses, old, *given).recommendation.action is action


def test_the_factor_is_given_to_six_decimals_beside_a_dose_only() -> None:
    """Of 18 ng/mL the middle of 5-15, 10 ng/mL, is 0.5555…"""
    document = advised(DOSE, HIGH).to_dict()
    assert document["factor"] == 0.555556
    assert document["recommendation"]["label"]["factor"] == 0.555556  # type: ignore[index]
    assert document["loading_dose"] is None
    without = advised(DOSE).to_dict()
    assert without["factor"] is None
    assert without["recommendation"]["label"]["factor"] is None  # type: ignore[index]


def test_a_loading_dose_is_given_only_where_it_is_asked_for() -> None:
    assert not AdviceOptions().loading
    assert advise(a_record(MEASURED, DOSE, LOW), NOW).to_dict()["loading_dose"] is None


@pytest.mark.parametrize("is_stopped", [False, True])
def test_breathlessness_forbids_a_new_start_and_not_the_dose_of_before(*, is_stopped: bool) -> None:
    record = a_record(MEASURED, DOSE, a_side_effect("dyspnoea", "2026-11-20", 2))
    if is_stopped:
        record = ended(record, 3, at("2026-11-25T08:00"))
    found = advise(record, NOW).alerts
    assert ("respiratory-symptom" in found.blocking_codes) is is_stopped


def test_a_level_left_out_of_the_fit_is_not_the_one_outside_its_interval() -> None:
    """The older level lay far outside; the newest, by another assay, was not predicted."""
    first = a_level("9 ng/mL", "2026-10-20T08:00", assay=Assay.LC_MS_MS)
    far = a_level("3.3 ng/mL", "2026-11-10T08:00", assay=Assay.LC_MS_MS)
    newest = a_level("4.5 ng/mL", SAMPLED, assay=Assay.CMIA)
    assert "level-outside-model" not in codes(advised(DOSE, first, far, newest))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_only_the_last_two_levels_are_near_an_edge(count: int) -> None:
    days = ("2026-10-20T08:00", "2026-11-10T08:00", SAMPLED)
    levels = [a_level("5.2 ng/mL", each) for each in days[:count]]
    assert ("twice-near-the-edge" in codes(advised(DOSE, *levels))) is (count >= 2)


@pytest.mark.parametrize("kind", [Advice, AdviceOptions, DoseRecommendation, ModelEvidence])
def test_the_values_of_a_recommendation_are_frozen_and_named(kind: Any) -> None:
    assert all(each.kw_only for each in fields(kind))
    assert "__slots__" in vars(kind)
    others: tuple[Any, ...] = (LabelAdvice, Decision)
    assert all(each.__dataclass_params__.frozen for each in (kind, *others))


@pytest.mark.parametrize("level", [LOW, HIGH])
def test_beside_a_stop_of_a_raise_the_arithmetic_has_a_lower_dose_only(level: Level) -> None:
    """Rifampicin began the day before: 4.0 ng/mL asks for more, 18 ng/mL for less."""
    label = advised(DOSE, level, a_drug("rifampicin", "2026-11-26")).label
    assert label.adjusted is None
    assert (label.lowered is not None) is (level is HIGH)


def test_the_models_trough_is_given_to_six_decimals() -> None:
    found = advised(DOSE, LOW).recommendation.model
    assert found is not None
    trough = found.trough_ng_ml
    assert trough is not None
    assert found.to_dict()["trough_ng_ml"] == round(trough, 6) != round(trough, 5)
    assert replace(found, trough_ng_ml=None).to_dict()["trough_ng_ml"] is None


def test_the_days_before_a_sample_are_given_to_a_tenth() -> None:
    """From 08:00 on 25 Nov to 05:40 on 27 Nov: 1 day 21 h 40 min."""
    level = a_level("4.0 ng/mL", "2026-11-27T05:40")
    stops = advised(DOSE, a_dose("2026-11-25T08:00", "0.5"), level).label.alerts
    assert next(each.value for each in stops.of_code("level-too-early")) == "1.9 days"
