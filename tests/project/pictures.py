"""Draws the pictures of docs/images from the synthetic clinic: `python -m tests.project.pictures`.

It needs pdftoppm and rsvg-convert (Debian packages poppler-utils and librsvg2-bin). The same day
gives the same pictures.
"""

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from PIL import Image, ImageDraw  # ReportLab brings it

from monitoring.demo.clinic import write_demo
from monitoring.recommendation.advice import forecast_for
from monitoring.store.opening import open_records
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.patient_summary import patient_summary_pdf
from tests.project.render import ROOT
from tests.tui.app.dose_screens import fill
from tests.tui.app.shown import demo_at, open_patient, running, until_shown
from tests.tui.app.walks import leave

FOLDER = ROOT / "docs" / "images"
_DAY = date(2026, 11, 24)
_DOTS_PER_INCH = 100
_SHADES = 24
_SUMMARY_OF = "DEMO-06"
_FORECAST_OF = "Missed Dos"
_SCREEN = (110, 32)


_PARTS = (
    "Sample Infant", "Current dose and target", "Levels", "Open alerts", "Recommendation",
    "Due, with the proposed owner", "Also to know", "Levels over time", "Made",
)  # fmt: skip
"""The parts of the summary's first page, by the words that their first lines begin with."""


def draw(folder: Path = FOLDER) -> list[Path]:
    """Draw the first page of one patient's summary, alone and with its parts numbered."""
    program = shutil.which("pdftoppm")
    if program is None:
        sys.exit("pdftoppm is not installed: Debian package poppler-utils.")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        file = str(Path(scratch) / "demo.sqlite")
        store = open_records(file, "Sample Clinician", create=True, throw_away=True).store
        write_demo(store.engine, _DAY, "Europe/Paris")
        now = Moment.read(f"{_DAY}T22:00", "Europe/Paris")
        record = store.find(_SUMMARY_OF)
        summary, forecast = summarise(record, now), forecast_for(record, now)
        pdf = Path(scratch) / "summary.pdf"
        pdf.write_bytes(patient_summary_pdf(summary, head=store.head(), forecast=forecast))
        picture = folder / "summary-1"
        command = [program, "-r", str(_DOTS_PER_INCH), "-f", "1", "-l", "1", "-png"]
        subprocess.run([*command, "-singlefile", pdf, picture], check=True)
        path, parts = picture.with_suffix(".png"), folder / "summary-parts.png"
        _number_parts(path, pdf, parts)
    for each in (path, parts):
        _make_small(each)
    return [path, parts]


def _number_parts(page: Path, pdf: Path, picture: Path) -> None:
    """Draw a number in the left margin at each part of the page; raises `ValueError` without it."""
    box = ["pdftotext", "-f", "1", "-l", "1", "-bbox-layout", str(pdf), "-"]
    found = subprocess.run(box, check=True, capture_output=True, text=True).stdout
    lines = [
        (float(top), float(bottom), " ".join(re.findall(r">([^<]+)</word>", words)))
        for top, bottom, words in re.findall(
            r'<line xMin="[\d.]+" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(.*?)</line>',
            found,
            re.DOTALL,
        )
    ]
    scale = _DOTS_PER_INCH / 72
    with Image.open(page) as image:
        drawn = image.convert("RGB")
    pen = ImageDraw.Draw(drawn)
    for number, part in enumerate(_PARTS, start=1):
        heights = [(top + bottom) / 2 for top, bottom, text in lines if _begins(text, part)]
        if not heights:
            raise ValueError(f"The summary has no part that begins with {part!r}.")
        middle, half = heights[0] * scale, 13
        pen.ellipse((14, middle - half, 14 + 2 * half, middle + half), fill="#1f4e5f")
        pen.text((14 + half, middle), str(number), fill="white", anchor="mm", font_size=17)
    drawn.save(picture)


def _begins(text: str, part: str) -> bool:
    return text == part or (text.startswith(f"{part} ") and part in {"Sample Infant", "Made"})


async def _draw_screens(folder: Path, program: str) -> list[Path]:
    """Draw the worklist, the calculator, the cohort, a patient and a forecast."""
    drawn: list[Path] = []

    def draw_as(name: str) -> None:
        picture = folder / f"{name}.png"
        drawn.append(_draw_screen(pilot.app.export_screenshot(), picture, program))

    with tempfile.TemporaryDirectory() as scratch:
        async with running(demo_at(Path(scratch)), _SCREEN) as pilot:
            draw_as("worklist")
            await pilot.press("d")
            await fill(pilot, weight="12.4 kg", again="12.4 kg", height="88 cm", age="27 months")
            await until_shown(pilot, "0.44 mg")
            draw_as("calculator")
            await leave(pilot, 1)
            await pilot.press("c")
            await until_shown(pilot, "were given")
            draw_as("cohort")
            await leave(pilot, 1)
            await open_patient(pilot, "Side Eff")
            draw_as("patient")
            await pilot.press("escape", "escape")
            await open_patient(pilot, _FORECAST_OF)
            await pilot.press("0")
            await until_shown(pilot, "Based on")
            draw_as("forecast")
    return drawn


def _draw_screen(svg: str, picture: Path, program: str) -> Path:
    """Draw one screen; its spaces are kept, which the converter would else drop."""
    kept = svg.replace("<text ", '<text xml:space="preserve" ')
    subprocess.run([program, "-w", "1000", "-o", picture], input=kept.encode(), check=True)
    _make_small(picture)
    return picture


def draw_screens(folder: Path = FOLDER) -> list[Path]:
    """Draw the screens of the app over the synthetic clinic, and return the pictures."""
    program = shutil.which("rsvg-convert")
    if program is None:
        sys.exit("rsvg-convert is not installed: Debian package librsvg2-bin.")
    return asyncio.run(_draw_screens(folder, program))


def _make_small(picture: Path) -> None:
    """Keep as many shades as letters and one accent colour need."""
    with Image.open(picture) as image:
        reduced = image.convert("RGB").quantize(_SHADES)
    reduced.save(picture, optimize=True)


if __name__ == "__main__":
    for path in (*draw(), *draw_screens()):
        print(path.relative_to(ROOT))
