"""Doses of sirolimus: requests and statements of a regimen, and doses that were not given.

A regimen needs its dose in mg, how often it is given, its product, and the time at which it began.
What is not stated is never assumed; the protocol and its target alone have a default.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from dosing import PROTOCOLS, Product, QuantityKind, TargetTrough, UserError, clean
from dosing.build import this_build
from dosing.knowledge.products import STRENGTH_MG_PER_ML
from dosing.quantities.text import quoted
from monitoring.exchange.coded_test import Code
from monitoring.exchange.fhir.extensions import PROTOCOL, TARGET_TROUGH
from monitoring.exchange.fhir.reading.context import Context
from monitoring.exchange.fhir.reading.element import (
    PERIOD,
    QUANTITY,
    REFERENCE,
    RESOURCE,
    SIMPLE_QUANTITY,
    Element,
    names,
)
from monitoring.exchange.fhir.reading.observations import codes_of, in_words
from monitoring.exchange.fhir.reading.quantities import Unit, read_quantity_in
from monitoring.exchange.fhir.reading.record_entry import ReadEntry, completed, stated_entry
from monitoring.exchange.fhir.reading.resources import Resource
from monitoring.exchange.fhir.reading.times import FhirTime, read_fhir_time, time_in, time_or_period
from monitoring.exchange.incoming import Incoming, Item, PatientIdentity, ResultStatus, Skipped
from monitoring.record.co_medication import CoMedication
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.times import Moment

GIVEN_REASON: Final = "reported by the sender"
"""The reason of a dose from another system: it was given, or ordered, past our limits."""
DEFAULT_PROTOCOL: Final = "review"

REQUEST: Final = RESOURCE | names(
    "identifier status statusReason intent category priority doNotPerform reportedBoolean "
    "reportedReference medicationCodeableConcept medicationReference subject encounter "
    "supportingInformation authoredOn requester performer performerType recorder reasonCode "
    "reasonReference instantiatesCanonical instantiatesUri basedOn groupIdentifier "
    "courseOfTherapyType insurance note dosageInstruction dispenseRequest substitution "
    "priorPrescription detectedIssue eventHistory "
    # R5
    "statusChanged reported medication informationSource device reason renderedDosageInstruction "
    "effectiveDosePeriod"
)
STATEMENT: Final = RESOURCE | names(
    "identifier basedOn partOf status statusReason category medicationCodeableConcept "
    "medicationReference subject context effectiveDateTime effectivePeriod dateAsserted "
    "informationSource derivedFrom reasonCode reasonReference note dosage "
    # R5
    "medication encounter effectiveTiming reason relatedClinicalInformation "
    "renderedDosageInstruction adherence"
)
ADMINISTRATION: Final = RESOURCE | names(
    "identifier instantiates partOf status statusReason category medicationCodeableConcept "
    "medicationReference subject context supportingInformation effectiveDateTime effectivePeriod "
    "performer reasonCode reasonReference request device note dosage eventHistory "
    # R5
    "basedOn medication encounter occurenceDateTime occurencePeriod occurrenceDateTime "
    "occurrencePeriod recorded isSubPotent subPotentReason reason"
)
_MEDICATION: Final = RESOURCE | names(
    "identifier code status manufacturer form amount ingredient batch "
    # R5
    "marketingAuthorizationHolder doseForm totalVolume definition"
)
_INGREDIENT: Final = names(
    "itemCodeableConcept itemReference isActive strength item strengthRatio strengthQuantity "
    "strengthCodeableConcept"
)
_RATIO: Final = names("numerator denominator")
_CODEABLE_REFERENCE: Final = names("concept reference")
_DOSAGE: Final = names(
    "sequence text additionalInstruction patientInstruction timing asNeededBoolean "
    "asNeededCodeableConcept asNeeded asNeededFor site route method doseAndRate "
    "maxDosePerPeriod maxDosePerAdministration maxDosePerLifetime"
)
_DOSE_AND_RATE: Final = names("type doseRange doseQuantity rateRatio rateRange rateQuantity")
_TIMING: Final = names("event repeat code")
_REPEAT: Final = names(
    "boundsDuration boundsRange boundsPeriod count countMax duration durationMax durationUnit "
    "frequency frequencyMax period periodMax periodUnit dayOfWeek timeOfDay when offset"
)
_RANGE_OF_LEVELS: Final = names("low high")

_ATC: Final = frozenset({"http://www.whocc.no/atc", "urn:oid:2.16.840.1.113883.6.73"})
_RXNORM: Final = frozenset(
    {"http://www.nlm.nih.gov/research/umls/rxnorm", "urn:oid:2.16.840.1.113883.6.88"}
)
_SIROLIMUS_ATC: Final = frozenset({"L04AH01", "L04AA10"})
_SIROLIMUS_RXNORM: Final = frozenset({"35302"})
_SIROLIMUS: Final = "sirolimus"
_NAMES_IT: Final = re.compile(r"\b(sirolimus|rapamycin|rapamune)\b")

_ACTIVE, _OVER, _HELD = "active", "over", "held"
_NOT_YET, _NEVER, _ERROR, _NOT_TAKEN = "not yet", "never", "error", "not taken"
_REQUEST_STATUS: Final[Mapping[str, str]] = {
    "active": _ACTIVE, "on-hold": _HELD, "ended": _OVER, "stopped": _OVER, "completed": _OVER,
    "cancelled": _NEVER, "entered-in-error": _ERROR, "draft": _NOT_YET, "unknown": "",
}  # fmt: skip
_STATEMENT_STATUS: Final[Mapping[str, str]] = {
    "active": _ACTIVE, "recorded": _ACTIVE, "completed": _OVER, "entered-in-error": _ERROR,
    "intended": _NOT_YET, "draft": _NOT_YET, "stopped": _OVER, "on-hold": _HELD,
    "not-taken": _NOT_TAKEN, "unknown": "",
}  # fmt: skip
_ADMINISTRATION_STATUS: Final[Mapping[str, str]] = {
    "in-progress": _ACTIVE, "not-done": _NOT_TAKEN, "on-hold": _HELD, "completed": _OVER,
    "entered-in-error": _ERROR, "stopped": _OVER, "unknown": "",
}  # fmt: skip
_INTENT: Final[Mapping[str, bool]] = {
    "proposal": False, "plan": False, "option": False, "order": True, "original-order": True,
    "reflex-order": True, "filler-order": True, "instance-order": True,
}  # fmt: skip
_HOURS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {"h": Decimal(1), "d": Decimal(24), "wk": Decimal(7 * 24)}
)
_TIMING_SYSTEMS: Final = frozenset(
    {
        "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
        "http://hl7.org/fhir/v3/GTSAbbreviation",
    }
)
_HOURS_OF_CODE: Final[Mapping[str, int]] = MappingProxyType(
    {"QD": 24, "BID": 12, "TID": 8, "QID": 6, "QOD": 48, "Q6H": 6, "Q8H": 8, "AM": 24, "PM": 24}
)
_MORNING: Final = frozenset({"MORN", "MORN.early", "MORN.late"})
_EVENING: Final = frozenset({"EVE", "EVE.early", "EVE.late", "NIGHT"})
_ORAL: Final = frozenset({"26643006", "PO", "20053000"})
_ORAL_WORDS: Final = frozenset({"oral", "oral use", "by mouth", "po", "per os", "oral route"})
_SNOMED, _EDQM = "http://snomed.info/sct", "http://standardterms.edqm.eu"
_FORMS: Final[Mapping[tuple[str, str], Product]] = MappingProxyType(
    {
        (_SNOMED, "385055001"): Product.TABLETS,
        (_SNOMED, "385023001"): Product.SOLUTION,
        (_EDQM, "10219000"): Product.TABLETS,
        (_EDQM, "10220000"): Product.TABLETS,
        (_EDQM, "10105000"): Product.SOLUTION,
    }
)
_FORMS_IN_WORDS: Final[Mapping[str, Product]] = MappingProxyType(
    {
        "tablet": Product.TABLETS, "tablets": Product.TABLETS, "oral tablet": Product.TABLETS,
        "coated tablet": Product.TABLETS, "solution": Product.SOLUTION,
        "oral solution": Product.SOLUTION,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drug:
    """The drug of a medication: its codes, its form, and its strength where they are stated."""

    codes: tuple[Code, ...]
    is_sirolimus: bool
    product: Product | None = None
    strength_mg_per_ml: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Regimen:
    """A dose and how often it is given; `loading` is given once."""

    dose_mg: Decimal
    every_hours: int = 24
    evening_mg: Decimal | None = None
    loading: bool = False
    product: Product | None = None
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A resource about a drug, and what was found of it."""

    context: Context
    resource: Resource
    element: Element
    drug: _Drug
    subject: PatientIdentity
    status: str
    is_ours: bool
    """True if it carries the entry as the records had it."""

    def item(self, read: ReadEntry, unstated: str = "", comments: tuple[str, ...] = ()) -> Incoming:
        """Return the entry of the resource, as the records had it if it says so."""
        kept = completed(self.element, read, frozenset(unstated.split()))
        is_error = self.status == _ERROR
        return Incoming(
            place=self.context.place(self.resource.words),
            patient=self.subject,
            entry=kept.entry,
            status=ResultStatus.WITHDRAWN if is_error else ResultStatus.FINAL,
            ended_on=kept.ended_on,
            ended_at=kept.ended_at,
            end_reason=kept.end_reason,
            part="dosageInstruction" if self.element.has("dosageInstruction") else "dosage",
            remarks=comments,
            source=self.resource.name,
        )


