"""A forecast in words, the same on screen, page and paper: intervals before single figures."""

from dosing.kinetics import Disposition, DoseOutcome, Recommendation

BAND_WORDS = (
    "Intervals hold 90 of 100 true troughs by the model: what the parameters leave open. A "
    "measured level scatters more, by the assay and the day. Chances are those of a measured level."
)
_NEIGHBOURS = 3


def interval(low: float, high: float, value: float) -> str:
    """Return an interval of levels and the most probable one.

    >>> interval(7.04, 12.96, 9.5)
    '7.0-13.0 ng/mL, most probably 9.5 ng/mL'
    """
    return f"{low:.1f}-{high:.1f} ng/mL, most probably {value:.1f} ng/mL"


def chances(outcome: DoseOutcome) -> str:
    """Return the chances of the target in whole percent."""
    return (
        f"within {outcome.within * 100:.0f} %, below {outcome.below * 100:.0f} %, above "
        f"{outcome.above * 100:.0f} %"
    )


def clearance(patient: Disposition) -> str:
    """Return the clearance with its interval, beside the population's."""
    own = patient.clearance_l_h
    return (
        f"{own.low:.1f}-{own.high:.1f} L/h, most probably {own.value:.2f} L/h; typical of this "
        f"size {patient.population_clearance_l_h:.2f} L/h"
    )


def half_life(patient: Disposition) -> str:
    """Return the half-life beside the population's."""
    return (
        f"{patient.half_life_h:.0f} hours; typical of this size "
        f"{patient.population_half_life_h:.0f} hours"
    )


def steady_state(patient: Disposition) -> str:
    """Return how long a new dose takes to steady state."""
    return f"about {patient.days_to_steady_state:.0f} days after a change (95 % of the way)"


def outcomes_worth_showing(recommendation: Recommendation | None) -> tuple[DoseOutcome, ...]:
    """Return the current dose, the chosen one and some on either side of it, by the dose."""
    if recommendation is None:
        return ()
    outcomes = recommendation.outcomes
    chosen = recommendation.chosen or recommendation.current
    place = outcomes.index(chosen)
    step = max(1, len(outcomes) // 12)
    places = {place + step * off for off in range(-_NEIGHBOURS, _NEIGHBOURS + 1)}
    places |= {outcomes.index(recommendation.current)}
    return tuple(outcomes[each] for each in sorted(places) if 0 <= each < len(outcomes))
