"""What is shown before an entry is stored is what it means once it is."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.enter import enter, would_mean
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryMeaning
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory
from tests.builders import AUTHOR, Ticking, a_patient, a_prescription, a_record, at, every_kind


def before(record: Record, moment: Moment) -> Moment | None:
    return TreatmentHistory.of(record).scheduled_dose_before(moment)


@pytest.mark.parametrize("entry", every_kind(), ids=lambda each: type(each).__name__)
def test_an_entry_means_the_same_before_and_after_it_is_stored(entry: Entry) -> None:
    with engine_in_memory() as engine:
        before, after = _before_and_after(engine, entry)
    assert before == after


def _before_and_after(engine: Engine, entry: Entry) -> tuple[EntryMeaning, EntryMeaning]:
    prepare(engine, before_upgrade=lambda: None)
    store, now = Store(engine, AUTHOR, Ticking()), at("2026-11-25T10:00")
    number = store.add_patient(a_patient()).number
    store.add(number, a_prescription("2026-10-01T08:00"))
    ended_on = date(2026, 11, 4) if isinstance(entry, AdverseEvent) else None
    record = store.read(number)
    written = record.with_entry(entry, now, ended_on=ended_on)
    stored = enter(store, record, entry, now, ended_on=ended_on)
    assert stored.recorded.number == written.entries[-1].number
    return would_mean(record, written, now), stored.answer


def test_the_last_dose_is_the_latest_of_the_schedule_and_never_that_of_the_moment_itself() -> None:
    record = a_record(a_prescription())  # from 2026-11-01T08:00, twice a day
    for sampled, due in (
        ("2026-11-05T07:59", "2026-11-04T20:00"),
        ("2026-11-05T08:00", "2026-11-04T20:00"),
        ("2026-11-05T08:01", "2026-11-05T08:00"),
        ("2026-11-01T08:01", "2026-11-01T08:00"),
    ):
        assert before(record, at(sampled)) == at(due)
    assert before(record, at("2026-11-01T08:00")) is None


def test_the_schedule_goes_by_the_clock_over_a_change_of_it() -> None:
    record = a_record(replace(a_prescription(), since=at("2026-10-20T08:00")))
    assert before(record, at("2026-10-26T07:50")) == at("2026-10-25T20:00")


def test_a_dose_that_was_not_given_is_left_out() -> None:
    missed = MissedDose(at=at("2026-11-04T20:00"), kind=NotGiven.MISSED)
    record = a_record(a_prescription(), missed)
    assert before(record, at("2026-11-05T07:50")) == at("2026-11-04T08:00")


def test_before_a_change_the_old_schedule_holds_after_it_the_new_one() -> None:
    new = replace(a_prescription(), since=at("2026-11-10T10:00"), times_a_day=1, dose_mg=Decimal(1))
    record = a_record(a_prescription(), new)
    assert before(record, at("2026-11-10T10:00")) == at("2026-11-10T08:00")
    assert before(record, at("2026-11-11T09:00")) == at("2026-11-10T10:00")


def test_by_a_second_way_hour_for_hour() -> None:
    """Every dose of two weeks, listed; the last one before each sample."""
    for times in (1, 2, 3, 4):
        begun = at("2026-11-01T08:00", "UTC")
        dose = replace(a_prescription(), since=begun, times_a_day=times)
        record = a_record(dose)
        step = timedelta(hours=24 / times)
        doses = [Moment(begun.utc + number * step, "UTC") for number in range(14 * times)]
        for hours in range(1, 13 * 24):
            sampled = Moment(begun.utc + timedelta(hours=hours), "UTC")
            assert before(record, sampled) == max(each for each in doses if each < sampled)
