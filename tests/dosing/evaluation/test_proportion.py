"""The exact interval of a proportion, against scipy and against its own definition."""

import random
from math import comb

import pytest
from scipy import stats

from dosing.evaluation.proportion import exact_interval


@pytest.mark.parametrize("of", [1, 2, 14, 41, 60, 84])
def test_every_count_against_scipy(of: int) -> None:
    for count in range(of + 1):
        expected = stats.binomtest(count, of).proportion_ci(method="exact")
        # Both end where doubles can no longer tell the tail apart.
        assert exact_interval(count, of) == pytest.approx((expected.low, expected.high), abs=1e-10)


def test_large_groups_against_scipy() -> None:
    chance = random.Random(60)
    for _ in range(100):
        of = chance.choice([1_000, 10_000, 100_000])
        count = chance.choice([0, 1, of - 1, of, chance.randint(0, of)])
        expected = stats.binomtest(count, of).proportion_ci(method="exact")
        assert exact_interval(count, of) == pytest.approx((expected.low, expected.high), abs=1e-10)


@pytest.mark.parametrize(("count", "of"), [(1, 1), (12, 60), (40, 60), (59, 60), (3, 14)])
def test_at_each_end_the_tail_is_a_fortieth(count: int, of: int) -> None:
    """Clopper and Pearson's definition: so many or more, so many or fewer, each with 2.5 %."""
    interval = exact_interval(count, of)
    assert interval is not None
    low, high = interval

    def exactly(k: int, share: float) -> float:
        return comb(of, k) * share**k * (1 - share) ** (of - k)

    assert sum(exactly(k, low) for k in range(count, of + 1)) == pytest.approx(0.025)
    if count < of:
        assert sum(exactly(k, high) for k in range(count + 1)) == pytest.approx(0.025)


def test_none_and_all() -> None:
    assert exact_interval(0, 0) is None
    assert exact_interval(0, 60) == pytest.approx((0, 1 - 0.025 ** (1 / 60)))
    assert exact_interval(60, 60) == pytest.approx((0.025 ** (1 / 60), 1))
