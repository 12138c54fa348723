"""A row that is no entry any more: left out, kept on the record, and in the way of no other."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.record.entries import UnreadableEntry
from monitoring.record.level import Level
from monitoring.record.patient import Patient
from monitoring.state import state_at
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import RecordsError
from monitoring.store.store import Store
from tests.builders import a_note, a_patient, at
from tests.stores import store_of

NOW = at("2026-11-29T12:00")


def damage(place: Place, table: str, assignment: str) -> None:
    """Change every row of a table from outside, which its triggers would forbid."""
    assert place.file is not None
    with closing(sqlite3.connect(Path(place.file))) as connection, connection:
        connection.execute(f"DROP TRIGGER {table}_no_update")
        connection.execute(f"UPDATE {table} SET {assignment}")  # noqa: S608 - tables of ours


@pytest.mark.parametrize(
    ("table", "assignment", "why"),
    [
        ("note", "text = CAST(x'41ff42' AS TEXT)", "its text is not valid"),
        ("co_medication", "since = '2026-11-0?'", "its since is not valid"),
        ("prescription", "dose_mg = 'much'", "its dose mg is not valid"),
        ("adverse_event", "since = '2026-13-01'", "its since is not valid"),
        ("laboratory_value", "value_number = ''", "its value is not valid"),
        ("measurement", "weight_unit = 'stones'", "its weight is not valid"),
        ("void", "reason = ''", "its values do not fit together"),
        ("ending", "at_utc = 'x'", "its at is not valid"),
        ("note", "text = ''", "its values do not fit together"),
    ],
)
def test_an_entry_that_cannot_be_read_stays_on_the_record_and_stops_a_dose(
    table: str, assignment: str, why: str, filled_store: Store, filled_place: Place
) -> None:
    whole = filled_store.read(1)
    damage(filled_place, table, assignment)
    store, told = store_of(engine_of(filled_place)), list[UnreadableEntry]()
    store.on_unreadable = told.append
    record = store.find("00000")
    assert {(each.kind, each.why) for each in told} == {(table, why)}
    assert all(each.record_number == "00000" for each in told)
    assert record.revision == whole.revision
    assert len(list(store.records())) == 2
    codes = {each.code for each in state_at(record, NOW).contraindications}
    assert "record-incomplete" in codes
    store.add(1, a_note("still possible"), revision=record.revision)


def test_a_voided_entry_that_cannot_be_read_counts_no_more(
    filled_store: Store, filled_place: Place
) -> None:
    """The level of these patients is voided already."""
    damage(filled_place, "level", "value_number = '?'")
    record = store_of(engine_of(filled_place)).read(1)
    assert record.of(Level) == ()
    assert [(each.kind, each.is_active) for each in record.unreadable] == [("level", False)]
    assert "record-incomplete" not in {e.code for e in state_at(record, NOW).contraindications}
    assert record.revision == filled_store.read(1).revision


def test_a_patients_earlier_row_stands_in_for_one_that_cannot_be_read(
    sqlite_store: Store, sqlite_place: Place
) -> None:
    number = sqlite_store.add_patient(a_patient("1", "Sample First")).number
    change = sqlite_store.change_patient(
        number, a_patient("1", "Sample Second"), revision=number
    ).number
    damage(sqlite_place, "patient", f"born = '?' WHERE entry = {change}")
    record = store_of(engine_of(sqlite_place)).read(number)
    assert record.patient.entry.name == "Sample First"
    assert [(each.kind, each.number) for each in record.unreadable] == [("patient", change)]


def test_a_voided_patient_whose_first_row_cannot_be_read_stays_away(
    sqlite_store: Store, sqlite_place: Place
) -> None:
    number = sqlite_store.add_patient(a_patient("1")).number
    sqlite_store.change_patient(number, a_patient("1", "Sample Second"), revision=number)
    other = sqlite_store.add_patient(a_patient("2")).number
    sqlite_store.void(number, "another hospital's")
    damage(sqlite_place, "patient", f"born = '?' WHERE entry = {number}")
    assert [each.number for each in store_of(engine_of(sqlite_place)).records()] == [other]


def test_a_patient_without_a_row_that_can_be_read_hides_no_other(
    sqlite_store: Store, sqlite_place: Place
) -> None:
    lost = sqlite_store.add_patient(a_patient("1")).number
    kept = sqlite_store.add_patient(a_patient("2")).number
    damage(sqlite_place, "patient", f"sex = 'x' WHERE entry = {lost}")
    store, told = store_of(engine_of(sqlite_place)), list[UnreadableEntry]()
    store.on_unreadable = told.append
    assert [each.number for each in store.records()] == [kept]
    assert [each.number for each in store.read_some([lost, kept])] == [kept]
    assert [each.patient for each in store.patients()] == [kept]
    assert [str(each) for each in told] == [f"patient {lost} of patient number {lost}"] * 3
    with pytest.raises(RecordsError, match="its sex is not valid"):
        store.read(lost)
    assert isinstance(store.read(kept).patient.entry, Patient)
