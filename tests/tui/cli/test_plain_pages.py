"""Plain pages: every command on the synthetic clinic, as lines that a screen reader can say.

The measure is the page of the same command without `--plain`: its figures and words are all there.
"""

import os
import re
import shlex
import shutil
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from rich.progress import Progress
from rich.table import Table

from monitoring.demo.clinic import write_demo
from monitoring.record.kinds import NAMES
from monitoring.store.opening import open_records
from monitoring.times import Moment
from tests.tui.cli.test_hostile_arguments import actions_of, leaves
from tests.tui.cli.test_kinetics_command import TABLE
from tests.tui.commands import Captured, run
from tests.tui.laboratory_file import BAD, GOOD, MAPPING, UNKNOWN
from tests.tui.places import put, written
from tui.cli.main import build_parser, main
from tui.cli.plain_lines import plain_lines
from tui.cli.plain_mode import draws_bars, page_choice

_DAY = date(2026, 11, 24)
_AT = "2026-11-24T09:00"

COMMANDS = {
    "dose": [
        "--patient DEMO-02 --explain",
        "--weight 12.4kg --height 88cm --age 2years --explain",
        "--weight 12.4kg --height 88cm --age 2years --with voriconazole",
    ],
    "patient add": ['--mrn ▲9 --name "■ STOP =1+1 [/] <img>" --born 2020-05-01 --sex male'],
    "patient edit": ["DEMO-01 --name Łukasz"],
    "patient merge": ["TWIN --into DEMO-09 --reason one"],
    "patient remove": ["DEMO-01 --reason ended --by Other --export removed --yes"],
    "patient retention": ["--years 1 --born-before 2030-01-01"],
    "patient list": [""],
    "patient show": ["DEMO-11"],
    "patient void": ["DEMO-01 {patient} --reason wrong"],
    "measure add": ["DEMO-02 --weight 9.9kg --on 2026-11-23"],
    "measure list": ["DEMO-02"],
    "measure void": ["DEMO-02 {measurement} --reason wrong"],
    "prescribe": [
        f"DEMO-02 --from {_AT} --dose 0.5mg --times-a-day 2",
        f"DEMO-02 --from {_AT} --dose 9mg --times-a-day 2",
        "DEMO-02 --from 2026-11-25T08:00 --accept",
    ],
    "prescribe check": [
        "DEMO-02 --dose 0.36mg --volume 0.36mL --times-a-day 2 --by 'Nurse ▲ Sample'",
    ],
    "prescription list": ["DEMO-12"],
    "prescription void": ["DEMO-02 {prescription} --reason wrong"],
    "prescription end": [f"DEMO-02 {{prescription}} --at {_AT}"],
    "missed add": [f"DEMO-02 --at {_AT}"],
    "missed list": ["DEMO-10"],
    "missed void": ["DEMO-10 {missed_dose} --reason wrong"],
    "missed end": [f"DEMO-13 {{missed_dose}} --at {_AT}"],
    "restart": [f"DEMO-13 --at {_AT}", f"DEMO-11 --at {_AT}"],
    "level add": ["DEMO-02 '21 ng/mL' --at 2026-11-24T07:50 --last-dose 2026-11-23T20:00"],
    "level cause": ["DEMO-02 {level} missed"],
    "level list": ["DEMO-08", "DEMO-12"],
    "level void": ["DEMO-02 {level} --reason wrong"],
    "advise": ["DEMO-02", "DEMO-11"],
    "forecast": ["DEMO-02"],
    "event add": ["DEMO-02 'mouth sores' --from 2026-11-23 --grade 3"],
    "event grades": ["'mouth sores'"],
    "event list": ["DEMO-11"],
    "event void": ["DEMO-11 {adverse_event} --reason wrong"],
    "event end": ["DEMO-11 {adverse_event} --on 2026-11-23"],
    "lab add": ["DEMO-02 neutrophils '0.8 10*9/L' --at 2026-11-24T07:50"],
    "lab list": ["DEMO-11"],
    "lab void": ["DEMO-11 {laboratory_value} --reason wrong"],
    "drug add": ["DEMO-02 voriconazole --from 2026-11-23"],
    "drug list": ["DEMO-03"],
    "drug void": ["DEMO-03 {co_medication} --reason wrong"],
    "drug end": ["DEMO-03 {co_medication} --on 2026-11-23"],
    "response add": ["DEMO-02 --on 2026-11-23 --criterion imaging --improved yes"],
    "response list": ["DEMO-02"],
    "response void": ["DEMO-02 {response} --reason wrong"],
    "note add": ["DEMO-02 'seen ▲ 2 → 3 mg' --on 2026-11-23"],
    "note list": ["DEMO-08"],
    "note void": ["DEMO-08 {note} --reason wrong"],
    "condition add": ["DEMO-02 pregnancy --from 2026-11-23"],
    "condition list": ["DEMO-17"],
    "condition void": ["DEMO-17 {condition} --reason wrong"],
    "supply add": ['DEMO-02 --opened 2026-11-20 --volume "60 mL" --bottles 2'],
    "supply list": ["DEMO-02"],
    "supply void": ["DEMO-02 {supply} --reason wrong"],
    "condition end": ["DEMO-17 {condition} --on 2026-11-23"],
    "taper": ["DEMO-02", "DEMO-11"],
    "due": ["", "DEMO-03"],
    "due settle": ["DEMO-02 weight --reason declined"],
    "report": ["DEMO-02 --out out.pdf"],
    "cohort": [""],
    "cohort share": [""],
    "kinetics fit": ["table.csv --model fan2024 --out fits.csv"],
    "kinetics evaluate": ["--cohort --model fan2024"],
    "kinetics simulate-trial": ["--patients 2 --truth fan2024 --seed 7"],
    "history": ["DEMO-13"],
    "export": ["out"],
    "import": [
        "results.csv --mapping map.toml --preview",
        "results.csv --mapping map.toml --skip-refused",
        "results.csv --guess --preview",
        "waiting",
    ],
    "clinic limits": [""],
    "clinic limits set": ["step-stop '4 times' --reason '▲ local' --by 'Dr ▲ Sample'"],
    "clinic limits sign": ["--by 'Dr ▲ Sample'"],
    "clinic limits reset": ["step-stop --by 'Dr Sample'"],
    "backup": ["backup.sqlite"],
    "restore": ["whole.sqlite"],
    "recover": ["whole.sqlite --into new.sqlite"],
    "demo": ["--seed-into demo.sqlite"],
    "recall": ["--made-by 0.1.0", "--made-by 0.0.9"],
    "verify": [""],
}
"""What is typed behind each command. Numbers in braces are those of the patient's entries."""

