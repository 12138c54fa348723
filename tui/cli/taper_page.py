"""A taper as a page for the terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from monitoring.record.patient import Patient
from monitoring.tapering import TaperPlan
from reports.presentation.tapers import taper_lines, taper_rows
from tui.cli.page import print_page
from tui.rich_page import alert_rows, closing, pairs, section, wrapping


def print_taper(plan: TaperPlan, patient: Patient) -> None:
    """Print the page to standard output."""
    print_page(_page(plan, patient))


def _page(plan: TaperPlan, patient: Patient) -> Iterator[RenderableType]:
    yield Text(f"Taper of sirolimus, {patient.name} ({patient.record_number})", style="bold")
    yield wrapping(f"{plan.state.words}.")
    if plan.alerts:
        yield from section("Alerts", alert_rows(plan.alerts))
    if plan.doses:
        rows = [(when, f"{part}, {dose}") for when, dose, part in taper_rows(plan)]
        yield from section("Steps, in % of the dose at the start", pairs(rows))
        yield from section("About it", wrapping("\n".join(taper_lines())))
    yield ""
    yield closing(plan.version, limits=plan.state.history.record.limits)
