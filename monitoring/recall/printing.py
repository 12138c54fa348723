"""Logging a page before it is printed, with what it says: one call for every document."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.recall.statement import statement_of
from monitoring.store.print_log import PageToLog, PrintedDocument, log_print
from monitoring.summary import PatientSummary
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.store.store import Store

Tell = Callable[[str], object]
"""The function that shows a warning where a page could not be logged."""


def log_page_of_patient(
    store: "Store", document: PrintedDocument, summary: PatientSummary, tell: Tell
) -> None:
    """Add a page about a patient to the print log, with what it rests on."""
    try:
        said = statement_of(summary).to_json()
    except UserError:
        said = ""  # a record with an error is printed and logged nevertheless
    page = PageToLog(
        document=document,
        made=summary.made,
        said=said,
        patient=summary.record.number,
        revision=summary.record.revision,
    )
    log_print(store, page, tell)


def log_page_of_clinic(store: "Store", document: PrintedDocument, made: Moment, tell: Tell) -> None:
    """Add a page about the whole clinic to the print log."""
    page = PageToLog(document=document, made=made, revision=store.last_change())
    log_print(store, page, tell)
