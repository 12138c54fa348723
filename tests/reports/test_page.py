"""The page: who it is about on every one, counted, dated, and the same for the same content."""

from io import BytesIO

import pikepdf
import pypdf
import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from dosing.build import this_build
from monitoring.times import Moment
from reports.fonts import register_fonts
from reports.page import DISCLAIMER, Frame, Paper, pdf_of

MADE = Moment.read("2026-11-24T22:00", "Europe/Paris")
HEAD = "Łukasz Sample"
IDENTITY = "record number 00123 · born 2024-11-05"


def frame(paper: Paper = Paper.A4, head: str = HEAD) -> Frame:
    return Frame(title="Sirolimus summary", head=head, identity=IDENTITY, made=MADE, paper=paper)


def paragraphs(number: int) -> list[Paragraph]:
    register_fonts()
    style = ParagraphStyle("plain", fontName="DejaVuSans", fontSize=9, leading=12)
    return [Paragraph(f"Line {each}", style) for each in range(number)]


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page, as another program reads it."""
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def test_the_foot_has_the_build() -> None:
    pages = pages_of(pdf_of(frame(), paragraphs(200)))
    assert len(pages) > 2
    assert all(f"by sirolimus-assistant {this_build().label}" in text for text in pages)


@pytest.mark.parametrize("paper", list(Paper))
def test_every_page_tells_who_which_when_and_what(paper: Paper) -> None:
    pages = pages_of(pdf_of(frame(paper), paragraphs(200)))
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert HEAD in text
        assert IDENTITY in text
        assert f"Page {number} of {len(pages)}" in text
        assert "Made 24 Nov 2026, 22:00 (+0100) by sirolimus-assistant" in text
        assert DISCLAIMER in text


@pytest.mark.parametrize(
    ("paper", "width", "height"), [(Paper.A4, 595.276, 841.89), (Paper.LETTER, 612, 792)]
)
def test_the_paper_has_its_size(paper: Paper, width: float, height: float) -> None:
    with pikepdf.open(BytesIO(pdf_of(frame(paper), paragraphs(1)))) as document:
        box = [float(number) for number in document.pages[0].mediabox]
    assert box == pytest.approx([0, 0, width, height], abs=0.01)  # ReportLab rounds to 0.001


def test_the_same_content_and_moment_give_the_same_bytes() -> None:
    assert pdf_of(frame(), paragraphs(90)) == pdf_of(frame(), paragraphs(90))


def test_title_and_language_are_set_and_no_patient_is_in_the_metadata() -> None:
    with pikepdf.open(BytesIO(pdf_of(frame(), paragraphs(1)))) as document:
        assert str(document.docinfo["/Title"]) == "Sirolimus summary"
        assert str(document.Root["/Lang"]) == "en"
        assert str(document.docinfo["/CreationDate"]) == "D:20261124210000+00'00'"
        everything = " ".join(str(value) for value in document.docinfo.values())
    assert "Łukasz" not in everything
    assert "00123" not in everything


def test_the_fonts_are_embedded() -> None:
    with pikepdf.open(BytesIO(pdf_of(frame(), paragraphs(1)))) as document:
        fonts = document.pages[0].resources["/Font"].values()
        names = [str(font["/BaseFont"]) for font in fonts]
        embedded = ["/FontFile2" in font["/FontDescriptor"] for font in fonts]
    assert embedded
    assert all(embedded)
    assert all("DejaVuSans" in name for name in names)


@pytest.mark.parametrize("times", [5, 12])
def test_a_long_name_is_drawn_smaller(times: int) -> None:
    head = " ".join(["Sample"] * times)
    (text,) = pages_of(pdf_of(frame(head=head), paragraphs(1)))
    assert head in text.replace("\n", " ")


def test_a_name_longer_than_the_page_is_shortened_and_the_identity_never() -> None:
    (text,) = pages_of(pdf_of(frame(head="Sample " * 300), paragraphs(1)))
    assert "Sample Sam" in text
    assert "…" in text
    assert IDENTITY in text
