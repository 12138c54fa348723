"""Merging two records of one person: nothing lost, nothing doubled, no contradiction swallowed."""

import random
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from dosing import Sex, UserError
from dosing.birth_date import BirthDate
from monitoring.exchange.incoming import (
    Identifier,
    IncomingMerge,
    LeftOut,
    PatientIdentity,
    Refusal,
    SourcePlace,
)
from monitoring.exchange.merging import (
    MergePlan,
    Renumbering,
    carry_out,
    merge_effects,
    merge_entries,
    plan_merge,
    read_merge,
    write_merge,
)
from monitoring.levels import assess_levels
from monitoring.record.dose_check import DoseCheck
from monitoring.record.entries import Record, StopRecord
from monitoring.record.entry import Entry
from monitoring.record.level import Level, LevelCauseAnswer
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Cyp3a5, Patient
from monitoring.record.prescription import Prescription
from monitoring.second_check import check_in_force
from monitoring.store.errors import ConflictError, NotFoundError
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import (
    a_cause,
    a_condition,
    a_dose,
    a_dose_check,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_note,
    a_patient,
    a_prescription,
    a_response,
    a_settlement,
    a_side_effect,
    at,
    every_kind,
    held_doses,
)
from tests.campaign import cases

NOW = at("2026-12-01T12:00")
REASON = "one child: the family's papers"
FORMER, STAYS = "00124", "00123"


def two_records(
    store: Store, former: Iterable[Entry] = (), stays: Iterable[Entry] = (), **particulars: Any
) -> None:
    """Add two patients with these entries; the particulars are those of the former one."""
    one = store.add_patient(replace(a_patient(FORMER), **particulars)).number
    other = store.add_patient(a_patient(STAYS)).number
    entries = [*((one, each) for each in former), *((other, each) for each in stays)]
    store.add_all(entries, store.last_change())


def the_plan(store: Store) -> MergePlan:
    _, plan = read_merge(store, FORMER, STAYS)
    assert isinstance(plan, MergePlan), plan
    return plan


def merged(store: Store) -> Record:
    """Merge the two records and return the one that stays."""
    revision, plan = read_merge(store, FORMER, STAYS)
    assert isinstance(plan, MergePlan), plan
    write_merge(store, plan, REASON, revision, NOW)
    return store.find(STAYS)


def said(record: Record) -> list[str]:
    """Return what the active entries say, without the note of the merge and the links by number."""
    return sorted(
        f"{type(each.entry).__name__} {_values(each.entry)} {_end(each.ending)}"
        for each in record.entries
        if each.is_active
        and not isinstance(each.entry, Patient)
        and not (isinstance(each.entry, Note) and each.entry.text.startswith("Record 00124"))
    )


def _values(entry: Entry) -> list[object]:
    return [getattr(entry, each.name) for each in fields(entry) if each.name != "of"]


def _end(ending: Any) -> object:
    return ending and (ending.entry.at, ending.entry.on, ending.entry.reason)


# --- nothing lost


def test_every_kind_of_entry_is_moved_and_its_end_with_it(store: Store) -> None:
    """On both databases: every entry, its end, its author and time, and a whole trail."""
    two_records(store, every_kind(), (a_measurement(on="2026-10-01"),))
    dose = store.find(FORMER).active(Prescription)[0].number
    store.end(dose, StopRecord(of=dose, at=at("2026-11-06T08:00"), reason="new dose"))
    before = said(store.find(FORMER)) + said(store.find(STAYS))
    record = merged(store)
    assert said(record) == sorted(before)
    assert verify(store.engine).is_whole
    with pytest.raises(NotFoundError, match=f"voided: merged into {STAYS}"):
        store.find(FORMER)


def test_both_records_point_at_each_other(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(), a_note("seen")))
    former = sqlite_store.find(FORMER)
    record = merged(sqlite_store)
    voided = sqlite_store.read(former.number)
    level = record.of(Level)[0]
    moved = next(each for each in voided.entries if isinstance(each.entry, Level))
    assert moved.void is not None
    assert moved.void.entry.reason == f"merged into {STAYS}, entry {level.number}: {REASON}"
    assert all(each.void for each in voided.entries)
    (note,) = (each.entry.text for each in record.of(Note) if "merged" in each.entry.text)
    assert note.startswith(f"Record {FORMER} was merged into this one: {REASON}.")
    origin = next(each for each in former.entries if isinstance(each.entry, Level))
    assert f"Entry {level.number} was {origin.number}, of {origin.author.by}, 5 Nov 2026" in note


