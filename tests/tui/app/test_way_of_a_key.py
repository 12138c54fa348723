"""A key waits for what the one before it caused: in a small app of its own."""

from typing import ClassVar

import pytest
from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from tests.tui.app.shown import burst, until
from tui.app.typed_ahead import TypedAhead


class GoOn(Message):
    """The next widget takes the keys."""


class Taker(Widget, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "go_on")]

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def on_key(self, event: events.Key) -> None:
        if event.is_printable:
            event.stop()
            self.text += event.character or ""
            if event.character == ".":
                self.post_message(GoOn())

    def action_go_on(self) -> None:
        self.post_message(GoOn())


class Small(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.typed_ahead = TypedAhead(self, super().on_event)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Taker()
            yield Taker()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self.typed_ahead.take(event)
        else:
            await super().on_event(event)

    @on(GoOn)
    def _go_on(self) -> None:
        self.screen.focus_next()


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(("ab.", "cd.", "e"), id="a widget says so"),
        pytest.param(("ab.", "cd", "enter", "e"), id="a binding, too"),
    ],
)
async def test_the_next_key_goes_where_the_one_before_it_led(typed: tuple[str, ...]) -> None:
    app, fewest = Small(), len("ab.cde")  # else it is idle before the first key, too
    async with app.run_test() as pilot:
        burst(pilot, *typed)
        await until(pilot, lambda: sum(len(each.text) for each in app.query(Taker)) >= fewest)
        await until(pilot, lambda: app.typed_ahead.is_idle)
        first, second = (each.text for each in app.query(Taker))
    assert (first, second.rstrip(".")) == ("ab.e", "cd")
