"""From the patient's page to the next one, and what is copied from it."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from dosing import Sex
from monitoring.record.patient import Patient
from monitoring.store.opening import Records
from tests.builders import a_level, a_note
from tests.tui.app.dose_screens import (
    GIVEN,
    MEASURED,
    DrivenApp,
    settle,
    show,
    where_stands,
    with_patient,
)
from tests.tui.app.shown import burst, demo_at, running, until
from tui.app.clipboard import line_to_copy, summary_to_copy
from tui.app.entry_lists import LISTS, rows_of
from tui.app.screens.patient import PatientScreen
from tui.app.screens.worklist import WorklistScreen

HOSTILE = (
    "[/]", "[red]x[/red]", "<img src=x>", "=1+1", "@SUM(A1)", "\u202eright to left",
    "\x1b]52;c;aGE=\x07", "\x9b31m", "a\nrm -rf x\n", "\x00",
)  # fmt: skip


async def test_the_next_patient_is_the_next_line_of_the_worklist(tmp_path: Path) -> None:
    async with running(demo_at(tmp_path)) as pilot:
        home = pilot.app.screen_stack[0]
        assert isinstance(home, WorklistScreen)
        order = home._table.patients_in_order  # noqa: SLF001 - as it is listed
        assert len(order) == 17

        def is_shown(number: int) -> bool:
            screen = pilot.app.screen
            if not isinstance(screen, PatientScreen) or not screen.is_read:
                return False
            return screen.summary.record.number == number

        await pilot.press("enter")
        await until(pilot, lambda: is_shown(order[0]))
        await pilot.press("3")  # the tab is kept
        for step in (1, 2):
            await pilot.press("greater_than_sign")
            await until(pilot, partial(is_shown, order[step]))
            assert pilot.app.screen._active == "doses"  # type: ignore[attr-defined]  # noqa: SLF001
        for step in (1, 0, 0):
            await pilot.press("less_than_sign")
            await until(pilot, partial(is_shown, order[step]))
        assert len(pilot.app.screen_stack) == 2
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is home)
        table = home._table  # noqa: SLF001 - as it is listed
        assert table.patients_in_order[table.cursor_row] == order[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_copied_is_one_clean_line_and_no_formula(records: Records, text: str) -> None:
    name = f"{text} A"
    patient = Patient(
        record_number="=1+1", name=name, born=date(2024, 11, 5), sex=Sex.MALE, diagnosis=name
    )
    record = with_patient(
        records, MEASURED, GIVEN, a_note(name), a_level(laboratory=name), patient=patient
    )
    summary = where_stands(record)
    copied = [summary_to_copy(summary)]
    copied += [line_to_copy(each, row) for each in LISTS for row in rows_of(each, summary)]
    assert len(copied) > 8
    for each in copied:
        assert each.isprintable()
        assert "\u202e" not in each
        assert each[0] not in "=+-@"
    assert "№ =1+1" in copied[0]


async def test_the_line_under_the_cursor_is_copied_or_the_state_in_words(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN, a_level("7.2 ng/mL", "2026-11-04T07:50"))
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, PatientScreen(where_stands(record)))
        await settle(pilot)
        await pilot.press("C")
        await settle(pilot)
        assert app.clipboard.startswith("№ 00123, Sample Łukasz [/], ")
        assert "On 0.44 mg × 2 a day since 1 Oct 2026; last level 7.2 ng/mL" in app.clipboard
        await pilot.press("2", "C")
        await settle(pilot)
        assert app.clipboard.startswith("Sampled: 4 Nov 2026, 07:50, Level: 7.2 ng/mL, ")
        assert [each.message[:8] for each in app._notifications] == ["Copied: "] * 2  # noqa: SLF001 - as shown


class BesideNobody(DrivenApp):
    """The app whose worklist still has a patient whose record is gone."""

    def neighbour(self, patient: int, step: int) -> int | None:
        return patient + 900 * step


async def test_keys_for_a_patient_who_cannot_be_read_reach_no_other_one(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = BesideNobody(records)
    async with app.run_test(size=(120, 35)) as pilot:
        screen = PatientScreen(where_stands(record))
        await show(pilot, screen)
        await until(pilot, lambda: screen.is_read and not screen.is_busy)
        burst(pilot, ">", "l7")
        await until(pilot, lambda: len(app._notifications) > 1)  # noqa: SLF001 - as they are shown
        await pilot.pause(0.1)
        assert app.screen is screen
        told = " ".join(each.message for each in app._notifications)  # noqa: SLF001 - as above
    assert f"This is still {record.patient.entry.name}." in told
    assert '"l7" is not used' in told
