"""The elements of FHIR R4 (4.0.1) that a Bundle of this program may have, and a check by them.

Written from the definitions of the resources and types: name, cardinality, type, and the codes of
a required value set. An element that is not here is none that the program may write.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache, partial

_BUNDLE_TYPE = (
    "document|message|transaction|transaction-response|batch|batch-response|history|searchset|"
    "collection"
)
_DEVICE_NAME = (
    "udi-label-name|user-friendly-name|patient-reported-name|manufacturer-name|model-name|other"
)
_OBSERVATION_STATUS = (
    "registered|preliminary|final|amended|corrected|cancelled|entered-in-error|unknown"
)
_INTENT = "proposal|plan|order|original-order|reflex-order|filler-order|instance-order|option"
_WHEN = (
    "MORN|MORN.early|MORN.late|NOON|AFT|AFT.early|AFT.late|EVE|EVE.early|EVE.late|NIGHT|PHS|HS|"
    "WAKE|C|CM|CD|CV|AC|ACM|ACD|ACV|PC|PCM|PCD|PCV"
)
_VERIFICATION = "unconfirmed|provisional|differential|confirmed|refuted|entered-in-error"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Name, `!` once, `+` once or more, `*` any number, nothing for at most once; type; codes.
# `value:` stands for a choice: at most one of its elements, with `!` exactly one.
DEFINITIONS: Mapping[str, str] = {
    "Bundle": f"""
        type! code {_BUNDLE_TYPE}
        timestamp instant
        entry* Bundle.entry""",
    "Bundle.entry": "fullUrl uri; resource Resource",
    "Device": "deviceName* Device.deviceName; version* Device.version",
    "Device.deviceName": f"name! string; type! code {_DEVICE_NAME}",
    "Device.version": "value! string",
    "Patient": """
        identifier* Identifier; name* HumanName; gender code male|female|other|unknown
        birthDate date""",
    "Observation": f"""
        status! code {_OBSERVATION_STATUS}
        category* CodeableConcept; code! CodeableConcept; subject Reference
        effective: effectiveDateTime dateTime
        performer* Reference
        value: valueQuantity Quantity
        value: valueString string
        interpretation* CodeableConcept; note* Annotation; method CodeableConcept
        referenceRange* Observation.referenceRange; derivedFrom* Reference
        component* Observation.component""",
    "Observation.referenceRange": """
        low SimpleQuantity; high SimpleQuantity; type CodeableConcept; text string""",
    "Observation.component": """
        code! CodeableConcept
        value: valueQuantity Quantity
        value: valueString string
        referenceRange* Observation.referenceRange""",
    "MedicationRequest": f"""
        status! code active|on-hold|cancelled|completed|entered-in-error|stopped|draft|unknown
        statusReason CodeableConcept
        intent! code {_INTENT}
        medication:! medicationCodeableConcept CodeableConcept
        subject! Reference; authoredOn dateTime; recorder Reference; reasonCode* CodeableConcept
        note* Annotation; dosageInstruction* Dosage""",
    "MedicationStatement": """
        basedOn* Reference
        status! code active|completed|entered-in-error|intended|stopped|on-hold|unknown|not-taken
        statusReason* CodeableConcept
        medication:! medicationCodeableConcept CodeableConcept
        subject! Reference
        effective: effectiveDateTime dateTime
        effective: effectivePeriod Period
        dateAsserted dateTime; note* Annotation; dosage* Dosage""",
    "Dosage": "sequence integer; text string; timing Timing; doseAndRate* Dosage.doseAndRate",
    "Dosage.doseAndRate": "dose: doseQuantity SimpleQuantity",
    "Timing": "event* dateTime; repeat Timing.repeat",
    "Timing.repeat": f"""
        bounds: boundsPeriod Period
        frequency positiveInt; period decimal; periodUnit code s|min|h|d|wk|mo|a
        when* code {_WHEN}""",
    "AdverseEvent": """
        actuality! code actual|potential
        event CodeableConcept; subject! Reference; date dateTime; recordedDate dateTime
        outcome CodeableConcept resolved|recovering|ongoing|resolvedWithSequelae|fatal|unknown
        recorder Reference""",
    "Condition": f"""
        clinicalStatus CodeableConcept active|recurrence|relapse|inactive|remission|resolved
        verificationStatus CodeableConcept {_VERIFICATION}
        severity CodeableConcept; code CodeableConcept; subject! Reference
        onset: onsetDateTime dateTime
        onset: onsetString string
        abatement: abatementDateTime dateTime
        recordedDate dateTime; recorder Reference; note* Annotation""",
    "AllergyIntolerance": """
        clinicalStatus CodeableConcept active|inactive|resolved
        verificationStatus CodeableConcept unconfirmed|confirmed|refuted|entered-in-error
        code CodeableConcept; patient! Reference
        onset: onsetDateTime dateTime
        recordedDate dateTime; recorder Reference; note* Annotation""",
    "DetectedIssue": f"""
        status! code {_OBSERVATION_STATUS}
        code CodeableConcept; severity code high|moderate|low; patient Reference
        identified: identifiedDateTime dateTime
        author Reference; detail string""",
    "RiskAssessment": f"""
        status! code {_OBSERVATION_STATUS}
        method CodeableConcept; code CodeableConcept; subject! Reference
        occurrence: occurrenceDateTime dateTime
        performer Reference; basis* Reference; prediction* RiskAssessment.prediction
        note* Annotation""",
    "RiskAssessment.prediction": """
        outcome CodeableConcept
        probability: probabilityDecimal decimal""",
    "Provenance": """
        target+ Reference; recorded! instant; activity CodeableConcept
        agent+ Provenance.agent; entity* Provenance.entity""",
    "Provenance.agent": "type CodeableConcept; who! Reference",
    "Provenance.entity": """
        role! code derivation|revision|quotation|source|removal
        what! Reference""",
    "AuditEvent": """
        type! Coding; action code C|R|U|D|E; recorded! instant; outcome code 0|4|8|12
        agent+ AuditEvent.agent; source! AuditEvent.source; entity* AuditEvent.entity""",
    "AuditEvent.agent": "who Reference; requestor! boolean",
    "AuditEvent.source": "observer! Reference",
    "AuditEvent.entity": "what Reference",
    "CodeableConcept": "coding* Coding; text string",
    "Coding": "system uri; version string; code code; display string",
    "Identifier": "type CodeableConcept; system uri; value string",
    "HumanName": "text string",
    "Quantity": "value decimal; comparator code <|<=|>=|>; unit string; system uri; code code",
    "SimpleQuantity": "value decimal; unit string; system uri; code code",
    "Range": "low SimpleQuantity; high SimpleQuantity",
    "Period": "start dateTime; end dateTime",
    "Reference": "reference string; type uri; identifier Identifier; display string",
    "Annotation": "text! markdown",
    "Extension": """
        url! uri
        value:! valueString string
        value:! valueCode code
        value:! valueBoolean boolean
        value:! valuePositiveInt positiveInt
        value:! valueDate date
        value:! valueDateTime dateTime
        value:! valueQuantity Quantity
        value:! valueRange Range""",
}  # fmt: skip
RESOURCES = _words(
    "Device Patient Observation MedicationRequest MedicationStatement AdverseEvent Condition "
    "AllergyIntolerance DetectedIssue RiskAssessment Provenance AuditEvent"
)
REFERS_TO: Mapping[str, str] = {
    "subject": "Patient", "patient": "Patient", "author": "Device", "performer": "Device",
    "observer": "Device", "basis": "Observation", "derivedFrom": "Observation",
    "basedOn": "MedicationRequest",
}  # fmt: skip
"""The type of resource that an element refers to; of other elements any type will do."""

_DATE = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_OFFSET = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_TEXTS = {
    "code": r"\S+(\s\S+)*",
    "string": r"[ \r\n\t\S]+",
    "markdown": r"[ \r\n\t\S]+",
    "uri": r"\S+",
    "date": _DATE,
    "dateTime": rf"{_DATE}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}{_OFFSET}",
    "instant": rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}{_OFFSET}",
}
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

UCUM_CODES = _words(
    "ng/mL ug/L nmol/L kg g [lb_av] cm m [in_i] m2 mg mg/m2 mg/m2/d mm[Hg] % fL pg meq/L mmol/mol "
    "L/L mg/g mU/L pmol/L ng/dL ug/dL 10*9/L 10*12/L U/L g/dL g/L mg/dL mg/L mmol/L umol/L mg/mg "
    "mg/mmol "
    "g/(24.h)"
)

Problem = str


class _Element:
    """One element of a definition."""

    def __init__(self, text: str) -> None:
        first, *rest = text.split()
        self.choice = ""
        if ":" in first:
            self.choice, _, mark = first.partition(":")
            self.is_required = mark == "!"
            first, *rest = rest
        else:
            self.is_required = first[-1] in "!+"
        self.is_list = first[-1] in "+*"
        self.name = first.rstrip("!+*")
        self.type = rest[0]
        self.codes = frozenset(rest[1].split("|")) if len(rest) > 1 else frozenset()


@cache
def _elements(type_: str) -> dict[str, _Element]:
    parts = DEFINITIONS[type_].replace(";", "\n").split("\n")
    found = (_Element(part) for part in parts if part.strip())
    return {each.name: each for each in found}


def problems_in(bundle: Mapping[str, object]) -> list[Problem]:
    """Return what is wrong in a Bundle, each with its path."""
    if bundle.get("resourceType") != "Bundle":
        return ["it is not a Bundle"]
    content = {name: value for name, value in bundle.items() if name != "resourceType"}
    return [*_in_element(content, "Bundle", "Bundle"), *_between(bundle)]


def _in_element(value: object, type_: str, path: str) -> Iterator[Problem]:
    if not isinstance(value, dict) or not value:
        yield f"{path} is not an object with content"
        return
    known = _elements(type_)
    for name, each in value.items():
        at = f"{path}.{name}"
        if name in {"extension", "modifierExtension"}:
            yield from _in_list(each, at, lambda one, where: _in_element(one, "Extension", where))
        elif name not in known:
            yield f"{at} is not an element of {type_}"
        elif known[name].is_list:
            yield from _in_list(each, at, partial(_in_one, kind=known[name]))
        else:
            yield from _in_one(each, at, known[name])
    for each in known.values():
        if each.is_required and not each.choice and each.name not in value:
            yield f"{path}.{each.name} is missing"
    for choice in {each.choice for each in known.values() if each.choice}:
        of_choice = [each for each in known.values() if each.choice == choice]
        there = [each.name for each in of_choice if each.name in value]
        if len(there) > 1 or (not there and of_choice[0].is_required):
            yield f"{path}.{choice}[x] is there {len(there)} times"
    yield from _RULES.get(type_, _no_rule)(value, path)


def _in_list(
    value: object, path: str, check: Callable[[object, str], Iterator[Problem]]
) -> Iterator[Problem]:
    if not isinstance(value, list) or not value:
        yield f"{path} is not a list with content"
        return
    for place, each in enumerate(value):
        yield from check(each, f"{path}[{place}]")


def _in_one(value: object, path: str, kind: _Element) -> Iterator[Problem]:
    if kind.type == "Resource":
        yield from _in_resource(value, path)
    elif kind.type in DEFINITIONS:
        yield from _in_element(value, kind.type, path)
        if kind.codes and isinstance(value, dict):
            codes = {each.get("code") for each in value.get("coding", [])}
            if not codes or not codes <= kind.codes:
                yield f"{path} has {codes}, not {sorted(kind.codes)}"
    else:
        yield from _in_primitive(value, kind, path)


def _in_primitive(value: object, kind: _Element, path: str) -> Iterator[Problem]:
    if kind.type == "boolean":
        right = type(value) is bool
    elif kind.type in {"integer", "positiveInt"}:
        right = type(value) is int and (kind.type == "integer" or value > 0)
    elif kind.type == "decimal":
        right = type(value) in {int, Decimal}
    else:
        right = isinstance(value, str) and bool(re.fullmatch(_TEXTS[kind.type], value))
        if isinstance(value, str) and (value != value.strip() or _CONTROLS.search(value)):
            yield f"{path} has blanks around it, or control characters"
    if not right:
        yield f"{path} is not a {kind.type}: {value!r}"
    if kind.codes and value not in kind.codes:
        yield f"{path} is {value!r}, not one of {sorted(kind.codes)}"


def _in_resource(value: object, path: str) -> Iterator[Problem]:
    if not isinstance(value, dict) or value.get("resourceType") not in RESOURCES:
        yield f"{path} is not a known resource"
        return
    type_ = value["resourceType"]
    if not isinstance(value.get("id"), str) or not _ID.fullmatch(value["id"]):
        yield f"{path}.id is not an id: {value.get('id')!r}"
    content = {name: each for name, each in value.items() if name not in {"resourceType", "id"}}
    yield from _in_element(content, type_, f"{path}({type_})")


# --- rules between elements, by their names in the definitions


def _no_rule(_value: Mapping[str, object], _path: str) -> Iterator[Problem]:
    yield from ()


def _quantity(value: Mapping[str, object], path: str) -> Iterator[Problem]:
    if "code" in value and "system" not in value:
        yield f"{path}: qty-3, a code needs its system"
    if value.get("system") == "http://unitsofmeasure.org" and value.get("code") not in UCUM_CODES:
        yield f"{path}: {value.get('code')!r} is not in UCUM"


def _period(value: Mapping[str, object], path: str) -> Iterator[Problem]:
    start, end = value.get("start"), value.get("end")
    if isinstance(start, str) and isinstance(end, str) and end[:10] < start[:10]:
        yield f"{path}: per-1, it ends before it begins"


def _range(value: Mapping[str, object], path: str) -> Iterator[Problem]:
    if not {"low", "high", "text"} & value.keys():
        yield f"{path}: obs-3, it has no low, no high and no text"


def _condition(value: Mapping[str, object], path: str) -> Iterator[Problem]:
    is_error = "entered-in-error" in str(value.get("verificationStatus"))
    if is_error and "clinicalStatus" in value:
        yield f"{path}: con-5, ait-2, a wrong one has no clinical status"
    is_over = "resolved" in str(value.get("clinicalStatus"))
    if "abatementDateTime" in value and "clinicalStatus" in value and not is_over:
        yield f"{path}: con-4, one that has abated is resolved"


def _repeat(value: Mapping[str, object], path: str) -> Iterator[Problem]:
    if ("period" in value) is not ("periodUnit" in value):
        yield f"{path}: tim-2, a period has a unit"


def _prediction(value: Mapping[str, object], path: str) -> Iterator[Problem]:
    percent = value.get("probabilityDecimal", 0)
    if not isinstance(percent, int | Decimal) or not 0 <= percent <= 100:
        yield f"{path}: ras-2, a probability is a percentage"


def _reference(value: Mapping[str, object], path: str) -> Iterator[Problem]:
    if not {"reference", "identifier", "display"} & value.keys():
        yield f"{path}: ref-2, it refers to nothing"


_RULES: Mapping[str, Callable[[Mapping[str, object], str], Iterator[Problem]]] = {
    "Quantity": _quantity,
    "SimpleQuantity": _quantity,
    "Period": _period,
    "Observation.referenceRange": _range,
    "Condition": _condition,
    "AllergyIntolerance": _condition,
    "Timing.repeat": _repeat,
    "RiskAssessment.prediction": _prediction,
    "Reference": _reference,
}


def _between(bundle: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong between the resources: their addresses, and references to nowhere."""
    entries = bundle["entry"]
    assert isinstance(entries, list), "a Bundle of this program has resources"
    names = [f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in entries]
    if len(set(names)) < len(names):
        yield "two resources have one id"
    for entry, name in zip(entries, names, strict=True):
        base, _, end = entry["fullUrl"].partition(name)
        if end or not base.startswith("https://"):
            yield f"bdl-8: the fullUrl of {name} is {entry['fullUrl']}"
        for element, reference in references_in(entry["resource"]):
            wanted = REFERS_TO.get(element, "")
            if reference not in set(names) or not reference.startswith(wanted):
                yield f"{name}.{element} refers to {reference}"


def references_in(value: object, element: str = "") -> Iterator[tuple[str, str]]:
    """Yield the references in an element, each with the name of the element that has it."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield element, value["reference"]
        for name, each in value.items():
            yield from references_in(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from references_in(each, element)
