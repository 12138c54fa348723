"""Observations: levels, laboratory values, weights, heights and blood pressures."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from dosing import QuantityKind, UserError, clean
from dosing.quantities.text import LONGEST_REASON, quoted
from monitoring.exchange.coded_test import Code, CodedTest, Measurand, coded_test
from monitoring.exchange.fhir.extensions import (
    ASSAYS,
    EXCLUDED,
    LAST_DOSE,
    LAST_DOSE_ASSUMED,
    LEVEL_CAUSE,
    TESTS,
)
from monitoring.exchange.fhir.reading.context import Context
from monitoring.exchange.fhir.reading.element import (
    CODING,
    CONCEPT,
    QUANTITY,
    REFERENCE,
    RESOURCE,
    SIMPLE_QUANTITY,
    Element,
    PartError,
    names,
)
from monitoring.exchange.fhir.reading.quantities import (
    Reported,
    Unit,
    read_quantity_in,
    read_result_text,
)
from monitoring.exchange.fhir.reading.record_entry import ReadEntry, completed
from monitoring.exchange.fhir.reading.resources import Resource
from monitoring.exchange.fhir.reading.specimens import time_of_draw
from monitoring.exchange.fhir.reading.times import FhirTime, time_in
from monitoring.exchange.incoming import (
    Incoming,
    Item,
    PatientIdentity,
    ResultStatus,
    Skipped,
)
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue, kept_unit
from monitoring.record.level import Assay, Level
from monitoring.record.measurement import Measurement
from monitoring.times import Moment

OBSERVATION: Final = RESOURCE | names(
    "identifier basedOn partOf status category code subject focus encounter effectiveDateTime "
    "effectivePeriod effectiveTiming effectiveInstant issued performer valueQuantity "
    "valueCodeableConcept valueString valueBoolean valueInteger valueRange valueRatio "
    "valueSampledData valueTime valueDateTime valuePeriod dataAbsentReason interpretation note "
    "bodySite method specimen device referenceRange hasMember derivedFrom component "
    # R5
    "instantiatesCanonical instantiatesReference triggeredBy valueAttachment valueReference "
    "bodyStructure"
)
_COMPONENT: Final = names(
    "code valueQuantity valueCodeableConcept valueString valueBoolean valueInteger valueRange "
    "valueRatio valueSampledData valueTime valueDateTime valuePeriod valueAttachment "
    "valueReference dataAbsentReason interpretation referenceRange"
)
_RANGE: Final = names("low high normalValue type appliesTo age text")
_NOTE: Final = names("authorReference authorString time text")
_STATUS: Final[Mapping[str, ResultStatus | None]] = {
    "registered": ResultStatus.PRELIMINARY,
    "preliminary": ResultStatus.PRELIMINARY,
    "final": ResultStatus.FINAL,
    "amended": ResultStatus.CORRECTED,
    "corrected": ResultStatus.CORRECTED,
    "cancelled": ResultStatus.CANCELLED,
    "entered-in-error": ResultStatus.WITHDRAWN,
    "unknown": None,
}
_UNITS: Final[Mapping[Measurand, Unit]] = {
    Measurand.LEVEL: Unit.LEVEL,
    Measurand.TROUGH: Unit.LEVEL,
    Measurand.WEIGHT: Unit.WEIGHT,
    Measurand.HEIGHT: Unit.HEIGHT,
    Measurand.LABORATORY: Unit.LABORATORY,
}
_ASSAYS: Final[Mapping[str, Assay]] = {
    "lcmsms": Assay.LC_MS_MS,
    "hplcmsms": Assay.LC_MS_MS,
    "liquidchromatographytandemmassspectrometry": Assay.LC_MS_MS,
    "cmia": Assay.CMIA,
    "chemiluminescentmicroparticleimmunoassay": Assay.CMIA,
    "emit": Assay.EMIT,
    "enzymemultipliedimmunoassaytechnique": Assay.EMIT,
}
"""The assays by their usual names, in small letters and digits alone."""
_SYSTOLIC, _DIASTOLIC = "systolic blood pressure", "diastolic blood pressure"
_LOINC = re.compile(r"[0-9]{1,7}-[0-9]")
_RANGE_TEXT = re.compile(
    r"(?:(?P<low>[0-9.]+) ?[-–] ?(?P<high>[0-9.]+)|(?P<sign>[<>≤≥]=?) ?(?P<limit>[0-9.]+))"
    r"(?: (?P<unit>\S+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """An Observation, or a component of it, whose test is known."""

    element: Element
    codes: tuple[Code, ...]
    test: CodedTest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """The common part of one Observation and its components."""

    context: Context
    resource: Resource
    element: Element
    subject: PatientIdentity
    status: ResultStatus
    drawn: FhirTime
    laboratory: str


def read_observation(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield the results of an Observation. Raises `PartError` where all of it is refused."""
    element = resource.element(OBSERVATION)
    own_codes = codes_of(element, "code")
    own_test = _test(element, own_codes, context)
    components = element.many("component", _COMPONENT)
    parts, others = _parts(components, context)
    if own_test and own_test.measured is not Measurand.BLOOD_PRESSURE:
        parts = [_Part(element=element, codes=own_codes, test=own_test), *parts]
    if not parts and own_test is None:
        yield context.left_out(resource, Skipped.OTHER_TEST, in_words(own_codes))
        return
    whole = _whole(context, resource, element)
    if whole.status is ResultStatus.PRELIMINARY:
        yield context.left_out(resource, Skipped.PRELIMINARY, in_words(own_codes))
    elif whole.status is ResultStatus.CANCELLED:
        yield context.left_out(resource, Skipped.CANCELLED, in_words(own_codes))
    elif not parts:
        yield _without_value(element, own_codes, whole)
    else:
        yield from _items(whole, parts)
        for codes in others:
            yield context.left_out(resource, Skipped.OTHER_TEST, in_words(codes))


