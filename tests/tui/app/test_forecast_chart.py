"""The chart of a predicted course: where every sign stands, and on which side of the target."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dosing import TargetTrough
from monitoring.levels import LevelAssessment
from monitoring.times import Moment
from reports.presentation.predicted_course import CoursePoint, CourseTrough, PredictedCourse
from tests.builders import at
from tests.campaign import cases
from tests.tui.app.charted import a_dose, a_level, after, summary_of
from tui.app.widgets.chart_drawing import LEFT, ChartLayout, Part
from tui.app.widgets.course_drawing import COURSE_SIGNS, PEAK_SIGN, RANGE_FILL, extremes
from tui.app.widgets.forecast_chart_layout import TARGET_SIGNS, Predicted, lay_out_forecast

DAYS = 28
SINCE = after(100)
TARGET = TargetTrough(Decimal(5), Decimal(15))


def predicted(  # noqa: PLR0913 - the parts of a course
    values: list[float],
    *,
    half: float = 2,
    target: TargetTrough = TARGET,
    levels: tuple[LevelAssessment, ...] = (),
    doses: tuple[tuple[Moment, str], ...] = (),
    peaks: float | None = None,
) -> Predicted:
    """Return a course of troughs at equal distances, with peaks so far above them."""
    moments = [after(100 + DAYS * place / (len(values) - 1)).utc for place in range(len(values))]
    both = list(zip(moments, values, strict=True))
    course = PredictedCourse(
        since=SINCE,
        until=after(100 + DAYS),
        now=after(100 + DAYS / 2),
        troughs=tuple(CourseTrough(at, each, each - half, each + half) for at, each in both),
        peaks=tuple(CoursePoint(at, each + peaks) for at, each in both) if peaks else (),
        target=target,
    )
    return Predicted(course=course, levels=levels, doses=doses)


LEVELS = summary_of(a_dose(0), a_level(103, "9"), a_level(106, "16"), a_level(109, "4.9")).levels


def test_the_picture() -> None:
    """Troughs from 4 to 18 in four weeks, their band 2 on either side, and three levels.

    It crosses 5 after 2 days and 15 after 22: two columns a day, so at columns 10 and 50.
    """
    course = predicted(
        [4 + day / 2 for day in range(DAYS + 1)],
        levels=LEVELS,
        doses=((after(117), "0.5 mg × 2"),),
        peaks=4,
    )
    lines = [line.rstrip() for line in lay_out_forecast(course, 62, 16).lines]
    assert lines == PICTURE.splitlines()


PICTURE = """\
ng/mL
                                  now   0.5 mg × 2
  25 ┤                            ┃     ┆
     │                            ┃     ┆                 ╌╌╌╌
  20 ┤                            ┃     ┆       ╌╌╌╌╌╌╌╌╌╌▒▒▒▒
     │            ▲16             ┃╌╌╌╌╌┆╌╌╌╌╌╌╌▒▒▄▄▄▄▄▄▄▄▄█▀▀
  15 ╪15──────────────────────────┃─════┆═══▄▄▄▄▄█▀════════───
     │      9     ╌╌╌╌╌╌╌╌╌╌▒▒▒▒▒▒▄▄▄▄▄█▀▀▀▀▀▒▒▒▒▒▒▒▒
  10 ┤  ╌╌╌╌●╌╌╌╌╌▒▒▒▒▒▒▄▄▄▄▄█▀▀▀▀▀▒▒▒▒▒┆▒▒
     │╌╌▒▒▒▒▒▒▄▄▄▄▄█▀▀▀▀▀▒▒▒▒▒▒▒▒ ┃     ┆
   5 ╪5══█▀▀▀▀▀════════───────────┃─────┆─────────────────────
     │▀▀▀▀▒▒▒▒▒▒▒▒      ▼4.9      ┃     ┆
   0 └─┬─────────────┬─────────────┬─────────────┬────────────
  10 Oct 2026   17 Oct 2026   24 Oct 2026   31 Oct 2026
