"""Times as other systems write them: one reading is read, several are refused, none is invented."""

import random
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from dosing import UserError
from monitoring.time_text import (
    MONTH_OF,
    DateOrder,
    has_fraction,
    month_of,
    read_clock,
    read_day,
    read_instant,
)
from tests.campaign import cases

DMY, MDY, ISO = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, DateOrder.ISO
ZONE = "Europe/Paris"
NOV_23 = date(2026, 11, 23)


@pytest.mark.parametrize("order", [None, DMY, MDY, ISO])
@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23", "2026/11/23", "2026.11.23", "20261123", "23-Nov-2026", "23-NOV-2026",
        "23 November 2026", "23. November 2026", "23Nov2026", "Nov 23, 2026", "November 23rd 2026",
        "2026-Nov-23", "2026 Nov 23", "23 novembre 2026", "23 de noviembre de 2026", "23 nov. 2026",
        "23 november 2026", "23/Nov/2026", " 2026-11-23\t",
    ],
)  # fmt: skip
def test_a_day_with_one_reading_is_read_in_every_order(text: str, order: DateOrder | None) -> None:
    assert read_day(text, order) == NOV_23


@pytest.mark.parametrize(
    ("text", "order", "told"),
    [
        ("03/04/2026", None, "day-month or month-day. State date_order"),
        ("12-11-2026", None, "day-month or month-day"),
        ("11/23/2026", DMY, "not in the calendar by the mapping's date_order"),
        ("23/11/2026", MDY, "not in the calendar by the mapping's date_order"),
        ("23/11/2026", ISO, "not year-month-day"),
        ("13/13/2026", None, "not in the calendar"),
        ("2026-13-01", None, "not in the calendar"),
        ("2026-02-29", None, "not in the calendar"),
        ("29 Feb 2026", None, "not in the calendar"),
        ("23/11/26", DMY, "year of two digits"),
        ("23-Nov-26", None, "year of two digits"),
        ("18991123", None, "is not a valid date. Write it as"),
        ("21001123", None, "is not a valid date. Write it"),
        ("23112026", DMY, "is not a valid date"),
        ("23 jui 2026", None, "is not a valid date. Write it as in"),
        ("2026-11", None, "is not a valid date. Write it as in"),
        ("23-11/2026", None, "is not a valid date. Write it as in"),
        ("2026-11-23 x", None, "is not a valid date. Write it as in"),
        ("yesterday", None, "four digits for the year"),
        ("٢٠٢٦-١١-٢٣", None, "is not a valid date"),
        ("", None, "is not a valid date"),
        ("9" * 500, None, "is not a valid date"),
        ("2026-11-23" + " " * 80 + "x", None, "is not a valid date"),
    ],
)
def test_any_other_day_is_refused_in_true_words(
    text: str, order: DateOrder | None, told: str
) -> None:
    with pytest.raises(UserError, match=told) as refused:
        read_day(text, order)
    has_year = "2026" in text
    assert not (has_year and "four digits" in str(refused.value))


@pytest.mark.parametrize(("year", "is_read"), [("1899", False), ("1900", True), ("2099", True),
                                               ("2100", False)])  # fmt: skip
def test_eight_digits_are_a_date_of_these_years(year: str, *, is_read: bool) -> None:
    if is_read:
        assert read_day(f"{year}1123", None) == date(int(year), 11, 23)
    else:
        with pytest.raises(UserError):
            read_day(f"{year}1123", None)


def test_no_eight_digits_have_two_readings_as_a_date() -> None:
    """Nothing that is year-month-day in these years is day-month-year or month-day-year, too."""
    day = date(1900, 1, 1)
    while day.year < 2100:
        text = f"{day:%Y%m%d}"
        for first, second in ((text[:2], text[2:4]), (text[2:4], text[:2])):
            other = (int(text[4:]), int(second), int(first))
            assert not (1900 <= other[0] <= 2099 and 1 <= other[1] <= 12 and 1 <= other[2] <= 31)
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("names", "month"),
    [
        ("March März Mars Marzo Maart marzo mrz mrt mar", 3),
        ("January Januar Janvier Enero Januari Gennaio ene gen janv jan", 1),
        ("August August Août Agosto Augustus Agosto ago aug aou", 8),
        ("December Dezember Décembre Diciembre December Dicembre dez déc dic dec", 12),
        ("October Oktober Octobre Octubre Oktober Ottobre okt ott oct", 10),
        ("May Mai Mai Mayo Mei Maggio mag", 5),
    ],
)
def test_months_in_six_languages(names: str, month: int) -> None:
    assert {month_of(name) for name in names.split()} == {month}


