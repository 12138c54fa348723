"""The outcome of an import as a page for the terminal or as JSON, and its progress."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dosing import VERSION, clean
from dosing.quantities.text import escaped
from monitoring.exchange.entry_identity import reported, test_name
from monitoring.exchange.import_plan import Plan
from monitoring.exchange.incoming import Skipped, SourcePlace
from monitoring.exchange.waiting import WaitingResult
from monitoring.record.entries import Void
from monitoring.store.verify import Progress as Report
from reports.presentation.imports import (
    addition_words,
    count_rows,
    left_out_words,
    mark_words,
    merge_words,
    noun_of,
    refusal_words,
    time_text,
    waiting_words,
    written_words,
)
from tui.cli.output import print_json
from tui.cli.page import print_rows, print_sentences
from tui.cli.plain_mode import draws_bars, pages_are_plain

_SHOWN = 20
_NUMBERS = 6  # signs: the column of counts and of rows is as wide in every table
_BAR_FROM_ROWS = 2000
_DRAWN_EVERY_ROWS = 200
_COLUMN = re.compile(r"column (?P<heading>.*) \((?P<letter>[A-Z]+)\)", re.DOTALL)
_SKIPPED_KEYS = {
    Skipped.EMPTY_ROW: "empty_rows",
    Skipped.WITHOUT_VALUE: "without_value",
    Skipped.OTHER_TEST: "other_tests",
    Skipped.PRELIMINARY: "preliminary",
    Skipped.CANCELLED: "cancelled",
    Skipped.DOSE: "doses",
    Skipped.NEW_PATIENT: "new_patients",
    Skipped.SUPERSEDED: "superseded",
    Skipped.NOTHING_TO_WITHDRAW: "nothing_to_withdraw",
    Skipped.OTHER: "other",
}


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
        if everything < _BAR_FROM_ROWS or not draws_bars():
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
    plan, written = outcome.plan, outcome.written
    file = escaped(outcome.file)
    print(f"Preview of {file}" if preview else f"Import of {file}")
    print_rows(count_rows(plan), narrowest=_NUMBERS)
    _print_part(
        "Added patients" if written else "Patients to add",
        [("", f"{each.entry.record_number} {each.entry.name}") for each in plan.new_patients],
    )
    _print_part(
        "Added" if written else "To add",
        [(_label(each.place), addition_words(each)) for each in plan.additions],
    )
    _print_part(
        "Voided" if written else "To void",
        [(_label(each.place), mark_words(each)) for each in plan.to_void],
    )
    _print_part(
        "Ended" if written else "To end",
        [(_label(each.place), mark_words(each)) for each in plan.to_end],
    )
    _print_part(
        "Merged" if written else "To merge",
        [(_label(each.item.place), merge_words(each)) for each in plan.merges],
    )
    _print_part(
        "Waiting", [(_label(each.item.place), waiting_words(each)) for each in plan.waiting]
    )
    _print_part("Left out", [(_label(each.place), left_out_words(each)) for each in plan.left_out])
    remarks = [("", each) for each in plan.remarks]
    remarks += [(_label(each.place), text) for each in plan.additions for text in each.remarks]
    _print_part("Remarks", remarks)
    if plan.refused:
        print("\nRefused")
        print_rows(
            [(_label(each.place), refusal_words(each)) for each in plan.refused],
            right=True,
            narrowest=_NUMBERS,
        )
    print()
    print_sentences(_closing(outcome, preview=preview))


def _label(place: SourcePlace) -> str:
    """Return a place for a table: a row by its number alone, if the numbers are in a column."""
    is_row = place.words == f"row {place.number}"
    return str(place.number) if is_row and not pages_are_plain() else clean(place.words)


def _print_part(title: str, rows: Sequence[tuple[str, str]]) -> None:
    if not rows:
        return
    print(f"\n{title}")
    shown = rows if len(rows) <= _SHOWN else rows[: _SHOWN - 1]
    print_rows([(label, clean(text)) for label, text in shown], right=True, narrowest=_NUMBERS)
    if len(shown) < len(rows):
        print(f"  and {len(rows) - len(shown)} more; --json shows them all.")


def _closing(outcome: ImportOutcome, *, preview: bool) -> str:
    plan = outcome.plan
    if outcome.written and not plan.stores_something:
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
    wrong = f"{noun_of(plan)}s are refused."
    if preview:
        return (
            f"Nothing is stored yet, and {wrong} Correct the file or the mapping,\n"
            "or import the good ones alone with --skip-refused."
        )
    return (
        f"Nothing was stored: {wrong} Correct the file or the mapping, or import\n"
        "the good ones alone with --skip-refused."
    )


def _as_json(outcome: ImportOutcome) -> dict[str, object]:
    plan, written = outcome.plan, outcome.written
    return {
        "rows": plan.rows,
        "to_add": len(plan.additions),
        "added": len(plan.additions) if written else 0,
        "already_there": plan.already_there,
        "already_there_voided": plan.voided_there,
        "skipped": {key: plan.skipped.get(why, 0) for why, key in _SKIPPED_KEYS.items()},
        "refused": [
            {
                "row": each.place.number,
                **_column_of(each.part),
                "reason": each.reason,
                "place": each.place.words,
                "part": each.part or None,
            }
            for each in plan.refused
        ],
        "entries": [
            {
                "row": each.place.number,
                "record_number": each.patient.entry.record_number,
                "test": test_name(each.entry),
                "reported": reported(each.entry),
                "at": time_text(each.entry),
                "place": each.place.words,
                "remarks": each.remarks,
            }
            for each in plan.additions
        ],
        "backup": str(outcome.backup) if outcome.backup else None,
        "version": VERSION,
        "kind": plan.kind.value,
        "waiting": [waiting_json(each) for each in plan.waiting],
        "taken_from_waiting": len(plan.taken),
        "new_patients": len(plan.new_patients),
        "patients": [
            {
                "record_number": each.entry.record_number,
                "name": each.entry.name,
                "born": str(each.entry.born),
                "sex": each.entry.sex.value,
            }
            for each in plan.new_patients
        ],
        "to_void": len(plan.to_void),
        "voided": len(plan.to_void) if written else 0,
        "to_end": len(plan.to_end),
        "ended": len(plan.to_end) if written else 0,
        "marks": [
            {
                "row": each.place.number,
                "place": each.place.words,
                "record_number": each.patient.entry.record_number,
                "number": each.number,
                "reported": each.shown,
                "mark": "void" if isinstance(each.mark, Void) else "end",
                "reason": each.mark.reason or None,
            }
            for each in (*plan.to_void, *plan.to_end)
        ],
        "merges": [
            {
                "row": each.item.place.number,
                "place": each.item.place.words,
                "former": each.item.former.value,
                "record_number": each.item.patient.identifiers[0].value,
            }
            for each in plan.merges
        ],
        "left_out": [
            {
                "row": each.place.number,
                "place": each.place.words,
                "why": _SKIPPED_KEYS[each.why],
                "what": each.what or None,
            }
            for each in plan.left_out
        ],
        "remarks": plan.remarks,
    }


def _column_of(part: str) -> dict[str, str | None]:
    """Return the column that a field of a laboratory's file names, or none."""
    found = _COLUMN.fullmatch(part)
    heading, letter = (found["heading"], found["letter"]) if found else (None, None)
    return {"column": heading, "column_letter": letter}


def waiting_json(each: WaitingResult) -> dict[str, object]:
    """Return a waiting result as JSON."""
    patient, entry = each.item.patient, each.item.entry
    return {
        "row": each.item.place.number,
        "place": each.item.place.words,
        "file": each.file,
        "record_numbers": [
            {"value": number.value, "issuer": number.issuer or None}
            for number in patient.identifiers
        ],
        "name": patient.name or None,
        "born": str(patient.born) if patient.born else None,
        "test": test_name(entry),
        "reported": reported(entry),
        "at": time_text(entry),
        "status": each.item.status.value,
        "why": each.why,
    }
