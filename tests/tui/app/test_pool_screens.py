"""The share of the cohort and the pool of several clinics, from the cohort's screen."""

import random
from pathlib import Path

from textual.widgets import Static

from monitoring.pooling.share_file import read_share, share_text
from monitoring.store.opening import Records
from tests.builders import a_patient
from tests.monitoring.pooling.clinics import successive_shares
from tests.tui.app.dose_screens import (
    GIVEN,
    MEASURED,
    DrivenApp,
    fill,
    on_top,
    show,
    with_patient,
)
from tests.tui.app.shown import until
from tui.app.screens.pool_shares import PoolShares
from tui.app.screens.share_cohort import ShareCohort
from tui.rich_page import Page


async def test_a_share_is_previewed_and_written_once(records: Records, tmp_path: Path) -> None:
    for number in range(6):
        patient = a_patient(f"{number}", "Sample [/] <img src=x>", allergies="")
        with_patient(records, MEASURED, GIVEN, patient=patient)
    app, file = DrivenApp(records), tmp_path / "share.json"
    async with app.run_test(size=(80, 24)) as pilot:
        screen = ShareCohort()
        await show(pilot, screen)
        result = screen.query_one("#result", Static)
        await pilot.press("f5")
        await until(pilot, lambda: "A share has 6 treated patients" in str(result.render()))
        assert not file.exists()
        await fill(pilot, file=str(file))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Fingerprint of the clinic's key" in str(result.render()))
        assert read_share(file).fingerprint in str(result.render())
        assert "Sample" not in file.read_text(encoding="utf-8")
        await pilot.press("ctrl+s")  # the file exists now, and the counts are remembered
        await until(pilot, lambda: bool(screen.problem))


async def test_the_shares_of_a_folder_are_pooled_and_written(
    records: Records, tmp_path: Path
) -> None:
    shares = tmp_path / "shares"
    shares.mkdir()
    for clinic in range(2):
        share = successive_shares(random.Random(clinic), [30])[0][1]
        text = share_text(share, bytes([49 + clinic]) * 32)
        (shares / f"{clinic}.json").write_text(text, encoding="utf-8")
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = PoolShares()
        await show(pilot, screen)
        await fill(pilot, files=str(tmp_path / "nothing.json"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(screen.problem))
        await fill(pilot, files=str(shares), pdf=str(tmp_path / "pool.pdf"))
        await pilot.press("ctrl+s")
        report = screen.query_one("#report Static", Static)
        await until(pilot, lambda: isinstance(report.content, Page))
        assert "2 clinics, 60 treated patients." in str(report.content.parts[0])  # type: ignore[union-attr]  # it is a page
        assert on_top(app) is screen
    assert (tmp_path / "pool.pdf").read_bytes().startswith(b"%PDF")
