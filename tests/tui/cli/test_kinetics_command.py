"""`sirolimus kinetics fit` on files, as a person runs it."""

import csv
import io
import stat
from pathlib import Path

import pytest

from tui.cli.main import main

Captured = pytest.CaptureFixture[str]

TABLE = """\
ID,TIME,EVID,AMT,DV,MDV,II,ADDL,WT
# a synthetic table
1,0,1,0.875,.,1,12,399,25
1,4800,0,.,14,0,.,.,25
Łukasz,0,1,0.48,.,1,12,28,16
Łukasz,336,0,.,8.8524,0,.,.,16
"""
BAD = '=1+1,0,1,"0,48",.,1,12,28,16\n\x1b[31mred,0,1,1,.,1,.,.,.\n'
MODEL = """\
key = "own"
name = "A model of one's own"
citation = "Nobody, written for a test"
population = "nobody"
assay = "lc-ms/ms"
compartments = 1

[parameter.CL]
value = 4
unit = "L/h"
source = "a test"
variance = 0.1

[parameter.V]
value = 150
unit = "L"
source = "a test"

[parameter.ka]
value = 0.5
unit = "1/h"
source = "a test"

[residual]
proportional = 0.2
source = "a test"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a table in it."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def run(*arguments: str, code: int = 0) -> None:
    assert main(("kinetics", "fit", *arguments)) == code, arguments


def rows(name: str = "fits.csv") -> list[dict[str, str]]:
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_a_table_is_fitted_from_file_to_file(capsys: Captured, folder: Path) -> None:
    run("table.csv", "--model", "fan2024", "--out", "fits.csv")
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == (
        f"{folder / 'fits.csv'}: 2 patients, 0 without a fit; 1 comment line left out.\n"
    )
    first, second = rows()
    assert list(first) == [
        "ID", "levels", "eta_CL", "ofv", "converged", "CL", "V", "ka", "half_life_h", "problem",
    ]  # fmt: skip
    # the clinical reference's example of a fit, and its trough at 336 h
    assert first["ID"] == "1"
    assert float(first["eta_CL"]) == pytest.approx(-0.1785, abs=5e-5)
    assert float(first["CL"]) == pytest.approx(5.8805, abs=5e-5)
    assert (first["levels"], first["converged"], first["problem"]) == ("1", "True", "")
    assert second["ID"] == "Łukasz"
    assert float(second["eta_CL"]) == pytest.approx(0, abs=1e-4)
    assert stat.S_IMODE(Path("fits.csv").stat().st_mode) == 0o600
    assert Path("fits.csv").read_bytes().count(b"\r\n") == 3


def test_a_model_of_ones_own_is_read_from_its_file() -> None:
    Path("own.toml").write_text(MODEL, encoding="utf-8")
    run("table.csv", "--model", "own.toml", "--out", "fits.csv")
    assert [row["V"] for row in rows()] == ["150.0", "150.0"]


def test_bad_patients_are_told_and_do_not_stop_the_rest(capsys: Captured) -> None:
    Path("table.csv").write_text(TABLE + BAD, encoding="utf-8")
    run("table.csv", "--model", "fan2024", "--out", "fits.csv")
    printed = capsys.readouterr()
    assert "4 patients, 2 without a fit" in printed.out
    comma = "it has a comma. Write the decimal sign as a point."
    assert printed.err.splitlines() == [
        f'Not fitted, patient =1+1: line 7, AMT "0,48": {comma}',
        "Not fitted, patient [31mred: line 8, WT: it is missing, in the rows before, too.",
    ]
    bad = rows()[2]
    assert bad["ID"] == "'=1+1"  # no spreadsheet runs it
    assert bad["converged"] == "False"
    assert [bad[name] for name in ("levels", "eta_CL", "ofv", "CL", "half_life_h")] == [""] * 5


def test_fits_to_review_are_counted(capsys: Captured) -> None:
    Path("table.csv").write_text(TABLE.replace("8.8524", "0.0088524"), encoding="utf-8")
    run("table.csv", "--model", "fan2024", "--out", "fits.csv")
    assert capsys.readouterr().err == (
        "1 fit to review (column problem); the first is Łukasz: "
        "DV in µg/mL? the median is 0.0088524 ng/mL\n"
    )


def test_without_any_fit_the_input_is_not_valid(capsys: Captured) -> None:
    Path("table.csv").write_text(TABLE.partition("1,0,1")[0] + BAD, encoding="utf-8")
    run("table.csv", "--model", "fan2024", "--out", "fits.csv", code=2)
    assert "2 patients, 2 without a fit" in capsys.readouterr().out
    assert len(rows()) == 2


def test_another_file_is_never_replaced(capsys: Captured) -> None:
    Path("fits.csv").write_text("mine", encoding="utf-8")
    run("table.csv", "--model", "fan2024", "--out", "fits.csv", code=2)
    assert "fits.csv exists already. Choose another name." in capsys.readouterr().err
    assert Path("fits.csv").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("none.csv", "--model", "fan2024", "--out", "f"), "none.csv cannot be read: No such file"),
        ((".", "--model", "fan2024", "--out", "f"), ". is a folder. Choose a regular file."),
        (("wide.csv", "--model", "fan2024", "--out", "f"), "wide.csv is not UTF-8"),
        (("null.csv", "--model", "fan2024", "--out", "f"), "null.csv holds a null character"),
        (("table.csv", "--model", "fan", "--out", "f"), '"fan" is neither a model (chen2021'),
        (("table.csv", "--model", ".", "--out", "f"), ". is a folder. Choose a regular file."),
        (("table.csv", "--model", "wide.csv", "--out", "f"), '"wide.csv" is neither a model'),
        (("table.csv", "--model", "table.csv", "--out", "f"), "table.csv, line 1"),
        (("table.csv", "--model", "fan2024", "--out", "no/f"), "no/f cannot be written (No such"),
        (("table.csv", "--model", "fan2024"), "--out"),
        (("table.csv", "--out", "f"), "--model"),
    ],
)
def test_what_cannot_be_read_or_written_is_told_in_a_line(
    capsys: Captured, arguments: tuple[str, ...], why: str
) -> None:
    Path("wide.csv").write_bytes(TABLE.encode("utf-16"))
    Path("null.csv").write_bytes(TABLE.encode() + b"\0")
    run(*arguments, code=2)
    printed = capsys.readouterr()
    assert why in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""
    assert not Path("f").exists()


def test_a_bar_is_drawn_on_a_terminal_and_standard_output_is_left_alone(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    run("table.csv", "--model", "fan2024", "--out", "fits.csv")
    assert "Patients" in terminal.getvalue()
    assert capsys.readouterr().out.count("\n") == 1
