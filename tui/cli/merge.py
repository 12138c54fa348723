"""`sirolimus patient merge`: two records of one person made one."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from dosing import UserError, clean
from dosing.quantities.formatting import count_of
from monitoring.record.kinds import kind_of
from monitoring.times import Moment, short
from tui.cli.output import ExitCode, print_json
from tui.cli.plain_mode import pages_are_plain
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from monitoring.exchange.merging import MergePlan
    from monitoring.record.entry import Entry
    from monitoring.record.patient import Patient
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Adds every active entry of record M to record N, and voids M and its entries
with a pointer. A note in N names who recorded each entry, and when. An entry
that both have is not doubled. Records that contradict each other are refused.
A changed record number is `sirolimus patient edit M --mrn NEW`."""


def add_to(actions: "argparse._SubParsersAction[Parser]") -> None:
    """Add the action and its options."""
    parser = actions.add_parser(
        "merge", help="merge two records of one person", description=_DESCRIPTION
    )
    parser.add_argument("record_number", metavar="M", help="the record number that ends")
    parser.add_argument("--into", required=True, metavar="N", help="the record number that stays")
    parser.add_argument("--reason", required=True, help="how it is known to be one person")
    parser.add_argument(
        "--preview", action="store_true", help="show what would be merged; store nothing"
    )
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Merge two records, after an automatic backup, or show what a merge would do."""
    from monitoring.exchange.merging import (  # noqa: PLC0415 - the database is heavy
        MergePlan,
        merge_entries,
        read_merge,
        write_merge,
    )
    from monitoring.store.backup import automatic_backup  # noqa: PLC0415 - as above

    records, now = open_chosen(options), Moment.now()
    revision, plan = read_merge(records.store, options.record_number, options.into)
    if not isinstance(plan, MergePlan):
        raise UserError(f"{plan.reason[0].upper()}{plan.reason[1:]}")
    written: tuple[tuple[int, Entry], ...] = ()
    if not plan.conflicts and not options.preview:
        merge_entries(plan, options.reason, revision + 1, now.local.date())  # before any backup
        automatic_backup(records.store.engine, records.place, "before-merge")
        written = write_merge(records.store, plan, options.reason, revision, now)
    if options.json:
        print_json(_document(plan, revision, is_written=bool(written)))
    else:
        _print(plan, revision if written else None)
    return ExitCode.INVALID_INPUT if plan.conflicts else ExitCode.DONE


def _document(plan: "MergePlan", revision: int, *, is_written: bool) -> dict[str, object]:
    becomes = new_numbers(plan, revision) if is_written else {}
    return {
        "record_number": plan.former.patient.entry.record_number,
        "into": plan.into.patient.entry.record_number,
        "written": is_written,
        "moved": [
            {
                "kind": kind_of(each.entry).name,
                "number": each.number,
                "becomes": becomes.get(each.number),
                "by": each.author.by,
                "at": str(each.author.at),
            }
            for each in plan.moved
        ],
        "doubles": [
            {"kind": kind_of(each.entry.entry).name, "number": each.entry.number,
             "same_as": each.known.number}
            for each in plan.doubles
        ],
        "cautions": list(plan.cautions),
        "conflicts": list(plan.conflicts),
    }  # fmt: skip


def new_numbers(plan: "MergePlan", revision: int) -> dict[int, int]:
    """Return the number that each moved entry has after a merge that followed a change."""
    numbers, following = {}, revision + 1
    for each in plan.moved:
        numbers[each.number] = following
        following += 2 if each.ending else 1
    return numbers


def _print(plan: "MergePlan", revision: int | None) -> None:
    former, into = plan.former.patient.entry, plan.into.patient.entry
    print(clean(f"From: {_who(former)}"))
    print(clean(f"Into: {_who(into)}"))
    for caution in plan.cautions:
        print(clean(f"caution: {caution}"))
    becomes = {} if revision is None else new_numbers(plan, revision)
    for each in plan.moved:
        kind = kind_of(each.entry)
        number = f"{becomes[each.number]} (was {each.number})" if becomes else str(each.number)
        words = f"{number}. {kind.what}: {kind.in_words(each.entry)}; by {each.author.by}"
        print(clean(f"{'moves' if pages_are_plain() else '+'} {words}"))
    for double in plan.doubles:
        sign = "double" if pages_are_plain() else "="
        print(f"{sign} {double.entry.number}. is entry {double.known.number} already")
    for conflict in plan.conflicts:
        print(clean(f"stop: {conflict}"), file=sys.stderr)
    if plan.conflicts:
        count = count_of(len(plan.conflicts), "contradiction")
        print(f"Nothing was stored: {count}. Resolve them and merge again.", file=sys.stderr)
    elif revision is None:
        print("Nothing is stored yet. Repeat without --preview to merge.")
    else:
        moved = count_of(len(plan.moved), "entry", "entries")
        print(clean(f"Merged {former.record_number} into {into.record_number}: {moved} added."))


def _who(patient: "Patient") -> str:
    born: Any = patient.born
    return f"{patient.name}, record number {patient.record_number}, born {short(born)}"
