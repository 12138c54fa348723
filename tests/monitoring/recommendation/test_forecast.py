"""The forecast of a record: the reference's figures, and every reason not to answer."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from math import exp, log

import pytest

from dosing import AlertKind, Product, UserError
from dosing.birth_date import read_birth
from dosing.pharmacokinetics import Disposition, Posterior, Regimen, disposition, model_named
from monitoring.recommendation.advice import advise, forecast_for
from monitoring.recommendation.forecast import ForecastRequest, PatientForecast, forecasting
from monitoring.recommendation.forecast.fitting import as_dose_records, patient_data
from monitoring.recommendation.forecast.forecasting import model_forecast
from monitoring.recommendation.forecast.preconditions import preconditions
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay
from monitoring.times import Moment
from monitoring.treatment import Administration, TreatmentHistory
from tests.builders import a_drug, a_missed_dose, at, ended, later, voided
from tests.monitoring.recommendation.records import (
    BEGUN,
    NOW,
    SAMPLED,
    child,
    usual_body,
    usual_dose,
    usual_level,
)

GOOD = child(usual_body(), usual_dose(), usual_level())
BY_FAN = ForecastRequest(model=model_named("fan2024"))


def stops(found: PatientForecast) -> list[str]:
    return [alert.code for alert in found.alerts if alert.kind is AlertKind.STOP]


def assert_refused(
    record: Record, code: str, *, now: Moment = NOW, question: ForecastRequest | None = None
) -> None:
    found = forecast_for(record, now, question)
    assert stops(found) == [code]
    assert found.answer is None


def assert_answered(
    record: Record, *, now: Moment = NOW, question: ForecastRequest | None = None
) -> PatientForecast:
    found = forecast_for(record, now, question)
    assert stops(found) == []
    assert found.answer is not None
    return found


def codes(found: PatientForecast) -> set[str]:
    return {alert.code for alert in found.alerts}


def test_the_worked_example_of_the_reference() -> None:
    """25 kg, 0.875 mg every 12 h, a trough of 14 → η −0.1785, CL 5.8805, predicted 11.509.

    Clinical reference, section 9. Ten weeks are not for ever: what is still missing of steady state
    is e^(−1680 · k), far below the digits given.
    """
    answer = assert_answered(GOOD, question=BY_FAN).answer
    assert answer is not None
    assert answer.models[0].fit.eta[0] == pytest.approx(-0.1785, abs=5e-5)
    assert answer.disposition.clearance_l_h.value == pytest.approx(5.8805, abs=5e-5)
    assert answer.levels[0].check.predicted_ng_ml == pytest.approx(11.509, abs=5e-4)
    assert answer.disposition.population_half_life_h == pytest.approx(31.49, abs=5e-3)
    assert answer.disposition.half_life_h == pytest.approx(log(2) * 319.39 / 5.8805, rel=1e-4)
    assert answer.troughs[0].at == at("2026-03-17T08:00")
    assert answer.troughs[0].forecast.ng_ml == pytest.approx(11.509, abs=5e-4)
    assert len(answer.troughs) == 14


def test_without_a_level_it_is_the_population_and_weak() -> None:
    found = assert_answered(child(usual_body(), usual_dose()), question=BY_FAN)
    assert found.answer is not None
    assert found.answer.is_population_only
    assert found.answer.models[0].fit.eta == (0.0,)
    assert found.answer.recommendation is not None
    assert found.answer.recommendation.current.trough_ng_ml == pytest.approx(9.486, abs=5e-4)
    assert "population-only" in codes(found)


def test_model_population_and_assay_are_named_and_the_label_stands_beside() -> None:
    found = assert_answered(GOOD, question=BY_FAN)
    note = next(alert for alert in found.alerts if alert.code == "model")
    assert "vascular anomalies" in note.message
    assert found.model.assay == "emit"
    assert "fan2024" in found.sources
    assert found.label.assessment is not None


def test_without_a_level_models_have_equal_weights_and_a_disagreement_gives_no_dose() -> None:
    """25 kg by hand: Chen's CL 8.59 · (25/70)^0.75 = 3.97 L/h, half of Fan's 7.03: far apart."""
    found = assert_answered(child(usual_body(), usual_dose()))
    answer = found.answer
    assert answer is not None
    assert {each.model.key: each.weight for each in answer.models} == {
        "chen2021": pytest.approx(0.5), "fan2024": pytest.approx(0.5),
    }  # fmt: skip
    troughs = []
    for clearance, v in (
        (8.59 * (25 / 70) ** 0.75, 294 * 25 / 70),
        (4.06 * (25 / 16) ** 1.23, 155 * (25 / 16) ** 1.62),
    ):
        ka, k = 0.485, clearance / v
        troughs.append(875 * ka / (v * (ka - k)) * (1 / (exp(12 * k) - 1) - 1 / (exp(12 * ka) - 1)))
    assert [each.trough_ng_ml for each in answer.models] == pytest.approx(troughs, rel=1e-6)
    recommendation, disagreement = answer.recommendation, answer.disagreement
    assert recommendation is not None
    assert disagreement is not None
    assert recommendation.current.trough_ng_ml == pytest.approx(sum(troughs) / 2, rel=1e-6)
    assert disagreement.percent == pytest.approx((troughs[0] / troughs[1] - 1) * 100, rel=1e-6)
    assert disagreement.is_too_large
    assert recommendation.dose is None
    assert "models-disagree" in codes(found)
    assert found.model.name == "the average of 2 models"


def test_each_model_left_out_has_its_reason() -> None:
    answer = assert_answered(GOOD).answer
    assert answer is not None
    reasons = {each.model.key: each.reason.code for each in answer.left_out}
    assert reasons["golubovic2019"] == "outside-model"  # of adults
    assert reasons["cheng2020"] == "covariate-unknown"  # bilirubin
    bilirubin = LaboratoryValue(
        test="bilirubin", at=later(SAMPLED, days=-1), value=LaboratoryQuantity.read("11 umol/L")
    )
    found = forecast_for(child(usual_body(), usual_dose(), usual_level(), bilirubin), NOW)
    assert found.answer is not None
    assert [each.key for each in found.answer.averaged] == ["chen2021", "cheng2020", "fan2024"]


def test_a_model_that_is_shown_beside_others_only_has_no_weight_and_never_answers_alone() -> None:
    """Chen 2021 with Mizuno's maturation: under two years, beside (course of treatment, 10)."""
    infant = child(usual_body("9 kg"), usual_dose("0.3"), born=date(2025, 3, 1))
    answer = assert_answered(infant).answer
    assert answer is not None
    beside = {each.model.key for each in answer.models if each.weight is None}
    assert "chen2021-mizuno" in beside
    assert sum(each.weight or 0 for each in answer.models) == pytest.approx(1)
    alone = ForecastRequest(model=model_named("chen2021-mizuno"))
    assert_refused(infant, "model-only-beside", question=alone)


