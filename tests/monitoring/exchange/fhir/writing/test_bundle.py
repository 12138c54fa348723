"""The resources of a Bundle, each from the entries that a test states."""

import json
import stat
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dosing import Product, UserError
from dosing.knowledge.alert_catalogue import CATALOGUE
from monitoring.exchange.fhir.extensions import (
    ACTION_TAKEN,
    CTCAE_GRADE,
    ENDED_ON,
    ENTERED_IN_ERROR,
    EXCLUDED,
    LAST_DOSE,
    MG_PER_M2_PER_DAY,
    MG_PER_M2_PER_DOSE,
    RECORD_ENTRY,
    TARGET_TROUGH,
    read_entry_text,
)
from monitoring.exchange.fhir.writing import bundle_of, write_fhir
from monitoring.exchange.fhir.writing.json_text import json_line
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Author, Record, UnreadableEntry
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, LevelCause
from monitoring.record.patient import Anomaly
from monitoring.store.errors import NotFoundError
from monitoring.store.store import Store
from tests.builders import (
    a_cause,
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_missed_dose,
    a_patient,
    a_record,
    a_side_effect,
    a_target,
    at,
    ended,
    held_doses,
    later,
    voided,
)
from tests.monitoring.exchange.fhir.writing.r4_definitions import problems_in
from tests.stores import fill

NOW = at("2026-11-24T16:00")
DOSE = a_dose("2026-11-01T20:00", "0.44")
Found = dict[str, Any]


def read(text: str) -> list[Found]:
    return [each["resource"] for each in json.loads(text, parse_float=Decimal)["entry"]]


def resources(record: Record, kind: str = "") -> list[Found]:
    """Return the resources of one type, or of any."""
    found = read(bundle_of([record], NOW))
    return [each for each in found if kind in {"", each["resourceType"]}]


def only(record: Record, kind: str, part: str = "") -> Found:
    """Return the one resource of a type whose id ends so."""
    (found,) = [each for each in resources(record, kind) if each["id"].endswith(part)]
    return found


def of(*entries: Entry) -> Record:
    return a_record(a_measurement("12.4 kg", "88 cm", "2026-11-01"), DOSE, *entries)


def stated(found: Found, url: str) -> Any:
    """Return the value of an extension, or None without it."""
    values = [each for each in found.get("extension", []) if each["url"] == url]
    return next((value for each in values for name, value in each.items() if name != "url"), None)


def level_of(*entries: Entry) -> Found:
    (found,) = [
        each
        for each in resources(of(*entries), "Observation")
        if each["code"].get("text") == "sirolimus level"
    ]
    return found


def codes(concept: Found) -> list[str]:
    return [each["code"] for each in concept["coding"]]


# --- JSON


@pytest.mark.parametrize("number", ["7.20", "0.0000001", "100", "1234567890.123456789", "0.10"])
def test_every_digit_of_a_decimal_is_written(number: str) -> None:
    assert json_line({"value": Decimal(number)}) == f'{{"value":{number}}}'


@pytest.mark.parametrize("value", [7.2, None, Decimal("NaN"), b"a", {"a": {1}}])
def test_what_has_no_digits_of_its_own_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError):
        json_line(value)


@pytest.mark.parametrize(
    "text", ['"', "\\", "</script>", "\x7f", "\u2028", "李 😀", "\\u0041", "[/]", "a\tb"]
)
def test_a_text_reads_back_as_it_was(text: str) -> None:
    assert json.loads(json_line({text: [text, True, 0]})) == {text: [text, True, 0]}


# --- levels


def test_a_level_is_written_as_it_was_reported() -> None:
    level = a_level("7.20 ug/L", "2026-11-15T07:50", hours=11.8, assay=Assay.CMIA, laboratory="L")
    found = level_of(level)
    assert found["status"] == "final"
    assert found["valueQuantity"] == {
        "value": Decimal("7.20"), "unit": "ug/L", "system": "http://unitsofmeasure.org",
        "code": "ug/L",
    }  # fmt: skip
    assert str(found["valueQuantity"]["value"]) == "7.20"
    assert found["effectiveDateTime"] == "2026-11-15T07:50:00+01:00"
    assert stated(found, LAST_DOSE) == "2026-11-14T20:02:00+01:00"
    assert found["note"] == [{"text": "Sampled 11.8 hours after the last dose."}]
    assert codes(found["method"]) == ["cmia"]
    assert found["performer"] == [{"type": "Organization", "display": "L"}]
    (target,) = found["referenceRange"]
    assert codes(target["type"]) == ["therapeutic"]
    assert [target[end]["value"] for end in ("low", "high")] == [5, 15]
    assert read_entry_text(stated(found, RECORD_ENTRY)).entry == level


