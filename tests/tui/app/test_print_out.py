"""Printing from the screen: the file is there, for this user alone, and nothing else happens."""

import stat
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from dosing import UserError
from dosing.build import Build, this_build
from monitoring.store.opening import Records
from monitoring.store.print_log import printed_pages
from tests.tui.app.dose_screens import (
    GIVEN,
    MEASURED,
    DrivenApp,
    fill,
    on_top,
    records_at,
    settle,
    show,
    shown,
    typed,
    where_stands,
    with_patient,
)
from tests.tui.app.shown import until
from tui.app.documents import documents_folder, make_folder, unused
from tui.app.screens.patient import PatientScreen
from tui.app.screens.print_out import PrintOut
from tui.app.settings import Settings
from tui.app.widgets.choice import Choice


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))  # no folders of this machine
    monkeypatch.setenv("XDG_DOCUMENTS_DIR", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return records_at(tmp_path / "data")


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def files_in(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_file()]


def words(app: DrivenApp) -> str:
    return " ".join(shown(on_top(app)).split())


async def test_the_summary_is_written_where_it_is_proposed(
    records: Records, tmp_path: Path
) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, PrintOut(where_stands(with_patient(records))))
        file = Path(typed(on_top(app), "file"))
        assert file == tmp_path / "sirolimus" / "sirolimus-summary-2026-11-05-00123.pdf"
        assert not file.parent.exists()
        assert "Łukasz" not in file.name
        assert "Sample Łukasz [/]" in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"✓ Written: {file}" in words(app)
    assert mode_of(file) == 0o600
    assert "Sample Łukasz [/]" in PdfReader(file).pages[0].extract_text()
    assert files_in(file.parent) == [file]
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert files_in(tmp_path) == []


async def test_two_keys_print_from_the_patient_and_the_next_one_has_a_number(
    records: Records, tmp_path: Path
) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        for name in ("sirolimus-summary-2026-11-05-00123.pdf",
                     "sirolimus-summary-2026-11-05-00123-2.pdf"):  # fmt: skip
            await show(pilot, PatientScreen(where_stands(record)))
            await settle(pilot)
            await pilot.press("p", "enter")
            await settle(pilot)
            file = tmp_path / "sirolimus" / name
            assert isinstance(on_top(app), PrintOut)
            assert "✓ Written" in words(app)
            assert file.exists()
            app.pop_screen()


async def test_the_written_file_is_opened_where_there_is_a_desktop_and_its_path_copied(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, commands = tmp_path / "opened", tmp_path / "bin"
    commands.mkdir()
    command = commands / "xdg-open"
    command.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part\nmv {opened}.part {opened}\n')
    command.chmod(0o700)
    monkeypatch.setenv("PATH", f"{commands}:/usr/bin:/bin")
    app, file = DrivenApp(records), tmp_path / "a b;$(c).pdf"
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, PrintOut(where_stands(with_patient(records))))
        await pilot.press("f6", "f7")  # nothing is written yet
        assert app.clipboard == ""
        await fill(pilot, file=str(file))
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("f6")
        assert f"No desktop was found here. The file is {file}" in words(app)
        assert not opened.exists()
        monkeypatch.setenv("DISPLAY", ":0")
        await pilot.press("f6", "f7")
        await until(pilot, opened.exists)
        assert opened.read_text() == app.clipboard == str(file)


@pytest.mark.parametrize("name", ["set [once]", "new/deep", "~/of home"])
def test_the_folder_is_the_one_of_the_settings(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    chosen = name if name.startswith("~") else str(tmp_path / name)
    folder = documents_folder(Settings(documents=chosen).documents)
    assert folder == tmp_path / name.removeprefix("~/")
    make_folder(folder)
    make_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_a_setting_it_is_in_the_documents_or_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("XDG_DOCUMENTS_DIR", raising=False)
    assert documents_folder() == tmp_path / "sirolimus"
    (tmp_path / "Documents").mkdir()
    assert documents_folder() == tmp_path / "Documents" / "sirolimus"


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be made"):
        make_folder(tmp_path / "file" / "folder")
    for wrong in ("a\0b", 5):
        with pytest.raises(UserError):
            Settings(documents=wrong)  # type: ignore[arg-type]


async def test_a_file_that_is_there_is_replaced_only_where_that_is_chosen(
    records: Records, tmp_path: Path
) -> None:
    file = tmp_path / "there.pdf"
    file.write_bytes(b"somebody else's")
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, PrintOut(where_stands(with_patient(records))))
        await fill(pilot, file=str(file))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "already exists" in words(app)
        app.screen.query_one("#what", Choice).value = "dose-card"
        await until(pilot, lambda: "already exists" not in words(app))
        assert file.read_bytes() == b"somebody else's"
        on_top(app).query_one("#what", Choice).value = "summary"
        on_top(app).query_one("#replaces", Choice).value = True
        on_top(app).query_one("#paper", Choice).value = "LETTER"
        await pilot.press("ctrl+s")
        await settle(pilot)
    box = PdfReader(file).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (612, 792)


