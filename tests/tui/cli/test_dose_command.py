"""`sirolimus dose` as a person or a program runs it: output, exit codes, hostile input."""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from datetime import date, timedelta

import pytest

from tests.tui.commands import Captured
from tui.cli.main import main

EXAMPLE = ("dose", "--weight", "12.4kg", "--height", "88cm", "--age", "2 years")
INFANT = ("dose", "--weight", "6.2kg", "--height", "61cm", "--age", "3 months")


def with_option(option: str, value: str) -> tuple[str, ...]:
    """Return the example with one option changed or added."""
    if option in EXAMPLE:
        at = EXAMPLE.index(option) + 1
        return (*EXAMPLE[:at], value, *EXAMPLE[at + 1 :])
    return (*EXAMPLE, option, value)


_START = "import sys; from tui.start import main; sys.exit(main())"


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", _START, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


def printed(capsys: Captured, *arguments: str) -> str:
    """Return what the program prints, run in this process; argparse ends it after its help."""
    with suppress(SystemExit):
        main(arguments)
    return capsys.readouterr().out


def test_the_page_tells_all_a_clinician_needs(capsys: Captured) -> None:
    assert main(EXAMPLE) == 0
    page, messages = capsys.readouterr()
    words = " ".join(page.split())
    for part in (
        "12.4 kg = 27.3 lb",
        "88 cm = 34.6 in",
        ", 2 years old, sex not given",
        "0.44 mg (0.44 mL of 1 mg/mL) by mouth",
        "every 12 hours, twice a day",
        "Draw 0.44 mL (0.44 mg) of 1 mg/mL into a 0.5 mL oral syringe.",
        "0.44 mg per dose = 0.7992 mg/m²/dose",
        "0.88 mg per day = 1.598 mg/m²/day",
        "1.6 mg/m²/day = 0.8 mg/m²/dose",
        "trough 5-15 ng/mL",
        "7-14 days after the start",
        "mouth sores 12, high cholesterol 9",
        "not a certified medical device",
    ):
        assert part in words
    assert messages == ""


def test_json_prints_one_document_and_nothing_else(capsys: Captured) -> None:
    assert main((*EXAMPLE, "--json")) == 0
    output, messages = capsys.readouterr()
    assert json.loads(output)["dose"]["given_mg"] == 0.44
    assert messages == ""


SMALL = ("dose", "--weight", "4.5kg", "--height", "50cm", "--age", "2 months",
         "--protocol", "infant")  # fmt: skip


@pytest.mark.parametrize(
    ("options", "volume"),
    [(("--syringe-step", "0.01mL"), 0.05), (("--strength", "0.5 mg/mL"), 0.1)],
)
def test_a_small_dose_every_48_hours(
    options: tuple[str, ...], volume: float, capsys: Captured
) -> None:
    """0.25 m² × 0.2 mg/m² = 0.05 mg, every 48 hours 0.025 mg a day (BJCP 2022)."""
    assert main((*SMALL, "--every", "48 h", *options, "--json")) == 0
    dose = json.loads(capsys.readouterr().out)["dose"]
    assert (dose["given_mg"], dose["volume_ml"], dose["daily_mg"]) == (0.05, volume, 0.025)
    assert (dose["times_a_day"], dose["every_hours"]) == (None, 48)
    assert dose["parts"] == [{"at": "each dose", "mg": 0.05}]


def test_the_marks_of_most_syringes_stop_a_small_dose(capsys: Captured) -> None:
    assert main((*SMALL, "--json")) == 3
    assert json.loads(capsys.readouterr().out)["dose"] is None


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--every", "48h"), ("--every", "36 h"), ("--every", "daily"), ("--strength", "0.5"),
        ("--strength", "0 mg/mL"), ("--syringe-step", "0.03mL"), ("--syringe-step", "0.01 mg"),
    ],
)  # fmt: skip
def test_an_interval_a_strength_and_marks_are_read_strictly(
    option: str, value: str, capsys: Captured
) -> None:
    """The review's dose is every 12 hours and nothing else."""
    assert main((*EXAMPLE, option, value)) == 2
    assert capsys.readouterr().out == ""


