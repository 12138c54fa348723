"""The settings file: typed, and refused in words."""

from pathlib import Path

import pytest

from dosing import UserError
from tui.app.actions import CLINIC_ACTIONS, PATIENT_ACTIONS
from tui.app.settings import Settings, read_settings, settings_file

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
    assert found == Settings(theme="light", idle_minutes=5, keys={"new-patient": "ctrl+n"})


def test_every_action_and_its_key_are_documented() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    for action in (*CLINIC_ACTIONS, *PATIENT_ACTIONS):
        assert f"| `{action.key}` | `{action.name}` |" in document, action.name


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
        ('idle_minutes = "5"', "whole number from 0"),
        ("theme = 1", "theme is a word"),
        ("keys = 1", "names actions"),
        ("[keys]\nlevel = 1", "names actions"),
        ('[keys]\nlevel = ""', "names actions"),
        ("colour = 1", "is no setting"),
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