def test_an_unknown_genotype_is_shown_both_ways_beside_the_others() -> None:
    infant = child(usual_body("9 kg"), usual_dose("0.3"), born=date(2025, 3, 1))
    answer = assert_answered(infant).answer
    assert answer is not None
    both = [each for each in answer.models if each.model.key == "chen2020"]
    assert [each.weight for each in both] == [None, None]
    lower, higher = sorted(each.trough_ng_ml or 0 for each in both)
    assert lower < higher
    assert len({each.supposed for each in both}) == 2


def test_auc24_is_the_daily_dose_over_the_clearance_and_shown_only() -> None:
    answer = assert_answered(GOOD, question=BY_FAN).answer
    assert answer is not None
    assert answer.auc24 is not None
    # 1.75 mg a day over 5.8805 L/h (clinical reference, section 9), in ng·h/mL
    assert answer.auc24.value == pytest.approx(1750 / 5.8805, rel=1e-4)
    clearance = answer.disposition.clearance_l_h
    assert answer.auc24.low == pytest.approx(1750 / clearance.high, rel=1e-3)
    assert answer.auc24.high == pytest.approx(1750 / clearance.low, rel=1e-3)


@pytest.mark.parametrize(("days", "is_shown"), [(-15, False), (-14, True), (-13, True), (14, True)])
def test_a_haematocrit_near_a_level_is_shown_beside_it(days: int, *, is_shown: bool) -> None:
    taken = later(SAMPLED, days=-20)
    value = LaboratoryValue(
        test="Hct", at=later(taken, days=days), value=LaboratoryQuantity.read("0.31 L/L")
    )
    answer = assert_answered(child(usual_body(), usual_dose(), usual_level(sampled=taken), value))
    assert answer.answer is not None
    expected = Decimal(31) if is_shown else None
    assert answer.answer.levels[0].haematocrit_percent == expected


