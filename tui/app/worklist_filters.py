"""The filters of the worklist: the patients of each, and their counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitoring.terms import Status, Urgency
from monitoring.worklist_index.row import WorklistRow

Keeps = Callable[[WorklistRow, str], bool]


@dataclass(frozen=True, slots=True)
class WorklistFilter:
    """One filter: the action that chooses it, its title, and the rows that it keeps.

    `keeps` takes a row and the name of the present user.
    """

    action: str
    title: str
    keeps: Keeps
    in_words: str
    """Its patients, after their number; empty for all."""


def _is_by(row: WorklistRow, user: str) -> bool:
    return user in row.authors


FILTERS = (
    WorklistFilter("all-patients", "All", lambda _row, _user: True, ""),
    WorklistFilter(
        "urgent-patients", "Urgent", lambda row, _user: row.urgency is Urgency.URGENT, "urgent"
    ),
    WorklistFilter(
        "due-patients", "Due", lambda row, _user: bool(row.overdue or row.due),
        "with a check due or overdue",
    ),
    WorklistFilter("held-patients", "On hold", lambda row, _user: row.is_on_hold, "on hold"),
    WorklistFilter(
        "patients-above", "Above", lambda row, _user: row.off_target is Status.ABOVE,
        "whose last level is above the target",
    ),
    WorklistFilter(
        "patients-below", "Below", lambda row, _user: row.off_target is Status.BELOW,
        "whose last level is below the target",
    ),
    WorklistFilter("my-patients", "Mine", _is_by, "with an entry of yours"),
)  # fmt: skip
"""All filters, in the order of their keys; the first keeps all."""
ALL = FILTERS[0]


def filter_named(action: str) -> WorklistFilter:
    """Return the filter that an action chooses."""
    return next(each for each in FILTERS if each.action == action)


def kept_by(
    chosen: WorklistFilter, rows: Iterable[WorklistRow], user: str
) -> tuple[WorklistRow, ...]:
    """Return the rows that a filter keeps, in their order."""
    return tuple(row for row in rows if chosen.keeps(row, user))


def counts_of(rows: Sequence[WorklistRow], user: str) -> Mapping[str, int]:
    """Return how many rows each filter keeps, by its action."""
    return {each.action: sum(each.keeps(row, user) for row in rows) for each in FILTERS}