def test_tablets_are_named_with_the_other_tablet_doses(capsys: Captured) -> None:
    child = ("dose", "--weight", "52kg", "--height", "165cm", "--age", "15 years")
    assert main((*child, "--product", "tablets")) == 0
    page = " ".join(capsys.readouterr().out.split())
    for words in ("1.5 mg in the morning and 1 mg in the evening", "5 mg every 48 hours"):
        assert words in page


def test_a_stop_exits_with_3_and_still_prints_json(capsys: Captured) -> None:
    assert main((*INFANT, "--json")) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["dose"] is None
    assert found["alerts"][0]["code"] == "age-under-7-months"


@pytest.mark.parametrize("name", ["clarithromicin", "ritonovir", "voriconazol", "rifampicine"])
def test_a_misspelled_drug_to_avoid_stops_without_an_override(name: str, capsys: Captured) -> None:
    child = ("dose", "--weight", "12.4kg", "--height", "88cm", "--age", "27months")
    assert main((*child, "--with", name, "--json")) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["dose"] is None
    assert ("drug-unknown", "override") in [
        (alert["code"], alert["kind"]) for alert in found["alerts"]
    ]
    reason = ("--override", "it is another drug", "--by", "Dr Example")
    assert main((*child, "--with", name, *reason)) == 0


def test_an_override_passes(capsys: Captured) -> None:
    assert main((*INFANT, "--override", "levels twice a week", "--by", "Dr Example")) == 0
    assert "levels twice a week (by Dr Example)" in capsys.readouterr().out


@pytest.mark.parametrize("alone", [("--override", "because"), ("--by", "Dr Example")])
def test_an_override_needs_reason_and_name(alone: tuple[str, str], capsys: Captured) -> None:
    assert main((*INFANT, *alone)) == 2
    output, messages = capsys.readouterr()
    assert output == ""
    assert "--override REASON and --by NAME" in messages


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--weight", "12,4kg", "decimal sign as a point"),
        ("--weight", "12.4", "has no unit"),
        ("--weight", "12.4 cm", "unit of a height"),
        ("--weight", "0kg", "above zero"),
        ("--weight", "-5kg", "has a plus or minus sign"),
        ("--age", "-2years", "has a plus or minus sign"),
        ("--height", "1e2cm", "exponent"),
        ("--age", "2", "has no unit"),
        ("--age", "2 m", "months or minutes"),
        ("--protocol", "adult", "invalid choice"),
        ("--formula", "schlich", "invalid choice"),
        ("--liver", "D", "invalid choice"),
        ("--sex", "f", "invalid choice"),
        ("--product", "capsules", "invalid choice"),
        ("--with", " ", "is empty"),
        ("--measured", "23/11/2026", "year-month-day"),
        ("--wei", "5kg", "unrecognized"),
    ],
)
def test_what_cannot_be_read_exits_with_2_and_says_how_to_write_it(
    option: str, value: str, told: str, capsys: Captured
) -> None:
    assert main(with_option(option, value)) == 2
    output, messages = capsys.readouterr()
    assert output == ""
    assert messages.startswith("sirolimus: ")
    assert messages.count("\n") == 1
    assert told in messages


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "COMMAND"),
        (("dose",), "--weight"),
        (("dose", "--weight", "12kg", "--height", "88cm"), "--age or --born"),
        (("dose", "--weight", "12kg", "--age", "2y"), "needs a height"),
        ((*EXAMPLE, "--born", "2024-01-01"), "not allowed with"),
        ((*EXAMPLE, "--weight", "13kg"), "--weight is given twice"),
        (("no-such-command",), "invalid choice"),
    ],
)
def test_what_is_missing_exits_with_2(
    arguments: tuple[str, ...], told: str, capsys: Captured
) -> None:
    assert main(arguments) == 2
    output, messages = capsys.readouterr()
    assert output == ""
    assert told in messages


