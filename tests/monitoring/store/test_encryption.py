"""Encrypted records: nobody reads them without the key, and everything works as on plain ones."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from monitoring.exchange.waiting import open_waiting
from monitoring.store.backup import automatic_backup, back_up, restore
from monitoring.store.connection import Place, encryption_of, engine_of, is_plain, writing
from monitoring.store.encryption.in_place import decrypt, encrypt, encrypt_backup, plain_backups
from monitoring.store.encryption.key_file import KeyFile, key_file_of
from monitoring.store.encryption.key_ring import KEY_RING
from monitoring.store.errors import LockedError, RecordsError, WrongPassphraseError
from monitoring.store.opening import Records, open_records
from monitoring.store.recovery.nearby_backups import nearby_backups
from monitoring.store.recovery.recover import recover
from monitoring.store.schema import REVISIONS
from monitoring.store.verify import verify
from monitoring.times import Moment
from tests.builders import a_patient
from tests.campaign import cases
from tests.encrypted import PASSPHRASE, a_key_file, encrypted_place, plain_place
from tests.monitoring.exchange.incoming_items import an_item, brought_in, who
from tests.stores import changes_of, filled_before, store_of

CANARY = "Canaryname"
TRACES = (CANARY.encode(), "Łukasz the".encode(), b"audit", b"CREATE TABLE")


pytestmark = pytest.mark.usefixtures("empty_key_ring")


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with plain records and encrypted ones, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    plain_place(folder / "plain.sqlite")
    encrypted_place(folder / "encrypted.sqlite")
    return folder


@pytest.fixture
def place(made_once: Path, tmp_path: Path) -> Place:
    """Return encrypted records, whose key is held."""
    file = tmp_path / "records.sqlite"
    shutil.copy(made_once / "encrypted.sqlite", file)
    shutil.copy(made_once / "encrypted.sqlite.key", key_file_of(file))
    KEY_RING.unlock(key_file_of(file), PASSPHRASE)
    return Place.of(str(file))


@pytest.fixture
def plain(made_once: Path, tmp_path: Path) -> Place:
    """Return the same records, plain."""
    return Place.of(str(shutil.copy(made_once / "plain.sqlite", tmp_path / "records.sqlite")))


def file_of(place: Place) -> Path:
    assert place.file is not None
    return place.file


def traces_in(folder: Path) -> dict[str, list[bytes]]:
    """Return what can be read in the files of a folder without any key."""
    found = {
        str(each.relative_to(folder)): [sign for sign in TRACES if sign in each.read_bytes()]
        for each in folder.rglob("*")
        if each.is_file()
    }
    return {name: signs for name, signs in found.items() if signs}


# --- encrypting and decrypting


def test_encrypted_and_plain_records_have_the_same_changes_and_head(tmp_path: Path) -> None:
    place = plain_place(tmp_path / "records.sqlite", 2)
    before, changes = verify(engine_of(place)), changes_of(engine_of(place))
    made, key, _ = a_key_file()
    assert encrypt(place, made, key) == before
    assert verify(engine_of(place)) == before
    assert changes_of(engine_of(place)) == changes
    assert decrypt(place) == before
    assert verify(engine_of(place)) == before
    assert changes_of(engine_of(place)) == changes
    assert not key_file_of(file_of(place)).exists()


def test_nobody_reads_a_patient_in_any_file_without_the_key(place: Place, tmp_path: Path) -> None:
    engine = engine_of(place)
    store = store_of(engine)
    number = store.add_patient(a_patient("C-1", f"{CANARY} [/]")).number
    back_up(engine, tmp_path / "backup.sqlite")
    automatic_backup(engine, place, "before-test")
    restore(place, tmp_path / "backup.sqlite")
    with writing(engine, "write") as connection:  # its journal is there until the commit
        connection.execute(text("INSERT INTO seal VALUES (100000, :seal)"), {"seal": "0" * 64})
        connection.exec_driver_sql("PRAGMA cache_spill = 1")
        names = {each.name for each in tmp_path.rglob("*")}
        assert "records.sqlite-journal" in names
        assert "backup.sqlite.key" in names
        assert len(names) >= 7
        assert traces_in(tmp_path) == {}
        connection.rollback()
    assert store.read(number).patient.entry.name == f"{CANARY} [/]"


def test_the_search_for_traces_finds_them_in_plain_records(plain: Place, tmp_path: Path) -> None:
    store_of(engine_of(plain)).add_patient(a_patient("C-1", CANARY))
    assert traces_in(tmp_path) == {"records.sqlite": list(TRACES)}


def test_the_old_plain_file_is_overwritten(plain: Place, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    same = tmp_path / "elsewhere" / "same"
    same.hardlink_to(file_of(plain))  # the old file by another name
    made, key, _ = a_key_file()
    encrypt(plain, made, key)
    assert set(same.read_bytes()) == {0}


def test_encrypting_twice_or_decrypting_plain_records_is_refused(place: Place) -> None:
    made, key, _ = a_key_file()
    before = key_file_of(file_of(place)).read_text()
    with pytest.raises(RecordsError, match="already encrypted"):
        encrypt(place, made, key)
    assert key_file_of(file_of(place)).read_text() == before
    decrypt(place)
    with pytest.raises(RecordsError, match="are not encrypted"):
        decrypt(place)


def test_damaged_records_are_not_encrypted_and_stay_as_they_are(
    plain: Place, tmp_path: Path
) -> None:
    with engine_of(plain).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET by = 'Mallory' WHERE number = 3")
    before = file_of(plain).read_bytes()
    made, key, _ = a_key_file()
    with pytest.raises(RecordsError, match="damaged"):
        encrypt(plain, made, key)
    assert file_of(plain).read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["records.sqlite"]


def test_records_on_a_server_are_refused_with_the_remedy() -> None:
    made, key, _ = a_key_file()
    with pytest.raises(RecordsError, match="server's disk"):
        encrypt(Place.of("postgresql://somebody@localhost/records"), made, key)


def test_a_key_file_that_is_in_the_way_is_kept(plain: Place, tmp_path: Path) -> None:
    other, _, _ = a_key_file()
    other.write(key_file_of(file_of(plain)))
    made, key, _ = a_key_file()
    encrypt(plain, made, key)
    (kept,) = tmp_path.glob("records.sqlite.key.*")
    assert KeyFile.read(kept) == other
    assert KeyFile.read(key_file_of(file_of(plain))) == made


def test_who_opened_records_before_they_were_replaced_writes_nothing_into_the_old_file(
    place: Place,
) -> None:
    before = engine_of(place)
    connection = before.connect().execution_options(sirolimus_writes=True)
    try:
        head = decrypt(place).head
        with pytest.raises(RecordsError, match=r"replaced meanwhile\. Nothing was stored"):
            connection.begin()
    finally:
        connection.close()
    assert verify(engine_of(place)).head == head


def test_a_program_that_knows_the_plain_records_stores_nothing_once_they_are_encrypted(
    plain: Place,
) -> None:
    before = store_of(engine_of(plain))
    made, key, _ = a_key_file()
    head = encrypt(plain, made, key).head
    with pytest.raises(RecordsError, match="Nothing was stored"):
        before.add_patient(a_patient("late"))
    assert verify(engine_of(plain)).head == head


# --- locked and unlocked


def test_locked_records_open_with_the_passphrase_only(place: Place) -> None:
    old = engine_of(place)
    KEY_RING.lock()
    with pytest.raises(LockedError, match="are locked"):
        store_of(old).read(1)
    with pytest.raises(LockedError, match="are encrypted"):
        engine_of(place)
    KEY_RING.ask_with(lambda _: "another passphrase")
    with pytest.raises(WrongPassphraseError):
        engine_of(place)
    KEY_RING.ask_with(lambda _: PASSPHRASE)
    engine_of(place)
    assert store_of(old).read(1).patient.entry.name.startswith("Łukasz")


def test_a_passphrase_is_asked_for_once_a_session(place: Place, tmp_path: Path) -> None:
    KEY_RING.lock()
    asked = []

    def ask(path: Path) -> str:
        asked.append(path)
        return PASSPHRASE

    KEY_RING.ask_with(ask)
    engine = engine_of(place)
    back_up(engine, tmp_path / "backup.sqlite")
    restore(place, tmp_path / "backup.sqlite")
    verify(engine_of(place))
    assert asked == [key_file_of(file_of(place))]


def missing_key(file: Path) -> None:
    key_file_of(file).unlink()


def damaged_key(file: Path) -> None:
    key_file_of(file).write_bytes(key_file_of(file).read_bytes()[:-20])


def key_of_others(file: Path) -> None:
    a_key_file()[0].write(key_file_of(file))


def overwritten_page(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[5000:5100] = bytes(100)
    file.write_bytes(content)


def overwritten_header(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[:100] = bytes(range(100))
    file.write_bytes(content)


def cut_to_half_a_page(file: Path) -> None:
    os.truncate(file, 2048)


def words_of(place: Place) -> str:
    try:
        return "; ".join(each.what for each in verify(engine_of(place)).findings)
    except RecordsError as error:
        return str(error)


OTHERS = "damaged, or their key file belongs to others"


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (missing_key, r"put its key file beside it: records\.sqlite\.key"),
        (damaged_key, "key file .* is damaged. Copy the key file of a backup"),
        (key_of_others, OTHERS),
        (overwritten_header, OTHERS),
        (cut_to_half_a_page, OTHERS),
        (overwritten_page, "damaged"),
    ],
)
def test_each_failure_has_its_own_words(
    place: Place, harm: Callable[[Path], None], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    KEY_RING.lock()
    KEY_RING.ask_with(lambda _: PASSPHRASE)
    harm(file_of(place))
    assert re.search(words, words_of(place))
    assert capfd.readouterr().err == ""  # SQLCipher would write there


def test_a_wrong_passphrase_is_never_called_damage(place: Place) -> None:
    KEY_RING.lock()
    KEY_RING.ask_with(lambda _: "not the passphrase")
    overwritten_header(file_of(place))
    with pytest.raises(WrongPassphraseError):
        engine_of(place)


# --- backups


def test_a_backup_is_restored_elsewhere_with_its_two_files_alone(
    place: Place, tmp_path: Path
) -> None:
    made = back_up(engine_of(place), tmp_path / "backup.sqlite")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("backup.sqlite", "backup.sqlite.key"):
        shutil.move(tmp_path / name, elsewhere / name)
    KEY_RING.lock()
    KEY_RING.ask_with(lambda _: PASSPHRASE)
    opened = open_records(str(elsewhere / "backup.sqlite"))
    assert verify(opened.store.engine) == made


def test_an_encrypted_backup_repairs_damaged_records(place: Place, tmp_path: Path) -> None:
    engine = engine_of(place)
    made = back_up(engine, tmp_path / "backup.sqlite")
    overwritten_page(file_of(place))
    restored, kept = restore(place, tmp_path / "backup.sqlite")
    assert restored == made == verify(engine_of(place))
    assert kept is not None
    assert not is_plain(file_of(place))


@pytest.mark.parametrize("harm", [missing_key, damaged_key])
def test_a_backup_brings_its_key_file_where_that_of_the_records_is_lost(
    place: Place, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    engine = engine_of(place)
    made = back_up(engine, tmp_path / "backup.sqlite")
    overwritten_header(file_of(place))
    harm(file_of(place))
    restore(place, tmp_path / "backup.sqlite")
    KEY_RING.lock()
    KEY_RING.ask_with(lambda _: PASSPHRASE)
    assert verify(engine_of(place)) == made


def test_an_encrypted_backup_never_becomes_plain_records(place: Place, tmp_path: Path) -> None:
    back_up(engine_of(place), tmp_path / "backup.sqlite")
    other = plain_place(tmp_path / "other.sqlite")
    with pytest.raises(RecordsError, match="backup is encrypted and the records are not"):
        restore(other, tmp_path / "backup.sqlite")


def test_a_plain_backup_becomes_encrypted_records(plain: Place, tmp_path: Path) -> None:
    made_plain = back_up(engine_of(plain), tmp_path / "backup.sqlite")
    made, key, _ = a_key_file()
    encrypt(plain, made, key)
    restored, _ = restore(plain, tmp_path / "backup.sqlite")
    assert restored == made_plain
    assert not is_plain(file_of(plain))


def test_plain_automatic_backups_are_listed_and_can_be_encrypted(
    plain: Place, tmp_path: Path
) -> None:
    kept = automatic_backup(engine_of(plain), plain, "before-test")
    assert kept is not None
    head = verify(engine_of(plain)).head
    made, key, _ = a_key_file()
    encrypt(plain, made, key)
    assert plain_backups(plain) == (kept,)
    encryption = encryption_of(engine_of(plain))
    assert encryption is not None
    assert encrypt_backup(kept, encryption).head == head
    assert plain_backups(plain) == ()
    assert verify(engine_of(Place.of(str(kept)))).head == head
    assert traces_in(tmp_path) == {}


def test_the_whole_backups_near_damaged_records_are_found(place: Place) -> None:
    kept = automatic_backup(engine_of(place), place, "before-test")
    found = verify(engine_of(place))
    overwritten_page(file_of(place))
    assert [(each.file, each.head) for each in nearby_backups(place)] == [(kept, found.head)]
    KEY_RING.lock()
    KEY_RING.ask_with(lambda _: pytest.fail("nobody is asked for each of many backups"))
    assert nearby_backups(place) == ()


def test_a_damaged_encrypted_file_is_not_recovered_page_by_page(
    place: Place, tmp_path: Path
) -> None:
    overwritten_page(file_of(place))
    into = Place.of(str(tmp_path / "new.sqlite"))
    with pytest.raises(RecordsError, match=r"is encrypted, .* Restore a backup"):
        recover(file_of(place), into, "Dr Example", Moment.now("UTC"))
    assert not (tmp_path / "new.sqlite").exists()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_encrypted_backup_of_an_older_schema_is_restored_and_not_written(
    place: Place, tmp_path: Path, revision: str
) -> None:
    """The older program has what every schema has: the first patient of the records."""
    (tmp_path / "old").mkdir()
    old = tmp_path / "old" / "backup.sqlite"
    shutil.copy(key_file_of(file_of(place)), key_file_of(old))
    first = changes_of(engine_of(place))[:1]
    filled_before(Place.of(str(old)), first, revision)
    before = old.read_bytes()
    restored, _ = restore(place, old)
    assert (restored.changes, restored.head) == (1, first[0].hash)
    assert old.read_bytes() == before
    assert not is_plain(file_of(place))


# --- the seal


def sealed(place: Place) -> list[str]:
    return [f"{each.where} {each.what}" for each in verify(engine_of(place)).findings]


def forged(place: Place, statement: str, table: str = "seal") -> None:
    """Change the records as a tool with the file's key would, and put the guards back."""
    with engine_of(place).begin() as connection:
        guards = connection.exec_driver_sql(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"  # noqa: S608 - a table of ours
        ).all()
        for name, _ in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(statement)
        for _, sql in guards:
            connection.exec_driver_sql(sql)


