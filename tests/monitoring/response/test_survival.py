"""Kaplan-Meier and log-rank: worked by hand, and against scipy on random groups."""

import math
import random
import warnings
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import stats

from monitoring.response import SurvivalCurve, TimeToResponse, kaplan_meier, log_rank_p_value
from tests.campaign import cases

GROUPS = cases(100, full=1000)
# Both sides add up at most some hundred rounded numbers of double precision.
TOLERANCE = 1e-12

Group = list[tuple[int, bool]]
"""Until which day each patient was followed, and whether there was a response."""


def times(group: list[tuple[int, bool]]) -> list[TimeToResponse]:
    return [TimeToResponse(days, responded) for days, responded in group]


def test_a_curve_worked_by_hand() -> None:
    curve = kaplan_meier(times([(7, True), (7, True), (10, False), (14, True), (28, False)]))
    assert [(s.day, s.at_risk, s.responded) for s in curve.steps] == [(7, 5, 2), (14, 2, 1)]
    assert [s.share for s in curve.steps] == [Fraction(3, 5), Fraction(3, 10)]
    assert (curve.patients, curve.responded) == (5, 3)
    assert curve.median_days == 14
    # Greenwood at day 7: sqrt(2/(5·3)) = 0.36515; /|ln 0.6| 0.51083 × 1.95996 → exp(±1.40102)
    assert curve.steps[0].interval == pytest.approx((0.1257, 0.8818), abs=5e-5)


def test_a_half_is_a_half() -> None:
    """Of six at risk one responds on four days: 5/6 · 4/5 · 3/4 is exactly a half."""
    curve = kaplan_meier(
        times([(0, True), (1, True), (2, True), (9, False), (9, False), (9, False)])
    )
    assert curve.steps[-1].share == Fraction(1, 2)
    assert curve.median_days == 2


def test_nobody_responded() -> None:
    curve = kaplan_meier(times([(7, False), (9, False)]))
    assert (curve.steps, curve.median_days) == ((), None)
    assert curve.median_interval_days == (None, None)


def test_nobody_at_all() -> None:
    assert kaplan_meier([]).patients == 0
    assert log_rank_p_value([], []) is None


def test_where_everybody_responded_there_is_no_interval() -> None:
    curve = kaplan_meier(times([(7, True), (9, True)]))
    assert curve.steps[-1].interval is None
    assert curve.median_interval_days[1] is None


def test_who_was_censored_on_a_day_was_still_followed_on_it() -> None:
    assert kaplan_meier(times([(7, True), (7, False)])).steps[0].at_risk == 2


def random_group(chance: random.Random) -> Group:
    """Return a group with ties, and with patients who were not followed to a response."""
    size, longest = chance.randint(1, 60), chance.choice([3, 20, 200])
    share = chance.choice([0.2, 0.6, 1.0])
    return [(chance.randint(0, longest), chance.random() < share) for _ in range(size)]


def groups() -> list[Group]:
    """Return groups in each of which somebody responded: scipy draws no curve of nobody."""
    chance = random.Random(20160448)
    drawn = (random_group(chance) for _ in range(2 * GROUPS))
    return [group for group in drawn if any(responded for _, responded in group)]


def censored(group: Group) -> stats.CensoredData:
    return stats.CensoredData.right_censored([d for d, _ in group], [not r for _, r in group])


def days_of(curve: SurvivalCurve) -> list[int]:
    return [step.day for step in curve.steps]


def below_half(function: Any, days: list[int]) -> int | None:
    """Return the first day on which a function of scipy's is a half or less."""
    return next((day for day in days if function.evaluate(day) <= 0.5), None)


def test_scipy_draws_the_same_curves_and_intervals() -> None:
    for group in groups():
        curve, said = kaplan_meier(times(group)), stats.ecdf(censored(group)).sf
        days = days_of(curve)
        assert days == sorted({day for day, responded in group if responded})
        shares = [float(step.share) for step in curve.steps]
        assert shares == pytest.approx(list(said.evaluate(days)), abs=TOLERANCE)
        with warnings.catch_warnings():  # that the formula gives none where all have responded
            warnings.simplefilter("ignore", RuntimeWarning)
            bounds = said.confidence_interval(0.95, method="log-log")
        low, high = bounds.low.evaluate(days), bounds.high.evaluate(days)
        ours = [step.interval or (math.nan, math.nan) for step in curve.steps]
        assert [end for end, _ in ours] == pytest.approx(list(low), abs=TOLERANCE, nan_ok=True)
        assert [end for _, end in ours] == pytest.approx(list(high), abs=TOLERANCE, nan_ok=True)
        ends = (below_half(bounds.low, days), below_half(bounds.high, days))
        assert curve.median_interval_days == ends


def test_scipy_names_the_same_medians() -> None:
    """But where its rounding puts the share above an exact half: there it names a later day."""
    compared = 0
    for group in groups():
        curve, said = kaplan_meier(times(group)), stats.ecdf(censored(group)).sf
        if all(step.share != Fraction(1, 2) for step in curve.steps):
            compared += 1
            assert curve.median_days == below_half(said, days_of(curve))
    assert compared > GROUPS


def test_scipy_finds_the_same_p_values() -> None:
    known = 0
    many = groups()
    for one, other in pairwise(many):
        p_value = log_rank_p_value(times(one), times(other))
        with np.errstate(invalid="ignore"):  # nothing by nothing, where nothing can be told
            said = stats.logrank(censored(one), censored(other)).pvalue
        known += p_value is not None
        assert (math.nan if p_value is None else p_value) == pytest.approx(
            said, abs=TOLERANCE, nan_ok=True
        )
    assert known > GROUPS


def test_the_log_rank_test_worked_by_hand() -> None:
    """Day 1: 1 of 2+2, expected 1/2; day 2: 1 of 1+2, expected 1/3. (2 − 5/6)² / (1/4 + 2/9)."""
    one, other = [(1, True), (2, True)], [(3, False), (3, False)]
    chi_squared = (7 / 6) ** 2 / (17 / 36)
    p_value = log_rank_p_value(times(one), times(other))
    assert p_value == pytest.approx(math.erfc(math.sqrt(chi_squared / 2)))
    assert p_value == pytest.approx(stats.chi2.sf(chi_squared, 1))


def test_alike_groups_are_alike() -> None:
    group = times([(1, True), (5, True), (9, False)])
    assert log_rank_p_value(group, group) == pytest.approx(1)
