"""The patients of an evaluation: each level with what was known before it, for each model."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.objective import MeasuredLevel

NOT_RECORDED = "not recorded"


class Grouping(Enum):
    """A way to group the levels; the value is its key in JSON."""

    ORDER = "by_level_order"
    AGE = "by_age_band"
    PRODUCT = "by_product"
    ASSAY = "by_assay"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedLevel:
    """A measured level to be predicted: its value is known, never a bound.

    `history` and `earlier` are those known before it. The baselines are None where the level before
    is not a value, or the dose of one of the two is unknown: then no prediction from earlier levels
    is compared.
    """

    number: int
    """It identifies the level among those of the patient, whatever the model."""
    order: int
    """1 for the first level of the patient."""
    at_h: float
    ng_ml: float
    history: DosingHistory
    earlier: tuple[MeasuredLevel, ...] = ()
    last_level_ng_ml: float | None = None
    label_ng_ml: float | None = None
    groups: Mapping[Grouping, str]

    @property
    def is_compared(self) -> bool:
        """Return whether it is predicted from earlier levels, beside both baselines."""
        return bool(self.earlier) and None not in {self.last_level_ng_ml, self.label_ng_ml}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedSubject:
    """A patient as one model sees it.

    `history` and `whole` are the doses up to the last level, and all levels on it: for the random
    effects and the simulations.
    """

    levels: tuple[EvaluatedLevel, ...]
    history: DosingHistory
    whole: tuple[MeasuredLevel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEvaluated:
    """The reason why levels, or a whole patient, are not evaluated by one model, or by all."""

    reason: str
    levels: int
    model: str | None = None
    """The key of the model; None where it is for all."""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySubject:
    """A patient under each model that applies, by its key; the others are left out."""

    of_models: Mapping[str, EvaluatedSubject]
    left_out: tuple[NotEvaluated, ...] = ()
