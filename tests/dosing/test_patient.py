"""Weight, height and age: what they refuse, and ages by the calendar."""

from dataclasses import FrozenInstanceError
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dosing.errors import ReadingError, UserError
from dosing.patient import Age, Height, Weight, days_since, read_date

_DAYS = st.dates(date(1900, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize("measurement", [Weight, Height])
@pytest.mark.parametrize("number", ["0", "-0", "-12.4", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_measurement_is_a_number_above_zero(
    measurement: type[Weight | Height], number: str
) -> None:
    with pytest.raises(UserError, match="is a number above zero"):
        measurement(Decimal(number))


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_an_age_is_a_number(number: str) -> None:
    with pytest.raises(UserError):
        Age(Decimal(number), Decimal(1))
    with pytest.raises(UserError):
        Age(Decimal(1), Decimal(number))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Weight(Decimal("12.4")), "kg"),
        (Height(Decimal(88)), "cm"),
        (Age(Decimal(24), Decimal("730.5")), "months"),
    ],
)
def test_what_was_checked_cannot_be_changed(value: object, name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, Decimal(-1))


def test_measurements_are_read_in_any_unit_and_shown_in_two() -> None:
    weight, height = Weight.read("27 lb"), Height.read("35 in")
    assert (weight.kg, round(weight.lb, 20)) == (Decimal("12.24699399"), Decimal(27))
    assert (height.cm, round(height.inches, 20)) == (Decimal("88.9"), Decimal(35))


@pytest.mark.parametrize(
    ("measurement", "text"),
    [(Weight, "12,4 kg"), (Weight, "88 cm"), (Height, "12.4 kg"), (Height, "88"), (Age, "27 m")],
)
def test_other_texts_are_refused(measurement: type[Weight | Height | Age], text: str) -> None:
    with pytest.raises(ReadingError):
        measurement.read(text)


@pytest.mark.parametrize(
    ("text", "months", "days", "years"),
    [
        ("1 month", "1", "30.4375", "0.08333333"),
        ("7 months", "7", "213.0625", "0.58333333"),
        ("27 months", "27", "821.8125", "2.25"),
        ("2 years", "24", "730.5", "2"),
        ("487 days", "16", "487", "1.33333333"),
        ("10 days", "0.32854209", "10", "0.02737851"),
        ("2 weeks", "0.45995893", "14", "0.03832991"),
    ],
)
def test_a_typed_age_counts_months_of_30_4375_days(
    text: str, months: str, days: str, years: str
) -> None:
    age = Age.read(text)
    assert round(age.months, 8) == Decimal(months)
    assert round(age.days, 8) == Decimal(days)
    assert round(age.years, 8) == Decimal(years)


@pytest.mark.parametrize(
    ("born", "birthday", "months"),
    [
        ("2024-01-15", "2024-02-15", 1),
        ("2026-04-23", "2026-11-23", 7),
        ("2024-01-01", "2024-02-01", 1),
        ("2022-12-01", "2023-01-01", 1),
        ("2023-11-30", "2023-12-30", 1),
        # born on a day that the month does not have: the first of the next
        ("2023-12-31", "2024-01-31", 1),
        ("2023-12-31", "2024-03-01", 2),
        ("2023-12-31", "2024-03-31", 3),
        ("2024-01-31", "2024-03-01", 1),
        ("2024-03-31", "2024-05-01", 1),
        ("2024-08-31", "2024-10-01", 1),
        ("2024-10-31", "2024-12-01", 1),
        ("2024-01-30", "2024-03-01", 1),
        ("2024-01-29", "2024-02-29", 1),
        ("2023-01-29", "2023-03-01", 1),
        # born on a leap day: 1 March in other years
        ("2024-02-29", "2024-03-29", 1),
        ("2024-02-29", "2025-03-01", 12),
        ("2024-02-29", "2028-02-29", 48),
        ("1996-02-29", "2014-03-01", 216),
        ("2004-06-30", "2022-06-30", 216),
    ],
)
def test_an_age_is_whole_on_the_day_and_not_the_day_before(
    born: str, birthday: str, months: int
) -> None:
    birth, day = date.fromisoformat(born), date.fromisoformat(birthday)
    assert months - 1 < Age.between(birth, day - timedelta(days=1)).months < months
    assert Age.between(birth, day).months == months
    assert months < Age.between(birth, day + timedelta(days=1)).months < months + 1


@pytest.mark.parametrize(
    ("born", "today", "days_of_a_month"),
    [
        ("2024-01-15", "2024-01-15", (0, 31)),
        ("2024-01-15", "2024-01-30", (15, 31)),
        ("2024-01-31", "2024-02-29", (29, 30)),  # the month ends on 1 March
        ("2023-02-15", "2023-03-01", (14, 28)),
        ("2024-04-01", "2024-04-30", (29, 30)),
    ],
)
def test_a_part_of_a_month_counts_its_days(
    born: str, today: str, days_of_a_month: tuple[int, int]
) -> None:
    gone, all_days = days_of_a_month
    age = Age.between(date.fromisoformat(born), date.fromisoformat(today))
    assert age.months == Decimal(gone) / all_days
    assert age.days == gone


def test_a_birth_in_the_future_gives_a_negative_age() -> None:
    age = Age.between(date(2024, 11, 6), date(2024, 11, 5))
    assert age.days == -1
    assert round(age.months, 8) == Decimal("-0.03285421")


@given(born=_DAYS, day=_DAYS, later=_DAYS)
@example(date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 1))
@example(date(2024, 11, 6), date(2024, 11, 5), date(2024, 11, 6))
def test_a_later_day_never_gives_a_smaller_age(born: date, day: date, later: date) -> None:
    day, later = min(day, later), max(day, later)
    younger, older = Age.between(born, day), Age.between(born, later)
    assert younger.months <= older.months
    assert younger.days <= older.days == (later - born).days