def test_levels_that_vary_more_than_the_models_expect_are_told() -> None:
    """Fan's error is 3.41 ng/mL: levels of 2 and 20 in turn are six deviations apart."""
    levels = [
        usual_level("20 ng/mL" if week % 2 else "2 ng/mL", later(SAMPLED, days=-7 * week))
        for week in range(6)
    ]
    assert "levels-vary" in codes(assert_answered(child(usual_body(), usual_dose(), *levels)))
    assert "levels-vary" not in codes(assert_answered(GOOD))
    steady = [usual_level("11 ng/mL", later(SAMPLED, days=-7 * week)) for week in range(6)]
    assert "levels-vary" not in codes(assert_answered(child(usual_body(), usual_dose(), *steady)))


def test_the_next_sample_is_a_coming_trough_of_the_week() -> None:
    answer = assert_answered(GOOD).answer
    assert answer is not None
    sample = answer.next_sample
    assert sample is not None
    assert NOW < sample.at <= later(NOW, days=7)
    assert sample.at in {each.at for each in answer.troughs}
    assert 0 < sample.narrowing < 1


@pytest.mark.parametrize(
    ("changed", "is_shown"),
    # one trough a day, up to the 24th, 07:00: the first of the 23rd is 6.5, 7 or 13 days after it
    [("2026-03-16T20:00", False), ("2026-03-16T08:00", True), ("2026-03-10T08:00", True)],
)
def test_no_sample_is_proposed_on_a_day_on_which_a_level_is_too_early(
    changed: str, *, is_shown: bool
) -> None:
    """Seven days after a change: sooner it contradicts what is due, and would not be evaluable."""
    change = usual_dose("1.0", since=at(changed))
    record = child(usual_body(), usual_dose(), usual_level(sampled=later(SAMPLED, days=-7)), change)
    answer = assert_answered(record).answer
    assert answer is not None
    assert (answer.next_sample is not None) is is_shown
    if answer.next_sample:
        assert answer.next_sample.at >= later(at(changed), days=7, hours=-4)
        due_level = advise(record, NOW).next_level
        assert due_level is not None
        assert answer.next_sample.at.local.date() >= due_level.since


def test_doses_asked_about_are_answered() -> None:
    asked = ForecastRequest(regimens=(Regimen(Decimal("0.5"), 2), Regimen(Decimal(2), 1)))
    answer = assert_answered(GOOD, question=asked).answer
    assert answer is not None
    assert [each.regimen for each in answer.requested] == list(asked.regimens)
    for each in answer.requested:
        assert each.below + each.within + each.above == pytest.approx(1)


def test_nobody_s_dose_has_no_forecast_unless_one_is_asked_about() -> None:
    nothing = child(usual_body())
    assert_refused(nothing, "no-dose-now")
    asked = replace(BY_FAN, regimens=(Regimen(Decimal("0.875"), 2),))
    answer = assert_answered(nothing, question=asked).answer
    assert answer is not None
    assert answer.requested[0].trough_ng_ml == pytest.approx(9.486, abs=5e-4)
    assert answer.troughs == ()
    assert answer.recommendation is None


@pytest.mark.parametrize(
    ("kg", "refused"),
    [("3.2", True), ("3.3", False), ("3.4", False), ("64.9", False), ("65", False), ("65.1", True)],
)
def test_outside_the_weights_of_the_model(kg: str, *, refused: bool) -> None:
    """Fan 2024: 3.3-65 kg (clinical reference, section 9)."""
    record = child(usual_body(f"{kg} kg"), usual_dose())
    if refused:
        assert_refused(record, "outside-model", question=BY_FAN)
    else:
        assert_answered(record, question=BY_FAN)


@pytest.mark.parametrize(("days", "refused"), [(27, True), (28, False), (29, False)])
def test_younger_than_the_model(days: int, *, refused: bool) -> None:
    """At least 1 month: born on 17 February 2026, a month old on 17 March, 28 days later."""
    record = child(usual_body("4 kg"), usual_dose(since=at("2026-03-10T08:00")),
                       born=NOW.local.date() - timedelta(days=days))  # fmt: skip
    if refused:
        assert_refused(record, "outside-model", question=BY_FAN)
    else:
        assert_answered(record, question=BY_FAN)