def test_many_entries_take_several_notes_and_none_is_missing(sqlite_store: Store) -> None:
    levels = [a_level(sampled=f"2026-{month:02}-{day:02}T08:00")
              for month in (8, 9, 10) for day in range(1, 29)]  # fmt: skip
    two_records(sqlite_store, levels)
    record = merged(sqlite_store)
    text = " ".join(each.entry.text for each in record.of(Note))
    assert all(f"Entry {each.number} was " in text for each in record.of(Level))
    assert len(record.of(Note)) > 1


def test_a_cause_stays_with_its_level(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_dose(), a_level()))
    level = sqlite_store.find(FORMER).active(Level)[0].number
    sqlite_store.add(sqlite_store.find(FORMER).number, a_cause(of=level))
    record = merged(sqlite_store)
    (answer,) = record.active(LevelCauseAnswer)
    assert answer.entry.of == record.of(Level)[0].number
    assert [each.is_excluded for each in assess_levels(record)] == [True]


def test_a_cause_of_a_voided_level_stays_behind(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(),))
    level = sqlite_store.find(FORMER).active(Level)[0].number
    sqlite_store.add(sqlite_store.find(FORMER).number, a_cause(of=level))
    sqlite_store.void(level, "another patient's")
    assert len(the_plan(sqlite_store).left) == 1
    record = merged(sqlite_store)
    assert not record.of(LevelCauseAnswer)
    assert not record.of(Level)


@pytest.mark.parametrize("is_double", [False, True])
def test_the_check_of_a_dose_stays_with_its_dose(sqlite_store: Store, *, is_double: bool) -> None:
    """Else a dose that two people confirmed has no card after the merge, and the check no dose."""
    two_records(sqlite_store, (a_prescription(),), (a_prescription(),) if is_double else ())
    for number, by in ((FORMER, "Nurse Sample"), (STAYS, "Nurse Other"))[: 1 + is_double]:
        patient = sqlite_store.find(number)
        sqlite_store.add(patient.number, a_dose_check(patient.of(Prescription)[0].number, by))
    record = merged(sqlite_store)
    (dose,) = record.active(Prescription)
    checks = record.active(DoseCheck)
    assert {each.entry.of for each in checks} == {dose.number}
    assert len(checks) == 1 + is_double
    found = check_in_force(record, dose)
    assert found is not None
    assert found.entry.checked_by == "Nurse Sample"


def test_the_check_of_a_voided_dose_stays_behind(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_prescription(),))
    patient = sqlite_store.find(FORMER)
    dose = patient.of(Prescription)[0].number
    sqlite_store.add(patient.number, a_dose_check(dose))
    sqlite_store.void(dose, "another patient's")
    assert not merged(sqlite_store).of(DoseCheck)


def test_what_was_voided_stays_voided_and_behind(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(), a_level("9 ng/mL", "2026-11-22T08:00")))
    sqlite_store.void(sqlite_store.find(FORMER).of(Level)[0].number, "typed twice")
    record = merged(sqlite_store)
    assert [str(each.entry) for each in record.of(Level)] == ["9 ng/mL"]


# --- nothing doubled


def test_the_same_entry_in_both_is_there_once(sqlite_store: Store) -> None:
    entries = (a_level(), a_measurement(), a_laboratory_value(), a_drug(), a_note("seen"))
    two_records(sqlite_store, entries, entries)
    before = said(sqlite_store.find(STAYS))
    plan = the_plan(sqlite_store)
    assert (len(plan.moved), len(plan.doubles)) == (0, 5)
    assert said(merged(sqlite_store)) == before


def test_the_end_that_only_one_record_knows_is_kept(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_drug(),), (a_drug(),))
    drug = sqlite_store.find(FORMER).entries[-1].number
    sqlite_store.end(drug, StopRecord(of=drug, on=date(2026, 11, 20), reason="done"))
    (kept,) = (each for each in merged(sqlite_store).entries if type(each.entry) is type(a_drug()))
    assert kept.ending is not None
    assert (kept.ending.entry.on, kept.ending.entry.reason) == (date(2026, 11, 20), "done")


def test_a_cause_of_a_double_level_is_about_the_one_that_stays(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(),), (a_level(),))
    sqlite_store.add(
        sqlite_store.find(FORMER).number, a_cause(of=sqlite_store.find(FORMER).of(Level)[0].number)
    )
    record = merged(sqlite_store)
    (answer,) = record.active(LevelCauseAnswer)
    assert answer.entry.of == record.of(Level)[0].number


# --- contradictions


