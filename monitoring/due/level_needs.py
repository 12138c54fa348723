"""What asks for a level: changes of exposure, interacting drugs, and levels that ask for another.

Rules: course of treatment, section 4. A trough completes a need if it is evaluable; one that is
asked for early on purpose (by a drug or a level) is completed by any sample at the time of a
trough, even before the steady state.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from dosing.knowledge.limits import YOUNG_INFANT_BELOW_MONTHS
from dosing.knowledge.monitoring_schedule import STEADY_LEVELS_IN_A_ROW, Window
from dosing.knowledge.tdm_rules import HIGH_LEVELS, JUMP, LOADED_WITH_CHANGE, PEAK_WITHIN
from dosing.quantities.formatting import short_date
from dosing.quantities.text import shortened
from monitoring.due.context import DueContext, Need, day_of
from monitoring.levels.trough import is_trough, trough_window
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Comparator, Level, LevelCauseAnswer, written
from monitoring.times import Moment
from monitoring.treatment import DrugChange, ExposureCause

LEVEL = "trough level"
_VERY_HIGH, _HIGH = (each.above.value for each in HIGH_LEVELS[:2])
_WORDS = {
    ExposureCause.START: "first dose",
    ExposureCause.RESTART: "restart",
    ExposureCause.DOSE: "dose change",
    ExposureCause.PRODUCT: "change of product",
}


@dataclass(frozen=True)
class LevelNeeds:
    """The open reasons for a level at a moment."""

    context: DueContext

    @cached_property
    def levels(self) -> tuple[StoredEntry[Level], ...]:
        """The active levels of this treatment up to now, in order of time."""
        first, now = self.context.treatment[0].since, self.context.now
        found = (
            each for each in self.context.record.active(Level) if first <= each.entry.sampled <= now
        )
        return tuple(sorted(found, key=lambda each: (each.entry.sampled.utc, each.number)))

    @cached_property
    def _excluded(self) -> frozenset[int]:
        """The levels that are excluded, by the last answer about each."""
        answers = {
            each.entry.of: each.entry.is_excluded
            for each in sorted(
                self.context.record.active(LevelCauseAnswer), key=lambda each: each.number
            )
        }
        return frozenset(number for number, is_excluded in answers.items() if is_excluded)

    @cached_property
    def last_evaluable(self) -> date | None:
        """The day of the last evaluable level of this treatment."""
        days = [day_of(e.entry.sampled) for e in self.levels if e.number in self.context.evaluable]
        return max(days, default=None)

    @cached_property
    def loads(self) -> tuple[Moment, ...]:
        """The loading doses with the last change or after it."""
        context = self.context
        return tuple(
            each.entry.since
            for each in context.history.loading_doses
            if each.entry.since <= context.now
            and each.entry.since.hours_since(context.changed.at) >= -LOADED_WITH_CHANGE.value
        )

    @cached_property
    def needed_since(self) -> Moment:
        """The last change of the dose or loading dose."""
        return max([self.context.changed.at, *self.loads])

    def open(self) -> tuple[Need, ...]:
        """Return the open needs, the earliest first; on hold only those of levels.

        A rhythm is named only where it comes first.
        """
        found = [*self._of_levels()]
        if self.context.hold is None:
            found += [*self._of_drugs(), *(self._of_exposure or self._of_rhythm())]
            found += self._of_young_infant()
        found.sort(key=lambda need: (need.days[1], need.days[0]))
        return tuple(need for need in found if need is found[0] or need.rhythm is None)

    # --- the dose

    @cached_property
    def _of_exposure(self) -> tuple[Need, ...]:
        """The need of the last change or loading dose, unless an evaluable level followed it."""
        context, since = self.context, self.needed_since
        is_done = any(
            since <= each.entry.sampled and each.number in context.evaluable for each in self.levels
        )
        if context.is_tapering or is_done or context.is_settled(LEVEL, day_of(since)):
            return ()
        window, day, what = self._after_change()
        why = f"{window} after the {what} on {short_date(day)}"
        return (Need(window.after(day), why, window.source),)

    def _after_change(self) -> tuple[Window, date, str]:
        """Return the window after the last change or loading dose, its day and its cause.

        A loading dose with the change makes its level an earlier one; of several the last applies.
        """
        changed, schedule = self.context.changed, self.context.schedule
        needed = [(schedule.level_after_load, day_of(load), "loading dose") for load in self.loads]
        if not any(
            abs(load.hours_since(changed.at)) <= LOADED_WITH_CHANGE.value for load in self.loads
        ):
            is_start = changed.at == self.context.treatment[0].since
            needed.append(
                (schedule.first_level, self.context.start, _WORDS[ExposureCause.START])
                if is_start
                else (schedule.level_after_change, day_of(changed.at), _WORDS[changed.cause])
            )
        return max(needed, key=lambda each: each[0].after(each[1]))

    def _of_rhythm(self) -> tuple[Need, ...]:
        context = self.context
        rhythm = context.schedule.level
        if context.is_tapering:
            rhythm = context.schedule.level_while_tapering
        last, words = self._base()
        why = f"{rhythm} while tapering" if context.is_tapering else str(rhythm)
        days = rhythm.next_after(last, context.start)
        return (Need(days, f"{why}; {words}", rhythm.source, rhythm=rhythm),)

    def _base(self) -> tuple[date, str]:
        """Return the day from which the rhythm counts, and what was on it."""
        settled = self.context.settled_on(LEVEL)
        last = self.last_evaluable
        if settled is not None and (last is None or last < settled):
            return settled, f"settled on {short_date(settled)}"
        if last is None:
            last = day_of(self.needed_since)
            return last, f"none evaluable since {short_date(last)}"
        return last, f"last evaluable level on {short_date(last)}"

    def _of_young_infant(self) -> Iterator[Need]:
        """Yield the weekly level of a young infant, until enough in a row lie in the target."""
        context = self.context
        if context.age.months >= YOUNG_INFANT_BELOW_MONTHS or self._is_steady:
            return
        rhythm = context.schedule.level_of_young_infant
        changes = [each.at for each in context.history.exposure_changes if each.at <= context.now]
        base = max([day_of(self.needed_since), *map(day_of, changes[-1:])])
        if self.last_evaluable is not None:
            base = max(base, self.last_evaluable)
        if (settled := context.settled_on(LEVEL)) is not None:
            base = max(base, settled)
        why = (
            f"every week under {YOUNG_INFANT_BELOW_MONTHS} months until "
            f"{STEADY_LEVELS_IN_A_ROW} levels in a row lie in the target"
        )
        days = rhythm.next_after(base, context.start)
        yield Need(days, why, rhythm.source, rhythm=rhythm)

    @property
    def _is_steady(self) -> bool:
        """Return whether the last evaluable levels lie in the target."""
        found = [each for each in self.levels if each.number in self.context.evaluable]
        newest = found[-STEADY_LEVELS_IN_A_ROW:]
        return len(newest) == STEADY_LEVELS_IN_A_ROW and all(map(self._is_within, newest))

    def _is_within(self, level: StoredEntry[Level]) -> bool:
        period = self.context.history.period_at(level.entry.sampled)
        if period is None or level.entry.comparator is not None:
            return False
        target, value = period.prescription.entry.target, level.entry.value.value
        return (target.low_ng_ml or 0) <= value <= target.high_ng_ml

    # --- drugs

    def _of_drugs(self) -> Iterator[Need]:
        """Yield the need of each start and end of a drug that surely changes the level."""
        context = self.context
        begun = max([each.at for each in context.history.exposure_changes
                     if each.cause in {ExposureCause.START, ExposureCause.RESTART}
                     and each.at <= context.now], default=context.treatment[0].since)  # fmt: skip
        for drug in context.history.drugs:
            days_changed = [each for each in drug.changes if each.day <= context.today]
            if not days_changed or not drug.surely_changing_level:
                continue
            change = days_changed[-1]
            if change.day > max(day_of(begun), context.start):
                yield from self._of_drug(change)

    def _of_drug(self, change: DrugChange) -> Iterator[Need]:
        """Yield the first or the second level after the start or the end of a drug."""
        context, schedule = self.context, self.context.schedule
        first, again = schedule.level_after_drug, schedule.level_after_drug_again
        days, days_again = first.after(change.day), again.after(change.day)
        words = f"{shortened(change.drug.name)} was {change.verb} on {short_date(change.day)}"
        if self._is_taken(days_again[0]) or context.is_settled(LEVEL, days_again[0]):
            return
        if not self._is_taken(days[0]) and not context.is_settled(LEVEL, change.day):
            yield Need(days, f"{first} after {words}", first.source, is_urgent=True)
            return
        is_urgent = days_again[0] <= context.today
        yield Need(days_again, f"{again} after {words}", again.source, is_urgent=is_urgent)

    def _is_taken(self, day: date) -> bool:
        """Return whether a sample at the time of a trough was taken on a day or later."""
        return any(day <= day_of(each.entry.sampled) for each in self._troughs)

    @cached_property
    def _troughs(self) -> tuple[StoredEntry[Level], ...]:
        """The levels at the time of a trough, or during a hold; without the excluded ones."""
        return tuple(
            each
            for each in self.levels
            if each.number not in self._excluded and self._is_timed(each.entry)
        )

    def _is_timed(self, level: Level) -> bool:
        history = self.context.history
        hold = history.hold_at(level.sampled)
        if hold is not None and level.last_dose is None:
            return True
        if level.last_dose is None:
            return False
        period = history.period_at(level.last_dose)
        if period is None:
            return False
        since = level.sampled.utc - level.last_dose.utc
        if hold is not None:
            return since >= trough_window(period.interval)[0]
        return is_trough(since, period.interval)

    # --- levels

    def _of_levels(self) -> Iterator[Need]:
        """Yield the need of each level that asks for another, since the last trough."""
        last = self._troughs[-1] if self._troughs else None
        for level in self.levels:
            if last is not None and level.entry.sampled < last.entry.sampled:
                continue
            found = self._asked_by(level)
            day = day_of(level.entry.sampled)
            if found is None or self.context.is_settled(LEVEL, day):
                continue
            window, why = found
            days, source = window.after(day), window.source
            if self._is_before_restart(level.entry.sampled) and self._of_exposure:
                # Its own days are past, and its dose too: the level after the restart counts.
                days, source = self._of_exposure[0].days, self._of_exposure[0].source
            yield Need(days, why, source, is_urgent=True)

    def _is_before_restart(self, moment: Moment) -> bool:
        changed = self.context.changed
        return changed.cause is ExposureCause.RESTART and moment < changed.at

    def _asked_by(self, level: StoredEntry[Level]) -> tuple[Window, str] | None:
        """Return the window and the reason of the level that a level asks for, or None."""
        schedule, entry = self.context.schedule, level.entry
        what = f"the level of {written(entry)} on {short_date(day_of(entry.sampled))}"
        if _is_above(entry, _VERY_HIGH):
            window = schedule.level_after_very_high
            return window, f"{window} after {what}, above {_VERY_HIGH} ng/mL: consider a hold"
        if self._is_peak(entry):
            return None
        jump = self._jump_words(level)
        if jump:
            window = schedule.level_after_jump
            return window, f"{window} after {what}, {jump}: ask for the cause"
        if _is_above(entry, _HIGH):
            window = schedule.level_after_high
            return window, f"{window} after {what}, above {_HIGH} ng/mL: ask for the cause"
        return None

    def _is_peak(self, level: Level) -> bool:
        if level.last_dose is None or self._is_timed(level):
            return False
        return level.sampled.utc - level.last_dose.utc < timedelta(hours=PEAK_WITHIN.value)

    def _jump_words(self, level: StoredEntry[Level]) -> str:
        """Return how a level differs from the last on the same dose; empty if it fits."""
        before = [
            each
            for each in self.levels
            if (each.entry.sampled.utc, each.number) < (level.entry.sampled.utc, level.number)
            and each.number not in self._excluded
            and not self._is_peak(each.entry)
        ]
        if not before:
            return ""
        last = before[-1].entry
        if any(
            last.sampled < each.at <= level.entry.sampled and each.cause is not ExposureCause.DRUG
            for each in self.context.history.exposure_changes
        ):
            return ""
        if _is_times(last, level.entry):
            return f"more than {JUMP} the last"
        return "less than a third of the last" if _is_times(level.entry, last) else ""


def _is_above(level: Level, limit: int) -> bool:
    """Return whether a level is certainly above a limit."""
    value = level.value.value
    is_at_limit = level.comparator is Comparator.ABOVE and value == limit
    return level.comparator is not Comparator.BELOW and (value > limit or is_at_limit)


def _is_times(low: Level, high: Level) -> bool:
    """Return whether a level is certainly more than `JUMP` times another."""
    if low.comparator is Comparator.ABOVE or high.comparator is Comparator.BELOW:
        return False
    limit = JUMP.value * low.value.value
    is_certain_at_limit = bool(low.comparator or high.comparator)
    return high.value.value > limit or (is_certain_at_limit and high.value.value == limit)
