"""The app on a place without records: it asks at a chosen place, and says what it began."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from monitoring.record.level import Level
from monitoring.store.backup import back_up
from monitoring.store.errors import RecordsError
from monitoring.store.opening import Records, open_records
from tests.tui.app.shown import (
    NOW,
    demo_at,
    open_patient,
    running,
    screen_text_of,
    until,
    until_shown,
)
from tui.app.app import SirolimusApp
from tui.cli.main import main

Openers = list[Callable[[], Records]]


def openers(arguments: Sequence[str]) -> Openers:
    """Return what the command line gives the app: how to open records, and how to begin them."""
    given: Openers = []

    def open_app(
        open_records: Callable[[], Records],
        begin_records: Callable[[], Records] | None = None,
        *,
        place: str | None = None,
        is_demo: bool,
    ) -> int:
        assert place == (arguments[-1] if arguments else None)
        assert begin_records is not None
        assert not is_demo
        given.extend((open_records, begin_records))
        return 0

    assert main(arguments, open_app) == 0
    return given


@pytest.mark.parametrize("by_variable", [True, False])
def test_only_the_default_place_is_begun_without_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, by_variable: bool
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("SIROLIMUS_RECORDS", raising=False)
    opened, _ = openers(())
    assert opened().is_new
    typo = str(tmp_path / "typo.sqlite")
    if by_variable:
        monkeypatch.setenv("SIROLIMUS_RECORDS", typo)
    opened, begun = openers(() if by_variable else ("--records", typo))
    with pytest.raises(RecordsError, match=r"no records at .*typo\.sqlite"):
        opened()
    assert begun().is_new


@pytest.mark.parametrize("agrees", [True, False])
async def test_the_app_asks_before_it_begins_records(tmp_path: Path, *, agrees: bool) -> None:
    place = tmp_path / "typo.sqlite"
    app = SirolimusApp(
        lambda: open_records(str(place)),
        lambda: NOW,
        begin_records=lambda: open_records(str(place), create=True),
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await until_shown(pilot, "Begin new records")  # the button
        assert "There are no records at" in screen_text_of(pilot)
        assert not place.exists()
        await pilot.press(*(("right", "enter") if agrees else ("enter",)))
        if agrees:
            await until_shown(pilot, "add the first patient")
            said = [each.message for each in app._notifications]  # noqa: SLF001 - Textual has no public way
            assert said == [f"New records were begun at {place}."]
        else:
            await until(pilot, lambda: "Begin new" not in screen_text_of(pilot))
            assert "There are no records at" in screen_text_of(pilot)
    assert place.exists() is agrees


async def test_records_that_cannot_be_opened_are_shown_with_their_backups(tmp_path: Path) -> None:
    records = demo_at(tmp_path)
    back_up(records.store.engine, tmp_path / "copy.sqlite")
    place = tmp_path / "demo.sqlite"
    place.write_bytes(place.read_bytes()[:60_000])
    opened, _ = openers(("--records", str(place)))
    app = SirolimusApp(opened, lambda: NOW)
    async with app.run_test(size=(200, 40)) as pilot:
        await until_shown(pilot, "sirolimus restore FILE --records")
        shown = screen_text_of(pilot)
        assert "the file is damaged" in shown
        assert f"{tmp_path / 'copy.sqlite'}: " in shown


async def test_an_entry_that_cannot_be_read_is_shown_and_hides_no_patient(tmp_path: Path) -> None:
    records = demo_at(tmp_path)
    number = records.find("DEMO-01").of(Level)[-1].number
    with records.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER level_no_update")
        connection.exec_driver_sql("DROP TRIGGER patient_no_update")
        connection.exec_driver_sql("UPDATE level SET sampled_utc = '?' WHERE entry = ?", (number,))
        lost = records.find("DEMO-17").number
        connection.exec_driver_sql("UPDATE patient SET born = '?' WHERE entry = ?", (lost,))
    async with running(records, size=(160, 40)) as pilot:
        await until_shown(pilot, "1 patient cannot be read: run sirolimus verify")
        await open_patient(pilot, "DEMO-01")
        await until_shown(pilot, f"The record is incomplete: level {number} cannot be read.")
