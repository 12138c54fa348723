"""Adverse events, conditions and allergies of FHIR: in the words of the sender, or refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from monitoring.exchange.fhir.extensions import (
    ACTION_TAKEN,
    CONDITIONS,
    CTCAE_GRADE,
    ENDED_ON,
    ENTERED_IN_ERROR,
    TERMS,
    extension,
    record_entry,
)
from monitoring.exchange.incoming import Refusal, ResultStatus
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.condition import Condition
from monitoring.record.entries import StopRecord
from tests.builders import a_condition, a_side_effect
from tests.monitoring.exchange.fhir.reading.resources import (
    Made,
    concept,
    entry,
    incoming,
    left_out,
    made,
    only,
    refusal,
)

VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def event(**changes: Any) -> Made:
    usual = {
        "resourceType": "AdverseEvent", "id": "e1", "actuality": "actual",
        "event": {"text": "mouth ulcers"}, "subject": {"reference": "Patient/p1"},
        "date": "2026-11-03",
    }  # fmt: skip
    return made(usual, **changes)


def condition(**changes: Any) -> Made:
    usual = {
        "resourceType": "Condition", "id": "c1", "code": {"text": "Pregnancy"},
        "subject": {"reference": "Patient/p1"}, "onsetDateTime": "2026-11-04",
    }  # fmt: skip
    return made(usual, **changes)


def allergy(**changes: Any) -> Made:
    usual = {
        "resourceType": "AllergyIntolerance", "id": "a1", "code": {"text": "Peanut"},
        "patient": {"reference": "Patient/p1"}, "onsetDateTime": "2026-11-04",
    }  # fmt: skip
    return made(usual, **changes)


# --- adverse events


def test_an_adverse_event_has_the_words_of_the_sender() -> None:
    assert entry(event()) == AdverseEvent(term="mouth ulcers", since=date(2026, 11, 3))


def test_the_time_of_an_adverse_event_is_its_day_here() -> None:
    found = entry(event(date="2026-11-03T23:30:00Z"))
    assert isinstance(found, AdverseEvent)
    assert found.since == date(2026, 11, 4)


def test_our_own_code_and_grade_go_first() -> None:
    coded = {"coding": [{"system": TERMS, "code": "stomatitis"}], "text": "sore mouth"}
    more = [
        extension(CTCAE_GRADE, valuePositiveInt=2),
        extension(ACTION_TAKEN, valueCode="reduced"),
        extension(ENDED_ON, valueDate="2026-11-09"),
    ]
    found = incoming(event(event=coded, extension=more))
    assert found.entry == AdverseEvent(
        term="stomatitis", since=date(2026, 11, 3), grade=2, action=ActionTaken.REDUCED
    )
    assert found.ended_on == date(2026, 11, 9)


def test_a_severity_is_not_a_grade() -> None:
    system = "http://terminology.hl7.org/CodeSystem/adverse-event-severity"
    found = incoming(event(severity=concept("severe", system)))
    assert isinstance(found.entry, AdverseEvent)
    assert found.entry.grade is None
    assert found.remarks == ('Severity "severe" is not a grade of CTCAE.',)


@pytest.mark.parametrize(
    "changes",
    [
        {"actuality": "nonsense"},
        {"actuality": ...},
        {"event": ...},
        {"event": {"text": "?"}},
        {"event": {"coding": [{"display": "a"}, {"display": "b"}]}},
        {"date": ...},
        {"date": "2026-11"},
        {"status": "nonsense"},
        {"status": "unknown"},
        {"subject": ...},
        {"modifierExtension": [{"url": "urn:x"}]},
        {"extension": [extension(CTCAE_GRADE, valuePositiveInt=6)]},
        {"extension": [extension(CTCAE_GRADE, valueInteger=2)]},
        {"extension": [extension(ACTION_TAKEN, valueCode="nothing")]},
        {"implicitRules": "urn:x"},
    ],
)
def test_an_unclear_adverse_event_is_refused(changes: Made) -> None:
    assert isinstance(only(event(**changes)), Refusal)


def test_a_potential_event_is_left_out_and_a_wrong_one_withdrawn() -> None:
    assert left_out(event(actuality="potential")) == "of another kind: a potential adverse event"
    wrong = event(status="entered-in-error")
    assert incoming(wrong).status is ResultStatus.WITHDRAWN
    ours = event(modifierExtension=[extension(ENTERED_IN_ERROR, valueString="typed twice")])
    assert incoming(ours).status is ResultStatus.WITHDRAWN


def test_r5_names_are_read() -> None:
    r5 = event(
        event=...,
        code={"text": "rash"},
        date=...,
        occurrenceDateTime="2026-11-03",
        status="completed",
    )
    assert entry(r5) == AdverseEvent(term="rash", since=date(2026, 11, 3))


# --- conditions and allergies


def test_a_condition_with_a_meaning_for_a_dose_is_read() -> None:
    assert entry(condition()) == Condition(name="Pregnancy", since=date(2026, 11, 4))
    resolved = condition(
        clinicalStatus=concept("resolved", CLINICAL), abatementDateTime="2026-11-20"
    )
    assert incoming(resolved).ended_on == date(2026, 11, 20)


@pytest.mark.parametrize("text", ["Hypertension", "not pregnant", "no infection", "[/]", ""])
def test_another_condition_is_left_out(text: str) -> None:
    assert left_out(condition(code={"text": text})) == f"of another kind: {text}"


def test_our_own_name_is_read_whatever_it_is() -> None:
    kept = a_condition("eczema", "2026-11-04", "since birth")
    ours = condition(
        code={"coding": [{"system": CONDITIONS, "code": "eczema"}], "text": "Ekzem"},
        extension=[record_entry(kept, StopRecord(of=3, on=date(2026, 12, 1)))],
    )
    found = incoming(ours)
    assert (found.entry, found.ended_on) == (kept, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("unconfirmed", "preliminary: Pregnancy"),
        ("provisional", "preliminary: Pregnancy"),
        ("differential", "preliminary: Pregnancy"),
        ("refuted", "cancelled: Pregnancy"),
    ],
)
def test_a_condition_that_is_not_confirmed_is_left_out(code: str, found: str) -> None:
    assert left_out(condition(verificationStatus=concept(code, VERIFICATION))) == found


def test_a_condition_entered_in_error_is_withdrawn() -> None:
    wrong = condition(verificationStatus=concept("entered-in-error", VERIFICATION))
    assert incoming(wrong).status is ResultStatus.WITHDRAWN


@pytest.mark.parametrize(
    "changes",
    [
        {"onsetDateTime": ...},
        {"onsetDateTime": "2026"},
        {"onsetDateTime": ..., "onsetString": "in spring"},
        {"clinicalStatus": concept("resolved", CLINICAL)},
        {"verificationStatus": concept("nonsense", VERIFICATION)},
        {"verificationStatus": {"text": "confirmed"}},
        {"subject": ...},
        {"kode": {"text": "Pregnancy"}},
    ],
)
def test_an_unclear_condition_is_refused(changes: Made) -> None:
    assert isinstance(only(condition(**changes)), Refusal)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Peanut", "allergy to Peanut"), ("Allergy to soya", "Allergy to soya")],
)
def test_an_allergy_is_a_condition(text: str, name: str) -> None:
    assert entry(allergy(code={"text": text})) == Condition(name=name, since=date(2026, 11, 4))


@pytest.mark.parametrize("text", ["No known allergy", "no known drug allergies", "None"])
def test_no_known_allergy_is_not_an_allergy(text: str) -> None:
    assert left_out(allergy(code={"text": text})) == f"of another kind: {text}"


def test_our_own_event_keeps_all_its_fields() -> None:
    kept = replace(
        a_side_effect("mouth ulcers", "2026-11-03", 2), text="painful", attributed_to="a virus"
    )
    assert entry(event(extension=[record_entry(kept)])) == kept
    other = replace(kept, since=date(2026, 11, 4))
    assert refusal(event(extension=[record_entry(other)])).startswith("extension: ")
