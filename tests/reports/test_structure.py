"""The structure of the pages for programs that read aloud, as other programs read it."""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from reports.languages import LANGUAGES
from reports.page import Frame, Paper, pdf_of
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import TableColumn
from tests.reports.demo import demo_records
from tests.reports.paper import front_pdf, run_on, summary_pdf
from tests.reports.test_give_log import CHANGE, EVENING, card, log
from tests.reports.treated import NOW

_TEXT = {"Tj", "TJ", "'", '"'}
_BEGINS, _ENDS = {"BDC", "BMC"}, {"EMC"}


@cache
def pages(name: str) -> bytes:
    """Return one of the documents that are read here."""
    record = next(r for r in demo_records() if r.patient.entry.record_number == "DEMO-11")
    makers = {
        "summary": lambda: summary_pdf(record, Paper.A4, NOW),
        "front": lambda: front_pdf(record, Paper.LETTER, NOW),
        "card": lambda: card(*EVENING),
        "log": lambda: log(*CHANGE, code="fr"),
        "Arabic log": lambda: log(*CHANGE, code="ar"),
    }
    return makers[name]()


NAMES = ("summary", "front", "card", "log", "Arabic log")


def parts(element: Any) -> Iterator[Any]:
    """Yield the elements below one, in reading order."""
    for each in element.get("/K", ()):
        if isinstance(each, pikepdf.Dictionary):
            yield each
            yield from parts(each)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_marked_and_every_mark_has_its_place_in_the_tree(name: str) -> None:
    with pikepdf.open(BytesIO(pages(name))) as document:
        assert document.Root.MarkInfo.Marked
        tree = document.Root.StructTreeRoot
        placed = {
            (element.Pg.objgen, int(mark))
            for element in parts(tree.K)
            for mark in element.get("/K", ())
            if not isinstance(mark, pikepdf.Dictionary)
        }
        numbers = list(tree.ParentTree.Nums)
        drawn = set()
        for number, page in enumerate(document.pages):
            assert (int(page.obj.StructParents), str(page.obj.Tabs)) == (number, "/S")
            depth, marks = 0, 0
            for instruction in pikepdf.parse_content_stream(page):
                operator = str(instruction.operator)
                depth += (operator in _BEGINS) - (operator in _ENDS)
                assert 0 <= depth <= 1
                assert depth or operator not in _TEXT
                if operator == "BDC":
                    drawn.add((page.objgen, marks))
                    assert int(instruction.operands[1].MCID) == marks
                    marks += 1
            assert numbers[2 * number] == number
            assert len(numbers[2 * number + 1]) == marks
        assert placed == drawn


def test_a_table_has_headings_and_as_many_columns_in_each_row() -> None:
    with pikepdf.open(BytesIO(pages("summary"))) as document:
        tables = [e for e in parts(document.Root.StructTreeRoot.K) if e.S == "/Table"]
        assert len(tables) >= 6
        for table in tables:
            kinds = [[str(cell.S) for cell in row.K] for row in table.K]
            assert set(kinds[0]) == {"/TH"}
            assert all(set(row) == {"/TD"} for row in kinds[1:])
            widths = [
                sum(int(cell.A.get("/ColSpan", 1)) if "/A" in cell else 1 for cell in row.K)
                for row in table.K
            ]
            assert len(set(widths)) == 1


def test_the_headings_are_the_bookmarks_and_the_title_is_the_first() -> None:
    with pikepdf.open(BytesIO(pages("summary"))) as document:
        kinds = [str(each.S) for each in parts(document.Root.StructTreeRoot.K)]
        with document.open_outline() as outline:
            assert kinds.count("/H2") == len(outline.root)
        assert kinds[:3] == ["/P", "/H1", "/P"]
        assert kinds.count("/H1") == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_figure_of_the_familys_pages_has_words(code: str) -> None:
    for pdf, least in ((card(*EVENING, code=code), 3), (log(*CHANGE, code=code), 4)):
        with pikepdf.open(BytesIO(pdf)) as document:
            elements = list(parts(document.Root.StructTreeRoot.K))
            words = [str(each.Alt) for each in elements if each.S == "/Figure"]
        assert len(words) >= least
        assert all(words)
        assert any("0.8\N{NO-BREAK SPACE}mL" in each for each in words)


def test_another_program_reads_the_parts_in_order(tmp_path: Path) -> None:
    pdf = pages("front")
    assert "Tagged:          yes" in run_on(pdf, tmp_path, "pdfinfo", "-")
    told = run_on(pdf, tmp_path, "pdfinfo", "-struct-text", "-")
    wanted = (
        "Sample Side Effects", "Sirolimus summary", "record number DEMO-11", "On hold since",
        "Dose before the hold, and target", "20 Nov 2026, 07:50", '"15.0"', "Recommendation",
        "Due, with the proposed owner", "Sources and audit trail", "Prepared by",
    )  # fmt: skip
    places = [told.index(each) for each in wanted]
    assert places == sorted(places)


def test_a_table_over_two_pages_is_two_tables_with_the_headings_again() -> None:
    sheet = ReportBuilder(Paper.A4.width_between_margins)
    rows = [PrintedRow((f"row {n}", "[/] <img src=x>")) for n in range(80)]
    sheet.table("A table", (TableColumn("One", 0.5), TableColumn("Two", 0.5)), rows)
    with pikepdf.open(BytesIO(pdf_of(Frame(title="t", head="h", made=NOW), sheet.content))) as pdf:
        kinds = [str(each.S) for each in parts(pdf.Root.StructTreeRoot.K)]
    assert (kinds.count("/Table"), kinds.count("/H2"), kinds.count("/TH")) == (2, 1, 4)
    assert kinds.count("/TD") == 160