async def test_the_dose_card_is_written_under_its_own_name(
    records: Records, tmp_path: Path
) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = PrintOut(where_stands(with_patient(records, MEASURED, GIVEN)))
        await show(pilot, screen)
        screen.query_one("#what", Choice).value = "dose-card"
        await pilot.pause()
        file = tmp_path / "sirolimus" / "sirolimus-dose-card-2026-11-05-00123.pdf"
        assert typed(screen, "file") == str(file)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"✓ Written: {file}" in words(app)
        screen.query_one("#what", Choice).value = "summary"
        await fill(pilot, file="mine.pdf")
        screen.query_one("#what", Choice).value = "dose-card"
        await pilot.pause()
        assert typed(screen, "file") == "mine.pdf"
    (page,) = printed_pages(records.store.engine)
    assert (page.document, page.build) == ("dose-card", Build.of_label(this_build().label))
    assert "0.44" in PdfReader(file).pages[0].extract_text()


async def test_the_give_log_is_written_in_the_chosen_language(
    records: Records, tmp_path: Path
) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = PrintOut(where_stands(with_patient(records, MEASURED, GIVEN)))
        await show(pilot, screen)
        language = screen.query_one("#language", Choice)
        assert not bool(language.display)  # a summary has none
        screen.query_one("#what", Choice).value = "give-log"
        await pilot.pause()
        assert language.display
        language.value = "fr"
        file = tmp_path / "sirolimus" / "sirolimus-give-log-2026-11-05-00123.pdf"
        assert typed(screen, "file") == str(file)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"✓ Written: {file}" in words(app)
    assert "Suivi des prises de sirolimus" in PdfReader(file).pages[0].extract_text()


async def test_no_card_without_a_dose_in_force(records: Records, tmp_path: Path) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = PrintOut(where_stands(with_patient(records, MEASURED)))
        await show(pilot, screen)
        screen.query_one("#what", Choice).value = "dose-card"
        await pilot.pause()
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert screen.problem
    assert files_in(tmp_path) == []


async def test_a_password_encrypts_and_is_seen_nowhere(records: Records, tmp_path: Path) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = PrintOut(where_stands(with_patient(records)))
        await show(pilot, screen)
        for number, password in enumerate(["two words Łukasz", "=1+1[/]", "  "]):
            file = tmp_path / f"locked-{number}.pdf"
            await fill(pilot, file=str(file), password=password)
            for other in ("", password + "x"):
                await fill(pilot, again=other)
                await pilot.press("ctrl+s")
                await settle(pilot)
                assert "The two passwords differ. Nothing was written." in words(app)
                assert not file.exists()
            await fill(pilot, again=password)
            if password.strip():
                assert password not in shown(screen)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert f"✓ Written, encrypted: {file}" in words(app)
            assert (typed(screen, "password"), typed(screen, "again")) == ("", "")
            with pytest.raises(pikepdf.PasswordError):
                pikepdf.open(file)
            with pikepdf.open(file, password=password) as document:
                assert document.encryption.R == 6
            assert mode_of(file) == 0o600
            stored = (tmp_path / "data" / "records.sqlite").read_bytes()
            assert password.encode() not in stored or not password.strip()


async def test_a_password_with_a_sign_that_cannot_be_seen_is_refused(
    records: Records, tmp_path: Path
) -> None:
    app, file = DrivenApp(records), tmp_path / "locked.pdf"
    async with app.run_test(size=(80, 24)) as pilot:
        screen = PrintOut(where_stands(with_patient(records)))
        await show(pilot, screen)
        await fill(pilot, file=str(file), password="a\x1bb", again="a\x1bb")  # noqa: S106 - typed in a test
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "invisible character" in screen.problem
        assert not file.exists()


async def test_a_file_that_cannot_be_written_is_told(records: Records, tmp_path: Path) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = PrintOut(where_stands(with_patient(records)))
        await show(pilot, screen)
        for name in ("", "no/such/folder/x.pdf", "~nobody-here/x.pdf", "a\x1b[31m.pdf"):
            screen.tell_problem("")
            await fill(pilot, file=name)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert on_top(app) is screen
            assert screen.problem
            assert "✓" not in words(app)
            assert "\x1b" not in shown(screen)
    assert files_in(tmp_path) == []


def test_a_name_that_cannot_be_looked_up_is_proposed_and_refused_where_it_is_written(
    tmp_path: Path,
) -> None:
    for name in ("x" * 300, f"{'x' * 300}/summary"):
        file = tmp_path / f"{name}.pdf"
        assert unused(file) == file
    (tmp_path / "gone.pdf").symlink_to(tmp_path / "nowhere")
    assert unused(tmp_path / "gone.pdf") == tmp_path / "gone-2.pdf"
