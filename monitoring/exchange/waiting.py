"""The list of waiting results: those of patients who are not in the records.

They are kept in the records' own database, outside the audit trail, and are encrypted and backed up
with it. A result waits until its patient is known and a later import takes it, or until somebody
removes it with a reason; its row stays.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Engine, Select, func, insert, select

from dosing import Sex, clean
from dosing.birth_date import read_birth
from monitoring.exchange.incoming import (
    Identifier,
    Incoming,
    PatientIdentity,
    ResultStatus,
    SourceKind,
    SourcePlace,
)
from monitoring.record.entries import Author
from monitoring.record.entry import name_text
from monitoring.record.kinds import KINDS, NAMES
from monitoring.record.name_keys import words_of
from monitoring.store.connection import reading
from monitoring.store.errors import NotFoundError, RecordsError
from monitoring.store.rows import ROW_ERRORS, Row, entry_of, read_utc, row_of, utc_text
from monitoring.store.store import Store
from monitoring.store.tables import WAITING, WAITING_END
from monitoring.times import Moment

PersonKey = tuple[tuple[str, ...], str]
"""A person by the words of the name, and the day of birth."""
TAKEN, DROPPED = "taken", "dropped"
_BATCH = 500
_SAME = ("kind", "entry", "status", "ended_on", "ended_at")
"""The parts of a result that make it the same as another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingResult:
    """A result that waits: what was reported, from which file, and why it waits."""

    item: Incoming
    file: str
    kind: SourceKind
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWaiting(WaitingResult):
    """A waiting result in the list, with its number, its author and time."""

    number: int
    received: Author


def open_waiting(engine: Engine) -> Iterator[StoredWaiting]:
    """Yield the results that wait, in the order they came.

    Raises `RecordsError` for a row that cannot be read.
    """
    query = _still_waiting(WAITING).order_by(WAITING.c.number)
    with reading(engine, "read the waiting results") as connection:
        rows = connection.execute(query).mappings().all()
    for row in rows:
        try:
            yield _stored(row)
        except (*ROW_ERRORS, AttributeError, RecursionError):
            raise RecordsError(
                f"The waiting result {row['number']} cannot be read. Remove it with `sirolimus "
                f"import waiting --drop {row['number']} --reason …`."
            ) from None


def keep_waiting(
    results: Sequence[WaitingResult], taken: Sequence[int], connection: Connection, author: Author
) -> None:
    """Add results to the list, each once, and mark those that were taken, in a transaction."""
    at: dict[str, object] = {
        "at_utc": utc_text(author.at.utc),
        "at_zone": author.at.zone,
        "by": author.by,
    }
    last = connection.execute(select(func.max(WAITING.c.number))).scalar() or 0
    rows: dict[str, dict[str, object]] = {}
    for each in results:
        row = _row(each, author)
        rows.setdefault(str(row["fingerprint"]), row)
    prints = list(rows)
    for start in range(0, len(prints), _BATCH):
        some = prints[start : start + _BATCH]
        known = set(connection.execute(_listed(some)).scalars())
        new = [rows[each] for each in some if each not in known]
        for row in new:
            last += 1
            row["number"] = last
        if new:
            connection.execute(insert(WAITING), new)
    still = set(connection.execute(_still_waiting(WAITING.c.number)).scalars())
    ended: list[dict[str, object]] = [
        {"of": each, **at, "outcome": TAKEN, "reason": ""} for each in taken if each in still
    ]
    for start in range(0, len(ended), _BATCH):
        connection.execute(insert(WAITING_END), ended[start : start + _BATCH])


def drop_waiting(store: Store, number: int, reason: str) -> None:
    """Remove a result from the list with the reason; its row stays.

    Raises `NotFoundError` for a result that does not wait.
    """
    why = name_text(reason, "The reason")

    def drop(connection: Connection, author: Author) -> None:
        query = _still_waiting(WAITING.c.number).where(WAITING.c.number == number)
        if connection.execute(query).first() is None:
            raise NotFoundError(
                f"Waiting result {number} does not exist, or waits no longer. Check the list."
            )
        connection.execute(
            insert(WAITING_END),
            {
                "of": number,
                "at_utc": utc_text(author.at.utc),
                "at_zone": author.at.zone,
                "by": author.by,
                "outcome": DROPPED,
                "reason": why,
            },
        )

    if not 0 < number < 2**31:
        raise NotFoundError(f"Waiting result {number} does not exist. Check the list.")
    store.write_beside("remove the waiting result", drop)


