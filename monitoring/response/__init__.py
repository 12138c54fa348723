"""Time to response: of one patient, and of many as a Kaplan-Meier curve."""

from monitoring.response.survival import (
    SurvivalCurve,
    SurvivalStep,
    kaplan_meier,
    log_rank_p_value,
)
from monitoring.response.time_to_response import TimeToResponse, time_to_response

__all__ = [
    "SurvivalCurve",
    "SurvivalStep",
    "TimeToResponse",
    "kaplan_meier",
    "log_rank_p_value",
    "time_to_response",
]
