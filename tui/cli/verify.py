"""`sirolimus verify`: every entry checked against the audit trail."""

import argparse
from typing import TYPE_CHECKING

from dosing import clean
from reports.presentation.verification import read_head, whole_words
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("verify", help=summary)
    parser.add_argument(
        "--head", metavar="HASH", help="a head that was printed earlier; the trail must hold it"
    )
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Verify the trail; exit with 1 where something is wrong."""
    from monitoring.store.verify import verify  # noqa: PLC0415 - the database is heavy

    head = None if options.head is None else read_head(options.head)
    found = verify(open_chosen(options).store.engine, known_head=head)
    for finding in found.findings:
        print(clean(f"{finding.where}: {finding.what}"))
    if found.is_whole:
        print(whole_words(found))
    return ExitCode.DONE if found.is_whole else ExitCode.FAULT
