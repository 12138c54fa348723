"""Draws the pictures of docs/images from the synthetic clinic: `python -m tests.project.pictures`.

It needs pdftoppm (Debian package poppler-utils). The same day gives the same pictures.
"""

import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from PIL import Image  # ReportLab brings it

from monitoring.demo.clinic import write_demo
from monitoring.store.opening import open_records
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.patient_summary import patient_summary_pdf
from tests.project.render import ROOT

FOLDER = ROOT / "docs" / "images"
_DAY = date(2026, 11, 24)
_DOTS_PER_INCH = 100
_SHADES = 24
_SUMMARY_OF = "DEMO-06"


def draw(folder: Path = FOLDER) -> list[Path]:
    """Draw the first page of one patient's summary, and return the pictures."""
    program = shutil.which("pdftoppm")
    if program is None:
        sys.exit("pdftoppm is not installed: Debian package poppler-utils.")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        store = open_records(str(Path(scratch) / "demo.sqlite"), "Sample Clinician").store
        write_demo(store.engine, _DAY, "Europe/Paris")
        now = Moment.read(f"{_DAY}T22:00", "Europe/Paris")
        summary = summarise(store.find(_SUMMARY_OF), now)
        pdf = Path(scratch) / "summary.pdf"
        pdf.write_bytes(patient_summary_pdf(summary, head=store.head()))
        picture = folder / "summary-1"
        command = [program, "-r", str(_DOTS_PER_INCH), "-f", "1", "-l", "1", "-png"]
        subprocess.run([*command, "-singlefile", pdf, picture], check=True)
    path = picture.with_suffix(".png")
    _make_small(path)
    return [path]


def _make_small(picture: Path) -> None:
    """Keep as many shades as letters and one accent colour need."""
    with Image.open(picture) as image:
        reduced = image.convert("RGB").quantize(_SHADES)
    reduced.save(picture, optimize=True)


if __name__ == "__main__":
    for path in draw():
        print(path.relative_to(ROOT))
