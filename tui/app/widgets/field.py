"""A field of a form: free text, parsed by the program's own parser, with the error below it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from dosing import UserError
from tui.app.text import visible, words

Value = TypeVar("Value")


class Field(Vertical, Generic[Value]):
    """A label, an input and its problem. Typed text stays as it was typed.

    `read` parses the text or raises `UserError`; an empty text is None and, unless `required`, no
    error.
    """

    DEFAULT_CSS = """
    Field { height: auto; }
    Field > Horizontal { height: 1; }
    Field Label { width: 16; color: $text-muted; }
    Field Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
    Field Input:focus { border: none; padding: 0; background: $primary-muted; }
    Field Input > .input--placeholder { color: $text-muted; }
    Field > Static { height: auto; padding-left: 16; color: $text-error; display: none; }
    Field.-wrong > Static { display: block; }
    """

    @dataclass
    class Changed(Message):
        """The text, and with it the value, has changed."""

        field: "Field[object]"

    def __init__(  # noqa: PLR0913 - the parts of a field
        self,
        label: str,
        read: Callable[[str], Value],
        *,
        text: str = "",
        example: str = "",
        required: bool = True,
        is_secret: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Make a field; `example` is shown while it is empty, dots instead of a secret."""
        super().__init__(id=id)
        self._label = label
        self._read = read
        self._first_text = text
        self._example = example
        self._required = required
        self._is_secret = is_secret

    def compose(self) -> ComposeResult:
        """Lay the label beside the input, and the error below."""
        with Horizontal():
            yield Label(words(self._label))
            example = f"({self._example})" if self._example else ""  # no value, even without colour
            yield Input(
                self._first_text,
                placeholder=example,
                select_on_focus=False,
                password=self._is_secret,
            )
        yield Static()

    @property
    def text(self) -> str:
        """The typed text."""
        return self.query_one(Input).value if self.is_mounted else self._first_text

    @text.setter
    def text(self, text: str) -> None:
        self.query_one(Input).value = text

    @property
    def has_changed(self) -> bool:
        """True where the text is not the first one."""
        return self.text != self._first_text

    @property
    def label(self) -> str:
        """The label of the field."""
        return self._label

    @property
    def value(self) -> Value | None:
        """The value; None without a valid one, see `problem`."""
        try:
            return self._read(self.text) if self.text.strip() else None
        except UserError:
            return None

    @property
    def problem(self) -> str | None:
        """The problem with the text, in words; None without one."""
        if not self.text.strip():
            return f"{self._label} is missing." if self._required else None
        try:
            self._read(self.text)
        except UserError as error:
            return str(error)
        return None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if seen := visible(event.value):
            event.input.value = seen
            return
        self.show_problem(missing_too=False)
        self.post_message(self.Changed(self))  # type: ignore[arg-type]  # any value's field

    def show_problem(self, *, missing_too: bool = True) -> None:
        """Show the problem; that of an empty field only with `missing_too`."""
        problem = self.problem if missing_too or self.text.strip() else None
        self.set_class(problem is not None, "-wrong")
        self.query_one("Field > Static", Static).update(words(problem or ""))
