"""The label's arithmetic after a level: one line of evidence for the recommendation.

It assumes a trough at steady state on a known dose. Otherwise there is only the reason, as a stop.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from dosing import (
    PROTOCOLS,
    AdjustedDose,
    Adjustment,
    Alert,
    Alerts,
    Dose,
    Override,
    adjust_dose,
    plain,
)
from dosing.knowledge.alert_catalogue import (
    DOSE_CHANGED_SINCE,
    DOSES_HELD,
    DRUG_JUST_CHANGED,
    DRUG_JUST_CHANGED_STOP,
    INTERVAL_UNKNOWN_STOP,
    LAST_DOSE_IN_QUESTION_STOP,
    LAST_DOSE_UNKNOWN_STOP,
    LEVEL_CENSORED_STOP,
    LEVEL_NOT_TROUGH_STOP,
    LEVEL_OLD,
    LEVEL_TOO_EARLY_STOP,
    NO_DOSE_IN_FORCE_STOP,
    NO_DOSE_NOW,
    NO_LEVEL,
    REVIEW_AUTHORS,
)
from dosing.knowledge.nadal2016 import (
    DOSE_DECREASED_IN,
    KEPT_IN_INFECTION,
    PATIENTS_WITH_ADVERSE_EVENT_DATA,
    STOPPED_GRADUALLY_IN,
)
from dosing.knowledge.products import STRENGTH_MG_PER_ML
from dosing.knowledge.tdm_rules import DRUG_JUST_CHANGED as NO_DOSE_WITHIN
from dosing.knowledge.tdm_rules import FAR_TOO_EARLY, OLDEST_TO_ADJUST, is_reached
from dosing.quantities.text import shortened
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.levels import LevelAssessment
from monitoring.levels.last_dose import held_shortly_before, last_dose_conflict
from monitoring.record.level import written
from monitoring.times import Moment, short
from monitoring.treatment import (
    DosingPeriod,
    ExposureCause,
    TreatmentHistory,
)

if TYPE_CHECKING:
    from dosing.pharmacokinetics import Model

_HOURS_PER_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAdvice:
    """The dose by the label's arithmetic, or the alerts that prevented one."""

    alerts: Alerts
    """The alerts of level, arithmetic and dose, the strongest first."""
    assessment: LevelAssessment | None = None
    """The newest active level, or None without one."""
    request: Adjustment | None = None
    """The level with the current dose, or None if one of them is unknown."""
    adjusted: AdjustedDose | None = None
    """The adjusted dose, or None if the level does not allow one."""
    lowered: AdjustedDose | None = None
    """The dose for a level above the target that allows no raise, but a reduction."""

    @property
    def dose(self) -> Dose | None:
        """The dose; None without a change, or if it was stopped."""
        return self.adjusted.dose if self.adjusted else None

    @property
    def stopped(self) -> bool:
        """True if no dose can be calculated."""
        return self.adjusted is None or self.adjusted.stopped

    @property
    def awaits_override(self) -> bool:
        """True if a documented override would allow the dose."""
        return self.adjusted is not None and self.adjusted.awaits_override


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceOptions:
    """The choices of a person, and of the clinic, for the adjusted dose."""

    aim_ng_ml: Decimal | None = None
    override: Override | None = None
    loading: bool = False
    clinic: ClinicChoices = USUAL_CHOICES
    model: "Model | None" = None
    """The model that is asked in place of the average, as in a simulated trial."""


def newest_level(levels: Sequence[LevelAssessment]) -> LevelAssessment | None:
    """Return the newest level that was neither voided nor excluded, or None."""
    return next((each for each in reversed(levels) if each.is_in_use), None)


def label_advice(
    history: TreatmentHistory,
    assessment: LevelAssessment | None,
    now: Moment,
    choice: AdviceOptions,
) -> LabelAdvice:
    """Return the dose by the label's arithmetic that one level suggests.

    Raises `UserError` for an aim outside the target.
    """
    if assessment is None:
        return LabelAdvice(alerts=Alerts([NO_LEVEL.alert()]))
    period = history.period_at(now)
    request = _request(history, assessment, period, now, choice) if period else None
    useless = Alerts(
        (
            *_about_level(history, assessment),
            *_about_dose(history, assessment, period, now),
            *_about_time(history, assessment, now),
        )
    )
    found = useless + _against_a_raise(history, assessment)
    adjusted = lowered = None
    if request is not None and not useless.stopped:
        answer = adjust_dose(request)
        if not found.stopped:
            adjusted = answer
        elif answer.factor is not None and answer.factor < 1:
            lowered = answer
    if adjusted:
        found += adjusted.alerts
        if not adjusted.stopped:
            found += [_authors_alert()]
    of_level = assessment.alerts.without({alert.code for alert in found})
    return LabelAdvice(
        alerts=(found + of_level).strongest_first(),
        assessment=assessment,
        request=request,
        adjusted=adjusted,
        lowered=lowered,
    )


def _request(
    history: TreatmentHistory,
    assessment: LevelAssessment,
    period: DosingPeriod,
    now: Moment,
    choice: AdviceOptions,
) -> Adjustment:
    body, prescription = history.body_on(now.local.date()), period.prescription.entry
    return Adjustment(
        level_ng_ml=assessment.level_ng_ml,
        dose_mg=prescription.dose_mg,
        times_a_day=prescription.times_a_day,
        every_hours=prescription.every_hours,
        evening_mg=prescription.evening_mg,
        strength_mg_per_ml=prescription.strength_mg_per_ml or STRENGTH_MG_PER_ML,
        product=prescription.product,
        protocol=PROTOCOLS[prescription.protocol],
        target=prescription.assessed_target,
        age=body.age,
        weight=body.weight,
        height=body.height,
        measured_days_ago=body.measured_days_ago,
        former_daily_mg=history.former_daily_mg(now),
        chosen_aim_ng_ml=choice.aim_ng_ml,
        loading=choice.loading,
        marks=choice.clinic.marks,
        limits=history.record.limits,
        override=choice.override,
    )


