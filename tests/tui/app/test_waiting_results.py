"""The waiting results on screen: listed, previewed, taken once their patient is there, removed."""

from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot
from textual.widgets import DataTable

from monitoring.exchange.waiting import open_waiting
from monitoring.record.level import Level
from monitoring.store.opening import Records
from tests.builders import a_patient
from tests.monitoring.exchange.incoming_items import an_item, brought_in, who
from tests.tui.app.dose_screens import DrivenApp, fill, on_top, show, shown
from tests.tui.app.shown import until
from tui.app.screens.import_results import ImportResults
from tui.app.screens.waiting_results import DropWaiting, WaitingResults


def rows(app: DrivenApp) -> list[str]:
    table = on_top(app).query_one(DataTable)
    return [" ".join(str(each) for each in table.get_row_at(at)) for at in range(table.row_count)]


async def listing(pilot: Pilot[Any], app: DrivenApp, holds: Callable[[list[str]], bool]) -> None:
    await until(pilot, lambda: isinstance(on_top(app), WaitingResults) and holds(rows(app)))


async def test_waiting_results_are_taken_once_their_patient_is_there_or_removed(
    records: Records,
) -> None:
    store = records.store
    store.add_patient(a_patient("00123"))
    known = who("777", name="Sample [/] <img src=x>", born="2025-05-01")
    nobody = who("888", name="=1+1", born="2024-05-01")
    items = [an_item(patient=known), an_item(patient=nobody)]
    brought_in(records, *items)
    assert len(list(open_waiting(store.engine))) == 2
    app = DrivenApp(records)
    async with app.run_test(size=(120, 35)) as pilot:
        await show(pilot, ImportResults())
        await pilot.press("f7")
        await listing(pilot, app, lambda found: len(found) == 2)
        assert "Sample [/] <img src=x>" in shown(on_top(app))
        await pilot.press("ctrl+s")
        assert "Preview first" in on_top(app).problem  # type: ignore[attr-defined]  # a form
        number = store.add_patient(a_patient("777", known.name, born="2025-05-01")).number
        await pilot.press("f5")
        await listing(pilot, app, lambda found: any("+ to add" in each for each in found))
        assert not store.read(number).of(Level)
        await pilot.press("ctrl+s")
        await listing(pilot, app, lambda found: len(found) == 1)
        assert len(store.read(number).of(Level)) == 1
        await pilot.press("f8")
        await until(pilot, lambda: isinstance(on_top(app), DropWaiting))
        await pilot.press("ctrl+s")
        assert isinstance(on_top(app), DropWaiting)  # the reason is missing
        await fill(pilot, reason="of another clinic")
        await pilot.press("ctrl+s")
        await listing(pilot, app, lambda found: not found)
    assert not list(open_waiting(store.engine))
