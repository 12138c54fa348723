"""The lock in a real terminal: nothing of a patient reaches it after the lock or on suspending."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from monitoring.store.connection import Place
from monitoring.store.encryption.in_place import encrypt
from tests.encrypted import PASSPHRASE, a_key_file
from tests.project.render import ROOT
from tests.tui.app.terminal import PROGRAM
from tests.tui.places import put_demo_of_today

pytestmark = [pytest.mark.usefixtures("empty_key_ring"), pytest.mark.campaign]

_PATIENCE_S = 60
_LOCK = b"\x0c"  # ctrl+l
_QUIT = b"\x11"  # ctrl+q


class Stream:
    """The program on one end of a pseudo-terminal, and every byte that it writes to it."""

    def __init__(self, *arguments: str) -> None:
        """Start the program in a terminal of 120 × 40."""
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
            env={**os.environ, "TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(theirs)

    def type(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self._ours, keys)

    def until(self, text: str) -> bytes:
        """Return what comes until a text has come, and what follows it at once."""
        came, ends = b"", time.monotonic() + _PATIENCE_S
        while text.encode() not in came:
            assert time.monotonic() < ends, came
            came += self.during(0.1)
        return came + self.during(1)

    def during(self, seconds: float) -> bytes:
        """Return what comes in so many seconds."""
        came, ends = b"", time.monotonic() + seconds
        with suppress(OSError):  # the other end is closed: the program has ended
            while (left := ends - time.monotonic()) > 0:
                if select.select([self._ours], [], [], left)[0]:
                    came += os.read(self._ours, 65536)
        return came

    def close(self) -> None:
        """End the program, if it is still there."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[Stream]:
    """Give the app on the encrypted synthetic clinic."""
    file = put_demo_of_today(tmp_path / "records.sqlite")
    made, key, _ = a_key_file()
    encrypt(Place.of(str(file)), made, key)
    started = Stream("--records", str(file))
    yield started
    started.close()


def is_stopped(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().split(") ")[1][0] == "T"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the state of a process is read")
def test_nothing_of_a_patient_comes_after_the_lock(stream: Stream) -> None:
    assert b"Sample" not in stream.until("recovery code")
    stream.type(PASSPHRASE.encode())
    stream.during(1)
    stream.type(b"\r")
    assert b"DEMO-" in stream.until("Sample")
    stream.type(_LOCK)
    stream.until("recovery code")
    stream.type(b"x\x10?\r")  # ctrl+p shows every command elsewhere
    assert b"Sample" not in stream.until("is wrong")
    stream.type(PASSPHRASE.encode() + b"\r")
    stream.until("Sample")
    os.kill(stream.process.pid, signal.SIGTSTP)
    ends = time.monotonic() + _PATIENCE_S
    while not is_stopped(stream.process.pid):
        assert time.monotonic() < ends
        stream.during(0.1)
    stream.during(1)
    os.kill(stream.process.pid, signal.SIGCONT)
    resumed = stream.until("recovery code")
    assert b"Sample" not in resumed
    assert b"DEMO-" not in resumed
    limits = Path(f"/proc/{stream.process.pid}/limits").read_text().splitlines()
    assert any(line.split()[:5] == ["Max", "core", "file", "size", "0"] for line in limits)
    stream.type(_QUIT)
    stream.during(3)
    assert stream.process.wait(_PATIENCE_S) == 0
