"""The summaries of the whole clinic, a file each: resumable; one bad record stops no other.

One record is in memory at a time. The name of a file holds the day and the patient's number in the
store, never the name or the record number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.recall.printing import Tell, log_page_of_patient
from monitoring.store.known_heads import warn
from monitoring.store.print_log import PrintedDocument
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.page import Paper
from reports.patient_summary import patient_summary_pdf
from reports.pdf_file import ReportFileError, write_pdf

if TYPE_CHECKING:
    from monitoring.record.entries import Record
    from monitoring.store.store import Store


class BatchOutcome(Enum):
    """The outcome of one patient's summary."""

    WRITTEN = "written"
    THERE = "there already"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One patient of the batch: the number in the store, the file, and the outcome."""

    patient: int
    file: Path
    outcome: BatchOutcome
    why: str = ""
    """The reason of a failure, without the patient's data."""


def batch_file(folder: Path, patient: int, made: Moment) -> Path:
    """Return the file of a patient's summary of a day.

    >>> batch_file(Path("out"), 12, Moment.read("2026-11-24T22:00", "UTC")).name
    'sirolimus-summary-2026-11-24-patient-000012.pdf'
    """
    return folder / f"sirolimus-summary-{made.local:%Y-%m-%d}-patient-{patient:06d}.pdf"


def write_summaries(  # noqa: PLR0913 - what is written, where and how
    store: "Store",
    folder: Path,
    made: Moment,
    *,
    paper: Paper = Paper.A4,
    force: bool = False,
    password: str | None = None,
    clinic: ClinicChoices = USUAL_CHOICES,
    is_full: bool = False,
    tell: Tell = warn,
) -> Iterator[BatchItem]:
    """Write the summary of every patient into a folder and yield the outcome of each.

    Each is logged; `tell` shows a warning where it cannot be. An existing file of the same day
    stays as it is, unless `force` is set. An error in one record is reported and the next summary
    is written. Raises `ReportFileError` where the folder cannot be
    made.
    """
    from monitoring.evaluation.track_record import track_record  # noqa: PLC0415 - used here only
    from monitoring.recommendation.advice import forecast_for  # noqa: PLC0415 - numpy is heavy

    _make(folder)
    document = PrintedDocument.FULL_SUMMARY if is_full else PrintedDocument.SUMMARY
    known = track_record(store)
    for patient in store.patient_numbers():
        file = batch_file(folder, patient, made)
        if file.exists() and not force:
            yield BatchItem(patient, file, BatchOutcome.THERE)
            continue
        try:
            # The head first: it may then be older than the record, never newer.
            head = store.head()
            record = store.read(patient)
            _refuse_incomplete(record)
            forecast = replace(forecast_for(record, made, clinic=clinic), track_record=known)
            summary = summarise(record, made, clinic)
            pdf = patient_summary_pdf(
                summary,
                head=head,
                forecast=forecast,
                paper=paper,
                is_full=is_full,
            )
            log = partial(log_page_of_patient, store, document, summary, tell)
            write_pdf(pdf, file, force=force, password=password, log=log)
        except ReportFileError:
            raise  # a full disk or a folder that cannot be written fails for every patient
        except UserError as error:
            yield BatchItem(patient, file, BatchOutcome.FAILED, str(error))
        except Exception as fault:  # noqa: BLE001 - whatever is in a record, the others are written
            yield BatchItem(patient, file, BatchOutcome.FAILED, f"a fault, {type(fault).__name__}")
        else:
            yield BatchItem(patient, file, BatchOutcome.WRITTEN)


def _refuse_incomplete(record: "Record") -> None:
    """Raise `UserError` for an entry that cannot be read: in a batch the alert may go unseen."""
    for each in record.unreadable:
        if each.is_active:
            raise UserError(f"{each.kind} {each.number} cannot be read. Run `sirolimus verify`.")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ReportFileError(f"{folder} cannot be made: {error.strerror}.") from None
