"""Predictions for a patient: clearance and half-life, the levels so far, and those to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.map_estimate import Fit
from dosing.pharmacokinetics.model import PARAMETERS_OF
from dosing.pharmacokinetics.normal import cdf
from dosing.pharmacokinetics.posterior import Posterior, population, residual_sd

_SD_OF_BAND = 1.6448536269514722
"""Standard deviations of a normal distribution from its middle to an end of its 90 % band."""
_STEADY_SHARE = 0.05
"""The part of a change that may still be missing at steady state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A value and the ends of its 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """Clearance, volume and half-life of a patient, and of the typical patient of the same size."""

    clearance_l_h: Interval
    laplace: Interval
    """The same by the Laplace approximation alone, as a check."""
    population_clearance_l_h: float
    volume_l: float
    half_life_h: float
    """Of the terminal phase, which decides the time to steady state."""
    population_half_life_h: float

    @property
    def days_to_steady_state(self) -> float:
        """The days until less than 5 % of a dose change is still missing."""
        return -log(_STEADY_SHARE) / log(2) * self.half_life_h / 24


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCheck:
    """A measured level and its prediction by the fit."""

    at_h: float
    observed_ng_ml: float
    predicted_ng_ml: float
    percentile: float
    """Its percentile in the population on the same doses."""

    @property
    def residual_ng_ml(self) -> float:
        """The level less its prediction."""
        return self.observed_ng_ml - self.predicted_ng_ml


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A future concentration, with the uncertainty of the parameters and of a measurement.

    `low` and `high` are the 90 % band of the true concentration, by the parameters alone.
    A measured level has the residual error (assay, times, days) on top: `measured_low` and
    `measured_high`.
    """

    at_h: float
    ng_ml: float
    low_ng_ml: float
    high_ng_ml: float
    measured_low_ng_ml: float
    measured_high_ng_ml: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedCurve:
    """The concentrations between two times, with the 90 % band of the parameters (Laplace)."""

    at_h: tuple[float, ...]
    ng_ml: tuple[float, ...]
    low_ng_ml: tuple[float, ...]
    high_ng_ml: tuple[float, ...]


def disposition(posterior: Posterior, at_h: float) -> Disposition:
    """Return clearance, volume and half-life with the covariates of a time."""
    fit = posterior.fit
    model = fit.model
    steps = [each for each in posterior.history.covariates if each.since_h <= at_h]
    values = (steps or [posterior.history.covariates[0]])[-1].values
    typical = dict(zip(PARAMETERS_OF[model.compartments], model.typical(values), strict=True))
    own = {
        name: value * exp(fit.eta[model.effects.index(name)]) if name in model.effects else value
        for name, value in typical.items()
    }
    draws = np.full((len(posterior.eta), 1), typical["CL"])
    if "CL" in model.effects:
        draws = draws * np.exp(posterior.eta[:, [model.effects.index("CL")]])
    return Disposition(
        clearance_l_h=_interval(own["CL"], posterior.band(draws)),
        laplace=_interval(own["CL"], posterior.laplace_band(draws)),
        population_clearance_l_h=typical["CL"],
        volume_l=own["V"] + own.get("Vp", 0.0),
        half_life_h=half_life_h(own),
        population_half_life_h=half_life_h(typical),
    )


def _interval(value: float, band: tuple[Array, Array]) -> Interval:
    low, high = band
    return Interval(value=value, low=float(low[0]), high=float(high[0]))


def half_life_h(parameters: dict[str, float]) -> float:
    """Return ln 2 divided by the slowest rate of decline; with one compartment it is CL/V."""
    k10 = parameters["CL"] / parameters["V"]
    if "Q" not in parameters:
        return log(2) / k10
    k12, k21 = parameters["Q"] / parameters["V"], parameters["Q"] / parameters["Vp"]
    spread = sqrt((k10 - k21) ** 2 + k12 * (k12 + 2 * (k10 + k21)))
    alpha = (k10 + k12 + k21 + spread) / 2
    return log(2) / (k10 * k21 / alpha)


def check_levels(fit: Fit, history: DosingHistory) -> tuple[LevelCheck, ...]:
    """Return each level of the fit with its prediction and its percentile in the population.

    The percentile of a censored level is that of its bound.
    """
    if not fit.levels:
        return ()
    times = [each.at_h for each in fit.levels]
    predicted = Concentrations(fit.model, history, times).at(np.array([fit.eta]))[0]
    typical = population(fit, history, times)
    observed = np.array([each.ng_ml for each in fit.levels])
    share = cdf((observed - typical) / residual_sd(fit, typical)).mean(axis=0)
    return tuple(
        LevelCheck(
            at_h=level.at_h,
            observed_ng_ml=level.ng_ml,
            predicted_ng_ml=float(ours),
            percentile=100 * float(part),
        )
        for level, ours, part in zip(fit.levels, predicted, share, strict=True)
    )


def forecast(
    posterior: Posterior, history: DosingHistory, times_h: Sequence[float]
) -> tuple[Forecast, ...]:
    """Return the concentrations at future times, after the doses of `history`."""
    own = np.array([posterior.fit.eta])
    middle = Concentrations(posterior.fit.model, history, times_h).at(own)[0]
    draws = posterior.concentrations(history, times_h)
    low, high = posterior.band(draws)
    measured_low, measured_high = posterior.band(posterior.as_measured(draws))
    return tuple(
        Forecast(
            at_h=float(at),
            ng_ml=float(middle[place]),
            low_ng_ml=float(low[place]),
            high_ng_ml=float(high[place]),
            measured_low_ng_ml=float(measured_low[place]),
            measured_high_ng_ml=float(measured_high[place]),
        )
        for place, at in enumerate(times_h)
    )


def curve(posterior: Posterior, history: DosingHistory, times_h: Sequence[float]) -> PredictedCurve:
    """Return the concentrations at many times; the band is that of the Laplace approximation."""
    fit = posterior.fit
    concentrations = Concentrations(fit.model, history, times_h)
    value, slopes = concentrations.at_with_slopes(np.array([fit.eta]))
    middle, slope = value[0], slopes[:, 0]
    variance = np.einsum("it,ij,jt->t", slope, np.array(fit.covariance), slope)
    off = _SD_OF_BAND * np.sqrt(variance) / np.maximum(middle, 1e-12)
    return PredictedCurve(
        at_h=tuple(map(float, times_h)),
        ng_ml=tuple(map(float, middle)),
        low_ng_ml=tuple(map(float, middle * np.exp(-off))),
        high_ng_ml=tuple(map(float, middle * np.exp(off))),
    )
