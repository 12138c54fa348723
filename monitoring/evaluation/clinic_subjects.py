"""The patients of a clinic, for an evaluation: each level with the record as it was known then.

A level is predicted only where the program would have given a forecast at that moment. The
baselines are the last level again, and the label's arithmetic (that level × the new dose / the old
one).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from dosing import Age
from dosing.evaluation.subjects import (
    NOT_RECORDED,
    EvaluatedLevel,
    EvaluatedSubject,
    Grouping,
    LeftOut,
    Subject,
)
from dosing.knowledge.age_bands import age_band
from dosing.pharmacokinetics import MeasuredLevel, Model
from monitoring.recommendation.forecast.fitting import FitInput, fit_input
from monitoring.recommendation.forecast.known_before import known_at
from monitoring.recommendation.forecast.preconditions import levels_used, preconditions
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.treatment import TreatmentHistory

IS_BOUND = "the level is a bound"
NOT_USED = "a forecast does not use the level: excluded, too old, or before a change"
NO_FORECAST = "no forecast at that moment"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Target:
    """A level to be predicted, and the record as it was known then."""

    level: StoredEntry[Level]
    order: int
    history: TreatmentHistory
    earlier: tuple[StoredEntry[Level], ...]


def clinic_subjects(records: Iterable[Record], models: Sequence[Model]) -> Iterator[Subject]:
    """Yield the patients of some records that have a level."""
    return (clinic_subject(record, models) for record in records if record.active(Level))


def clinic_subject(record: Record, models: Sequence[Model]) -> Subject:
    """Return a patient under each model that would have answered at one of the levels."""
    left_out: list[LeftOut] = []
    targets = list(_targets(record, left_out))
    of_models = {}
    for model in models:
        levels = []
        for target in targets:
            stops = preconditions(
                target.history, model, target.level.entry.sampled, nothing_given_in_gaps=False
            )
            if stops.stopped:
                code = stops.blocking_codes[0]
                left_out.append(LeftOut(reason=f"{NO_FORECAST}: {code}", levels=1, model=model.key))
            else:
                levels.append((target, _input(target, model)))
        if levels:
            of_models[model.key] = _subject(levels)
    return Subject(of_models=of_models, left_out=tuple(left_out))


def _targets(record: Record, left_out: list[LeftOut]) -> Iterator[_Target]:
    """Yield the levels that could be predicted, oldest first; the others are left out."""
    active = sorted(record.active(Level), key=lambda each: (each.entry.sampled.utc, each.number))
    for order, level in enumerate(active, start=1):
        if level.entry.comparator is not None:
            left_out.append(LeftOut(reason=IS_BOUND, levels=1))
            continue
        now = level.entry.sampled
        history = TreatmentHistory.of(known_at(record, now))
        used = levels_used(history, now)
        if level not in used:
            left_out.append(LeftOut(reason=NOT_USED, levels=1))
            continue
        earlier = tuple(each for each in used if each.entry.sampled < now)
        yield _Target(level, order, history, earlier)


def _input(target: _Target, model: Model) -> FitInput:
    now = target.level.entry.sampled
    doses = target.history.administrations(now)
    return fit_input(target.history, model, target.earlier, doses, now)


def _subject(levels: Sequence[tuple[_Target, FitInput]]) -> EvaluatedSubject:
    _, last = levels[-1]
    return EvaluatedSubject(
        levels=tuple(_level(target, found) for target, found in levels),
        history=last.history,
        whole=tuple(
            MeasuredLevel(
                (target.level.entry.sampled.utc - last.origin) / _HOUR,
                float(target.level.entry.value.value),
            )
            for target, _ in levels
        ),
    )


def _level(target: _Target, found: FitInput) -> EvaluatedLevel:
    level = target.level.entry
    last = target.earlier[-1] if target.earlier else None
    value, label = None, None
    if last is not None and last.entry.comparator is None:
        value = float(last.entry.value.value)
        then, now = (_dose_before(target.history, each) for each in (last, target.level))
        label = value * float(now.daily_mg / then.daily_mg) if now and then else None
    dose = _dose_before(target.history, target.level)
    born, day = target.history.record.patient.entry.born, level.sampled.local.date()
    return EvaluatedLevel(
        number=target.level.number,
        order=target.order,
        at_h=(level.sampled.utc - found.origin) / _HOUR,
        ng_ml=float(level.value.value),
        history=found.history,
        earlier=found.levels,
        last_level_ng_ml=value,
        label_ng_ml=label,
        groups={
            Grouping.ORDER: str(target.order),
            Grouping.AGE: age_band(Age.between(born, day).months),
            Grouping.PRODUCT: dose.product.value if dose else NOT_RECORDED,
            Grouping.ASSAY: level.assay.value if level.assay else NOT_RECORDED,
        },
    )


def _dose_before(history: TreatmentHistory, level: StoredEntry[Level]) -> Prescription | None:
    """Return the dose before a level: a dose that begins with the sample comes after it."""
    last_dose = level.entry.last_dose
    period = history.period_at(last_dose) if last_dose else None
    return period.prescription.entry if period else None