_BOTTLES = "supply add DEMO-02 --opened 2026-11-20 --volume '60 mL' --bottles 2"
_BEFORE = {
    "patient merge": [
        "patient add --mrn TWIN --name 'Sample Overdue' --born 2023-11-25 --sex male",
        "note add TWIN seen --on 2026-11-23",
        "level add TWIN '7.2 ng/mL' --at 2026-11-23T07:50",
    ],
    "clinic limits reset": ["clinic limits set step-stop '4 times' --reason local --by Dr"],
    "supply list": [_BOTTLES],
    "supply void": [_BOTTLES],
}
"""What is typed before a command."""
_ELSEWHERE = {"cohort pool", "cohort levels", "clinic init", "clinic grant", "clinic roles",
              "encrypt", "decrypt", "key passphrase", "key recovery", "key holders"}  # fmt: skip
"""Commands that need a server, a passphrase or others' files. They print sentences, and no page."""
_SAID_OTHERWISE = {"proposal", "accepted", "alerts", "ng", "ml", "mg", "is", "to"}
"""Words of the names of columns in a list of entries, which a plain page says otherwise."""

_DRAWN = re.compile("[\u2190-\u21ff\u2500-\u25ff\u2800-\u28ff\x00-\x09\x0b-\x1f\x7f-\x9f\ue000]")
_RUN = re.compile(r"\S {2,}\S")
_FIGURE = re.compile(r"\d+(?:[.:]\d+)*")
_SENTENCES = {
    "patient remove",
    "restore",
    "recover",
    "demo",
    "backup",
    "export",
    "report",
    "kinetics fit",
}
"""Commands that print one or two sentences and no page: they run once, as plain."""
_MOMENT = re.compile(r"\d{12,}")  # in the name of a backup
_WORD = re.compile(r"[^\W\d_]{2,}")


