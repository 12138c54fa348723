"""Keys typed ahead of the screens: each is handed on once the one before it is done.

Textual hands a key to the screen of the moment, and does not wait until it has done its work: of
`l9.5` typed in one go, the 9 would reach the patient's screen before the form that the l opens.
Here the keys wait for each other, for a screen that is being built, and for a record that is being
stored. They do what they would do if they were typed slowly, with two exceptions, which are shown
in words: keys behind a refused store do not go into the form that stays, and an answer or a
question that nobody has read takes none.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast
from weakref import WeakSet

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen

from dosing.quantities.text import quoted
from tui.app.session import Session

Typed = events.Key | events.Paste

_LOOK_AGAIN_S = 0.02
_LONGEST_S = 2.0
"""The time after which a key counts as done, or a screen as built, although nobody said so."""


class TypedAhead:
    """The keys and pastes of an app, in the order in which they were typed."""

    def __init__(self, app: App[Any], hand_on: Callable[[Typed], Awaitable[None]]) -> None:
        """Hand keys on by `hand_on`; the app shows what is not used."""
        self._app, self._hand_on = app, hand_on
        self._waiting: deque[Typed] = deque()
        self._number = 0
        self._is_in_hand = False
        self._standing: WeakSet[Screen[Any]] = WeakSet()
        self._asked: WeakSet[Screen[Any]] = WeakSet()
        self._stores: Screen[Any] | None = None

    @property
    def is_idle(self) -> bool:
        """True while every key is done."""
        return not (self._waiting or self._is_in_hand or self._stores)

    async def take(self, event: Typed) -> None:
        """Take a key, and hand it on as soon as it is its turn."""
        self._waiting.append(event)
        await self._next()

    def screen_comes(self, screen: Screen[Any]) -> None:
        """Wait until a screen is built and has its focus; the keys from before wait too."""
        if screen not in self._standing and screen not in self._asked:
            self._asked.add(screen)
            screen.call_after_refresh(self._app.call_later, self._stands, screen)
            self._app.set_timer(_LONGEST_S, partial(self._stands, screen))

    def forget(self) -> None:
        """Drop what waits, without a word: the screen is locked."""
        self._waiting.clear()
        self._stores = None

    async def _next(self) -> None:
        """Hand on the first key that waits, if the one before is done and a screen is there."""
        if self._is_in_hand or self._stores or not self._waiting:
            return
        screen = self._screen()
        is_ready = screen is not None and self._is_ready(screen)
        if screen is None or not (is_ready or _leaves(screen, self._waiting[0])):
            self._app.set_timer(_LOOK_AGAIN_S, self._next)
            return
        event = self._waiting.popleft()
        if isinstance(event, events.Key) and _stores(screen, event.key):
            self._stores = screen
        self._is_in_hand = True
        self._number += 1
        way = (self._app.focused or screen).ancestors_with_self
        # The app runs the binding of a list: what the list then posts goes the same way again.
        follow = [*way, *way]
        await self._hand_on(event)
        self._app.set_timer(_LONGEST_S, partial(self._done, self._number))
        await self._follow(follow, 0, again=False, number=self._number)

    def _screen(self) -> Screen[Any] | None:
        stack = self._app.screen_stack if self._app.is_running else []
        return stack[-1] if stack else None

    def _is_ready(self, screen: Screen[Any]) -> bool:
        """Return whether a screen can take the next key."""
        if screen not in self._standing:
            self.screen_comes(screen)
            return False
        return not getattr(screen, "awaits_screen", False)

    def _stands(self, screen: Screen[Any]) -> None:
        """Note that a screen is built and has its focus; an answer takes nothing from before."""
        if screen in self._standing:
            return
        self._standing.add(screen)
        if not getattr(screen, "TAKES_TYPED_AHEAD", True):
            self._stores = None
            self._drop("it was typed before this was shown")

    def drop(self, why: str) -> None:
        """Drop what waits for a screen that does not come, in words."""
        self._stores = None
        self._drop(why)

    def _drop(self, why: str) -> None:
        """Drop what waits, in words; a key that leaves or locks the app stays."""
        screen = self._screen()
        kept = [each for each in self._waiting if screen is not None and _leaves(screen, each)]
        dropped = [each for each in self._waiting if each not in kept]
        self._waiting = deque(kept)
        if dropped:
            text = quoted("".join(map(_shown, dropped)).strip())
            message = f"{text} is not used: {why}. Type it again where it belongs."
            cast("Session", self._app).show_message(message)

    # --- following a key

    async def _follow(self, nodes: list[Any], at: int, *, again: bool, number: int) -> None:
        """Go behind a key from the focus to the app, twice at each: for what the key caused."""
        while at < len(nodes):
            node: MessagePump = nodes[at]
            following = partial(
                self._follow, nodes, at + 1 if again else at, again=not again, number=number
            )
            if node.call_later(following):
                return
            at, again = at + 1, False
        await self._done(number)

    async def _done(self, number: int) -> None:
        if self._is_in_hand and number == self._number:
            self._is_in_hand = False
            await self._after_store()

    async def _after_store(self) -> None:
        """Go on behind a key; behind a store only once its form is left, or stays."""
        form, self._stores = self._stores, None
        if form is not None and form is self._screen():
            if getattr(form, "awaits_screen", False):
                self._stores = form
                self._app.set_timer(_LOOK_AGAIN_S, self._after_store)
                return
            self._drop("it was typed behind what was not stored")
        await self._next()


def _stores(screen: Screen[Any], key: str) -> bool:
    """Return whether a key completes the form that a screen is."""
    binding = screen.active_bindings.get(key)
    return binding is not None and binding.binding.id == "store"


def _leaves(screen: Screen[Any], event: Typed) -> bool:
    """Return whether a key leaves or locks the app: no screen keeps it back."""
    if not isinstance(event, events.Key):
        return False
    chain = screen._binding_chain  # noqa: SLF001 - a question's active bindings are its own alone
    bound = (each.key_to_bindings.get(event.key, ()) for _, each in chain)
    return any(binding.id in {"quit", "lock"} for found in bound for binding in found)


def _shown(event: Typed) -> str:
    if isinstance(event, events.Paste):
        return event.text
    if event.is_printable and event.character:
        return event.character
    return f" {event.key} "
