"""What the program promises to those who build on it, taken from a running program.

`python -m tests.promises.recording` writes answers, options, the export and the records of the
newest schema again. That is right only where a promise is changed on purpose: the difference is
read line by line. Records of an older schema stay as they are: no program writes them any more.
"""

import argparse
import contextlib
import io
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any
from unittest.mock import patch

import tzlocal

from monitoring.demo.clinic import write_demo
from monitoring.exchange.export import export
from monitoring.store.opening import open_records
from monitoring.store.schema import HEAD, REVISIONS
from tui.cli.main import build_parser, main

HERE = Path(__file__).parent
STORED = {revision: HERE / f"records-{revision}.sqlite" for revision in REVISIONS}
NEWEST = STORED[HEAD]
EXPORTED = HERE / "export"
ANSWERS = HERE / "answers.jsonl"
OPTIONS = HERE / "options.txt"
ZONE = "Europe/Paris"
NOW = datetime(2026, 11, 29, 11, tzinfo=UTC)
TEXTS = {
    "message", "why", "title", "words", "conflict", "reasons", "why_not", "commit", "tables_hash",
}  # fmt: skip
"""The keys of JSON whose texts are for people and may be worded anew, or name the build."""

_DOSE = ("dose", "--weight", "12.4kg", "--height", "88cm", "--age", "2 years")
_OF_A_PATIENT = (
    ("patient", "show"), ("measure", "list"), ("prescription", "list"), ("missed", "list"),
    ("level", "list"), ("event", "list"), ("lab", "list"), ("drug", "list"), ("response", "list"),
    ("note", "list"), ("advise",), ("due",), ("forecast",), ("history",),
)  # fmt: skip
_PATIENTS = tuple(f"DEMO-{number:02d}" for number in range(1, 18))
COMMANDS: tuple[tuple[str, ...], ...] = (
    _DOSE,
    (*_DOSE, "--sex", "female", "--product", "tablets", "--protocol", "japan"),
    (*_DOSE, "--with", "clarithromycin"),
    ("dose", "--weight", "6.2kg", "--height", "61cm", "--age", "3 months", "--with", "rifampicin"),
    ("dose", "--weight", "6.2kg", "--age", "3 months", "--formula", "weight-only",
     "--override", "discussed", "--by", "Dr Example"),
    ("dose", "--weight", "124kg", "--height", "88cm", "--age", "2 years"),
    ("dose", "--weight", "12,4kg", "--age", "2 years"),
    ("patient", "list"),
    ("due",),
    ("patient", "show", "DEMO-99"),
    *((*command, patient) for patient in _PATIENTS for command in _OF_A_PATIENT),
    ("cohort",),  # it keeps the track record that every forecast shows from then on
)  # fmt: skip


class Present(datetime):
    """The moment at which the promises were recorded."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Present":
        """Return that moment in a zone, or the local time."""
        here = NOW.astimezone(tz) if tz else NOW.astimezone().replace(tzinfo=None)
        return cls(
            here.year, here.month, here.day, here.hour, here.minute, here.second, tzinfo=here.tzinfo
        )


@contextmanager
def at_the_recording() -> Iterator[None]:
    """Let it be the moment of the recording, in its zone."""
    with contextlib.ExitStack() as stack:
        stack.callback(_reload_zone)
        stack.enter_context(patch.dict(os.environ, {"TZ": ZONE, "SIROLIMUS_USER": "Dr Example"}))
        _reload_zone()
        stack.enter_context(patch("monitoring.times.datetime", Present))
        yield


def _reload_zone() -> None:
    time.tzset()
    tzlocal.reload_localzone()


def answers(records: Path, every: int = 1) -> Iterator[str]:
    """Yield a line for each command: what was typed, the exit code, and the JSON without texts.

    With `every` only so many-th commands are asked.
    """
    with at_the_recording(), patch.dict(os.environ, {"SIROLIMUS_RECORDS": str(records)}):
        for command in COMMANDS[::every]:
            out = io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                code = main([*command, "--json"])
            shown = json.loads(out.getvalue()) if out.getvalue() else None
            line = {"typed": command, "exit": code, "json": _without_texts(shown)}
            yield json.dumps(line, ensure_ascii=False)


def _without_texts(shown: Any) -> Any:
    if isinstance(shown, dict):
        return {
            key: "…" if key in TEXTS and value else _without_texts(value)
            for key, value in shown.items()
        }
    return [_without_texts(each) for each in shown] if isinstance(shown, list) else shown


def options() -> Iterator[str]:
    """Yield a line for each command and action: its name and the options it takes."""
    yield from _options_of(build_parser(), "sirolimus")


def _options_of(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    # argparse has no other way to list what a parser takes
    actions = [each for each in parser._actions if each.dest != "help"]  # noqa: SLF001
    below = [each for each in actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001
    taken = sorted(_option(each) for each in actions if each not in below)
    yield f"{name}: {' | '.join(taken)}"
    for each in below:
        for word, parser_below in each.choices.items():
            yield from _options_of(parser_below, f"{name} {word}")


def _option(action: argparse.Action) -> str:
    name = "/".join(action.option_strings) or str(action.metavar or action.dest)
    choices = "" if action.choices is None else f" {{{','.join(map(str, action.choices))}}}"
    many = f" {action.nargs}" if action.nargs is not None else ""
    return f"{name}{choices}{many}{' needed' if action.required else ''}"


def write(path: Path, lines: Callable[[], Iterator[str]] | Sequence[str]) -> None:
    """Write lines into a file."""
    found = lines() if callable(lines) else lines
    path.write_text("".join(f"{line}\n" for line in found), encoding="utf-8")


def record() -> None:
    """Write all promises anew."""
    for each in (NEWEST, *EXPORTED.glob("*")):
        each.unlink(missing_ok=True)
    with at_the_recording():
        engine = open_records(str(NEWEST), create=True, throw_away=True).store.engine
        write_demo(engine, date(2026, 11, 29), ZONE)
    export(engine, EXPORTED)
    engine.dispose()
    write(OPTIONS, options)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIROLIMUS_STATE"] = folder  # of this run alone
        copy = Path(folder) / "records.sqlite"
        copy.write_bytes(NEWEST.read_bytes())
        write(ANSWERS, list(answers(copy)))


if __name__ == "__main__":
    record()
