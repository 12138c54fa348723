"""The key file of encrypted records: their data key, wrapped once for each holder.

A holder's passphrase goes through Argon2id, once a session, and unwraps the data key by AES-GCM.
The recovery code unwraps it likewise. The file is beside the records (`records.sqlite.key`) and
beside each backup; it is of no use without a passphrase or the code. Its checksum is compared
first: a wrong passphrase and a damaged key file have words of their own.

All holders share one salt. A passphrase is then derived once, whoever types it.
"""

import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from dosing import UserError, clean
from dosing.quantities.text import quoted
from monitoring.files import sync_folder
from monitoring.store.encryption.data_key import LENGTH, DataKey, decrypted
from monitoring.store.encryption.recovery_code import is_like_a_code, new_code, read_code
from monitoring.store.errors import KeyFileError, WrongPassphraseError

_FORMAT = "sirolimus-key-file"
_VERSION = 1
_LARGEST_BYTES = 256 * 1024
_SHORTEST_PASSPHRASE = 12
_LONGEST_PASSPHRASE = 1000
_LONGEST_NAME = 100
_MOST_HOLDERS = 100
_RECOVERY = ""  # the name of its wrapped key, which no holder can have


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """The work of one guess at a passphrase: the second choice of RFC 9106, 64 MiB.

    Raises `ValueError` for work that would take the machine down.
    """

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        """Check the bounds."""
        bounds = ((self.memory_kib, 2**20), (self.passes, 20), (self.lanes, 16))
        if any(type(value) is not int or not 1 <= value <= most for value, most in bounds):
            raise ValueError("the work of Argon2id is out of bounds")
        if self.memory_kib < 8 * self.lanes:
            raise ValueError("Argon2id needs 8 KiB a lane")


