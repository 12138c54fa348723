"""The context of the checks: the current treatment, its start and its last change."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from dosing import PROTOCOLS, Age
from dosing.knowledge.monitoring_schedule import LONGEST_PAUSE_DAYS, Schedule, schedule_of
from monitoring.due.check import Check, Due
from monitoring.record.entries import Record
from monitoring.times import Moment
from monitoring.treatment import DosingPeriod, TreatmentHistory


@dataclass(frozen=True, kw_only=True)
class DueContext:
    """The treatment at a moment with a current dose, for the checks.

    `evaluable` holds the numbers of the evaluable levels.
    """

    history: TreatmentHistory
    now: Moment
    evaluable: frozenset[int]
    period: DosingPeriod
    """The current dose."""
    treatment: tuple[DosingPeriod, ...]
    """The current dose and those before it, back to the last long pause."""

    @classmethod
    def of(cls, record: Record, now: Moment, evaluable: frozenset[int]) -> "DueContext | None":
        """Return the context, or None without a current dose."""
        history = TreatmentHistory.of(record)
        begun = history.periods_begun_by(now)
        if not begun or not begun[-1].holds_at(now):
            return None
        return cls(
            history=history,
            now=now,
            evaluable=evaluable,
            period=begun[-1],
            treatment=_without_long_pause(begun),
        )

    @property
    def record(self) -> Record:
        """The record of the history."""
        return self.history.record

    @cached_property
    def today(self) -> date:
        """The day of the moment, by its own clocks."""
        return self.now.local.date()

    @cached_property
    def age(self) -> Age:
        """The patient's age today."""
        return Age.between(self.record.patient.entry.born, self.today)

    @cached_property
    def start(self) -> date:
        """The day of the first dose of this treatment."""
        return day_of(self.treatment[0].since)

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule of the current protocol."""
        return schedule_of(PROTOCOLS[self.period.prescription.entry.protocol])

    @cached_property
    def changed(self) -> DosingPeriod:
        """The last dose that was started or changed."""
        return next(each for each in reversed(self.treatment) if each.is_change)

    def due(self, check: Check, what: str, days: tuple[date, date], why: str, source: str) -> Due:
        """Return the check with its days compared with today."""
        since, until = days
        return Due(
            check=check,
            what=what,
            since=since,
            until=until,
            overdue_days=max(0, (self.today - until).days),
            is_open=since <= self.today,
            why=f"{why[0].upper()}{why[1:]}.",
            source=source,
        )


def day_of(moment: Moment) -> date:
    """Return the day of a moment by the clocks of its zone."""
    return moment.local.date()


def _without_long_pause(begun: tuple[DosingPeriod, ...]) -> tuple[DosingPeriod, ...]:
    """Return the last doses, back to the last pause of more than `LONGEST_PAUSE_DAYS`."""
    first = len(begun) - 1
    while first:
        ended = begun[first - 1].until
        if ended is None or (day_of(begun[first].since) - day_of(ended)).days > LONGEST_PAUSE_DAYS:
            break
        first -= 1
    return begun[first:]
