"""The record as it was known at an earlier moment."""

from dataclasses import replace

from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StopRecord
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.times import Moment


def known_at(record: Record, now: Moment) -> Record:
    """Return the record as of a moment, itself if nothing is later; voided entries stay voided."""
    known = tuple(
        replace(each, ending=None) if each.ending and _is_later(each.ending.entry, now) else each
        for each in record.entries
        if not _is_later(each.entry, now)
    )
    return record if known == record.entries else replace(record, entries=known)


def _is_later(entry: Entry, now: Moment) -> bool:
    match entry:
        case Level(sampled=at) | LaboratoryValue(at=at) | MissedDose(at=at):
            return at > now
        case Prescription(since=at):
            return at > now
        case Measurement(on=day) | CoMedication(since=day):
            return day > now.local.date()
        case StopRecord(at=at, on=day):
            return at > now if at else day is not None and day > now.local.date()
    return False
