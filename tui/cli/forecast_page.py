"""A forecast as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from monitoring.recommendation.forecast import FittedForecast, PatientForecast
from monitoring.record.patient import Patient
from monitoring.times import Moment
from reports.presentation.advice import recommendation_rows
from reports.presentation.forecast import (
    level_row,
    outcome_words,
    outcomes_worth_showing,
    patient_rows,
    recommended_rows,
    trough_rows,
)
from reports.presentation.patients import patient_line
from tui.cli.page import print_page
from tui.rich_page import alert_rows, closing, pairs, section, wrapping


def print_forecast(found: PatientForecast, patient: Patient, now: Moment) -> None:
    """Print the page of a moment to standard output."""
    print_page(_page(found, patient, now))


def _page(found: PatientForecast, patient: Patient, now: Moment) -> Iterator[RenderableType]:
    yield Text("Sirolimus forecast", style="bold")
    yield wrapping(patient_line(patient))
    if found.answer is None:
        yield ""
        yield Text("No forecast.", style="bold")
        if found.recommendation:
            yield pairs(recommendation_rows(found.recommendation, found.label, now))
    alerts, notes = found.alerts.pressing, found.alerts.notes
    if alerts:
        yield from section("Alerts", alert_rows(alerts))
    if found.answer:
        yield from _answer(found, found.answer, now)
    if notes:
        yield from section("Notes", alert_rows(notes))
    yield from section("Sources", pairs(found.sources.items()))
    yield ""
    yield closing(found.version, limits=found.limits)


def _answer(
    found: PatientForecast, answer: FittedForecast, now: Moment
) -> Iterator[RenderableType]:
    yield from section("Doses", pairs(_dose_rows(found, answer, now)))
    yield from section("This patient", pairs(patient_rows(found, answer)))
    if answer.levels:
        yield from section("Levels so far", pairs(map(level_row, answer.levels)))
    if answer.troughs:
        yield from section("Next troughs, on the current dose", pairs(trough_rows(answer)))


def _dose_rows(
    found: PatientForecast, answer: FittedForecast, now: Moment
) -> Iterator[tuple[str, str]]:
    """Yield the recommendation with its evidence, then each dose with its probabilities."""
    yield from recommended_rows(found, answer, now)
    for outcome in answer.requested or outcomes_worth_showing(answer.recommendation):
        yield str(outcome.regimen), outcome_words(outcome)
