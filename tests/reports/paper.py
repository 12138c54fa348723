"""What the tests of paper share: records to print, and other programs that read the pages."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdf
import pytest

from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.recommendation.advice import forecast_for
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Level, read_level
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.page import Paper
from reports.patient_summary import patient_summary_pdf
from tests.builders import a_dose, a_record, at

NOW = at("2026-11-24T22:00")
HEAD = "0123456789abcdef" * 4

HOSTILE = "[/] Ann & <Bob> <img src='/etc/passwd'> <a href='file:///x'>y</a> </para> &lt; =1+1"


@lru_cache(maxsize=32)
def summary_pdf(record: Record, paper: Paper = Paper.A4, now: Moment = NOW) -> bytes:
    """Return the summary as the program prints it, with the forecast of the same record.

    The same pages are read by many tests; `summary_pdf.__wrapped__` prints them anew.
    """
    return patient_summary_pdf(
        summarise(record, now), head=HEAD, forecast=forecast_for(record, now), paper=paper
    )


def front_pdf(
    record: Record,
    paper: Paper = Paper.A4,
    now: Moment = NOW,
    clinic: ClinicChoices = USUAL_CHOICES,
) -> bytes:
    """Return the summary that ends after what a colleague needs first."""
    summary, forecast = summarise(record, now, clinic), forecast_for(record, now)
    return patient_summary_pdf(summary, head=HEAD, forecast=forecast, paper=paper, is_full=False)


def named(record: Record, **texts: str) -> Record:
    """Return the record with another name or other texts of the patient."""
    patient = replace(record.patient, entry=replace(record.patient.entry, **texts))  # type: ignore[arg-type]  # only texts
    return replace(record, patient=patient)


def long_record(levels: int = 60, *others: Entry) -> Record:
    """Return years of treatment, with a level every second week, and what else is given."""
    doses = [a_dose(f"2024-{month:02d}-15T08:00", f"0.{month:02d}") for month in (2, 4, 6, 8, 10)]
    events = [AdverseEvent(term="mouth sores", since=at("2024-05-01T08:00").local.date(), grade=2)]
    return a_record(*doses, *(a_level_of(number) for number in range(levels)), *events, *others)


def a_level_of(number: int) -> Level:
    first = at("2024-03-01T07:50")
    sampled = Moment(first.utc + timedelta(days=14 * number), first.zone)
    value, comparator = read_level(f"{Decimal(20 + number * 37 % 160) / 10} ng/mL")
    return Level(
        sampled=sampled,
        value=value,
        comparator=comparator,
        last_dose=Moment(sampled.utc - timedelta(hours=12), sampled.zone),
        assay=Assay.LC_MS_MS,
    )


def squeezed(text: str) -> str:
    """Return text without its spaces and line ends, which the layout decides."""
    return re.sub(r"\s+", "", text)


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page as pypdf reads it."""
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def program(name: str) -> str:
    """Return where a program is; where it is not installed the test is skipped in sight."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here (Debian packages poppler-utils and qpdf).")
    return found


def run_on(pdf: bytes, folder: Path, *command: str) -> str:
    """Return what a program prints about a document; a dash among its words stands for the file."""
    file = folder / "summary.pdf"
    file.write_bytes(pdf)
    words = [program(command[0]), *(str(file) if word == "-" else word for word in command[1:])]
    return subprocess.run(words, check=True, capture_output=True).stdout.decode()


def words_of(pdf: bytes, folder: Path) -> Iterable[tuple[str, float, float, float, float]]:
    """Yield each word of the pages with its left, top, right and bottom edge in points."""
    root = ET.fromstring(run_on(pdf, folder, "pdftotext", "-bbox", "-", "/dev/stdout"))  # noqa: S314 - of our own document
    for word in root.iter("{http://www.w3.org/1999/xhtml}word"):
        edges = (float(word.attrib[name]) for name in ("xMin", "yMin", "xMax", "yMax"))
        left, top, right, bottom = edges
        yield word.text or "", left, top, right, bottom
