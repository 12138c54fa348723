"""Printing from the screen: the file is there, for this user alone, and nothing else happens."""

import stat
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from monitoring.store.opening import Records
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
from tui.app.screens.print_out import PrintOut
from tui.app.widgets.choice import Choice


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    monkeypatch.chdir(tmp_path)
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
        assert file == tmp_path / "sirolimus-summary-2026-11-05-00123.pdf"
        assert "Łukasz" not in file.name
        assert "Sample Łukasz [/]" in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"✓ Written: {file}" in words(app)
    assert mode_of(file) == 0o600
    assert "Sample Łukasz [/]" in PdfReader(file).pages[0].extract_text()
    assert files_in(tmp_path) == [file]


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
        assert "exists already" in words(app)
        assert file.read_bytes() == b"somebody else's"
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
        screen.query_one("#what", Choice).value = True
        await pilot.pause()
        file = tmp_path / "sirolimus-dose-card-2026-11-05-00123.pdf"
        assert typed(screen, "file") == str(file)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"✓ Written: {file}" in words(app)
        screen.query_one("#what", Choice).value = False
        await fill(pilot, file="mine.pdf")
        screen.query_one("#what", Choice).value = True
        await pilot.pause()
        assert typed(screen, "file") == "mine.pdf"
    assert "0.44" in PdfReader(file).pages[0].extract_text()


async def test_no_card_without_a_dose_in_force(records: Records, tmp_path: Path) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = PrintOut(where_stands(with_patient(records, MEASURED)))
        await show(pilot, screen)
        screen.query_one("#what", Choice).value = True
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
