"""The chart of levels: where every sign stands, and the widget that draws it."""

import os
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from textual.app import App, ComposeResult

from dosing import TargetTrough
from monitoring.levels.wording import mark
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.level import Comparator, Level
from tests.campaign import cases
from tests.tui.app.charted import a_dose, a_level, after, summary_of
from tui.app.widgets.chart_drawing import BAND_FILL, ChartLayout, Part
from tui.app.widgets.level_chart import LevelChart, chart_words
from tui.app.widgets.level_chart_layout import lay_out

STORY = summary_of(
    a_dose(0),
    a_level(20, "4.9"),
    a_dose(21, mg="0.5"),
    a_level(23, "16"),
    a_level(40, "5"),
    a_level(60, "15"),
    a_level(80, "15.1"),
    a_level(100, "<2.0"),
    AdverseEvent(term="mouth sores", since=after(70).local.date(), grade=2),
    AdverseEvent(term="rash", since=after(90).local.date()),
)


def test_the_picture_shows_every_sign_on_its_own_side_of_the_band() -> None:
    assert [line.rstrip() for line in lay_out(STORY, 60, 16).lines] == PICTURE.splitlines()


def test_the_smallest_picture_is_whole() -> None:
    assert [line.rstrip() for line in lay_out(STORY, 40, 10).lines] == SMALL.splitlines()


PICTURE = """\
ng/mL  0.44 mg × 2
               0.5 mg × 2
     │ ┆       ┆
  20 ┤ ┆       ┆
     │ ┆       ┆○16                    ▲15.1
  15 ┤ ┆15░░░░░┆░░░░░░░░░░░░░░░●15░░░░░░░░░░░░░░░░░░░░░░░░░░
     │ ┆░░░░░░░┆░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
  10 ┤ ┆░░░░░░░┆░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
     │ ┆░░░░░░░┆░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
   5 ┤ ┆5░░░░░░┆░░░░░░░●5░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
     │ ┆       ▼4.9                            ◇<2
   0 └┬──────────────────────┬─────────────────────┬────────
 29 Jun 2026            24 Aug 2026           19 Oct 2026
grade                              ╵2      ╵? rash
░ target  ○ not evaluable  ◇ below, censored  ▲ above
● within  ▼ below  ┆ dose  ╵ adverse event
"""
SMALL = """\
ng/mL       0.5 mg × 2
  20 ┤┆     ○16            ▲15.1
     │┆15░░░┆░░░░░░░░░●15░░░░░░░░░░░░░░░
     │┆░░░░░┆░░░░░░░░░░░░░░░░░░░░░░░░░░░
  10 ┤┆░░░░░┆░░░░░░░░░░░░░░░░░░░░░░░░░░░
     │┆5░░░░┆░░░░●5░░░░░░░░░░░░░░░░░░░░░
     │┆ 4.9▼┆                   ◇<2
   0 └┬──────────────────────┬──────────
 29 Jun 2026            28 Sep 2026
grade                   ╵2   ╵? rash
"""


def test_the_words_say_what_the_picture_shows() -> None:
    assert chart_words(STORY) == (
        "Target 5-15 ng/mL. 6 levels: 2 within, 1 below, 1 not evaluable, 1 above, 1 below, "
        "censored; the last ◇ below, censored, <2.0 ng/mL on 9 Oct 2026. 2 dose changes, the last "
        "on 22 Jul 2026: 0.5 mg × 2. 2 adverse events, the highest of grade 2."
    )


def test_an_empty_record_has_axes_and_says_so() -> None:
    empty = summary_of()
    assert chart_words(empty) == "No levels."
    layout = lay_out(empty, 80, 20)
    assert layout.lines[0].startswith("ng/mL")
    assert all(cell.part in {Part.AXIS, Part.EMPTY} for row in layout.rows for cell in row)


def in_tenths(least: int, most: int) -> "some.SearchStrategy[str]":
    return some.integers(least, most).map(lambda tenths: f"{Decimal(tenths) / 10}")


numbers = some.one_of(
    in_tenths(1, 400),
    some.sampled_from(["5", "15", "4.999999999", "5.000000001", "14.999999999", "15.000000001"]),
    some.integers(10, 3000).map(str),
)
signs = some.sampled_from(["", "", "", *(each.value for each in Comparator)])
levels = some.builds(
    a_level,
    some.floats(0, 126, allow_nan=False),
    some.builds(str.__add__, signs, numbers),
)
targets = some.tuples(some.none() | some.integers(1, 11).map(str), some.integers(12, 24).map(str))
sizes = some.tuples(some.integers(24, 200), some.integers(7, 40))


def drawn_column(layout: ChartLayout, column: int) -> set[int]:
    """Return the rows of a column behind which the band lies."""
    return {row for row, cells in enumerate(layout.rows) if cells[column].in_band}


