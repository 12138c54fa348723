"""The tab of the forecast on the patient's screen."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static, Tab

from dosing import Sex
from monitoring.evaluation.track_record import TrackRecord
from monitoring.recommendation.advice import forecast_for
from monitoring.recommendation.forecast import ForecastRequest
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.store.opening import Records, open_records
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from tests.monitoring.recommendation.records import usual_body as a_weight
from tests.monitoring.recommendation.records import usual_dose as a_dose
from tests.monitoring.recommendation.records import usual_level as a_level
from tests.tui.app.dose_screens import fill, typed
from tests.tui.app.shown import (
    NOW,
    ZONE,
    demo_at,
    open_patient,
    running,
    screen_text_of,
    until,
    until_shown,
)
from tests.tui.places import new_records
from tui.app.screens.patient import PatientScreen
from tui.app.screens.prescribe import Prescribe
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.forecast_chart import ForecastChart
from tui.app.widgets.forecast_view import ForecastView
from tui.app.widgets.forecast_worker import ForecastOptions, ForecastReady, work_out
from tui.app.widgets.level_chart import LevelChart

NAME = "Sample [/] Łukasz"
BEGUN = Moment.read("2026-09-01T08:00", ZONE)
SAMPLED = Moment.read("2026-11-10T20:00", ZONE)
NUMBER = re.compile(r"[0-9] (ng/mL|mg|L/h|hours|%)")


def a_patient(*entries: Entry, folder: Path) -> Records:
    records = new_records(folder / "records.sqlite")
    patient = Patient(record_number="00123", name=NAME, born=date(2018, 3, 1), sex=Sex.FEMALE)
    number = records.store.add_patient(patient).number
    for entry in (a_weight(on=date(2026, 11, 20)), *entries):
        records.store.add(number, entry)
    return records


@pytest.fixture
def good(tmp_path: Path) -> Records:
    """Give a child of 25 kg on 0.875 mg twice a day with one level."""
    return a_patient(a_dose(since=BEGUN), a_level(sampled=SAMPLED), folder=tmp_path)


@pytest.fixture
def with_gap(tmp_path: Path) -> Records:
    """Give the same child, of whom no dose is on record for ten days in October."""
    records = a_patient(
        a_dose(since=BEGUN),
        a_dose(since=Moment.read("2026-10-15T08:00", ZONE)),
        a_level(sampled=SAMPLED),
        folder=tmp_path,
    )
    first = records.store.find("00123").of(Prescription)[0]
    stopped = Moment.read("2026-10-05T08:00", ZONE)
    records.store.end(first.number, StopRecord(of=first.number, at=stopped))
    return records


def tab_of(pilot: Pilot[Any]) -> ForecastView:
    screens = [each for each in pilot.app.screen_stack if isinstance(each, PatientScreen)]
    return screens[0].query_one(ForecastView)


def _is_patient(pilot: Pilot[Any]) -> bool:
    return isinstance(pilot.app.screen, PatientScreen)


def told(pilot: Pilot[Any]) -> str:
    """Return all that the tab says, in sight or not."""
    return str(tab_of(pilot).query_one("#forecast-text Static", Static).render())


async def worked(pilot: Pilot[Any]) -> ForecastReady:
    """Wait until the forecast is worked out."""
    await until(pilot, lambda: tab_of(pilot).forecast is not None)
    found = tab_of(pilot).forecast
    assert found is not None
    return found


async def open_tab(pilot: Pilot[Any], name: str = NAME) -> ForecastReady:
    await open_patient(pilot, name)
    await pilot.press("0")
    return await worked(pilot)


def last_change(records: Records) -> int:
    return records.store.last_change()


async def test_it_says_what_the_engine_says(good: Records) -> None:
    async with running(good, (140, 40)) as pilot:
        await open_tab(pilot)
        found = forecast_for(good.store.find("00123"), NOW)
        assert found.answer is not None
        assert found.answer.recommendation is not None
        current = found.answer.recommendation.current
        text = told(pilot)
        low, high, likely = current.low_ng_ml, current.high_ng_ml, current.trough_ng_ml
        assert "Based on 1 level of this patient." in text
        shown = rf"0.875 mg × 2 +{likely:.1f} \({low:.1f}-{high:.1f}\) +[▼●▲]{{10}} .*●"
        assert re.search(rf"{shown}{current.within * 100:.0f} .*%\n  └ current", text)
        for part in ("Recommendation", "Label", "Based on", "Clearance", "Half-life",
                     "the average of 2 models", "Weight", "Chen 2021", "AUC24", "Next sample",
                     "vascular anomalies", "by emit", "a professional decides"):  # fmt: skip
            assert part in text
        assert tab_of(pilot).query_one(ForecastChart).display
        assert "┃" in screen_text_of(pilot)


async def test_why_tells_the_sources(good: Records) -> None:
    async with running(good) as pilot:
        await open_tab(pilot)
        assert "Front Pharmacol" not in told(pilot)
        await pilot.press("w")
        assert "Front Pharmacol" in told(pilot)
        assert "[fan2024]" in told(pilot)


async def test_without_a_level_it_is_the_population_and_no_dose_is_taken_from_it(
    tmp_path: Path,
) -> None:
    async with running(a_patient(a_dose(since=BEGUN), folder=tmp_path)) as pilot:
        found = await open_tab(pilot)
        assert "Based on the population only (weak)." in told(pilot)
        assert found.best is None
        await pilot.press("y")
        assert _is_patient(pilot)


@pytest.mark.parametrize(
    "entries", [(), (a_dose(since=BEGUN), a_level(sampled=SAMPLED, hours=None))]
)
async def test_where_it_is_stopped_there_are_reasons_and_no_number(
    tmp_path: Path, entries: tuple[Entry, ...]
) -> None:
    async with running(a_patient(*entries, folder=tmp_path)) as pilot:
        found = await open_tab(pilot)
        text = told(pilot)
        assert "No forecast by the average of" in text
        assert "■ STOP" in text
        assert found.predicted is None
        assert not tab_of(pilot).query_one(ForecastChart).display
        reasons = [alert.message for alert in forecast_for(
            tmp_records(tmp_path).store.find("00123"), NOW).alerts]  # fmt: skip
        for reason in reasons:
            text = text.replace(reason, "")
        assert not NUMBER.search(text)


def tmp_records(folder: Path) -> Records:
    return open_records(str(folder / "records.sqlite"), "Dr Example")


async def test_a_gap_is_asked_about_and_nothing_is_stored(with_gap: Records) -> None:
    before = last_change(with_gap)
    async with running(with_gap) as pilot:
        await open_tab(pilot)
        assert "is not a wash-out" in told(pilot)
        await pilot.press("s")
        await until_shown(pilot, "Did the patient get no dose between 5 Oct 2026, 08:00")
        assert "Sample" in screen_text_of(pilot)
        await pilot.press("enter")  # the careful answer
        assert "No forecast" in told(pilot)
        await pilot.press("s", "right", "enter")
        await until(pilot, lambda: "as if no dose was given in the gaps" in told(pilot))
        said = ForecastRequest(nothing_given_in_gaps=True)
        answer = forecast_for(with_gap.store.find("00123"), NOW, said).answer
        assert answer is not None
        trough = answer.troughs[0].forecast
        assert f"{trough.low_ng_ml:.1f}-{trough.high_ng_ml:.1f} ng/mL" in told(pilot)
    assert last_change(with_gap) == before


async def test_what_was_said_of_a_gap_holds_for_that_record_alone(with_gap: Records) -> None:
    async with running(with_gap) as pilot:
        await open_tab(pilot)
        await pilot.press("s", "right", "enter")
        await until(pilot, lambda: "as if no dose was given" in told(pilot))
        another_writes(with_gap, pilot)
        await until(pilot, lambda: "No forecast" in told(pilot))


def another_writes(records: Records, pilot: Pilot[Any]) -> None:
    """Store an entry as somebody else, and let the app look."""
    number = records.store.find("00123").number
    records.store.add(number, Note(on=NOW.local.date(), text="seen"))
    pilot.app._look_for_changes()  # type: ignore[attr-defined]  # noqa: SLF001 - its clock waits


async def test_another_dose_and_another_model(good: Records) -> None:
    before = last_change(good)
    async with running(good) as pilot:
        await open_tab(pilot)
        await pilot.press("u")
        assert str(pilot.app.screen.query_one(PatientBanner).render()).startswith(NAME)
        await fill(pilot, dose="0,5 mg")
        await pilot.press("ctrl+s")
        assert not _is_patient(pilot)  # what cannot be read is told
        await fill(pilot, dose="0.5 mg")
        await pilot.resize_terminal(60, 20)
        assert typed(pilot.app.screen, "dose") == "0.5 mg"
        pilot.app.screen.query_one("#times", Choice).value = 1
        pilot.app.screen.query_one("#model", Choice).value = "fan2024"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "what if" in told(pilot))
        assert re.search(r"0.5 mg × 1 +[\d.]+ \([\d.-]+\)[^\n]*\n  [^\n]*what if", told(pilot))
        assert re.search(r"0.875 mg × 2 +[\d.]+ \([\d.-]+\)[^\n]*\n  [^\n]*current", told(pilot))
        await pilot.press("u")
        assert typed(pilot.app.screen, "dose") == "0.5 mg"
        await fill(pilot, dose="")
        pilot.app.screen.query_one("#model", Choice).value = "golubovic2019"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "No forecast by Golubovic 2019" in told(pilot))
        await pilot.press("u", "escape")
        assert _is_patient(pilot)
        assert tab_of(pilot).options == ForecastOptions(model="golubovic2019", times_a_day=1)
    assert last_change(good) == before


async def test_the_recommended_dose_is_filled_in_and_checked_where_a_dose_is_adjusted(
    tmp_path: Path,
) -> None:
    records = demo_at(tmp_path)
    before = last_change(records)
    async with running(records) as pilot:
        found = await open_tab(pilot, "Nguy")
        assert found.best is not None
        assert f"Raise the dose to {found.best.dose.words}" in told(pilot)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, Prescribe))
        await until_shown(pilot, "To be stored")
        screen = pilot.app.screen
        assert typed(screen, "dose") == f"{found.best.dose.measured.mg.normalize():f} mg"
        reason = typed(screen, "reason")
        assert "is recommended by the label's arithmetic, after a level 13 days ago" in reason
        await fill(pilot, dose="99 mg")
        await until_shown(pilot, "Cannot be stored")
    assert last_change(records) == before


@contextmanager
def held_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, list[bool]]]:
    """Work forecasts out for real, but only once it is let go; keep which threads do it."""
    go, on_main = Event(), []

    def waiting(
        summary: PatientSummary, asked: ForecastOptions, turn: int, known: TrackRecord | None
    ) -> ForecastReady:
        on_main.append(current_thread() is main_thread())
        go.wait(30)
        return work_out(summary, asked, turn, known)

    monkeypatch.setattr("tui.app.widgets.forecast_view.work_out", waiting)
    try:
        yield go, on_main
    finally:
        go.set()


async def test_it_is_worked_out_in_a_worker_once_and_when_it_is_looked_at(
    good: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held_back(monkeypatch) as (go, on_main):
        async with running(good) as pilot:
            await open_patient(pilot, NAME)
            for key in "123456789":
                await pilot.press(key)
            assert not on_main
            await pilot.press("0")
            await until_shown(pilot, "Calculating…")
            assert "Sample" in screen_text_of(pilot)
            await pilot.press("u", "y", "s")
            assert _is_patient(pilot)  # there is nothing yet to ask about
            go.set()
            found = await worked(pilot)
            for width, height in ((60, 20), (140, 40), (80, 24)):
                await pilot.resize_terminal(width, height)
            await pilot.press("1", "0", "l", "escape")
            await until(pilot, lambda: not pilot.app.screen.is_busy)  # type: ignore[attr-defined]
            assert tab_of(pilot).forecast is found
            assert on_main == [False]


async def test_after_others_changes_nothing_old_is_shown(
    good: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(good) as pilot:
        first = await open_tab(pilot)
        with held_back(monkeypatch) as (go, _):
            another_writes(good, pilot)
            await until_shown(pilot, "Calculating…")
            assert "most probably" not in screen_text_of(pilot)
            assert tab_of(pilot).forecast is None
            tab_of(pilot).post_message(first)  # an answer that comes too late
            await pilot.pause()
            assert tab_of(pilot).forecast is None
            go.set()
            await worked(pilot)


async def test_the_tabs_have_room_at_60_columns(good: Records) -> None:
    async with running(good, (60, 20)) as pilot:
        await open_tab(pilot)
        line = next(each for each in screen_text_of(pilot).splitlines() if "Levels" in each)
        assert line.split() == [
            *("Now", "Levels", "Doses", "Events", "Lab", "Meas", "Drugs", "Resp", "Hist"),
            "Forecast",
        ]
        await pilot.resize_terminal(80, 24)
        titles = [str(each.label) for each in pilot.app.screen.query(Tab)]
        assert titles[-2:] == ["History", "Forecast"]


_ALONE = """
import asyncio, sys
from pathlib import Path
from tests.tui.app.shown import demo_at, open_patient, running, until_shown

