"""Printing for people: pages, and tables of two columns, folded to the width of the terminal."""

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

from tui.rich_page import Page, grid

_WIDEST = 100


def print_page(parts: Iterable[RenderableType]) -> None:
    """Print the parts of a page, one below the other, no wider than can be read well."""
    print_plainly(Page(parts), widest=_WIDEST)


def print_plainly(*parts: RenderableType, widest: int | None = None) -> None:
    """Print each part without mark-up; a text shows its signs as they are."""
    console = Console(markup=False, highlight=False, emoji=False)
    if widest is not None:
        console.width = min(console.width, widest)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    # rich fills every line with spaces
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_rows(rows: Iterable[tuple[str, str]], *, right: bool = False, narrowest: int = 0) -> None:
    """Print rows of a label, or with `right` a number, and a text beside it."""
    table = grid(right=right)
    table.columns[0].min_width = narrowest
    for label, text in rows:
        table.add_row(Text(label), Text(text))
    print_plainly(table)
