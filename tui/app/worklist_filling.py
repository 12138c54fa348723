"""The patients of the worklist and their summaries, read from the database.

It runs in a worker and only posts messages: first the patients, then their summaries, those in
sight first.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from textual.message import Message

from dosing import UserError
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices

if TYPE_CHECKING:
    from monitoring.record.entries import Record, StoredEntry
    from monitoring.record.patient import Patient
    from monitoring.store.store import Store
    from monitoring.summary import PatientSummary
    from monitoring.times import Moment

LIMIT = 200
_BATCH = 50
_NOTHING_DUE = (9, 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter: part of a name or number, and only patients who need attention."""

    search: str = ""
    attention: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRequest:
    """The filter, the present moment, and the patients in sight.

    `rows` is the number of rows on the screen, at least 1; `in_sight` are the numbers of the
    patients in them now.
    """

    wanted: Wanted
    now: "Moment"
    rows: int
    in_sight: frozenset[int]
    clinic: ClinicChoices = USUAL_CHOICES


@dataclass
class PatientsFound(Message):
    """The patients found, their total, and the last change; the summaries follow."""

    wanted: Wanted
    patients: "tuple[StoredEntry[Patient], ...]"
    total: int
    last_change: int
    unreadable: int
    """How many of them have no row that can be read, and are not listed."""


@dataclass
class SummariesReady(Message):
    """The summaries of some patients, how many were looked at, and True for the last batch."""

    wanted: Wanted
    summaries: "list[PatientSummary]"
    looked_at: int
    is_last: bool = False


@dataclass
class NotFilled(Message):
    """The records cannot be read: the reason."""

    problem: str


Post = Callable[[Message], object]


def fill(
    store: "Store", request: WorklistRequest, post: Post, is_cancelled: Callable[[], bool]
) -> None:
    """Find the patients and post them; stop when it is cancelled."""
    wanted = request.wanted
    try:
        last_change = store.last_change()
        total = store.count_patients(wanted.search)
        patients = () if wanted.attention else store.patients(wanted.search, LIMIT)
        unreadable = 0 if wanted.attention or total > LIMIT else total - len(patients)
        post(PatientsFound(wanted, patients, total, last_change, unreadable))
        batches = _in_need(store, request) if wanted.attention else _of(store, request, patients)
        for each in batches:
            if is_cancelled():
                return
            post(each)
    except UserError as error:
        post(NotFilled(str(error)))


def _of(
    store: "Store", request: WorklistRequest, patients: "Sequence[StoredEntry[Patient]]"
) -> Iterator[SummariesReady]:
    """Yield the summaries of these patients, those in sight first."""
    from monitoring.summary import summarise_all  # noqa: PLC0415 - heavy

    numbers = [each.patient for each in patients]
    numbers.sort(key=lambda number: number not in request.in_sight)
    start, end = 0, request.rows
    while start < len(numbers):
        summaries = summarise_all(store.read_some(numbers[start:end]), request.now, request.clinic)
        yield SummariesReady(request.wanted, summaries, end, is_last=end >= len(numbers))
        start, end = end, end + _BATCH
    if not numbers:
        yield SummariesReady(request.wanted, [], 0, is_last=True)


def _in_need(store: "Store", request: WorklistRequest) -> Iterator[SummariesReady]:
    """Yield the patients who need attention, of all that the search finds."""
    from monitoring.summary import summarise_all  # noqa: PLC0415 - heavy

    records = _records_like(store, request.wanted.search)
    shown = looked_at = 0
    while shown < LIMIT and (batch := list(islice(records, _BATCH))):
        summaries = [
            each
            for each in summarise_all(batch, request.now, request.clinic)
            if each.needs_attention
        ]
        summaries = sorted(summaries, key=_urgency)[: LIMIT - shown]
        shown, looked_at = shown + len(summaries), looked_at + len(batch)
        yield SummariesReady(request.wanted, summaries, looked_at)
    yield SummariesReady(request.wanted, [], looked_at, is_last=True)


def _urgency(summary: "PatientSummary") -> tuple[int, int]:
    """Return the order of a patient: by what is due, the most urgent first."""
    return min((each.order for each in summary.due), default=_NOTHING_DUE)


def _records_like(store: "Store", search: str) -> "Iterator[Record]":
    """Yield the records of all patients that the search finds."""
    wanted = {each.patient for each in store.patients(search)} if search else None
    return (each for each in store.records() if wanted is None or each.number in wanted)
