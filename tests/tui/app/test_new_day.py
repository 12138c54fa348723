"""An app that stays open over midnight shows the new day: every date of today on its screens."""

from monitoring.store.opening import Records
from monitoring.times import Moment
from tests.tui.app.dose_screens import (
    GIVEN,
    LOW,
    MEASURED,
    ZONE,
    DrivenApp,
    show,
    shown,
    where_stands,
    with_patient,
)
from tests.tui.app.shown import until
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
