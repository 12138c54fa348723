"""The rules of therapeutic drug monitoring: the figures by which a level is assessed, in one table.

Most are proposed (see `docs/clinical-basis.md`): a clinic that wants others changes the rows here.
The label has those of a changed dose and of a loading dose (clinical reference, section 6).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from dosing.alerts import AlertRow
from dosing.knowledge.alert_catalogue import LEVEL_HIGH_CAUTION, LEVEL_HIGH_NOTE, LEVEL_HIGH_URGENT
from dosing.knowledge.references import PROPOSED

_Figure = TypeVar("_Figure", int, Decimal)


@dataclass(frozen=True, slots=True)
class LevelRule(Generic[_Figure]):
    """One figure with its unit, its meaning and its source."""

    value: _Figure
    unit: str
    meaning: str
    source: str

    def __str__(self) -> str:
        """Return the figure with its unit."""
        return f"{self.value} {self.unit}"


TROUGH_WINDOW = LevelRule(
    2,
    "hours in 12",
    "a trough is sampled within so many of the next due dose: 10-14 hours after a dose every 12 "
    "hours, 20-28 hours after a daily dose",
    PROPOSED,
)
STEADY_STATE_NOT_BEFORE = LevelRule(
    7, "days", "earlier after a dose change a level is not at steady state", "us-label"
)
STEADY_STATE_SURELY_FROM = LevelRule(
    14, "days", "so long after a dose change a level is at steady state", "us-label"
)
AFTER_LOADING_FROM = LevelRule(
    3, "days", "so long after a change with a loading dose a level is at steady state", "us-label"
)
LOADED_WITH_CHANGE = LevelRule(
    24, "hours", "a loading dose within so many of a change belongs to it", PROPOSED
)
FAR_TOO_EARLY = LevelRule(
    3,
    "days",
    "earlier after a change or a loading dose a level does not reflect the dose",
    PROPOSED,
)
RESTART_AFTER = LevelRule(
    3, "days", "doses not given for so long make the next one a restart", PROPOSED
)
VALUE_COUNTS_FOR = LevelRule(
    90, "days", "a laboratory value counts until the next one, at most so long", PROPOSED
)
FORMER_DOSE_WITHIN = LevelRule(
    90,
    "days",
    "so long after a hold or a drug that changes exposure ended, its former dose is known",
    PROPOSED,
)
DAY_REACHED_BEFORE = LevelRule(
    4,
    "hours",
    "a trough is sampled before a dose, and a change begins with one: a day after the change "
    "counts as complete so many hours early; not under 7 months of age, nor after a restart or a "
    "loading dose",
    PROPOSED,
)
JUMP = LevelRule(
    3,
    "times",
    "more than so many times the last level does not fit; on the same dose, a level that the last "
    "one is more than so many times does not fit either",
    PROPOSED,
)
MISFIT_ABOVE_TOP = LevelRule(
    2, "times", "more than so many times the upper end of its target a level does not fit", PROPOSED
)
PEAK_WITHIN = LevelRule(
    6,
    "hours",
    "a sample so soon after a dose, and no trough, is a peak: it is not held against the limits "
    "of a trough",
    PROPOSED,
)
NOT_GIVEN_WITHIN = LevelRule(
    7, "days", "doses missed or held within so many before the level are a caution", PROPOSED
)
DRUG_CHANGED_WITHIN = LevelRule(
    14,
    "days",
    "a drug that may change the level, started or stopped later than that, is a caution",
    PROPOSED,
)
LARGEST_GAP = LevelRule(
    60, "days", "two levels farther apart are not connected for the time in range", PROPOSED
)
FEWEST_FOR_VARIATION = LevelRule(
    3, "levels", "the spread of fewer levels is not shown", PROPOSED
)  # fmt: skip
DRUG_JUST_CHANGED = LevelRule(
    7, "days", "no dose if a drug that may change the level was changed later than that", PROPOSED
)
OLDEST_TO_ADJUST = LevelRule(60, "days", "no dose is calculated from an older level", PROPOSED)
LARGEST_FACTOR = LevelRule(
    Decimal("1.5"),
    "times",
    "a level never suggests more than so many times the dose, without a documented reason",
    PROPOSED,
)
LOADING_FACTOR = LevelRule(
    3, "times", "a loading dose is so many times the rise of the daily dose", "us-label"
)


def is_reached(days: float, rule: LevelRule[int], *, at_its_hour: bool = False) -> bool:
    """Return whether the days after a change reach the days of a rule.

    `at_its_hour` is true where a day counts only when its last hour is over.

    >>> is_reached(6 + 20 / 24, STEADY_STATE_NOT_BEFORE)
    True
    >>> is_reached(6 + 20 / 24, STEADY_STATE_NOT_BEFORE, at_its_hour=True)
    False
    """
    early = 0 if at_its_hour else DAY_REACHED_BEFORE.value
    return days * 24 >= rule.value * 24 - early


@dataclass(frozen=True, slots=True)
class HighLevel:
    """The level above which an alert is raised, whatever the target."""

    above: LevelRule[int]
    row: AlertRow


def _high(above_ng_ml: int, row: AlertRow) -> HighLevel:
    meaning = f"a level above it, evaluable or not, gives an alert: {row.kind.word}"
    return HighLevel(LevelRule(above_ng_ml, "ng/mL", meaning, row.source), row)


HIGH_LEVELS = (
    _high(30, LEVEL_HIGH_URGENT),
    _high(20, LEVEL_HIGH_CAUTION),
    _high(15, LEVEL_HIGH_NOTE),
)
"""The strongest first."""
HOLDING_CONSIDERED_ABOVE = HIGH_LEVELS[0].above
MISFIT_ABOVE = HIGH_LEVELS[1].above
"""A level above it does not fit, whatever the target."""

LEVEL_RULES: tuple[LevelRule[int] | LevelRule[Decimal], ...] = (
    TROUGH_WINDOW,
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
    AFTER_LOADING_FROM,
    LOADED_WITH_CHANGE,
    FAR_TOO_EARLY,
    RESTART_AFTER,
    FORMER_DOSE_WITHIN,
    VALUE_COUNTS_FOR,
    DAY_REACHED_BEFORE,
    *(row.above for row in reversed(HIGH_LEVELS)),
    JUMP,
    MISFIT_ABOVE_TOP,
    PEAK_WITHIN,
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
