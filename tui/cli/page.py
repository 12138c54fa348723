"""Printing for people: pages, and tables of two columns, folded to the width of the terminal.

Here alone a page becomes plain lines, for a screen reader (`plain_mode`).
"""

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

from tui.cli.plain_lines import plain_fact, plain_lines, unsigned
from tui.cli.plain_mode import pages_are_plain
from tui.rich_page import Page, grid

_WIDEST = 100


def print_page(parts: Iterable[RenderableType]) -> None:
    """Print the parts of a page, one below the other, no wider than can be read well."""
    print_parts(Page(parts), widest=_WIDEST)


def print_parts(*parts: RenderableType, widest: int | None = None) -> None:
    """Print each part without mark-up; a text shows its signs as they are."""
    if pages_are_plain():
        print("\n".join(plain_lines(parts)))
        return
    console = Console(markup=False, highlight=False, emoji=False)
    if widest is not None:
        console.width = min(console.width, widest)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    # rich fills every line with spaces
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_rows(rows: Iterable[tuple[str, str]], *, right: bool = False, narrowest: int = 0) -> None:
    """Print rows of a label, or with `right` a number, and a text."""
    if pages_are_plain():
        for label, text in rows:
            print(plain_fact(label, text))
        return
    table = grid(right=right)
    table.columns[0].min_width = narrowest
    for label, text in rows:
        table.add_row(Text(label), Text(text))
    print_parts(table)


def print_line(text: str) -> None:
    """Print one line of an answer, which may begin with a sign and its word."""
    print(unsigned(text) if pages_are_plain() else text)


def print_sentences(text: str) -> None:
    """Print sentences that are folded by hand; for a screen reader in one line."""
    print(" ".join(text.split("\n")).strip() if pages_are_plain() else text)


def print_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """Print a title, its facts as plain lines without empty ones, and an empty line."""
    print(unsigned(title))
    for label, text in facts:
        if text:
            first, *others = text.split("\n")
            print(plain_fact(label, first))
            for line in others:
                print(unsigned(line))
    print()
