"""A clinic's workbook filled by hand: its cells typed from a record, without the program's reader.

The words of each cell are written out here again, as a secretary would type them.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl

from monitoring.exchange.clinic_workbook.template import write_clinic_template
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.record.response import Response

Cells = Mapping[str, object]


@cache
def _template() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "clinic.xlsx"
        write_clinic_template(file)
        return file.read_bytes()


def blank_template() -> Any:
    """Return the template as openpyxl reads it, with its example rows."""
    return openpyxl.load_workbook(BytesIO(_template()))


def content_of_book(book: Any) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def template_with(sheets: Mapping[str, Iterable[Cells]], *, examples: bool = False) -> bytes:
    """Return a filled template: rows of cells by their headings, on each sheet."""
    book = blank_template()
    for title, rows in sheets.items():
        page = book[title]
        if not examples:
            page.delete_rows(2)
        places = {cell.value: cell.column for cell in page[1]}
        for number, row in enumerate(rows, start=page.max_row + 1):
            for heading, value in row.items():
                page.cell(number, places[heading], value)
    return content_of_book(book)


def _end(recorded: StoredEntry[Any]) -> object:
    return recorded.ending and (recorded.ending.entry.at or recorded.ending.entry.on)


def _sign(entry: Level | LaboratoryValue) -> str:
    return entry.comparator.value if entry.comparator else ""


def _of_patient(each: StoredEntry[Patient]) -> Cells:
    who = each.entry
    return {
        "Name": who.name, "Born": who.born, "Sex": who.sex.value, "Anomaly": who.anomaly.value,
        "Diagnosis": who.diagnosis, "Allergies": who.allergies,
        "Congenital": {True: "yes", False: "no", None: None}[who.congenital],
        "Severity": who.severity, "Gestation": who.gestation,
        "CYP3A5": who.cyp3a5 and who.cyp3a5.value,
    }  # fmt: skip


def _of_measurement(each: StoredEntry[Measurement]) -> Cells:
    measured = each.entry
    return {"Weight": measured.weight, "Height": measured.height, "Measured on": measured.on,
            "Reason": measured.reason}  # fmt: skip


def _of_dose(each: StoredEntry[Prescription]) -> Cells:
    dose = each.entry
    often = (
        {"Times a day": str(dose.times_a_day)}
        if dose.every_hours is None
        else {"Every": f"{dose.every_hours} h"}
    )
    low, high = dose.target.low_ng_ml, dose.target.high_ng_ml
    return {
        "Dose": f"{dose.dose_mg:f} mg", **often,
        "Evening dose": dose.evening_mg and f"{dose.evening_mg:f} mg",
        "Product": dose.product.value,
        "Strength": dose.strength_mg_per_ml and f"{dose.strength_mg_per_ml:f} mg/mL",
        "From": dose.since, "To": _end(each),
        "Reason for the end": each.ending.entry.reason if each.ending else None,
        "Protocol": dose.protocol, "Target": low and f"{low}-{high} ng/mL",
        "Loading dose": "yes" if dose.loading else "no",
        "Reason": dose.reason, "As given": dose.given_reason,
    }  # fmt: skip


def _of_missed(each: StoredEntry[MissedDose]) -> Cells:
    missed = each.entry
    return {"Kind": missed.kind.value, "Due at": missed.at,
            "Held until": missed.until, "Given again": _end(each),
            "Reason": missed.reason}  # fmt: skip


def _of_level(each: StoredEntry[Level]) -> Cells:
    level = each.entry
    return {
        "Level": f"{_sign(level)}{level.value.number:f} {level.value.unit}",
        "Sampled": level.sampled, "Last dose": level.last_dose,
        "Assay": level.assay and level.assay.value, "Laboratory": level.laboratory,
        "Reason": level.reason,
    }  # fmt: skip


def _of_event(each: StoredEntry[AdverseEvent]) -> Cells:
    event = each.entry
    return {
        "Adverse event": event.term, "Grade": event.grade, "From": event.since, "To": _end(each),
        "Action taken": event.action.value, "Other cause": event.attributed_to,
        "Remark": event.text, "Reason": event.reason,
    }  # fmt: skip


def _of_value(each: StoredEntry[LaboratoryValue]) -> Cells:
    value = each.entry
    limits = (value.lower_limit, value.upper_limit)
    lower, upper = (f"{limit.number:f}" if limit else None for limit in limits)
    return {
        "Test": value.test, "Value": f"{_sign(value)}{value.value.number:f} {value.value.unit}",
        "Sampled": value.at, "Lower limit": lower, "Upper limit": upper,
        "Laboratory": value.laboratory, "Reason": value.reason,
    }  # fmt: skip


def _of_drug(each: StoredEntry[CoMedication]) -> Cells:
    return {"Drug": each.entry.drug, "From": each.entry.since, "To": _end(each),
            "Remark": each.entry.text}  # fmt: skip


def _of_condition(each: StoredEntry[Condition]) -> Cells:
    return {"Condition": each.entry.name, "From": each.entry.since, "To": _end(each),
            "Remark": each.entry.text}  # fmt: skip


def _of_response(each: StoredEntry[Response]) -> Cells:
    response = each.entry
    return {"Assessed on": response.on, "Criterion": response.criterion.value,
            "Improved": "yes" if response.improved else "no", "Remark": response.text}  # fmt: skip


def _of_note(each: StoredEntry[Note]) -> Cells:
    return {"Note": each.entry.text, "Of": each.entry.on}


_TYPISTS: Mapping[str, tuple[type[Any], Callable[[StoredEntry[Any]], Cells]]] = {
    "Measurements": (Measurement, _of_measurement),
    "Doses": (Prescription, _of_dose),
    "Missed doses": (MissedDose, _of_missed),
    "Levels": (Level, _of_level),
    "Events": (AdverseEvent, _of_event),
    "Laboratory": (LaboratoryValue, _of_value),
    "Drugs": (CoMedication, _of_drug),
    "Conditions": (Condition, _of_condition),
    "Responses": (Response, _of_response),
    "Notes": (Note, _of_note),
}


def typed_clinic(records: Iterable[Record]) -> bytes:
    """Return the workbook of a clinic: what every active entry of these records says, typed."""
    sheets: dict[str, list[Cells]] = {"Patients": [], **{title: [] for title in _TYPISTS}}
    for record in records:
        number = {"Record number": record.patient.entry.record_number}
        sheets["Patients"].append(_cells(number | dict(_of_patient(record.patient))))
        for title, (kind, typed) in _TYPISTS.items():
            rows = (_cells(number | dict(typed(each))) for each in record.active(kind))
            sheets[title].extend(rows)
    return template_with(sheets)


def _cells(row: Mapping[str, object]) -> Cells:
    """Return the cells as text, as the columns are; nothing stays empty."""
    return {heading: None if value in (None, "") else str(value) for heading, value in row.items()}
