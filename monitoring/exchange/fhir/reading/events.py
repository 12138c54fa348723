"""Adverse events, conditions and allergies.

Only a term or a name that the record has, or that is plain text, is read: a code of another system
is not translated.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from dosing import UserError, clean
from dosing.knowledge.conditions import ConditionKind, condition_kind
from dosing.quantities.text import quoted
from monitoring.exchange.coded_test import Code
from monitoring.exchange.fhir.extensions import (
    ACTION_TAKEN,
    ATTRIBUTED_TO,
    CONDITIONS,
    CTCAE_GRADE,
    CTCAE_VERSION,
    ENDED_ON,
    ENTERED_IN_ERROR,
    REMARK,
    TERMS,
)
from monitoring.exchange.fhir.reading.context import Context
from monitoring.exchange.fhir.reading.element import CODING, CONCEPT, RESOURCE, Element, names
from monitoring.exchange.fhir.reading.observations import codes_of, in_words
from monitoring.exchange.fhir.reading.record_entry import ReadEntry, completed, stated_entry
from monitoring.exchange.fhir.reading.resources import Resource
from monitoring.exchange.fhir.reading.times import time_in, time_or_period
from monitoring.exchange.incoming import Incoming, Item, ResultStatus, Skipped
from monitoring.record.adverse_event import SCALE, ActionTaken, AdverseEvent
from monitoring.record.condition import Condition
from monitoring.record.patient import Patient

_EVENT: Final = RESOURCE | names(
    "identifier actuality category event subject encounter date detected recordedDate "
    "resultingCondition location seriousness severity outcome recorder contributor suspectEntity "
    "subjectMedicalHistory referenceDocument study "
    # R5
    "status code occurrenceDateTime occurrencePeriod occurrenceTiming resultingEffect participant "
    "expectedInResearchStudy contributingFactor preventiveAction mitigatingAction supportingInfo "
    "note"
)
_CONDITION: Final = RESOURCE | names(
    "identifier clinicalStatus verificationStatus category severity code bodySite subject "
    "encounter onsetDateTime onsetAge onsetPeriod onsetRange onsetString abatementDateTime "
    "abatementAge abatementPeriod abatementRange abatementString recordedDate recorder asserter "
    "stage evidence note participant"
)
_ALLERGY: Final = RESOURCE | names(
    "identifier clinicalStatus verificationStatus type category criticality code patient "
    "encounter onsetDateTime onsetAge onsetPeriod onsetRange onsetString recordedDate recorder "
    "asserter lastOccurrence note reaction participant"
)
_NOTE: Final = names("authorReference authorString time text")
_ACTUAL: Final[Mapping[str, bool]] = {"actual": True, "potential": False}
_STATUS: Final[Mapping[str, ResultStatus | None]] = {
    "in-progress": ResultStatus.FINAL,
    "completed": ResultStatus.FINAL,
    "entered-in-error": ResultStatus.WITHDRAWN,
    "unknown": None,
}
_NOT_CONFIRMED: Final = names("unconfirmed presumed provisional differential")
_VERIFIED: Final[Mapping[str, ResultStatus]] = MappingProxyType(
    {
        "confirmed": ResultStatus.FINAL,
        **dict.fromkeys(
            names("unconfirmed presumed provisional differential"), ResultStatus.PRELIMINARY
        ),
        "refuted": ResultStatus.CANCELLED,
        "entered-in-error": ResultStatus.WITHDRAWN,
    }
)
_NEGATION: Final = re.compile(r"^\W*(no|not|none|nil|without)\b", re.IGNORECASE)
_GRADES: Final = frozenset({"1", "2", "3", "4", "5"})


def read_event(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield an AdverseEvent that happened; raises `PartError` where it is refused."""
    element = resource.element(_EVENT, ENTERED_IN_ERROR)
    _refuse_rules(element)
    if not element.code("actuality", _ACTUAL):
        yield context.left_out(resource, Skipped.OTHER, "a potential adverse event")
        return
    status = element.code("status", _STATUS) if element.has("status") else ResultStatus.FINAL
    if status is None:
        raise element.error("status", "it is unknown. Ask the sender for the status.")
    if element.modifier(ENTERED_IN_ERROR):
        status = ResultStatus.WITHDRAWN
    name = "event" if element.has("event") else "code"
    term = _name(element, name, TERMS)
    since = _day(context, element, "date") or _occurred(context, element)
    if since is None:
        raise element.error("date", "the first day is missing. Ask the sender.")
    subject = context.subjects.subject_of(resource, element, "subject")
    ended = element.extension(ENDED_ON, "valueDate")
    try:
        event = AdverseEvent(
            term=term, since=since, grade=_grade(element), action=_action(element),
            scale=_words(element, CTCAE_VERSION) or SCALE, text=_words(element, REMARK),
            attributed_to=_words(element, ATTRIBUTED_TO) or None,
        )  # fmt: skip
    except UserError as error:
        raise element.error(name, str(error)) from None
    read = ReadEntry(entry=event, ended_on=_day(context, ended, "valueDate") if ended else None)
    kept = completed(element, read, frozenset({"text"}))
    severity = codes_of(element, "severity")
    yield Incoming(
        place=context.place(resource.words),
        patient=subject,
        entry=kept.entry,
        status=status,
        ended_on=kept.ended_on,
        end_reason=kept.end_reason,
        part=name,
        remarks=(f"Severity {quoted(in_words(severity))} is not a grade of CTCAE.",)
        if severity
        else (),
        source=resource.name,
    )


