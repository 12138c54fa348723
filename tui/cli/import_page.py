"""The outcome of an import as a page for the terminal or as JSON, and its progress."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dosing import VERSION
from dosing.quantities.text import escaped
from monitoring.exchange.laboratory_file.importing import Addition, Plan
from monitoring.exchange.laboratory_file.mapping import LEVEL
from monitoring.exchange.laboratory_file.row_parsing import Skipped, reported, sampled
from monitoring.record.level import Level
from monitoring.store.verify import Progress as Report
from reports.presentation.imports import addition_words, count_rows, refusal_words, written_words
from tui.cli.output import print_json
from tui.cli.page import print_rows

_SHOWN_ADDITIONS = 20
_NUMBERS = 6  # signs: the column of counts and of rows is as wide in every table
_BAR_FROM_ROWS = 2000
_DRAWN_EVERY_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """A plan, and whether it was carried out."""

    plan: Plan
    file: str
    written: bool
    backup: Path | None


@contextmanager
def progress_bar(doing: str) -> Iterator[Report]:
    """Give the function to report progress; a bar is drawn for many rows, on a terminal only."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True, markup=False), transient=True)
    task = bar.add_task(doing)

    def report(done: int, everything: int) -> None:
        if everything < _BAR_FROM_ROWS or not sys.stderr.isatty():
            return
        if done % _DRAWN_EVERY_ROWS == 0 or done == everything:
            bar.start()
            bar.update(task, completed=done, total=everything)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()


def print_outcome(outcome: ImportOutcome, *, preview: bool, as_json: bool) -> None:
    """Print what was imported, or what would be."""
    if as_json:
        print_json(_as_json(outcome))
        return
    plan = outcome.plan
    file = escaped(outcome.file)
    print(f"Preview of {file}" if preview else f"Import of {file}")
    print_rows(count_rows(plan), narrowest=_NUMBERS)
    _print_additions(plan.additions, "Added" if outcome.written else "To add")
    if plan.refused:
        print("\nRefused")
        print_rows(
            [(str(each.row), refusal_words(each)) for each in plan.refused],
            right=True,
            narrowest=_NUMBERS,
        )
    print(f"\n{_closing(outcome, preview=preview)}")


def _print_additions(additions: tuple[Addition, ...], title: str) -> None:
    if not additions:
        return
    print(f"\n{title}")
    shown = additions if len(additions) <= _SHOWN_ADDITIONS else additions[: _SHOWN_ADDITIONS - 1]
    print_rows(
        [(str(each.row), addition_words(each)) for each in shown], right=True, narrowest=_NUMBERS
    )
    if len(shown) < len(additions):
        print(f"  and {len(additions) - len(shown)} more; --json shows them all.")


def _closing(outcome: ImportOutcome, *, preview: bool) -> str:
    plan = outcome.plan
    if outcome.written and not plan.additions:
        return "Nothing to add. Nothing was stored."
    if outcome.written:
        kept = (
            f"\nBackup of the records before the import:\n{outcome.backup}"
            if outcome.backup
            else ""
        )
        return f"{written_words(plan)}{kept}"
    if preview and not plan.refused:
        return "Nothing is stored yet. Repeat without --preview to import."
    if preview:
        return (
            "Nothing is stored yet, and rows are refused. Correct the file or the mapping,\n"
            "or import the good rows alone with --skip-refused."
        )
    return (
        "Nothing was stored: rows are refused. Correct the file or the mapping, or import\n"
        "the good rows alone with --skip-refused."
    )


def _as_json(outcome: ImportOutcome) -> dict[str, object]:
    plan = outcome.plan
    return {
        "rows": plan.rows,
        "to_add": len(plan.additions),
        "added": len(plan.additions) if outcome.written else 0,
        "already_there": plan.already_there,
        "already_there_voided": plan.voided_there,
        "skipped": {
            "empty_rows": plan.skipped.get(Skipped.EMPTY_ROW, 0),
            "without_value": plan.skipped.get(Skipped.WITHOUT_VALUE, 0),
            "other_tests": plan.skipped.get(Skipped.OTHER_TEST, 0),
        },
        "refused": [
            {
                "row": each.row,
                "column": each.column.heading if each.column else None,
                "column_letter": each.column.letter if each.column else None,
                "reason": each.reason,
            }
            for each in plan.refused
        ],
        "entries": [
            {
                "row": each.row,
                "record_number": each.patient.entry.record_number,
                "test": LEVEL if isinstance(each.entry, Level) else each.entry.test,
                "reported": reported(each.entry),
                "at": str(sampled(each.entry)),
            }
            for each in plan.additions
        ],
        "backup": str(outcome.backup) if outcome.backup else None,
        "version": VERSION,
    }
