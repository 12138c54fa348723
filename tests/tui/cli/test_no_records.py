"""Commands on a place without records: reading begins none, and what begins them says so."""

import json
import shlex
from pathlib import Path

import pytest

from monitoring.store.connection import Place
from monitoring.store.opening import open_records
from tests.promises.recording import OPTIONS
from tests.tui.commands import Captured, run
from tests.tui.laboratory_file import GOOD, MAPPING
from tests.tui.places import put_empty

_KINDS = (
    "measure", "prescription", "missed", "level", "event", "lab", "drug", "response", "note",
    "condition", "supply",
)  # fmt: skip
READING = (
    "dose --patient 00123", "patient list", "patient list Sample", "patient list --json",
    "patient show 00123", "advise 00123", "forecast 00123", "taper 00123", "due", "due 00123",
    "due --json", "report 00123 --out a.pdf", "report --all --out all",
    "report --clinic --out a.pdf", "report 00123 --card --out a.pdf", "cohort",
    "cohort --json", "cohort --csv a.csv", "cohort share", "kinetics evaluate --cohort",
    "kinetics evaluate --cohort --json", "history 00123", "export out", "patient retention",
    "export --levels a.csv", "export --omop out --patient 00123", "backup copy.sqlite",
    "clinic limits", "clinic limits --json", "verify", "verify --accept",
    "recall --made-by 0.1.0", "recall --made-by 0.1.0 --json", "encrypt", "decrypt",
    "key passphrase", "key recovery", "key holders",
    "import results.csv --mapping map.toml --preview",
    *(f"{kind} list 00123" for kind in _KINDS),
)  # fmt: skip
CHANGING = (
    "patient edit 00123 --name Other",
    "patient merge 00124 --into 00123 --reason same",
    "patient remove 00123 --reason ended --by Other --export out --yes",
    'supply add 00123 --opened 2026-11-05 --volume "60 mL"',
    "measure add 00123 --weight 12kg",
    "prescribe 00123 --dose 0.4mg --times-a-day 2 --from 2026-11-05T08:00",
    "prescribe check 00123 --dose 0.4mg --volume 0.4mL --times-a-day 2 --by Other",
    "clinic limits set step-stop '4 times' --reason why --by Other",
    "clinic limits sign --by Other",
    "clinic limits reset step-stop --by Other",
    "missed add 00123 --kind held --at 2026-11-05T08:00",
    "restart 00123 --at 2026-11-05T08:00",
    'level add 00123 "7.2 ng/mL" --at 2026-11-05T08:00',
    "level cause 00123 2 missed",
    "event add 00123 rash --from 2026-11-05",
    'lab add 00123 ALT "35 U/L" --at 2026-11-05T08:00',
    "drug add 00123 fluconazole --from 2026-11-05",
    "response add 00123 --on 2026-11-05 --criterion clinical --improved yes",
    "note add 00123 seen",
    "condition add 00123 pregnancy --from 2026-11-05",
    "due settle 00123 level --reason done",
    "import results.csv --mapping map.toml",
    *(f"{kind} end 00123 2 --at 2026-11-05T08:00" for kind in ("prescription", "missed")),
    *(f"{kind} end 00123 2 --on 2026-11-05" for kind in ("event", "drug", "condition")),
    *(f"{kind} void 00123 2 --reason wrong" for kind in ("patient", *_KINDS)),
)
BEGINNING = {"patient add", "restore", "import"}
ON_SERVERS = {"clinic init", "clinic grant", "clinic roles"}

ADD = ("patient", "add", "--mrn", "00123", "--name", "Sample Łukasz", "--born", "2023-05-01",
       "--sex", "male", "--anomaly", "lymphatic-malformation")  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder to work in, with a laboratory's file; the data folder is not there."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "results.csv").write_text(GOOD, encoding="utf-8")
    (work / "map.toml").write_text(MAPPING, encoding="utf-8")
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("SIROLIMUS_RECORDS", raising=False)
    return work


