"""The hash of the clinical tables and rules, by which what was made by others is known."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from dosing.version import VERSION

FOLDERS = (
    "dosing",
    "dosing/knowledge",
    "dosing/quantities",
    "monitoring",
    "monitoring/adverse_events",
    "monitoring/due",
    "monitoring/laboratory",
    "monitoring/levels",
    "monitoring/recommendation",
    "monitoring/record",
    "monitoring/response",
    "monitoring/state",
    "monitoring/treatment",
    "monitoring/worklist_index",
)
"""What decides a state, an alert or a check; the folders in a folder are named themselves."""
_ROOT = Path(__file__).parent.parent


@cache
def rules_hash() -> str:
    """Return the hash of the version and of every table and rule that a row is made by."""
    found = sha256(VERSION.encode())
    for folder in FOLDERS:
        for file in sorted((_ROOT / folder).glob("*.py")):
            found.update(file.name.encode())
            found.update(file.read_bytes())
    return found.hexdigest()
