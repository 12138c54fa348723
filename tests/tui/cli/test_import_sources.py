"""`sirolimus import` of other sources than one file: waiting results, a folder, new options."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.tui.commands import Captured, run
from tests.tui.laboratory_file import BAD, GOOD, MAPPING, UNKNOWN

MAPPED = ("--mapping", "map.toml")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Path) -> Path:
    """Give a folder with a mapping and a file in it, and records with one patient."""
    assert records.exists()
    monkeypatch.chdir(tmp_path)
    add_patient("00123", "Sample Łukasz [/]")
    Path("map.toml").write_text(MAPPING, encoding="utf-8")
    Path("unknown.csv").write_text(GOOD + UNKNOWN, encoding="utf-8")
    (tmp_path / "incoming").mkdir()
    return tmp_path


def add_patient(number: str, name: str) -> None:
    run("patient", "add", "--mrn", number, "--name", name, "--born", "2023-05-01", "--sex", "male")


def read(capsys: Captured, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    run(*arguments, "--json", code=code)
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def page(capsys: Captured, *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    run(*arguments, code=code)
    return capsys.readouterr().out


# --- waiting results


def test_a_result_of_an_unknown_patient_waits_until_the_patient_is_added(capsys: Captured) -> None:
    shown = page(capsys, "import", "unknown.csv", *MAPPED)
    assert "waiting, patient unknown" in shown
    assert "00777: sirolimus 8.1 ng/mL, sampled 3 Nov 2026" in " ".join(shown.split())
    assert "1 result waits for an unknown patient." in " ".join(shown.split())
    (waits,) = read(capsys, "import", "waiting")
    assert (waits["number"], waits["file"], waits["place"]) == (1, "unknown.csv", "row 5")
    assert waits["record_numbers"] == [{"value": "00777", "issuer": None}]
    assert (waits["test"], waits["reported"]) == ("sirolimus level", "8.1 ng/mL")
    assert (waits["status"], waits["kind"]) == ("final", "csv")
    assert "sirolimus import waiting --take" in page(capsys, "import", "waiting")
    add_patient("00777", "Sample Late")
    assert "8.1 ng/mL" in page(capsys, "import", "waiting", "--take", "--preview")
    assert len(read(capsys, "import", "waiting")) == 1
    done = read(capsys, "import", "waiting", "--take")
    assert (done["added"], done["taken_from_waiting"], done["kind"]) == (1, 1, "waiting")
    assert read(capsys, "level", "list", "00777")[0]["reported"] == "8.1 ng/mL"
    assert "No result waits for a patient." in page(capsys, "import", "waiting")
    run("verify")


def test_a_waiting_result_is_removed_with_a_reason(capsys: Captured) -> None:
    run("import", "unknown.csv", *MAPPED)
    done = read(capsys, "import", "waiting", "--drop", "1", "--reason", "a test [/]")
    assert done["dropped"] == 1
    assert read(capsys, "import", "waiting") == []
    run("import", "waiting", "--drop", "1", "--reason", "again", code=2)
    run("verify")


def test_json_of_an_import_has_the_waiting_results(capsys: Captured) -> None:
    found = read(capsys, "import", "unknown.csv", *MAPPED, "--preview")
    assert (found["kind"], found["to_add"], found["to_void"], found["voided"]) == ("csv", 2, 0, 0)
    (waits,) = found["waiting"]
    assert (waits["row"], waits["place"], waits["at"]) == (5, "row 5", "2026-11-03T07:50+01:00")
    assert read(capsys, "import", "waiting") == []


# --- a folder


def test_a_folder_is_imported_once_with_a_line_for_each_file(capsys: Captured) -> None:
    for name, text in (("a.csv", GOOD), ("b.csv", GOOD + BAD), ("c.csv.part", GOOD)):
        Path("incoming", name).write_text(text, encoding="utf-8")
    capsys.readouterr()
    run("import", "--watch", "incoming", "--once", "--json", *MAPPED, code=2)
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["file"], first["outcome"], first["added"]) == ("a.csv", "imported", 2)
    assert (second["outcome"], second["refused"], second["added"]) == ("refused", 2, 0)
    assert Path(second["moved_to"]) == Path("incoming/refused/b.csv").absolute()
    assert Path("incoming/refused/b.csv.reason.txt").read_text(encoding="utf-8").count("row ") == 2
    Path("incoming/again.csv").write_text(GOOD, encoding="utf-8")
    assert page(capsys, "import", "--watch", "incoming", "--once", *MAPPED) == (
        "again.csv: already there.\n"
    )
    assert Path("incoming/c.csv.part").exists()


def test_a_watcher_ends_cleanly_when_it_is_asked_to(folder: Path) -> None:
    command = [
        sys.executable, "-c", "import sys; from tui.cli.main import main; sys.exit(main())",
        "import", "--watch", "incoming", *MAPPED, "--json",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        try:
            Path("incoming", "a.csv").write_text(GOOD, encoding="utf-8")
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["outcome"] == "imported"
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert process.wait(timeout=30) == 0
            assert time.monotonic() - began < 30
        finally:
            process.kill()
    assert (folder / "incoming" / "imported" / "a.csv").exists()


# --- what does not fit together


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name one file or folder"),
        (("unknown.csv", "--watch", "incoming"), "Name one file or folder"),
        (("unknown.csv", "--once"), "--once belongs to --watch"),
        (("unknown.csv", "--take"), "--take belongs to waiting"),
        (("--watch", "incoming", "--preview"), "has no preview"),
        (("--watch", "missing", "--once", *MAPPED), "is not a folder"),
        (("waiting", "--drop", "1"), "needs --reason"),
        (("waiting", "--drop", "[/]", "--reason", "x"), "needs the number"),
        (("waiting", "--drop", "9", "--reason", "x"), "Waiting result 9 does not exist"),
        (("waiting", "--reason", "x"), "belongs to --drop"),
        (("waiting", *MAPPED), "need no mapping"),
        (("waiting", "--take", "--drop", "1", "--reason", "x"), "goes without --take"),
        (("data.json",), "JSON with the key"),
    ],
)
def test_what_does_not_fit_together_is_said_in_one_line(
    arguments: tuple[str, ...], said: str, capsys: Captured
) -> None:
    Path("data.json").write_text('{"[/]": 1}', encoding="utf-8")
    capsys.readouterr()
    run("import", *arguments, code=2)
    message = capsys.readouterr().err
    assert said in message
    assert message.count("\n") == 1
