"""Advice after a level as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from monitoring.recommendation.advice import Advice
from monitoring.record.patient import Patient
from reports.presentation.advice import (
    advice_rows,
    advised_dose_rows,
    beyond_reasons,
    level_rows,
    now_given_rows,
    steps_are_shown,
    title_of_dose,
)
from reports.presentation.patients import patient_line
from tui.cli.page import print_page
from tui.rich_page import alert_rows, closing, pairs, section, step_rows, wrapping


def print_advice(advice: Advice, patient: Patient) -> None:
    """Print the page to standard output."""
    print_page(_page(advice, patient))


def _page(advice: Advice, patient: Patient) -> Iterator[RenderableType]:
    found = advice.recommendation
    yield Text("Sirolimus dose after a level", style="bold")
    yield wrapping(patient_line(patient))
    yield wrapping(f"{advice.state.words}.")
    yield ""
    if advice.awaits_override:
        yield Text(_NEEDS_OVERRIDE, style="bold")
    elif advice.stopped:
        yield Text("No dose is proposed.", style="bold")
    yield pairs(advice_rows(advice))
    alerts = beyond_reasons(advice.alerts, found)
    if alerts.pressing:
        yield from section("Alerts", alert_rows(alerts.pressing))
    if advice.dose:
        yield from section("Dose", pairs(advised_dose_rows(advice)))
    if advice.assessment:
        yield from section("Level", pairs(level_rows(advice.assessment)))
    if advice.request:
        yield from section(title_of_dose(advice), pairs(now_given_rows(advice.request)))
    if advice.adjusted and advice.adjusted.steps and steps_are_shown(advice):
        yield from section("Steps of the label's arithmetic", step_rows(advice.adjusted.steps))
    if alerts.notes:
        yield from section("Notes", alert_rows(alerts.notes))
    if advice.sources:
        yield from section("Sources", pairs(advice.sources.items()))
    yield ""
    yield closing(advice.version, limits=advice.limits)


_NEEDS_OVERRIDE = 'No dose is proposed without --override "REASON" --by "NAME".'
