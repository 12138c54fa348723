"""The store, on both databases: what is written stays, and writers never overwrite each other."""

import multiprocessing
import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from dosing import UserError, clean
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.audit_lines import history
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.record.response import Response
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import ConflictError, NotFoundError, RecordsError
from monitoring.store.opening import open_records
from monitoring.store.store import Store
from monitoring.store.tables import TABLES
from monitoring.store.verify import verify
from monitoring.times import Moment, short
from tests.builders import (
    AUTHOR,
    a_missed_dose,
    a_note,
    a_patient,
    a_prescription,
    at,
    every_kind,
)
from tests.campaign import sizes
from tests.stores import fill, fill_0003, fill_0010, prepared, store_of

HOSTILE = (
    "'; DROP TABLE audit; --",
    '"a" %s :b ? {c} $1 \\',
    "\x1b[2J\x1b]0;title\x07 Ann",
    "Ann\u202egnp.exe\u2066",
    "Ann\0Bob",
    "=HYPERLINK(1)",
    "[/] [red]x[/red] <b>&amp;",
    "e\u0301 Å ﬁ 李 😀 \U0010ffff \ufffe a",
    "می\u200cخواهم",
    "\ud800 a",
    "NULL",
    "a" * 2000,
)
WRITERS = 8
FILLED = 1 + len(every_kind()) + 2
"""The changes that `fill` makes for a patient: an end and a void are two of them."""
ENDED = "Only prescriptions, held doses, adverse events, drugs and conditions can"


# --- adding and reading


def test_what_is_added_is_read_back_by_record_number(store: Store) -> None:
    added = store.add_patient(a_patient())
    entries = [store.add(added.number, entry) for entry in every_kind()]
    record = store.find("00123")
    assert record.entries == (added, *entries)
    assert record.patient.entry == a_patient()
    assert record.number == added.number == 1
    assert [each.number for each in record.entries] == list(range(1, 2 + len(every_kind())))
    assert record.revision == entries[-1].number
    assert store.read(added.number) == record
    assert verify(store.engine).is_whole


def test_each_entry_has_its_author_and_moment(store: Store) -> None:
    fill(store)
    authors = [each.author for each in store.read(1).entries]
    assert {author.by for author in authors} == {AUTHOR}
    assert authors[0].at == at("2026-11-05T08:00")
    assert authors[1].at == at("2026-11-05T08:00:01")


@pytest.mark.parametrize("number", ["00123", "1E5", "=1+1", "NA", "0123", "１２３"])
def test_a_record_number_stays_text(store: Store, number: str) -> None:
    store.add_patient(a_patient("123"))
    store.add_patient(a_patient("100000"))
    store.add_patient(a_patient(number))
    assert store.find(number).patient.entry.record_number == number


def test_a_taken_record_number_is_refused(store: Store) -> None:
    store.add_patient(a_patient("1"))
    other = store.add_patient(a_patient("2"))
    with pytest.raises(RecordsError, match="Record number 1 belongs to another patient"):
        store.add_patient(a_patient("1", "Somebody Else"))
    with pytest.raises(RecordsError, match="belongs to another patient"):
        store.change_patient(other.number, a_patient("1"), revision=other.number)
    assert len(store.patients()) == 2
    assert verify(store.engine).changes == 2


def test_a_record_number_given_up_or_voided_is_free_again(store: Store) -> None:
    first = store.add_patient(a_patient("1"))
    store.change_patient(first.number, a_patient("2"), revision=first.number)
    second = store.add_patient(a_patient("1"))
    store.void(second.number, "entered twice")
    third = store.add_patient(a_patient("1"))
    assert store.find("1").number == third.number
    assert store.find("2").number == first.number


def test_a_patient_who_is_not_there_is_not_found(store: Store) -> None:
    note = store.add(store.add_patient(a_patient()).number, a_note())
    for number in (0, -1, note.number, 99):
        with pytest.raises(NotFoundError, match=f"Patient {number} is not"):
            store.add(number, a_note())
    for number in (0, 99):
        with pytest.raises(NotFoundError, match=f"Patient {number} is not"):
            store.read(number)
        with pytest.raises(NotFoundError, match=f"Entry {number} "):
            store.void(number, "wrong")
    with pytest.raises(NotFoundError, match="record number 123"):
        store.find("123")


