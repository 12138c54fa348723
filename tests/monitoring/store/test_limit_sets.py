"""Sets of the clinic's limits in the records: when they are in force, and what carries them."""

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from dosing import UserError
from dosing.knowledge.clinic_limits import CHANGEABLE, DEFAULT_LIMITS
from monitoring.clinic_limits_reading import limits_at
from monitoring.exchange.export import export, restore_export
from monitoring.limit_sets import LimitSets
from monitoring.record.audit_lines import history
from monitoring.store.backup import back_up
from monitoring.store.connection import Place, writing
from monitoring.store.errors import ConflictError
from monitoring.store.opening import open_records
from monitoring.store.recovery.recover import recover
from monitoring.store.store import Store
from monitoring.store.verify import verify
from monitoring.worklist_index.first_rows import first_rows
from monitoring.worklist_index.index import WorklistIndex, rows_of_all
from tests.builders import a_limit_set, a_patient, at
from tests.stores import OF_0002, changes_of, fill, filled_before, prepared

TODAY = date(2026, 11, 24)
NOW = at("2026-11-24T10:00")


def sets_of(store: Store) -> LimitSets:
    return LimitSets(store.limit_sets(), store.limits())


def change(store: Store, name: str = "step-stop", value: str = "4") -> None:
    sets = sets_of(store)
    changed = sets.with_value(name, Decimal(value), "Dr [/] A", "local =1+1", TODAY)
    store.add_limits(changed, sets.revision)


def sign(store: Store, by: str = "Dr Łukasz") -> None:
    sets = sets_of(store)
    store.add_limits(sets.signed(by, "agreed", TODAY, TODAY), sets.revision)


# --- in force


def test_a_changed_value_has_no_effect_until_it_is_signed(store: Store) -> None:
    number = store.add_patient(a_patient()).number
    change(store)
    assert store.limits() == store.read(number).limits == DEFAULT_LIMITS
    assert sets_of(store).waiting is not None
    sign(store)
    limits = store.limits()
    assert limits.changed == {"step-stop": 4}
    assert (limits.signed_by, limits.signed_on) == ("Dr Łukasz", TODAY)
    assert store.read(number).limits == limits
    assert [each.limits for each in store.records()] == [limits]
    assert [each.limits for each in store.read_some([number])] == [limits]
    assert store.find(a_patient().record_number).limits == limits
    assert sets_of(store).waiting is None


def test_a_later_change_leaves_the_signed_set_in_force(store: Store) -> None:
    change(store)
    sign(store)
    change(store, "step-stop", "3")
    assert store.limits().changed == {"step-stop": 4}
    assert sets_of(store).newest.changed == {"step-stop": 3}
    sign(store)
    assert store.limits().changed == {"step-stop": 3}


def test_a_value_is_reset(store: Store) -> None:
    change(store)
    sign(store)
    change(store, "step-stop", "5")
    sign(store)
    assert store.limits().changed == {}
    assert store.limits().is_signed


def test_a_signed_set_holds_every_value(store: Store) -> None:
    sign(store)
    assert dict(store.limits().values) == {name: each.value for name, each in CHANGEABLE.items()}
    assert store.limits().unsigned == ()


def test_a_value_of_a_later_version_is_kept_through_a_change(store: Store) -> None:
    store.add_limits(a_limit_set(of_a_later_version="7", step_stop="4"), 0)
    change(store, "step-stop", "3")
    sign(store)
    assert dict(store.limits().values)["of-a-later-version"] == 7
    assert store.limits().changed == {"step-stop": 3}


def test_a_caution_beyond_a_stop_cannot_be_signed(store: Store) -> None:
    change(store, "dose-caution-child", "4.5")
    with pytest.raises(UserError, match="is beyond dose-override-child"):
        sign(store)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("step-stop", "5", "already"),
        ("step-stop", "50", "A value outside it"),
        ("dose-above-maximum", "45", "not a limit"),
    ],
)
def test_what_cannot_be_changed_is_refused(
    sqlite_store: Store, name: str, value: str, problem: str
) -> None:
    with pytest.raises(UserError, match=problem):
        change(sqlite_store, name, value)
    assert sqlite_store.limit_sets() == ()