def codes_of(element: Element, name: str) -> tuple[Code, ...]:
    """Return the codes of a CodeableConcept, and its text as one without a value."""
    concept = element.one(name, CONCEPT)
    if concept is None:
        return ()
    codes = tuple(
        Code(each.text("code"), each.text("system"), each.text("display"))
        for each in concept.many("coding", CODING)
    )
    text = concept.text("text")
    return (*codes, Code("", "", text)) if text else codes


def in_words(codes: tuple[Code, ...]) -> str:
    """Return the first code for people, such as "LOINC 5778-6"."""
    if not codes:
        return ""
    first = codes[0]
    return f"LOINC {first.value}" if first.is_loinc else first.words or first.value


def _test(element: Element, codes: tuple[Code, ...], context: Context) -> CodedTest | None:
    """Return what the codes of an element mean here, or None for another test."""
    try:
        known = coded_test(codes, context.choices.tests)
    except UserError as error:
        raise element.error("code", str(error)) from None
    if known is None:
        ours = {clean(each.value) for each in codes if each.system == TESTS}
        if len(ours) == 1:
            return CodedTest(Measurand.LABORATORY, ours.pop())
        for each in codes:
            if each.is_loinc and _LOINC.fullmatch(each.value) and not _is_checked(each.value):
                raise element.error(
                    "code", f"{quoted(each.value)} is not a code of LOINC: its last digit is wrong."
                )
    return known


def _is_checked(code: str) -> bool:
    """Return whether the last digit of a LOINC code is right: Luhn's sum of the others.

    >>> _is_checked("29247-4"), _is_checked("29274-4")
    (True, False)
    """
    digits, _, check = code.partition("-")
    doubled = (int(each) * (2 - place % 2) for place, each in enumerate(reversed(digits)))
    return (sum(sum(divmod(each, 10)) for each in doubled) + int(check)) % 10 == 0