@pytest.mark.parametrize(
    ("hours", "is_trough"), [(9.9, False), (10, True), (12, True), (14, True), (14.1, False),
                             (None, False)]
)  # fmt: skip
def test_a_trough_is_coded_as_one_where_the_assessment_says_so(
    hours: float | None, *, is_trough: bool
) -> None:
    """The window of a dose every 12 hours is 10 to 14 hours."""
    found = level_of(a_level("7.2 ng/mL", "2026-11-20T08:00", hours=hours))
    assert codes(found["code"]) == (["115766-8", "29247-4"] if is_trough else ["29247-4"])


@pytest.mark.parametrize(
    ("value", "code"),
    [("4.9 ng/mL", "L"), ("5 ng/mL", "N"), ("15.0 ng/mL", "N"), ("15.1 ng/mL", "H"),
     ("<2.0 ng/mL", "L"), (">30 ng/mL", "H")],
)  # fmt: skip
def test_the_interpretation_is_the_place_against_the_target(value: str, code: str) -> None:
    found = level_of(a_level(value, "2026-11-20T08:00"))
    assert codes(found["interpretation"][0]) == [code]
    sign = value[0] if value[0] in "<>" else None
    assert found["valueQuantity"].get("comparator") == sign


def test_a_level_that_is_not_assessed_has_no_interpretation() -> None:
    found = level_of(a_level("7.2 ng/mL", "2026-11-20T08:00", hours=3))
    assert "interpretation" not in found
    unknown = level_of(a_level("7.2 ng/mL", "2026-11-20T08:00", hours=None, assay=None))
    assert not {"interpretation", "method", "note", "performer"} & unknown.keys()


def test_the_target_beside_nmol_is_text_alone() -> None:
    (target,) = level_of(a_level("8.00 nmol/L", "2026-11-20T08:00"))["referenceRange"]
    assert (target["text"], target.keys() & {"low", "high"}) == ("target trough 5-15 ng/mL", set())


def test_a_voided_level_is_withdrawn_with_its_reason() -> None:
    record = voided(of(a_level("7.20 ng/mL", "2026-11-20T08:00")), 4)
    found = only(record, "Observation", "-4")
    assert found["status"] == "entered-in-error"
    assert found["note"][-1] == {"text": "Voided by Dr Example on 5 Nov 2026, 08:00: Typed twice"}
    assert "interpretation" not in found


@pytest.mark.parametrize(
    ("cause", "status"),
    [(LevelCause.VOMITED, "final"), (LevelCause.WRONG_PATIENT, "entered-in-error"),
     (LevelCause.NEW_DRUG, "final")],
)  # fmt: skip
def test_a_level_of_another_patient_is_withdrawn_too(cause: LevelCause, status: str) -> None:
    found = level_of(a_level("40 ng/mL", "2026-11-20T08:00"), a_cause(4, cause))
    assert found["status"] == status
    assert stated(found, EXCLUDED) is cause.is_error


# --- the body and the laboratory


def test_weight_height_and_area_of_one_measurement() -> None:
    """Mosteller: the root of 12.40 × 88 / 3600 is 0.550555."""
    record = a_record(a_measurement("12.40 kg", "0.88 m", reason="twice"))
    weight, height, area = resources(record, "Observation")
    assert [codes(each["code"]) for each in (weight, height, area)] == [
        ["29463-7"], ["8302-2"], ["8277-6"],
    ]  # fmt: skip
    assert [str(each["valueQuantity"]["value"]) for each in (weight, height, area)] == [
        "12.40", "0.88", "0.550555",
    ]  # fmt: skip
    assert [each["valueQuantity"]["code"] for each in (weight, height, area)] == ["kg", "m", "m2"]
    assert {each["effectiveDateTime"] for each in (weight, height, area)} == {"2026-11-05"}
    assert stated(weight, RECORD_ENTRY) == stated(height, RECORD_ENTRY) is not None
    assert stated(area, RECORD_ENTRY) is None


