"""Export for registries: tables of the OMOP Common Data Model 5.4 as CSV, without any name.

Concepts and fields are in `monitoring.exchange.omop_model`. Left out are voided entries, levels
that their cause excludes, and plans of the future. Times are local, as the model has no zones.
"""

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dosing import plain
from dosing.birth_date import is_exact
from monitoring.exchange.coded_test import HEIGHT_LOINC, LEVEL_LOINC, TROUGH_LOINC, WEIGHT_LOINC
from monitoring.exchange.omop_model import (
    CDM_TABLES,
    EHR,
    EHR_PRESCRIPTION,
    GENDERS,
    HEIGHT,
    NO_CONCEPT,
    OPERATORS,
    ORAL,
    SIROLIMUS,
    SIROLIMUS_CODES,
    SIROLIMUS_LEVEL,
    UNITS,
    WEIGHT,
    CdmField,
    laboratory_concept,
)
from monitoring.exchange.spreadsheet import defused
from monitoring.files import new_file, placed_folder
from monitoring.laboratory.tests import find_test
from monitoring.levels import LevelAssessment, assess_levels
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.laboratory_value import DIPSTICK, LaboratoryValue
from monitoring.record.level import Comparator, comparator_sign
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

if TYPE_CHECKING:
    from monitoring.store.store import Store

Value = str | int | Decimal | date | Moment | None
Row = Mapping[str, Value]

_PARTS, _PIECES = 10, 1000
"""The most rows of one measurement, and of one prescription: their numbers stay the same."""
_LONGEST_SOURCE = 50
"""A longer record number is left out: a shortened one may be another patient's."""


def write_omop(store: "Store", numbers: tuple[int, ...] | None, folder: Path, now: Moment) -> int:
    """Write the tables of some patients, or of all, into a new folder; return the rows.

    A dose that goes on ends on the day of the export. Raises `UserError` for a folder that is not
    empty or cannot be written.
    """
    records = store.records() if numbers is None else iter(store.read_some(numbers))
    with placed_folder(folder) as part, ExitStack() as open_files:
        tables = {
            name: _Table(open_files.enter_context(new_file(part / f"{name}.csv")), fields)
            for name, fields in CDM_TABLES.items()
        }
        for record in records:
            for name, row in rows_of(record, now):
                tables[name].add(row)
        return sum(table.rows for table in tables.values())


@dataclass(slots=True)
class _Table:
    """A CSV file of one table."""

    stream: Any
    fields: tuple[CdmField, ...]
    rows: int = 0

    def __post_init__(self) -> None:
        """Write the headings."""
        csv.writer(self.stream).writerow([each.name for each in self.fields])

    def add(self, row: Row) -> None:
        """Write a row; a missing field is empty."""
        self.rows += 1
        csv.writer(self.stream).writerow([_cell(each, row.get(each.name)) for each in self.fields])


def _cell(field: CdmField, value: Value) -> object:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case Moment():
            return f"{value.local:%Y-%m-%d %H:%M:%S}"
        case str():
            return defused(_shortened(value, field.longest))
    return value


def _shortened(text: str, longest: int | None) -> str:
    """Return a text within the length of its field; three dots show that it goes on."""
    if longest is None or len(text) <= longest:
        return text
    return f"{text[: longest - 1]}…"


def rows_of(record: Record, now: Moment) -> Iterator[tuple[str, Row]]:
    """Yield the rows of one patient, each with the name of its table."""
    events = [
        *(("measurement", row) for row in _measurements(record)),
        *(("drug_exposure", row) for row in _drug_exposures(record, now)),
        *(("condition_occurrence", row) for row in _conditions(record, now)),
    ]
    yield "person", _person(record.patient)
    days = [
        day
        for name, row in events
        for field in _DAYS[name]
        if isinstance(day := row.get(field), date)
    ]
    if days:
        yield (
            "observation_period",
            {
                "observation_period_id": record.number,
                "person_id": record.number,
                "observation_period_start_date": min(days),
                "observation_period_end_date": max(days),
                "period_type_concept_id": EHR.id,
            },
        )
    yield from events


_DAYS = {
    "measurement": ("measurement_date",),
    "drug_exposure": ("drug_exposure_start_date", "drug_exposure_end_date"),
    "condition_occurrence": ("condition_start_date", "condition_end_date"),
}


