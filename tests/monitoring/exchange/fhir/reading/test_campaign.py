"""Random bundles read back equal; damaged ones never read as what they do not state."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from dosing import UserError
from monitoring.exchange.fhir.reading import fhir_kind, read_fhir
from monitoring.exchange.incoming import Incoming, IncomingPatient, Refusal, ResultStatus
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import Prescription
from tests.campaign import sizes
from tests.monitoring.exchange.fhir.reading.random_bundles import (
    KEPT,
    LABORATORY,
    Written,
    random_clinic,
    within,
)
from tests.monitoring.exchange.fhir.reading.resources import CHOICES

Document = dict[str, Any]


def key(resource: str, number: str, entry: Any, status: ResultStatus) -> tuple[object, ...]:
    """Return what is compared, with the digits of the value."""
    if isinstance(entry, Prescription):
        entry = replace(entry, rule_version="")
        digits = f"{entry.dose_mg}"
    else:
        digits = str(entry)
    return resource, number, entry, digits, status


def found_in(text: str) -> Counter[tuple[object, ...]]:
    items = list(read_fhir(text.encode(), CHOICES))
    assert not [str(each) for each in items if isinstance(each, Refusal)]
    return Counter(
        key(each.source.split("/")[1], each.patient.identifiers[0].value, each.entry, each.status)
        for each in items
        if isinstance(each, Incoming)
    )


def expected_of(written: Written) -> Counter[tuple[object, ...]]:
    return Counter(
        key(each.resource, each.record_number, each.entry, each.status) for each in written.expected
    )


@sizes(15, 150, 5_000)
def test_random_bundles_are_read_back_equal(size: int) -> None:
    entries = 0
    for seed in range(size):
        written = random_clinic(Random(seed))
        wanted = expected_of(written)
        entries += wanted.total()
        text = written.as_bundle() if seed % 2 else "\n".join(written.as_json()) + "\n"
        assert found_in(text) == wanted, seed
    assert entries > size


# --- damage: whatever is read is what the damaged file states, by a second reading


def cut(random: Random, text: str) -> str:
    begin = random.randrange(len(text))
    return text[:begin] + text[begin + random.choice([1, 5, 50, len(text)]) :]


def flipped(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return f"{text[:at]}{chr(ord(text[at]) ^ 1 << random.randrange(7))}{text[at + 1 :]}"


def nodes(value: Any) -> list[dict[str, Any]]:
    """Return all objects of a document."""
    if isinstance(value, dict):
        return [value, *(each for part in value.values() for each in nodes(part))]
    return [each for part in value for each in nodes(part)] if isinstance(value, list) else []


def in_document(change: Callable[[Random, dict[str, Any]], None]) -> Callable[[Random, str], str]:
    def damaged(random: Random, text: str) -> str:
        lines = text.strip().split("\n")
        which = random.randrange(len(lines))
        document = json.loads(lines[which], parse_float=Digits, parse_int=Digits)
        change(random, random.choice(nodes(document)))
        lines[which] = Digits.dumped(document)
        return "\n".join(lines)

    return damaged


class Digits(str):
    """The text of a number, as the second reading keeps it."""

    __slots__ = ()

    @staticmethod
    def dumped(value: Any) -> str:
        if isinstance(value, dict):
            parts = (f"{json.dumps(name)}:{Digits.dumped(each)}" for name, each in value.items())
            return f"{{{','.join(parts)}}}"
        if isinstance(value, list):
            return f"[{','.join(map(Digits.dumped, value))}]"
        return str(value) if isinstance(value, Digits) else json.dumps(value)


def swap_keys(random: Random, node: Document) -> None:
    if len(node) > 1:
        one, other = random.sample(list(node), 2)
        node[one], node[other] = node[other], node[one]


def rename_key(random: Random, node: Document) -> None:
    if node:
        name = random.choice(list(node))
        node[f"{name}x" if random.random() < 0.5 else name[:-1]] = node.pop(name)


def change_type(random: Random, node: Document) -> None:
    if node:
        wrong = [None, True, [], {}, Digits("7"), "7", [None], {"value": Digits("7")}, "", "\u202e"]
        node[random.choice(list(node))] = random.choice(wrong)


def spoil_status(random: Random, node: Document) -> None:
    for name in ("status", "comparator", "code", "system", "unit", "reference", "value"):
        if name in node and random.random() < 0.5:
            node[name] = random.choice(["nonsense", "Final", "unknown", "[/]", "<", "ng/dL", "1E2"])


DAMAGES = (
    cut,
    flipped,
    flipped,
    in_document(swap_keys),
    in_document(rename_key),
    in_document(change_type),
    in_document(spoil_status),
)
LOINC_OF = {
    "29463-7": "weight", "8480-6": "systolic blood pressure", "8462-4": "diastolic blood pressure",
    "29247-4": "level", "115766-8": "level", **{code: test for code, test, *_ in LABORATORY},
}  # fmt: skip
SAME_UNITS = {"[IU]/L": "U/L", "10*3/uL": "10*9/L", "ug/l": "ug/L"}


class SecondReading:
    """What a damaged file literally states: plain look-ups, without any rule of the program."""

    def __init__(self, text: str) -> None:
        texts = text.strip().split("\n")
        documents = [self._document(each) for each in texts]
        if len(texts) == 1 and documents[0].get("resourceType") == "Bundle":
            found = [each.get("resource", {}) for each in documents[0]["entry"]]
            self.resources = [each if isinstance(each, dict) else {} for each in found]
            self.urls = [each.get("fullUrl", "") for each in documents[0]["entry"]]
        else:
            self.resources, self.urls = documents, [""] * len(documents)

    @staticmethod
    def _document(text: str) -> Document:
        try:
            found = json.loads(text, parse_float=Digits, parse_int=Digits)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def find(self, reference: str) -> list[Document]:
        found: list[Document] = []
        if not reference:
            return found
        for url, each in zip(self.urls, self.resources, strict=True):
            name = f"{each.get('resourceType')}/{each.get('id')}"
            if reference in (url, name):
                found.append(each)
        return found

    def check(self, item: Incoming) -> None:
        """Assert that the file states an item, at its place."""
        number = int(str(item.place).split(",")[0].split()[1])
        resource = self.resources[number - 1] if len(self.resources) > 1 else self.resources[0]
        names = (resource["resourceType"], resource.get("id"))
        assert item.source == "/".join(filter(None, names))
        self._check_patient(item, resource)
        if isinstance(item.entry, Prescription):
            self._check_dose(item.entry, resource)
        else:
            self._check_value(item, resource)
            assert item.status is self._status(resource)

    def _check_patient(self, item: Incoming, resource: Document) -> None:
        subject = resource["subject"]
        whom = self.find(subject["reference"]) if "reference" in subject else []
        stated = [each["value"] for one in whom for each in one["identifier"] if "value" in each]
        if "identifier" in subject and not whom:
            stated = [subject["identifier"]["value"]]
        assert {each.value for each in item.patient.identifiers} <= set(stated)

    def _status(self, resource: Document) -> ResultStatus | None:
        name = f"Observation/{resource.get('id')}"
        urls = {
            url for url, each in zip(self.urls, self.resources, strict=True) if each is resource
        }
        reports = [
            each["status"]
            for each in self.resources
            if each.get("resourceType") == "DiagnosticReport"
            and any(
                isinstance(one, dict) and one.get("reference") in (name, *filter(None, urls))
                for one in each.get("result") or []
            )
            and each.get("status") in (*KEPT, "partial")
        ]
        report = reports[0] if len(reports) == 1 else "final"
        return within(report, resource["status"]) if report in KEPT else KEPT[resource["status"]]

    def _time(self, resource: Document) -> datetime:
        text = resource.get("effectiveDateTime")
        if text is None:
            (specimen,) = self.find(resource["specimen"]["reference"])
            text = specimen["collection"]["collectedDateTime"]
        return datetime.fromisoformat(text).astimezone(UTC)

    def _check_value(self, item: Incoming, resource: Document) -> None:
        entry, holder = item.entry, resource
        if item.part.startswith("component"):
            holder = resource["component"][int(item.part[10 : item.part.index("]")])]
        quantity = holder[item.part.split(".")[-1]]
        names = {LOINC_OF.get(each["code"]) for each in holder["code"]["coding"] if "code" in each}
        if isinstance(entry, Measurement):
            assert "weight" in names
            kept: Any = entry.weight
        else:
            assert isinstance(entry, Level | LaboratoryValue)
            test = "level" if isinstance(entry, Level) else entry.test
            assert test in names
            kept = entry.value
            sampled = entry.sampled if isinstance(entry, Level) else entry.at
            assert sampled.utc == self._time(resource).replace(microsecond=0)
            sign = entry.comparator.value if entry.comparator else ""
            assert sign == quantity.get("comparator", "")[:1]
        assert type(quantity["value"]) is Digits
        assert f"{kept.number:f}" == quantity["value"]
        unit = quantity.get("code") or quantity["unit"]
        assert kept.unit == SAME_UNITS.get(unit, unit)

    def _check_dose(self, dose: Prescription, resource: Document) -> None:
        (dosage,) = resource["dosageInstruction"]
        (rate,) = dosage["doseAndRate"]
        quantity, repeat = rate["doseQuantity"], dosage["timing"]["repeat"]
        assert (quantity.get("code") or quantity["unit"]) in {"mg", "ug"}
        factor = 1 if (quantity.get("code") or quantity["unit"]) == "mg" else 1000
        assert dose.dose_mg * factor == Decimal(quantity["value"])
        hours = {"h": 1, "d": 24, "wk": 168}[repeat["periodUnit"]] * Decimal(repeat["period"])
        assert dose.interval_hours * Decimal(repeat.get("frequency", 1)) == hours
        start = datetime.fromisoformat(repeat["boundsPeriod"]["start"])
        assert dose.since.utc == start.astimezone(UTC).replace(microsecond=0)


@sizes(40, 500, 5_000)
def test_damaged_files_state_nothing_that_they_do_not_hold(size: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(size):
        random = Random(f"damaged {seed}")
        written = random_clinic(random)
        text = written.as_bundle() if seed % 2 else "\n".join(written.as_json()) + "\n"
        damaged = random.choice(DAMAGES)(random, text)
        content = damaged.encode("utf-8", "surrogatepass")
        if fhir_kind(content) is None:
            seen["not FHIR"] += 1
            continue
        try:
            items = list(read_fhir(content, CHOICES))
        except UserError:
            seen["refused as a whole"] += 1
            continue
        second = SecondReading(damaged)
        for each in items:
            if isinstance(each, Incoming):
                seen["read"] += 1
                second.check(each)
            elif isinstance(each, Refusal):
                seen["refused"] += 1
                assert each.reason
        seen["files"] += bool(items) and not isinstance(items[0], IncomingPatient)
    print(dict(seen))
    assert seen["read"] > size
    assert seen["refused"] > size / 10
    assert seen["refused as a whole"] > size / 20


@pytest.mark.parametrize("damage", [cut, flipped])
def test_a_second_reading_finds_a_wrong_value(damage: Callable[[Random, str], str]) -> None:
    written = random_clinic(Random(3))
    text = written.as_bundle()
    item = next(each for each in read_fhir(text.encode(), CHOICES) if isinstance(each, Incoming))
    assert damage(Random(1), text) != text
    other = replace(
        item, patient=replace(item.patient, identifiers=(type(item.patient.identifiers[0])("1"),))
    )
    with pytest.raises(AssertionError):
        SecondReading(text).check(other)