@given(born=_DAYS, days=st.integers(0, 1200))
def test_each_day_adds_a_28th_to_a_31st_of_a_month(born: date, days: int) -> None:
    today = born + timedelta(days=days)
    gain = Age.between(born, today + timedelta(days=1)).months - Age.between(born, today).months
    assert Decimal("0.03225") < gain < Decimal("0.03572")  # 1/31 = 0.032258…, 1/28 = 0.035714…


@given(born=_DAYS, years=st.integers(0, 120))
@example(date(2024, 2, 29), 1)
@example(date(2000, 2, 29), 100)
def test_a_birthday_is_twelve_months_a_year(born: date, years: int) -> None:
    try:
        birthday = born.replace(year=born.year + years)
    except ValueError:  # 29 February
        birthday = date(born.year + years, 3, 1)
    age = Age.between(born, birthday)
    assert age.months == 12 * years
    assert age.years == years


def test_a_date_is_year_month_day() -> None:
    assert read_date("2024-02-29") == read_date("  2024-02-29 ") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    ["", "2024", "2024-11", "20240101", "2024-W01-1", "2024-001", "24-11-05", "2024-1-5",
     "2024/11/05", "05.11.2024", "05/11/2024", "5 Nov 2024", "2024-11-05T00:00", "2024-11-05Z",
     "2024-11-05\n", "2024-11-05\0", "+2024-11-05", "-2024-11-05", "2024\N{MINUS SIGN}11-05",
     "\uff12\uff10\uff12\uff14-11-05", "202\N{ARABIC-INDIC DIGIT FOUR}-11-05", "today",
     "2024-11-05 2024-11-06", "\x1b[31m2024-11-05", "[/]", "x" * 10_000],
    ids=lambda text: ascii(text)[:40],
)  # fmt: skip
def test_any_other_way_to_write_a_date_is_refused_with_the_right_one(text: str) -> None:
    with pytest.raises(ReadingError, match="Write year-month-day, as in 2024-11-05"):
        read_date(text)


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "2100-02-29", "2024-02-30", "2024-04-31", "2024-13-01", "2024-00-10",
     "2024-11-00", "2024-11-32", "0000-01-01", "9999-99-99"],
)  # fmt: skip
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ReadingError, match="is not in the calendar"):
        read_date(text)


@pytest.mark.parametrize(
    ("day", "today", "days"),
    [
        ("2024-11-05", "2024-11-05", 0),
        ("2024-02-28", "2024-03-01", 2),
        ("2023-02-28", "2023-03-01", 1),
        ("2024-11-06", "2024-11-05", -1),
    ],
)
def test_days_since_a_day(day: str, today: str, days: int) -> None:
    assert days_since(date.fromisoformat(day), date.fromisoformat(today)) == days
