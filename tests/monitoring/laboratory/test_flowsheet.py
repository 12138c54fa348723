"""The laboratory flowsheet: every active value once, the newest day first, with its change."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from monitoring.laboratory import Flowsheet, assess_laboratory, flowsheet_of
from monitoring.laboratory.flowsheet import RULE, TREND_PERCENT, Trend, trend_of
from monitoring.record.entry import Entry
from tests.builders import a_laboratory_value, a_record, voided
from tests.campaign import cases


def sheet_of(*entries: Entry) -> Flowsheet:
    return flowsheet_of(assess_laboratory(a_record(*entries)))


def test_tests_by_dates_the_newest_first_with_marks_grades_and_arrows() -> None:
    found = sheet_of(
        a_laboratory_value("Hb", "12.1 g/dL", "2026-07-16T08:00", lower="11.0 g/dL"),
        a_laboratory_value("SGPT", "24 U/L", "2026-07-16T08:00", upper="40 U/L"),
        a_laboratory_value("ALT", "150 U/L", "2026-11-20T08:00", upper="40 U/L"),
        a_laboratory_value("haemoglobin", "10.0 g/dL", "2026-11-20T08:00", lower="11.0 g/dL"),
        a_laboratory_value("Chimerin", "3 U/L", "2026-09-01T08:00"),
    )
    assert [each.heading for each in found.columns] == ["20 Nov 2026", "1 Sep 2026", "16 Jul 2026"]
    words = {
        (row.test, row.unit, row.limits): [cell.words if cell else "" for cell in row.cells]
        for row in found.rows
    }
    assert words == {
        ("ALT", "U/L", "up to 40"): ["150 ↑ ▲ high, grade 2", "", "24"],
        ("haemoglobin", "g/dL", "from 11.0"): ["10.0 ↓ ▼ low, grade 1", "", "12.1"],
        ("Chimerin", "U/L", ""): ["", "3", ""],
    }
    assert [row.test for row in found.rows] == ["ALT", "haemoglobin", "Chimerin"]


@pytest.mark.parametrize(
    ("before", "after", "trend"),
    [
        ("100", "109.9", Trend.STEADY), ("100", "110", Trend.RISING),
        ("100", "110.1", Trend.RISING), ("100", "90.1", Trend.STEADY),
        ("100", "90", Trend.FALLING), ("100", "89.9", Trend.FALLING),
        ("100", "100", Trend.STEADY), ("0", "0", Trend.STEADY), ("0", "0.1", Trend.RISING),
        ("0.30", "0.33", Trend.RISING), ("<5", "50", None), ("50", "<5", None), (">90", "50", None),
    ],
)  # fmt: skip
def test_an_arrow_begins_at_ten_percent_and_none_is_beside_a_censored_value(
    before: str, after: str, trend: Trend | None
) -> None:
    one, other = (a_laboratory_value("ALT", f"{each} U/L") for each in (before, after))
    assert trend_of(one, other) is trend
    assert f"{TREND_PERCENT} %" in RULE


def test_a_unit_is_a_row_of_its_own_and_has_no_arrow_from_the_other() -> None:
    found = sheet_of(
        a_laboratory_value("creatinine", "30 umol/L", "2026-07-16T08:00"),
        a_laboratory_value("creatinine", "0.9 mg/dL", "2026-11-20T08:00"),
    )
    assert [(row.unit, [cell and cell.trend for cell in row.cells]) for row in found.rows] == [
        ("mg/dL", [None, None]),
        ("umol/L", [None, None]),
    ]


def test_two_values_of_a_day_have_two_columns_the_later_one_first() -> None:
    found = sheet_of(
        a_laboratory_value("ALT", "150 U/L", "2026-11-20T08:00", upper="40 U/L"),
        a_laboratory_value("ALT", "30 U/L", "2026-11-20T18:00", upper="40 U/L"),
        a_laboratory_value("AST", "30 U/L", "2026-11-20T08:00"),
    )
    assert [each.heading for each in found.columns] == ["20 Nov 2026", "20 Nov 2026 earlier"]
    alt, ast = found.rows
    assert [cell.value for cell in alt.cells if cell] == ["30", "150"]
    assert [bool(cell) for cell in ast.cells] == [True, False]


def test_a_strip_is_shown_in_its_words_and_marked_from_one_plus_on() -> None:
    found = sheet_of(
        a_laboratory_value("urine protein", "trace", "2026-11-10T08:00"),
        a_laboratory_value("urine protein", "2+", "2026-11-20T08:00"),
    )
    (row,) = found.rows
    assert row.unit == ""
    assert [cell.words for cell in row.cells if cell] == ["2+ ↑ ! abnormal", "trace"]


def test_a_voided_value_is_left_out_and_makes_no_arrow() -> None:
    record = a_record(
        a_laboratory_value("ALT", "30 U/L", "2026-11-10T08:00"),
        a_laboratory_value("ALT", "300 U/L", "2026-11-15T08:00"),
        a_laboratory_value("ALT", "31 U/L", "2026-11-20T08:00"),
    )
    found = flowsheet_of(assess_laboratory(voided(record, 3)))
    assert [each.day for each in found.columns] == [date(2026, 11, 20), date(2026, 11, 10)]
    assert [cell.words for cell in found.rows[0].cells if cell] == ["31 →", "30"]


def test_without_values_it_is_empty() -> None:
    assert sheet_of() == Flowsheet((), ())


tests = some.sampled_from(["ALT", "AST", "creatinine", "Chimerin", "alat", "=1+1", "[/x]"])


@settings(max_examples=cases(60, full=1000), deadline=None)
@given(some.lists(some.tuples(tests, some.integers(1, 900), some.integers(0, 20),
                              some.integers(0, 23)), max_size=25))  # fmt: skip
def test_every_value_is_there_once_under_its_test_and_day(
    values: list[tuple[str, int, int, int]],
) -> None:
    begin = datetime(2026, 10, 1)  # noqa: DTZ001 - of the builders' zone
    entries = [
        a_laboratory_value(test, f"{number} U/L",
                           f"{begin + timedelta(days=day, hours=hour):%Y-%m-%dT%H:%M}")
        for test, number, day, hour in values
    ]  # fmt: skip
    assessed = assess_laboratory(a_record(*entries))
    found = flowsheet_of(assessed)
    days = [each.day for each in found.columns]
    assert days == sorted(days, reverse=True)
    assert all(len(row.cells) == len(days) for row in found.rows)
    shown = Counter(
        (row.test, days[place], Decimal(cell.value), cell.number)
        for row in found.rows
        for place, cell in enumerate(row.cells)
        if cell
    )
    assert shown == Counter(
        (
            each.test.name if each.test else each.value.entry.test,
            each.value.entry.at.local.date(),
            each.value.entry.value.number,
            each.value.number,
        )
        for each in assessed
    )
