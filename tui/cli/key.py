"""`sirolimus key`: the passphrases, the recovery code and the holders of encrypted records."""

import argparse
from typing import TYPE_CHECKING

from dosing import UserError
from tui.cli.encrypt import print_recovery_code
from tui.cli.output import ExitCode
from tui.cli.parser import add_place_option
from tui.cli.passphrase import add_passphrase_option, new_passphrase, unlock_with
from tui.cli.records import chosen_place

if TYPE_CHECKING:
    from pathlib import Path

    from monitoring.store.encryption.key_file import KeyFile, Unlocked
    from tui.cli.parser import Parser

_NOTE = "Earlier backups open with the passphrases and codes that they were made with."


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command with its actions."""
    parser = commands.add_parser("key", help=summary)
    actions = parser.add_subparsers(
        title="actions", required=True, metavar="ACTION", prog="sirolimus key"
    )
    passphrase = actions.add_parser("passphrase", help="change a passphrase")
    passphrase.add_argument(
        "--holder", metavar="NAME", help="whose (default: the holder who unlocks)"
    )
    recovery = actions.add_parser("recovery", help="print a new recovery code; the old one ends")
    holders = actions.add_parser("holders", help="list, add or remove who has a passphrase")
    change = holders.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="NAME", help="add a holder with an own passphrase")
    change.add_argument("--remove", metavar="NAME", help="remove a holder")
    for each, run in ((passphrase, _passphrase), (recovery, _recovery), (holders, _holders)):
        group = add_place_option(each)
        add_passphrase_option(group)
        if each is not recovery:
            add_passphrase_option(group, "new")
        each.set_defaults(run=run)


def _passphrase(options: argparse.Namespace) -> ExitCode:
    path, file, unlocked = _unlocked(options)
    holder = options.holder or unlocked.holder
    if holder is None:
        raise UserError("The recovery code names nobody. Say whose passphrase: --holder NAME.")
    file.require_holder(holder)
    changed = file.with_holder(unlocked.key, holder, new_passphrase(options.new_passphrase_fd))
    changed.write(path)
    print(f"The passphrase of {holder} is changed. {_NOTE}")
    return ExitCode.DONE


def _recovery(options: argparse.Namespace) -> ExitCode:
    path, file, unlocked = _unlocked(options)
    changed, code = file.with_new_recovery_code(unlocked.key)
    changed.write(path)
    print_recovery_code(code)
    print(_NOTE)
    return ExitCode.DONE


def _holders(options: argparse.Namespace) -> ExitCode:
    from monitoring.store.encryption.key_file import KeyFile  # noqa: PLC0415 - no dose needs the records

    if options.add is None and options.remove is None:
        file = KeyFile.read(_key_file(options))
        for each in file.holders:
            print(each.name)
        print(f"The key is called {file.name}.")
        return ExitCode.DONE
    path, file, unlocked = _unlocked(options)
    if options.add is not None:
        if options.add in {each.name for each in file.holders}:
            raise UserError(
                "This holder is there already. Change the passphrase: sirolimus key passphrase."
            )
        added = new_passphrase(options.new_passphrase_fd)
        file.with_holder(unlocked.key, options.add, added).write(path)
        print("The holder is added.")
    else:
        file.without_holder(options.remove).write(path)
        print(f"The holder is removed. {_NOTE}")
    return ExitCode.DONE


def _unlocked(options: argparse.Namespace) -> "tuple[Path, KeyFile, Unlocked]":
    """Return the key file and what it opens to, by the passphrase or the recovery code."""
    from monitoring.store.encryption.key_file import KeyFile  # noqa: PLC0415 - as above
    from monitoring.store.encryption.key_ring import KEY_RING  # noqa: PLC0415 - as above

    unlock_with(options)
    path = _key_file(options)
    file = KeyFile.read(path)
    return path, file, KEY_RING.unlock(path, KEY_RING.asked(path))


def _key_file(options: argparse.Namespace) -> "Path":
    from monitoring.store.connection import is_plain  # noqa: PLC0415 - the database is heavy
    from monitoring.store.encryption.key_file import key_file_of  # noqa: PLC0415 - as above

    place = chosen_place(options)
    if place.file is None or is_plain(place.file):
        raise UserError("These records are not encrypted. Encrypt them with sirolimus encrypt.")
    return key_file_of(place.file)
