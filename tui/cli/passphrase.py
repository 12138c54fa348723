"""The passphrase of encrypted records: from a file descriptor, the system's keyring, the terminal.

It is never taken from the command line or the environment, which other programs can read.
"""

import argparse
import os
from getpass import getpass
from importlib.util import find_spec
from pathlib import Path

from dosing import UserError
from monitoring.store.errors import LockedError

_KEYRING_SERVICE = "sirolimus-assistant"
_LONGEST_BYTES = 4096


def add_passphrase_option(parser: argparse._ActionsContainer, what: str = "") -> None:
    """Add the option of the file descriptor; `what` is `new` for the one of a new passphrase."""
    name = f"{what} passphrase".strip()
    parser.add_argument(
        f"--{name.replace(' ', '-')}-fd",
        metavar="N",
        type=_descriptor,
        help=f"read the {name} from this file descriptor, one line",
    )


def unlock_with(options: argparse.Namespace, *, can_ask: bool = True) -> None:
    """Let the records be unlocked by the options, the keyring, or the terminal if it may ask."""
    from monitoring.store.encryption.key_ring import KEY_RING  # noqa: PLC0415 - no dose needs the records

    given = getattr(options, "passphrase_fd", None)

    def ask(key_file: Path) -> str:
        if given is not None:
            return read_line(given)
        return _from_keyring(key_file) or _typed(key_file, can_ask=can_ask)

    KEY_RING.ask_with(ask)


def new_passphrase(descriptor: int | None) -> str:
    """Return a new passphrase: a line of a file descriptor, or typed twice.

    Raises `UserError` where the two differ.
    """
    if descriptor is not None:
        return read_line(descriptor)
    first = _asked("New passphrase: ")
    if _asked("New passphrase again: ") != first:
        raise UserError("The two passphrases differ. Nothing was changed. Try again.")
    return first


def read_line(descriptor: int) -> str:
    """Return one line of a file descriptor, without reading beyond it."""
    read = bytearray()
    try:
        while (byte := os.read(descriptor, 1)) not in {b"", b"\n"}:
            read += byte
            if len(read) > _LONGEST_BYTES:
                raise UserError("The passphrase is too long. Give it as one line.")
        return read.decode().removesuffix("\r")
    except OSError as error:
        raise UserError(
            f"File descriptor {descriptor} cannot be read ({error.strerror}). Redirect it."
        ) from None
    except UnicodeDecodeError:
        raise UserError("The passphrase is not UTF-8. Write it in UTF-8.") from None


def _descriptor(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise argparse.ArgumentTypeError("a file descriptor is a number, such as 0 or 3")
    return int(text)


def _from_keyring(key_file: Path) -> str:
    """Return the passphrase in the system's keyring, empty without one or without the package."""
    if find_spec("keyring") is None:
        return ""
    import keyring  # noqa: PLC0415 - optional
    from keyring.errors import KeyringError  # noqa: PLC0415 - as above

    from monitoring.store.encryption.key_file import KeyFile  # noqa: PLC0415 - as above

    try:
        return keyring.get_password(_KEYRING_SERVICE, KeyFile.read(key_file).name) or ""
    except KeyringError:
        return ""  # locked, or this machine has none: the terminal is asked


def _typed(key_file: Path, *, can_ask: bool) -> str:
    if not can_ask:
        from monitoring.store.encryption.key_ring import locked  # noqa: PLC0415 - as above

        raise locked(key_file)
    return _asked(f"Passphrase of {key_file.name.removesuffix('.key')}: ")


def _asked(prompt: str) -> str:
    """Return what is typed on the terminal, unseen; never from a pipe."""
    if os.name == "posix":
        try:
            os.close(os.open("/dev/tty", os.O_RDWR))
        except OSError:
            raise LockedError(
                "The passphrase cannot be asked for without a terminal. Give --passphrase-fd."
            ) from None
    try:
        return getpass(prompt)
    except EOFError:
        raise UserError("No passphrase was typed. Nothing was done.") from None
