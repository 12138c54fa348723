"""Clock times and dates of a table, by the orders that NONMEM's help names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.errors import ReadingError
from dosing.nonmem.clock import clock_hours, day_of
from tests.dosing.nonmem.table_models import only

ORDERS = {
    "DATE": "{month}-{day}-{year}",
    "DAT1": "{day}-{month}-{year}",
    "DAT2": "{year}-{month}-{day}",
    "DAT3": "{year}-{day}-{month}",
}


@pytest.mark.parametrize(
    ("clock", "hours"),
    [("0:00", 0), ("9:15", 9.25), ("23:59", 23 + 59 / 60), ("24:00", 24), ("336:30", 336.5),
     ("08:00:36", 8.01)],
)  # fmt: skip
def test_a_clock_time_is_hours_and_minutes(clock: str, hours: float) -> None:
    assert clock_hours(clock) == pytest.approx(hours, abs=1e-12)


@pytest.mark.parametrize(
    "text", ["8", "8:5", "8:60", "-1:00", "8:00:60", "8:00 pm", "٨:٠٠", "8.00"]
)
def test_another_text_is_not_a_clock_time(text: str) -> None:
    assert clock_hours(text) is None


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from(sorted(ORDERS)),
       st.sampled_from("-/."))  # fmt: skip
def test_every_date_is_read_in_the_order_of_its_column(
    day: date, column: str, separator: str
) -> None:
    text = ORDERS[column].format(year=day.year, month=f"{day.month:02}", day=day.day)
    assert day_of(text.replace("-", separator), column) == day.toordinal()


@pytest.mark.parametrize(
    ("two", "year"),
    [("0", 2000), ("26", 2026), ("49", 2049), ("50", 2050), ("51", 1951), ("99", 1999)],
)
def test_a_year_of_two_digits_is_that_of_nm_tran(two: str, year: int) -> None:
    assert day_of(f"3-4-{two}", "DATE") == date(year, 3, 4).toordinal()


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("13-4-2026", "DATE", "DATE is month-day-year. Name the column by its order: DAT1"),
        ("2026-03-04", "DATE", "DATE is month-day-year"),
        ("4-13-2026", "DAT1", "DAT1 is day-month-year"),
        ("2026-13-01", "DAT2", "DAT2 is year-month-day"),
        ("2026-01-13", "DAT3", "DAT3 is year-day-month"),
        ("2-29-2026", "DATE", "DATE is month-day-year"),
        ("1-1-026", "DATE", "DATE is month-day-year"),
        ("10-12", "DATE", "neither the number of a day nor a date"),
        ("20260304", "DAT2", "neither the number of a day nor a date"),
        ("2026-03-04T08:00", "DAT2", "neither the number of a day nor a date"),
        ("4 Mar 2026", "DAT1", "neither the number of a day nor a date"),
        ("1.5", "DATE", "neither the number of a day nor a date"),
    ],
)
def test_a_date_of_another_order_is_refused(text: str, column: str, why: str) -> None:
    with pytest.raises(ReadingError) as error:
        day_of(text, column)
    assert why in str(error.value)


def test_the_example_of_nonmem_s_help() -> None:
    """9:15 and 14:40 of one day and 8:30 of the next are 0, 5.42 and 23.25 h."""
    rows = ("1,10-1-86,9:15,1,.,16", "1,10-1-86,14:40,.,3,16", "1,10-2-86,8:30,.,3,16")
    text = "\n".join(("ID,DATE,TIME,AMT,DV,WT", *rows))
    hours = "ID,TIME,AMT,DV,WT\n1,0,1,.,16\n1,5.416666666666667,.,3,16\n1,23.25,.,3,16\n"
    dated, plain = only(text), only(hours)
    assert dated["problem"] == plain["problem"] == ""
    assert dated["eta_CL"] == pytest.approx(plain["eta_CL"], abs=1e-12)
    days = "ID,DATE,TIME,AMT,DV,WT\n1,12,8,1,.,16\n1,14,10,.,3,16\n"  # 50 h, as there
    later = only("ID,TIME,AMT,DV,WT\n1,0,1,.,16\n1,50,.,3,16\n")
    assert only(days)["eta_CL"] == pytest.approx(later["eta_CL"], abs=1e-12)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A,3-4-2026,336,1,.,16", 'TIME "336": beside a date it is the hour of the day'),
        ("A,3-4-2026,24:01,1,.,16", 'TIME "24:01": beside a date it is the hour of the day'),
        ("A,3-4-2026,-1,1,.,16", 'TIME "-1": beside a date it is the hour of the day'),
        ("A,.,8,1,.,16", "DATE: it is missing"),
        ("A,31-12-2026,8,1,.,16", 'DATE "31-12-2026": DATE is month-day-year'),
        ("A,3-4-2026,.,1,.,16", "TIME: it is missing"),
        ("A,3-4-2026,8,1,.,16\nA,3-3-2026,9,.,7,16", "TIME: -15 h follows 8 h"),
    ],
)
def test_a_date_that_is_not_one_is_refused(row: str, why: str) -> None:
    assert why in only(f"ID,DATE,TIME,AMT,DV,WT\n{row}\n")["problem"]


@pytest.mark.parametrize("text", ["2026-03-04 08:00", "2026-03-04", "3/4/26", "4 Mar"])
def test_no_date_in_time_is_guessed(text: str) -> None:
    problem = only(f"ID,TIME,AMT,DV,WT\nA,{text},1,.,16\n")["problem"]
    assert problem.startswith(f'line 2, TIME "{text}": it is not one plain number')


def test_clock_times_without_a_date_are_of_one_day() -> None:
    """After midnight a row would go back in time: the day is asked for, not guessed."""
    problem = only("ID,TIME,AMT,DV,WT\nA,20:00,1,.,16\nA,08:00,.,7,16\n")["problem"]
    assert "TIME: 8 h follows 20 h" in problem