def read_request(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield the dose of a MedicationRequest; raises `PartError` where it is refused."""
    element = resource.element(REQUEST)
    source = _source(context, resource, element, _REQUEST_STATUS)
    if not isinstance(source, _Source):
        yield source
        return
    if element.flag("doNotPerform"):
        raise element.error("doNotPerform", "the dose is forbidden. Enter it by hand.")
    if not element.code("intent", _INTENT):
        yield context.left_out(resource, Skipped.PRELIMINARY, f"{element.text('intent')} of a dose")
        return
    yield _prescription(source, "dosageInstruction", None)


def read_statement(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield the dose of a MedicationStatement, or that none was taken; else as `read_request`."""
    element = resource.element(STATEMENT)
    source = _source(context, resource, element, _STATEMENT_STATUS)
    if not isinstance(source, _Source):
        yield source
    elif not source.drug.is_sirolimus:
        yield _concomitant(source)
    elif request := _request_of(source):
        yield context.left_out(resource, Skipped.OTHER, f"the dose of {request.name}")
    elif _is_omitted(source):
        yield _omitted(source, "effective")
    else:
        yield _prescription(source, "dosage", _effective(element, "effective", context))


def _request_of(source: _Source) -> Resource | None:
    """Return the request in the file whose dose a statement is, or None.

    Raises `PartError` where the two are not at one about what became of the dose.
    """
    for each in source.element.many("basedOn", REFERENCE):
        reference = each.text("reference")
        found = source.context.directory.find(reference, source.resource) if reference else None
        if found is None or found.type != "MedicationRequest":
            continue
        request = found.element(REQUEST)
        is_ours = stated_entry(request) is not None
        if not is_ours and _REQUEST_STATUS.get(request.text("status")) != source.status:
            raise each.error("reference", f"{found.name} has another status. Ask the sender.")
        return found
    return None


def read_administration(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield that a dose was not given; one that was given has no interval, and is left out."""
    element = resource.element(ADMINISTRATION)
    source = _source(context, resource, element, _ADMINISTRATION_STATUS)
    if not isinstance(source, _Source):
        yield source
        return
    begins = next(
        (each for each in ("effective", "occurrence") if element.names(each)), "occurence"
    )
    if source.status == _NOT_TAKEN:
        yield _omitted(source, begins)
    else:
        yield context.left_out(resource, Skipped.OTHER, "a single dose, without how often")


# --- what all have in common


def _source(
    context: Context, resource: Resource, element: Element, statuses: Mapping[str, str]
) -> _Source | Item:
    """Return what a resource is about, or that it is left out."""
    drug = _drug(context, resource, element)
    is_ours = stated_entry(element) is not None
    if not drug.is_sirolimus and not is_ours:
        return context.left_out(resource, Skipped.OTHER, in_words(drug.codes))
    if element.text("implicitRules"):
        raise element.error("implicitRules", "they are not known. Enter the dose by hand.")
    status = element.code("status", statuses)
    if not status:
        raise element.error("status", "it is unknown. Ask the sender for the status.")
    if not is_ours and status == _NOT_YET:
        return context.left_out(resource, Skipped.PRELIMINARY, "a dose that did not begin")
    if not is_ours and status == _NEVER:
        return context.left_out(resource, Skipped.CANCELLED, "a dose that was cancelled")
    return _Source(
        context=context, resource=resource, element=element, drug=drug, status=status,
        subject=context.subjects.subject_of(resource, element, "subject"), is_ours=is_ours,
    )  # fmt: skip


def _drug(context: Context, resource: Resource, element: Element) -> _Drug:
    """Return the drug by its codes, or by the one word that is its name."""
    concept = "medicationCodeableConcept"
    reference = element.one("medicationReference", REFERENCE)
    both = element.one("medication", _CODEABLE_REFERENCE)
    codes = codes_of(element, concept)
    part = concept
    if both is not None:
        codes, part = codes_of(both, "concept"), "medication"
        reference = both.one("reference", REFERENCE)
    stated = _Drug(codes=codes, is_sirolimus=False)
    if reference is not None and not codes:
        part = "medicationReference"
        stated = _medication(context, resource, reference)
    if not stated.codes:
        raise element.error(part, "the drug is not stated. Ask the sender.")
    is_sirolimus = _is_sirolimus(stated.codes, element, part)
    product = stated.product or _product_in_words(stated.codes)
    return _Drug(
        codes=stated.codes, is_sirolimus=is_sirolimus, product=product,
        strength_mg_per_ml=stated.strength_mg_per_ml,
    )  # fmt: skip


def _medication(context: Context, resource: Resource, reference: Element) -> _Drug:
    """Return the drug of a Medication of the file."""
    name = reference.text("reference")
    try:
        found = context.directory.find(name, resource) if name else None
    except UserError as error:
        raise reference.error("reference", str(error)) from None
    if found is None or found.type != "Medication":
        text = reference.text("display")
        if text and not _NAMES_IT.search(clean(text).casefold()):
            return _Drug(codes=(Code("", "", text),), is_sirolimus=False)
        raise reference.error(
            "reference", f"the medication {quoted(name)} is not in the file. Ask the sender."
        )
    medication = found.element(_MEDICATION)
    if medication.text("status") == "entered-in-error":
        raise reference.error("reference", f"{found.name} was entered in error. Ask the sender.")
    form = codes_of(medication, "form") or codes_of(medication, "doseForm")
    ingredients = medication.many("ingredient", _INGREDIENT)
    codes = codes_of(medication, "code")
    parts = tuple(code for each in ingredients for code in _item(each))
    if not any(
        _NAMES_IT.search(clean(each.words).casefold()) or _is_code(each)
        for each in (*codes, *parts)
    ):
        return _Drug(codes=codes or parts, is_sirolimus=False)
    return _Drug(
        codes=codes or parts,
        is_sirolimus=False,
        product=_product(form),
        strength_mg_per_ml=_strength(ingredients[0]) if len(ingredients) == 1 else None,
    )


def _item(ingredient: Element) -> tuple[Code, ...]:
    both = ingredient.one("item", _CODEABLE_REFERENCE)
    return codes_of(both, "concept") if both else codes_of(ingredient, "itemCodeableConcept")


def _strength(ingredient: Element) -> Decimal | None:
    """Return the strength in mg/mL, or None for a tablet's and for one that is not stated."""
    ratio = ingredient.one("strength", _RATIO) or ingredient.one("strengthRatio", _RATIO)
    if ratio is None:
        return None
    above, below = (ratio.one(name, QUANTITY) for name in ("numerator", "denominator"))
    if above is None or below is None or below.text("code") not in {"mL", "ml"}:
        return None
    mg = read_quantity_in(above, Unit.DOSE).quantity(QuantityKind.DOSE).value
    return mg / read_quantity_in(below, Unit.VOLUME).quantity(QuantityKind.VOLUME).value


def _is_sirolimus(codes: tuple[Code, ...], element: Element, part: str) -> bool:
    """Return whether the drug is sirolimus; its name in other words is refused, not guessed."""
    known = {_is_code(each) for each in codes if each.system in _ATC or each.system in _RXNORM}
    if known == {True}:
        return True
    words = [clean(text).casefold() for each in codes for text in (each.words, each.value)]
    if not known and all(text in {"", _SIROLIMUS} for text in words):
        return True
    if True in known or any(_NAMES_IT.search(text) for text in words):
        raise element.error(
            part, f"{quoted(in_words(codes))} is not clearly sirolimus. Use ATC L04AH01."
        )
    return False


def _is_code(code: Code) -> bool:
    """Return whether a code of ATC or RxNorm is that of sirolimus."""
    known = _SIROLIMUS_ATC if code.system in _ATC else _SIROLIMUS_RXNORM
    return code.value in known and (code.system in _ATC or code.system in _RXNORM)


def _product(codes: tuple[Code, ...]) -> Product | None:
    """Return the product by the form that is stated, or None for an unknown or an unclear one."""
    found = {
        product
        for each in codes
        if (
            product := _FORMS.get((each.system, each.value))
            or _FORMS_IN_WORDS.get(clean(each.words).casefold())
        )
    }
    return found.pop() if len(found) == 1 else None


def _product_in_words(codes: tuple[Code, ...]) -> Product | None:
    """Return the product of a text such as "sirolimus tablets"."""
    words = (clean(each.words).casefold() for each in codes)
    found = {
        product
        for text in words
        if (product := _FORMS_IN_WORDS.get(text.removeprefix(f"{_SIROLIMUS} ")))
    }
    return found.pop() if len(found) == 1 else None


# --- a regimen


@dataclass(frozen=True, slots=True)
class _Period:
    """The time during which a dose is given, as far as it is stated."""

    start: FhirTime | None = None
    end: FhirTime | None = None


def _effective(element: Element, begins: str, context: Context) -> _Period | None:
    """Return the period of a statement; a single time is its start."""
    zone = context.choices.time_zone
    stated = element.one(f"{begins}Period", PERIOD)
    if stated is not None:
        return _Period(time_in(stated, "start", zone), time_in(stated, "end", zone))
    found = time_or_period(element, begins, zone)
    return _Period(found) if found else None


def _prescription(source: _Source, name: str, effective: _Period | None) -> Item:
    """Return the regimen of a resource; the dosage is in the element of this name."""
    element = source.element
    dosages = element.many(name, _DOSAGE)
    if not dosages:
        raise element.error(name, "the dose is not stated. Enter it by hand.")
    regimen, period = _regimen(source, name, dosages)
    stated = period or effective or _Period()
    if period and effective and _is_other(period, effective):
        raise dosages[0].error("timing.repeat.boundsPeriod", "it is not the period of the dose.")
    start, end = stated.start, stated.end
    if start is None or start.moment is None:
        raise element.error(name, "the time at which it began is not stated. Enter it by hand.")
    product = source.drug.product or regimen.product
    if product is None:
        raise element.error(
            "medication", "tablets or solution is not stated. Enter the dose by hand."
        )
    if not source.is_ours:
        _check_status(source, end, name)
    entry, unstated = _entry(source, regimen, start.moment, product)
    read = ReadEntry(entry=entry, ended_at=end.moment if end else None)
    return source.item(read, unstated, (*regimen.comments, *filter(None, (start.comment,))))


def _check_status(source: _Source, end: FhirTime | None, name: str) -> None:
    """Refuse a status that needs a time which is not stated."""
    element = source.element
    if source.status == _HELD:
        raise element.error("status", "the start of the hold is not stated. Enter it by hand.")
    if source.status == _OVER and (end is None or end.moment is None):
        raise element.error("status", "the time of the end is not stated. Enter it by hand.")
    if end is not None and end.moment is None:
        raise element.error(name, "its end has no time of day. Enter it by hand.")


def _entry(
    source: _Source, regimen: _Regimen, since: Moment, product: Product
) -> tuple[Prescription, str]:
    """Return the prescription, and the names of the fields that only a default states."""
    element = source.element
    protocol = element.extension(PROTOCOL, "valueCode")
    key = protocol.text("valueCode") if protocol else DEFAULT_PROTOCOL
    if key not in PROTOCOLS:
        raise element.error("extension", f"{quoted(key)} is not a protocol. Correct the file.")
    target = _target(element)
    unstated = " ".join(
        name for name, there in (("protocol", protocol), ("target", target)) if there is None
    )
    if regimen.loading:
        unstated += " interval_hours"
    is_rare = regimen.every_hours > _HOURS_A_DAY
    strength = source.drug.strength_mg_per_ml
    if strength == STRENGTH_MG_PER_ML or product is not Product.SOLUTION:
        strength = None
    try:
        return Prescription(
            since=since,
            dose_mg=regimen.dose_mg,
            times_a_day=1 if is_rare else _HOURS_A_DAY // regimen.every_hours,
            product=product,
            protocol=key,
            target=target or PROTOCOLS[key].target,
            rule_version=this_build().label,
            loading=regimen.loading,
            every_hours=regimen.every_hours if is_rare else None,
            evening_mg=regimen.evening_mg,
            strength_mg_per_ml=strength,
            given_reason=GIVEN_REASON,
        ), unstated
    except UserError as error:
        raise element.error("", str(error)) from None


_HOURS_A_DAY: Final = 24


def _target(element: Element) -> TargetTrough | None:
    stated = element.extension(TARGET_TROUGH, "valueRange")
    if stated is None:
        return None
    ends = stated.one("valueRange", _RANGE_OF_LEVELS)
    low, high = (ends and ends.one(name, SIMPLE_QUANTITY) for name in ("low", "high"))
    if high is None:
        raise stated.error("valueRange", "it has no upper end. Correct the file.")
    try:
        return TargetTrough(None if low is None else _level(low), _level(high))
    except UserError as error:
        raise stated.error("valueRange", str(error)) from None


def _level(quantity: Element) -> Decimal:
    return read_quantity_in(quantity, Unit.LEVEL).quantity(QuantityKind.LEVEL).value


def _is_other(one: _Period, other: _Period) -> bool:
    """Return whether two periods contradict each other in what both state."""
    pairs = ((one.start, other.start), (one.end, other.end))
    return any(first and second and not first.is_same(second) for first, second in pairs)


def _regimen(
    source: _Source, name: str, dosages: tuple[Element, ...]
) -> tuple[_Regimen, _Period | None]:
    """Return the dose of one dosage, or of one of the morning and one of the evening."""
    found = [_dosage(source, each) for each in dosages]
    if len(found) == 1:
        (dose, period, _when) = found[0]
        return dose, period
    by_time = {when: dose for dose, _, when in found}
    if len(found) != 2 or by_time.keys() != {"morning", "evening"}:
        raise source.element.error(name, "there are several dosages. Enter the dose by hand.")
    morning, evening = by_time["morning"], by_time["evening"]
    (first, second) = (period for _, period, _ in found)
    if first != second or {morning.every_hours, evening.every_hours} != {_HOURS_A_DAY}:
        raise source.element.error(name, "the two dosages do not fit. Enter the dose by hand.")
    is_equal = morning.dose_mg == evening.dose_mg
    return _Regimen(
        dose_mg=morning.dose_mg,
        every_hours=12,
        evening_mg=None if is_equal else evening.dose_mg,
        product=morning.product if morning.product is evening.product else None,
        comments=(*morning.comments, *evening.comments),
    ), first


def _dosage(source: _Source, dosage: Element) -> tuple[_Regimen, _Period | None, str]:
    """Return the dose of one dosage, its period, and whether it is that of morning or evening."""
    _refuse_as_needed(dosage)
    route = codes_of(dosage, "route")
    if route and not any(
        each.value in _ORAL or clean(each.words).casefold() in _ORAL_WORDS for each in route
    ):
        raise dosage.error("route", f"{quoted(in_words(route))} is not by mouth. Enter it by hand.")
    rates = dosage.many("doseAndRate", _DOSE_AND_RATE)
    if len(rates) != 1 or set(rates[0].names("dose")) | set(rates[0].names("rate")) != {
        "doseQuantity"
    }:
        raise dosage.error("doseAndRate", "it is not one dose. Enter it by hand.")
    quantity = rates[0].one("doseQuantity", SIMPLE_QUANTITY)
    if quantity is None:
        raise dosage.error("doseAndRate", "it is not one dose. Enter it by hand.")
    mg, product, comments = _dose(source, quantity)
    timing = dosage.one("timing", _TIMING)
    if timing is None:
        raise dosage.error("timing", "how often it is given is not stated. Enter it by hand.")
    events = timing.texts("event")
    if events:
        return _given_once(source, timing, events, mg, product), _once(source, timing), ""
    hours, when = _hours(timing)
    regimen = _Regimen(dose_mg=mg, every_hours=hours, product=product, comments=comments)
    repeat = timing.one("repeat", _REPEAT)
    bounds = repeat.one("boundsPeriod", PERIOD) if repeat else None
    zone = source.context.choices.time_zone
    period = None
    if bounds is not None:
        period = _Period(time_in(bounds, "start", zone), time_in(bounds, "end", zone))
    return regimen, period, when


def _refuse_as_needed(dosage: Element) -> None:
    is_needed = any(dosage.flag(name) for name in ("asNeededBoolean", "asNeeded"))
    if is_needed or any(dosage.has(name) for name in ("asNeededCodeableConcept", "asNeededFor")):
        raise dosage.error("asNeeded", "it is not given regularly. Enter it by hand.")


def _given_once(
    source: _Source, timing: Element, events: tuple[str, ...], mg: Decimal, product: Product | None
) -> _Regimen:
    """Return a dose that is given once: our own loading dose alone says that it is one."""
    if not source.is_ours or len(events) != 1 or timing.has("repeat") or timing.has("code"):
        raise timing.error("event", "it is not given regularly. Enter it by hand.")
    return _Regimen(dose_mg=mg, loading=True, product=product)


def _once(source: _Source, timing: Element) -> _Period:
    (event,) = timing.texts("event")
    try:
        return _Period(read_fhir_time(event, source.context.choices.time_zone))
    except UserError as error:
        raise timing.error("event", str(error)) from None


def _dose(source: _Source, quantity: Element) -> tuple[Decimal, Product | None, tuple[str, ...]]:
    """Return the dose in mg, the product that its unit states, and sentences for the preview."""
    if quantity.text("code") in {"mL", "ml"} or quantity.text("unit") in {"mL", "ml"}:
        volume = read_quantity_in(quantity, Unit.VOLUME)
        strength = source.drug.strength_mg_per_ml
        if strength is None:
            raise quantity.error("unit", "the strength per mL is not stated. Enter it by hand.")
        mg = volume.number * strength
        comment = f"{volume.number} mL of {strength} mg/mL is {mg} mg."
        return mg, Product.SOLUTION, (comment, *volume.comments)
    dose = read_quantity_in(quantity, Unit.DOSE)
    try:
        mg = dose.quantity(QuantityKind.DOSE).value
    except UserError as error:
        raise quantity.error("value", str(error)) from None
    comment = "" if dose.unit == "mg" else f"{dose.number} {dose.unit} is {mg} mg."
    return mg, None, tuple(filter(None, (comment, *dose.comments)))


def _hours(timing: Element) -> tuple[int, str]:
    """Return the hours between two doses, and "morning" or "evening" of a dose of that time."""
    codes = codes_of(timing, "code")
    by_code = {
        _HOURS_OF_CODE[each.value]
        for each in codes
        if each.value in _HOURS_OF_CODE and each.system in _TIMING_SYSTEMS
    }
    repeat = timing.one("repeat", _REPEAT)
    if repeat is None or not (repeat.has("frequency") or repeat.has("period")):
        if len(by_code) != 1 or (repeat and (repeat.has("when") or repeat.has("timeOfDay"))):
            raise timing.error("", "how often it is given is not clear. Enter it by hand.")
        return by_code.pop(), ""
    unclear = names("count countMax duration durationMax frequencyMax periodMax dayOfWeek offset "
                    "boundsDuration boundsRange")  # fmt: skip
    for name in sorted(unclear):
        if repeat.has(name):
            raise repeat.error(name, "the dose is not the same every day. Enter it by hand.")
    unit = repeat.code(
        "periodUnit", {**_HOURS, **dict.fromkeys(("s", "min", "mo", "a"), Decimal(0))}
    )
    period = repeat.number("period")
    frequency = repeat.number("frequency")
    often = Decimal(frequency) if frequency is not None else Decimal(1)
    if period is None or not unit or often <= 0 or Decimal(period) <= 0:
        raise repeat.error("period", "how often it is given is not clear. Enter it by hand.")
    hours = Decimal(period) * unit / often
    fits = hours == hours.to_integral_value() and (hours > _HOURS_A_DAY or not _HOURS_A_DAY % hours)
    if not fits or hours > _MOST_HOURS:
        raise repeat.error("period", f"a dose every {hours:.4g} hours does not fit a day.")
    if by_code - {int(hours)}:
        raise timing.error("code", "it contradicts frequency and period. Ask the sender.")
    return int(hours), _when(repeat, int(often))


_MOST_HOURS: Final = 24 * 28


def _when(repeat: Element, often: int) -> str:
    """Return "morning" or "evening" of one dose a day, and nothing for other doses."""
    times = (*repeat.texts("when"), *repeat.texts("timeOfDay"))
    if not times:
        return ""
    if len(times) != often:
        raise repeat.error("when", "it is not as often as frequency. Ask the sender.")
    if set(times) <= _MORNING:
        return "morning"
    return "evening" if set(times) <= _EVENING else ""


# --- doses not given, and other drugs


def _is_omitted(source: _Source) -> bool:
    """Return whether a statement is about doses that were not taken."""
    stated = stated_entry(source.element)
    if stated is not None:
        return isinstance(stated.entry, MissedDose)
    return source.status == _NOT_TAKEN


def _omitted(source: _Source, begins: str) -> Item:
    """Return a missed dose at a time, or the doses held in a period; open without an end."""
    element = source.element
    period = _effective(element, begins, source.context)
    start, end = (period.start, period.end) if period else (None, None)
    if start is None or start.moment is None or (end is not None and end.moment is None):
        raise element.error(begins, "the time of the dose is not stated. Enter it by hand.")
    is_one = not element.has(f"{begins}Period")
    until = end.moment if end else None
    try:
        entry = MissedDose(
            at=start.moment,
            kind=NotGiven.MISSED if is_one else NotGiven.HELD,
            until=until,
            is_open=True if not is_one and until is None else None,
        )
    except UserError as error:
        raise element.error(begins, str(error)) from None
    return source.item(ReadEntry(entry=entry))


def _concomitant(source: _Source) -> Item:
    """Return another drug, which only our own extension makes an entry."""
    element, context = source.element, source.context
    period = _effective(element, "effective", context)
    if period is None or period.start is None:
        raise element.error("effective", "its first day is not stated. Enter the drug by hand.")
    drug = CoMedication(drug=in_words(source.drug.codes), since=period.start.day)
    return source.item(ReadEntry(entry=drug, ended_on=period.end.day if period.end else None))
