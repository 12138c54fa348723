"""The chart: every level, dose and side-effect has its place, and shapes tell what shades tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.graphics.shapes import Circle, Drawing, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import black, white

from monitoring.record.entry import Entry
from monitoring.record.level import Assay, LevelCause, LevelCauseAnswer
from monitoring.summary import summarise
from reports.level_chart import (
    ChartContent,
    EventTick,
    PointScale,
    day_ticks,
    level_chart,
    level_ticks,
)
from tests.builders import a_dose, a_level, a_record, at, ended, voided
from tests.campaign import cases

NOW = at("2026-11-24T22:00")
WIDTH, HEIGHT = 511.0, 150.0
DOSE = a_dose("2026-10-01T08:00")


def content_of(*entries: Entry) -> ChartContent:
    found = summarise(a_record(*entries), NOW)
    return ChartContent(levels=found.levels, periods=found.history.periods, events=(), until=NOW)


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
    found = summarise(record, NOW)
    content = ChartContent(levels=found.levels, periods=found.history.periods, events=(), until=NOW)
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
    found = summarise(record, NOW)
    content = ChartContent(levels=found.levels, periods=found.history.periods, events=(), until=NOW)
    scale = PointScale.of(content, WIDTH, HEIGHT)
    (band,) = shapes(content, Rect)
    assert (band.y, band.y + band.height) == pytest.approx((scale.y(5), scale.y(15)))
    ends = (scale.x(DOSE.since.utc), scale.x(at("2026-11-22T08:00").utc))
    assert (band.x, band.x + band.width) == pytest.approx(ends)


def test_changes_of_the_dose_and_its_end_are_written() -> None:
    record = ended(a_record(DOSE, a_dose("2026-11-10T08:00", "0.6")), 3, "2026-11-20T08:00")
    found = summarise(record, NOW)
    content = ChartContent(levels=found.levels, periods=found.history.periods, events=(), until=NOW)
    assert {"0.44 mg × 2", "0.6 mg × 2", "stopped"} <= set(texts(content))


def test_a_side_effect_is_a_tick_with_its_grade() -> None:
    tick = EventTick(since=at("2026-11-12T08:00"), label="3")
    content = replace(content_of(DOSE, a_level("7 ng/mL")), events=(tick,))
    assert "3" in texts(content)


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
