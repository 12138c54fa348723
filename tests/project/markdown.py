"""The places and the tables that the pages made from the code share."""

from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SAFETY = DOCS / "safety"
MADE = "<!-- Made by `python -m tests.project.render`: change the code or the data, not this. -->\n"


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of Markdown; a cell keeps its text, with what would end it escaped."""
    headings = tuple(headings)
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, cells))} |" for cells in lines)


def anchor_of(heading: str) -> str:
    """Return the anchor of a heading, as readers of Markdown make it.

    >>> anchor_of("R7 An entry changed behind the program's back")
    'r7-an-entry-changed-behind-the-programs-back'
    """
    kept = (letter for letter in heading.lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
