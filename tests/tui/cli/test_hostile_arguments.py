"""Arguments that are meant to hurt: no sign of theirs reaches the terminal, and none is a fault."""

import argparse
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.cli.test_kinetics_command import TABLE
from tests.tui.commands import Captured
from tui.cli.main import build_parser, commands, main

STEERING = "a\x1b]0;title\x07\x1b[31m  \x9b\x7f\u202e\u2028b"
"""A text with signs that a terminal obeys, and two spaces, which a path may have."""
HOSTILE = (STEERING, "a\0\ud800b", "a\udcffb", "x" * 300, "~nobody-of-this-machine", "a/" * 3_000)
TEXTS = (
    pytest.param(HOSTILE[:1], id="few"),
    pytest.param(HOSTILE, id="many", marks=pytest.mark.campaign),
)
CSV = "MRN,Test,Result\n00123,SIRO,7.2\n"


def checked(capsys: Captured, arguments: list[str]) -> int:
    """Run a command; nothing it prints may steer a terminal, and it may not fail."""
    code = main(arguments)
    for text in capsys.readouterr():
        kinds = {sign: unicodedata.category(sign) for sign in text if sign != "\n"}
        steering = {sign for sign, kind in kinds.items() if kind in {"Cc", "Cf", "Zl", "Zp", "Cn"}}
        assert not steering, (arguments, text)
        assert "the program failed" not in text, (arguments, text)
        assert "Traceback" not in text
    assert code in {0, 2, 3}, arguments
    return code


def actions_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return parser._actions  # noqa: SLF001 - argparse names its options nowhere else


def leaves(
    parser: argparse.ArgumentParser, words: list[str]
) -> Iterator[tuple[list[str], argparse.ArgumentParser]]:
    below = [each for each in actions_of(parser) if isinstance(each.choices, dict)]
    if not below:
        yield words, parser
    for action in below:
        for name, child in dict(action.choices or {}).items():
            yield from leaves(child, [*words, name])


def in_every_argument(text: str, name: str) -> Iterator[list[str]]:
    """Yield the command with the text in one argument after the other."""
    for words, parser in leaves(build_parser(name), []):
        if words[0] != name or words[0] == "demo":
            continue
        taking = [each for each in actions_of(parser) if each.nargs != 0]
        for one in taking:
            typed = []
            for each in taking:
                value = text if one is each else "1"
                if each.option_strings and (each.required or one is each):
                    typed.append(f"{each.option_strings[0]}={value}")
                elif not each.option_strings:
                    typed.append(value)
            yield [*name.split(), *words[1:], *typed]


@pytest.mark.parametrize("texts", TEXTS)
@pytest.mark.parametrize("name", [each for each in commands() if each != "demo"])
@pytest.mark.usefixtures("sample")
def test_no_argument_of_a_command_reaches_the_terminal_as_it_is(
    name: str,
    texts: tuple[str, ...],
    capsys: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for text in texts:
        for arguments in in_every_argument(text, name):
            checked(capsys, arguments)


WRITING = (
    ("backup", "{}"),
    ("export", "{}"),
    ("export", "--omop", "{}"),
    ("export", "--levels", "{}.csv"),
    ("export", "--levels", "{}.csv", "--json"),
    ("cohort", "--csv", "{}"),
    ("report", "--clinic", "--out", "{}"),
    ("report", "--all", "--out", "{}"),
    ("report", "00123", "--out", "{}"),
    ("import", "results.csv", "--write-mapping", "{}"),
    ("import", "results.csv", "--write-mapping", "{}", "--json"),
    ("kinetics", "fit", "table.csv", "--model", "fan2024", "--out", "{}"),
    ("demo", "--seed-into", "{}"),
)


@pytest.mark.parametrize("texts", TEXTS)
@pytest.mark.parametrize("command", WRITING, ids=" ".join)
@pytest.mark.usefixtures("sample")
def test_what_is_written_under_a_hostile_name_is_named_safely(
    command: tuple[str, ...],
    texts: tuple[str, ...],
    capsys: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("results.csv").write_text(CSV, encoding="utf-8")
    Path("table.csv").write_text(TABLE, encoding="utf-8")
    written = 0
    for text in texts:
        written += checked(capsys, [each.replace("{}", text) for each in command]) == 0
    assert written
    for file in tmp_path.rglob("here/**/*"):
        if file.is_file() and file.name not in {"results.csv", "table.csv"}:
            assert file.stat().st_mode & 0o077 == 0, file


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\0b", "has a character that no file name can have. Type it again."),
        ("x" * 241, "has more than 240 bytes. Choose a shorter name."),
        ("y/" * 3_000 + "x", "has more than 240 bytes. Choose a shorter name."),
    ],
    ids=["NUL", "name", "path"],
)
@pytest.mark.usefixtures("sample")
def test_an_impossible_name_is_refused_in_words(  # noqa: PLR0913, PLR0917 - fixtures
    command: tuple[str, ...],
    text: str,
    said: str,
    capsys: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("results.csv").write_text(CSV, encoding="utf-8")
    Path("table.csv").write_text(TABLE, encoding="utf-8")
    assert main([each.replace("{}", text) for each in command]) == 2
    assert said in capsys.readouterr().err
