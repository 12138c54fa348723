"""A list of entries for the terminal: one paragraph an entry, readable at any width."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dosing import AlertKind

# Who wrote an entry and when: `sirolimus history`. What the review's authors did: told when a
# side-effect is written down.
_LEFT_OUT = {"number", "written", "by", "done_in_review"}
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9:]{5,8})([+-][0-9:]{5})")


def print_entries(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print each row as its number and what it holds; nothing that is absent."""
    if not rows:
        print("Nothing is written down yet.")
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        cells = (
            f"{name.replace('_', ' ')} {_shown(value)}"
            for name, value in row.items()
            if name not in _LEFT_OUT and _shown(value)
        )
        table.add_row(Text(f"{row['number']}."), Text("; ".join(cells)))
    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
        return " ".join(f"{each['kind']}: {each['message']}" for each in value if _is_strong(each))
    if isinstance(value, list):
        return " to ".join("any" if each is None else str(each) for each in value)
    return _TIME.sub(r"\1 \2 \3", str(value))  # breaks at its spaces where it must


def _is_strong(alert: Mapping[str, Any]) -> bool:
    """Return whether an alert is more than a note: notes are told when an entry is written down."""
    return bool(alert["kind"] != AlertKind.NOTE.word)
