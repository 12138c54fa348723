"""The figures of a forecast, in one table; all proposed.

A clinic that wants others changes the rows here (see `docs/clinical-basis.md`).
"""

from dosing.knowledge.references import PROPOSED
from dosing.knowledge.tdm_rules import LevelRule


def _rule(value: int, unit: str, meaning: str) -> LevelRule[int]:
    return LevelRule(value, unit, meaning, PROPOSED)


OLDEST_USED = _rule(
    365, "days", "older levels are not used: a child's clearance changes by more than weight"
)
FORGOTTEN_AFTER = _rule(
    60, "days", "a gap in the doses that ended so long before the first level used is ignored"
)
FARTHEST = _rule(4, "standard deviations", "beyond so many from the population there is no dose")
UNUSUAL = _rule(
    1, "level in 100", "a level among fewer at an end of the population is called unusual"
)
MODELS_DISAGREE = _rule(
    30, "%", "where the models differ by more on the current dose, they give no dose"
)  # fmt: skip
OCCAMS_WINDOW = _rule(
    20, "times", "a model so many times less probable than the best one does not count in that"
)
APPROXIMATION_ROUGH = _rule(
    20, "%", "a larger error of the normal approximation of the clearance interval is a note"
)
SMALLEST_DOSE = _rule(
    40, "% of the dose", "no smaller dose is a candidate: below it the limits ask for caution"
)
WORTH_A_CHANGE = _rule(
    10, "points", "another dose is recommended only for so much more target attainment"
)
ABOVE_COUNTS = _rule(2, "times", "a level above the target counts so many times one below it")

FORECAST_RULES = (
    OLDEST_USED,
    FORGOTTEN_AFTER,
    FARTHEST,
    UNUSUAL,
    MODELS_DISAGREE,
    OCCAMS_WINDOW,
    APPROXIMATION_ROUGH,
    SMALLEST_DOSE,
    WORTH_A_CHANGE,
    ABOVE_COUNTS,
)