@pytest.mark.parametrize(
    ("weight", "height", "found"),
    [("27.3 lb", None, ["[lb_av]"]), (None, "34.65 in", ["[in_i]"]), ("900 g", None, ["g"])],
)
def test_a_measurement_of_one_has_no_area(
    weight: str | None, height: str | None, found: list[str]
) -> None:
    record = a_record(a_measurement(weight, height))
    units = [each["valueQuantity"]["code"] for each in resources(record, "Observation")]
    assert units == found


def test_a_laboratory_value_with_its_limits() -> None:
    value = a_laboratory_value(
        "Platelets", "<112.0 10*9/L", lower="150 10*9/L", upper="450.0 10*9/L"
    )
    found = only(a_record(value), "Observation")
    assert codes(found["code"]) == ["777-3", "Platelets"]
    assert found["valueQuantity"]["comparator"] == "<"
    (limits,) = found["referenceRange"]
    assert [str(limits[end]["value"]) for end in ("low", "high")] == ["150", "450.0"]
    assert "type" not in limits


@pytest.mark.parametrize(
    ("test", "value", "loinc"),
    [("Creatinine", "31 umol/L", "14682-9"), ("Creatinine", "0.4 mg/dL", "2160-0"),
     ("bilirubin", "9 umol/L", "1975-2"), ("sgpt", "24 U/L", "1742-6")],
)  # fmt: skip
def test_the_code_of_a_test_is_that_of_its_table(test: str, value: str, loinc: str) -> None:
    found = only(a_record(a_laboratory_value(test, value)), "Observation")
    assert codes(found["code"]) == [loinc, test]


def test_a_test_without_a_code_has_its_name_alone() -> None:
    found = only(a_record(a_laboratory_value("our own [/]", "3 U/L")), "Observation")
    assert codes(found["code"]) == ["our own [/]"]


@pytest.mark.parametrize(("number", "words"), [("0", "negative"), ("0.5", "trace"), ("2", "2+")])
def test_a_dipstick_is_a_text(number: str, words: str) -> None:
    value = replace(
        a_laboratory_value("urine protein", "1 g/24h"),
        value=LaboratoryQuantity(Decimal(number), "dipstick"),
    )
    found = only(a_record(value), "Observation")
    assert (found["valueString"], "valueQuantity" in found) == (words, False)


def pressures(when: str = "2026-11-15T08:00") -> tuple[LaboratoryValue, LaboratoryValue]:
    return (
        a_laboratory_value("systolic blood pressure", "128 mmHg", when),
        a_laboratory_value("diastolic blood pressure", "84 mmHg", when),
    )


def test_two_pressures_of_one_time_are_a_panel() -> None:
    panel = only(a_record(*pressures()), "Observation")
    assert (panel["id"][-10:], codes(panel["code"])) == ("2-pressure", ["85354-9"])
    parts = [
        (codes(each["code"])[0], each["valueQuantity"]["value"]) for each in panel["component"]
    ]
    assert parts == [("8480-6", 128), ("8462-4", 84)]
    assert codes(panel["category"][0]) == ["vital-signs"]
    kept = [read_entry_text(stated(each, RECORD_ENTRY)).entry for each in panel["component"]]
    assert kept == list(pressures())


def test_pressures_of_two_times_or_three_of_one_are_no_panel() -> None:
    systolic, diastolic = pressures()
    other = a_laboratory_value("diastolic blood pressure", "80 mmHg", "2026-11-16T08:00")
    for entries in ((systolic, other), (systolic, diastolic, replace(diastolic, reason="again"))):
        found = resources(a_record(*entries), "Observation")
        assert [each["id"][-2:] for each in found] == ["-2", "-3", "-4"][: len(entries)]
        assert all("component" not in each for each in found)


