"""An evaluation on paper: accuracy, NPDE, predictive check with its drawing, and what is left out.

Every figure is the evaluation's own; none is of a single patient.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from dosing.evaluation import EvaluationResult, ModelEvaluation
from dosing.evaluation.evaluation import NOT_A_VALIDATION
from dosing.evaluation.predictive_check import CheckedBin
from dosing.quantities.formatting import count_of
from monitoring.times import Moment
from reports.fonts import REGULAR, register_fonts
from reports.page import Frame, Paper, pdf_of
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
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import ACCENT, HAIRLINE, MUTED, Align, TableColumn, Text, colour

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing, Shape

_CHART_HEIGHT = 130.0
_LEFT, _RIGHT, _BELOW, _ABOVE = 34.0, 8.0, 22.0, 8.0
_LETTERS = 7.0
_DASHES: tuple[list[float], ...] = ([2, 2], [], [2, 2])
CHART_LEGEND = (
    "Shaded: 95 % interval of the simulated percentile, with its median as a thin line. "
    "● joined by thick lines: observed (median full, 5 % and 95 % dashed). Days on treatment, "
    "ng/mL after the correction."
)


def evaluation_report(
    found: EvaluationResult, of: str, made: Moment, paper: Paper = Paper.A4
) -> bytes:
    """Return the report as PDF; `of` names the levels, `made` is its moment."""
    register_fonts()
    sheet = ReportBuilder(paper.width_between_margins)
    sheet.text(f"{count_of(found.patients, 'patient')} of {of}. {NOT_A_VALIDATION}", Text.LEAD)
    shown = with_levels(found)
    if shown:
        _figures(sheet, shown, found.margin_ng_ml)
    else:
        sheet.text("No level can be predicted.", Text.LEAD)
    left_out = [PrintedRow(row) for row in left_out_rows(found)]
    sheet.table("Left out", (TableColumn("", 0.25), TableColumn("", 0.75)), left_out)
    models = (each.model for each in shown if each.model)
    sheet.facts("Sources", [(each.source, each.citation) for each in models])
    frame = Frame(
        title="Evaluation of models", head="Evaluation of models", identity=of, made=made,
        paper=paper,
    )  # fmt: skip
    return pdf_of(frame, sheet.content)


def _accuracies(sheet: ReportBuilder, title: str, rows: Iterable[AccuracyRow]) -> None:
    first, *others = ACCURACY_HEADINGS
    columns = (TableColumn(first, 0.32), *(TableColumn(each, 0.1, Align.RIGHT) for each in others))
    printed = [
        PrintedRow(tuple(map(_indented, row.cells)), (row.intervals,) if row.intervals else ())
        for row in rows
    ]
    sheet.table(title, columns, printed)


def _indented(cell: str) -> str:
    return f"– {cell.strip()}" if cell != cell.lstrip() else cell


def _figures(sheet: ReportBuilder, shown: Sequence[ModelEvaluation], margin_ng_ml: float) -> None:
    ahead = list(accuracy_rows(shown))
    _accuracies(sheet, "Levels predicted from earlier ones", ahead)
    alone = [accuracy_row(each.name, each.compared.a_priori) for each in shown]
    _accuracies(sheet, "Levels predicted a priori, by the typical patient", alone)
    sheet.text(ABOUT_FIGURES)
    if margin_ng_ml:
        sheet.text(about_margin(margin_ng_ml))
    sheet.space(4)
    for each in shown:
        rows = list(simulation_rows(each))
        if rows:
            sheet.facts(each.name, rows)
        if each.check:
            _check(sheet, each)
    for title, groups in grouped_rows(shown[-1]):
        _accuracies(sheet, f"{shown[-1].name}, {title}", groups)


def _check(sheet: ReportBuilder, each: ModelEvaluation) -> None:
    first, *others = CHECK_HEADINGS
    right = (TableColumn(name, 0.2, Align.RIGHT) for name in others)
    columns = (TableColumn(first, 0.16), *right)
    drawing = predictive_check_chart(each.check, sheet.width)
    sheet.drawing(f"{each.name}: predictive check, drawn", drawing, CHART_LEGEND)
    checked = [PrintedRow(check_row(found)) for found in each.check]
    sheet.table(f"{each.name}: predictive check, ng/mL", columns, checked, ABOUT_CHECK)


# --- the drawing


def predictive_check_chart(check: Sequence[CheckedBin], width: float) -> "Drawing":
    """Return the percentiles of each bin, observed over simulated, so many points wide."""
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    drawing = Drawing(width, _CHART_HEIGHT)
    for shape in (*_axes(check, width), *_bins(check, width)):
        drawing.add(shape)
    return drawing


class _Scale:
    """The places of days and levels on the drawing."""

    def __init__(self, check: Sequence[CheckedBin], width: float) -> None:
        self.days = max(check[-1].days_to, 1.0)
        ends = [
            end
            for each in check
            for found in each.percentiles
            for end in (found.observed_ng_ml, found.high_ng_ml, found.low_ng_ml)
        ]
        self.low, self.high = min(0.0, *ends), max(1.0, *ends)
        self._width = width

    def x(self, days: float) -> float:
        return _LEFT + days / self.days * (self._width - _LEFT - _RIGHT)

    def y(self, ng_ml: float) -> float:
        part = (ng_ml - self.low) / (self.high - self.low)
        return _BELOW + part * (_CHART_HEIGHT - _BELOW - _ABOVE)


def _axes(check: Sequence[CheckedBin], width: float) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    scale = _Scale(check, width)
    for part in range(5):
        value = scale.low + part * (scale.high - scale.low) / 4
        y = scale.y(value)
        yield Line(_LEFT, y, width - _RIGHT, y, strokeColor=colour(HAIRLINE), strokeWidth=0.4)
        yield _words(_LEFT - 4, y - 2.5, f"{value:.0f}", "end")
        days = part * scale.days / 4
        yield _words(scale.x(days), 8, f"{days:.0f} d", "middle")


def _words(x: float, y: float, text: str, anchor: Literal["middle", "end"]) -> "Shape":
    from reportlab.graphics.shapes import String  # noqa: PLC0415 - ReportLab is heavy

    return String(x, y, text, fontName=REGULAR, fontSize=_LETTERS, textAnchor=anchor)


def _bins(check: Sequence[CheckedBin], width: float) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import (  # noqa: PLC0415 - ReportLab is heavy
        Circle,
        Line,
        PolyLine,
    )

    scale = _Scale(check, width)
    joined: dict[int, list[float]] = {}
    marks = []
    for each in check:
        left = scale.x(each.days_from)
        wide = max(scale.x(each.days_to) - left, 3.0)
        middle = left + wide / 2
        for found in each.percentiles:
            low, high = scale.y(found.low_ng_ml), scale.y(found.high_ng_ml)
            yield _shaded(left, low, wide, max(high - low, 0.5))
            y = scale.y(found.simulated_ng_ml)
            yield Line(left, y, left + wide, y, strokeColor=colour(MUTED), strokeWidth=0.5)
            at = scale.y(found.observed_ng_ml)
            joined.setdefault(found.percentile, []).extend([middle, at])
            marks.append(Circle(middle, at, 2, fillColor=colour(ACCENT), strokeColor=None))
    for dashes, points in zip(_DASHES, joined.values(), strict=True):
        if len(points) > 2:
            yield PolyLine(
                points, strokeColor=colour(ACCENT), strokeWidth=1.2, strokeDashArray=dashes
            )
    yield from marks


def _shaded(x: float, y: float, width: float, height: float) -> "Shape":
    from reportlab.graphics.shapes import Rect  # noqa: PLC0415 - ReportLab is heavy

    found = Rect(x, y, width, height)
    found.fillColor, found.strokeColor = colour(HAIRLINE), None
    return found