def test_a_signature_of_a_day_to_come_is_refused(sqlite_store: Store) -> None:
    with pytest.raises(UserError, match="is in the future"):
        sets_of(sqlite_store).signed("Dr A", "agreed", date(2026, 11, 25), TODAY)


def test_somebody_elses_change_meanwhile_is_not_overwritten(store: Store) -> None:
    before = sets_of(store)
    change(store)
    with pytest.raises(ConflictError, match="changed the limits meanwhile"):
        store.add_limits(before.signed("Dr A", "agreed", TODAY, TODAY), before.revision)


@pytest.mark.parametrize("missing", ["decided_by", "reason"])
def test_a_set_needs_a_name_and_a_reason(missing: str) -> None:
    with pytest.raises(UserError, match="is empty"):
        replace(a_limit_set(), **{missing: " "})  # type: ignore[arg-type]  # texts


# --- the clinic is no patient


def test_a_set_is_about_no_patient(store: Store) -> None:
    number = store.add_patient(a_patient()).number
    revision = store.read(number).revision
    change(store)
    sign(store)
    assert store.patient_numbers() == (number,)
    assert store.count_patients() == 1
    assert store.changes_since(number, revision) == ""
    assert len(history(store.read(number))) == 1
    assert [row.patient for row in rows_of_all(store, NOW)] == [number]


def test_the_records_verify_with_the_sets_in_the_chain(store: Store) -> None:
    fill(store)
    change(store)
    sign(store)
    found = verify(store.engine)
    assert found.findings == ()
    assert found.changes == store.last_change()


def test_a_set_that_was_changed_outside_is_found(sqlite_store: Store) -> None:
    change(sqlite_store)
    sign(sqlite_store)
    with writing(sqlite_store.engine, "damage", has_trail=False) as connection:
        connection.execute(text("DROP TRIGGER clinic_limits_no_update"))
        connection.execute(text("UPDATE clinic_limits SET figures = 'step-stop=7'"))
    whats = [each.what for each in verify(sqlite_store.engine).findings]
    assert any("was changed outside the program" in each for each in whats)


def test_a_set_that_cannot_be_read_is_said(sqlite_place: Place, sqlite_store: Store) -> None:
    number = sqlite_store.add_patient(a_patient()).number
    sign(sqlite_store)
    change(sqlite_store)
    sign(sqlite_store)
    with writing(sqlite_store.engine, "damage", has_trail=False) as connection:
        last = sets_of(sqlite_store).revision
        connection.execute(text("DROP TRIGGER clinic_limits_no_update"))
        connection.execute(
            text("UPDATE clinic_limits SET figures = 'step-stop=[/]' WHERE entry = :last"),
            {"last": last},
        )
    limits = sqlite_store.read(number).limits
    assert limits.is_unread
    assert not limits.is_signed
    assert [each.code for each in limits.alerts] == ["clinic-limits-unread"]
    assert limits_at(str(sqlite_place.file)).is_unread
    assert len(sqlite_store.limit_sets()) == 2
    assert sets_of(sqlite_store).in_force == limits
    for again in (change, sign):  # the values of the set that cannot be read would be lost unseen
        with pytest.raises(UserError, match="limits in force cannot be read"):
            again(sqlite_store)


# --- what carries them


def test_an_export_carries_the_sets(sqlite_store: Store, bare_place: Place, tmp_path: Path) -> None:
    fill(sqlite_store)
    change(sqlite_store)
    sign(sqlite_store)
    export(sqlite_store.engine, tmp_path / "out")
    restored = prepared(bare_place)
    assert restore_export(restored, tmp_path / "out").is_whole
    again = open_records(bare_place.url, "Dr A").store
    assert again.limits() == sqlite_store.limits()
    assert [each.entry for each in again.limit_sets()] == [
        each.entry for each in sqlite_store.limit_sets()
    ]


