"""The way of an entry into the record, for command and app: checked, stored, and what it means.

The limits are asked once, and the record is read once: by who calls. What the store wrote is put
into that record, so that it is the record as it is now.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, cast

from dosing import AlertKind, Alerts, UserError
from dosing.alerts import NO_ALERTS
from monitoring.record.entries import Kind, Record, StopRecord, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.entry_checks import check_times
from monitoring.record.entry_kind import EntryMeaning, Meaning
from monitoring.record.kinds import kind_of
from monitoring.record.patient import Patient
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.store.store import Store
    from monitoring.summary import PatientSummary


class ReasonNeededError(UserError):
    """A limit asks again: the entry is stored only with a reason."""

    def __init__(self, message: str, asked: Alerts) -> None:
        """Take the sentence of the first stop, and all that the limits found."""
        super().__init__(message)
        self.asked = asked


@dataclass(frozen=True, slots=True)
class CheckedEntry(Generic[Kind]):
    """An entry that may be stored: with the codes that its reason passed, and what was asked."""

    entry: Kind
    asked: Alerts = NO_ALERTS


@dataclass(frozen=True, slots=True)
class EntryResult:
    """What was stored, in the record as it is now; what the limits asked, and what it means."""

    recorded: StoredEntry[Any]
    record: Record
    asked: Alerts
    answer: EntryMeaning
    assessed: Any = None
    """What the program makes of the entry; None where it means what it says."""
    summary: "PatientSummary | None" = None
    """Where the patient stands now, for who shows it."""


def check_entry(
    record: Record, entry: Kind, now: Moment, ended_on: date | None = None
) -> CheckedEntry[Kind]:
    """Return the entry as it is to be stored, with the codes of what its reason passed.

    Raises `UserError` for what would have happened before the birth or in the future, and
    `ReasonNeededError` where a limit asks again and there is no reason.
    """
    check_times(entry, record.patient.entry.born, now)
    if ended_on:
        check_times(StopRecord(of=0, on=ended_on), record.patient.entry.born, now)
    limits = kind_of(entry).limits
    if limits is None:
        return CheckedEntry(entry)
    asked = limits(record, entry)
    stops = asked.of_kind(AlertKind.STOP)
    guarded = cast("Any", entry)  # what has limits has a reason, and the codes it passed
    if stops and not guarded.reason:
        raise ReasonNeededError(stops[0].message, asked)
    overridden_alerts = asked.codes_of(AlertKind.STOP)
    return CheckedEntry(replace(guarded, overridden_alerts=overridden_alerts), asked)


def enter(  # noqa: PLR0913 - what an entry is checked on, and what is wanted back
    store: "Store",
    record: Record,
    entry: Entry,
    now: Moment,
    *,
    ended_on: date | None = None,
    summarise: "Callable[[Record, Moment], PatientSummary] | None" = None,
) -> EntryResult:
    """Check an entry, store it, and return what it means in the record as it is now.

    With `summarise` the meaning is taken from the summary, which the result holds. Raises what
    `check_entry` raises, and `ConflictError` where somebody else wrote since the record was read.
    """
    checked = check_entry(record, entry, now, ended_on)
    kept = store.add(record.number, checked.entry, revision=record.revision, ended_on=ended_on)
    written = replace(record, entries=(*record.entries, kept))
    summary = summarise(written, now) if summarise else None
    meaning = kind_of(entry).meaning
    if meaning is None:
        return EntryResult(kept, written, checked.asked, EntryMeaning(), summary=summary)
    assessed = _assessment(written, kept.number, meaning, summary)
    means = meaning.answer(written, assessed)
    return EntryResult(kept, written, checked.asked, means, assessed, summary)


def answer(record: Record, number: int) -> EntryMeaning:
    """Return what one entry of a record means; nothing where it means what it says."""
    entry = next(each.entry for each in record.entries if each.number == number)
    meaning = kind_of(entry).meaning
    if meaning is None:
        return EntryMeaning()
    return meaning.answer(record, _assessment(record, number, meaning, None))


def _assessment(
    record: Record, number: int, meaning: Meaning, summary: "PatientSummary | None"
) -> Any:
    """Return what the program makes of one entry: the summary's own assessment where it has one."""
    if summary is not None:
        known = meaning.by_number(getattr(summary, meaning.in_summary)).get(number)
        if known is not None:
            return known
    return meaning.by_number(meaning.assess(record))[number]


def check_patient(patient: Patient, today: date) -> None:
    """Raise `UserError` for a date of birth in the future."""
    if patient.born > today:
        raise UserError(f"{patient.born} lies in the future: enter the date of birth again.")
