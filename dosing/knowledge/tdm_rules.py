"""The figures by which a level is judged, in one table.

Most are proposed (see `docs/clinical-basis.md`): a clinic that wants others changes the rows here.
The label's are those of a dose that was changed and of a loading dose (clinical reference,
section 6).
"""

from dataclasses import dataclass

from dosing.alerts import AlertRow
from dosing.knowledge.alert_catalogue import LEVEL_HIGH_CAUTION, LEVEL_HIGH_NOTE, LEVEL_HIGH_URGENT
from dosing.knowledge.references import PROPOSED


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One figure, its unit, what it decides, and its source."""

    value: int
    unit: str
    meaning: str
    source: str

    def __str__(self) -> str:
        """Return the figure with its unit."""
        return f"{self.value} {self.unit}"


TROUGH_WINDOW = LevelRule(
    2,
    "hours in 12",
    "a trough is sampled so near to when the next dose is due: 10-14 hours after a dose every 12 "
    "hours, 20-28 hours after a daily one",
    PROPOSED,
)
STEADY_STATE_NOT_BEFORE = LevelRule(
    7, "days", "before so long after a change of the dose it is not at steady state", "us-label"
)
STEADY_STATE_SURELY_FROM = LevelRule(
    14, "days", "from so long after a change of the dose on it is at steady state", "us-label"
)
AFTER_LOADING_FROM = LevelRule(
    3, "days", "from so long after a loading dose given with the change on it is", "us-label"
)
LOADED_WITH_CHANGE = LevelRule(
    24, "hours", "a loading dose so near to a change was given with it", PROPOSED
)
FAR_TOO_EARLY = LevelRule(
    3, "days", "before so long after a change or a loading dose it says nothing", PROPOSED
)
DAY_REACHED_BEFORE = LevelRule(
    4,
    "hours",
    "a trough is sampled before a dose and a change begins with one: a day after the change counts "
    "as reached so long before its hour",
    PROPOSED,
)
JUMP = LevelRule(3, "times", "more than so many times the last level is asked about", PROPOSED)
NOT_GIVEN_WITHIN = LevelRule(
    7, "days", "doses missed or held so shortly before the level are told", PROPOSED
)
DRUG_CHANGED_WITHIN = LevelRule(
    14,
    "days",
    "a drug that may change the level, begun or ended more shortly ago, is told",
    PROPOSED,
)
LARGEST_GAP = LevelRule(
    60, "days", "two levels further apart are not joined for the time in range", PROPOSED
)
FEWEST_FOR_VARIATION = LevelRule(
    3, "levels", "the spread of fewer levels is not told", PROPOSED
)  # fmt: skip
DRUG_JUST_CHANGED = LevelRule(
    7, "days", "a drug that may change the level, changed more shortly before: no dose", PROPOSED
)
OLDEST_TO_ADJUST = LevelRule(60, "days", "from an older level no dose is worked out", PROPOSED)
LARGEST_FACTOR = LevelRule(
    2, "times", "more than so many times the dose is not suggested by a level", PROPOSED
)
LOADING_FACTOR = LevelRule(
    3, "times", "a loading dose is so many times the rise of the daily dose", "us-label"
)


def is_reached(days: float, rule: LevelRule) -> bool:
    """Return whether so many days after a change reach the days of a rule.

    >>> is_reached(6 + 20 / 24, STEADY_STATE_NOT_BEFORE)
    True
    """
    return days * 24 >= rule.value * 24 - DAY_REACHED_BEFORE.value


@dataclass(frozen=True, slots=True)
class HighLevel:
    """From above which level on which alert is raised, whatever the target."""

    above: LevelRule
    row: AlertRow


def _high(above_ng_ml: int, row: AlertRow) -> HighLevel:
    meaning = f"a level above it, even one that does not count, is told: {row.kind.word}"
    return HighLevel(LevelRule(above_ng_ml, "ng/mL", meaning, row.source), row)


HIGH_LEVELS = (
    _high(30, LEVEL_HIGH_URGENT),
    _high(20, LEVEL_HIGH_CAUTION),
    _high(15, LEVEL_HIGH_NOTE),
)
"""The strongest first."""
HOLDING_CONSIDERED_ABOVE = HIGH_LEVELS[0].above

LEVEL_RULES = (
    TROUGH_WINDOW,
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
    AFTER_LOADING_FROM,
    LOADED_WITH_CHANGE,
    FAR_TOO_EARLY,
    DAY_REACHED_BEFORE,
    *(row.above for row in reversed(HIGH_LEVELS)),
    JUMP,
    NOT_GIVEN_WITHIN,
    DRUG_CHANGED_WITHIN,
    LARGEST_GAP,
    FEWEST_FOR_VARIATION,
    DRUG_JUST_CHANGED,
    OLDEST_TO_ADJUST,
    LARGEST_FACTOR,
    LOADING_FACTOR,
)

ASSAYS_SOURCE = "proficiency-scheme"
ASSAYS_DIFFER = "CMIA reads 22 ± 12 % above LC-MS/MS, EMIT more"
"""Clinical reference, section 6; a level is never converted from one assay to another."""