def _person(recorded: StoredEntry[Patient]) -> Row:
    patient, number = recorded.entry, recorded.entry.record_number
    known = str(patient.born).count("-")  # a birth may be known to the month or the year
    gender = GENDERS.get(patient.sex)
    return {
        "person_id": recorded.patient,
        "gender_concept_id": gender.id if gender else NO_CONCEPT,
        "year_of_birth": patient.born.year,
        "month_of_birth": patient.born.month if known else None,
        "day_of_birth": patient.born.day if is_exact(patient.born) else None,
        "race_concept_id": NO_CONCEPT,
        "ethnicity_concept_id": NO_CONCEPT,
        "person_source_value": number if len(number) <= _LONGEST_SOURCE else None,
        "gender_source_value": patient.sex.value,
    }


# --- measurements


def _measurements(record: Record) -> Iterator[Row]:
    for assessed in assess_levels(record):
        if assessed.is_in_use:
            yield _level(assessed)
    for value in record.active(LaboratoryValue):
        yield _laboratory_value(value)
    for measured in record.active(Measurement):
        yield from _body(measured)


def _measurement(recorded: StoredEntry[Any], at: Moment | date, part: int = 0) -> dict[str, Value]:
    return {
        "measurement_id": recorded.number * _PARTS + part,
        "person_id": recorded.patient,
        "measurement_date": at.local.date() if isinstance(at, Moment) else at,
        "measurement_datetime": at if isinstance(at, Moment) else None,
        "measurement_type_concept_id": EHR.id,
    }


def _operator(comparator: Comparator | None) -> int | None:
    return OPERATORS[comparator.value].id if comparator else None


def _level(assessed: LevelAssessment) -> Row:
    level = assessed.level.entry
    return _measurement(assessed.level, level.sampled) | {
        "measurement_concept_id": SIROLIMUS_LEVEL.id,
        "operator_concept_id": _operator(level.comparator),
        "value_as_number": level.value.value,
        "unit_concept_id": UNITS["ng/mL"].id,
        "measurement_source_value": TROUGH_LOINC if assessed.is_trough else LEVEL_LOINC,
        "unit_source_value": level.value.unit,
        "value_source_value": str(level),
    }


def _laboratory_value(recorded: StoredEntry[LaboratoryValue]) -> Row:
    value = recorded.entry
    number, unit = value.value.number, value.value.unit
    test = find_test(value.test)
    found = laboratory_concept(test.name, unit) if test else None
    known_unit = UNITS.get(unit)
    lower, upper = value.lower_limit, value.upper_limit
    return _measurement(recorded, value.at) | {
        "measurement_concept_id": found.concept.id if found else NO_CONCEPT,
        "operator_concept_id": _operator(value.comparator),
        "value_as_number": None if unit == DIPSTICK else number,
        "unit_concept_id": known_unit.id if known_unit else NO_CONCEPT,
        "range_low": lower.number if lower else None,
        "range_high": upper.number if upper else None,
        "measurement_source_value": found.loinc if found else value.test,
        "unit_source_value": unit,
        "value_source_value": f"{comparator_sign(value.comparator)}{value.value}",
    }


def _body(recorded: StoredEntry[Measurement]) -> Iterator[Row]:
    measured = recorded.entry
    weight, height = measured.as_weight, measured.as_height
    if weight:
        yield _measurement(recorded, measured.on, 1) | {
            "measurement_concept_id": WEIGHT.id,
            "value_as_number": weight.kg,
            "unit_concept_id": UNITS["kg"].id,
            "measurement_source_value": WEIGHT_LOINC,
            "unit_source_value": measured.weight.unit if measured.weight else None,
            "value_source_value": str(measured.weight),
        }
    if height:
        yield _measurement(recorded, measured.on, 2) | {
            "measurement_concept_id": HEIGHT.id,
            "value_as_number": height.cm,
            "unit_concept_id": UNITS["cm"].id,
            "measurement_source_value": HEIGHT_LOINC,
            "unit_source_value": measured.height.unit if measured.height else None,
            "value_source_value": str(measured.height),
        }


# --- drugs


@dataclass(frozen=True, slots=True)
class _Exposure:
    """A time in which doses were given, from a moment to another; None while it goes on."""

    prescription: StoredEntry[Prescription]
    since: Moment
    until: Moment | None


def _drug_exposures(record: Record, now: Moment) -> Iterator[Row]:
    history = TreatmentHistory.of(record)
    given = history.administrations(now)
    loads = {each.entry.since.utc: each.entry.dose_mg for each in history.loading_doses}
    pieces: dict[int, int] = {}
    for each in _exposures(history, now):
        number = each.prescription.number
        pieces[number] = pieces.get(number, 0) + 1
        end = each.until or now
        within = [dose for dose in given if each.since.utc <= dose.at < end.utc]
        loaded = sum((mg for at, mg in loads.items() if each.since.utc <= at < end.utc), Decimal(0))
        total = sum((dose.mg for dose in within), Decimal(0)) - loaded
        yield _sirolimus(each, now, pieces[number], total)
    for load in history.loading_doses:
        since = load.entry.since
        if since <= now:
            once = _Exposure(load, since, since)
            yield _sirolimus(once, now, 1, load.entry.dose_mg)
    for drug in record.active(CoMedication):
        if drug.entry.since <= now.local.date():
            yield _other_drug(drug, now)


