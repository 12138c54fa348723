"""The settings file: typed, and refused in words."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import tui.app
from dosing import UserError
from dosing.knowledge.monitoring_schedule import JOP
from monitoring.clinic_choices import ClinicChoices, settings_file
from monitoring.time_text import DateOrder
from tui.app.all_actions import ACTIONS
from tui.app.keys import check_keys
from tui.app.settings import Settings, read_settings

DOCUMENT = Path(__file__).parents[3] / "docs" / "commands.md"


def written(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_there_are_the_usual_settings(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.toml") == Settings(theme="dark", idle_minutes=10, keys={})


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    section = DOCUMENT.read_text(encoding="utf-8").split("### Settings")[1].split("\n## ")[0]
    lines = [line[4:] for line in section.splitlines() if line.startswith("    ")]
    found = read_settings(written(tmp_path, "\n".join(lines)))
    assert found == Settings(
        theme="light",
        idle_minutes=5,
        plain=True,
        keys={"new-patient": "ctrl+n"},
        documents="~/sirolimus",
        clinic=ClinicChoices(
            rhythm=JOP,
            date_order=DateOrder.DAY_FIRST,
            name="Vascular clinic",
            telephone="+44 20 7946 0000",
        ),
    )


def test_every_action_and_its_key_are_documented() -> None:
    document = DOCUMENT.read_text(encoding="utf-8").replace("`/`", "`slash`")
    document = document.replace("`?`", "`question_mark`")
    document = document.replace("`>`", "`greater_than_sign`").replace("`<`", "`less_than_sign`")
    for action in ACTIONS.values():
        keys = "`, `".join(action.key.split(","))
        assert f"| `{keys}` | `{action.name}` |" in document, action.name


def test_the_usual_keys_are_no_two_actions_in_one_place() -> None:
    check_keys({})
    check_keys({each.name: each.key for each in ACTIONS.values()})


def every_binding() -> Iterator[tuple[type[DOMNode], Binding]]:
    """Yield the keys of every screen and widget of the app."""
    for module in walk_packages(tui.app.__path__, "tui.app."):
        for made in vars(import_module(module.name)).values():
            if isinstance(made, type) and made.__module__ == module.name:
                yield from ((made, each) for each in made.__dict__.get("BINDINGS", ()))


MOVING = {"tab", "enter", "left", "right"}
"""What moves inside a form or a question everywhere: it cannot be given to anything else."""


def test_every_key_is_one_of_the_table() -> None:
    found = [each for each in every_binding() if each[1].id or each[1].key not in MOVING]
    for where, each in found:
        assert each.id in ACTIONS, (where, each)
        assert each.key == ACTIONS[each.id].key, (where, each)
    assert {each.id for _, each in found} == set(ACTIONS)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            'levl = "f2"',
            r'"levl" in \[keys\] is not an action \(did you mean level\?\)\. .*new-patient',
        ),
        ('zzz = "f2"', '"zzz" .* is not an action. The actions are help, keys'),
        ('level = "ctl+n"', '"ctl\\+n" for level is not a key. Keys are letters'),
        ('level = "ctrl+N"', "is not a key"),
        ('level = "shift+a"', "is not a key"),
        ('level = "f25"', "is not a key"),
        ('level = "f2,"', '"" for level is not a key'),
        ('level = "tab"', "goes to the next part"),
        ('level = "ctrl+p"', "shows every command"),
        ('level = "ctrl+i"', "the same as tab"),
        ('level = "m"', '"m" is the key of both level and measurement on a patient'),
        ('level = "f2,?"', "key of both keys and level on a patient"),
        ('search = "s"', "key of both search and sort on the worklist"),
        ('store = "f1"', "key of both help and store"),
        ('preview = "f6"', "key of both preview and new-mapping in the import of results"),
        ('store = "s"', "it types in a form"),
        ('quit = "q"', "it types in a form"),
        ('store = "enter"', "it types in a form"),
        ('help = "space"', "it types in a form"),
    ],
)
def test_a_key_that_cannot_be_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    file = written(tmp_path, f'theme = "light"\n\n[keys]\nnote = "f9"\n{line}\n')
    with pytest.raises(UserError, match=told) as refused:
        read_settings(file)
    assert f"The file is {file}, line 5." in str(refused.value)


@pytest.mark.parametrize(
    "lines",
    [
        'level = "d"\ndose = "l"',
        'take-advice = "f6"',
        'search = "f3,ctrl+f"',
        'level = "ctrl+b"',
        'keys = "f9"\nsearch = "?"',
        'store = "ctrl+g"\nback = "escape,f12"',
        'up = "K"\ndown = "J"',
    ],
)
def test_keys_that_can_be(tmp_path: Path, lines: str) -> None:
    assert len(read_settings(written(tmp_path, f"[keys]\n{lines}")).keys) == lines.count("=")


@pytest.mark.parametrize("minutes", [0, 1, 1440])
def test_idle_minutes_within_bounds(tmp_path: Path, minutes: int) -> None:
    file = written(tmp_path, f"idle_minutes = {minutes}")
    assert read_settings(file).idle_minutes == minutes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("idle_minutes = -1", "whole number from 0"),
        ("idle_minutes = 1441", "whole number from 0"),
        ("idle_minutes = 2.5", "whole number from 0"),
        ("idle_minutes = true", "whole number from 0"),
        ('plain = "yes"', "plain is true or false. Write plain = true."),
        ("plain = 1", "plain is true or false. Write plain = true."),
        ('idle_minutes = "5"', "whole number from 0"),
        ("theme = 1", "theme is a word"),
        ("keys = 1", "gives actions their keys"),
        ("[keys]\nlevel = 1", "gives actions their keys"),
        ('[keys]\nlevel = ""', "gives actions their keys"),
        ("colour = 1", "is not a setting"),
        ('[clinic]\ngrading = "6"', 'Write grading = "CTCAE v5.0"'),
        ("theme = ", "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_with_the_place(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(UserError, match=told) as refused:
        read_settings(file)
    assert str(file) in str(refused.value)


def test_the_variable_chooses_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(tmp_path / "mine.toml"))
    assert settings_file() == tmp_path / "mine.toml"
    monkeypatch.delenv("SIROLIMUS_SETTINGS")
    assert settings_file().name == "settings.toml"
