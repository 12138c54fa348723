"""A proposed starting dose as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from dosing import Proposal, Request
from reports.presentation.ages import age_words
from reports.presentation.doses import (
    before_rows,
    both_units,
    few,
    proposal_rows,
    tablet_rows,
    watch_rows,
)
from tui.cli.page import print_page
from tui.rich_page import alert_rows, closing, formula_table, pairs, section, step_rows, wrapping

_MORE = "; --explain shows every step and source"


def print_proposal(proposal: Proposal, *, explain: bool = False) -> None:
    """Print the page to standard output; with `explain` also steps, formulas and sources."""
    print_page(_page(proposal, explain=explain))


def _page(proposal: Proposal, *, explain: bool) -> Iterator[RenderableType]:
    yield Text("Sirolimus starting dose", style="bold")
    yield wrapping(_patient(proposal.request))
    alerts, notes = proposal.alerts.pressing, proposal.alerts.notes
    if proposal.dose is None:
        yield ""
        yield Text(_no_dose(proposal), style="bold")
    if alerts:
        yield from section("Alerts", alert_rows(alerts))
    if proposal.dose and proposal.start:
        rows = proposal_rows(proposal, proposal.start, proposal.dose)
        yield from section("Dose", pairs(rows))
    if proposal.tablet_options:
        rows = tablet_rows(proposal.tablet_options)
        yield from section("Doses of whole tablets", pairs(rows))
    if notes:
        yield from section("Notes", alert_rows(notes))
    if proposal.dose:
        yield from section("Before the first dose", pairs(before_rows(proposal.precautions)))
        yield from section("Watch for", pairs(watch_rows()))
    if explain:
        yield from _explanation(proposal)
    yield ""
    yield closing(proposal.version, "" if explain else _MORE, proposal.request.limits)


def _explanation(proposal: Proposal) -> Iterator[RenderableType]:
    if proposal.area_m2:
        yield from section("Steps", step_rows(proposal.steps))
        formulas = formula_table(proposal.areas, proposal.request.formula, proposal.area_m2)
        yield from section("Body surface area by every formula", formulas)
    yield from section("Sources", pairs(proposal.sources.items()))


def _patient(request: Request) -> str:
    weight, height = request.weight, request.height
    parts = [both_units(weight)]
    if height:
        parts.append(f"{few(height.cm, 2)} cm = {few(height.inches, 1)} in")
    parts += [
        f"{age_words(request.age)} old",
        request.sex.value if request.sex else "sex not given",
    ]
    if request.gestation:
        parts.append(f"born after {request.gestation}")
    return ", ".join(parts)


def _no_dose(proposal: Proposal) -> str:
    if proposal.awaits_override:
        return 'No dose is proposed without --override "REASON" --by "NAME".'
    return "No dose is proposed."
