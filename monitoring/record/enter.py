"""Recording an entry, for command and app: it is checked, stored and assessed.

The limits are checked once, and the record is read once, by the caller. The stored entry is
added to that record.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, cast

from dosing import AlertKind, Alerts, UserError
from dosing.alerts import NO_ALERTS
from dosing.knowledge.alert_catalogue import (
    DOSE_OUTGROWN,
    GIVEN_WHILE_HELD,
    LAST_DOSE_IN_QUESTION,
    MILD_PNEUMONITIS,
    OPEN_PNEUMONITIS,
    SEVERE_FINDING,
    SEVERE_PNEUMONITIS,
)
from monitoring.record.entries import Kind, Record, StopRecord, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.entry_checks import check_times
from monitoring.record.entry_kind import EntryMeaning, Meaning
from monitoring.record.kinds import kind_of
from monitoring.record.patient import Patient
from monitoring.record.same_entries import alerts_of, same_entries
from monitoring.state import StateKind, as_listed, state_at
from monitoring.times import Moment, short
from monitoring.treatment import growth_drift

if TYPE_CHECKING:
    from monitoring.store.store import Store
    from monitoring.summary import PatientSummary

_TOLD_WITH_THE_EVENT = frozenset(
    each.code for each in (MILD_PNEUMONITIS, OPEN_PNEUMONITIS, SEVERE_PNEUMONITIS, SEVERE_FINDING)
)
"""The codes whose fact the assessment of the event or value itself tells."""


class ReasonNeededError(UserError):
    """A limit is exceeded: the entry is stored only with a reason."""

    def __init__(self, message: str, alerts: Alerts) -> None:
        """Take the message of the first stop, and all alerts of the limits."""
        super().__init__(message)
        self.alerts = alerts


@dataclass(frozen=True, slots=True)
class CheckedEntry(Generic[Kind]):
    """An entry that may be stored, with its overridden alerts, and the alerts of the limits."""

    entry: Kind
    alerts: Alerts = NO_ALERTS
    needed_reason: bool = False
    """Whether it is stored only because it has a reason."""


@dataclass(frozen=True, slots=True)
class EntryResult:
    """A stored entry, the record with it, the alerts of the limits, and its meaning."""

    recorded: StoredEntry[Any]
    record: Record
    alerts: Alerts
    answer: EntryMeaning
    assessed: Any = None
    """The assessment of the entry; None for a kind without one."""
    summary: "PatientSummary | None" = None
    """The patient's summary with the entry, if it was requested."""


def check_entry(
    record: Record, entry: Kind, now: Moment, ended_on: date | None = None
) -> CheckedEntry[Kind]:
    """Return the entry, completed from the record, with the alerts that its reason overrides.

    Raises `UserError` for a time before the birth or in the future, and `ReasonNeededError` for an
    exceeded limit, or for another entry about the same time, without a reason. The reason of that
    other entry does not explain a second one.
    """
    check_times(entry, record.patient.entry.born, now)
    if ended_on:
        check_times(StopRecord(of=0, on=ended_on), record.patient.entry.born, now)
    kind = kind_of(entry)
    if kind.completed:
        entry = kind.completed(record, entry)
    others = same_entries(record, entry, ended_on)
    same = alerts_of(entry, others)
    limits = kind.limits(record, entry) if kind.limits else NO_ALERTS
    alerts, asking = same + limits, (*limits.of_kind(AlertKind.STOP), *same)
    reason = getattr(entry, "reason", None)
    if asking and (not reason or any(reason == each.entry.reason for each in others)):
        raise ReasonNeededError(asking[0].message, alerts)
    if kind.limits is None:
        return CheckedEntry(entry, alerts, bool(asking))
    guarded = cast("Any", entry)  # a kind with limits has overridden alerts, too
    passed = replace(guarded, overridden_alerts=limits.codes_of(AlertKind.STOP))
    return CheckedEntry(passed, alerts, bool(asking))


