"""Concentrations against the rate equations solved a second time, for random histories."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.superposition import AgedDoses
from tests.campaign import cases
from tests.dosing.pharmacokinetics.histories import eventful_history, random_history, random_times
from tests.dosing.pharmacokinetics.models import FAN, FOUR_EFFECTS, random_effects, random_model
from tests.dosing.pharmacokinetics.second_kinetics import (
    Carrier,
    by_differential_equations,
    by_matrix_exponential,
    walked,
)

OF_THE_HIGHEST = 1e-12
"""What two ways may differ by, as a part of the highest concentration: a dose adds as much in the
1e-13 h to which its time is known, and a level drawn at a dose may or may not see that."""


def largest_difference(
    seed: int,
    compartments: int,
    with_lag: bool,  # noqa: FBT001 - as parametrized
    carry: Carrier,
    history_of: Callable[[np.random.Generator], DosingHistory] = random_history,
) -> float:
    """The largest relative difference of one random patient's concentrations."""
    chance = np.random.default_rng([seed, compartments, with_lag])
    model = random_model(chance, compartments=compartments, with_lag=with_lag)
    history = history_of(chance)
    times = random_times(chance, history)
    times += [*history.resets_h, *(each.first_h for each in history.doses if each.steady_state)]
    eta = random_effects(chance, model, 2)
    found = Concentrations(model, history, times).at(eta)
    known = np.array([walked(model, history, times, each, carry) for each in eta])
    beyond = np.maximum(np.abs(found - known) - OF_THE_HIGHEST * known.max(), 0)
    return float(np.max(beyond / np.maximum(known, OF_THE_HIGHEST)))


@pytest.mark.parametrize("with_lag", [False, True])
@pytest.mark.parametrize("compartments", [1, 2])
@pytest.mark.parametrize(
    ("carry", "at_most", "histories"),
    [
        # The solver keeps 1e-11 a step; 1e-6 is far below what a syringe or an assay resolves.
        (by_differential_equations, 1e-6, cases(1, 250)),
        # Nothing is approximated: sixteen digits, of which near rates may lose six.
        (by_matrix_exponential, 1e-9, cases(12, 250)),
    ],
)
def test_random_histories(
    *, compartments: int, with_lag: bool, carry: Carrier, at_most: float, histories: int
) -> None:
    differences = [
        largest_difference(seed, compartments, with_lag, carry) for seed in range(histories)
    ]
    print(f"{compartments} compartments, lag {with_lag}, {carry.__name__}: {max(differences):.1e}")
    assert max(differences) < at_most


@pytest.mark.parametrize("with_lag", [False, True])
@pytest.mark.parametrize("compartments", [1, 2])
@pytest.mark.parametrize(
    ("carry", "at_most", "histories"),
    [
        (by_differential_equations, 1e-6, cases(1, 250)),
        (by_matrix_exponential, 1e-9, cases(12, 250)),
    ],
)
def test_random_histories_with_resets_and_steady_states(
    *, compartments: int, with_lag: bool, carry: Carrier, at_most: float, histories: int
) -> None:
    differences = [
        largest_difference(seed, compartments, with_lag, carry, eventful_history)
        for seed in range(histories)
    ]
    print(f"{compartments} compartments, lag {with_lag}, {carry.__name__}: {max(differences):.1e}")
    assert max(differences) < at_most


@pytest.mark.parametrize("lag_h", [0.0, 0.7, 12.0, 12.5, 30.0])
@pytest.mark.parametrize("model", [FAN, FOUR_EFFECTS])
def test_a_steady_state_is_that_of_a_long_history(model: Model, lag_h: float) -> None:
    """A lag of any length, a step of the weight at the first dose, and more doses after it."""
    of = replace(model, lag_h=lag_h)
    weights = (CovariateStep(0, {"weight": 16}), CovariateStep(10_000, {"weight": 18}))
    long = DosingHistory((DoseRecord(10_000 - 12 * 833, 0.5, 12, 833 + 4),), weights)
    before = DoseRecord(9_990, 3.0, 5, 3)  # replaced; one of its doses comes later
    steady = DosingHistory((before, DoseRecord(10_000, 0.5, 12, 4, steady_state=True)), weights)
    once = DosingHistory((*long.doses, DoseRecord(10_000, 3.0)), weights)
    times = [10_000, 10_000.3, 10_000.7, 10_007, 10_012, 10_035.5, 10_100]
    known, found = (
        Concentrations(of, each, times).at(np.zeros((1, len(of.effects))))
        for each in (once, steady)
    )
    np.testing.assert_allclose(found, known, rtol=1e-9)


def test_a_reset_and_a_dose_at_once_begin_anew() -> None:
    """EVID 4: what was given before is gone, also a dose within its lag, and the dose counts."""
    of = replace(FAN, lag_h=0.5)
    weight = (CovariateStep(0, {"weight": 16}),)
    given = DoseRecord(0, 0.5, 11.75, 10)
    anew = DosingHistory((given, DoseRecord(23.75, 0.8)), weight, (23.75,))
    later = DosingHistory((DoseRecord(23.75, 0.8), DoseRecord(35.25, 0.5, 11.75, 7)), weight)
    times = [23.75, 24.0, 24.25, 24.5, 30.0, 35.5, 36.0, 100.0]
    found = Concentrations(of, anew, times).at(np.zeros((1, 1)))[0]
    before = Concentrations(of, DosingHistory((given,), weight), times).at(np.zeros((1, 1)))[0]
    assert found[0] == before[0] > 0
    np.testing.assert_allclose(
        found[1:], Concentrations(of, later, times).at(np.zeros((1, 1)))[0, 1:], rtol=1e-12
    )


