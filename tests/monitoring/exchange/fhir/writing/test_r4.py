"""Bundles of random and of hand-written records, held to the definitions of R4 and to a referee."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from monitoring.exchange.fhir.writing import bundle_of, write_fhir
from monitoring.record.laboratory_value import DIPSTICK, UNITS
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.campaign import sizes
from tests.monitoring.exchange.fhir.writing.r4_definitions import UCUM_CODES, problems_in
from tests.monitoring.exchange.fhir.writing.random_clinic import NOW, add_random_patient
from tests.stores import fill, fill_0003, fill_0004, store_of

Bundle = dict[str, Any]


@contextmanager
def store_in_memory() -> Iterator[Store]:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        yield store_of(engine)


def exported(store: Store, file: Path, numbers: tuple[int, ...] | None = None) -> Bundle:
    count = write_fhir(store, numbers, file, NOW)
    found: Bundle = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    assert count == len(found["entry"])
    return found


def assert_by_referee(file: Path) -> None:
    """Let another implementation read a Bundle, by the classes of R4B: R4 is a part of it."""
    from fhir.resources.R4B.bundle import Bundle as Referee  # noqa: PLC0415 - slow to import

    read = Referee.model_validate_json(file.read_bytes())
    assert len(read.entry or ()) == len(json.loads(file.read_bytes())["entry"])


@sizes(few=12, usual=30, full=5_000)
def test_random_patients_are_r4(size: int, tmp_path: Path) -> None:
    """At full size a hundred patients a Bundle."""
    of_bundle = 100
    kinds: Counter[str] = Counter()
    for first in range(0, size, of_bundle):
        with store_in_memory() as store:
            for seed in range(first, min(first + of_bundle, size)):
                add_random_patient(store, seed)
            file = tmp_path / f"{first}.json"
            bundle = exported(store, file)
        assert problems_in(bundle) == []
        assert_by_referee(file)
        kinds.update(each["resource"]["resourceType"] for each in bundle["entry"])
    assert set(kinds) >= {
        "Patient", "Observation", "MedicationRequest", "MedicationStatement", "AdverseEvent",
        "Condition", "AllergyIntolerance", "DetectedIssue", "RiskAssessment", "Provenance",
        "AuditEvent", "Device",
    }  # fmt: skip


def test_every_field_of_every_kind_is_r4(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store, patients=2)
    fill_0003(sqlite_store)
    fill_0004(sqlite_store)
    file = tmp_path / "all.json"
    assert problems_in(exported(sqlite_store, file)) == []
    assert_by_referee(file)


def test_every_unit_has_its_code_in_ucum() -> None:
    from monitoring.exchange.fhir.writing.observations import UCUM_OF  # noqa: PLC0415 - for one test

    units = {spellings[0] for spellings in UNITS} - {DIPSTICK} | {"kg", "g", "lb", "cm", "m", "in"}
    assert {UCUM_OF.get(each, each) for each in units} <= UCUM_CODES


FAULTS: dict[str, tuple[str, Callable[[Bundle], object]]] = {
    "an unknown element": ("is not an element", lambda each: each.update(colour="red")),
    "a missing status": ("status is missing", lambda each: each.pop("status")),
    "an unknown status": ("not one of", lambda each: each.update(status="nonsense")),
    "one for a list": ("is not a list", lambda each: each.update(category={"text": "a"})),
    "an empty list": ("is not a list", lambda each: each.update(note=[])),
    "an empty object": ("content", lambda each: each.update(method={})),
    "two values": ("value[x]", lambda each: each.update(valueString="7.2")),
    "a number as text": ("decimal", lambda each: each["valueQuantity"].update(value="7.2")),
    "another unit": ("UCUM", lambda each: each["valueQuantity"].update(code="nanograms")),
    "a time without offset": (
        "dateTime", lambda each: each.update(effectiveDateTime="2026-11-05T08:00:00"),
    ),
    "a reference to nowhere": (
        "refers to", lambda each: each.update(subject={"reference": "Patient/nobody"}),
    ),
    "a wrong type of reference": (
        "refers to",
        lambda each: each.update(subject={"reference": "Device/sirolimus-assistant"}),
    ),
    "an id with a blank": ("is not an id", lambda each: each.update(id="a b")),
    "a code with a blank": (
        "blanks", lambda each: each["code"]["coding"].append({"code": " 29247-4"}),
    ),
}  # fmt: skip


@cache
def a_whole_bundle() -> str:
    with store_in_memory() as store:
        fill(store)
        return bundle_of(store.records(), NOW)


@pytest.mark.parametrize("name", FAULTS)
def test_the_check_finds_each_fault(name: str) -> None:
    words, spoil = FAULTS[name]
    bundle: Bundle = json.loads(a_whole_bundle(), parse_float=Decimal)
    assert problems_in(bundle) == []
    spoil(
        next(
            each["resource"]
            for each in bundle["entry"]
            if each["resource"].get("code", {}).get("text") == "sirolimus level"
        )
    )
    found = problems_in(bundle)
    assert any(words in each for each in found), found
