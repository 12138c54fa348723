"""Advice after a level as a JSON document; the shape is in `docs/commands.md`."""

from dosing import (
    json_number,
)
from monitoring.recommendation.advice import Advice


def advice_document(advice: Advice) -> dict[str, object]:
    """Return the document; without an answer its figures are null."""
    request, adjusted = advice.request, advice.adjusted
    level = advice.assessment.level.entry if advice.assessment else None
    target = request.target if request else None
    loading = adjusted.loading_dose if adjusted else None
    return {
        "level_ng_ml": json_number(level.value.value) if level else None,
        "comparator": level.comparator.value if level and level.comparator else None,
        "sampled_at": str(level.sampled) if level else None,
        "assay": level.assay.value if level and level.assay else None,
        "current_daily_mg": json_number(request.daily_mg) if request else None,
        "target_ng_ml": (
            [json_number(target.low_ng_ml), json_number(target.high_ng_ml)] if target else None
        ),
        "aim_ng_ml": json_number(request.aim_ng_ml) if request else None,
        "factor": json_number(adjusted.factor, 6) if adjusted else None,
        "dose": advice.dose.to_dict() if advice.dose else None,
        "loading_dose_mg": json_number(loading.measured.mg) if loading else None,
        "loading_dose": loading.to_dict() if loading else None,
        "alerts": [alert.to_dict() for alert in advice.alerts],
        "override": (
            adjusted.override.to_dict(adjusted.overridden)
            if adjusted and adjusted.override
            else None
        ),
        "steps": [step.to_dict() for step in adjusted.steps] if adjusted else [],
        "sources": advice.sources,
        "version": advice.version,
    }
