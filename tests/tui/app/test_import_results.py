"""A laboratory's file taken in from the screen: seen before it is written."""

from datetime import date
from pathlib import Path

import pytest
from textual.widgets import DataTable, Label

from dosing import Sex
from monitoring.exchange.laboratory_file.kept_mappings import kept_mappings
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.store.opening import Records
from tests.tui.app.dose_screens import (
    DrivenApp,
    fill,
    on_top,
    records_at,
    settle,
    show,
    shown,
    with_patient,
)
from tests.tui.laboratory_file import BAD, GOOD, MAPPING
from tui.app.screens.guess_mapping import ColumnChoice, GuessMapping
from tui.app.screens.import_results import ImportResults
from tui.app.widgets.choice import Choice
from tui.app.widgets.question import ConfirmScreen

SAMPLE = Patient(
    record_number="00123", name="Sample Łukasz [/]", born=date(2023, 5, 1), sex=Sex.MALE
)
ADDED = ["00123 Sample Łukasz [/]: sirolimus <2.0 ng/mL, sampled 3 Nov 2026, 07:50 (+0100)"]


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    monkeypatch.chdir(tmp_path)
    Path("map.toml").write_text(MAPPING, encoding="utf-8")
    Path("good.csv").write_text(GOOD, encoding="utf-8")
    Path("bad.csv").write_text(GOOD + BAD, encoding="utf-8")
    opened = records_at(tmp_path / "data")
    with_patient(opened, patient=SAMPLE)
    return opened


def words(app: DrivenApp) -> str:
    return " ".join(shown(on_top(app)).split())


def rows(app: DrivenApp) -> list[tuple[str, ...]]:
    table = on_top(app).query_one(DataTable)
    return [tuple(str(each) for each in table.get_row_at(at)) for at in range(table.row_count)]


def numbers_stored(records: Records) -> tuple[int, int]:
    record = records.store.find("00123")
    return len(record.of(Level)), len(record.of(LaboratoryValue))


async def test_nothing_is_written_before_the_preview_was_seen(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, ImportResults())
        await fill(pilot, file="good.csv", mapping="map.toml")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Preview the file first" in words(app)
        await pilot.press("f5")
        await settle(pilot)
        assert numbers_stored(records) == (0, 0)
        assert "new levels: 1" in words(app)
        assert [row[2] for row in rows(app)][:1] == ADDED
        assert {row[1] for row in rows(app)} == {"+ to add"}
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "✓ Imported: 2 entries." in words(app)
        assert rows(app) == []
        assert app.stored == ["00123"]
    assert numbers_stored(records) == (1, 1)


async def test_refused_rows_stop_everything_unless_they_are_left_out(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, ImportResults())
        await fill(pilot, file="bad.csv", mapping="map.toml")
        await pilot.press("f5")
        await settle(pilot)
        assert [row[1] for row in rows(app)] == ["■ refused"] * 2 + ["+ to add"] * 2
        assert "[/] <img>" in rows(app)[0][2]
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Some rows are refused" in words(app)
        assert numbers_stored(records) == (0, 0)
        on_top(app).query_one("#skips", Choice).value = True
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "2 refused rows were left out." in words(app)
    assert numbers_stored(records) == (1, 1)


