"""A visit: several entries about one patient, checked together and stored all or none.

Each part is checked by the functions of its own kind, against the record with the other parts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from dosing import Alerts, UserError
from dosing.alerts import NO_ALERTS
from dosing.knowledge.products import STANDARD_MARKS, SyringeMarks
from monitoring.prescribing import check_prescription
from monitoring.record.enter import ReasonNeededError, check_entry, meaning_together
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryMeaning
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.store.store import Store
    from monitoring.summary import PatientSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPart:
    """An entry of a visit, its last day if it is over, and the part of the form it is from."""

    name: str
    entry: Entry
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartProblem:
    """The reason why a part cannot be stored."""

    name: str
    """The part of the form."""
    text: str
    asks_reason: bool
    """True where the part is stored with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedVisit:
    """The parts of a visit after their checks, the record with them, and their meaning."""

    before: Record
    record: Record
    """With every part that is possible, which are not stored."""
    parts: tuple[VisitPart, ...]
    """Completed from the record, with their overridden alerts."""
    problems: tuple[PartProblem, ...]
    explained: frozenset[str]
    """The parts that are stored only because they have a reason."""
    meaning: EntryMeaning

    @property
    def can_be_stored(self) -> bool:
        """Return whether no part has a problem."""
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitResult:
    """The stored parts of a visit, the record with them, their meaning and the new summary."""

    parts: tuple[VisitPart, ...]
    stored: tuple[StoredEntry[Any], ...]
    record: Record
    meaning: EntryMeaning
    summary: "PatientSummary"


def check_visit(
    record: Record,
    parts: Sequence[VisitPart],
    now: Moment,
    *,
    marks: SyringeMarks = STANDARD_MARKS,
) -> CheckedVisit:
    """Check the parts of a visit, each against the record with the parts before it.

    A dose is checked with the levels and doses of the time before it alone; its alerts are part of
    the meaning. The caller orders the parts: first what others depend on.
    """
    written, asked = record, NO_ALERTS
    kept: list[VisitPart] = []
    problems: list[PartProblem] = []
    explained: set[str] = set()
    for part in parts:
        entry, is_possible = part.entry, True
        try:
            if isinstance(entry, Prescription):
                entry, alerts = _checked_dose(record, parts, entry, now, marks)
                asked += alerts
            else:
                checked = check_entry(written, entry, now, part.ended_on)
                entry, asked = checked.entry, asked + checked.alerts
                explained |= {part.name} if checked.needed_reason else set()
        except ReasonNeededError as error:
            text = f"{error} If it is right, enter the reason."
            problems.append(PartProblem(name=part.name, text=text, asks_reason=True))
            asked += error.alerts
        except UserError as error:
            problems.append(PartProblem(name=part.name, text=str(error), asks_reason=False))
            is_possible = False
        if is_possible:
            kept.append(replace(part, entry=entry))
            written = written.with_entry(entry, now, ended_on=part.ended_on)
    new = [each.number for each in written.entries[len(record.entries) :]]
    means = meaning_together(record, written, new, now)
    return CheckedVisit(
        before=record,
        record=written,
        parts=tuple(kept),
        problems=tuple(problems),
        explained=frozenset(explained),
        meaning=EntryMeaning(means.lines, (asked + means.alerts).distinct().strongest_first()),
    )


def store_visit(
    store: "Store",
    checked: CheckedVisit,
    now: Moment,
    summarise: "Callable[[Record, Moment], PatientSummary]",
) -> VisitResult:
    """Store all parts of a checked visit in one transaction.

    Raises `UserError` for the first problem of a part, and `ConflictError` where somebody else
    changed the record since it was read. Nothing is stored then.
    """
    for problem in checked.problems:
        raise UserError(problem.text)
    if not checked.parts:
        raise UserError("Nothing was entered. Fill in a part of the form.")
    record = checked.before
    entries = [(each.entry, each.ended_on) for each in checked.parts]
    stored = store.add_together(record.number, entries, record.revision)
    written = replace(record, entries=(*record.entries, *stored))
    return VisitResult(
        parts=checked.parts,
        stored=stored,
        record=written,
        meaning=checked.meaning,
        summary=summarise(written, now),
    )


def _checked_dose(
    record: Record,
    parts: Sequence[VisitPart],
    dose: Prescription,
    now: Moment,
    marks: SyringeMarks,
) -> tuple[Prescription, Alerts]:
    """Return a dose with the alerts that it passes, and its alerts at its own time."""
    for each in parts:
        if each.entry is not dose and not _begins_later(each.entry, dose):
            record = record.with_entry(each.entry, now, ended_on=each.ended_on)
    checked = check_prescription(record, dose, now, marks=marks)
    if checked.stopped:
        raise UserError(checked.alerts[0].message)
    return checked.prescription, checked.alerts


def _begins_later(entry: Entry, dose: Prescription) -> bool:
    if isinstance(entry, Prescription):
        return entry.since >= dose.since
    return isinstance(entry, Level) and entry.sampled >= dose.since