def _parts(
    components: tuple[Element, ...], context: Context
) -> tuple[list[_Part], list[tuple[Code, ...]]]:
    """Return the components whose test is known, and the codes of the others."""
    parts: list[_Part] = []
    others: list[tuple[Code, ...]] = []
    for each in components:
        codes = codes_of(each, "code")
        test = _test(each, codes, context)
        if test is None:
            others.append(codes)
        elif test.measured is Measurand.BLOOD_PRESSURE:
            raise each.error("code", "a panel is within a panel. Correct the file.")
        else:
            parts.append(_Part(element=each, codes=codes, test=test))
    return parts, others


def _whole(context: Context, resource: Resource, element: Element) -> _Whole:
    if element.text("implicitRules"):
        raise element.error("implicitRules", "they are not known. Enter the result by hand.")
    own = element.code("status", _STATUS)
    if own is None:
        raise element.error("status", "it is unknown. Ask the sender for the status.")
    subject = context.subjects.subject_of(resource, element, "subject")
    if element.has("focus"):
        raise element.error("focus", "the result is not about the patient. Enter it by hand.")
    status = context.status_of(resource, element, own, subject)
    if status in {ResultStatus.PRELIMINARY, ResultStatus.CANCELLED}:
        drawn = FhirTime(date.min)  # it becomes no entry, and may have no time
    else:
        drawn = time_of_draw(context, resource, element, subject)
    return _Whole(
        context=context, resource=resource, element=element, subject=subject, status=status,
        drawn=drawn, laboratory=_laboratory(context, resource, element),
    )  # fmt: skip


def _laboratory(context: Context, resource: Resource, element: Element) -> str:
    """Return the name of the first organisation that performed it, or nothing."""
    for each in element.many("performer", REFERENCE):
        reference = each.text("reference")
        found = context.directory.find(reference, resource) if reference else None
        if found is not None and found.type == "Organization":
            name = found.fields.get("name")
            return name if type(name) is str else each.text("display")
        if each.text("type") == "Organization" or reference.startswith("Organization/"):
            return each.text("display")
    return ""


def _items(whole: _Whole, parts: list[_Part]) -> Iterator[Item]:
    """Yield an item for each part; two pressures are refused together where they are swapped."""
    found = [_item(whole, each) for each in parts]
    pressures = {
        item.entry.test: item
        for item in found
        if isinstance(item, Incoming) and isinstance(item.entry, LaboratoryValue)
    }
    upper, lower = pressures.get(_SYSTOLIC), pressures.get(_DIASTOLIC)
    if upper and lower and _number(upper) <= _number(lower):
        raise whole.element.error(
            "component", "the diastolic pressure is not below the systolic one. Ask the sender."
        )
    yield from found


def _number(item: Incoming) -> Decimal:
    entry = item.entry
    return entry.value.number if isinstance(entry, LaboratoryValue) else Decimal(0)


def _item(whole: _Whole, part: _Part) -> Item:
    """Return the result of a part, its refusal, or that it has no value."""
    context, resource = whole.context, whole.resource
    try:
        values = part.element.names("value")
        if not values:
            return _without_value(part.element, part.codes, whole)
        if len(values) > 1 or part.element.has("dataAbsentReason"):
            other = values[1] if len(values) > 1 else "dataAbsentReason"
            raise part.element.error(other, f"{values[0]} is there, too. Correct the file.")
        reported = _reported(part, values[0], context)
        entry, comments = _entry(whole, part, reported, values[0])
        read = completed(part.element, ReadEntry(entry=entry))
    except UserError as error:
        return context.refused(resource, error)
    return Incoming(
        place=context.place(resource.words),
        patient=whole.subject,
        entry=read.entry,
        status=whole.status,
        ended_on=read.ended_on,
        ended_at=read.ended_at,
        end_reason=read.end_reason,
        part=part.element.at(values[0]),
        time_part=next(iter(whole.element.names("effective")), "specimen"),
        remarks=tuple(
            filter(None, (*reported.comments, *comments, whole.drawn.comment, *_notes(whole)))
        ),
        source=resource.name,
    )


