"""Suspending the program (SIGTSTP): the app is locked before the process stops."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import current_thread, main_thread
from types import FrameType

from textual.message import Message


@dataclass
class SuspendAsked(Message):
    """The process is asked to stop; `proceed` stops it."""

    proceed: Callable[[], object]


def ask_before_suspending(post: Callable[[Message], object]) -> None:
    """Post `SuspendAsked` in place of stopping at once, where the terminal's driver can stop."""
    if not hasattr(signal, "SIGTSTP") or current_thread() is not main_thread():
        return
    stop = signal.getsignal(signal.SIGTSTP)
    if not callable(stop):  # no driver of a terminal, as in tests
        return

    def ask(number: int, frame: FrameType | None) -> None:
        post(SuspendAsked(partial(stop, number, frame)))

    signal.signal(signal.SIGTSTP, ask)
