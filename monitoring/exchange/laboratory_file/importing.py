"""The plan of an import: the rows of a file that are new, known, in conflict or refused.

Patient, test and time of the sample identify a value. The same value again is known, even if it was
voided; another value is a conflict, which a person must resolve.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Connection, select

from dosing.birth_date import may_be_same_birth
from dosing.knowledge.limits import FUTURE_TOLERANCE_MINUTES
from dosing.quantities.text import quoted
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.exchange.laboratory_file.cells import SourceSheet
from monitoring.exchange.laboratory_file.layout import content_of, sheet_in
from monitoring.exchange.laboratory_file.mapping import LEVEL, Mapping
from monitoring.exchange.laboratory_file.row_parsing import (
    Refusal,
    RowReader,
    RowResult,
    Skipped,
    reported,
    sampled,
)
from monitoring.record.entries import StoredEntry
from monitoring.record.entry_checks import with_last_dose
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.patient import Patient
from monitoring.store.backup import automatic_backup
from monitoring.store.connection import reading
from monitoring.store.opening import Records
from monitoring.store.rows import read_utc, utc_text
from monitoring.store.store import Store
from monitoring.store.tables import TABLES
from monitoring.store.verify import Progress
from monitoring.times import Moment, short

_Key = tuple[int, datetime, str]
"""A patient's number, the time of the sample in UTC, and the test."""


_Value = tuple[str | None, Decimal, str]
"""The comparator, the number and the unit."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A new entry of a row, with its patient."""

    row: int
    patient: StoredEntry[Patient]
    entry: Level | LaboratoryValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The effect of an import on the records at a revision."""

    rows: int
    additions: tuple[Addition, ...]
    refused: tuple[Refusal, ...]
    """By row."""
    already_there: int
    """The number of rows that the records, or an earlier row, already contain."""
    voided_there: int
    """The number of those that are voided in the records."""
    skipped: Map[Skipped, int]
    revision: int
    """The last change of the records that was read."""


def plan_import(  # noqa: PLR0913 - a file, the records, and the choices of an import
    store: Store,
    file: Path,
    mapping: Mapping,
    now: Moment,
    progress: Progress = lambda _done, _all: None,
    *,
    clinic: ClinicChoices = USUAL_CHOICES,
) -> Plan:
    """Parse a laboratory's file and compare every row with the records; nothing is stored.

    New laboratory values are graded by the clinic's choice.

    Raises `UserError` for an unreadable file, `RecordsError` for unreadable records.
    """
    sheet = sheet_in(content_of(file), mapping.layout)
    reader = RowReader(mapping, sheet)
    found, refused, skipped = _read_rows(reader, sheet, progress)
    rows = len(found) + len(refused) + skipped.total()
    revision = store.last_change()  # first: a change while the rest is read is a later one
    patients = _Patients(store.patients())
    with reading(store.engine, "read the records") as connection:
        known = _known_values(connection, [sampled(each.entry) for each in found])
    owned: list[tuple[RowResult, StoredEntry[Patient]]] = []
    for each in found:
        owner = _owner(each, patients, reader, now)
        if isinstance(owner, Refusal):
            refused.append(owner)
        else:
            owned.append((each, owner))
    sorting = _Sorting(known, reader)
    sorting.sort(owned)
    return Plan(
        rows=rows,
        additions=tuple(
            replace(each, entry=clinic.graded(each.entry))
            for each in _with_last_doses(store, sorting.additions)
        ),
        refused=tuple(sorted(refused + sorting.refused, key=lambda refusal: refusal.row)),
        already_there=sorting.already_there,
        voided_there=sorting.voided_there,
        skipped=MappingProxyType(skipped),
        revision=revision,
    )


_BATCH_PATIENTS = 500


def _with_last_doses(store: Store, additions: Sequence[Addition]) -> Iterator[Addition]:
    """Yield the additions; levels without a last dose have the schedule's, as typed ones do."""
    needed = sorted({each.patient.patient for each in additions if _lacks_last_dose(each.entry)})
    completed: dict[int, Level] = {}
    for start in range(0, len(needed), _BATCH_PATIENTS):
        some = {each.number: each for each in store.read_some(needed[start:][:_BATCH_PATIENTS])}
        for each in additions:
            record, entry = some.get(each.patient.patient), each.entry
            if record is not None and isinstance(entry, Level):
                completed[each.row] = with_last_dose(record, entry)
    for each in additions:
        yield replace(each, entry=completed.get(each.row, each.entry))


def _lacks_last_dose(entry: Level | LaboratoryValue) -> bool:
    return isinstance(entry, Level) and entry.last_dose is None


def import_results(
    records: Records, plan: Plan, progress: Progress = lambda _done, _all: None
) -> Path | None:
    """Store the additions of a plan in one transaction, and return the backup made before.

    Raises `ConflictError` if the records were changed after the plan was made.
    """
    if not plan.additions:
        return None
    kept = automatic_backup(records.store.engine, records.place, "before-import")
    additions = [(each.patient.patient, each.entry) for each in plan.additions]
    records.store.add_all(additions, plan.revision, progress)
    return kept


def _read_rows(
    reader: RowReader, sheet: SourceSheet, progress: Progress
) -> tuple[list[RowResult], list[Refusal], Counter[Skipped]]:
    found: list[RowResult] = []
    refused: list[Refusal] = []
    skipped: Counter[Skipped] = Counter()
    for count, row in enumerate(sheet.rows, start=1):
        read = reader.read(row)
        if isinstance(read, RowResult):
            found.append(read)
        elif isinstance(read, Refusal):
            refused.append(read)
        else:
            skipped[read] += 1
        progress(count, max(sheet.expected_rows, count))
    return found, refused, skipped