def test_one_voided_pressure_withdraws_the_panel_and_leaves_the_other() -> None:
    found = resources(voided(a_record(*pressures()), 3), "Observation")
    alone, panel = sorted(found, key=lambda each: len(each["id"]))
    assert (alone["status"], alone["valueQuantity"]["value"]) == ("final", 128)
    assert (panel["status"], panel["id"][-10:]) == ("entered-in-error", "2-pressure")
    assert [codes(each["code"])[0] for each in panel["component"]] == ["8462-4"]
    both = voided(voided(a_record(*pressures()), 3), 2)
    (panel,) = resources(both, "Observation")
    assert (panel["status"], len(panel["component"])) == ("entered-in-error", 2)


# --- doses


def test_the_dose_with_its_rates_on_the_body() -> None:
    """0.44 mg on 0.550555 m² is 0.7992 mg/m², and 1.5984 a day; the program shows four digits."""
    found = only(of(), "MedicationRequest")
    assert (found["status"], found["intent"]) == ("active", "order")
    assert codes(found["medicationCodeableConcept"]) == ["L04AH01"]
    (dosage,) = found["dosageInstruction"]
    assert dosage["doseAndRate"] == [
        {"doseQuantity": {"value": Decimal("0.44"), "unit": "mg",
                          "system": "http://unitsofmeasure.org", "code": "mg"}}
    ]  # fmt: skip
    assert dosage["timing"]["repeat"] == {
        "boundsPeriod": {"start": "2026-11-01T20:00:00+01:00"},
        "frequency": 2, "period": 1, "periodUnit": "d",
    }  # fmt: skip
    rates = [stated(dosage, url)["value"] for url in (MG_PER_M2_PER_DOSE, MG_PER_M2_PER_DAY)]
    assert rates == [Decimal("0.7992"), Decimal("1.5984")]
    assert dosage["text"] == "0.44 mg × 2 a day, 0.7992 mg/m²/dose, 1.5984 mg/m²/day"
    assert stated(found, TARGET_TROUGH)["low"]["value"] == 5


def test_without_a_height_there_is_no_rate() -> None:
    record = a_record(a_measurement("12.4 kg", None, "2026-11-01"), DOSE)
    (dosage,) = only(record, "MedicationRequest")["dosageInstruction"]
    assert "extension" not in dosage


def test_morning_and_evening_are_apart_where_they_differ() -> None:
    dose = a_dose("2026-11-01T08:00", "0.4", evening_mg=Decimal("0.50"), every_hours=12)
    morning, evening = only(a_record(dose), "MedicationRequest")["dosageInstruction"]
    parts = [
        (each["timing"]["repeat"]["when"], str(each["doseAndRate"][0]["doseQuantity"]["value"]))
        for each in (morning, evening)
    ]
    assert parts == [(["MORN"], "0.4"), (["EVE"], "0.50")]
    same = a_dose("2026-11-01T08:00", "0.4", evening_mg=Decimal("0.40"))
    assert len(only(a_record(same), "MedicationRequest")["dosageInstruction"]) == 1


@pytest.mark.parametrize(
    ("more", "repeat"),
    [
        ({"times_a_day": 1}, (1, 1, "d")),
        ({"times_a_day": 3}, (3, 1, "d")),
        ({"times_a_day": 1, "every_hours": 48}, (1, 48, "h")),
        ({"times_a_day": 2, "every_hours": 12}, (1, 12, "h")),
    ],
)
def test_how_often_is_as_it_was_prescribed(
    more: dict[str, int], repeat: tuple[int, int, str]
) -> None:
    record = a_record(a_dose("2026-11-01T08:00", "1", **more))  # type: ignore[arg-type]  # fields
    (dosage,) = only(record, "MedicationRequest")["dosageInstruction"]
    found = dosage["timing"]["repeat"]
    assert (found["frequency"], found["period"], found["periodUnit"]) == repeat


def test_a_loading_dose_is_given_once() -> None:
    record = a_record(a_dose("2026-11-01T08:00", "1.20", loading=True, times_a_day=1))
    found = only(record, "MedicationRequest")
    (dosage,) = found["dosageInstruction"]
    assert (found["status"], dosage["text"]) == ("completed", "1.2 mg once")
    assert dosage["timing"] == {"event": ["2026-11-01T08:00:00+01:00"]}


