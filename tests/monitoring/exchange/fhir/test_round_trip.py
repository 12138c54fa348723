"""Records written as FHIR and imported into empty records: the same entries, times and digits."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from monitoring.exchange.fhir.reading import read_fhir
from monitoring.exchange.fhir.writing import write_fhir
from monitoring.exchange.import_plan import ImportChoices, Plan
from monitoring.exchange.importing import import_results, plan_import
from monitoring.exchange.incoming import ReadingChoices, SourceKind
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.entries import Record, StopRecord
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level, LevelCause, LevelCauseAnswer
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.store.connection import engine_in_memory
from monitoring.store.opening import open_records
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.campaign import sizes
from tests.monitoring.exchange.fhir.writing.random_clinic import NOW, add_random_patient
from tests.stores import store_of

CARRIED: tuple[type[Entry], ...] = (
    Level, LaboratoryValue, Measurement, Prescription, MissedDose, AdverseEvent, CoMedication,
    Condition,
)  # fmt: skip
ELSEWHERE = ReadingChoices(time_zone="Asia/Tokyo")
"""A zone that no entry has: what is read must not depend on it."""

End = tuple[object, ...]


@contextmanager
def store_in_memory() -> Iterator[Store]:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        yield store_of(engine)


def end_of(ending: StopRecord | None) -> End:
    return (ending.on, ending.at, ending.reason) if ending else ()


def carried(record: Record) -> Counter[tuple[Entry, End]]:
    """Return the active entries that a Bundle carries, with their ends.

    A level of another patient, as its cause says, is withdrawn.
    """
    of_others = {
        each.entry.of
        for each in record.active(LevelCauseAnswer)
        if each.entry.cause is LevelCause.WRONG_PATIENT
    }
    return Counter(
        (each.entry, end_of(each.ending.entry if each.ending else None))
        for kind in CARRIED
        for each in record.active(kind)
        if each.number not in of_others
    )


def by_number(store: Store) -> dict[str, Record]:
    return {each.patient.entry.record_number: each for each in store.records()}


def imported(file: Path, into: Path) -> tuple[Plan, dict[str, Record]]:
    """Import a file into records that are empty but for earlier imports of the test."""
    records = open_records(str(into), create=True)
    plan = plan_import(
        records.store,
        read_fhir(file.read_bytes(), ELSEWHERE),
        SourceKind.FHIR,
        NOW,
        choices=ImportChoices(new_patients=True, take_doses=True),
    )
    import_results(records, plan, backs_up=False)
    return plan, by_number(records.store)


@sizes(few=8, usual=50, full=5_000)
def test_exported_and_imported_records_are_the_same(size: int, tmp_path: Path) -> None:
    of_file = 50
    for first in range(0, size, of_file):
        with store_in_memory() as store:
            for seed in range(first, min(first + of_file, size)):
                add_random_patient(store, seed)
            file, into = tmp_path / f"{first}.json", tmp_path / f"{first}.sqlite"
            write_fhir(store, None, file, NOW)
            before = by_number(store)
        plan, after = imported(file, into)
        assert [str(each) for each in plan.refused] == []
        assert after.keys() == before.keys()
        for number, record in before.items():
            assert carried(_without_assumed(after[number], record)) == carried(record), number
            assert _patient(after[number]) == _patient(record)


def _without_assumed(after: Record, before: Record) -> Record:
    """Return the record without the last doses that the import took from the schedule.

    It does so for a level of which no last dose is known, as for one that is typed.
    """
    unknown = {each.entry.sampled for each in before.of(Level) if each.entry.last_dose is None}
    entries = tuple(
        replace(each, entry=replace(each.entry, last_dose=None, last_dose_assumed=None))
        if isinstance(each.entry, Level) and each.entry.sampled in unknown
        else each
        for each in after.entries
    )
    return replace(after, entries=entries)


def _patient(record: Record) -> Patient:
    return record.patient.entry


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    with store_in_memory() as store:
        add_random_patient(store, 1)
        write_fhir(store, None, tmp_path / "out.json", NOW)
    imported(tmp_path / "out.json", tmp_path / "in.sqlite")
    again, _ = imported(tmp_path / "out.json", tmp_path / "in.sqlite")
    assert not again.changes_records


def test_a_voided_entry_is_withdrawn_by_the_next_export(tmp_path: Path) -> None:
    with store_in_memory() as store:
        number = add_random_patient(store, 2, voids=0)
        write_fhir(store, None, tmp_path / "first.json", NOW)
        _, before = imported(tmp_path / "first.json", tmp_path / "in.sqlite")
        level = store.read(number).active(Level)[0]
        store.void(level.number, "another patient's sample")
        write_fhir(store, None, tmp_path / "second.json", NOW)
        _, after = imported(tmp_path / "second.json", tmp_path / "in.sqlite")
    (was,), (now,) = before.values(), after.values()
    assert level.entry in [each.entry for each in was.active(Level)]
    assert level.entry not in [each.entry for each in now.active(Level)]
