"""The average of models beside a second, plain one, and on simulated patients of every model.

The second one integrates each model's likelihood over a fine grid of the random effects, by the
textbook formulas of `second_kinetics`: its weights and its band share nothing with the program's.

A campaign simulates patients of each of four models that cover the same children, and asks how far
the average is from a later trough, and how often its band holds it. SIROLIMUS_CAMPAIGN=full prints
the table of docs/kinetics-models.md.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from scipy.stats import chi2

from dosing import REVIEW, UserError
from dosing.knowledge.products import Product
from dosing.patient import Age, Height, Weight
from dosing.pharmacokinetics import (
    Average,
    CovariateStep,
    Disagreement,
    DoseQuestion,
    DoseRecord,
    DosingHistory,
    Fit,
    MeasuredLevel,
    Model,
    Posterior,
    Predictive,
    Regimen,
    WeightedModel,
    averaged,
    expected_narrowing,
    fit,
    fits_or_errors_of_models,
    forecast,
    model_named,
    predict_models,
    recommend,
)
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.variability import chi_square_tail
from tests.campaign import sizes
from tests.dosing.pharmacokinetics.models import random_effects
from tests.dosing.pharmacokinetics.second_kinetics import (
    SecondObjective,
    by_matrix_exponential,
    walked,
)

MODELS = tuple(map(model_named, ("chen2020", "chen2021", "cheng2020", "fan2024")))
COVARIATES = {
    "weight": 12.0, "age": 2.5, "bilirubin": 11.0, "cyp3a5": 1.0, "oxcarbazepine": 0.0,
}  # fmt: skip
LATER = 2400.0


def child(kg: float, mg: float, **more: float) -> DosingHistory:
    covariates = COVARIATES | {"weight": kg} | more
    return DosingHistory((DoseRecord(0, mg, 12, 200),), (CovariateStep(0, covariates),))


def fitted(history: DosingHistory, levels: Sequence[MeasuredLevel]) -> list[Fit]:
    return [fit(model, history, levels) for model in MODELS]


def on_grid(model: Model, history: DosingHistory, levels: Sequence[MeasuredLevel]) -> tuple[
    Array, Array
]:  # fmt: skip
    """The points of a grid over ±6 SD, and the density of the prior times the likelihood there."""
    spread = np.sqrt(np.diag(np.array(model.omega)))
    count = 4001 if len(spread) == 1 else 121
    axes = [np.linspace(-6, 6, count) * each for each in spread]
    points = np.array(list(product(*axes)))
    cell = float(np.prod([axis[1] - axis[0] for axis in axes]))
    normal = np.sqrt(np.linalg.det(2 * np.pi * np.array(model.omega)))
    return points, np.exp(-SecondObjective(model, history, levels)(points) / 2) * cell / normal


@pytest.mark.parametrize("levels", [(14.0,), (5.0, 6.5), (9.0, 3.0, 12.0, 8.0)])
def test_weights_and_band_are_those_of_a_grid(levels: tuple[float, ...]) -> None:
    history = child(12, 0.4)
    measured = [MeasuredLevel(480.0 + 240 * place, y) for place, y in enumerate(levels)]
    found = averaged(fitted(history, measured))
    grids = [on_grid(model, history, measured) for model in MODELS]
    likelihood = np.array([density.sum() for _, density in grids])
    expected = likelihood / likelihood.sum()
    # Laplace's approximation of an integral over one or two effects: two percentage points
    assert [each.weight for each in found] == pytest.approx(expected.tolist(), abs=0.02)

    average = Average.of([each.fit for each in found], history)
    (trough,) = forecast(average, history, [LATER])
    values, shares = [], []
    for model, (points, density) in zip(MODELS, grids, strict=True):
        second = SecondObjective(model, history, [MeasuredLevel(LATER, 1.0)])
        values.append(second.predicted(points)[:, 0])
        shares.append(density / likelihood.sum())
    together, share = np.concatenate(values), np.concatenate(shares)
    order = together.argsort()
    low, high = np.interp([0.05, 0.95], share[order].cumsum(), together[order])
    assert trough.low_ng_ml == pytest.approx(low, rel=0.04)
    assert trough.high_ng_ml == pytest.approx(high, rel=0.04)


def test_without_a_level_all_have_the_same_weight() -> None:
    found = averaged(fitted(child(12, 0.4), []))
    assert [each.weight for each in found] == pytest.approx([0.25] * 4)
    assert all(each.is_in_window for each in found)


def test_one_model_is_itself() -> None:
    history = child(12, 0.4)
    alone = fit(MODELS[1], history, [MeasuredLevel(480, 9.0)])
    (only,) = averaged([alone])
    assert (only.weight, only.is_in_window) == (1.0, True)
    by_average, by_model = (
        forecast(each, history, [LATER])
        for each in (Average.of([alone], history), Posterior.of(alone, history))
    )
    assert by_average == by_model


def test_the_weights_follow_the_rule_by_hand() -> None:
    """exp(−½ ΔOFV): an objective higher by 2 ln 3 has a third of the weight."""
    one = fit(MODELS[1], child(12, 0.4), [MeasuredLevel(480, 9.0)])
    other = replace(one, objective=one.objective + 2 * np.log(3))
    assert [each.weight for each in averaged([one, other])] == pytest.approx([0.75, 0.25])
    wider = replace(one, covariance=((4 * one.covariance[0][0],),))  # twice the standard deviation
    assert [each.weight for each in averaged([one, wider])] == pytest.approx([1 / 3, 2 / 3])


@pytest.mark.parametrize(("times", "is_in"), [(19.9, True), (20.0, True), (20.1, False)])
def test_a_model_is_within_occams_window_up_to_twenty_times_less_probable(
    times: float, *, is_in: bool
) -> None:
    one = fit(MODELS[1], child(12, 0.4), [MeasuredLevel(480, 9.0)])
    other = replace(one, objective=one.objective + 2 * np.log(times) - 1e-9)
    assert averaged([one, other])[1].is_in_window is is_in


def test_what_cannot_be_averaged_is_refused() -> None:
    history = child(12, 0.4)
    one = fit(MODELS[1], history, [MeasuredLevel(480, 9.0)])
    other = fit(MODELS[3], history, [MeasuredLevel(480, 9.5)])
    with pytest.raises(UserError, match="different levels"):
        averaged([one, other])
    with pytest.raises(UserError, match="No model can be fitted"):
        averaged([replace(one, converged=False)])
    with pytest.raises(UserError, match="No model can be fitted"):
        averaged([])
    weights = [each.weight for each in averaged([one, replace(one, converged=False)])]
    assert weights == [1.0, 0.0]


@pytest.mark.parametrize(("high", "is_too_large"), [(12.9, False), (13.0, False), (13.1, True)])
def test_models_disagree_above_thirty_percent(high: float, *, is_too_large: bool) -> None:
    found = averaged(fitted(child(12, 0.4), []))[:2]
    between = Disagreement.among(found, [10.0, high])
    assert between is not None
    assert between.percent == pytest.approx(10 * high - 100)
    assert between.is_too_large is is_too_large
    assert (between.low, between.high) == (found[0].model, found[1].model)


def test_a_model_outside_the_window_does_not_count_in_a_disagreement() -> None:
    def weighted(each: WeightedModel, *, is_in_window: bool) -> WeightedModel:
        return replace(each, is_in_window=is_in_window)

    one, other, third, _ = averaged(fitted(child(12, 0.4), []))
    models = [one, weighted(other, is_in_window=False), third]
    between = Disagreement.among(models, [10.0, 50.0, 11.0])
    assert between is not None
    assert between.percent == pytest.approx(10)
    assert Disagreement.among(models[:2], [10.0, 50.0]) is None


def test_the_recommended_dose_of_an_average_is_simulated_again_by_another_way() -> None:
    """Each model is walked from dose to dose by matrix exponentials, to steady state."""
    history = child(12, 0.24)
    levels = [MeasuredLevel(480.0 + 240 * place, 3.5) for place in range(3)]
    fits = [fit(model, history, levels) for model in (MODELS[1], MODELS[3])]
    average = Average.of(fits, history)
    question = DoseQuestion(
        current=Regimen(Decimal("0.24"), 2), product=Product.SOLUTION, protocol=REVIEW,
        target=REVIEW.target, age=Age.read("30 months"), weight=Weight.read("12 kg"),
        height=Height.read("90 cm"), measured_days_ago=Decimal(3),
    )  # fmt: skip
    answer = recommend(average, COVARIATES, question)
    assert answer.disagreement is not None
    assert not answer.disagreement.is_too_large
    assert answer.dose is not None
    assert answer.chosen is not None
    mg = float(answer.dose.measured.mg)
    steady = child(12, mg)
    troughs = [
        walked(each.model, steady, [LATER], each.fit.eta, by_matrix_exponential)[0]
        for each in average.models
    ]
    expected = sum(
        each.weight * trough for each, trough in zip(average.models, troughs, strict=True)
    )
    assert answer.chosen.trough_ng_ml == pytest.approx(expected, rel=1e-6)
    assert answer.chosen.by_model_ng_ml == pytest.approx(troughs, rel=1e-6)


def test_the_narrowing_of_a_sample_is_that_of_all_levels_that_may_come() -> None:
    """The posterior is taken anew after each of 400 levels that the patient may have.

    Linear Bayes is within two percentage points of their mean of the standard deviation.
    """
    history = child(12, 0.4)
    average = Average.of(fitted(history, [MeasuredLevel(480, 8.0)]), history)
    found = Predictive.of(average, history, [1200.0, LATER])
    chance = np.random.default_rng(16)
    patients = chance.choice(len(found.weights), size=400, p=found.weights)
    errors = chance.standard_normal(400)
    sd = found.residual_sd[:, 0]
    left = []
    for patient, error in zip(patients, errors, strict=True):
        level = found.draws[patient, 0] + sd[patient] * error
        likelihood = np.exp(-(((level - found.draws[:, 0]) / sd) ** 2) / 2) / sd
        weights = found.weights * likelihood
        weights /= weights.sum()
        mean = weights @ found.draws[:, 1]
        left.append(weights @ (found.draws[:, 1] - mean) ** 2)
    before = found.weights @ (found.draws[:, 1] - found.weights @ found.draws[:, 1]) ** 2
    expected = 1 - np.sqrt(np.mean(left) / before)
    assert expected_narrowing(found, of=1)[0] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("degrees", [1, 2, 3, 8, 21])
@pytest.mark.parametrize("x", [0.01, 1.0, 7.3, 40.0])
def test_the_tail_of_chi_square_is_scipys(degrees: int, x: float) -> None:
    assert chi_square_tail(x, degrees) == pytest.approx(float(chi2.sf(x, degrees)), rel=1e-9)


# --- simulated patients of every model


def simulated(chance: np.random.Generator, model: Model) -> tuple[
    DosingHistory, list[MeasuredLevel], float
]:  # fmt: skip
    """A child inside the ranges of all models, with one to five troughs and a later true one."""
    kg = float(chance.uniform(8.5, 17))
    history = child(
        kg, 8 * 12 / 1000 * MODELS[1].typical(COVARIATES | {"weight": kg})[0],
        bilirubin=float(chance.uniform(6, 18)), cyp3a5=float(chance.integers(2)),
    )  # fmt: skip
    times = np.sort(chance.choice(np.arange(20, 150), int(chance.integers(1, 6)), replace=False))
    hours = [*(12.0 * times).tolist(), LATER]
    eta = random_effects(chance, model, 1)
    true = predict_models([(model, history, hours, eta)])[0][0]
    spread = np.sqrt(model.additive_ng_ml**2 + (model.proportional * true) ** 2)
    measured = np.maximum(true + spread * chance.standard_normal(len(true)), 0.5)
    levels = [MeasuredLevel(*each) for each in zip(hours, measured.tolist(), strict=True)]
    return history, levels[:-1], float(true[-1])


@sizes(8, 40, 400)
def test_the_average_on_simulated_patients_of_every_model(size: int) -> None:
    """Of all patients the RMSE is at most that of the best single model; of each model's own at
    most 15 % above the true model's (the aim of 10 % is missed by up to two points). The 90 % band
    holds nine of ten true troughs of all patients, and of each model's at least 80 % (the aim of
    85 % is missed for Fan 2024).

    For fewer than 400 patients the bounds are widened by what chance alone makes of so many.
    """
    chance = np.random.default_rng(1600)
    errors = np.empty((len(MODELS), size, len(MODELS) + 1))
    held, width, own_width = (np.empty((len(MODELS), size)) for _ in range(3))
    for truth, model in enumerate(MODELS):
        for place in range(size):
            history, levels, true = simulated(chance, model)
            found = fits_or_errors_of_models([(each, (history, levels)) for each in MODELS])
            fits = [each for each in found if isinstance(each, Fit)]
            assert len(fits) == len(MODELS)
            average = Average.of(fits, history)
            (ours,) = forecast(average, history, [LATER])
            (own,) = forecast(Posterior.of(fits[truth], history), history, [LATER])
            wanted = [(each.model, history, [LATER], np.array([each.eta])) for each in fits]
            single = [each[0, 0] for each in predict_models(wanted)]
            errors[truth, place] = [*(each - true for each in single), ours.ng_ml - true]
            held[truth, place] = ours.low_ng_ml <= true <= ours.high_ng_ml
            width[truth, place] = ours.high_ng_ml - ours.low_ng_ml
            own_width[truth, place] = own.high_ng_ml - own.low_ng_ml
    rmse = np.sqrt((errors**2).mean(axis=1))
    together = np.sqrt((errors**2).mean(axis=(0, 1)))
    for truth, model in enumerate(MODELS):
        print(
            f"{model.key:10} RMSE by each {rmse[truth, :-1].round(2)}, average "
            f"{rmse[truth, -1]:.2f} ({rmse[truth, -1] / rmse[truth, truth] - 1:+.0%} of its own); "
            f"band holds {held[truth].mean():.1%}, {np.median(width[truth] / own_width[truth]):.2f}"
            " x as wide"
        )
    print(f"together   RMSE by each {together[:-1].round(2)}, average {together[-1]:.2f}")
    slack = 0.0 if size >= 400 else 3 * (0.9 * 0.1 / size) ** 0.5
    assert together[-1] <= together[:-1].min() * (1 + slack)
    assert (rmse[:, -1] <= np.diag(rmse) * (1.15 + 2 * slack)).all()
    assert held.mean() == pytest.approx(0.9, abs=0.03 + slack / 2)
    assert (held.mean(axis=1) >= 0.80 - slack).all()
