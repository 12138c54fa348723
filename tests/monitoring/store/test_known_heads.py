"""An older copy, a tail that was cut off and a forged chain are seen; honest use raises nothing.

A warning is an error in these tests, as in all others: what raises none is not named here.
"""

import json
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event, text

from monitoring.demo.clinic import demo_records
from monitoring.exchange.export import export, restore_export
from monitoring.record.entries import StopRecord
from monitoring.record.level import Level
from monitoring.record.note import Note
from monitoring.record.prescription import Prescription
from monitoring.store.audit_log import append_link
from monitoring.store.backup import back_up, restore
from monitoring.store.connection import Place, engine_of, writing
from monitoring.store.errors import RolledBackError
from monitoring.store.known_heads import HeadWatch, KnownHead, KnownHeads, place_name
from monitoring.store.opening import Records, open_records
from monitoring.store.store import Store
from monitoring.store.verify import Verification, verify
from tests.builders import AUTHOR, Ticking, a_note, a_patient, a_prescription, at
from tests.campaign import sizes
from tests.monitoring.store.forging import FORGERIES, Forgery, cut_the_last_ten, forge
from tests.stores import OF_0002, changes_of, fill, filled_before, prepared, store_of


@pytest.fixture
def file(filled_place: Place) -> Path:
    """Give records of two patients with every kind of entry, seen on this machine once."""
    assert filled_place.file is not None
    opened(filled_place.file)
    return filled_place.file


def opened(place: Path | str, author: str = AUTHOR) -> Records:
    return open_records(str(place), author, create=True)


def opened_with(place: Path | str) -> tuple[Records, list[str]]:
    """Return open records, and the warnings that were shown."""
    shown: list[str] = []
    return open_records(str(place), AUTHOR, create=True, tell=shown.append), shown


def heads_in(folder: Path) -> dict[str, dict[str, object]]:
    document, *lines = (folder / "known-heads.json").read_text(encoding="ascii").splitlines()
    every = [*json.loads(document)["heads"], *map(json.loads, lines)]
    return {each["place"]: each for each in every}


def head_at(place: str, number: int = 1, sign: str = "a", minute: int = 0) -> KnownHead:
    return KnownHead(
        place=place,
        records="f" * 64,
        number=number,
        hash=sign * 64,
        at_utc=f"2026-11-05T08:{minute:02d}:00Z",
    )


def refused(records: Records) -> None:
    """Hold that nothing can be stored in records, by any method."""
    before = verify(records.store.engine)
    for write in writes(records):
        with pytest.raises(RolledBackError, match="Nothing was stored"):
            write()
    assert verify(records.store.engine) == before


def writes(records: Records) -> list[Callable[[], object]]:
    """Return a call of each method that writes, about the first patient."""
    store = records.store
    one = store.read(1)
    dose, level = (one.of(kind)[0].number for kind in (Prescription, Level))
    ending = StopRecord(of=dose, at=at("2026-11-06T08:00"))
    return [
        lambda: store.add(1, a_note(), revision=one.revision),
        lambda: store.add(1, a_note()),
        lambda: store.add_patient(a_patient("new")),
        lambda: store.change_patient(1, a_patient("other"), revision=one.revision),
        lambda: store.end(dose, ending, revision=one.revision),
        lambda: store.void(level, "another patient's"),
        lambda: store.add_all([(1, a_note())], one.revision),
        lambda: store.add_course(
            1, [a_prescription()], at("2026-11-06T08:00"), "over", one.revision
        ),
    ]


# --- forged chains


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.__name__)
def test_a_forged_chain_is_seen_at_the_next_opening(file: Path, forgery: Forgery) -> None:
    forge(file, forgery, Random(1))
    assert verify(engine_of(Place.of(str(file)))).is_whole  # by itself nothing is wrong with it
    records, shown = opened_with(file)
    (warning,) = shown
    assert warning.startswith("The records ")
    assert warning.endswith("accept them with sirolimus verify --accept.")
    found = records.verify()
    assert [each.where for each in found.findings] == ["the records"]
    assert records.store.read(1).entries  # it can be read
    with pytest.raises(RolledBackError, match="Nothing was stored"):
        records.store.add(1, a_note())
    assert records.store.last_change() == found.changes


