"""Recovery: what can be read of a damaged file is saved, the rest is named, nothing is invented."""

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random

import pytest

from monitoring.record.entries import Void
from monitoring.record.level import Level
from monitoring.record.note import Note
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import RecordsError
from monitoring.store.recovery.recover import Recovery, recover
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import AUTHOR, a_level, a_note, at
from tests.campaign import sizes
from tests.monitoring.store.damage import DAMAGES, PAGE
from tests.stores import OF_0002, changes_of, fill, filled_before, store_of

NOW = at("2026-11-29T12:00")


@pytest.fixture
def clinic(sqlite_store: Store, sqlite_place: Place) -> Path:
    """Give a file with twelve patients, who have every kind of entry, and a note of two pages."""
    fill(sqlite_store, patients=12)
    sqlite_store.add(1, a_note("李" * 1_990))
    assert sqlite_place.file is not None
    return sqlite_place.file


def recovered(content: bytes, folder: Path) -> tuple[Recovery, Store]:
    (folder / "damaged.sqlite").write_bytes(content)
    place = Place.of(str(folder / "new.sqlite"))
    found = recover(folder / "damaged.sqlite", place, "Dr Saver", NOW)
    assert (folder / "damaged.sqlite").read_bytes() == content
    return found, store_of(engine_of(place))


def test_a_whole_file_is_read_whole(clinic: Path, tmp_path: Path) -> None:
    found, new = recovered(clinic.read_bytes(), tmp_path)
    old = store_of(engine_of(Place.of(str(clinic))))
    assert found.losses == ()
    assert found.verification.is_whole
    assert found.old_head == verify(old.engine).head
    for before, after in zip(old.records(), new.records(), strict=True):
        *kept, note = after.entries
        assert tuple(kept) == before.entries
        assert isinstance(note.entry, Note)
        assert found.old_head in note.entry.text
        assert (note.author.by, note.entry.on) == ("Dr Saver", date(2026, 11, 29))


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_a_file_of_an_older_schema_is_read(
    revision: str, sqlite_store: Store, tmp_path: Path
) -> None:
    fill(sqlite_store, 2, OF_0002)
    old = tmp_path / "old.sqlite"
    filled_before(Place.of(str(old)), changes_of(sqlite_store.engine), revision)
    found, new = recovered(old.read_bytes(), tmp_path)
    assert found.losses == ()
    assert new.read(1).entries[:-1] == sqlite_store.read(1).entries


def test_a_file_whose_first_page_is_lost_is_read(clinic: Path, tmp_path: Path) -> None:
    found, new = recovered(bytes(PAGE) + clinic.read_bytes()[PAGE:], tmp_path)
    assert [(each.what, each.numbers) for each in found.losses] == [("page of the file", (1,))]
    old = store_of(engine_of(Place.of(str(clinic))))
    assert [each.entries[:-1] for each in new.records()] == [each.entries for each in old.records()]


def changed(file: Path, statement: str, number: int) -> bytes:
    """Return the file after a change by SQL from outside, which its triggers would forbid."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, (number,))
    return file.read_bytes()


def test_a_row_whose_check_fails_is_named_and_left_out(clinic: Path, tmp_path: Path) -> None:
    old = store_of(engine_of(Place.of(str(clinic)))).read(1)
    (level,) = old.of(Level)
    content = changed(clinic, "UPDATE level SET value_number = '77' WHERE entry = ?", level.number)
    found, new = recovered(content, tmp_path)
    assert ("level", (level.number,), "its check fails") in [
        (each.what, each.numbers, each.why) for each in found.losses
    ]
    (void,) = [each for each in changes_of(engine_of(Place.of(str(clinic)))) if
               each.link.kind == "void" and each.link.patient == 1]  # fmt: skip
    assert ("void", (void.link.number,), "the entry that it is about is lost") in [
        (each.what, each.numbers, each.why) for each in found.losses
    ]
    record = new.read(1)
    assert record.of(Level) == ()
    *_, note = record.of(Note)
    assert f"level {level.number}, void {void.link.number}" in note.entry.text


def test_references_follow_their_entries_to_new_numbers(clinic: Path, tmp_path: Path) -> None:
    """The first patient's own entry is lost with everything about them; the others move up."""
    content = changed(clinic, "DELETE FROM patient WHERE patient = ?", 1)
    found, new = recovered(content, tmp_path)
    assert found.verification.is_whole
    for record in new.records():
        voided = [each for each in record.entries if each.void]
        assert [type(each.entry) for each in voided] == [Level]
        assert all(isinstance(each.void.entry, Void) for each in voided if each.void)
        assert [each.void.entry.of for each in voided if each.void] == [
            each.number for each in voided
        ]


