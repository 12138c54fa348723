"""Moments: clock changes, travel, leap days, and a strict reader."""

import re
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing import ReadingError, UserError
from monitoring.times import Moment, local_zone, short, zone_of

NEW_YORK, LORD_HOWE, PARIS = "America/New_York", "Australia/Lord_Howe", "Europe/Paris"


@pytest.mark.parametrize(
    ("zone", "before", "after", "hours"),
    [
        (NEW_YORK, "2026-03-07T20:00", "2026-03-08T08:00", 11),
        (NEW_YORK, "2026-10-31T20:00", "2026-11-01T08:00", 13),
        (LORD_HOWE, "2026-10-03T20:00", "2026-10-04T08:00", 11.5),
        (LORD_HOWE, "2026-04-04T20:00", "2026-04-05T08:00", 12.5),
        (PARIS, "2026-10-25T00:00", "2026-10-25T06:00", 7),
        (PARIS, "2026-10-24T08:00", "2026-10-25T08:00", 25),
        (PARIS, "2026-03-28T08:00", "2026-03-29T08:00", 23),
        (PARIS, "2028-02-28T08:00", "2028-03-01T08:00", 48),
        (PARIS, "2026-11-04T20:00", "2026-11-05T07:45", 11.75),
    ],
)
def test_hours_are_true_across_clock_changes_and_leap_days(
    zone: str, before: str, after: str, hours: float
) -> None:
    assert Moment.read(after, zone).hours_since(Moment.read(before, zone)) == hours


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (NEW_YORK, "2026-03-08T02:00"),
        (NEW_YORK, "2026-03-08T02:30"),
        (NEW_YORK, "2026-03-08T02:59:59"),
        (LORD_HOWE, "2026-10-04T02:00"),
        (LORD_HOWE, "2026-10-04T02:29"),
        (PARIS, "2026-03-29T02:30"),
    ],
)
def test_a_time_that_the_clocks_skipped_is_refused(zone: str, text: str) -> None:
    with pytest.raises(ReadingError, match=rf"{text[:16]} does not exist in {zone}"):
        Moment.read(text, zone)


@pytest.mark.parametrize(
    ("zone", "text", "apart"),
    [
        (NEW_YORK, "2026-11-01T01:00", 1),
        (NEW_YORK, "2026-11-01T01:30", 1),
        (LORD_HOWE, "2026-04-05T01:30", 0.5),
        (LORD_HOWE, "2026-04-05T01:59", 0.5),
        (PARIS, "2026-10-25T02:30", 1),
    ],
)
def test_a_time_that_came_twice_is_refused_with_the_two_ways_to_write_it(
    zone: str, text: str, apart: float
) -> None:
    with pytest.raises(ReadingError, match="occurred twice") as refused:
        Moment.read(text, zone)
    ways = re.findall(r"[0-9T:-]{16}[+-][0-9:]{5}", str(refused.value))
    first, second = (Moment.read(way, zone) for way in ways)
    assert second.hours_since(first) == apart
    assert [str(first), str(second)] == ways
    assert first.zone == second.zone == zone


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (NEW_YORK, "2026-03-08T01:59:59"),
        (NEW_YORK, "2026-03-08T03:00"),
        (NEW_YORK, "2026-11-01T00:59:59"),
        (NEW_YORK, "2026-11-01T02:00"),
        (LORD_HOWE, "2026-10-04T01:59:59"),
        (LORD_HOWE, "2026-10-04T02:30"),
        (LORD_HOWE, "2026-04-05T01:29:59"),
        (LORD_HOWE, "2026-04-05T02:00"),
    ],
)
def test_the_edges_of_a_clock_change_are_read(zone: str, text: str) -> None:
    assert str(Moment.read(text, zone)).startswith(text)


def test_a_leap_day_is_read_only_in_a_leap_year() -> None:
    assert str(Moment.read("2028-02-29T08:00", PARIS)) == "2028-02-29T08:00+01:00"
    with pytest.raises(ReadingError, match="not in the calendar"):
        Moment.read("2027-02-29T08:00", PARIS)


def test_hours_are_true_on_a_journey() -> None:
    left = Moment.read("2026-11-05T08:00", PARIS)
    arrived = Moment.read("2026-11-05T10:30", NEW_YORK)
    assert arrived.hours_since(left) == 8.5
    assert left < arrived


