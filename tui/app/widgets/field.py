"""A field of a form: free text, read by the program's own reader, the error in words beside it."""

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
    """A label, an input and what is wrong with it. What was typed stays as it was typed.

    `read` makes a value of the text or raises `UserError`; an empty text is no value and, unless
    `required`, no error either.
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
        """What was typed, and so the value, is another now."""

        field: "Field[object]"

    def __init__(  # noqa: PLR0913 - what a field is made of
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
        """Make a field; `example` is shown while it is empty, and of a secret a dot a sign."""
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
        """What was typed."""
        return self.query_one(Input).value if self.is_mounted else self._first_text

    @text.setter
    def text(self, text: str) -> None:
        self.query_one(Input).value = text

    @property
    def has_changed(self) -> bool:
        """Whether the text is another than at first."""
        return self.text != self._first_text

    @property
    def label(self) -> str:
        """What the field is called."""
        return self._label

    @property
    def value(self) -> Value | None:
        """The value, or None where there is none (yet); see `problem`."""
        try:
            return self._read(self.text) if self.text.strip() else None
        except UserError:
            return None

    @property
    def problem(self) -> str | None:
        """What is wrong with the text, in words; None where nothing is."""
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
        """Show what is wrong; a field that is still empty only where `missing_too`."""
        problem = self.problem if missing_too or self.text.strip() else None
        self.set_class(problem is not None, "-wrong")
        self.query_one("Field > Static", Static).update(words(problem or ""))