@pytest.mark.parametrize("number", [2**63, 2**70])
def test_a_number_too_large_for_the_database_is_not_found(store: Store, number: int) -> None:
    store.add_patient(a_patient())
    with pytest.raises(NotFoundError):
        store.read(number)
    with pytest.raises(NotFoundError):
        store.void(number, "wrong")


@pytest.mark.parametrize(
    "number",
    [
        "\ud80000124",
        "' OR 1=1 --",
        "%",
        "_____",
    ],
)
def test_a_hostile_record_number_is_not_found(store: Store, number: str) -> None:
    store.add_patient(a_patient())
    with pytest.raises(RecordsError, match="No patient"):
        store.find(number)
    assert store.patients(number) == ()


def test_a_record_number_is_found_as_it_was_typed(store: Store) -> None:
    store.add_patient(a_patient("Cafe\u0301 1 "))
    assert store.find("Cafe\u0301 1 ").patient.entry.record_number == "Café 1"


# --- changing, ending, voiding


def test_a_changed_patient_is_a_new_row_and_the_old_one_stays(store: Store) -> None:
    first = store.add_patient(a_patient())
    changed = store.change_patient(first.number, a_patient(name="New Name"), revision=first.number)
    record = store.find("00123")
    assert record.patient == changed
    assert record.number == first.number
    assert [each.entry.name for each in record.of(Patient)] == ["Łukasz O'Neil", "New Name"]


def test_a_later_writer_is_told_who_changed_what(store: Store) -> None:
    patient = store.add_patient(a_patient())
    other = store_of(store.engine, author="Dr Other")
    revision = store.read(patient.number).revision
    note = other.add(patient.number, a_note())
    with pytest.raises(ConflictError) as refused:
        store.change_patient(patient.number, a_patient(name="New"), revision=revision)
    assert f"Dr Other recorded a note on {short(note.author.at)}" in str(refused.value)
    with pytest.raises(ConflictError, match="Dr Other recorded a note"):
        store.add(patient.number, a_prescription(), revision=revision)
    for _ in range(3):
        other.void(other.add(patient.number, a_note()).number, "wrong")
    with pytest.raises(ConflictError, match="and 4 more"):
        store.add(patient.number, a_note(), revision=revision)
    assert "Łukasz" not in str(refused.value)
    again = store.read(patient.number).revision
    store.add(patient.number, a_note(), revision=again)
    assert store.read(patient.number).patient.entry.name == "Łukasz O'Neil"


@pytest.mark.parametrize("later", ["end", "void"])
def test_an_end_and_a_void_are_changes_that_a_later_writer_is_told_of(
    store: Store, later: str
) -> None:
    patient = store.add_patient(a_patient())
    dose = store.add(patient.number, a_prescription())
    revision = store.read(patient.number).revision
    if later == "end":
        store.end(dose.number, StopRecord(of=dose.number, at=at("2026-11-05T08:00")))
    else:
        store.void(dose.number, "wrong")
    assert store.read(patient.number).revision == revision + 1
    with pytest.raises(ConflictError):
        store.add(patient.number, a_note(), revision=revision)


@pytest.mark.parametrize("later", ["note", "void", "another patient"])
def test_an_end_beside_a_change_that_was_not_seen_is_refused(store: Store, later: str) -> None:
    patient, other = store.add_patient(a_patient()), store.add_patient(a_patient("2"))
    dose = store.add(patient.number, a_prescription())
    note = store.add(patient.number, a_note())
    revision, ending = note.number, StopRecord(of=dose.number, at=at("2026-11-05T08:00"))
    if later == "note":
        store.add(patient.number, a_note("seen by somebody else"))
    elif later == "void":
        store.void(note.number, "wrong")
    else:
        store.add(other.number, a_note())
        store.end(dose.number, ending, revision=revision)
        return
    with pytest.raises(ConflictError, match=f"{AUTHOR} recorded a {later} on 5 Nov 2026"):
        store.end(dose.number, ending, revision=revision)
    assert store.read(patient.number).of(Prescription)[0].ending is None
    store.end(dose.number, ending, revision=store.read(patient.number).revision)
    assert store.read(patient.number).of(Prescription)[0].ending is not None


