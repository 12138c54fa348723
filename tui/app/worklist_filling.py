"""The rows of the worklist, read from the database in a worker, which only posts messages."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from textual.message import Message

from dosing import UserError
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices

if TYPE_CHECKING:
    from monitoring.store.store import Store
    from monitoring.times import Moment
    from monitoring.worklist.row import WorklistRow

_BATCH = 50


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


@dataclass
class NotFilled(Message):
    """The records cannot be read: the reason."""

    problem: str


Post = Callable[[Message], object]


def fill(
    store: "Store", request: WorklistRequest, post: Post, is_cancelled: Callable[[], bool]
) -> None:
    """Find the patients and post their rows; stop when it is cancelled."""
    from monitoring.summary import summarise_all  # noqa: PLC0415 - heavy
    from monitoring.worklist.row import row_of  # noqa: PLC0415 - as above

    search = request.search
    try:
        last_change, total = store.last_change(), store.count_patients(search)
        wanted = {each.patient for each in store.patients(search)}
        records = (each for each in store.records() if each.number in wanted)
        rows: tuple[WorklistRow, ...] = ()
        while (batch := list(islice(records, _BATCH))) and not is_cancelled():
            rows += tuple(map(row_of, summarise_all(batch, request.now, request.clinic)))
            post(RowsReady(search, rows, total, last_change))
        if not is_cancelled():
            unreadable = total - len(rows)
            post(RowsReady(search, rows, total, last_change, unreadable, is_last=True))
    except UserError as error:
        post(NotFilled(str(error)))
