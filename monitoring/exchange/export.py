"""Export of all records to files that need no other program, and their restoration.

`records.json` is complete: every change with its author, its hash and its row, in order; restored
into empty records it gives the same records with the same head. One CSV file for each kind of entry
is for spreadsheets; there an apostrophe precedes a text that would be run as a formula.
"""

import csv
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Engine

from dosing import UserError
from dosing.build import this_build
from dosing.quantities.reading_limits import EXPORT_BYTES
from monitoring.exchange.spreadsheet import defused
from monitoring.files import new_file, placed_folder, read_file
from monitoring.record.kinds import KINDS
from monitoring.record.patient import Patient
from monitoring.store.audit_log import Link
from monitoring.store.connection import reading, writing
from monitoring.store.copying import Change, count_changes, read_changes, write_changes
from monitoring.store.errors import RecordsError
from monitoring.store.opening import store_in_memory
from monitoring.store.rows import fields_of
from monitoring.store.schema import HEAD
from monitoring.store.tables import REMOVED
from monitoring.store.verify import Progress, Verification, verify_within

FORMAT = "sirolimus-assistant records"
_JSON = "records.json"


def export(engine: Engine, folder: Path, progress: Progress = lambda _done, _all: None) -> int:
    """Write everything into a new folder and return the number of changes.

    It is written beside the folder and takes its name in one step: a killed export leaves none.
    Raises `UserError` if the folder is not empty, or cannot be written.
    """
    with placed_folder(folder) as part, reading(engine, "read the records") as connection:
        everything = count_changes(connection)
        return _write_all(part, read_changes(connection), everything, progress)


def _write_all(folder: Path, changes: Iterator[Change], everything: int, progress: Progress) -> int:
    tables = {kind: _open(folder / f"{kind}.csv") for kind in KINDS}
    writers = {kind: csv.writer(file) for kind, file in tables.items()}
    for kind, writer in writers.items():
        writer.writerow(
            ["number", "patient_number", "written_at_utc", "written_by", *_columns(kind)]
        )
    number = 0
    with _open(folder / _JSON) as file:
        heading = {"format": FORMAT, "schema": HEAD, **this_build().to_dict()}
        file.write(json.dumps(heading, ensure_ascii=False)[:-1] + ', "changes": [\n')
        for number, change in enumerate(changes, start=1):
            separator = ",\n" if number > 1 else ""
            file.write(separator + json.dumps(_as_json(change), ensure_ascii=False))
            progress(number, everything)
            link = change.link
            if link.kind == REMOVED:
                continue
            cells = [change.row[name] for name in _columns(link.kind)]
            row = [link.number, link.patient, link.at_utc, link.by, *cells]
            writers[link.kind].writerow([defused(cell) for cell in row])
        file.write("\n]}\n")
        _sync(file)
    for table in tables.values():
        with table:
            _sync(table)
    return number


def _sync(file: TextIO) -> None:
    """Flush a file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def _open(path: Path) -> TextIO:
    """Open a new file for this user alone: UTF-8, in CSV with a byte order mark for Excel."""
    return new_file(path, "utf-8-sig" if path.suffix == ".csv" else "utf-8")


def _columns(kind: str) -> list[str]:
    return [column for field in fields_of(KINDS[kind]) for column in field.columns]


def _as_json(change: Change) -> dict[str, Any]:
    return {**asdict(change.link), "hash": change.hash, "row": dict(change.row)}


@dataclass(frozen=True, slots=True)
class Preview:
    """An export before its restoration: its patients, authors and verification."""

    patients: tuple[Patient, ...]
    authors: tuple[str, ...]
    verification: Verification


def preview_export(engine: Engine | None, folder: Path) -> Preview:
    """Return the content of an export that can be restored into an engine; write nothing.

    The engine is None where no records were begun yet. The export is restored into records in
    memory. Raises the errors of `restore_export`.
    """
    if engine is not None:
        with reading(engine, "read the records") as connection:
            if count_changes(connection):
                raise RecordsError(
                    "An export can only be restored into empty records. Choose a new place."
                )
    with store_in_memory() as scratch:
        found = restore_export(scratch.engine, folder)
        with reading(scratch.engine, "read the export") as connection:
            authors = sorted({change.link.by for change in read_changes(connection)} - {""})
        patients = scratch.patients()
    return Preview(tuple(each.entry for each in patients), tuple(authors), found)


def restore_export(engine: Engine, folder: Path, head: str | None = None) -> Verification:
    """Restore an export into empty records, all or nothing, and return their verification.

    Raises `RecordsError` for another folder, a damaged export, records with entries, and, with
    `head`, an export that was changed since its preview.
    """
    changes = _read_export(folder / _JSON)
    try:
        with writing(engine, "import the records") as connection:
            write_changes(connection, changes)
            found = verify_within(connection)
            _refuse_broken(found, head)
    except RecordsError:
        raise
    except (ValueError, KeyError, TypeError, OverflowError):
        raise RecordsError(
            f"{folder} is damaged or incomplete. Export the records again."
        ) from None
    return found


def _refuse_broken(found: Verification, head: str | None) -> None:
    if not found.is_whole:
        first = found.findings[0]
        raise RecordsError(
            f"The export is damaged: {first.where} {first.what}. Nothing was stored."
        )
    if head is not None and found.head != head:
        raise RecordsError("The export was changed after the preview. Preview it again.")


def _refuse_foreign(document: Mapping[str, Any], file: Path) -> None:
    if document["format"] != FORMAT or document["schema"] > HEAD:
        raise RecordsError(f"{file} was made by another or a newer program. Update the program.")


def _read_export(file: Path) -> list[Change]:
    try:
        document = json.loads(read_file(file, EXPORT_BYTES))
        _refuse_foreign(document, file)
        return [
            Change(
                Link(**{name: each[name] for name in Link.__dataclass_fields__}),
                each["hash"],
                each["row"],
            )
            for each in document["changes"]
        ]
    except OSError as error:
        raise RecordsError(
            f"{file} cannot be read ({error.strerror}). Choose the folder of an export."
        ) from None
    except UserError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RecordsError(
            f"{file} is damaged, or not an export of this program. Choose another folder."
        ) from None
