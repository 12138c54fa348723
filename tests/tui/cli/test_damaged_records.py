"""Commands on damaged records, as a person types them."""

from pathlib import Path

import pytest

from monitoring.store.connection import Place, engine_of
from monitoring.store.verify import verify
from tests.tui.commands import Captured, run


@pytest.fixture
def backup(sample: str, tmp_path: Path) -> Path:
    assert sample
    run("backup", str(tmp_path / "data" / "copy.sqlite"))
    return tmp_path / "data" / "copy.sqlite"


def test_verify_says_what_is_damaged_and_which_backups_are_whole(
    backup: Path, records: Path, capsys: Captured
) -> None:
    records.write_bytes(records.read_bytes()[:9000])
    capsys.readouterr()
    run("verify", code=1)
    printed = capsys.readouterr().out
    head = verify(engine_of(Place.of(str(backup)))).head
    assert "the file: Could not open the records: the file is damaged." in printed
    assert f"{backup}: 1 change, the last on " in printed
    assert head in printed
    assert f"sirolimus restore FILE --records {records}" in printed
    run("restore", str(backup))
    run("verify")
    run("patient", "show", "00123")


def test_verify_of_an_empty_file_names_the_backups_too(
    backup: Path, records: Path, capsys: Captured
) -> None:
    records.write_bytes(b"")
    capsys.readouterr()
    run("verify", code=2)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{backup}: 1 change" in printed.err
    run("restore", str(backup))
    run("verify")


def test_restore_where_the_records_and_their_folder_are_gone_says_that_it_begins_them(
    backup: Path, tmp_path: Path, capsys: Captured
) -> None:
    place = tmp_path / "gone" / "records.sqlite"
    capsys.readouterr()
    run("restore", str(backup), "--records", str(place))
    printed = capsys.readouterr()
    assert printed.err == f"New records were begun at {place}.\n"
    assert "Restored 1 change; verified." in printed.out


def test_recover_saves_what_can_be_read_and_lists_the_rest(
    sample: str, records: Path, tmp_path: Path, capsys: Captured
) -> None:
    run("note", "add", sample, "seen [/] =1+1")
    whole, new = records.read_bytes(), tmp_path / "new.sqlite"
    capsys.readouterr()
    run("recover", str(records), "--into", str(new))
    assert "Saved 2 changes of 1 patient" in capsys.readouterr().out
    run("verify", "--records", str(new))
    run("recover", str(records), "--into", str(new), code=2)
    assert "exists" in capsys.readouterr().err
    records.write_bytes(bytes(4096) + whole[4096:])
    run("recover", str(records), "--into", str(tmp_path / "second.sqlite"), code=1)
    printed = capsys.readouterr().out
    assert "page of the file 1: is damaged or missing" in printed
    run("note", "list", sample, "--records", str(tmp_path / "second.sqlite"))
    assert "seen [/] =1+1" in capsys.readouterr().out
    run("recover", str(tmp_path / "gone.sqlite"), "--into", str(tmp_path / "c"), code=2)
    assert "cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()
