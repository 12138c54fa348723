"""Finding the worklist's patients in the database, and where each of them stands.

It runs in a worker and only posts messages: first who the patients are, then batches of summaries.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from textual.message import Message

from dosing import UserError
from monitoring.record.entries import Record, Recorded
from monitoring.record.patient import Patient
from monitoring.store.faults import NotFoundError
from monitoring.summary import PatientSummary, summarise_all
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.store.store import Store

LIMIT = 200
_FIRST_BATCH, _BATCH = 20, 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a part of a name or number, and whether only who needs attention."""

    search: str = ""
    attention: bool = False


@dataclass
class Found(Message):
    """Who the patients are, of how many, as of which change; the summaries follow."""

    wanted: Wanted
    patients: tuple[Recorded[Patient], ...]
    total: int
    last_change: int


@dataclass
class Summarised(Message):
    """Where some of the patients stand; of so many of all, and whether that was the last."""

    wanted: Wanted
    summaries: list[PatientSummary]
    looked_at: int
    is_last: bool = False


@dataclass
class NotFilled(Message):
    """The records could not be read: why."""

    problem: str


Tell = Callable[[Message], object]


def fill(
    store: "Store", wanted: Wanted, now: Moment, tell: Tell, is_cancelled: Callable[[], bool]
) -> None:
    """Find the patients and tell of them; stops where it is cancelled."""
    try:
        last_change = store.last_change()
        total = store.count_patients(wanted.search)
        if wanted.attention:
            tell(Found(wanted, (), total, last_change))
            records = _records_like(store, wanted.search)
        else:
            patients = store.patients(wanted.search, LIMIT)
            tell(Found(wanted, patients, total, last_change))
            records = _records_of(store, patients)
        _summarise(wanted, records, now, tell, is_cancelled)
    except UserError as error:
        tell(NotFilled(str(error)))


def _records_of(store: "Store", patients: Iterable[Recorded[Patient]]) -> Iterator[Record]:
    for patient in patients:
        try:
            yield store.read(patient.patient)
        except NotFoundError:  # voided since
            continue


def _records_like(store: "Store", search: str) -> Iterator[Record]:
    """Yield the records of all patients that the search finds; any of them may need attention."""
    wanted = {each.patient for each in store.patients(search)} if search else None
    return (each for each in store.records() if wanted is None or each.number in wanted)


def _summarise(
    wanted: Wanted,
    records: Iterator[Record],
    now: Moment,
    tell: Tell,
    is_cancelled: Callable[[], bool],
) -> None:
    shown = looked_at = 0
    size = _FIRST_BATCH
    while not is_cancelled() and shown < LIMIT and (batch := list(islice(records, size))):
        looked_at, size = looked_at + len(batch), _BATCH
        summaries = [
            each
            for each in summarise_all(batch, now)
            if each.needs_attention or not wanted.attention
        ][: LIMIT - shown]
        shown += len(summaries)
        tell(Summarised(wanted, summaries, looked_at))
    if not is_cancelled():
        tell(Summarised(wanted, [], looked_at, is_last=True))
