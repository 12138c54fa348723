"""The head of the audit trail as it is typed, and the result of a verification in a line."""

import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.quantities.formatting import count_of
from dosing.quantities.text import quoted
from monitoring.times import short

if TYPE_CHECKING:
    from monitoring.store.connection import Place
    from monitoring.store.recovery.nearby_backups import NearbyBackup
    from monitoring.store.verify import Verification


def read_head(text: str) -> str:
    """Return a head as it was copied, in any case and with spaces between.

    Raises `UserError` for anything else.
    """
    head = "".join(text.split()).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", head):
        raise UserError(f"{quoted(text)} is not a head. It has 64 digits and letters from a to f.")
    return head


def remark_lines(found: "Verification") -> list[str]:
    """Return what is worth knowing about whole records, a line each."""
    return [f"Note: {each.where} {each.what}." for each in found.remarks]


def whole_words(found: "Verification") -> str:
    """Return that the records are whole, how many changes were checked, and the head."""
    changes = count_of(found.changes, "change is", "changes are")
    return f"{'' if found.changes == 1 else 'All '}{changes} whole. Head {found.head}."


def remedy_lines(place: "Place", backups: "Sequence[NearbyBackup]") -> list[str]:
    """Return what can be done about records that are not whole: the backups, and the commands."""
    lines = ["Keep these records unchanged. No whole backup is nearby."]
    if backups:
        lines = ["Keep these records unchanged. Whole backups nearby, the newest first:"]
        lines += [
            f"{each.file}: {count_of(each.changes, 'change')}, the last on "
            f"{short(each.last_change)}; head {each.head}"
            for each in backups
        ]
    where = shlex.quote(str(place))
    lines.append(f"To restore a backup: sirolimus restore FILE --records {where}")
    if place.file is not None:
        lines.append(f"To save what can be read: sirolimus recover {where} --into NEW.sqlite")
    return lines
