"""An evaluation as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dosing import VERSION, clean
from dosing.evaluation import EvaluationResult, ModelEvaluation
from dosing.evaluation.evaluation import NOT_A_VALIDATION
from dosing.evaluation.predictive_check import PERCENTILES
from dosing.quantities.formatting import count_of
from reports.presentation.evaluation import (
    ABOUT_CHECK,
    ABOUT_FIGURES,
    ACCURACY_HEADINGS,
    CHECK_HEADINGS,
    AccuracyRow,
    about_margin,
    accuracy_row,
    accuracy_rows,
    check_row,
    grouped_rows,
    left_out_rows,
    simulation_rows,
    with_levels,
)
from tui.cli.page import print_page
from tui.rich_page import FigureTable, closing, pairs, section, wrapping


def print_evaluation(found: EvaluationResult, of: str) -> None:
    """Print the page of an evaluation to standard output; `of` names the levels."""
    print_page(_page(found, of))


def _page(found: EvaluationResult, of: str) -> Iterator[RenderableType]:
    yield Text("Evaluation of models", style="bold")
    yield wrapping(f"{count_of(found.patients, 'patient')} of {of}. {NOT_A_VALIDATION}")
    shown = with_levels(found)
    if shown:
        yield from _figures(shown, found.margin_ng_ml)
    else:
        yield from ("", Text("No level can be predicted.", style="bold"))
    left_out = [(name, clean(text)) for name, text in left_out_rows(found)]
    if left_out:
        yield from section("Left out", pairs(left_out))
    sources = [(each.model.source, each.model.citation) for each in shown if each.model]
    if sources:
        yield from section("Sources", pairs(sources))
    yield ""
    yield closing(VERSION)


def _figures(shown: Sequence[ModelEvaluation], margin_ng_ml: float) -> Iterator[RenderableType]:
    """Yield the accuracy of each model, what its simulations say, and the groups of the last."""
    ahead = list(accuracy_rows(shown))
    yield from section("Levels predicted from earlier ones", _accuracies(ahead))
    alone = [accuracy_row(each.name, each.compared.a_priori) for each in shown]
    yield from section("Levels predicted a priori, by the typical patient", _accuracies(alone))
    yield wrapping(ABOUT_FIGURES)
    if margin_ng_ml:
        yield wrapping(about_margin(margin_ng_ml))
    for each in shown:
        rows = list(simulation_rows(each))
        if rows:
            yield from section(each.name, pairs(rows))
        if each.check:
            yield from section(f"{each.name}: predictive check, ng/mL", _check(each))
            yield wrapping(ABOUT_CHECK)
    for title, groups in grouped_rows(shown[-1]):
        yield from section(f"{shown[-1].name}, {title}", _accuracies(groups))


def _accuracies(rows: Sequence[AccuracyRow]) -> RenderableType:
    intervals = [
        (row.cells[0].strip(), row.intervals.removeprefix("95 % CI: "))
        for row in rows
        if row.intervals
    ]
    below = Table.grid(padding=(0, 2, 0, 0))
    below.add_column(no_wrap=True)
    below.add_column(overflow="fold")
    for name, text in intervals:
        below.add_row(Text(name), wrapping(text))
    both = Table.grid()
    both.add_row(FigureTable(ACCURACY_HEADINGS, (row.cells for row in rows)))
    if intervals:
        both.add_row(Text("95 % CI"))
        both.add_row(Padding(below, (0, 0, 0, 2)))
    return Padding(both, (0, 0, 0, 2))


def _check(each: ModelEvaluation) -> RenderableType:
    table = FigureTable(
        CHECK_HEADINGS,
        map(check_row, each.check),
        spoken=(*CHECK_HEADINGS[:2], *(f"percentile {each}" for each in PERCENTILES)),
    )
    return Padding(table, (0, 0, 0, 2))