class _Patients:
    """The patients by their record numbers."""

    def __init__(self, patients: Iterable[StoredEntry[Patient]]) -> None:
        self._by_number = {each.entry.record_number: each for each in patients}
        self._without_zeros = Counter(number.lstrip("0") for number in self._by_number)

    def get(self, record_number: str) -> StoredEntry[Patient] | None:
        return self._by_number.get(record_number)

    def differ_by_zeros(self, record_number: str) -> bool:
        """Return whether another record number differs from this one only by leading zeros."""
        return self._without_zeros[record_number.lstrip("0")] > 1


def _owner(
    found: RowResult, patients: _Patients, reader: RowReader, now: Moment
) -> StoredEntry[Patient] | Refusal:
    """Return the patient of a row, or its refusal."""

    def refusal(column: str, reason: str) -> Refusal:
        return Refusal(found.row, reader.column(column), reason)

    number = quoted(found.record_number)
    patient = patients.get(found.record_number)
    time = "sample_time" if reader.column("sample_time") else "sample_day"
    if patient is None:
        return refusal(
            "record_number", f"no patient has the record number {number}. Add the patient first."
        )
    if found.was_number and patients.differ_by_zeros(found.record_number):
        return refusal(
            "record_number",
            f"Excel stored {number} as a number, and another record number differs by leading "
            "zeros. Format the column as text.",
        )
    born = patient.entry.born
    if found.born is not None and not may_be_same_birth(found.born, born):
        return refusal(
            "born",
            f"the patient {number} was born on {short(born)}, not on {short(found.born)}. Check "
            "the record number.",
        )
    at = sampled(found.entry)
    if at.hours_since(now) * 60 > FUTURE_TOLERANCE_MINUTES:
        return refusal(time, f"{short(at)} is in the future. Check the time.")
    if at.local.date() < born:
        return refusal(time, f"{short(at)} is before the patient's birth. Check the time.")
    return patient


class _Sorting:
    """Sorting of rows into new, known and conflicting ones."""

    def __init__(self, known: dict[_Key, dict[_Value, bool]], reader: RowReader) -> None:
        self._known = known
        self._reader = reader
        self.additions: list[Addition] = []
        self.refused: list[Refusal] = []
        self.already_there = 0
        self.voided_there = 0

    def sort(self, owned: Iterable[tuple[RowResult, StoredEntry[Patient]]]) -> None:
        """Sort the rows of one file, with their patients."""
        by_key: dict[_Key, list[tuple[RowResult, StoredEntry[Patient]]]] = {}
        for found, patient in owned:
            key = (patient.patient, sampled(found.entry).utc, found.test.casefold())
            by_key.setdefault(key, []).append((found, patient))
        for key, rows in by_key.items():
            self._sort_alike(self._known.get(key, {}), rows)
        self.additions.sort(key=lambda each: each.row)

    def _sort_alike(
        self, known: dict[_Value, bool], rows: list[tuple[RowResult, StoredEntry[Patient]]]
    ) -> None:
        """Sort rows of the same patient, test and time."""
        new = [each for each in rows if _value(each[0].entry) not in known]
        self.already_there += len(rows) - len(new)
        self.voided_there += sum(known.get(_value(each.entry)) is False for each, _ in rows)
        if not new:
            return
        active = next((value for value, is_active in known.items() if is_active), None)
        if active is not None:
            known_value = f"{active[0] or ''}{active[1]:f} {active[2]}"
            self._refuse(new, f"the records have {known_value} for this patient, test and time")
        elif len({_value(each.entry) for each, _ in new}) > 1:
            numbers = ", ".join(str(each.row) for each, _ in new)
            self._refuse(new, f"rows {numbers} have several values for one patient, test and time")
        else:
            (first, patient), *again = new
            self.additions.append(Addition(first.row, patient, first.entry))
            self.already_there += len(again)

    def _refuse(self, rows: list[tuple[RowResult, StoredEntry[Patient]]], reason: str) -> None:
        column = self._reader.column("value")
        for found, _patient in rows:
            conflict = f"{reported(found.entry)}, but {reason}. Check which is right."
            self.refused.append(Refusal(found.row, column, conflict))


def _value(entry: Level | LaboratoryValue) -> _Value:
    comparator = entry.comparator.value if entry.comparator else None
    return comparator, entry.value.number, entry.value.unit


def _known_values(connection: Connection, times: list[Moment]) -> dict[_Key, dict[_Value, bool]]:
    """Return the values in the records between the first and last time; True for active ones."""
    known: dict[_Key, dict[_Value, bool]] = {}
    if not times:
        return known
    for key, value, is_active in _rows_between(connection, min(times), max(times)):
        values = known.setdefault(key, {})
        values[value] = is_active or values.get(value, False)
    return known


def _rows_between(
    connection: Connection, first: Moment, last: Moment
) -> Iterator[tuple[_Key, _Value, bool]]:
    void = TABLES["void"]
    for name, column in (("level", "sampled_utc"), ("laboratory_value", "at_utc")):
        table = TABLES[name]
        query = (
            select(table, void.c.entry.label("voided_by"))
            .join(void, void.c.of == table.c.entry, isouter=True)
            .where(table.c[column].between(utc_text(first.utc), utc_text(last.utc)))
        )
        for row in connection.execute(query).mappings():
            test = LEVEL if name == "level" else row["test"]
            key = (row["patient"], read_utc(row[column]), test.casefold())
            value = (row["comparator"], Decimal(row["value_number"]), row["value_unit"])
            yield key, value, row["voided_by"] is None