def test_a_backup_carries_the_sets(sqlite_store: Store, tmp_path: Path) -> None:
    change(sqlite_store)
    sign(sqlite_store)
    back_up(sqlite_store.engine, tmp_path / "copy.sqlite")
    assert open_records(str(tmp_path / "copy.sqlite")).store.limits() == sqlite_store.limits()


def test_a_recovery_saves_the_sets(sqlite_place: Place, tmp_path: Path) -> None:
    store = open_records(str(sqlite_place.file)).store
    (number,) = fill(store)
    change(store)
    sign(store)
    damaged = Path(shutil.copy(str(sqlite_place.file), tmp_path / "damaged.sqlite"))
    found = recover(damaged, Place.of(str(tmp_path / "saved.sqlite")), "Dr A", NOW)
    assert (found.patients, found.verification.findings) == (1, ())
    saved = open_records(str(tmp_path / "saved.sqlite")).store
    assert saved.limits() == store.limits()
    assert len(saved.limit_sets()) == 2
    assert saved.read(number).limits == store.limits()


def test_records_of_before_have_the_programs_own(bare_place: Place, sqlite_store: Store) -> None:
    (number,) = fill(sqlite_store, entries=OF_0002)
    filled_before(bare_place, changes_of(sqlite_store.engine), "0008")
    if bare_place.file:
        assert limits_at(str(bare_place.file)) == DEFAULT_LIMITS  # read without an upgrade
    store = open_records(bare_place.url, "Dr A").store
    assert store.read(number).limits == DEFAULT_LIMITS
    assert verify(store.engine).is_whole


# --- without opening the records


def test_the_limits_are_read_without_opening_the_records(
    sqlite_place: Place, sqlite_store: Store, tmp_path: Path
) -> None:
    file = str(sqlite_place.file)
    assert limits_at(file) == DEFAULT_LIMITS
    change(sqlite_store)
    assert limits_at(file) == DEFAULT_LIMITS
    sign(sqlite_store)
    assert limits_at(file) == sqlite_store.limits()
    assert limits_at(str(tmp_path / "nothing.sqlite")) == DEFAULT_LIMITS
    assert not (tmp_path / "nothing.sqlite").exists()


def test_records_that_cannot_be_read_are_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "other.sqlite").write_bytes(b"no records at all")
    (tmp_path / "other.sqlite").chmod(0o600)
    assert limits_at(str(tmp_path / "other.sqlite")).is_unread


# --- the index of the worklist


def test_the_index_is_made_anew_for_other_limits(sqlite_place: Place, sqlite_store: Store) -> None:
    numbers = fill(sqlite_store, 2)
    file = str(sqlite_place.file)

    def stale() -> list[int]:
        rows = WorklistIndex(sqlite_store, NOW).patients()
        return [each.patient for each in rows if each.row is None]

    def first() -> int:
        found = first_rows(file, NOW)
        return len(found.rows) if found else -1

    rows_of_all(sqlite_store, NOW)
    assert (stale(), first()) == ([], 2)
    change(sqlite_store)
    assert (stale(), first()) == ([], 2)  # not in force
    sign(sqlite_store)
    assert (stale(), first()) == (list(numbers), 0)
    rows_of_all(sqlite_store, NOW)
    assert (stale(), first()) == ([], 2)
    sign(sqlite_store, by="Dr Other")  # the same values
    assert stale() == []


def test_a_line_of_other_limits_is_not_kept(sqlite_store: Store) -> None:
    (number,) = fill(sqlite_store)
    index = WorklistIndex(sqlite_store, NOW)
    list(index.patients())
    change(sqlite_store)
    sign(sqlite_store)
    index.keep(index.summaries_of([number]))  # made by the new limits, under the key of the old
    assert [each.row for each in WorklistIndex(sqlite_store, NOW).patients()] == [None]
