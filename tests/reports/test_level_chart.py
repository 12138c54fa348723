"""The chart: every level, dose and side-effect has its place, and shapes tell what shades tell."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reportlab.graphics.shapes import Circle, Drawing, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import black, white

from dosing import Product
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, LevelCause, LevelCauseAnswer
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.level_chart import (
    ChartContent,
    ChartEvent,
    PointScale,
    day_ticks,
    even_top,
    joined_runs,
    legend_of,
    level_chart,
    level_ticks,
)
from reports.presentation.predicted_course import CourseTrough, PredictedCourse
from reports.printed_text import as_drawn
from reports.time_bars import lanes_below
from tests.builders import a_dose, a_drug, a_level, a_record, at, ended, held_doses, voided
from tests.campaign import cases
from tests.reports.paper import HOSTILE

NOW = at("2026-11-24T22:00")
WIDTH, HEIGHT = 511.0, 150.0
DOSE = a_dose("2026-10-01T08:00")


def content_of(*entries: Entry) -> ChartContent:
    return content_of_record(a_record(*entries))


def content_of_record(record: Record) -> ChartContent:
    found = summarise(record, NOW)
    return ChartContent(levels=found.levels, history=found.history, events=(), until=NOW)


def shapes(content: ChartContent, kind: type[Any]) -> list[Any]:
    drawing: Drawing = level_chart(content, WIDTH, HEIGHT)
    return [shape for shape in drawing.contents if isinstance(shape, kind)]


def texts(content: ChartContent) -> list[str]:
    return [each.text for each in shapes(content, String)]


@pytest.mark.parametrize(
    ("level", "shape", "points_up"),
    [
        ("4.9 ng/mL", Polygon, False), ("5 ng/mL", Circle, None), ("15 ng/mL", Circle, None),
        ("15.1 ng/mL", Polygon, True),
    ],
)  # fmt: skip
def test_where_a_level_lies_is_told_by_its_shape(
    level: str,
    shape: type[Any],
    points_up: bool | None,  # noqa: FBT001 - a table's column
) -> None:
    (mark,) = shapes(content_of(DOSE, a_level(level)), shape)
    assert mark.fillColor == black
    if points_up is not None:
        _, base, _, _, _, tip = mark.points
        assert (tip > base) is points_up


@pytest.mark.parametrize("entries", [(a_level("7 ng/mL"),), (DOSE, a_level("7 ng/mL", hours=5))])
def test_a_level_that_does_not_count_is_hollow(entries: tuple[Entry, ...]) -> None:
    (mark,) = shapes(content_of(*entries), Circle)
    assert mark.fillColor == white


def test_a_voided_level_is_not_drawn() -> None:
    record = voided(a_record(DOSE, a_level("7 ng/mL"), a_level("8 ng/mL", "2026-11-21T08:00")), 3)
    content = content_of_record(record)
    assert len(shapes(content, Circle)) == 1


def test_only_levels_that_count_and_are_not_censored_are_joined() -> None:
    content = content_of(
        DOSE,
        a_level("7 ng/mL", "2026-11-01T08:00"),
        a_level("<2 ng/mL", "2026-11-05T08:00"),
        a_level("9 ng/mL", "2026-11-10T08:00", hours=5),
        a_level("8 ng/mL", "2026-11-20T08:00"),
    )
    (line,) = shapes(content, PolyLine)
    assert len(line.points) == 2 * 2


def test_the_line_is_broken_where_the_assay_changes() -> None:
    days = ("2026-11-01", "2026-11-05", "2026-11-09", "2026-11-13", "2026-11-17", "2026-11-21")
    assays = (Assay.CMIA, Assay.CMIA, Assay.LC_MS_MS, Assay.CMIA, Assay.CMIA, Assay.CMIA)
    levels = [
        a_level("7 ng/mL", f"{day}T08:00", assay=assay)
        for day, assay in zip(days, assays, strict=True)
    ]
    # two, one alone, three; the first line joins only the first two
    lines = shapes(content_of(DOSE, *levels), PolyLine)
    assert [len(line.points) for line in lines] == [2 * 2, 2 * 3]
    unknown = replace(levels[1], assay=None)
    assert shapes(content_of(DOSE, levels[0], unknown), PolyLine) == []


def test_an_excluded_level_is_neither_drawn_nor_joined() -> None:
    days = ("2026-11-01", "2026-11-10", "2026-11-20")
    levels = [a_level("7 ng/mL", f"{day}T08:00") for day in days]
    answer = LevelCauseAnswer(
        of=4, on=at("2026-11-21T08:00").local.date(), cause=LevelCause.MISSED, is_excluded=True
    )
    content = content_of(DOSE, *levels, answer)
    assert len(shapes(content, Circle)) == 2
    assert [len(line.points) for line in shapes(content, PolyLine)] == [2 * 2]


def test_the_band_is_that_of_the_target_while_the_dose_held() -> None:
    record = ended(a_record(DOSE, a_level("7 ng/mL")), 2, "2026-11-22T08:00")
    content = content_of_record(record)
    scale = PointScale.of(content, WIDTH, HEIGHT)
    (band,) = shapes(content, Rect)
    assert (band.y, band.y + band.height) == pytest.approx((scale.y(5), scale.y(15)))
    ends = (scale.x(DOSE.since.utc), scale.x(at("2026-11-22T08:00").utc))
    assert (band.x, band.x + band.width) == pytest.approx(ends)


def test_changes_of_the_dose_and_its_end_are_written() -> None:
    record = ended(a_record(DOSE, a_dose("2026-11-10T08:00", "0.6")), 3, "2026-11-20T08:00")
    content = content_of_record(record)
    assert {"0.44 mg × 2", "0.6 mg × 2", "stopped"} <= set(texts(content))


def test_a_side_effect_is_a_bar_with_its_grade_and_its_term() -> None:
    event = ChartEvent(since=at("2026-11-12T08:00"), until=None, label="rash, grade 3")
    content = replace(content_of(DOSE, a_level("7 ng/mL")), events=(event,))
    assert {"event", "rash, grade 3"} <= set(texts(content))


@settings(
    deadline=None, max_examples=cases(15, full=50)
)  # the levels are assessed by pandas each time
@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 900)), min_size=1, max_size=12),
    st.lists(st.integers(0, 900), max_size=5),
)
def test_everything_lies_on_the_drawing(levels: list[tuple[int, int]], doses: list[int]) -> None:
    def day(number: int) -> str:
        return str((datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number)).date())

    entries = [a_level(f"{tenth / 10} ng/mL", f"{day(number)}T08:00") for number, tenth in levels]
    content = content_of(*entries, *(a_dose(f"{day(number)}T08:00") for number in doses))
    left, bottom, right, top = level_chart(content, WIDTH, HEIGHT).getBounds()
    assert left >= -1
    assert right <= WIDTH + 1
    assert bottom >= -1
    assert top <= HEIGHT + 12  # the arrow of a censored level may stand above the axis


@given(st.floats(10, 5000))
def test_few_levels_are_written_on_the_axis(top: float) -> None:
    ticks = level_ticks(top)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 8
    assert ticks[-1] <= top


@given(st.integers(1, 40_000))
def test_few_days_are_written_on_the_axis(days: int) -> None:
    begin = datetime(1950, 1, 1, 12, tzinfo=UTC)
    ticks = day_ticks(begin, begin + timedelta(days=days))
    assert 1 <= len(ticks) <= 11
    assert begin <= ticks[0]


@given(st.floats(10, 5000))
def test_the_axis_has_even_round_steps_to_its_very_end_with_room_above(highest: float) -> None:
    top = even_top(highest)
    ticks = level_ticks(top)
    (step,) = {other - one for one, other in pairwise(ticks)}
    assert re.fullmatch("[125]0*", str(step))
    assert ticks[-1] == top
    assert top >= highest * 1.05


def test_no_line_crosses_a_hold_or_a_time_off_treatment() -> None:
    days = ("2026-10-10", "2026-10-14", "2026-10-20", "2026-10-24", "2026-11-10", "2026-11-14")
    levels = [a_level("7 ng/mL", f"{day}T08:00") for day in days]
    held = held_doses("2026-10-15T08:00", "2026-10-16T08:00")
    record = a_record(DOSE, held, *levels, a_dose("2026-11-02T08:00"))
    assert [len(run) for run in joined_runs(content_of_record(record))] == [2, 4]
    stopped = ended(record, 2, "2026-10-28T08:00")
    assert [len(run) for run in joined_runs(content_of_record(stopped))] == [2, 2, 2]
    lines = shapes(content_of_record(stopped), PolyLine)
    assert [len(line.points) for line in lines] == [2 * 2] * 3


def test_levels_of_unknown_assays_are_not_joined() -> None:
    levels = [a_level("7 ng/mL", f"2026-11-{day}T08:00", assay=None) for day in (10, 20)]
    assert shapes(content_of(DOSE, *levels), PolyLine) == []


def test_the_legend_names_what_is_drawn_and_nothing_else() -> None:
    alone = legend_of(content_of(DOSE, a_level("7 ng/mL")))
    assert alone == "● within the target · grey: target · dotted: dose change"
    without_dose = legend_of(content_of(a_level("7 ng/mL")))
    assert without_dose == "hollow: not evaluable"
    drug = a_drug("fluconazole", "2026-11-04")
    levels = (
        a_level("<2 ng/mL", "2026-11-10T08:00"),
        a_level("16 ng/mL"),
        a_level("17 ng/mL", "2026-11-22T08:00"),
    )
    many = legend_of(content_of(DOSE, *levels, drug, held_doses("2026-10-15T08:00", None)))
    for part in ("▲ above", "▼ below", "arrow"):
        assert part in many
    assert "● within" not in many


DIGIT_HEIGHT = 0.76 * 6.5
"""Of the font, in points: a figure has nothing below its line."""
values = st.lists(st.tuples(st.integers(0, 130), st.integers(1, 400)), min_size=1, max_size=20)


@settings(deadline=None, max_examples=cases(15, full=100))
@given(values, st.lists(st.integers(0, 130), max_size=4))
@example([(0, 3), (0, 3)], [])
@example([(5, 100), (5, 100), (5, 101), (6, 100), (7, 99)], [4, 6])
def test_no_label_of_the_plot_is_over_another_or_over_a_mark(
    levels: list[tuple[int, int]], doses: list[int]
) -> None:
    def day(number: int) -> str:
        return str((datetime(2026, 7, 1, tzinfo=UTC) + timedelta(days=number)).date())

    content = content_of(
        *(a_level(f"{tenth / 10} ng/mL", f"{day(number)}T08:00") for number, tenth in levels),
        *(a_dose(f"{day(number)}T08:00") for number in doses),
    )
    drawing = level_chart(content, WIDTH, HEIGHT)
    scale = PointScale.of(content, WIDTH, HEIGHT)
    boxes = [
        (each.x, each.y, each.getBounds()[2], each.y + DIGIT_HEIGHT)
        for each in drawing.contents
        if isinstance(each, String) and scale.foot < each.y < scale.head - 3 and each.x > 26
    ]
    marks = [
        (scale.x(each.level.entry.sampled.utc), scale.y(float(each.level_ng_ml)))
        for each in content.active_levels
    ]
    for number, (left, bottom, right, top) in enumerate(boxes):
        for other in boxes[:number]:
            apart = right <= other[0] or other[2] <= left or top <= other[1] or other[3] <= bottom
            assert apart
        assert not any(left < x < right and bottom < y < top for x, y in marks)


@pytest.mark.parametrize("name", [HOSTILE, "=1+1", "שם", "x" * 300])
def test_hostile_drugs_are_names_of_bars_on_the_drawing(name: str) -> None:
    content = content_of(DOSE, a_level("7 ng/mL"), a_drug(name, "2026-11-01"))
    drawn = texts(content)
    assert "drug" in drawn
    beginning = as_drawn(name)[-2:] if name == "שם" else name[:4]
    assert any(beginning in each for each in drawn)
    left, _, right, _ = level_chart(content, WIDTH, HEIGHT).getBounds()
    assert left >= -1
    assert right <= WIDTH + 1


def test_the_bars_are_over_the_days_of_the_record() -> None:
    record = ended(
        a_record(DOSE, a_level("7 ng/mL"), a_drug("fluconazole", "2026-11-04")), 4, "2026-11-10"
    )
    content = content_of_record(record)
    flat = PointScale.of(content, WIDTH, HEIGHT)
    ((kind, (bar,)),) = lanes_below(content.bars, flat).rows
    assert (kind, bar.name, bar.lasts) == ("drug", "fluconazole", False)
    assert bar.left == pytest.approx(flat.x(at("2026-11-04T00:00").utc))
    assert bar.right == pytest.approx(flat.x(at("2026-11-11T00:00").utc))  # the end of the 10th


def test_the_forecast_is_behind_the_coming_weeks_and_named() -> None:
    troughs = tuple(CourseTrough(NOW.utc + timedelta(days=day), 9, 7, 12) for day in range(1, 15))
    until = Moment(troughs[-1].at, NOW.zone)
    course = PredictedCourse(
        since=NOW, until=until, now=NOW, troughs=troughs, peaks=(), target=DOSE.target
    )
    content = replace(content_of(DOSE, a_level("7 ng/mL")), forecast=course)
    assert "forecast" in texts(content)
    assert "forecast: trough, 90 % band" in legend_of(content)
    scale = PointScale.of(content, WIDTH, HEIGHT)
    (band,) = [each for each in shapes(content, Polygon) if len(each.points) == 4 * 14]
    assert min(band.points[::2]) > scale.x(NOW.utc)
    assert max(band.points[::2]) < WIDTH
    assert (min(band.points[1::2]), max(band.points[1::2])) == pytest.approx(
        (scale.y(7), scale.y(12))
    )


def test_each_kind_of_bar_has_a_row_before_one_has_two_and_the_rest_is_counted() -> None:
    drugs = [a_drug(f"drug {chr(97 + number)}", "2026-10-05") for number in range(12)]
    event = ChartEvent(since=at("2026-10-12T08:00"), until=None, label="rash, grade 3")
    content = replace(content_of(DOSE, a_level("7 ng/mL"), *drugs), events=(event,))
    lanes = lanes_below(content.bars, PointScale.of(content, WIDTH, HEIGHT))
    assert [kind for kind, _ in lanes.rows] == ["drug"] * 7 + ["event"]
    assert lanes.left_out == 5
    assert "and 5 bars more: see the tables" in texts(content)


def test_a_bar_that_follows_another_at_once_is_in_its_row() -> None:
    tablets = a_dose("2026-11-01T08:00", "0.5", product=Product.TABLETS)
    content = content_of(DOSE, tablets, a_level("7 ng/mL"))
    ((kind, (first, second)),) = lanes_below(
        content.bars, PointScale.of(content, WIDTH, HEIGHT)
    ).rows
    assert (kind, first.name, second.name) == ("form", "solution", "tablets")
    assert first.right == pytest.approx(second.left)