@pytest.mark.parametrize(
    ("text", "zone", "kept_zone", "utc"),
    [
        ("2026-11-05T08:00Z", PARIS, "UTC+00:00", "08:00"),
        ("2026-11-05T08:00Z", "UTC", "UTC", "08:00"),
        ("2026-11-05T08:00+01:00", PARIS, PARIS, "07:00"),
        ("2026-11-05T08:00+02:00", PARIS, "UTC+02:00", "06:00"),
        ("2026-11-05T08:00-05:00", PARIS, "UTC-05:00", "13:00"),
        ("2026-11-05T08:00+05:30", PARIS, "UTC+05:30", "02:30"),
        ("2026-11-05 08:00", PARIS, PARIS, "07:00"),
        ("  2026-11-05T08:00  ", PARIS, PARIS, "07:00"),
    ],
)
def test_an_offset_counts_and_its_clock_is_kept(
    text: str, zone: str, kept_zone: str, utc: str
) -> None:
    moment = Moment.read(text, zone)
    assert (moment.zone, f"{moment.utc:%H:%M}") == (kept_zone, utc)
    assert f"{moment.local:%H:%M}" == "08:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "now",
        "2026-11-05",
        "08:00",
        "2026-11-05T08",
        "2026-11-05T8:00",
        "05/11/2026 08:00",
        "03/04/2026 08:00",
        "2026-11-05T08:00 PM",
        "2026-11-05T08:00:00.5",
        "2026-11-05T24:00",
        "2026-11-05T23:60",
        "2026-11-05T23:59:60",
        "2026-13-01T08:00",
        "2026-00-10T08:00",
        "2026-11-31T08:00",
        "0000-11-05T08:00",
        "20261105T0800",
        "2026-W45-4T08:00",
        "2026-11-05T08:00+5",
        "2026-11-05T08:00+0500",
        "2026-11-05T08:00+24:00",
        "2026-11-05T08:00 Europe/Paris",
        "2026-11-05T08:00z",
        "2026-11-05t08:00",
        "2026-11-05T08:00\n",
        "\t2026-11-05T08:00",
        "2026-11-05T08:00\0",
        "2026-11-05T08:00\x1b[31m",
        "２０２６-11-05T08:00",
        "٢٠٢٦-11-05T08:00",
        "2026−11−05T08:00",
        "9999-12-31T23:59",
        "\ud800",
        "2026-11-05T08:00" * 1000,
    ],
)
def test_anything_but_a_plain_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ReadingError) as refused:
        Moment.read(text, NEW_YORK)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("text", ["0001-01-01T00:00+05:00", "9999-12-31T23:59-05:00"])
def test_a_time_at_the_end_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ReadingError):
        Moment.read(text, PARIS)


def test_an_offset_of_more_than_59_minutes_is_refused() -> None:
    with pytest.raises(ReadingError):
        Moment.read("2026-11-05T08:00+05:99", PARIS)


@pytest.mark.parametrize(
    "zone",
    ["", "Nowhere/Land", "America", "../etc/passwd", "/etc/passwd", "UTC+99:00", "\0", "\ud800"],
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UserError, match="not a known time zone"):
        Moment.read("2026-11-05T08:00", zone)


def test_a_moment_checks_itself_and_is_frozen() -> None:
    moment = Moment.now(PARIS)
    assert moment.utc.microsecond == 0
    for wrong in (
        datetime(2026, 11, 5, 8),  # noqa: DTZ001 - a time without a zone is the point
        datetime(2026, 11, 5, 8, tzinfo=ZoneInfo(PARIS)),
        datetime(2026, 11, 5, 8, 0, 0, 1, tzinfo=UTC),
    ):
        with pytest.raises(UserError, match="UTC and whole seconds"):
            Moment(wrong, PARIS)
    with pytest.raises(FrozenInstanceError):
        moment.zone = "UTC"  # type: ignore[misc]


def test_one_instant_in_two_zones_is_neither_before_nor_after_itself() -> None:
    here, there = Moment.read("2026-11-05T08:00", PARIS), Moment.read("2026-11-05T07:00", "UTC")
    assert here.hours_since(there) == 0
    assert not here < there
    assert not there < here
    assert not here > there
    assert not there > here
    assert here <= there <= here
    assert here >= there >= here


def test_the_zone_of_this_machine_is_known() -> None:
    assert zone_of(local_zone())


def _from(year: int) -> st.SearchStrategy[Moment]:
    return st.builds(
        Moment,
        st.datetimes(datetime(year, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
            lambda moment: moment.replace(microsecond=0)
        ),
        st.timezone_keys(),
    )


@given(_from(1973))
def test_what_is_written_reads_back_to_the_same_moment(moment: Moment) -> None:
    read = Moment.read(str(moment), moment.zone)
    assert read.utc == moment.utc
    assert read.zone == moment.zone


def test_what_is_written_reads_back_where_the_zone_had_seconds() -> None:
    moment = Moment(datetime(1971, 6, 1, 12, tzinfo=UTC), "Africa/Monrovia")
    assert Moment.read(str(moment), moment.zone).utc == moment.utc


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-05T08:00:30", "5 Nov 2026, 08:00"),
        ("2026-11-05T08:00+01:00", "5 Nov 2026, 08:00"),
        ("2026-11-05T08:00Z", "5 Nov 2026, 08:00 (+0000)"),
        ("2026-10-25T02:30+02:00", "25 Oct 2026, 02:30 (+0200)"),
        ("2026-10-25T02:30+01:00", "25 Oct 2026, 02:30 (+0100)"),
        ("2026-10-25T03:00", "25 Oct 2026, 03:00"),
    ],
)
def test_a_short_time_shows_its_offset_only_where_it_is_ambiguous(text: str, shown: str) -> None:
    assert short(Moment.read(text, PARIS)) == shown


@pytest.mark.parametrize(
    ("text", "reader", "shown"),
    [
        ("2026-11-05T08:00", "Europe/Paris", "5 Nov 2026, 08:00"),
        ("2026-11-05T08:00", "America/New_York", "5 Nov 2026, 08:00 (+0100)"),
        ("2026-10-25T02:30+02:00", "Europe/Paris", "25 Oct 2026, 02:30 (+0200)"),
        ("2026-11-05T08:00Z", "UTC+00:00", "5 Nov 2026, 08:00 (+0000)"),
    ],
)
def test_a_reader_in_another_zone_sees_the_offset(text: str, reader: str, shown: str) -> None:
    assert short(Moment.read(text, PARIS), reader=reader) == shown
