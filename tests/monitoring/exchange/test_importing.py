"""Results of any source compared with the records: new, known, corrected, withdrawn, refused."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dosing import Sex
from monitoring.clinic_choices import ClinicChoices
from monitoring.exchange.entry_identity import reported
from monitoring.exchange.import_plan import ImportChoices, Plan
from monitoring.exchange.importing import import_results, plan_import
from monitoring.exchange.incoming import (
    Identifier,
    Incoming,
    IncomingMerge,
    IncomingPatient,
    LeftOut,
    PatientIdentity,
    Refusal,
    ResultStatus,
    Skipped,
    SourceKind,
    SourcePlace,
)
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.store.connection import Place
from monitoring.store.errors import ConflictError, NotFoundError
from monitoring.store.opening import Records
from monitoring.store.verify import verify
from tests.builders import (
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_limit_set,
    a_measurement,
    a_missed_dose,
    a_note,
    a_patient,
    a_response,
    a_settlement,
    a_side_effect,
    at,
    held_doses,
)
from tests.monitoring.exchange.incoming_items import (
    CANCELLED,
    CORRECTED,
    FINAL,
    MORNING,
    NOW,
    PRELIMINARY,
    WITHDRAWN,
    an_item,
    brought_in,
    planned,
    reasons,
    who,
)
from tests.stores import prepared, store_of

BORN = "2024-02-29"


@pytest.fixture
def records(sqlite_place: Place) -> Records:
    """Records with the patient 00123, born on 29 February 2024."""
    store = store_of(prepared(sqlite_place))
    store.add_patient(a_patient("00123"))
    return Records(store, sqlite_place)


def levels(records: Records, number: str = "00123") -> list[str]:
    """Return the active levels in the order they were stored."""
    return [reported(each.entry) for each in records.store.find(number).active(Level)]


def voids(records: Records) -> list[str]:
    """Return the reasons of the voided entries."""
    entries = records.store.find("00123").entries
    return [each.void.entry.reason for each in entries if each.void]


def adds(plan: Plan) -> list[str]:
    return [reported(each.entry) for each in plan.additions]


# --- status


@pytest.mark.parametrize(
    ("status", "why"),
    [(PRELIMINARY, Skipped.PRELIMINARY), (CANCELLED, Skipped.CANCELLED)],
)
def test_a_preliminary_or_cancelled_result_is_never_an_entry(
    records: Records, status: ResultStatus, why: Skipped
) -> None:
    unknown = an_item("8.1 ng/mL", status, patient=who("777"))
    plan = planned(records, an_item("7.2 ng/mL", status), unknown, an_item("6.0 ng/mL"))
    assert (adds(plan), plan.waiting, plan.skipped) == (["6.0 ng/mL"], (), {why: 2})
    assert plan.left_out[0].what == "level 7.2 ng/mL"
    import_results(records, plan, backs_up=False)
    final = planned(records, an_item("7.2 ng/mL", status))
    assert (final.additions, final.to_void, final.refused) == ((), (), ())
    assert levels(records) == ["6.0 ng/mL"]


def test_the_final_result_after_a_preliminary_one_is_added(records: Records) -> None:
    brought_in(records, an_item("7.2 ng/mL", PRELIMINARY))
    brought_in(records, an_item("7.4 ng/mL", FINAL))
    assert levels(records) == ["7.4 ng/mL"]


def test_a_corrected_result_replaces_the_former_visibly_and_once(records: Records) -> None:
    brought_in(records, an_item("7.2 ng/mL"))
    corrected = an_item("6.1 ng/mL", CORRECTED, place="message 2, OBX 3", source="order 4711")
    plan = planned(records, corrected)
    (void,), (addition,) = plan.to_void, plan.additions
    assert (void.shown, addition.replaces) == ("7.2 ng/mL", void.number)
    changes = records.store.last_change()
    import_results(records, plan, backs_up=False)
    assert levels(records) == ["6.1 ng/mL"]
    (reason,) = voids(records)
    assert reason == (
        "corrected by the laboratory to 6.1 ng/mL (results.hl7, message 2, OBX 3; order 4711)"
    )
    assert records.store.last_change() == changes + 2
    assert verify(records.store.engine).is_whole
    for again in (corrected, an_item("7.2 ng/mL"), an_item("6.1 ng/mL")):
        plan = planned(records, again)
        assert (plan.changes_records, plan.refused, plan.already_there) == (False, (), 1)
    assert planned(records, an_item("7.2 ng/mL")).voided_there == 1


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_in_one_file_the_corrected_result_wins_whatever_the_order(
    records: Records, order: tuple[int, ...]
) -> None:
    items = (an_item("7.2 ng/mL"), an_item("6.1 ng/mL", CORRECTED), an_item("6.1 ng/mL", CORRECTED))
    plan = brought_in(records, *(items[each] for each in order))
    assert (plan.skipped, plan.already_there) == ({Skipped.SUPERSEDED: 1}, 1)
    assert (levels(records), voids(records)) == (["6.1 ng/mL"], [])


def test_a_corrected_result_with_the_same_value_is_already_there(records: Records) -> None:
    brought_in(records, an_item("7.2 ng/mL"))
    plan = planned(records, an_item("7.20 ng/mL", CORRECTED))
    assert (plan.changes_records, plan.already_there, plan.remarks) == (False, 1, ())


def test_a_correction_back_to_a_voided_value_is_left_to_a_person_and_shown(
    records: Records,
) -> None:
    brought_in(records, an_item("7.2 ng/mL"))
    brought_in(records, an_item("6.1 ng/mL", CORRECTED))
    plan = planned(records, an_item("7.2 ng/mL", CORRECTED, place="message 9"))
    assert (plan.changes_records, plan.already_there) == (False, 1)
    (remark,) = plan.remarks
    assert remark.startswith("message 9: the corrected value 7.2 ng/mL was voided here, and 6.1")


def test_two_corrections_in_one_file_are_a_conflict(records: Records) -> None:
    plan = planned(
        records,
        an_item("6.1 ng/mL", CORRECTED),
        an_item("6.2 ng/mL", CORRECTED),
        an_item("7 ng/mL"),
    )
    assert (plan.additions, len(plan.refused)) == ((), 2)
    assert "several corrected values" in reasons(plan)[0]


@pytest.mark.parametrize(
    ("former", "is_near"),
    [
        ("2026-11-04T07:44", False),
        ("2026-11-04T07:45", True),
        ("2026-11-04T07:46", True),
        ("2026-11-05T07:44", True),
        ("2026-11-05T07:46", True),
    ],
)
def test_a_corrected_result_without_a_former_is_refused_near_another_one(
    records: Records, former: str, *, is_near: bool
) -> None:
    """A corrected time would leave two levels, one of them wrong."""
    brought_in(records, an_item("7.2 ng/mL", when=former))
    (number,) = (each.number for each in records.store.find("00123").of(Level))
    plan = planned(records, an_item("6.1 ng/mL", CORRECTED))
    if is_near:
        assert (plan.additions, plan.to_void) == ((), ())
        assert f"7.2 ng/mL of {former[8:10].lstrip('0')} Nov 2026" in reasons(plan)[0]
        assert f"(entry {number})" in reasons(plan)[0]
    else:
        assert (adds(plan), plan.refused) == (["6.1 ng/mL"], ())


def test_a_corrected_result_is_refused_near_a_final_one_of_the_same_file(records: Records) -> None:
    final = an_item("7.2 ng/mL", when="2026-11-05T06:45", place="message 4")
    plan = planned(records, an_item("6.1 ng/mL", CORRECTED), final)
    assert adds(plan) == ["7.2 ng/mL"]
    assert "7.2 ng/mL (message 4)" in reasons(plan)[0]


def test_another_test_of_the_same_time_is_no_former(records: Records) -> None:
    brought_in(records, an_item(a_laboratory_value("AST", "30 U/L", MORNING)))
    plan = brought_in(records, an_item(a_laboratory_value("ALT", "31 U/L", MORNING), CORRECTED))
    assert plan.to_void == ()


def test_a_withdrawn_result_voids_the_former_and_adds_nothing(records: Records) -> None:
    brought_in(records, an_item("7.2 ng/mL"))
    plan = brought_in(records, an_item("7.2 ng/mL", WITHDRAWN, source="order 1"))
    assert len(plan.to_void) == 1
    assert levels(records) == []
    assert voids(records)[0].startswith("withdrawn by the laboratory (results.hl7, message ")
    for again in (an_item("7.2 ng/mL", WITHDRAWN), an_item("7.2 ng/mL")):
        plan = planned(records, again)
        assert (plan.changes_records, plan.already_there, plan.voided_there) == (False, 1, 1)


def test_nothing_to_withdraw_is_left_out_and_said(records: Records) -> None:
    plan = planned(records, an_item("7.2 ng/mL", WITHDRAWN, place="message 3"))
    assert plan.changes_records is False
    assert plan.left_out == (
        LeftOut(
            SourcePlace(plan.left_out[0].place.number, "message 3"), Skipped.NOTHING_TO_WITHDRAW,
            "level 7.2 ng/mL",
        ),
    )  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
def test_in_one_file_a_withdrawn_result_takes_its_value_away(
    records: Records, *, turned: bool
) -> None:
    items = [an_item("7.2 ng/mL"), an_item("7.2 ng/mL", WITHDRAWN)]
    plan = brought_in(records, *(reversed(items) if turned else items))
    assert (levels(records), plan.skipped[Skipped.SUPERSEDED]) == ([], 1)


def test_a_withdrawn_and_a_new_result_of_one_time_replace_each_other(records: Records) -> None:
    brought_in(records, an_item("7.2 ng/mL"))
    brought_in(records, an_item("7.2 ng/mL", WITHDRAWN), an_item("6.1 ng/mL"))
    assert (levels(records), len(voids(records))) == (["6.1 ng/mL"], 1)


def test_two_active_values_of_one_time_are_never_corrected_by_guess(records: Records) -> None:
    number = records.store.find("00123").number
    for value in ("7.2 ng/mL", "7.3 ng/mL"):
        records.store.add(number, a_level(value, MORNING))
    plan = planned(records, an_item("6.1 ng/mL", CORRECTED))
    assert plan.changes_records is False
    assert "7.2 ng/mL (entry 2) and 7.3 ng/mL (entry 3)" in reasons(plan)[0]


# --- kinds of entries

KINDS: tuple[tuple[Entry, Entry | None], ...] = (
    (a_level("7.2 ng/mL", MORNING), a_level("7.3 ng/mL", MORNING)),
    (a_level("<2.0 ng/mL", MORNING), a_level("2.0 ng/mL", MORNING)),
    (a_laboratory_value("ALT", "30 U/L", MORNING), a_laboratory_value("SGPT", "31 U/L", MORNING)),
    (a_measurement("12.4 kg", "88 cm", "2026-11-05"), a_measurement("12.5 kg", None, "2026-11-05")),
    (a_measurement("12.4 kg", "88 cm", "2026-11-05"), a_measurement(None, "89 cm", "2026-11-05")),
    (a_dose("2026-11-01T08:00", "0.44"), a_dose("2026-11-01T08:00", "0.5")),
    (held_doses("2026-11-02T08:00", "2026-11-03T08:00"), held_doses("2026-11-02T08:00", None)),
    (a_side_effect(grade=1), a_side_effect("mouth sores", grade=2)),
    (a_response(improved=True), a_response(improved=False)),
    (a_missed_dose(), None),
    (a_drug(), None),
    (a_condition(), None),
    (a_note(), None),
)  # fmt: skip


@pytest.mark.parametrize(("entry", "other"), KINDS)
def test_every_kind_comes_in_once_and_another_value_is_a_conflict(
    records: Records, entry: Entry, other: Entry | None
) -> None:
    plan = brought_in(records, an_item(entry), an_item(entry), take_doses=True)
    assert (len(plan.additions), plan.already_there) == (1, 1)
    record = records.store.find("00123")
    (stored,) = record.of(type(entry))
    assert planned(records, an_item(entry), take_doses=True).already_there == 1
    if other is not None:
        plan = planned(records, an_item(other), take_doses=True)
        assert plan.additions == ()
        assert "Check which is right" in reasons(plan)[0]
    records.store.void(stored.number, "of another patient")
    plan = planned(records, an_item(entry), take_doses=True)
    assert (plan.additions, plan.already_there, plan.voided_there) == ((), 1, 1)


def test_what_was_typed_is_known_too_whatever_the_zone_and_the_synonym(records: Records) -> None:
    number = records.store.find("00123").number
    records.store.add(number, a_laboratory_value("alat", "30.0 U/L", MORNING))
    records.store.add(number, a_measurement("12400 g", None, "2026-11-05"))
    value = a_laboratory_value("ALT", "30 U/L", at("2026-11-05T06:45", "UTC"))
    weight = a_measurement("12.4 kg", None, "2026-11-05")
    plan = planned(records, an_item(value), an_item(weight))
    assert (plan.additions, plan.refused, plan.already_there) == ((), (), 2)


def test_weight_and_height_that_come_apart_and_together_are_the_same(records: Records) -> None:
    apart = (a_measurement("12.4 kg", None), a_measurement(None, "88 cm"))
    together = a_measurement("12.4 kg", "88 cm")
    brought_in(records, an_item(apart[0]))
    plan = brought_in(records, an_item(together))
    assert adds(plan) == ["88 cm"]
    plan = planned(records, an_item(together), *(an_item(each) for each in apart))
    assert (plan.additions, plan.refused, plan.already_there) == ((), (), 3)


def test_half_of_a_measurement_in_conflict_refuses_all_of_it(records: Records) -> None:
    brought_in(records, an_item(a_measurement("12.4 kg", None)))
    plan = planned(records, an_item(a_measurement("12.6 kg", "88 cm")))
    assert (plan.additions, len(plan.refused)) == ((), 1)


def test_an_entry_of_another_kind_is_refused(records: Records) -> None:
    plan = planned(records, an_item(a_settlement()))
    assert "a settled check cannot be imported" in reasons(plan)[0]


# --- ends


def test_an_entry_comes_with_its_end_and_an_end_that_comes_later_is_added(
    records: Records,
) -> None:
    event = a_side_effect(since="2026-11-01")
    ended = an_item(a_side_effect("fever", "2026-11-01"), ended_on=at(NOW).local.date())
    brought_in(records, an_item(event), ended)
    open_event, over = records.store.find("00123").of(AdverseEvent)
    assert (open_event.ending, over.ending and str(over.ending.entry.on)) == (None, "2026-11-05")
    later = replace(ended, entry=event, ended_on=NOW.local.date())
    plan = brought_in(records, later)
    assert [each.number for each in plan.to_end] == [open_event.number]
    (again, _) = records.store.find("00123").of(AdverseEvent)
    assert again.ending is not None
    assert planned(records, later).changes_records is False
    other = replace(later, ended_on=at("2026-11-04T08:00").local.date())
    assert "the records have 5 Nov 2026" in reasons(planned(records, other))[0]
    assert verify(records.store.engine).is_whole


def test_the_end_of_a_dose_is_a_time(records: Records) -> None:
    dose = an_item(a_dose(), ended_at=at("2026-11-04T20:00"))
    brought_in(records, dose, take_doses=True)
    (stored,) = records.store.find("00123").of(Prescription)
    assert stored.ending is not None
    assert stored.ending.entry.at == at("2026-11-04T20:00")
    assert planned(records, dose, take_doses=True).changes_records is False
    wrong = an_item(a_dose("2026-11-02T08:00", "0.5"), ended_on=NOW.local.date())
    assert (
        "The end of this prescription is a time"
        in reasons(planned(records, wrong, take_doses=True))[0]
    )


# --- doses, last doses, limits


def test_doses_come_in_only_if_they_are_asked_for(records: Records) -> None:
    doses = (an_item(a_dose()), an_item(a_missed_dose()))
    plan = planned(records, *doses, an_item("7.2 ng/mL"))
    assert (adds(plan), plan.skipped) == (["7.2 ng/mL"], {Skipped.DOSE: 2})
    brought_in(records, *doses, take_doses=True)
    record = records.store.find("00123")
    assert (len(record.of(Prescription)), len(record.of(MissedDose))) == (1, 1)


def test_a_level_has_the_last_dose_of_the_doses_that_come_with_it(records: Records) -> None:
    brought_in(records, an_item(a_dose("2026-11-01T08:00")), an_item("7.2 ng/mL"), take_doses=True)
    (level,) = records.store.find("00123").of(Level)
    assert (level.entry.last_dose, level.entry.last_dose_assumed) == (at("2026-11-04T20:00"), True)


def test_new_values_are_graded_by_the_clinics_choice(records: Records) -> None:
    value = an_item(a_laboratory_value("ALT", "30 U/L", MORNING))
    clinic = ClinicChoices(grading="CTCAE v6.0")
    plan = plan_import(records.store, (value,), SourceKind.FHIR, NOW, clinic=clinic)
    (entry,) = (each.entry for each in plan.additions)
    assert isinstance(entry, LaboratoryValue)
    assert entry.scale == "CTCAE v6.0"


@pytest.mark.parametrize(
    ("value", "is_refused"), [("249.9 ng/mL", False), ("250 ng/mL", False), ("250.1 ng/mL", True)]
)
def test_a_level_that_needs_a_reason_is_refused(
    records: Records, value: str, *, is_refused: bool
) -> None:
    plan = planned(records, an_item(value))
    assert bool(plan.refused) is is_refused
    with_reason = replace(a_level(value, MORNING), reason="confirmed by the laboratory")
    assert planned(records, an_item(with_reason)).refused == ()


@pytest.mark.parametrize(
    ("when", "is_refused"),
    [
        ("2026-11-05T12:04", False),
        ("2026-11-05T12:05", False),
        ("2026-11-05T12:06", True),
        ("2024-02-29T00:00", False),
        ("2024-02-28T23:59", True),
    ],
)
def test_a_time_in_the_future_or_before_the_birth_is_refused(
    records: Records, when: str, *, is_refused: bool
) -> None:
    plan = planned(records, an_item("7.2 ng/mL", when=when, time_part="OBX-14"))
    assert bool(plan.refused) is is_refused
    if is_refused:
        assert ", OBX-14: " in reasons(plan)[0]


def test_an_impossible_weight_is_refused(records: Records) -> None:
    """The child of two weighs 12.4 kg, not 124 kg."""
    plan = planned(records, an_item(a_measurement("124 kg", "88 cm")))
    assert plan.additions == ()
    assert "sirolimus measure add with --reason" in reasons(plan)[0]


# --- new patients


BABY: dict[str, Any] = {"born": "2025-05-01", "name": "Sample Baby [/]", "sex": Sex.FEMALE}


def test_an_unknown_patient_waits_and_is_never_made_in_silence(records: Records) -> None:
    plan = brought_in(records, an_item(patient=who("777", **BABY)))
    assert (plan.additions, plan.new_patients, len(plan.waiting)) == ((), (), 1)
    assert records.store.count_patients() == 1


def test_a_new_patient_is_made_with_all_results_in_one_transaction(records: Records) -> None:
    sparse = an_item("7.4 ng/mL", patient=who("777"), when="2026-11-04T08:00")
    particulars = IncomingPatient(
        place=SourcePlace(9, "row 9"),
        patient=who("777", **BABY),
        diagnosis="lymphatic malformation",
    )
    plan = brought_in(
        records, sparse, an_item(patient=who("777", **BABY)), particulars, new_patients=True
    )
    assert [each.entry.name for each in plan.new_patients] == ["Sample Baby [/]"]
    record = records.store.find("777")
    assert record.patient.entry.diagnosis == "lymphatic malformation"
    assert levels(records, "777") == ["7.4 ng/mL", "7.2 ng/mL"]
    assert verify(records.store.engine).is_whole
    again = planned(records, sparse, particulars, new_patients=True)
    assert (again.changes_records, again.new_patients, again.already_there) == (False, (), 2)


def test_the_clinics_limits_are_those_of_a_new_patient_too(records: Records) -> None:
    records.store.add_limits(a_limit_set(weight_highest="250"), 0)
    heavy = an_item(a_measurement("300 kg"), patient=who("777", **BABY))
    plan = planned(records, heavy, an_item(patient=who("777", **BABY)), new_patients=True)
    (refused,) = plan.refused
    assert "250 kg" in refused.reason


@pytest.mark.parametrize("sex", [Sex.UNKNOWN, Sex.OTHER])
def test_a_sex_that_is_stated_as_unknown_is_enough(records: Records, sex: Sex) -> None:
    brought_in(records, an_item(patient=who("777", **{**BABY, "sex": sex})), new_patients=True)
    assert records.store.find("777").patient.entry.sex is sex


@pytest.mark.parametrize(
    ("lacks", "why"),
    [
        ({"name": ""}, "does not state the name"),
        ({"born": None}, "does not state the date of birth"),
        ({"sex": None}, "does not state the sex"),
        ({"born": "2026-11-06"}, "is in the future"),
        ({"name": "[/]"}, "name"),
        ({"name": "Łukasz O'Neil", "born": BORN}, "with this name and birth date is on record"),
    ],
)
def test_a_patient_without_enough_particulars_waits_with_the_reason(
    records: Records, lacks: dict[str, Any], why: str
) -> None:
    patient = who("777", **{**BABY, **lacks})
    plan = planned(records, an_item(patient=patient), new_patients=True)
    assert (plan.new_patients, plan.additions) == ((), ())
    assert why in plan.waiting[0].why


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (who("777", **{**BABY, "born": "2025-05-02"}), "two dates of birth"),
        (who("777", **{**BABY, "name": "Sample Other"}), "two names"),
        (who("777", **{**BABY, "sex": Sex.MALE}), "two sexes"),
        (who("0777", **{**BABY, "name": "Sample Other"}), "leading zeros"),
        (who("778", **BABY), "under another number"),
    ],
)
def test_a_patient_in_doubt_is_not_made(records: Records, other: object, why: str) -> None:
    items = (
        an_item(patient=who("777", **BABY)),
        an_item("8.0 ng/mL", patient=other, when="2026-11-04T08:00"),  # type: ignore[arg-type]
    )
    plan = planned(records, *items, new_patients=True)
    assert any(why in each.why for each in plan.waiting), [each.why for each in plan.waiting]


def test_particulars_alone_are_left_out_unless_patients_are_to_be_made(records: Records) -> None:
    particulars = IncomingPatient(place=SourcePlace(1, "row 1"), patient=who("777", **BABY))
    assert planned(records, particulars).skipped == {Skipped.NEW_PATIENT: 1}
    brought_in(records, particulars, new_patients=True)
    assert records.store.find("777").entries[0].entry == records.store.find("777").patient.entry


def test_a_patient_whose_results_are_all_refused_is_not_made(records: Records) -> None:
    before_birth = an_item(patient=who("777", **BABY), when="2025-04-30T08:00")
    plan = planned(records, before_birth, new_patients=True)
    assert (len(plan.refused), plan.new_patients) == (1, ())


def test_a_number_that_was_taken_meanwhile_stores_nothing(records: Records) -> None:
    plan = planned(records, an_item(patient=who("777", **BABY)), new_patients=True)
    records.store.add_patient(a_patient("777", "Sample Meanwhile"))
    with pytest.raises(ConflictError):
        import_results(records, plan, backs_up=False)
    assert levels(records, "777") == []


# --- the rest


def a_merge(into: PatientIdentity, former: str, number: int = 9) -> IncomingMerge:
    place = SourcePlace(number, f"message {number}")
    return IncomingMerge(place=place, patient=into, former=Identifier(former))


def test_a_reported_merge_joins_two_records_of_one_person(records: Records) -> None:
    records.store.add_patient(a_patient("00124", name="Sample Other"))
    brought_in(records, an_item("7.2 ng/mL"), an_item("6.0 ng/mL", patient=who("00124")))
    later = "2026-11-04T08:00"
    brought_in(records, an_item("8.8 ng/mL", patient=who("00124"), when=later))
    # two levels of one moment contradict each other: refused until a person has voided one
    plan = planned(records, a_merge(who("00123"), "00124"))
    assert (plan.merges, len(plan.refused)) == ((), 1)
    double = records.store.find("00124").active(Level)[0]
    records.store.void(double.number, "of another sample")
    plan = brought_in(records, a_merge(who("00123"), "00124"))
    assert (len(plan.merges), plan.changes_records, plan.adds_entries) == (1, True, False)
    assert levels(records) == ["7.2 ng/mL", "8.8 ng/mL"]
    assert verify(records.store.engine).is_whole
    with pytest.raises(NotFoundError, match="merged into 00123"):
        records.store.find("00124")
    again = planned(records, a_merge(who("00123"), "00124"))
    assert (again.changes_records, again.refused) == (False, ())


def test_a_merge_with_a_number_that_is_new_here_changes_the_number(records: Records) -> None:
    brought_in(records, an_item("7.2 ng/mL"), a_merge(who("00999"), "00777"))
    brought_in(records, a_merge(who("00999"), "00123"))
    assert levels(records, "00999") == ["7.2 ng/mL"]


def test_results_of_records_that_the_same_file_merges_come_in_after_it(records: Records) -> None:
    records.store.add_patient(a_patient("00124"))
    items = a_merge(who("00123"), "00124"), an_item("7.2 ng/mL"), an_item("5 ng/mL", patient=who())
    plan = planned(records, *items[:2])
    assert reasons(plan)[0].endswith(
        "message 9 merges its patient's records. Import the file again after that."
    )
    assert (len(plan.merges), plan.additions) == (1, ())
    import_results(records, plan, backs_up=False)
    brought_in(records, *items[:2])
    assert levels(records) == ["7.2 ng/mL"]


def test_a_merge_of_two_birth_dates_is_refused(records: Records) -> None:
    records.store.add_patient(a_patient("00124", born="2020-01-01"))
    plan = planned(records, a_merge(who("00123"), "00124"))
    assert "They are two persons" in reasons(plan)[0]


def test_refusals_and_left_out_results_of_a_reader_are_kept(records: Records) -> None:
    plan = planned(
        records,
        Refusal(SourcePlace(2, "message 2"), "OBX-5", "it is empty."),
        LeftOut(SourcePlace(3, "message 3"), Skipped.OTHER_TEST, "LOINC 5778-6"),
        LeftOut(SourcePlace(4, "message 4"), Skipped.EMPTY_ROW),
    )
    assert reasons(plan) == ["message 2, OBX-5: it is empty."]
    assert plan.skipped == {Skipped.OTHER_TEST: 1, Skipped.EMPTY_ROW: 1}
    assert [each.what for each in plan.left_out] == ["LOINC 5778-6"]
    assert plan.rows == 3


def test_a_hostile_source_is_clean_in_the_reason_of_a_void(records: Records) -> None:
    brought_in(records, an_item("7.2 ng/mL"))
    source = "\x1b[31m[/] <img src=x>\n" + "x" * 5000
    brought_in(records, an_item("6.1 ng/mL", CORRECTED, source=source), file="=1+1\u202e.hl7")
    (reason,) = voids(records)
    assert "(=1+1.hl7, " in reason
    assert "\x1b" not in reason
    assert len(reason) < 400


def test_one_number_of_several_and_a_measurement_of_a_new_patient(records: Records) -> None:
    weight = an_item(
        Measurement(on=NOW.local.date(), weight=a_measurement().weight),
        patient=who("777", "X-1", **BABY),
    )
    brought_in(records, weight, new_patients=True)
    (stored,) = records.store.find("777").of(Measurement)
    assert stored.entry.as_weight is not None
    assert stored.entry.as_weight.kg == Decimal("12.4")


def test_the_plan_counts_every_item_once(records: Records) -> None:
    items: list[Incoming] = [
        an_item("7.2 ng/mL"),
        an_item("7.2 ng/mL"),
        an_item("8.0 ng/mL", PRELIMINARY),
        an_item("8.0 ng/mL", patient=who("777")),
        an_item("8.0 ng/mL", when="2026-11-06T08:00"),
    ]
    plan = plan_import(records.store, items, SourceKind.HL7, NOW, choices=ImportChoices())
    parts = (
        len(plan.additions), plan.already_there, sum(plan.skipped.values()), len(plan.waiting),
        len(plan.refused),
    )  # fmt: skip
    assert parts == (1, 1, 1, 1, 1)
    assert plan.rows == 5


def test_the_end_of_a_new_entry_needs_its_kind(records: Records) -> None:
    with pytest.raises(ValueError, match="cannot be ended"):
        records.store.add_all(
            [(1, a_note())], records.store.last_change(),
            ends={0: StopRecord(of=0, on=NOW.local.date())},
        )  # fmt: skip
    assert records.store.last_change() == 1