def names(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*")}


def test_every_command_on_the_records_is_tried_here() -> None:
    tried = {*READING, *CHANGING, *BEGINNING, *ON_SERVERS}
    lines = OPTIONS.read_text(encoding="utf-8").splitlines()
    on_records = [line.split(": ")[0] for line in lines if "--records" in line]
    assert [
        command
        for command in on_records
        if not any(f"sirolimus {each} ".startswith(f"{command} ") for each in tried)
    ] == []


@pytest.mark.parametrize("typed", [*READING, *CHANGING])
def test_a_command_on_a_place_without_records_names_it_and_makes_nothing(
    typed: str, folder: Path, capsys: Captured
) -> None:
    before = names(folder)
    for place in ("typo.sqlite", "gone/records.sqlite"):
        run(*shlex.split(typed), "--records", place, code=2)
        printed = capsys.readouterr()
        assert printed.out == ""
        path = folder / place
        named = path if path.parent == folder else path.parent
        assert str(named) in printed.err.splitlines()[0]
    assert names(folder) == before


@pytest.mark.parametrize("typed", ["patient list", "due", "cohort --json", "verify"])
def test_reading_makes_neither_the_default_records_nor_their_folder(
    typed: str, folder: Path, capsys: Captured
) -> None:
    run(*shlex.split(typed), code=2)
    assert str(Place.of(None)) in capsys.readouterr().err
    assert names(folder.parent) == {"work", "work/results.csv", "work/map.toml"}


@pytest.mark.parametrize("typed", ["patient list", "due --json", "verify", "backup copy.sqlite"])
def test_reading_an_empty_file_reports_no_records(
    typed: str, folder: Path, capsys: Captured
) -> None:
    file = folder / "records.sqlite"
    file.touch()
    run(*shlex.split(typed), "--records", str(file), code=2)
    assert f"{file} are empty, 0 bytes" in capsys.readouterr().err
    assert file.read_bytes() == b""


def test_the_first_patient_begins_records_and_says_so(folder: Path, capsys: Captured) -> None:
    place = folder / "clinic.sqlite"
    run(*ADD, "--records", str(place))
    printed = capsys.readouterr()
    assert f"New records were begun at {place}." in printed.err
    assert "is added" in printed.out
    run("patient", "list", "--records", str(place), "--json")
    printed = capsys.readouterr()
    assert [each["record_number"] for each in json.loads(printed.out)] == ["00123"]
    assert printed.err == ""


def test_the_first_patient_makes_the_folder_of_the_default_records(
    folder: Path, capsys: Captured
) -> None:
    run(*ADD)
    assert f"New records were begun at {Place.of(None)}." in capsys.readouterr().err
    assert (folder.parent / "data").is_dir()
    run("patient", "show", "00123")


@pytest.mark.parametrize("typed", [ADD, ("import", "out"), ("demo", "--seed-into")])
def test_records_whose_folder_is_gone_are_not_begun_anew(
    typed: tuple[str, ...], folder: Path, capsys: Captured
) -> None:
    run("export", "out", "--records", str(put_empty(folder / "whole.sqlite")))
    share = folder / "share"
    option = () if "--seed-into" in typed else ("--records",)
    run(*typed, *option, str(share / "records.sqlite"), code=2)
    assert f"The folder {share} of the records is not there" in capsys.readouterr().err
    assert not share.exists()


def test_an_import_begins_records_after_a_preview_and_a_damaged_one_begins_none(
    folder: Path, capsys: Captured
) -> None:
    source, new = folder / "source.sqlite", folder / "new.sqlite"
    run(*ADD, "--records", str(source))
    run("export", "out", "--records", str(source))
    run("import", "out", "--preview", "--records", str(new))
    assert not new.exists()
    whole = (folder / "out" / "records.json").read_text(encoding="utf-8")
    (folder / "out" / "records.json").write_text(whole[:-30], encoding="utf-8")
    run("import", "out", "--records", str(new), code=2)
    assert not new.exists()
    (folder / "out" / "records.json").write_text(whole, encoding="utf-8")
    capsys.readouterr()
    run("import", "out", "--records", str(new))
    assert f"New records were begun at {new}." in capsys.readouterr().err
    assert open_records(str(new)).find("00123").patient.entry.name == "Sample Łukasz"
