"""Stores that tests write into: prepared, filled, and filled as an older program would have."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Engine, inspect

from monitoring.record.entries import StopRecord
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.store.connection import Place, engine_of, reading, writing
from monitoring.store.copying import Change, read_changes, write_changes
from monitoring.store.schema import prepare, upgrade
from monitoring.store.store import Store
from monitoring.store.tables import TABLES
from tests.builders import AUTHOR, Ticking, a_patient, at, every_kind


def fill(store: Store, patients: int = 1) -> tuple[int, ...]:
    """Write patients with every kind of entry, an end and a void; return their numbers."""
    numbers = []
    for index in range(patients):
        number = store.add_patient(a_patient(f"{index:05d}", f"Łukasz the {index}.")).number
        added = {type(entry): store.add(number, entry) for entry in every_kind()}
        dose = added[Prescription].number
        store.end(dose, StopRecord(of=dose, at=at("2026-11-06T08:00"), reason="new dose"))
        store.void(added[Level].number, "another patient's sample")
        numbers.append(number)
    return tuple(numbers)


def prepared(place: Place) -> Engine:
    """Return an engine whose schema is up to date."""
    engine = engine_of(place)
    prepare(engine, before_upgrade=lambda: None)
    return engine


def filled_0001(place: Place, changes: Iterable[Change]) -> None:
    """Write changes into a new place as the first version of the program would have."""
    engine = engine_of(place)
    with writing(engine, "fill the records", lock_audit=False) as connection:
        upgrade(connection, "0001")
        tables = inspect(connection)
        known = {kind: {each["name"] for each in tables.get_columns(kind)} for kind in TABLES}
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
