"""The assessments of the levels, as the checks need them: numbers in the whole store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitoring.levels.assess_columns import assess_columns
from monitoring.levels.columns import DoseColumns, LevelColumns
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.levels.misfit import REASONS, MisfitReason
from monitoring.record.entries import Record

_JUMPS = {MisfitReason.THREE_TIMES, MisfitReason.A_THIRD}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLevels:
    """The numbers of the levels of each kind; a level may be of several."""

    evaluable: frozenset[int]
    troughs: frozenset[int]
    """In use and at the time of a trough, even before the steady state."""
    peaks: frozenset[int]
    jumps: Mapping[int, MisfitReason]
    """Three times, or a third of, the last on the same dose."""

    @classmethod
    def of(cls, levels: Iterable[LevelAssessment]) -> "KnownLevels":
        """Return what these assessments say."""
        known = tuple(levels)
        return cls(
            evaluable=frozenset(each.level.number for each in known if each.is_evaluable),
            troughs=frozenset(
                each.level.number for each in known if each.is_in_use and each.is_trough
            ),
            peaks=frozenset(each.level.number for each in known if each.is_peak),
            jumps={
                each.level.number: each.misfit.why
                for each in known
                if each.misfit and each.misfit.why in _JUMPS
            },
        )

    @classmethod
    def of_records(cls, records: Sequence[Record]) -> "KnownLevels":
        """Return what the levels of these records say, all assessed together."""
        levels = LevelColumns.of(records)
        found = assess_columns(levels, DoseColumns.of(records))
        if found.order is not None:
            levels = levels.rows(found.order)
        numbers = levels.number
        is_trough = found.is_trough & found.has_interval & ~levels.voided & ~levels.is_excluded
        reasons = [REASONS.index(each) for each in _JUMPS]
        jumps = (found.misfit == reasons[0]) | (found.misfit == reasons[1])
        return cls(
            evaluable=frozenset(numbers[found.is_evaluable].tolist()),
            troughs=frozenset(numbers[is_trough].tolist()),
            peaks=frozenset(numbers[found.is_peak].tolist()),
            jumps={
                number: REASONS[code]
                for number, code in zip(
                    numbers[jumps].tolist(), found.misfit[jumps].tolist(), strict=True
                )
            },
        )
