"""The cohort as a page for the terminal."""

from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from monitoring.cohort import Cohort, CohortTable, LevelsInRange
from monitoring.evaluation.performance import PredictivePerformance
from reports.presentation.cohort import (
    LATER_EVIDENCE_NOTE,
    about_cohort,
    later_evidence,
    levels_words,
    log_rank_words,
    range_words,
    review_remarks,
    review_response,
    row_words,
    times_words,
)
from reports.presentation.evaluation import (
    about_performance,
    method_name,
    percent_with_interval,
    shown_figures,
)
from tui.cli.page import print_plainly


def print_cohort(cohort: Cohort) -> None:
    """Print the clinic compared with Nadal 2016."""
    for line in about_cohort(cohort):
        print(line)
    for table in cohort.tables:
        _print_table(table)
    _print_response(cohort)
    _print_levels(cohort.levels)
    _print_performance(cohort.forecasts)
    _print_review()


def _print_review() -> None:
    print_plainly("", Text("More of Nadal 2016"), *map(Text, review_remarks()))
    print_plainly("", Text("Later evidence"), Text(LATER_EVIDENCE_NOTE))
    for name, facts in later_evidence():
        print_plainly(Text(name), Padding(Text(facts), (0, 0, 0, 2)))


def _print_table(table: CohortTable) -> None:
    grid = _grid("right", "right", "right", "right", "right")
    grid.add_row("", "clinic", "", "95 % CI", "Nadal 2016", "")
    for row in table.rows:
        grid.add_row(*map(Text, row_words(row)))
    print_plainly("", Text(table.title), Text(f"of {table.of} {table.whom}"), _indented(grid))
    for note in filter(None, (table.note, table.review_note)):
        print_plainly(Text(note))


def _grid(*justify: str) -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold")
    for each in justify:
        grid.add_column(justify=each, no_wrap=True)  # type: ignore[arg-type]  # one of rich's words
    return grid


def _indented(grid: Grid) -> Padding:
    return Padding(grid, (0, 0, 0, 2))


def _print_response(cohort: Cohort) -> None:
    grid = _grid("right", "right", "right")
    grid.add_row("", "responded", "median", "95 % CI")
    for times in cohort.response_times:
        grid.add_row(*times_words(times))
    grid.add_row("Nadal 2016", "", *review_response())
    print_plainly(
        "",
        Text("Time to response, from the first dose"),
        Text("treated patients with a later assessment (Kaplan-Meier, Greenwood)"),
        _indented(grid),
        Text(range_words()),
        Text(log_rank_words(cohort)),
    )


def _print_levels(levels: LevelsInRange) -> None:
    print_plainly("", Text("Time in range"), Text(levels_words(levels)))


def _print_performance(performance: PredictivePerformance) -> None:
    print_plainly("", Text("Predictive performance: forecasts of levels that were then measured"))
    print_plainly(Text(about_performance(performance)))
    if not performance.methods:
        return
    grid = _grid("right", "right", "right")
    grid.add_row("", "bias", "error", "within 30 %")
    for each in performance.methods:
        figures = shown_figures(each)
        values, intervals = zip(*map(percent_with_interval, figures), strict=True)
        grid.add_row(Text(method_name(performance, each)), *values)
        grid.add_row("  95 % CI", *intervals)
    print_plainly(_indented(grid))
