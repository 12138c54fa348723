"""A proposal as one JSON document, for other programs: units in the keys, null for absent.

The shape is the one that `docs/commands.md` describes. Numbers are rounded only here: areas and
exact doses to six decimals, rates to four, the rounding error to two.
"""

import json
from collections.abc import Sequence
from decimal import Decimal

from dosing.alerts import Alert
from dosing.knowledge.nadal2016 import ADVERSE_EVENTS, NO_ADVERSE_EVENT
from dosing.proposal import Dose, Override, Proposal, Request, Step
from dosing.quantities.formatting import plain, rate, rounded


def proposal_as_json(proposal: Proposal) -> str:
    """Return the proposal as an indented JSON document."""
    return json_text(proposal_document(proposal))


def proposal_document(proposal: Proposal) -> dict[str, object]:
    """Return what the JSON document of a proposal holds."""
    request, target = proposal.request, proposal.target
    loading = proposal.loading_dose
    return {
        "protocol": request.protocol.key,
        "formula": request.formula.key,
        "body_surface_area_m2": json_number(proposal.area_m2, 6),
        "dose": dose_as_json(proposal.dose) if proposal.dose else None,
        "protocol_dose": (
            {"per_day": rate(proposal.start.per_day), "per_dose": rate(proposal.start.per_dose)}
            if proposal.start
            else None
        ),
        "loading_dose_mg": json_number(loading.measured.mg) if loading else None,
        "loading_dose": dose_as_json(loading) if loading else None,
        "target_ng_ml": [json_number(target.low_ng_ml), json_number(target.high_ng_ml)],
        "first_level_days": list(request.protocol.first_level_days),
        "early_level": proposal.needs_early_level,
        "alerts": [alert_as_json(alert) for alert in proposal.alerts],
        "override": override_as_json(proposal.override, proposal.overridden),
        "precautions": [
            {"topic": each.topic, "text": each.text, "source": each.source}
            for each in proposal.precautions
        ],
        "review_adverse_events": {
            "patients": NO_ADVERSE_EVENT.of,
            "none": NO_ADVERSE_EVENT.count,
            **{event.name: event.count for event in ADVERSE_EVENTS},
        },
        "inputs": _inputs(request),
        "steps": [step_as_json(step) for step in proposal.steps],
        "formulas_m2": {each.formula.key: json_number(each.m2, 6) for each in proposal.areas},
        "sources": proposal.sources,
        "version": proposal.version,
    }


def json_text(document: object, *, ascii_only: bool = False) -> str:
    """Return a document as every command writes it: indented, and with no number that JSON lacks.

    With `ascii_only` every sign beyond ASCII is written as its number.
    """
    return json.dumps(document, ensure_ascii=ascii_only, indent=2, allow_nan=False)


def json_number(value: Decimal | None, decimals: int | None = None) -> float | int | None:
    """Return the shortest JSON number that reads as `value`."""
    if value is None:
        return None
    shown = value if decimals is None else rounded(value, decimals)
    return int(shown) if shown == shown.to_integral_value() else float(shown)


def dose_as_json(dose: Dose) -> dict[str, object]:
    """Return a dose as it stands in every JSON document of the program."""
    measured = dose.measured
    return {
        "exact_mg": json_number(dose.exact_mg, 6),
        "given_mg": json_number(measured.mg),
        "volume_ml": json_number(measured.volume_ml),
        "syringe_ml": json_number(measured.syringe_ml),
        "tablets": {f"{plain(mg)} mg": count for mg, count in measured.tablets} or None,
        "times_a_day": dose.times_a_day,
        "every_hours": dose.every_hours,
        "daily_mg": json_number(dose.daily_mg),
        "mg_per_m2_per_dose": json_number(dose.mg_per_m2_per_dose, 4),
        "mg_per_m2_per_day": json_number(dose.mg_per_m2_per_day, 4),
        "rounding_percent": json_number(dose.rounding_percent, 2),
    }


def alert_as_json(alert: Alert) -> dict[str, str | None]:
    """Return an alert as it stands in every JSON document of the program."""
    return {
        "code": alert.code,
        "kind": alert.kind.word,
        "message": alert.message,
        "source": alert.source,
        "value": alert.value,
        "limit": alert.limit,
    }


def override_as_json(override: Override | None, passed: Sequence[str]) -> dict[str, object] | None:
    """Return an override and the codes it passed as they stand in every JSON document."""
    if override is None:
        return None
    return {"reason": override.reason, "by": override.by, "passed": list(passed)}


def step_as_json(step: Step) -> dict[str, str]:
    """Return a step of a calculation as it stands in every JSON document of the program."""
    return {"title": step.title, "working": step.working, "source": step.source}


def _inputs(request: Request) -> dict[str, object]:
    return {
        "weight_kg": json_number(request.weight.kg),
        "height_cm": json_number(request.height.cm) if request.height else None,
        "age_months": json_number(request.age.months, 4),
        "sex": request.sex.value if request.sex else None,
        "product": request.product.value,
        "with": list(request.drugs),
        "liver": request.liver.value,
        "measured_days_ago": json_number(request.measured_days_ago),
    }