@pytest.mark.parametrize(
    ("born", "kg", "refused"),
    [
        ("2025-06", "9 kg", True),  # 9 to 10 months: clearance matures
        ("2025", "9 kg", True),
        ("2025-06-11", "9 kg", False),
        ("2018", "25 kg", False),
        ("2018-03", "25 kg", False),
    ],
)
def test_under_two_years_the_model_needs_the_exact_birth_date(
    born: str, kg: str, *, refused: bool
) -> None:
    record = child(usual_body(kg), usual_dose(since=at("2026-03-10T08:00")), born=read_birth(born))
    if refused:
        assert_refused(record, "covariate-unknown", question=BY_FAN)
    else:
        assert_answered(record, question=BY_FAN)


def test_without_a_weight_the_model_cannot_be_used() -> None:
    assert_refused(child(usual_dose()), "covariate-unknown", question=BY_FAN)


def test_a_model_of_adults_needs_its_own_covariates() -> None:
    adult = child(usual_body("70 kg"), usual_dose("2", times=1), born=date(1996, 1, 1))
    golubovic = ForecastRequest(model=model_named("golubovic2019"))
    assert stops(forecast_for(adult, NOW, BY_FAN)) == ["outside-model"] * 2  # weight and age
    assert_refused(adult, "covariate-unknown", question=golubovic)
    ast = LaboratoryValue(
        test="ASAT", at=later(BEGUN, days=3), value=LaboratoryQuantity.read("38 U/L")
    )
    record = child(usual_body("70 kg"), usual_dose("2", times=1), ast, born=date(1996, 1, 1))
    answer = assert_answered(record, question=golubovic).answer
    assert answer is not None
    # 12.2 · 0.63 (AST above 37) · (1 − 0.388 · age / 44), at 30.2 years
    expected = 12.2 * 0.63 * (1 - 0.388 * (30 + 2 / 12 + 16 / 31 / 12) / 44)
    assert answer.disposition.population_clearance_l_h == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("assay", "code"),
    [(Assay.LC_MS_MS, "assay-of-model"), (None, "assay-of-model"), (Assay.EMIT, "")],
)
def test_another_assay_than_the_model_s_is_a_caution(assay: Assay | None, code: str) -> None:
    found = assert_answered(child(usual_body(), usual_dose(), usual_level(assay=assay)))
    assert ("assay-of-model" in codes(found)) == bool(code)


def test_levels_of_another_assay_than_the_newest_are_left_out() -> None:
    """With a line, and as if they were not there: one of them has no time of its last dose."""
    earlier = usual_level("9 ng/mL", later(SAMPLED, days=-7), assay=Assay.CMIA)
    useless = usual_level("9 ng/mL", later(SAMPLED, days=-14), assay=Assay.CMIA, hours=None)
    found = assert_answered(child(usual_body(), usual_dose(), usual_level(), earlier, useless))
    assert found.answer is not None
    assert [each.level.entry.assay for each in found.answer.levels] == [Assay.EMIT]
    (line,) = (each for each in found.alerts if each.code == "levels-left-out")
    assert "2 levels of another assay than the newest (emit)" in line.message
    alone = assert_answered(child(usual_body(), usual_dose(), usual_level())).answer
    assert alone is not None
    assert found.answer.troughs[0].forecast == alone.troughs[0].forecast


def test_levels_on_another_product_count_with_its_bioavailability() -> None:
    """0.875 mg of the solution count as 0.875 / 1.27 = 0.68898 mg of the tablets given now."""
    tablets = usual_dose("1", since=later(SAMPLED, hours=1), product=Product.TABLETS)
    solution = child(usual_body(), usual_dose(), usual_level())
    switched = assert_answered(
        child(usual_body(), usual_dose(), usual_level(), tablets), question=BY_FAN
    )
    answer, before = switched.answer, assert_answered(solution, question=BY_FAN).answer
    assert answer is not None
    assert before is not None
    assert answer.models[0].fit.eta == pytest.approx(before.models[0].fit.eta)
    amounts = sorted({each.amount_mg for each in answer.posterior.history.doses})
    assert amounts == pytest.approx([0.875 / 1.27, 1])
    [said] = [each for each in switched.alerts if each.code == "doses-of-another-product"]
    assert said.message == (
        "The product changed to tablets on 16 Mar 2026. Doses before count times 0.787, their "
        "relative bioavailability."
    )
    assert "product-of-model" in codes(switched)
    # clearance and volume on tablets, 7.0295 / 1.27: 1 mg of them does as 1.27 mg of the solution
    assert answer.disposition.population_clearance_l_h == pytest.approx(7.0295 / 1.27, abs=5e-5)
    assert answer.recommendation is not None
    assert before.recommendation is not None
    per_mg, per_mg_before = (
        each.current.trough_ng_ml / float(each.current.regimen.dose_mg)
        for each in (answer.recommendation, before.recommendation)
    )
    assert per_mg == pytest.approx(1.27 * per_mg_before)


