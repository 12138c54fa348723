"""A list of entries for the terminal: one paragraph an entry, readable at any width."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dosing import AlertKind
from tui.cli.page import print_rows

# Author and time of an entry are in `sirolimus history`; the action taken in Nadal 2016 is shown
# when an adverse event is added.
_LEFT_OUT = {"number", "written", "by", "done_in_review"}
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9:]{5,8})([+-][0-9:]{5})")


def print_entries(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print each row as its number and its values; absent values are left out."""
    print_paragraphs((row["number"], _paragraph(row)) for row in rows)


def _paragraph(row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{name.replace('_', ' ')} {shown(value)}"
        for name, value in row.items()
        if name not in _LEFT_OUT and shown(value)
    )


def print_paragraphs(paragraphs: Iterable[tuple[int, str]]) -> None:
    """Print each entry's number and its text, folded to the width of the terminal."""
    rows = [(f"{number}.", text) for number, text in paragraphs]
    if rows:
        print_rows(rows, right=True)
    else:
        print("No entries.")


def shown(value: object) -> str:
    """Return a value as it is shown in a list; an empty text for an absent one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "accepted (--json shows it in full)"
    if isinstance(value, list):
        return _list(value)
    return _TIME.sub(r"\1 \2 \3", str(value))  # a line can break at its spaces


def _list(values: Sequence[Any]) -> str:
    """Return alerts as sentences, codes with commas, and numbers as a range."""
    if all(isinstance(each, Mapping) for each in values):
        strong = (each for each in values if _is_strong(each))
        return " ".join(f"{each['kind']}: {each['message']}" for each in strong)
    if all(isinstance(each, str) for each in values):
        return ", ".join(values)
    return " to ".join("any" if each is None else str(each) for each in values)


def _is_strong(alert: Mapping[str, Any]) -> bool:
    """Return whether an alert is more than a note: notes are shown when an entry is added."""
    return bool(alert["kind"] != AlertKind.NOTE.word)
