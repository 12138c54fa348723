"""The figures by which a forecast is made and judged, in one table; all proposed.

A clinic that wants others changes the rows here (see `docs/clinical-basis.md`).
"""

from dosing.knowledge.references import PROPOSED
from dosing.knowledge.tdm_rules import LevelRule


def _rule(value: int, unit: str, meaning: str) -> LevelRule:
    return LevelRule(value, unit, meaning, PROPOSED)


OLDEST_USED = _rule(
    365, "days", "older levels are left out: a child's clearance changes by more than its weight"
)
FORGOTTEN_AFTER = _rule(
    60, "days", "a gap in the doses that ended so long before the first level used is forgotten"
)
FARTHEST = _rule(
    4, "standard deviations", "a random effect farther from the population gives no dose"
)
UNUSUAL = _rule(
    1, "level in 100", "a level that lies among fewer at an end of the population is asked about"
)
MODELS_DISAGREE = _rule(
    30, "%", "where the troughs of two models lie farther apart that is told"
)  # fmt: skip
APPROXIMATION_ROUGH = _rule(
    20, "%", "where the normal approximation of the clearance's interval is farther off, it is told"
)
SMALLEST_DOSE = _rule(
    40, "% of the dose", "no smaller one is looked at: below it the limits ask for caution"
)
WORTH_A_CHANGE = _rule(
    10, "points of chance", "another dose is recommended only where it gains as much"
)

FORECAST_RULES = (
    OLDEST_USED,
    FORGOTTEN_AFTER,
    FARTHEST,
    UNUSUAL,
    MODELS_DISAGREE,
    APPROXIMATION_ROUGH,
    SMALLEST_DOSE,
    WORTH_A_CHANGE,
)
