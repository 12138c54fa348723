"""The synthetic clinic leaves by `export` and comes in by `import`, as at a terminal."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.commands import Captured, run

BOTH = ("--new-patients", "--take-doses")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with the records of the synthetic clinic, `clinic.sqlite`."""
    monkeypatch.chdir(tmp_path)
    run("demo", "--seed-into", "clinic.sqlite")
    return tmp_path


def read(capsys: Captured, *arguments: str, records: str, code: int = 0) -> Any:
    capsys.readouterr()
    run(*arguments, "--json", "--records", records, code=code)
    return json.loads(capsys.readouterr().out)


def numbers(capsys: Captured, records: str) -> list[str]:
    return [each["record_number"] for each in read(capsys, "patient", "list", records=records)]


def figures(capsys: Captured, number: str, records: str) -> Any:
    """Return the levels and values of a patient, without what belongs to the entry alone."""
    lists = [read(capsys, kind, "list", number, records=records) for kind in ("level", "lab")]
    kept = ("at", "test", "reported", "comparator", "level_ng_ml", "status", "is_trough", "assay")
    return [
        [{name: each.get(name) for name in kept} for each in rows if not each["voided"]]
        for rows in lists
    ]


def test_the_clinic_leaves_as_fhir_and_comes_in_again(capsys: Captured, folder: Path) -> None:
    run("export", "--fhir", "out.json", "--records", "clinic.sqlite")
    # a preview begins no records
    plan = read(capsys, "import", "out.json", *BOTH, "--preview", records="new.sqlite")
    assert (plan["kind"], plan["added"], plan["refused"]) == ("fhir", 0, [])
    assert not (folder / "new.sqlite").exists()
    done = read(capsys, "import", "out.json", *BOTH, records="new.sqlite")
    assert (done["new_patients"], done["added"]) == (plan["new_patients"], plan["to_add"])
    assert sorted(numbers(capsys, "new.sqlite")) == sorted(numbers(capsys, "clinic.sqlite"))
    for number in ("DEMO-01", "DEMO-03", "DEMO-07"):
        assert figures(capsys, number, "new.sqlite") == figures(capsys, number, "clinic.sqlite")
    again = read(capsys, "import", "out.json", *BOTH, records="new.sqlite")
    assert (again["added"], again["to_void"], again["refused"]) == (0, 0, [])


def test_levels_leave_as_hl7_and_wait_for_their_patient(capsys: Captured) -> None:
    run("export", "--hl7", "out.hl7", "--patient", "DEMO-01", "--records", "clinic.sqlite")
    run("import", "out.hl7", "--records", "new.sqlite", code=2)  # no records, nobody to add
    run(
        "patient", "add", "--mrn", "00123", "--name", "Sample Other", "--born", "2020-01-01",
        "--sex", "male", "--records", "new.sqlite",
    )  # fmt: skip
    waits = read(capsys, "import", "out.hl7", records="new.sqlite")
    assert (waits["kind"], waits["added"], waits["refused"]) == ("hl7", 0, [])
    assert waits["waiting"]
    done = read(capsys, "import", "out.hl7", "--new-patients", records="new.sqlite")
    assert (done["new_patients"], done["waiting"]) == (1, [])
    there = figures(capsys, "DEMO-01", "new.sqlite")
    reported = [[each["reported"] for each in rows] for rows in there]
    clinic = figures(capsys, "DEMO-01", "clinic.sqlite")
    assert reported == [[each["reported"] for each in rows] for rows in clinic]
    assert read(capsys, "import", "waiting", records="new.sqlite") == []


def test_a_file_that_is_refused_begins_no_records(capsys: Captured, folder: Path) -> None:
    run("export", "--fhir", "out.json", "--patient", "DEMO-01", "--records", "clinic.sqlite")
    bundle = json.loads(Path("out.json").read_text(encoding="utf-8"))
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Observation":
            entry["resource"]["status"] = "nonsense"
    Path("bad.json").write_text(json.dumps(bundle), encoding="utf-8")
    found = read(capsys, "import", "bad.json", *BOTH, records="new.sqlite", code=2)
    assert found["refused"]
    assert found["added"] == 0
    assert not (folder / "new.sqlite").exists()


def test_a_folder_takes_each_kind_of_file(capsys: Captured, folder: Path) -> None:
    run("export", "--fhir", "out.json", "--patient", "DEMO-01", "--records", "clinic.sqlite")
    run("export", "--hl7", "out.hl7", "--patient", "DEMO-03", "--records", "clinic.sqlite")
    incoming = folder / "incoming"
    incoming.mkdir()
    for name in ("out.json", "out.hl7"):
        (folder / name).rename(incoming / name)
    (incoming / "page.pdf").write_bytes(b"%PDF-1.7 results")
    run("demo", "--seed-into", "new.sqlite")
    capsys.readouterr()
    run("import", "--watch", "incoming", "--once", "--json", "--records", "new.sqlite", code=2)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {each["file"]: each["outcome"] for each in lines} == {
        "out.json": "already there", "out.hl7": "already there", "page.pdf": "refused",
    }  # fmt: skip
    assert "a PDF document" in (incoming / "refused" / "page.pdf.reason.txt").read_text()
