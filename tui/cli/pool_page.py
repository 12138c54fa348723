"""The pooled report of several clinics as a page for the terminal."""

from collections.abc import Iterable, Sequence

from rich.padding import Padding
from rich.text import Text

from monitoring.pooling.clinic_levels import ClinicLevels
from monitoring.pooling.pool import PooledReport, PooledTable
from reports.presentation.pool import (
    BETWEEN_HEADINGS,
    LEVEL_HEADINGS,
    MEASURE_HEADINGS,
    NOT_POOLED,
    RATE_HEADINGS,
    ROW_HEADINGS,
    STEP_HEADINGS,
    about_pool,
    between_levels_words,
    between_rows,
    clinic_words,
    days_words,
    effect_words,
    level_words,
    measure_words,
    pooled_row_words,
    rate_rows,
    response_words,
    step_words,
    whom_words,
)
from tui.cli.page import print_parts
from tui.rich_page import FigureTable


def print_pool(report: PooledReport) -> None:
    """Print the clinics together, compared with Nadal 2016."""
    print_parts(*map(Text, about_pool(report)))
    clinics = [clinic_words(each) for each in report.clinics]
    _print_section("Clinics, by the fingerprints of their keys", ("", "shared on", ""), clinics)
    for table in report.tables:
        _print_table(table)
    measures = [measure_words(each) for each in report.measures]
    effects = [row for each in report.random_effects for row in effect_words(each)]
    _print_section("Means, of the clinics that publish them", MEASURE_HEADINGS, measures + effects)
    _print_section(
        "Time to response, from the first dose", STEP_HEADINGS, step_words(report.response)
    )
    print_parts(Text(response_words(report.response)))
    print_parts("", Text("Time in range"), Text(days_words(report.days_in_range)))
    print_parts("", Text(NOT_POOLED))


def print_clinic_levels(found: ClinicLevels) -> None:
    """Print the levels of many clinics, those of all patients last."""
    rows = [level_words(each) for each in (*found.clinics, found.together)]
    _print_section("Levels in ng/mL, neither voided nor excluded", LEVEL_HEADINGS, rows)
    print_parts("", Text(between_levels_words(found)))


def _print_table(table: PooledTable) -> None:
    rows = [pooled_row_words(row) for row in table.rows]
    _print_section(f"{table.layout.title}\n{whom_words(table)}", ROW_HEADINGS, rows)
    for headings, more in (
        (BETWEEN_HEADINGS, between_rows(table)),
        (RATE_HEADINGS, rate_rows(table)),
    ):
        if more:
            _print_section("", headings, more)
    for note in filter(None, (table.layout.note, table.layout.review_note)):
        print_parts(Text(note))


def _print_section(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    grid = FigureTable(headings, rows)
    parts = ("", Text(title)) if title else ()
    print_parts(*parts, Padding(grid, (0, 0, 0, 2)))
