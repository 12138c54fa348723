"""A level and what it means as JSON; the shape is in `docs/commands.md`."""

from dosing import TargetTrough, alert_as_json, json_number
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.record.entries import Recorded
from monitoring.record.level import Level


def level_document(entry: Recorded[Level]) -> dict[str, object]:
    """Return a level as it was reported."""
    level = entry.entry
    return {
        "at": str(level.sampled),
        "level_ng_ml": json_number(level.value.value),
        "comparator": level.comparator.value if level.comparator else None,
        "reported": str(level),
        "last_dose": str(level.last_dose) if level.last_dose else None,
        "assay": level.assay.value if level.assay else None,
        "laboratory": level.laboratory or None,
        "reason": level.reason or None,
        "passed": list(level.passed),
    }


def assessment_document(assessed: LevelAssessment) -> dict[str, object]:
    """Return what a level means."""
    return {
        "status": assessed.status.value,
        "is_trough": assessed.is_trough,
        "steady_state": assessed.steady_state,
        "hours_since_last_dose": _rounded(assessed.hours_since_last_dose, 2),
        "days_since_change": _rounded(assessed.days_since_change, 2),
        "target_ng_ml": _ends(assessed.target),
        "counts": assessed.counts,
        "change_percent": _rounded(assessed.change_percent, 1),
        "alerts": [alert_as_json(alert) for alert in assessed.alerts],
    }


def _rounded(number: float | None, decimals: int) -> float | None:
    return None if number is None else round(number, decimals)


def _ends(target: TargetTrough | None) -> list[float | None] | None:
    if target is None:
        return None
    return [json_number(target.low_ng_ml), json_number(target.high_ng_ml)]
