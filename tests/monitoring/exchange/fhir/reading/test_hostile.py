"""Hostile resources: whatever stands in any element, the reading answers in words."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dosing import Product, UserError
from monitoring.exchange.fhir.extensions import LAST_DOSE, extension, record_entry
from monitoring.exchange.incoming import IncomingPatient, Refusal
from tests.builders import a_dose, a_level, every_kind
from tests.monitoring.exchange.fhir.reading.resources import (
    ATC,
    SAMPLED,
    Made,
    bundle,
    component,
    concept,
    dosage,
    items,
    laboratory,
    lines,
    observation,
    patient,
    pressures,
    quantity,
    request,
)

WRONG: tuple[object, ...] = (
    None, True, 7, Decimal("1E400"), Decimal("-0"), "", "[/]", "\u202eŁukasz\x1b[31m", "=1+1", [],
    [None], [[]], [7], {}, {"value": []}, [{}], "#", "Patient/p1", "9" * 4_000,
)  # fmt: skip
WHOLE = (
    observation(
        extension=[extension(LAST_DOSE, valueDateTime=SAMPLED), record_entry(a_level())],
        method={"text": "CMIA"}, performer=[{"reference": "Organization/l", "display": "Lab"}],
        note=[{"text": "early"}], specimen={"reference": "Specimen/s1"}, hasMember=[],
        contained=[observation(id="x")], meta={"versionId": "1"},
    ),
    laboratory(referenceRange=[{"low": quantity("5", "U/L"), "type": concept("normal")}]),
    pressures(component=[component("8480-6", "101"), component("8462-4", "62")]),
    {
        "resourceType": "Specimen", "id": "s1", "status": "available",
        "subject": {"reference": "Patient/p1"}, "collection": {"collectedDateTime": SAMPLED},
    },
    {
        "resourceType": "DiagnosticReport", "id": "r1", "status": "final",
        "subject": {"identifier": {"system": "urn:oid:1.2.3", "value": "00123"}},
        "result": [{"reference": "Observation/o1"}, {"reference": "#y"}],
        "contained": [observation(id="y")],
    },
    {"resourceType": "Organization", "id": "l", "name": "Lab"},
    request(
        extension=[record_entry(a_dose("2026-11-01T08:00", "0.5", product=Product.TABLETS))],
        dosageInstruction=[dosage(route=concept("26643006"), asNeededBoolean=False)],
    ),
    request(
        medicationCodeableConcept=..., medicationReference={"reference": "Medication/m"},
        dosageInstruction=[dosage(doseAndRate=[{"doseQuantity": quantity("1", "mL")}])],
    ),
    {
        "resourceType": "Medication", "id": "m", "code": concept("L04AH01", ATC),
        "form": {"text": "oral solution"},
        "ingredient": [
            {"strength": {"numerator": quantity("1", "mg"), "denominator": quantity("1", "mL")}}
        ],
    },
    {
        "resourceType": "MedicationStatement", "id": "s", "status": "not-taken",
        "medicationCodeableConcept": concept("L04AH01", ATC),
        "subject": {"reference": "Patient/p1"}, "effectivePeriod": {"start": SAMPLED},
    },
    {
        "resourceType": "AdverseEvent", "id": "e", "actuality": "actual",
        "event": {"text": "rash"}, "subject": {"reference": "Patient/p1"}, "date": "2026-11-03",
        "severity": concept("mild"),
    },
    {
        "resourceType": "Condition", "id": "c", "code": {"text": "Pregnancy"},
        "subject": {"reference": "Patient/p1"}, "onsetDateTime": "2026-11-04",
        "clinicalStatus": concept("active"), "verificationStatus": concept("confirmed"),
    },
    {
        "resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "Peanut"},
        "patient": {"reference": "Patient/p1"}, "onsetDateTime": "2026-11-04",
    },
    patient(extension=[record_entry(every_kind()[0])], link=[{"type": "refer"}]),
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every element of a resource."""
    if path:
        yield path
    parts: Any = ()
    if isinstance(node, dict):
        parts = node.items()
    elif isinstance(node, list):
        parts = enumerate(node)
    for name, each in parts:
        yield from places(each, (*path, name))


def with_change(resource: Made, path: tuple[Any, ...], wrong: object) -> Made:
    changed = copy.deepcopy(resource)
    node: Any = changed
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = wrong
    return changed


@pytest.mark.parametrize("which", range(len(WHOLE)), ids=lambda which: WHOLE[which]["resourceType"])
def test_any_value_in_any_element_is_answered_in_words(which: int) -> None:
    others = (patient(), *WHOLE[which - 1 : which])  # the one before may be referred to
    kinds = set()
    for number, path in enumerate(places(WHOLE[which])):
        # each element with a sixth of them, and each of them in a sixth of the elements
        for wrong in WRONG[number % 6 :: 6]:
            changed = with_change(WHOLE[which], path, wrong)
            try:
                found = lines(changed, *others) if number % 2 else items(bundle(changed, *others))
            except UserError:
                continue
            kinds |= {type(each) for each in found}
            refused = [str(each) for each in found if isinstance(each, Refusal)]
            assert not [each for each in refused if "\x1b" in each]
    assert Refusal in kinds


def test_a_hostile_name_stays_a_name() -> None:
    hostile = '<img src=x> =1+1 [/] {"a":1}'
    (found,) = items(patient(name=[{"text": hostile}]))
    assert isinstance(found, IncomingPatient)
    assert found.patient.name == hostile
    assert replace(found.patient, name="x").name == "x"


def test_many_entries_and_references_to_oneself_end() -> None:
    own = observation(
        id="o", subject={"reference": "Observation/o"}, hasMember=[{"reference": "#"}]
    )
    found = items(bundle(patient(), own, *(observation(id=f"o{each}") for each in range(500))))
    assert len(found) == 502
    assert isinstance(found[1], Refusal)
