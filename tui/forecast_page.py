"""A forecast as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from dosing.kinetics import DoseOutcome
from monitoring.forecast import Answer, CheckedLevel, PatientForecast
from monitoring.forecast.wording import (
    basis,
    best_chance,
    chances,
    clearance,
    dose_label,
    half_life,
    interval,
    label_rule,
    outcomes_worth_showing,
    second_model,
    steady_state,
    trough,
    troughs_worth_showing,
)
from monitoring.record.patient import Patient
from tui.page import alert_rows, closing, grid, pairs, print_page, section, wrapping


def print_forecast(found: PatientForecast, patient: Patient) -> None:
    """Print the page to standard output."""
    print_page(_page(found, patient))


def _page(found: PatientForecast, patient: Patient) -> Iterator[RenderableType]:
    yield Text("Sirolimus forecast", style="bold")
    yield wrapping(f"{patient.name}, record number {patient.record_number}, born {patient.born}")
    if found.answer is None:
        yield ""
        yield Text("No forecast.", style="bold")
    alerts, notes = found.alerts.pressing, found.alerts.notes
    if alerts:
        yield from section("Alerts", alert_rows(alerts))
    if found.answer:
        yield from _answer(found, found.answer)
    if notes:
        yield from section("Notes", alert_rows(notes))
    yield from section("Sources", pairs(found.sources.items()))
    yield ""
    yield closing(found.version)


def _answer(found: PatientForecast, answer: Answer) -> Iterator[RenderableType]:
    yield from section("Doses", _doses(found, answer))
    yield from section("This patient", pairs(patient_rows(found, answer)))
    if answer.levels:
        yield from section("Levels so far", pairs(map(level_row, answer.levels)))
    if answer.troughs:
        yield from section("Troughs to come, on the dose in force", pairs(trough_rows(answer)))


def _doses(found: PatientForecast, answer: Answer) -> RenderableType:
    rows = grid()
    for label, text in _dose_rows(found, answer):
        rows.add_row(Text(label), wrapping(text))
    return Padding(rows, (0, 0, 0, 2))


def _dose_rows(found: PatientForecast, answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield what is recommended and the label's dose, and then each dose with its chances."""
    yield from best_rows(found, answer)
    for outcome in answer.asked or outcomes_worth_showing(answer.recommendation):
        yield dose_label(outcome), outcome_words(outcome)


def best_rows(found: PatientForecast, answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield the dose with the best chance, the label's beside it, and the target."""
    recommendation = answer.recommendation
    if best := best_chance(recommendation):
        yield "Best chance", best
    yield "Label's rule", label_rule(found.label)
    yield "Target", f"a measured trough of {answer.target}"


def outcome_words(outcome: DoseOutcome) -> str:
    """Return what a dose would come to: its trough, the interval first, and its chances."""
    return f"{interval_of(outcome)}; {chances(outcome)}"


def interval_of(outcome: DoseOutcome) -> str:
    """Return the trough of a dose at steady state, the interval first."""
    return f"trough {interval(outcome.low_ng_ml, outcome.high_ng_ml, outcome.trough_ng_ml)}"


def patient_rows(found: PatientForecast, answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield the model, what it rests on, and what it makes of this patient."""
    yield "Model", f"{found.model.name} [{found.model.source}], by {found.model.assay}"
    yield "Made from", found.model.population
    yield "Rests on", basis(answer)
    yield "Clearance", clearance(answer.disposition)
    yield "Half-life", half_life(answer.disposition)
    yield "Steady state", steady_state(answer.disposition)
    if answer.second:
        yield "Second model", second_model(answer.second)


def level_row(checked: CheckedLevel) -> tuple[str, str]:
    """Return a measured level beside what the fit makes of it."""
    level, check = checked.level.entry, checked.check
    return str(level.sampled), (
        f"{level}, predicted {check.predicted_ng_ml:.1f} ng/mL; percentile "
        f"{check.percentile:.0f} of the population"
    )


def trough_rows(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield the next trough, that in a week and the last: the document holds every day."""
    for each in troughs_worth_showing(answer):
        yield str(each.at), trough(each)