def waiting_about(
    connection: Connection, record_numbers: Collection[str], persons: Collection[PersonKey]
) -> frozenset[int]:
    """Return the numbers of the results about somebody, those that wait no longer too.

    A person is known by a record number, or by a name's words and a day of birth.
    """
    found = set()
    for number, identity in connection.execute(select(WAITING.c.number, WAITING.c.identity)):
        try:
            known = json.loads(identity)
            numbers = {str(value) for value, _issuer in known["identifiers"]}
            person = (words_of(str(known["name"] or "")), str(known["born"]))
        except ROW_ERRORS:
            continue  # a damaged row: `verify` and the list of waiting results name it
        if numbers & set(record_numbers) or person in persons:
            found.add(int(number))
    return frozenset(found)


def _still_waiting(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(WAITING)
        .join(WAITING_END, WAITING_END.c.of == WAITING.c.number, isouter=True)
        .where(WAITING_END.c.of.is_(None))
    )


def _listed(prints: Sequence[str]) -> Select[Any]:
    """Return the query of the fingerprints that wait, or that somebody removed."""
    return (
        select(WAITING.c.fingerprint)
        .join(WAITING_END, WAITING_END.c.of == WAITING.c.number, isouter=True)
        .where(WAITING.c.fingerprint.in_(prints))
        .where(WAITING_END.c.outcome.is_(None) | (WAITING_END.c.outcome == DROPPED))
    )


# --- rows


def _row(result: WaitingResult, author: Author) -> dict[str, object]:
    item = result.item
    identity, entry = _identity_json(item.patient), _item_json(item)
    same = _text([identity["identifiers"], {name: entry[name] for name in _SAME}])
    return {
        "received_utc": utc_text(author.at.utc),
        "received_zone": author.at.zone,
        "by": author.by,
        "file": clean(result.file),
        "source_kind": result.kind.value,
        "place_number": item.place.number,
        "place": clean(item.place.words),
        "identity": _text(identity),
        "item": _text(entry),
        "fingerprint": hashlib.sha256(same.encode()).hexdigest(),
        "why": clean(result.why),
    }


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=True, sort_keys=True)


def _identity_json(patient: PatientIdentity) -> dict[str, object]:
    return {
        "identifiers": [[each.value, each.issuer] for each in patient.identifiers],
        "born": patient.born.isoformat() if patient.born else None,
        "name": patient.name,
        "sex": patient.sex.value if patient.sex else None,
        "may_lack_zeros": patient.may_lack_zeros,
    }


def _item_json(item: Incoming) -> dict[str, object]:
    """Return an item in lossless JSON: the entry is the row that the store would keep."""
    ended_at = item.ended_at
    return {
        "kind": NAMES[type(item.entry)],
        "entry": dict(row_of(item.entry)),
        "status": item.status.value,
        "ended_on": item.ended_on.isoformat() if item.ended_on else None,
        "ended_at": [utc_text(ended_at.utc), ended_at.zone] if ended_at else None,
        "end_reason": item.end_reason,
        "part": item.part,
        "remarks": list(item.remarks),
        "source": item.source,
    }


def _stored(row: Any) -> StoredWaiting:
    identity, item = json.loads(row["identity"]), json.loads(row["item"])
    born, sex, ended_on, ended_at = (
        identity["born"], identity["sex"], item["ended_on"], item["ended_at"],
    )  # fmt: skip
    patient = PatientIdentity(
        identifiers=tuple(Identifier(*each) for each in identity["identifiers"]),
        born=read_birth(born) if born else None,
        name=identity["name"],
        sex=Sex(sex) if sex else None,
        may_lack_zeros=identity["may_lack_zeros"],
    )
    return StoredWaiting(
        number=row["number"],
        received=Author(row["by"], Moment(read_utc(row["received_utc"]), row["received_zone"])),
        item=Incoming(
            place=SourcePlace(row["place_number"], row["place"]),
            patient=patient,
            entry=entry_of(KINDS[item["kind"]], cast("Row", item["entry"])),
            status=ResultStatus(item["status"]),
            ended_on=read_birth(ended_on) if ended_on else None,
            ended_at=Moment(read_utc(ended_at[0]), ended_at[1]) if ended_at else None,
            end_reason=item["end_reason"],
            part=item["part"],
            remarks=tuple(item["remarks"]),
            source=item["source"],
        ),
        file=row["file"],
        kind=SourceKind(row["source_kind"]),
        why=row["why"],
    )
