"""Advice after a level as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from monitoring.recommendation.advice import Advice
from monitoring.record.patient import Patient
from reports.presentation.advice import advised_dose_rows, level_rows, now_given_rows
from reports.presentation.patients import patient_line
from tui.cli.page import print_page
from tui.rich_page import alert_rows, closing, pairs, section, step_rows, wrapping


def print_advice(advice: Advice, patient: Patient) -> None:
    """Print the page to standard output."""
    print_page(_page(advice, patient))


def _page(advice: Advice, patient: Patient) -> Iterator[RenderableType]:
    yield Text("Sirolimus dose after a level", style="bold")
    yield wrapping(patient_line(patient))
    if advice.dose is None:
        yield ""
        yield Text(_no_dose(advice), style="bold")
    alerts, notes = advice.alerts.pressing, advice.alerts.notes
    if alerts:
        yield from section("Alerts", alert_rows(alerts))
    if advice.assessment:
        yield from section("Level", pairs(level_rows(advice.assessment)))
    if advice.request:
        yield from section("Current dose", pairs(now_given_rows(advice.request)))
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
