"""The store against a plain dictionary: whatever is done, both tell the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from dosing import UserError
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.prescription import Prescription
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import ConflictError, NotFoundError, RecordsError
from monitoring.store.tables import TABLES
from monitoring.store.verify import verify
from tests.builders import a_patient, at, every_kind
from tests.campaign import sizes
from tests.stores import store_of

RECORD_NUMBERS = ("1", "01", "1E5", "É 1")
TEXTS = st.text(max_size=10).map(lambda text: f"{text}a")


@dataclass
class Kept:
    """What the dictionary knows of one entry."""

    patient: int
    entry: Entry
    void: str | None = None
    ended: bool = False


@dataclass
class Model:
    """The records as a dictionary of entries by number, and how many changes there were."""

    entries: dict[int, Kept] = field(default_factory=dict)
    changes: int = 0
    last: dict[int, int] = field(default_factory=dict)

    def add(self, patient: int | None, entry: Entry) -> int:
        number = self.change(patient)
        self.entries[number] = Kept(number if patient is None else patient, entry)
        return number

    def change(self, patient: int | None) -> int:
        self.changes += 1
        self.last[self.changes if patient is None else patient] = self.changes
        return self.changes

    def newest(self, patient: int) -> Any:
        rows = [
            kept
            for kept in self.entries.values()
            if kept.patient == patient and hasattr(kept.entry, "record_number")
        ]
        return next((kept for kept in reversed(rows) if kept.void is None), rows[0]).entry

    def taken(self, record_number: str, own: int | None = None) -> bool:
        return any(
            self.newest(patient).record_number == record_number
            for patient in self.last
            if patient != own and self.entries[patient].void is None
        )


def emptied(engine: Engine) -> Engine:
    """Return the engine with nothing in its records, which only the owner of the server can do."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in ("audit", *TABLES):
                connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - our own names
    return engine


