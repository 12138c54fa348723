"""A list of entries for the terminal: one paragraph an entry, readable at any width."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_IN_HISTORY = {"number", "written", "by"}  # who wrote an entry and when: `sirolimus history`
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9:]{5,8})([+-][0-9:]{5})")


def print_entries(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print each row as its number and what it holds; nothing that is absent."""
    print_paragraphs((row["number"], _paragraph(row)) for row in rows)


def _paragraph(row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{name.replace('_', ' ')} {shown(value)}"
        for name, value in row.items()
        if value not in (None, []) and name not in _IN_HISTORY
    )


def print_paragraphs(paragraphs: Iterable[tuple[int, str]]) -> None:
    """Print each entry's number and its text, folded to the width of the terminal."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for number, text in paragraphs:
        table.add_row(Text(f"{number}."), Text(text))
    if not table.row_count:
        print("Nothing is written down yet.")
        return
    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def shown(value: object) -> str:
    """Return a value as it is shown in a list."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "accepted (--json shows it in full)"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    if isinstance(value, list):
        return " to ".join("any" if each is None else str(each) for each in value)
    return _TIME.sub(r"\1 \2 \3", str(value))  # breaks at its spaces where it must
