"""Stores that tests write into: prepared, filled, and filled as an older program would have."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Engine, inspect

from dosing import Sex
from dosing.gestational_age import GestationalAge
from monitoring.record.condition import Condition
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.level import Level
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.record.supply import Supply
from monitoring.store.connection import Place, engine_of, reading, writing
from monitoring.store.copying import Change, read_changes, write_changes
from monitoring.store.schema import prepare, upgrade
from monitoring.store.store import Store
from monitoring.store.tables import TABLES
from tests.builders import (
    AUTHOR,
    Ticking,
    a_dose_check,
    a_limit_set,
    a_patient,
    a_prescription,
    at,
    every_field_of_0003,
    every_field_of_0004,
    every_kind,
)

OF_0002 = tuple(each for each in every_kind() if not isinstance(each, Condition | Supply))
"""Every kind of entry of the first two schemas, which had the same kinds."""


def fill(
    store: Store, patients: int = 1, entries: Sequence[Entry] | None = None
) -> tuple[int, ...]:
    """Write patients with every kind of entry, an end and a void; return their numbers."""
    numbers = []
    written = every_kind() if entries is None else entries
    for index in range(patients):
        number = store.add_patient(a_patient(f"{index:05d}", f"Łukasz the {index}.")).number
        added = {type(entry): store.add(number, entry) for entry in written}
        dose = added[Prescription].number
        store.end(dose, StopRecord(of=dose, at=at("2026-11-06T08:00"), reason="new dose"))
        store.void(added[Level].number, "another patient's sample")
        numbers.append(number)
    return tuple(numbers)


def prepared(place: Place) -> Engine:
    """Return an engine whose schema is up to date."""
    engine = engine_of(place, create=True)
    prepare(engine, before_upgrade=lambda: None)
    return engine


def fill_0003(store: Store) -> int:
    """Write a patient with every column and table of schema 0003 filled; return the number."""
    who = a_patient("0003", congenital=False, severity="[/] =1+1 large", sex=Sex.UNKNOWN)
    number = store.add_patient(who).number
    for entry in every_field_of_0003():
        added = store.add(number, entry)
        if isinstance(entry, MissedDose):
            store.end(added.number, StopRecord(of=added.number, at=at("2026-11-19T08:00")))
    return number


def fill_0004(store: Store) -> int:
    """Write a patient with every column of schema 0004 filled; return the number."""
    number = store.add_patient(a_patient("0004", gestation=GestationalAge(219))).number
    for entry in every_field_of_0004():
        store.add(number, entry)
    return number


def fill_0010(store: Store) -> int:
    """Write a patient with a checked dose, and a set of the clinic's limits; return the number."""
    number = store.add_patient(a_patient("0010")).number
    dose = store.add(number, a_prescription()).number
    store.add(number, a_dose_check(of=dose))
    store.add_limits(a_limit_set(), store.last_change())
    return number


def filled_before(place: Place, changes: Iterable[Change], revision: str = "0001") -> None:
    """Write changes into a new place as the program of an earlier schema would have."""
    engine = engine_of(place, create=True)
    with writing(engine, "fill the records", has_trail=False) as connection:
        upgrade(connection, revision)
        tables = inspect(connection)
        kinds = TABLES.keys() & set(tables.get_table_names())
        known = {kind: {each["name"] for each in tables.get_columns(kind)} for kind in kinds}
        old = (
            replace(
                change, row={k: v for k, v in change.row.items() if k in known[change.link.kind]}
            )
            for change in changes
        )
        write_changes(connection, old)


def changes_of(engine: Engine) -> list[Change]:
    with reading(engine, "read the records") as connection:
        return list(read_changes(connection))


def store_of(engine: Engine, author: str = AUTHOR) -> Store:
    return Store(engine, author, Ticking())