def read_condition(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield a Condition that has a meaning for a dose; raises `PartError` where it is refused."""
    yield from _condition(context, resource, resource.element(_CONDITION), "subject")


def read_allergy(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield an AllergyIntolerance as a condition; raises `PartError` where it is refused."""
    yield from _condition(context, resource, resource.element(_ALLERGY), "patient")


def _condition(
    context: Context, resource: Resource, element: Element, subject: str
) -> Iterator[Item]:
    stated = stated_entry(element)
    if stated is not None and isinstance(stated.entry, Patient):
        yield context.left_out(resource, Skipped.OTHER, "a part of the patient")
        return
    is_allergy = subject == "patient"
    codes = codes_of(element, "code")
    if is_allergy and stated is None and any(_NEGATION.search(each.words) for each in codes):
        yield context.left_out(resource, Skipped.OTHER, in_words(codes))
        return
    name = _condition_name(codes, _text(element, "code"), is_allergy=is_allergy)
    is_known = is_allergy or condition_kind(name) is not ConditionKind.OTHER
    if stated is None and not is_known:
        yield context.left_out(resource, Skipped.OTHER, in_words(codes))
        return
    _refuse_rules(element)
    status = _verified(element)
    if status is ResultStatus.PRELIMINARY:
        yield context.left_out(resource, Skipped.PRELIMINARY, in_words(codes))
    elif status is ResultStatus.CANCELLED:
        yield context.left_out(resource, Skipped.CANCELLED, in_words(codes))
    else:
        yield _kept(context, resource, element, (subject, name), status)


def _kept(
    context: Context,
    resource: Resource,
    element: Element,
    read: tuple[str, str],
    status: ResultStatus,
) -> Incoming:
    """Return a condition; `read` are the element of its patient, and its name."""
    subject, name = read
    since = _day(context, element, "onsetDateTime")
    if since is None:
        raise element.error("onsetDateTime", "the first day is missing. Ask the sender.")
    ended = _day(context, element, "abatementDateTime")
    is_over = {each.value for each in codes_of(element, "clinicalStatus")} & {
        "inactive", "remission", "resolved",
    }  # fmt: skip
    if is_over and ended is None and stated_entry(element) is None:
        raise element.error("clinicalStatus", "its last day is missing. Ask the sender.")
    identity = context.subjects.subject_of(resource, element, subject)
    try:
        condition = Condition(name=name, since=since)
    except UserError as error:
        raise element.error("code", str(error)) from None
    kept = completed(element, ReadEntry(entry=condition, ended_on=ended))
    notes = () if stated_entry(element) else element.many("note", _NOTE)
    return Incoming(
        place=context.place(resource.words),
        patient=identity,
        entry=kept.entry,
        status=status,
        ended_on=kept.ended_on,
        end_reason=kept.end_reason,
        part="code",
        remarks=tuple(f"Comment of the sender: {clean(each.text('text'))[:500]}" for each in notes),
        source=resource.name,
    )


def _condition_name(codes: tuple[Code, ...], text: str, *, is_allergy: bool) -> str:
    """Return our own name, or else the text, or the words of the first code."""
    ours = [each.value for each in codes if each.system == CONDITIONS]
    words = [text] if text else [each.words for each in codes]
    name = clean((ours or words or [""])[0])
    is_named = condition_kind(name) is ConditionKind.ALLERGY
    return f"allergy to {name}" if is_allergy and name and not is_named else name


def _verified(element: Element) -> ResultStatus:
    """Return the status by verificationStatus; without one it is as final as any statement."""
    concept = element.one("verificationStatus", CONCEPT)
    if concept is None:
        return ResultStatus.FINAL
    codings = concept.many("coding", CODING)
    found = {each.code("code", _VERIFIED) for each in codings if each.has("code")}
    if len(found) != 1:
        raise element.error("verificationStatus", "it is not one code. Ask the sender.")
    return found.pop()


def _name(element: Element, name: str, system: str) -> str:
    """Return our own code of a concept, or else its text, or the words of its only code."""
    codes = codes_of(element, name)
    ours = [each.value for each in codes if each.system == system]
    words = {each.words for each in codes if each.words}
    text = _text(element, name)
    found = ours or ([text] if text else list(words) if len(words) == 1 else [])
    if not found:
        raise element.error(name, "it has no name in words. Enter it by hand.")
    return found[0]


def _text(element: Element, name: str) -> str:
    concept = element.one(name, CONCEPT)
    return concept.text("text") if concept else ""


def _day(context: Context, element: Element, name: str) -> date | None:
    found = time_in(element, name, context.choices.time_zone)
    return found.day if found else None


def _occurred(context: Context, element: Element) -> date | None:
    found = time_or_period(element, "occurrence", context.choices.time_zone)
    return found.day if found else None


def _grade(element: Element) -> int | None:
    stated = element.extension(CTCAE_GRADE, "valuePositiveInt")
    if stated is None:
        return None
    number = stated.number("valuePositiveInt")
    if number not in _GRADES:
        raise stated.error("valuePositiveInt", f"{quoted(number or '')} is not a grade, 1 to 5.")
    return int(number or "")


def _action(element: Element) -> ActionTaken:
    stated = element.extension(ACTION_TAKEN, "valueCode")
    return stated.code("valueCode", _ACTIONS) if stated else ActionTaken.NONE


_ACTIONS: Final[Mapping[str, ActionTaken]] = MappingProxyType(
    {each.value: each for each in ActionTaken}
)


def _words(element: Element, url: str) -> str:
    stated = element.extension(url, "valueString")
    return stated.text("valueString") if stated else ""


def _refuse_rules(element: Element) -> None:
    if element.text("implicitRules"):
        raise element.error("implicitRules", "they are not known. Enter it by hand.")