def test_no_name_of_a_month_is_one_of_two_languages_for_another() -> None:
    assert set(MONTH_OF.values()) == set(range(1, 13))
    assert "jui" not in MONTH_OF  # juin and juillet
    assert month_of("ma") is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026/11/23 07:50", "2026-11-23T07:50+01:00"),
        ("23-Nov-2026 07:50", "2026-11-23T07:50+01:00"),
        ("2026-11-23T07:50:00+0100", "2026-11-23T07:50+01:00"),
        ("2026-11-23T07:50:00.000+01:00", "2026-11-23T07:50+01:00"),
        ("2026-11-23T07:50:12.345Z", "2026-11-23T07:50:12+00:00"),
        ("2026-11-23T07:50:12,345+01", "2026-11-23T07:50:12+01:00"),
        ("2026-11-23 07:50 UTC", "2026-11-23T07:50+00:00"),
        ("2026-11-23 07:50 -0500", "2026-11-23T07:50-05:00"),
        ("20261123075000", "2026-11-23T07:50+01:00"),
        ("202611230750", "2026-11-23T07:50+01:00"),
        ("20261123T0750", "2026-11-23T07:50+01:00"),
        ("20261123T075000Z", "2026-11-23T07:50+00:00"),
        ("20261123075000.1234-0500", "2026-11-23T07:50-05:00"),
        ("20261123 07:50", "2026-11-23T07:50+01:00"),
        ("Nov 23, 2026 7:50 AM", "2026-11-23T07:50+01:00"),
        ("November 23, 2026, 7:50 p.m.", "2026-11-23T19:50+01:00"),
        ("23. November 2026, 07:50 Uhr", "2026-11-23T07:50+01:00"),
        ("23 novembre 2026 07h50", "2026-11-23T07:50+01:00"),
        ("23 nov 2026 7:50 a. m.", "2026-11-23T07:50+01:00"),
        ("23/11/2026 07:50", "2026-11-23T07:50+01:00"),
        ("2026-11-23:07:50", "2026-11-23T07:50+01:00"),
    ],
)
def test_a_moment_with_one_reading(text: str, moment: str) -> None:
    assert str(read_instant(text, None, ZONE)) == moment


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-23 24:00", "the hour 24"),
        ("20261123240000", "the hour 24"),
        ("2026-11-23 23:60", "not a time of day"),
        ("2026-11-23 23:59:60", "not a time of day"),
        ("2026-11-23 25:00", "not a time of day"),
        ("2026-11-23 13:00 PM", "not a time of day"),
        ("2026-11-23 0:30 AM", "not a time of day"),
        ("2026-11-23", "has no time of day"),
        ("20261123", "has no time of day"),
        ("23 November 2026", "has no time of day"),
        ("2026112307", "has no minutes"),
        ("2026-11-23 morning", "is not a time of day"),
        ("2026-11-23 07:50 CET", "is not a time of day"),
        ("2026-11-23 07.50", "is not a time of day"),
        ("03/04/2026 07:50", "day-month or month-day"),
        ("07:50", "is not a valid date"),
        ("2026-10-25 02:30", "occurred twice"),
        ("2026-03-29 02:30", "does not exist"),
        ("2026-11-23T07:50+99:00", "not in the calendar"),
        ("0001-01-01T00:00+14:00", "."),
        ("x" * 5000, "is not a valid date"),
        ("1:" * 30, "."),
    ],
)
def test_a_moment_that_is_refused(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as refused:
        read_instant(text, None, ZONE)
    assert "four digits" not in str(refused.value) or "2026" not in text


def test_a_fraction_of_a_second_is_seen() -> None:
    for text in ("07:50:00.5", "2026-11-23T07:50:00.001Z", "20261123075000.1"):
        assert has_fraction(text)
    for text in ("07:50:00.000", "07:50", "23.11.2026 07:50", "2026-11-23T07:50:00.000000Z", ""):
        assert not has_fraction(text)


def test_a_clock_is_read_to_its_edges() -> None:
    assert [read_clock(text) for text in ("00:00", "23:59:59.999", "12:00 a.m.", "12:00 pm")] == [
        time(0), time(23, 59, 59), time(0), time(12),
    ]  # fmt: skip


SPELLINGS = (
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d %H:%M:%S", "%Y%m%d%H%M%S",
    "%Y%m%dT%H%M%S", "%d-%b-%Y %H:%M:%S", "%d %B %Y %I:%M:%S %p", "%B %d, %Y %I:%M:%S%p",
    "%d%b%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S.000",
)  # fmt: skip


def test_random_moments_in_random_spellings_are_read_back() -> None:
    rng = random.Random(20261123)
    for _ in range(cases(500, full=20_000)):
        offset = timedelta(minutes=15 * rng.randrange(-48, 57))
        start = datetime(1950, 1, 1, tzinfo=UTC)
        meant = (start + timedelta(seconds=rng.randrange(4_700_000_000))).astimezone(
            timezone(offset)
        )
        text = meant.strftime(rng.choice(SPELLINGS))
        sign, minutes = "-" if offset < timedelta() else "+", abs(offset) // timedelta(minutes=1)
        colon = rng.choice((":", ""))
        if "M" in text[-2:]:  # AM or PM: a blank before the offset
            text += " "
        text += f"{sign}{minutes // 60:02}{colon}{minutes % 60:02}"
        assert read_instant(text, rng.choice((None, DMY, MDY, ISO)), ZONE).utc == meant, text


def test_random_damage_gives_another_time_or_a_refusal_in_one_line() -> None:
    """No damaged text makes it fail; one that is read gives a moment of the digits in it."""
    rng, said = random.Random(7), []
    for _ in range(cases(2_000, full=50_000)):
        text = list(rng.choice((
            "2026-11-23T07:50:12.345+0100", "23-Nov-2026 07:50", "20261123075000",
            "23/11/2026 7:50",
        )))  # fmt: skip
        for _ in range(rng.choice((1, 1, 2, 5))):
            place = rng.randrange(len(text))
            text[place : place + rng.choice((0, 1))] = rng.choice(
                "0123456789-/.:TZ+ ,abé٣\x00\u202e"
            )
        try:
            read_instant("".join(text), None, ZONE)
        except UserError as refused:
            said.append(str(refused))
    assert [each for each in said if len(each.splitlines()) != 1] == []