async def main():
    async with running(demo_at(Path(sys.argv[1]))) as pilot:
        await open_patient(pilot, "Overdue")
        print("dosing.pharmacokinetics" in sys.modules)
        await pilot.press("0")
        await until_shown(pilot, "Based on")
        print("dosing.pharmacokinetics" in sys.modules)

asyncio.run(main())
"""


def test_what_is_heavy_is_imported_when_the_tab_is_opened(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split() == ["False", "True"]


async def test_a_treatment_of_days_is_drawn_from_its_beginning(tmp_path: Path) -> None:
    begun = Moment(NOW.utc - timedelta(days=3), ZONE)
    async with running(a_patient(a_dose(since=begun), folder=tmp_path)) as pilot:
        found = await open_tab(pilot)
        assert found.predicted is not None
        assert found.predicted.course.since.utc == begun.utc


async def test_the_course_begins_two_weeks_ago_or_before_the_last_level(tmp_path: Path) -> None:
    """Six weeks at most. The level of 10 November was 13.6 days ago."""
    for days, past in ((5, 14), (20, 21), (40, 41), (45, 42)):
        folder = tmp_path / str(days)
        folder.mkdir()
        sampled = Moment(NOW.utc - timedelta(days=days), ZONE)
        records = a_patient(a_dose(since=BEGUN), a_level(sampled=sampled), folder=folder)
        async with running(records) as pilot:
            found = await open_tab(pilot)
            assert found.predicted is not None
            assert NOW.utc - found.predicted.course.since.utc == timedelta(days=past)
            assert len(found.predicted.levels) == (days < past)
            summary = summarise(records.store.find("00123"), NOW)
            assert found.predicted.course.target == summary.target


async def test_a_forecast_once_calculated_is_behind_the_levels_until_the_record_changes(
    good: Records,
) -> None:
    """It is never waited for: before the tab was shown, the levels are drawn without it."""
    async with running(good, (120, 35)) as pilot:
        screen = await open_patient(pilot, NAME)
        chart = screen.query_one(LevelChart)
        assert "Forecast" not in chart.where
        assert "forecast" not in screen_text_of(pilot)
        await pilot.press("0")
        ready = await worked(pilot)
        await pilot.press("1")
        assert ready.predicted is not None
        assert chart.predicted == ready.predicted.course
        await until_shown(pilot, "forecast: ▄ trough")
        assert "Forecast: trough" in chart.where
        another_writes(good, pilot)
        await until(pilot, lambda: "Forecast" not in chart.where)
