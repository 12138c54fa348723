"""The pages whose console examples are made by running them: `python -m tests.project.tour`.

In a block of such a page each line that begins with `$ ` is a command, and the lines below it are
its output. The commands of a page run in their order, in one folder, at one moment of the clock.
`| head -N` at the end of a command keeps the first lines, as it does in a shell.
"""

import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from dosing.build import this_build
from dosing.version import UNKNOWN
from tests.project.markdown import DOCS, ROOT
from tests.promises.recording import at_the_recording
from tui.cli.main import main
from tui.cli.output import ExitCode

PAGES = (ROOT / "README.md", DOCS / "tutorial.md", DOCS / "tour.md")
_BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (?:.*\\\n)*.*\n", re.MULTILINE)
_HOME = "/home/you"
_HEAD = re.compile(r"^(.+?) \| head -(\d+)$")


@contextmanager
def new_user(folder: Path) -> Iterator[None]:
    """Let it be one moment, for a user without records or settings, in a folder of their own."""
    own = {
        "COLUMNS": "80", "SIROLIMUS_RECORDS": "practice.sqlite",
        "SIROLIMUS_STATE": str(folder / "state"), "SIROLIMUS_SETTINGS": os.devnull,
    }  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(at_the_recording())
        stack.enter_context(patch.dict(os.environ, own))
        stack.enter_context(chdir(folder))
        yield


def printed_page(page: str) -> str:
    """Return a page with the output that its commands print today; raises `ValueError` for a fault.

    The folder of the run is shown as a home folder, and the build is one of no commit: the head of
    the examples stays the same.
    """
    with tempfile.TemporaryDirectory() as scratch, new_user(Path(scratch)), _of_no_commit():
        made = _BLOCK.sub(lambda block: "".join(map(_run, _COMMAND.findall(block[0]))), page)
        return made.replace(str(Path.cwd()), _HOME)


@contextmanager
def _of_no_commit() -> Iterator[None]:
    with patch("dosing.build.this_commit", lambda: UNKNOWN), \
         patch("dosing.build.tables_hash", lambda: UNKNOWN):  # fmt: skip
        this_build.cache_clear()
        try:
            yield
        finally:
            this_build.cache_clear()


def _run(typed: str) -> str:
    """Return a command with its output."""
    command = typed.removeprefix("$ ").replace("\\\n", " ").strip()
    kept = None
    if head := _HEAD.match(command):
        command, kept = head[1], int(head[2])
    program, *arguments = shlex.split(command)
    if program != "sirolimus":
        raise ValueError(f"{command!r} is not a command of this program")
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = main(arguments)
    if code == ExitCode.FAULT:
        raise ValueError(f"{command!r} ends in a fault: {out.getvalue()}")
    return typed + "".join(f"{line}\n" for line in out.getvalue().splitlines()[:kept])


def printed_pages() -> dict[Path, str]:
    """Return each page with its examples as the program prints them today, by its path."""
    return {path: printed_page(path.read_text(encoding="utf-8")) for path in PAGES}


if __name__ == "__main__":
    for path, text in printed_pages().items():
        path.write_text(text, encoding="utf-8")
