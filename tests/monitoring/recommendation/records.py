"""Records for the forecasts: a child of 25 kg on 0.875 mg every 12 hours, as in the reference."""

from datetime import date
from typing import Any

from dosing import Sex
from monitoring.record.entries import Author, Record
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Cyp3a5
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from tests.builders import AUTHOR, a_dose, a_level, a_measurement, a_patient, a_record, at

BEGUN = at("2026-01-05T08:00")
SAMPLED = at("2026-03-16T20:00")  # ten weeks on: steady state, and no change of the clocks between
NOW = at("2026-03-17T07:00")
BY = Author(AUTHOR, NOW)


def usual_dose(
    mg: str = "0.875", since: Moment = BEGUN, times: int = 2, **more: Any
) -> Prescription:
    return a_dose(since, mg, times_a_day=times, **more)


def usual_level(
    value: str = "14 ng/mL",
    sampled: Moment = SAMPLED,
    *,
    hours: float | None = 12,
    assay: Assay | None = Assay.EMIT,
) -> Level:
    return a_level(value, sampled, hours=hours, assay=assay)


def usual_body(weight: str = "25 kg", on: date = date(2026, 1, 4)) -> Measurement:
    return a_measurement(weight, "125 cm", on)


def child(*entries: Entry, born: date = date(2018, 3, 1), cyp3a5: Cyp3a5 | None = None) -> Record:
    who = a_patient(born=born, sex=Sex.FEMALE, cyp3a5=cyp3a5)
    return a_record(*entries, patient=who, by=BY)