def test_a_dose_of_the_former_product_counts_for_more_where_tablets_came_first() -> None:
    tablets = usual_dose("1", product=Product.TABLETS)
    solution = usual_dose("0.875", since=later(BEGUN, days=21))
    found = assert_answered(child(usual_body(), tablets, solution, usual_level()))
    assert found.answer is not None
    assert [each.amount_mg for each in found.answer.posterior.history.doses][:1] == [1.27]
    [said] = [each for each in found.alerts if each.code == "doses-of-another-product"]
    assert "count times 1.27," in said.message
    assert "product-of-model" not in codes(found)


@pytest.mark.parametrize(("days", "said"), [(59, True), (60, True), (61, False)])
def test_a_change_of_product_long_before_the_levels_is_not_said(days: int, *, said: bool) -> None:
    tablets = usual_dose("1", since=later(SAMPLED, days=-120), product=Product.TABLETS)
    solution = usual_dose("0.875", since=later(SAMPLED, days=-days))
    found = assert_answered(child(usual_body(), tablets, solution, usual_level()))
    assert ("doses-of-another-product" in codes(found)) is said


def test_a_change_of_strength_is_no_change_of_product() -> None:
    half = usual_dose("0.875", since=later(BEGUN, days=21), strength_mg_per_ml=Decimal("0.5"))
    found = assert_answered(child(usual_body(), usual_dose(), half, usual_level()))
    assert "doses-of-another-product" not in codes(found)


def test_a_patient_on_tablets_alone_is_told_of_the_model_s_product() -> None:
    """Fan's source names no product: it is taken for the solution."""
    tablets = usual_dose("1", product=Product.TABLETS)
    found = assert_answered(child(usual_body(), tablets, usual_level()), question=BY_FAN)
    [said] = [each for each in found.alerts if each.code == "product-of-model"]
    assert said.message == (
        "The solution is taken as the product of Fan 2024; the patient takes tablets. Clearance "
        "and volumes are divided by 1.27."
    )
    assert found.answer is not None
    assert {each.amount_mg for each in found.answer.posterior.history.doses} == {1.0}


def test_a_level_without_the_time_of_its_last_dose() -> None:
    assert_refused(child(usual_body(), usual_dose(), usual_level(hours=None)), "last-dose-unknown")


def test_a_level_whose_last_dose_is_on_no_record() -> None:
    record = child(usual_body(), usual_dose(since=later(SAMPLED, hours=-6)), usual_level())
    assert_refused(record, "dose-record-gap")


def test_a_level_after_a_dose_that_is_written_down_as_missed() -> None:
    record = child(
        usual_body(), usual_dose(), a_missed_dose(later(SAMPLED, hours=-12)), usual_level()
    )
    assert_refused(record, "dose-record-gap")


@pytest.mark.parametrize(("days", "refused"), [(59, True), (60, True), (61, False)])
def test_a_gap_long_before_the_levels_is_forgotten(days: int, *, refused: bool) -> None:
    """60 days are 46 half-lives of the typical child: nothing is left (proposed)."""
    again = later(SAMPLED, days=-days)
    first = later(again, days=-40)
    record = child(usual_body(), usual_dose(since=first), usual_dose(since=again), usual_level())
    record = ended(record, 3, later(first, days=20))
    if refused:
        assert_refused(record, "dose-record-gap")
    else:
        assert_answered(record)