async def test_a_preview_is_of_the_file_that_was_typed_and_of_no_other(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, ImportResults())
        await fill(pilot, file="good.csv", mapping="map.toml")
        await pilot.press("f5")
        await settle(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(on_top(app), ConfirmScreen)
        await pilot.press("enter")
        await pilot.pause()
        await fill(pilot, file="bad.csv")
        assert rows(app) == []
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Preview the file first" in words(app)
    assert numbers_stored(records) == (0, 0)


async def test_records_changed_since_the_preview_are_told(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, ImportResults())
        await fill(pilot, file="good.csv", mapping="map.toml")
        await pilot.press("f5")
        await settle(pilot)
        patient = records.store.find("00123").number
        records.store.add(patient, Note(on=date(2026, 11, 5), text="somebody else"))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Nothing was stored" in words(app)
    assert numbers_stored(records) == (0, 0)


async def test_what_cannot_be_read_is_told(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = ImportResults()
        await show(pilot, screen)
        for file, mapping in (
            ("", ""),
            ("none.csv", "map.toml"),
            ("good.csv", "good.csv"),
            ("[/]\x1b[31m", "=1+1"),
        ):
            screen.tell_problem("")
            await fill(pilot, file=file, mapping=mapping)
            await pilot.press("f5")
            await settle(pilot)
            assert screen.problem
            assert "\x1b" not in shown(screen)
    assert numbers_stored(records) == (0, 0)


GUESSED = """\
MRN,Analyte,Result,Unit,Collected,Remark
00123,Sirolimus,<2.0,ng/mL,03/04/2026 07:50,[/] <img src=x>
00123,ALAT,35,U/L,03/04/2026 07:50,Łukasz
00123,CRP,5,mg/L,03/04/2026 07:50,=1+1
"""


@pytest.fixture
def guessed(records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    """Give the records, with a file of its own headings, and settings in the folder."""
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(tmp_path / "settings.toml"))
    Path("guessed.csv").write_text(GUESSED, encoding="utf-8")
    Path("nothing.csv").write_bytes(b"\r\n\r\n")
    Path("names.csv").write_bytes(b"a,b\r\n1,2\r\n")
    return records


def choice_at(app: DrivenApp, label: str) -> Choice[str | None]:
    """Return the choice with a label."""
    return next(
        each for each in on_top(app).query(Choice)
        if str(each.query_one("Label", Label).content) == label
    )  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (140, 40)])
async def test_columns_are_guessed_checked_kept_and_previewed(
    guessed: Records, size: tuple[int, int]
) -> None:
    app = DrivenApp(guessed)
    async with app.run_test(size=size) as pilot:
        await show(pilot, ImportResults())
        await fill(pilot, file="guessed.csv")
        await pilot.press("f5")
        await settle(pilot)
        assert isinstance(on_top(app), GuessMapping)
        for part in ("MRN", "record number", "Sirolimus · ALAT", "[/] <img", "time of the sample"):
            assert part in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "is a date of two readings. Choose an answer." in words(app)
        choice_at(app, "Dates").value = "dmy"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        await settle(pilot)
        assert isinstance(on_top(app), ImportResults)
        assert "new levels: 1" in words(app)
        assert " ".join(rows(app)[0][2].split()) == (
            "00123 Sample Łukasz [/]: sirolimus <2.0 ng/mL, sampled 3 Apr 2026, 07:50 (+0200)"
        )
        assert numbers_stored(guessed) == (0, 0)
        await fill(pilot, mapping="")
        await pilot.press("f5")  # the kept mapping is found by the headings
        await settle(pilot)
        assert "new levels: 1" in words(app)


async def test_a_column_is_taken_for_something_else(guessed: Records) -> None:
    """Two columns are never taken for one field, and what is missing is said."""
    app = DrivenApp(guessed)
    async with app.run_test(size=(120, 35)) as pilot:
        await show(pilot, ImportResults())
        await fill(pilot, file="guessed.csv")
        await pilot.press("f6")
        await settle(pilot)
        columns = {each.heading: each for each in on_top(app).query(ColumnChoice)}
        columns["Remark"].chosen = "value"
        await settle(pilot)
        assert columns["Result"].chosen == ""
        columns["Remark"].chosen = ""
        choice_at(app, "Dates").value = "mdy"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The column of the result is not clear." in words(app)
        columns["Result"].chosen = "value"
        choice_at(app, "Test: Sirolimus").value = "skip"
        choice_at(app, "Test: ALAT").value = "skip"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "sirolimus level" in words(app)
        assert isinstance(on_top(app), GuessMapping)
    assert kept_mappings() == ()


async def test_what_cannot_be_guessed_is_said(guessed: Records) -> None:
    app = DrivenApp(guessed)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, ImportResults())
        await fill(pilot, file="nothing.csv")
        await pilot.press("f5")
        await settle(pilot)
        assert "The file has no headings" in words(app)
        await fill(pilot, file="names.csv")
        await pilot.press("f5")
        await settle(pilot)
        assert isinstance(on_top(app), GuessMapping)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The column of the record number is not clear." in words(app)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(on_top(app), ImportResults)
