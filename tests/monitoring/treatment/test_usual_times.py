"""The times that a form assumes: each with the entry that would make it wrong beside it."""

from typing import Any

import pytest

from monitoring.record.entry import Entry
from monitoring.times import Moment, field_text
from monitoring.treatment import TreatmentHistory
from monitoring.treatment.usual_times import next_dose, next_dose_after_hold, todays_trough
from tests.builders import a_dose, a_level, a_missed_dose, a_record, at, held_doses

PARIS = "Europe/Paris"
TWICE = a_dose("2026-11-01T08:00")
ONCE = a_dose("2026-11-01T08:00", times_a_day=1)
EVENING = a_dose("2026-11-01T20:00", times_a_day=1)
EVERY_48_H = a_dose("2026-11-01T08:00", times_a_day=1, every_hours=48)


def times(entries: tuple[Entry, ...], now: str, zone: str = PARIS) -> tuple[str, str]:
    """Return today's trough and the next dose as a form shows them; empty where none is assumed."""
    history, moment = TreatmentHistory.of(a_record(*entries)), Moment.read(now, zone)
    found = (todays_trough(history, moment), next_dose(history, moment))
    trough, dose = (field_text(each, zone) if each else "" for each in found)
    return trough, dose


@pytest.mark.parametrize(
    ("entries", "now", "trough", "dose"),
    [
        # the hour of the dose, in threes
        ((TWICE,), "2026-11-20T07:59", "", "2026-11-20T08:00"),
        ((TWICE,), "2026-11-20T08:00", "", "2026-11-20T20:00"),
        ((TWICE,), "2026-11-20T08:01", "2026-11-20T08:00", "2026-11-20T20:00"),
        # two troughs of one day: nobody knows which
        ((TWICE,), "2026-11-20T20:01", "", "2026-11-21T08:00"),
        # the night belongs to its own day
        ((TWICE,), "2026-11-20T23:59", "", "2026-11-21T08:00"),
        ((TWICE,), "2026-11-21T00:00", "", "2026-11-21T08:00"),
        ((TWICE,), "2026-11-21T00:01", "", "2026-11-21T08:00"),
        ((EVENING,), "2026-11-20T10:00", "", "2026-11-20T20:00"),
        ((EVENING,), "2026-11-20T21:00", "2026-11-20T20:00", "2026-11-21T20:00"),
        ((EVERY_48_H,), "2026-11-21T10:00", "2026-11-21T08:00", "2026-11-23T08:00"),
        ((EVERY_48_H,), "2026-11-22T10:00", "", "2026-11-23T08:00"),
        # no dose, the first dose, a dose that only begins
        ((), "2026-11-20T10:00", "", ""),
        ((ONCE,), "2026-11-01T10:00", "", "2026-11-02T08:00"),
        ((ONCE,), "2026-10-20T10:00", "", ""),
        # a change: the trough before it is that of the dose before
        ((ONCE, a_dose("2026-11-20T08:00", "0.6", times_a_day=1)), "2026-11-20T10:00",
         "2026-11-20T08:00", "2026-11-21T08:00"),
        ((TWICE, a_dose("2026-11-20T10:37", "0.6")), "2026-11-20T11:00", "", "2026-11-20T22:37"),
        ((TWICE, a_dose("2026-11-20T20:00", "0.6", times_a_day=1)), "2026-11-20T10:00",
         "2026-11-20T08:00", "2026-11-20T20:00"),
        # on hold, restarted, a dose missed
        ((TWICE, held_doses("2026-11-18T08:00", None, is_open=True)), "2026-11-20T10:00", "", ""),
        ((TWICE, held_doses("2026-11-18T08:00", "2026-11-19T20:00")), "2026-11-20T10:00",
         "2026-11-20T08:00", "2026-11-20T20:00"),
        ((TWICE, held_doses("2026-11-20T12:00", "2026-11-21T12:00")), "2026-11-20T10:00",
         "2026-11-20T08:00", "2026-11-21T20:00"),
        ((TWICE, a_missed_dose("2026-11-20T08:00")), "2026-11-20T10:00", "", "2026-11-20T20:00"),
        ((TWICE, a_missed_dose("2026-11-20T08:00")), "2026-11-20T21:00", "", "2026-11-21T08:00"),
        ((TWICE, a_missed_dose("2026-11-19T20:00")), "2026-11-20T10:00", "2026-11-20T08:00",
         "2026-11-20T20:00"),
        ((ONCE, a_missed_dose("2026-11-19T08:00")), "2026-11-20T10:00", "2026-11-20T08:00",
         "2026-11-21T08:00"),
        # a level of today is on record, a loading dose since the last dose
        ((TWICE, a_level("7 ng/mL", "2026-11-20T07:45")), "2026-11-20T10:00", "",
         "2026-11-20T20:00"),
        ((TWICE, a_level("7 ng/mL", "2026-11-19T07:45")), "2026-11-20T10:00", "2026-11-20T08:00",
         "2026-11-20T20:00"),
        ((TWICE, a_dose("2026-11-20T06:00", "2", loading=True)), "2026-11-20T10:00", "",
         "2026-11-20T20:00"),
        # the end of a year and the leap day
        ((ONCE,), "2026-12-31T10:00", "2026-12-31T08:00", "2027-01-01T08:00"),
        ((ONCE,), "2027-01-01T10:00", "2027-01-01T08:00", "2027-01-02T08:00"),
        ((ONCE,), "2028-02-28T10:00", "2028-02-28T08:00", "2028-02-29T08:00"),
        ((ONCE,), "2028-02-29T10:00", "2028-02-29T08:00", "2028-03-01T08:00"),
        # the clocks: a dose by the clock stays at its hour
        ((ONCE,), "2027-03-27T10:00", "2027-03-27T08:00", "2027-03-28T08:00"),
        ((ONCE,), "2027-03-28T10:00", "2027-03-28T08:00", "2027-03-29T08:00"),
        ((a_dose("2026-10-01T02:30", times_a_day=1),), "2026-10-25T10:00",
         "2026-10-25T02:30+02:00", "2026-10-26T02:30"),
    ],
)  # fmt: skip
def test_a_time_is_assumed_only_where_nothing_speaks_against_it(
    entries: tuple[Any, ...], now: str, trough: str, dose: str
) -> None:
    assert times(entries, now) == (trough, dose)


