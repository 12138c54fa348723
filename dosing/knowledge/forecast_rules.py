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
COVARIATE_COUNTS_FOR = _rule(
    90, "days", "a laboratory value that a model needs counts so long before and after its day"
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
LEVELS_TO_VARY = _rule(3, "levels", "fewer do not show that they vary more than a model expects")
VARIES_MORE = _rule(
    1, "patient in 100", "levels vary more than a model expects if fewer of its patients' do"
)
NEXT_SAMPLE_WITHIN = _rule(
    7, "days", "the trough that would narrow the band most is looked for among those to come"
)
HAEMATOCRIT_WITHIN = _rule(
    14, "days", "a haematocrit is shown beside a level that was sampled so near to it"
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
    COVARIATE_COUNTS_FOR,
    FARTHEST,
    UNUSUAL,
    MODELS_DISAGREE,
    OCCAMS_WINDOW,
    LEVELS_TO_VARY,
    VARIES_MORE,
    NEXT_SAMPLE_WITHIN,
    HAEMATOCRIT_WITHIN,
    APPROXIMATION_ROUGH,
    SMALLEST_DOSE,
    WORTH_A_CHANGE,
    ABOVE_COUNTS,
)
