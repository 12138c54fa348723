"""The chart of a predicted course: where every sign stands, and on which side of the target."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dosing import TargetTrough
from monitoring.levels import LevelAssessment
from monitoring.times import Moment
from tests.builders import at
from tests.campaign import cases
from tests.tui.app.charted import a_dose, a_level, after, summary_of
from tui.app.widgets.chart_drawing import BAND_FILL, LEFT, ChartLayout, Part
from tui.app.widgets.forecast_chart_layout import (
    BOTH_FILL,
    COURSE_SIGNS,
    RANGE_FILL,
    Predicted,
    extremes,
    lay_out_forecast,
)

DAYS = 28
SINCE = after(100)
TARGET = TargetTrough(Decimal(5), Decimal(15))


def predicted(
    values: list[float],
    *,
    half: float = 2,
    target: TargetTrough = TARGET,
    levels: tuple[LevelAssessment, ...] = (),
    doses: tuple[tuple[Moment, str], ...] = (),
) -> Predicted:
    return Predicted(
        since=SINCE,
        until=after(100 + DAYS),
        now=after(100 + DAYS / 2),
        ng_ml=tuple(values),
        low_ng_ml=tuple(each - half for each in values),
        high_ng_ml=tuple(each + half for each in values),
        target=target,
        levels=levels,
        doses=doses,
    )


LEVELS = summary_of(a_dose(0), a_level(103, "9"), a_level(106, "16"), a_level(109, "4.9")).levels


def test_the_picture() -> None:
    """A course from 4 to 18 in four weeks, its band 2 on either side, and three levels.

    It crosses 5 after 2 days and 15 after 22: two columns a day, so at columns 10 and 50.
    """
    course = predicted(
        [4 + day / 2 for day in range(DAYS + 1)],
        levels=LEVELS,
        doses=((after(117), "0.5 mg × 2"),),
    )
    lines = [line.rstrip() for line in lay_out_forecast(course, 62, 16).lines]
    assert lines == PICTURE.splitlines()


PICTURE = """\
ng/mL
                                  now   0.5 mg × 2
  20 ┤                            ┃     ┆                   ::
     │                            ┃     ┆           ::::::::▄▄
     │            ▲               ┃     ┆ ::::::::▄▄▄▄▄▄█▀▀▀▀:
  15 ┤░░░░░░░░░░░░░░░░░░░░░░░░░░░░┃░▒▒▒▒┆▒▒▒▄▄▄▄█▀▀▒▒▒▒▒▒▒▒░░░
     │░░░░░░░░░░░░░░░░░░░░░░░▒▒▒▒▒┃▒▒▄▄▄▄█▀▀▀▒▒▒▒▒▒▒▒░░░░░░░░░
  10 ┤░░░░░░░░░░░░░░░▒▒▒▒▒▒▒▒▄▄▄▄█▀▀▀▀▒▒┆▒▒▒▒▒░░░░░░░░░░░░░░░░
     │░░░░░░●▒▒▒▒▒▒▒▒▄▄▄▄█▀▀▀▀▒▒▒▒┃▒▒▒░░┆░░░░░░░░░░░░░░░░░░░░░
     │▒▒▒▒▒▒▒▄▄▄▄█▀▀▀▀▒▒▒▒▒▒▒▒░░░░┃░░░░░┆░░░░░░░░░░░░░░░░░░░░░
   5 ┤▒▒▒█▀▀▀▀▒▒▒▒▒▒▒▒░░░░░░░░░░░░┃░░░░░┆░░░░░░░░░░░░░░░░░░░░░
     │▀▀▀▀::::::::      ▼         ┃     ┆
     │                            ┃     ┆
   0 └─┬─────────────┬─────────────┬─────────────┬────────────
  10 Oct 2026   17 Oct 2026   24 Oct 2026   31 Oct 2026
▄ predicted  :▒ 90 %  ░▒ target  ▲ above  ● within  ▼ below
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
@given(courses, some.integers(1, 150))
def test_extremes_are_those_of_the_line_through_the_values(course: list[float], parts: int) -> None:
    """Held against the line itself: looked at in 40 places of each part, and at its values."""
    found = extremes(course, parts)
    assert len(found) == parts
    steps = len(course) - 1

    def line(place: float) -> float:
        before = min(int(place), steps - 1)
        return course[before] + (course[before + 1] - course[before]) * (place - before)

    for part, (low, high) in enumerate(found):
        begin, end = part * steps / parts, (part + 1) * steps / parts
        looked = [line(begin + (end - begin) * each / 40) for each in range(41)]
        # Rounding of the places: a billionth of a step, of values up to 40.
        assert low <= min(looked) + 1e-7
        assert high >= max(looked) - 1e-7
        assert min(course) <= low + 1e-9
        assert high <= max(course) + 1e-9
    for (_, high), (low, _) in pairwise(found):
        assert low <= high + 1e-7  # no hole between two parts


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
    inside = {row for row, cells in enumerate(layout.rows) if cells[column].in_band}
    assert inside

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
    shown = rows_of(layout, column, RANGE_FILL + BOTH_FILL + "".join(COURSE_SIGNS.values()))
    assert_on_its_side(min(shown), value + half)
    assert_on_its_side(max(shown), value - half)


@settings(max_examples=cases(30, full=100), deadline=None)
@given(courses, some.floats(0, 5), targets, sizes)
def test_textures_tell_target_and_band_apart_without_colour(
    course: list[float], half: float, target: TargetTrough, size: tuple[int, int]
) -> None:
    layout = lay_out_forecast(predicted(course, half=half, target=target), *size)
    assert [len(row) for row in layout.rows] == [size[0]] * size[1]
    for row in layout.rows[:-1]:
        for cell in row[LEFT:]:
            if cell.part is Part.RANGE:
                assert cell.sign == (BOTH_FILL if cell.in_band else RANGE_FILL)
            elif cell.part is Part.EMPTY:
                assert cell.sign == (BAND_FILL if cell.in_band else " ")


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
    inside = {row for row, cells in enumerate(layout.rows) if cells[size[0] - 1].in_band}
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
