"""The prediction-corrected predictive check by a second way: one level and one bin at a time."""

import random
from statistics import median

import numpy as np
import pytest

from dosing.evaluation.predictive_check import SimulatedPatient, predictive_check

Level = tuple[float, float, float, list[float]]
"""Days, observed, typical, simulated."""


def percentile(values: list[float], part: float) -> float:
    """Return a percentile by linear interpolation between the ordered values."""
    ordered = sorted(values)
    place = part / 100 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def drawn(patients: int, levels: int, repeats: int) -> list[list[Level]]:
    draw = random.Random(patients)
    return [
        [
            (
                draw.uniform(1, 200), draw.uniform(2, 20), draw.uniform(4, 14),
                [draw.uniform(1, 25) for _ in range(repeats)],
            )
            for _ in range(levels)
        ]
        for _ in range(patients)
    ]  # fmt: skip


def simulated(patients: list[list[Level]]) -> list[SimulatedPatient]:
    return [
        SimulatedPatient(
            days=np.array([each[0] for each in levels]),
            observed=np.array([each[1] for each in levels]),
            typical=np.array([each[2] for each in levels]),
            simulated=np.array([each[3] for each in levels]).T,
        )
        for levels in patients
    ]


def test_each_bin_is_that_of_the_second_way() -> None:
    patients = drawn(17, 3, 40)
    everything = sorted(level for levels in patients for level in levels)
    found = predictive_check(simulated(patients))
    assert [each.n for each in found] == [11, 10, 10, 10, 10]  # 51 levels
    begin = 0
    for each in found:
        inside = everything[begin : begin + each.n]
        begin += each.n
        assert (each.days_from, each.days_to) == (inside[0][0], inside[-1][0])
        middle = median(level[2] for level in inside)
        ours = [level[1] * middle / level[2] for level in inside]
        repeats = [[level[3][k] * middle / level[2] for level in inside] for k in range(40)]
        for checked in each.percentiles:
            theirs = [percentile(repeat, checked.percentile) for repeat in repeats]
            assert checked.observed_ng_ml == pytest.approx(percentile(ours, checked.percentile))
            assert checked.simulated_ng_ml == pytest.approx(median(theirs))
            assert checked.low_ng_ml == pytest.approx(percentile(theirs, 2.5))
            assert checked.high_ng_ml == pytest.approx(percentile(theirs, 97.5))


@pytest.mark.parametrize(
    ("levels", "bins"), [(1, 1), (19, 1), (20, 2), (21, 2), (59, 5), (60, 6), (600, 6)]
)
def test_a_bin_has_ten_levels_at_least_unless_there_are_fewer(levels: int, bins: int) -> None:
    assert len(predictive_check(simulated(drawn(levels, 1, 3)))) == bins


def test_without_levels_there_is_no_bin() -> None:
    assert predictive_check([]) == ()


def test_twice_the_dose_is_corrected() -> None:
    """A patient on twice the dose has twice the level and twice the prediction: one percentile."""
    repeats = np.full((5, 1), 8.0)
    one = SimulatedPatient(np.array([10.0]), np.array([9.0]), np.array([8.0]), repeats)
    two = SimulatedPatient(np.array([10.0]), np.array([18.0]), np.array([16.0]), 2 * repeats)
    (found,) = predictive_check([one, two])
    assert {round(each.observed_ng_ml, 9) for each in found.percentiles} == {13.5}
    assert {round(each.simulated_ng_ml, 9) for each in found.percentiles} == {12.0}
