"""A laboratory's file beside the records: what would be added, what is there, what is refused.

A value is told from another by patient, test and time of the sample. The same value again is there
already, also where it was voided; another value is a conflict, which is for a person to settle.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Connection, select

from dosing.knowledge.limits import FUTURE_TOLERANCE_MINUTES
from dosing.quantities.text import quoted
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
from monitoring.times import Moment

_Key = tuple[int, datetime, str]
"""A patient's number, the time of the sample in UTC, and the test."""


_Value = tuple[str | None, Decimal, str]
"""The comparator, the number and the unit: two of them are the same value or they are not."""


@dataclass(frozen=True, slots=True)
class Addition:
    """An entry that a row adds, and whose it is."""

    row: int
    patient: StoredEntry[Patient]
    entry: Level | LaboratoryValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What taking in a file comes to, beside the records as they were read."""

    rows: int
    additions: tuple[Addition, ...]
    refused: tuple[Refusal, ...]
    """By row."""
    already_there: int
    """How many rows hold what is in the records, or in an earlier row."""
    voided_there: int
    """How many of those are in the records as voided."""
    skipped: Map[Skipped, int]
    revision: int
    """The last change of the records that was read."""


def plan_import(
    store: Store,
    file: Path,
    mapping: Mapping,
    now: Moment,
    progress: Progress = lambda _done, _all: None,
) -> Plan:
    """Read a laboratory's file and hold every row against the records; nothing is written.

    Raises `UserError` where the file as a whole cannot be read, `RecordsError` where the records
    cannot.
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
        additions=tuple(sorting.additions),
        refused=tuple(sorted(refused + sorting.refused, key=lambda refusal: refusal.row)),
        already_there=sorting.already_there,
        voided_there=sorting.voided_there,
        skipped=MappingProxyType(skipped),
        revision=revision,
    )


def import_results(
    records: Records, plan: Plan, progress: Progress = lambda _done, _all: None
) -> Path | None:
    """Write the additions of a plan in one transaction, and return the backup made before.

    Raises `ConflictError` where the records were changed since the plan was made.
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
        """Return whether zeros before it tell this record number from another."""
        return self._without_zeros[record_number.lstrip("0")] > 1


def _owner(
    found: RowResult, patients: _Patients, reader: RowReader, now: Moment
) -> StoredEntry[Patient] | Refusal:
    """Return the patient of a row, or why it cannot be theirs."""

    def refusal(column: str, reason: str) -> Refusal:
        return Refusal(found.row, reader.column(column), reason)

    number = quoted(found.record_number)
    patient = patients.get(found.record_number)
    time = "sample_time" if reader.column("sample_time") else "sample_day"
    if patient is None:
        return refusal("record_number", f"there is no patient with the record number {number}.")
    if found.was_number and patients.differ_by_zeros(found.record_number):
        return refusal(
            "record_number",
            f"Excel stored {number} as a number, and another patient's record number differs by "
            "zeros before it: format the column as text.",
        )
    born = patient.entry.born
    if found.born not in {None, born}:
        return refusal("born", f"the patient {number} was born on {born}, not on {found.born}.")
    at = sampled(found.entry)
    if at.hours_since(now) * 60 > FUTURE_TOLERANCE_MINUTES:
        return refusal(time, f"{at} lies in the future.")
    if at.local.date() < born:
        return refusal(time, f"{at} lies before the patient was born.")
    return patient


class _Sorting:
    """Tells rows that add something from those that are there already and those in conflict."""

    def __init__(self, known: dict[_Key, dict[_Value, bool]], reader: RowReader) -> None:
        self._known = known
        self._reader = reader
        self.additions: list[Addition] = []
        self.refused: list[Refusal] = []
        self.already_there = 0
        self.voided_there = 0

    def sort(self, owned: Iterable[tuple[RowResult, StoredEntry[Patient]]]) -> None:
        """Sort rows of one file, with their patients, by what they hold."""
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
        standing = next((value for value, is_active in known.items() if is_active), None)
        if standing is not None:
            told = f"{standing[0] or ''}{standing[1]:f} {standing[2]}"
            self._refuse(new, f"the records have {told} for this patient, test and time")
        elif len({_value(each.entry) for each, _ in new}) > 1:
            numbers = ", ".join(str(each.row) for each, _ in new)
            self._refuse(new, f"rows {numbers} give several values for one patient, test and time")
        else:
            (first, patient), *again = new
            self.additions.append(Addition(first.row, patient, first.entry))
            self.already_there += len(again)

    def _refuse(self, rows: list[tuple[RowResult, StoredEntry[Patient]]], reason: str) -> None:
        column = self._reader.column("value")
        for found, _patient in rows:
            told = f"{reported(found.entry)}, but {reason}: look which is right."
            self.refused.append(Refusal(found.row, column, told))


def _value(entry: Level | LaboratoryValue) -> _Value:
    comparator = entry.comparator.value if entry.comparator else None
    return comparator, entry.value.number, entry.value.unit


def _known_values(connection: Connection, times: list[Moment]) -> dict[_Key, dict[_Value, bool]]:
    """Return what the records hold between the first and the last time; True where it stands."""
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
