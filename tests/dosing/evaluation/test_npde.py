"""NPDE: a second, plain implementation; scipy's tests; standard normal on the model's own data."""

import random
from math import sqrt
from statistics import NormalDist, fmean

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from dosing.evaluation.evaluating import Evaluator, random_effects
from dosing.evaluation.normality import shapiro_wilk
from dosing.evaluation.npde import npde_of, npde_summary, signed_rank_p, variance_p
from dosing.evaluation.subjects import EvaluatedLevel, EvaluatedSubject, Grouping, StudySubject
from dosing.pharmacokinetics import (
    Concentrations,
    CovariateStep,
    DoseRecord,
    DosingHistory,
    MeasuredLevel,
    Model,
    model_named,
)
from tests.campaign import sizes

Numbers = NDArray[np.float64]


def second_npde(observed: list[float], simulated: list[list[float]]) -> list[float]:
    """Return the NPDE by lists and loops: means, covariances, Cholesky's rows, forward solution."""
    k, n = len(simulated), len(observed)
    mean = [fmean(row[i] for row in simulated) for i in range(n)]
    covariance = [
        [
            sum((row[i] - mean[i]) * (row[j] - mean[j]) for row in simulated) / (k - 1)
            for j in range(n)
        ]
        for i in range(n)
    ]
    lower = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = covariance[i][j] - sum(lower[i][m] * lower[j][m] for m in range(j))
            lower[i][j] = sqrt(rest) if i == j else rest / lower[j][j]

    def solved(values: list[float]) -> list[float]:
        found: list[float] = []
        for i in range(n):
            rest = values[i] - mean[i] - sum(lower[i][m] * found[m] for m in range(i))
            found.append(rest / lower[i][i])
        return found

    own, others = solved(observed), [solved(row) for row in simulated]
    shares = [sum(row[i] < own[i] for row in others) / k for i in range(n)]
    return [NormalDist().inv_cdf(min(max(p, 1 / (2 * k)), 1 - 1 / (2 * k))) for p in shares]


def test_each_figure_is_that_of_the_second_way() -> None:
    draw = random.Random(8)
    for _ in range(20):
        n, k = draw.randint(1, 6), draw.randint(20, 200)
        simulated = [
            [clearance + draw.gauss(0, 1.5) + each for each in range(n)]
            for clearance in (draw.lognormvariate(2, 0.3) for _ in range(k))
        ]
        observed = [draw.uniform(0, 20) for _ in range(n)]
        found = npde_of(np.array(observed), np.array(simulated))
        assert found.tolist() == pytest.approx(second_npde(observed, simulated))


def test_a_level_beyond_every_simulation_has_a_finite_figure() -> None:
    """Of 100 simulations a share of 0 or 1 becomes 0.005 or 0.995: 2.5758 standard deviations."""
    simulated = np.random.default_rng(1).normal(10, 1, (100, 1))
    assert npde_of(np.array([1000.0]), simulated)[0] == pytest.approx(2.5758, abs=1e-4)
    assert npde_of(np.array([-1000.0]), simulated)[0] == pytest.approx(-2.5758, abs=1e-4)


def test_levels_of_one_patient_are_decorrelated() -> None:
    """Two levels that are high because the patient is: the second says little that is new."""
    chance = np.random.default_rng(3)
    own = chance.normal(0, 3, 4000)[:, None]
    simulated = 10 + own + chance.normal(0, 0.5, (4000, 2))
    first, second = npde_of(np.array([16.0, 16.0]), simulated)
    assert first == pytest.approx(6 / sqrt(9.25), abs=0.15)
    assert abs(second) < 0.5


