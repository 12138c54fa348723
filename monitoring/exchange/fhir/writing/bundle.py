"""The Bundle, written patient by patient: any number of them needs the memory of a few."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices, clinic_choices
from monitoring.exchange.fhir.writing.conclusions import alerts, forecast
from monitoring.exchange.fhir.writing.elements import BundleEntry, date_time
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
from monitoring.store.verify import Progress
from monitoring.summary import summarise_all
from monitoring.times import Moment

_BATCH = 50  # patients at a time
_NO_TRAIL = Ends()
_BETWEEN, _END = ",\n", "\n]}\n"


def write_fhir(
    store: Store,
    numbers: Sequence[int] | None,
    file: Path,
    now: Moment,
    progress: Progress = lambda _done, _all: None,
) -> int:
    """Write patients into a new file as one Bundle, and return the number of its resources.

    `numbers` are those of the patients in the store; None for all. `progress` is called with the
    patients written, and all of them. Raises `UserError` for an existing file, `NotFoundError` for
    an unknown patient, and the errors of reading.
    """
    with reading(store.engine, "read the records") as connection:
        ends = ends_of(connection)
    chosen = store.patient_numbers() if numbers is None else tuple(dict.fromkeys(numbers))
    records = _some(store, chosen) if numbers is None else map(store.read, chosen)
    made = _Made(now=now, ends=ends, by=store.author, clinic=clinic_choices())
    with placed_file(file) as part, part.open("w", encoding="utf-8", newline="") as stream:
        stream.write(made.heading)
        count = 0
        for patients, resources in enumerate(made.of_each(records)):
            for resource in resources:
                stream.write(made.line(resource, is_first=count == 0))
                count += 1
            progress(patients, len(chosen))
        stream.write(_END)
    return count


def bundle_of(
    records: Iterable[Record],
    now: Moment,
    ends: Ends = _NO_TRAIL,
    by: str = "",
    clinic: ClinicChoices = USUAL_CHOICES,
) -> str:
    """Return the Bundle of records as text; `ends` are those of their audit trail."""
    made = _Made(now=now, ends=ends, by=by, clinic=clinic)
    resources = chain.from_iterable(made.of_each(records))
    lines = (made.line(each, is_first=place == 0) for place, each in enumerate(resources))
    return "".join([made.heading, *lines, _END])


def _some(store: Store, numbers: Iterable[int]) -> Iterator[Record]:
    """Yield the records of patients; a batch is read as of one moment."""
    left = iter(numbers)
    while batch := list(islice(left, _BATCH)):
        yield from store.read_some(batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A Bundle as it is made: its moment, the records it comes from, by whom."""

    now: Moment
    ends: Ends
    by: str
    clinic: ClinicChoices

    @property
    def heading(self) -> str:
        """The beginning, up to the first resource."""
        about = {"resourceType": "Bundle", "type": "collection", "timestamp": date_time(self.now)}
        return f'{json_line(about)[:-1]},"entry":[\n'

    def line(self, resource: BundleEntry, *, is_first: bool) -> str:
        """Return the line of a resource."""
        return f"{'' if is_first else _BETWEEN}{json_line(resource.entry)}"

    def of_each(self, records: Iterable[Record]) -> Iterator[Iterator[BundleEntry]]:
        """Yield the resource of the program, and then those of each patient."""
        yield iter((program(),))
        left = iter(records)
        while batch := list(islice(left, _BATCH)):
            for summary in summarise_all(batch, self.now, self.clinic):
                yield _of_patient(Exported(summary=summary, ends=self.ends, by=self.by))


def _of_patient(exported: Exported) -> Iterator[BundleEntry]:
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
