"""A real terminal, in which a test types and reads as a person does: tmux, with its own server."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.project.render import ROOT

PROGRAM = "import sys; from tui.start import main; sys.exit(main(sys.argv[1:]))"
_PATIENCE_S = 60
_LOOK_AGAIN_S = 0.03
_ENDED = "ended with the exit code"


class Terminal:
    """One terminal. Whatever is typed is followed by what must be seen next; nothing is timed."""

    def __init__(self, tmux: str, socket: Path, environment: Mapping[str, str]) -> None:
        """Take tmux, the socket of its server and what the program finds in its environment."""
        self._tmux = [tmux, "-u", "-f", os.devnull, "-S", str(socket)]
        self._environment = {**os.environ, "LC_ALL": "C.UTF-8", **environment}
        self.key_strokes = 0
        """The keys pressed and the letters typed so far."""

    def _run(self, *words: str) -> str:
        return subprocess.run(
            [*self._tmux, *words], check=True, capture_output=True, env=self._environment
        ).stdout.decode()

    def start(self, arguments: Sequence[str], *, width: int = 80, height: int = 24) -> None:
        """Start the program in a new terminal, by the interpreter that runs the test."""
        command = shlex.join([sys.executable, "-c", PROGRAM, *arguments])
        told = f"{command}; echo {_ENDED} $?; read -r _"
        size = ("-x", str(width), "-y", str(height))
        self._run("new-session", "-d", *size, "-c", str(ROOT), told)

    def end(self) -> None:
        """End this terminal with its server, whatever runs in it."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)

    def shown(self) -> str:
        """Return what stands on the screen, line by line."""
        return self._run("capture-pane", "-p")

    def see(self, *texts: str) -> None:
        """Wait until all the texts stand on the screen."""
        until = time.monotonic() + _PATIENCE_S
        while not all(text in (screen := self.shown()) for text in texts):
            assert time.monotonic() < until, f"{texts} never came to be shown:\n{screen}"
            time.sleep(_LOOK_AGAIN_S)

    def press(self, *keys: str, see: str) -> None:
        """Press keys, each by tmux's name of it, and wait for what must be seen then."""
        self.key_strokes += len(keys)
        self._run("send-keys", *keys)
        self.see(see)

    def press_until(self, key: str, *, see: str) -> None:
        """Press a key that does no harm, again and again, until a text is seen."""
        until = time.monotonic() + _PATIENCE_S
        while see not in self.shown():
            assert time.monotonic() < until, f"{see} never came to be shown:\n{self.shown()}"
            self.key_strokes += 1
            self._run("send-keys", key)
            time.sleep(10 * _LOOK_AGAIN_S)

    def type(self, text: str, *, see: str | None = None) -> None:
        """Type a text, letter by letter, and wait until it, or what follows from it, is seen."""
        self.key_strokes += len(text)
        self._run("send-keys", "-l", "--", text)
        self.see(text if see is None else see)

    def leave(self, *keys: str) -> int:
        """Press the keys that leave the program; return its exit code once it has ended."""
        self.press(*keys, see=_ENDED)
        code = self.shown().split(_ENDED)[1].split()[0]
        self.end()
        return int(code)


@contextmanager
def terminal(folder: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Give a terminal; where tmux is missing the test is skipped in sight, and fails in CI."""
    tmux = shutil.which("tmux")
    if tmux is None:
        reason = "tmux is not installed here (Debian package tmux)."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    opened = Terminal(tmux, folder / "tmux", environment)
    try:
        yield opened
    finally:
        opened.end()
