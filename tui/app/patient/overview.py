"""Where the patient stands: the dose, what to know and what is due, beside the chart."""

from collections.abc import Iterator

from textual.content import Content

from dosing import plain
from monitoring.record.listing import NOTHING
from monitoring.summary import PatientSummary
from tui.app.text import alert_line, words
from tui.app.wording import measured_words, when_words

_HEADING = "bold $text-accent"


def overview_of(summary: PatientSummary, *, with_sources: bool) -> Content:
    """Return the panel's text; `with_sources` tells of each alert and check on whose authority."""
    return Content("\n").join(
        [
            *_alert_lines(summary, with_sources=with_sources),
            Content(""),
            *_dose_lines(summary),
            Content(""),
            *_due_lines(summary, with_sources=with_sources),
        ]
    )


def _heading(text: str) -> Content:
    return Content.styled(text, _HEADING)


def _dose_lines(summary: PatientSummary) -> Iterator[Content]:
    yield _heading("Dose")
    current = summary.current
    if current is None:
        yield words("No dose is in force.")
        return
    dose = current.prescription
    measured = f", {measured_words(current.measured)}" if current.measured else ""
    yield words(f"{dose}{measured}").stylize("bold")
    per_m2 = current.mg_per_m2_per_day
    a_day = NOTHING if per_m2 is None else f"{plain(per_m2, 2)} mg/m²/day"
    yield words(f"{plain(dose.daily_mg)} mg/day, {a_day}")
    if current.area_m2 is not None and current.weight is not None:
        weighed = current.weight.entry
        yield words(f"{plain(current.area_m2, 2)} m², {weighed.weight} on {weighed.on}").stylize(
            "$text-muted"
        )
    yield words(f"target {dose.target}, protocol {dose.protocol}").stylize("$text-muted")
    times = summary.time_in_range
    if times is not None:
        covered = f"{times.days_covered:.0f} days between {times.levels} levels"
        yield words(f"{times.percent_within:.0f} % of {covered} in range").stylize("$text-muted")


def _alert_lines(summary: PatientSummary, *, with_sources: bool) -> Iterator[Content]:
    strong, notes = summary.alerts.pressing, len(summary.alerts.notes)
    shown = summary.alerts if with_sources else strong
    yield _heading("To know") + Content.styled(
        "   w hides the sources" if with_sources else "   w why?", "$text-muted"
    )
    for alert in shown:
        yield alert_line(alert, with_source=with_sources)
    if not shown:
        yield words("No alert is open.")
    if notes and not with_sources:
        yield words(f"and {notes} note{'' if notes == 1 else 's'}").stylize("$text-muted")


def _due_lines(summary: PatientSummary, *, with_sources: bool) -> Iterator[Content]:
    yield _heading("Due")
    for check in summary.due:
        what = f"{when_words(check)}: {check.what}"
        line = words(what)
        if check.overdue_days:
            line = line.stylize("$text-warning")
        elif not check.is_open:
            line = line.stylize("$text-muted")
        yield line
        if with_sources:
            yield words(f"  {check.why} [{check.source}]").stylize("$text-muted")
    if not summary.due:
        yield words("Nothing: no dose is in force.")