def test_of_many_ends_at_once_one_is_stored_and_each_other_is_told(store: Store) -> None:
    patient = store.add_patient(a_patient())
    doses = [store.add(patient.number, a_prescription()).number for _ in range(4)]
    revision = store.read(patient.number).revision

    def end(number: int) -> bool:
        try:
            store.end(number, StopRecord(of=number, at=at("2026-11-05T08:00")), revision=revision)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(len(doses)) as people:
        stored = list(people.map(end, doses))
    assert stored.count(True) == 1
    ended = [each.ending is not None for each in store.read(patient.number).of(Prescription)]
    assert ended == stored


def test_what_was_changed_since_is_told_and_another_patients_change_is_not(store: Store) -> None:
    patient, other = store.add_patient(a_patient()), store.add_patient(a_patient("2"))
    revision = store.read(patient.number).revision
    store.add(other.number, a_note())
    assert store.changes_since(patient.number, revision) == ""
    dose = store.add(patient.number, a_prescription())
    told = store.changes_since(patient.number, revision)
    assert told.startswith(f"{AUTHOR} recorded a prescription on 5 Nov 2026, 08:00")
    assert store.changes_since(patient.number, dose.number) == ""
    for _ in range(4):
        store.add(patient.number, a_note())
    told = store.changes_since(patient.number, revision)
    assert told.count(" recorded a note on ") == 2
    assert told.endswith(" and 2 more")


def test_another_patients_change_is_no_conflict(store: Store) -> None:
    first, second = store.add_patient(a_patient("1")), store.add_patient(a_patient("2"))
    store.add(second.number, a_note())
    store.add(first.number, a_note(), revision=first.number)


def test_a_voided_entry_stays_listed_with_reason_name_and_time(store: Store) -> None:
    (number,) = fill(store)
    record = store.read(number)
    (level,) = record.of(Level)
    assert level.void is not None
    assert level.void.entry.reason == "another patient's sample"
    assert level.void.author.by == AUTHOR
    assert not level.is_active
    assert record.active(Level) == ()
    (dose,) = record.active(Prescription)
    assert dose.ending is not None
    assert dose.ending.entry.at == at("2026-11-06T08:00")


def test_an_entry_is_voided_once_and_ended_once(store: Store) -> None:
    (number,) = fill(store)
    (level,), (dose,) = store.read(number).of(Level), store.read(number).of(Prescription)
    with pytest.raises(
        RecordsError, match=rf"{level.number} was already voided by {AUTHOR} on 5 Nov 2026"
    ):
        store.void(level.number, "again")
    with pytest.raises(RecordsError, match="was already voided"):
        store.end(level.number, StopRecord(of=level.number, at=at("2026-11-06T08:00")))
    with pytest.raises(RecordsError, match=f"already ended by {AUTHOR} on 5 Nov 2026"):
        store.end(dose.number, StopRecord(of=dose.number, at=at("2026-11-07T08:00")))
    void = level.void
    assert void is not None
    with pytest.raises(NotFoundError, match="cannot be ended or voided"):
        store.void(void.number, "void of a void")