def test_a_date_of_birth_gives_the_age(capsys: Captured) -> None:
    today = date.today()  # noqa: DTZ011 - the local day, as the command takes it
    born = today.replace(year=today.year - 2, day=min(today.day, 28))
    arguments = ("dose", "--weight", "12.4kg", "--height", "88cm", "--born", born.isoformat())
    assert main((*arguments, "--json")) == 0
    months = json.loads(capsys.readouterr().out)["inputs"]["age_months"]
    assert 24 <= months < 24.2  # 29 to 31 February or so were moved to the 28th


@pytest.mark.parametrize(("days", "code"), [(1, 3), (0, 3), (-400, 0)])
def test_a_birth_in_the_future_stops(days: int, code: int, capsys: Captured) -> None:
    """Today's newborn stops too: the review's dose under 7 months."""
    born = date.today() + timedelta(days=days)  # noqa: DTZ011
    arguments = ("dose", "--weight", "9kg", "--height", "75cm", "--born", born.isoformat())
    assert main((*arguments, "--json")) == code
    codes = [alert["code"] for alert in json.loads(capsys.readouterr().out)["alerts"]]
    assert ("age-out-of-range" in codes) == (days > 0)


@pytest.mark.parametrize(("days", "told"), [(0, False), (30, False), (31, True)])
def test_an_old_weight_is_told(days: int, *, told: bool, capsys: Captured) -> None:
    measured = date.today() - timedelta(days=days)  # noqa: DTZ011
    assert main((*EXAMPLE, "--measured", measured.isoformat(), "--json")) == 0
    codes = [alert["code"] for alert in json.loads(capsys.readouterr().out)["alerts"]]
    assert codes == (["measurement-old"] if told else [])


