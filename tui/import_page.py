"""What an import adds and refuses, as a page for the terminal or as JSON; and its progress."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from dosing import VERSION
from monitoring.exchange.laboratory_file.importing import Addition, Plan
from monitoring.exchange.laboratory_file.mapping import LEVEL
from monitoring.exchange.laboratory_file.reading import Refusal, Skipped, reported, sampled
from monitoring.record.level import Level
from monitoring.store.verify import Progress as Tell

if TYPE_CHECKING:
    from monitoring.exchange.export import Preview

_SHOWN_ADDITIONS = 20
_BAR_FROM_ROWS = 2000
_TOLD_EVERY_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A plan, and what became of it."""

    plan: Plan
    file: str
    written: bool
    backup: Path | None


def preview_lines(preview: "Preview", most_patients: int | None = None) -> Iterator[str]:
    """Yield what taking an export over would add, a line each."""
    found, patients = preview.verification, preview.patients
    who = "patient" if len(patients) == 1 else "patients"
    yield f"+ to add: {len(patients)} {who} with {found.changes} changes; the export is whole."
    yield f"Written by {', '.join(preview.authors) or 'nobody'}. Head {found.head}."
    for each in patients[:most_patients]:
        yield f"  {each.record_number} {each.name}, born {each.born}"
    if most_patients is not None and len(patients) > most_patients:
        yield f"  and {len(patients) - most_patients} more"


@contextmanager
def progress_bar(doing: str) -> Iterator[Tell]:
    """Give what to tell how far it is; a bar is drawn for many rows, and only on a terminal."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True, markup=False), transient=True)
    task = bar.add_task(doing)

    def tell(done: int, everything: int) -> None:
        if everything < _BAR_FROM_ROWS or not sys.stderr.isatty():
            return
        if done % _TOLD_EVERY_ROWS == 0 or done == everything:
            bar.start()
            bar.update(task, completed=done, total=everything)

    try:
        yield tell
    finally:
        if bar.live.is_started:
            bar.stop()


def print_outcome(outcome: Outcome, *, preview: bool, as_json: bool) -> None:
    """Print what was or would be done."""
    if as_json:
        print(json.dumps(_as_json(outcome), ensure_ascii=False, indent=2))
        return
    plan = outcome.plan
    print(f"Preview of {outcome.file}" if preview else f"Import of {outcome.file}")
    _print_table(count_rows(plan))
    _print_additions(plan.additions, "Added" if outcome.written else "To add")
    if plan.refused:
        print("\nRefused")
        _print_table([(str(each.row), refusal_words(each)) for each in plan.refused], right=True)
    print(f"\n{_closing(outcome, preview=preview)}")


def count_rows(plan: Plan) -> list[tuple[str, str]]:
    """Return how many rows there are of each kind, with their names."""
    levels = sum(isinstance(each.entry, Level) for each in plan.additions)
    voided = f", {plan.voided_there} of them voided" if plan.voided_there else ""
    return [
        ("  rows", str(plan.rows)),
        ("  new levels", str(levels)),
        ("  new laboratory values", str(len(plan.additions) - levels)),
        ("  there already", f"{plan.already_there}{voided}"),
        *((f"  skipped, {why.value}", str(count)) for why, count in plan.skipped.items()),
        ("  refused", str(len(plan.refused))),
    ]


def _print_additions(additions: tuple[Addition, ...], title: str) -> None:
    if not additions:
        return
    print(f"\n{title}")
    shown = additions if len(additions) <= _SHOWN_ADDITIONS else additions[: _SHOWN_ADDITIONS - 1]
    _print_table([(str(each.row), addition_words(each)) for each in shown], right=True)
    if len(shown) < len(additions):
        print(f"  and {len(additions) - len(shown)} more; --json shows them all.")


def addition_words(addition: Addition) -> str:
    """Return whose value is added, and which."""
    patient, entry = addition.patient.entry, addition.entry
    test = "sirolimus" if isinstance(entry, Level) else entry.test
    at = str(sampled(entry)).replace("T", " ")
    return f"{patient.record_number} {patient.name}: {test} {reported(entry)}, sampled {at}"


def refusal_words(refusal: Refusal) -> str:
    """Return why a row is refused, and by which column."""
    return f"column {refusal.column}: {refusal.reason}" if refusal.column else refusal.reason


def _closing(outcome: Outcome, *, preview: bool) -> str:
    plan = outcome.plan
    if outcome.written and not plan.additions:
        return "There is nothing to add: nothing was written."
    if outcome.written:
        left = f" {len(plan.refused)} refused rows were left out." if plan.refused else ""
        kept = f"\nThe records as they were are kept in\n{outcome.backup}" if outcome.backup else ""
        return f"Written: {entries_words(len(plan.additions))}.{left}{kept}"
    if preview and not plan.refused:
        return "Nothing is written yet: the same without --preview writes it."
    if preview:
        return (
            "Nothing is written yet. As long as rows are refused an import writes nothing,\n"
            "unless --skip-refused asks for the good rows alone."
        )
    return (
        "Nothing was written, as rows are refused: mend the file or the mapping, or add\n"
        "the good rows alone with --skip-refused."
    )


def entries_words(count: int) -> str:
    """Return a number of entries in words."""
    return f"{count} {'entry' if count == 1 else 'entries'}"


def _print_table(rows: list[tuple[str, str]], *, right: bool = False) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right" if right else "left", no_wrap=True, min_width=6)
    table.add_column(overflow="fold")
    for first, second in rows:
        table.add_row(Text(first), Text(second))
    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _as_json(outcome: Outcome) -> dict[str, object]:
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
