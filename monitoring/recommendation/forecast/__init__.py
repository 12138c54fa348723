"""The forecast of a patient's levels, and the dose with the best chance of the target."""

from monitoring.recommendation.forecast.forecasting import (
    DEFAULT_MODEL,
    FORECAST_DAYS,
    CheckedLevel,
    FittedForecast,
    ForecastRequest,
    PatientForecast,
    SecondOpinion,
    TroughForecast,
    forecast_for,
)

__all__ = [
    "DEFAULT_MODEL",
    "FORECAST_DAYS",
    "CheckedLevel",
    "FittedForecast",
    "ForecastRequest",
    "PatientForecast",
    "SecondOpinion",
    "TroughForecast",
    "forecast_for",
]