def statuses(record: Record) -> dict[str, tuple[str, str | None]]:
    """Return the statuses of each prescription and of its taking, by the number of the entry."""
    taken = {
        each["id"].split("-")[1]: each["status"]
        for each in resources(record, "MedicationStatement")
        if each["id"].endswith("-taken")
    }
    return {
        (number := each["id"].split("-")[1]): (each["status"], taken.get(number))
        for each in resources(record, "MedicationRequest")
    }


FIRST, SECOND = a_dose("2026-11-01T08:00"), a_dose("2026-11-10T08:00", "0.50")
HOLD = held_doses("2026-11-20T08:00", None, is_open=True)


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (a_record(FIRST), [("active", "active")]),
        (a_record(FIRST, SECOND), [("completed", "completed"), ("active", "active")]),
        (ended(a_record(FIRST), 2, "2026-11-15T08:00", "enough"), [("stopped", "stopped")]),
        (a_record(FIRST, HOLD), [("on-hold", "on-hold")]),
        (a_record(FIRST, FIRST), [("cancelled", "entered-in-error"), ("active", "active")]),
        (voided(a_record(FIRST), 2), [("entered-in-error", "entered-in-error")]),
        (a_record(a_dose("2026-12-01T08:00")), [("active", None)]),
    ],
    ids=["current", "followed", "ended", "on hold", "never applied", "voided", "planned"],
)
def test_the_status_is_that_of_the_treatment(
    record: Record, found: list[tuple[str, str | None]]
) -> None:
    assert list(statuses(record).values()) == found


def test_a_followed_dose_was_taken_until_the_next_began() -> None:
    first, second = (
        each
        for each in resources(a_record(FIRST, SECOND), "MedicationStatement")
        if each["id"].endswith("-taken")
    )
    assert first["effectivePeriod"] == {
        "start": "2026-11-01T08:00:00+01:00", "end": "2026-11-10T08:00:00+01:00",
    }  # fmt: skip
    assert second["effectivePeriod"] == {"start": "2026-11-10T08:00:00+01:00"}
    assert second["basedOn"] == [{"reference": "MedicationRequest/0000000000000000-3"}]


def test_doses_not_given() -> None:
    over = held_doses("2026-11-05T08:00", "2026-11-07T20:00")
    record = a_record(FIRST, a_missed_dose("2026-11-03T08:00"), over, HOLD)
    missed, held, on_hold = (
        each
        for each in resources(record, "MedicationStatement")
        if not each["id"].endswith("-taken")
    )
    assert (missed["status"], missed["effectiveDateTime"]) == (
        "not-taken", "2026-11-03T08:00:00+01:00",
    )  # fmt: skip
    assert (held["status"], held["effectivePeriod"]["end"]) == (
        "not-taken", "2026-11-07T20:00:00+01:00",
    )  # fmt: skip
    assert (on_hold["status"], on_hold["effectivePeriod"].keys()) == ("on-hold", {"start"})


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [("2026-11-01", None, "active"), ("2026-11-01", "2026-11-24", "active"),
     ("2026-11-01", "2026-11-23", "completed"), ("2026-11-25", None, "intended")],
)  # fmt: skip
def test_a_concomitant_drug_on_the_day_of_the_export(
    since: str, until: str | None, status: str
) -> None:
    record = a_record(a_drug("fluconazole [/]", since))
    record = ended(record, 2, until) if until else record
    found = only(record, "MedicationStatement")
    assert (found["status"], found["medicationCodeableConcept"]) == (
        status, {"text": "fluconazole [/]"},
    )  # fmt: skip


# --- the patient, conditions, adverse events


