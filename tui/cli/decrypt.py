"""`sirolimus decrypt`: encrypted records written plain in place."""

import argparse
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from tui.cli.output import ExitCode
from tui.cli.parser import add_place_option
from tui.cli.passphrase import add_passphrase_option, unlock_with
from tui.cli.records import chosen_place

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("decrypt", help=summary)
    add_passphrase_option(add_place_option(parser))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Decrypt the records in place."""
    from monitoring.store.encryption.in_place import decrypt  # noqa: PLC0415 - the database is heavy

    unlock_with(options)
    done = decrypt(chosen_place(options))
    print(f"Decrypted {count_of(done.changes, 'change')}; verified. Head {done.head}.")
    print("Anybody who has the file can read it now. Backups that are encrypted stay encrypted.")
    return ExitCode.DONE
