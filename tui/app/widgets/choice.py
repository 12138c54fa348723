"""A choice of a form: a label beside a list that opens."""

from collections.abc import Iterable
from typing import Generic, TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label, Select

from tui.app.text import cell, words

Value = TypeVar("Value")


class Choice(Horizontal, Generic[Value]):
    """A label and options, of which one is always chosen."""

    DEFAULT_CSS = """
    Choice { height: 1; }
    Choice Label { width: 16; color: $text-muted; }
    Choice Select { width: 1fr; }
    Choice Select:focus > SelectCurrent { background: $primary-muted; }
    Choice SelectCurrent Static#label { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(
        self,
        label: str,
        options: Iterable[tuple[str, Value]],
        value: Value,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Offer `options`, each with its name; `value` is chosen at first."""
        super().__init__(id=id)
        self._label = label
        self._options = [(cell(name), option) for name, option in options]
        self._first = value

    def compose(self) -> ComposeResult:
        """Lay the label beside the list."""
        yield Label(words(self._label))
        yield Select(self._options, value=self._first, allow_blank=False, compact=True)

    @property
    def value(self) -> Value:
        """The chosen option."""
        return cast("Value", self.query_one(Select).value) if self.is_mounted else self._first

    @value.setter
    def value(self, value: Value) -> None:
        self.query_one(Select).value = value

    @property
    def chosen_number(self) -> int:
        """The place of the chosen option among all, from 0."""
        return [option for _, option in self._options].index(self.value)

    @chosen_number.setter
    def chosen_number(self, number: int) -> None:
        self.value = self._options[number][1]

    @property
    def has_changed(self) -> bool:
        """True where another option is chosen than at first."""
        return self.value != self._first
