"""A proposed starting dose as a page for the terminal: readable at 80 columns, without colour."""

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dosing import (
    Age,
    Alert,
    AlertKind,
    Dose,
    Formula,
    FormulaArea,
    Proposal,
    Protocol,
    Request,
    Start,
    Step,
)
from dosing.precautions import Precaution
from dosing.review import ADVERSE_EVENTS, NO_ADVERSE_EVENT, RARE_AND_SERIOUS
from dosing.review import SOURCE as REVIEW_SOURCE
from dosing.writing import (
    how_often,
    how_to_measure,
    measured_dose,
    percent,
    plain,
    rate,
    rounded,
)

_MORE = "; --explain shows every step and source"
# Between a number and its unit stands this private sign while rich breaks the lines: rich would
# break at a no-break space too.
_KEEP = "\ue000"
_BEFORE_UNIT = re.compile(r"(?<=[0-9]) (?=[^\W\d]|%)|(?<=×) (?=[0-9])")

_WIDEST = 100
_ALERT_SIGNS = {
    AlertKind.STOP: ("■ STOP", "bold red"),
    AlertKind.OVERRIDE: ("▲ OVERRIDE", "bold red"),
    AlertKind.URGENT: ("▲ URGENT", "bold red"),
    AlertKind.CAUTION: ("! CAUTION", "bold yellow"),
    AlertKind.NOTE: ("· note", "bold"),
}


def print_proposal(proposal: Proposal, *, explain: bool = False) -> None:
    """Print the page to standard output; with `explain` also steps, formulas and sources."""
    console = Console(markup=False, highlight=False, emoji=False)
    console.width = min(console.width, _WIDEST)
    with console.capture() as captured:
        for part in _page(proposal, explain=explain):
            console.print(part)
    lines = captured.get().replace(_KEEP, " ").splitlines()
    print("\n".join(line.rstrip() for line in lines))  # rich fills every line with spaces


def _page(proposal: Proposal, *, explain: bool) -> Iterator[RenderableType]:
    yield Text("Sirolimus starting dose", style="bold")
    yield _wrapping(_patient(proposal.request))
    alerts = [alert for alert in proposal.alerts if alert.kind is not AlertKind.NOTE]
    notes = [alert for alert in proposal.alerts if alert.kind is AlertKind.NOTE]
    if proposal.dose is None:
        yield ""
        yield Text(_no_dose(proposal), style="bold")
    if alerts:
        yield from _section("Alerts", _alerts(alerts))
    if proposal.dose and proposal.start:
        rows = _dose_rows(proposal, proposal.start, proposal.dose)
        yield from _section("Dose", _pairs(rows))
    if notes:
        yield from _section("Notes", _alerts(notes))
    if proposal.dose:
        yield from _section("Before the first dose", _pairs(_before(proposal.precautions)))
        yield from _section("Watch for", _pairs(_watch()))
    if explain:
        yield from _explanation(proposal)
    yield ""
    yield Text(
        "Decision support, not a certified medical device: a professional decides.\n"
        f"sirolimus-assistant {proposal.version}{'' if explain else _MORE}"
    )


def _explanation(proposal: Proposal) -> Iterator[RenderableType]:
    if proposal.area_m2:
        yield from _section("Steps", _steps(proposal.steps))
        formulas = _formulas(proposal.areas, proposal.request.formula, proposal.area_m2)
        yield from _section("Body surface area by every formula", formulas)
    yield from _section("Sources", _pairs(proposal.sources.items()))


def _section(title: str, body: RenderableType) -> Iterator[RenderableType]:
    yield ""
    yield Text(title, style="bold")
    yield body


def _pairs(rows: Iterable[tuple[str, str]]) -> RenderableType:
    """Return rows of a label and a text that wraps beside it."""
    table = _grid()
    for label, text in rows:
        table.add_row(Text(label), _wrapping(text))
    return Padding(table, (0, 0, 0, 2))


def _wrapping(text: str) -> Text:
    """Return a text that is never broken between a number and its unit."""
    return Text(_BEFORE_UNIT.sub(_KEEP, text))


