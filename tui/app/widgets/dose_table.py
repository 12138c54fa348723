"""The table of doses of a forecast in the width that there is: a bar for each dose."""

from collections.abc import Iterator, Sequence

from textual.content import Content

from monitoring.levels import Status
from monitoring.levels.wording import SIGNS
from reports.presentation.dose_table import DoseRow
from tui.app.text import words

_BAR = 10
"""The cells of a bar: 10 % each."""
_SIDES = (
    (SIGNS[Status.BELOW], "$text-warning"),
    (SIGNS[Status.WITHIN], "$text-success"),
    (SIGNS[Status.ABOVE], "$text-error"),
)
_CAPTION = (
    "True trough by the model with its 90 % interval, ng/mL. Bar: a measured trough "
    f"{SIGNS[Status.BELOW]} below, {SIGNS[Status.WITHIN]} within, {SIGNS[Status.ABOVE]} above the "
    "target; % within."
)
_DOSE, _TROUGH = 13, 17
_WIDE = _DOSE + _TROUGH + _BAR + 16
_MEDIUM = _DOSE + _TROUGH + _BAR + 6
_WITH_MARKS = _WIDE + 14


def dose_table(rows: Sequence[DoseRow], width: int) -> Iterator[Content]:
    """Yield the lines of the table in so many columns; nothing without a row.

    A dose takes one line, and a second one for its marks or in little room.
    """
    if not rows:
        return
    yield words(_CAPTION).stylize("$text-muted")
    for row in rows:
        yield from _lines(row, width)


def _lines(row: DoseRow, width: int) -> Iterator[Content]:
    marks = ", ".join(row.marks)
    dose = Content(f"{row.regimen:{_DOSE - 1}} {row.trough_ng_ml:>4.1f} ({row.interval})")
    dose = dose.stylize("bold") if marks else dose
    if width < _MEDIUM:
        yield dose
        behind = f" {row.percents[1]} %{f' {marks}' if marks else ''}"
        yield Content("  ") + _bar(row) + Content(behind)
        return
    dose += Content(" " * max(_DOSE + _TROUGH - dose.cell_length, 1))
    if width < _WIDE:
        yield dose + _bar(row) + Content(f" {row.percents[1]} %")
    else:
        percents = zip(_SIDES, row.percents, strict=True)
        figures = " ".join(f"{sign}{percent}" for (sign, _), percent in percents)
        line = dose + _bar(row) + Content(f" {figures} %")
        if marks and width >= _WITH_MARKS:
            gap = " " * (_WIDE - line.cell_length)
            yield line + Content(f"{gap}{marks}").stylize("bold")
            return
        yield line
    if marks:
        yield Content(f"  └ {marks}").stylize("bold")


def _bar(row: DoseRow) -> Content:
    """Return the bar of a dose: signs below, within and above, without need of colour."""
    parts = zip(_SIDES, row.parts_of(_BAR), strict=True)
    return Content.assemble(*((sign * cells, colour) for (sign, colour), cells in parts))
