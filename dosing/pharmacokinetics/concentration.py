"""The concentration after any history of doses, in closed form.

Between two steps of the covariates the parameters are constant and doses are superposed; at a step
the amounts in the compartments stay, and the model continues with its new parameters. The
concentration at the time of a dose, a step or a reset is that just before it; at the first dose of
a steady state it is that of the steady state.

All patients are calculated together, as one array, and each as if it were alone: its figures are
the same in every digit whoever is beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.chunks import in_chunks
from dosing.pharmacokinetics.compartments import (
    Amounts,
    OneCompartment,
    TwoCompartments,
    structure_of,
)
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array, Dual, Places, constant
from dosing.pharmacokinetics.model import PARAMETERS_OF, Model
from dosing.pharmacokinetics.periods import Layer, Wanted, kept_layers, layers_of
from dosing.pharmacokinetics.superposition import Superposition, unit_dose

_NG_ML_IN_MG_L = 1000.0


@dataclass(frozen=True)
class BatchConcentrations:
    """The concentrations of many patients, each at its own times, for any random effects.

    The part that does not depend on the random effects is calculated once: a fit, or a thousand
    draws, are then quick. The times are numbered from patient to patient.
    """

    model: Model
    """Of the first patient: all have the compartments, the random effects and the lag of it."""
    layers: tuple[Layer, ...]
    patient: Places
    """The patient of each time."""

    @classmethod
    def of(cls, models: Sequence[Model], wanted: Sequence[Wanted]) -> "BatchConcentrations":
        """Find the doses before each time; each patient has a model, all of one structure."""
        numbers = [len(times) for _, times in wanted]
        patient = np.repeat(np.arange(len(wanted)), numbers)
        return cls(models[0], layers_of(models, wanted), patient)

    def kept(self, is_kept: NDArray[np.bool_]) -> "BatchConcentrations":
        """Return those of some patients, for whom the flag is true."""
        times = is_kept[self.patient]
        layers = kept_layers(self.layers, is_kept, times)
        return BatchConcentrations(self.model, layers, (is_kept.cumsum() - 1)[self.patient[times]])

    def at(self, eta: Array) -> Array:
        """Return the concentrations, ng/mL, (draws, times); `eta` is (effects, draws, patients)."""
        return self._calculate(eta, 0).value

    def at_with_slopes(self, eta: Array) -> tuple[Array, Array]:
        """Return them, and their slopes by each random effect, (effects, draws, times)."""
        found = self._calculate(eta, len(eta))
        return found.value, found.slopes

    def _calculate(self, eta: Array, effects: int) -> Dual:
        shape = (eta.shape[1], len(self.patient))
        together = Dual(np.zeros(shape), np.zeros((effects, *shape)))
        factors = np.exp(eta)
        amounts: Amounts = ()
        for layer in self.layers:
            structure = self._structure(layer, factors, effects).at(layer.period)
            if len(self.layers) == 1:  # nothing is carried on, from this part or another
                central = structure.central(Superposition(layer.doses, structure.rates))
            else:
                amounts = _amounts(structure, layer, amounts)
                central = amounts[1]
            concentration = central / structure.volume * _NG_ML_IN_MG_L
            wanted = layer.place >= 0
            together.value[:, layer.place[wanted]] = concentration.value[:, wanted]
            together.slopes[:, :, layer.place[wanted]] = concentration.slopes[:, :, wanted]
        return together

    def _structure(
        self, layer: Layer, factors: Array, effects: int
    ) -> OneCompartment | TwoCompartments:
        """Return the structure of each period; a parameter is its typical value times exp(η)."""
        parameters = []
        for name, typical in zip(
            PARAMETERS_OF[self.model.compartments], layer.typical, strict=True
        ):
            if name not in self.model.effects:
                parameters.append(constant(typical[None, :]))
                continue
            effect = self.model.effects.index(name)
            own = typical * factors[effect].take(layer.patient, -1)
            slopes = np.zeros((effects, *own.shape))
            if effects:
                slopes[effect] = own
            parameters.append(Dual(own, slopes))
        return structure_of(self.model.compartments, tuple(parameters))


class Concentrations:
    """The concentrations of one patient at some times, for any random effects.

    >>> from dosing.pharmacokinetics import CovariateStep, DoseRecord, DosingHistory, model_named
    >>> patient = DosingHistory(
    ...     (DoseRecord(0, 0.48, 12, 100),), (CovariateStep(0, {"weight": 16, "age": 4}),)
    ... )
    >>> concentrations = Concentrations(model_named("fan2024"), patient, [12, 24])
    >>> concentrations.at(np.zeros((1, 1))).round(4)
    array([[2.3809, 4.1267]])
    """

    def __init__(self, model: Model, history: DosingHistory, times_h: Sequence[float]) -> None:
        """Find the doses before each time."""
        self._batch = BatchConcentrations.of([model], [(history, times_h)])

    def at(self, eta: Array) -> Array:
        """Return the concentrations, ng/mL, as (draws, times); `eta` is (draws, effects)."""
        return self._batch.at(eta.T[:, :, None])

    def at_with_slopes(self, eta: Array) -> tuple[Array, Array]:
        """Return them, and their slopes by each random effect, (effects, draws, times)."""
        return self._batch.at_with_slopes(eta.T[:, :, None])


def predict_many(
    model: Model, wanted: Iterable[tuple[DosingHistory, Sequence[float], Array]]
) -> list[Array]:
    """Return the concentrations of each patient, ng/mL, as (draws, times).

    Of each, the history, the times in hours and the random effects as (draws, effects) are wanted.
    """
    found: list[Array] = []
    for chunk in in_chunks(wanted, _work):
        for _, same in groupby(chunk, key=lambda each: len(each[2])):
            patients = list(same)
            batch = BatchConcentrations.of(
                [model] * len(patients), [(history, times) for history, times, _ in patients]
            )
            eta = np.array([each for _, _, each in patients]).transpose(2, 1, 0).copy()
            together = batch.at(eta)
            ends = np.cumsum([len(times) for _, times, _ in patients])[:-1]
            found += np.split(together, ends, axis=1)
    return found


def predict_models(
    wanted: Sequence[tuple[Model, DosingHistory, Sequence[float], Array]],
) -> list[Array]:
    """Return the same by a model each; models of one structure and as many draws go together."""
    found: dict[int, Array] = {}
    for same in by_structure([model for model, *_ in wanted]):
        for _, group in groupby(same, key=lambda place: len(wanted[place][3])):
            places = list(group)
            patients = [wanted[each] for each in places]
            batch = BatchConcentrations.of(
                [model for model, *_ in patients],
                [(history, times) for _, history, times, _ in patients],
            )
            eta = np.array([each for *_, each in patients]).transpose(2, 1, 0).copy()
            ends = np.cumsum([len(times) for _, _, times, _ in patients])[:-1]
            found.update(zip(places, np.split(batch.at(eta), ends, axis=1), strict=True))
    return [found[place] for place in range(len(wanted))]


def by_structure(models: Sequence[Model]) -> list[list[int]]:
    """Return the places of the models of each structure: their arrays have the same axes."""
    found: dict[tuple[object, ...], list[int]] = {}
    for place, each in enumerate(models):
        found.setdefault((each.compartments, each.effects, each.lag_h), []).append(place)
    return list(found.values())


def _work(wanted: tuple[DosingHistory, Sequence[float], Array]) -> int:
    history, times, eta = wanted
    return len(eta) * len(times) * len(history.doses)


def _amounts(structure: OneCompartment | TwoCompartments, layer: Layer, before: Amounts) -> Amounts:
    """Return the amounts at the times of a layer.

    They are those from the doses of a period and from the amounts at its start, which are the
    amounts `before` of the layer before.
    """
    total = structure.from_depot(Superposition(layer.doses, structure.rates))
    if layer.carried_from is None:
        return total
    e = Superposition(unit_dose(layer.since_start_h), structure.rates)
    units = (structure.from_depot(e), *structure.from_rest(e))
    for unit, amount in zip(units, before, strict=True):
        start = amount.at(layer.carried_from[layer.period])
        total = tuple(one + each * start for one, each in zip(total, unit, strict=True))
    return total
