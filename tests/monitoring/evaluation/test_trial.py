"""The simulated trial: virtual patients within the model, arms that do what the program advises."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from dosing import Age, Sex, UserError
from dosing.growth import BODY_MASS_INDEX_FOR_AGE, HEIGHT_FOR_AGE, WEIGHT_FOR_AGE, growth_scores
from dosing.pharmacokinetics import (
    Concentrations,
    CovariateStep,
    DoseRecord,
    DosingHistory,
    model_named,
)
from monitoring.evaluation.trial import BEGUN, CHECKED_WEEKS, WEEKS, Arm, TreatedPatient, treated
from monitoring.evaluation.trial_result import Share, arm_result, simulated_trial
from monitoring.evaluation.virtual_patients import VirtualPopulation, has_virtual_patients
from tests.campaign import sizes

FAN, CHEN = model_named("fan2024"), model_named("chen2021")
POPULATION = VirtualPopulation(FAN, 5, BEGUN)


@sizes(12, 60, 400)
def test_virtual_patients_are_children_within_the_model(size: int) -> None:
    for model, months, kg in ((FAN, (7, 144), (3.3, 65)), (CHEN, (7.2, 199.2), (8, 68))):
        population = VirtualPopulation(model, 9, BEGUN)
        etas = []
        for number in range(size):
            patient = population.patient(number)
            etas.append(patient.eta[0])
            weight, _ = patient.body_on(BEGUN)
            end = BEGUN + timedelta(weeks=WEEKS)
            assert months[0] <= float(Age.between(patient.born, BEGUN).months)
            assert float(Age.between(patient.born, end).months) <= months[1]
            assert kg[0] <= float(weight.kg) <= kg[1]
        spread = model.omega[0][0] ** 0.5
        assert abs(np.mean(etas)) < 4 * spread / size**0.5


def test_the_body_has_its_z_scores_at_every_age() -> None:
    """To the rounding of a scale (0.1 kg) and a rule (1 cm)."""
    for number in range(6):
        patient = POPULATION.patient(number)
        for weeks in (0, 12, 26):
            day = BEGUN + timedelta(weeks=weeks)
            weight, height = patient.body_on(day)
            age = Age.between(patient.born, day)
            scores = {each.name: float(each.z) for each in
                      growth_scores(weight, height, age, patient.sex)}  # fmt: skip
            name = WEIGHT_FOR_AGE if age.months < 120 else BODY_MASS_INDEX_FOR_AGE
            assert scores[HEIGHT_FOR_AGE] == pytest.approx(patient.z_height, abs=0.25)
            assert scores[name] == pytest.approx(patient.z_weight, abs=0.15)


def test_the_same_seed_gives_the_same_patient_and_another_another() -> None:
    assert POPULATION.patient(3) == VirtualPopulation(FAN, 5, BEGUN).patient(3)
    assert POPULATION.patient(3) != POPULATION.patient(4)
    assert POPULATION.patient(3) != VirtualPopulation(FAN, 6, BEGUN).patient(3)
    assert {POPULATION.patient(each).sex for each in range(20)} == {Sex.FEMALE, Sex.MALE}


def test_a_model_of_adults_or_of_blood_values_has_none() -> None:
    assert has_virtual_patients(FAN)
    assert has_virtual_patients(CHEN)
    golubovic = model_named("golubovic2019")
    assert not has_virtual_patients(golubovic)
    with pytest.raises(UserError, match="needs ast"):
        VirtualPopulation(golubovic, 1, BEGUN)


def test_the_true_troughs_are_those_of_the_dose_that_is_kept() -> None:
    """0.8 mg/m² twice a day by the truth's own covariates, with a body of every four weeks."""
    for number in range(3):
        patient = POPULATION.patient(number)
        course = treated(POPULATION, number, Arm.STARTING_DOSE, None)
        assert (course.levels, course.changes, course.holds) == (0, 0, 0)
        weight, height = patient.body_on(BEGUN)
        area = (float(weight.kg) * float(height.cm) / 3600) ** 0.5
        steps = []
        for block in range(WEEKS // 4 + 1):
            kg = float(patient.body_on(BEGUN + timedelta(days=28 * block))[0].kg)
            steps.append(CovariateStep(672.0 * block, {"weight": kg}))
        unit = DosingHistory((DoseRecord(0, 1, 12, 2 * 7 * WEEKS),), tuple(steps))
        hours = [24.0 * day for day in range(1, 7 * WEEKS + 1)]
        per_mg = Concentrations(FAN, unit, hours).at(np.array([patient.eta]))[0]
        given = np.array(course.troughs_ng_ml) / per_mg
        assert given == pytest.approx(given[0])  # one dose throughout
        assert given[0] == pytest.approx(0.8 * area, rel=0.05, abs=0.02)  # a mark of the syringe


def test_the_arms_take_levels_and_change_doses() -> None:
    label, advised = (
        [treated(POPULATION, number, arm, None) for number in range(8)]
        for arm in (Arm.LABEL, Arm.RECOMMENDATION)
    )
    assert all(each.levels >= 3 for each in (*label, *advised))
    assert sum(each.changes for each in label) > 0
    assert sum(each.changes for each in advised) > 0
    assert all(len(each.troughs_ng_ml) == 7 * WEEKS for each in advised)
    assert all(value > 0 for each in advised for value in each.troughs_ng_ml)


def test_a_course_is_the_same_whatever_came_before() -> None:
    first = treated(POPULATION, 2, Arm.RECOMMENDATION, None)
    treated(POPULATION, 1, Arm.RECOMMENDATION, None)
    assert treated(POPULATION, 2, Arm.RECOMMENDATION, None) == first


def a_course(*values: float, **more: Any) -> TreatedPatient:
    """Return a course with one trough a week, on each of its days; the last one goes on."""
    weeks = [*values, *[values[-1]] * (WEEKS - len(values))]
    stated = TreatedPatient(
        troughs_ng_ml=tuple(each for each in weeks for _ in range(7)),
        levels=6, changes=1, holds=0, open_questions=0,
    )  # fmt: skip
    return replace(stated, **more)


def test_the_shares_by_hand() -> None:
    """Four patients; 5 and 15 ng/mL are within, 20 is no overshoot."""
    found = arm_result(
        Arm.LABEL,
        [a_course(4, 4, 5), a_course(15, 15.1, 15), a_course(20, 20, 10, levels=8, holds=1),
         a_course(20.1, 10, 10, open_questions=2)],
    )  # fmt: skip
    assert [each.week for each in found.weeks] == list(CHECKED_WEEKS)
    first = found.weeks[0]
    assert (first.below.count, first.within.count, first.above.count) == (1, 1, 2)
    assert found.weeks[-1].within == Share(4, 4)
    assert found.days_within_percent == 100
    assert found.overshoot == Share(1, 4)
    assert (found.levels_per_patient, found.changes_per_patient) == (6.5, 1)
    assert (found.holds, found.open_questions) == (1, 2)
    # Clopper and Pearson: all four of four from 0.025^(1/4) on
    assert found.weeks[-1].within.interval_percent == pytest.approx((100 * 0.025**0.25, 100))


def test_the_wrong_model_is_asked_of_patients_of_another_truth() -> None:
    found = simulated_trial(CHEN, FAN, patients=3, seed=1)
    document = found.to_dict()
    json.dumps(document, allow_nan=False)
    assert (document["truth"], document["model"]) == ("chen2021", "fan2024")
    arms = document["arms"]
    assert isinstance(arms, list)
    assert [each["arm"] for each in arms] == [each.value for each in Arm]
    assert "simulated" in str(document["note"])


def test_progress_and_the_same_result_for_the_same_seed() -> None:
    done: list[int] = []
    first = simulated_trial(FAN, None, patients=2, seed=3, progress=done.append)
    assert done == [1, 1]
    assert first == simulated_trial(FAN, None, patients=2, seed=3)