def test_a_prescription_to_come_makes_no_gap() -> None:
    later_on = usual_dose("1", since=later(NOW, days=5))
    record = child(usual_body(), usual_dose(), later_on, usual_level())
    record = ended(record, 3, later(NOW, hours=-2))
    asked = ForecastRequest(regimens=(Regimen(Decimal(1), 2),))
    assert_answered(record, question=asked)


def test_doses_that_a_level_tells_were_not_given_are_told() -> None:
    usual = child(usual_body(), usual_dose(), usual_level())
    assert "doses-left-out" not in codes(assert_answered(usual))
    skipped = child(usual_body(), usual_dose(), usual_level("6 ng/mL", hours=36))
    assert {"doses-left-out", "level-not-trough"} <= codes(assert_answered(skipped))


@pytest.mark.parametrize(
    ("hours", "trough"), [(9.9, False), (10, True), (12, True), (14, True), (14.1, False)]
)
def test_a_level_that_is_no_trough_is_a_caution(hours: float, *, trough: bool) -> None:
    """10-14 hours after a dose every 12 hours: `TROUGH_WINDOW`, as levels are judged by."""
    record = child(usual_body(), usual_dose(), usual_level(hours=hours))
    assert ("level-not-trough" in codes(assert_answered(record))) is not trough


def test_a_drug_beside_the_first_dose_that_no_level_tells_of() -> None:
    """The typical child takes no clarithromycin, and the model does not include it."""
    drug = a_drug("clarithromycin", date(2025, 12, 1))
    record = child(usual_body(), usual_dose(), drug)
    assert_refused(record, "drug-not-in-model", question=BY_FAN)
    (stop,) = (each for each in forecast_for(record, NOW).alerts if each.kind is AlertKind.STOP
               and each.code == "drug-not-in-model")  # fmt: skip
    assert "Chen 2021, Fan 2024" in stop.message  # one stop for all of which it is true
    assert_answered(child(usual_body(), usual_dose(), a_drug("amiodarone", date(2025, 12, 1))))


def test_a_drug_that_the_model_knows_needs_no_level() -> None:
    drug = a_drug("oxcarbazepine", date(2025, 12, 1))
    record = child(usual_body(), usual_dose(), drug)
    answer = assert_answered(record, question=ForecastRequest(model=model_named("chen2021"))).answer
    assert answer is not None
    # 8.59 · (25 / 70)^0.75 · 1.16 with oxcarbazepine
    assert answer.disposition.population_clearance_l_h == pytest.approx(
        8.59 * (25 / 70) ** 0.75 * 1.16
    )


def test_a_gap_is_asked_about_and_is_a_wash_out_only_where_somebody_says_so() -> None:
    stop, again = later(BEGUN, days=20), later(BEGUN, days=40)
    record = child(usual_body(), usual_dose(), usual_dose(since=again), usual_level())
    record = ended(record, 3, stop)
    assert_refused(record, "dose-record-gap")
    answer = assert_answered(record, question=ForecastRequest(nothing_given_in_gaps=True)).answer
    assert answer is not None
    assert answer.curve(later(BEGUN, days=39), later(BEGUN, days=40)).ng_ml[-1] < 0.01


@pytest.mark.parametrize(("days_before", "refused"), [(13, True), (14, False), (15, False)])
def test_a_drug_begun_since_the_levels(days_before: int, *, refused: bool) -> None:
    """Levels are used from 14 days after the change on (proposed, as in `DRUG_CHANGED_WITHIN`)."""
    day = SAMPLED.local.date() - timedelta(days=days_before)
    record = child(usual_body(), usual_dose(), usual_level(), a_drug("clarithromycin", day))
    if refused:
        assert_refused(record, "drug-changed-since")
    else:
        assert_answered(record)


def test_a_drug_ended_since_the_level_or_begun_before_the_first_dose() -> None:
    long_ago = a_drug("voriconazole", date(2025, 12, 1))
    assert_answered(child(usual_body(), usual_dose(), usual_level(), long_ago))
    record = child(usual_body(), usual_dose(), usual_level(), long_ago)
    assert_refused(ended(record, 5, SAMPLED.local.date()), "drug-changed-since")


def test_a_drug_that_no_source_confirms_stops_nothing() -> None:
    drug = a_drug("amiodarone", SAMPLED.local.date())
    assert_answered(child(usual_body(), usual_dose(), usual_level(), drug))


