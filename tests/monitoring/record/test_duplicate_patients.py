"""Whether a new patient is on record already, whatever the way the name is written."""

from dataclasses import replace
from datetime import date

import pytest

from monitoring.record.duplicate_patients import duplicate_patients, duplicates_text
from monitoring.store.store import Store
from tests.builders import a_patient


@pytest.mark.parametrize(
    "name",
    ["José Sample", "jose  SAMPLE", "Sample, José", "Sample-Jose\u0301", "(José) Sample."],
)
def test_the_same_name_however_it_is_written(store: Store, name: str) -> None:
    known = store.add_patient(a_patient("1", "José Sample"))
    assert duplicate_patients(store, a_patient("2", name)) == (known,)


@pytest.mark.parametrize("name", ["José", "Josef Sample", "José Sample Junior", "שלום", "[/]1"])
def test_another_name_is_another_person(store: Store, name: str) -> None:
    store.add_patient(a_patient("1", "José Sample"))
    assert duplicate_patients(store, a_patient("2", name)) == ()


@pytest.mark.parametrize(
    ("born", "found"), [(date(2024, 2, 28), 0), (date(2024, 2, 29), 1), (date(2024, 3, 1), 0)]
)
def test_only_who_was_born_on_the_day(store: Store, born: date, found: int) -> None:
    store.add_patient(a_patient("1"))
    assert len(duplicate_patients(store, replace(a_patient("2"), born=born))) == found


def test_a_voided_patient_is_not_meant_and_a_change_is(store: Store) -> None:
    first = store.add_patient(a_patient("1", "Old Name"))
    store.change_patient(first.number, a_patient("1", "New Name"), revision=first.number)
    assert duplicate_patients(store, a_patient("2", "Old Name")) == ()
    (found,) = duplicate_patients(store, a_patient("2", "New Name"))
    assert duplicates_text([found]) == (
        "A patient with this name and birth date is on record: New Name, record number 1."
    )
    store.void(first.number, "written twice")
    assert duplicate_patients(store, a_patient("2", "New Name")) == ()
