"""A list of entries for the terminal: one paragraph an entry, readable at any width."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dosing import AlertKind
from tui.cli.page import print_facts, print_rows
from tui.cli.plain_mode import pages_are_plain

# Author and time of an entry are in `sirolimus history`; the action taken in Nadal 2016 is shown
# when an adverse event is added.
_LEFT_OUT = {"number", "written", "by", "done_in_review"}
_UNITS = {"_ng_ml": " in ng/mL", "_mg": " in mg", "_kg": " in kg", "_cm": " in cm"}
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9:]{5,8})([+-][0-9:]{5})")


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry of a list: its number, its paragraph, and the same as labels and values."""

    number: int
    paragraph: str
    facts: tuple[tuple[str, str], ...]


def print_entries(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print each row as its number and its values; absent values are left out."""
    print_paragraphs(map(_listed, rows))


def _listed(row: Mapping[str, Any]) -> ListedEntry:
    named = {
        name: shown(value) for name, value in row.items() if name not in _LEFT_OUT and shown(value)
    }
    paragraph = "; ".join(f"{name.replace('_', ' ')} {text}" for name, text in named.items())
    alerts = [("", text) for text in _sentences(row.get("alerts") or ())]  # read first
    facts = [(_label(name), text) for name, text in named.items() if name != "alerts"]
    return ListedEntry(row["number"], paragraph, (*alerts, *facts))


def _label(name: str) -> str:
    """Return the name of a value as it is read out.

    >>> _label("nearest_level_ng_ml"), _label("dose_mg"), _label("record_number")
    ('nearest level in ng/mL', 'dose in mg', 'record number')
    """
    for ending, unit in _UNITS.items():
        name = name.removesuffix(ending) + unit if name.endswith(ending) else name
    return name.replace("_", " ")


def print_paragraphs(entries: Iterable[ListedEntry]) -> None:
    """Print each entry's number and its text, folded to the width of the terminal."""
    listed = list(entries)
    if not listed:
        print("No entries.")
    elif pages_are_plain():
        for each in listed:
            print_facts(f"Entry {each.number}", each.facts)
    else:
        print_rows([(f"{each.number}.", each.paragraph) for each in listed], right=True)


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
        return " ".join(_sentences(values))
    if all(isinstance(each, str) for each in values):
        return ", ".join(values)
    return " to ".join("any" if each is None else str(each) for each in values)


def _sentences(alerts: Iterable[Mapping[str, Any]]) -> list[str]:
    return [f"{each['kind']}: {each['message']}" for each in alerts if _is_strong(each)]


def _is_strong(alert: Mapping[str, Any]) -> bool:
    """Return whether an alert is more than a note: notes are shown when an entry is added."""
    return bool(alert["kind"] != AlertKind.NOTE.word)
