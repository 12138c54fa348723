"""The index of the worklist in the store: what is kept, when it is used, and when it is not."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from dosing.knowledge.clinic_limits import DEFAULT_LIMITS
from dosing.knowledge.monitoring_schedule import GENEREVIEWS
from monitoring.clinic_choices import ClinicChoices
from monitoring.record.entries import StopRecord
from monitoring.store.connection import Place, reading, writing
from monitoring.store.opening import open_records
from monitoring.store.store import Store
from monitoring.store.verify import verify
from monitoring.store.worklist_lines import StoredLine
from monitoring.summary import summarise
from monitoring.terms import Urgency
from monitoring.times import Moment
from monitoring.worklist_index import index
from monitoring.worklist_index.index import WorklistIndex, rows_of_all
from monitoring.worklist_index.row import WorklistRow, row_of
from tests.builders import a_dose, a_level, a_note, a_patient, a_side_effect, at, held_doses, later
from tests.stores import fill, prepared, store_of

NOW = at("2026-11-24T22:00")


def stale(store: Store, now: Moment = NOW, **choices: object) -> list[int]:
    clinic = ClinicChoices(**choices)  # type: ignore[arg-type]  # names of its fields
    return [e.patient for e in WorklistIndex(store, now, clinic).patients() if e.row is None]


def from_records(store: Store, now: Moment = NOW) -> list[WorklistRow]:
    rows = [row_of(summarise(each, now)) for each in store.records()]
    return sorted(rows, key=lambda each: each.order)


def lines_in(store: Store) -> int:
    with reading(store.engine, "count") as connection:
        return int(connection.execute(text("SELECT count(*) FROM worklist_line")).scalar_one())


def test_the_rows_are_kept_and_read_again(store: Store) -> None:
    numbers = fill(store, 3)
    head = store.head()
    assert stale(store) == list(numbers)
    assert rows_of_all(store, NOW) == from_records(store)
    assert (stale(store), lines_in(store)) == ([], 3)
    assert rows_of_all(store, NOW) == from_records(store)
    assert store.head() == head
    assert verify(store.engine).is_whole


def test_every_change_makes_one_line_stale(store: Store) -> None:
    number, other = fill(store, 2)
    rows_of_all(store, NOW)
    dose = store.add(number, a_dose("2026-11-10T08:00"))
    assert stale(store) == [number]
    assert rows_of_all(store, NOW) == from_records(store)
    changes: tuple[Callable[[], object], ...] = (
        lambda: store.add(number, a_level("31 ng/mL", "2026-11-20T08:00")).number,
        lambda: store.add(number, held_doses("2026-11-22T20:00", None, is_open=True)).number,
        lambda: store.add(number, a_side_effect("Pneumonitis", "2026-11-20", 3)).number,
        lambda: store.void(number + 1, "another patient's").number,
        lambda: (
            store.end(
                dose.number, StopRecord(of=dose.number, at=at("2026-11-23T08:00"), reason="stop")
            ).number
        ),
        lambda: (
            store.change_patient(
                other, a_patient("9", "Renamed"), store.read(other).revision
            ).number
        ),
    )
    for change in changes:
        change()
        assert len(stale(store)) == 1
        assert rows_of_all(store, NOW) == from_records(store)
    store.void(other, "twice")
    assert [each.patient for each in rows_of_all(store, NOW)] == [number]


@pytest.mark.parametrize(
    ("moment", "number_stale"),
    [
        (later(NOW, seconds=-1), 1),
        (NOW, 0),
        (later(NOW, days=179), 0),
        (later(NOW, days=180), 1),
        (replace(NOW, zone="America/New_York"), 1),
    ],
)
def test_a_line_is_used_inside_its_pieces_alone(
    sqlite_store: Store, moment: Moment, number_stale: int
) -> None:
    fill(sqlite_store)
    rows_of_all(sqlite_store, NOW)
    assert len(stale(sqlite_store, moment)) == number_stale
    assert rows_of_all(sqlite_store, moment) == from_records(sqlite_store, moment)


def test_other_choices_and_other_rules_have_their_own_lines(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = fill(sqlite_store)
    rows_of_all(sqlite_store, NOW)
    assert stale(sqlite_store, rhythm=GENEREVIEWS) == [number]
    assert stale(sqlite_store, grading="CTCAE v6.0") == []
    rows_of_all(sqlite_store, NOW, ClinicChoices(rhythm=GENEREVIEWS))
    assert (stale(sqlite_store), stale(sqlite_store, rhythm=GENEREVIEWS)) == ([], [])
    monkeypatch.setattr(index, "rules_hash", lambda: "0" * 64)
    assert stale(sqlite_store) == [number]
    assert rows_of_all(sqlite_store, NOW) == from_records(sqlite_store)
    assert lines_in(sqlite_store) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "SET text = replace(text, 'until', 'untii')",
        "SET text = text || ' '",
        "SET text = ''",
        "SET hash = lower(hex(randomblob(32)))",
        "SET patient = patient + 1",
    ],
)
def test_a_damaged_line_is_made_anew(sqlite_store: Store, damage: str) -> None:
    numbers = fill(sqlite_store, 2)
    rows_of_all(sqlite_store, NOW)
    with writing(sqlite_store.engine, "damage", has_trail=False) as connection:
        connection.execute(text(f"UPDATE worklist_line {damage} WHERE patient = {numbers[1]}"))
    assert stale(sqlite_store) == [numbers[1]]
    assert rows_of_all(sqlite_store, NOW) == from_records(sqlite_store)
    assert verify(sqlite_store.engine).is_whole


@pytest.mark.parametrize(
    "written", ["[]", "{}", '{"until":9e99,"pieces":[[0]]}', "null", "\x1b[2J"]
)
def test_a_line_of_another_program_is_made_anew(sqlite_store: Store, written: str) -> None:
    (number,) = fill(sqlite_store)
    key = index.key_of(NOW, ClinicChoices(), DEFAULT_LIMITS)
    revision = sqlite_store.read(number).revision
    sqlite_store.keep_worklist_lines([StoredLine(number, revision, written)], key)
    assert stale(sqlite_store) == [number]
    assert rows_of_all(sqlite_store, NOW) == from_records(sqlite_store)


def test_records_that_cannot_be_written_are_read_without_an_index(
    new_sqlite: Callable[[], Place],
) -> None:
    place = new_sqlite()
    fill(store_of(prepared(place)), 2)
    with_address = f"sqlite:///{place.file}?mode=ro"
    store = open_records(with_address, throw_away=True).store
    assert rows_of_all(store, NOW) == from_records(store)
    assert lines_in(store) == 0


def test_the_line_that_was_read_is_of_one_state_of_the_records(sqlite_place: Place) -> None:
    """Another program writes between the reading of a record and the keeping of its line."""
    store = store_of(prepared(sqlite_place))
    (number,) = fill(store)
    asked = WorklistIndex(store, NOW)
    summaries = asked.summaries_of([number])
    store.add(number, a_note("meanwhile"))
    asked.keep(summaries)
    assert stale(store) == [number]


def test_a_pneumonitis_of_the_patient_450_of_500_is_first(sqlite_store: Store) -> None:
    clock = at("2026-11-01T08:00")
    new = [a_patient(f"{each:05}", f"Sample {each:03}") for each in range(1, 501)]
    entries = [(each, a_dose(clock)) for each in new]
    ill = [(new[449], a_side_effect("Pneumonitis", "2026-11-20", 3))]
    high = [(new[3], a_level("35 ng/mL", "2026-11-20T08:00"))]
    sqlite_store.add_all([*entries, *high, *ill], 0, patients=new)
    for _ in range(2):
        first, second, *others = rows_of_all(sqlite_store, NOW)
        assert (first.name, first.urgency) == ("Sample 450", Urgency.URGENT)
        assert first.reason.startswith("Pneumonitis of grade 3")
        assert (second.name, second.urgency) == ("Sample 004", Urgency.URGENT)
        assert len(others) == 498
        assert not [each for each in others if each.urgency is Urgency.URGENT]


def test_a_line_holds_no_more_than_the_row(sqlite_place: Place) -> None:
    """A note's text is in the record alone."""
    store = store_of(prepared(sqlite_place))
    number = store.add_patient(a_patient()).number
    store.add(number, a_note("a secret of the family"))
    rows_of_all(store, NOW)
    assert sqlite_place.file is not None
    with closing(sqlite3.connect(sqlite_place.file)) as connection:
        (line,) = connection.execute("SELECT text FROM worklist_line").fetchone()
    assert "secret" not in line
    assert Path(sqlite_place.file).exists()


def test_a_record_with_an_entry_that_cannot_be_read_has_no_line(sqlite_store: Store) -> None:
    """Once the row of the entry is corrected, nothing in the audit trail says so."""
    number = sqlite_store.add_patient(a_patient()).number
    sqlite_store.add(number, a_dose("2026-11-01T08:00"))
    sqlite_store.add(number, a_side_effect("Pneumonitis", "2026-11-20", 3))
    for since, reason in (("lost", "The record is incomplete"), ("2026-11-20", "Pneumonitis")):
        with writing(sqlite_store.engine, "damage", has_trail=False) as connection:
            for (name,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' "
                "AND tbl_name = 'adverse_event'"
            ).all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            connection.exec_driver_sql("UPDATE adverse_event SET since = ?", (since,))
        (row,) = rows_of_all(sqlite_store, NOW)
        assert row.reason.startswith(reason)
        assert [row] == from_records(sqlite_store)
