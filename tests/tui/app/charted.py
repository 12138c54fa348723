"""What the charts draw in their tests: doses and levels, so many days after the first dose."""

from datetime import timedelta

from monitoring.record.entry import Entry
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from tests import builders
from tests.builders import a_record, a_target, at

NOW = at("2026-11-05T08:00")
BEGUN = at("2026-07-01T08:00")


def after(days: float) -> Moment:
    return builders.later(BEGUN, seconds=round(days * timedelta(days=1).total_seconds()))


def a_dose(days: float, low: str | None = "5", high: str = "15", mg: str = "0.44") -> Prescription:
    return builders.a_dose(after(days), mg, target=a_target(low, high))


def a_level(days: float, number: str) -> Level:
    return builders.a_level(f"{number} ng/mL", after(days))


def summary_of(*entries: Entry) -> PatientSummary:
    return summarise(a_record(*entries), NOW)
