"""A folder that fills up: each file once, never half of one, and nothing lost by a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from dosing import UserError
from monitoring.clinic_choices import USUAL_CHOICES
from monitoring.exchange import watching
from monitoring.exchange.entry_identity import reported
from monitoring.exchange.import_plan import ImportChoices
from monitoring.exchange.watching import FileImport, FileOutcome, Outcome, lock_folder, watch
from monitoring.record.level import Level
from monitoring.store.backup import backups_folder
from monitoring.store.connection import Place
from monitoring.store.opening import Records, open_records
from monitoring.store.verify import verify
from tests.builders import a_patient
from tests.campaign import sizes
from tests.stores import prepared, store_of
from tests.tui.laboratory_file import GOOD, MAPPING, UNKNOWN

HEADINGS = GOOD.splitlines(keepends=True)[0]
SECOND = HEADINGS + "00123;SIRO;8,0;ng/mL;04/11/2026 07:50\n"
BAD = HEADINGS + "00123;SIRO;7.2;ng/mL;05/11/2026 07:50\n"


@pytest.fixture
def records(sqlite_place: Place) -> Records:
    store = store_of(prepared(sqlite_place))
    store.add_patient(a_patient("00123"))
    return Records(store, sqlite_place)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder that is watched, and a mapping beside it."""
    (tmp_path / "map.toml").write_text(MAPPING, encoding="utf-8")
    made = tmp_path / "incoming"
    made.mkdir()
    return made


@pytest.fixture
def look(records: Records, folder: Path) -> Callable[..., list[FileOutcome]]:
    """Give a function that looks at the folder twice and imports what is ready."""

    def run(*, skips_refused: bool = False) -> list[FileOutcome]:
        importer = FileImport(
            records=records, mapping=folder.parent / "map.toml", clinic=USUAL_CHOICES,
            choices=ImportChoices(), skips_refused=skips_refused,
        )  # fmt: skip
        return list(watch(folder, importer, lambda _seconds: False, once=True))

    return run


def levels(records: Records) -> list[str]:
    return [reported(each.entry) for each in records.store.find("00123").active(Level)]


def names(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("[!.]*") if each.is_file())


def test_files_are_imported_in_the_order_they_came_and_moved(
    records: Records, folder: Path, look: Callable[..., list[FileOutcome]]
) -> None:
    (folder / "z.csv").write_text(GOOD, encoding="utf-8")
    os.utime(folder / "z.csv", (1, 1))
    (folder / "a.csv").write_text(SECOND + UNKNOWN, encoding="utf-8")
    found = look()
    assert [(each.file, each.outcome) for each in found] == [
        ("z.csv", Outcome.IMPORTED), ("a.csv", Outcome.IMPORTED),
    ]  # fmt: skip
    assert names(folder) == ["imported/a.csv", "imported/z.csv"]
    assert levels(records) == ["<2.0 ng/mL", "8.0 ng/mL"]
    assert found[1].plan is not None
    assert len(found[1].plan.waiting) == 1


def test_a_file_that_comes_again_adds_nothing_under_any_name(
    records: Records, folder: Path, look: Callable[..., list[FileOutcome]]
) -> None:
    for name in ("good.csv", "good.csv", "other.csv"):
        (folder / name).write_text(GOOD, encoding="utf-8")
        last = look()
    assert last[0].outcome is Outcome.ALREADY_THERE
    assert names(folder) == ["imported/good-2.csv", "imported/good.csv", "imported/other.csv"]
    assert levels(records) == ["<2.0 ng/mL"]


def test_a_refused_file_is_kept_with_its_reasons_and_stores_nothing(
    records: Records, folder: Path, look: Callable[..., list[FileOutcome]]
) -> None:
    (folder / "bad.csv").write_text(GOOD + BAD.removeprefix(HEADINGS), encoding="utf-8")
    (folder / "notes.pdf").write_bytes(b"%PDF-1.7")
    (first, second) = look()
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.REFUSED)
    assert names(folder) == [
        "refused/bad.csv", "refused/bad.csv.reason.txt", "refused/notes.pdf",
        "refused/notes.pdf.reason.txt",
    ]  # fmt: skip
    reason = (folder / "refused" / "bad.csv.reason.txt").read_text(encoding="utf-8")
    assert 'row 5, column Result (C): "7.2" has another decimal sign' in reason
    assert (folder / "refused" / "bad.csv.reason.txt").stat().st_mode & 0o777 == 0o600
    assert levels(records) == []


