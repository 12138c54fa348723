"""The conclusions of the program at the moment of the export: its alerts and its forecast."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from dosing import AlertKind, cite
from monitoring.exchange.fhir.extensions import (
    ALERT_SOURCE,
    ALERTS,
    MODELS,
    TARGET_OUTCOMES,
    extension,
)
from monitoring.exchange.fhir.writing.elements import (
    BundleEntry,
    Element,
    coding,
    concept,
    date_time,
    element,
    notes,
    to,
)
from monitoring.exchange.fhir.writing.exported import PROGRAM, Exported

if TYPE_CHECKING:
    from dosing.pharmacokinetics import TargetAttainment
    from monitoring.recommendation.forecast import PatientForecast

SEVERITY = {
    AlertKind.STOP: "high",
    AlertKind.OVERRIDE: "high",
    AlertKind.URGENT: "high",
    AlertKind.CAUTION: "moderate",
    AlertKind.NOTE: "low",
}
"""The severity of each kind of alert, in the three words that FHIR has."""
_PERCENT_DIGITS = 4


def alerts(exported: Exported) -> Iterator[BundleEntry]:
    """Yield the alerts of the summary; several of one code are numbered."""
    seen: Counter[str] = Counter()
    for alert in exported.summary.alerts:
        seen[alert.code] += 1
        number = f"-{seen[alert.code]}" if seen[alert.code] > 1 else ""
        yield BundleEntry(
            "DetectedIssue",
            exported.id(exported.record.number, f"{alert.code}{number}"),
            element(
                extension=(
                    extension(ALERT_SOURCE, valueString=cite([alert.source])[alert.source]),
                ),
                status="final",
                code=concept(coding(ALERTS, alert.code)),
                severity=SEVERITY[alert.kind],
                patient=exported.patient,
                identifiedDateTime=date_time(exported.now),
                author=to(PROGRAM),
                detail=alert.message,
            ),
        )


def forecast(exported: Exported) -> Iterator[BundleEntry]:
    """Yield the target attainment of the current dose, where a forecast exists."""
    summary = exported.summary
    if summary.current is None:
        return
    from monitoring.recommendation.advice import forecast_for  # noqa: PLC0415 - numpy is heavy

    found = forecast_for(exported.record, exported.now, clinic=summary.clinic)
    recommendation = found.answer.recommendation if found.answer else None
    if recommendation is not None:
        yield _assessment(exported, found, recommendation.current)


def _assessment(
    exported: Exported, found: "PatientForecast", outcome: "TargetAttainment"
) -> BundleEntry:
    answer, target = found.answer, exported.summary.target
    used = answer.levels if answer else ()
    parts = (("below", outcome.below), ("within", outcome.within), ("above", outcome.above))
    return BundleEntry(
        "RiskAssessment",
        exported.id(exported.record.number, "forecast"),
        element(
            status="final",
            method=concept(coding(MODELS, found.model.key), text=found.model.name),
            code=concept(text="target attainment of the trough"),
            subject=exported.patient,
            occurrenceDateTime=date_time(exported.now),
            performer=to(PROGRAM),
            basis=tuple(to(f"Observation/{exported.id(each.level.number)}") for each in used),
            prediction=tuple(_prediction(name, value, target) for name, value in parts),
            note=notes(
                f"At steady state on {outcome.regimen}.",
                "" if used else "By the population alone: there is no level of this patient.",
            ),
        ),
    )


def _prediction(name: str, probability: float, target: object) -> Element:
    """Return the probability of an outcome, which R4 wants in percent."""
    percent = Decimal(str(round(probability, _PERCENT_DIGITS))) * 100
    return element(
        outcome=concept(
            coding(TARGET_OUTCOMES, name), text=f"trough {name} the target of {target}"
        ),
        probabilityDecimal=percent,
    )
