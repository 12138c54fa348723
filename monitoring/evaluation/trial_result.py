"""The result of a simulated trial: shares in the target over time, overshoots, levels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dosing import REVIEW, VERSION
from dosing.evaluation.proportion import exact_interval
from dosing.pharmacokinetics import Model
from monitoring.evaluation.trial import (
    BEGUN,
    CHECKED_WEEKS,
    OVERSHOOT_NG_ML,
    WEEKS,
    Arm,
    TreatedPatient,
    treated,
)
from monitoring.evaluation.virtual_patients import VirtualPopulation

NOT_OF_PATIENTS = (
    "The patients are simulated: they take every dose, and differ as the model of the truth says. "
    "Real ones vary more."
)
_DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Share:
    """A number of patients of all."""

    count: int
    of: int

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100 * self.count / self.of

    @property
    def interval_percent(self) -> tuple[float, float]:
        """The exact 95 % interval of the share, in percent."""
        low, high = exact_interval(self.count, self.of) or (0.0, 1.0)
        return 100 * low, 100 * high

    def to_dict(self) -> dict[str, object]:
        """Return the share as a part of the document."""
        return {
            "patients": self.count,
            "percent": round(self.percent, 2),
            "interval_95_percent": [round(end, 2) for end in self.interval_percent],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekShares:
    """The patients whose true trough at the end of a week is below, within and above the target."""

    week: int
    below: Share
    within: Share
    above: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """The result of one arm."""

    arm: Arm
    weeks: tuple[WeekShares, ...]
    days_within_percent: float
    """Of the mornings from the third week on, over all patients."""
    overshoot: Share
    """The patients with a true trough above 20 ng/mL on any morning."""
    levels_per_patient: float
    changes_per_patient: float
    holds: int
    open_questions: int

    def to_dict(self) -> dict[str, object]:
        """Return the arm as a part of the document."""
        return {
            "arm": self.arm.value,
            "weeks": [
                {
                    "week": each.week,
                    "below": each.below.to_dict(),
                    "within": each.within.to_dict(),
                    "above": each.above.to_dict(),
                }
                for each in self.weeks
            ],
            "days_within_percent": round(self.days_within_percent, 2),
            "overshoot_above_20_ng_ml": self.overshoot.to_dict(),
            "levels_per_patient": round(self.levels_per_patient, 2),
            "dose_changes_per_patient": round(self.changes_per_patient, 2),
            "holds": self.holds,
            "open_questions": self.open_questions,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """A trial on the virtual patients of one truth."""

    truth: Model
    model: Model | None
    """The model that the recommendation asked; None for the average of those that apply."""
    patients: int
    seed: int
    arms: tuple[ArmResult, ...]

    def to_dict(self) -> dict[str, object]:
        """Return the trial as a part of the document of `sirolimus kinetics simulate-trial`."""
        target = REVIEW.target
        return {
            "truth": self.truth.key,
            "model": self.model.key if self.model else None,
            "patients": self.patients,
            "seed": self.seed,
            "weeks": WEEKS,
            "target_ng_ml": [float(target.low_ng_ml or 0), float(target.high_ng_ml)],
            "arms": [each.to_dict() for each in self.arms],
            "note": NOT_OF_PATIENTS,
            "version": VERSION,
        }


def simulated_trial(
    truth: Model,
    model: Model | None,
    *,
    patients: int,
    seed: int,
    progress: Callable[[int], None] = lambda _more: None,
) -> TrialResult:
    """Return the trial of some virtual patients of a truth, each in every arm.

    Raises `UserError` for a truth that has no virtual patients.
    """
    population = VirtualPopulation(truth, seed, BEGUN)
    found: dict[Arm, list[TreatedPatient]] = {arm: [] for arm in Arm}
    for number in range(patients):
        for arm, courses in found.items():
            courses.append(treated(population, number, arm, model))
        progress(1)
    return TrialResult(
        truth=truth,
        model=model,
        patients=patients,
        seed=seed,
        arms=tuple(arm_result(arm, courses) for arm, courses in found.items()),
    )


def arm_result(arm: Arm, courses: Sequence[TreatedPatient]) -> ArmResult:
    """Return the result of the courses of an arm, at least one."""
    low, high = float(REVIEW.target.low_ng_ml or 0), float(REVIEW.target.high_ng_ml)
    troughs = np.array([each.troughs_ng_ml for each in courses])
    count = len(courses)
    steady = troughs[:, 2 * _DAYS_A_WEEK :]
    weeks = []
    for week in CHECKED_WEEKS:
        at_end = troughs[:, week * _DAYS_A_WEEK - 1]
        below, above = int((at_end < low).sum()), int((at_end > high).sum())
        weeks.append(
            WeekShares(
                week=week,
                below=Share(below, count),
                within=Share(count - below - above, count),
                above=Share(above, count),
            )
        )
    return ArmResult(
        arm=arm,
        weeks=tuple(weeks),
        days_within_percent=float(100 * ((steady >= low) & (steady <= high)).mean()),
        overshoot=Share(int((troughs > OVERSHOOT_NG_ML).any(axis=1).sum()), count),
        levels_per_patient=sum(each.levels for each in courses) / count,
        changes_per_patient=sum(each.changes for each in courses) / count,
        holds=sum(each.holds for each in courses),
        open_questions=sum(each.open_questions for each in courses),
    )
