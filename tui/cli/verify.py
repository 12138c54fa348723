"""`sirolimus verify`: every entry checked against the audit trail."""

import argparse
from typing import TYPE_CHECKING

from reports.presentation.verification import read_head, remark_lines, whole_words
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
    parser.add_argument(
        "--accept",
        action="store_true",
        help="accept whole records that lack a change seen here earlier",
    )
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Verify the trail; exit with 1 where something is wrong."""
    head = None if options.head is None else read_head(options.head)
    records = open_chosen(options)
    lack = records.lack
    found = records.verify(known_head=head, accept=options.accept)
    for finding in found.findings:
        print(f"{finding.where}: {finding.what}")
    print("".join(f"{line}\n" for line in remark_lines(found)), end="")
    if found.is_whole:
        print(whole_words(found))
    if lack is not None and records.lack is None:
        print("Accepted: they are compared with this head from now on.")
    return ExitCode.DONE if found.is_whole else ExitCode.FAULT
