"""What one level means: a trough or not, at steady state or not, and where it lies."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from dosing import Alert, TargetTrough
from dosing.notebook import Result
from monitoring.record.entries import Recorded
from monitoring.record.level import Level


class Status(Enum):
    """Where a trough level lies against the target in force when it was sampled."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    NOT_ASSESSED = "not-assessed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelAssessment(Result):
    """One level of the record and what it means.

    `is_trough` is None where no time of the last dose was written down; `steady_state` is None
    between the day from which it may be reached and the day from which it surely is. `target` is
    None where no dose was in force.
    """

    level: Recorded[Level]
    status: Status
    is_trough: bool | None
    steady_state: bool | None
    hours_since_last_dose: float | None
    interval_hours: float | None = None
    """Between doses, by the prescription in force when the last one was given."""
    days_since_change: float | None
    """Days from the last change of the dose, or the loading dose, to the sample."""
    target: TargetTrough | None
    change_percent: float | None
    """By how much it differs from the level before that counts and was measured alike."""
    alerts: tuple[Alert, ...]
    """The strongest first."""

    def __repr__(self) -> str:
        """Return the level, when it was sampled and where it lies."""
        level = self.level.entry
        return f"<{type(self).__name__} {level} at {level.sampled}: {self.status.value}>"

    def to_dict(self) -> dict[str, object]:
        """Return the level as `sirolimus level list --json` prints it."""
        from monitoring.levels.document import (  # noqa: PLC0415 - it needs this file
            assessment_document,
            level_document,
        )

        return {**level_document(self.level), **assessment_document(self)}

    @property
    def level_ng_ml(self) -> Decimal:
        """The level in ng/mL, exactly."""
        return self.level.entry.value.value

    @property
    def counts(self) -> bool:
        """Whether it stands, is a trough, is not too early, and lies somewhere certain."""
        return (
            self.level.stands
            and self.status is not Status.NOT_ASSESSED
            and self.steady_state is not False
        )
