"""The pooled report of several clinics on paper. It names no clinic and no patient."""

from monitoring.pooling.pool import PooledReport, PooledTable
from monitoring.times import Moment
from reports.fonts import register_fonts
from reports.page import Frame, Paper, pdf_of
from reports.presentation.pool import (
    BETWEEN_HEADINGS,
    MEASURE_HEADINGS,
    NOT_POOLED,
    RATE_HEADINGS,
    ROW_HEADINGS,
    STEP_HEADINGS,
    about_pool,
    between_rows,
    clinic_words,
    days_words,
    effect_words,
    measure_words,
    pooled_row_words,
    rate_rows,
    response_words,
    step_words,
    whom_words,
)
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import Align, TableColumn, Text

TITLE = "Sirolimus report of several clinics"


def _columns(headings: tuple[str, ...], widths: tuple[float, ...]) -> tuple[TableColumn, ...]:
    first, *others = zip(headings, widths, strict=True)
    return (TableColumn(*first), *(TableColumn(*each, Align.RIGHT) for each in others))


_ROWS = _columns(ROW_HEADINGS, (0.33, 0.19, 0.13, 0.14, 0.12, 0.09))
_BETWEEN = _columns(BETWEEN_HEADINGS, (0.5, 0.35, 0.15))
_MEASURES = _columns(MEASURE_HEADINGS, (0.36, 0.11, 0.11, 0.11, 0.22, 0.09))
_STEPS = _columns(STEP_HEADINGS, (0.3, 0.3, 0.4))
_RATES = _columns(RATE_HEADINGS, (0.6, 0.4))
_CLINICS = _columns(("", "shared on", ""), (0.56, 0.2, 0.24))


def pooled_report(report: PooledReport, made: Moment, paper: Paper = Paper.A4) -> bytes:
    """Return the report as PDF."""
    register_fonts()
    sheet = ReportBuilder(paper.width_between_margins)
    for place, line in enumerate(about_pool(report)):
        sheet.text(line, Text.BODY if place else Text.LEAD)
    sheet.text(NOT_POOLED)
    sheet.space(4)
    clinics = [PrintedRow(clinic_words(each)) for each in report.clinics]
    sheet.table("Clinics, by the fingerprints of their keys", _CLINICS, clinics)
    for table in report.tables:
        _table(sheet, table)
    measures = [PrintedRow(measure_words(each)) for each in report.measures]
    effects = [PrintedRow(row) for each in report.random_effects for row in effect_words(each)]
    if measures or effects:
        sheet.table("Means, of the clinics that publish them", _MEASURES, measures + effects)
    steps = [PrintedRow(row) for row in step_words(report.response)]
    words = PrintedRow((), (response_words(report.response),))
    sheet.table("Time to response, from the first dose", _STEPS, [words, *steps])
    sheet.facts("Time in range", [(days_words(report.days_in_range),)])
    frame = Frame(
        title=TITLE,
        head="Several clinics and Nadal 2016",
        identity=about_pool(report)[0],
        made=made,
        paper=paper,
    )
    return pdf_of(frame, sheet.content)


def _table(sheet: ReportBuilder, table: PooledTable) -> None:
    notes = (f"{whom_words(table).capitalize()}.", table.layout.note, table.layout.review_note)
    rows = [PrintedRow(_cells(pooled_row_words(row))) for row in table.rows]
    about = PrintedRow((), (" ".join(filter(None, notes)),))
    sheet.table(table.layout.title, _ROWS, [about, *rows])
    title = table.layout.title
    if between := [PrintedRow(_cells(row)) for row in between_rows(table)]:
        sheet.table(f"{title}, between clinics", _BETWEEN, between)
    if rates := [PrintedRow(_cells(row)) for row in rate_rows(table)]:
        sheet.table(f"{title}, by exposure", _RATES, rates)


def _cells(words: tuple[str, ...]) -> tuple[str, ...]:
    name, *figures = words
    return (
        f"– {name.strip()}" if name != name.strip() else name,
        *(each or "-" for each in figures),
    )
