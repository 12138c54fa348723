"""The extensions of this program in FHIR: what the standard's own elements cannot carry.

Every name is below one base. `record-entry` holds an entry as the records store it: its kind and
its columns, no digit lost. A reader without it reads the standard's elements; with it, the two
must agree, and then the entry is exactly the one that was written.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dosing import UserError
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.kinds import KINDS, NAMES
from monitoring.store.rows import ROW_ERRORS, entry_of, fields_of, row_of

BASE = "https://sirolimus-assistant.example/fhir/StructureDefinition/"
SYSTEMS = "https://sirolimus-assistant.example/fhir/CodeSystem/"
"""The base of our own systems of codes."""

RECORD_ENTRY = BASE + "record-entry"
"""valueString: what `entry_text` makes. On the resource of the entry itself.

On both Observations of a measurement of weight and height, and on each component of a blood
pressure, which is two entries. A Condition or an AllergyIntolerance with the entry of a patient is
a part of the patient: the diagnosis, and the allergies.
"""
LAST_DOSE = BASE + "last-dose"
"""valueDateTime on the Observation of a level: the last dose before the sample."""
LAST_DOSE_ASSUMED = BASE + "last-dose-assumed"
"""valueBoolean beside `last-dose`: it is the schedule's."""
LEVEL_CAUSE = BASE + "level-cause"
"""valueCode on the Observation of a level that did not fit: `LevelCause.value`."""
EXCLUDED = BASE + "excluded"
"""valueBoolean beside `level-cause`: it takes the level out of every assessment."""
PROTOCOL = BASE + "protocol"
"""valueCode on a medication: the key of the protocol, such as review."""
TARGET_TROUGH = BASE + "target-trough"
"""valueRange on a medication: low (may be absent) and high, both in ng/mL."""
EVERY_HOURS = BASE + "every-hours"
"""valuePositiveInt on a medication: the hours between two doses."""
DIAGNOSIS = BASE + "diagnosis"
"""valueString on a Patient: the diagnosis in the clinic's own words."""

MG_PER_M2_PER_DAY = BASE + "mg-per-m2-per-day"
"""valueQuantity on a dosage, in mg/m2/d."""
MG_PER_M2_PER_DOSE = BASE + "mg-per-m2-per-dose"
"""valueQuantity on a dosage, in mg/m2."""

TERMS = SYSTEMS + "adverse-event-term"
"""The system of an adverse event's term; the code is the term as the record has it."""
CONDITIONS = SYSTEMS + "condition"
"""The system of a condition's name; the code is the name as the record has it."""
TESTS = SYSTEMS + "laboratory-test"
"""The system of a laboratory test's name; the code is the name as the record has it."""
ASSAYS = SYSTEMS + "assay"
"""The system of Observation.method; the code is `Assay.value`."""
CTCAE_GRADE = BASE + "ctcae-grade"
"""valuePositiveInt on an AdverseEvent: the grade, 1 to 5."""
ACTION_TAKEN = BASE + "action-taken"
"""valueCode on an AdverseEvent: `ActionTaken.value`."""

CTCAE_VERSION = BASE + "ctcae-version"
"""valueString on an AdverseEvent: the version of the grade, such as CTCAE v5.0."""
ENDED_ON = BASE + "ended-on"
"""valueDate on an AdverseEvent, which has no end of its own in R4: its last day."""
ATTRIBUTED_TO = BASE + "attributed-to"
"""valueString on an AdverseEvent: its cause, if it is not sirolimus."""
REMARK = BASE + "remark"
"""valueString on an AdverseEvent, which has no note in R4."""
ENTERED_IN_ERROR = BASE + "entered-in-error"
"""modifierExtension with valueString on an AdverseEvent, which has no status in R4: it was voided,
with the reason.
"""
ALERT_SOURCE = BASE + "alert-source"
"""valueString on a DetectedIssue: the citation of its rule."""

CTCAE_TERMS = SYSTEMS + "ctcae-term"
"""The system of the name of an adverse event in CTCAE; no code of MedDRA."""
ANOMALIES = SYSTEMS + "vascular-anomaly"
"""The system of the groups of Nadal 2016, in the Condition with the patient's diagnosis."""
ALERTS = SYSTEMS + "alert"
"""The system of the codes of alerts, of a DetectedIssue."""
MODELS = SYSTEMS + "pharmacokinetic-model"
"""The system of the models of a forecast, of a RiskAssessment."""
TARGET_OUTCOMES = SYSTEMS + "target-attainment"
"""The system of the outcomes of a forecast: below, within, above."""
HEADS = SYSTEMS.replace("CodeSystem", "NamingSystem") + "head"
"""The system of the head of the audit trail, in a Provenance."""

_WRONG = "the extension record-entry cannot be read. Export the records again."


@dataclass(frozen=True, slots=True)
class StatedEntry:
    """An entry and its end, as `record-entry` states them; the end belongs to no number."""

    entry: Entry
    ending: StopRecord | None = None


def entry_text(entry: Entry, ending: StopRecord | None = None) -> str:
    """Return the lossless text of an entry and its end, which `read_entry_text` reads back."""
    document: dict[str, object] = {"kind": NAMES[type(entry)], "row": dict(row_of(entry))}
    if ending is not None:
        document["ending"] = {**row_of(ending), "of": 0}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_entry_text(text: str) -> StatedEntry:
    """Return the entry of a text that `entry_text` made; raises `UserError` for any other text."""
    try:
        document = json.loads(text)
        kind, row, ending = document.pop("kind"), document.pop("row"), document.pop("ending", None)
        if document:
            raise UserError(_WRONG)
        return StatedEntry(
            _entry(KINDS[kind], row),
            None if ending is None else _ending(_entry(StopRecord, ending)),
        )
    except (*ROW_ERRORS, AttributeError, RecursionError):
        raise UserError(_WRONG) from None


def _entry(kind: type[Entry], row: Mapping[str, Any]) -> Entry:
    """Return the entry of a row that has exactly the columns of its kind, in their types."""
    columns = {column: each.codec.is_text for each in fields_of(kind) for column in each.columns}
    for column, cell in row.items():
        wanted = str if columns[column] else int
        if cell is not None and type(cell) is not wanted:
            raise UserError(_WRONG)
    return entry_of(kind, {column: row.get(column) for column in columns})


def _ending(entry: Entry) -> StopRecord:
    assert isinstance(entry, StopRecord), "it was read as one"  # noqa: S101 - for the type checker
    return entry


def extension(url: str, **value: Any) -> dict[str, Any]:
    """Return one extension, such as `extension(PROTOCOL, valueCode="review")`."""
    return {"url": url, **value}


def record_entry(entry: Entry, ending: StopRecord | None = None) -> dict[str, Any]:
    """Return the extension `record-entry` of an entry and its end."""
    return extension(RECORD_ENTRY, valueString=entry_text(entry, ending))
