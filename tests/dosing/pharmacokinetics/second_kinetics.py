"""The kinetics a second time, from the rate equations and dose by dose, sharing no formula.

`walked` goes from event to event, the amounts carried by scipy's matrix exponential or its solver
of differential equations. `SecondObjective` is what a fit makes small, by the exponentials of the
textbook (Gibaldi & Perrier, Pharmacokinetics) superposed dose by dose.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import minimize
from scipy.stats import norm

from dosing.pharmacokinetics.dosing_history import DoseRecord, DosingHistory
from dosing.pharmacokinetics.model import PARAMETERS_OF, Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel
from tests.dosing.pharmacokinetics.histories import each_dose

Array = NDArray[np.float64]
Carrier = Callable[[Array, Array, float], Array]


SECOND_TYPICAL: dict[str, Callable[[Mapping[str, float]], list[float]]] = {
    "fan2024": lambda x: [
        4.06 * (x["weight"] / 16) ** 1.23, 155 * (x["weight"] / 16) ** 1.62, 0.485,
    ],
    "chen2021": lambda x: [
        8.59 * (x["weight"] / 70) ** 0.75 * 1.16 ** x["oxcarbazepine"], 4.2 * x["weight"], 0.485,
    ],
    "golubovic2019": lambda x: [
        12.2 * (0.63 if x["ast"] > 37 else 1) * (1 - 0.388 * x["age"] / 44), 118, 5.07, 609, 2.19,
    ],
    "cheng2020": lambda x: [
        5.63 * (x["weight"] / 28.5) ** 0.5 * (11.29 / x["bilirubin"]) ** 0.32, 144.16, 0.7521,
    ],
    "chen2020": lambda x: [
        7.55 * (x["weight"] / 70) ** 0.75 * (1 + 0.999 * x["cyp3a5"]), 1840 * x["weight"] / 70,
        0.485,
    ],
    "mao2024": lambda x: [7.09 * (38 / x["haematocrit"]) ** 0.901, 496, 0.75],
    "chen2021-mizuno": lambda x: [
        8.59 * (x["weight"] / 70) ** 0.75 * 1.16 ** x["oxcarbazepine"] / (1 + 0.44 / x["age"]),
        4.2 * x["weight"], 0.485,
    ],
}  # fmt: skip
"""The typical parameters of each model, in the order of `PARAMETERS_OF`, typed from the references:
clinical.md section 9 and course.md section 10."""


def rate_matrix(parameters: Sequence[float]) -> Array:
    """The rate equations: depot, central compartment and, of two, the peripheral one."""
    if len(parameters) == 3:
        clearance, volume, ka = parameters
        return np.array([[-ka, 0], [ka, -clearance / volume]])
    clearance, volume, exchange, peripheral, ka = parameters
    return np.array(
        [
            [-ka, 0, 0],
            [ka, -(clearance + exchange) / volume, exchange / peripheral],
            [0, exchange / volume, -exchange / peripheral],
        ]
    )


def by_matrix_exponential(rates: Array, amounts: Array, hours: float) -> Array:
    """Carry the amounts by exp(rates · hours)."""
    return np.asarray(expm(rates * hours) @ amounts)


def by_differential_equations(rates: Array, amounts: Array, hours: float) -> Array:
    """Carry the amounts by a solver of high order at its finest tolerance."""
    found = solve_ivp(
        lambda _, now: rates @ now, (0, hours), amounts, method="DOP853", rtol=1e-11, atol=1e-18
    )
    return np.asarray(found.y[:, -1])


def own_parameters(model: Model, values: Sequence[float], eta: Sequence[float]) -> list[float]:
    """The typical values, each times exp(η) where it has one."""
    own = dict(zip(PARAMETERS_OF[model.compartments], values, strict=True))
    for name, each in zip(model.effects, eta, strict=True):
        own[name] *= float(np.exp(each))
    return list(own.values())


def walked(
    model: Model,
    history: DosingHistory,
    times: Sequence[float],
    eta: Sequence[float],
    carry: Carrier,
) -> Array:
    """The concentrations at the times, ng/mL, from one event to the next."""
    steps = {each.since_h: each.values for each in history.covariates}
    now = own_parameters(model, model.typical(history.covariates[0].values), eta)
    steady = {each.first_h: each for each in history.doses if each.steady_state}
    resets = set(history.resets_h) - steady.keys()
    events = [(at, 0.0, float(place)) for place, at in enumerate(times)]
    events += [(at, 1.0, 0.0) for at in list(steps)[1:]]
    events += [(at, 2.0, mg) for at, mg in _absorbed(model, history)]
    events += [(at, -1.0, 0.0) for at in steady] + [(at, 0.5, 0.0) for at in resets]
    found = np.zeros(len(times))
    amounts, clock = np.zeros(model.compartments + 1), min(events)[0]
    for at, kind, what in sorted(events):
        if at > clock and amounts.any():
            amounts = carry(rate_matrix(now), amounts, at - clock)
        clock = at
        if kind == -1:
            amounts = at_steady_state(rate_matrix(now), steady[at], model.lag_h, carry)
        elif kind == 0:
            found[int(what)] = 1000 * amounts[1] / now[1]
        elif kind == 0.5:
            amounts = np.zeros_like(amounts)
        elif kind == 1:
            now = own_parameters(model, model.typical(steps[at]), eta)
        else:
            amounts[0] += what
    return found


def _absorbed(model: Model, history: DosingHistory) -> list[tuple[float, float]]:
    """Each dose where it is absorbed; none that was given before a reset and absorbed after it."""
    steady = [each for each in history.doses if each.steady_state]
    cuts = [*history.resets_h, *(each.first_h for each in steady)]
    found = []
    for given, mg in each_dose(history):
        at = next((cut for cut in cuts if abs(cut - given) < 1e-9), given)  # rounding
        if not any(at < cut <= at + model.lag_h for cut in cuts):
            found.append((at + model.lag_h, mg))
    for each in steady:  # doses before the steady state that are absorbed after it has begun
        at = each.first_h + model.lag_h - each.interval_h
        while at >= each.first_h:
            if not any(each.first_h < cut <= at for cut in cuts):
                found.append((at, each.amount_mg))
            at -= each.interval_h
    return found


def at_steady_state(rates: Array, dose: DoseRecord, lag_h: float, carry: Carrier) -> Array:
    """The amounts that a day repeats: x = M (x + dose), M the way of an interval."""
    size = len(rates)
    interval = np.array([carry(rates, unit, dose.interval_h) for unit in np.eye(size)]).T
    given = np.array([dose.amount_mg, *[0.0] * (size - 1)])
    before = np.linalg.solve(np.eye(size) - interval, interval @ given)
    ago = dose.interval_h - lag_h % dose.interval_h
    return carry(rates, before + given, ago)


def superposed(parameters: Sequence[Array], hours: Array, mg: Array) -> Array:
    """Single doses of so many hours ago, summed: (draws, times); parameters are (draws, 1, 1)."""
    late = np.maximum(hours, 0)
    if len(parameters) == 3:
        clearance, volume, ka = parameters
        k = clearance / volume
        shape = (np.exp(-k * late) - np.exp(-ka * late)) / (ka - k)
    else:
        clearance, volume, exchange, peripheral, ka = parameters
        k10, k12, k21 = clearance / volume, exchange / volume, exchange / peripheral
        total = k10 + k12 + k21
        spread = np.sqrt(total**2 - 4 * k10 * k21)
        alpha, beta = (total + spread) / 2, (total - spread) / 2
        shape = (k21 - alpha) / ((ka - alpha) * (beta - alpha)) * np.exp(-alpha * late)
        shape += (k21 - beta) / ((ka - beta) * (alpha - beta)) * np.exp(-beta * late)
        shape += (k21 - ka) / ((alpha - ka) * (beta - ka)) * np.exp(-ka * late)
    return np.asarray((1000 * mg * ka / volume * shape * (hours > 0)).sum(axis=-1))


class SecondObjective:
    """The objective of a patient whose covariates do not change, for many η at once."""

    def __init__(
        self, model: Model, history: DosingHistory, levels: Sequence[MeasuredLevel]
    ) -> None:
        doses = np.array(each_dose(history))
        self._model = model
        self._typical = model.typical(history.covariates[0].values)
        self._hours = np.array([each.at_h for each in levels])[:, None] - doses[:, 0] - model.lag_h
        self._mg = doses[:, 1]
        self._level = np.array([each.ng_ml for each in levels])
        self._bound = [each.bound for each in levels]
        self._precision = np.linalg.inv(np.array(model.omega))

    def predicted(self, eta: Array) -> Array:
        """The prediction of each level, (draws, levels)."""
        parameters = []
        for name, value in zip(PARAMETERS_OF[self._model.compartments], self._typical, strict=True):
            own = np.full((len(eta), 1, 1), float(value))
            if name in self._model.effects:
                own *= np.exp(eta[:, self._model.effects.index(name)])[:, None, None]
            parameters.append(own)
        return superposed(parameters, self._hours, self._mg)

    def __call__(self, eta: Array) -> Array:
        """The objective of each draw."""
        f = self.predicted(eta)
        sd = np.sqrt(self._model.additive_ng_ml**2 + (self._model.proportional * f) ** 2)
        total = ((eta @ self._precision) * eta).sum(axis=1)
        for place, bound in enumerate(self._bound):
            z = (self._level[place] - f[:, place]) / sd[:, place]
            if bound is Censoring.VALUE:
                total += 2 * np.log(sd[:, place]) + z**2
            else:
                total -= 2 * (norm.logcdf(z) if bound is Censoring.BELOW else norm.logsf(z))
        return np.asarray(total)

    def one(self, eta: Array) -> float:
        """The objective at one point."""
        return float(self(eta[None, :])[0])

    def slope(self, eta: Array, step: float = 1e-5) -> Array:
        """Its gradient by central differences."""
        steps = step * np.eye(len(eta))
        found = self(np.concatenate([eta + steps, eta - steps]))
        return (found[: len(eta)] - found[len(eta) :]) / (2 * step)

    def curvature(self, eta: Array, step: float = 1e-3) -> Array:
        """Its second derivatives by central differences."""
        steps = step * np.eye(len(eta))
        return np.array(
            [(self.slope(eta + each) - self.slope(eta - each)) / (2 * step) for each in steps]
        )


def lowest(objective: SecondObjective, starts: Array) -> tuple[Array, float]:
    """The lowest of the minima that scipy finds from the starts, and the objective there."""
    ends = [minimize(objective.one, each, jac=objective.slope, method="BFGS").x for each in starts]
    best = ends[int(np.argmin(objective(np.array(ends))))]
    for _ in range(3):  # Newton's steps: BFGS stops at a gradient of 1e-5
        best = best - np.linalg.solve(objective.curvature(best), objective.slope(best, 1e-4))
    return best, objective.one(best)
