"""Results in a notebook: a short line, a table, and the document that JSON prints.

Every text is escaped: names and reasons come from outside.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from html import escape

_MISSING = "not given"


class Result(ABC):
    """A result that a notebook shows; its own `__repr__` is the short line."""

    __slots__ = ()

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """Return the result as the document that `--json` prints."""

    def _repr_html_(self) -> str:
        """Return the document as a table; what is long is folded."""
        return as_html(repr(self).strip("<>"), self.to_dict())


def as_html(title: str, document: Mapping[str, object]) -> str:
    """Return a document as HTML: its figures in a table, its lists and tables folded below.

    >>> as_html("Dose", {"given_mg": 0.44, "alerts": []})
    '<p><b>Dose</b></p><table><tr><th>given_mg</th><td>0.44</td></tr></table>'
    """
    return f"<p><b>{escape(title)}</b></p>{''.join(_parts(document))}"


def _parts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        figures = {key: each for key, each in value.items() if not _is_long(each)}
        if figures:
            rows = (
                f"<tr><th>{_text(key)}</th><td>{_text(figures[key])}</td></tr>" for key in figures
            )
            yield f"<table>{''.join(rows)}</table>"
        for key, each in value.items():
            if _is_long(each) and each:
                is_open = " open" if key in {"dose", "alerts"} else ""
                inner = "".join(_parts(each))
                yield f"<details{is_open}><summary>{_text(key)}</summary>{inner}</details>"
    elif _is_long(value):
        yield from (part for each in value for part in _parts(each))  # type: ignore[attr-defined]
    else:
        yield f"<p>{_text(value)}</p>"


def _is_long(value: object) -> bool:
    """Return whether a value is a table, or a list of more than plain figures."""
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list | tuple) and (
        not value or any(isinstance(each, Mapping | list | tuple) for each in value)
    )


def _text(value: object) -> str:
    if value is None:
        return _MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return escape(str(value))
