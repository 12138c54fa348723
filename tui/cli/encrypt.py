"""`sirolimus encrypt`: the records encrypted in place."""

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from tui.cli.output import ExitCode
from tui.cli.parser import add_place_option
from tui.cli.passphrase import add_passphrase_option, new_passphrase, unlock_with
from tui.cli.records import chosen_place

if TYPE_CHECKING:
    from monitoring.store.connection import Place
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Encrypts the records in place, under a passphrase that is asked for twice. The key
file is made beside them. A recovery code is printed once. Without passphrase and
code nobody can read the records any more."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("encrypt", help=summary, description=_DESCRIPTION)
    parser.add_argument("--holder", metavar="NAME", help="who has the passphrase (default: login)")
    parser.add_argument("--backups", action="store_true", help="encrypt the automatic backups, too")
    add_passphrase_option(add_place_option(parser))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Encrypt the records, then the backups if wanted; print the recovery code."""
    from monitoring.store.connection import is_plain  # noqa: PLC0415 - as above
    from monitoring.store.encryption import in_place  # noqa: PLC0415 - the database is heavy

    place = chosen_place(options)
    if not options.backups or place.file is None or is_plain(place.file):
        _encrypt(place, options)
    if options.backups:
        _encrypt_backups(place, options)
    if still_plain := in_place.plain_backups(place):
        print(
            f"{count_of(len(still_plain), 'automatic backup')} can still be read by anybody who "
            "has the file. Encrypt with sirolimus encrypt --backups, or delete:"
        )
        for each in still_plain:
            print(f"  {each}")
    print(
        "Other backups, exports and PDFs that were made before are as they were. The old file was "
        "overwritten; a disk can keep traces of it. Encrypt the disk, too."
    )
    return ExitCode.DONE


def _encrypt(place: "Place", options: argparse.Namespace) -> None:
    from monitoring.store.encryption.in_place import encrypt  # noqa: PLC0415 - as above
    from monitoring.store.encryption.key_file import KeyFile  # noqa: PLC0415 - as above
    from monitoring.store.opening import open_records  # noqa: PLC0415 - as above

    unlock_with(argparse.Namespace())
    open_records(options.records)  # older records are upgraded first
    passphrase = new_passphrase(options.passphrase_fd)
    key_file, key, code = KeyFile.new(options.holder or getpass.getuser(), passphrase)
    done = encrypt(place, key_file, key)
    print(f"Encrypted {count_of(done.changes, 'change')}; verified. Head {done.head}.")
    print_recovery_code(code)


def _encrypt_backups(place: "Place", options: argparse.Namespace) -> None:
    from dosing import UserError  # noqa: PLC0415 - used here only
    from monitoring.store.connection import encryption_beside  # noqa: PLC0415 - as above
    from monitoring.store.encryption.in_place import encrypt_backup, plain_backups  # noqa: PLC0415 - as above

    unlock_with(options)
    by = encryption_beside(place.file) if place.file else None
    for backup in plain_backups(place):
        if by is None:
            break
        try:
            done = encrypt_backup(backup, by)
            print(f"Encrypted {backup.name}: {count_of(done.changes, 'change')}.")
        except UserError as error:
            print(f"{backup.name} was left plain: {error}", file=sys.stderr)


def print_recovery_code(code: str) -> None:
    """Print the recovery code, the only time that it is shown."""
    print(f"\nRecovery code:  {code}\n")
    print(
        "Print it or copy it onto paper now, and keep it locked away: it is not shown again. It "
        "opens the records when the passphrase is lost."
    )
