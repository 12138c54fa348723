"""The time to response as a curve in text: the share without response, by days."""

from fractions import Fraction

from dosing.quantities.formatting import count_of
from monitoring.response import SurvivalCurve, SurvivalStep

_LEFT = 7
_SMALLEST = (24, 5)


def draw(curve: SurvivalCurve, width: int, height: int, last_day: int) -> tuple[str, ...]:
    """Return the curve in `height` lines of at most `width` signs, to the day `last_day`.

    ░ is the 95 % interval, if there is one. The last two lines are the axis of days. A curve
    without a step, or too little room, gives nothing.
    """
    if not curve.steps or width < _SMALLEST[0] or height < _SMALLEST[1]:
        return ()
    columns, rows = width - _LEFT - 1, height - 2
    cells = [[" "] * columns for _ in range(rows)]
    before = 0
    for column in range(columns):
        day = column * last_day // (columns - 1)
        if day > curve.steps[-1].day:
            break
        step = _step_on(curve, day)
        row = _row(step.share if step else Fraction(1), rows)
        if step and step.interval:
            for shaded in range(_row(step.interval[1], rows), _row(step.interval[0], rows) + 1):
                cells[shaded][column] = "░"
        if row == before:
            cells[row][column] = "─"
        else:
            for between in range(before + 1, row):
                cells[between][column] = "│"
            cells[before][column], cells[row][column] = "┐", "└"
        before = row
    lines = [f"{_label(row, rows)}{''.join(signs).rstrip()}" for row, signs in enumerate(cells)]
    end = count_of(last_day, "day")
    axis = f"{' ' * (_LEFT - 1)}└{'─' * columns}"
    return (*lines, axis, f"{' ' * _LEFT}0{end:>{columns - 1}}")


def _step_on(curve: SurvivalCurve, day: int) -> SurvivalStep | None:
    """Return the last step up to a day."""
    return next((step for step in reversed(curve.steps) if step.day <= day), None)


def _row(share: Fraction | float, rows: int) -> int:
    return round((1 - float(share)) * (rows - 1))


def _label(row: int, rows: int) -> str:
    named = {0: "100 %", rows - 1: "0 %"}
    if rows % 2:
        named[rows // 2] = "50 %"
    return f"{named.get(row, ''):>{_LEFT - 1}}{'┤' if row in named else '│'}"