def test_a_schedule_of_another_zone_is_written_with_its_offset() -> None:
    away = (a_dose(Moment.read("2026-11-01T08:00", "America/New_York"), times_a_day=1),)
    trough, dose = times(away, "2026-11-20T16:00")
    assert (trough, dose) == ("2026-11-20T08:00-05:00", "2026-11-21T08:00-05:00")
    assert at(trough).utc == Moment.read("2026-11-20T13:00", "UTC").utc


@pytest.mark.parametrize(
    ("entries", "now", "dose"),
    [
        ((TWICE, held_doses("2026-11-10T08:00", None, is_open=True)), "2026-11-20T10:00",
         "2026-11-20T20:00"),
        ((EVERY_48_H, held_doses("2026-11-10T08:00", None, is_open=True)), "2026-11-20T10:00",
         "2026-11-21T08:00"),
        ((TWICE, held_doses("2026-11-10T08:00", "2026-11-25T08:00")), "2026-11-20T10:00",
         "2026-11-20T20:00"),
        ((held_doses("2026-11-10T08:00", None, is_open=True),), "2026-11-20T10:00", None),
    ],
)  # fmt: skip
def test_the_dose_that_a_restart_begins_with_is_the_next_of_the_schedule(
    entries: tuple[Entry, ...], now: str, dose: str | None
) -> None:
    found = next_dose_after_hold(TreatmentHistory.of(a_record(*entries)), at(now))
    assert found == (at(dose) if dose else None)