def test_good_results_of_a_refused_file_are_imported_if_that_is_asked_for(
    records: Records, folder: Path, look: Callable[..., list[FileOutcome]]
) -> None:
    (folder / "bad.csv").write_text(GOOD + BAD.removeprefix(HEADINGS), encoding="utf-8")
    (found,) = look(skips_refused=True)
    assert found.outcome is Outcome.IMPORTED
    assert names(folder) == ["imported/bad.csv", "imported/bad.csv.reason.txt"]
    assert levels(records) == ["<2.0 ng/mL"]


@pytest.mark.parametrize("name", [".good.csv", "good.csv.part", "good.TMP", "x.filepart"])
def test_a_file_that_is_still_being_written_by_its_name_is_left(
    folder: Path, look: Callable[..., list[FileOutcome]], name: str
) -> None:
    (folder / name).write_text(GOOD, encoding="utf-8")
    assert look() == []
    assert (folder / name).exists()


def test_folders_links_pipes_and_empty_files_are_left(
    folder: Path, look: Callable[..., list[FileOutcome]]
) -> None:
    (folder / "folder").mkdir()
    (folder / "link.csv").symlink_to(folder.parent / "map.toml")
    os.mkfifo(folder / "pipe.csv")
    (folder / "empty.csv").touch()
    assert look() == []


def test_a_file_that_grows_is_taken_only_when_it_is_whole(records: Records, folder: Path) -> None:
    """It grows at each of the first looks: half of it would be another file."""
    file = folder / "grows.csv"
    parts = iter([GOOD[:40], GOOD[40:90], GOOD[90:]])
    looks = 0

    def wait(seconds: float) -> bool:
        nonlocal looks
        if seconds:
            looks += 1
            with file.open("a", encoding="utf-8") as stream:
                stream.write(next(parts, ""))
        return looks > 6

    importer = FileImport(
        records=records, mapping=folder.parent / "map.toml", clinic=USUAL_CHOICES,
        choices=ImportChoices(),
    )  # fmt: skip
    found = list(watch(folder, importer, wait))
    assert [(each.file, each.outcome) for each in found] == [("grows.csv", Outcome.IMPORTED)]
    assert levels(records) == ["<2.0 ng/mL"]


def test_two_watchers_never_work_on_one_folder(folder: Path) -> None:
    second = lock_folder(folder)
    with lock_folder(folder), pytest.raises(UserError, match="is watched already"), second:
        pass
    with lock_folder(folder):
        pass
    with pytest.raises(UserError, match="is not a folder"), lock_folder(folder / "missing"):
        pass


def test_records_that_are_busy_keep_the_file_for_later(
    records: Records, folder: Path, look: Callable[..., list[FileOutcome]], tmp_path: Path
) -> None:
    (folder / "good.csv").write_text(GOOD, encoding="utf-8")
    assert records.place.file is not None
    aside = tmp_path / "aside.sqlite"
    records.place.file.rename(aside)
    (kept,) = look()
    assert kept.outcome is Outcome.KEPT
    assert names(folder) == ["good.csv"]
    aside.rename(records.place.file)
    assert [each.outcome for each in look()] == [Outcome.IMPORTED]


