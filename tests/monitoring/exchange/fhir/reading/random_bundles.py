"""Random records written as FHIR by an independent writer, and what must be read of them.

fhir.resources checks and writes each resource. It turns 7.20 into 7.2: so each number is first a
placeholder, which the digits take the place of in the text.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.specimen import Specimen

from dosing import Product, Quantity, QuantityKind
from monitoring.exchange.incoming import ResultStatus
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.measurement import Measurement
from monitoring.times import Moment
from tests.builders import a_dose

SERVER = "http://hospital.example/fhir"
LABORATORY = (
    ("1742-6", "ALT", "U/L", "U/L"),
    ("1920-8", "AST", "[IU]/L", "U/L"),
    ("777-3", "platelets", "10*3/uL", "10*9/L"),
    ("6690-2", "white cells", "10*9/L", "10*9/L"),
    ("14682-9", "creatinine", "umol/L", "umol/L"),
    ("2571-8", "triglycerides", "mg/dL", "mg/dL"),
)
KEPT = {
    "final": ResultStatus.FINAL,
    "amended": ResultStatus.CORRECTED,
    "corrected": ResultStatus.CORRECTED,
    "entered-in-error": ResultStatus.WITHDRAWN,
    "preliminary": None,
    "registered": None,
    "cancelled": None,
}
"""What becomes of a result of a status; None: it is left out."""
REPORTS = ("final", "preliminary", "entered-in-error")
_FIRST_PLACEHOLDER = 900_000_001


def within(report: str, stated: str) -> ResultStatus | None:
    """Return what becomes of a result of a status in a report of another one."""
    if stated == "entered-in-error":
        return ResultStatus.WITHDRAWN
    if report == "entered-in-error":
        return None if stated == "cancelled" else ResultStatus.WITHDRAWN
    return None if report == "preliminary" else KEPT[stated]


@dataclass(frozen=True)
class Expected:
    """What must be read of one resource."""

    resource: str
    record_number: str
    entry: Entry
    status: ResultStatus
    ended_at: Moment | None = None


@dataclass
class Written:
    """A random clinic: its resources as JSON text, and what must be read of them."""

    random: Random
    digits: dict[str, str] = field(default_factory=dict)
    resources: list[Any] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    # --- parts

    def number(self, most: int, decimals: int) -> tuple[Decimal, Decimal]:
        """Return a placeholder, and the number with its digits that will be there instead."""
        text = f"{self.random.randrange(1, most)}"
        if places := self.random.randrange(decimals + 1):
            text += f".{self.random.randrange(10**places):0{places}}"
        placeholder = _FIRST_PLACEHOLDER + len(self.digits)
        self.digits[str(placeholder)] = text
        return Decimal(placeholder), Decimal(text)

    def moment(self) -> tuple[str, Moment]:
        day = f"2026-{self.random.randrange(1, 10):02}-{self.random.randrange(1, 29):02}"
        clock = f"{self.random.randrange(24):02}:{self.random.randrange(60):02}:00"
        offset = self.random.choice(["Z", "+02:00", "-05:00", "+05:30"])
        text = f"{day}T{clock}{offset}"
        return text, Moment.read(text, "Europe/Paris")

    def quantity(self, number: Decimal, unit: str, comparator: str = "") -> dict[str, Any]:
        made: dict[str, Any] = {
            "value": number,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
        if self.random.random() < 0.7:
            made["unit"] = unit
        if comparator:
            made["comparator"] = comparator
        return made

    def code(self, loinc: str) -> dict[str, Any]:
        codings = [{"system": "http://loinc.org", "code": loinc}]
        if self.random.random() < 0.3:
            codings.insert(0, {"system": "urn:oid:1.2.3.4", "code": "LOCAL"})
        return {"coding": codings}

    # --- resources

    def patient(self, number: int) -> str:
        id_, record_number = f"p{number}", f"{self.random.randrange(10**5):05}{number}"
        kind = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]
        }
        identifiers = [{"system": "urn:oid:1.2.3", "value": record_number, "type": kind}]
        if self.random.random() < 0.5:
            identifiers.insert(0, {"system": "urn:oid:9.9", "value": f"X{number}"})
        self.resources.append(
            Patient.model_validate(
                {
                    "id": id_,
                    "identifier": identifiers,
                    "gender": self.random.choice(["male", "female", "other", "unknown"]),
                    "birthDate": date(2020, 1, 1 + number),
                    "name": [{"family": "Sample", "given": [f"No {number}"]}],
                }
            )
        )
        return record_number

    def observation(self, number: int, patient: int, record_number: str) -> None:
        id_, kind = f"o{number}", self.random.choice(list(_KINDS))
        stated, (text, moment) = self.random.choice(list(KEPT)), self.moment()
        fields: dict[str, Any] = {
            "id": id_, "status": stated, "subject": self._subject(patient, record_number),
            "issued": "2026-10-30T08:00:00Z",
        }  # fmt: skip
        if self.random.random() < 0.3:
            specimen = Specimen.model_validate(
                {"id": f"s{number}", "collection": {"collectedDateTime": text}}
            )
            self.resources.append(specimen)
            fields["specimen"] = {"reference": f"Specimen/s{number}"}
        else:
            fields["effectiveDateTime"] = text
        entries = _KINDS[kind](self, fields, kind, moment)
        report = self.random.choice(REPORTS) if self.random.random() < 0.25 else "final"
        if report != "final" or self.random.random() < 0.2:
            self._report(id_, report, patient, record_number)
        self.resources.append(Observation.model_validate(fields))
        status = within(report, stated)
        if status is not None:
            self.expected += [Expected(id_, record_number, each, status) for each in entries]

    def _subject(self, patient: int, record_number: str) -> dict[str, Any]:
        if self.random.random() < 0.15:
            return {"identifier": {"system": "urn:oid:1.2.3", "value": record_number}}
        return {"reference": f"Patient/p{patient}"}

    def _report(self, id_: str, status: str, patient: int, record_number: str) -> None:
        self.resources.append(
            DiagnosticReport.model_validate(
                {
                    "id": f"r-{id_}",
                    "status": status,
                    "code": {"text": "report"},
                    "subject": self._subject(patient, record_number),
                    "result": [{"reference": f"Observation/{id_}"}],
                }
            )
        )

    def level(self, fields: dict[str, Any], loinc: str, moment: Moment) -> list[Entry]:
        placeholder, number = self.number(30, 3)
        sign, comparator = self.random.choice(
            [("", None)] * 4
            + [("<", Comparator.BELOW), (">", Comparator.ABOVE), ("<=", Comparator.BELOW)]
        )
        unit = self.random.choice(["ng/mL", "ug/L", "nmol/L"])
        method, assay = self.random.choice(
            [(None, None), ("LC-MS/MS", Assay.LC_MS_MS), ("CMIA", Assay.CMIA)]
        )
        fields |= {
            "code": self.code(loinc),
            "valueQuantity": self.quantity(placeholder, unit, sign),
        }
        if method:
            fields["method"] = {"text": method}
        value = Quantity(number, unit, QuantityKind.LEVEL)
        return [Level(sampled=moment, value=value, comparator=comparator, assay=assay)]

    def weight(self, fields: dict[str, Any], loinc: str, moment: Moment) -> list[Entry]:
        placeholder, number = self.number(90, 2)
        fields |= {"code": self.code(loinc), "valueQuantity": self.quantity(placeholder, "kg")}
        day = Moment(moment.utc, "Europe/Paris").local.date()
        return [Measurement(on=day, weight=Quantity(number, "kg", QuantityKind.WEIGHT))]

    def laboratory(self, fields: dict[str, Any], _loinc: str, moment: Moment) -> list[Entry]:
        loinc, test, unit, kept = self.random.choice(LABORATORY)
        placeholder, number = self.number(900, 2)
        fields |= {"code": self.code(loinc), "valueQuantity": self.quantity(placeholder, unit)}
        upper = None
        if self.random.random() < 0.5:
            high, limit = self.number(900, 1)
            fields["referenceRange"] = [{"high": {"value": high, "unit": unit}}]
            upper = LaboratoryQuantity(limit, kept)
        value = LaboratoryQuantity(number, kept)
        return [LaboratoryValue(test=test, at=moment, value=value, upper_limit=upper)]

    def pressure(self, fields: dict[str, Any], _loinc: str, moment: Moment) -> list[Entry]:
        low, high = self.random.randrange(30, 90), self.random.randrange(91, 180)
        fields |= {
            "code": self.code("85354-9"),
            "component": [
                {"code": self.code(loinc), "valueQuantity": self.quantity(Decimal(each), "mm[Hg]")}
                for loinc, each in (("8480-6", high), ("8462-4", low))
            ],
        }
        both = (("systolic blood pressure", high), ("diastolic blood pressure", low))
        return [
            LaboratoryValue(test=test, at=moment, value=LaboratoryQuantity(Decimal(each), "mm[Hg]"))
            for test, each in both
        ]

    def request(self, number: int, patient: int, record_number: str) -> None:
        text, moment = self.moment()
        placeholder, mg = self.number(4, 3)
        every, repeat = self.random.choice(
            [(12, (2, 1, "d")), (24, (1, 1, "d")), (12, (1, 12, "h")), (48, (1, 2, "d")),
             (8, (1, 8, "h"))]
        )  # fmt: skip
        frequency, period, unit = repeat
        self.resources.append(
            MedicationRequest.model_validate({
                "id": f"m{number}",
                "status": "active",
                "intent": "order",
                "medicationCodeableConcept": {
                    "coding": [{"system": "http://www.whocc.no/atc", "code": "L04AH01"}],
                    "text": "sirolimus oral solution",
                },
                "subject": self._subject(patient, record_number),
                "dosageInstruction": [
                    {
                        "timing": {
                            "repeat": {
                                "boundsPeriod": {"start": text}, "frequency": frequency,
                                "period": period, "periodUnit": unit,
                            }
                        },
                        "doseAndRate": [{"doseQuantity": self.quantity(placeholder, "mg")}],
                    }
                ],
            })
        )  # fmt: skip
        entry = a_dose(
            moment, str(mg), times_a_day=24 // every if every <= 24 else 1,
            every_hours=None if every <= 24 else every, product=Product.SOLUTION,
            given_reason="reported by the sender",
        )  # fmt: skip
        self.expected.append(Expected(f"m{number}", record_number, entry, ResultStatus.FINAL))

    # --- text

    def exact(self, text: str) -> str:
        """Return JSON text in which the digits are where their placeholders were."""
        return _PLACEHOLDER.sub(lambda found: self.digits[found[1]], text)

    def as_json(self) -> list[str]:
        """Return the text of each resource, in any order."""
        texts = [self.exact(each.model_dump_json()) for each in self.resources]
        self.random.shuffle(texts)
        return texts

    def as_bundle(self) -> str:
        """Return a Bundle, whose entries have a full URL on one server, an UUID or none."""
        kind = self.random.choice(["collection", "searchset", "batch"])
        style = self.random.choice(["", "server", "uuid"])
        entries = []
        for text in self.as_json():
            resource = json.loads(text)
            name = f"{resource['resourceType']}/{resource['id']}"
            url = f'"fullUrl":"{_url(style, name)}",' if style else ""
            request = '"request":{"method":"POST","url":"x"},' if kind == "batch" else ""
            entries.append(f'{{{url}{request}"resource":{text}}}')
        whole = f'{{"resourceType":"Bundle","type":"{kind}","entry":[{",".join(entries)}]}}'
        Bundle.model_validate_json(whole)  # the referee finds nothing wrong in it
        if style == "uuid":
            whole = re.sub(
                r'"reference":"([A-Z][A-Za-z]+/[^"]+)"',
                lambda found: f'"reference":"{_url(style, found[1])}"',
                whole,
            )
        return whole


def _url(style: str, name: str) -> str:
    return f"{SERVER}/{name}" if style == "server" else f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"


_PLACEHOLDER = re.compile(r"(?<![0-9.])(9[0-9]{8})(?:\.0+)?(?![0-9])")
_KINDS: dict[str, Callable[..., list[Entry]]] = {
    "29247-4": Written.level,
    "115766-8": Written.level,
    "29463-7": Written.weight,
    "laboratory": Written.laboratory,
    "pressure": Written.pressure,
}


def random_clinic(random: Random) -> Written:
    """Return a clinic of one to three patients with some results and doses each."""
    written = Written(random)
    for patient in range(random.randrange(1, 4)):
        record_number = written.patient(patient)
        for each in range(random.randrange(1, 6)):
            written.observation(10 * patient + each, patient, record_number)
        if random.random() < 0.5:
            written.request(patient, patient, record_number)
    return written
