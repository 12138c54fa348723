"""Kaplan and Meier's curve, its median, and the log-rank test, for the time to response.

The curve is the share of patients who have not responded yet. Shares are exact fractions: a half is
a half. The interval of a share is Greenwood's on the log(-log) scale, 95 %, which stays between 0
and 1. The formula gives none while nobody has responded, or once everybody has.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

from monitoring.response.time_to_response import TimeToResponse

_Z_95_PERCENT = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalStep:
    """One day of the curve: the patients still followed, and those who responded."""

    day: int
    at_risk: int
    responded: int
    share: Fraction
    """The share of all patients without a response by the end of the day."""
    interval: tuple[float, float] | None
    """The 95 % interval of the share."""


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The steps of the curve, one for each day with a response."""

    patients: int
    responded: int
    steps: tuple[SurvivalStep, ...]
    followed: tuple[int, ...]
    """The last day of follow-up of each patient, with or without a response, sorted."""

    def at_risk(self, day: int) -> int:
        """Return the number followed on a day and without a response before it."""
        return _followed_until(self.followed, day)

    @property
    def median_days(self) -> int | None:
        """The first day by which half have responded, or None if not reached."""
        return self._first_day(lambda step: step.share <= Fraction(1, 2))

    @property
    def median_interval_days(self) -> tuple[int | None, int | None]:
        """The 95 % interval of the median, at the days on which the curve's interval passes a half.

        An end is None if not reached.
        """
        return self._first_day_below_half(0), self._first_day_below_half(1)

    def _first_day_below_half(self, end: int) -> int | None:
        return self._first_day(lambda step: step.interval is not None and step.interval[end] <= 0.5)

    def _first_day(self, holds: Callable[[SurvivalStep], bool]) -> int | None:
        return next((step.day for step in self.steps if holds(step)), None)


def kaplan_meier(times: Sequence[TimeToResponse]) -> SurvivalCurve:
    """Return the curve of these patients.

    A patient followed until a day is still followed on that day.

    >>> curve = kaplan_meier([TimeToResponse(7, True), TimeToResponse(14, True)])
    >>> curve.median_days
    7
    """
    share, greenwood, steps = Fraction(1), Fraction(0), []
    followed, responses = _days(times), _responses(times)
    for day, responded in sorted(responses.items()):
        at_risk = _followed_until(followed, day)
        share *= Fraction(at_risk - responded, at_risk)
        if share:
            greenwood += Fraction(responded, at_risk * (at_risk - responded))
        steps.append(
            SurvivalStep(
                day=day,
                at_risk=at_risk,
                responded=responded,
                share=share,
                interval=_interval(float(share), math.sqrt(greenwood)) if share else None,
            )
        )
    return SurvivalCurve(
        len(times), sum(each.responded for each in times), tuple(steps), tuple(followed)
    )


def _days(times: Iterable[TimeToResponse]) -> list[int]:
    """Return the last days of follow-up, sorted."""
    return sorted(each.days for each in times)


def _followed_until(days: Sequence[int], day: int) -> int:
    return len(days) - bisect_left(days, day)


def _responses(times: Iterable[TimeToResponse]) -> Counter[int]:
    """Return the number of responses on each day."""
    return Counter(each.days for each in times if each.responded)


def _interval(share: float, root_of_greenwood: float) -> tuple[float, float]:
    spread = _Z_95_PERCENT * root_of_greenwood / math.log(share)  # below zero
    return share ** math.exp(-spread), share ** math.exp(spread)


def log_rank_p_value(
    one: Sequence[TimeToResponse], other: Sequence[TimeToResponse]
) -> float | None:
    """Return the p value of the log-rank test that two groups respond alike.

    From the chi-squared distribution with one degree of freedom. None without a response while both
    groups were followed.
    """
    difference, variance = 0.0, 0.0
    days_of_one, days_of_other = _days(one), _days(other)
    in_one, in_both = _responses(one), _responses([*one, *other])
    for day, responded in in_both.items():
        ones = _followed_until(days_of_one, day)
        others = _followed_until(days_of_other, day)
        at_risk = ones + others
        difference += in_one[day] - responded * ones / at_risk
        if at_risk > 1:
            left = (at_risk - responded) / (at_risk - 1)
            variance += responded * (ones / at_risk) * (others / at_risk) * left
    return math.erfc(abs(difference) / math.sqrt(2 * variance)) if variance else None