@pytest.mark.parametrize(
    ("former", "stays", "what"),
    [
        (a_level("7.2 ng/mL"), a_level("7.3 ng/mL"), "Level"),
        (a_level("7.2 ng/mL"), a_level("<7.2 ng/mL"), "Level"),
        (a_laboratory_value("ALT"), a_laboratory_value("alat", "31 U/L"), "Laboratory value"),
        (a_measurement("12.4 kg"), a_measurement("12.6 kg"), "Measurement"),
        (a_side_effect(grade=2), a_side_effect(grade=3), "Adverse event"),
        (a_drug("fluconazole"), a_drug("fluconazole", "2026-11-06"), "Drug"),
        (a_condition(), a_condition(since="2026-11-06"), "Condition"),
        (a_response(), a_response(improved=False), "Response"),
        (a_dose(mg="0.44"), a_dose(mg="0.46"), "Prescription"),
        (held_doses("2026-11-10T08:00", "2026-11-12T08:00"),
         held_doses("2026-11-11T08:00", "2026-11-13T08:00"), "Missed dose"),
    ],
)  # fmt: skip
def test_two_entries_of_one_time_that_differ_refuse_the_merge(
    sqlite_store: Store, former: Entry, stays: Entry, what: str
) -> None:
    two_records(sqlite_store, (former,), (stays,))
    revision, plan = read_merge(sqlite_store, FORMER, STAYS)
    assert isinstance(plan, MergePlan)
    assert any(each.startswith(f"{what}: ") for each in plan.conflicts)
    with pytest.raises(UserError, match="Nothing was stored"):
        write_merge(sqlite_store, plan, REASON, revision, NOW)
    assert sqlite_store.last_change() == revision


@pytest.mark.parametrize(
    ("begins", "ends", "conflicts"),
    [
        ("2026-11-10T08:00", "2026-11-20T07:59", 0),
        ("2026-11-10T08:00", "2026-11-20T08:00", 0),
        ("2026-11-10T08:00", "2026-11-20T08:01", 1),
        ("2026-11-10T08:00", None, 1),
        ("2026-11-25T08:00", None, 1),
    ],
)
def test_two_doses_at_one_time_refuse_the_merge_until_one_is_ended(
    sqlite_store: Store, begins: str, ends: str | None, conflicts: int
) -> None:
    two_records(sqlite_store, (a_dose(begins, "0.5"),), (a_dose("2026-11-20T08:00", "0.6"),))
    if ends:
        dose = sqlite_store.find(FORMER).entries[-1].number
        sqlite_store.end(dose, StopRecord(of=dose, at=at(ends)))
    assert len(the_plan(sqlite_store).conflicts) == conflicts


def test_the_same_dose_in_both_records_is_no_contradiction(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_dose("2026-11-10T08:00"),), (a_dose("2026-11-20T08:00"),))
    assert the_plan(sqlite_store).conflicts == ()


def test_two_ends_of_the_same_entry_are_a_contradiction(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_drug(),), (a_drug(),))
    for number, day in ((FORMER, 10), (STAYS, 12)):
        drug = sqlite_store.find(number).entries[-1].number
        sqlite_store.end(drug, StopRecord(of=drug, on=date(2026, 11, day)))
    assert "until 10 Nov 2026" in the_plan(sqlite_store).conflicts[0]


# --- the wrong person


def test_another_date_of_birth_is_another_person(sqlite_store: Store) -> None:
    two_records(sqlite_store, born=date(2024, 3, 1))
    _, plan = read_merge(sqlite_store, FORMER, STAYS)
    assert isinstance(plan, Refusal)
    assert "two persons" in plan.reason


@pytest.mark.parametrize("born", ["2024", "2024-02"])
def test_a_birth_that_is_known_less_exactly_may_be_the_same(sqlite_store: Store, born: str) -> None:
    two_records(sqlite_store, born=BirthDate.read(born))
    assert the_plan(sqlite_store).conflicts == ()


@pytest.mark.parametrize(
    ("sex", "refused"), [(Sex.MALE, False), (Sex.FEMALE, True), (Sex.UNKNOWN, False)]
)
def test_another_sex_refuses_the_merge(sqlite_store: Store, sex: Sex, refused: bool) -> None:  # noqa: FBT001 - a cell
    two_records(sqlite_store, sex=sex)
    assert bool(the_plan(sqlite_store).conflicts) is refused


def test_another_name_is_shown_and_another_spelling_is_not(sqlite_store: Store) -> None:
    two_records(sqlite_store, name="O'Neil, Łukasz")
    assert the_plan(sqlite_store).cautions == ()
    sqlite_store.add_patient(a_patient("00125", "Sample Other"))
    _, plan = read_merge(sqlite_store, "00125", STAYS)
    assert isinstance(plan, MergePlan)
    assert "The names differ" in plan.cautions[0]


