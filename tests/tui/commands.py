"""A command as it is typed, run in this process."""

import json
from typing import Any

import pytest

from tui.cli.main import main

Captured = pytest.CaptureFixture[str]


def run(*arguments: str, code: int = 0) -> None:
    """Run a command, and hold its exit code."""
    assert main(arguments) == code, arguments


def read(capsys: Captured, *arguments: str, code: int = 0) -> Any:
    """Return the JSON document that a command prints."""
    capsys.readouterr()
    run(*arguments, "--json", code=code)
    return json.loads(capsys.readouterr().out)