@pytest.mark.parametrize("first_h", [0.0, 23.94480254175464, 71.94480254175464, 1000.1])
@pytest.mark.parametrize("interval_h", [8.0, 24.0, 0.1, 7.3])
@pytest.mark.parametrize("number", [1, 3, 4, 7])
def test_a_dose_at_the_time_of_a_reset_counts_however_it_is_rounded(
    first_h: float, interval_h: float, number: int
) -> None:
    """The dose with that number, and those after it; or a steady state from then on instead."""
    weight = (CovariateStep(0, {"weight": 16}),)
    given = DoseRecord(first_h, 0.5, interval_h, 10)
    cut_h = first_h + number * interval_h
    times = [cut_h + 0.4 * interval_h, cut_h + 30.0]
    left = DosingHistory((DoseRecord(cut_h, 0.5, interval_h, 10 - number),), weight)
    eta = np.zeros((1, 1))
    known = Concentrations(FAN, left, times).at(eta)
    for reset_h in (np.nextafter(cut_h, -np.inf), cut_h, np.nextafter(cut_h, np.inf)):
        anew = DosingHistory((given,), weight, (float(reset_h),))
        np.testing.assert_allclose(Concentrations(FAN, anew, times).at(eta), known, rtol=1e-9)
        steady = DoseRecord(float(reset_h), 1.0, 12, 1, steady_state=True)
        both = DosingHistory((given, steady), weight)
        alone = DosingHistory((steady,), weight)
        np.testing.assert_allclose(
            Concentrations(FAN, both, times).at(eta),
            known + Concentrations(FAN, alone, times).at(eta),
            rtol=1e-9,
        )


def test_a_growing_child_carries_the_amounts_over() -> None:
    """Just before and just after a step the amount is the same, the volume not."""
    grown = DosingHistory(
        (DoseRecord(0, 0.5, 12, 20),),
        (CovariateStep(0, {"weight": 16}), CovariateStep(100, {"weight": 20})),
    )
    before, after = Concentrations(FAN, grown, [100, 100 + 1e-9]).at(np.zeros((1, 1)))[0]
    volumes = [FAN.typical({"weight": kg})[1] for kg in (16, 20)]
    assert before * volumes[0] == pytest.approx(after * volumes[1], rel=1e-8)
    assert before > after


def test_a_step_that_changes_nothing_changes_nothing() -> None:
    plain = DosingHistory((DoseRecord(0, 0.5, 12, 20),), (CovariateStep(0, {"weight": 16}),))
    stepped = DosingHistory(
        plain.doses, tuple(CovariateStep(at, {"weight": 16}) for at in (0, 30, 60, 99.5))
    )
    nearly = DosingHistory(  # a step so small that only its own path through the engine shows
        plain.doses,
        (CovariateStep(0, {"weight": 16}), CovariateStep(60, {"weight": 16 * (1 + 1e-12)})),
    )
    eta = np.array([[0.0], [0.3]])
    known = Concentrations(FAN, plain, [12, 60, 61, 240]).at(eta)
    for each, tolerance in ((stepped, 0.0), (nearly, 1e-10)):
        found = Concentrations(FAN, each, [12, 60, 61, 240]).at(eta)
        np.testing.assert_allclose(found, known, rtol=tolerance)


def test_nothing_before_the_first_dose_and_a_dose_counts_only_after_its_moment() -> None:
    patient = DosingHistory((DoseRecord(10, 0.5),), (CovariateStep(0, {"weight": 16}),))
    found = Concentrations(FAN, patient, [0, 9.99, 10, 10.01]).at(np.zeros((1, 1)))[0]
    assert (found[:3] == 0).all()
    assert found[3] > 0


def test_no_doses_and_no_times() -> None:
    steps = (CovariateStep(0, {"weight": 16}), CovariateStep(10, {"weight": 17}))
    untreated = Concentrations(FAN, DosingHistory((), steps), [1, 20])
    assert (untreated.at(np.zeros((3, 1))) == np.zeros((3, 2))).all()
    value, slopes = untreated.at_with_slopes(np.zeros((3, 1)))
    assert value.shape == (3, 2)
    assert (slopes == np.zeros((1, 3, 2))).all()
    treated = DosingHistory((DoseRecord(0, 1, 12, 5),), steps)
    assert Concentrations(FAN, treated, []).at(np.zeros((3, 1))).shape == (3, 0)


@pytest.mark.parametrize("model", [FAN, FOUR_EFFECTS])
def test_a_year_of_doses_is_the_work_of_a_week(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers that are worked on, not the time that it takes."""
    worked_on: list[int] = []
    plain = AgedDoses.sums_by_age

    def counted(self: AgedDoses, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        worked_on.append(rate.size * self.age_h.size)
        return plain(self, rate)

    monkeypatch.setattr(AgedDoses, "sums_by_age", counted)
    for days in (7, 365):
        history = DosingHistory(
            (DoseRecord(0, 0.5, 12, 2 * days),), (CovariateStep(0, {"weight": 16}),)
        )
        typical = np.zeros((1, len(model.effects)))
        Concentrations(model, history, [24.0 * days]).at_with_slopes(typical)
    each = len(worked_on) // 2
    assert worked_on[:each] == worked_on[each:]
