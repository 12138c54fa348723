"""The settings as a screen, and the change of the file behind it."""

import os
from pathlib import Path

import pytest
from textual.widgets import Select

from dosing import UserError
from monitoring.store.opening import Records
from tests.tui.app.dose_screens import fill
from tests.tui.app.shown import running, screen_text_of, until
from tui.app.screens.settings import SettingsScreen, read_minutes
from tui.app.settings import Settings, read_settings
from tui.app.settings_writing import change_settings, with_changes

FILE = """\
# Ward 3
theme = "dark"   # easy on the eyes
  idle_minutes=5 # not longer

[keys]
level = "f2"  # under the thumb

[clinic]
grading = "CTCAE v6.0"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file of settings of its own."""
    file = tmp_path / "settings" / "settings.toml"
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(file))
    return file


def put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_what_is_changed_changes_its_line_and_nothing_else(file: Path) -> None:
    put(file, FILE)
    file.chmod(0o640)
    settings = change_settings(file, {"theme": "light", "documents": '~/[/] é \\ "x" #1'})
    assert settings == read_settings(file)
    assert (settings.theme, settings.idle_minutes) == ("light", 5)
    assert settings.documents == '~/[/] é \\ "x" #1'
    before, after = FILE.splitlines(), file.read_text(encoding="utf-8").splitlines()
    assert after[:3] == [before[0], 'theme = "light"   # easy on the eyes', before[2]]
    assert [line for line in after if line not in before] == [after[1], after[4]]
    assert [line for line in before if line not in after] == [before[1]]
    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in file.parent.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# only a comment", "[keys]\n", 'theme = "light"', "theme = 'light'\n",
     '"theme" = "light"\n', "\r\n# a file of Windows\r\ntheme = 'light'\r\n",
     '[clinic]\ngrading = "CTCAE v6.0"\n[keys]\nlevel = "f2"'],
)  # fmt: skip
def test_every_file_can_be_changed_again_and_again(file: Path, text: str) -> None:
    put(file, text)
    before = read_settings(file)
    for theme, minutes in (("high-contrast", 0), ("dark", 1440), ("light", 7)):
        after = change_settings(file, {"theme": theme, "idle_minutes": minutes})
        assert (after.theme, after.idle_minutes) == (theme, minutes)
        assert (after.keys, after.clinic) == (before.keys, before.clinic)
    assert file.read_text(encoding="utf-8").count("idle_minutes") == 1


def test_a_file_is_begun(file: Path) -> None:
    change_settings(file, {"theme": "light"})
    assert file.read_text(encoding="utf-8") == 'theme = "light"\n'
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "changes", "problem"),
    [
        ('theme = """\nlight"""', {"theme": "dark"}, "cannot be read|several lines"),
        ("theme = ", {"theme": "dark"}, "cannot be read"),
        (FILE, {"idle_minutes": 1441}, "whole number from 0"),
        (FILE, {"idle_minutes": -1}, "whole number from 0"),
    ],
)
def test_what_cannot_be_changed_is_refused_and_the_file_stays(
    file: Path, text: str, changes: dict[str, str | int], problem: str
) -> None:
    put(file, text)
    with pytest.raises(UserError, match=problem):
        change_settings(file, changes)
    assert file.read_text(encoding="utf-8") == text
    assert [each.name for each in file.parent.iterdir()] == ["settings.toml"]


def test_settings_that_are_not_kept_say_so() -> None:
    with pytest.raises(UserError, match="Settings are not kept"):
        change_settings(Path(os.devnull), {"theme": "light"})


def test_a_name_that_is_part_of_another_is_left_alone() -> None:
    text = 'my_theme = "x"\nthemes = 1\n'
    assert with_changes(text, {"theme": "dark"}) == f'{text}theme = "dark"\n'


@pytest.mark.parametrize(("text", "minutes"), [("0", 0), (" 10 ", 10), ("1440", 1440)])
def test_minutes_are_read(text: str, minutes: int) -> None:
    assert read_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "-1", "1441", "2.5", "١٠", "10 min", "1_0", "9" * 400])
def test_other_minutes_are_refused(text: str) -> None:
    with pytest.raises(UserError):
        read_minutes(text)


async def test_the_screen_shows_changes_and_applies_them(records: Records, file: Path) -> None:
    put(file, FILE)
    async with running(records, settings=read_settings(file)) as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))
        shown = screen_text_of(pilot)
        for text in ("dark", "level f2", "grading: CTCAE v6.0", "schedule: ", "Settings file"):
            assert text in shown
        await fill(pilot, **{"idle-minutes": "1441", "documents": "~/[/] <img src=x>"})
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Correct the settings first." in screen_text_of(pilot)
        assert read_settings(file).idle_minutes == 5
        pilot.app.screen.query_one("#theme Select", Select).value = "high-contrast"
        await fill(pilot, **{"idle-minutes": "20"})
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SettingsScreen))
        assert pilot.app.theme == "sirolimus-high-contrast"
        kept = read_settings(file)
        assert (kept.theme, kept.idle_minutes) == ("high-contrast", 20)
        assert kept.documents.endswith("[/] <img src=x>")
        assert dict(kept.keys) == {"level": "f2"}


async def test_the_screen_says_why_settings_cannot_be_kept(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("")
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(in_the_way / "settings.toml"))
    async with running(records, settings=Settings()) as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))
        await fill(pilot, **{"idle-minutes": "20"})
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "cannot be" in screen_text_of(pilot))
        assert pilot.app.theme == "textual-dark"
