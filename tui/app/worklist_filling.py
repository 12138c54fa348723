"""The rows of the worklist, read from the database in a worker, which only posts messages.

The rows of the index come first, all at once. Those that it does not have are made from the records
and kept in it for the next time: those that a search finds, then the others, for the counts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from dosing import UserError
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices

if TYPE_CHECKING:
    from monitoring.store.store import Store
    from monitoring.times import Moment
    from monitoring.worklist_index.index import WorklistIndex
    from monitoring.worklist_index.row import WorklistRow

_FIRST_BATCH, _BATCH = 20, 50
_GROWTH = 1.25  # of the list, before it is shown again


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRequest:
    """The search, the present moment and the clinic's choices."""

    search: str
    now: "Moment"
    clinic: ClinicChoices = USUAL_CHOICES


@dataclass
class RowsReady(Message):
    """The rows of the patients found so far, and how many there are in all."""

    search: str
    rows: "tuple[WorklistRow, ...]"
    total: int
    last_change: int
    unreadable: int = 0
    """How many patients cannot be read, and are not listed; known with the last rows."""
    is_last: bool = False
    """Whether every patient of the search has a row."""
    everyone: "tuple[WorklistRow, ...] | None" = None
    """The rows of the whole clinic, whatever is searched; None until all of them are known."""


@dataclass
class NotFilled(Message):
    """The records cannot be read: the reason."""

    problem: str


Post = Callable[[Message], object]


def fill(
    store: "Store", request: WorklistRequest, post: Post, is_cancelled: Callable[[], bool]
) -> None:
    """Find the patients and post their rows; stop when it is cancelled."""
    try:
        for each in _messages(store, request, is_cancelled):
            if is_cancelled():
                return
            post(each)
    except UserError as error:
        post(NotFilled(str(error)))


def _messages(
    store: "Store", request: WorklistRequest, is_cancelled: Callable[[], bool]
) -> Iterator[RowsReady]:
    """Yield the rows of the index, then with them those that are made from the records."""
    from monitoring.worklist_index.index import WorklistIndex  # noqa: PLC0415 - after the first frame
    from monitoring.worklist_index.row import row_of  # noqa: PLC0415 - as above

    search, last_change = request.search, store.last_change()
    index = WorklistIndex(store, request.now, request.clinic)
    rows, others, missing, missing_others = _found(store, index, search)
    total = store.count_patients(search) if missing else len(rows)
    shown = len(rows)

    def last(unreadable: int = 0) -> RowsReady:
        everyone = None if missing_others else (*rows, *others)
        found = tuple(rows)
        return RowsReady(
            search, found, total, last_change, unreadable, is_last=True, everyone=everyone
        )

    if not missing:
        yield last()
    elif rows:
        yield RowsReady(search, tuple(rows), total, last_change)
    for patients in _batches(missing):
        if is_cancelled():
            return
        summaries = index.summaries_of(patients)
        rows += map(row_of, summaries)
        if len(rows) >= shown * _GROWTH:
            shown = len(rows)
            yield RowsReady(search, tuple(rows), total, last_change)
        index.keep(summaries)
    if missing:
        yield last(total - len(rows))
    if missing_others:
        others += _made(index, missing_others, is_cancelled)
        missing_others = []
        yield last(total - len(rows))


def _made(
    index: "WorklistIndex", patients: Sequence[int], is_cancelled: Callable[[], bool]
) -> "Iterator[WorklistRow]":
    """Yield the rows of patients whom the index does not have, and keep them in it."""
    from monitoring.worklist_index.row import row_of  # noqa: PLC0415 - after the first frame

    for each in _batches(patients):
        if is_cancelled():
            return
        summaries = index.summaries_of(each)
        yield from map(row_of, summaries)
        index.keep(summaries)


def _found(
    store: "Store", index: "WorklistIndex", search: str
) -> "tuple[list[WorklistRow], list[WorklistRow], list[int], list[int]]":
    """Return the rows of the index: those that a search finds, and the others.

    After them the patients whom the index does not have, in the same way.
    """
    from monitoring.record.name_keys import is_found  # noqa: PLC0415 - after the first frame

    rows: list[WorklistRow] = []
    others: list[WorklistRow] = []
    missing: list[int] = []
    for each in index.patients():
        if each.row is None:
            missing.append(each.patient)
        elif is_found(search, each.row.record_number, each.row.name):
            rows.append(each.row)
        else:
            others.append(each.row)
    missing_others: list[int] = []
    if missing and search:
        found = {each.patient for each in store.patients(search)}
        missing_others = [each for each in missing if each not in found]
        missing = [each for each in missing if each in found]
    return rows, others, missing, missing_others


def _batches(patients: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield patients in batches, the first of which fills a screen."""
    start, end = 0, _FIRST_BATCH
    while start < len(patients):
        yield patients[start:end]
        start, end = end, end + _BATCH
