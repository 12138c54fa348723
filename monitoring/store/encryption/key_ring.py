"""The data keys of this process: each unlocked once, held in memory, dropped by `lock`.

A connection to encrypted records takes its key from here. After `lock` none can be opened until
the passphrase is given again.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from monitoring.store.encryption.data_key import DataKey
from monitoring.store.encryption.key_file import KeyFile, Unlocked
from monitoring.store.errors import KeyFileError, LockedError

Ask = Callable[[Path], str]
"""Gives the passphrase for a key file, or raises `UserError`."""


@dataclass(frozen=True, slots=True)
class Encryption:
    """The encryption of a file of records: its key file, and the name of the data key."""

    key_file: Path
    key_name: str


class KeyRing:
    """Data keys by their names. Threads may share it."""

    def __init__(self) -> None:
        """Hold no key, and ask nobody."""
        self._keys: dict[str, DataKey] = {}
        self._ask: Ask | None = None
        self._one_at_a_time = RLock()

    def ask_with(self, ask: Ask | None) -> None:
        """Set the function that gives a passphrase where one is needed."""
        self._ask = ask

    def asked(self, key_file: Path) -> str:
        """Return the passphrase of a key file. Raises `LockedError` if nobody can be asked."""
        if self._ask is None:
            raise locked(key_file)
        return self._ask(key_file)

    def encryption_by(self, key_file: Path) -> Encryption:
        """Return the encryption by a key file; its passphrase is asked for unless the key is held.

        Raises `LockedError` if nobody can be asked, `WrongPassphraseError`, or `KeyFileError`.
        """
        with self._one_at_a_time:
            file = KeyFile.read(key_file)
            if file.name not in self._keys:
                self._hold(file.unlock(self.asked(key_file)).key)
        return Encryption(key_file, file.name)

    def unlock(self, key_file: Path, typed: str) -> Unlocked:
        """Hold the key of a file from now on, by a passphrase or the recovery code.

        Raises `WrongPassphraseError`, `KeyFileError`, or `UserError` for a code's typing error.
        """
        with self._one_at_a_time:
            unlocked = KeyFile.read(key_file).unlock(typed)
            self._hold(unlocked.key)
        return unlocked

    def hold(self, key: DataKey, key_file: Path) -> Encryption:
        """Hold a key from now on, and return the encryption by it."""
        with self._one_at_a_time:
            self._hold(key)
        return Encryption(key_file, key.name)

    def key_of(self, encryption: Encryption) -> DataKey:
        """Return the key of an encryption. Raises `LockedError` if it was dropped."""
        key = self._keys.get(encryption.key_name)
        if key is None:
            raise LockedError(
                "The records are locked. Give the passphrase again.", encryption.key_file
            )
        return key

    def holds(self, key_file: Path) -> bool:
        """Return whether the key of a key file is held; False for a damaged one."""
        try:
            return KeyFile.read(key_file).name in self._keys
        except KeyFileError:
            return False

    def lock(self) -> None:
        """Drop every key."""
        with self._one_at_a_time:
            while self._keys:
                self._keys.popitem()[1].drop()

    def _hold(self, key: DataKey) -> None:
        _forbid_core_dumps()
        self._keys[key.name] = key


def locked(key_file: Path) -> LockedError:
    """Return the error of records whose passphrase was not given."""
    return LockedError(f"The records of {key_file} are encrypted. Give their passphrase.", key_file)


KEY_RING = KeyRing()
"""The key ring of this process."""


def _forbid_core_dumps() -> None:
    """Keep keys and patients out of a core dump: none is written after a crash."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