def machine(new_place: Callable[[], Place]) -> type[RuleBasedStateMachine]:  # noqa: C901 - one rule a method
    """Return the machine; each example has empty records."""
    first = engine_of(new_place())

    class Machine(RuleBasedStateMachine):
        patients: Bundle[int] = Bundle("patients")
        entries: Bundle[int] = Bundle("entries")
        changes: Bundle[int] = Bundle("changes")

        def __init__(self) -> None:
            super().__init__()
            on_server = first.dialect.name == "postgresql"
            self.store = store_of(emptied(first if on_server else engine_of(new_place())))
            self.model = Model()

        @rule(target=patients, number=st.sampled_from(RECORD_NUMBERS), name=TEXTS)
        def add_patient(self, number: str, name: str) -> Any:
            patient = a_patient(number, name)
            if self.model.taken(number):
                with pytest.raises(RecordsError, match="belongs to another patient"):
                    self.store.add_patient(patient)
                return multiple()
            added = self.store.add_patient(patient).number
            assert added == self.model.add(None, patient)
            return added

        @rule(
            target=changes, patient=patients, behind=st.integers(0, 1),
            number=st.sampled_from(RECORD_NUMBERS), name=TEXTS,
        )  # fmt: skip
        def change_patient(self, patient: int, behind: int, number: str, name: str) -> Any:
            changed = a_patient(number, name)
            revision = self.model.last[patient] - behind
            if self.model.entries[patient].void is not None:
                with pytest.raises(RecordsError, match="voided"):
                    self.store.change_patient(patient, changed, revision)
            elif behind:
                with pytest.raises(ConflictError):
                    self.store.change_patient(patient, changed, revision)
            elif self.model.taken(number, own=patient):
                with pytest.raises(RecordsError, match="belongs to another patient"):
                    self.store.change_patient(patient, changed, revision)
            else:
                added = self.store.change_patient(patient, changed, revision).number
                assert added == self.model.add(patient, changed)
                return added
            return multiple()

        @rule(number=changes)
        def void_change(self, number: int) -> None:
            kept = self.model.entries[number]
            if kept.void is not None:
                with pytest.raises(RecordsError, match="voided"):
                    self.store.void(number, "wrong")
                return
            kept.void = "wrong"
            is_active = self.model.entries[kept.patient].void is None
            back_to = self.model.newest(kept.patient).record_number
            if is_active and self.model.taken(back_to, own=kept.patient):
                kept.void = None
                with pytest.raises(RecordsError, match="belongs to another patient"):
                    self.store.void(number, "wrong")
            else:
                self.store.void(number, "wrong")
                self.model.change(kept.patient)

        @rule(target=entries, patient=patients, entry=st.sampled_from(every_kind()))
        def add(self, patient: int, entry: Entry) -> Any:
            if self.model.entries[patient].void is not None:
                with pytest.raises(RecordsError, match="voided"):
                    self.store.add(patient, entry)
                return multiple()
            added = self.store.add(patient, entry).number
            assert added == self.model.add(patient, entry)
            return added

        @rule(number=entries)
        def end(self, number: int) -> None:
            kept = self.model.entries[number]
            ending = StopRecord(of=number, on=date(2026, 11, 5))
            if isinstance(kept.entry, Prescription):
                ending = StopRecord(of=number, at=at("2026-11-05T08:00"))
            if kept.void is not None or kept.ended:
                with pytest.raises(RecordsError, match=r"voided|ended"):
                    self.store.end(number, ending)
            elif not isinstance(kept.entry, Prescription | AdverseEvent | CoMedication | Condition):
                with pytest.raises(UserError, match=r"cannot be ended|is a time, not a day"):
                    self.store.end(number, ending)
            else:
                self.store.end(number, ending)
                self.model.change(kept.patient)
                kept.ended = True

        @rule(number=entries, reason=TEXTS)
        def void(self, number: int, reason: str) -> None:
            kept = self.model.entries[number]
            if kept.void is not None:
                with pytest.raises(RecordsError, match="voided"):
                    self.store.void(number, reason)
            else:
                kept.void = self.store.void(number, reason).entry.reason
                self.model.change(kept.patient)

        @rule(number=consumes(patients))
        def void_patient(self, number: int) -> None:
            if self.model.entries[number].void is None:
                self.model.entries[number].void = self.store.void(number, "twice").entry.reason
                self.model.change(number)

        @rule(number=st.sampled_from(RECORD_NUMBERS))
        def find(self, number: str) -> None:
            if self.model.taken(number):
                assert self.store.find(number).patient.entry.record_number == number
            else:
                with pytest.raises(NotFoundError):
                    self.store.find(number)

        @invariant()
        def what_was_touched_is_the_same(self) -> None:
            if self.model.changes:
                self.compare(
                    next(p for p, last in self.model.last.items() if last == self.model.changes)
                )

        def compare(self, patient: int) -> None:
            record = self.store.read(patient)
            assert record.revision == self.model.last[patient]
            assert record.patient.entry == self.model.newest(patient)
            read = {
                each.number: Kept(
                    patient,
                    each.entry,
                    each.void.entry.reason if each.void else None,
                    each.ending is not None,
                )
                for each in record.entries
            }
            kept = self.model.entries.items()
            assert read == {number: each for number, each in kept if each.patient == patient}

        def teardown(self) -> None:
            for patient in self.model.last:
                self.compare(patient)
            standing = {each for each in self.model.last if self.model.entries[each].void is None}
            assert {each.patient for each in self.store.patients()} == standing
            found = verify(self.store.engine)
            assert (found.is_whole, found.changes) == (True, self.model.changes)

    return Machine


@pytest.mark.parametrize("new_place", ["sqlite", "postgresql"], indirect=True)
@sizes(6, 25)
def test_the_store_and_a_dictionary_tell_the_same(
    new_place: Callable[[], Place], size: int
) -> None:
    run_state_machine_as_test(
        machine(new_place),
        settings=settings(
            max_examples=size,
            stateful_step_count=20,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