def enter(  # noqa: PLR0913 - an entry, its record, and the answer wanted
    store: "Store",
    record: Record,
    entry: Entry,
    now: Moment,
    *,
    ended_on: date | None = None,
    summarise: "Callable[[Record, Moment], PatientSummary] | None" = None,
) -> EntryResult:
    """Check an entry, store it, and return its meaning in the record with it.

    With `summarise` the meaning is taken from the summary, which is part of the result. Raises the
    errors of `check_entry`, and `ConflictError` if somebody else changed the record meanwhile.
    """
    checked = check_entry(record, entry, now, ended_on)
    kept = store.add(record.number, checked.entry, revision=record.revision, ended_on=ended_on)
    written = replace(record, entries=(*record.entries, kept))
    summary = summarise(written, now) if summarise else None
    meaning = kind_of(entry).meaning
    assessed = _assessment(written, kept.number, meaning, summary) if meaning else None
    means = meaning.answer(written, assessed) if meaning else EntryMeaning()
    means = _with_raised(means, record, written, now)
    return EntryResult(kept, written, checked.alerts, means, assessed, summary)


def would_mean(record: Record, written: Record, now: Moment) -> EntryMeaning:
    """Return the meaning that `enter` gives for the last entry of a record, before it is stored."""
    return _with_raised(answer(written, written.entries[-1].number), record, written, now)


def meaning_together(
    record: Record, written: Record, numbers: Collection[int], now: Moment
) -> EntryMeaning:
    """Return the meaning of entries that `written` has beyond `record`, each fact once.

    Of several entries the first line of each says which one it is about.
    """
    means = EntryMeaning()
    entries = {each.number: each.entry for each in written.entries}
    for number in numbers:
        found = answer(written, number)
        if len(numbers) > 1 and found.lines:
            first, *more = found.lines
            found = replace(found, lines=(f"{_called(entries[number])}: {first}", *more))
        means += found
    once = replace(means, lines=tuple(dict.fromkeys(means.lines)))
    return _with_raised(once, record, written, now)


def _called(entry: Entry) -> str:
    """Return what an entry is about in a word: the event, the test, or its kind."""
    name = getattr(entry, "term", None) or getattr(entry, "test", None) or kind_of(entry).what
    return f"{name[:1].upper()}{name[1:]}"


def _with_raised(means: EntryMeaning, record: Record, written: Record, now: Moment) -> EntryMeaning:
    """Return a meaning with what the entry raises about the treatment."""
    raised = _raised(record, written, now)
    is_told = bool(raised.of_code(GIVEN_WHILE_HELD.code))  # it asks about the same dose
    of_entry = means.alerts.without({LAST_DOSE_IN_QUESTION.code} if is_told else ())
    alerts = (raised + of_entry).strongest_first()
    return replace(means, alerts=alerts)


def _raised(record: Record, written: Record, now: Moment) -> Alerts:
    """Return what the entry raises about the treatment: see `_about_treatment`.

    The state before it is worked out only where there is something to tell.
    """
    new = _about_treatment(written, now)
    known = _about_treatment(record, now) if new else NO_ALERTS
    return Alerts(each for each in new if each not in known)


def _about_treatment(record: Record, now: Moment) -> Alerts:
    """Return open questions, contraindications, and a dose that the body has outgrown."""
    state = state_at(record, now)
    found = state.questions + as_listed(state).without(_TOLD_WITH_THE_EVENT)
    drift = growth_drift(state.history, now) if state.kind is StateKind.ON else None
    if drift is not None and drift.is_told:
        found += Alerts((DOSE_OUTGROWN.alert(drift=str(drift)),))
    return found


def answer(record: Record, number: int) -> EntryMeaning:
    """Return the meaning of one entry of a record; empty for a kind without one."""
    entry = next(each.entry for each in record.entries if each.number == number)
    meaning = kind_of(entry).meaning
    if meaning is None:
        return EntryMeaning()
    return meaning.answer(record, _assessment(record, number, meaning, None))


def _assessment(
    record: Record, number: int, meaning: Meaning, summary: "PatientSummary | None"
) -> Any:
    """Return the assessment of one entry, from the summary if it has one."""
    if summary is not None:
        known = meaning.by_number(getattr(summary, meaning.in_summary)).get(number)
        if known is not None:
            return known
    return meaning.by_number(meaning.assess(record))[number]


def check_patient(patient: Patient, today: date) -> None:
    """Raise `UserError` for a date of birth in the future."""
    if patient.born > today:
        raise UserError(f"{short(patient.born)} is in the future. Check the date of birth.")
