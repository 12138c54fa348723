"""`sirolimus verify`: every entry checked against the audit trail."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from dosing import clean
from monitoring.store.errors import DamagedError, NoRecordsError
from reports.presentation.verification import (
    read_head,
    remark_lines,
    remedy_lines,
    whole_words,
)
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, chosen_place, open_chosen

if TYPE_CHECKING:
    from monitoring.store.recovery.nearby_backups import NearbyBackup
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
    """Verify the trail; where something is wrong exit with 1, and name the whole backups nearby."""
    from monitoring.store.recovery.nearby_backups import nearby_backups  # noqa: PLC0415 - the database is heavy
    from monitoring.store.verify import unopened  # noqa: PLC0415 - as above

    head = None if options.head is None else read_head(options.head)
    is_accepted = False
    try:
        records = open_chosen(options)
        lack = records.lack
        found = records.verify(known_head=head, accept=options.accept)
        is_accepted = lack is not None and records.lack is None
    except NoRecordsError:
        if backups := nearby_backups(chosen_place(options)):
            _print_remedy(options, backups, sys.stderr)
        raise
    except DamagedError as error:
        found = unopened(error)
    for finding in found.findings:
        print(clean(f"{finding.where}: {finding.what}"))
    print("".join(f"{line}\n" for line in remark_lines(found)), end="")
    if found.is_whole:
        print(whole_words(found))
    if is_accepted:
        print("Accepted: they are compared with this head from now on.")
    if not found.is_whole:
        _print_remedy(options, nearby_backups(chosen_place(options)), sys.stdout)
    return ExitCode.DONE if found.is_whole else ExitCode.FAULT


def _print_remedy(
    options: argparse.Namespace, backups: "Sequence[NearbyBackup]", where: TextIO
) -> None:
    for line in remedy_lines(chosen_place(options), backups):
        print(clean(line), file=where)