@pytest.mark.parametrize("count", [3, 4, 5, 6, 11, 12, 13, 50, 400])
def test_the_tests_are_those_of_scipy(count: int) -> None:
    chance = np.random.default_rng(count)
    for figures in (chance.normal(size=count), chance.exponential(size=count) - 0.8):
        w, p = shapiro_wilk(figures)
        expected = stats.shapiro(figures)
        assert (w, p) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-6)
        ranks = stats.wilcoxon(figures, method="approx").pvalue
        assert signed_rank_p(figures) == pytest.approx(ranks)
        if count >= 10:
            square = figures.var(ddof=1) * (count - 1)
            tail = stats.chi2(count - 1).cdf(square)
            assert variance_p(figures) == pytest.approx(2 * min(tail, 1 - tail), abs=0.005)


def test_too_few_levels_have_no_test_and_equal_ones_no_fault() -> None:
    assert npde_summary([]) is None
    one = npde_summary([np.array([0.3])])
    assert one is not None
    assert (one.n, one.variance, one.p_global, one.mean.interval) == (1, None, None, None)
    same = npde_summary([np.array([0.0, 0.0]), np.array([0.0])])
    assert same is not None
    assert same.p_mean == 1.0
    assert same.p_normality == 1.0


# --- on data of the model itself, and of another


def own_levels(model: Model, size: int, seed: int) -> list[StudySubject]:
    """Return children with three troughs each, simulated from a model; none is left out."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(size):
        kg = float(chance.uniform(9, 60))
        covariates = {"weight": kg, "age": min(12.0, kg / 4), "oxcarbazepine": 0.0}
        mg = model.typical(covariates)[0] * 10 * 12 / 1000
        history = DosingHistory(
            (DoseRecord(0, mg, 12, 60), DoseRecord(720, mg * 1.5, 12, 60)),
            (CovariateStep(0, covariates),),
        )
        times = sorted(12.0 * chance.choice(np.arange(8, 119), 3, replace=False))
        true = Concentrations(model, history, times).at(random_effects(chance, model, 1))[0]
        spread = np.hypot(model.additive_ng_ml, model.proportional * true)
        levels = true + spread * chance.standard_normal(3)
        whole = tuple(
            MeasuredLevel(at, max(float(level), 0.01))
            for at, level in zip(times, levels, strict=True)
        )
        first = EvaluatedLevel(
            number=0, order=1, at_h=times[0], ng_ml=whole[0].ng_ml, history=history,
            groups=dict.fromkeys(Grouping, ""),
        )  # fmt: skip
        subject = EvaluatedSubject(levels=(first,), history=history, whole=whole)
        found.append(StudySubject(of_models={"fan2024": subject, "chen2021": subject}))
    return found


def npde_by(model: Model, subjects: list[StudySubject], simulations: int) -> list[Numbers]:
    evaluator = Evaluator([model], simulations=simulations)
    evaluator.add(subjects)
    return evaluator.collected[model.key].npde


@sizes(60, 300, 1000)
def test_they_are_standard_normal_on_the_model_s_own_data(size: int) -> None:
    """At a level of 0.001 for each test: with one seed the result is always the same."""
    for key in ("fan2024", "chen2021"):
        model = model_named(key)
        found = npde_by(model, own_levels(model, size, 21), 1000)
        summary = npde_summary(found)
        assert summary is not None
        assert summary.n == 3 * size
        print(f"{key}, own data: {summary.to_dict()}")
        assert summary.p_mean is not None
        assert summary.p_variance is not None
        assert summary.p_normality is not None
        assert min(summary.p_mean, summary.p_variance, summary.p_normality) > 0.001
        everything = np.concatenate(found)
        assert stats.kstest(everything, "norm").pvalue > 0.001


@sizes(60, 300, 1000)
def test_they_are_visibly_not_so_on_another_model_s(size: int) -> None:
    fan, chen = model_named("fan2024"), model_named("chen2021")
    for own, other in ((fan, chen), (chen, fan)):
        summary = npde_summary(npde_by(own, own_levels(other, size, 22), 1000))
        assert summary is not None
        print(f"{own.key} on data of {other.key}: {summary.to_dict()}")
        assert summary.p_global is not None
        assert summary.p_global < 1e-6
        assert abs(summary.mean.value) > 0.5
