"""`sirolimus import` of a laboratory's file and `sirolimus demo`, as a person runs them."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.commands import Captured, run
from tests.tui.laboratory_file import BAD, GOOD, MAPPING
from tui.cli.import_page import progress_bar


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Path) -> Path:
    """Give a folder with a mapping and a file in it, and records with one patient."""
    assert records.exists()
    monkeypatch.chdir(tmp_path)
    run("patient", "add", "--mrn", "00123", "--name", "Sample Łukasz [/]", "--born", "2023-05-01",
        "--sex", "male")  # fmt: skip
    Path("map.toml").write_text(MAPPING, encoding="utf-8")
    Path("good.csv").write_text(GOOD, encoding="utf-8")
    Path("bad.csv").write_text(GOOD + BAD, encoding="utf-8")
    return tmp_path


def read(capsys: Captured, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    run(*arguments, "--json", code=code)
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def levels(capsys: Captured) -> list[str]:
    return [level["reported"] for level in read(capsys, "level", "list", "00123")]


def test_a_preview_writes_nothing_and_an_import_does(folder: Path, capsys: Captured) -> None:
    capsys.readouterr()
    run("import", "good.csv", "--mapping", "map.toml", "--preview")
    page = capsys.readouterr().out
    assert "Nothing is stored yet. Repeat without --preview to import." in page
    assert "00123 Sample Łukasz [/]: sirolimus <2.0 ng/mL, sampled 3 Nov 2026" in page
    assert levels(capsys) == []
    run("import", "good.csv", "--mapping", "map.toml")
    page = capsys.readouterr().out
    assert "Imported: 2 entries." in page
    assert levels(capsys) == ["<2.0 ng/mL"]
    assert len(list((folder / "data" / "backups").iterdir())) == 1
    run("verify")


def test_an_import_again_adds_nothing(capsys: Captured) -> None:
    run("import", "good.csv", "--mapping", "map.toml")
    capsys.readouterr()
    run("import", "good.csv", "--mapping", "map.toml")
    assert "Nothing to add. Nothing was stored." in capsys.readouterr().out
    told = read(capsys, "import", "good.csv", "--mapping", "map.toml")
    assert (told["to_add"], told["added"], told["already_there"]) == (0, 0, 2)
    assert told["backup"] is None
    assert levels(capsys) == ["<2.0 ng/mL"]


def test_refused_rows_are_named_and_nothing_is_written(capsys: Captured) -> None:
    told = read(capsys, "import", "bad.csv", "--mapping", "map.toml", code=2)
    assert (told["rows"], told["to_add"], told["added"]) == (5, 2, 0)
    assert {key: count for key, count in told["skipped"].items() if count} == {"without_value": 1}
    assert {"empty_rows", "other_tests", "preliminary", "doses"} <= told["skipped"].keys()
    unknown, sign = told["refused"]
    assert (unknown["row"], unknown["column"], unknown["column_letter"]) == (5, "Test", "B")
    assert unknown["reason"] == '"[/] <img>" is not in the mapping\'s tests. Add it there.'
    assert (unknown["place"], unknown["part"]) == ("row 5", "column Test (B)")
    assert (sign["row"], sign["column"]) == (6, "Result")
    assert levels(capsys) == []
    run("import", "bad.csv", "--mapping", "map.toml", code=2)
    page = capsys.readouterr().out
    assert 'column Test (B): "[/] <img>" is not in the mapping\'s tests.' in page
    assert "Nothing was stored: rows are refused." in page
    assert max(map(len, page.splitlines())) <= 80


def test_good_rows_alone_are_added_only_where_that_is_asked_for(capsys: Captured) -> None:
    run("import", "bad.csv", "--mapping", "map.toml", "--preview", code=2)
    run("import", "bad.csv", "--mapping", "map.toml", "--skip-refused")
    assert "Imported: 2 entries. 2 refused rows were left out." in capsys.readouterr().out
    assert levels(capsys) == ["<2.0 ng/mL"]
    told = read(capsys, "import", "bad.csv", "--mapping", "map.toml", "--skip-refused")
    assert (told["already_there"], len(told["refused"])) == (2, 2)


def test_entries_of_the_json_are_what_is_added(capsys: Captured) -> None:
    told = read(capsys, "import", "good.csv", "--mapping", "map.toml", "--preview")
    assert told["entries"] == [
        {"row": 2, "record_number": "00123", "test": "sirolimus level", "reported": "<2.0 ng/mL",
         "at": "2026-11-03T07:50+01:00", "place": "row 2", "remarks": []},
        {"row": 3, "record_number": "00123", "test": "ALT", "reported": "35 U/L",
         "at": "2026-11-03T07:50+01:00", "place": "row 3", "remarks": []},
    ]  # fmt: skip


def test_a_long_list_of_additions_is_cut_with_a_word_of_it(capsys: Captured) -> None:
    rows = "".join(f"00123;SIRO;7;ng/mL;03/11/2026 07:{minute}\n" for minute in range(10, 50))
    Path("many.csv").write_text(GOOD.splitlines()[0] + "\n" + rows, encoding="utf-8")
    capsys.readouterr()
    run("import", "many.csv", "--mapping", "map.toml", "--preview")
    page = capsys.readouterr().out
    assert page.count("sirolimus 7 ng/mL") == 19
    assert "and 21 more; --json shows them all." in page


def test_the_first_steps_of_a_new_laboratory(capsys: Captured) -> None:
    capsys.readouterr()
    run("import", "good.csv", code=2)
    assert "--write-mapping MAP writes one" in capsys.readouterr().err
    run("import", "good.csv", "--write-mapping", "new.toml")
    assert "--mapping new.toml --preview" in capsys.readouterr().out
    assert '#   "Collected"' in Path("new.toml").read_text(encoding="utf-8")
    run("import", "good.csv", "--mapping", "new.toml", code=2)
    assert "columns.record_number is missing" in capsys.readouterr().err
    run("import", "good.csv", "--write-mapping", "new.toml", code=2)
    headings = read(capsys, "import", "good.csv", "--write-mapping", "other.toml")["headings"]
    assert headings == ["MRN", "Test", "Result", "Unit", "Collected"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("missing.csv", "--mapping", "map.toml"), "missing.csv cannot be read"),
        (("good.csv", "--mapping", "missing.toml"), "missing.toml cannot be read"),
        (("good.csv", "--preview"), "needs --mapping"),
        (("data", "--mapping", "map.toml"), "is a folder"),
        (("good.csv", "--mapping", "map.toml", "--write-mapping", "x"), "goes alone"),
        (("map.toml", "--mapping", "map.toml"), "no headings in row 1"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    arguments: tuple[str, ...], told: str, capsys: Captured
) -> None:
    run("import", *arguments, code=2)
    message = capsys.readouterr().err
    assert told in message
    assert message.count("\n") == 1


def test_an_export_is_still_taken_over(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    run("export", "out")
    monkeypatch.setenv("SIROLIMUS_RECORDS", "other.sqlite")
    capsys.readouterr()
    run("import", "out", "--json")
    printed = capsys.readouterr()
    assert json.loads(printed.out)["changes"] == 1
    assert printed.err == f"New records were begun at {Path('other.sqlite').absolute()}.\n"
    run("verify")


def test_a_bar_is_drawn_on_a_terminal_for_many_rows_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for rows, drawn in ((5000, True), (1000, False)):
        terminal = Terminal()
        monkeypatch.setattr("sys.stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with progress_bar("Reading") as tell:
            for row in range(1, rows + 1):
                tell(row, rows)
        assert ("Reading" in terminal.getvalue()) is drawn
    monkeypatch.undo()
    capsys.readouterr()
    with progress_bar("Reading") as tell:
        tell(5000, 5000)
    assert capsys.readouterr() == ("", "")


def test_a_demo_is_written_into_new_records_alone(capsys: Captured) -> None:
    run("demo", "--seed-into", "my demo.sqlite")
    said = capsys.readouterr().out
    assert "17 synthetic patients are stored in my demo.sqlite." in said
    assert "sirolimus patient list --records 'my demo.sqlite'" in said
    assert len(read(capsys, "patient", "list", "--records", "my demo.sqlite")) == 17
    run("demo", "--seed-into", "my demo.sqlite", code=2)
    assert "Choose a new place" in capsys.readouterr().err
    run("demo", "--seed-into", "data/records.sqlite", code=2)
    assert [each["record_number"] for each in read(capsys, "patient", "list")] == ["00123"]
    run("demo", code=2)
    assert "--seed-into" in capsys.readouterr().err


def test_an_export_is_previewed_and_then_taken_over(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", "out")
    run("import", "out", "--preview", code=2)
    assert "only be restored into empty records" in capsys.readouterr().err
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(folder / "empty.sqlite"))
    run("import", "out", "--preview")
    told = capsys.readouterr().out
    assert "+ to add: 1 patient with 1 change; the export is whole." in told
    assert "Nothing is stored yet" in told
    run("patient", "list", code=2)  # a preview begins no records
    previewed = read(capsys, "import", "out", "--preview")
    assert previewed["record_numbers"] == ["00123"]
    capsys.readouterr()
    run("import", "out", "--json")
    assert json.loads(capsys.readouterr().out)["head"] == previewed["head"]
    assert len(read(capsys, "patient", "list")) == 1
