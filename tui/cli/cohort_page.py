"""The cohort as a page for the terminal."""

from rich.padding import Padding
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
from tui.cli.page import print_parts
from tui.rich_page import FigureTable


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
    print_parts("", Text("More of Nadal 2016"), *map(Text, review_remarks()))
    print_parts("", Text("Later evidence"), Text(LATER_EVIDENCE_NOTE))
    for name, facts in later_evidence():
        print_parts(Text(name), Padding(Text(facts), (0, 0, 0, 2)))


def _print_table(table: CohortTable) -> None:
    figures = FigureTable(
        ("", "clinic", "", "95 % CI", "Nadal 2016", ""), map(row_words, table.rows)
    )
    print_parts("", Text(table.title), Text(f"of {table.of} {table.whom}"), _indented(figures))
    for note in filter(None, (table.note, table.review_note)):
        print_parts(Text(note))


def _indented(figures: FigureTable) -> Padding:
    return Padding(figures, (0, 0, 0, 2))


def _print_response(cohort: Cohort) -> None:
    figures = FigureTable(
        ("", "responded", "median", "95 % CI"),
        (*map(times_words, cohort.response_times), ("Nadal 2016", "", *review_response())),
    )
    print_parts(
        "",
        Text("Time to response, from the first dose"),
        Text("treated patients with a later assessment (Kaplan-Meier, Greenwood)"),
        _indented(figures),
        Text(range_words()),
        Text(log_rank_words(cohort)),
    )


def _print_levels(levels: LevelsInRange) -> None:
    print_parts("", Text("Time in range"), Text(levels_words(levels)))


def _print_performance(performance: PredictivePerformance) -> None:
    print_parts("", Text("Predictive performance: forecasts of levels that were then measured"))
    print_parts(Text(about_performance(performance)))
    if not performance.methods:
        return
    rows: list[tuple[str, ...]] = []
    for each in performance.methods:
        values, intervals = zip(*map(percent_with_interval, shown_figures(each)), strict=True)
        rows.append((method_name(performance, each), *values))
        rows.append(("  95 % CI", *intervals))
    print_parts(_indented(FigureTable(("", "bias", "error", "within 30 %"), rows)))