def _grid() -> Table:
    """Return an empty table of two columns: a narrow one, and one that wraps."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _patient(request: Request) -> str:
    weight, height = request.weight, request.height
    parts = [f"{_few(weight.kg, 3)} kg = {_few(weight.lb, 1)} lb"]
    if height:
        parts.append(f"{_few(height.cm, 2)} cm = {_few(height.inches, 1)} in")
    parts += [_age(request.age), request.sex.value if request.sex else "sex not given"]
    return ", ".join(parts)


def _few(number: Decimal, decimals: int) -> str:
    """Return `number` with few decimals, or in full where few would show nothing."""
    return plain(number, decimals) if rounded(number, decimals) else plain(number)


def _age(age: Age) -> str:
    """Return an age as people tell it: never rounded up to what is not reached yet."""
    days, months, years = (
        plain(number.quantize(Decimal("0.1"), ROUND_FLOOR))
        for number in (age.days, age.months, age.years)
    )
    if age.months < 1:
        return f"{days} {'day' if days == '1' else 'days'} old"
    return f"{months} months = {years} years old"


def _dose_rows(proposal: Proposal, start: Start, dose: Dose) -> Iterator[tuple[str, str]]:
    request, measured = proposal.request, dose.measured
    protocol = request.protocol
    if proposal.loading_dose:
        loading = proposal.loading_dose.measured
        yield "First, once", f"{measured_dose(loading)} by mouth. {how_to_measure(loading)}"
    yield "Give", f"{measured_dose(measured)} by mouth"
    yield "How often", how_often(dose.times_a_day, dose.every_hours)
    yield "Measure", how_to_measure(measured)
    yield "Per dose", _amount(measured.mg, "per dose", dose.mg_per_m2_per_dose, "mg/m²/dose")
    yield "Per day", _amount(dose.daily_mg, "per day", dose.mg_per_m2_per_day, "mg/m²/day")
    yield (
        "Rounding",
        f"{percent(dose.rounding_percent)} from {plain(dose.exact_mg, 4)} mg per dose [proposed]",
    )
    yield (
        "Surface",
        f"{plain(dose.area_m2, 6)} m² by {request.formula.name} [{request.formula.source}]",
    )
    yield "Protocol", _protocol(protocol, start)
    yield "Target", f"trough {proposal.target} [{protocol.target_source}]"
    yield "First level", _first_level(proposal)
    if proposal.override:
        yield "Override", f"{proposal.override.reason} (by {proposal.override.by})"


def _amount(mg: Decimal, per: str, by_area: Decimal, unit: str) -> str:
    return f"{plain(mg)} mg {per} = {plain(by_area, 4)} {unit}"


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


def _alerts(alerts: Iterable[Alert]) -> RenderableType:
    table = _grid()
    for alert in alerts:
        sign, style = _ALERT_SIGNS[alert.kind]
        table.add_row(Text(sign, style=style), _wrapping(f"{alert.message} [{alert.source}]"))
    return Padding(table, (0, 0, 0, 2))


def _before(precautions: Iterable[Precaution]) -> Iterator[tuple[str, str]]:
    for topic, same in groupby(precautions, key=lambda each: each.topic):
        yield topic, "; ".join(f"{each.text} [{each.source}]" for each in same)


def _watch() -> Iterator[tuple[str, str]]:
    none = f"{NO_ADVERSE_EVENT.name} in {NO_ADVERSE_EVENT.count} ({NO_ADVERSE_EVENT.percent} %)"
    seen = ", ".join(f"{event.name} {event.count}" for event in ADVERSE_EVENTS)
    yield "Review", f"of {NO_ADVERSE_EVENT.of} patients: {seen}; {none} [{REVIEW_SOURCE}]"
    yield "Rare", f"{RARE_AND_SERIOUS}, potentially serious [{REVIEW_SOURCE}]"


def _steps(steps: Iterable[Step]) -> RenderableType:
    table = _grid()
    for number, step in enumerate(steps, start=1):
        table.add_row(
            Text(f"{number}."), _wrapping(f"{step.title} [{step.source}]\n{step.working}")
        )
    return Padding(table, (0, 0, 0, 2))


def _formulas(areas: Iterable[FormulaArea], chosen: Formula, chosen_m2: Decimal) -> RenderableType:
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
