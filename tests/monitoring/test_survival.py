"""Kaplan-Meier and log-rank: worked by hand, against lifelines on 200 sets, and against scipy."""

import json
import math
import random
from fractions import Fraction
from typing import Any

import pytest
from scipy import stats

from monitoring.response import TimeToResponse, kaplan_meier, log_rank_p_value
from tests.monitoring.lifelines_reference import FILE, SETS, random_group

SAID_BY_LIFELINES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
# Both sides add up at most some hundred rounded numbers of double precision.
TOLERANCE = 1e-9


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


def test_there_are_200_sets() -> None:
    assert len(SAID_BY_LIFELINES) == SETS == 200


@pytest.mark.parametrize("said", SAID_BY_LIFELINES, ids=map(str, range(SETS)))
def test_lifelines_says_the_same(said: dict[str, Any]) -> None:
    curve = kaplan_meier(times(said["one"]))
    assert [step.day for step in curve.steps] == said["days"]
    assert [float(step.share) for step in curve.steps] == pytest.approx(
        said["share"], abs=TOLERANCE
    )
    # Where everybody has responded lifelines writes 0 to 0, which is no interval.
    bounds = [step.interval or (0.0, 0.0) for step in curve.steps]
    assert [low for low, _ in bounds] == pytest.approx(said["low"], abs=TOLERANCE)
    assert [high for _, high in bounds] == pytest.approx(said["high"], abs=TOLERANCE)
    p_value = log_rank_p_value(times(said["one"]), times(said["other"]))
    if p_value is None:
        assert said["log_rank_chi_squared"] == 0
    else:
        assert p_value == pytest.approx(said["log_rank_p"], abs=TOLERANCE)


def test_lifelines_says_the_same_medians() -> None:
    """But where rounding puts its share above an exact half: there it names a later day."""
    compared = 0
    for said in SAID_BY_LIFELINES:
        curve = kaplan_meier(times(said["one"]))
        if all(step.share != Fraction(1, 2) for step in curve.steps):
            compared += 1
            assert curve.median_days == said["median"]
        everybody = curve.steps[-1].day if curve.steps and not curve.steps[-1].share else None
        low, high = curve.median_interval_days
        assert low == said["median_low"] or (low is None and said["median_low"] == everybody)
        assert high == said["median_high"] or (high is None and said["median_high"] == everybody)
    assert compared > 150


def test_scipy_says_the_same() -> None:
    chance = random.Random(84)
    compared = 0
    for _ in range(300):
        one, other = random_group(chance), random_group(chance)
        if not any(responded for _, responded in one) or not any(yes for _, yes in other):
            continue
        data = [
            stats.CensoredData.right_censored([d for d, _ in group], [not r for _, r in group])
            for group in (one, other)
        ]
        function = stats.ecdf(data[0]).sf
        curve = kaplan_meier(times(one))
        assert [float(step.share) for step in curve.steps] == pytest.approx(
            list(function.evaluate([step.day for step in curve.steps])), abs=TOLERANCE
        )
        p_value = log_rank_p_value(times(one), times(other))
        if p_value is not None:
            compared += 1
            assert p_value == pytest.approx(stats.logrank(*data).pvalue, abs=TOLERANCE)
    assert compared > 200


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
