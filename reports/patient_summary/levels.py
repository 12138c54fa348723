"""The levels: the chart, time in range, and the table, voided levels too."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of, whole_days
from monitoring.adverse_events import EventAssessment
from monitoring.levels import LevelAssessment, Status
from monitoring.levels.doubles import Double
from monitoring.levels.wording import NG_PER_ML, cause, mark, number_in_ng_per_ml, since_last_dose
from monitoring.summary import PatientSummary
from monitoring.times import Moment, short
from reports.level_chart import ChartContent, ChartEvent, legend_of, level_chart
from reports.patient_summary.wording import about_void, labelled
from reports.presentation.predicted_course import coming_troughs
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import Align, TableColumn

if TYPE_CHECKING:
    from monitoring.recommendation.forecast import PatientForecast

_CHART_HEIGHT, _LARGE_CHART_HEIGHT = 82, 140
_LEAST_CHART_HEIGHT = 64
"""Below this height in points the values of the levels have no room."""
_MANY_LEVELS = 12


FRONT_LEVELS = 5
"""The newest levels are on the first page, the earlier ones after it."""
_COLUMNS = (
    TableColumn("Sampled", 0.195),
    TableColumn("Level, ng/mL", 0.12, Align.DECIMAL, strong=True),
    TableColumn("Assay", 0.105),
    TableColumn("After the dose", 0.13),
    TableColumn("Status", 0.33),
    TableColumn("Target then", 0.12),
)
_DOUBLES = {
    Double.REPEATED: "recorded twice",
    Double.CONTRADICTED: "another value of the same time",
}
_STEADY = {True: "", False: "; not at steady state", None: "; steady state uncertain"}


def chart(
    summary: PatientSummary,
    sheet: ReportBuilder,
    forecast: "PatientForecast | None" = None,
    lower_by: float = 0,
) -> None:
    """Draw the levels over time, if there is an active one, with the forecast behind them.

    It is lower by so many points, but high enough to be read.
    """
    answer = forecast.answer if forecast else None
    content = ChartContent(
        levels=summary.levels,
        history=summary.history,
        events=tuple(map(_event, (each for each in summary.events if each.event.is_active))),
        until=summary.made,
        forecast=coming_troughs(answer, summary.made) if answer else None,
    )
    if content.active_levels:
        for bar in content.bars:
            sheet.note_letters(bar.label)
        is_large = len(content.active_levels) > _MANY_LEVELS
        usual = _LARGE_CHART_HEIGHT if is_large else _CHART_HEIGHT
        drawing = level_chart(content, sheet.width, max(usual - lower_by, _LEAST_CHART_HEIGHT))
        sheet.drawing("Levels over time", drawing, legend_of(content))


def _event(assessed: EventAssessment) -> ChartEvent:
    """Return an adverse event with its grade, from its first day to the end of its last one."""
    event, ending = assessed.event.entry, assessed.event.ending
    last = ending.entry.on if ending else None
    return ChartEvent(
        since=Moment.read(f"{event.since}T00:00", "UTC"),
        until=Moment.read(f"{last}T23:59", "UTC") if last else None,
        label=f"{event.term}, {f'grade {event.grade}' if event.grade else 'not graded'}",
    )


def last_levels(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List the newest levels, the newest first."""
    newest = tuple(reversed(summary.levels))
    title = "Levels" if len(newest) <= FRONT_LEVELS else f"Levels, the last {FRONT_LEVELS}"
    _table(title, newest[:FRONT_LEVELS], summary, sheet)


def earlier_levels(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List the levels that are not on the first page, the newest first."""
    earlier = tuple(reversed(summary.levels))[FRONT_LEVELS:]
    if earlier:
        _table("Levels, earlier", earlier, summary, sheet)


def _table(
    title: str,
    levels: Sequence[LevelAssessment],
    summary: PatientSummary,
    sheet: ReportBuilder,
) -> None:
    laboratories = {each.level.entry.laboratory for each in summary.levels}
    is_one = len(laboratories) == 1
    rows = [_row(each, summary, name_laboratory=not is_one) for each in levels]
    remarks = ["At steady state unless stated."] if levels else []
    remarks += [f"All by {name}." for name in laboratories if name and is_one]
    found = summary.time_in_range
    if found is not None and levels[0] is summary.levels[-1]:
        remarks.append(
            f"Time in range (Rosendaal): {found.percent_within:.0f} % of "
            f"{whole_days(found.days_covered)}, {count_of(found.levels, 'evaluable level')}."
        )
    sheet.table(title, _COLUMNS, rows, " ".join(remarks))


def _row(
    assessed: LevelAssessment, summary: PatientSummary, *, name_laboratory: bool
) -> PrintedRow:
    recorded, level = assessed.level, assessed.level.entry
    cells = (
        short(level.sampled, summary.made.zone),
        number_in_ng_per_ml(level),
        level.assay.value if level.assay else "not known",
        since_last_dose(assessed) or "not known",
        f"{_status(assessed)}{_steady(assessed)}",
        str(assessed.target) if assessed.target else "no dose",
    )
    details = labelled(
        Laboratory=level.laboratory if name_laboratory else "",
        Reason=level.reason,
        Cause=cause(assessed) or "",
    )
    if level.value.unit != NG_PER_ML:
        details = (f"Reported as {level}", *details)
    return PrintedRow(
        cells, (*details, *about_void(recorded, summary)), struck=not assessed.is_in_use
    )


def _steady(assessed: LevelAssessment) -> str:
    """Return that a level is not at steady state, unless its status says so."""
    is_known = assessed.days_since_change is not None and assessed.is_in_use
    is_told = "early" in _status(assessed) or assessed.is_after_hold
    return _STEADY[assessed.steady_state] if is_known and not is_told else ""


def _status(assessed: LevelAssessment) -> str:
    """Return the sign and the word, and the reason why a level is not evaluable."""
    sign = mark(assessed)
    if assessed.is_evaluable or not assessed.is_in_use or assessed.target is None:
        return sign
    if assessed.double is not None:
        return f"{sign}: {_DOUBLES[assessed.double]}"
    if assessed.is_trough is not True:
        return (
            f"{sign}: {'not a trough' if assessed.is_trough is False else 'perhaps not a trough'}"
        )
    if assessed.steady_state is False:
        where = "" if assessed.status is Status.NOT_ASSESSED else f", {assessed.status.value}"
        when = "shortly after a hold" if assessed.is_after_hold else "too early"
        return f"{sign}: {when}{where}"
    return f"{sign}: censored"
