"""The clinic beside the review on screen, and the curves that are drawn in text."""

from datetime import date
from pathlib import Path

import pytest
from textual.widgets import DataTable, TabbedContent

from monitoring.cohort import cohort
from monitoring.demo.clinic import write_demo
from monitoring.response import TimeToResponse, kaplan_meier
from monitoring.store.opening import Records
from tests.tui.app.dose_screens import (
    NOW,
    ZONE,
    DrivenApp,
    on_top,
    records_at,
    settle,
    show,
    shown,
)
from tui.app.screens.cohort import CohortScreen
from tui.app.widgets.curve_drawing import draw


@pytest.fixture
def records(tmp_path: Path) -> Records:
    opened = records_at(tmp_path)
    write_demo(opened.store.engine, date(2026, 11, 5), ZONE)
    return opened


async def test_every_count_is_shown_beside_the_reviews(records: Records) -> None:
    expected = cohort(records.store.records(), NOW)
    app = DrivenApp(records)
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, CohortScreen())
        await settle(pilot)
        for size in ((60, 20), (80, 24), (140, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            table = on_top(app).query_one(DataTable)
            cells = [[str(each) for each in table.get_row_at(at)] for at in range(table.row_count)]
            counted = [row[1] for row in cells if row[1]]
            assert counted == [
                f"{row.count}/{row.of}" for each in expected.tables for row in each.rows
            ]
            named = {" ".join(row[0].split()): row for row in cells}
            assert named["lymphatic component"][4] == "73/84"
            assert "17 of 17 patients were given sirolimus" in " ".join(shown(on_top(app)).split())
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(on_top(app), CohortScreen)


async def test_time_to_response_and_time_in_range_have_pages_of_their_own(
    records: Records,
) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(80, 60)) as pilot:
        await show(pilot, CohortScreen())
        await settle(pilot)
        pages = on_top(app).query_one(TabbedContent)
        pages.active = "tab-2"
        await pilot.pause()
        response = shown(on_top(app))
        assert "all: 3 of 3 responded, median 29 days, interval 16-? days" in response
        assert "100 %┤──" in response
        assert "log-rank test" in response
        pages.active = "tab-3"
        await pilot.pause()
        assert "within the target at" in " ".join(shown(on_top(app)).split())


async def test_the_evidence_since_the_review_has_a_page(records: Records) -> None:
    """Vase 2023: 85 % improved, 54 % relapsed after stopping."""
    app = DrivenApp(records)
    async with app.run_test(size=(80, 60)) as pilot:
        await show(pilot, CohortScreen())
        await settle(pilot)
        on_top(app).query_one(TabbedContent).active = "tab-4"
        await pilot.pause()
        evidence = " ".join(shown(on_top(app)).split())
        assert "VASE 2023 [vase2023]" in evidence
        assert "85 % improved" in evidence
        assert "Nadal 2016 stays the default protocol" in evidence


async def test_records_without_a_patient_are_told(tmp_path: Path) -> None:
    app = DrivenApp(records_at(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, CohortScreen())
        await settle(pilot)
        assert "0 of 0 patients were given sirolimus" in shown(on_top(app))


def test_a_curve_falls_to_the_share_that_has_not_responded() -> None:
    curve = kaplan_meier([TimeToResponse(10, True), TimeToResponse(20, False)])  # noqa: FBT003 - a sample
    # Of two one responds on day 10, in the middle of the 20 columns: the eleventh is the first one
    # of a day after 9. There the curve ends, as nothing more is known. By hand, the interval of
    # that half is 0.5^(e^(±1.96 × 0.7071 / 0.6931)) = 0.006 to 0.91: all the rows.
    assert draw(curve, 28, 7, 20) == (
        " 100 %┤──────────┐",
        "      │          │",
        "  50 %┤          └",
        "      │          ░",
        "   0 %┤          ░",
        "      └────────────────────",
        "       0            20 days",
    )


def test_no_curve_is_drawn_without_a_response_or_without_room() -> None:
    nobody = kaplan_meier([TimeToResponse(20, False)])  # noqa: FBT003 - a sample
    somebody = kaplan_meier([TimeToResponse(10, True)])  # noqa: FBT003 - a sample
    assert draw(nobody, 80, 11, 20) == ()
    assert draw(somebody, 23, 11, 20) == ()
    assert draw(somebody, 80, 4, 20) == ()


@pytest.mark.parametrize("width", [24, 60, 100])
@pytest.mark.parametrize("last_day", [1, 10, 58, 1000])
def test_no_line_of_a_curve_is_wider_than_its_room(width: int, last_day: int) -> None:
    times = [TimeToResponse(day % (last_day + 1), day % 3 > 0) for day in range(1, 40)]
    lines = draw(kaplan_meier(times), width, 11, last_day)
    assert len(lines) == 11
    assert max(map(len, lines)) <= width
