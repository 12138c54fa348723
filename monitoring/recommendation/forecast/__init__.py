"""The forecast of a patient's levels, and the dose most likely to reach the target."""

from monitoring.recommendation.forecast.patient_forecast import (
    FORECAST_DAYS,
    CheckedLevel,
    FittedForecast,
    ForecastRequest,
    ModelShare,
    ModelsUsed,
    PatientForecast,
    TroughForecast,
)

__all__ = [
    "FORECAST_DAYS",
    "CheckedLevel",
    "FittedForecast",
    "ForecastRequest",
    "ModelShare",
    "ModelsUsed",
    "PatientForecast",
    "TroughForecast",
]
