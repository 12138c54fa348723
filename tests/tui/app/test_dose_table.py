"""The table of doses of a forecast: the engine's figures, with a bar that needs no colour."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from monitoring.recommendation.advice import forecast_for
from monitoring.recommendation.forecast import FittedForecast, ForecastRequest
from monitoring.summary import summarise
from reports.presentation.dose_table import DoseRow, dose_rows
from tests.reports.demo import demo_records
from tests.reports.treated import NOW
from tui.app.widgets.dose_table import dose_table
from tui.app.widgets.forecast_worker import ForecastOptions, work_out

ROW = DoseRow(
    regimen="0.42 mg × 2", trough_ng_ml=8.7, low_ng_ml=7.2, high_ng_ml=10.04,
    below=0.06, within=0.93, above=0.01, marks=("current", "recommended"),
)  # fmt: skip
WIDE = """\
0.42 mg × 2   8.7 (7.2-10.0)  ▼●●●●●●●●● ▼6 ●93 ▲1 %    current, recommended
0.44 mg × 2   8.7 (7.2-10.0)  ▼●●●●●●●●● ▼6 ●93 ▲1 %"""
MEDIUM = """\
0.42 mg × 2   8.7 (7.2-10.0)  ▼●●●●●●●●● 93 %
  └ current, recommended
0.44 mg × 2   8.7 (7.2-10.0)  ▼●●●●●●●●● 93 %"""
NARROW = """\
0.42 mg × 2   8.7 (7.2-10.0)
  ▼●●●●●●●●● 93 % current, recommended
0.44 mg × 2   8.7 (7.2-10.0)
  ▼●●●●●●●●● 93 %"""


@pytest.mark.parametrize(("width", "table"), [(80, WIDE), (46, MEDIUM), (40, NARROW)])
def test_the_table_in_much_and_in_little_room(width: int, table: str) -> None:
    rows = (ROW, replace(ROW, regimen="0.44 mg × 2", marks=()))
    caption, *lines = (line.plain.rstrip() for line in dose_table(rows, width))
    assert lines == table.splitlines()
    assert max(map(cell_len, lines)) <= width
    for words in ("True trough", "90 %", "measured", "▼ below", "● within", "▲ above", "ng/mL"):
        assert words in caption


def test_without_doses_there_is_no_caption() -> None:
    assert list(dose_table((), 80)) == []


shares = some.tuples(*[some.floats(0, 1)] * 3).filter(lambda each: sum(each) > 0.01)


@given(shares, some.integers(1, 40))
def test_a_bar_has_its_length_and_its_parts_are_off_by_less_than_a_cell(
    parts: tuple[float, float, float], cells: int
) -> None:
    below, within, above = (each / sum(parts) for each in parts)
    row = replace(ROW, below=below, within=within, above=above)
    found = row.parts_of(cells)
    assert sum(found) == cells
    for part, share in zip(found, (below, within, above), strict=True):
        assert abs(part - share * cells) < 1


def of_demo(number: str, request: ForecastRequest | None = None) -> FittedForecast:
    record = next(each for each in demo_records() if each.patient.entry.record_number == number)
    answer = forecast_for(record, NOW, request).answer
    assert answer is not None
    return answer


@pytest.mark.parametrize("number", ["DEMO-01", "DEMO-06", "DEMO-14"])
def test_the_rows_are_the_engines_and_one_is_current(number: str) -> None:
    answer = of_demo(number)
    recommendation = answer.recommendation
    assert recommendation is not None
    outcomes = {str(each.regimen): each for each in recommendation.outcomes}
    rows = dose_rows(answer)
    for row in rows:
        outcome = outcomes[row.regimen]
        assert (row.low_ng_ml, row.trough_ng_ml, row.high_ng_ml) == (
            outcome.low_ng_ml, outcome.trough_ng_ml, outcome.high_ng_ml,
        )  # fmt: skip
        assert (row.below, row.within, row.above) == (
            outcome.below, outcome.within, outcome.above,
        )  # fmt: skip
    name = "current" if answer.troughs else "before the hold"
    assert [row.regimen for row in rows if name in row.marks] == [
        str(recommendation.current.regimen)
    ]
    recommended = [row.regimen for row in rows if "recommended" in row.marks]
    chosen = recommendation.chosen if recommendation.dose else None
    assert recommended == ([str(chosen.regimen)] if chosen else [])


def test_a_dose_that_is_asked_for_is_first_and_named() -> None:
    record = next(each for each in demo_records() if each.patient.entry.record_number == "DEMO-01")
    options = ForecastOptions(dose_mg=Decimal("0.6"), times_a_day=2)
    ready = work_out(summarise(record, NOW), options, 0)
    first, *others = ready.text.doses
    assert (first.regimen, first.marks) == ("0.6 mg × 2", ("what if",))
    assert all("what if" not in each.marks for each in others)
    text = ready.text.at(60).plain
    assert text.index("Doses") < text.index("0.6 mg × 2") < text.index("This patient")
    assert re.search(r"Next trough, .*: true [\d.]+-[\d.]+ ng/mL.*; a measured level", text)
