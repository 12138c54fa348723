"""The structure of a report for programs that read it aloud: headings, paragraphs, tables, figures.

The parts of a page are marked while they are drawn, and a tree names them in the order of drawing,
which is that of reading. Head and foot are marked as no part of the content, but on the first page
the head, which begins the tree.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

ARTIFACT = "Artifact"
_HEADING_ROW = 1
"""The row of a table with the headings of its columns; its title is above."""


@dataclass(frozen=True, slots=True)
class PageMark:
    """The place of a part on a page: the page from 0, and the number of the mark there."""

    page: int
    number: int


@dataclass(slots=True)
class StructurePart:
    """A part by its PDF name (H1, H2, P, Table, TR, TH, TD, Figure), with the parts inside."""

    kind: str
    inside: list["StructurePart | PageMark"] = field(default_factory=list)
    alternative: str = ""
    """The words for a figure."""
    columns: int = 1
    """The columns that a cell spans."""


class Structure:
    """The structure of one document, which grows with its drawing."""

    def __init__(self) -> None:
        """Begin with an empty document."""
        self.root = StructurePart("Document")
        self.page = 0
        """The page that is drawn, from 0."""
        self._open = [self.root]
        self._marks: Counter[int] = Counter()
        self._marked = 0

    def begin(self, kind: str) -> None:
        """Begin a part that holds others, such as a table or a row."""
        part = StructurePart(kind)
        self._open[-1].inside.append(part)
        self._open.append(part)

    def end(self) -> None:
        """End the part that was begun last."""
        self._open.pop()

    @property
    def kind(self) -> str:
        """The kind of the part that was begun last and not ended."""
        return self._open[-1].kind

    def mark(self, canvas: Any, kind: str, alternative: str = "", columns: int = 1) -> None:
        """Mark what is drawn from now on as a part, or as no content; within a mark nothing is."""
        self._marked += 1
        if self._marked > 1:
            return
        if kind == ARTIFACT:
            canvas.addLiteral("/Artifact BMC")
            return
        number = self._marks[self.page]
        self._marks[self.page] += 1
        place = PageMark(self.page, number)
        self._open[-1].inside.append(StructurePart(kind, [place], alternative, columns))
        canvas.addLiteral(f"/{kind} <</MCID {number}>> BDC")

    def unmark(self, canvas: Any) -> None:
        """End the mark that was begun last."""
        self._marked -= 1
        if not self._marked:
            canvas.addLiteral("EMC")

    @contextmanager
    def at_the_front(self) -> Iterator[None]:
        """Put the parts that are marked here before all others."""
        others, self.root.inside = self.root.inside, []
        try:
            yield
        finally:
            self.root.inside += others


@contextmanager
def marked(canvas: Any, kind: str, alternative: str = "") -> Iterator[None]:
    """Mark what is drawn here as a part; a canvas without a structure gets no marks."""
    structure: Structure | None = getattr(canvas, "structure", None)
    if structure is None:
        yield
        return
    structure.mark(canvas, kind, alternative)
    try:
        yield
    finally:
        structure.unmark(canvas)


def mark_lines(table: Any, event: Any, *_: Any) -> None:
    """Mark the lines of a table as no content, as ReportLab draws it (`renderCB`)."""
    structure: Structure | None = getattr(table.canv, "structure", None)
    if structure is None:
        return
    if event == "startLines":
        structure.mark(table.canv, ARTIFACT)
    elif event == "endLines":
        structure.unmark(table.canv)


def mark_table(table: Any, event: Any, *about: Any) -> None:
    """Mark the cells of a table as ReportLab draws it (`renderCB`): its first row is its title.

    The row below has the headings of the columns. A row with one text over all columns is one cell.
    """
    structure: Structure | None = getattr(table.canv, "structure", None)
    if structure is None:
        return
    match event:
        case "startRow" if about[0] >= _HEADING_ROW:
            if structure.kind != "Table":
                structure.begin("Table")
            structure.begin("TR")
        case "startCell" if structure.kind == "TR":
            row, _, _, _, (left, _), (width, _) = about
            starts = table._colpositions[:-1]  # noqa: SLF001 - the only way to a cell's columns
            columns = sum(left - 0.1 < each < left + width - 0.1 for each in starts)
            kind = "TH" if row == _HEADING_ROW and table.repeatRows > _HEADING_ROW else "TD"
            structure.mark(table.canv, kind, columns=columns)
        case "endCell" if structure.kind == "TR":
            structure.unmark(table.canv)
        case "endRow" if structure.kind == "TR":
            structure.end()
        case "startLines" if structure.kind == "Table":
            structure.end()
    mark_lines(table, event)


def write_structure(structure: Structure, document: Any) -> None:
    """Add the tree to a document of ReportLab, all of whose pages are drawn."""
    from reportlab.pdfbase import pdfdoc  # noqa: PLC0415 - ReportLab is heavy

    pages = document.Pages.pages
    marks: list[dict[int, Any]] = [{} for _ in pages]
    tree = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructTreeRoot")})
    top = document.Reference(tree)

    def written(part: StructurePart, parent: Any) -> Any:
        entries = {
            "Type": pdfdoc.PDFName("StructElem"),
            "S": pdfdoc.PDFName(part.kind),
            "P": parent,
        }
        if part.alternative:
            entries["Alt"] = pdfdoc.PDFString(part.alternative)
        if part.kind == "TH":
            owner = {"O": pdfdoc.PDFName("Table"), "Scope": pdfdoc.PDFName("Column")}
            entries["A"] = pdfdoc.PDFDictionary(owner)
        elif part.columns > 1:
            spans = {"O": pdfdoc.PDFName("Table"), "ColSpan": part.columns}
            entries["A"] = pdfdoc.PDFDictionary(spans)
        element = pdfdoc.PDFDictionary(entries)
        found = document.Reference(element)
        inside = []
        for each in part.inside:
            if isinstance(each, PageMark):
                marks[each.page][each.number] = found
                element.dict["Pg"] = document.Reference(pages[each.page])
                inside.append(each.number)
            else:
                inside.append(written(each, found))
        element.dict["K"] = pdfdoc.PDFArray(inside)
        return found

    tree.dict["K"] = written(structure.root, top)
    numbers: list[Any] = []
    for number, (page, of_page) in enumerate(zip(pages, marks, strict=True)):
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = number, pdfdoc.PDFName("S")
        in_order = pdfdoc.PDFArray([of_page[each] for each in sorted(of_page)])
        numbers += [number, document.Reference(in_order)]
    parents = pdfdoc.PDFDictionary({"Nums": pdfdoc.PDFArray(numbers)})
    tree.dict["ParentTree"] = document.Reference(parents)
    tree.dict["ParentTreeNextKey"] = len(pages)
    document.Catalog.StructTreeRoot = top
    document.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": pdfdoc.PDFtrue})
