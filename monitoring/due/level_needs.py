"""Reasons for a level: changes of exposure, interacting drugs, and levels that ask for another.

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
from dosing.knowledge.tdm_rules import (
    FAR_TOO_EARLY,
    HIGH_LEVELS,
    HOLDING_CONSIDERED_ABOVE,
    JUMP,
    LOADED_WITH_CHANGE,
    OLDEST_TO_ADJUST,
)
from dosing.quantities.formatting import short_date
from dosing.quantities.text import shortened
from monitoring.due.context import DueContext, Need, day_of
from monitoring.levels import LevelAssessment
from monitoring.levels.last_dose import held_shortly_before
from monitoring.levels.misfit import MisfitReason
from monitoring.levels.trough import trough_window
from monitoring.recommendation.repeated_level import level_to_repeat
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Comparator, Level, written
from monitoring.record.level_causes import excluded_levels
from monitoring.times import Moment
from monitoring.treatment import DrugChange, ExposureCause

LEVEL = "trough level"
_HIGH = HIGH_LEVELS[1].above.value
_JUMPS = {
    MisfitReason.THREE_TIMES: f"more than {JUMP} the last",
    MisfitReason.A_THIRD: "less than a third of the last",
}
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
    def last_evaluable(self) -> date | None:
        """The day of the last evaluable level of this treatment."""
        days = [
            day_of(e.entry.sampled)
            for e in self.context.levels
            if e.number in self.context.known.evaluable
        ]
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
            usual = (*self._of_repeat(), *self._of_rhythm())
            found += [*self._of_drugs(), *(self._of_exposure or usual)]
            found += self._of_young_infant()
        found.sort(key=lambda need: (need.days[1], need.days[0]))
        return tuple(need for need in found if need is found[0] or need.rhythm is None)

    # --- the dose

    @cached_property
    def _of_exposure(self) -> tuple[Need, ...]:
        """The need of the last change or loading dose, unless an evaluable level followed it."""
        context, since = self.context, self.needed_since
        is_done = any(
            not each.entry.is_from_before(since) and each.number in context.known.evaluable
            for each in self.context.levels
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

    @cached_property
    def repeated(self) -> LevelAssessment | None:
        """The newest level, where the recommendation asks for another, and no change does."""
        if self._of_exposure:
            return None
        return level_to_repeat(self.context.history, self.context.now)

    def _of_repeat(self) -> Iterator[Need]:
        """Yield the level that the recommendation asks for in place of the newest one.

        A level that is off the target, and only too old, is repeated from then on.
        """
        context, window, found = self.context, self.context.schedule.level_repeated, self.repeated
        if found is None:
            return
        level = found.level.entry
        day, first = day_of(level.sampled), timedelta(days=window.from_days)
        if context.is_settled(LEVEL, day):
            return
        what, since = f"the level of {written(level)} on {short_date(day)}", day
        why = f"{what} allows no answer about the dose"
        age = context.now.utc - level.sampled.utc
        oldest = timedelta(days=context.record.limits.rule(OLDEST_TO_ADJUST).value)
        if found.is_evaluable and age > oldest:
            why = f"{what} is too old for an answer about the dose"
            since = day + oldest
        for held in held_shortly_before(context.history, level):
            ends = day_of(held.until or level.sampled)
            since = max(since, ends + timedelta(days=FAR_TOO_EARLY.value) - first)
        yield Need(window.after(since), why, window.source)

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
        if context.age.months >= YOUNG_INFANT_BELOW_MONTHS or context.is_steady:
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

    # --- drugs

    def _of_drugs(self) -> Iterator[Need]:
        """Yield the need of each start and end of a drug that surely changes the level.

        One whose first level was not taken before a hold, or that came while doses were held, acts
        from the restart on.
        """
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
                yield from self._of_drug(change, change.day)
            elif change.day > context.start and self._is_unseen_before_hold(change, begun):
                yield from self._of_drug(change, day_of(begun))

    def _is_unseen_before_hold(self, change: DrugChange, restart: Moment) -> bool:
        """Return whether no first level was taken between a change and the hold of a restart."""
        first, _ = self.context.schedule.level_after_drug.after(change.day)
        held = [hold for hold in self.context.history.holds if hold.until == restart]
        return bool(held) and not any(
            first <= day_of(each.entry.sampled) <= day_of(held[-1].at) for each in self._troughs
        )

    def _of_drug(self, change: DrugChange, acts_from: date) -> Iterator[Need]:
        """Yield the first or the second level after the start or the end of a drug.

        It is needed until it is taken: nobody settles it.
        """
        context, schedule = self.context, self.context.schedule
        first, again = schedule.level_after_drug, schedule.level_after_drug_again
        days, days_again = first.after(acts_from), again.after(acts_from)
        words = f"{shortened(change.drug.name)} was {change.verb} on {short_date(change.day)}"
        if acts_from != change.day:
            words += f", and doses were held until {short_date(acts_from)}"
        if self._is_taken(days_again[0]):
            return
        if not self._is_taken(days[0]):
            yield Need(days, f"{first} after {words}", first.source, is_urgent=True)
            return
        is_urgent = days_again[0] <= context.today
        yield Need(days_again, f"{again} after {words}", again.source, is_urgent=is_urgent)

    def _is_taken(self, day: date) -> bool:
        """Return whether a sample at the time of a trough was taken on a day or later."""
        return any(day <= day_of(each.entry.sampled) for each in self._troughs)

    @cached_property
    def _troughs(self) -> tuple[StoredEntry[Level], ...]:
        """The levels at the time of a trough, or at that time or later during a hold."""
        troughs = self.context.known.troughs
        return tuple(
            each
            for each in self.context.levels
            if each.number in troughs
            or (each.number not in self._excluded and self._is_held(each.entry))
        )

    @cached_property
    def _excluded(self) -> frozenset[int]:
        return excluded_levels(self.context.record)

    def _is_held(self, level: Level) -> bool:
        """Return whether a sample was taken during a hold, not before the next dose was due."""
        history = self.context.history
        if history.hold_at(level.sampled) is None:
            return False
        period = history.period_at(level.last_dose) if level.last_dose else None
        if level.last_dose is None or period is None:
            return True
        return level.sampled.utc - level.last_dose.utc >= trough_window(period.interval)[0]

    # --- levels

    def _of_levels(self) -> Iterator[Need]:
        """Yield the need of each level that asks for another, since the last trough."""
        last = self._troughs[-1] if self._troughs else None
        for level in self.context.levels:
            if last is not None and level.entry.sampled < last.entry.sampled:
                continue
            found = self._asked_by(level)
            day = day_of(level.entry.sampled)
            if found is None:
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
        very_high = self.context.record.limits.rule(HOLDING_CONSIDERED_ABOVE)
        if _is_above(entry, very_high.value):
            window = schedule.level_after_very_high
            return window, f"{window} after {what}, above {very_high}: consider a hold"
        if level.number in self.context.known.peaks:
            return None
        jump = self.context.known.jumps.get(level.number)
        if jump is not None:
            window = schedule.level_after_jump
            return window, f"{window} after {what}, {_JUMPS[jump]}: ask for the cause"
        if level.number in self._excluded:
            window = schedule.level_after_jump
            return window, f"{window} after {what}, which is excluded"
        if _is_above(entry, _HIGH):
            window = schedule.level_after_high
            return window, f"{window} after {what}, above {_HIGH} ng/mL: ask for the cause"
        return None


def _is_above(level: Level, limit: int) -> bool:
    """Return whether a level is certainly above a limit."""
    value = level.value.value
    is_at_limit = level.comparator is Comparator.ABOVE and value == limit
    return level.comparator is not Comparator.BELOW and (value > limit or is_at_limit)
