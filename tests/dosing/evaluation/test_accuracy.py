"""Accuracy: a table worked out by hand, the edges of the margins, and a second summary."""

import random
from math import sqrt
from statistics import fmean, median

import numpy as np
import pytest
from scipy.stats import binomtest

from dosing.evaluation.accuracy import Accuracy, Predictions, WithInterval, accuracy_of, is_close


def accuracy(
    observed: list[float],
    predicted: list[float],
    patients: list[int] | None = None,
    margin: float = 0.0,
) -> Accuracy:
    return accuracy_of(
        Predictions(
            observed=np.array(observed),
            predicted=np.array(predicted),
            patients=np.array(patients or range(len(observed))),
            margin_ng_ml=margin,
        )
    )


def test_a_table_worked_out_by_hand() -> None:
    """Four levels of two patients, by the definitions of mipdeval.

    | observed | predicted | (obs - pred) / obs | size | (obs - pred)² | within 20 % | 30 % |
    | 10       | 9         | 10 %               | 10   | 1             | yes         | yes  |
    | 8        | 10        | -25 %              | 25   | 4             | no          | yes  |
    | 5        | 3         | 40 %               | 40   | 4             | no          | no   |
    | 12       | 15        | -25 %              | 25   | 9             | no          | yes  |
    MPE 0 / 4; MAPE 100 / 4; RMSE √(18 / 4); mean observation 35 / 4; F20 1 / 4; F30 3 / 4. The
    medians are of (pred - obs) / obs: -40, -10, 25, 25; and of 10, 25, 25, 40.
    """
    found = accuracy([10, 8, 5, 12], [9, 10, 3, 15], [1, 1, 2, 2])
    assert (found.n, found.patients) == (4, 2)
    assert found.mpe_percent.value == pytest.approx(0)
    assert found.mape_percent.value == pytest.approx(25)
    assert found.rmse.value == pytest.approx(2.1213203)
    assert found.relative_rmse.value == pytest.approx(2.1213203 / 8.75)
    assert (found.f20.value, found.f30.value) == (0.25, 0.75)
    assert found.median_error_percent.value == pytest.approx(7.5)
    assert found.median_absolute_error_percent.value == pytest.approx(25)
    # Clopper and Pearson: P(X ≥ 1 | n = 4, p) = 0.025 at p = 1 - 0.975^(1/4)
    assert found.f20.low == pytest.approx(1 - 0.975**0.25)
    assert found.f30.high == pytest.approx(0.975**0.25)
    # resamples of two patients: the first twice (MPE -7.5), both (0), the second twice (7.5)
    assert (found.mpe_percent.low, found.mpe_percent.high) == pytest.approx((-7.5, 7.5))


@pytest.mark.parametrize(
    ("predicted", "within_20", "within_30"),
    [
        (7.0, 0, 0), (7.01, 0, 1), (8.0, 0, 1), (8.01, 1, 1), (12.0, 0, 1), (11.99, 1, 1),
        (13.0, 0, 0), (12.99, 0, 1),
    ],
)  # fmt: skip
def test_an_error_as_large_as_the_margin_is_outside(
    predicted: float, within_20: int, within_30: int
) -> None:
    found = accuracy([10.0], [predicted])
    assert (found.f20.value, found.f30.value) == (within_20, within_30)


def test_no_rounding_moves_an_error_of_exactly_the_margin() -> None:
    """7.7 of 11, 0.3 of 1 and the like: in floats some are within by rounding, some beyond."""
    observed = np.round(np.arange(1, 400) / 10, 1)
    for sign in (-1, 1):
        assert not is_close(observed, observed * (1 + sign * 0.3), 0.3).any()
        assert is_close(observed, observed * (1 + sign * 0.2999), 0.3).all()


@pytest.mark.parametrize(
    ("predicted", "is_within"), [(1.9, True), (2.0, False), (2.1, False), (0.1, True), (0.0, False)]
)
def test_an_absolute_margin_is_enough_for_a_low_level(predicted: float, *, is_within: bool) -> None:
    """1 ng/mL of a level of 1 ng/mL is 100 %: close by the absolute margin alone."""
    assert accuracy([1.0], [predicted], margin=1.0).f20.value == is_within
    assert accuracy([1.0], [predicted]).f20.value == 0


def test_a_relative_margin_is_enough_for_a_high_level() -> None:
    assert accuracy([20.0], [17.0], margin=1.0).f20.value == 1
    assert accuracy([20.0], [16.0], margin=1.0).f20.value == 0


def test_one_patient_has_exact_intervals_only() -> None:
    found = accuracy([10, 8], [9, 10], [7, 7])
    assert found.mpe_percent == WithInterval(found.mpe_percent.value, None, None)
    assert found.rmse.interval is None
    assert found.f30.interval is not None


# --- a second summary


def by_hand(pairs: list[tuple[float, float]]) -> dict[str, float]:
    """Return the figures from pairs of observed and predicted, one loop a figure."""
    errors = [(o - p) / o * 100 for o, p in pairs]
    rmse = sqrt(fmean((o - p) ** 2 for o, p in pairs))
    return {
        "mpe_percent": fmean(errors),
        "mape_percent": fmean(map(abs, errors)),
        "rmse": rmse,
        "relative_rmse": rmse / fmean(o for o, _ in pairs),
        "median_error_percent": median(-each for each in errors),
        "median_absolute_error_percent": median(map(abs, errors)),
        "within_30_percent": 100 * fmean(abs(each) < 30 for each in errors),
    }


def test_the_figures_and_their_intervals_are_those_of_a_second_summary() -> None:
    """An end at 2.5 of 100 of 1,000 resamples is between the ranks 0.5 and 4.5 of 3,000 others."""
    draw = random.Random(4)
    clinic = [
        [(observed, observed * draw.lognormvariate(0.1, 0.35)) for observed in
         (draw.uniform(3, 15) for _ in range(draw.randint(1, 5)))]
        for _ in range(40)
    ]  # fmt: skip
    pairs = [pair for patient in clinic for pair in patient]
    numbers = [10 * place for place, patient in enumerate(clinic) for _ in patient]
    found = accuracy([o for o, _ in pairs], [p for _, p in pairs], numbers)
    expected = by_hand(pairs)
    again = [
        by_hand([pair for patient in draw.choices(clinic, k=len(clinic)) for pair in patient])
        for _ in range(3000)
    ]
    for name, value in expected.items():
        figure = getattr(found, name)
        assert figure.value == pytest.approx(value), name
        ordered = sorted(each[name] for each in again)
        assert ordered[15] - 1e-9 <= figure.low <= ordered[135] + 1e-9, name
        assert ordered[-135] - 1e-9 <= figure.high <= ordered[-15] + 1e-9, name
    for part, share in ((20, found.f20), (30, found.f30)):
        count = sum(abs(o - p) / o * 100 < part for o, p in pairs)
        exact = binomtest(count, len(pairs)).proportion_ci()
        assert (share.low, share.high) == pytest.approx((exact.low, exact.high))


def test_the_same_predictions_give_the_same_figures() -> None:
    chance = np.random.default_rng(2)
    observed = chance.uniform(3, 15, 60)
    once, twice = (
        accuracy(observed.tolist(), (observed * 1.1).tolist(), [each // 3 for each in range(60)])
        for _ in range(2)
    )
    assert once == twice


def test_the_document_has_the_promised_keys() -> None:
    document = accuracy([10, 8], [9, 10]).to_dict()
    promised = {"n", "mpe_percent", "mape_percent", "rmse", "relative_rmse", "f20", "f30"}
    assert promised <= document.keys()
    assert document["mpe_percent"] == -7.5
