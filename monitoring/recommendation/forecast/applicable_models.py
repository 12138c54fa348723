"""The models that apply to a patient: those that are averaged, those beside, and the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dosing import Alert, Alerts
from dosing.knowledge.alert_catalogue import (
    COVARIATE_UNKNOWN,
    MODEL_ONLY_BESIDE,
    OUTSIDE_MODEL,
)
from dosing.pharmacokinetics import MODEL_KEYS, Model, model_named, model_variants
from dosing.pharmacokinetics.model_checks import listed
from monitoring.recommendation.forecast.covariates import covariates_on
from monitoring.recommendation.forecast.preconditions import Levels, preconditions_of_model
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory


@dataclass(frozen=True, slots=True)
class LeftOutModel:
    """A model that does not answer for this patient, and the first reason."""

    model: Model
    reason: Alert

    @property
    def is_outside(self) -> bool:
        """Return whether the patient is outside the range of its patients."""
        return self.reason.code == OUTSIDE_MODEL.code

    def to_dict(self) -> dict[str, object]:
        """Return the model as a row of the document."""
        return {"model": self.model.key, "name": self.model.name, "why": self.reason.fact}


@dataclass(frozen=True, slots=True)
class ModelBeside:
    """A model that is shown beside the others, and never has a weight."""

    model: Model
    supposed: Mapping[str, float]
    """The value supposed of something unknown; empty if nothing is."""
    label: str
    """The same in words."""


@dataclass(frozen=True, slots=True)
class ApplicableModels:
    """The models for a patient, in the order in which they are shown."""

    averaged: tuple[Model, ...]
    beside: tuple[ModelBeside, ...]
    """Those that are shown beside others only, and those under each value of an unknown one."""
    left_out: tuple[LeftOutModel, ...]
    stops: Alerts
    """Where none is averaged: all of the model asked for, or the first of each model."""


def applicable_models(
    history: TreatmentHistory, levels: Levels, now: Moment, asked: Model | None
) -> ApplicableModels:
    """Return the models that apply to a patient at a moment: of all, or of the one asked for."""
    models = [asked] if asked else [model_named(key) for key in MODEL_KEYS]
    averaged: list[Model] = []
    beside: list[ModelBeside] = []
    left_out: list[LeftOutModel] = []
    stops: list[tuple[Model, Alert]] = []
    for model in models:
        found = _stops(history, model, levels, now, is_asked=asked is not None)
        if found.stopped and not asked and (variants := _variants(history, model, now, found)):
            beside += variants
        elif not found.stopped and model.only_beside:
            beside.append(ModelBeside(model, {}, ""))
        elif not found.stopped:
            averaged.append(model)
        else:
            left_out.append(LeftOutModel(model, found[0]))
            stops += [(model, each) for each in (found if asked else found[:1])]
    return ApplicableModels(
        tuple(averaged),
        tuple(beside),
        tuple(left_out),
        Alerts() if averaged else _merged(stops),
    )


def _stops(
    history: TreatmentHistory, model: Model, levels: Levels, now: Moment, *, is_asked: bool
) -> Alerts:
    if is_asked and model.only_beside:
        return Alerts([MODEL_ONLY_BESIDE.alert(source=model.source, model=model.name)])
    return preconditions_of_model(history, model, levels, now)


def _variants(
    history: TreatmentHistory, model: Model, now: Moment, stops: Alerts
) -> list[ModelBeside]:
    """Return a model under each value of an unknown drug or genotype, if that alone stops it."""
    if any(each.code != COVARIATE_UNKNOWN.code for each in stops):
        return []
    known = covariates_on(history, model, now.local.date())
    variants = model_variants(model, known)
    if len(variants) < 2 or not all(model.applies(values) for _, values in variants):
        return []
    return [
        ModelBeside(model, {name: values[name] for name in values.keys() - known.keys()}, label)
        for label, values in variants
    ]


def _merged(stops: Sequence[tuple[Model, Alert]]) -> Alerts:
    """Return the stops, one for all the models of which it says the same."""
    models: dict[tuple[str, ...], list[Model]] = {}
    found: dict[tuple[str, ...], Alert] = {}
    for model, alert in stops:
        parts = tuple(alert.message.split(model.name))
        models.setdefault(parts, []).append(model)
        found.setdefault(parts, alert)
    return Alerts(
        replace(alert, message=listed(each.name for each in models[parts]).join(parts))
        for parts, alert in found.items()
    )
