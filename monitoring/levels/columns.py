"""Levels and doses as columns, from which levels are assessed.

The columns are those of the tables in `monitoring.levels.tables`, as arrays of numpy; a comparator
and an assay are the places of their values in `Comparator` and `Assay`, or -1 without one. Nothing
here needs pandas: the worklist does not wait for it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from dosing import Age
from dosing.birth_date import last_day
from dosing.knowledge.limits import YOUNG_INFANT_BELOW_MONTHS
from monitoring.levels.last_dose import held_shortly_before, last_dose_conflict
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.level_causes import level_causes
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment import DosingPeriod, ExposureCause, ExposureChange, TreatmentHistory

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from monitoring.levels.timeline import Real, Times, Truth, Whole

NONE = -1
"""The code of a missing comparator or assay."""
_COMPARATORS, _ASSAYS = list(Comparator), list(Assay)
LESS, MORE = map(_COMPARATORS.index, (Comparator.BELOW, Comparator.ABOVE))
"""The codes of the comparators."""
_LONGEST_MONTH_D = 31


@dataclass(frozen=True, slots=True)
class EntryColumns:
    """Columns of one length."""

    patient: "Whole"
    number: "Whole"

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.patient)

    def rows(self, chosen: "Whole | Truth") -> Self:
        """Return some rows, chosen by their places or by marks."""
        columns: dict[str, Any] = {
            each.name: getattr(self, each.name)[chosen] for each in fields(self)
        }
        return type(self)(**columns)


@dataclass(frozen=True, slots=True)
class LevelColumns(EntryColumns):
    """The levels, a row each."""

    sampled_utc: "Times"
    level_ng_ml: "Real"
    comparator: "npt.NDArray[np.int8]"
    last_dose_utc: "Times"
    assay: "npt.NDArray[np.int8]"
    voided: "Truth"
    is_excluded: "Truth"
    is_young: "Truth"
    is_in_question: "Truth"
    """Whether the record contradicts its last dose."""
    is_after_hold: "Truth"
    """Whether doses that it reflects were held shortly before."""

    @classmethod
    def of(cls, records: Iterable[Record]) -> "LevelColumns":
        """Return the levels of these records, voided and excluded ones too."""
        rows = (row for record in records for row in _level_rows(record))
        types = ("i8", "i8", "M8[s]", "f8", "i1", "M8[s]", "i1", "?", "?", "?", "?", "?")
        return cls(*_columns(rows, types))


@dataclass(frozen=True, slots=True)
class DoseColumns(EntryColumns):
    """The doses, a row each."""

    since_utc: "Times"
    until_utc: "Times"
    is_loading: "Truth"
    is_change: "Truth"
    is_restart: "Truth"
    held_since_utc: "Times"
    interval_hours: "Whole"
    target_low_ng_ml: "Real"
    target_high_ng_ml: "Real"
    period: "Whole"

    @classmethod
    def of(cls, records: Iterable[Record]) -> "DoseColumns":
        """Return the active doses of these records."""
        rows = (row for record in records for row in _dose_rows(TreatmentHistory.of(record)))
        types = ("i8", "i8", "M8[s]", "M8[s]", "?", "?", "?", "M8[s]", "i8", "f8", "f8", "i8")
        return cls(*_columns(rows, types))


def _columns(rows: Iterable[tuple[object, ...]], types: Sequence[str]) -> "list[Any]":
    import numpy as np  # noqa: PLC0415 - heavy

    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    return [np.array(column, dtype=kind) for column, kind in zip(columns, types, strict=True)]


def _level_rows(record: Record) -> Iterator[tuple[object, ...]]:
    levels = record.of(Level)
    causes = level_causes(record) if levels else {}
    born, history = record.patient.entry.born, TreatmentHistory.of(record)
    is_plain = not history.not_given and not history.may_be_unanswered
    for each in levels:
        level, cause = each.entry, causes.get(each.number)
        is_in_question = not is_plain and last_dose_conflict(history, level) is not None
        is_after_hold = not is_plain and any(held_shortly_before(history, level))
        yield (
            *_level_row(each),
            not each.is_active,
            cause is not None and cause.entry.is_excluded,
            _is_young(born, level.sampled.local.date()),
            is_in_question,
            is_after_hold and not is_in_question,
        )


def _is_young(born: date, day: date) -> bool:
    """Return whether somebody is a young infant; the months of others are not worked out."""
    below = YOUNG_INFANT_BELOW_MONTHS
    is_near = (day - last_day(born)).days < below * _LONGEST_MONTH_D
    return is_near and Age.between(born, day).months < below


def _level_row(recorded: StoredEntry[Level]) -> tuple[object, ...]:
    level = recorded.entry
    return (
        recorded.patient,
        recorded.number,
        _utc(level.sampled),
        float(level.value.value),
        _COMPARATORS.index(level.comparator) if level.comparator else NONE,
        _utc(level.last_dose),
        _ASSAYS.index(level.assay) if level.assay else NONE,
    )


def _dose_rows(history: TreatmentHistory) -> Iterator[tuple[object, ...]]:
    held, changed = _held(history), _changed(history)
    number = 0
    before: DosingPeriod | None = None
    pieces = {**held, **{at: each.at for at, each in changed.items()}}
    moments = sorted(pieces.values(), key=lambda each: each.utc)
    times = [each.utc for each in moments]
    for period in history.periods:
        began = period.since.utc
        goes_on = before and before.until and before.until.utc == began
        is_alike = goes_on and before and _target(before) == _target(period)
        number += not is_alike or began in held
        before = period
        ends = len(times) if period.until is None else bisect_left(times, period.until.utc)
        cuts = moments[bisect_right(times, began) : ends]
        for start, until in zip((period.since, *cuts), (*cuts, period.until), strict=True):
            is_cut = start.utc != began
            number += is_cut and start.utc in held
            change, hold = changed.get(start.utc), history.hold_at(start)
            piece = _Piece(
                is_change=change is not None or (period.is_change and not is_cut),
                is_restart=change is not None and change.cause is ExposureCause.RESTART,
                held_since=hold.at if hold else None,
                period=number,
            )
            yield _dose_row(period.prescription, start, until, piece)
    for loading in history.loading_doses:
        yield _dose_row(loading, loading.entry.since, None, _Piece())


def _changed(history: TreatmentHistory) -> dict[datetime, ExposureChange]:
    """Return the changes of exposure but for loads, by their time in UTC; a restart first."""
    found = [each for each in history.exposure_changes if each.cause is not ExposureCause.LOADING]
    ordered = sorted(found, key=lambda each: each.cause is ExposureCause.RESTART)
    return {each.at.utc: each for each in ordered}


def _held(history: TreatmentHistory) -> dict[datetime, Moment]:
    """Return the beginnings and ends of held doses, by their time in UTC."""
    return {each.utc: each for hold in history.holds for each in (hold.at, hold.until) if each}


def _target(period: DosingPeriod) -> object:
    return period.prescription.entry.assessed_target


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A part of a dosing period in which nothing changes."""

    is_change: bool = False
    is_restart: bool = False
    held_since: Moment | None = None
    period: int = 0


def _dose_row(
    recorded: StoredEntry[Prescription], since: Moment, until: Moment | None, piece: _Piece
) -> tuple[object, ...]:
    dose = recorded.entry
    low = dose.assessed_target.low_ng_ml
    return (
        recorded.patient,
        recorded.number,
        _utc(since),
        _utc(until),
        dose.loading,
        piece.is_change,
        piece.is_restart,
        _utc(piece.held_since),
        dose.interval_hours,
        None if low is None else float(low),
        float(dose.target.high_ng_ml),
        piece.period,
    )


def _utc(moment: Moment | None) -> datetime | None:
    return moment.utc.replace(tzinfo=None) if moment else None
