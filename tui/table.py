"""A list of entries as a table for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows under their headings, without the columns that no row fills."""
    if not rows:
        print("Nothing is written down yet.")
        return
    headings = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(Text(heading.replace("_", " ")), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(row[heading])) for heading in headings))
    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
