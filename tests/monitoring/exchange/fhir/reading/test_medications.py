"""Doses of FHIR: a regimen with all its parts, or refused; what was given is never guessed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dosing import Product, TargetTrough
from monitoring.exchange.fhir.extensions import (
    PROTOCOL,
    TARGET_TROUGH,
    extension,
    record_entry,
)
from monitoring.exchange.incoming import Incoming, LeftOut, Refusal, ResultStatus
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import StopRecord
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from tests.builders import a_dose, a_drug, at, held_doses
from tests.monitoring.exchange.fhir.reading.resources import (
    ATC,
    Made,
    concept,
    dosage,
    entry,
    incoming,
    left_out,
    lines,
    made,
    of_patient,
    only,
    patient,
    quantity,
    refusal,
    request,
)

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
START, END = "2026-11-01T08:00:00+01:00", "2026-11-10T20:00:00+01:00"


def dose(**changes: Any) -> Prescription:
    found = entry(request(**changes))
    assert isinstance(found, Prescription)
    return found


def timing(**repeat: Any) -> Made:
    usual = {"boundsPeriod": {"start": START}, "frequency": 2, "period": 1, "periodUnit": "d"}
    return dosage(timing={"repeat": made(usual, **repeat)})


def statement(**changes: Any) -> Made:
    usual = {
        "resourceType": "MedicationStatement", "id": "s1", "status": "active",
        "medicationCodeableConcept": concept("L04AH01", ATC, "sirolimus tablets"),
        "subject": {"reference": "Patient/p1"}, "effectivePeriod": {"start": START},
        "dosage": [dosage(timing={"repeat": {"frequency": 1, "period": 24, "periodUnit": "h"}})],
    }  # fmt: skip
    return made(usual, **changes)


def medication(form: str = "tablet", **changes: Any) -> Made:
    usual = {
        "resourceType": "Medication", "id": "x", "code": concept("35302", RXNORM),
        "form": {"text": form},
    }  # fmt: skip
    return made(usual, **changes)


def solution(above: Made, below: Made) -> Made:
    return medication(
        "oral solution",
        ingredient=[{"strength": {"numerator": above, "denominator": below}}],
    )


def test_a_request_is_a_regimen_recorded_as_given() -> None:
    found = incoming(request())
    assert found.status is ResultStatus.FINAL
    read = found.entry
    assert isinstance(read, Prescription)
    assert read == replace(
        a_dose("2026-11-01T08:00", "0.5", product=Product.TABLETS),
        given_reason="reported by the sender",
        rule_version=read.rule_version,
    )


def test_a_statement_begins_with_its_period() -> None:
    found = entry(statement())
    assert isinstance(found, Prescription)
    assert (found.since, found.interval_hours) == (at("2026-11-01T08:00"), 24)
    other = dosage()  # its bounds begin at 08:00, too
    assert isinstance(entry(statement(dosage=[other])), Prescription)
    later = statement(effectivePeriod={"start": "2026-11-02T08:00:00+01:00"}, dosage=[other])
    assert refusal(later).startswith("dosage[0].timing.repeat.boundsPeriod: ")


# --- the drug


@pytest.mark.parametrize(
    "drug",
    [
        concept("L04AH01", ATC, "sirolimus tablets"),
        concept("L04AA10", ATC, "Sirolimus tablet"),
        {**concept("35302", RXNORM), "text": "sirolimus oral tablet"},
    ],
)
def test_sirolimus_is_known_by_its_codes(drug: Made) -> None:
    assert dose(medicationCodeableConcept=drug).product is Product.TABLETS


def test_the_one_word_is_enough_without_a_code() -> None:
    solved = quantity("0.5", "mg")
    by_word = request(
        medicationCodeableConcept={"text": " Sirolimus "},
        dosageInstruction=[dosage(doseAndRate=[{"doseQuantity": solved}])],
    )
    assert refusal(by_word).startswith("medication: tablets or solution")


@pytest.mark.parametrize(
    "drug",
    [
        {"text": "sirolimus gel 0.1 %"},
        {"text": "Rapamune"},
        concept("312840", RXNORM, "sirolimus 1 MG Oral Tablet"),
        concept("X", "urn:local", "rapamycin"),
        {"coding": [*concept("L04AH01", ATC)["coding"], *concept("L04AD02", ATC)["coding"]]},
    ],
)
def test_sirolimus_in_other_words_is_refused(drug: Made) -> None:
    assert "is not clearly sirolimus" in refusal(request(medicationCodeableConcept=drug))


@pytest.mark.parametrize("text", ["everolimus", "temsirolimus", "propranolol", "[/]"])
def test_another_drug_is_left_out(text: str) -> None:
    found = left_out(request(medicationCodeableConcept={"text": text}))
    assert found == f"of another kind: {text}"


def test_a_medication_of_the_file_gives_drug_and_product() -> None:
    by_reference = request(
        medicationCodeableConcept=..., medicationReference={"reference": "Medication/x"}
    )
    found = of_patient(by_reference, medication())[0]
    assert isinstance(found, Incoming)
    assert isinstance(found.entry, Prescription)
    assert found.entry.product is Product.TABLETS
    assert refusal(by_reference).startswith("medicationReference.reference: the medication")
    r5 = request(
        medicationCodeableConcept=..., medication={"reference": {"reference": "Medication/x"}}
    )
    assert isinstance(of_patient(r5, medication())[0], Incoming)
    concept_of_r5 = {"concept": concept("L04AH01", ATC, "sirolimus tablets")}
    assert isinstance(
        entry(request(medicationCodeableConcept=..., medication=concept_of_r5)), Prescription
    )


def test_the_product_is_never_assumed() -> None:
    plain = concept("L04AH01", ATC, "sirolimus")
    assert refusal(request(medicationCodeableConcept=plain)).startswith("medication: ")


# --- the dose


@pytest.mark.parametrize(
    ("number", "unit", "mg"),
    [("0.44", "mg", "0.44"), ("440", "ug", "0.44"), ("1", "mg", "1"), ("0.440", "mg", "0.440")],
)
def test_a_dose_in_mg_or_micrograms(number: str, unit: str, mg: str) -> None:
    rate = [{"doseQuantity": quantity(number, unit)}]
    assert dose(dosageInstruction=[dosage(doseAndRate=rate)]).dose_mg == Decimal(mg)


@pytest.mark.parametrize(
    ("above", "below", "mg", "strength"),
    [
        (quantity("1", "mg"), quantity("1", "mL"), "0.5", None),
        (quantity("30", "mg"), quantity("60", "mL"), "0.25", "0.5"),
        (quantity("500", "ug"), quantity("1", "mL"), "0.25", "0.5"),
    ],
)
def test_a_dose_in_ml_needs_the_strength(
    above: Made, below: Made, mg: str, strength: str | None
) -> None:
    in_ml = request(
        medicationCodeableConcept=...,
        medicationReference={"reference": "Medication/x"},
        dosageInstruction=[dosage(doseAndRate=[{"doseQuantity": quantity("0.5", "mL")}])],
    )
    found = of_patient(in_ml, solution(above, below))[0]
    assert isinstance(found, Incoming), str(found)
    assert isinstance(found.entry, Prescription)
    assert found.entry.dose_mg == Decimal(mg)
    assert found.entry.product is Product.SOLUTION
    assert found.entry.strength_mg_per_ml == (Decimal(strength) if strength else None)
    assert found.remarks[0].startswith("0.5 mL of ")
    without = of_patient(in_ml, medication("oral solution"))[0]
    assert isinstance(without, Refusal)
    assert "strength per mL is not stated" in without.reason


@pytest.mark.parametrize(
    "rate",
    [
        [],
        [{"doseQuantity": quantity("1", "mg")}] * 2,
        [{"doseRange": {"low": quantity("1", "mg"), "high": quantity("2", "mg")}}],
        [{"doseQuantity": quantity("1", "mg"), "rateQuantity": quantity("1", "mg/h")}],
        [{"doseQuantity": quantity("1", "{tbl}")}],
        [{"doseQuantity": quantity("1", "tablet", system=..., code=...)}],
        [{"doseQuantity": quantity("0", "mg")}],
        [{"doseQuantity": quantity("1", "mg", comparator="<")}],
        [{"doseQuantity": quantity("1", "mg/m2")}],
        [{"doseQuantity": quantity("1", "Mg")}],
        [{"doseQuantity": quantity("1", "mg", unit="g")}],
    ],
)
def test_a_dose_that_is_not_one_in_mg_is_refused(rate: list[Made]) -> None:
    found = refusal(request(dosageInstruction=[dosage(doseAndRate=rate)]))
    assert found.startswith("dosageInstruction[0].doseAndRate")


# --- how often


@pytest.mark.parametrize(
    ("repeat", "hours"),
    [
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, 12),
        ({"frequency": 1, "period": 12, "periodUnit": "h"}, 12),
        ({"frequency": ..., "period": 24, "periodUnit": "h"}, 24),
        ({"frequency": 3, "period": 1, "periodUnit": "d"}, 8),
        ({"frequency": 1, "period": 2, "periodUnit": "d"}, 48),
        ({"frequency": 1, "period": 1, "periodUnit": "wk"}, 168),
        ({"frequency": 1, "period": 1, "when": ["MORN"]}, 24),
        ({"timeOfDay": ["08:00:00", "20:00:00"]}, 12),
    ],
)
def test_the_interval(repeat: Made, hours: int) -> None:
    assert dose(dosageInstruction=[timing(**repeat)]).interval_hours == hours


@pytest.mark.parametrize(
    ("code", "hours"), [("QD", 24), ("BID", 12), ("TID", 8), ("QID", 6), ("QOD", 48), ("Q6H", 6)]
)
def test_a_code_of_the_interval(code: str, hours: int) -> None:
    system = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"
    bounds = {"boundsPeriod": {"start": START}}
    by_code = dosage(timing={"code": concept(code, system), "repeat": bounds})
    assert dose(dosageInstruction=[by_code]).interval_hours == hours
    contradicted = dosage(
        timing={
            "code": concept(code, system),
            "repeat": {**bounds, "frequency": 1, "period": 4, "periodUnit": "h"},
        }
    )
    assert "contradicts" in refusal(request(dosageInstruction=[contradicted]))


@pytest.mark.parametrize(
    "repeat",
    [
        {"frequency": 5, "period": 1},
        {"frequency": 1, "period": 5, "periodUnit": "h"},
        {"frequency": 1, "period": 36, "periodUnit": "h"},
        {"frequency": 2, "period": 1, "periodUnit": "mo"},
        {"frequency": 2, "period": 1, "periodUnit": "day"},
        {"frequency": 2, "period": 1, "periodUnit": ...},
        {"frequency": 0},
        {"period": 0},
        {"period": Decimal("1E1")},
        {"frequency": "2"},
        {"frequencyMax": 3},
        {"count": 10},
        {"dayOfWeek": ["mon"]},
        {"when": ["MORN"]},
        {"boundsDuration": quantity("7", "d")},
        {"frequency": ..., "period": ..., "periodUnit": ..., "when": ["MORN", "EVE"]},
        {"frequncy": 2},
    ],
)
def test_an_unclear_interval_is_refused(repeat: Made) -> None:
    assert isinstance(only(request(dosageInstruction=[timing(**repeat)])), Refusal)


def test_a_dose_of_the_evening_may_differ() -> None:
    once = {"boundsPeriod": {"start": START}, "frequency": 1, "period": 1, "periodUnit": "d"}
    parts = [
        dosage(mg, timing={"repeat": {**once, "when": [when]}})
        for mg, when in (("0.4", "EVE"), ("0.5", "MORN"))
    ]
    found = dose(dosageInstruction=parts)
    assert (found.dose_mg, found.evening_mg) == (Decimal("0.5"), Decimal("0.4"))
    same = [dosage("0.5", timing={"repeat": {**once, "when": [each]}}) for each in ("MORN", "EVE")]
    assert dose(dosageInstruction=same).evening_mg is None
    assert "several dosages" in refusal(request(dosageInstruction=[parts[0], parts[0]]))
    assert "several dosages" in refusal(request(dosageInstruction=[dosage(), dosage()]))


@pytest.mark.parametrize(
    "changes",
    [
        {"asNeededBoolean": True},
        {"asNeededCodeableConcept": {"text": "pain"}},
        {"asNeeded": True},
        {"route": {"text": "intravenous"}},
        {"route": concept("47625008", "http://snomed.info/sct")},
        {"timing": ...},
        {"timing": {"event": [START]}},
    ],
)
def test_a_dosage_that_is_not_regular_and_by_mouth_is_refused(changes: Made) -> None:
    assert refusal(request(dosageInstruction=[dosage(**changes)])).startswith("dosage")


def test_a_dosage_by_mouth_is_read() -> None:
    for route in (concept("26643006", "http://snomed.info/sct"), {"text": "Oral"}):
        assert dose(dosageInstruction=[dosage(route=route)]).dose_mg == Decimal("0.5")


# --- status and period


@pytest.mark.parametrize("status", ["completed", "stopped", "ended"])
def test_a_dose_that_is_over_needs_its_end(status: str) -> None:
    over = request(
        status=status, dosageInstruction=[timing(boundsPeriod={"start": START, "end": END})]
    )
    assert incoming(over).ended_at == at("2026-11-10T20:00")
    assert refusal(request(status=status)).startswith("status: the time of the end")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"status": "draft"}, "preliminary: a dose that did not begin"),
        ({"status": "cancelled"}, "cancelled: a dose that was cancelled"),
        ({"intent": "proposal"}, "preliminary: proposal of a dose"),
        ({"intent": "plan"}, "preliminary: plan of a dose"),
    ],
)
def test_a_dose_that_is_not_ordered_is_left_out(changes: Made, found: str) -> None:
    assert left_out(request(**changes)) == found


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("status", {"status": "on-hold"}),
        ("status", {"status": "unknown"}),
        ("status", {"status": "nonsense"}),
        ("intent", {"intent": "nonsense"}),
        ("intent", {"intent": ...}),
        ("doNotPerform", {"doNotPerform": True}),
        ("doNotPerform", {"doNotPerform": "false"}),
        ("dosageInstruction", {"dosageInstruction": []}),
        ("dosageInstruction", {"dosageInstruction": [timing(boundsPeriod=...)]}),
        (
            "dosageInstruction",
            {"dosageInstruction": [timing(boundsPeriod={"start": "2026-11-01"})]},
        ),
        ("subject", {"subject": {"display": "x"}}),
        ("medicationCodeableConcept", {"medicationCodeableConcept": ...}),
        ("implicitRules", {"implicitRules": "urn:x"}),
    ],
)
def test_a_dose_that_is_not_clear_is_refused(part: str, changes: Made) -> None:
    assert refusal(request(**changes)).startswith(f"{part}: ")


def test_a_dose_entered_in_error_is_withdrawn() -> None:
    assert incoming(request(status="entered-in-error")).status is ResultStatus.WITHDRAWN


# --- statements of a request


def test_a_statement_of_a_request_is_the_same_dose() -> None:
    taken = statement(basedOn=[{"reference": "MedicationRequest/m1"}])
    for found in (of_patient(request(), taken), lines(request(), taken, patient())):
        assert isinstance(found[0], Incoming)
        assert isinstance(found[1], LeftOut)
        assert found[1].what == "the dose of MedicationRequest/m1"
    stopped = {**taken, "status": "stopped"}
    found = of_patient(request(), stopped)
    assert isinstance(found[1], Refusal)
    assert found[1].reason == "MedicationRequest/m1 has another status. Ask the sender."
    alone = statement(basedOn=[{"reference": "MedicationRequest/other"}])
    assert isinstance(entry(alone), Prescription)


# --- doses not given, single doses


def test_a_dose_not_given_is_missed_and_a_period_is_held() -> None:
    moment = statement(status="not-taken", effectivePeriod=..., effectiveDateTime=START, dosage=...)
    assert entry(moment) == MissedDose(at=at("2026-11-01T08:00"), kind=NotGiven.MISSED)
    held = statement(status="not-taken", effectivePeriod={"start": START, "end": END})
    assert entry(held) == held_doses("2026-11-01T08:00", "2026-11-10T20:00")
    is_open = statement(status="not-taken", effectivePeriod={"start": START})
    assert entry(is_open) == held_doses("2026-11-01T08:00", None, is_open=True)
    of_a_day = statement(status="not-taken", effectivePeriod={"start": "2026-11-01"})
    assert refusal(of_a_day).startswith("effective: ")


def administration(**changes: Any) -> Made:
    usual = {
        "resourceType": "MedicationAdministration", "id": "a1", "status": "completed",
        "medicationCodeableConcept": concept("L04AH01", ATC),
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": START,
        "dosage": {"dose": quantity("0.5", "mg")},
    }  # fmt: skip
    return made(usual, **changes)


def test_a_single_dose_is_left_out_and_one_not_done_is_missed() -> None:
    assert left_out(administration()) == "of another kind: a single dose, without how often"
    assert isinstance(entry(administration(status="not-done")), MissedDose)
    assert refusal(administration(status="nonsense")).startswith("status: ")


# --- our own extensions


def test_our_own_protocol_and_target_are_read() -> None:
    target = extension(TARGET_TROUGH, valueRange={"low": quantity("4"), "high": quantity("10.0")})
    found = dose(extension=[extension(PROTOCOL, valueCode="phase2"), target])
    assert found.protocol == "phase2"
    assert found.target == TargetTrough(Decimal(4), Decimal("10.0"))
    wrong = request(extension=[extension(PROTOCOL, valueCode="[/]")])
    assert refusal(wrong).startswith("extension: ")


def test_our_own_entry_is_read_as_the_records_had_it() -> None:
    kept = a_dose(
        "2026-11-01T08:00", "0.50", product=Product.TABLETS, protocol="french",
        override_reason="seen", override_by="Dr Example",
    )  # fmt: skip
    end = StopRecord(of=7, at=at("2026-11-10T20:00"), reason="fever")
    found = incoming(request(status="completed", extension=[record_entry(kept, end)]))
    assert found.entry == kept
    assert (found.ended_at, found.end_reason) == (end.at, "fever")


@pytest.mark.parametrize(
    "kept",
    [
        a_dose("2026-11-01T08:00", "0.51", product=Product.TABLETS),
        a_dose("2026-11-01T08:01", "0.5", product=Product.TABLETS),
        a_dose("2026-11-01T08:00", "0.5", product=Product.SOLUTION),
        a_dose("2026-11-01T08:00", "0.5", product=Product.TABLETS, times_a_day=1),
        a_dose("2026-11-01T08:00", "0.5", product=Product.TABLETS, loading=True),
        a_drug(),
    ],
)
def test_our_own_entry_that_contradicts_the_resource_is_refused(kept: Any) -> None:
    found = refusal(request(extension=[record_entry(kept)]))
    assert found == (
        "extension: record-entry contradicts the other elements. Export the records again."
    )


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "{", '{"kind":"void","row":{}}', '{"kind":"level","row":{"value_unit":7}}',
     '{"kind":"nonsense","row":{}}', "[" * 5000],
)  # fmt: skip
def test_a_damaged_entry_of_our_own_is_refused(text: str) -> None:
    own = extension("https://sirolimus-assistant.example/fhir/StructureDefinition/record-entry",
                    valueString=text)  # fmt: skip
    assert isinstance(only(request(extension=[own])), Refusal)
    assert isinstance(only(request(extension=[{**own, "valueString": 7}])), Refusal)
    assert isinstance(only(request(extension=[own, own])), Refusal)


def test_our_own_loading_dose_and_hold_and_drug() -> None:
    loading = a_dose("2026-11-01T08:00", "3", product=Product.TABLETS, loading=True)
    once = dosage("3", timing={"event": [START]})
    assert entry(request(dosageInstruction=[once], extension=[record_entry(loading)])) == loading
    hold = held_doses("2026-11-01T08:00", None, is_open=True)
    own = statement(status="on-hold", dosage=..., extension=[record_entry(hold)])
    assert entry(own) == hold
    drug = CoMedication(drug="fluconazole", since=a_drug(since="2026-11-01").since, text="7 days")
    other = statement(
        medicationCodeableConcept={"text": "fluconazole"},
        effectivePeriod={"start": "2026-11-01"},
        dosage=...,
        extension=[record_entry(drug)],
    )
    assert entry(other) == drug


def test_another_dispensing_is_left_out() -> None:
    found = only({"resourceType": "MedicationDispense", "id": "d"})
    assert isinstance(found, LeftOut)
    assert found.what == "MedicationDispense"
