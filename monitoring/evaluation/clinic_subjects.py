"""The patients of a clinic, for an evaluation: each level with the record as it was known then.

A level is predicted only where the program would have given a forecast at that moment. The
baselines are the last level again, and the label's arithmetic (that level × the new dose / the old
one).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from dosing import Age, Product
from dosing.evaluation.subjects import (
    NOT_RECORDED,
    EvaluatedLevel,
    EvaluatedSubject,
    Grouping,
    NotEvaluated,
    StudySubject,
)
from dosing.knowledge.age_bands import age_band
from dosing.pharmacokinetics import MeasuredLevel, Model
from monitoring.recommendation.forecast.fitting import (
    PatientData,
    as_dose_records,
    patient_data,
)
from monitoring.recommendation.forecast.known_before import known_at
from monitoring.recommendation.forecast.preconditions import (
    Levels,
    levels_used,
    preconditions_of_model,
    preconditions_of_record,
)
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
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
    used: Levels
    """The levels that a forecast at its moment uses, itself among them."""

    @property
    def now(self) -> Moment:
        """The moment of the sample."""
        return self.level.entry.sampled

    @property
    def earlier(self) -> Levels:
        """The levels used that were sampled before it."""
        return tuple(each for each in self.used if each.entry.sampled < self.now)


def clinic_subjects(records: Iterable[Record], models: Sequence[Model]) -> Iterator[StudySubject]:
    """Yield the patients of some records that have a level."""
    return (clinic_subject(record, models) for record in records if record.active(Level))


def clinic_subject(record: Record, models: Sequence[Model]) -> StudySubject:
    """Return a patient under each model that would have answered at one of the levels."""
    left_out: list[NotEvaluated] = []
    targets = list(_targets(record, left_out))
    of_models = {}
    known = [(target, _known(target, models)) for target in targets]
    for model in models:
        levels = []
        for target, data in known:
            stops = preconditions_of_model(target.history, model, target.used, target.now)
            if stops.stopped:
                reason = f"{NO_FORECAST}: {stops.blocking_codes[0]}"
                left_out.append(NotEvaluated(reason=reason, levels=1, model=model.key))
            else:
                levels.append((target, _on_product_of(model, target, data)))
        if levels:
            of_models[model.key] = _subject(levels)
    return StudySubject(of_models=of_models, left_out=tuple(left_out))


def _targets(record: Record, left_out: list[NotEvaluated]) -> Iterator[_Target]:
    """Yield the levels that could be predicted, oldest first; the others are left out."""
    active = sorted(record.active(Level), key=lambda each: (each.entry.sampled.utc, each.number))
    for order, level in enumerate(active, start=1):
        if level.entry.comparator is not None:
            left_out.append(NotEvaluated(reason=IS_BOUND, levels=1))
            continue
        now = level.entry.sampled
        history = TreatmentHistory.of(known_at(record, now))
        used = levels_used(history, now)
        if level not in used:
            left_out.append(NotEvaluated(reason=NOT_USED, levels=1))
            continue
        stops = preconditions_of_record(history, used, now, nothing_given_in_gaps=False)
        if stops.stopped:
            reason = f"{NO_FORECAST}: {stops.blocking_codes[0]}"
            left_out.append(NotEvaluated(reason=reason, levels=1))
            continue
        yield _Target(level, order, history, used)


def _known(target: _Target, models: Sequence[Model]) -> PatientData:
    """Return the doses, the covariates of all models, and the earlier levels."""
    doses = target.history.administrations(target.now)
    return patient_data(target.history, models, target.earlier, doses, target.now)


def _on_product_of(model: Model, target: _Target, data: PatientData) -> PatientData:
    """Return the doses as those of the model's own product."""
    product = model.product or Product.SOLUTION
    doses = target.history.administrations(target.now)
    records = as_dose_records(doses, data.origin, product)
    return replace(data, history=replace(data.history, doses=records), product=product)


def _subject(levels: Sequence[tuple[_Target, PatientData]]) -> EvaluatedSubject:
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


def _level(target: _Target, found: PatientData) -> EvaluatedLevel:
    level = target.level.entry
    last = target.earlier[-1] if target.earlier else None
    value, label = None, None
    if last is not None and last.entry.comparator is None:
        value = float(last.entry.value.value)
        then, now = (_dose_of(target.history, each) for each in (last, target.level))
        if now and then and now.product is then.product:
            label = value * float(now.daily_mg / then.daily_mg)
    dose = _dose_of(target.history, target.level)
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


def _dose_of(history: TreatmentHistory, level: StoredEntry[Level]) -> Prescription | None:
    """Return the dose that a level reflects."""
    period = history.period_of(level.entry)
    return period.prescription.entry if period else None
