"""The context of the checks: the treatment at a moment, its start and its last change."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from dosing import PROTOCOLS, Age
from dosing.knowledge.intervals import Every
from dosing.knowledge.monitoring_schedule import (
    LONGEST_PAUSE_DAYS,
    STEADY_LEVELS_IN_A_ROW,
    PublishedRhythm,
    Rhythm,
    Schedule,
    rhythm_for,
    schedule_of,
)
from dosing.quantities.formatting import short_date
from monitoring.due.check import Check, Due
from monitoring.due.known_levels import KnownLevels
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.settlement import Settlement
from monitoring.times import Moment
from monitoring.treatment import (
    DosingPeriod,
    ExposureCause,
    ExposureChange,
    OmittedDoses,
    TreatmentHistory,
)


@dataclass(frozen=True, slots=True)
class Need:
    """The first and the last day of a check, the reason and the source."""

    days: tuple[date, date]
    why: str
    source: str
    is_urgent: bool = False
    rhythm: Rhythm | None = None
    """The rhythm in which it is due again once it was missed."""
    is_ever_overdue: bool = True


@dataclass(frozen=True, kw_only=True)
class DueBasis:
    """A record at a moment, and what was settled in it."""

    history: TreatmentHistory
    now: Moment

    @property
    def start(self) -> date:
        """The day from which the interval of a rhythm is chosen."""
        return self.today

    @property
    def record(self) -> Record:
        """The record of the history."""
        return self.history.record

    @cached_property
    def today(self) -> date:
        """The day of the moment, by its own clocks."""
        return self.now.local.date()

    @cached_property
    def _settled(self) -> dict[str, date]:
        """The last day on which each check was settled, by its name in lower case."""
        last: dict[str, date] = {}
        for each in self.record.active(Settlement):
            name, day = each.entry.what.casefold(), each.entry.on
            if day <= self.today:
                last[name] = max(day, last.get(name, day))
        return last

    def settled_on(self, what: str) -> date | None:
        """Return the last day up to today on which a check was settled, or None."""
        return self._settled.get(what.casefold())

    def is_settled(self, what: str, since: date) -> bool:
        """Return whether a check that is needed since a day was settled on it or after it."""
        settled = self.settled_on(what)
        return settled is not None and since <= settled

    def due(self, check: Check, what: str, need: "Need") -> Due:
        """Return the check with its days compared with today.

        Missed for a whole interval of its rhythm it is due again: the days are those of the last
        time.
        """
        since, until, why = *need.days, need.why
        again = None if need.rhythm is None else need.rhythm.interval_at(until, self.start)
        if again is not None and until < self.today:
            last = _last_missed(again, until, self.today)
            if last != until:
                why += f"; missed since {short_date(until)}"
                since, until = since + (last - until), last
        return Due(
            check=check,
            what=what,
            since=since,
            until=until,
            overdue_days=max(0, (self.today - until).days) if need.is_ever_overdue else 0,
            is_open=since <= self.today,
            why=sentence(why),
            source=need.source,
            is_urgent=need.is_urgent,
            is_ever_overdue=need.is_ever_overdue,
            again=again,
        )

    def ask(self, check: Check, what: str, since: date, why: str, source: str) -> Due:
        """Return a question that is open from a day on, and is never overdue."""
        need = Need((since, since), why, source, is_ever_overdue=False)
        return self.due(check, what, need)


@dataclass(frozen=True, kw_only=True)
class DueContext(DueBasis):
    """The treatment at a moment with a current dose, or with a first one to come."""

    known: KnownLevels
    period: DosingPeriod
    """The current dose, or the first one."""
    treatment: tuple[DosingPeriod, ...]
    """The current dose and those before it, back to the last long pause."""
    rhythm: PublishedRhythm | None = None
    """The clinic's choice for levels and blood tests; None for that of the age and the levels."""

    @classmethod
    def of(
        cls,
        record: Record,
        now: Moment,
        known: KnownLevels,
        rhythm: PublishedRhythm | None = None,
    ) -> "DueContext | None":
        """Return the context, or None without a dose of today or to come."""
        history = TreatmentHistory.of(record)
        begun = history.periods_begun_by(now)
        if not begun:
            begun = history.periods[:1]
        elif not begun[-1].holds_at(now):
            return None
        if not begun:
            return None
        return cls(
            history=history,
            now=now,
            known=known,
            period=begun[-1],
            treatment=_without_long_pause(begun),
            rhythm=rhythm,
        )

    @cached_property
    def age(self) -> Age:
        """The patient's age today."""
        return Age.between(self.record.patient.entry.born, self.today)

    @cached_property
    def start(self) -> date:
        """The day of the first dose of this treatment."""
        return day_of(self.treatment[0].since)

    @property
    def has_begun(self) -> bool:
        """Return whether the first dose was given."""
        return self.period.since <= self.now

    @cached_property
    def hold(self) -> OmittedDoses | None:
        """The hold of now, or None."""
        return self.history.hold_at(self.now)

    @property
    def is_tapering(self) -> bool:
        """Return whether the current dose is a step of a plan to stop."""
        return bool(self.period.prescription.entry.is_taper_step)

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule of the current protocol, with the rhythm of the age and of the levels."""
        rhythm = self.rhythm or rhythm_for(self.age.months, steady=self.is_steady)
        return schedule_of(PROTOCOLS[self.period.prescription.entry.protocol], rhythm)

    @cached_property
    def levels(self) -> tuple[StoredEntry[Level], ...]:
        """The active levels of this treatment up to now, in order of time."""
        first = self.treatment[0].since
        found = (e for e in self.record.active(Level) if first <= e.entry.sampled <= self.now)
        return tuple(sorted(found, key=lambda each: (each.entry.sampled.utc, each.number)))

    @cached_property
    def is_steady(self) -> bool:
        """True if the last evaluable levels on the current dose lie in the target."""
        since, target = self.changed.at, self.period.prescription.entry.target
        newest = [
            each.entry
            for each in self.levels
            if not each.entry.is_from_before(since) and each.number in self.known.evaluable
        ][-STEADY_LEVELS_IN_A_ROW:]
        return len(newest) == STEADY_LEVELS_IN_A_ROW and all(
            each.comparator is None
            and (target.low_ng_ml or 0) <= each.value.value <= target.high_ng_ml
            for each in newest
        )

    @cached_property
    def changed(self) -> ExposureChange:
        """The last start, restart, or change of dose or product; not a step of a plan to stop."""
        first = self.treatment[0].since
        found = [
            each
            for each in self.history.exposure_changes
            if each.cause not in {ExposureCause.DRUG, ExposureCause.LOADING}
            and first <= each.at <= self.now
            and not self._is_step(each)
        ]
        return found[-1] if found else ExposureChange(first, ExposureCause.START)

    def _is_step(self, change: ExposureChange) -> bool:
        period = self.history.period_at(change.at)
        return (
            change.cause is ExposureCause.DOSE
            and period is not None
            and bool(period.prescription.entry.is_taper_step)
        )


def sentence(words: str) -> str:
    """Return words as a sentence.

    >>> sentence("every month"), sentence("Was it held?")
    ('Every month.', 'Was it held?')
    """
    end = "" if words.endswith((".", "?")) else "."
    return f"{words[0].upper()}{words[1:]}{end}"


def day_of(moment: Moment) -> date:
    """Return the day of a moment by the clocks of its zone."""
    return moment.local.date()


@lru_cache(maxsize=10_000)
def _last_missed(again: Every, until: date, today: date) -> date:
    """Return the last day before today on which a check was missed, since the first one."""
    return again.last_before(today, until)


def _without_long_pause(begun: tuple[DosingPeriod, ...]) -> tuple[DosingPeriod, ...]:
    """Return the last doses, back to the last pause of more than `LONGEST_PAUSE_DAYS`."""
    first = len(begun) - 1
    while first:
        ended = begun[first - 1].until
        if ended is None or (day_of(begun[first].since) - day_of(ended)).days > LONGEST_PAUSE_DAYS:
            break
        first -= 1
    return begun[first:]
