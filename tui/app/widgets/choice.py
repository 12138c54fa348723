"""A choice of a form: a label beside a list that opens."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar, cast

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label, Select

from tui.app.text import cell, words

Value = TypeVar("Value")


class LetterSelect(Select[Value]):
    """A list that opens, and chooses by the letters typed while it is closed.

    More letters of one name narrow it; a letter that continues no name begins anew, and the same
    letter again goes to the next name with it.
    """

    def __init__(self, options: list[tuple[Text, Value]], value: Value) -> None:
        """Offer options, each with its name; `value` is chosen at first."""
        super().__init__(options, value=value, allow_blank=False, compact=True)
        self._offered = [(name.plain.casefold(), option) for name, option in options]
        self._typed = ""

    def on_key(self, event: events.Key) -> None:
        """Choose by a letter; other keys are the list's own."""
        if self.expanded or not event.is_printable or event.character in {None, " "}:
            self._typed = ""
            return
        letter = (event.character or "").casefold()
        names = [name for name, _ in self._offered]
        at = next(at for at, (_, option) in enumerate(self._offered) if option == self.value)
        place, self._typed = chosen_by(letter, self._typed, names, at)
        event.stop()
        event.prevent_default()
        if place is not None:
            self.value = self._offered[place][1]

    def on_blur(self) -> None:
        """Begin anew the next time."""
        self._typed = ""


def chosen_by(letter: str, typed: str, names: Sequence[str], at: int) -> tuple[int | None, str]:
    """Return the place of the name that a letter chooses, and the letters that count from now on.

    `typed` are the letters before it, and `at` the chosen place. None where no name begins so.

    >>> names = ["none", "dose reduced", "doses held", "sirolimus stopped"]
    >>> chosen_by("d", "", names, 0), chosen_by("d", "d", names, 1), chosen_by("d", "d", names, 2)
    ((1, 'd'), (2, 'd'), (1, 'd'))
    >>> chosen_by("s", "dose", names, 1), chosen_by("n", "do", names, 1)
    ((2, 'doses'), (0, 'n'))
    """
    whole = typed + letter
    longer = [place for place, name in enumerate(names) if name.startswith(whole)]
    if longer and typed:
        return (at if at in longer else longer[0]), whole
    starting = [place for place, name in enumerate(names) if name.startswith(letter)]
    if not starting:
        return None, ""
    if typed and typed != letter:
        return starting[0], letter
    return next((place for place in starting if place > at), starting[0]), letter


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
        yield LetterSelect(self._options, self._first)

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
