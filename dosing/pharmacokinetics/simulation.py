"""A second simulation of the trough: every proposed dose is simulated again before it is shown.

It shares only the parameters with `concentration.py`. The rate equations advance from dose to dose
by the exponential of their matrix, until the amounts repeat.
"""

import numpy as np

from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.model import Model

_SETTLED = 1e-10
_MOST_DOSES = 100_000
_TAYLOR_TERMS = 20
AGREES_WITHIN = 1e-6
"""The largest difference of the two, as a part of the trough: far more than their rounding."""


def steady_state_trough(
    model: Model, parameters: tuple[float, ...], dose_mg: float, interval_h: float
) -> float:
    """Return the trough at steady state, ng/mL; parameters as in `PARAMETERS_OF`."""
    rates, volume = _rates(model, parameters)
    into_depot = _exponential(rates * max(interval_h - model.lag_h % interval_h, 0))
    until_depot = _exponential(rates * (model.lag_h % interval_h))
    amounts = np.zeros(len(rates))
    for _ in range(_MOST_DOSES):
        before = amounts
        absorbed = until_depot @ amounts
        absorbed[0] += dose_mg
        amounts = into_depot @ absorbed
        if np.abs(amounts - before).max() <= _SETTLED * np.abs(amounts).max():
            break
    return float(amounts[1] / volume * 1000)


def _rates(model: Model, parameters: tuple[float, ...]) -> tuple[Array, float]:
    """Return the matrix of the rate equations of depot, central and peripheral amounts."""
    if model.compartments == 1:
        clearance, volume, ka = parameters
        return np.array([[-ka, 0.0], [ka, -clearance / volume]]), volume
    clearance, volume, exchange, peripheral, ka = parameters
    out, back = exchange / volume, exchange / peripheral
    matrix = [[-ka, 0.0, 0.0], [ka, -clearance / volume - out, back], [0.0, out, -back]]
    return np.array(matrix), volume


def _exponential(matrix: Array) -> Array:
    """Return the exponential of a matrix: halved until small, summed, and squared back."""
    halvings = max(0, int(np.ceil(np.log2(max(np.abs(matrix).sum(axis=0).max(), 1e-9)))) + 2)
    small = matrix / 2**halvings
    term = total = np.eye(len(matrix))
    for number in range(1, _TAYLOR_TERMS):
        term = term @ small / number
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total
