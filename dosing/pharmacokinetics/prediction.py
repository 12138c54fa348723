"""Predictions for a patient: clearance and half-life, the levels so far, and those to come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from dosing.pharmacokinetics.concentration import Concentrations, predict_models
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.map_estimate import Fit
from dosing.pharmacokinetics.model import PARAMETERS_OF
from dosing.pharmacokinetics.normal import cdf
from dosing.pharmacokinetics.objective import Censoring
from dosing.pharmacokinetics.posterior import BAND, Posterior, population, residual_sd
from dosing.pharmacokinetics.predictive import AnyPosterior, Predictive, band, weights_of

_SD_OF_BAND = 1.6448536269514722
"""Standard deviations of a normal distribution from its middle to an end of its 90 % band."""
_LEAST_NG_ML = 1e-12
_HALVINGS = 40
"""Of the search for an end of a mixture's band: to twelve digits."""
_NG_H_ML_IN_MG_H_L = 1000.0
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
    exposure_of_1_mg_a_day: Interval
    """AUC24 at steady state, ng·h/mL, of 1 mg a day: by the clearance alone."""

    def auc24(self, daily_mg: float) -> Interval:
        """Return AUC24 at steady state, ng·h/mL, of a dose a day."""
        one = self.exposure_of_1_mg_a_day
        return Interval(
            value=daily_mg * one.value, low=daily_mg * one.low, high=daily_mg * one.high
        )

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
    residuals_sd: tuple[float | None, ...]
    """By each model, the level less its prediction over the residual error; None of a bound."""

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


def disposition(posterior: AnyPosterior, at_h: float) -> Disposition:
    """Return clearance, volume and half-life with the covariates of a time.

    Of an average each is the weighted mean of the models' own.
    """
    steps = [each for each in posterior.history.covariates if each.since_h <= at_h]
    values = (steps or [posterior.history.covariates[0]])[-1].values
    shares = [weight for weight, _ in posterior.members]
    people = [_parameters(each, values) for _, each in posterior.members]
    draws = np.concatenate([each.clearances for each in people])[:, None]

    def mean(figures: Iterable[float]) -> float:
        return float(np.dot(shares, list(figures)))

    clearance = mean(each.own["CL"] for each in people)
    laplace = [weight * each.laplace_weights for weight, each in posterior.members]
    return Disposition(
        clearance_l_h=_interval(clearance, band(draws, weights_of(posterior))),
        laplace=_interval(clearance, band(draws, np.concatenate(laplace))),
        population_clearance_l_h=mean(each.typical["CL"] for each in people),
        volume_l=mean(each.own["V"] + each.own.get("Vp", 0.0) for each in people),
        half_life_h=mean(half_life_h(each.own) for each in people),
        population_half_life_h=mean(half_life_h(each.typical) for each in people),
        exposure_of_1_mg_a_day=_interval(
            mean(_NG_H_ML_IN_MG_H_L / each.own["CL"] for each in people),
            band(_NG_H_ML_IN_MG_H_L / draws, weights_of(posterior)),
        ),
    )


@dataclass(frozen=True)
class _Parameters:
    """The parameters of a patient by one model, of the typical one, and every draw's clearance."""

    own: Mapping[str, float]
    typical: Mapping[str, float]
    clearances: Array


def _parameters(posterior: Posterior, covariates: Mapping[str, float]) -> _Parameters:
    fit = posterior.fit
    model = fit.model
    names = PARAMETERS_OF[model.compartments]
    typical = dict(zip(names, model.typical(covariates), strict=True))
    own = {
        name: value * exp(fit.eta[model.effects.index(name)]) if name in model.effects else value
        for name, value in typical.items()
    }
    draws = np.full(len(posterior.eta), typical["CL"])
    if "CL" in model.effects:
        draws = draws * np.exp(posterior.eta[:, model.effects.index("CL")])
    return _Parameters(own, typical, draws)


def _interval(value: float, ends: tuple[Array, Array]) -> Interval:
    low, high = ends
    return Interval(value=value, low=float(low[0]), high=float(high[0]))


def half_life_h(parameters: Mapping[str, float]) -> float:
    """Return ln 2 divided by the slowest rate of decline; with one compartment it is CL/V."""
    k10 = parameters["CL"] / parameters["V"]
    if "Q" not in parameters:
        return log(2) / k10
    k12, k21 = parameters["Q"] / parameters["V"], parameters["Q"] / parameters["Vp"]
    spread = sqrt((k10 - k21) ** 2 + k12 * (k12 + 2 * (k10 + k21)))
    alpha = (k10 + k12 + k21 + spread) / 2
    return log(2) / (k10 * k21 / alpha)


