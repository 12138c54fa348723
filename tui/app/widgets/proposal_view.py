"""A proposal for the space beside the form: the dose, its alerts, and the reasons."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from dosing import Proposal
from dosing.quantities.formatting import how_often, measured_dose
from reports.presentation.alerts import alert_text
from reports.presentation.doses import before_rows, proposal_rows, tablet_rows, watch_rows
from tui.app.dose_calculation import Calculation
from tui.app.text import alert_line, words
from tui.rich_page import Page, closing, formula_table, pairs, section, step_rows

NO_DOSE = "No dose is proposed."
AWAITS_OVERRIDE = "An override is needed. Enter the reason and your name."


class ProposalView(VerticalScroll):
    """The proposal, or what is missing. No number is shown while anything is missing."""

    DEFAULT_CSS = """
    ProposalView { padding: 0 1; }
    ProposalView Static { height: auto; }
    ProposalView #headline { text-style: bold; color: $text-success; }
    ProposalView #headline.-none { color: $text-muted; }
    ProposalView #headline.-stopped { color: $text-error; }
    ProposalView #alerts { margin-top: 1; }
    ProposalView #alerts.-empty { display: none; }
    """

    def compose(self) -> ComposeResult:
        """Lay out the parts, still empty."""
        yield Static(id="headline")
        yield Static(id="alerts")
        yield Static(id="details")

    def show_missing(self, missing: Iterable[str]) -> None:
        """Show what the form still needs, and nothing else."""
        self._headline("No dose yet", "-none")
        self._alerts(words(f"○ {each}") for each in missing)
        self.query_one("#details", Static).update("")

    def show(self, calculation: Calculation, *, why: bool) -> None:
        """Show a calculation; `why` adds the steps and the sources."""
        dose = calculation.dose
        if dose is not None:
            often = how_often(dose.times_a_day, dose.every_hours)
            self._headline(f"{measured_dose(dose.measured)}\n{often}", "")
        else:
            reason = AWAITS_OVERRIDE if calculation.awaits_override else NO_DOSE
            self._headline(reason, "-stopped")
        alerts = calculation.alerts.pressing if dose else calculation.alerts
        self._alerts(alert_line(alert, with_source=why) for alert in alerts)
        self.query_one("#details", Static).update(Page(_details(calculation, why=why)))

    def _headline(self, text: str, style: str) -> None:
        headline = self.query_one("#headline", Static)
        headline.update(Content("\n").join(words(line) for line in text.split("\n")))
        headline.set_class(style == "-none", "-none")
        headline.set_class(style == "-stopped", "-stopped")

    def _alerts(self, lines: Iterable[Content]) -> None:
        shown = tuple(lines)
        alerts = self.query_one("#alerts", Static)
        alerts.update(Content("\n").join(shown))
        alerts.set_class(not shown, "-empty")


def _details(calculation: Calculation, *, why: bool) -> Iterator[RenderableType]:
    proposal, dose = calculation.proposal, calculation.dose
    if dose is not None and proposal.start is not None:
        yield from section("Dose", pairs(proposal_rows(proposal, proposal.start, dose)))
        notes = calculation.alerts.notes
        if notes:
            rows = ((each.kind.word, alert_text(each)) for each in notes)
            yield from section("Notes", pairs(rows))
    if proposal.tablet_options:
        yield from section("Doses of whole tablets", pairs(tablet_rows(proposal.tablet_options)))
    if dose is not None and why:
        yield from section("Steps", step_rows(proposal.steps))
    if dose is not None and proposal.area_m2 is not None:
        table = formula_table(proposal.areas, proposal.request.formula, proposal.area_m2)
        yield from section("Body surface area by every formula", table)
    if dose is not None:
        yield from section("Before the first dose", pairs(before_rows(proposal.precautions)))
        yield from section("Watch for", pairs(watch_rows()))
    if why:
        yield from section("Sources", pairs(_sources(calculation, proposal).items()))
    yield ""
    yield closing(proposal.version, limits=proposal.request.limits)


def _sources(calculation: Calculation, proposal: Proposal) -> dict[str, str]:
    from dosing import cite  # noqa: PLC0415 - only with the sources

    return {**proposal.sources, **cite(calculation.alerts.sources)}
