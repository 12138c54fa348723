"""Doses that were not given: one missed, or all of a hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.level_causes import excluded_levels
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.times import Moment


@dataclass(frozen=True, slots=True)
class OmittedDoses:
    """One dose that was missed, or the doses held from one moment to another.

    `until` is the end of a hold: as recorded, or the first sign that doses were given again. It is
    None for one missed dose, and while a hold lasts.
    """

    recorded: StoredEntry[MissedDose]
    until: Moment | None

    @property
    def at(self) -> Moment:
        """The time of the missed dose, or the beginning of the hold."""
        return self.recorded.entry.at

    @property
    def kind(self) -> NotGiven:
        """The kind: missed, or held."""
        return self.recorded.entry.kind

    @property
    def reason(self) -> str:
        """The reason as recorded; empty without one."""
        return self.recorded.entry.reason

    @property
    def is_one_dose(self) -> bool:
        """Return whether it is one missed dose."""
        return self.until is None and not self.is_hold

    @property
    def is_hold(self) -> bool:
        """Return whether doses were held on purpose, or over a time."""
        return self.kind is NotGiven.HELD or self.recorded.entry.until is not None

    @property
    def is_end_asked(self) -> bool:
        """Return whether nobody recorded that the hold is open, nor its end."""
        entry = self.recorded.entry
        return self.is_hold and self.until is None and not entry.is_open

    @property
    def is_restarted(self) -> bool:
        """Return whether the dose at the end was given: it was restarted then."""
        return self.recorded.entry.until is None

    def holds_at(self, moment: Moment) -> bool:
        """Return whether doses are held at a moment."""
        return self.is_hold and self.at <= moment and (self.until is None or moment < self.until)

    def omits(self, due: Moment) -> bool:
        """Return whether a dose due at a moment was not given."""
        if self.is_one_dose:
            return self.at.utc == due.utc
        last = self.until
        if due < self.at:
            return False
        if last is None or due < last:
            return True
        return due.utc == last.utc and not self.is_restarted


def omitted_doses(record: Record) -> tuple[OmittedDoses, ...]:
    """Return the doses missed or held, in the order of entry.

    A hold ends where its end is recorded, else where a prescription follows it. A hold of which
    nobody said that it is open also ends at the last dose of a later level, unless it was assumed.
    """
    return tuple(OmittedDoses(each, _until(record, each)) for each in record.active(MissedDose))


def _until(record: Record, recorded: StoredEntry[MissedDose]) -> Moment | None:
    missed = recorded.entry
    ends = [recorded.ending.entry.at] if recorded.ending and recorded.ending.entry.at else []
    if missed.until is not None:
        return min([missed.until, *ends])
    if missed.kind is not NotGiven.HELD:
        return None
    ends += [
        each.entry.since
        for each in record.active(Prescription)
        if missed.at < each.entry.since
        # A step that was planned before the hold is no decision to restart.
        and (recorded.number < each.number or not (missed.is_open or each.entry.is_taper_step))
    ]
    if not missed.is_open:
        ends += [last for _, last in stated_last_doses(record) if missed.at < last]
    return min(ends, default=None)


def stated_last_doses(record: Record) -> Iterator[tuple[Level, Moment]]:
    """Yield the levels with a last dose that somebody stated.

    One that was assumed shows nothing, nor does that of an excluded level.
    """
    excluded = excluded_levels(record)
    for each in record.active(Level):
        level = each.entry
        if level.last_dose is None or level.last_dose_assumed or each.number in excluded:
            continue
        yield level, level.last_dose