▄ predicted trough  ▒ its 90 %  ─ target  ▲ above  ● within
▼ below  ╌ peak  ┆ dose
"""


def test_below_the_smallest_size_nothing_is_drawn() -> None:
    assert set("".join(lay_out_forecast(predicted([9, 9]), 23, 16).lines)) == {" "}
    assert set("".join(lay_out_forecast(predicted([9, 9]), 60, 6).lines)) == {" "}
    assert "now" in "".join(lay_out_forecast(predicted([9, 9]), 24, 7).lines)


@pytest.mark.parametrize("height", [9, 10, 11])
def test_the_textures_are_told_from_ten_rows_on(height: int) -> None:
    told = "predicted" in lay_out_forecast(predicted([9, 9]), 60, height).lines[-1]
    assert told == (height >= 10)


values = some.one_of(
    some.floats(0, 40, allow_nan=False),
    some.sampled_from([5.0, 15.0, 5 - 1e-9, 5 + 1e-9, 15 - 1e-9, 15 + 1e-9, -0.0]),
)
courses = some.lists(values, min_size=2, max_size=60)
targets = some.tuples(some.none() | some.integers(1, 11), some.integers(12, 24)).map(
    lambda ends: TargetTrough(Decimal(ends[0]) if ends[0] else None, Decimal(ends[1]))
)
sizes = some.tuples(some.integers(24, 200), some.integers(7, 40))


@settings(max_examples=cases(50, full=200))
@given(
    some.lists(some.tuples(some.floats(0, 150), values), min_size=1, max_size=60).map(sorted),
    some.integers(1, 150),
)
def test_extremes_are_those_of_the_line_through_the_values(
    points: list[tuple[float, float]], columns: int
) -> None:
    """Held against numpy's line: looked at in 40 places of each column, and at its values."""
    points = list(dict(points).items())
    places, levels = zip(*points, strict=True)
    found = extremes(points, range(columns))
    assert len(found) == columns
    for column, each in enumerate(found):
        looked = np.linspace(max(column, places[0]), min(column + 1, places[-1]), 41)
        if column + 1 <= places[0] or places[-1] <= column:
            assert each is None
            continue
        assert each is not None
        line = np.interp(looked, places, levels)
        assert each[0] <= line.min() + 1e-6
        assert each[1] >= line.max() - 1e-6
        assert min(levels) <= each[0] + 1e-9
        assert each[1] <= max(levels) + 1e-9


def inside_target(layout: ChartLayout, target: TargetTrough) -> range:
    """Return the rows from one line of the target to the other, or to the axis."""
    found = [row for row, cells in enumerate(layout.rows) if cells[LEFT - 1].part is Part.TARGET]
    assert found
    axis = next(row for row, cells in enumerate(layout.rows) if cells[LEFT - 1].sign == "└")
    return range(found[0], found[-1] + 1 if target.low_ng_ml else axis)


def rows_of(layout: ChartLayout, column: int, signs: str) -> set[int]:
    return {row for row, cells in enumerate(layout.rows) if cells[column].sign in signs}


@settings(max_examples=cases(40, full=150), deadline=None)
@given(values, some.floats(0, 5), targets, sizes)
def test_a_level_course_and_its_band_stand_on_their_own_side_of_the_target(
    value: float, half: float, target: TargetTrough, size: tuple[int, int]
) -> None:
    """Said a second way: what is drawn beside the exact comparison, for a course that is flat."""
    layout = lay_out_forecast(predicted([value, value], half=half, target=target), *size)
    column = size[0] - 1
    inside = inside_target(layout, target)

    def assert_on_its_side(row: int, ng_ml: float) -> None:
        level = max(Decimal(ng_ml), Decimal(0))
        if level > target.high_ng_ml:
            assert row < min(inside)
        elif target.low_ng_ml is not None and level < target.low_ng_ml:
            assert row > max(inside)
        else:
            assert row in inside

    course = rows_of(layout, column, "".join(COURSE_SIGNS.values()))
    assert len(course) == 1
    assert_on_its_side(course.pop(), value)
    shaded = rows_of(layout, column, RANGE_FILL + TARGET_SIGNS[True])
    shown = shaded & set(range(size[1] - 2)) | rows_of(layout, column, "▀▄█")
    assert_on_its_side(min(shown), value + half)
    assert_on_its_side(max(shown), value - half)


