"""`sirolimus due settle`: a check that is not needed, or can no longer be done."""

import argparse
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.quantities.text import quoted
from monitoring.record.settlement import Settlement
from monitoring.times import Moment
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from monitoring.record.entries import Record
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("due settle", help=summary)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument(
        "what", metavar="WHAT", help='the check, as sirolimus due prints it: "blood pressure"'
    )
    parser.add_argument("--reason", required=True, help="why it is settled")
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Record that a check is settled."""
    store, now = open_chosen(options).store, Moment.now()
    record = store.find(options.record_number)
    what = _check_called(record, options.what, now)
    settled = Settlement(what=what, on=now.local.date(), reason=options.reason)
    kept = store.add(record.number, settled, revision=record.revision)
    print(f"Settled {kept.number}, {record.patient.entry.name}: {what}; {settled.reason}")
    return ExitCode.DONE


def _check_called(record: "Record", text: str, now: Moment) -> str:
    """Return the check with this name. Raises `UserError` with the names of all."""
    from monitoring.due.due import check_names  # noqa: PLC0415 - levels are assessed by pandas

    names = check_names(record, now)
    typed = " ".join(text.split()).casefold()
    found = next((each for each in names if each.casefold() == typed), None)
    if found is None:
        raise UserError(f"{quoted(text)} is not a check that can be settled. Choose one of: "
                        f"{', '.join(names)}.")  # fmt: skip
    return found
