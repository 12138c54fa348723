"""Levels that do not fit: far from the last one on the same dose, or far too high.

The cause of such a level is asked once; until it is recorded, no proportional dose is calculated.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from dosing.knowledge.tdm_rules import JUMP, MISFIT_ABOVE, MISFIT_ABOVE_TOP
from monitoring.levels.columns import LESS, MORE, NONE, LevelColumns
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Level

if TYPE_CHECKING:
    from monitoring.levels.timeline import Real, Truth, Whole

_ROUNDING = 1 + 1e-12
"""Levels are decimals and columns are floats: what differs less is equal."""


class MisfitReason(Enum):
    """The reason why a level does not fit."""

    THREE_TIMES = "three-times"
    A_THIRD = "a-third"
    ABOVE_20 = "above-20"
    TWICE_THE_TOP = "twice-the-top"
    OUTSIDE_MODEL = "outside-model"
    """Found by the recommendation, which knows the model."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A level that does not fit: the reason, and the level with which it was compared."""

    why: MisfitReason
    compared: StoredEntry[Level] | None = None
    """The last level on the same dose; None where the level alone is the reason."""


REASONS = tuple(MisfitReason)
"""The meaning of each code of a column of misfits; `NONE` is a level that fits."""
_THREE_TIMES, _A_THIRD, _ABOVE_20, _TWICE_THE_TOP, _ = range(len(REASONS))


def misfits(
    levels: LevelColumns,
    *,
    is_judged: "Truth",
    is_comparable: "Truth",
    exposure: "Whole",
    top_ng_ml: "Real",
) -> "tuple[Whole, Whole]":
    """Return the code of each level's misfit, and the row it was compared with; else `NONE`.

    The levels are sorted by patient and time. Of the comparable ones, each is compared with the
    last of the same exposure. A censored level does not fit only if that is certain.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    value, sign = levels.level_ng_ml, levels.comparator
    why = np.full(len(levels), NONE, dtype="int8")
    compared = np.full(len(levels), NONE)
    # The strongest reason last: it replaces the others.
    for limit, reason in (
        (MISFIT_ABOVE_TOP.value * top_ng_ml, _TWICE_THE_TOP),
        (np.full(len(levels), float(MISFIT_ABOVE.value)), _ABOVE_20),
    ):
        is_above = (sign != LESS) & _is_more(value, limit, is_open=sign == MORE)
        why[is_judged & is_above] = reason

    rows = np.flatnonzero(is_judged & is_comparable)
    one, other = rows[:-1], rows[1:]
    is_same = exposure[one] == exposure[other]
    one, other = one[is_same], other[is_same]
    is_open = (sign[one] != NONE) | (sign[other] != NONE)
    is_more = (sign[other] != LESS) & (sign[one] != MORE)
    is_more &= _is_more(value[other], JUMP.value * value[one], is_open=is_open)
    is_less = (sign[other] != MORE) & (sign[one] != LESS)
    is_less &= _is_more(value[one], JUMP.value * value[other], is_open=is_open)
    for found, reason in ((is_more, _THREE_TIMES), (is_less, _A_THIRD)):
        why[other[found]] = reason
        compared[other[found]] = one[found]
    return why, compared


def _is_more(value: "Real", limit: "Real", *, is_open: "Truth") -> "Truth":
    """Return whether a value is more than a limit, or if it is open surely more."""
    import numpy as np  # noqa: PLC0415 - heavy

    return np.where(is_open, value * _ROUNDING >= limit, value > limit * _ROUNDING)