@pytest.mark.parametrize(
    ("weight", "height", "seen"), [("12.5 kg", "88 cm", ""), ("20 kg", "88 cm", "caution"),
                                   ("90 kg", "88 cm", "conflict")],
)  # fmt: skip
def test_a_body_that_does_not_fit_the_other_record_is_seen(
    sqlite_store: Store, weight: str, height: str, seen: str
) -> None:
    two_records(
        sqlite_store,
        (a_measurement(weight, height, "2026-11-06"),),
        (a_measurement("12.4 kg", "88 cm", "2026-11-05"),),
    )
    plan = the_plan(sqlite_store)
    found = {"caution": plan.cautions, "conflict": plan.conflicts}
    assert {name for name, texts in found.items() if texts} >= ({seen} if seen else set())
    assert bool(plan.cautions or plan.conflicts) is bool(seen)


def test_one_record_cannot_be_merged_into_itself(sqlite_store: Store) -> None:
    two_records(sqlite_store)
    _, plan = read_merge(sqlite_store, STAYS, STAYS)
    assert isinstance(plan, Refusal)


# --- particulars


def test_an_allergy_of_the_former_record_is_never_lost(sqlite_store: Store) -> None:
    two_records(sqlite_store, allergies="peanut")
    assert merged(sqlite_store).patient.entry.allergies == "penicillin; peanut"


def test_what_only_the_former_record_knew_is_taken(sqlite_store: Store) -> None:
    known = a_patient(FORMER, congenital=True, severity="large", cyp3a5=Cyp3a5.ONE)
    one = sqlite_store.add_patient(known).number
    sqlite_store.add_patient(
        a_patient(STAYS, anomaly=Anomaly.NOT_RECORDED, diagnosis="", allergies="")
    )
    record = merged(sqlite_store)
    who = record.patient.entry
    assert (who.anomaly, who.diagnosis, who.allergies) == (
        Anomaly.LYMPHATIC, "cystic hygroma", "penicillin",
    )  # fmt: skip
    assert (who.congenital, who.severity, who.record_number) == (True, "large", STAYS)
    assert who.cyp3a5 is Cyp3a5.ONE
    assert one


def test_another_diagnosis_is_kept_in_the_note(sqlite_store: Store) -> None:
    two_records(sqlite_store, diagnosis="made up: another")
    record = merged(sqlite_store)
    assert record.patient.entry.diagnosis == "cystic hygroma"
    assert "The diagnosis of the former record was: made up: another." in (
        record.of(Note)[0].entry.text
    )


# --- storing


def test_a_change_meanwhile_stores_nothing(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(),))
    revision, plan = read_merge(sqlite_store, FORMER, STAYS)
    assert isinstance(plan, MergePlan)
    sqlite_store.add(plan.into.number, a_note("meanwhile"))
    with pytest.raises(ConflictError):
        write_merge(sqlite_store, plan, REASON, revision, NOW)
    assert sqlite_store.last_change() == revision + 1


@pytest.mark.parametrize("reason", ["", " ", "…"])
def test_a_merge_needs_a_reason(sqlite_store: Store, reason: str) -> None:
    two_records(sqlite_store, (a_level(),))
    with pytest.raises(UserError, match="reason"):
        merge_entries(the_plan(sqlite_store), reason, 10, NOW.local.date())


def test_a_long_reason_fits_into_every_text(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(),))
    revision, plan = read_merge(sqlite_store, FORMER, STAYS)
    assert isinstance(plan, MergePlan)
    write_merge(sqlite_store, plan, "why " * 499, revision, NOW)
    assert verify(sqlite_store.engine).is_whole


# --- as another system reports it


def reported(former: str, *numbers: str, born: date | None = None) -> IncomingMerge:
    patient = PatientIdentity(identifiers=tuple(map(Identifier, numbers)), born=born)
    return IncomingMerge(
        place=SourcePlace(1, "message 1"), patient=patient, former=Identifier(former)
    )


def test_a_reported_merge_of_two_known_records_is_planned(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(),))
    plan = plan_merge(sqlite_store, reported(FORMER, "unknown", STAYS))
    assert isinstance(plan, MergePlan)
    assert len(plan.moved) == 1


def test_a_reported_merge_is_carried_out_by_the_records_as_they_are_now(
    sqlite_store: Store,
) -> None:
    two_records(sqlite_store, (a_level(),))
    merge = reported(FORMER, STAYS)
    assert isinstance(plan_merge(sqlite_store, merge), MergePlan)
    sqlite_store.add(sqlite_store.find(FORMER).number, a_note("meanwhile"))
    assert isinstance(carry_out(sqlite_store, merge, "ADT A40, message 1", NOW), MergePlan)
    record = sqlite_store.find(STAYS)
    assert len(record.active(Level)) == 1
    assert "meanwhile" in {each.entry.text for each in record.active(Note)}
    assert isinstance(carry_out(sqlite_store, merge, "again", NOW), LeftOut)


