"""A removed patient leaves no byte in the records, and the rest verifies as before."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dosing import Sex, UserError
from dosing.version import VERSION
from monitoring.exchange.export import export, restore_export
from monitoring.exchange.merging import MergePlan, read_merge, write_merge
from monitoring.exchange.patient_removal import (
    export_patient,
    plan_removal,
    remove_patient,
)
from monitoring.recall.printing import log_page_of_patient
from monitoring.recall.recall import WantedBuild, recall_of
from monitoring.record.duplicate_patients import removed_before
from monitoring.record.entries import Record
from monitoring.record.removal import Removal, seal_of, sign_of
from monitoring.store import replacing
from monitoring.store.backup import back_up, restore
from monitoring.store.connection import Place, engine_of
from monitoring.store.encryption.in_place import decrypt, encrypt
from monitoring.store.errors import ConflictError, NotFoundError, RecordsError
from monitoring.store.opening import Records, open_records, store_in_memory
from monitoring.store.print_log import PrintedDocument, printed_pages
from monitoring.store.recovery.recover import recover
from monitoring.store.rows import row_of
from monitoring.store.verify import Verification, verify
from monitoring.summary import summarise
from monitoring.worklist_index.index import WorklistIndex
from tests.builders import a_level, a_note, a_patient, at, every_kind
from tests.encrypted import a_key_file
from tests.monitoring.exchange.incoming_items import an_item, brought_in, who
from tests.stores import changes_of, fill

M, NAME = "REM-4711", "Łukasz Quanary [/] <img src=x>"
KEPT = "00124"
TEXTS = (M, "Quanary", "=1+1 quanary note", "hygroma quanary")
WHY = "retention has ended"
NOW = at("2026-11-30T09:00")


def filled(place: Place) -> Records:
    """Return records with two patients, one of them with texts that are looked for."""
    records = open_records(str(place), "Dr Example", create=True)
    store = records.store
    store.add_patient(a_patient(KEPT, "Sample Kept", diagnosis="other"))
    number = store.add_patient(a_patient(M, NAME, diagnosis="hygroma quanary")).number
    for entry in every_kind():
        store.add(number, entry)
    store.add(1, a_note("an entry between"))
    store.add(number, a_note("=1+1 quanary note"))
    for patient in (1, number):
        read = summarise(store.read(patient), NOW)
        log_page_of_patient(store, PrintedDocument.SUMMARY, read, pytest.fail)
    return records


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the records before and after the removal, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    filled(Place.of(str(folder / "before.sqlite")))
    shutil.copy(folder / "before.sqlite", folder / "after.sqlite")
    removed(open_records(str(folder / "after.sqlite"), "Dr Example"), folder / "out")
    return folder


@pytest.fixture
def records(made_once: Path, tmp_path: Path) -> Records:
    """Return the records before the removal."""
    (tmp_path / "records").mkdir()
    file = shutil.copy(made_once / "before.sqlite", tmp_path / "records" / "records.sqlite")
    return open_records(str(file), "Dr Example")


@pytest.fixture
def after(made_once: Path, tmp_path: Path) -> Records:
    """Return the records after the removal."""
    file = shutil.copy(made_once / "after.sqlite", tmp_path / "after.sqlite")
    return open_records(str(file), "Dr Example")


def file_of(records: Records) -> Path:
    assert records.place.file is not None
    return records.place.file


def removed(records: Records, folder: Path, number: str = M) -> Verification:
    plan = plan_removal(records.store, number)
    export_patient(records.store, plan, folder)
    return remove_patient(records, plan, WHY)


def found_in(folder: Path, texts: tuple[str, ...] = TEXTS) -> dict[str, list[str]]:
    """Return the texts that the bytes of the files of a folder hold."""
    found = {
        each.name: [sign for sign in texts if sign.encode() in each.read_bytes()]
        for each in folder.iterdir()
        if each.is_file()
    }
    return {name: signs for name, signs in found.items() if signs}


def remarks(found: Verification) -> str:
    return " ".join(f"{each.where} {each.what}" for each in found.remarks)


def tampered(place: Place, *statements: str) -> list[str]:
    """Change the file as somebody with SQLite at hand could, and return what verify finds."""
    assert place.file is not None
    with closing(sqlite3.connect(place.file, isolation_level=None)) as connection:
        made = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in made:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in made:
            connection.execute(sql)
    return [f"{each.where} {each.what}" for each in verify(engine_of(place)).findings]


def emptied(note: int) -> tuple[str, str]:
    """Return the statements that remove a note as the program removes what it may."""
    nothing = "\"by\" = '', at_utc = '', at_zone = ''"
    return (
        f"DELETE FROM note WHERE entry = {note}",  # noqa: S608 - a number
        f"UPDATE audit SET kind = 'removed', {nothing} WHERE number = {note}",  # noqa: S608 - as above
    )


# --- nothing is left


def test_no_byte_of_the_patient_is_left_and_the_rest_verifies(
    records: Records, tmp_path: Path
) -> None:
    file, before = file_of(records), changes_of(records.store.engine)
    own = tmp_path / "own"
    own.mkdir()
    same = own / "same"
    same.hardlink_to(file)  # the old file by another name
    assert found_in(file.parent)
    found = removed(records, tmp_path / "out")
    assert found.is_whole
    assert found.changes == len(before) + 1
    assert found_in(tmp_path / "out")
    shutil.rmtree(tmp_path / "out")
    assert found_in(file.parent) == found_in(own) == {}
    after = changes_of(records.store.engine)
    assert [each.hash for each in after[:-1]] == [each.hash for each in before]
    kept = [each for each in before if each.link.patient == 1]
    assert [each for each in after if each.link.patient == 1] == kept
    stubs = [each for each in after[:-1] if each.link.patient != 1]
    assert {(each.link.kind, each.link.by, each.link.at_utc) for each in stubs} == {
        ("removed", "", "")
    }
    assert [each.patient for each in printed_pages(records.store.engine)] == [1]
    assert "removed patient 2 with" in remarks(found)
    assert f"by Dr Example: {WHY}" in remarks(found)


def test_the_record_goes_on_after_a_removal(after: Records) -> None:
    store = after.store
    with pytest.raises(NotFoundError, match="No patient has the record number"):
        store.find(M)
    with pytest.raises(NotFoundError, match=r"Patient 2 was removed on .* by Dr Example"):
        store.read(2)
    store.add(1, a_note("afterwards"))
    again = store.add_patient(a_patient(M, "Sample Anew"))
    assert [each.patient.entry.name for each in store.records()] == ["Sample Kept", "Sample Anew"]
    assert store.find(M).number == again.number
    assert verify(store.engine).is_whole
    assert [each.number for each in store.read_some([1, 2])] == [1]
    reopened = open_records(str(after.place))
    assert reopened.lack is None


def test_a_removed_number_is_told_with_the_day(records: Records, after: Records) -> None:
    assert removed_before(records.store, M) == ""
    day = after.store.removals()[0].author.at.local.strftime("%-d %b %Y")
    assert f"removed on {day}" in removed_before(after.store, f" {M} ")
    assert removed_before(after.store, KEPT) == ""
    assert len({sign_of(f"{number:06d}") for number in range(5000)}) > 2000


def test_an_import_never_brings_a_removed_patient_back_unasked(after: Records) -> None:
    """A laboratory reports on: its results wait, and a person decides."""
    patient = who(M, name=NAME, born="2024-02-29", sex=Sex.MALE)
    plan = brought_in(after, an_item(patient=patient), new_patients=True)
    assert plan.new_patients == ()
    assert "may be of a patient removed on" in plan.waiting[0].why
    other = who("777", name="Sample Other", born="2024-02-29", sex=Sex.MALE)
    assert len(brought_in(after, an_item(patient=other), new_patients=True).new_patients) == 1


def test_the_first_patient_of_the_records_can_be_removed(records: Records, tmp_path: Path) -> None:
    assert removed(records, tmp_path / "out", KEPT).is_whole
    assert open_records(str(records.place)).lack is None
    assert [each.patient.entry.record_number for each in records.store.records()] == [M]


def test_a_session_that_read_the_patient_before_writes_nothing_of_it_afterwards(
    records: Records, tmp_path: Path
) -> None:
    """Another window has the summary still: it keeps its line of the worklist, and prints."""
    other = open_records(str(records.place), "Dr Other").store
    index = WorklistIndex(other, NOW)
    read = index.summaries_of([1, 2])
    removed(records, tmp_path / "out")
    index.keep(read)
    told: list[str] = []
    log_page_of_patient(other, PrintedDocument.SUMMARY, read[1], told.append)
    assert "Patient 2 was removed" in told[0]
    assert [each.patient for each in printed_pages(other.engine)] == [1]
    assert [each.patient for each in index.patients()] == [1]
    assert found_in(file_of(records).parent) == {}
    found = recall_of(other, WantedBuild(VERSION))
    assert [each.record.number for each in found.patients] == [1]
    assert found.removed == found.to_dict()["removed_patients"] == 1


def test_two_removals_follow_each_other(records: Records, tmp_path: Path) -> None:
    removed(records, tmp_path / "one")
    found = removed(records, tmp_path / "two", KEPT)
    assert found.is_whole
    assert len(found.remarks) == 2
    assert list(records.store.records()) == []


def test_waiting_results_of_the_patient_are_removed_and_others_stay(
    sqlite_place: Place, tmp_path: Path
) -> None:
    before = open_records(str(sqlite_place), "Dr Example")
    swapped = who("UNKNOWN-1", name="QUANARY [/] <img src=x>, Łukasz", born="2024-02-29")
    other = who("UNKNOWN-2", name="Sample Other", born="2024-02-29")
    brought_in(
        before,
        an_item(patient=who(M)),
        an_item("8 ng/mL", patient=swapped),
        an_item("9 ng/mL", patient=other),
    )
    records = filled(sqlite_place)
    plan = plan_removal(records.store, M)
    assert plan.waiting == 2
    removed(records, tmp_path / "out")
    shutil.rmtree(tmp_path / "out")
    assert found_in(file_of(records).parent) == {}
    with records.store.engine.connect() as connection:
        left = connection.execute(text("SELECT identity FROM waiting")).scalars().all()
    assert [json.loads(each)["name"] for each in left] == ["Sample Other"]


def test_a_record_merged_into_the_patient_is_removed_with_it(
    records: Records, tmp_path: Path
) -> None:
    store = records.store
    former = store.add_patient(a_patient("OLD-99", NAME)).number
    store.add(former, a_level("6 ng/mL", "2026-10-01T07:45"))
    revision, plan = read_merge(store, "OLD-99", M)
    assert isinstance(plan, MergePlan)
    write_merge(store, plan, "quanary reason", revision, NOW)
    with pytest.raises(RecordsError, match=f"was merged into {M}. Remove {M}"):
        plan_removal(store, "OLD-99")
    assert plan_removal(store, M).numbers == (2, former)
    assert removed(records, tmp_path / "out").is_whole
    shutil.rmtree(tmp_path / "out")
    assert found_in(file_of(records).parent, (*TEXTS, "OLD-99", "quanary reason")) == {}


def test_a_voided_record_can_be_removed(records: Records, tmp_path: Path) -> None:
    records.store.void(2, "typed twice")
    assert removed(records, tmp_path / "out").is_whole
    shutil.rmtree(tmp_path / "out")
    assert found_in(file_of(records).parent) == {}


def test_entries_of_others_that_name_the_patient_are_listed(records: Records) -> None:
    store = records.store
    note = store.add(1, a_note(f"brother of {NAME.upper()}, see there")).number
    other = store.add(1, a_note(f"see ({M})")).number
    store.add(1, a_note(f"another number {M}0"))
    assert plan_removal(store, M).named_elsewhere == (f"note {note}", f"note {other}")


def test_the_reason_may_not_name_the_patient(records: Records) -> None:
    plan = plan_removal(records.store, M)
    for reason in (f"wish of {NAME}", f"file {M}"):
        with pytest.raises(UserError, match="names the patient"):
            remove_patient(records, plan, reason)
    with pytest.raises(UserError, match="reason is empty"):
        remove_patient(records, plan, " ")
    assert records.store.find(M)


# --- the export before


def as_rows(record: Record) -> list[object]:
    """Return what a record holds, without the numbers that its entries have in the store."""
    rows: list[object] = []
    for each in record.entries:
        marks = [mark.entry for mark in (each.ending, each.void) if mark]
        cells = [{**row_of(entry), "of": None} for entry in (each.entry, *marks)]
        rows.append((cells, each.author))
    return rows


def test_the_export_is_read_back_and_imported_as_the_same_record(
    records: Records, tmp_path: Path
) -> None:
    numbers = fill(records.store, 1)
    number = records.store.read(numbers[0]).patient.entry.record_number
    before = as_rows(records.store.read(numbers[0]))
    plan = plan_removal(records.store, number)
    assert export_patient(records.store, plan, tmp_path / "out") == plan.changes
    with store_in_memory() as other:
        restore_export(other.engine, tmp_path / "out")
        [record] = other.records()
        assert as_rows(record) == before


def test_nothing_is_removed_where_the_export_fails_or_the_record_changed(
    records: Records, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "there").touch()
    plan = plan_removal(records.store, M)
    with pytest.raises(UserError, match="not empty"):
        export_patient(records.store, plan, tmp_path / "out")
    export_patient(records.store, plan, tmp_path / "good")
    records.store.add(1, a_note("meanwhile"))
    with pytest.raises(ConflictError, match="Nothing was removed"):
        export_patient(records.store, plan, tmp_path / "late")
    before = file_of(records).read_bytes()
    with pytest.raises(ConflictError, match="Nothing was removed"):
        remove_patient(records, plan, WHY)
    assert file_of(records).read_bytes() == before


# --- the seal


def test_one_entry_cannot_be_removed_under_a_removal(after: Records) -> None:
    """Not under an old one, not under one of its own, not with what stays of the patient."""
    mine = [c for c in changes_of(after.store.engine) if c.link.kind == "note"][-1].link.number
    found = tampered(after.place, *emptied(mine))
    assert found == [f"change {mine} of patient 1 was removed without a removal"]
    moved = f"UPDATE audit SET patient = 2 WHERE number = {mine}"  # noqa: S608 - a number
    found = tampered(after.place, moved)
    assert len(found) == 1
    assert "does not cover the changes that are missing" in found[0]


def test_a_removal_written_for_one_entry_is_found(records: Records) -> None:
    """A forger with the file makes a removal that is right in itself and covers one entry only."""
    store, mine = records.store, 1
    note = next(c for c in changes_of(store.engine)
                if c.link.kind == "note" and c.link.patient == mine)  # fmt: skip
    seal = seal_of([(note.link.number, note.hash)])
    store.add(mine, Removal(of=mine, changes=1, seal=seal, signs=("abc",), reason="forged"))
    found = tampered(records.place, *emptied(note.link.number))
    assert len(found) == 1
    assert "left changes of its patient" in found[0]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE audit SET hash = lower(hex(randomblob(32))) WHERE number = 3", "does not cover"),
        ("UPDATE audit SET patient = 1 WHERE number = 3", "does not cover"),
        ("UPDATE audit SET \"by\" = 'Dr Nobody' WHERE number = 3", "holds an author or a time"),
        ("UPDATE removal SET reason = 'other'", "was changed outside"),
        ("UPDATE removal SET changes = 3", "was changed outside"),
        ("DELETE FROM removal", "without a removal"),
        ("DELETE FROM audit WHERE number = 3", "is missing from the audit trail"),
        (
            "INSERT INTO note (entry, patient, \"on\", text) VALUES (3, 2, '2026-11-05', 'again')",
            "is there although its patient was removed",
        ),
    ],
)
def test_every_change_of_a_stub_is_found(after: Records, statement: str, what: str) -> None:
    assert any(what in each for each in tampered(after.place, statement)), what


@pytest.mark.parametrize("statement", ['UPDATE removal SET "of" = 1', "DELETE FROM removal"])
def test_the_database_itself_refuses_to_change_a_removal(after: Records, statement: str) -> None:
    with pytest.raises(DBAPIError), after.store.engine.begin() as connection:
        connection.execute(text(statement))


# --- backups, exports and recoveries


def test_a_restored_backup_of_before_says_that_it_holds_a_removed_patient(
    records: Records, tmp_path: Path
) -> None:
    before = back_up(records.store.engine, tmp_path / "before.sqlite")
    removed(records, tmp_path / "out")
    assert verify(engine_of(Place.of(str(tmp_path / "before.sqlite")))) == before
    assert before.is_whole
    told: list[str] = []
    open_records(str(records.place), tell=told.append)
    assert told == []
    restore(records.place, tmp_path / "before.sqlite")
    again = open_records(str(records.place), "Dr Example", tell=told.append)
    assert len(told) == 1
    assert f'hold patient "{M}", who was removed on' in told[0]
    assert "sirolimus patient remove" in told[0]
    removed(again, tmp_path / "second")
    told.clear()
    open_records(str(records.place), tell=told.append)
    assert told == []


def test_the_known_removals_hold_no_text_of_the_patient(
    records: Records, tmp_path: Path, state_folder: Path
) -> None:
    removed(records, tmp_path / "out")
    [known] = json.loads((state_folder / "known-removals.json").read_text())["removals"]
    assert known.keys() == {"patient", "hash", "at_utc"}
    (state_folder / "known-removals.json").write_text("[damaged")
    told: list[str] = []
    open_records(str(records.place), tell=told.append)
    assert "damaged and begun anew" in told[0]


def test_backup_export_and_upgrade_of_records_with_a_removal_keep_its_head(
    records: Records, tmp_path: Path
) -> None:
    head = removed(records, tmp_path / "out").head
    assert back_up(records.store.engine, tmp_path / "backup.sqlite").head == head
    export(records.store.engine, tmp_path / "all")
    with store_in_memory() as other:
        assert restore_export(other.engine, tmp_path / "all").head == head
        assert [each.entry.of for each in other.removals()] == [2]


def test_what_is_recovered_of_damaged_records_has_no_removed_patient(
    after: Records, tmp_path: Path
) -> None:
    into = Place.of(str(tmp_path / "new.sqlite"))
    found = recover(file_of(after), into, "Dr Example", NOW)
    assert found.verification.is_whole
    assert found.patients == 1
    assert [(each.what, each.why) for each in found.losses] == [
        ("removal", "its patient was removed")
    ]


# --- encrypted, and on a server


@pytest.mark.usefixtures("empty_key_ring")
def test_a_patient_is_removed_from_encrypted_records(records: Records, tmp_path: Path) -> None:
    made, key, _ = a_key_file()
    encrypt(records.place, made, key)
    opened = open_records(str(records.place), "Dr Example")
    found = removed(opened, tmp_path / "out")
    assert found.is_whole
    shutil.rmtree(tmp_path / "out")
    assert decrypt(records.place) == found
    assert found_in(file_of(records).parent) == {}


@pytest.mark.campaign
def test_a_patient_is_removed_from_a_server(
    new_postgres: Callable[[], Place], tmp_path: Path, postgres_url: str
) -> None:
    place = new_postgres()
    brought_in(open_records(str(place), "Dr Example"), an_item(patient=who(M)))
    records = filled(place)
    assert removed(records, tmp_path / "out").is_whole
    assert [each.patient.entry.record_number for each in records.store.records()] == [KEPT]
    records.store.add(1, a_note("afterwards"))
    with records.store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("CHECKPOINT")
        database = connection.exec_driver_sql(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).scalar()
    assert [each.patient for each in printed_pages(records.store.engine)] == [1]
    folder = Path(postgres_url.split("host=")[1]) / "data" / "base" / str(database)
    assert found_in(folder) == {}


# --- killed in the middle


def _stop_at(records: str, step: str) -> None:
    """Remove the patient in a process of its own, which ends at a step without any clean-up."""
    opened = open_records(records, "Dr Example")
    plan = plan_removal(opened.store, M)
    name, when = step.split()

    def stop(*arguments: object, **options: object) -> None:
        if when == "after":
            original(*arguments, **options)
        os._exit(9)

    owner = replacing if hasattr(replacing, name) else Path
    original = getattr(owner, name)
    setattr(owner, name, stop)
    remove_patient(opened, plan, WHY)


@pytest.mark.parametrize(
    ("step", "is_removed"),
    [("replace before", False), ("replace after", True), ("_overwrite before", True)],
)
def test_killed_in_the_middle_all_of_the_patient_is_there_or_nothing(
    records: Records, step: str, *, is_removed: bool
) -> None:
    head = verify(records.store.engine).head
    process = get_context("fork").Process(target=_stop_at, args=(str(records.place), step))
    process.start()
    process.join()
    assert process.exitcode == 9
    opened = open_records(str(records.place), "Dr Example")
    found = verify(opened.store.engine)
    assert found.is_whole
    assert (found.head != head) == is_removed
    numbers = {each.patient.entry.record_number for each in opened.store.records()}
    assert numbers == ({KEPT} if is_removed else {KEPT, M})
    assert (M.encode() in file_of(records).read_bytes()) != is_removed