def test_a_fit_beyond_four_standard_deviations_gives_no_dose() -> None:
    """A trough of 60 on a dose that gives 9.5 is another sample or other doses."""
    levels = [usual_level("60 ng/mL", later(SAMPLED, days=-7 * i)) for i in range(4)]
    record = child(usual_body(), usual_dose(), *levels)
    assert_refused(record, "far-from-population", question=BY_FAN)
    # by each model of the average alike: all are wrong, and none answers for the others
    assert set(stops(forecast_for(record, NOW))) == {"far-from-population"}
    assert forecast_for(record, NOW).answer is None


def test_an_unusual_level_is_asked_about() -> None:
    assert "level-unusual" in codes(assert_answered(
        child(usual_body(), usual_dose(), usual_level("30 ng/mL"))))  # fmt: skip
    assert "level-unusual" not in codes(assert_answered(GOOD))


def test_one_level_is_said_to_move_little() -> None:
    assert "one-level" in codes(assert_answered(GOOD))
    two = child(
        usual_body(), usual_dose(), usual_level(), usual_level(sampled=later(SAMPLED, days=-7))
    )
    assert "one-level" not in codes(assert_answered(two))


@pytest.mark.parametrize(("days", "used"), [(364, 1), (365, 1), (366, 0)])
def test_levels_older_than_a_year_are_left_out(days: int, used: int) -> None:
    now = later(SAMPLED, days=days)
    answer = assert_answered(
        child(usual_body(), usual_body(on=now.local.date()), usual_dose(), usual_level()), now=now
    ).answer
    assert answer is not None
    assert len(answer.levels) == used


def test_a_voided_level_is_not_used() -> None:
    record = child(
        usual_body(),
        usual_dose(),
        usual_level("60 ng/mL"),
        usual_level(sampled=later(SAMPLED, days=-7)),
    )
    answer = assert_answered(voided(record, 4)).answer
    assert answer is not None
    assert [str(each.level.entry.value) for each in answer.levels] == ["14 ng/mL"]


def test_growth_is_followed() -> None:
    """At 25 kg the clearance is that of 25 kg, whatever it was in infancy."""
    record = child(
        usual_body("20 kg"), usual_body("25 kg", on=date(2026, 3, 1)), usual_dose(), usual_level()
    )
    answer = assert_answered(record, question=BY_FAN).answer
    assert answer is not None
    assert answer.disposition.population_clearance_l_h == pytest.approx(7.0295, abs=5e-5)
    steps = answer.posterior.history.covariates
    assert [each.values["weight"] for each in steps][:2] == [20.0, 25.0]


def test_a_regimen_that_cannot_be_is_refused() -> None:
    with pytest.raises(UserError, match="1 to 4 times a day"):
        Regimen(Decimal(1), 5)
    with pytest.raises(UserError, match="above zero"):
        Regimen(Decimal(0), 2)


def test_a_change_that_the_label_does_not_make_is_told() -> None:
    """7 is within 5-15, and the label changes nothing; half the usual dose gives 4.7 by the model.

    9.486 ng/mL at 0.875 mg (clinical reference, section 9): 0.44 mg gives 4.77, below the target.
    """
    record = child(usual_body(), usual_dose("0.44"), usual_level("7 ng/mL"))
    alone = model_forecast(record, NOW, BY_FAN).answer
    assert alone is not None
    assert alone.recommendation is not None
    assert alone.recommendation.dose is not None
    shown = assert_answered(record, question=BY_FAN).answer
    assert shown is not None
    assert shown.recommendation is not None
    assert shown.recommendation.dose is None
    assert shown.recommendation.chosen == shown.recommendation.current


def test_levels_that_lie_well_within_the_target_change_no_dose() -> None:
    """8.5 of 5-15 five times on a dose that gives 8.5: other doses gain a few points at most."""
    levels = [usual_level("8.5 ng/mL", later(SAMPLED, days=-7 * week)) for week in range(5)]
    found = assert_answered(child(usual_body(), usual_dose("0.78"), *levels))
    assert found.answer is not None
    assert found.answer.recommendation is not None
    assert found.answer.recommendation.dose is None
    assert "level-unusual" not in codes(found)


def test_both_the_label_and_the_model_raise_the_dose() -> None:
    found = assert_answered(child(usual_body(), usual_dose("0.44"), usual_level("4 ng/mL")))
    assert found.label.dose is not None
    assert found.answer is not None
    assert found.answer.recommendation is not None
    # the models differ by more than 30 % here: no dose by them, and the label's is used
    assert found.answer.disagreement is not None
    assert found.answer.disagreement.is_too_large is (found.answer.recommendation.dose is None)


