"""The overview of a patient: alerts, dose and what is due, for the space beside the chart."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from dosing import plain
from dosing.quantities.formatting import count_of, short_date, whole_days
from monitoring.record.listing import NOTHING
from monitoring.summary import PatientSummary
from reports.presentation.advice import days_ago
from reports.presentation.due import from_when, of_same_days, together
from tui.app.text import HEADING, alert_line, hidden_notes, words

if TYPE_CHECKING:
    from dosing.knowledge.products import Measured


def overview_of(summary: PatientSummary, *, with_sources: bool, key: str) -> Content:
    """Return the text of the panel; `key` shows or hides the sources."""
    return Content("\n").join(
        [
            *_alert_lines(summary, with_sources=with_sources, key=key),
            Content(""),
            *_dose_lines(summary),
            Content(""),
            *_due_lines(summary, with_sources=with_sources),
        ]
    )


def _heading(text: str) -> Content:
    return Content.styled(text, HEADING)


def _dose_lines(summary: PatientSummary) -> Iterator[Content]:
    yield _heading("Dose")
    current = summary.current
    if current is None:
        yield words(f"{summary.state.words}.")
        return
    dose = current.prescription
    if not summary.state.is_given:
        yield words(summary.state.words).stylize("bold $text-warning")
    else:
        measured = (
            f", {measured_words(current.measured)}"
            if current.measured and not current.evening
            else ""
        )
        yield words(f"{dose}{measured}").stylize("bold")
        if summary.state.coming:
            yield words(summary.state.coming).stylize("bold $text-warning")
    per_m2 = current.mg_per_m2_per_day
    a_day = NOTHING if per_m2 is None else f"{plain(per_m2, 2)} mg/m²/day"
    yield words(f"{plain(dose.daily_mg)} mg/day, {a_day}")
    if current.area_m2 is not None and current.weight is not None:
        weighed = current.weight.entry
        ago = days_ago((summary.made.local.date() - weighed.on).days)
        yield words(
            f"{plain(current.area_m2, 2)} m², {weighed.weight} {ago}, on {short_date(weighed.on)}"
        ).stylize("$text-muted")
    yield words(f"target {dose.target}, protocol {dose.protocol}").stylize("$text-muted")
    times = summary.time_in_range
    if times is not None:
        covered = f"{whole_days(times.days_covered)} between {count_of(times.levels, 'level')}"
        yield words(f"{times.percent_within:.0f} % of {covered} in range").stylize("$text-muted")


def _alert_lines(summary: PatientSummary, *, with_sources: bool, key: str) -> Iterator[Content]:
    strong = summary.alerts.pressing
    shown = summary.alerts if with_sources else strong
    sources = f"   {key} {'hide' if with_sources else 'show'} sources" if key else ""
    yield _heading("Alerts") + Content.styled(sources, "$text-muted")
    for alert in shown:
        yield alert_line(alert, with_source=with_sources)
    notes = len(summary.alerts.notes)
    if not shown:
        yield words(f"No alerts, but {count_of(notes, 'note')}." if notes else "No alerts.")
    elif not with_sources:
        yield from filter(None, [hidden_notes(summary.alerts, follows_alerts=True)])


def _due_lines(summary: PatientSummary, *, with_sources: bool) -> Iterator[Content]:
    """Yield the checks, those of the same days in one line; each by its reason with sources."""
    yield _heading("Due")
    groups = together(summary.due) if with_sources else of_same_days(summary.due)
    for group in groups:
        check = group[0]
        line = words(f"{from_when(check)}: {', '.join(each.what for each in group)}")
        if check.is_urgent:
            line = line.stylize("$text-error")
        elif check.overdue_days:
            line = line.stylize("$text-warning")
        elif not check.is_open:
            line = line.stylize("$text-muted")
        yield line
        if with_sources:
            yield words(f"  {check.why} [{check.source}]").stylize("$text-muted")
    if not summary.due:
        yield words("Nothing due: no current dose.")


def measured_words(dose: "Measured") -> str:
    """Return the volume or the tablets of one administration.

    >>> from decimal import Decimal
    >>> from dosing import Product
    >>> from dosing.knowledge.products import Measured
    >>> measured_words(Measured(Decimal(3), Product.TABLETS, Decimal("0.5")))
    '1 × 2 mg and 1 × 1 mg'
    """
    if dose.volume_ml is not None:
        return f"{plain(dose.volume_ml)} mL"
    counted = [f"{number} × {plain(mg)} mg" for mg, number in dose.tablets if number]
    return " and ".join(counted)