def test_whole_encrypted_records_have_a_seal_for_each_change(place: Place) -> None:
    assert sealed(place) == []
    with engine_of(place).begin() as connection:
        seals = connection.exec_driver_sql("SELECT count(*) FROM seal").scalar()
    assert seals == verify(engine_of(place)).changes > 0


def test_plain_records_have_no_table_of_seals(plain: Place) -> None:
    with engine_of(plain).begin() as connection:
        assert not connection.dialect.has_table(connection, "seal")


def test_a_chain_made_anew_without_the_key_of_the_seal_is_found(place: Place) -> None:
    """Somebody changes a level and calculates every hash anew: the chain itself is whole."""
    from monitoring.store.audit_log import hash_of  # noqa: PLC0415 - the forger's tools
    from monitoring.store.trail_end import START  # noqa: PLC0415 - the forger's tools

    changes = changes_of(engine_of(place))
    head = verify(engine_of(place)).head
    previous, hashes = START, {}
    for change in changes:
        link = change.link
        row = {**change.row, "name": "Forged"} if link.kind == "patient" else change.row
        previous = hash_of(previous, link, row)
        hashes[link.number] = previous
    forged(place, "UPDATE patient SET name = 'Forged'", "patient")
    whens = " ".join(f"WHEN {number} THEN '{hash_}'" for number, hash_ in hashes.items())
    forged(place, f"UPDATE audit SET hash = CASE number {whens} END", "audit")  # noqa: S608 - ours
    found = verify(engine_of(place))
    assert found.head != head
    assert len(found.findings) == len(changes)
    assert {each.what for each in found.findings} == {
        "has a wrong seal: another program wrote or changed it"
    }


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM seal WHERE number = 5", "change 5 has no seal"),
        ("UPDATE seal SET seal = replace(seal, 'a', 'b')", "has a wrong seal"),
        ("INSERT INTO seal SELECT 999, seal FROM seal WHERE number = 1", "change 999 was removed"),
        (
            "UPDATE seal SET seal = (SELECT seal FROM seal WHERE number = 2) WHERE number = 3",
            "change 3 has a wrong seal",
        ),
        ("DROP TABLE seal", "the seals cannot be read"),
    ],
)
def test_each_change_of_a_seal_is_found(place: Place, statement: str, words: str) -> None:
    if statement.startswith("DROP"):
        with engine_of(place).begin() as connection:
            connection.exec_driver_sql(statement)
    else:
        forged(place, statement)
    assert any(words in each for each in sealed(place))


