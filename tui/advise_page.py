"""Advice after a level as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterator
from decimal import Decimal

from rich.console import RenderableType
from rich.text import Text

from dosing import Adjustment, plain
from dosing.writing import how_to_measure, measured_dose, product_name
from monitoring.advice import Advice
from monitoring.levels import LevelAssessment
from monitoring.record.patient import Patient
from tui.page import (
    alert_rows,
    closing,
    dose_rows,
    pairs,
    print_page,
    section,
    step_rows,
    wrapping,
)


def print_advice(advice: Advice, patient: Patient) -> None:
    """Print the page to standard output."""
    print_page(_page(advice, patient))


def _page(advice: Advice, patient: Patient) -> Iterator[RenderableType]:
    yield Text("Sirolimus dose after a level", style="bold")
    yield wrapping(f"{patient.name}, record number {patient.record_number}, born {patient.born}")
    if advice.dose is None:
        yield ""
        yield Text(_no_dose(advice), style="bold")
    alerts, notes = advice.alerts.pressing, advice.alerts.notes
    if alerts:
        yield from section("Alerts", alert_rows(alerts))
    if advice.assessment:
        yield from section("Level", pairs(level_rows(advice.assessment)))
    if advice.request:
        yield from section("Now given", pairs(now_given_rows(advice.request)))
    if advice.dose:
        yield from section("Dose", pairs(advised_dose_rows(advice)))
    if advice.adjusted and advice.adjusted.steps:
        yield from section("Steps", step_rows(advice.adjusted.steps))
    if notes:
        yield from section("Notes", alert_rows(notes))
    if advice.sources:
        yield from section("Sources", pairs(advice.sources.items()))
    yield ""
    yield closing(advice.version)


def _no_dose(advice: Advice) -> str:
    if advice.awaits_override:
        return 'No dose is proposed without --override "REASON" --by "NAME".'
    return "No dose is proposed." if advice.stopped else "No change of the dose."


def level_rows(assessment: LevelAssessment) -> Iterator[tuple[str, str]]:
    """Yield the level, when it was sampled and the last dose before."""
    level = assessment.level.entry
    assay = level.assay.value if level.assay else "assay not written down"
    yield "Level", f"{level} by {assay}" if level.assay else f"{level}, {assay}"
    yield "Sampled", str(level.sampled)
    if level.last_dose:
        yield "Last dose", str(level.last_dose)


def now_given_rows(request: Adjustment) -> Iterator[tuple[str, str]]:
    """Yield the dose that the level was reached with, its target and the body."""
    per_dose, times = plain(request.dose_mg), request.times_a_day
    per_day = f"{per_dose} mg × {times} a day = {plain(request.daily_mg)} mg per day"
    yield "Dose", f"{per_day}, {product_name(request.product)}"
    protocol = request.protocol
    yield "Target", f"trough {request.target} [{protocol.target_source}]"
    yield "Body", _body(request)


def _body(request: Adjustment) -> str:
    weight, height = request.weight, request.height
    if weight is None:
        return "no weight written down"
    days = plain(request.measured_days_ago or Decimal(0))
    parts = [f"{plain(weight.kg, 3)} kg, weighed {days} {'day' if days == '1' else 'days'} ago"]
    parts += [f"{plain(height.cm, 2)} cm"] if height else ["no height written down"]
    return "; ".join(parts)


def advised_dose_rows(advice: Advice) -> Iterator[tuple[str, str]]:
    """Yield the dose that is suggested; nothing where there is none."""
    if advice.adjusted is None or advice.dose is None:
        return
    if advice.adjusted.loading_dose:
        loading = advice.adjusted.loading_dose.measured
        yield "First, once", f"{measured_dose(loading)} by mouth. {how_to_measure(loading)}"
    yield from dose_rows(advice.dose)
    if advice.adjusted.override:
        override = advice.adjusted.override
        yield "Override", f"{override.reason} (by {override.by})"
