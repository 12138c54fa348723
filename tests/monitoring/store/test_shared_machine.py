"""Records on a machine that others use: modes, a read-only address, and names of a sane length."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from dosing import Override, UserError
from monitoring.record.entries import StopRecord, Void
from monitoring.record.entry import Entry
from monitoring.store.errors import RecordsError
from monitoring.store.file_modes import open_to_others
from monitoring.store.opening import open_records
from monitoring.store.verify import verify
from tests.builders import a_note, a_patient, at, every_kind
from tests.stores import fill, store_of
from tui.cli.main import main

LONG = "ab" * 500_000
MADE_BY_THE_PROGRAM = {"proposal"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give records with one patient, in a folder that others may enter if all before let them."""
    place = tmp_path / "shared" / "records.sqlite"
    place.parent.mkdir()
    fill(open_records(str(place), "Dr Example", create=True).store)
    place.parent.chmod(0o755)
    return place


@pytest.mark.parametrize(
    ("mode", "folder", "words"),
    [
        (0o600, 0o777, ""),
        (0o644, 0o755, "can read"),
        (0o640, 0o750, "can read"),
        (0o666, 0o755, "can change"),
        (0o644, 0o700, ""),
        (0o640, 0o701, ""),
    ],
)
def test_a_file_that_others_reach_is_named(mode: int, folder: int, words: str, file: Path) -> None:
    # the folders of a test are closed to others
    opened = [each for each in file.parent.parents if not each.stat().st_mode & 0o001]
    modes = {each: each.stat().st_mode & 0o777 for each in opened}
    try:
        for each in opened:
            each.chmod(modes[each] | 0o011)
        file.chmod(mode)
        file.parent.chmod(folder)
        said = open_to_others(file)
    finally:
        file.parent.chmod(0o700)
        for each, old in modes.items():
            each.chmod(old)
    assert (words in said) if words else not said
    assert not words or said.endswith("Run chmod 600 on it.")
    assert file.stat().st_mode & 0o777 == mode


def test_the_command_says_so_on_standard_error_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("monitoring.store.file_modes.open_to_others", lambda _: "Others can read.")
    assert main(["patient", "list", "--json", "--records", str(file)]) == 0
    printed = capsys.readouterr()
    assert printed.err == "sirolimus: Others can read.\n"
    assert printed.out.startswith("[")


def test_a_read_only_address_is_kept_to(file: Path) -> None:
    before = file.read_bytes()
    records = open_records(f"sqlite:///{file}?mode=ro", "Dr Example")
    assert records.place.read_only
    assert verify(records.store.engine).is_whole
    (number,) = records.store.patient_numbers()
    with pytest.raises(RecordsError, match=r"the records are read-only.+Nothing was stored"):
        records.store.add(number, a_note())
    with pytest.raises(RecordsError, match="the records are read-only"):
        records.store.add_patient(a_patient("9"))
    assert file.read_bytes() == before


def test_a_read_only_address_creates_and_upgrades_nothing(tmp_path: Path) -> None:
    none = tmp_path / "new" / "none.sqlite"
    with pytest.raises(RecordsError, match="is not there"):
        open_records(f"sqlite:///{none}?mode=ro", "Dr Example")
    assert not none.parent.exists()
    old = tmp_path / "old.sqlite"
    kept = Path(__file__).parents[2] / "promises" / "records-0001.sqlite"
    old.write_bytes(kept.read_bytes())
    with pytest.raises(RecordsError, match="Open them once without"):
        open_records(f"sqlite:///{old}?mode=ro", "Dr Example")
    assert old.read_bytes() == kept.read_bytes()
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize("query", ["mode=rwc", "mode=memory", "immutable=1", "mode=ro&vfs=unix"])
def test_another_query_of_an_address_is_refused(query: str, file: Path) -> None:
    with pytest.raises(RecordsError, match=r"may end in \?mode=ro alone"):
        open_records(f"sqlite:///{file}?{query}", "Dr Example")


@pytest.mark.parametrize("by_variable", [True, False])
def test_an_author_has_at_most_200_characters(
    by_variable: bool,  # noqa: FBT001 - pytest gives it
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path / "records.sqlite"
    for name in ("a" * 201, LONG):
        monkeypatch.setenv("SIROLIMUS_USER", name if by_variable else "Dr Example")
        with pytest.raises(RecordsError, match=r"author's name has .+ Use at most 200"):
            open_records(str(place), None if by_variable else name, create=True)
        assert not place.exists()
    name = "Łukasz" + "a" * 194
    monkeypatch.setenv("SIROLIMUS_USER", name)
    records = open_records(str(place), create=True)
    assert records.store.add_patient(a_patient()).author.by == name


def test_records_with_a_longer_author_open_as_before(tmp_path: Path) -> None:
    place = tmp_path / "records.sqlite"
    records = open_records(str(place), "Dr Example", create=True)
    fill(store_of(records.store.engine, LONG))
    again = open_records(str(place), "Dr Example")
    assert verify(again.store.engine).is_whole
    assert next(iter(again)).patient.author.by == LONG


@pytest.mark.parametrize(
    "entry", [*every_kind(), a_patient()], ids=lambda each: type(each).__name__
)
def test_no_text_of_an_entry_is_without_a_limit(entry: Entry) -> None:
    texts = [each.name for each in fields(entry) if isinstance(getattr(entry, each.name), str)]
    for name in set(texts) - MADE_BY_THE_PROGRAM:
        with pytest.raises(UserError):
            replace(entry, **{name: LONG})


def test_ends_voids_and_overrides_have_limits() -> None:
    with pytest.raises(UserError, match="2000"):
        StopRecord(of=1, at=at("2026-11-01T08:00"), reason=LONG)
    with pytest.raises(UserError, match="2000"):
        Void(of=1, reason=LONG)
    for reason, by in ((LONG, "A. Name"), ("shown to the board", LONG)):
        with pytest.raises(UserError, match="Use at most 500"):
            Override(reason, by)
