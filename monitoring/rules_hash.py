"""The hash of the clinical tables and rules, by which what was made by others is known."""

from functools import cache
from pathlib import Path

from dosing.version import TABLES, VERSION, hash_of_files

FOLDERS = (
    "dosing",
    *(f"dosing/{each}" for each in TABLES),
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
    """Return the version, and the hash of every table and rule that a row is made by."""
    return f"{VERSION} {hash_of_files(_ROOT / each for each in FOLDERS)}"