@pytest.mark.parametrize(
    ("kind", "ending", "told"),
    [
        (Prescription, {"at": at("2026-11-01T07:59")}, "before the beginning"),
        (Prescription, {"at": at("2026-11-01T08:00")}, ""),
        (Prescription, {"at": at("2026-11-01T08:01")}, ""),
        (Prescription, {"on": date(2026, 11, 30)}, "is a time, not a day"),
        (AdverseEvent, {"on": date(2026, 11, 2)}, "before the beginning"),
        (AdverseEvent, {"on": date(2026, 11, 3)}, ""),
        (AdverseEvent, {"on": date(2026, 11, 4)}, ""),
        (AdverseEvent, {"at": at("2026-11-30T08:00")}, "is a day, not a time"),
        (CoMedication, {"on": date(2026, 11, 3)}, "before the beginning"),
        (CoMedication, {"on": date(2026, 11, 4)}, ""),
        (CoMedication, {"on": date(2026, 11, 5)}, ""),
        (CoMedication, {"at": at("2026-11-30T08:00")}, "is a day, not a time"),
        (Condition, {"on": date(2026, 11, 3)}, "before the beginning"),
        (Condition, {"on": date(2026, 11, 4)}, ""),
        (Condition, {"on": date(2026, 11, 5)}, ""),
        (Condition, {"at": at("2026-11-30T08:00")}, "is a day, not a time"),
        (MissedDose, {"at": at("2026-11-02T07:59")}, "before the beginning"),
        (MissedDose, {"at": at("2026-11-02T08:00")}, ""),
        (MissedDose, {"at": at("2026-11-02T08:01")}, ""),
        (MissedDose, {"on": date(2026, 11, 30)}, "is a time, not a day"),
        *(
            (kind, {way: when}, ENDED)
            for kind in (Patient, Measurement, Level, LaboratoryValue, Response, Note)
            for way, when in (("on", date(2026, 11, 30)), ("at", at("2026-11-30T08:00")))
        ),
    ],
)  # fmt: skip
def test_only_what_lasts_ends_and_not_before_it_began(
    store: Store, kind: type[Entry], ending: dict[str, Any], told: str
) -> None:
    patient = store.add_patient(a_patient()).number
    for entry in every_kind():
        if isinstance(entry, kind):
            store.add(patient, entry)
    before = verify(store.engine)
    (number,) = (each.number for each in store.read(patient).of(kind))
    if not told:
        store.end(number, StopRecord(of=number, **ending))
        assert verify(store.engine).changes == before.changes + 1
        return
    with pytest.raises(UserError, match=told):
        store.end(number, StopRecord(of=number, **ending))
    assert verify(store.engine) == before


def test_one_missed_dose_is_over_at_once(store: Store) -> None:
    patient = store.add_patient(a_patient()).number
    number = store.add(patient, a_missed_dose()).number
    with pytest.raises(UserError, match=ENDED):
        store.end(number, StopRecord(of=number, at=at("2026-11-05T08:00")))


# --- voiding a change of a patient


def test_a_voided_change_of_a_patient_no_longer_counts(store: Store) -> None:
    first = store.add_patient(a_patient("1", "Anna")).number
    second = store.change_patient(first, a_patient("2", "Berta"), revision=first).number
    third = store.change_patient(first, a_patient("3", "Carla"), revision=second).number

    def known() -> tuple[str, str]:
        (listed,) = store.patients()
        record = store.find(listed.entry.record_number)
        assert record.patient.entry == listed.entry == store.read(first).patient.entry
        assert store.patients(listed.entry.name) == (listed,)
        return listed.entry.record_number, listed.entry.name

    assert known() == ("3", "Carla")
    store.void(second, "wrong")
    assert known() == ("3", "Carla")
    store.void(third, "another patient's number")
    assert known() == ("1", "Anna")
    for number in ("2", "3"):
        with pytest.raises(NotFoundError):
            store.find(number)
        store.add_patient(a_patient(number))
    assert store.patients("Carla") == ()
    told = [event.what for event in history(store.read(first))]
    assert told[-1] == f"voided patient {third}: another patient's number"
    again = store.change_patient(first, a_patient("4"), revision=store.read(first).revision).number
    assert store.find("4").patient.number == again
    assert verify(store.engine).is_whole


def test_a_change_is_not_voided_where_the_number_before_it_is_taken(store: Store) -> None:
    first = store.add_patient(a_patient("1")).number
    change = store.change_patient(first, a_patient("2"), revision=first).number
    other = store.add_patient(a_patient("1")).number
    before = verify(store.engine)
    with pytest.raises(RecordsError, match="Record number 1 belongs to another patient"):
        store.void(change, "wrong")
    assert verify(store.engine) == before
    store.void(other, "entered twice")
    store.void(change, "wrong")
    assert store.find("1").number == first


def test_a_change_of_a_voided_patient_can_be_voided_too(store: Store) -> None:
    first = store.add_patient(a_patient("1")).number
    change = store.change_patient(first, a_patient("2"), revision=first).number
    store.void(first, "entered twice")
    store.add_patient(a_patient("1"))
    store.void(change, "wrong")
    assert [each.entry.record_number for each in store.patients()] == ["1"]
    voided = [each.entry.record_number for each in store.patients(voided=True)]
    assert voided == ["1", "1"]


