"""The reader of typed times: every shorthand has one reading, or is refused with both."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing import ReadingError, UserError
from monitoring.time_reader import TimeReader
from monitoring.time_text import DateOrder
from monitoring.times import Moment, field_text, in_full

PARIS, NEW_YORK, LORD_HOWE = "Europe/Paris", "America/New_York", "Australia/Lord_Howe"
SUNDAY = Moment.read("2026-11-29T10:00", PARIS)
DMY, MDY = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


def read(text: str, now: str = "2026-11-29T10:00", order: DateOrder | None = DMY) -> str:
    return str(TimeReader(Moment.read(now, PARIS), order).moment(text))[:16]


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("8:00", "2026-11-29T08:00"),
        ("08:00", "2026-11-29T08:00"),
        (" today  8:00 ", "2026-11-29T08:00"),
        ("Today 8:00", "2026-11-29T08:00"),
        ("yesterday 20:00", "2026-11-28T20:00"),
        ("tomorrow 8:00", "2026-11-30T08:00"),
        ("-3d 8:00", "2026-11-26T08:00"),
        ("- 3 d 8:00", "2026-11-26T08:00"),
        ("+1d 8:00", "2026-11-30T08:00"),
        ("-0d 8:00", "2026-11-29T08:00"),
        ("fri 8:00", "2026-11-27T08:00"),
        ("Friday 8:00", "2026-11-27T08:00"),
        ("thurs. 8:00", "2026-11-26T08:00"),
        ("28.11. 8:00", "2026-11-28T08:00"),
        ("28.11 8:00", "2026-11-28T08:00"),
        ("28/11 8:00", "2026-11-28T08:00"),
        ("28.11.2025 8:00", "2025-11-28T08:00"),
        ("29.11. 8:00", "2026-11-29T08:00"),
        ("30.11. 8:00", "2025-11-30T08:00"),
        ("28 Nov 8:00", "2026-11-28T08:00"),
        ("28. November 8:00", "2026-11-28T08:00"),
        ("Nov 28 8:00", "2026-11-28T08:00"),
        ("28 Nov 2026, 08:00", "2026-11-28T08:00"),
        ("2026-11-28 08:00", "2026-11-28T08:00"),
        ("2026-11-28T08:00+05:30", "2026-11-28T08:00"),
        ("8:00 pm", "2026-11-29T20:00"),
        ("now", "2026-11-29T10:00"),
    ],
)
def test_a_shorthand_is_one_moment(text: str, is_: str) -> None:
    assert read(text) == is_


@pytest.mark.parametrize(
    ("text", "now", "is_"),
    [
        # midnight: the day is that of the clock, and a time alone is never moved to another day
        ("8:00", "2026-11-29T23:59", "2026-11-29T08:00"),
        ("8:00", "2026-11-30T00:00", "2026-11-30T08:00"),
        ("8:00", "2026-11-30T00:01", "2026-11-30T08:00"),
        ("yesterday 20:00", "2026-11-29T23:59", "2026-11-28T20:00"),
        ("yesterday 20:00", "2026-11-30T00:00", "2026-11-29T20:00"),
        ("0:00", "2026-11-30T00:00", "2026-11-30T00:00"),
        # the end of a year
        ("31.12. 8:00", "2026-12-30T10:00", "2025-12-31T08:00"),
        ("31.12. 8:00", "2026-12-31T07:00", "2026-12-31T08:00"),
        ("31.12. 8:00", "2027-01-01T00:00", "2026-12-31T08:00"),
        ("-1d 8:00", "2027-01-01T10:00", "2026-12-31T08:00"),
        ("yesterday 8:00", "2027-01-01T10:00", "2026-12-31T08:00"),
        ("Thu 8:00", "2027-01-01T10:00", "2026-12-31T08:00"),
        # the leap day
        ("29.2. 8:00", "2028-02-29T10:00", "2028-02-29T08:00"),
        ("29.2. 8:00", "2028-03-01T10:00", "2028-02-29T08:00"),
        ("29.2. 8:00", "2029-02-28T10:00", "2028-02-29T08:00"),
        ("-1d 8:00", "2028-03-01T10:00", "2028-02-29T08:00"),
        # the clocks: 25 Oct 2026 back, 28 Mar 2027 forward
        ("1:59", "2026-10-25T10:00", "2026-10-25T01:59"),
        ("3:00", "2026-10-25T10:00", "2026-10-25T03:00"),
        ("yesterday 2:30", "2026-10-25T10:00", "2026-10-24T02:30"),
        ("1:59", "2027-03-28T10:00", "2027-03-28T01:59"),
        ("3:00", "2027-03-28T10:00", "2027-03-28T03:00"),
    ],
)
def test_a_shorthand_follows_the_clock_of_its_zone(text: str, now: str, is_: str) -> None:
    assert read(text, now) == is_


@pytest.mark.parametrize(
    ("text", "now", "says"),
    [
        ("2:30", "2026-10-25T10:00", r"twice in Europe/Paris.* Write .*02:30\+02:00 or "),
        ("2:00", "2026-10-25T10:00", "twice"),
        ("2:59", "2026-10-25T10:00", "twice"),
        ("2:00", "2027-03-28T10:00", "does not exist in Europe/Paris"),
        ("today 2:59", "2027-03-28T10:00", "does not exist"),
        ("yesterday 2:30", "2027-03-29T10:00", "does not exist"),
        ("29.2. 8:00", "2026-11-29T10:00", "not of this year or the last. Write it with its year"),
        ("29.2. 8:00", "2030-03-01T10:00", "with its year"),
        ("30.2. 8:00", "2026-11-29T10:00", "not in the calendar"),
        ("29.2.2026 8:00", "2026-11-29T10:00", "not in the calendar"),
        ("Sunday 8:00", "2026-11-29T10:00", "may be 2026-11-22 or 2026-11-29. Write the one"),
        ("sun 8:00", "2026-11-29T00:00", "may be 2026-11-22 or 2026-11-29"),
        ("today", "2026-11-29T10:00", "no time of day. Add it, as in today 8:00"),
        ("-3d", "2026-11-29T10:00", "no time of day"),
        ("28.11.", "2026-11-29T10:00", "no time of day"),
        ("8", "2026-11-29T10:00", "not a valid time. Write it as in 8:00"),
        ("24:00", "2026-11-29T10:00", "hour 24"),
        ("8:60", "2026-11-29T10:00", "not a time of day"),
        ("8:00+02:00", "2026-11-29T10:00", "not a time of day"),
        ("later 8:00", "2026-11-29T10:00", "not a date"),
        ("28.13. 8:00", "2026-11-29T10:00", "not in the calendar"),
        ("28.11.26 8:00", "2026-11-29T10:00", "not a date"),
        ("-9999d 8:00", "2026-11-29T10:00", "not a date"),
        ("8:00 8:00", "2026-11-29T10:00", "not a date"),
        ("٨:٠٠", "2026-11-29T10:00", "not a valid time"),
        ("2026-11-28T8:00", "2026-11-29T10:00", "not a valid time"),
        ("[/] 8:00", "2026-11-29T10:00", "not a date"),
        ("8:00" + " " * 99, "2026-11-29T10:00", "not a time"),
    ],
)
def test_what_has_no_reading_or_two_is_refused_in_words(text: str, now: str, says: str) -> None:
    with pytest.raises(ReadingError, match=says):
        read(text, now)


@pytest.mark.parametrize(
    ("order", "is_"), [(DMY, date(2026, 4, 3)), (MDY, date(2026, 3, 4)), (None, None),
                       (DateOrder.ISO, None)]
)  # fmt: skip
def test_numbers_are_day_and_month_only_by_the_order_of_the_settings(
    order: DateOrder | None, is_: date | None
) -> None:
    reader = TimeReader(SUNDAY, order)
    for text in ("3.4.", "3/4", "03.04.2026", "3-4-2026"):
        if is_ is None:
            with pytest.raises(ReadingError, match="date_order in the settings"):
                reader.day(text)
        else:
            assert reader.day(text) == is_


@pytest.mark.parametrize(
    ("text", "now", "is_"),
    [
        ("5.12. 8:00", "2026-11-29T10:00", "may be 2025-12-05 or 2026-12-05"),
        ("30 Nov 8:00", "2026-11-29T10:00", "may be 2025-11-30 or 2026-11-30"),
        ("2 Jan 8:00", "2026-12-31T10:00", "may be 2026-01-02 or 2027-01-02"),
        ("Monday 8:00", "2026-11-29T10:00", "may be 2026-11-23 or 2026-11-30"),
        ("28.11. 8:00", "2026-11-29T10:00", ""),
        ("29.11. 20:00", "2026-11-29T10:00", ""),
        ("31 Dec 8:00", "2027-01-01T10:00", ""),
        ("tomorrow 8:00", "2026-11-29T10:00", ""),
    ],
)
def test_where_a_time_may_be_planned_the_coming_day_is_a_reading_too(
    text: str, now: str, is_: str
) -> None:
    reader = TimeReader(Moment.read(now, PARIS), DMY)
    if is_:
        with pytest.raises(ReadingError, match=is_):
            reader.moment(text, may_be_ahead=True)
    else:
        assert reader.moment(text, may_be_ahead=True) == reader.moment(
            text, may_be_ahead=text.startswith("tomorrow")
        )


def test_every_day_back_is_read_as_it_is_written() -> None:
    reader = TimeReader(SUNDAY, DMY)
    for days in range(365):
        day = reader.day(f"-{days}d")
        assert reader.day(f"{day.day}.{day.month}.") == day
        assert reader.day(f"{day:%d %b}") == day
        assert reader.day(f"{day:%d.%m.%Y}") == reader.day(str(day)) == day
        if 0 < days < 7:
            assert reader.day(f"{day:%A}") == reader.day(f"{day:%a}") == day


@given(st.text(max_size=70))
def test_any_text_is_read_or_refused(text: str) -> None:
    reader = TimeReader(SUNDAY, DMY)
    for one in (reader.moment, reader.day):
        try:
            one(text)
        except UserError as error:
            assert str(error).endswith(".")  # noqa: PT017 - most texts are refused


@given(
    st.datetimes(min_value=Moment.read("1990-01-01T00:00", "UTC").local.replace(tzinfo=None)),
    st.sampled_from([PARIS, NEW_YORK, LORD_HOWE, "UTC+05:30"]),
)
def test_a_moment_in_a_field_is_read_as_itself(local: object, zone: str) -> None:
    now = Moment.read("2026-11-29T10:00", zone)
    try:
        moment = Moment.read(f"{local:%Y-%m-%dT%H:%M}Z", zone)
    except UserError:
        return
    again = Moment(moment.utc, zone)
    assert TimeReader(now).moment(field_text(again, zone)) == again
    assert TimeReader(now).moment(field_text(again, "Asia/Tokyo")).utc == again.utc


def test_a_time_is_read_back_in_full() -> None:
    assert in_full(SUNDAY) == "Sunday 29 Nov 2026, 10:00, Europe/Paris"
    assert in_full(date(2028, 2, 29)) == "Tuesday 29 Feb 2028"
    twice = Moment.read("2026-10-25T02:30+01:00", PARIS)
    assert in_full(twice) == "Sunday 25 Oct 2026, 02:30 (+0100), Europe/Paris"