def test_a_row_whose_link_is_lost_is_saved_with_an_unknown_author(
    sqlite_store: Store, sqlite_place: Place, tmp_path: Path
) -> None:
    number = fill(sqlite_store, patients=2)[1]
    level = sqlite_store.add(number, a_level("7.25 ng/mL", "2026-11-05T07:50"))
    sqlite_store.add(number, a_note())
    assert sqlite_place.file is not None
    content = changed(sqlite_place.file, "DELETE FROM audit WHERE number = ?", level.number)
    # SQLite leaves what it deletes on the page; only its place in the list of cells is gone.
    found, new = recovered(content, tmp_path)
    assert ("saved change", (level.number,), "its author and time are lost") in [
        (each.what, each.numbers, each.why) for each in found.losses
    ]
    (_, *saved) = list(new.records())[1].of(Level)
    assert [(each.entry, each.author.by) for each in saved] == [(level.entry, "not known")]


def test_rows_are_saved_where_the_whole_audit_trail_is_lost(clinic: Path, tmp_path: Path) -> None:
    old = store_of(engine_of(Place.of(str(clinic))))
    notes = [[each.entry for each in record.of(Note)] for record in old.records()]
    found, new = recovered(changed(clinic, "DELETE FROM audit WHERE number > ?", 0), tmp_path)
    assert found.verification.is_whole
    read = [[each.entry for each in record.of(Note)] for record in new.records()]
    assert [each[:-1] for each in read] == notes
    assert all("No head could be read." in each[-1].text for each in read)


def test_nothing_is_saved_from_what_is_no_file_of_records(tmp_path: Path) -> None:
    for content in (b"", b"no records", Random(1).randbytes(50_000), b"SQLite format 3\0" * 500):
        with pytest.raises(RecordsError, match="No entry can be read"):
            recovered(content, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["damaged.sqlite"]


def test_a_place_that_exists_is_left_alone(clinic: Path, tmp_path: Path) -> None:
    (tmp_path / "new.sqlite").write_text("mine")
    with pytest.raises(RecordsError, match="exists"):
        recovered(clinic.read_bytes(), tmp_path)
    assert (tmp_path / "new.sqlite").read_text() == "mine"


@sizes(6, 20, 200)
def test_what_is_saved_was_there_and_what_is_lost_is_named(
    clinic: Path, tmp_path: Path, size: int
) -> None:
    random, outcomes, content = Random(12), Counter[str](), clinic.read_bytes()
    old = changes_of(engine_of(Place.of(str(clinic))))
    rows = {(each.link.kind, str({**each.row, "of": 0})) for each in old}
    for number in range(size):
        folder = tmp_path / str(number)
        folder.mkdir()
        damaged = DAMAGES[number % len(DAMAGES)](content, random)
        try:
            found, new = recovered(damaged, folder)
        except RecordsError as error:
            if "No entry can be read" not in str(error):
                raise
            outcomes["nothing readable"] += 1
            continue
        assert found.verification.is_whole
        saved = [each for each in changes_of(new.engine) if each.link.by != "Dr Saver"]
        assert {(each.link.kind, str({**each.row, "of": 0})) for each in saved} <= rows
        assert {each.link.by for each in saved} <= {AUTHOR, "not known"}
        assert len(saved) == found.saved
        lost = {
            each for loss in found.losses if loss.what not in {"saved change", "page of the file"}
            for each in loss.numbers
        }  # fmt: skip
        assert found.saved + len(lost) == max([*lost, found.saved + len(lost)])
        assert found.losses or found.saved == len(old)
        outcomes["all saved" if found.saved == len(old) else "some saved"] += 1
    print(f"\n{size} recoveries: {dict(outcomes)}, nothing invented, every loss named")
