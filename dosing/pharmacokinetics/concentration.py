"""The concentration after any history of doses, in closed form.

Between two steps of the covariates the parameters are constant and doses are superposed; at a step
the amounts in the compartments stay, and the model continues with its new parameters. The
concentration at the time of a dose or a step is that just before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.compartments import (
    Amounts,
    OneCompartment,
    TwoCompartments,
    structure_of,
)
from dosing.pharmacokinetics.dosing_history import DoseRecord, DosingHistory
from dosing.pharmacokinetics.dual import Array, Dual
from dosing.pharmacokinetics.model import PARAMETERS_OF, Model
from dosing.pharmacokinetics.superposition import AgedDoses, Superposition, unit_dose

_NG_ML_IN_MG_L = 1000.0


@dataclass(frozen=True)
class _Segment:
    """A period of constant parameters: its doses, and the wanted times in it."""

    typical: tuple[float, ...]
    doses: AgedDoses | None
    since_start_h: Array
    places: NDArray[np.intp]
    """The places of its times among all wanted times; its own end is added as a last time."""


class Concentrations:
    """The concentrations of one patient at some times, for any random effects.

    The part that does not depend on the random effects is calculated once: a fit, or a thousand
    draws, are then quick.

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
        self._model = model
        self.times_h = np.asarray(times_h, dtype=float)
        self._segments = tuple(_segments(model, history, self.times_h))
        names = PARAMETERS_OF[model.compartments]
        self._effect_of = tuple(
            model.effects.index(name) if name in model.effects else None for name in names
        )

    def at(self, eta: Array) -> Array:
        """Return the concentrations, ng/mL, as (draws, times); `eta` is (draws, effects)."""
        return self._calculate(eta, 0).value

    def at_with_slopes(self, eta: Array) -> tuple[Array, Array]:
        """Return them, and their slopes by each random effect, (effects, draws, times)."""
        found = self._calculate(eta, eta.shape[1])
        return found.value, found.slopes

    def _calculate(self, eta: Array, effects: int) -> Dual:
        shape = (len(eta), len(self.times_h))
        together = Dual(np.zeros(shape), np.zeros((effects, *shape)))
        amounts: Amounts | None = None
        for segment in self._segments:
            structure = self._structure(segment, eta, effects)
            found = _amounts(structure, segment, amounts)
            if found is None:
                continue
            concentration = found[1][:-1] / structure.volume * _NG_ML_IN_MG_L
            together.value[:, segment.places] = concentration.value
            together.slopes[:, :, segment.places] = concentration.slopes
            amounts = tuple(each[-1:] for each in found)
        return together

    def _structure(
        self, segment: _Segment, eta: Array, effects: int
    ) -> OneCompartment | TwoCompartments:
        parameters = tuple(
            _parameter(value, eta, effect, effects)
            for value, effect in zip(segment.typical, self._effect_of, strict=True)
        )
        return structure_of(self._model.compartments, parameters)


def predict_many(
    model: Model, wanted: Iterable[tuple[DosingHistory, Sequence[float], Array]]
) -> list[Array]:
    """Return the concentrations of each patient, ng/mL, as (draws, times).

    Of each, the history, the times in hours and the random effects as (draws, effects) are wanted.
    """
    return [Concentrations(model, history, times).at(eta) for history, times, eta in wanted]


def _parameter(value: float, eta: Array, effect: int | None, effects: int) -> Dual:
    """Return the typical value times exp(η), as (draws, 1), with the slopes by `effects`."""
    slopes = np.zeros((effects, len(eta), 1))
    if effect is None:
        return Dual(np.full((len(eta), 1), value), slopes)
    own = value * np.exp(eta[:, effect : effect + 1])
    if effects:
        slopes[effect] = own
    return Dual(own, slopes)


def _amounts(
    structure: OneCompartment | TwoCompartments, segment: _Segment, start: Amounts | None
) -> Amounts | None:
    """Return the amounts at the times of a segment, from its doses and from those at its start."""
    sources: list[Amounts] = []
    if segment.doses is not None:
        sources.append(structure.from_depot(Superposition(segment.doses, structure.rates)))
    if start is not None:
        e = Superposition(unit_dose(segment.since_start_h), structure.rates)
        units = (structure.from_depot(e), *structure.from_rest(e))
        sources += [
            tuple(each * amount for each in unit) for unit, amount in zip(units, start, strict=True)
        ]
    if not sources:
        return None
    total = sources[0]
    for source in sources[1:]:
        total = tuple(one + other for one, other in zip(total, source, strict=True))
    return total


def _segments(model: Model, history: DosingHistory, times_h: Array) -> list[_Segment]:
    """Return the periods of constant parameters, up to the last time."""
    steps: list[tuple[float, tuple[float, ...]]] = []
    for step in history.covariates:
        typical = model.typical(step.values)
        if not steps or steps[-1][1] != typical:
            steps.append((step.since_h, typical))
    starts = [-np.inf, *(since for since, _ in steps[1:])]
    last = times_h.max(initial=-np.inf)
    found = []
    for (start, end), (_, typical) in zip(pairwise([*starts, np.inf]), steps, strict=True):
        if start >= last:
            break
        places = np.flatnonzero((times_h > start) & (times_h <= end))
        ends = np.append(times_h[places], min(end, last))
        since_start = ends - start if np.isfinite(start) else np.zeros_like(ends)
        doses = _doses_between(history.doses, model.lag_h, start, ends)
        found.append(_Segment(typical, doses, since_start, places))
    return found


def _doses_between(
    records: tuple[DoseRecord, ...], lag_h: float, start: float, times: Array
) -> AgedDoses | None:
    """Return the doses absorbed from `start` on, before each time; None without any."""
    if not records:
        return None
    first = np.array([each.first_h for each in records]) + lag_h
    interval = np.array([each.interval_h for each in records])
    count = np.array([each.count for each in records], dtype=float)
    amount = np.array([each.amount_mg for each in records])
    before_start = _given_before(start, first, interval, count)
    before = _given_before(times[:, None], first, interval, count)
    age = np.maximum(times[:, None] - first - (before - 1) * interval, 0)
    within = before - before_start
    here = within.any(axis=0)
    if not here.any():
        return None
    return AgedDoses(age[:, here], within[:, here], interval[here], amount[here])


def _given_before(time: float | Array, first: Array, interval: Array, count: Array) -> Array:
    """Return the number of doses of each record before a time, not at it."""
    return np.clip(np.ceil((time - first) / interval), 0, count)
