"""The removal of a patient, with the export of the whole record before it.

One person is what one record number names now: the record, voided records of that number, and the
records that were merged into them. The export is records of their own, which `import` restores.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from dosing import UserError, clean
from monitoring.exchange.export import export, preview_export
from monitoring.exchange.merging import says_merged_into
from monitoring.exchange.waiting import PersonKey, waiting_about
from monitoring.record.entry import name_text
from monitoring.record.kinds import KINDS
from monitoring.record.name_keys import words_of
from monitoring.record.patient import Patient
from monitoring.store.audit_log import append_link, hash_of
from monitoring.store.connection import engine_in_memory, reading, writing
from monitoring.store.copying import Change, read_changes
from monitoring.store.errors import ConflictError, NotFoundError, RecordsError
from monitoring.store.queries import patients_called, record_number_of
from monitoring.store.removing import RemovalOrder, refuse_other_logins, remove_patients
from monitoring.store.rows import entry_of, fields_of, whole_text
from monitoring.store.schema import prepare
from monitoring.store.tables import TABLES
from monitoring.store.trail_end import START, last_link
from monitoring.store.verify import Verification

if TYPE_CHECKING:
    from monitoring.store.opening import Records
    from monitoring.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalPlan:
    """The records that a removal would erase; nothing is changed yet."""

    record_number: str
    patients: tuple[Patient, ...]
    """The patient as last changed, and as each voided or merged record has it."""
    numbers: tuple[int, ...]
    """Their numbers in the store."""
    record_numbers: tuple[str, ...]
    """Every record number that they ever had."""
    persons: tuple[PersonKey, ...]
    """Their names by their words, each with the day of birth."""
    changes: int
    waiting: int
    """The results waiting for the patient or imported since: they are erased too."""
    named_elsewhere: tuple[str, ...]
    """The entries of other patients that name this one in a text: they stay as they are."""
    revision: int
    """The last change of all records that was read."""


def plan_removal(store: "Store", record_number: str) -> RemovalPlan:
    """Return what the removal of a patient would erase.

    Raises `NotFoundError` for an unknown record number, and `RecordsError` for one that was merged
    into another, and on a server for a login without the role owner.
    """
    refuse_other_logins(store)
    number = clean(record_number)
    with reading(store.engine, "read the record") as connection:
        numbers = _records_of(connection, number)
        changes = tuple(c for c in read_changes(connection) if c.link.patient in numbers)
        rows = [entry_of(Patient, each.row) for each in changes if each.link.kind == "patient"]
        patients = [each for each in rows if isinstance(each, Patient)]
        record_numbers = tuple(dict.fromkeys(each.record_number for each in patients))
        persons = tuple({(words_of(each.name), str(each.born)) for each in patients})
        return RemovalPlan(
            record_number=number,
            patients=tuple({each.record_number: each for each in patients}.values()),
            numbers=numbers,
            record_numbers=record_numbers,
            persons=persons,
            changes=len(changes),
            waiting=len(waiting_about(connection, record_numbers, persons)),
            named_elsewhere=tuple(_named_elsewhere(connection, numbers, patients)),
            revision=last_link(connection)[0],
        )


def export_patient(store: "Store", plan: RemovalPlan, folder: Path) -> int:
    """Write the whole record into a new folder, read it back, and return the number of changes.

    It has numbers and a chain of its own. Raises `UserError` for a folder that is not empty,
    `ConflictError` for a record that was changed since the plan, and `RecordsError` for an export
    that is read back as another.
    """
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        with (
            reading(store.engine, "read the record") as connection,
            writing(engine, "copy the record") as copy,
        ):
            if last_link(connection)[0] != plan.revision:
                raise ConflictError(
                    "Somebody changed the records meanwhile. Nothing was removed. Please try again."
                )
            changes = (c for c in read_changes(connection) if c.link.patient in plan.numbers)
            for change in _renumbered(changes):
                append_link(copy, change.link, change.hash, change.row)
            head = last_link(copy)[1]
        written = export(engine, folder)
    found = preview_export(None, folder).verification
    if (found.head, found.changes) != (head, plan.changes):
        raise RecordsError("The export differs from the record. Nothing was removed. Try again.")
    return written


def checked_reason(reason: str, plan: RemovalPlan) -> str:
    """Return the reason cleaned; it stays in the records.

    Raises `UserError` without a reason, and for one that names the patient.
    """
    why = name_text(reason, "The reason")
    if _names(why, plan.patients):
        raise UserError("The reason names the patient, and it stays. Write it without the name.")
    return why


def remove_patient(records: "Records", plan: RemovalPlan, reason: str) -> Verification:
    """Remove a patient who was exported, and return the verification of the records.

    Raises the errors of `checked_reason` and of `remove_patients`.
    """
    why = checked_reason(reason, plan)
    order = RemovalOrder(
        patients=plan.numbers,
        record_numbers=plan.record_numbers,
        reason=why,
        revision=plan.revision,
    )
    return remove_patients(
        records.store,
        records.place,
        order,
        lambda connection: waiting_about(connection, plan.record_numbers, plan.persons),
    )


def _records_of(connection: Connection, record_number: str) -> tuple[int, ...]:
    """Return the patients of a record number, and those merged into them, by their numbers."""
    found = patients_called(connection, record_number)
    if not found:
        raise NotFoundError(f"No patient has the record number {record_number}. Check the number.")
    void = TABLES["void"]
    query = select(void.c.patient, void.c.reason).where(void.c.of == void.c.patient)
    voided = {row.patient: row.reason for row in connection.execute(query)}
    if all(each in voided for each in found):
        _refuse_merged(connection, record_number, voided[found[-1]])
    numbers, added = list(found), list(found)
    while added:
        names = _numbers_ever(connection, added)
        added = [
            patient
            for patient, reason in voided.items()
            if patient not in numbers and any(says_merged_into(reason, each) for each in names)
        ]
        numbers += added
    return tuple(sorted(numbers))


def _refuse_merged(connection: Connection, record_number: str, reason: str) -> None:
    """Raise `RecordsError` for a record that goes on under another number."""
    patient = TABLES["patient"]
    query = select(patient.c.patient, patient.c.record_number).distinct()
    for number, then in connection.execute(query):
        if says_merged_into(reason, then):
            other = record_number_of(connection, number)
            raise RecordsError(
                f"Patient {record_number} was merged into {other}. Remove {other}: both are erased."
            )


def _numbers_ever(connection: Connection, patients: Sequence[int]) -> list[str]:
    patient = TABLES["patient"]
    query = select(patient.c.record_number).where(patient.c.patient.in_(patients)).distinct()
    return list(connection.execute(query).scalars())


def _named_elsewhere(
    connection: Connection, numbers: Sequence[int], patients: Sequence[Patient]
) -> Iterator[str]:
    """Yield the entries of others with a text that holds the name or a record number."""
    for kind, of in KINDS.items():
        names = [field.column for field in fields_of(of) if _is_free_text(field.codec.read)]
        if not names:
            continue
        table = TABLES[kind]
        query = select(table.c.entry, *(table.c[name] for name in names)).where(
            table.c.patient.not_in(numbers)
        )
        for entry, *texts in connection.execute(query.order_by(table.c.entry)):
            if any(_names(text, patients) for text in texts if text):
                yield f"{kind.replace('_', ' ')} {entry}"


def _is_free_text(read: object) -> bool:
    return read is whole_text


def _names(text: str, patients: Sequence[Patient]) -> bool:
    """Return whether a text holds a name or a record number, as a word of its own."""
    return any(
        re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text, re.IGNORECASE)
        for patient in patients
        for each in (patient.name, patient.record_number)
    )


def _renumbered(changes: Iterator[Change]) -> Iterator[Change]:
    """Yield changes as those of records of their own: numbered anew, with a chain of their own."""
    end, becomes = START, dict[int, int]()
    for number, change in enumerate(changes, start=1):
        becomes[change.link.number] = number
        row = dict(change.row)
        if "of" in row:
            row["of"] = becomes[int(row["of"] or 0)]
        link = replace(change.link, number=number, patient=becomes[change.link.patient])
        end = hash_of(end, link, row)
        yield Change(link, end, row)
