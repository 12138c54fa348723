"""Entries of the records that may be the same as those of an import, by patient and identity."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Connection, RowMapping, Select, select

from monitoring.exchange.entry_identity import (
    EntrySubject,
    MeasuredValue,
    Value,
    about,
    parts_of,
    reported,
    subject_of_test,
    value,
)
from monitoring.record.kinds import KINDS, kind_called
from monitoring.store.errors import RecordsError
from monitoring.store.rows import ROW_ERRORS, Row, entry_of, fields_of, read_utc, utc_text
from monitoring.store.tables import TABLES

NEAR = timedelta(hours=24)
"""The time within which a corrected result may be of another one whose time was corrected."""
_MOST_NAMED = 500  # patients named in a query; of more, all are read
_MEASURED = {"level": "sampled_utc", "laboratory_value": "at_utc"}

Key = tuple[int, EntrySubject]
"""A patient's number, and what an entry is about."""


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the records."""

    number: int
    value: Value
    is_active: bool
    words: str = ""
    """Its value in words, unless it is a measured one."""
    ended: Any = None
    """Its end: a time in UTC, a day, or None."""

    @property
    def shown(self) -> str:
        """Its value in words."""
        return self.words or str(self.value)


class KnownEntries:
    """The entries of some kinds in the records, around the times of an import."""

    def __init__(self, connection: Connection, wanted: Iterable[Key]) -> None:
        """Read the entries of the kinds and times that are wanted."""
        self._by_key: dict[Key, list[Known]] = {}
        spans: dict[str, tuple[datetime, datetime]] = {}
        patients: set[int] = set()
        for patient, each in wanted:
            first, last = spans.get(each.kind, (each.when, each.when))
            spans[each.kind] = (min(first, each.when), max(last, each.when))
            patients.add(patient)
        named = sorted(patients) if len(patients) <= _MOST_NAMED else None
        for kind, (first, last) in spans.items():
            for key, known in _read(connection, kind, first - NEAR, last + NEAR, named):
                self._by_key.setdefault(key, []).append(known)
        self._near: dict[tuple[int, tuple[str, str]], list[tuple[datetime, Known]]] | None = None

    def of(self, key: Key) -> Sequence[Known]:
        """Return the entries of one identity, voided ones too."""
        return self._by_key.get(key, ())

    def near(self, key: Key) -> list[tuple[datetime, Known]]:
        """Return the active entries about the same within a day, with their times."""
        if self._near is None:
            self._near = {}
            for (patient, each), known in self._by_key.items():
                found = ((each.when, one) for one in known if one.is_active)
                self._near.setdefault((patient, each.of_any_time), []).extend(found)
        patient, wanted = key
        return [
            (when, known)
            for when, known in self._near.get((patient, wanted.of_any_time), ())
            if abs(when - wanted.when) <= NEAR
        ]


def _read(
    connection: Connection, kind: str, first: datetime, last: datetime, named: list[int] | None
) -> Iterator[tuple[Key, Known]]:
    query = _query(kind, first, last)
    if named is not None:
        query = query.where(TABLES[kind].c.patient.in_(named))
    read = _measured if kind in _MEASURED else _of_any_kind
    for row in connection.execute(query).mappings():
        try:
            yield from read(kind, row)
        except ROW_ERRORS:
            raise RecordsError(
                f"The {kind_called(kind).what} {row['entry']} cannot be read. Run `sirolimus "
                "verify`."
            ) from None


def _query(kind: str, first: datetime, last: datetime) -> Select[Any]:
    table, void, ending = TABLES[kind], TABLES["void"], TABLES["ending"]
    begins = next(each for each in fields_of(KINDS[kind]) if each.name == kind_called(kind).begins)
    is_day = len(begins.columns) == 1
    bounds = (
        (first.date().isoformat(), last.date().isoformat())
        if is_day
        else (utc_text(first), utc_text(last))
    )
    return (
        select(
            table,
            void.c.entry.label("voided_by"),
            ending.c.at_utc.label("ended_utc"),
            ending.c.on.label("ended_on"),
        )
        .join(void, void.c.of == table.c.entry, isouter=True)
        .join(ending, ending.c.of == table.c.entry, isouter=True)
        .where(table.c[begins.columns[0]].between(*bounds))
    )


def _measured(kind: str, row: RowMapping) -> Iterator[tuple[Key, Known]]:
    """Yield a level or a laboratory value by its columns, without making the entry."""
    subject = subject_of_test(row["test"]) if kind == "laboratory_value" else ""
    which = EntrySubject(kind, subject, read_utc(row[_MEASURED[kind]]))
    known = MeasuredValue(row["comparator"], Decimal(row["value_number"]), row["value_unit"])
    yield (row["patient"], which), Known(row["entry"], known, row["voided_by"] is None)


def _of_any_kind(kind: str, row: RowMapping) -> Iterator[tuple[Key, Known]]:
    entry = entry_of(KINDS[kind], cast("Row", row))
    ended: datetime | date | None = None
    if row["ended_utc"] is not None:
        ended = read_utc(row["ended_utc"])
    elif row["ended_on"] is not None:
        ended = date.fromisoformat(row["ended_on"])
    for part in parts_of(entry):
        known = Known(
            row["entry"],
            value(part, ended if isinstance(ended, datetime) else None),
            row["voided_by"] is None,
            reported(part),
            ended,
        )
        yield (row["patient"], about(part)), known
