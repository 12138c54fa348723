"""The evaluation of models: levels predicted a priori and from the earlier levels of a patient.

A level is predicted a priori by the typical patient, and by the fit to the earlier levels (a walk
forward). Nothing from later is used. Random effects for the shrinkage are those of the fit to all
levels; NPDE and predictive check come from simulations with a seed.
"""

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress, islice
from typing import TypeAlias, TypeGuard, TypeVar

import numpy as np

from dosing.errors import UserError
from dosing.evaluation.accuracy import SEED
from dosing.evaluation.npde import npde_of
from dosing.evaluation.predictive_check import SimulatedPatient
from dosing.evaluation.subjects import EvaluatedLevel, EvaluatedSubject, NotEvaluated, StudySubject
from dosing.knowledge.forecast_rules import FARTHEST
from dosing.pharmacokinetics import (
    Censoring,
    DosingHistory,
    Fit,
    MeasuredLevel,
    Model,
    fits_or_errors,
    predict_many,
)
from dosing.pharmacokinetics.averaging import averaged
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.posterior import residual_sd

_BATCH = 200
_HOURS_PER_DAY = 24
SIMULATIONS = 1000
_SIMULATIONS_CHECKED = 200
_MOST_CHECKED = 2000
"""Patients in the predictive check: the memory of more would grow with the table."""
NOT_CONVERGED = "the search did not end at a minimum"
TOO_FAR = f"farther than {FARTHEST} from the population"
NOT_CALCULATED = "not calculated: a covariate is unknown, or the figures are too extreme"
NOTHING_BEFORE = "no level before it: predicted a priori only"
NO_BASELINE = (
    "the level before it is a bound, or the doses of the two cannot be compared: predicted a "
    "priori only"
)
NOT_SIMULATED = "not simulated: the simulations do not vary"
_NO_FIT = (UserError, ArithmeticError, np.linalg.LinAlgError)

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")
_Wanted: TypeAlias = tuple[DosingHistory, Sequence[float], Array]
Progress: TypeAlias = Callable[[int], None]
"""A function of the number of patients that are done since the last call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedLevel:
    """A level with its predictions, ng/mL; the second one is None without a fit."""

    patient: int
    level: EvaluatedLevel
    a_priori_ng_ml: float
    forward_ng_ml: float | None
    fit: Fit | None = None
    """The fit to the earlier levels; it is not kept once the models were averaged."""


@dataclass(slots=True)
class Collected:
    """The predictions and simulations of one model, patient by patient."""

    model: Model
    patients: int = 0
    levels: list[PredictedLevel] = field(default_factory=list)
    eta: list[tuple[float, ...]] = field(default_factory=list)
    residuals: list[float] = field(default_factory=list)
    """Weighted by the standard deviation of the residual error at the fit's prediction."""
    npde: list[Array] = field(default_factory=list)
    checked: list[SimulatedPatient] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class Evaluator:
    """The evaluation of some models; patients are added as they come, in batches."""

    def __init__(self, models: Sequence[Model], *, simulations: int = SIMULATIONS) -> None:
        """Begin with no patient; without simulations there is neither NPDE nor check."""
        self.collected = {model.key: Collected(model) for model in models}
        self.average: list[PredictedLevel] = []
        """By all models together: empty with fewer than two."""
        self.left_out: list[NotEvaluated] = []
        self.patients = 0
        self._simulations = simulations

    def add(
        self, subjects: Iterable[StudySubject], progress: Progress = lambda _more: None
    ) -> None:
        """Evaluate more patients."""
        remaining = iter(subjects)
        while batch := list(islice(remaining, _BATCH)):
            self.left_out += [each for subject in batch for each in subject.left_out]
            predicted: list[PredictedLevel] = []  # by the models that a forecast averages
            for key, collected in self.collected.items():
                there = [
                    (self.patients + place, subject.of_models[key])
                    for place, subject in enumerate(batch)
                    if key in subject.of_models
                ]
                found = self._evaluate(collected, there)
                collected.levels += [replace(each, fit=None) for each in found]
                predicted += [] if collected.model.only_beside else found
            if len(self.collected) > 1:
                self.average += _averages(predicted)
            self.patients += len(batch)
            progress(len(batch))

    def _evaluate(
        self, collected: Collected, there: Sequence[tuple[int, EvaluatedSubject]]
    ) -> list[PredictedLevel]:
        levels = [(patient, each) for patient, subject in there for each in subject.levels]
        usual = self._typical(collected, [each for _, each in levels])
        collected.left_out.update(NOT_CALCULATED for each in usual if each is None)
        known = [each is not None for each in usual]
        levels = list(compress(levels, known))
        forward = self._forward(collected, [each for _, each in levels])
        collected.patients += sum(bool(subject.levels) for _, subject in there)
        self._fit_whole(collected, [subject for _, subject in there if subject.levels])
        if self._simulations:
            for patient, subject in there:
                self._simulate(collected, patient, subject)
        return [
            PredictedLevel(
                patient=patient,
                level=level,
                a_priori_ng_ml=a_priori,
                forward_ng_ml=prediction,
                fit=found,
            )
            for (patient, level), a_priori, (found, prediction) in zip(
                levels, filter(_is_known, usual), forward, strict=True
            )
        ]

    def _typical(
        self, collected: Collected, levels: Sequence[EvaluatedLevel]
    ) -> list[float | None]:
        """Return the prediction of each level by the typical patient."""
        none = np.zeros((1, len(collected.model.effects)))
        wanted = [(each.history, [each.at_h], none) for each in levels]
        return [
            None if found is None else float(found[0, 0])
            for found in _predicted(collected.model, wanted)
        ]

    def _forward(
        self, collected: Collected, levels: Sequence[EvaluatedLevel]
    ) -> list[tuple[Fit | None, float | None]]:
        """Return the fit to the earlier levels with its prediction of each level, or neither."""
        compared = [place for place, each in enumerate(levels) if each.is_compared]
        for each in levels:
            if not each.is_compared:
                collected.left_out[NO_BASELINE if each.earlier else NOTHING_BEFORE] += 1
        fits = fits_of(
            collected.model, [(levels[place].history, levels[place].earlier) for place in compared]
        )
        good = []
        for place, found in zip(compared, fits, strict=True):
            problem = problem_of(found)
            if problem or found is None:
                collected.left_out[problem] += 1
            else:
                good.append((place, found))
        wanted = [
            (levels[place].history, [levels[place].at_h], np.array([found.eta]))
            for place, found in good
        ]
        result: list[tuple[Fit | None, float | None]] = [(None, None)] * len(levels)
        predicted = _predicted(collected.model, wanted)
        for (place, found), value in zip(good, predicted, strict=True):
            if value is not None:
                result[place] = found, float(value[0, 0])
        return result

    def _fit_whole(self, collected: Collected, subjects: Sequence[EvaluatedSubject]) -> None:
        """Keep the random effects and the weighted residuals of the fits to all levels."""
        model = collected.model
        fits = fits_of(model, [(each.history, each.whole) for each in subjects])
        good = [
            (subject, found)
            for subject, found in zip(subjects, fits, strict=True)
            if found is not None and found.converged
        ]
        wanted = [
            (subject.history, [each.at_h for each in subject.whole], np.array([found.eta]))
            for subject, found in good
        ]
        for (subject, found), predicted in zip(good, _predicted(model, wanted), strict=True):
            if predicted is None:
                continue
            collected.eta.append(found.eta)
            collected.residuals += [
                (each.ng_ml - value) / spread
                for each, value, spread in zip(
                    subject.whole, predicted[0], residual_sd(model, predicted)[0], strict=True
                )
                if each.bound is Censoring.VALUE and spread > 0
            ]

    def _simulate(self, collected: Collected, patient: int, subject: EvaluatedSubject) -> None:
        """Keep the NPDE of a patient, and its simulations for the predictive check."""
        model = collected.model
        levels = [each for each in subject.whole if each.bound is Censoring.VALUE]
        if not levels:
            return
        chance = np.random.default_rng([SEED, patient])
        eta = random_effects(chance, model, self._simulations)
        times, none = [each.at_h for each in levels], np.zeros((1, len(model.effects)))
        wanted = [(subject.history, times, each) for each in (eta, none)]
        true, typical = _predicted(model, wanted)
        if true is None or typical is None or not (typical > 0).all():
            collected.left_out[NOT_SIMULATED] += len(levels)
            return
        simulated = true + residual_sd(model, true) * chance.standard_normal(true.shape)
        observed = np.array([each.ng_ml for each in levels])
        try:
            collected.npde.append(npde_of(observed, simulated))
        except np.linalg.LinAlgError:
            collected.left_out[NOT_SIMULATED] += len(levels)
            return
        if len(collected.checked) < _MOST_CHECKED:
            first = min((each.first_h for each in subject.history.doses), default=0.0)
            days = (np.array(times) - first) / _HOURS_PER_DAY
            kept = simulated[:_SIMULATIONS_CHECKED].copy()
            collected.checked.append(SimulatedPatient(days, observed, typical[0], kept))


