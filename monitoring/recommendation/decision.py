"""The decision behind a recommendation, in the order of course of treatment, section 6.

What forbids comes first, then the state, the level, and the figures. Every block is one-sided: it
stops a raise, never a reduction or a hold. The first step that has an answer gives it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile

from dosing import AdjustedDose, Alert, AlertKind, Alerts, Override
from dosing.knowledge.alert_catalogue import (
    ALLERGY_SIROLIMUS,
    CAUSE_FIRST,
    DOSE_CHANGED_SINCE,
    DOSES_HELD,
    DOSES_NOT_GIVEN,
    DRUG_JUST_CHANGED_STOP,
    LEVEL_CONTRADICTED,
    LEVEL_EXCLUDED,
    LEVEL_NOT_REPEATED,
    LEVEL_OLD,
    LEVEL_TOO_EARLY_STOP,
    NO_DOSE_IN_FORCE_STOP,
    NO_DOSE_NOW,
    NO_LEVEL,
    NO_RAISE_IN_TAPER,
    NO_RAISE_YET,
    ON_HOLD,
    OPEN_PNEUMONITIS,
    PREGNANCY,
    SECOND_LEVEL_FIRST,
    SEVERE_FINDING,
    SEVERE_PNEUMONITIS,
    TWICE_NEAR_THE_EDGE,
    WAIT_FOR_LEVEL,
)
from dosing.knowledge.tdm_rules import (
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
)
from monitoring.levels import LevelAssessment, Status, assess_levels
from monitoring.levels.doubles import Double
from monitoring.recommendation.dose_recommendation import DoseAction, DoseRecommendation
from monitoring.recommendation.label_advice import (
    AdviceOptions,
    LabelAdvice,
    label_advice,
    newest_level,
)
from monitoring.record.entries import Record
from monitoring.state import (
    DoseStep,
    StateKind,
    TreatmentState,
    as_listed,
    dose_safety,
    state_at,
)
from monitoring.times import Moment, short
from monitoring.treatment import ExposureCause, ExposureChange, TreatmentHistory

_HOURS_PER_DAY = 24
_HOLD_FOR = {
    row.code for row in (SEVERE_PNEUMONITIS, OPEN_PNEUMONITIS, PREGNANCY, ALLERGY_SIROLIMUS)
}


@dataclass(frozen=True)
class Decision:
    """The decision in its order; each step answers, or leaves it to the next."""

    state: TreatmentState
    label: LabelAdvice
    override: Override | None
    levels: Sequence[LevelAssessment]
    """All levels of the record, oldest first."""

    @property
    def recommendation(self) -> DoseRecommendation:
        """The recommendation before the model is asked."""
        steps: tuple[Callable[[], DoseRecommendation | None], ...] = (
            self._untreated,
            self._forbidden,
            self._on_hold,
            self._without_level,
            self._changed_since,
            self._far_too_high,
            self._contradicted,
            self._excluded_since,
            self._useless_level,
            self._misfit,
            self._inside,
            self._above,
            self._tapering,
            self._raise_forbidden,
            self._raise_too_early,
            self._raise_after_missed_doses,
        )
        for step in steps:
            answer = step()
            if answer is not None:
                return answer
        return self._below()

    # --- the state

    def _untreated(self) -> DoseRecommendation | None:
        if self.state.kind.is_treated:
            return None
        forbids = self.state.contraindications.forbid(self.override)
        return self._answer(
            DoseAction.ASK, NO_DOSE_NOW.alert(), *self._blocking, is_forbidden=forbids
        )

    def _forbidden(self) -> DoseRecommendation | None:
        found = dose_safety(self.state, DoseStep.KEEP).without({ON_HOLD.code})
        if not found.forbid(self.override):
            return None
        blocking = [alert for alert in found if alert.code in found.blocking_codes]
        is_hold = any(alert.code in _HOLD_FOR for alert in blocking) and not self.state.conflict
        action = DoseAction.HOLD if is_hold else DoseAction.ASK
        return self._answer(action, *blocking, is_forbidden=True)

    def _on_hold(self) -> DoseRecommendation | None:
        if self.state.kind is not StateKind.ON_HOLD:
            return None
        held = dose_safety(self.state, DoseStep.KEEP).of_code(ON_HOLD.code)
        return self._answer(DoseAction.ASK, *held)

    @property
    def _blocking(self) -> Alerts:
        found = self.state.contraindications
        return as_listed(self.state, found.of_code(*found.blocking_codes))

    # --- the level

    def _without_level(self) -> DoseRecommendation | None:
        if self.label.assessment is not None:
            return None
        if self._excluded:
            return self._repeat_excluded()
        return self._answer(DoseAction.KEEP, NO_LEVEL.alert())

    @property
    def _level(self) -> LevelAssessment:
        if self.label.assessment is None:
            raise AssertionError
        return self.label.assessment

    @property
    def _codes(self) -> set[str]:
        """The codes of the stops of the arithmetic, before a dose was calculated."""
        return set() if self.label.adjusted else set(self.label.alerts.blocking_codes)

    def _changed_since(self) -> DoseRecommendation | None:
        """Wait for the level of the present dose; ask for it when its days are over."""
        changes = self._changes_since
        if not changes or (self._level.is_far_too_high and not self._is_lowered):
            return None
        days = self.state.now.hours_since(changes[-1].at) / _HOURS_PER_DAY
        stop = self.label.alerts.of_code(DOSE_CHANGED_SINCE.code)
        is_tapering = self.state.kind is StateKind.TAPERING  # its levels are monthly
        if days > STEADY_STATE_SURELY_FROM.value and not is_tapering:
            return self._answer(DoseAction.REPEAT_LEVEL, *(stop or [WAIT_FOR_LEVEL.alert()]))
        return self._answer(DoseAction.KEEP, WAIT_FOR_LEVEL.alert(), *stop)

    @property
    def _changes_since(self) -> list[ExposureChange]:
        """The changes of the dose since the level, up to now."""
        return [
            each
            for each in self.state.history.exposure_changes
            if self._level.level.entry.is_from_before(each.at)
            and each.at <= self.state.now
            and each.cause is not ExposureCause.DRUG
        ]

    @property
    def _is_lowered(self) -> bool:
        """Return whether the dose is lower than at the level, or the level was before any dose."""
        then = self.state.history.period_of(self._level.level.entry)
        return then is None or self._current_daily_mg < then.prescription.entry.daily_mg

    @property
    def _current_daily_mg(self) -> Decimal:
        if self.label.request is None:
            raise AssertionError
        return self.label.request.daily_mg

    def _far_too_high(self) -> DoseRecommendation | None:
        if not self._level.is_far_too_high:
            return None
        high = self._level.alerts.of_code("level-high")
        action = DoseAction.REPEAT_LEVEL if self._level.is_peak else DoseAction.HOLD
        return self._answer(action, *high)

    def _contradicted(self) -> DoseRecommendation | None:
        """Ask which of several levels of one moment is right."""
        if self._level.double is not Double.CONTRADICTED:
            return None
        return self._answer(DoseAction.ASK, *self._level.alerts.of_code(LEVEL_CONTRADICTED.code))

    @property
    def _excluded(self) -> list[LevelAssessment]:
        """The excluded levels that were sampled after the newest one in use."""
        counted = self.label.assessment
        return [
            each
            for each in self.levels
            if each.level.is_active
            and each.is_excluded
            and (counted is None or counted.level.entry.sampled < each.level.entry.sampled)
        ]

    def _excluded_since(self) -> DoseRecommendation | None:
        """Ask for the level that takes the place of an excluded one; a reduction may go on."""
        if not self._excluded or self._level.status is Status.ABOVE:
            return None
        return self._repeat_excluded()

    def _repeat_excluded(self) -> DoseRecommendation:
        excluded = self._excluded[-1]
        cause = excluded.cause.entry.cause.value if excluded.cause else ""
        reason = LEVEL_EXCLUDED.alert(sampled=short(excluded.level.entry.sampled), cause=cause)
        if len(self._excluded) > 1:
            return self._answer(DoseAction.ASK, LEVEL_NOT_REPEATED.alert(), reason)
        return self._answer(DoseAction.REPEAT_LEVEL, reason)

    def _useless_level(self) -> DoseRecommendation | None:
        """Answer a level that allows no arithmetic at all."""
        if self._answer_of_arithmetic is not None or self._is_only_old:
            return None
        if DOSE_CHANGED_SINCE.code in self._codes and not self._changes_since:
            # A dose to come answers the level: its own level is due after it.
            return self._answer(
                DoseAction.KEEP, *self.label.alerts.of_code(DOSE_CHANGED_SINCE.code)
            )
        stops = self.label.alerts.of_code(*self._codes)
        if self._codes <= _AGAINST_A_RAISE and self._level.status is not Status.NOT_ASSESSED:
            return None
        if NO_DOSE_IN_FORCE_STOP.code in self._codes:
            return self._answer(DoseAction.ASK, *stops)
        asked = self._misfit_alerts if self._level.is_cause_asked else Alerts()
        if asked and self._level.is_trough:
            return self._answer(DoseAction.ASK, *asked, *stops)
        return self._repeat(*asked, *stops)

    @property
    def _is_only_old(self) -> bool:
        """Return whether a level is within the target, and only its age allows no arithmetic.

        The rhythm says when the next one is due: the dose is kept until then.
        """
        is_within = self._level.is_evaluable and self._level.status is Status.WITHIN
        return is_within and self._codes - _AGAINST_A_RAISE == {LEVEL_OLD.code}

    def _repeat(self, *reasons: Alert) -> DoseRecommendation:
        """Ask for another level, once a dose; after that for the reason."""
        if self._was_repeated:
            return self._answer(DoseAction.ASK, LEVEL_NOT_REPEATED.alert(), *reasons)
        return self._answer(DoseAction.REPEAT_LEVEL, *reasons)

    @property
    def _was_repeated(self) -> bool:
        """Return whether an earlier level on this dose was of no use either."""
        change = self.state.last_exposure_change
        earlier = takewhile(lambda each: each is not self._level, self.levels)
        return any(
            each.level.is_active
            and not each.is_evaluable
            and (change is None or not each.level.entry.is_from_before(change.at))
            for each in earlier
        )

    @property
    def _answer_of_arithmetic(self) -> AdjustedDose | None:
        return self.label.adjusted or self.label.lowered

    @property
    def _misfit_alerts(self) -> Alerts:
        return self._level.alerts.of_code("level-misfit", "level-jump", "level-high")

    def _misfit(self) -> DoseRecommendation | None:
        """Answer a level that does not fit: no raise from it; a reduction may go on."""
        level = self._level
        if level.status is not Status.BELOW or (level.misfit is None and level.cause is None):
            return None
        cause = level.cause.entry.cause if level.cause else None
        if cause is None:
            return self._answer(DoseAction.ASK, *self._misfit_alerts)
        if cause.is_real_change:
            return self._answer(DoseAction.KEEP, CAUSE_FIRST.alert(cause=cause.value))
        return self._repeat(SECOND_LEVEL_FIRST.alert())

    def _inside(self) -> DoseRecommendation | None:
        if self._level.status is not Status.WITHIN:
            return None
        if self._level.is_after_hold:
            return self._repeat(*self.label.alerts.of_code(DOSES_HELD.code))
        reasons = self.label.alerts.of_code("no-change", *self._codes)
        edge = self._edge
        if self.state.kind is StateKind.TAPERING and self._is_below_the_former_target:
            reasons = Alerts([NO_RAISE_IN_TAPER.alert()])
        elif edge:
            reasons += [TWICE_NEAR_THE_EDGE.alert(edge=edge)]
        return self._answer(DoseAction.KEEP, *reasons)

    @property
    def _is_below_the_former_target(self) -> bool:
        """Return whether the level is below the lower end that counted before the taper."""
        dose = self.state.prescription
        low = dose.target.low_ng_ml if dose else None
        return low is not None and self._level.level_ng_ml < low

    @property
    def _edge(self) -> str | None:
        """Return the edge of the target near which the last two levels lie, or None."""
        target = self._level.target
        if target is None:
            return None
        same = [
            each
            for each in self.levels
            if each.is_evaluable and each.status is Status.WITHIN and each.target == target
        ]
        if len(same) < 2:
            return None
        last = [each.level_ng_ml for each in same[-2:]]
        if target.low_ng_ml and all(value <= target.low_ng_ml * _NEAR_LOW for value in last):
            return "lower"
        return "upper" if all(value >= target.high_ng_ml * _NEAR_HIGH for value in last) else None

    def _above(self) -> DoseRecommendation | None:
        """Lower the dose; nothing in the record forbids it."""
        if self._level.status is not Status.ABOVE:
            return None
        reasons = self._misfit_alerts
        adjusted = self._answer_of_arithmetic
        if adjusted is None:
            return self._repeat(*reasons, *self.label.alerts.of_code(*self._codes))
        if adjusted.dose is None:
            return self._answer(DoseAction.ASK, *reasons, *_blocking(adjusted), is_forbidden=True)
        if adjusted.dose.daily_mg >= adjusted.request.daily_mg:
            return self._answer(DoseAction.KEEP, *reasons, *adjusted.alerts.notes)
        return replace(
            self._answer(DoseAction.LOWER, *reasons), dose=adjusted.dose, label=adjusted.dose
        )

    # --- below the target: a raise, unless something bars it

    def _tapering(self) -> DoseRecommendation | None:
        if self.state.kind is not StateKind.TAPERING:
            return None
        return self._answer(DoseAction.KEEP, NO_RAISE_IN_TAPER.alert())

    def _raise_forbidden(self) -> DoseRecommendation | None:
        found = dose_safety(self.state, DoseStep.RAISE)
        if not found.forbid(self.override):
            return None
        return self._answer(
            DoseAction.KEEP, *as_listed(self.state, found.of_code(*found.blocking_codes))
        )

    def _raise_too_early(self) -> DoseRecommendation | None:
        if self._level.days_since_change is None or self._level.has_reached(
            STEADY_STATE_NOT_BEFORE
        ):
            return None
        early = self._level.alerts.of_code("level-too-early")
        return self._answer(DoseAction.KEEP, *early, NO_RAISE_YET.alert())

    def _raise_after_missed_doses(self) -> DoseRecommendation | None:
        missed = self._level.alerts.of_code(DOSES_NOT_GIVEN.code)
        return self._repeat(*missed) if missed else None

    def _below(self) -> DoseRecommendation:
        adjusted = self.label.adjusted
        if adjusted is None:
            return self._repeat(*self.label.alerts.of_code(*self._codes))
        if adjusted.dose is None:
            return self._answer(DoseAction.ASK, *_blocking(adjusted), is_forbidden=True)
        if adjusted.dose.daily_mg <= adjusted.request.daily_mg:
            return self._answer(DoseAction.KEEP, *adjusted.alerts.notes)
        cautions = dose_safety(self.state, DoseStep.RAISE)
        return replace(
            self._answer(DoseAction.RAISE, *cautions.without(cautions.blocking_codes)),
            dose=adjusted.dose,
            label=adjusted.dose,
            lower_edge=adjusted.lower_edge_dose,
        )

    def _answer(
        self, action: DoseAction, *reasons: Alert, is_forbidden: bool = False
    ) -> DoseRecommendation:
        """Return a recommendation, with the open severe findings named first."""
        severe = dose_safety(self.state, DoseStep.LOWER).of_code(SEVERE_FINDING.code)
        named = Alerts(reasons)
        return DoseRecommendation(
            action=action,
            reasons=(severe.without({alert.code for alert in named}) + named).distinct(),
            label=self.label.dose,
            is_forbidden=is_forbidden,
        )


_NEAR_LOW, _NEAR_HIGH = Decimal("1.1"), Decimal("0.9")
"""Proposed: within 10 % of an edge of the target."""
_AGAINST_A_RAISE = {LEVEL_TOO_EARLY_STOP.code, DOSES_HELD.code, DRUG_JUST_CHANGED_STOP.code}


_KEPT_FOR = {WAIT_FOR_LEVEL.code, NO_RAISE_YET.code, CAUSE_FIRST.code}
"""The reasons to keep a dose that bar a raise; the other ones say that none is needed."""


def raise_barred_by(record: Record, now: Moment, override: Override | None) -> Alert | None:
    """Return the first reason in the levels for which a raise waits, or None.

    What the record itself forbids is not among them: see `dose_safety`.
    """
    state = state_at(record, now)
    if dose_safety(state, DoseStep.RAISE).forbid(override):
        return None
    levels = assess_levels(record)
    options = AdviceOptions(override=override)
    label = label_advice(TreatmentHistory.of(record), newest_level(levels), now, options)
    answer = Decision(state, label, override, levels).recommendation
    if answer.is_forbidden:
        return None
    stops = Alerts() if label.adjusted else label.alerts.of_kind(AlertKind.STOP)
    if answer.action in {DoseAction.REPEAT_LEVEL, DoseAction.ASK}:
        asked = answer.reasons.without({SEVERE_FINDING.code})
        return next(iter((*asked, *stops)), None)
    barring = answer.reasons.of_code(*_KEPT_FOR) if answer.action is DoseAction.KEEP else stops
    return next(iter((*stops, *barring)), None)


def _blocking(adjusted: AdjustedDose) -> Alerts:
    return adjusted.alerts.of_code(*adjusted.alerts.blocking_codes)
