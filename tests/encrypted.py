"""Encrypted records for the tests, whose passphrase costs little to derive."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from monitoring.store.connection import Place
from monitoring.store.encryption.data_key import DataKey
from monitoring.store.encryption.in_place import encrypt
from monitoring.store.encryption.key_file import Argon2Cost, KeyFile
from tests.stores import fill, prepared, store_of

CHEAP = Argon2Cost(memory_kib=8, passes=1, lanes=1)
PASSPHRASE = "correct horse [/] Łukasz"  # noqa: S105 - of made-up records


def a_key_file() -> tuple[KeyFile, DataKey, str]:
    """Return a key file with one holder, its data key and its recovery code."""
    return KeyFile.new("Dr Example", PASSPHRASE, CHEAP)


def plain_place(file: Path, patients: int = 1) -> Place:
    """Return the place of plain records with every kind of entry."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(0o600)
    file.write_bytes(_filled(patients))
    return Place.of(str(file))


@cache
def _filled(patients: int) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "records.sqlite"
        engine = prepared(Place.of(str(file)))
        fill(store_of(engine), patients)
        engine.dispose()
        return file.read_bytes()


def encrypted_place(file: Path, patients: int = 1) -> Place:
    """Return the place of encrypted records with every kind of entry; their key is held."""
    place = plain_place(file, patients)
    made, key, _ = a_key_file()
    encrypt(place, made, key)
    return place
