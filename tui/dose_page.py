"""A proposed starting dose as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dosing import (
    Age,
    Dose,
    Formula,
    FormulaArea,
    Proposal,
    Protocol,
    Request,
    Start,
    Weight,
)
from dosing.precautions import Precaution
from dosing.review import ADVERSE_EVENTS, NO_ADVERSE_EVENT, RARE_AND_SERIOUS
from dosing.review import SOURCE as REVIEW_SOURCE
from dosing.writing import (
    how_to_measure,
    measured_dose,
    percent,
    plain,
    rate,
    rounded,
)
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
    if notes:
        yield from section("Notes", alert_rows(notes))
    if proposal.dose:
        yield from section("Before the first dose", pairs(before_rows(proposal.precautions)))
        yield from section("Watch for", pairs(watch_rows()))
    if explain:
        yield from _explanation(proposal)
    yield ""
    yield closing(proposal.version, "" if explain else _MORE)


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
        parts.append(f"{_few(height.cm, 2)} cm = {_few(height.inches, 1)} in")
    parts += [age_words(request.age), request.sex.value if request.sex else "sex not given"]
    return ", ".join(parts)


def both_units(weight: Weight) -> str:
    """Return a weight in kg and lb."""
    return f"{_few(weight.kg, 3)} kg = {_few(weight.lb, 1)} lb"


def _few(number: Decimal, decimals: int) -> str:
    """Return `number` with few decimals, or in full where few would show nothing."""
    return plain(number, decimals) if rounded(number, decimals) else plain(number)


def age_words(age: Age) -> str:
    """Return an age as people tell it: never rounded up to what is not reached yet."""
    days, months, years = (
        plain(number.quantize(Decimal("0.1"), ROUND_FLOOR))
        for number in (age.days, age.months, age.years)
    )
    if age.months < 1:
        return f"{days} {'day' if days == '1' else 'days'} old"
    return f"{months} months = {years} years old"


def proposal_rows(proposal: Proposal, start: Start, dose: Dose) -> Iterator[tuple[str, str]]:
    """Yield the dose, its protocol and target, and when the first level is taken."""
    request = proposal.request
    protocol = request.protocol
    if proposal.loading_dose:
        loading = proposal.loading_dose.measured
        yield "First, once", f"{measured_dose(loading)} by mouth. {how_to_measure(loading)}"
    yield from dose_rows(dose)
    if dose.area_m2:
        area, formula = plain(dose.area_m2, 6), request.formula
        yield "Surface", f"{area} m² by {formula.name} [{formula.source}]"
    yield "Protocol", _protocol(protocol, start)
    yield "Target", f"trough {proposal.target} [{protocol.target_source}]"
    yield "First level", _first_level(proposal)
    if proposal.override:
        yield "Override", f"{proposal.override.reason} (by {proposal.override.by})"


def _protocol(protocol: Protocol, start: Start) -> str:
    doses = f"{protocol.name}: {rate(start.per_day)} = {rate(start.per_dose)} [{protocol.source}]"
    return f"{doses}. {protocol.remark}" if protocol.remark else doses


def _first_level(proposal: Proposal) -> str:
    protocol = proposal.request.protocol
    days = f"{_days(protocol.first_level_days)} after the start"
    if proposal.needs_early_level:
        days = f"earlier than the usual {days}: see above and below"
    return f"{days}; in whole blood (EDTA), just before a dose [{protocol.first_level_source}]"


def _days(days: tuple[int, int]) -> str:
    first, last = days
    return f"{first} days" if first == last else f"{first}-{last} days"


def _no_dose(proposal: Proposal) -> str:
    if proposal.awaits_override:
        return 'No dose is proposed without --override "REASON" --by "NAME".'
    return "No dose is proposed."


def before_rows(precautions: Iterable[Precaution]) -> Iterator[tuple[str, str]]:
    """Yield what to rule out, test and tell before the first dose."""
    for topic, same in groupby(precautions, key=lambda each: each.topic):
        yield topic, "; ".join(f"{each.text} [{each.source}]" for each in same)


def watch_rows() -> Iterator[tuple[str, str]]:
    """Yield what the review saw."""
    none = f"{NO_ADVERSE_EVENT.name} in {NO_ADVERSE_EVENT.count} ({NO_ADVERSE_EVENT.percent} %)"
    seen = ", ".join(f"{event.name} {event.count}" for event in ADVERSE_EVENTS)
    yield "Review", f"of {NO_ADVERSE_EVENT.of} patients: {seen}; {none} [{REVIEW_SOURCE}]"
    yield "Rare", f"{RARE_AND_SERIOUS}, potentially serious [{REVIEW_SOURCE}]"


def formula_table(
    areas: Iterable[FormulaArea], chosen: Formula, chosen_m2: Decimal
) -> RenderableType:
    """Return the area by every formula, and how far each is from the chosen one."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for heading, justify in (("Formula", "left"), ("m²", "right"), ("", "right"), ("", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for each in areas:
        remarks = ["chosen"] if each.formula == chosen else []
        remarks += [each.formula.remark] if each.formula.remark else []
        table.add_row(
            Text(each.formula.name),
            Text(f"{rounded(each.m2, 4)}"),
            Text(percent((each.m2 / chosen_m2 - 1) * 100)),
            Text(", ".join(remarks)),
        )
    return Padding(table, (0, 0, 0, 2))