def check_levels(posterior: AnyPosterior) -> tuple[LevelCheck, ...]:
    """Return each level of the fit with its prediction and its percentile in the population.

    The percentile of a censored level is that of its bound. Of an average both are the weighted
    means of the models' own.
    """
    (_, first), *_ = posterior.members
    levels = first.fit.levels
    if not levels:
        return ()
    times, observed = (
        np.array([getattr(each, name) for each in levels]) for name in ("at_h", "ng_ml")
    )
    predicted, share = np.zeros(len(levels)), np.zeros(len(levels))
    residuals = []
    wanted = [
        (
            each.fit.model,
            posterior.history,
            times.tolist(),
            np.concatenate([[each.fit.eta], population(each.fit.model)]),
        )
        for _, each in posterior.members
    ]
    for (weight, each), found in zip(posterior.members, predict_models(wanted), strict=True):
        typical = found[1:]
        predicted += weight * found[0]
        model = each.fit.model
        residuals.append((observed - found[0]) / residual_sd(model, found[0]))
        share += weight * cdf((observed - typical) / residual_sd(model, typical)).mean(axis=0)
    return tuple(
        LevelCheck(
            at_h=level.at_h,
            observed_ng_ml=level.ng_ml,
            predicted_ng_ml=float(ours),
            percentile=100 * float(part),
            residuals_sd=tuple(
                float(each) if level.bound is Censoring.VALUE else None for each in off
            ),
        )
        for level, ours, part, off in zip(
            levels, predicted, share, np.array(residuals).T, strict=True
        )
    )


def forecast(
    posterior: AnyPosterior, history: DosingHistory, times_h: Sequence[float]
) -> tuple[Forecast, ...]:
    """Return the concentrations at future times, after the doses of `history`."""
    return forecasts_of(Predictive.of(posterior, history, times_h), times_h)


def forecasts_of(found: Predictive, times_h: Sequence[float]) -> tuple[Forecast, ...]:
    """Return the same from the predictive distribution at these times."""
    low, high = found.band
    measured_low, measured_high = found.measured_band
    return tuple(
        Forecast(
            at_h=float(at),
            ng_ml=float(found.most_probable[place]),
            low_ng_ml=float(low[place]),
            high_ng_ml=float(high[place]),
            measured_low_ng_ml=float(measured_low[place]),
            measured_high_ng_ml=float(measured_high[place]),
        )
        for place, at in enumerate(times_h)
    )


def curve(
    posterior: AnyPosterior, history: DosingHistory, times_h: Sequence[float]
) -> PredictedCurve:
    """Return the concentrations at many times; the band is that of the Laplace approximation."""
    shares = np.array([weight for weight, _ in posterior.members])
    parts = [_log_normal(each.fit, history, times_h) for _, each in posterior.members]
    middle, spread = (np.array(each) for each in zip(*parts, strict=True))
    low, high = (_mixture_quantile(share, shares, middle, spread) for share in BAND)
    return PredictedCurve(
        at_h=tuple(map(float, times_h)),
        ng_ml=tuple(map(float, shares @ middle)),
        low_ng_ml=tuple(map(float, low)),
        high_ng_ml=tuple(map(float, high)),
    )


def _log_normal(fit: Fit, history: DosingHistory, times_h: Sequence[float]) -> tuple[Array, Array]:
    """Return the most probable concentrations, and the standard deviation of their logarithms."""
    value, slopes = Concentrations(fit.model, history, times_h).at_with_slopes(np.array([fit.eta]))
    middle, slope = value[0], slopes[:, 0]
    variance = np.einsum("it,ij,jt->t", slope, np.array(fit.covariance), slope)
    return middle, np.sqrt(variance) / np.maximum(middle, _LEAST_NG_ML)


def _mixture_quantile(share: float, shares: Array, middle: Array, spread: Array) -> Array:
    """Return a quantile of the mixture of log-normal distributions (models, times), by halving."""
    z = _SD_OF_BAND if share > 0.5 else -_SD_OF_BAND
    ends = middle * np.exp(z * spread)
    low, high = ends.min(axis=0), ends.max(axis=0)
    if len(ends) == 1:
        return np.asarray(low)
    centre = np.log(np.maximum(middle, _LEAST_NG_ML))
    for _ in range(_HALVINGS):
        tried = (low + high) / 2
        off = np.log(np.maximum(tried, _LEAST_NG_ML)) - centre
        below = shares @ cdf(off / np.maximum(spread, _LEAST_NG_ML)) < share
        low, high = np.where(below, tried, low), np.where(below, high, tried)
    return np.asarray((low + high) / 2)