def _without_value(element: Element, codes: tuple[Code, ...], whole: _Whole) -> Item:
    """Return that a part has no value; refuse it where nothing says so, or where it had one."""
    if whole.status is not ResultStatus.FINAL:
        raise element.error("value", "it is withdrawn. Void the former result by hand.")
    if element.has("dataAbsentReason"):
        return whole.context.left_out(whole.resource, Skipped.WITHOUT_VALUE, in_words(codes))
    if element is whole.element and (element.has("hasMember") or element.has("component")):
        return whole.context.left_out(whole.resource, Skipped.OTHER, f"panel {in_words(codes)}")
    raise element.error("value", "it is missing, without dataAbsentReason. Ask the sender.")


def _reported(part: _Part, name: str, context: Context) -> Reported:
    """Return the number, the unit and the comparator of a value."""
    unit, element = _UNITS[part.test.measured], part.element
    defaults = context.choices.default_units
    default = next((defaults[each.value] for each in part.codes if each.value in defaults), "")
    match name:
        case "valueQuantity":
            quantity = element.one(name, QUANTITY)
            if quantity is not None:
                return read_quantity_in(quantity, unit, default)
        case "valueString":
            return read_result_text(element, name, element.text(name), unit, default)
        case "valueInteger":
            return read_result_text(element, name, element.number(name) or "", unit, default)
    raise element.error(name, "it is not one number with a unit. Enter the result by hand.")


def _entry(
    whole: _Whole, part: _Part, reported: Reported, name: str
) -> tuple[Entry, tuple[str, ...]]:
    """Return the entry of a part, and sentences for the preview."""
    measured = part.test.measured
    try:
        if measured in {Measurand.WEIGHT, Measurand.HEIGHT}:
            return _measurement(whole, measured, reported), ()
        sampled = whole.drawn.moment
        if sampled is None:
            raise whole.element.error(
                "effective", "it has no time of day. Ask the sender for the time of the sample."
            )
        if measured is Measurand.LABORATORY:
            lower, upper, comment = _limits(part.element, reported)
            return LaboratoryValue(
                test=part.test.test, at=sampled, value=reported.laboratory_quantity,
                comparator=reported.comparator, lower_limit=lower, upper_limit=upper,
                laboratory=whole.laboratory,
            ), (comment,)  # fmt: skip
        assay, comment = _assay(whole)
        last_dose, is_assumed = _last_dose(whole)
        return Level(
            sampled=sampled, value=reported.quantity(QuantityKind.LEVEL),
            comparator=reported.comparator, assay=assay, laboratory=whole.laboratory,
            last_dose=last_dose, last_dose_assumed=is_assumed,
        ), (comment,)  # fmt: skip
    except PartError:
        raise
    except UserError as error:
        raise part.element.error(name, str(error)) from None


def _measurement(whole: _Whole, measured: Measurand, reported: Reported) -> Measurement:
    if reported.comparator is not None:
        raise UserError("A body size has no comparator. Ask the sender for the value.")
    if measured is Measurand.WEIGHT:
        return Measurement(on=whole.drawn.day, weight=reported.quantity(QuantityKind.WEIGHT))
    return Measurement(on=whole.drawn.day, height=reported.quantity(QuantityKind.HEIGHT))


def _assay(whole: _Whole) -> tuple[Assay | None, str]:
    """Return the assay by the method, and a sentence about a method that is not known."""
    codes = codes_of(whole.element, "method")
    mapped = whole.context.choices.assays
    stated = {
        assay
        for each in codes
        for name in (each.value, each.words)
        if name and (assay := mapped.get(name) or _ours(each) or _ASSAYS.get(_letters(name)))
    }
    if len(stated) > 1:
        raise whole.element.error("method", "it means several assays. Name one in the mapping.")
    if stated or not codes:
        return next(iter(stated), None), ""
    name = quoted(in_words(codes))
    return None, f"The method {name} is not known, and the assay is not recorded."