@settings(max_examples=cases(20, full=60))
@given(some.lists(levels, min_size=1, max_size=25), targets, sizes)
def test_no_level_is_ever_drawn_on_the_other_side_of_the_band(
    entries: list[Level], target: tuple[str | None, str], size: tuple[int, int]
) -> None:
    """A second way to say it: the band as it is drawn beside the exact comparison."""
    low, high = target
    summary = summary_of(a_dose(0, low, high), *entries)
    layout = lay_out(summary, *size)
    band = drawn_column(layout, size[0] - 1)
    assert band
    for each in layout.marks:
        value = each.level.level_ng_ml
        if value > Decimal(high):
            assert each.row < min(band)
        elif low is not None and value < Decimal(low):
            assert each.row > max(band)
        else:
            assert each.row in band


@settings(max_examples=cases(15, full=40))
@given(
    some.lists(levels, max_size=25),
    some.lists(some.tuples(some.integers(0, 120), targets), max_size=6),
    some.lists(some.tuples(some.integers(0, 120), some.none() | some.integers(1, 5)), max_size=8),
    sizes,
)
def test_whatever_the_record_the_frame_holds_everything_in_order(
    entries: list[Level],
    doses: list[tuple[int, tuple[str | None, str]]],
    events: list[tuple[int, int | None]],
    size: tuple[int, int],
) -> None:
    summary = summary_of(
        *(a_dose(days, *target) for days, target in doses),
        *entries,
        *(
            AdverseEvent(term="rash", since=after(days).local.date(), grade=grade)
            for days, grade in events
        ),
    )
    layout = lay_out(summary, *size)
    assert [len(row) for row in layout.rows] == [size[0]] * size[1]
    assert all(len(cell.sign) == 1 for row in layout.rows for cell in row)
    assert len(layout.marks) == len(entries)
    columns = [each.column for each in layout.marks]
    assert columns == sorted(columns)
    moments = [each.level.level.entry.sampled.utc for each in layout.marks]
    assert moments == sorted(moments)
    for each in layout.marks:
        front = layout.rows[each.row][each.column]
        assert front.part in {Part.ABOVE, Part.BELOW, Part.WITHIN, Part.HOLLOW}
        is_within = each.level.target is not None and holds(
            each.level.target, each.level.level_ng_ml
        )
        if is_within and front.part is each.part:
            assert front.in_band or front.part is Part.HOLLOW
    if layout.marks:
        newest = layout.marks[-1]
        assert layout.rows[newest.row][newest.column].sign == newest.sign


def holds(target: TargetTrough, value: Decimal) -> bool:
    return (target.low_ng_ml or 0) <= value <= target.high_ng_ml


@settings(max_examples=cases(10, full=20))
@given(levels)
def test_the_sign_is_the_one_of_the_lists(level: Level) -> None:
    summary = summary_of(a_dose(0), level)
    (drawn,) = lay_out(summary, 80, 20).marks
    assert drawn.sign == mark(drawn.level)[0]


@pytest.mark.parametrize("size", [(23, 7), (24, 6), (1, 1), (0, 0)])
def test_too_small_a_frame_stays_empty(size: tuple[int, int]) -> None:
    layout = lay_out(STORY, *size)
    assert [len(row) for row in layout.rows] == [size[0]] * size[1]
    assert not "".join(layout.lines).strip()


class ChartApp(App[None]):
    def compose(self) -> ComposeResult:
        yield LevelChart(STORY)


async def test_the_widget_shows_the_picture_with_the_band_behind_it() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        for theme in ("textual-dark", "textual-light"):
            for size in ((40, 10), (80, 24), (200, 40)):
                app.theme = theme
                await pilot.resize_terminal(*size)
                await pilot.pause()
                chart = app.query_one(LevelChart)
                strips = [chart.render_line(y) for y in range(size[1])]
                assert tuple(strip.text for strip in strips) == lay_out(STORY, *size).lines
                filled = {
                    segment.style.bgcolor if segment.style else None
                    for strip in strips[:-2]  # the last rows are the legend
                    for segment in strip
                    if BAND_FILL in segment.text
                }
                every = {
                    segment.style.bgcolor if segment.style else None
                    for strip in strips
                    for segment in strip
                }
                assert len(filled) == 1
                assert len(every) == 2


async def test_without_colour_the_band_is_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
    app = ChartApp()
    async with app.run_test(size=(60, 16)):
        assert app.no_color
        assert BAND_FILL * 10 in app.query_one(LevelChart).render_line(6).text


async def test_a_new_summary_is_drawn_anew() -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 16)) as pilot:
        chart = app.query_one(LevelChart)
        assert "▲" in "".join(chart.render_line(y).text for y in range(16))
        chart.summary = summary_of()
        await pilot.pause()
        assert "▲" not in "".join(chart.render_line(y).text for y in range(16))
        assert chart.where == "No levels."
