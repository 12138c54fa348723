"""A taper: the steps by which a dose is reduced until it is stopped.

NCT04448873: at most 10 % a month of the dose at its start, at least 2 weeks between steps, and a
level every month. Each step is a dose that can be given. Where the marks of a syringe or whole
tablets allow only larger steps than that, a step comes later and not larger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from dosing.dosage import (
    ALTERNATE_DAYS,
    EVERY_12_HOURS,
    HOURS_A_DAY,
    Dosage,
    per_dose,
)
from dosing.errors import UserError
from dosing.json_document import json_number
from dosing.knowledge.products import (
    STANDARD_MARKS,
    STRENGTH_MG_PER_ML,
    TABLET_STRENGTHS_MG,
    TABLETS,
    Product,
    SyringeMarks,
    rounding_step,
)
from dosing.quantities.definitions import DAYS_A_YEAR

SOURCE = "nct04448873"
LARGEST_PART_A_MONTH = Decimal("0.1")
"""Of the daily dose at the start of the taper."""
SHORTEST_STEP_DAYS = 14
_DAYS_A_MONTH = DAYS_A_YEAR / 12
_TABLET_STEP = min(TABLET_STRENGTHS_MG)


@dataclass(frozen=True, slots=True)
class TaperStep:
    """One step of a taper: the days after its start, and the dose from then on.

    The last one stops, and has no dose.
    """

    days: int
    dosage: Dosage | None

    @property
    def daily_mg(self) -> Decimal:
        """The daily dose from then on."""
        return self.dosage.daily_mg if self.dosage else Decimal(0)

    def to_dict(self) -> dict[str, object]:
        """Return the step as every JSON document of the program holds it."""
        return {
            "days": self.days,
            "parts": [part.to_dict() for part in self.dosage.parts] if self.dosage else [],
            "every_hours": self.dosage.every_hours if self.dosage else None,
            "daily_mg": json_number(self.daily_mg),
        }


def taper_steps(
    dosage: Dosage,
    product: Product,
    *,
    marks: SyringeMarks = STANDARD_MARKS,
    strength_mg_per_ml: Decimal = STRENGTH_MG_PER_ML,
    start_daily_mg: Decimal | None = None,
) -> tuple[TaperStep, ...]:
    """Return the steps from the current dosage to none.

    `start_daily_mg` is the daily dose at the start of the taper, where it has begun before. Raises
    `UserError` where it is below the current dose.

    >>> steps = taper_steps(Dosage(Decimal("0.44"), 12), Product.SOLUTION)
    >>> [(step.days, step.daily_mg) for step in steps][:2]
    [(28, Decimal('0.80')), (56, Decimal('0.72'))]
    """
    start = dosage.daily_mg if start_daily_mg is None else start_daily_mg
    if start < dosage.daily_mg:
        raise UserError("A taper goes down. Its first dose is not below the current one.")
    a_month = start * LARGEST_PART_A_MONTH
    given: Iterator[Dosage]
    if product is TABLETS:
        given = _tablets_below(dosage)
    else:
        given = _volumes_below(dosage, strength_mg_per_ml, marks)
    days, daily, steps = 0, dosage.daily_mg, []
    for step in _apart(given, daily, a_month):
        lower = step.daily_mg if step else Decimal(0)
        days += _days_for(daily - lower, a_month)
        steps.append(TaperStep(days, step))
        daily = lower
    return tuple(steps)


def _apart(
    given: Iterator[Dosage], daily_mg: Decimal, a_month_mg: Decimal
) -> Iterator[Dosage | None]:
    """Yield the lowest dose within a month's part of the one before, else the next; None last."""
    passed: Dosage | None = None
    for each in given:
        if passed is not None and daily_mg - each.daily_mg > a_month_mg:
            yield passed
            daily_mg = passed.daily_mg
        passed = each
    if passed is not None and daily_mg > a_month_mg:
        yield passed
    yield None


def _volumes_below(
    dosage: Dosage, strength_mg_per_ml: Decimal, marks: SyringeMarks
) -> Iterator[Dosage]:
    """Yield each lower dose on the marks, at the same interval, the highest first."""
    every = dosage.every_hours
    mg = per_dose(dosage.daily_mg, every)
    while True:
        step = rounding_step(mg, Product.SOLUTION, strength_mg_per_ml, marks)
        mg = ((mg / step).to_integral_value(ROUND_CEILING) - 1) * step
        if mg <= 0:
            return
        yield Dosage(mg, every)


def _tablets_below(dosage: Dosage) -> Iterator[Dosage]:
    """Yield each lower dose of whole tablets, the highest first.

    Twice a day the evening's dose may be half a milligram smaller. Below one tablet an
    administration there is one dose a day, then one on alternate days.
    """
    daily, every = dosage.daily_mg, dosage.every_hours
    steps = int((daily / _TABLET_STEP).to_integral_value(ROUND_CEILING)) - 1
    for number in range(steps, 0, -1):
        found = _tablets(number, every)
        if found is not None:
            yield found
    if daily > _TABLET_STEP / 2 and every <= ALTERNATE_DAYS:
        yield Dosage(_TABLET_STEP, ALTERNATE_DAYS)


def _tablets(number: int, every: int) -> Dosage | None:
    """Return a daily dose of so many halves of a milligram, at the interval where it can be."""
    mg = per_dose(number * _TABLET_STEP, every)
    if mg % _TABLET_STEP == 0:
        return Dosage(mg, every)
    if every == EVERY_12_HOURS and number > 1:
        evening = number // 2 * _TABLET_STEP
        return Dosage(evening + _TABLET_STEP, every, evening)
    return Dosage(number * _TABLET_STEP, HOURS_A_DAY) if mg < _TABLET_STEP else None


def _days_for(reduction_mg: Decimal, a_month_mg: Decimal) -> int:
    """Return the days that a reduction waits for, to keep to the part a month."""
    days = (reduction_mg / a_month_mg * _DAYS_A_MONTH).to_integral_value(ROUND_CEILING)
    return max(SHORTEST_STEP_DAYS, int(days))
