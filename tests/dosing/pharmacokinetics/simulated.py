"""Simulated patients: true random effects, a history of doses, and levels with their error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel
from tests.dosing.pharmacokinetics.models import random_effects


@dataclass(frozen=True)
class SimulatedPatient:
    """What a fit is given, and the truth that it should find."""

    history: DosingHistory
    levels: tuple[MeasuredLevel, ...]
    eta: NDArray[np.float64]


def simulated_patient(
    chance: np.random.Generator, model: Model, count: int = 5
) -> SimulatedPatient:
    """A child on a dose that is changed once, with some levels; a few are only bounded."""
    kg = float(chance.uniform(4, 60))
    interval = float(chance.choice([12.0, 24.0]))
    steady_mg = model.typical({"weight": kg})[0] * 8 * interval / 1000  # about 8 ng/mL on average
    first, second = steady_mg * chance.uniform(0.4, 1.6, 2)
    doses = int(chance.integers(4, 40))
    history = DosingHistory(
        (
            DoseRecord(0, float(first), interval, doses),
            DoseRecord(doses * interval, float(second), interval, 40),
        ),
        (CovariateStep(0, {"weight": kg}),),
    )
    times = np.sort(chance.uniform(1, (doses + 40) * interval, count))
    eta = random_effects(chance, model, 1)[0]
    true = Concentrations(model, history, list(times)).at(eta[None, :])[0]
    spread = np.sqrt(model.additive_ng_ml**2 + (model.proportional * true) ** 2)
    measured = true + spread * chance.standard_normal(count)
    return SimulatedPatient(history, tuple(map(as_reported, times, measured)), eta)


def as_reported(at: float, level: float) -> MeasuredLevel:
    """The level as an assay reports it that measures from 2 to 30 ng/mL."""
    if level < 2:
        return MeasuredLevel(float(at), 2.0, Censoring.BELOW)
    if level > 30:
        return MeasuredLevel(float(at), 30.0, Censoring.ABOVE)
    return MeasuredLevel(float(at), round(float(level), 2))


def random_levels(chance: np.random.Generator, times: list[float]) -> list[MeasuredLevel]:
    """Levels at these times, some of which the assay only bounds."""
    return [
        MeasuredLevel(
            at, float(chance.uniform(0.5, 30)), list(Censoring)[chance.choice(3, p=[0.6, 0.2, 0.2])]
        )
        for at in times
    ]