def test_a_forged_chain_is_not_sealed_anew_by_a_backup_or_by_decrypting(
    place: Place, tmp_path: Path
) -> None:
    forged(place, "UPDATE seal SET seal = replace(seal, 'a', 'b')")
    with pytest.raises(RecordsError, match="a copy would be too"):
        back_up(engine_of(place), tmp_path / "backup.sqlite")
    with pytest.raises(RecordsError, match="a copy would be too"):
        decrypt(place)
    assert not (tmp_path / "backup.sqlite").exists()
    assert not is_plain(file_of(place))


# --- killed

_KILLED = """
import sys
from pathlib import Path
from monitoring.store.connection import Place
from monitoring.store.encryption.in_place import decrypt, encrypt
from monitoring.store.encryption.key_file import KeyFile
from monitoring.store.encryption.key_ring import KEY_RING
from tests.encrypted import PASSPHRASE, a_key_file

place = Place.of(sys.argv[2])
KEY_RING.ask_with(lambda _: PASSPHRASE)
made = a_key_file()
print("ready", flush=True)
encrypt(place, *made[:2]) if sys.argv[1] == "encrypt" else decrypt(place)
print("done", flush=True)
"""


@pytest.mark.parametrize("doing", ["encrypt", "decrypt"])
@pytest.mark.parametrize(
    "kills", [1, pytest.param(cases(3, 200), marks=pytest.mark.campaign, id="many")]
)
def test_killed_while_encrypting_or_decrypting_the_old_or_the_new_records_open(
    tmp_path: Path, doing: str, kills: int
) -> None:
    made = encrypted_place if doing == "decrypt" else plain_place
    original = tmp_path / "original"
    original.mkdir()
    head = verify(engine_of(made(original / "records.sqlite", 3))).head
    took_s = 1.0
    ended = 0
    for number in range(kills + 1):  # the first one is not killed, and measured
        folder = tmp_path / f"killed-{number}"
        shutil.copytree(original, folder)
        place = Place.of(str(folder / "records.sqlite"))
        process = subprocess.Popen(
            [sys.executable, "-c", _KILLED, doing, str(place.file)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        began = time.monotonic()
        if number:
            time.sleep(took_s * (number - 0.5) / kills)
            process.send_signal(signal.SIGKILL)
        is_done = b"done" in process.stdout.read()
        took_s, ended = (took_s, ended + is_done) if number else (time.monotonic() - began, 0)
        process.stdout.close()
        process.wait()
        KEY_RING.lock()
        KEY_RING.ask_with(lambda _: PASSPHRASE)
        assert verify(engine_of(place)).head == head
        if doing == "encrypt" and is_plain(file_of(place)):  # it can be done again
            again, key, _ = a_key_file()
            encrypt(place, again, key)
        shutil.rmtree(folder)
    print(f"{doing}: killed {kills} times, {ended} of them after the end; 0 lost")


def test_waiting_results_are_encrypted_with_the_records_and_decrypted_again(tmp_path: Path) -> None:
    place = plain_place(tmp_path / "records.sqlite", 1)
    item = an_item(patient=who("C-2", name=f"{CANARY} waits"))
    brought_in(Records(store_of(engine_of(place)), place), item)
    made, key, _ = a_key_file()
    encrypt(place, made, key)
    assert traces_in(tmp_path) == {}
    assert [each.item for each in open_waiting(engine_of(place))] == [item]
    back_up(engine_of(place), tmp_path / "backup.sqlite")
    assert traces_in(tmp_path) == {}
    decrypt(place)
    assert [each.item for each in open_waiting(engine_of(place))] == [item]