@cache
def _clinic() -> bytes:
    return written(lambda engine: write_demo(engine, _DAY, "Europe/Paris"))


@pytest.fixture
def zone() -> str:
    return "Europe/Paris"


@pytest.fixture
def clinic(records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder in which `begin` makes the synthetic clinic anew, at one moment."""
    evening = Moment.read("2026-11-24T22:00", "Europe/Paris")
    monkeypatch.setattr(Moment, "now", lambda *_: evening)
    monkeypatch.setenv("COLUMNS", "1000")
    folder = tmp_path / "clinic"
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(folder / "records.sqlite"))
    folder.mkdir()
    monkeypatch.chdir(folder)
    records.unlink()
    return folder


def begin(folder: Path) -> None:
    """Put the clinic and the files that commands read into the folder, and nothing else."""
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    shutil.rmtree(os.environ["SIROLIMUS_STATE"], ignore_errors=True)
    for name in ("records.sqlite", "whole.sqlite"):
        put(folder / name, _clinic())
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    results = (GOOD + BAD + UNKNOWN).replace("00123", "DEMO-02")
    (folder / "results.csv").write_text(results, encoding="utf-8")
    (folder / "map.toml").write_text(MAPPING, encoding="utf-8")


def numbered(folder: Path, typed: str) -> list[str]:
    """Return the words of a command, with the number of an entry of the patient it names."""
    words = shlex.split(typed)
    wanted = re.search(r"\{(\w+)\}", typed)
    if wanted:
        number = str(_number(folder / "records.sqlite", words[0], wanted[1]))
        words = [each.replace(wanted[0], number) for each in words]
    return words


_NUMBERS: dict[tuple[str, str], int] = {}


def _number(records: Path, record_number: str, kind: str) -> int:
    """Return the number of the last active entry of a kind; the clinic is always the same."""
    if (record_number, kind) not in _NUMBERS:
        record = open_records(str(records), "Dr Example").store.find(record_number)
        of_kind = (each for each in record.entries if NAMES[type(each.entry)] == kind)
        _NUMBERS[record_number, kind] = max(each.number for each in of_kind if each.is_active)
    return _NUMBERS[record_number, kind]


def printed(capsys: Captured, folder: Path, command: str, typed: str, *plain: str) -> str:
    begin(folder)
    for before in _BEFORE.get(command, ()):
        run(*shlex.split(before))
    words = [*command.split(), *numbered(folder, typed), *plain]
    capsys.readouterr()
    code = main(words)
    out = capsys.readouterr().out
    assert code in {0, 3} or command == "import", words
    assert out
    return _MOMENT.sub("", out)


def test_every_command_is_run_here() -> None:
    found = {" ".join(words) for words, _ in leaves(build_parser(), [])}
    alone = {"cohort", "clinic limits"}  # they have commands of their own, and are one themselves
    assert found | alone == COMMANDS.keys() | _ELSEWHERE


def test_every_command_has_the_option_and_help_in_lines() -> None:
    for words, leaf in leaves(build_parser(), []):
        options = [each for action in actions_of(leaf) for each in action.option_strings]
        assert options.count("--plain") == 1, words
        with page_choice(is_typed=True):
            lines = leaf.format_help().splitlines()
        for action in actions_of(leaf):
            name = ", ".join(action.option_strings) or action.metavar or action.dest
            (line,) = [each for each in lines if each.startswith(str(name))][:1]
            assert not _RUN.search(line.replace("...  ", "")), line


@pytest.mark.parametrize("command", COMMANDS)
def test_a_plain_page_has_every_figure_and_draws_nothing(
    command: str, clinic: Path, capsys: Captured
) -> None:
    for typed in COMMANDS[command]:
        is_page = command not in _SENTENCES
        usual = printed(capsys, clinic, command, typed) if is_page else ""
        plain = printed(capsys, clinic, command, typed, "--plain")
        own = set(_DRAWN.findall(typed))
        for line in plain.splitlines():
            assert set(_DRAWN.findall(line)) <= own, line
            assert not _RUN.search(line), line
        assert Counter(_FIGURE.findall(usual)) - Counter(_FIGURE.findall(plain)) == Counter()
        assert set(_WORD.findall(usual)) - set(_WORD.findall(plain)) <= _SAID_OTHERWISE


def test_a_sign_in_what_somebody_wrote_stays_as_it_was_written(
    sample: str, capsys: Captured
) -> None:
    text = "■ high ▲ 2 → 3 mg │ =1+1 [/] <img src=x> שלום"
    run("note", "add", sample, text, "--on", "2026-11-05", "--plain")
    run("note", "list", sample, "--plain")
    said = capsys.readouterr().out
    assert said.count(text) == 2
    assert f"text: {text}\n" in said


@pytest.mark.parametrize(
    ("variable", "setting", "typed", "is_plain"),
    [
        (None, "", (), False),
        (None, "", ("--plain",), True),
        ("1", "", (), True),
        ("", "", (), False),
        ("0", "plain = true", (), False),
        (None, "plain = true", (), True),
        (None, "plain = false", (), False),
        ("0", "", ("--plain",), True),
    ],
)
@pytest.mark.usefixtures("sample")
def test_plain_pages_are_typed_or_set_once(  # noqa: PLR0913 - four ways, and three fixtures
    variable: str | None,
    setting: str,
    typed: tuple[str, ...],
    *,
    is_plain: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(setting, encoding="utf-8")
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(settings))
    if variable is not None:
        monkeypatch.setenv("SIROLIMUS_PLAIN", variable)
    for words in (("patient", "list", *typed), (*typed, "patient", "list")):
        capsys.readouterr()
        run(*words)
        assert ("record number: 00123\n" in capsys.readouterr().out) == is_plain, words


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('plain = "yes"', "plain in settings.toml is true or false. Write plain = true."),
        ("plain = 1", "plain in settings.toml is true or false. Write plain = true."),
        ("plain =", ""),  # the commands that need the settings, and the app, refuse the file
    ],
)
@pytest.mark.usefixtures("sample")
def test_a_wrong_setting_prevents_no_page(
    setting: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text(setting, encoding="utf-8")
    monkeypatch.setenv("SIROLIMUS_SETTINGS", "settings.toml")
    capsys.readouterr()
    run("patient", "list")
    answer = capsys.readouterr()
    assert "Sample Łukasz" in answer.out
    assert answer.err.count("sirolimus: warning:") == bool(said)
    assert said in answer.err


def test_after_two_dashes_the_word_is_a_text(sample: str, capsys: Captured) -> None:
    run("note", "add", sample, "--on", "2026-11-05", "--", "--plain")
    run("note", "list", sample)
    assert "text --plain" in capsys.readouterr().out


def test_json_is_the_same(sample: str, capsys: Captured) -> None:
    run("patient", "show", sample, "--json")
    usual = capsys.readouterr().out
    run("patient", "show", sample, "--json", "--plain")
    assert capsys.readouterr().out == usual


def test_the_option_alone_lists_the_commands(capsys: Captured) -> None:
    def never(*_about: object, **_more: object) -> int:
        raise AssertionError

    assert main(["--plain"], open_app=never) == 0
    assert (
        "\nadvise: suggest a dose after the last level, with reasons\n" in capsys.readouterr().out
    )


def test_no_bar_is_drawn_for_a_screen_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for is_typed in (True, False):
        with page_choice(is_typed=is_typed):
            assert draws_bars() != is_typed


def test_a_part_without_plain_lines_is_a_fault_of_the_page() -> None:
    for part in (Progress(), Table("a", "b", "c")):
        with pytest.raises(TypeError, match="no plain lines"):
            list(plain_lines([part]))
