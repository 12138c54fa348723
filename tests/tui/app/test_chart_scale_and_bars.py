"""The scale of a chart of levels, the values at its points, and the bars below it."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rich.cells import cell_len

from dosing import Product, TargetTrough
from monitoring.record.level import Level
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from monitoring.treatment.exposure import start_of
from reports.level_chart import value_of
from reports.presentation.predicted_course import CourseTrough, PredictedCourse
from reports.presentation.treatment_bars import BarKind, treatment_bars
from tests.builders import a_dose, a_drug, a_record, a_target, ended, held_doses, voided
from tests.campaign import cases
from tests.reports.paper import HOSTILE
from tests.tui.app.charted import NOW, a_level, after, summary_of
from tests.tui.app.charted import a_dose as a_dose_of
from tests.tui.app.test_level_chart import levels, sizes
from tui.app.widgets.chart_drawing import LEFT, ChartLayout, EvenSteps, Part
from tui.app.widgets.level_chart import chart_words
from tui.app.widgets.level_chart_layout import lay_out

ROUND = re.compile(r"[125]0*")
HEBREW = "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}"
WIDE = "氟康唑"


# --- the scale


@settings(max_examples=cases(200, full=3000))
@given(
    some.integers(3, 60),
    some.decimals(10, 3000, places=1),
    some.lists(some.tuples(some.none() | some.integers(1, 11), some.integers(12, 24)), max_size=4),
)
def test_the_steps_of_every_axis_are_even_round_and_hold_everything(
    rows: int, highest: Decimal, ends: list[tuple[int | None, int]]
) -> None:
    targets = [TargetTrough(Decimal(low) if low else None, Decimal(high)) for low, high in ends]
    steps = EvenSteps.of(rows, highest, targets)
    assert ROUND.fullmatch(f"{steps.ng_ml:f}")
    assert rows // steps.rows >= 2
    a_row = Fraction(steps.ng_ml) / steps.rows
    assert a_row * rows >= Fraction(highest)
    top = max((Fraction(each.high_ng_ml) for each in targets), default=Fraction(0))
    assert top / a_row < rows - Fraction(1, 2)
    if rows >= 12 and not any(low for low, _ in ends):  # a row below a target comes first
        assert 3 <= rows // steps.rows <= 8


@settings(max_examples=cases(15, full=60))
@given(some.lists(levels, max_size=10), sizes)
def test_ticks_are_at_equal_distances_from_zero_on(
    entries: list[Level], size: tuple[int, int]
) -> None:
    layout = lay_out(summary_of(a_dose_of(0), *entries), *size)
    ticks = figures_of(layout)
    assert ticks[-1][1] == 0
    rows, figures = zip(*ticks, strict=True)
    assert len({below - above for above, below in pairwise(rows)}) <= 1
    assert len({above - below for above, below in pairwise(figures)}) <= 1


def figures_of(layout: ChartLayout) -> list[tuple[int, Decimal]]:
    """Return the row and figure of each tick, from the top."""
    found = []
    for row, line in enumerate(layout.lines):
        tick = re.match(r" *([\d.]+) [┤└]", line)
        if tick:
            found.append((row, Decimal(tick[1])))
    return found


@pytest.mark.parametrize("height", [16, 20, 40])
@pytest.mark.parametrize("value", ["5", "10", "15", "20"])
def test_a_level_of_a_tick_is_in_its_row(value: str, height: int) -> None:
    layout = lay_out(summary_of(a_dose_of(0), a_level(40, value), a_level(50, "24")), 80, height)
    rows = {figure: row for row, figure in figures_of(layout)}
    assert layout.marks[0].row == rows.get(Decimal(value), layout.marks[0].row)
    assert {Decimal(10), Decimal(20)} <= set(rows)


def test_the_ends_of_every_target_are_on_its_own_band() -> None:
    """The target rises after 60 days: both are written, each in the rows of its band."""
    doses = (a_dose_of(0, "4", "12"), a_dose_of(60, "8", "15", mg="0.5"))
    layout = lay_out(summary_of(*doses), 100, 24)
    change = layout.lines[3].rindex("┆")
    before, behind = (
        {
            int(found[0]): row
            for row, line in enumerate(layout.lines)
            if layout.rows[row][part.stop - 1].in_band and (found := re.search(r"\d+", line[part]))
        }
        for part in (slice(LEFT, change - 1), slice(change, 100))
    )
    assert set(before) == {12, 4}
    assert set(behind) == {15, 8}
    for ends, column in ((before, LEFT + 20), (behind, 99)):
        band = {row for row, cells in enumerate(layout.rows) if cells[column].in_band}
        assert set(ends.values()) == {min(band), max(band)}


# --- the values


@settings(max_examples=cases(40, full=400))
@given(some.lists(levels, min_size=1, max_size=25), sizes)
def test_values_overlap_nothing_and_are_those_of_the_levels(
    entries: list[Level], size: tuple[int, int]
) -> None:
    """Every run of figures in the plot is the whole value of the level beside it."""
    layout = lay_out(summary_of(a_dose_of(0), *entries), *size)
    colours = {Part.ABOVE, Part.BELOW, Part.WITHIN, Part.HOLLOW}
    places = {(each.row, each.column) for each in layout.marks}
    for row, cells in enumerate(layout.rows):
        line = "".join(
            cell.sign if cell.part in colours and (row, column) not in places else " "
            for column, cell in enumerate(cells)
        )
        for text in re.finditer(r"[<>\d.]+", line):
            near = [
                mark
                for mark in layout.marks
                if abs(mark.row - row) <= 1 and text.start() - 1 <= mark.column <= text.end()
            ]
            assert text[0] in [value_of(mark.level) for mark in near]
    for each in layout.marks:
        front = layout.rows[each.row][each.column]
        assert (front.sign, front.part) in {(mark.sign, mark.part) for mark in layout.marks}


def test_a_value_is_never_rounded_over_an_end_of_the_target() -> None:
    lines = " ".join(lay_out(summary_of(a_dose_of(0), a_level(40, "15.0000001")), 80, 20).lines)
    assert "▲" in lines
    assert "▲15" not in lines


# --- the bars


def treated() -> PatientSummary:
    """Return a child with a hold, a switch of product and two drugs, one of them still given."""
    record = a_record(
        a_dose(after(0), target=a_target()),
        a_dose(after(50), "0.5", target=a_target(), product=Product.TABLETS),
        held_doses(after(20), after(28)),
        a_drug("fluconazole", date(2026, 7, 10)),
        a_drug("phenytoin", date(2026, 10, 1)),
        a_drug("voided drug", date(2026, 9, 1)),
        a_level(40, "9"),
    )
    return summarise(voided(ended(record, 5, date(2026, 7, 20)), 7), NOW)


def test_the_bars_are_those_of_the_record_to_the_minute() -> None:
    summary = treated()
    found = [
        (each.kind, each.label, each.since, each.until)
        for each in treatment_bars(summary.history, NOW)
    ]

    def midnight(day: date) -> datetime:
        return start_of(day, NOW).utc

    assert found == [
        (BarKind.HOLD, "on hold", after(20).utc, after(28).utc),
        (BarKind.PRODUCT, "solution", after(0).utc, after(50).utc),
        (BarKind.PRODUCT, "tablets", after(50).utc, None),
        (BarKind.DRUG, "fluconazole", midnight(date(2026, 7, 10)), midnight(date(2026, 7, 21))),
        (BarKind.DRUG, "phenytoin", midnight(date(2026, 10, 1)), None),
    ]


@pytest.mark.parametrize("width", [60, 100, 140])
def test_a_bar_is_drawn_over_the_columns_of_its_days(width: int) -> None:
    """The columns of a bar are found anew from the dates below the axis."""
    layout = lay_out(treated(), width, 24)
    axis = _axis_of(layout)
    by_kind = {line[:LEFT].strip(): line for line in layout.lines[axis + 2 : -1]}
    first, days = _days_of_columns(layout, axis)
    for kind, since, until in (
        ("hold", after(20).utc, after(28).utc),
        ("drug", datetime(2026, 7, 10, tzinfo=UTC), datetime(2026, 7, 21, tzinfo=UTC)),
    ):
        line = by_kind[kind]
        begins, ends = line.index("├"), re.search("[┤│]", line)
        assert ends
        assert begins == pytest.approx(first + (since - _origin(layout)) / days, abs=1.5)
        assert ends.start() == pytest.approx(first + (until - _origin(layout)) / days, abs=1.5)
    assert "→" in by_kind["drug"]
    assert re.search("├solution─*┤├tablets─*→", by_kind["form"])


def _axis_of(layout: ChartLayout) -> int:
    return next(row for row, line in enumerate(layout.lines) if "└" in line)


def _days_of_columns(layout: ChartLayout, axis: int) -> tuple[float, timedelta]:
    """Return the column of the first date, and the time of a column, by the last date."""
    dates = list(re.finditer(r"\d+ [A-Z][a-z]{2} \d{4}", layout.lines[axis + 1]))
    ticks = [column for column, sign in enumerate(layout.lines[axis]) if sign == "┬"]
    moments = [datetime.strptime(each[0], "%d %b %Y").replace(tzinfo=UTC) for each in dates]
    return ticks[0], (moments[-1] - moments[0]) / (ticks[-1] - ticks[0])


def _origin(layout: ChartLayout) -> datetime:
    line = next(line for line in layout.lines if re.search(r"\d+ [A-Z][a-z]{2} \d{4}", line))
    found = re.search(r"\d+ [A-Z][a-z]{2} \d{4}", line)
    assert found
    return datetime.strptime(found[0], "%d %b %Y").replace(tzinfo=UTC)


@pytest.mark.parametrize("size", [(40, 16), (80, 24), (140, 40)])
@pytest.mark.parametrize("name", [HOSTILE, "[/x]", "=1+1", HEBREW, WIDE, "\x1b[31mred", "x" * 300])
def test_a_hostile_drug_is_a_name_and_no_line_becomes_longer(
    name: str, size: tuple[int, int]
) -> None:
    summary = summary_of(a_dose_of(0), a_level(40, "9"), a_drug(name, date(2026, 8, 1)))
    lines = lay_out(summary, *size).lines
    assert {cell_len(line) for line in lines} == {size[0]}
    drugs = [line for line in lines if line.startswith("drug")]
    assert len(drugs) == 1
    assert "\x1b" not in drugs[0]
    beginning = name.replace("\x1b", "")[:3]
    assert beginning in drugs[0]


@settings(max_examples=cases(40, full=400))
@given(
    some.lists(some.tuples(some.integers(0, 126), some.integers(0, 60)), max_size=9),
    sizes,
)
def test_bars_and_their_names_never_touch(
    drugs: list[tuple[int, int]], size: tuple[int, int]
) -> None:
    names = [f"drug{chr(97 + number)}" for number in range(len(drugs))]
    record = a_record(
        a_dose_of(0),
        a_level(60, "9"),
        *(a_drug(name, after(begun).local.date()) for name, (begun, _) in zip(names, drugs,
          strict=True)),
    )  # fmt: skip
    for number, (begun, days) in enumerate(drugs, start=4):
        if days:
            record = ended(record, number, after(begun + days).local.date())
    layout = lay_out(summarise(record, NOW), *size)
    rows = [line for line in layout.lines if line.startswith("drug ")]
    shown = " ".join(rows)
    for name in names:
        assert shown.count(name) <= 1
    missing = sum(name not in shown for name in names)
    if missing and rows and size[0] > 90 and size[1] >= 12:  # a legend has room
        assert f"+{missing} bar" in layout.lines[-1] + layout.lines[-2]
    for line in rows:
        assert not re.search(r"[a-z][├←]|[┤→│][a-z]", line[LEFT:])


# --- the forecast behind


def a_course(until: float = 140) -> PredictedCourse:
    troughs = tuple(CourseTrough(after(day).utc, 9, 7, 12) for day in range(100, int(until) + 1))
    return PredictedCourse(
        since=after(100), until=after(until), now=NOW, troughs=troughs, peaks=(),
        target=a_target(),
    )  # fmt: skip


def test_the_forecast_is_behind_the_coming_weeks_alone_and_named() -> None:
    summary = summary_of(a_dose_of(0), a_level(40, "9"), a_level(120, "8"))
    without, with_course = (lay_out(summary, 100, 24, each) for each in (None, a_course()))
    assert Part.FORECAST not in {cell.part for row in without.rows for cell in row}
    columns = {
        column for row in with_course.rows for column, cell in enumerate(row)
        if cell.part in {Part.FORECAST, Part.RANGE}
    }  # fmt: skip
    now = next(column for column, cell in enumerate(with_course.rows[5]) if cell.sign == "┊")
    assert min(columns) == now + 1
    assert max(columns) >= 98
    text = "\n".join(with_course.lines)
    assert "forecast" in with_course.lines[1]
    assert "forecast: ▄ trough" in text
    assert [each.level for each in with_course.marks] == [each.level for each in without.marks]


def test_the_words_name_every_bar_and_the_forecast() -> None:
    words = chart_words(treated(), a_course())
    for part in (
        "Hold on hold 21 Jul 2026 to 29 Jul 2026",
        "Product solution 1 Jul 2026 to 20 Aug 2026",
        "Product tablets from 20 Aug 2026",
        "Drug fluconazole 10 Jul 2026 to 20 Jul 2026",
        "Drug phenytoin from 1 Oct 2026",
        "Forecast: trough 9.0 ng/mL on 18 Nov 2026, 90 % 7.0-12.0 ng/mL",
    ):
        assert part in words
    assert Moment(a_course().until.utc, NOW.zone).local.date() == date(2026, 11, 18)
