"""The assessment of one level: trough, steady state, and place against the target."""

from dataclasses import dataclass
from decimal import Decimal

from dosing import Alerts, TargetTrough, json_number
from dosing.knowledge.tdm_rules import HOLDING_CONSIDERED_ABOVE, LevelRule, is_reached
from dosing.notebook import Result
from monitoring.levels.doubles import Double
from monitoring.levels.misfit import Misfit
from monitoring.record.entries import StoredEntry
from monitoring.record.kinds import kind_of
from monitoring.record.level import Comparator, Level, LevelCauseAnswer
from monitoring.terms import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelAssessment(Result):
    """One level of the record and its meaning.

    `is_trough` is None if the last dose or the interval is unknown, or the dose is in question.
    `steady_state` is None between the day from which it may be reached and the day from which it
    certainly is. `target` is that of the dose that the level reflects, or None if there was no dose
    at the time of the sample.
    """

    level: StoredEntry[Level]
    status: Status
    is_trough: bool | None
    steady_state: bool | None
    hours_since_last_dose: float | None
    interval_hours: float | None = None
    """Between doses, by the prescription at the time of the last dose."""
    days_since_change: float | None
    """From the last change of exposure to the sample."""
    target: TargetTrough | None
    change_percent: float | None
    """The change from the last evaluable level of the same assay."""
    alerts: Alerts
    """The strongest first."""
    hold_above: LevelRule[int] = HOLDING_CONSIDERED_ABOVE
    """The level above which a hold is considered, by the clinic's limits."""
    is_peak: bool = False
    """True for a sample within `PEAK_WITHIN` after a dose, but for a trough."""
    is_day_full: bool = False
    """True where a day after the change counts at its hour: a young infant, a restart, a load."""
    is_in_question: bool = False
    """True where the record contradicts its last dose: it is not assessed by that dose."""
    is_after_hold: bool = False
    """True where doses were held shortly before the sample, or still: it reflects no dose."""
    cause: StoredEntry[LevelCauseAnswer] | None = None
    """The cause recorded for it, if it did not fit."""
    misfit: Misfit | None = None
    """The reason why it does not fit, whether its cause is recorded or not."""
    double: Double | None = None
    """Its relation to another level of the same moment."""

    def __repr__(self) -> str:
        """Return the level, the time of the sample and the status."""
        level = self.level.entry
        return f"<{type(self).__name__} {level} at {level.sampled}: {self.status.value}>"

    def to_dict(self) -> dict[str, object]:
        """Return the level as `sirolimus level list --json` prints it."""
        return {**kind_of(self.level.entry).described(self.level), **self.means()}

    def means(self) -> dict[str, object]:
        """Return the assessment as columns of JSON."""
        return {
            "status": self.status.value,
            "is_trough": self.is_trough,
            "steady_state": self.steady_state,
            "hours_since_last_dose": _rounded(self.hours_since_last_dose, 2),
            "days_since_change": _rounded(self.days_since_change, 2),
            "target_ng_ml": _ends(self.target),
            "counts": self.is_evaluable,
            "change_percent": _rounded(self.change_percent, 1),
            "cause": self.cause.entry.cause.value if self.cause else None,
            "excluded": self.is_excluded,
            "misfit": self.misfit.why.value if self.misfit else None,
            "alerts": [alert.to_dict() for alert in self.alerts],
        }

    @property
    def level_ng_ml(self) -> Decimal:
        """The level in ng/mL, exactly."""
        return self.level.entry.value.value

    @property
    def is_excluded(self) -> bool:
        """True if its cause takes it out of every assessment and fit."""
        return self.cause is not None and self.cause.entry.is_excluded

    @property
    def is_in_use(self) -> bool:
        """True unless it is voided or excluded."""
        return self.level.is_active and not self.is_excluded

    @property
    def is_evaluable(self) -> bool:
        """True for a trough in use, not too early and on a known side of the target.

        Of several levels of one moment none is, unless they agree: then the first.
        """
        return (
            self.is_in_use
            and self.status is not Status.NOT_ASSESSED
            and self.steady_state is not False
            and self.double is None
        )

    @property
    def is_far_too_high(self) -> bool:
        """True for a level that is certainly above the one from which a hold is considered."""
        level, most = self.level.entry, self.hold_above.value
        value, is_open = level.value.value, level.comparator is Comparator.ABOVE
        return level.comparator is not Comparator.BELOW and (
            value > most or (is_open and value == most)
        )

    @property
    def is_cause_asked(self) -> bool:
        """True for a level that does not fit and has no cause recorded."""
        return self.misfit is not None and self.cause is None

    def has_reached(self, rule: LevelRule[int]) -> bool:
        """Return whether the days after the change reach the days of a rule."""
        days = self.days_since_change
        return days is not None and is_reached(days, rule, at_its_hour=self.is_day_full)


def _rounded(number: float | None, decimals: int) -> float | None:
    return None if number is None else round(number, decimals)


def _ends(target: TargetTrough | None) -> list[float | None] | None:
    if target is None:
        return None
    return [json_number(target.low_ng_ml), json_number(target.high_ng_ml)]
