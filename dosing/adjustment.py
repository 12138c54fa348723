"""An adjusted dose, with everything needed to check it: the level, the aim, steps and alerts."""

from dataclasses import dataclass
from decimal import Decimal

from dosing.alerts import Alerts
from dosing.errors import UserError
from dosing.knowledge.products import Product
from dosing.knowledge.protocols import Protocol, TargetTrough
from dosing.patient import Age, Height, Weight
from dosing.proposal import Dose, Override, Step
from dosing.quantities.formatting import plain, rounded

# Proposed: of a target that has no lower end the aim is this part of the upper end. It is where the
# middle of 5-15 and of 4-12 ng/mL lies.
_AIM_PART_OF_UPPER_END = Decimal(2) / Decimal(3)
_AIM_DECIMALS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What an adjusted dose is asked for: a trough level, and the dose that it was reached with.

    `weight`, `height` and `measured_days_ago` are None where they are not known. Raises `UserError`
    for a level or dose that is not above zero, and for an aim outside the target.
    """

    level_ng_ml: Decimal
    dose_mg: Decimal
    """The dose now given, per administration."""
    times_a_day: int
    product: Product
    protocol: Protocol
    target: TargetTrough
    age: Age
    weight: Weight | None = None
    height: Height | None = None
    measured_days_ago: Decimal | None = None
    """How many days ago the weight was measured."""
    chosen_aim_ng_ml: Decimal | None = None
    """A point inside the target to aim at, where it is not to be the usual one."""
    loading: bool = False
    """Whether a loading dose is asked for, where the dose rises."""
    override: Override | None = None

    def __post_init__(self) -> None:
        """Check the figures, and that the aim lies inside the target, its ends included."""
        for figure, what in ((self.level_ng_ml, "level"), (self.dose_mg, "dose")):
            if not figure.is_finite() or figure <= 0:
                raise UserError(f"A {what} is a number above zero, not {figure}.")
        aim = self.chosen_aim_ng_ml
        if aim is not None and (aim <= 0 or not lies_in(aim, self.target)):
            raise UserError(f"Aim at a level inside the target {self.target}, not {aim} ng/mL.")

    def __repr__(self) -> str:
        """Return the level and the dose it was reached with."""
        dose = f"{plain(self.dose_mg)} mg {self.times_a_day} times a day"
        return f"<{type(self).__name__} {plain(self.level_ng_ml)} ng/mL on {dose}>"

    @property
    def daily_mg(self) -> Decimal:
        """The dose now given, per day."""
        return self.dose_mg * self.times_a_day

    @property
    def aim_ng_ml(self) -> Decimal:
        """The level aimed at: the chosen one, else the middle of the target.

        Of a target without a lower end it is two thirds of the upper end, to one decimal
        (proposed).
        """
        if self.chosen_aim_ng_ml is not None:
            return self.chosen_aim_ng_ml
        low, high = self.target.low_ng_ml, self.target.high_ng_ml
        if low is None:
            return rounded(high * _AIM_PART_OF_UPPER_END, _AIM_DECIMALS)
        return (low + high) / 2

    @property
    def suggested_daily_mg(self) -> Decimal:
        """Current dose × aim / level, before any cap: divided last, so that it stays exact."""
        return self.daily_mg * self.aim_ng_ml / self.level_ng_ml

    @property
    def in_target(self) -> bool:
        """Whether the level lies inside the target, its ends included."""
        return lies_in(self.level_ng_ml, self.target)


def lies_in(level_ng_ml: Decimal, target: TargetTrough) -> bool:
    """Return whether a level lies inside a target, both ends included.

    >>> lies_in(Decimal("15.0"), TargetTrough(Decimal(5), Decimal(15)))
    True
    """
    return (target.low_ng_ml or 0) <= level_ng_ml <= target.high_ng_ml


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedDose:
    """What the level suggests.

    `dose` is None inside the target, where nothing is to be changed, and where a stop prevented it;
    then `steps` are empty too.
    """

    request: Adjustment
    alerts: Alerts
    """The strongest first."""
    factor: Decimal | None = None
    """By what the dose is multiplied, before a ceiling and the rounding: 1 inside the target, None
    where a stop prevented a dose."""
    dose: Dose | None = None
    loading_dose: Dose | None = None
    """One dose on the day of the change, where it was asked for and the dose rises."""
    steps: tuple[Step, ...] = ()

    def __repr__(self) -> str:
        """Return the dose and the factor, or why there is none."""
        return f"<{type(self).__name__} {self.words}>"

    @property
    def words(self) -> str:
        """The answer in one line: the dose and the factor, no change, or what prevented it."""
        if self.factor is None:
            return f"no dose: {', '.join(self.alerts.blocking_codes)}"
        if self.dose is None:
            return f"no change of {plain(self.request.daily_mg)} mg a day"
        return f"{self.dose.words}, factor {plain(self.factor, 4)}"

    @property
    def stopped(self) -> bool:
        """Whether something prevented an answer."""
        return self.factor is None

    @property
    def awaits_override(self) -> bool:
        """Whether a documented override would let the dose through."""
        return self.stopped and self.alerts.awaits_override

    @property
    def overridden(self) -> tuple[str, ...]:
        """The codes of the alerts that the override passed."""
        return self.alerts.passed_by(self.request.override)

    @property
    def override(self) -> Override | None:
        """The override, where there was something to override."""
        return self.request.override if self.overridden else None


def shown_target(target: TargetTrough, aim_ng_ml: Decimal) -> str:
    """Return how the middle of a target is reached, with its numbers filled in.

    >>> shown_target(TargetTrough(Decimal(4), Decimal(12)), Decimal(8))
    '(4 + 12) / 2 = 8 ng/mL, the middle of the target'
    """
    aim, high = plain(aim_ng_ml), plain(target.high_ng_ml)
    if target.low_ng_ml is None:
        return f"{high} × 2 / 3 = {aim} ng/mL, two thirds of the target's upper end"
    return f"({plain(target.low_ng_ml)} + {high}) / 2 = {aim} ng/mL, the middle of the target"