def _exposures(history: TreatmentHistory, now: Moment) -> Iterator[_Exposure]:
    """Yield the periods without the holds, as far as they have begun."""
    for period in history.periods:
        since: Moment | None = period.since
        for hold in history.holds:
            is_within = period.until is None or hold.at < period.until
            if since is None or not is_within or (hold.until and hold.until <= since):
                continue
            if since < hold.at <= now:
                yield _Exposure(period.prescription, since, hold.at)
            since = hold.until
        if since is not None and since <= now and (period.until is None or since < period.until):
            until = period.until if period.until and period.until <= now else None
            yield _Exposure(period.prescription, since, until)


def _sirolimus(exposure: _Exposure, now: Moment, piece: int, total_mg: Decimal) -> Row:
    dose, ending = exposure.prescription.entry, exposure.prescription.ending
    end = exposure.until or now
    strength = dose.strength_mg_per_ml
    parts = (
        str(dose) if not dose.loading else f"{plain(dose.dose_mg)} mg once, loading dose",
        dose.product.value,
        f"{plain(strength)} mg/mL" if strength else "",
    )
    is_stopped = ending is not None and ending.entry.at == exposure.until
    return {
        "drug_exposure_id": exposure.prescription.number * _PIECES + piece,
        "person_id": exposure.prescription.patient,
        "drug_concept_id": SIROLIMUS.id,
        "drug_exposure_start_date": exposure.since.local.date(),
        "drug_exposure_start_datetime": exposure.since,
        "drug_exposure_end_date": end.local.date(),
        "drug_exposure_end_datetime": exposure.until,
        "verbatim_end_date": exposure.until.local.date() if exposure.until else None,
        "drug_type_concept_id": EHR_PRESCRIPTION.id,
        "stop_reason": ending.entry.reason if ending and is_stopped else None,
        "quantity": total_mg,
        "sig": ", ".join(filter(None, parts)),
        "route_concept_id": ORAL.id,
        "drug_source_value": SIROLIMUS_CODES,
        "route_source_value": "oral",
        "dose_unit_source_value": "mg",
    }


def _other_drug(recorded: StoredEntry[CoMedication], now: Moment) -> Row:
    ended = recorded.ending.entry.on if recorded.ending else None
    return {
        "drug_exposure_id": recorded.number * _PIECES,
        "person_id": recorded.patient,
        "drug_concept_id": NO_CONCEPT,
        "drug_exposure_start_date": recorded.entry.since,
        "drug_exposure_end_date": ended or now.local.date(),
        "verbatim_end_date": ended,
        "drug_type_concept_id": EHR.id,
        "sig": recorded.entry.text or None,
        "drug_source_value": recorded.entry.drug,
    }


# --- conditions


def _conditions(record: Record, now: Moment) -> Iterator[Row]:
    patient, today = record.patient, now.local.date()
    diagnosis = patient.entry.diagnosis or patient.entry.anomaly.words
    if diagnosis:
        # Present at birth, or else known since the day on which the patient was recorded.
        born_with = patient.entry.congenital and is_exact(patient.entry.born)
        recorded = record.entries[0].author.at.local.date()
        since = patient.entry.born if born_with else recorded
        yield _condition(patient, since, None, diagnosis) | {
            "condition_occurrence_id": record.number
        }
    for condition in record.active(Condition):
        if condition.entry.since <= today:
            yield _condition(
                condition, condition.entry.since, _ended(condition), condition.entry.name
            )
    for event in record.active(AdverseEvent):
        grade = f", grade {event.entry.grade}" if event.entry.grade else ""
        yield _condition(event, event.entry.since, _ended(event), f"{event.entry.term}{grade}")


def _ended(recorded: StoredEntry[Any]) -> date | None:
    return recorded.ending.entry.on if recorded.ending else None


def _condition(
    recorded: StoredEntry[Any], since: date, until: date | None, text: str
) -> dict[str, Value]:
    return {
        "condition_occurrence_id": recorded.number,
        "person_id": recorded.patient,
        "condition_concept_id": NO_CONCEPT,
        "condition_start_date": date(since.year, since.month, since.day),
        "condition_end_date": until,
        "condition_type_concept_id": EHR.id,
        "condition_source_value": text,
    }
