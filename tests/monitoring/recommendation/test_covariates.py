"""The covariates of a model from the record: units, age of values, genotype, maturation."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from dosing import AlertKind
from dosing.birth_date import read_birth
from dosing.pharmacokinetics import Model, fit, model_named, model_variants
from monitoring.recommendation.advice import forecast_for
from monitoring.recommendation.forecast import ForecastRequest, PatientForecast
from monitoring.recommendation.forecast.covariates import (
    covariate_steps,
    covariates_on,
    stale_covariates,
    supposing,
)
from monitoring.recommendation.forecast.fitting import patient_data
from monitoring.recommendation.forecast.preconditions import levels_used, preconditions_of_model
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.patient import Cyp3a5
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory
from tests.builders import a_laboratory_value, a_level, later, voided
from tests.monitoring.recommendation.records import (
    BEGUN,
    NOW,
    SAMPLED,
    child,
    usual_body,
    usual_dose,
    usual_level,
)

CHENG, CHEN_2020, MAO, INFANT, FAN = map(
    model_named, ("cheng2020", "chen2020", "mao2024", "chen2021-mizuno", "fan2024")
)
TODAY = NOW.local.date()


def lab(test: str, value: str, when: Moment = NOW) -> LaboratoryValue:
    return a_laboratory_value(test, value, when)


def known(model: Model, record: Record, day: date = TODAY) -> dict[str, float]:
    return covariates_on(TreatmentHistory.of(record), model, day)


def asked(record: Record, model: Model, now: Moment = NOW) -> PatientForecast:
    return forecast_for(record, now, ForecastRequest(model=model))


def stops(found: PatientForecast) -> list[str]:
    return [each.code for each in found.alerts if each.kind is AlertKind.STOP]


# --- units

BILIRUBIN_G_PER_MOL = 33 * 12.011 + 36 * 1.008 + 4 * 14.007 + 6 * 15.999
"""C33H36N4O6 by the abridged standard atomic weights of 2021: 584.673."""


@pytest.mark.parametrize(
    ("value", "umol_per_l"),
    [
        ("11.29 umol/L", 11.29),
        ("11.29 µmol/l", 11.29),
        ("0.01129 mmol/L", 11.29),
        ("1 mg/dL", 10_000 / BILIRUBIN_G_PER_MOL),
        ("0.66 mg/dL", 6600 / BILIRUBIN_G_PER_MOL),
        ("10 mg/L", 10_000 / BILIRUBIN_G_PER_MOL),
    ],
)
@pytest.mark.parametrize("test", ["bilirubin", "T-Bil", "1975-2"])
def test_a_bilirubin_in_each_of_its_usual_units(test: str, value: str, umol_per_l: float) -> None:
    found = known(CHENG, child(usual_body(), lab(test, value)))
    assert found["bilirubin"] == pytest.approx(umol_per_l, rel=1e-5)


@pytest.mark.parametrize(("value", "percent"), [("38 %", 38), ("38.0 %", 38), ("0.38 L/L", 38)])
@pytest.mark.parametrize("test", ["haematocrit", "Hct", "PCV"])
def test_a_haematocrit_in_percent_or_as_a_share(test: str, value: str, percent: float) -> None:
    assert known(MAO, child(lab(test, value)))["haematocrit"] == pytest.approx(percent, rel=1e-12)


@pytest.mark.parametrize(
    ("test", "value"),
    [
        ("bilirubin", "1 g/L"),  # no laboratory's unit of it: not converted
        ("bilirubin", "1 %"),
        ("bilirubin", "<5 umol/L"),  # no number
        ("bilirubin", ">300 umol/L"),
        ("bilirubin", "0 umol/L"),
        ("bilirubin", "0.000 mg/dL"),
        ("direct bilirubin", "5 umol/L"),  # another test
        ("haematocrit", "38 %"),
        ("<img src=x>[/]=1+1", "5 umol/L"),
    ],
)
def test_what_is_no_bilirubin_leaves_it_unknown(test: str, value: str) -> None:
    record = child(usual_body(), usual_dose(), lab(test, value))
    assert "bilirubin" not in known(CHENG, record)
    assert stops(asked(record, CHENG)) == ["covariate-unknown"]


def test_a_bilirubin_that_is_missing_is_asked_for_by_name_and_unit() -> None:
    found = asked(child(usual_body(), usual_dose(), usual_level()), CHENG)
    assert [each.message for each in found.alerts if each.kind is AlertKind.STOP] == [
        "The bilirubin (umol/L) is needed for Cheng 2020. Record it first."
    ]


def test_a_model_with_its_bilirubin_answers_by_it() -> None:
    """5.63 · √(25 / 28.5) · (17.1036 / 11.29)^−0.32 at 1 mg/dL."""
    record = child(usual_body(), usual_dose(), lab("bilirubin", "1 mg/dL"), usual_level("8 ng/mL"))
    found = asked(record, CHENG)
    assert stops(found) == []
    assert found.answer is not None
    umol_per_l = 10_000 / BILIRUBIN_G_PER_MOL
    assert found.answer.disposition.population_clearance_l_h == pytest.approx(
        5.63 * (25 / 28.5) ** 0.5 * (umol_per_l / 11.29) ** -0.32, rel=1e-5
    )


@pytest.mark.parametrize("value", ["999999999 umol/L", "0.000001 umol/L", "999999999.999999 mg/dL"])
@pytest.mark.parametrize("days_ago", [0, 60])
def test_a_bilirubin_that_nobody_has_is_no_fault(value: str, days_ago: int) -> None:
    odd = lab("bilirubin", value, later(NOW, days=-days_ago))
    found = asked(child(usual_body(), usual_dose(), usual_level(), odd), CHENG)
    assert {"outside-model"} >= set(stops(found)) or found.answer is None
    later_on = lab("bilirubin", "12 umol/L", later(NOW, days=-1))
    asked(child(usual_body(), usual_dose(), usual_level(), odd, later_on), CHENG)


@pytest.mark.parametrize(("value", "refused"), [(26.82, False), (26.83, False), (26.84, True)])
def test_a_bilirubin_above_those_of_the_model_is_outside(value: float, *, refused: bool) -> None:
    record = child(usual_body(), usual_dose(), lab("bilirubin", f"{value} umol/L"))
    assert stops(asked(record, CHENG)) == (["outside-model"] if refused else [])


# --- the age of a value


@pytest.mark.parametrize(("days", "counts"), [(89, True), (90, True), (91, False)])
@pytest.mark.parametrize("before", [True, False])
def test_a_value_counts_for_90_days_before_and_after(
    days: int, *, counts: bool, before: bool
) -> None:
    """Proposed: `COVARIATE_COUNTS_FOR`."""
    measured = later(NOW, days=-days if before else days)
    history = TreatmentHistory.of(child(usual_body(), lab("bilirubin", "12 umol/L", measured)))
    assert ("bilirubin" in covariates_on(history, CHENG, TODAY)) is counts
    stale = stale_covariates(history, CHENG, TODAY)
    assert [(each.name, found.on) for each, found in stale] == (
        [] if counts else [("bilirubin", measured.local.date())]
    )


def test_a_stale_value_is_said_and_never_used_in_silence() -> None:
    """119 days before the question."""
    old = later(NOW, days=-119)
    record = child(usual_body(), usual_dose(), lab("bilirubin", "12 umol/L", old))
    found = asked(record, CHENG)
    assert found.answer is None
    [said] = [each.message for each in found.alerts if each.kind is AlertKind.STOP]
    assert said == (
        "Cheng 2020 needs the bilirubin of 17 Mar 2026; the nearest is of 18 Nov 2025. Record one "
        "at most 90 days from it."
    )


def test_a_value_that_was_old_when_the_level_was_taken_is_said_too() -> None:
    """The level is 91 days after the first value, and 109 before the second."""
    sampled = later(BEGUN, days=91)
    now = later(BEGUN, days=200)
    record = child(
        usual_body(), usual_body(on=now.local.date()), usual_dose(),
        lab("bilirubin", "12 umol/L", BEGUN), lab("bilirubin", "14 umol/L", now),
        a_level("9 ng/mL", sampled, hours=12),
    )  # fmt: skip
    assert stops(asked(record, CHENG, now)) == ["covariate-stale"]


def test_the_last_value_before_a_day_counts_and_a_voided_one_does_not() -> None:
    day = timedelta(days=1)
    first, second = later(NOW, days=-20), later(NOW, days=-10)
    record = child(
        usual_body(), lab("bilirubin", "14 umol/L", second), lab("bilirubin", "12 umol/L", first)
    )
    turn = second.local.date()
    assert known(CHENG, record, turn - day)["bilirubin"] == 12
    assert known(CHENG, record, turn)["bilirubin"] == 14
    assert known(CHENG, record, first.local.date() - day)["bilirubin"] == 12
    assert known(CHENG, voided(record, 3), turn)["bilirubin"] == 12


def test_between_the_values_the_last_one_goes_on_in_the_history() -> None:
    """A history needs a value on every day; only the day of the question and of a level counts."""
    first = later(NOW, days=-300)
    record = child(
        usual_body(), usual_dose(since=first),
        lab("bilirubin", "12 umol/L", first), lab("bilirubin", "14 umol/L", NOW),
    )  # fmt: skip
    steps = covariate_steps(TreatmentHistory.of(record), [CHENG], TODAY, first.utc, NOW.zone)
    assert {each.values["bilirubin"] for each in steps} == {12, 14}


# --- the genotype


@pytest.mark.parametrize(
    ("genotype", "carrier"),
    [(Cyp3a5.BOTH, 1), (Cyp3a5.ONE, 1), (Cyp3a5.NEITHER, 0), (None, None)],
)
def test_the_genotype_is_known_from_the_patient(
    genotype: Cyp3a5 | None, carrier: float | None
) -> None:
    assert known(CHEN_2020, child(cyp3a5=genotype)).get("cyp3a5") == carrier


def infant(*entries: Entry, **more: Any) -> Record:
    born = more.pop("born", date(2025, 1, 17))  # 14 months
    return child(usual_body("9 kg"), usual_dose("0.3"), *entries, born=born, **more)


def test_an_unknown_genotype_is_asked_for() -> None:
    found = asked(infant(), CHEN_2020)
    [stop] = [each for each in found.alerts if each.kind is AlertKind.STOP]
    assert stop.message == (
        "The CYP3A5 genotype (CYP3A5*3/*3 or CYP3A5*1 carrier) is needed for Chen 2020. Record it "
        "first."
    )


@pytest.mark.parametrize(
    ("genotype", "factor"), [(Cyp3a5.BOTH, 1.999), (Cyp3a5.ONE, 1.999), (Cyp3a5.NEITHER, 1)]
)
def test_a_known_genotype_gives_its_own_answer(genotype: Cyp3a5, factor: float) -> None:
    found = asked(infant(cyp3a5=genotype), CHEN_2020)
    assert stops(found) == []
    assert found.answer is not None
    assert found.answer.disposition.population_clearance_l_h == pytest.approx(
        7.55 * (9 / 70) ** 0.75 * factor
    )


def test_both_answers_of_an_unknown_genotype_are_those_of_the_two() -> None:
    """Steps that suppose a variant are the steps of a patient of that genotype."""
    history = TreatmentHistory.of(infant())
    steps = covariate_steps(history, [CHEN_2020], TODAY, BEGUN.utc, NOW.zone)
    variants = model_variants(CHEN_2020, covariates_on(history, CHEN_2020, TODAY))
    for (_, supposed), genotype in zip(variants, (Cyp3a5.NEITHER, Cyp3a5.ONE), strict=True):
        of_it = TreatmentHistory.of(infant(cyp3a5=genotype))
        assert CHEN_2020.applies(supposed)
        assert supposing(steps, supposed) == covariate_steps(
            of_it, [CHEN_2020], TODAY, BEGUN.utc, NOW.zone
        )


def test_what_is_known_is_never_supposed() -> None:
    history = TreatmentHistory.of(infant(cyp3a5=Cyp3a5.NEITHER))
    steps = covariate_steps(history, [CHEN_2020], TODAY, BEGUN.utc, NOW.zone)
    assert supposing(steps, {"cyp3a5": 1, "weight": 70}) == steps


# --- maturation


def test_the_age_of_a_maturing_clearance_is_followed_closely() -> None:
    """From 5 weeks on a step is a day, or 2.5 % of the age; at 5 weeks a day is under 5 %."""
    born = BEGUN.local.date() - timedelta(days=36)
    record = infant(born=born)
    until = born + timedelta(days=720)
    steps = covariate_steps(TreatmentHistory.of(record), [INFANT], until, BEGUN.utc, NOW.zone)
    starts = [BEGUN.utc + timedelta(hours=each.since_h) for each in steps]
    shares = [each.values["age"] / (0.44 + each.values["age"]) for each in steps]
    assert starts[0].date() <= BEGUN.local.date()
    for (since, share), (end, following) in pairwise(zip(starts, shares, strict=True)):
        is_a_day = end - since <= timedelta(days=1)
        assert share < following < share * (1.05 if is_a_day else 1.025), end
    assert len(steps) < 150


def test_a_model_without_maturation_has_no_step_for_age_alone() -> None:
    steps = covariate_steps(TreatmentHistory.of(infant()), [FAN], TODAY, BEGUN.utc, NOW.zone)
    assert len(steps) == 2  # the weight, and the age of today


@pytest.mark.parametrize("model", [INFANT, MAO], ids=lambda each: each.key)
def test_a_model_that_is_shown_beside_never_answers_alone(model: Model) -> None:
    adult = child(
        usual_body("70 kg"), usual_dose("1"), lab("haematocrit", "38 %"), born=date(1980, 1, 1)
    )
    found = asked(infant() if model is INFANT else adult, model)
    assert found.answer is None
    [said] = [each for each in found.alerts if each.kind is AlertKind.STOP]
    assert said.message == f"{model.name} never answers alone. Choose another model."


@pytest.mark.parametrize("born", ["2026", "2026-01", "2025-06"])
def test_without_an_exact_birth_date_a_maturing_model_says_so(born: str) -> None:
    record = infant(born=read_birth(born))
    history = TreatmentHistory.of(record)
    found = preconditions_of_model(history, INFANT, levels_used(history, NOW), NOW)
    assert "covariate-unknown" in {each.code for each in found}


def test_the_clearance_of_an_infant_beside_the_others() -> None:
    """14 months to the day."""
    history = TreatmentHistory.of(infant())
    of_today = covariates_on(history, INFANT, TODAY)
    assert INFANT.applies(of_today)
    assert INFANT.name == "Chen 2021 with Mizuno's maturation"
    share = 14 / 12 / (0.44 + 14 / 12)
    assert INFANT.typical(of_today)[0] == pytest.approx(8.59 * (9 / 70) ** 0.75 * share)
    doses = history.administrations(NOW)
    data = patient_data(history, [INFANT], (), doses, NOW)
    assert fit(INFANT.on_product(data.product), data.history, data.levels).converged
    assert len(data.history.covariates) > 5


def test_an_infant_s_variant_is_shown_beside_with_the_name_that_says_it_is_combined() -> None:
    """Fan 2024 and Chen 2021 apply to this child of 14 months, and so does the infant variant."""
    found = forecast_for(infant(usual_level("8 ng/mL", SAMPLED)), NOW)
    assert found.answer is not None
    assert [each.key for each in found.answer.averaged] == ["chen2021", "fan2024"]
    [beside] = [each for each in found.answer.models if each.model.key == INFANT.key]
    assert beside.weight is None
    assert beside.model.name == "Chen 2021 with Mizuno's maturation"
    months = 14
    share = months / 12 / (0.44 + months / 12)
    [typical] = [each.fit for each in found.answer.models if each.model.key == "chen2021"]
    covariates = found.answer.posterior.history.covariates[-1].values
    assert INFANT.typical(covariates)[0] == pytest.approx(
        typical.model.typical(covariates)[0] * share, rel=1e-3
    )
    assert stops(asked(infant(), INFANT)) == ["model-only-beside"]


def test_an_infant_outside_a_model_is_not_asked_for_what_it_needs() -> None:
    found = forecast_for(infant(usual_level("8 ng/mL", SAMPLED)), NOW)
    assert found.answer is not None
    outside = {each.model.key for each in found.answer.left_out if each.is_outside}
    assert {"mao2024", "golubovic2019"} <= outside


@pytest.mark.parametrize("years", [1, 8, 17])
def test_mao_never_answers_for_a_child(years: int) -> None:
    record = child(
        usual_body("40 kg"), usual_dose(), lab("haematocrit", "38 %"),
        born=date(2026 - years, 3, 1),
    )  # fmt: skip
    assert stops(asked(record, MAO)) == ["model-only-beside"]
    history = TreatmentHistory.of(record)
    found = preconditions_of_model(history, MAO, levels_used(history, NOW), NOW)
    assert "outside-model" in {each.code for each in found}
    assert not MAO.applies(known(MAO, record))
