"""The print log and the log of copies: beside the trail, and never in the way of a print."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dosing.build import this_build
from monitoring.recall.printing import log_page_of_clinic
from monitoring.store.backup import back_up, restore
from monitoring.store.connection import Place, engine_of
from monitoring.store.opening import open_records
from monitoring.store.print_log import PrintedDocument, logged_copies, printed_pages
from monitoring.store.server.roles import ClinicRole
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import AUTHOR, a_patient, at
from tests.monitoring.store.test_clinic import Clinic, bare_clinic, clinic
from tests.stores import store_of

__all__ = ["bare_clinic", "clinic"]  # fixtures

PRINTED = at("2026-11-12T10:00")


def log(store: Store) -> list[str]:
    """Log a page of the clinic, and return the warnings."""
    told: list[str] = []
    log_page_of_clinic(store, PrintedDocument.CLINIC_REPORT, PRINTED, told.append)
    return told


def test_a_page_is_logged_beside_the_trail(filled_store: Store) -> None:
    before = verify(filled_store.engine)
    assert log(filled_store) == log(filled_store) == []
    first, second = printed_pages(filled_store.engine)
    assert (first.number, second.number) == (1, 2)
    assert (first.at, first.by, first.build.label) == (PRINTED, AUTHOR, this_build().label)
    assert (first.document, first.patient) == ("clinic-report", None)
    assert first.revision == filled_store.last_change()
    assert verify(filled_store.engine) == before


@pytest.mark.parametrize("change", ["UPDATE print_log SET said = 'x'", "DELETE FROM print_log"])
def test_a_page_in_the_log_stays(filled_store: Store, change: str) -> None:
    log(filled_store)
    with pytest.raises(DBAPIError), filled_store.engine.begin() as connection:
        connection.execute(text(change))


def test_records_that_cannot_be_written_print_with_a_warning(
    sqlite_store: Store, sqlite_place: Place
) -> None:
    sqlite_store.add_patient(a_patient())
    address = f"sqlite:///{sqlite_place.file}?mode=ro"
    store = open_records(address, throw_away=True).store
    (told,) = log(store)
    assert told.startswith("This page is not in the print log: ")
    assert list(printed_pages(store.engine)) == []


def test_a_reader_of_a_clinic_prints_with_a_warning_and_a_writer_is_logged(clinic: Clinic) -> None:
    store_of(clinic.administrator).add_patient(a_patient())
    reader, writer = clinic.login(ClinicRole.READER), clinic.login(ClinicRole.WRITER)
    (told,) = log(clinic.records(reader).store)
    assert "not in the print log" in told
    assert log(clinic.records(writer).store) == []
    (page,) = printed_pages(clinic.records(reader).store.engine)
    assert page.by == writer


def test_a_backup_has_the_log_and_says_which_build_made_it(
    sqlite_store: Store, sqlite_place: Place, tmp_path: Path
) -> None:
    sqlite_store.add_patient(a_patient())
    log(sqlite_store)
    assert logged_copies(sqlite_store.engine) == ()
    head = back_up(sqlite_store.engine, tmp_path / "backup.sqlite").head
    copy = engine_of(Place.of(str(tmp_path / "backup.sqlite")))
    assert len(list(printed_pages(copy))) == 1
    (made,) = logged_copies(copy)
    assert made.build.label == this_build().label
    restore(sqlite_place, tmp_path / "backup.sqlite")
    again = engine_of(sqlite_place)
    assert (len(list(printed_pages(again))), logged_copies(again)) == (1, (made,))
    assert verify(again).head == head