@settings(max_examples=cases(30, full=100), deadline=None)
@given(courses, some.floats(0, 5), targets, sizes)
def test_lines_and_shading_tell_target_and_band_apart_without_colour(
    course: list[float], half: float, target: TargetTrough, size: tuple[int, int]
) -> None:
    layout = lay_out_forecast(predicted(course, half=half, target=target), *size)
    assert [len(row) for row in layout.rows] == [size[0]] * size[1]
    signs = {
        Part.RANGE: RANGE_FILL, Part.EMPTY: " ", Part.TARGET: "".join(TARGET_SIGNS.values()),
        Part.COURSE: "".join(COURSE_SIGNS.values()), Part.NOW: "┃now",
    }  # fmt: skip
    for row in layout.rows:
        for cell in row[LEFT:]:
            if cell.part in signs:
                assert cell.sign in signs[cell.part]
    target_rows = {
        row for row, cells in enumerate(layout.rows)
        if any(cell.part is Part.TARGET for cell in cells)
    }  # fmt: skip
    assert 1 <= len(target_rows) <= (2 if target.low_ng_ml else 1)


@settings(max_examples=cases(30, full=100), deadline=None)
@given(courses, targets, sizes)
def test_every_column_shows_the_course_without_a_hole(
    course: list[float], target: TargetTrough, size: tuple[int, int]
) -> None:
    layout = lay_out_forecast(predicted(course, target=target), *size)
    for column in range(LEFT, size[0]):
        rows = rows_of(layout, column, "".join(COURSE_SIGNS.values()))
        if layout.rows[-1][0].sign in COURSE_SIGNS.values():
            rows -= {size[1] - 1}  # the legend
        assert rows
        assert rows == set(range(min(rows), max(rows) + 1))


levels = some.builds(
    a_level,
    some.floats(100.1, 114, allow_nan=False),
    some.integers(1, 400).map(lambda tenths: f"{Decimal(tenths) / 10}"),
)


@settings(max_examples=cases(20, full=60), deadline=None)
@given(some.lists(levels, min_size=1, max_size=10), sizes)
def test_no_level_is_drawn_on_the_other_side_of_the_target(
    entries: list[object], size: tuple[int, int]
) -> None:
    assessed = summary_of(a_dose(0), *entries).levels  # type: ignore[arg-type]  # levels
    layout = lay_out_forecast(predicted([9, 9], levels=assessed), *size)
    inside = inside_target(layout, TARGET)
    for mark in layout.marks:
        value = mark.level.level_ng_ml
        if value > 15:
            assert mark.row < min(inside)
        elif value < 5:
            assert mark.row > max(inside)
        else:
            assert mark.row in inside


def test_now_stands_where_it_is() -> None:
    """The middle of the time is the middle of the columns."""
    layout = lay_out_forecast(predicted([9.0, 9.0]), LEFT + 40, 12)
    columns = {
        column for row in layout.rows[1:-3] for column, cell in enumerate(row) if cell.sign == "┃"
    }
    assert columns == {LEFT + 20}
    assert SINCE.utc + timedelta(days=DAYS) == after(100 + DAYS).utc
    assert at("2026-07-01T08:00") == after(0)


def test_twice_daily_peaks_are_faint_and_the_troughs_one_line() -> None:
    """A slab three rows thick before: two doses a day on a column of half a day."""
    course = predicted([8.0 for _ in range(2 * DAYS + 1)], peaks=6)
    layout = lay_out_forecast(course, LEFT + 2 * DAYS, 16)
    for column in range(LEFT, LEFT + 2 * DAYS):
        assert len(rows_of(layout, column, "▀▄█")) == 1
    peaks = {cell.part for row in layout.rows[:-2] for cell in row if cell.sign == PEAK_SIGN}
    assert peaks == {Part.PEAK}
    assert "╌ peak" in " ".join(layout.lines)
    without = lay_out_forecast(predicted([8.0, 8.0]), LEFT + 2 * DAYS, 16)
    assert "peak" not in " ".join(without.lines)
