"""Finding the worklist's patients in the database, and where each of them stands.

It runs in a worker and only posts messages: first who the patients are, then where they stand,
those in sight first.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from textual.message import Message

from dosing import UserError

if TYPE_CHECKING:
    from monitoring.record.entries import Record, StoredEntry
    from monitoring.record.patient import Patient
    from monitoring.store.store import Store
    from monitoring.summary import PatientSummary
    from monitoring.times import Moment

LIMIT = 200
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a part of a name or number, and whether only who needs attention."""

    search: str = ""
    attention: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRequest:
    """What is asked for as of a moment, and what is in sight.

    `rows` is for how many patients there is room, at least 1; `in_sight` are the numbers of those
    who are shown there now.
    """

    wanted: Wanted
    now: "Moment"
    rows: int
    in_sight: frozenset[int]


@dataclass
class PatientsFound(Message):
    """Who the patients are, of how many, as of which change; the summaries follow."""

    wanted: Wanted
    patients: "tuple[StoredEntry[Patient], ...]"
    total: int
    last_change: int


@dataclass
class SummariesReady(Message):
    """Where some of the patients stand; of so many of all, and whether that was the last."""

    wanted: Wanted
    summaries: "list[PatientSummary]"
    looked_at: int
    is_last: bool = False


@dataclass
class NotFilled(Message):
    """The records could not be read: why."""

    problem: str


Tell = Callable[[Message], object]


def fill(
    store: "Store", asked: WorklistRequest, tell: Tell, is_cancelled: Callable[[], bool]
) -> None:
    """Find the patients and tell of them; stops where it is cancelled."""
    wanted = asked.wanted
    try:
        last_change = store.last_change()
        total = store.count_patients(wanted.search)
        patients = () if wanted.attention else store.patients(wanted.search, LIMIT)
        tell(PatientsFound(wanted, patients, total, last_change))
        told = _in_need(store, asked) if wanted.attention else _of(store, asked, patients)
        for each in told:
            if is_cancelled():
                return
            tell(each)
    except UserError as error:
        tell(NotFilled(str(error)))


def _of(
    store: "Store", asked: WorklistRequest, patients: "Sequence[StoredEntry[Patient]]"
) -> Iterator[SummariesReady]:
    """Yield where these patients stand, those in sight first."""
    from monitoring.summary import summarise_all  # noqa: PLC0415 - heavy

    numbers = [each.patient for each in patients]
    numbers.sort(key=lambda number: number not in asked.in_sight)
    start, end = 0, asked.rows
    while start < len(numbers):
        summaries = summarise_all(store.read_some(numbers[start:end]), asked.now)
        yield SummariesReady(asked.wanted, summaries, end, is_last=end >= len(numbers))
        start, end = end, end + _BATCH
    if not numbers:
        yield SummariesReady(asked.wanted, [], 0, is_last=True)


def _in_need(store: "Store", asked: WorklistRequest) -> Iterator[SummariesReady]:
    """Yield who needs attention; any of those whom the search finds may."""
    from monitoring.summary import summarise_all  # noqa: PLC0415 - heavy

    records = _records_like(store, asked.wanted.search)
    shown = looked_at = 0
    while shown < LIMIT and (batch := list(islice(records, _BATCH))):
        summaries = [each for each in summarise_all(batch, asked.now) if each.needs_attention]
        summaries = summaries[: LIMIT - shown]
        shown, looked_at = shown + len(summaries), looked_at + len(batch)
        yield SummariesReady(asked.wanted, summaries, looked_at)
    yield SummariesReady(asked.wanted, [], looked_at, is_last=True)


def _records_like(store: "Store", search: str) -> "Iterator[Record]":
    """Yield the records of all patients that the search finds."""
    wanted = {each.patient for each in store.patients(search)} if search else None
    return (each for each in store.records() if wanted is None or each.number in wanted)