def test_the_patient_has_what_the_record_states_and_nothing_more() -> None:
    record = a_record(patient=a_patient("00123", "Łukasz <b>", born="2024-02-29"))
    found = only(record, "Patient")
    assert found["identifier"][0]["value"] == "00123"
    assert found["name"] == [{"text": "Łukasz <b>"}]
    assert (found["gender"], found["birthDate"]) == ("male", "2024-02-29")
    assert found.keys() == {
        "resourceType", "id", "extension", "identifier", "name", "gender", "birthDate",
    }  # fmt: skip
    diagnosis, allergy = only(record, "Condition"), only(record, "AllergyIntolerance")
    assert (codes(diagnosis["code"]), diagnosis["code"]["text"]) == (
        ["lymphatic-malformation"], "cystic hygroma",
    )  # fmt: skip
    assert allergy["code"] == {"text": "penicillin"}


def test_a_silent_record_makes_no_resource() -> None:
    silent = a_patient(anomaly=Anomaly.NOT_RECORDED, diagnosis="", allergies="")
    kinds = [each["resourceType"] for each in resources(a_record(patient=silent))]
    assert kinds == ["Device", "Patient", "Provenance", "Provenance", "AuditEvent"]


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [("2026-11-01", None, "active"), ("2026-11-01", "2026-11-24", "resolved"),
     ("2026-11-01", "2026-11-25", "active"), ("2026-11-25", None, None)],
)  # fmt: skip
def test_a_condition_on_the_day_of_the_export(
    since: str, until: str | None, status: str | None
) -> None:
    record = a_record(a_condition("surgery", since, "left arm"))
    found = only(ended(record, 2, until) if until else record, "Condition", "-2")
    assert (codes(found["clinicalStatus"]) if "clinicalStatus" in found else [None]) == [status]
    assert ("abatementDateTime" in found) is (status == "resolved")
    wrong = only(voided(record, 2), "Condition", "-2")
    assert codes(wrong["verificationStatus"]) == ["entered-in-error"]
    assert "clinicalStatus" not in wrong


def test_an_allergy_among_the_conditions_is_one() -> None:
    record = a_record(a_condition("allergy to peanut", text="hives"))
    found = only(record, "AllergyIntolerance", "-2")
    assert (codes(found["code"]), found["note"]) == (["allergy to peanut"], [{"text": "hives"}])


def test_an_adverse_event_has_its_grade_and_no_code_of_meddra() -> None:
    event = a_side_effect("Mucositis oral", "2026-11-03", 2, action=ActionTaken.REDUCED)
    found = only(ended(a_record(event), 2, "2026-11-10"), "AdverseEvent")
    assert codes(found["event"]) == ["Mucositis oral", "Mucositis oral"]
    assert all("meddra" not in each["system"].casefold() for each in found["event"]["coding"])
    assert [stated(found, url) for url in (CTCAE_GRADE, ACTION_TAKEN, ENDED_ON)] == [
        2, "reduced", "2026-11-10",
    ]  # fmt: skip
    assert (found["date"], codes(found["outcome"])) == ("2026-11-03", ["resolved"])
    assert codes(only(a_record(event), "AdverseEvent")["outcome"]) == ["ongoing"]
    wrong = only(voided(a_record(event), 2), "AdverseEvent")
    assert wrong["modifierExtension"][0]["url"] == ENTERED_IN_ERROR


# --- where it comes from


def test_who_recorded_and_who_voided_is_there() -> None:
    record = voided(ended(a_record(FIRST), 2, "2026-11-15T08:00"), 2)
    acts = [
        (codes(each["activity"])[0], each["agent"][0]["who"]["display"], len(each["target"]))
        for each in resources(record, "Provenance")
        if "activity" in each
    ]
    assert acts == [
        ("CREATE", "Dr Example", 4), ("UPDATE", "Dr Example", 1), ("NULLIFY", "Dr Example", 1),
    ]  # fmt: skip


