"""The forecast: the next levels by the model, and the dose that reaches the target."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dosing import AlertKind
from monitoring.summary import PatientSummary
from monitoring.times import short
from reports.forecast_chart import forecast_chart, forecast_content, forecast_legend
from reports.patient_summary.standing import alert_facts
from reports.presentation.advice import based_on
from reports.presentation.alerts import alert_text
from reports.presentation.dose_table import REQUESTED, dose_rows
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import Align, TableColumn

if TYPE_CHECKING:
    from monitoring.recommendation.forecast import FittedForecast, PatientForecast

_TITLE = "Forecast by a population model"
_CHART_HEIGHT = 112

_DOSES = (
    TableColumn("Dose, at steady state", 0.19),
    TableColumn("90 % of true troughs", 0.19),
    TableColumn("True, most probable", 0.18),
    TableColumn("Measured within", 0.12, Align.RIGHT, strong=True),
    TableColumn("below", 0.11, Align.RIGHT),
    TableColumn("above", 0.11, Align.RIGHT),
    TableColumn("", 0.15),
)


def forecast_section(
    summary: PatientSummary, forecast: "PatientForecast", sheet: ReportBuilder
) -> None:
    """Show the forecast, or in a line the reason why there is none."""
    if forecast.answer is None:
        sheet.facts(_TITLE, [(_why_none(forecast, sheet),)])
        return
    answer = forecast.answer
    sheet.facts(_TITLE, _facts(summary, forecast, answer, sheet))
    if answer.recommendation and answer.recommendation.outcomes:
        _doses(answer, sheet)
    content = forecast_content(answer, summary)
    drawing = forecast_chart(content, summary, sheet.width, _CHART_HEIGHT)
    sheet.drawing("Forecast course on the current dose", drawing, forecast_legend(content))


def _why_none(forecast: "PatientForecast", sheet: ReportBuilder) -> str:
    """Return the stops; without one what only an override would pass."""
    alerts = forecast.alerts
    reasons = alerts.of_kind(AlertKind.STOP) or alerts.of_kind(AlertKind.OVERRIDE)
    texts = (alert_text(alert, sheet.cited(alert.source)) for alert in reasons)
    return " ".join(["No forecast.", *texts])


def _facts(
    summary: PatientSummary,
    forecast: "PatientForecast",
    answer: "FittedForecast",
    sheet: ReportBuilder,
) -> Iterator[tuple[str, ...]]:
    from reports.presentation import forecast as wording  # noqa: PLC0415 - numpy is heavy
    from reports.presentation.track_record import track_record_line  # noqa: PLC0415 - as above

    data = f"based on {wording.basis(answer)}{_age_of_data(forecast, summary)}"
    yield "Model", f"{forecast.model.name}; {data}"
    for share in answer.models:
        cited = sheet.cited(share.model.source)
        yield wording.model_weight(share), wording.model_share(share, cited)
    if forecast.track_record:
        yield "Track record", track_record_line(forecast.track_record)
    if forecast.recommendation:
        yield "Recommendation", f"{forecast.recommendation.words}; see above"
    if answer.observed:
        yield "Last level", wording.observed_level(answer.observed)
    for each in wording.troughs_worth_showing(answer):
        yield short(each.at, summary.made.zone), f"trough {wording.trough(each)}"
    patient = answer.disposition
    yield "Clearance", wording.clearance(patient)
    yield (
        "Half-life",
        f"{wording.half_life(patient)}; steady state {wording.steady_state(patient)}",
    )
    if answer.auc24:
        yield "AUC24", wording.auc24(answer.auc24)
    if answer.next_sample:
        yield "Next sample", wording.next_sample(answer.next_sample)
    shown_above = {
        alert.message for alert in (*summary.alerts, *summary.advice.recommendation.reasons)
    }
    more = (each for each in forecast.alerts.pressing if each.message not in shown_above)
    yield from alert_facts(more, sheet)


def _age_of_data(forecast: "PatientForecast", summary: PatientSummary) -> str:
    """Return the age of the last level and of the weight, in brackets."""
    found = based_on(forecast.label, summary.made)
    return f" ({found})" if found else ""


def _doses(answer: "FittedForecast", sheet: ReportBuilder) -> None:
    """List the current dose and the doses around it, or around the recommended one."""
    from reports.presentation import forecast as wording  # noqa: PLC0415 - numpy is heavy

    rows = [
        PrintedRow(
            (
                row.regimen,
                f"{row.interval} ng/mL",
                f"{row.trough_ng_ml:.1f} ng/mL",
                *(
                    f"{percent} %"
                    for percent in (row.percents[1], row.percents[0], row.percents[2])
                ),
                ", ".join(row.marks),
            )
        )
        for row in dose_rows(answer)
        if REQUESTED not in row.marks
    ]
    title = f"Doses and the target of {answer.target} by the model"
    sheet.table(title, _DOSES, rows, wording.BAND_WORDS)
