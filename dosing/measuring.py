"""The doses that a product can give near another: the marks of a syringe, and whole tablets.

A typed dose off the marks is never refused: a caution names the nearest ones.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, Decimal

from dosing.alerts import NO_ALERTS, Alert, Alerts
from dosing.dosage import ALTERNATE_DAYS, EVERY_12_HOURS, HOURS_A_DAY, Dosage, per_dose
from dosing.json_document import json_number
from dosing.knowledge.alert_catalogue import NO_WHOLE_TABLETS, OFF_THE_MARKS
from dosing.knowledge.products import (
    FINE_STEP_ML,
    FINE_SYRINGE_UP_TO_ML,
    STANDARD_MARKS,
    STRENGTH_MG_PER_ML,
    TABLET_STRENGTHS_MG,
    TABLETS,
    Product,
    SyringeMarks,
    neighbours,
)
from dosing.quantities.formatting import plain, strength

_TABLET_STEP = min(TABLET_STRENGTHS_MG)
FARTHEST_OPTION_PERCENT = Decimal(25)
"""Other tablet doses than the two nearest differ by no more (proposed): beyond it an override."""


@dataclass(frozen=True, slots=True)
class TabletOption:
    """A dosage in whole tablets, and how far its daily dose is from the exact one."""

    dosage: Dosage
    off_percent: Decimal

    def to_dict(self) -> dict[str, object]:
        """Return the option as every JSON document of the program holds it."""
        return {
            "parts": [part.to_dict() for part in self.dosage.parts],
            "every_hours": self.dosage.every_hours,
            "daily_mg": json_number(self.dosage.daily_mg),
            "off_percent": json_number(self.off_percent, 2),
        }


def tablet_options(
    exact_daily_mg: Decimal, every_hours: int, ceiling_mg: Decimal | None = None
) -> tuple[TabletOption, ...]:
    """Return the doses of whole tablets near a daily dose, the nearest first.

    They are the two nearest at the interval; and, within 25 % of the daily dose, the nearest once a
    day, with more in the morning than in the evening, and on alternate days (`rapalimus-faq`:
    0.5 mg a day as 1 mg every second day). None is above the ceiling of a day.

    >>> [(str(each.dosage), round(each.off_percent)) for each in tablet_options(Decimal(2), 12)][:2]
    [('1 mg every 12 hours', 0), ('2 mg every 24 hours', 0)]
    """
    near = neighbours(per_dose(exact_daily_mg, every_hours), TABLETS)
    options = [_option(Dosage(mg, every_hours), exact_daily_mg) for mg in near if mg > 0]
    options += _ways(exact_daily_mg).values()
    allowed = (each for each in options if ceiling_mg is None or each.dosage.daily_mg <= ceiling_mg)
    return tuple(sorted(dict.fromkeys(allowed), key=lambda option: abs(option.off_percent)))


def _ways(daily_mg: Decimal) -> dict[str, TabletOption]:
    """Return the nearest dose of each other way to a daily dose, as far as it is near enough."""
    ways = {
        "once_daily": _nearest_tablets(daily_mg, HOURS_A_DAY),
        "unequal": _unequal(daily_mg),
        "alternate_days": _nearest_tablets(daily_mg, ALTERNATE_DAYS),
    }
    options = {name: _option(way, daily_mg) for name, way in ways.items() if way is not None}
    return {
        name: option
        for name, option in options.items()
        if abs(option.off_percent) <= FARTHEST_OPTION_PERCENT
    }


def _nearest_tablets(daily_mg: Decimal, every_hours: int) -> Dosage | None:
    steps = (per_dose(daily_mg, every_hours) / _TABLET_STEP).quantize(Decimal(1), ROUND_HALF_DOWN)
    return Dosage(steps * _TABLET_STEP, every_hours) if steps > 0 else None


def _unequal(daily_mg: Decimal) -> Dosage | None:
    """Return the nearest daily dose with half a milligram more in the morning."""
    pairs = (daily_mg / _TABLET_STEP - 1) / 2
    evening = pairs.quantize(Decimal(1), ROUND_HALF_DOWN) * _TABLET_STEP
    return Dosage(evening + _TABLET_STEP, EVERY_12_HOURS, evening) if evening > 0 else None


def _option(dosage: Dosage, exact_daily_mg: Decimal) -> TabletOption:
    return TabletOption(dosage, (dosage.daily_mg - exact_daily_mg) / exact_daily_mg * 100)


def measurable(
    dosage: Dosage,
    product: Product,
    *,
    strength_mg_per_ml: Decimal = STRENGTH_MG_PER_ML,
    marks: SyringeMarks = STANDARD_MARKS,
) -> Alerts:
    """Return a caution for each dose that no mark of the syringe, or no whole tablet, gives."""
    found = NO_ALERTS
    for mg in dict.fromkeys(part.mg for part in dosage.parts):
        below, above = neighbours(mg, product, strength_mg_per_ml, marks)
        if below == above:
            continue
        near = [each for each in (below, above) if each > 0]
        if product is TABLETS:
            found += [_no_whole_tablets(mg, near, dosage)]
        else:
            found += [_off_the_marks(mg, near, strength_mg_per_ml)]
    return found


def _off_the_marks(mg: Decimal, near: list[Decimal], mg_per_ml: Decimal) -> Alert:
    volume = mg / mg_per_ml
    fine = volume <= FINE_SYRINGE_UP_TO_ML and volume % FINE_STEP_ML == 0
    return OFF_THE_MARKS.alert(
        dose=f"{plain(mg)} mg ({plain(volume, 4)} mL of {strength(mg_per_ml)})",
        nearest=" or ".join(
            f"{plain(each)} mg ({plain(each / mg_per_ml)} mL of {strength(mg_per_ml)})"
            for each in near
        ),
        fine=f"{plain(volume)} mL" if fine else None,
    )


def _no_whole_tablets(mg: Decimal, near: list[Decimal], dosage: Dosage) -> Alert:
    ways = {name: str(option.dosage) for name, option in _ways(dosage.daily_mg).items()}
    return NO_WHOLE_TABLETS.alert(
        dose=f"{plain(mg)} mg",
        nearest=" or ".join(f"{plain(each)} mg" for each in near),
        once_daily=ways.get("once_daily"),
        unequal=ways.get("unequal"),
        alternate_days=ways.get("alternate_days"),
    )
