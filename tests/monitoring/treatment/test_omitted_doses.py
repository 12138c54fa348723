"""Doses missed and held: where a hold ends, and what is omitted until then."""

from dataclasses import replace

import pytest

from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory
from tests.builders import (
    a_dose,
    a_level,
    a_missed_dose,
    a_record,
    at,
    ended,
    held_doses,
    later,
    voided,
)

BEGUN = at("2026-11-01T08:00")
HELD = at("2026-11-10T08:00")
OPEN = held_doses(HELD, None, is_open=True)
OLD = held_doses(HELD, None)  # of an earlier schema: its end was not recorded


def treated(*entries: Entry) -> Record:
    """Return the record of a dose (number 2) and these entries, numbered from 3 on."""
    return a_record(a_dose(BEGUN), *entries)


def end_of(record: Record) -> Moment | None:
    (hold,) = TreatmentHistory.of(record).holds
    return hold.until


# --- where a hold ends


def test_an_open_hold_lasts() -> None:
    record = treated(OPEN)
    (hold,) = TreatmentHistory.of(record).holds
    assert (hold.until, hold.is_end_asked, hold.holds_at(later(HELD, days=900))) == (
        None, False, True,
    )  # fmt: skip


def test_the_end_of_a_hold_of_an_earlier_schema_is_asked() -> None:
    (hold,) = TreatmentHistory.of(treated(OLD)).holds
    assert (hold.until, hold.is_end_asked) == (None, True)


def test_the_recorded_end_is_the_end() -> None:
    until = later(HELD, days=2)
    assert end_of(treated(held_doses(HELD, until))) == until


def test_a_restart_before_the_recorded_end_is_the_end() -> None:
    until, earlier = later(HELD, days=2), later(HELD, days=1)
    assert end_of(ended(treated(held_doses(HELD, until)), 3, earlier)) == earlier


@pytest.mark.parametrize("hold", [OPEN, OLD], ids=["open", "of an earlier schema"])
def test_a_restart_is_the_end(hold: Entry) -> None:
    again = later(HELD, days=2)
    record = ended(treated(hold), 3, again)
    (found,) = TreatmentHistory.of(record).holds
    assert (found.until, found.is_end_asked) == (again, False)


@pytest.mark.parametrize("hold", [OPEN, OLD], ids=["open", "of an earlier schema"])
@pytest.mark.parametrize(("minutes", "ends"), [(-1, False), (0, False), (1, True)])
def test_a_prescription_that_begins_later_ends_it(hold: Entry, minutes: int, *, ends: bool) -> None:
    since = later(HELD, minutes=minutes)
    assert end_of(treated(hold, a_dose(since, "0.6"))) == (since if ends else None)


def test_a_prescription_that_was_planned_before_an_open_hold_does_not_end_it() -> None:
    """It was recorded before: nobody decided on a restart. An old hold ends with it."""
    planned = a_dose(later(HELD, days=3), "0.6")
    assert end_of(treated(planned, OPEN)) is None
    assert end_of(treated(planned, OLD)) == planned.since


@pytest.mark.parametrize(("minutes", "ends"), [(-1, False), (0, False), (1, True)])
def test_the_last_dose_of_a_later_level_ends_a_hold_of_an_earlier_schema(
    minutes: int, *, ends: bool
) -> None:
    given = later(HELD, minutes=minutes)
    level = a_level(sampled=later(HELD, days=2), last_dose=given)
    assert end_of(treated(OLD, level)) == (given if ends else None)
    assert end_of(treated(OPEN, level)) is None
    assert end_of(voided(treated(OLD, level), 4)) is None
    assert end_of(treated(OLD, replace(level, last_dose_assumed=True))) is None


def test_of_several_signs_the_first_is_the_end() -> None:
    given, since = later(HELD, days=1), later(HELD, days=2)
    level = a_level(sampled=later(HELD, days=3), last_dose=given)
    assert end_of(treated(OLD, level, a_dose(since, "0.6"))) == given


# --- what is omitted


@pytest.mark.parametrize(("minutes", "held"), [(-1, False), (0, True), (1, True)])
def test_a_hold_includes_its_beginning(minutes: int, *, held: bool) -> None:
    history = TreatmentHistory.of(treated(OPEN))
    assert (history.hold_at(later(HELD, minutes=minutes)) is not None) is held


@pytest.mark.parametrize(("minutes", "held"), [(-1, True), (0, False), (1, False)])
def test_a_hold_does_not_include_its_end(minutes: int, *, held: bool) -> None:
    again = later(HELD, days=2)
    history = TreatmentHistory.of(ended(treated(OPEN), 3, again))
    assert (history.hold_at(later(again, minutes=minutes)) is not None) is held


@pytest.mark.parametrize(("is_restart", "given"), [(True, 9 * 2 + 1), (False, 9 * 2)])
def test_the_dose_at_a_restart_is_given_and_the_one_at_a_recorded_end_is_not(
    given: int, *, is_restart: bool
) -> None:
    again = later(HELD, days=2)
    record = ended(treated(OPEN), 3, again) if is_restart else treated(held_doses(HELD, again))
    assert len(TreatmentHistory.of(record).administrations(later(again, hours=1))) == given


def test_nothing_is_given_while_a_hold_is_open() -> None:
    history = TreatmentHistory.of(treated(OPEN))
    assert len(history.administrations(later(HELD, days=30))) == 18
    assert history.scheduled_dose_before(later(HELD, days=30)) == later(HELD, hours=-12)


def test_one_missed_dose_is_no_hold() -> None:
    history = TreatmentHistory.of(treated(a_missed_dose(HELD)))
    assert history.holds == ()
    assert history.hold_at(HELD) is None
    assert len(history.administrations(later(HELD, hours=13))) == 19


def test_of_two_holds_the_one_that_began_first_is_named() -> None:
    longer = held_doses(later(HELD, days=-1), None, is_open=True)
    hold = TreatmentHistory.of(treated(OPEN, longer)).hold_at(later(HELD, days=1))
    assert hold is not None
    assert hold.at == longer.at


@pytest.mark.parametrize("zone", ["Europe/Paris", "UTC"])
def test_a_missed_dose_is_the_one_of_that_moment_in_every_zone(zone: str) -> None:
    clock = {"Europe/Paris": "2026-11-10T08:00", "UTC": "2026-11-10T07:00"}[zone]
    history = TreatmentHistory.of(treated(a_missed_dose(at(clock, zone))))
    assert history.scheduled_dose_before(later(HELD, hours=1)) == later(HELD, hours=-12)
    until = held_doses(later(HELD, hours=-1), at(clock, zone))
    history = TreatmentHistory.of(treated(until))
    assert history.scheduled_dose_before(later(HELD, hours=1)) == later(HELD, hours=-12)
