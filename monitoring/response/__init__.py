"""Response: how long it took, and how that is told of many patients beside the review."""

from monitoring.response.survival import (
    Curve,
    Step,
    kaplan_meier,
    log_rank_p_value,
)
from monitoring.response.time_to_response import TimeToResponse, time_to_response

__all__ = [
    "Curve",
    "Step",
    "TimeToResponse",
    "kaplan_meier",
    "log_rank_p_value",
    "time_to_response",
]
