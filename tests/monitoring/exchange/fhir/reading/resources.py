"""Resources of FHIR as another system writes them, made once for the tests of the reading.

Numbers are `Decimal`s or ints, and are written with every digit. An argument of `...` leaves an
element out.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from types import EllipsisType
from typing import Any

from monitoring.exchange.fhir.reading import read_fhir
from monitoring.exchange.incoming import (
    Incoming,
    Item,
    LeftOut,
    ReadingChoices,
    Refusal,
)
from monitoring.record.entry import Entry

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
ATC = "http://www.whocc.no/atc"
SAMPLED = "2026-11-05T07:45:00+01:00"
CHOICES = ReadingChoices(time_zone="Europe/Paris")
Made = dict[str, Any]


def json_text(value: object) -> str:
    """Return JSON in which a decimal has the digits that it was made of."""
    match value:
        case Mapping():
            pairs = (f"{json.dumps(name)}:{json_text(each)}" for name, each in value.items())
            return f"{{{','.join(pairs)}}}"
        case list() | tuple():
            return f"[{','.join(map(json_text, value))}]"
        case Decimal():
            return str(value)
    return json.dumps(value)


def made(fields: Mapping[str, Any], **changes: Any) -> Made:
    """Return the fields with changes; a change to `...` leaves the element out."""
    whole = {**fields, **changes}
    return {name: value for name, value in whole.items() if not isinstance(value, EllipsisType)}


def concept(code: str, system: str = LOINC, text: str = "") -> Made:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def quantity(number: str, unit: str = "ng/mL", /, **changes: Any) -> Made:
    usual = {"value": Decimal(number), "unit": unit, "system": UCUM, "code": unit}
    return made(usual, **changes)


def patient(id_: str = "p1", number: str = "00123", **changes: Any) -> Made:
    usual = {
        "resourceType": "Patient", "id": id_,
        "identifier": [{"system": "urn:oid:1.2.3", "value": number}],
        "name": [{"use": "official", "family": "O'Neil", "given": ["Łukasz"]}],
        "gender": "male", "birthDate": "2024-02-29",
    }  # fmt: skip
    return made(usual, **changes)


def observation(code: str = "29247-4", /, number: str = "7.20", **changes: Any) -> Made:
    """Return a final level of 7.20 ng/mL of patient p1."""
    usual = {
        "resourceType": "Observation", "id": "o1", "status": "final", "code": concept(code),
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": SAMPLED,
        "valueQuantity": quantity(number),
    }  # fmt: skip
    return made(usual, **changes)


def laboratory(
    code: str = "1742-6", /, number: str = "35", unit: str = "U/L", **changes: Any
) -> Made:
    return observation(code, **{"valueQuantity": quantity(number, unit), **changes})


def component(code: str, number: str, unit: str = "mm[Hg]", /, **changes: Any) -> Made:
    return made({"code": concept(code), "valueQuantity": quantity(number, unit)}, **changes)


def pressures(systolic: str = "101", diastolic: str = "62", **changes: Any) -> Made:
    both = [component("8480-6", systolic), component("8462-4", diastolic)]
    return observation("85354-9", **{"valueQuantity": ..., "component": both, **changes})


def dosage(mg: str = "0.5", **changes: Any) -> Made:
    """Return a dose every 12 hours from 1 November 2026, 08:00."""
    bounds = {"start": "2026-11-01T08:00:00+01:00"}
    repeat = {"boundsPeriod": bounds, "frequency": 2, "period": 1, "periodUnit": "d"}
    usual = {
        "timing": {"repeat": repeat},
        "doseAndRate": [{"doseQuantity": quantity(mg, "mg")}],
    }
    return made(usual, **changes)


def request(**changes: Any) -> Made:
    usual = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "medicationCodeableConcept": concept("L04AH01", ATC, "sirolimus tablets"),
        "subject": {"reference": "Patient/p1"}, "dosageInstruction": [dosage()],
    }  # fmt: skip
    return made(usual, **changes)


def bundle(*resources: Made, kind: str = "collection", **changes: Any) -> Made:
    entries = [{"resource": each} for each in resources]
    return made({"resourceType": "Bundle", "type": kind, "entry": entries}, **changes)


def items(document: object, choices: ReadingChoices = CHOICES) -> list[Item]:
    """Return what a document, or the text of one, states."""
    text = document if isinstance(document, str) else json_text(document)
    return list(read_fhir(text.encode(), choices))


def lines(*resources: Made, choices: ReadingChoices = CHOICES) -> list[Item]:
    """Return what NDJSON of the resources states."""
    return items("\n".join(map(json_text, resources)) + "\n", choices)


def of_patient(*resources: Made, choices: ReadingChoices = CHOICES) -> list[Item]:
    """Return what resources of patient p1 state, without the patient."""
    return items(bundle(patient(), *resources), choices)[1:]


def only(*resources: Made, choices: ReadingChoices = CHOICES) -> Item:
    """Return the one item of resources of patient p1."""
    (found,) = of_patient(*resources, choices=choices)
    return found


def incoming(*resources: Made, choices: ReadingChoices = CHOICES) -> Incoming:
    found = only(*resources, choices=choices)
    assert isinstance(found, Incoming), str(found)
    return found


def entry(*resources: Made, choices: ReadingChoices = CHOICES) -> Entry:
    return incoming(*resources, choices=choices).entry


def refusal(*resources: Made, choices: ReadingChoices = CHOICES) -> str:
    """Return the field and the reason of the one refusal."""
    found = only(*resources, choices=choices)
    assert isinstance(found, Refusal), repr(found)
    return f"{found.part}: {found.reason}"


def left_out(*resources: Made, choices: ReadingChoices = CHOICES) -> str:
    found = only(*resources, choices=choices)
    assert isinstance(found, LeftOut), str(found)
    return f"{found.why.value}: {found.what}"