def test_the_export_names_program_author_and_head(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    write_fhir(sqlite_store, None, tmp_path / "out.json", NOW)
    found = read((tmp_path / "out.json").read_text(encoding="utf-8"))
    (made,) = [each for each in found if each["resourceType"] == "Provenance" and "entity" in each]
    assert made["entity"][0]["what"]["identifier"]["value"] == sqlite_store.head()
    assert made["agent"][0]["who"] == {"reference": "Device/sirolimus-assistant"}
    (audit,) = [each for each in found if each["resourceType"] == "AuditEvent"]
    assert (audit["agent"][0]["who"], audit["recorded"]) == (
        {"display": "Dr Example"}, "2026-11-24T16:00:00+01:00",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["Dr \x1b[31mRed", "Dr \u202e[31mRed", "", "\x00"])
def test_the_name_of_an_author_is_made_safe(name: str) -> None:
    by = Author(name, at("2026-11-05T08:00"))
    record = voided(a_record(FIRST, by=by), 2)
    found = [each for each in resources(record, "Provenance") if "activity" in each]
    names = [each["agent"][0]["who"]["display"] for each in found]
    assert names == ["Dr [31mRed" if "Red" in name else "not recorded", "Dr Example"]
    assert problems_in(json.loads(bundle_of([record], NOW, by=name), parse_float=Decimal)) == []


# --- the file


def test_ids_are_the_same_in_every_export(sqlite_store: Store, tmp_path: Path) -> None:
    first, second = fill(sqlite_store, patients=2)
    for name, numbers in (("a", None), ("b", (second,)), ("c", (second, first, second))):
        write_fhir(sqlite_store, numbers, tmp_path / name, later(NOW, days=ord(name)))
    sqlite_store.add(first, a_level("3.30 ng/mL", "2026-11-21T08:00"))
    write_fhir(sqlite_store, None, tmp_path / "d", NOW)
    lasting = {"AuditEvent", "DetectedIssue", "RiskAssessment"}
    ids = {
        name: {
            each["id"]
            for each in read((tmp_path / name).read_text(encoding="utf-8"))
            if each["resourceType"] not in lasting
        }
        for name in "abcd"
    }
    assert ids["b"] < ids["a"] == ids["c"] < ids["d"]


def test_the_file_is_new_and_for_this_user_alone(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    file = tmp_path / "out.json"
    seen = list[tuple[int, int]]()
    count = write_fhir(sqlite_store, None, file, NOW, lambda *done: seen.append(done))
    assert seen == [(0, 1), (1, 1)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert count == len(read(file.read_text(encoding="utf-8")))
    before = file.read_bytes()
    with pytest.raises(UserError, match="exists already"):
        write_fhir(sqlite_store, None, file, NOW)
    with pytest.raises(NotFoundError):
        write_fhir(sqlite_store, (999,), tmp_path / "other.json", NOW)
    assert (file.read_bytes(), [each.name for each in tmp_path.glob("*.json")]) == (
        before, ["out.json"],
    )  # fmt: skip
    assert not list(tmp_path.glob(".*part*"))


def test_the_longest_id_is_one() -> None:
    """R4 allows 64 characters: records, the largest number, the longest code, two digits."""
    longest = max(len(each.code) for each in CATALOGUE)
    assert len("0" * 16 + "-" + str(2**31) + "-" + "-99") + longest <= 64


def test_empty_records_make_a_bundle_of_the_program_alone(
    sqlite_store: Store, tmp_path: Path
) -> None:
    assert write_fhir(sqlite_store, None, tmp_path / "out.json", NOW) == 1


def test_an_entry_that_cannot_be_read_is_an_issue() -> None:
    lost = UnreadableEntry(number=9, patient=1, kind="laboratory_value", why="its value")
    (issue,) = resources(replace(a_record(), unreadable=(lost,)), "DetectedIssue")
    assert (codes(issue["code"]), issue["severity"]) == (["record-incomplete"], "high")


def test_an_offset_that_fhir_cannot_state_is_in_utc() -> None:
    found = level_of(a_level("7.2 ng/mL", at("2026-11-20T08:00:00", "UTC+00:09:21")))
    assert found["effectiveDateTime"] == "2026-11-20T07:50:39Z"
    assert read_entry_text(stated(found, RECORD_ENTRY)).entry.sampled.zone == "UTC+00:09:21"  # type: ignore[attr-defined]


def test_a_tapering_target_has_no_lower_end() -> None:
    dose = a_dose("2026-11-01T20:00", target=a_target(None, "12"), product=Product.TABLETS, mg="1")
    found = only(a_record(dose), "MedicationRequest")
    assert stated(found, TARGET_TROUGH).keys() == {"high"}
    assert date.fromisoformat("2026-11-01") < NOW.local.date()
