"""Results in a notebook: a short line, tables, and the document that `--json` prints.

Every text is escaped: names and reasons come from outside.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from dosing.json_document import json_text

# As in `html.escape`, whose module would add 4 ms to every start.
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_OPEN = {"dose", "alerts", "due", "label_arithmetic", "forecast"}
"""The parts of a document that are shown unfolded."""


class Result(ABC):
    """A result that a notebook shows; its own `__repr__` is the short line."""

    __slots__ = ()

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """Return the result as the document that `--json` prints."""

    def to_json(self) -> str:
        """Return the document as indented JSON."""
        return json_text(self.to_dict())

    def _repr_html_(self) -> str:
        """Return the document as tables; long parts are folded."""
        return as_html(repr(self).strip("<>"), self.to_dict())


def as_html(title: str, document: Mapping[str, object]) -> str:
    """Return a document as HTML: its figures in a table, its lists and tables below.

    >>> as_html("Dose", {"given_mg": 0.44, "alerts": []})
    '<p><b>Dose</b></p><table><tr><th>given_mg</th><td>0.44</td></tr></table>'
    """
    return f"<p><b>{_escape(title)}</b></p>{''.join(_parts(document))}"


def _parts(document: Mapping[str, object]) -> Iterator[str]:
    """Yield the figures as one table, then each list or table that is not empty, folded."""
    short = {key: value for key, value in document.items() if not _is_long(value)}
    if short:
        rows = (f"<tr><th>{_escape(key)}</th>{_cell(value)}</tr>" for key, value in short.items())
        yield f"<table>{''.join(rows)}</table>"
    for key, value in document.items():
        if key not in short and value:
            state = " open" if key in _OPEN else ""
            yield f"<details{state}><summary>{_escape(key)}</summary>{_inner(value)}</details>"


def _is_long(value: object) -> bool:
    """Return whether a value is a table, a list of tables, or an empty list."""
    if isinstance(value, Mapping):
        return True
    return _is_list(value) and (not value or any(isinstance(each, Mapping) for each in value))


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)


def _inner(value: object) -> str:
    """Return a table as its parts, a list of tables as one table with a row each."""
    if isinstance(value, Mapping):
        return "".join(_parts(value))
    if _is_list(value) and value and all(isinstance(each, Mapping) for each in value):
        rows = [each for each in value if isinstance(each, Mapping)]
        keys = list(dict.fromkeys(key for row in rows for key in row))
        head = "".join(f"<th>{_escape(str(key))}</th>" for key in keys)
        cells = ("".join(_cell(row.get(key)) for key in keys) for row in rows)
        return f"<table><tr>{head}</tr>{''.join(f'<tr>{each}</tr>' for each in cells)}</table>"
    return _text(value)


def _cell(value: object) -> str:
    return f"<td>{_inner(value)}</td>"


def _text(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if _is_list(value):
        return ", ".join(map(_inner, value))
    return _escape(str(value))


def _escape(text: str) -> str:
    return text.translate(_ESCAPED)
