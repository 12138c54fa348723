"""`sirolimus patient remove`: a patient exported and then erased, with a sealed stub that stays."""

import argparse
import sys
from typing import TYPE_CHECKING

from dosing import UserError, clean
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from tui.cli.output import ExitCode, print_json
from tui.cli.records import (
    add_plain_option,
    add_records_options,
    open_chosen,
    print_warning,
    require_plain,
)

if TYPE_CHECKING:
    from monitoring.exchange.patient_removal import RemovalPlan
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Writes everything about patient M to a new FOLDER, reads it back, and then erases
the patient from the records: the record, voided records of this number, records
that were merged into it, and results that waited for it. Numbers and hashes of
the changes stay, so `sirolimus verify` proves every other entry. Backups, printed
pages and other exports keep what they have. It cannot be undone."""

_EXAMPLE = """\
  sirolimus patient remove 00123 --reason "retention ended" --by "Dr Example" --export out"""


def add_to(actions: "argparse._SubParsersAction[Parser]") -> None:
    """Add the action and its options."""
    parser = actions.add_parser(
        "remove", help="export and erase a patient", description=_DESCRIPTION, epilog=_EXAMPLE
    )
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument("--reason", required=True, metavar="WHY", help="why; it names nobody")
    parser.add_argument("--by", required=True, metavar="NAME", help="who decided on the removal")
    parser.add_argument(
        "--export", required=True, metavar="FOLDER", help="a new folder for the whole record"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask for the record number again")
    add_plain_option(parser)
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Export and erase the patient, after the record number was typed again."""
    from monitoring.exchange.patient_removal import (  # noqa: PLC0415 - the database is heavy
        checked_reason,
        export_patient,
        plan_removal,
        remove_patient,
    )
    from monitoring.store.backup import automatic_backups  # noqa: PLC0415 - as above

    if options.author and clean(options.author) != clean(options.by):
        raise UserError("--author and --by are two names. Leave out --author.")
    options.author = options.by
    records = open_chosen(options)
    store = records.store
    plan = plan_removal(store, options.record_number)
    checked_reason(options.reason, plan)
    require_plain(store, options, "an export", "decrypt the records first")
    _print_plan(plan)
    if not options.yes and not _is_typed_again(plan.record_number):
        print("The record number differs. Nothing was removed.", file=sys.stderr)
        return ExitCode.INVALID_INPUT
    folder = path_of(options.export).absolute()
    exported = export_patient(store, plan, folder)
    found = remove_patient(records, plan, options.reason)
    backups = automatic_backups(records.place)
    if options.json:
        document = {
            "record_number": plan.record_number,
            "removed": plan.changes,
            "waiting": plan.waiting,
            "export": str(folder),
            "named_elsewhere": list(plan.named_elsewhere),
            "backups": [str(each) for each in backups],
            "head": found.head,
        }
        print_json(document, ascii_only=True)
        return ExitCode.DONE
    print(f"Exported {count_of(exported, 'change')} to {escaped(str(folder))}, and read back.")
    print(f"Removed {count_of(plan.changes, 'change')}; the records verify. Head {found.head}.")
    if backups:
        held = count_of(len(backups), "automatic backup holds", "automatic backups hold")
        where = escaped(str(backups[0].parent))
        print(f"{held} the patient still, in {where}. Make a new backup, then delete them.")
    return ExitCode.DONE


def _print_plan(plan: "RemovalPlan") -> None:
    """Print the records to be erased, on standard error: a question follows, and the result."""
    who = "; ".join(f"{each.name}, record number {each.record_number}" for each in plan.patients)
    waiting = f", {count_of(plan.waiting, 'waiting result')}" if plan.waiting else ""
    print(clean(f"To be erased: {who}: {count_of(plan.changes, 'change')}{waiting}."),
          file=sys.stderr)  # fmt: skip
    if plan.named_elsewhere:
        entries = ", ".join(plan.named_elsewhere)
        print_warning(f"entries of other patients name this one, and stay: {entries}.")


def _is_typed_again(record_number: str) -> bool:
    if not sys.stdin.isatty():
        raise UserError("A removal is confirmed at a terminal. Run it there, or give --yes.")
    print(
        "It cannot be undone. Type the record number again: ", end="", file=sys.stderr, flush=True
    )
    return clean(sys.stdin.readline()) == record_number
