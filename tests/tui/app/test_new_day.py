"""An app that stays open over midnight shows the new day: every date of today on its screens."""

from monitoring.record.note import Note
from monitoring.store.opening import Records
from monitoring.summary import summarise
from monitoring.times import Moment
from tests.tui.app.dose_screens import (
    GIVEN,
    LOW,
    MEASURED,
    ZONE,
    DrivenApp,
    fill,
    show,
    shown,
    typed,
    where_stands,
    with_patient,
)
from tests.tui.app.shown import until
from tui.app.screens.entry_forms import form_of
from tui.app.screens.patient import PatientScreen
from tui.app.screens.worklist import WorklistScreen


async def test_midnight_changes_the_worklist_and_the_patient(records: Records) -> None:
    clock = [Moment.read("2026-11-05T23:59", ZONE)]
    app = DrivenApp(records, lambda: clock[0])
    record = with_patient(records, MEASURED, GIVEN, LOW)
    async with app.run_test(size=(140, 60)) as pilot:
        home = app.screen
        assert isinstance(home, WorklistScreen)
        await until(pilot, lambda: home.is_complete)
        assert "5 Nov 2026" in shown(home)
        screen = PatientScreen(where_stands(record))
        await show(pilot, screen)
        await until(pilot, lambda: screen.is_read and not screen.is_busy)
        made = screen.summary.made

        clock[0] = Moment.read("2026-11-05T23:59:59", ZONE)
        app.look_at_the_day()
        assert not screen.is_busy
        assert screen.summary.made is made

        clock[0] = Moment.read("2026-11-06T00:00", ZONE)
        app.look_at_the_day()
        await until(pilot, lambda: not screen.is_busy)
        assert screen.summary.made == clock[0]
        app.pop_screen()
        await until(pilot, lambda: "6 Nov 2026" in shown(home) and home.is_complete)
        assert "5 Nov 2026" not in shown(home)


async def test_a_form_left_open_over_midnight_says_so_and_is_stored_on_the_second_try(
    records: Records,
) -> None:
    clock = [Moment.read("2026-11-05T23:58", ZONE)]
    app = DrivenApp(records, lambda: clock[0])
    record = with_patient(records, MEASURED, GIVEN)
    async with app.run_test(size=(120, 40)) as pilot:
        form = form_of("note", summarise(record, clock[0]))
        await show(pilot, form)
        await fill(pilot, on="today", text="seen late")
        assert form.summary.made.local.day == 5
        clock[0] = Moment.read("2026-11-06T00:01", ZONE)  # before the app looked at the day
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "A new day has begun: it is 6 Nov 2026." in form.problem)
        assert form.summary.made.local.day == 6
        assert typed(form, "on") == "2026-11-05"  # in full, as it was meant
        assert not records.store.read(record.number).of(Note)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(records.store.read(record.number).of(Note)))
    (note,) = records.store.read(record.number).of(Note)
    assert str(note.entry.on) == "2026-11-05"
