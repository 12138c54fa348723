"""A field of a form: free text, parsed by the program's own parser, with the error below it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Label, Static, TextArea

from dosing import UserError
from tui.app.text import show_text, visible, words
from tui.app.widgets.line_input import LineInput

Value = TypeVar("Value")
Suggest = Callable[[str], str | None]
"""Returns the whole text that a typed beginning may become, or None."""


class _Completion(Suggester):
    """The completion of what is typed, shown behind the cursor until it is accepted."""

    def __init__(self, suggest: Suggest) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._suggest = suggest

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole text, or None; only one that begins with what is typed is shown."""
        whole = self._suggest(value)
        return value + whole[len(value) :] if whole else None


class Field(Vertical, Generic[Value]):
    """A label, an input and its problem. Typed text stays as it was typed.

    `read` parses the text or raises `UserError`; an empty text is None and, unless `required`, no
    error.
    """

    DEFAULT_CSS = """
    Field { height: auto; }
    Field > Horizontal { height: auto; }
    Field Label { width: 16; color: $text-muted; }
    Field Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
    Field Input:focus { border: none; padding: 0; background: $primary-muted; }
    Field Input > .input--placeholder { color: $text-muted; }
    Field TextArea, Field TextArea:focus {
        width: 1fr; height: auto; min-height: 3; max-height: 8; border: none; padding: 0;
        background: $surface;
    }
    Field TextArea:focus { background: $primary-muted; }
    Field > Static { height: auto; padding-left: 16; display: none; }
    Field.-wrong > Static { display: block; color: $text-error; }
    Field.-hinted > Static { display: block; color: $text-muted; }
    Field.-assumed > Static { color: $text-warning; }
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
        is_long: bool = False,
        joins_lines: bool = True,
        suggest: Suggest | None = None,
        remark: Suggest | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Make a field; `example` is shown while it is empty, dots instead of a secret.

        A long text has several lines. Several lines that are pasted into another field are joined,
        without `joins_lines` and for a secret refused. `suggest` completes what is typed, `remark`
        is shown below a valid text.
        """
        super().__init__(id=id)
        self._label = label
        self._read = read
        self._first_text = text
        self._example = example
        self._required = required
        self._is_secret = is_secret
        self._is_long = is_long
        self._joins_lines = joins_lines and not is_secret
        self._suggest = suggest
        self._remark = remark

    def compose(self) -> ComposeResult:
        """Lay the label beside the input, and the error below."""
        example = f"({self._example})" if self._example else ""  # no value, even without colour
        with Horizontal():
            yield Label(words(self._label))
            if self._is_long:
                yield TextArea(
                    self._first_text, placeholder=example, compact=True, highlight_cursor_line=False
                )
            else:
                yield LineInput(
                    self._first_text,
                    placeholder=example,
                    password=self._is_secret,
                    joins_lines=self._joins_lines,
                    suggester=_Completion(self._suggest) if self._suggest else None,
                )
        yield Static()

    @property
    def _input(self) -> LineInput | TextArea:
        return self.query_one(TextArea) if self._is_long else self.query_one(LineInput)

    def begin(self) -> None:
        """Put the focus into the field; what it holds is replaced by what is typed."""
        self._input.focus()

    @property
    def has_the_focus(self) -> bool:
        """True while somebody types here."""
        return self.is_mounted and self._input.has_focus

    @property
    def text(self) -> str:
        """The typed text."""
        if not self.is_mounted:
            return self._first_text
        typed = self._input
        return typed.text if isinstance(typed, TextArea) else typed.value

    @text.setter
    def text(self, text: str) -> None:
        typed = self._input
        if isinstance(typed, TextArea):
            typed.text = text
        else:
            typed.fill(text)

    def fill_in(self, text: str) -> None:
        """Fill in a text as if it had been there from the beginning: nobody typed it."""
        self._first_text = text
        if self.is_mounted:
            self.text = text

    @property
    def lasting_text(self) -> str:
        """The text as it can be typed again at another time, with the same value."""
        return self.text

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

    @property
    def hint(self) -> str:
        """The line below a valid text; empty for most fields."""
        return (self._remark and self._remark(self.text)) or ""

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if seen := visible(event.value):
            event.input.value = seen
            return
        self._follow()

    @on(TextArea.Changed)
    def _typed_lines(self, event: TextArea.Changed) -> None:
        event.stop()
        lines = event.text_area.text.split("\n")
        if any(map(visible, lines)):
            event.text_area.text = "\n".join(visible(each) or each for each in lines)
            return
        self._follow()

    def _follow(self) -> None:
        self.show_problem(missing_too=False)
        self.post_message(self.Changed(self))  # type: ignore[arg-type]  # any value's field

    def show_problem(self, *, missing_too: bool = True) -> None:
        """Show the problem; that of an empty field only with `missing_too`."""
        problem = self.problem if missing_too or self.text.strip() else None
        hint = "" if problem else self.hint
        self.set_class(problem is not None, "-wrong")
        self.set_class(bool(hint), "-hinted")
        show_text(self.query_one("Field > Static", Static), words(problem or hint))

    def on_mount(self) -> None:
        """Show what the first text means."""
        if self.hint:
            self.show_problem(missing_too=False)

    def _left(self) -> None:
        """Write the text out once the field is left."""

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Write the text out once the field is left."""
        if isinstance(event.widget, Widget):
            self._left()
