"""Printing tables and texts for the terminal without colour, each line without trailing spaces."""

from rich.console import Console, RenderableType


def print_plainly(*parts: RenderableType) -> None:
    """Print each part; a text shows its signs as they are."""
    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))