@pytest.mark.parametrize(
    "arguments",
    [EXAMPLE, (*EXAMPLE, "--explain"), (*INFANT, "--explain", "--with", "x" * 90), ("dose", "-h")],
)
def test_the_page_fits_80_columns_and_has_no_escape_byte(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = printed(capsys, *arguments)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\x1b" not in text


def test_no_color_is_heeded_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = printed(capsys, *INFANT)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed(capsys, *INFANT)
    assert "\x1b[1;31m" in coloured
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", plain)
    assert "▲ OVERRIDE" in plain


HOSTILE = [
    "[/]",
    "[red]x[/red]",
    "<img src=x>",
    "Łukasz",
    "=1+1",
    "a\x1b[31mred",
    "a\x1b]0;title\x07b",
    "a\N{RIGHT-TO-LEFT OVERRIDE}b",
    "שלום",
    "a\nb",
    "{0.__class__}",
    "%s%n",
    "x" * 400,
    "\udcff y",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "option", ["--weight", "--height", "--age", "--born", "--with", "--override", "--protocol"]
)
def test_hostile_text_never_reaches_the_terminal_raw(
    option: str, text: str, capsys: Captured
) -> None:
    arguments = (*with_option(option, text), *(("--by", text) if option == "--override" else ()))
    if option == "--born":
        arguments = tuple(part for part in arguments if part not in {"--age", "2 years"})
    code = main(arguments)
    output, messages = capsys.readouterr()
    assert code == 2 or option in {"--with", "--override"}
    assert code != 1
    for forbidden in ("\x1b", "\x07", "\N{RIGHT-TO-LEFT OVERRIDE}", "Traceback"):
        assert forbidden not in output + messages
    (output + messages).encode("utf-8")


def test_output_is_utf_8_whatever_the_console(capsys: Captured) -> None:
    del capsys
    result = process(*EXAMPLE, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert result.returncode == 0
    assert "mg/m²/day" in result.stdout.decode("utf-8")


def test_a_closed_pipe_is_no_fault() -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", _START, *EXAMPLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout
    assert program.stderr
    program.stdout.close()
    assert program.stderr.read() == b""
    program.stderr.close()
    assert program.wait() == 0


def test_a_fault_exits_with_1_and_tells_no_data(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def fail(_request: object) -> None:
        raise RuntimeError("0123456 Example, Ann")

    monkeypatch.setattr("tui.cli.dose.propose_starting_dose", fail)
    assert main(EXAMPLE) == 1
    output, messages = capsys.readouterr()
    assert output == ""
    assert "RuntimeError" in messages
    assert "dose_command.py" in messages
    assert "Example, Ann" not in messages
    assert "12.4" not in messages


def test_help_exits_with_0(capsys: Captured) -> None:
    for arguments in (("--help",), ("dose", "--help")):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        page, messages = capsys.readouterr()
        assert messages == ""
    assert "Example:" in page


def test_the_command_line_imports_nothing_it_does_not_need() -> None:
    """No pandas, textual, reportlab or SQLAlchemy on the way to a starting dose.

    pint imports the front page of scipy where it is present, as it is for the tests.
    """
    command = (
        "import sys; from tui.start import main; code = main(sys.argv[1:]); "
        "heavy = {'pandas', 'textual', 'reportlab', 'sqlalchemy', 'scipy.stats', "
        "'tui.cli.records', 'monitoring.record'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); "
        "print(sorted(name for name in sys.modules if name.startswith('reports.')), "
        "file=sys.stderr); sys.exit(code)"
    )
    for options, shared in (((), {"alerts", "ages", "doses"}), (("--json",), set())):
        result = subprocess.run(
            [sys.executable, "-c", command, *EXAMPLE, *options], capture_output=True, check=True
        )
        heavy, reports = result.stderr.decode().splitlines()
        words = {"reports.presentation", *(f"reports.presentation.{name}" for name in shared)}
        assert heavy == "[]"
        assert reports == str(sorted(words if shared else ()))


FOR_ARRAYS = "{'numpy', 'scipy', 'dask', 'uncertainties'}"


def run_python(script: str, *arguments: str) -> tuple[str, str]:
    """Run a script in a process of its own; return what it prints and its last message."""
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    return result.stdout, result.stderr.strip()


def test_a_dose_is_calculated_without_the_libraries_for_arrays_in_its_own_process() -> None:
    """They are installed for these tests, and pint imports what it finds."""
    own = (
        "import sys; from tui.start import main; code = main(); "
        f"print(sorted({FOR_ARRAYS} & set(sys.modules)), 'pint' in sys.modules, file=sys.stderr); "
        "import numpy; sys.exit(code)"  # nothing stays hidden
    )
    of_another = "import sys; from tui.start import main; sys.exit(main(sys.argv[1:]))"
    for options in ((), ("--json",), ("--explain",)):
        alone, imported = run_python(own, *EXAMPLE, *options)
        assert imported == "[] True"
        assert alone == run_python(of_another, *EXAMPLE, *options)[0]


def test_units_of_arrays_work_where_the_package_or_a_command_is_used_in_another_process() -> None:
    """A notebook keeps its pint: neither an import nor a call of the command changes it."""
    arrays = (
        "import numpy, pint; array = pint.UnitRegistry().Quantity(numpy.array([1.0, 2.0]), 'kg'); "
        "print(array.to('g').magnitude.tolist(), file=sys.stderr)"
    )
    for work in (
        "from dosing import Weight; Weight('27 lb')",
        f"from tui.start import main; main({[*EXAMPLE]!r})",
    ):
        _, printed = run_python(f"import sys; {work}; {arrays}")
        assert printed == "[1000.0, 2000.0]"


def test_what_somebody_has_imported_already_is_not_hidden() -> None:
    script = (
        "import sys, numpy; from tui.cli.units_alone import import_units_alone; "
        "import_units_alone(); import_units_alone(); import numpy.linalg, scipy; "
        "print(sys.modules['numpy'] is numpy, None in sys.modules.values(), file=sys.stderr)"
    )
    assert run_python(script)[1] == "True False"