def test_an_end_is_stored_for_the_entry_that_was_checked(store: Store) -> None:
    first = store.add_patient(a_patient("1"))
    dose = store.add(first.number, a_prescription())
    second = store.add_patient(a_patient("2"))
    with pytest.raises(RecordsError):
        store.end(dose.number, StopRecord(of=second.number, at=at("2026-11-06T08:00")))


def test_nothing_is_added_to_a_voided_patient(store: Store) -> None:
    patient = store.add_patient(a_patient())
    store.void(patient.number, "entered twice")
    with pytest.raises(RecordsError, match="was already voided"):
        store.add(patient.number, a_note())
    with pytest.raises(RecordsError, match="was already voided"):
        store.change_patient(patient.number, a_patient(), revision=2)
    with pytest.raises(NotFoundError):
        store.find("00123")
    assert store.patients() == ()
    assert [each.number for each in store.patients(voided=True)] == [patient.number]


# --- searching


def test_all_records_are_each_patients_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches of two, with entries of one patient written down between those of another."""
    monkeypatch.setattr("monitoring.store.queries._BATCH", 2)
    assert list(store.records()) == []
    numbers = fill(store, 5)
    store.add(numbers[0], a_note("Seen again"))
    store.change_patient(
        numbers[1], a_patient("00999", "Another Name"), revision=store.read(numbers[1]).revision
    )
    assert list(store.records()) == [store.read(number) for number in numbers]
    store.void(numbers[2], "written down twice")
    store.void(numbers[4], "written down twice")
    assert [record.number for record in store.records()] == [*numbers[:2], numbers[3]]


def test_some_records_are_read_in_the_order_asked_for_as_each_alone(store: Store) -> None:
    fill(store)
    store.add_patient(a_patient(record_number="2"))
    numbers = [*reversed(store.patient_numbers())]
    assert len(numbers) > 1
    assert store.read_some(numbers) == tuple(store.read(number) for number in numbers)
    assert store.read_some([numbers[0], 999_999]) == (store.read(numbers[0]),)
    assert store.read_some([]) == ()


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_last_batch_may_be_full(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("monitoring.store.queries._BATCH", 2)
    numbers = fill(sqlite_store, count)
    assert [record.number for record in sqlite_store.records()] == list(numbers)


def test_who_reads_all_records_keeps_nobody_from_writing(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.store.queries._BATCH", 1)
    first, second = fill(sqlite_store, 2)
    records = sqlite_store.records()
    assert next(records).number == first
    sqlite_store.add(second, a_note("Written down meanwhile"))
    assert next(records) == sqlite_store.read(second)


def test_patients_are_listed_and_searched_by_part_of_name_or_number(store: Store) -> None:
    for number, name in (("A-1", "Zoe"), ("B%2", "anna"), ("C_3", "Anne O'Neil"), ("0.5", "Bob")):
        store.add_patient(a_patient(number, name))

    def found(search: str) -> set[str]:
        return {each.entry.name for each in store.patients(search)}

    assert found("") == {"Zoe", "anna", "Anne O'Neil", "Bob"}
    assert found("ANN") == {"anna", "Anne O'Neil"}
    assert found("o'n") == {"Anne O'Neil"}
    assert found("%") == {"anna"}
    assert found("_") == {"Anne O'Neil"}
    assert found("a-1") == {"Zoe"}
    assert found("nobody") == set()
    assert len(store.patients(limit=2)) == 2


def test_a_changed_patient_is_found_by_the_new_name_alone(store: Store) -> None:
    patient = store.add_patient(a_patient(name="Old Name"))
    store.change_patient(patient.number, a_patient(name="New Name"), revision=patient.number)
    assert store.patients("old") == ()
    assert [each.entry.name for each in store.patients("new")] == ["New Name"]


@pytest.mark.parametrize("search", ["ŁUKASZ", "Łukasz", "Ł"])
def test_a_name_is_found_in_capitals(store: Store, search: str) -> None:
    store.add_patient(a_patient())
    assert len(store.patients(search)) == 1


def test_a_name_is_found_in_small_letters(sqlite_store: Store) -> None:
    sqlite_store.add_patient(a_patient())
    assert len(sqlite_store.patients("łukasz")) == 1


# --- hostile text


def test_hostile_text_comes_back_cleaned_from_every_field(store: Store) -> None:
    hostile = " ".join(HOSTILE[:-1])
    patient = store.add_patient(a_patient(clean(hostile)[:64], hostile)).number
    for entry in every_kind():
        names = [
            field.name
            for field in fields(entry)
            if field.type is str and field.name not in {"protocol", "proposal", "rule_version"}
        ]
        changed: Any = replace(entry, **dict.fromkeys(names, hostile))
        added = store.add(patient, changed)
        read = store.read(patient).entries[-1].entry
        assert read == added.entry == changed
        assert {getattr(read, name) for name in names} == ({clean(hostile)} if names else set())
    store.void(store.add(patient, a_note()).number, hostile)
    (event,) = store.read(patient).of(AdverseEvent)
    store.end(event.number, StopRecord(of=event.number, on=date(2026, 11, 5), reason=hostile))
    record = store.read(patient)
    assert record.entries[-1].void is not None
    assert record.entries[-1].void.entry.reason == clean(hostile)
    (event,) = record.of(AdverseEvent)
    assert event.ending is not None
    assert event.ending.entry.reason == clean(hostile)
    assert store.find(clean(hostile)[:64]).patient.entry.name == clean(hostile)
    assert verify(store.engine).is_whole


def test_each_hostile_text_comes_back_cleaned(store: Store) -> None:
    patient = store.add_patient(a_patient()).number
    for hostile in HOSTILE:
        store.add(patient, a_note(hostile))
    notes = store.read(patient).of(Note)
    assert [note.entry.text for note in notes] == [clean(hostile) for hostile in HOSTILE]


@pytest.mark.parametrize("hostile", ["\ud800", "\x1b[2J"])
@pytest.mark.parametrize("name", ["proposal", "rule_version"])
def test_hostile_text_in_a_proposal_is_cleaned_or_refused_in_words(
    store: Store, name: str, hostile: str
) -> None:
    patient = store.add_patient(a_patient())
    try:
        store.add(patient.number, replace(a_prescription(), **{name: hostile}))  # type: ignore[arg-type]
    except RecordsError:
        return
    assert ascii(getattr(store.read(1).entries[-1].entry, name)) == ascii(clean(hostile))


# --- nothing is erased


def test_the_database_itself_refuses_to_change_or_remove_a_row(engine: Engine) -> None:
    fill(store_of(engine))
    fill_0003(store_of(engine))
    fill_0010(store_of(engine))
    for table in ("audit", *TABLES.keys() - {"removal"}):  # which nothing here has
        key = "number" if table == "audit" else "entry"
        copied = f"INTO {table} SELECT * FROM {table}"  # noqa: S608 - the tests' own names
        statements = [
            f"UPDATE {table} SET patient = 7",  # noqa: S608
            f"UPDATE {table} SET {key} = {key} + 100",  # noqa: S608
            f"DELETE FROM {table}",  # noqa: S608
            f"INSERT {copied}",
        ]
        if engine.dialect.name == "sqlite":
            statements += [
                f"INSERT OR REPLACE {copied}",
                f"REPLACE {copied}",
                f"UPDATE OR REPLACE {table} SET patient = 7",  # noqa: S608
            ]
        for statement in statements:
            with pytest.raises(DBAPIError), engine.begin() as connection:
                connection.execute(text(statement))
    assert verify(engine).is_whole


def test_truncate_is_refused_too(new_postgres: Callable[[], Place]) -> None:
    engine = prepared(new_postgres())
    fill(store_of(engine))
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("TRUNCATE audit CASCADE"))
    assert verify(engine).changes == FILLED


# --- SQLite's settings


def test_columns_are_strict_on_sqlite(sqlite_store: Store) -> None:
    fill(sqlite_store)
    for statement in (
        "INSERT INTO void VALUES (1, 1, 'two', 'reason')",
        "INSERT INTO void VALUES (1, 1, 2.5, 'reason')",
        "INSERT INTO note (entry, patient, \"on\", text) VALUES (1, 1, '2026-11-05', x'00')",
        "INSERT INTO note (entry, patient, \"on\", text) VALUES (1, 1, NULL, 'text')",
        "INSERT INTO note (entry, patient, \"on\", text) VALUES (999, 1, '2026-11-05', 'text')",
    ):
        with pytest.raises(DBAPIError), sqlite_store.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("journal_mode", "delete"),
        ("synchronous", 3),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("trusted_schema", 0),
    ],
)
def test_sqlite_is_set_so_that_nothing_is_lost(
    sqlite_store: Store, setting: str, value: str | int
) -> None:
    with sqlite_store.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {setting}").scalar() == value


def test_every_write_is_committed_with_these_settings(sqlite_store: Store) -> None:
    found: list[list[object]] = []

    def look(connection: Connection) -> None:
        settings = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        found.append([connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in settings])

    event.listen(sqlite_store.engine, "commit", look)
    fill(sqlite_store, patients=2)
    assert found == [["delete", 3, 1, 1]] * 2 * FILLED


def test_the_folder_and_the_file_are_this_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    old = os.umask(0)
    try:
        place = Place.of(None)
        fill(store_of(prepared(place)))
    finally:
        os.umask(old)
    file = place.file
    assert file is not None
    assert tmp_path in file.parents
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "name",
    [
        "50% of #1",
        "what?",
        "Łukasz & co",
        "a b",
        "%41",
    ],
)
def test_a_folder_of_any_name_can_hold_the_records(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / "records.sqlite"
    file.parent.mkdir()
    fill(store_of(prepared(Place.of(str(file)))))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM audit").fetchone() == (FILLED,)
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("address", ["mysql://host/records", "://", "sqlite://"])
def test_an_address_that_is_no_place_for_records_is_refused(address: str) -> None:
    with pytest.raises(RecordsError):
        Place.of(address)


# --- opening


def test_open_records_makes_them_and_names_the_author(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "records.sqlite"
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(file))
    monkeypatch.setenv("SIROLIMUS_USER", "Dr\x1b Env")
    added = open_records(create=True).store.add_patient(a_patient())
    assert added.author.by == "Dr Env"
    opened = open_records(str(file), author="Dr Given")
    assert opened.place.file == file
    assert opened.store.add(added.number, a_note()).author.by == "Dr Given"


def test_nobody_writes_without_a_name(tmp_path: Path) -> None:
    records = open_records(str(tmp_path / "records.sqlite"), author="\u200b", create=True)
    assert records.store.add_patient(a_patient()).author.by


# --- several writers


def _write_many(place: Place, number: int, writer: int, times: int) -> None:
    """Add notes, and add to the patient's allergies by reading, changing and trying again."""
    store = Store(engine_of(place), f"Dr {writer}", lambda: Moment.now("UTC"))
    for index in range(times):
        store.add(number, a_note(f"{writer}/{index}"))
    for index in range(times):
        while True:
            record = store.read(number)
            known = record.patient.entry
            changed = replace(known, allergies=f"{known.allergies} {writer}/{index}")
            try:
                store.change_patient(number, changed, revision=record.revision)
            except ConflictError:
                continue
            break


@sizes(3, 10)
def test_eight_processes_on_one_record_lose_nothing(place: Place, size: int) -> None:
    store = store_of(prepared(place))
    number = store.add_patient(a_patient()).number
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.monitoring.conftest"])
    writers = [
        processes.Process(target=_write_many, args=(place, number, each, size))
        for each in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    record = store.read(number)
    written = [f"{writer}/{index}" for writer in range(WRITERS) for index in range(size)]
    assert sorted(note.entry.text for note in record.of(Note)) == sorted(written)
    assert sorted(record.patient.entry.allergies.split()[1:]) == sorted(written)
    assert len(record.entries) == 1 + 2 * len(written)
    assert verify(store.engine).is_whole


def test_an_event_can_end_on_a_day(store: Store) -> None:
    patient = store.add_patient(a_patient()).number
    event = store.add(patient, AdverseEvent(term="Rash", since=date(2026, 11, 3)))
    store.end(event.number, StopRecord(of=event.number, on=date(2026, 11, 5)))
    (read,) = store.read(patient).of(AdverseEvent)
    assert read.ending is not None
    assert read.ending.entry.on == date(2026, 11, 5)
