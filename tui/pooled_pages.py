"""The pages of several clinics together, for the command line and the app."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
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
from tui.rich_page import FigureTable


def pool_parts(report: PooledReport) -> Iterator[RenderableType]:
    """Yield the parts of a pooled report: several clinics together, compared with Nadal 2016."""
    yield from map(Text, about_pool(report))
    clinics = [clinic_words(each) for each in report.clinics]
    title = "Clinics, by the fingerprints of their keys"
    yield from _table_of(title, ("", "shared on", ""), clinics)
    for table in report.tables:
        yield from _pooled_table(table)
    measures = [measure_words(each) for each in report.measures]
    effects = [row for each in report.random_effects for row in effect_words(each)]
    yield from _table_of(
        "Means, of the clinics that publish them", MEASURE_HEADINGS, measures + effects
    )
    yield from _table_of(
        "Time to response, from the first dose", STEP_HEADINGS, step_words(report.response)
    )
    yield Text(response_words(report.response))
    yield from ("", Text("Time in range"), Text(days_words(report.days_in_range)))
    yield from ("", Text(NOT_POOLED))


def clinic_levels_parts(found: ClinicLevels) -> Iterator[RenderableType]:
    """Yield the levels of many clinics, those of all patients last."""
    rows = [level_words(each) for each in (*found.clinics, found.together)]
    title = "Levels in ng/mL, neither voided nor excluded"
    yield from _table_of(title, LEVEL_HEADINGS, rows)
    yield from ("", Text(between_levels_words(found)))


def _pooled_table(table: PooledTable) -> Iterator[RenderableType]:
    rows = [pooled_row_words(row) for row in table.rows]
    yield from _table_of(f"{table.layout.title}\n{whom_words(table)}", ROW_HEADINGS, rows)
    for headings, more in (
        (BETWEEN_HEADINGS, between_rows(table)),
        (RATE_HEADINGS, rate_rows(table)),
    ):
        if more:
            yield from _table_of("", headings, more)
    yield from map(Text, filter(None, (table.layout.note, table.layout.review_note)))


def _table_of(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterator[RenderableType]:
    if title:
        yield from ("", Text(title))
    yield Padding(FigureTable(headings, rows), (0, 0, 0, 2))
