"""Encrypted records for the tests, whose passphrase costs little to derive."""

from monitoring.store.data_key import DataKey
from monitoring.store.key_file import Argon2Cost, KeyFile

CHEAP = Argon2Cost(memory_kib=8, passes=1, lanes=1)
PASSPHRASE = "correct horse [/] Łukasz"  # noqa: S105 - of made-up records


def a_key_file() -> tuple[KeyFile, DataKey, str]:
    """Return a key file with one holder, its data key and its recovery code."""
    return KeyFile.new("Dr Example", PASSPHRASE, CHEAP)
