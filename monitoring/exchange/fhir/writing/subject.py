"""The patient, the diagnosis, the allergies, the conditions, and the adverse events."""

from collections.abc import Iterator
from typing import Any

from dosing.knowledge.conditions import ConditionKind, condition_kind
from monitoring.adverse_events import EventAssessment
from monitoring.exchange.fhir.extensions import (
    ACTION_TAKEN,
    ANOMALIES,
    ATTRIBUTED_TO,
    CONDITIONS,
    CTCAE_GRADE,
    CTCAE_TERMS,
    CTCAE_VERSION,
    DIAGNOSIS,
    ENDED_ON,
    ENTERED_IN_ERROR,
    REMARK,
    TERMS,
    extension,
)
from monitoring.exchange.fhir.writing.elements import (
    BundleEntry,
    Element,
    coding,
    concept,
    date_time,
    element,
    hl7,
    in_words,
    named,
    notes,
)
from monitoring.exchange.fhir.writing.exported import Exported, stated, why_voided
from monitoring.record.condition import Condition
from monitoring.record.entries import StoredEntry
from monitoring.record.patient import Anomaly

_FATAL_GRADE = 5


def patient(exported: Exported) -> Iterator[BundleEntry]:
    """Yield the patient as last changed, the diagnosis and the allergies."""
    stored, number = exported.record.patient, exported.record.number
    who = stored.entry
    yield BundleEntry(
        "Patient",
        exported.id(number),
        element(
            extension=(
                stated(stored),
                *((extension(DIAGNOSIS, valueString=who.diagnosis),) if who.diagnosis else ()),
            ),
            identifier=(element(type=hl7("v2-0203", "MR"), value=who.record_number),),
            name=({"text": who.name},),
            gender=who.sex.value,
            birthDate=str(who.born),
        ),
        stored,
    )
    if who.diagnosis or who.anomaly is not Anomaly.NOT_RECORDED:
        yield _of_patient(exported, "Condition", "diagnosis", **_diagnosis(exported))
    if who.allergies:
        yield _of_patient(exported, "AllergyIntolerance", "allergies", code=in_words(who.allergies))


def _of_patient(
    exported: Exported, kind: str, part: str, **more: Element | str | None
) -> BundleEntry:
    stored = exported.record.patient
    subject = "patient" if kind == "AllergyIntolerance" else "subject"
    elements = element(extension=(stated(stored),), **{subject: exported.patient}, **more)
    return BundleEntry(kind, exported.id(exported.record.number, part), elements, stored)


def _diagnosis(exported: Exported) -> dict[str, Element | str | None]:
    who = exported.record.patient.entry
    group = who.anomaly
    is_known = group is not Anomaly.NOT_RECORDED
    return {
        "code": concept(
            *((coding(ANOMALIES, group.value, group.words),) if is_known else ()),
            text=who.diagnosis or group.words,
        ),
        "severity": in_words(who.severity or ""),
        "onsetString": "present at birth" if who.congenital else None,
    }


# --- conditions


def conditions(exported: Exported) -> Iterator[BundleEntry]:
    """Yield the conditions of the record; an allergy among them is an AllergyIntolerance."""
    for each in exported.record.of(Condition):
        is_allergy = condition_kind(each.entry.name) is ConditionKind.ALLERGY
        yield (_allergy if is_allergy else _condition)(exported, each)


def _condition(exported: Exported, stored: StoredEntry[Condition]) -> BundleEntry:
    """Return a condition; R4 has an end only of one that is resolved."""
    ending = stored.ending if _is_over(exported, stored) else None
    return BundleEntry(
        "Condition",
        exported.id(stored.number),
        element(
            clinicalStatus=_is_active(exported, stored, "condition-clinical"),
            verificationStatus=_error(stored, "condition-ver-status"),
            subject=exported.patient,
            abatementDateTime=str(ending.entry.on) if ending else None,
            **_named(stored),
        ),
        stored,
    )


def _allergy(exported: Exported, stored: StoredEntry[Condition]) -> BundleEntry:
    """Return an allergy; its end is in the entry alone: R4 has no element for it."""
    return BundleEntry(
        "AllergyIntolerance",
        exported.id(stored.number),
        element(
            clinicalStatus=_is_active(exported, stored, "allergyintolerance-clinical"),
            verificationStatus=_error(stored, "allergyintolerance-verification"),
            patient=exported.patient,
            **_named(stored),
        ),
        stored,
    )


def _named(stored: StoredEntry[Condition]) -> dict[str, Element | str | tuple[Element, ...]]:
    entry, by = stored.entry, stored.author
    recorder = named(by.by)
    return {
        "extension": (stated(stored),),
        "code": concept(coding(CONDITIONS, entry.name), text=entry.name),
        "onsetDateTime": str(entry.since),
        "recordedDate": date_time(by.at),
        **({"recorder": recorder[0]} if recorder else {}),
        "note": notes(entry.text, entry.reason or "", why_voided(stored)),
    }


def _is_active(exported: Exported, stored: StoredEntry[Condition], system: str) -> Element | None:
    """Return whether it is active; nothing for a voided or a planned one."""
    if not stored.is_active or exported.today < stored.entry.since:
        return None
    return hl7(system, "resolved" if _is_over(exported, stored) else "active")


def _is_over(exported: Exported, stored: StoredEntry[Condition]) -> bool:
    end = stored.ending.entry.on if stored.ending else None
    return stored.is_active and end is not None and end <= exported.today


def _error(stored: StoredEntry[Any], system: str) -> Element | None:
    return None if stored.is_active else hl7(system, "entered-in-error")


# --- adverse events


def adverse_events(exported: Exported) -> Iterator[BundleEntry]:
    """Yield the adverse events; R4 gives them neither a status, nor an end, nor a note."""
    for each in exported.summary.events:
        yield _event(exported, each)


def _event(exported: Exported, assessed: EventAssessment) -> BundleEntry:
    stored, event = assessed.event, assessed.event.entry
    known = assessed.term.ctcae_term if assessed.term else None
    recorder = named(stored.author.by)
    outcome = (
        "fatal"
        if event.grade == _FATAL_GRADE
        else "ongoing"
        if stored.ending is None
        else "resolved"
    )
    return BundleEntry(
        "AdverseEvent",
        exported.id(stored.number),
        element(
            extension=tuple(_more(assessed)),
            modifierExtension=()
            if stored.is_active
            else (extension(ENTERED_IN_ERROR, valueString=why_voided(stored)),),
            actuality="actual",
            event=concept(
                coding(TERMS, event.term),
                *((coding(CTCAE_TERMS, known),) if known else ()),
                text=event.term,
            ),
            subject=exported.patient,
            date=str(event.since),
            recordedDate=date_time(stored.author.at),
            outcome=hl7("adverse-event-outcome", outcome) if stored.is_active else None,
            recorder=recorder[0] if recorder else None,
        ),
        stored,
    )


def _more(assessed: EventAssessment) -> Iterator[Element]:
    stored, event = assessed.event, assessed.event.entry
    yield stated(stored)
    if event.grade is not None:
        yield extension(CTCAE_GRADE, valuePositiveInt=event.grade)
        yield extension(CTCAE_VERSION, valueString=event.scale)
    yield extension(ACTION_TAKEN, valueCode=event.action.value)
    if stored.ending is not None:
        yield extension(ENDED_ON, valueDate=str(stored.ending.entry.on))
    if event.attributed_to is not None:
        yield extension(ATTRIBUTED_TO, valueString=event.attributed_to)
    remark = "; ".join(filter(None, (event.text, event.reason)))
    if remark:
        yield extension(REMARK, valueString=remark)