def test_an_unknown_former_number_changes_nothing_and_says_so(sqlite_store: Store) -> None:
    two_records(sqlite_store)
    for numbers in ((STAYS,), ("unknown",)):
        left = plan_merge(sqlite_store, reported("[/] 999", *numbers))
        assert isinstance(left, LeftOut)
        assert "nothing to merge" in left.what


def test_an_unknown_surviving_number_is_a_new_record_number(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(),))
    change = carry_out(sqlite_store, reported(FORMER, "00777"), "ADT A40", NOW)
    assert isinstance(change, Renumbering)
    record = sqlite_store.find("00777")
    assert (record.number, len(record.active(Level))) == (change.record.number, 1)
    assert verify(sqlite_store.engine).is_whole


@pytest.mark.parametrize("numbers", [(STAYS,), ("00777",)])
def test_a_reported_birth_that_differs_refuses(
    sqlite_store: Store, numbers: tuple[str, ...]
) -> None:
    two_records(sqlite_store)
    refusal = plan_merge(sqlite_store, reported(FORMER, *numbers, born=date(2020, 1, 1)))
    assert isinstance(refusal, Refusal)
    assert "29 Feb 2024" in refusal.reason


def test_a_reported_merge_with_a_contradiction_is_refused(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level("7 ng/mL"),), (a_level("8 ng/mL"),))
    refusal = plan_merge(sqlite_store, reported(FORMER, STAYS))
    assert isinstance(refusal, Refusal)
    assert "of one time" in refusal.reason


# --- random records


def _random_entries(random_: random.Random) -> list[Entry]:
    pool: list[Entry] = [
        *(a_level(f"{value} ng/mL", f"2026-11-{on}T08:00") for value in (7, 8) for on in (20, 21)),
        *(a_measurement(f"12.{g} kg", on=f"2026-11-{on}") for g in (4, 5) for on in (10, 20)),
        a_drug(), a_drug("fluconazole", "2026-11-09"), a_drug("rifampicin"),
        a_note("one"), a_note("two"), a_settlement(), a_side_effect(), a_side_effect("fever"),
        a_laboratory_value(), a_laboratory_value("ALT", "31 U/L"), a_condition("infection"),
        a_dose("2026-11-01T08:00", "0.44"), a_dose("2026-11-01T08:00", "0.5"),
    ]  # fmt: skip
    return random_.sample(pool, random_.randrange(len(pool)))


def test_random_records_are_merged_whole_or_not_at_all(sqlite_store: Store) -> None:
    """By sets of texts: the union of both records is in the one that stays, each entry once."""
    random_ = random.Random(15)
    whole = refused = 0
    for _ in range(max(12, cases(12, 2_000))):  # fewer may be all of one outcome
        two_records(sqlite_store, _random_entries(random_), _random_entries(random_))
        for number in (FORMER, STAYS):
            for each in sqlite_store.find(number).entries[1:]:
                if random_.random() < 0.1:
                    sqlite_store.void(each.number, "typed twice")
        former, stays = sqlite_store.find(FORMER), sqlite_store.find(STAYS)
        revision, plan = read_merge(sqlite_store, FORMER, STAYS)
        assert isinstance(plan, MergePlan)
        if plan.conflicts:
            refused += 1
            with pytest.raises(UserError):
                write_merge(sqlite_store, plan, REASON, revision, NOW)
            assert sqlite_store.last_change() == revision
            sqlite_store.void(former.number, "the next case")
        else:
            whole += 1
            write_merge(sqlite_store, plan, REASON, revision, NOW)
            after = said(sqlite_store.find(STAYS))
            assert set(after) == {*said(former), *said(stays)}
            assert len(after) == len(said(stays)) + len(plan.moved)
            assert all(not each.is_active for each in sqlite_store.read(former.number).entries)
        sqlite_store.void(stays.number, "the next case")
    assert verify(sqlite_store.engine).is_whole
    assert whole
    assert refused


def test_the_effects_are_worked_out_from_the_records_alone(sqlite_store: Store) -> None:
    two_records(sqlite_store, (a_level(),))
    before = sqlite_store.last_change()
    assert isinstance(merge_effects(sqlite_store.find(FORMER), sqlite_store.find(STAYS)), MergePlan)
    assert sqlite_store.last_change() == before