def _about_level(history: TreatmentHistory, assessment: LevelAssessment) -> Iterator[Alert]:
    """Yield the reasons in the level itself against the arithmetic."""
    level = assessment.level.entry
    if level.comparator:
        yield LEVEL_CENSORED_STOP.alert(level=level)
    if assessment.is_in_question and level.last_dose is not None:
        yield LAST_DOSE_IN_QUESTION_STOP.alert(
            level=written(level),
            last=short(level.last_dose),
            conflict=last_dose_conflict(history, level),
        )
    elif assessment.is_trough is False:
        yield LEVEL_NOT_TROUGH_STOP.alert()
    elif level.last_dose is None:
        yield LAST_DOSE_UNKNOWN_STOP.alert(level=level)
    elif assessment.is_trough is None:
        yield INTERVAL_UNKNOWN_STOP.alert(last=short(level.last_dose))


def _about_dose(
    history: TreatmentHistory,
    assessment: LevelAssessment,
    period: DosingPeriod | None,
    now: Moment,
) -> Iterator[Alert]:
    """Yield the reasons why the level does not reflect the current dose.

    A dose to come is one if it was recorded after the level: it is the answer to that level.
    """
    level = assessment.level.entry
    if assessment.target is None or assessment.days_since_change is None:
        yield NO_DOSE_IN_FORCE_STOP.alert()
    if period is None:
        yield NO_DOSE_NOW.alert()
    past = [each for each in history.changes_of_dose if each <= now]
    later = [each for each in past if level.is_from_before(each)]
    later += _answers_to_come(history, assessment, now)
    if later:
        yield DOSE_CHANGED_SINCE.alert(at=short(min(later)))


def _answers_to_come(
    history: TreatmentHistory, assessment: LevelAssessment, now: Moment
) -> Iterator[Moment]:
    """Yield the starts of the doses to come that were recorded after a level, but for a taper's."""
    changes = (each.prescription for each in history.periods if each.is_change)
    for each in (*changes, *history.loading_doses):
        is_answer = assessment.level.number < each.number and not each.entry.is_taper_step
        if now < each.entry.since and is_answer:
            yield each.entry.since


def _against_a_raise(history: TreatmentHistory, assessment: LevelAssessment) -> Iterator[Alert]:
    """Yield the reasons why the level may be too low for the dose: a reduction may go on."""
    level, days = assessment.level.entry, assessment.days_since_change
    change = history.exposure_change_before(level)
    has_own_alert = change is not None and (
        change.cause is ExposureCause.DRUG or level.is_from_before(change.at)
    )
    is_early = days is not None and not is_reached(days, FAR_TOO_EARLY)
    if assessment.target is not None and days is not None and is_early and not has_own_alert:
        yield LEVEL_TOO_EARLY_STOP.alert(value=_days(days), limit=str(FAR_TOO_EARLY))
    if not assessment.is_in_question:
        for held in held_shortly_before(history, level):
            yield DOSES_HELD.alert(limit=str(FAR_TOO_EARLY), since=short(held.at))
    yield from _about_drugs(history, assessment)


def _about_drugs(history: TreatmentHistory, assessment: LevelAssessment) -> Iterator[Alert]:
    """Yield the drugs that may change the level, changed shortly before the sample or after it.

    A drug that no source confirms gives a caution.
    """
    sampled = assessment.level.entry.sampled.local.date()
    settled = history.record.limits.rule(NO_DOSE_WITHIN)
    for change in history.drug_changes:
        days = (sampled - change.day).days
        if days < settled.value:
            row = DRUG_JUST_CHANGED_STOP if change.drug.surely_changing_level else DRUG_JUST_CHANGED
            yield row.alert(
                value=_before(days),
                limit=str(settled),
                drug=shortened(change.drug.name),
                changed=change.verb,
                day=short(change.day),
            )


def _before(days: int) -> str:
    if days < 0:
        return "after the sample"
    return "on the day of the sample" if days == 0 else f"{_days(days)} before the sample"


def _about_time(
    history: TreatmentHistory, assessment: LevelAssessment, now: Moment
) -> Iterator[Alert]:
    """Yield the alert of a level that is too old."""
    days = now.hours_since(assessment.level.entry.sampled) / _HOURS_PER_DAY
    oldest = history.record.limits.rule(OLDEST_TO_ADJUST)
    if days > oldest.value:
        yield LEVEL_OLD.alert(value=_days(days), limit=str(oldest))


def _days(days: float) -> str:
    """Return a number of days to one decimal, never rounded up over a limit.

    >>> _days(2.99), _days(1)
    ('2.9 days', '1 day')
    """
    shown = plain(Decimal(days).quantize(Decimal("0.1"), ROUND_FLOOR))
    return f"{shown} day" if shown == "1" else f"{shown} days"


def _authors_alert() -> Alert:
    return REVIEW_AUTHORS.alert(
        patients=PATIENTS_WITH_ADVERSE_EVENT_DATA,
        decreased=DOSE_DECREASED_IN,
        stopped=STOPPED_GRADUALLY_IN,
        kept=KEPT_IN_INFECTION.count,
        infections=KEPT_IN_INFECTION.of,
    )