def test_hostile_names_are_only_names(
    records: Records, folder: Path, look: Callable[..., list[FileOutcome]]
) -> None:
    hostile = [
        "[x]<img src=x>.csv",
        "Łukasz \u202e.csv",
        "=1+1.csv",
        "a\nb.csv",
        "x" * 240 + ".csv",
    ]
    for name in hostile:
        (folder / name).write_text(GOOD, encoding="utf-8")
        (folder / f"bad {name[:200]}").write_text(BAD, encoding="utf-8")
    (folder / os.fsdecode(b"\xff.csv")).write_text(GOOD, encoding="utf-8")
    found = look()
    assert len(found) == 2 * len(hostile) + 1
    assert not [each for each in found if each.outcome is Outcome.KEPT]
    assert levels(records) == ["<2.0 ng/mL"]


def test_the_records_are_backed_up_once_an_hour(
    records: Records, folder: Path, look: Callable[..., list[FileOutcome]]
) -> None:
    (folder / "one.csv").write_text(GOOD, encoding="utf-8")
    (folder / "two.csv").write_text(SECOND, encoding="utf-8")
    look()
    assert len(list(backups_folder(records.place).glob("*-before-import.sqlite"))) == 1


def test_a_folder_that_cannot_be_written_says_so(
    folder: Path,
    look: Callable[..., list[FileOutcome]],
    monkeypatch: pytest.MonkeyPatch,
    records: Records,
) -> None:
    (folder / "good.csv").write_text(GOOD, encoding="utf-8")
    (folder / "imported").write_text("a file in the way", encoding="utf-8")
    monkeypatch.setattr(watching, "_LOOKS_BEFORE_AGAIN", 2)
    found = look()
    assert [(each.file, each.outcome) for each in found] == [
        ("good.csv", Outcome.KEPT), ("imported", Outcome.REFUSED),
    ]  # fmt: skip
    assert "cannot be moved" in found[0].reason
    assert levels(records) == ["<2.0 ng/mL"]


# --- kills

_WATCHER = """
import sys
from pathlib import Path
from monitoring.clinic_choices import USUAL_CHOICES
from monitoring.exchange import watching
from monitoring.exchange.import_plan import ImportChoices
from monitoring.store.opening import open_records

watching.LOOK_EVERY_S = 0.01
place, folder, mapping = sys.argv[1:]
records = open_records(place, "Dr Example", throw_away=True)
importer = watching.FileImport(
    records=records, mapping=Path(mapping), clinic=USUAL_CHOICES, choices=ImportChoices()
)
def wait(seconds):
    import time
    time.sleep(seconds)
    return False
print("ready", flush=True)
for each in watching.watch(Path(folder), importer, wait):
    print(each.outcome.value, flush=True)
"""


@pytest.fixture
def watcher(records: Records, folder: Path) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Give a function that starts a watcher of its own process."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        arguments = (str(records.place.file), str(folder), str(folder.parent / "map.toml"))
        process = subprocess.Popen(
            [sys.executable, "-c", _WATCHER, *arguments], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for each in started:
        each.kill()
        each.communicate()


@sizes(2, 5, 200)
def test_a_watcher_that_is_killed_at_any_moment_loses_and_doubles_nothing(
    watcher: Callable[[], "subprocess.Popen[str]"], records: Records, folder: Path, size: int
) -> None:
    rng, written = Random(20261105), 0
    for _ in range(size):
        process = watcher()
        for _ in range(5):
            written += 1
            at = f"{1 + written // 60:02}/10/2026 07:{written % 60:02}"
            text = f"00123;SIRO;7,{written};ng/mL;{at}\n"
            part = folder / f"{written}.csv.part"
            part.write_text(HEADINGS + text, encoding="utf-8")
            part.rename(folder / f"{written}.csv")
        time.sleep(rng.uniform(0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
    importer = FileImport(
        records=open_records(str(records.place.file), "Dr Example", throw_away=True),
        mapping=folder.parent / "map.toml", clinic=USUAL_CHOICES, choices=ImportChoices(),
    )  # fmt: skip
    list(watch(folder, importer, lambda _seconds: False, once=True))
    assert sorted(levels(records)) == sorted(f"7.{each} ng/mL" for each in range(1, written + 1))
    assert names(folder) == sorted(f"imported/{each}.csv" for each in range(1, written + 1))
    assert verify(records.store.engine).is_whole
