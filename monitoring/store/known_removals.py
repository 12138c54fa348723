"""The removals that were seen on this machine, kept outside the records.

A backup of before a removal holds the patient still, and is whole in itself. The removals are
therefore kept in the user's state folder, and records that hold a removed patient are named when
they are opened. The file has numbers, hashes and times, and no data of patients.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from dosing.quantities.text import quoted
from monitoring.store.known_heads import Tell
from monitoring.store.queries import record_number_of, removals_in
from monitoring.store.rows import read_utc, utc_text
from monitoring.store.state_folder import keep_in_state_folder, state_folder
from monitoring.store.tables import AUDIT, REMOVED
from monitoring.times import Moment, local_zone, short

_FILE = "known-removals.json"
_FORMAT = 1
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRemoval:
    """A removed patient, known in every copy by the number and hash of the first change."""

    patient: int
    hash: str
    at_utc: str
    """The time of the removal."""

    def __post_init__(self) -> None:
        """Check the form of each field; raise `ValueError` for anything else."""
        if type(self.patient) is not int or not 0 < self.patient < 2**31:
            raise ValueError("a number is not valid")
        if not isinstance(self.hash, str) or not _HASH.fullmatch(self.hash):
            raise ValueError("a hash is not valid")
        if not isinstance(self.at_utc, str):
            raise TypeError("a time is of another type")
        read_utc(self.at_utc)


@dataclass(frozen=True, slots=True)
class StillThere:
    """A patient whom records hold although the removal was seen: the record number, and the day."""

    record_number: str
    removed: str

    def __str__(self) -> str:
        """Return the fact, and what to do."""
        number = quoted(self.record_number)
        return (
            f"These records hold patient {number}, who was removed on {self.removed}. Remove the "
            "patient again: sirolimus patient remove."
        )


def look_for_removed(connection: Connection, tell: Tell) -> tuple[StillThere, ...]:
    """Keep the removals in the records, and return the removed patients whom they still hold.

    `tell` shows it where the removals cannot be read or kept.
    """
    known = _known(tell)
    made = _made_in(connection)
    if any(each not in known for each in made):
        known = tuple(dict.fromkeys((*known, *made)))
        _keep(known, tell)
    return tuple(_still_there(connection, known)) if known else ()


def _made_in(connection: Connection) -> tuple[KnownRemoval, ...]:
    removals = removals_in(connection)
    if not removals:
        return ()
    query = select(AUDIT.c.number, AUDIT.c.hash).where(
        AUDIT.c.number.in_([each.patient for each in removals])
    )
    hashes = {row.number: row.hash for row in connection.execute(query)}
    return tuple(
        KnownRemoval(
            patient=each.patient, hash=hashes[each.patient], at_utc=utc_text(each.author.at.utc)
        )
        for each in removals
        if _HASH.fullmatch(hashes.get(each.patient, ""))
    )


def _still_there(connection: Connection, known: Sequence[KnownRemoval]) -> Iterable[StillThere]:
    by_patient = {(each.patient, each.hash): each for each in known}
    query = select(AUDIT.c.number, AUDIT.c.hash).where(
        AUDIT.c.number.in_([each.patient for each in known]), AUDIT.c.kind != REMOVED
    )
    for row in connection.execute(query).all():
        found = by_patient.get((row.number, row.hash))
        if found is not None:
            day = short(Moment(read_utc(found.at_utc), local_zone()).local.date())
            yield StillThere(record_number_of(connection, row.number), day)


def _known(tell: Tell) -> tuple[KnownRemoval, ...]:
    try:
        document = json.loads((state_folder() / _FILE).read_text(encoding="ascii"))
        return tuple(KnownRemoval(**each) for each in document["removals"])
    except FileNotFoundError:
        return ()
    except OSError as error:
        tell(f"The removals in {state_folder()} cannot be read ({error.strerror}). Check the file.")
    except (ValueError, KeyError, TypeError, RecursionError):
        tell(f"The removals in {state_folder()} are damaged and begun anew.")
    return ()


def _keep(known: Sequence[KnownRemoval], tell: Tell) -> None:
    document = {"format": _FORMAT, "removals": [asdict(each) for each in known]}
    try:
        keep_in_state_folder(_FILE, f"{json.dumps(document)}\n")
    except OSError as error:
        tell(f"The removals cannot be kept in {state_folder()} ({error.strerror}). Check it.")