def _averages(predicted: Sequence[PredictedLevel]) -> Iterator[PredictedLevel]:
    """Yield each level predicted by all models together, weighted as a forecast weights them."""
    of_level: dict[tuple[int, int], list[PredictedLevel]] = {}
    for each in predicted:
        of_level.setdefault((each.patient, each.level.number), []).append(each)
    for together in of_level.values():
        a_priori = sum(each.a_priori_ng_ml for each in together) / len(together)
        fits = [each.fit for each in together if each.fit]
        values = [each.forward_ng_ml for each in together if each.forward_ng_ml is not None]
        forward = None
        if fits and len({each.levels for each in fits}) == 1:
            weights = (each.weight for each in averaged(fits))
            forward = sum(map(operator.mul, weights, values))
        yield PredictedLevel(
            patient=together[0].patient,
            level=together[0].level,
            a_priori_ng_ml=a_priori,
            forward_ng_ml=forward,
        )


def _is_known(value: float | None) -> TypeGuard[float]:
    return value is not None


def problem_of(found: Fit | None) -> str:
    """Return why a fit makes no prediction, or an empty text."""
    if found is None:
        return NOT_CALCULATED
    if not found.converged:
        return NOT_CONVERGED
    return TOO_FAR if found.is_far else ""


def random_effects(chance: np.random.Generator, model: Model, count: int) -> Array:
    """Return random effects of the population, (count, effects)."""
    root = np.linalg.cholesky(np.array(model.omega))
    return np.asarray(chance.standard_normal((count, len(model.effects))) @ root.T)


def fits_of(
    model: Model, patients: Sequence[tuple[DosingHistory, Sequence[MeasuredLevel]]]
) -> list[Fit | None]:
    """Return the fit of each patient, all together; None for one that cannot be calculated."""

    def fitted(some: Sequence[tuple[DosingHistory, Sequence[MeasuredLevel]]]) -> list[Fit | None]:
        found = fits_or_errors(model, some)
        return [each if isinstance(each, Fit) else None for each in found]

    return _all_or_each(fitted, patients)


def _predicted(model: Model, wanted: Sequence[_Wanted]) -> list[Array | None]:
    """Return the concentrations of each patient; None for one that cannot be calculated."""

    def predicted(some: Sequence[_Wanted]) -> list[Array | None]:
        return list(predict_many(model, some))

    return _all_or_each(predicted, wanted)


def _all_or_each(
    calculate: Callable[[Sequence[_Given]], list[_Found | None]], given: Sequence[_Given]
) -> list[_Found | None]:
    """Return the result of each, calculated together; one by one where that is not possible."""
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        try:
            return calculate(given)
        except _NO_FIT:
            pass
        found: list[_Found | None] = []
        for each in given:
            try:
                found += calculate([each])
            except _NO_FIT:
                found.append(None)
        return found