def _ours(code: Code) -> Assay | None:
    known = {each.value: each for each in Assay}
    return known.get(code.value) if code.system == ASSAYS else None


def _letters(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _last_dose(whole: _Whole) -> tuple[Moment | None, bool | None]:
    """Return the last dose before the sample by our own extension, and whether it is assumed."""
    stated = whole.element.extension(LAST_DOSE, "valueDateTime")
    if stated is None:
        return None, None
    found = time_in(stated, "valueDateTime", whole.context.choices.time_zone)
    if found is None or found.moment is None:
        raise stated.error("valueDateTime", "it has no time of day. Correct the file.")
    assumed = whole.element.extension(LAST_DOSE_ASSUMED, "valueBoolean")
    return found.moment, assumed.flag("valueBoolean") or None if assumed else None


def _notes(whole: _Whole) -> Iterator[str]:
    """Yield the comments, and that the sender does not use a level, for the preview."""
    excluded = whole.element.extension(EXCLUDED, "valueBoolean")
    if excluded and excluded.flag("valueBoolean"):
        cause = whole.element.extension(LEVEL_CAUSE, "valueCode")
        why = quoted(cause.text("valueCode")) if cause else "not stated"
        yield f"The sender excludes this level from every assessment; its cause is {why}."
    for each in whole.element.many("note", _NOTE):
        if text := clean(each.text("text")):
            yield f"Comment of the laboratory: {text[:LONGEST_REASON]}"


# --- limits of normal


def _limits(
    part: Element, reported: Reported
) -> tuple[LaboratoryQuantity | None, LaboratoryQuantity | None, str]:
    """Return the limits of normal, and a sentence where they are not one range."""
    ranges = [each for each in part.many("referenceRange", _RANGE) if _is_normal(each)]
    if not ranges:
        return None, None, ""
    if len(ranges) > 1:
        return None, None, "It has several ranges of normal, and none is recorded."
    (only,) = ranges
    low, high = (_limit(only, name, reported) for name in ("low", "high"))
    text = clean(only.text("text"))
    if low or high or not text:
        return low, high, ""
    low, high = _limits_in(text, reported)
    if low or high:
        return low, high, ""
    return None, None, f"The range {quoted(text)} has no single meaning, and is not recorded."


def _is_normal(reference: Element) -> bool:
    kind = reference.one("type", CONCEPT)
    codes = {each.text("code") for each in kind.many("coding", CODING)} if kind else set()
    return codes <= {"normal"} and not (kind and not codes)


def _limit(reference: Element, name: str, reported: Reported) -> LaboratoryQuantity | None:
    stated = reference.one(name, SIMPLE_QUANTITY)
    if stated is None:
        return None
    limit = read_quantity_in(stated, Unit.LABORATORY, reported.unit)
    if limit.unit != reported.unit:
        raise stated.error("unit", f"it is not that of the value, {reported.unit}. Ask the sender.")
    return limit.laboratory_quantity


def _limits_in(
    text: str, reported: Reported
) -> tuple[LaboratoryQuantity | None, LaboratoryQuantity | None]:
    """Return the limits of a text such as "150-450" or "<41", or nothing."""
    parts = _RANGE_TEXT.fullmatch(text)
    unit = parts and parts["unit"]
    if parts is None or (unit and kept_unit(unit) != reported.unit):
        return None, None
    is_upper = bool(parts["sign"]) and parts["sign"][0] in "<≤"
    low = parts["low"] or (None if is_upper else parts["limit"])
    high = parts["high"] or (parts["limit"] if is_upper else None)
    try:
        found = [
            LaboratoryQuantity.read(f"{each} {reported.unit}") if each else None
            for each in (low, high)
        ]
    except UserError:
        return None, None
    return found[0], found[1]
