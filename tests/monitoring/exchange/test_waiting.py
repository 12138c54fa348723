"""Results of unknown patients: they wait in the records, whole, once, and until they are taken."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from dosing import Sex, UserError
from monitoring.exchange.entry_identity import reported
from monitoring.exchange.import_plan import ImportChoices
from monitoring.exchange.importing import import_results, plan_waiting
from monitoring.exchange.waiting import drop_waiting, open_waiting
from monitoring.record.level import Level
from monitoring.store.backup import back_up, restore
from monitoring.store.connection import Place, reading
from monitoring.store.errors import NotFoundError, RecordsError
from monitoring.store.opening import Records
from monitoring.store.tables import WAITING, WAITING_END
from monitoring.store.verify import verify
from tests.builders import a_dose, a_patient, at, every_kind
from tests.monitoring.exchange.incoming_items import (
    CORRECTED,
    NOW,
    WITHDRAWN,
    an_item,
    brought_in,
    planned,
    reasons,
    who,
)
from tests.stores import prepared, store_of


@pytest.fixture
def records(place: Place) -> Records:
    """Records on each database, with one patient."""
    store = store_of(prepared(place))
    store.add_patient(a_patient("00123"))
    return Records(store, place)


def waiting(records: Records) -> list[str]:
    return [reported(each.item.entry) for each in open_waiting(records.store.engine)]


def take(records: Records, **choices: Any) -> None:
    plan = plan_waiting(records.store, NOW, choices=ImportChoices(**choices))
    import_results(records, plan, backs_up=False)


def levels(records: Records, number: str) -> list[str]:
    return [reported(each.entry) for each in records.store.find(number).active(Level)]


UNKNOWN = who("777", "A-1", name="Sample [/] Łukasz", born="2025-05-01")


@pytest.mark.parametrize("entry", every_kind(), ids=lambda entry: type(entry).__name__)
def test_whatever_waits_is_kept_whole(sqlite_place: Place, entry: object) -> None:
    store = store_of(prepared(sqlite_place))
    item = an_item(
        entry,  # type: ignore[arg-type]
        CORRECTED, patient=replace(UNKNOWN, may_lack_zeros=True), ended_at=at("2026-11-05T08:00"),
        part="OBX-5", remarks=("One.", "Two."), source="order [/]",
    )  # fmt: skip
    records = Records(store, sqlite_place)
    plan = planned(records, item, take_doses=True)
    if plan.refused:
        return  # a kind that is never imported does not wait
    import_results(records, plan, backs_up=False)
    (kept,) = open_waiting(store.engine)
    assert kept.item == item
    assert (kept.file, kept.kind) == ("results.hl7", plan.kind)


def test_a_result_waits_once_and_changes_no_entry(records: Records) -> None:
    head = records.store.head()
    brought_in(records, an_item(patient=UNKNOWN), an_item(patient=UNKNOWN))
    brought_in(records, an_item(patient=UNKNOWN), an_item("8.0 ng/mL", patient=UNKNOWN))
    assert waiting(records) == ["7.2 ng/mL", "8.0 ng/mL"]
    assert records.store.head() == head
    assert verify(records.store.engine).is_whole


def test_it_is_taken_with_the_next_import_once_the_patient_is_known(records: Records) -> None:
    brought_in(records, an_item(patient=UNKNOWN))
    records.store.add_patient(a_patient("777", "Sample Łukasz", born="2025-05-01"))
    plan = brought_in(records, an_item("5.0 ng/mL"))
    assert (len(plan.taken), plan.rows, plan.already_there) == (1, 1, 0)
    assert (levels(records, "777"), waiting(records)) == (["7.2 ng/mL"], [])
    assert planned(records, an_item(patient=UNKNOWN)).already_there == 1
    assert verify(records.store.engine).is_whole


def test_it_is_taken_by_itself_and_by_the_same_rules(records: Records) -> None:
    brought_in(records, an_item(patient=UNKNOWN))
    records.store.add_patient(a_patient("777", "Sample Other", born="2025-05-02"))
    take(records)
    assert (levels(records, "777"), waiting(records)) == ([], ["7.2 ng/mL"])
    record = records.store.find("777")
    corrected = replace(record.patient.entry, born=at("2025-05-01T08:00").local.date())
    records.store.change_patient(record.number, corrected, record.revision)
    take(records)
    assert (levels(records, "777"), waiting(records)) == (["7.2 ng/mL"], [])


def test_an_original_and_its_correction_wait_and_come_in_as_one(records: Records) -> None:
    for value, status in (("7.2 ng/mL", None), ("6.1 ng/mL", CORRECTED), ("6.1 ng/mL", CORRECTED)):
        brought_in(records, an_item(value, *([status] if status else []), patient=UNKNOWN))
    assert len(waiting(records)) == 2
    records.store.add_patient(a_patient("777", born="2025-05-01"))
    take(records)
    assert (levels(records, "777"), waiting(records)) == (["6.1 ng/mL"], [])


def test_a_withdrawal_that_waits_takes_its_result_away(records: Records) -> None:
    brought_in(records, an_item(patient=UNKNOWN))
    brought_in(records, an_item(status=WITHDRAWN, patient=UNKNOWN))
    records.store.add_patient(a_patient("777", born="2025-05-01"))
    take(records)
    assert (levels(records, "777"), waiting(records)) == ([], [])


def test_one_in_conflict_goes_on_waiting_and_refuses_no_file(records: Records) -> None:
    brought_in(records, an_item(patient=UNKNOWN))
    number = records.store.add_patient(a_patient("777", born="2025-05-01")).number
    records.store.add(number, an_item("9.9 ng/mL").entry)
    brought_in(records, an_item("6.0 ng/mL", patient=UNKNOWN, when="2026-11-04T08:00"))
    assert levels(records, "777") == ["9.9 ng/mL", "6.0 ng/mL"]
    assert waiting(records) == ["7.2 ng/mL"]


def test_a_void_of_a_waiting_correction_names_its_own_file(records: Records) -> None:
    first = an_item(patient=UNKNOWN)
    brought_in(
        records, replace(first, entry=an_item("6.1 ng/mL").entry, status=CORRECTED), file="a.hl7"
    )
    number = records.store.add_patient(a_patient("777", born="2025-05-01")).number
    records.store.add(number, first.entry)
    brought_in(records, an_item("5.0 ng/mL"), file="b.hl7")
    record = records.store.find("777")
    (reason,) = (each.void.entry.reason for each in record.entries if each.void)
    assert "a.hl7" in reason
    assert "b.hl7" not in reason


def test_one_is_removed_with_a_reason_and_does_not_come_back(records: Records) -> None:
    brought_in(records, an_item(patient=UNKNOWN), an_item("8.0 ng/mL", patient=UNKNOWN))
    first, _ = open_waiting(records.store.engine)
    with pytest.raises(UserError, match="reason is empty"):
        drop_waiting(records.store, first.number, "  ")
    drop_waiting(records.store, first.number, "a test of the interface [/]")
    for number in (first.number, 99, 0, -1, 2**40):
        with pytest.raises(NotFoundError):
            drop_waiting(records.store, number, "again")
    brought_in(records, an_item(patient=UNKNOWN))
    assert waiting(records) == ["8.0 ng/mL"]
    with reading(records.store.engine, "look") as connection:
        (row,) = connection.execute(select(WAITING_END)).mappings()
        assert len(connection.execute(select(WAITING)).all()) == 2
    assert (row["outcome"], row["reason"]) == ("dropped", "a test of the interface [/]")


def test_with_new_patients_those_whose_particulars_are_known_are_taken(records: Records) -> None:
    known = replace(UNKNOWN, sex=Sex.FEMALE)
    brought_in(records, an_item(patient=known), an_item("9 ng/mL", patient=who("778")))
    take(records, new_patients=True)
    assert (levels(records, "777"), waiting(records)) == (["7.2 ng/mL"], ["9 ng/mL"])


def test_a_dose_that_waits_comes_in_only_if_doses_are_asked_for(records: Records) -> None:
    brought_in(records, an_item(a_dose(), patient=UNKNOWN), take_doses=True)
    records.store.add_patient(a_patient("777", born="2025-05-01"))
    take(records)
    assert len(waiting(records)) == 1
    take(records, take_doses=True)
    assert waiting(records) == []


def test_a_backup_has_the_waiting_results_and_restores_them(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    brought_in(records, an_item(patient=UNKNOWN), an_item("8.0 ng/mL", patient=UNKNOWN))
    first, _ = open_waiting(records.store.engine)
    drop_waiting(records.store, first.number, "a test")
    back_up(records.store.engine, tmp_path / "kept.sqlite")
    copy = prepared(Place.of(str(tmp_path / "kept.sqlite")))
    assert [reported(each.item.entry) for each in open_waiting(copy)] == ["8.0 ng/mL"]
    brought_in(records, an_item("9.0 ng/mL", patient=UNKNOWN))
    restore(records.place, tmp_path / "kept.sqlite")
    assert waiting(records) == ["8.0 ng/mL"]


def test_rows_are_never_changed_or_removed(records: Records) -> None:
    brought_in(records, an_item(patient=UNKNOWN))
    engine: Engine = records.store.engine
    for statement in ("UPDATE waiting SET file = 'x'", "DELETE FROM waiting"):
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(statement))
    assert waiting(records) == ["7.2 ng/mL"]


@pytest.mark.parametrize(
    "damage",
    [
        "not JSON",
        "{}",
        json.dumps({"kind": "settlement"}),
        json.dumps({"kind": "[/]", "entry": {}}),
        "[" * 5000,
    ],
)
def test_a_damaged_row_is_named_with_the_way_out(sqlite_place: Place, damage: str) -> None:
    records = Records(store_of(prepared(sqlite_place)), sqlite_place)
    brought_in(records, an_item(patient=UNKNOWN))
    with records.store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER waiting_no_update"))
        connection.execute(text("UPDATE waiting SET item = :item"), {"item": damage})
    with pytest.raises(RecordsError, match="waiting result 1 cannot be read"):
        list(open_waiting(records.store.engine))
    drop_waiting(records.store, 1, "damaged")
    assert waiting(records) == []


def test_a_refused_waiting_result_is_shown_where_it_is_taken(records: Records) -> None:
    brought_in(records, an_item(patient=UNKNOWN))
    number = records.store.add_patient(a_patient("777", born="2025-05-01")).number
    records.store.add(number, an_item("9.9 ng/mL").entry)
    plan = plan_waiting(records.store, NOW)
    assert "waiting result 1: 7.2 ng/mL, but the records have 9.9 ng/mL" in reasons(plan)[0]
    assert (plan.rows, plan.taken) == (1, ())