def test_a_search_without_an_end_gives_no_dose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off after its first step the search cannot have arrived, and says so."""
    search = import_module(
        "dosing.pharmacokinetics.map_estimate"
    )  # the package's `fit` is the function
    monkeypatch.setattr(search, "_ROUGH_STEPS", 0)
    monkeypatch.setattr(search, "_FINE_STEPS", 1)
    assert_refused(GOOD, "fit-not-converged", question=BY_FAN)
    assert set(stops(forecast_for(child(usual_body(), usual_dose(), usual_level()), NOW))) == {
        "fit-not-converged"
    }


@pytest.mark.parametrize(("percent", "is_told"), [(19.9, False), (20.0, False), (20.1, True)])
def test_an_approximation_that_is_far_off_is_told(
    monkeypatch: pytest.MonkeyPatch, percent: float, *, is_told: bool
) -> None:
    def off_by(posterior: Posterior, at_h: float) -> Disposition:
        found = disposition(posterior, at_h)
        exact = replace(found.laplace, low=1.0, high=1 + percent / 100)
        return replace(found, clearance_l_h=exact, laplace=replace(exact, high=1.0))

    monkeypatch.setattr(forecasting, "disposition", off_by)
    record = child(usual_body(), usual_dose(), usual_level())
    assert ("approximation-rough" in codes(assert_answered(record))) == is_told


# --- what the mutation campaign asked for


def given(*hours: float, mg: str = "1") -> list[Administration]:
    return [Administration(BEGUN.utc + timedelta(hours=each), Decimal(mg)) for each in hours]


@pytest.mark.parametrize(
    ("doses", "records"),
    [
        (given(0, 12, 24), [(0, 12, 3)]),
        (given(0, 12, 24, 48), [(0, 12, 3), (48, 24, 1)]),
        (given(0, 12, 23), [(0, 12, 2), (23, 24, 1)]),
        (given(0, 0), [(0, 24, 1), (0, 24, 1)]),  # two at one time are no run
        ([*given(0, 12), *given(24, 36, mg="2")], [(0, 12, 2), (24, 12, 2)]),
        (given(0.5), [(0.5, 24, 1)]),
    ],
)
def test_equal_doses_at_equal_intervals_are_one_record(
    doses: list[Administration], records: list[tuple[float, float, int]]
) -> None:
    found = as_dose_records(doses, BEGUN.utc)
    assert [(each.first_h, each.interval_h, each.count) for each in found] == records


def test_the_hours_of_a_patient_have_their_minutes() -> None:
    data = patient_data(TreatmentHistory.of(GOOD), [model_named("fan2024")], (), given(0), NOW)
    assert data.hours(BEGUN.utc + timedelta(minutes=90)) == 1.5


def test_every_covariate_outside_the_range_is_named_on_whichever_day_it_was() -> None:
    """Chen 2021 begins at 8 kg and 0.6 years: 6 kg on both days, and 0.5 years at the level."""
    record = child(
        usual_body("6 kg"), usual_dose("0.2"), usual_level(), born=date(2025, 9, 1)
    )  # 0.54 years in March
    later_on = at("2026-05-10T08:00")
    found = preconditions(
        TreatmentHistory.of(record), model_named("chen2021"), later_on, nothing_given_in_gaps=False
    )
    outside = [each.message for each in found.of_code("outside-model")]
    assert len(outside) == 2
    assert "weight" in outside[0]
    assert "age" in outside[1]


@pytest.mark.parametrize(
    ("born", "weight", "words"),
    [
        (date(2011, 4, 1), "25 kg", "14.9 years"),  # 14.96: an age is never rounded up
        (date(2018, 3, 1), "70.04 kg", "70 kg"),
        (date(2018, 3, 1), "70.96 kg", "71 kg"),
    ],
)
def test_a_figure_outside_a_model_is_short(born: date, weight: str, words: str) -> None:
    record = child(usual_body(weight), usual_dose(), usual_level(), born=born)
    found = forecast_for(record, NOW, BY_FAN)
    assert any(words in each.message for each in found.alerts.of_code("outside-model"))
