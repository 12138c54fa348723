"""`sirolimus` alone and `sirolimus demo`, as a person starts them."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tui.places import put_empty
from tui.cli.main import commands, main

_PATIENCE_S = 60
_PROGRAM = "import sys; from tui.start import main; sys.exit(main(sys.argv[1:]))"


def test_without_a_terminal_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "terminal app opens on the records" in capsys.readouterr().err
    assert main(["--records", "nowhere.sqlite"]) == 2
    assert main(["demo"]) == 2
    assert "--seed-into" in capsys.readouterr().err


_EVERY_OTHER = """
import json, sys
from tui.start import main
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit:
        pass
    if 'textual' in sys.modules:
        sys.exit(f'{arguments} imports textual')
"""


def test_no_other_command_imports_textual(tmp_path: Path) -> None:
    """In one process: what a command imports stays, so the first that does it is told."""
    lines = [["--help"], ["--version"], [], *([command, "--help"] for command in commands())]
    ran = subprocess.run(
        [sys.executable, "-c", _EVERY_OTHER, json.dumps([*lines, ["patient", "list"]])],
        capture_output=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "SIROLIMUS_RECORDS": str(put_empty(tmp_path / "records.sqlite"))},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def typed_into_a_terminal(arguments: list[str], folder: Path, shown: bytes) -> bytes:
    """Start the program in a terminal, leave it once something is shown; return its output."""
    pid, terminal = pty.fork()
    if pid == 0:  # the program itself
        os.environ |= {
            "TMPDIR": str(folder),
            "TERM": "xterm-256color",
            "LINES": "24",
            "COLUMNS": "80",
        }
        os.execv(sys.executable, [sys.executable, "-c", _PROGRAM, *arguments])  # noqa: S606 - itself
    written, until = b"", time.monotonic() + _PATIENCE_S
    while shown not in written and time.monotonic() < until:
        if select.select([terminal], [], [], 1)[0]:
            written += os.read(terminal, 65536)
    assert shown in written
    os.write(terminal, b"\x11")
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            more = os.read(terminal, 65536)
        except OSError:  # the terminal's other end is closed
            break
        if not more:
            break
        written += more
    else:
        os.kill(pid, signal.SIGKILL)  # it did not leave: the status below says so
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return written


def test_the_demo_opens_in_a_terminal_and_is_removed_at_the_end(tmp_path: Path) -> None:
    written = typed_into_a_terminal(["demo"], tmp_path, b"17 patients")
    assert b"synthetic patients" in written
    assert list(tmp_path.iterdir()) == []


def test_the_app_opens_on_the_chosen_records(tmp_path: Path) -> None:
    place = put_empty(tmp_path / "records.sqlite")
    written = typed_into_a_terminal(["--records", str(place)], tmp_path, b"Welcome")
    assert b"Welcome" in written


def test_the_app_asks_before_it_begins_records_at_a_chosen_place(tmp_path: Path) -> None:
    place = tmp_path / "typo.sqlite"
    question = b"Begin new records"  # the button: the question is wrapped
    written = typed_into_a_terminal(["--records", str(place)], tmp_path, question)
    assert b"There are no records" in written
    assert not place.exists()