USUAL_COST = Argon2Cost()


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The data key as one holder can open it."""

    name: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The data key, and the holder who opened it: None for the recovery code."""

    key: DataKey
    holder: str | None


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The content of a key file. Changes return a new value; `write` stores it."""

    name: str
    """The name of the data key, which is not secret."""
    salt: bytes
    cost: Argon2Cost
    holders: tuple[WrappedKey, ...]
    recovery: WrappedKey

    def __post_init__(self) -> None:
        """Check that there is a holder, each named once."""
        names = [each.name for each in self.holders]
        if not 1 <= len(names) <= _MOST_HOLDERS or len(set(names)) != len(names):
            raise ValueError("a key file has one to a hundred holders, each named once")

    @classmethod
    def new(
        cls, holder: str, passphrase: str, cost: Argon2Cost = USUAL_COST
    ) -> tuple["KeyFile", DataKey, str]:
        """Return a key file with a new data key, this key, and the recovery code.

        Raises `UserError` for a passphrase that is too short.
        """
        key, salt = DataKey.new(), os.urandom(16)
        nobody = WrappedKey("", b"")
        bare = cls(key.name, salt, cost, (nobody,), nobody)
        first = replace(bare, holders=(bare._wrap(key, _named(holder), checked(passphrase)),))
        made, code = first.with_new_recovery_code(key)
        return made, key, code

    def unlock(self, typed: str) -> Unlocked:
        """Return the data key by a passphrase or the recovery code.

        Raises `WrongPassphraseError`, and `UserError` for a typing error in the recovery code.
        """
        if is_like_a_code(typed):
            key = self._unwrapped(self.recovery, self._derived(read_code(typed)))
            if key is None:
                raise WrongPassphraseError(
                    "This recovery code is not the last one. Use the newest."
                )
            return Unlocked(key, None)
        derived = self._derived(_normal(typed))
        for each in self.holders:
            if key := self._unwrapped(each, derived):
                return Unlocked(key, each.name)
        raise WrongPassphraseError("The passphrase is wrong. Try again, or use the recovery code.")

    def with_holder(self, key: DataKey, name: str, passphrase: str) -> "KeyFile":
        """Return the key file with a holder, or with a holder's new passphrase."""
        wrapped = self._wrap(key, _named(name), checked(passphrase))
        others = tuple(each for each in self.holders if each.name != wrapped.name)
        if len(others) == _MOST_HOLDERS:
            raise UserError(f"A key has at most {_MOST_HOLDERS} holders. Remove one first.")
        return replace(self, holders=tuple(sorted((*others, wrapped), key=lambda each: each.name)))

    def without_holder(self, name: str) -> "KeyFile":
        """Return the key file without a holder. Raises `UserError` for the last one."""
        self.require_holder(name)
        others = tuple(each for each in self.holders if each.name != name)
        if not others:
            raise UserError("The last holder cannot be removed. Add another one first.")
        return replace(self, holders=others)

    def with_new_recovery_code(self, key: DataKey) -> tuple["KeyFile", str]:
        """Return the key file with a new recovery code, and the code; the old one opens no more."""
        code = new_code()
        return replace(self, recovery=self._wrap(key, _RECOVERY, read_code(code))), code

    def require_holder(self, name: str) -> None:
        """Raise `UserError` for a name that no holder has."""
        if name not in {each.name for each in self.holders}:
            names = ", ".join(each.name for each in self.holders)
            raise UserError(f"{quoted(name)} is not a holder. The holders are {names}.")

    def _wrap(self, key: DataKey, name: str, passphrase: str) -> WrappedKey:
        return WrappedKey(name, key.wrapped(self._derived(passphrase), self._about(name)))

    def _unwrapped(self, wrapped: WrappedKey, derived: bytes) -> DataKey | None:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - for encrypted records only

        try:
            return DataKey(
                self.name, decrypted(derived, wrapped.wrapped, self._about(wrapped.name))
            )
        except InvalidTag:
            return None

    def _about(self, name: str) -> bytes:
        """Return what is bound to a wrapped key: it opens under nothing else."""
        bound = [_FORMAT, _VERSION, self.name, self.salt.hex(), asdict(self.cost), name]
        return _canonical(bound)

    def _derived(self, passphrase: str) -> bytes:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - as above

        cost = self.cost
        derivation = Argon2id(
            salt=self.salt,
            length=LENGTH,
            iterations=cost.passes,
            lanes=cost.lanes,
            memory_cost=cost.memory_kib,
        )
        return derivation.derive(passphrase.encode())

    # --- the file

    def text(self) -> str:
        """Return the JSON of the file."""
        content = {
            "format": _FORMAT,
            "version": _VERSION,
            "key": self.name,
            "argon2id": {"salt": self.salt.hex(), **asdict(self.cost)},
            "holders": [
                {"name": each.name, "wrapped": each.wrapped.hex()} for each in self.holders
            ],
            "recovery": self.recovery.wrapped.hex(),
        }
        return json.dumps({**content, "checksum": _checksum(content)}) + "\n"

    @classmethod
    def of_text(cls, text: str) -> "KeyFile":
        """Return the key file that a text holds. Raises `ValueError` for a damaged one."""
        content = json.loads(text)
        if not isinstance(content, dict) or content.pop("checksum", "") != _checksum(content):
            raise ValueError("the checksum differs")
        if content["format"] != _FORMAT:
            raise ValueError("another format")
        if content["version"] != _VERSION:
            raise KeyFileError("The key file is of a newer version. Update the program.")
        argon2id = content["argon2id"]
        return cls(
            name=content["key"],
            salt=bytes.fromhex(argon2id.pop("salt")),
            cost=Argon2Cost(**argon2id),
            holders=tuple(
                WrappedKey(each["name"], bytes.fromhex(each["wrapped"]))
                for each in content["holders"]
            ),
            recovery=WrappedKey(_RECOVERY, bytes.fromhex(content["recovery"])),
        )

    @classmethod
    def read(cls, path: Path) -> "KeyFile":
        """Return the content of a file. Raises `KeyFileError` for a missing or damaged one."""
        try:
            with path.open("rb") as file:
                return cls.of_text(file.read(_LARGEST_BYTES).decode())
        except KeyFileError:
            raise
        except FileNotFoundError:
            raise KeyFileError(
                f"The key file {path} is missing. Copy it from a backup, beside the records."
            ) from None
        except OSError as error:
            raise KeyFileError(
                f"The key file {path} cannot be read ({error.strerror}). Check its permissions."
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise KeyFileError(
                f"The key file {path} is damaged. Copy the key file of a backup in its place."
            ) from None

    def write(self, path: Path) -> None:
        """Store the content in one step: the old or the new file is there. Mode 0600.

        Raises `KeyFileError` if it cannot be written.
        """
        part = path.with_name(f".{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(self.text().encode())
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            raise KeyFileError(
                f"The key file {path} cannot be written ({error.strerror}). Nothing was changed."
            ) from None
        finally:
            part.unlink(missing_ok=True)


def key_file_of(records: Path) -> Path:
    """Return the place of the key file of a records file or a backup: beside it."""
    return records.with_name(f"{records.name}.key")


def checked(passphrase: str) -> str:
    """Return a new passphrase in its normal form. Raises `UserError` for one that is too short."""
    normal = _normal(passphrase)
    if len(normal) < _SHORTEST_PASSPHRASE:
        raise UserError(
            f"The passphrase is too short. Use {_SHORTEST_PASSPHRASE} characters or more, such as "
            "four random words."
        )
    if len(normal) > _LONGEST_PASSPHRASE:
        raise UserError(
            f"The passphrase is too long. Use at most {_LONGEST_PASSPHRASE} characters."
        )
    if is_like_a_code(normal):
        raise UserError("The passphrase looks like a recovery code. Choose other words.")
    return normal


def _normal(passphrase: str) -> str:
    """Return a passphrase in one form: keyboards compose accents in two ways."""
    return unicodedata.normalize("NFC", passphrase)


def _named(name: str) -> str:
    named = clean(name).strip()
    if not 1 <= len(named) <= _LONGEST_NAME:
        raise UserError(
            f"The holder's name is empty or over {_LONGEST_NAME} characters. Shorten it."
        )
    return named


def _canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _checksum(content: Mapping[str, Any]) -> str:
    return sha256(_canonical(content)).hexdigest()
