"""The whole document, its sections in the order of a clinician's reading."""

import re
import unicodedata
from typing import TYPE_CHECKING

from dosing.quantities.formatting import short_date
from monitoring.record.patient import Patient
from monitoring.summary import PatientSummary
from reports.fonts import register_fonts
from reports.page import Frame, Paper, pdf_of
from reports.patient_summary.closing import no_entries, sources_and_trail
from reports.patient_summary.course import measurements, notes, response
from reports.patient_summary.forecast import forecast_section
from reports.patient_summary.front import beside, not_here
from reports.patient_summary.harm import adverse_events, laboratory, laboratory_flowsheet
from reports.patient_summary.levels import chart, earlier_levels, last_levels
from reports.patient_summary.recommendation import recommendation
from reports.patient_summary.standing import (
    alerts,
    checks,
    dose_and_target,
    reasons_of_checks,
    sender,
    state_of_treatment,
)
from reports.patient_summary.treatment import dose_history, doses_not_given, drugs
from reports.printed_text import letters_note
from reports.sheet import ReportBuilder
from reports.style import Text

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

    from monitoring.recommendation.forecast import PatientForecast

TITLE = "Sirolimus summary"
_SUBJECT = "State of treatment, dose, levels, what is due and what to do next, for a colleague"

_BEFORE_THE_CHART = (
    state_of_treatment,
    dose_and_target,
    last_levels,
    alerts,
    recommendation,
    checks,
    beside,
)
_AFTER_THE_FORECAST = (
    dose_history,
    doses_not_given,
    adverse_events,
    laboratory_flowsheet,
    laboratory,
    drugs,
    response,
    measurements,
    notes,
)


def patient_summary_pdf(
    summary: PatientSummary,
    *,
    head: str,
    forecast: "PatientForecast | None",
    paper: Paper = Paper.A4,
    is_full: bool = True,
) -> bytes:
    """Return the summary as a PDF document; the same for the same summary, head and forecast.

    `head` is the head of the audit trail, `Store.head()`, when the record was read. `forecast` is
    of the same record at the same moment; without one its section is left out. A summary that is
    not full ends after what a colleague needs first, one page of a usual course; a full one goes on
    with every entry and the forecast.
    """
    register_fonts()
    patient = summary.record.patient.entry

    def written(lower_by: float = 0) -> ReportBuilder:
        sheet = ReportBuilder(paper.width_between_margins)
        _front(summary, forecast, sheet, lower_by)
        if is_full:
            _rest(summary, forecast, sheet)
        sources_and_trail(summary, head, sheet, "" if is_full else not_here(summary))
        return sheet

    sheet = written()
    over = 0 if is_full else sheet.height - paper.height_of_content
    if over > 0:
        lower = written(lower_by=over)
        sheet = lower if lower.height <= paper.height_of_content else sheet
    frame = Frame(
        title=TITLE,
        head=patient.name,
        identity=_identity(patient),
        subject=_SUBJECT,
        sender=sender(summary.clinic),
        made=summary.made,
        limits=summary.record.limits,
        paper=paper,
    )
    return pdf_of(frame, [*_about_letters(sheet), *sheet.content])


def _front(
    summary: PatientSummary,
    forecast: "PatientForecast | None",
    sheet: ReportBuilder,
    lower_by: float,
) -> None:
    """Add what a colleague needs first; its chart is lower by so many points."""
    patient = summary.record.patient.entry
    for text in (patient.name, patient.record_number):
        sheet.note_letters(text)
    for section in _BEFORE_THE_CHART:
        section(summary, sheet)
    chart(summary, sheet, forecast, lower_by=lower_by)


def _rest(
    summary: PatientSummary, forecast: "PatientForecast | None", sheet: ReportBuilder
) -> None:
    """Add the forecast and every entry that is not on the first page."""
    reasons_of_checks(summary, sheet)
    if forecast is not None:
        forecast_section(summary, forecast, sheet)
    earlier_levels(summary, sheet)
    for section in _AFTER_THE_FORECAST:
        section(summary, sheet)
    no_entries(sheet)


def _identity(patient: Patient) -> str:
    return f"record number {patient.record_number} · born {short_date(patient.born)}"


def _about_letters(sheet: ReportBuilder) -> "list[Flowable]":
    """Return a line about the letters that are printed as boxes, if any."""
    missing = sheet.missing_letters
    if not missing:
        return []
    note = ReportBuilder(sheet.width)
    note.text(letters_note(missing), Text.LEAD)
    return list(note.content)


def proposed_file_name(summary: PatientSummary, report: str = "summary") -> str:
    """Return a name for the file: the day and the record number, never the patient's name."""
    number = summary.record.patient.entry.record_number
    ascii_only = unicodedata.normalize("NFKD", number).encode("ascii", "ignore").decode()
    safe_number = re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-") or "patient"
    return f"sirolimus-{report}-{summary.made.local:%Y-%m-%d}-{safe_number}.pdf"
