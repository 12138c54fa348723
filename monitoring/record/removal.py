"""The removal of a patient: what stays in the records when everything about somebody is erased.

It names nobody. It commits to the changes that were removed by their numbers and hashes, so the
trail proves that nothing else is missing.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from dosing import UserError, clean
from monitoring.record.entry import Entry, keep, name_text

_SEAL = re.compile("[0-9a-f]{64}")
_SIGN = re.compile("[0-9a-f]{3}")
_LETTERS_OF_A_SIGN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal(Entry):
    """The removal of all changes of a patient, with the reason. It is the patient's last change.

    Raises `UserError` without a reason, and for a count, seal or sign that no removal has.
    """

    of: int
    """The patient's number in the store."""
    changes: int
    """The number of changes that were removed."""
    seal: str
    """The hash of their numbers and hashes: see `seal_of`."""
    signs: tuple[str, ...]
    """The signs of the patient's record numbers: see `sign_of`."""
    reason: str

    def __post_init__(self) -> None:
        """Check the count, the seal and the signs, and clean the reason."""
        keep(self, "reason", name_text(self.reason, "The reason"))
        if self.of < 1 or self.changes < 1 or not _SEAL.fullmatch(self.seal):
            raise UserError("A removal names a patient, a count and a seal. Remove it anew.")
        if not self.signs or not all(_SIGN.fullmatch(each) for each in self.signs):
            raise UserError("A removal has the signs of the record numbers. Remove it anew.")


def seal_of(changes: Iterable[tuple[int, str]]) -> str:
    """Return the hash of the numbers and hashes of changes, in their order."""
    content = json.dumps([list(each) for each in changes], separators=(",", ":"))
    return hashlib.sha256(content.encode("ascii")).hexdigest()


def sign_of(record_number: str) -> str:
    """Return the sign of a record number: 12 bits, which 1 of 4096 other numbers has too.

    It shows that a number may have been removed, and is too short to say whose it was.
    """
    content = f"sirolimus removal {clean(record_number)}"
    return hashlib.sha256(content.encode()).hexdigest()[:_LETTERS_OF_A_SIGN]
