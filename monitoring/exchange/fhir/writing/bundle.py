"""The Bundle, written patient by patient: any number of them needs the memory of a few."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices, clinic_choices
from monitoring.exchange.fhir.writing.conclusions import alerts, forecast
from monitoring.exchange.fhir.writing.elements import Resource, date_time
from monitoring.exchange.fhir.writing.exported import Exported
from monitoring.exchange.fhir.writing.json_text import json_line
from monitoring.exchange.fhir.writing.medications import (
    concomitant_drugs,
    omitted_doses,
    prescriptions,
    taken_doses,
)
from monitoring.exchange.fhir.writing.observations import observations
from monitoring.exchange.fhir.writing.provenance import audit_event, program, provenance
from monitoring.exchange.fhir.writing.subject import adverse_events, conditions, patient
from monitoring.files import placed_file
from monitoring.record.entries import Record
from monitoring.store.connection import reading
from monitoring.store.known_heads import Ends, ends_of
from monitoring.store.store import Store
from monitoring.summary import summarise_all
from monitoring.times import Moment

_BATCH = 50  # patients at a time
_NO_TRAIL = Ends()
_AROUND = 2  # lines: the beginning and the end of the Bundle


def write_fhir(store: Store, numbers: Sequence[int] | None, file: Path, now: Moment) -> int:
    """Write patients into a new file as one Bundle, and return the number of its resources.

    `numbers` are those of the patients in the store; None for all. Raises `UserError` for an
    existing file, `NotFoundError` for an unknown patient, and the errors of reading.
    """
    clinic = clinic_choices()
    with reading(store.engine, "read the records") as connection:
        ends = ends_of(connection)
    records = store.records() if numbers is None else map(store.read, numbers)
    with placed_file(file) as part, part.open("w", encoding="utf-8", newline="") as stream:
        lines = _lines(records, now, ends, store.author, clinic)
        count = sum(1 for line in lines if stream.write(line))
    return count - _AROUND


def bundle_of(
    records: Iterable[Record],
    now: Moment,
    ends: Ends = _NO_TRAIL,
    by: str = "",
    clinic: ClinicChoices = USUAL_CHOICES,
) -> str:
    """Return the Bundle of records as text; `ends` are those of their audit trail."""
    return "".join(_lines(records, now, ends, by, clinic))


def _lines(
    records: Iterable[Record], now: Moment, ends: Ends, by: str, clinic: ClinicChoices
) -> Iterator[str]:
    """Yield the Bundle: its beginning, a line for each resource, its end."""
    heading = json_line(
        {"resourceType": "Bundle", "type": "collection", "timestamp": date_time(now)}
    )
    yield f'{heading[:-1]},"entry":[\n'
    separator = ""
    for resource in _resources(records, now, ends, by, clinic):
        yield f"{separator}{json_line(resource.entry)}"
        separator = ",\n"
    yield "\n]}\n"


def _resources(
    records: Iterable[Record], now: Moment, ends: Ends, by: str, clinic: ClinicChoices
) -> Iterator[Resource]:
    yield program()
    each = iter(records)
    while batch := list(islice(each, _BATCH)):
        for summary in summarise_all(batch, now, clinic):
            yield from _of_patient(Exported(summary=summary, ends=ends, by=by))


def _of_patient(exported: Exported) -> Iterator[Resource]:
    """Yield the resources of one patient, and last where they come from."""
    found = []
    for part in (
        patient,
        conditions,
        observations,
        prescriptions,
        taken_doses,
        omitted_doses,
        concomitant_drugs,
        adverse_events,
        alerts,
        forecast,
    ):
        for resource in part(exported):
            found.append(resource)
            yield resource
    yield from provenance(exported, found)
    yield audit_event(exported)
