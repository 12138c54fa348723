"""The normal distribution against scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from dosing.pharmacokinetics.normal import cdf, log_cdf, spread_draws, tail_slope

PLACES = np.concatenate(
    [
        np.linspace(-40, 9, 4001),
        -np.logspace(1, 9, 200),
        [-12 - 1e-9, -12, -12 + 1e-9, 0, 38, 100, 1e9],  # around where the formula changes, and far
    ]
)


def test_log_cdf() -> None:
    """To twelve digits; near zero, where Φ is 1, to what a sum with other terms can hold."""
    np.testing.assert_allclose(log_cdf(PLACES), norm.logcdf(PLACES), rtol=1e-12, atol=1e-15)


def test_tail_slope() -> None:
    """The quotient of density and tail; far out, where scipy's loses digits, its series."""
    near = PLACES[PLACES > -30]
    known = np.exp(norm.logpdf(near) - norm.logcdf(near))
    np.testing.assert_allclose(tail_slope(near), known, rtol=1e-11, atol=1e-300)
    far = PLACES[PLACES <= -30]
    series = -far / (1 - far**-2.0 + 3 * far**-4.0 - 15 * far**-6.0 + 105 * far**-8.0)
    np.testing.assert_allclose(tail_slope(far), series, rtol=1e-11)


def test_the_curvature_of_a_far_tail_keeps_its_sign() -> None:
    """λ(λ + z), which weighs a bounded level, nears 1 out there and never exceeds it."""
    z = -np.logspace(0, 6, 500)
    weight = tail_slope(z) * (tail_slope(z) + z)
    assert (weight > 0).all()
    assert (weight <= 1 + 1e-3).all()
    farther = -np.logspace(6, 12, 500)
    assert (tail_slope(farther) + farther >= 0).all()


def test_cdf_of_the_table_within_what_it_says() -> None:
    z = np.concatenate([np.linspace(-9, 9, 20_011), [-1e6, 1e6]])
    np.testing.assert_allclose(cdf(z), norm.cdf(z), atol=1e-6)


@given(st.floats(-1e12, 1e12))
def test_no_number_is_too_far(z: float) -> None:
    places = np.array([z])
    for each in (log_cdf, tail_slope, cdf):
        assert np.isfinite(each(places)).all()
    assert log_cdf(places)[0] <= 0
    assert tail_slope(places)[0] >= 0


def test_shapes_are_kept() -> None:
    for shape in ((0,), (3,), (2, 3)):
        for each in (log_cdf, tail_slope, cdf):
            assert each(np.zeros(shape)).shape == shape


@pytest.mark.parametrize("effects", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("count", [500, 2000])
def test_moments_of_the_spread_draws(count: int, effects: int) -> None:
    """Random draws would stray by 1/√count, their squares by √2 of it, and several axes by more."""
    draws = spread_draws(count, effects)
    assert draws.shape == (count, effects)
    strays = 1 / np.sqrt(count)
    assert np.abs(draws.mean(axis=0)).max() < 0.6 * strays
    assert np.abs(draws.T @ draws / count - np.eye(effects)).max() < 0.9 * strays
    assert spread_draws(count, effects) is draws
    assert not draws.flags.writeable


def test_the_spread_draws_cover_every_tenth_evenly() -> None:
    """100 of 1,000 in each; random ones would stray by 10, and the farthest of 40 by 25."""
    tenths = norm.ppf(np.linspace(0, 1, 11))
    for axis in spread_draws(1000, 4).T:
        counts, _ = np.histogram(axis, bins=tenths)
        assert np.abs(counts - 100).max() <= 4


def test_the_spread_draws_answer_a_probability() -> None:
    """Of sums over the axes, which no axis alone shows, to 2.5 points with 500 draws."""
    for weights in np.array([[1, 1, 1, 1], [1, -1, 1, -1], [0.2, 0.5, 0.25, 0.3], [3, 1, 0, 2]]):
        sums = spread_draws(500, 4) @ weights / np.linalg.norm(weights)
        for at in np.linspace(-2, 2, 21):
            assert (sums < at).mean() == pytest.approx(norm.cdf(at), abs=0.025)