@sizes(10, 30, 100)
def test_no_forged_chain_is_unseen(file: Path, size: int) -> None:
    content, random, unseen = file.read_bytes(), Random(14), list[str]()
    for number in range(size):
        forgery = FORGERIES[number % len(FORGERIES)]
        file.write_bytes(content)
        forge(file, forgery, random)
        records, shown = opened_with(file)
        if not shown or records.verify().is_whole:
            unseen.append(forgery.__name__)
    print(f"\n{size} forged chains of {len(FORGERIES)} kinds: {len(unseen)} unseen")
    assert not unseen


def test_a_cut_is_seen_after_the_very_last_entry(file: Path) -> None:
    """The head is kept with each entry, and not only at the next opening."""
    before = file.read_bytes()
    opened(file).store.add(1, a_note())
    file.write_bytes(before)
    (warning,) = opened_with(file)[1]
    assert "end at change 24, and change 25 was seen here on " in warning


def test_a_forgery_on_a_server_is_seen(new_postgres: Callable[[], Place]) -> None:
    place = new_postgres()
    records = opened(place.url)
    fill(records.store, 2, OF_0002)
    changes = changes_of(records.store.engine)
    with records.store.engine.begin() as connection:
        for table in ("void", "audit"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM void WHERE entry = 24"))
        connection.execute(text("DELETE FROM audit WHERE number = 24"))
        for table in ("void", "audit"):
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    assert verify(records.store.engine).is_whole
    again, (warning,) = opened_with(place.url)
    assert "end at change 23, and change 24 was seen here" in warning
    assert not again.verify().is_whole
    with pytest.raises(RolledBackError):
        again.store.add(1, a_note())
    with writing(again.store.engine, "put it back") as connection:
        append_link(connection, changes[-1].link, changes[-1].hash, changes[-1].row)
    opened(place.url).store.add(1, a_note())


# --- an older copy


def test_an_older_copy_at_its_place_can_be_read_but_not_written(file: Path, tmp_path: Path) -> None:
    old = shutil.copy(file, tmp_path / "old.sqlite")
    opened(file).store.add(1, a_note("lost"))
    shutil.copy(old, file)
    records, (warning,) = opened_with(file)
    assert "end at change 24, and change 25 was seen here" in warning
    refused(records)


def test_an_accepted_copy_is_used_as_any_other(file: Path, tmp_path: Path) -> None:
    old = shutil.copy(file, tmp_path / "old.sqlite")
    opened(file).store.add(1, a_note("lost"))
    shutil.copy(old, file)
    records, _ = opened_with(file)
    assert records.verify(accept=True).is_whole
    assert records.lack is None
    records.store.add(1, a_note("another"))
    assert opened(file).verify().is_whole


def test_damaged_records_are_not_accepted(file: Path) -> None:
    forge(file, cut_the_last_ten, Random(1))
    engine = engine_of(Place.of(str(file)))
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER note_no_update"))
        connection.execute(text("UPDATE note SET text = 'forged'"))
    records, shown = opened_with(file)
    assert not records.verify(accept=True).is_whole
    assert (records.lack is not None, len(shown)) == (True, 1)
    assert len(opened_with(file)[1]) == 1


def test_records_that_are_gone_are_missed(file: Path) -> None:
    file.unlink()
    records, (warning,) = opened_with(file)
    assert "The records are empty, and change 24 was seen here" in warning
    with pytest.raises(RolledBackError):
        records.store.add_patient(a_patient("new"))
    records.accept_head()
    records.store.add_patient(a_patient("new"))
    assert opened(file).verify().is_whole


def test_empty_records_that_were_accepted_are_not_missed_again(file: Path) -> None:
    file.unlink()
    opened_with(file)[0].accept_head()
    opened(file)


def test_other_records_at_a_known_place_are_seen(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    opened(other).store.add_patient(a_patient("other"))
    other.replace(file)
    (warning,) = opened_with(file)[1]
    assert "The records are others than those seen here on " in warning


def test_an_older_copy_at_a_new_place_is_known_by_its_first_change(
    file: Path, tmp_path: Path
) -> None:
    """A backup looks like this, too: it is whole, can be used apart, and is a place of its own."""
    copy = Path(shutil.copy(file, tmp_path / "copy.sqlite"))
    opened(file).store.add(1, a_note())
    records, (warning,) = opened_with(copy)
    assert f"end at change 24, and change 25 was seen at {file} on " in warning
    found = records.verify()
    assert (found.findings, [each.where for each in found.remarks]) == ((), ["the records"])
    assert len(opened_with(copy)[1]) == 1
    records.store.add(1, a_note("in the copy"))
    assert opened(copy).verify().remarks == ()
    assert opened(file).verify().remarks == ()


def test_copies_of_one_file_are_used_apart(file: Path, tmp_path: Path) -> None:
    """As for training: the original is never said to lack what was stored in a copy."""
    copies = [Path(shutil.copy(file, tmp_path / f"{number}.sqlite")) for number in range(3)]
    for copy in copies:
        opened_with(copy)[0].store.add(1, a_note(f"in {copy.name}"))
    for place in (*copies, file):
        opened(place).store.add(1, a_note("again"))
        assert opened(place).verify().remarks == ()


def test_a_forged_chain_at_a_new_place_is_seen(file: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.sqlite"
    file.replace(moved)
    forge(moved, FORGERIES[0], Random(1))
    records, (warning,) = opened_with(moved)
    assert f"hold another change 24 than the one seen at {file} on " in warning
    assert not records.verify().is_whole


# --- while the records are open


def test_an_old_file_put_back_while_open_is_not_written_to(file: Path, tmp_path: Path) -> None:
    old = shutil.copy(file, tmp_path / "old.sqlite")
    records = opened(file)
    records.store.add(1, a_note("lost"))
    calls = writes(records)
    shutil.copy(old, file)
    for write in calls:
        with pytest.raises(RolledBackError, match="Nothing was stored"):
            write()
    assert verify(records.store.engine).changes == 24


def test_what_was_put_back_is_not_shown_as_the_open_records(file: Path, tmp_path: Path) -> None:
    old = shutil.copy(file, tmp_path / "old.sqlite")
    records = opened(file)
    records.store.add(1, a_note("lost"))
    shutil.copy(old, file)
    for read in (
        records.store.last_change,
        records.store.head,
        records.store.patients,
        records.store.count_patients,
        lambda: records.store.read(1),
        lambda: records.find("00000"),
        lambda: records.store.changes_since(1, 12),
        lambda: list(records),
    ):
        with pytest.raises(RolledBackError, match="were replaced while they were open"):
            read()


def _rolled_back(file: Path, old: bytes, random: Random) -> bool:
    """Return whether a write is refused after an older file took the place of open records."""
    records = opened_with(file)[0]
    for _ in range(random.randint(1, 4)):
        records.store.add(random.choice((1, 13)), a_note())
    calls = writes(records)
    file.write_bytes(old)
    reused = random.randrange(8)  # others may have used the same numbers again
    other = store_of(engine_of(Place.of(str(file))))
    for _ in range(reused):
        other.add(1, a_note("of others"))
    before = file.read_bytes()
    try:
        random.choice(calls)()
    except RolledBackError:
        return file.read_bytes() == before
    return False


@sizes(5, 20, 100)
def test_no_rollback_while_open_is_written_to(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    content, random, written = file.read_bytes(), Random(15), 0
    for number in range(size):
        monkeypatch.setenv("SIROLIMUS_STATE", str(tmp_path / f"state-{number}"))
        file.write_bytes(content)
        old = content
        if random.random() < 0.5:  # as old as the last entry but one
            store_of(engine_of(Place.of(str(file)))).add(1, a_note("older"))
            old = file.read_bytes()
        written += not _rolled_back(file, old, random)
    print(f"\n{size} rollbacks while open: {written} written to")
    assert not written


def test_others_additions_are_no_rollback(file: Path) -> None:
    mine, theirs = opened(file), opened(file, "Dr Other")
    record = mine.store.read(1)
    for _ in range(3):
        theirs.store.add(13, a_note())
    mine.store.add(1, a_note(), revision=record.revision)
    theirs.store.add(13, a_note())
    assert mine.store.read(13).of(Note)[-1].author.by == "Dr Other"


# --- honest use

Use = Callable[["Clinic"], None]


class Clinic:
    """Records in use by two people, and where they are now."""

    def __init__(self, file: Path, folder: Path) -> None:
        self.file, self.folder, self._made = file, folder, 0

    def new_name(self) -> Path:
        self._made += 1
        return self.folder / f"{self._made}.sqlite"

    def adds(self) -> None:
        opened(self.file).store.add(1, a_note())

    def two_add_in_turn(self) -> None:
        one, other = opened(self.file), opened(self.file, "Dr Other")
        for _ in range(2):
            one.store.add(1, a_note())
            other.store.add(13, a_note())
            one.store.read(13)

    def backs_up_and_verifies_it(self) -> None:
        backup = self.new_name()
        back_up(opened(self.file).store.engine, backup)
        assert opened(backup).verify().is_whole

    def restores_what_was_before_an_entry(self) -> None:
        backup, records = self.new_name(), opened(self.file)
        back_up(records.store.engine, backup)
        records.store.add(1, a_note("lost"))
        restore(records.place, backup)

    def restores_at_another_place(self) -> None:
        backup, new = self.new_name(), self.new_name()
        back_up(opened(self.file).store.engine, backup)
        opened(self.file).store.add(1, a_note("lost"))
        records = opened(new)
        restore(records.place, backup)
        self.file = new

    def imports_an_export(self) -> None:
        folder = self.new_name().with_suffix("")
        export(opened(self.file).store.engine, folder)
        self.file = self.new_name()
        records = opened(self.file)
        restore_export(records.store.engine, folder)
        records.accept_head()

    def comes_from_an_earlier_program(self) -> None:
        changes, old = changes_of(opened(self.file).store.engine), self.new_name()
        filled_before(Place.of(str(old)), changes, "0001")
        old.replace(self.file)

    def moves(self) -> None:
        new = self.new_name()
        self.file.replace(new)
        self.file = new

    def copies_for_another_machine(self) -> None:
        shutil.copy(self.file, self.new_name())


USES: tuple[Use, ...] = (
    Clinic.adds,
    Clinic.two_add_in_turn,
    Clinic.backs_up_and_verifies_it,
    Clinic.restores_what_was_before_an_entry,
    Clinic.restores_at_another_place,
    Clinic.imports_an_export,
    Clinic.comes_from_an_earlier_program,
    Clinic.moves,
    Clinic.copies_for_another_machine,
)


def _when(steps: int) -> tuple[pytest.MarkDecorator, ...]:
    """Return when two uses are tried that are so many steps of USES apart."""
    if steps == 1:
        return ()
    return (pytest.mark.campaign if steps in {0, 3, 5} else pytest.mark.full_size,)


# Each use once as the first and once as the second; three times more as a campaign; at full size
# every pair.
PAIRS = [
    pytest.param(
        (USES[first], USES[second]),
        id=f"{USES[first].__name__} then {USES[second].__name__}",
        marks=_when((second - first) % len(USES)),
    )
    for first, second in product(range(len(USES)), repeat=2)
]


@pytest.mark.parametrize("uses", PAIRS)
def test_honest_use_raises_no_warning(file: Path, tmp_path: Path, uses: tuple[Use, ...]) -> None:
    clinic = Clinic(file, tmp_path)
    for use in uses:
        use(clinic)
    records = opened(clinic.file)
    records.store.add(1, a_note("after all"))
    found = opened(clinic.file).verify()
    assert (found.findings, found.remarks) == ((), ())


# --- the clock


def entered(file: Path, *times: str) -> tuple[Verification, list[str]]:
    """Return the verification after notes that were stored at these times, and the warnings."""
    engine, shown = prepared(Place.of(str(file))), list[str]()
    store_of(engine).add_patient(a_patient())
    for time in times:
        watch = HeadWatch(tell=shown.append)
        Store(engine, AUTHOR, Ticking(time), watch).add(1, a_note())
    return verify(engine), shown


def test_a_clock_that_jumped_back_is_said_and_remarked(tmp_path: Path) -> None:
    """Each entry is whole; only the order of their times is not that of the entries."""
    times = ("2026-11-05T09:00", "2026-11-05T08:54:59", "2026-11-05T08:54:00", "2026-11-04T09:00")
    found, shown = entered(tmp_path / "records.sqlite", *times)
    assert shown[0].startswith("This entry is dated before the last one, of 5 Nov 2026, ")
    assert len(shown) == 2
    assert [each.where for each in found.remarks] == ["note 3", "note 5"]
    assert found.is_whole


def test_a_small_difference_between_two_clocks_is_not_worth_a_warning(tmp_path: Path) -> None:
    """Five minutes, as Kerberos has them."""
    times = ("2026-11-05T09:00", "2026-11-05T08:55", "2026-11-05T09:00", "2027-11-05T08:00")
    found, shown = entered(tmp_path / "records.sqlite", *times)
    assert (shown, found.remarks) == ([], ())


def test_a_clock_that_was_ahead_once_is_said_once(tmp_path: Path) -> None:
    times = ("2036-01-01T08:00", "2026-11-05T09:00", "2026-11-05T10:00")
    found, shown = entered(tmp_path / "records.sqlite", *times)
    assert (len(shown), [each.where for each in found.remarks]) == (1, ["note 3"])


# --- the file of the heads


@pytest.mark.parametrize("number", [1, 24])
def test_a_damaged_end_is_no_head(filled_place: Place, state_folder: Path, number: int) -> None:
    with engine_of(filled_place).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text(f"UPDATE audit SET hash = upper(hash) WHERE number = {number}"))  # noqa: S608 - a number
    assert not opened(str(filled_place.file)).verify().is_whole
    assert not state_folder.exists()


def test_the_file_is_the_users_alone_and_holds_no_data_of_patients(
    file: Path, state_folder: Path
) -> None:
    opened(file).store.add(1, a_note("Łukasz has fever"))
    (kept,) = state_folder.iterdir()
    assert stat.S_IMODE(state_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    changes = changes_of(opened(file).store.engine)
    (head,) = heads_in(state_folder).values()
    seen = datetime.fromisoformat(str(head.pop("at_utc")))
    assert timedelta(0) <= datetime.now(UTC) - seen < timedelta(minutes=5)
    assert head == {
        "place": str(file),
        "records": changes[0].hash,
        "number": 25,
        "hash": changes[-1].hash,
        "accepted_utc": "",
        "disk": file.parent.stat().st_dev,
    }


def test_the_state_folder_is_the_users_own_one(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIROLIMUS_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    opened(file)
    assert str(file) in heads_in(tmp_path / "state" / "sirolimus-assistant")


def test_opening_again_writes_nothing(file: Path, state_folder: Path) -> None:
    (kept,) = state_folder.iterdir()
    before = kept.stat()
    assert opened(file).store.read(1).entries
    after = kept.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("use", ["open", "write"])
def test_a_state_folder_that_cannot_be_used_is_said_once(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: str
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv("SIROLIMUS_STATE", str(blocked))
    records, shown = opened_with(file)
    if use == "write":
        records.store.add(1, a_note())
        records.store.add(1, a_note())
    (warning,) = shown
    assert warning.startswith(f"The known heads in {blocked} cannot be read (Not a directory).")


DAMAGED = (
    "",
    "no JSON",
    "[]",
    "{}",
    '{"heads": 1}',
    '{"heads": [{}]}',
    '{"heads": [{"place": 1, "records": "", "number": "1", "hash": null, "at_utc": ""}]}',
    json.dumps({"heads": [{**asdict(head_at("x")), "number": 0}]}),
    json.dumps({"heads": [{**asdict(head_at("x")), "number": True}]}),
    json.dumps({"heads": [{**asdict(head_at("x")), "hash": "A" * 64}]}),
    json.dumps({"heads": [{**asdict(head_at("x")), "at_utc": "yesterday"}]}),
    json.dumps({"heads": [{**asdict(head_at("x")), "more": 1}]}),
    "[" * 100_000,
    "Łukasz",
)


LINES = json.dumps({"heads": [asdict(head_at("x"))]}) + "\n"
DAMAGED_LINES = tuple(
    f"{LINES}{line}\n"
    for line in (
        "",
        "no JSON",
        "[]",
        "{}",
        json.dumps({**asdict(head_at("x", 2)), "hash": "A" * 64}),
        json.dumps(asdict(head_at("x", 2)))[:-1],
        "Łukasz",
    )
)


@pytest.mark.parametrize("content", [*DAMAGED, *DAMAGED_LINES], ids=lambda text: str(len(text)))
def test_a_damaged_file_is_said_and_begun_anew(
    file: Path, state_folder: Path, content: str
) -> None:
    kept = state_folder / "known-heads.json"
    kept.write_text(content, encoding="utf-8")
    (warning,) = opened_with(file)[1]
    assert "are damaged and begun anew" in warning
    assert heads_in(state_folder)[str(file)]["number"] == 24
    opened(file)


def test_a_missing_file_is_a_first_opening(file: Path, state_folder: Path) -> None:
    shutil.rmtree(state_folder)
    opened(file)
    assert list(heads_in(state_folder)) == [str(file)]


def test_a_head_never_goes_back_unless_it_is_accepted() -> None:
    heads = KnownHeads()
    heads.keep(head_at("x", 5, "a"))
    heads.keep(head_at("x", 4, "b"))
    heads.keep(head_at("x", 5, "c"))
    heads.keep(replace(head_at("x", 9, "d"), records="e" * 64))
    assert heads.by_place()["x"] == head_at("x", 5, "a")
    heads.keep(head_at("x", 6, "b"))
    assert heads.by_place()["x"] == head_at("x", 6, "b")
    heads.keep(head_at("x", 2, "c"), accepted=True)
    heads.keep(head_at("x", 3, "d", minute=1))
    kept = replace(head_at("x", 3, "d", minute=1), accepted_utc="2026-11-05T08:00:00Z")
    assert heads.by_place() == {"x": kept}


def test_a_later_head_is_a_line_of_the_file_which_is_written_anew_now_and_then(
    state_folder: Path,
) -> None:
    heads, kept = KnownHeads(), state_folder / "known-heads.json"
    heads.keep(head_at("x", 1))
    first = kept.stat().st_ino
    most = []
    for number in range(2, 200):
        heads.keep(head_at("x", number))
        most.append(kept.read_text(encoding="ascii").count("\n"))
        assert KnownHeads().by_place()["x"].number == number
    assert kept.stat().st_ino != first
    assert (min(most), max(most)) == (1, 65)
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_line_that_was_not_finished_is_left_out_and_not_written_behind(
    state_folder: Path, cut: int
) -> None:
    heads, kept = KnownHeads(), state_folder / "known-heads.json"
    for number in (1, 2, 3):
        heads.keep(head_at("x", number))
    kept.write_bytes(kept.read_bytes()[:-cut])
    shown: list[object] = []
    anew = KnownHeads(shown.append)
    assert anew.by_place()["x"].number == 2
    anew.keep(head_at("x", 5))
    assert KnownHeads(shown.append).by_place()["x"].number == 5
    assert shown == []


def test_another_program_s_line_stays_and_an_older_one_changes_nothing() -> None:
    one, other = KnownHeads(), KnownHeads()
    one.keep(head_at("x", 1))
    one.keep(head_at("y", 1))
    assert other.by_place()["x"].number == 1
    one.keep(head_at("x", 7))
    assert other._is_added(head_at("x", 4))  # noqa: SLF001 - it read the file before
    other.keep(head_at("y", 2))
    numbers = {place: each.number for place, each in KnownHeads().by_place().items()}
    assert numbers == {"x": 7, "y": 2}
    one.keep(head_at("x", 2), accepted=True)
    other.keep(head_at("x", 3))
    assert KnownHeads().by_place()["x"].number == 3


def test_no_line_is_added_behind_a_link(state_folder: Path, tmp_path: Path) -> None:
    heads, kept = KnownHeads(), state_folder / "known-heads.json"
    heads.keep(head_at("x", 1))
    elsewhere = tmp_path / "elsewhere"
    kept.rename(elsewhere)
    before = elsewhere.read_bytes()
    kept.symlink_to(elsewhere)
    heads.keep(head_at("x", 2))
    assert elsewhere.read_bytes() == before
    assert KnownHeads().by_place()["x"].number == 2
    assert not kept.is_symlink()


def _keep_on_and_on(number: int) -> None:
    heads = KnownHeads()
    for place in range(50):
        heads.keep(head_at(f"{number}", place + 1))


def test_several_writers_keep_a_whole_file(state_folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_keep_on_and_on, range(4)))
    assert [each.name for each in state_folder.iterdir()] == ["known-heads.json"]
    for head in KnownHeads().by_place().values():
        assert 1 <= head.number <= 50


def test_the_places_seen_last_are_kept() -> None:
    heads = KnownHeads()
    for number in range(120):
        heads.keep(replace(head_at(f"{number}"), at_utc=f"2026-11-05T08:00:{number // 2:02d}Z"))
    assert list(heads.by_place()) == [f"{number}" for number in range(20, 120)]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://ann:s%40cret@db.example:5433/clinic", "postgresql://db.example:5433/clinic"),
        ("postgresql://bob@db.example/clinic", "postgresql://db.example/clinic"),
        ("postgresql://ann:secret@/clinic?host=/run/db", "postgresql:///run/db/clinic"),
        ("postgresql:///clinic?host=db.example&port=5433", "postgresql://db.example:5433/clinic"),
        ("postgresql://db.example/clinic?password=secret", "postgresql://db.example/clinic"),
    ],
)
def test_a_server_is_named_without_user_and_password(url: str, name: str) -> None:
    assert place_name(Place(None, url)) == name


@pytest.mark.parametrize("name", ["[/] <img src=x>", "Łukasz", "=1+1", "a\u202eb", "a\x1b[31m"])
def test_a_hostile_path_is_a_place_like_any_other(tmp_path: Path, name: str) -> None:
    place = tmp_path / name / "records.sqlite"
    place.parent.mkdir(parents=True)
    opened(place).store.add_patient(a_patient())
    old = place.read_bytes()
    opened(place).store.add(1, a_note())
    place.write_bytes(old)
    assert len(opened_with(place)[1]) == 1


def test_a_path_and_its_link_are_one_place(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.sqlite"
    link.symlink_to(file)
    forge(file, cut_the_last_ten, Random(1))
    (warning,) = opened_with(link)[1]
    assert "was seen here on" in warning


def test_records_to_throw_away_leave_no_head(state_folder: Path, tmp_path: Path) -> None:
    demo_records(tmp_path).store.add(1, a_note())
    assert not state_folder.exists()


def test_opening_is_one_look_up_of_three_rows(file: Path) -> None:
    """The number of changes is no part of its cost: the table is never scanned."""
    engine = engine_of(Place.of(str(file)))
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *what: asked.append(what[2]))
    HeadWatch(KnownHeads(), place_name(Place.of(str(file)))).open(engine)
    (query,) = [each for each in asked if "audit" in each]
    with engine.begin() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (24,)).all()
    assert "SCAN" not in str(plan)
    assert "PRIMARY KEY" in str(plan)
