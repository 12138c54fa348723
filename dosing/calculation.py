"""The calculation of a starting dose in steps, each with its numbers filled in."""

from decimal import Decimal
from typing import TYPE_CHECKING

from dosing.dosage import HOURS_A_DAY, per_dose
from dosing.knowledge.limits import ROUNDED_DOWN_BELOW_MONTHS
from dosing.knowledge.liver_impairment import liver_reduction
from dosing.knowledge.products import ORAL_SOLUTION, Measured, Product, measure_out
from dosing.knowledge.protocols import Protocol, Start
from dosing.knowledge.references import PROPOSED
from dosing.patient import Age, Weight
from dosing.proposal import Dose, Request, Step
from dosing.quantities.formatting import count_of, percent, plain, product_name, rate
from dosing.quantities.units import counts_doses, magnitude, quantity

if TYPE_CHECKING:
    from dosing.quantities.units import PintQuantity

_SHOWN_DECIMALS = 6


def area_step(request: Request, area: Decimal) -> Step:
    """Return the step to the body surface area in m²."""
    formula = request.formula
    working = f"{formula.in_numbers(request.weight, request.height)} = {shown(area)} m²"
    return Step(f"Body surface area ({formula.name})", working, formula.source)


def protocol_mg_per_day(start: Start, weight: Weight, area: Decimal) -> Decimal:
    """Return the protocol's own daily dose, before any reduction."""
    per_day = start.per_day
    factor, _ = _size(per_day, weight, area)
    return magnitude(per_day * factor, "mg/day")


def work_out(request: Request, start: Start, area: Decimal) -> tuple[Dose, tuple[Step, ...]]:
    """Return the dose by one row of the protocol, and the steps to it.

    The dose is reduced for the liver, limited to the ceiling, divided into administrations and
    rounded to the product, still within the ceiling; in a young infant never up.

    Raises `NothingMeasurableError` where the smallest dose of the product exceeds the ceiling.
    """
    protocol, every = request.protocol, start.interval_hours
    steps = [_both_rates_step(protocol, start)]

    per_day = start.per_day
    factor, size = _size(per_day, request.weight, area)
    daily = magnitude(per_day * factor, "mg/day")
    by_size = f"{rate(per_day)}{size} = {shown(daily)} mg/day"
    steps.append(Step("Dose per day", by_size, protocol.source))

    reduction = liver_reduction(protocol, request.liver)
    if reduction:
        reduced = reduction.of(daily)
        working = f"{shown(daily)} mg/day × {reduction} = {shown(reduced)} mg/day"
        steps.append(Step(f"Child-Pugh {request.liver.value}", working, reduction.source))
        daily = reduced

    ceiling = ceiling_mg_per_day(protocol, request.weight, request.age, area)
    if ceiling is not None and daily > ceiling:
        steps.append(ceiling_step(daily, ceiling, protocol.source))
        daily = ceiling

    steps.append(per_dose_step(daily, every, protocol.source))
    exact = per_dose(daily, every)
    ceiling_per_dose = None if ceiling is None else per_dose(ceiling, every)
    measured = _measured_for(request, exact, ceiling_per_dose)
    dose = Dose(exact, measured, every, area)
    steps += [measured_step(dose, request.product), given_step(dose)]
    return dose, tuple(steps)


def work_out_loading(request: Request, area: Decimal) -> tuple[Dose | None, tuple[Step, ...]]:
    """Return the protocol's loading dose, given once, and the steps to it; None without one.

    Liver impairment does not change a loading dose.
    """
    protocol = request.protocol
    if protocol.loading_dose is None:
        return None, ()
    exact = magnitude(protocol.loading_dose * quantity(area, "m**2"), "mg/dose")
    measured = _measured_for(request, exact, None)
    dose = Dose(exact, measured, HOURS_A_DAY, area)
    working = f"{rate(protocol.loading_dose)} × {shown(area)} m² = {shown(exact)} mg, once"
    step = Step("Loading dose", working, protocol.source)
    return dose, (step, measured_step(dose, request.product))


def _measured_for(request: Request, exact: Decimal, ceiling: Decimal | None) -> Measured:
    return measure_out(
        exact,
        request.product,
        rounding_ceiling(request.protocol, request.age, exact, ceiling),
        strength_mg_per_ml=request.drawn_mg_per_ml,
        marks=request.marks,
    )


def rounding_ceiling(
    protocol: Protocol, age: Age, exact_mg: Decimal, ceiling_mg: Decimal | None
) -> Decimal | None:
    """Return the most that a dose may be rounded to: in a young infant the exact dose itself.

    The doses of a low-dose protocol are a fraction of the usual ones, and of a few marks: rounded
    down, most of them could not be given.
    """
    if protocol.is_low_dose or age.months >= ROUNDED_DOWN_BELOW_MONTHS:
        return ceiling_mg
    return exact_mg if ceiling_mg is None else min(exact_mg, ceiling_mg)


def ceiling_mg_per_day(
    protocol: Protocol, weight: Weight, age: Age, area: Decimal
) -> Decimal | None:
    """Return the highest daily dose of the protocol, or None where it has no ceiling.

    A ceiling that is a multiple of a dose by weight applies to tablets, too.
    """
    ceilings = []
    if protocol.ceiling_mg_per_day is not None:
        ceilings.append(protocol.ceiling_mg_per_day)
    by_weight = protocol.start_for(weight, age, area, ORAL_SOLUTION)
    if by_weight and by_weight.ceiling_factor is not None:
        daily = protocol_mg_per_day(by_weight, weight, area)
        ceilings.append(daily * by_weight.ceiling_factor)
    return min(ceilings, default=None)


def _size(per_day: "PintQuantity", weight: Weight, area: Decimal) -> "tuple[PintQuantity, str]":
    """Return the size that a daily rate is multiplied by, and its text."""
    if per_day.check("[mass]/[length]**2/[time]"):
        return quantity(area, "m**2"), f" × {shown(area)} m²"
    if per_day.check("1/[time]"):
        return quantity(weight.kg, "kg"), f" × {plain(weight.kg)} kg"
    return quantity(1, ""), ""


def _both_rates_step(protocol: Protocol, start: Start) -> Step:
    """Return the step from the dose as the source states it to its other form, per dose or day."""
    stated = start.stated
    if start.interval_hours > HOURS_A_DAY:
        working = f"{rate(stated)} every {start.interval_hours} hours = {rate(start.per_day)}"
        return Step(f"Protocol {protocol.key}", working, protocol.source)
    doses = f"{count_of(HOURS_A_DAY // start.interval_hours, 'dose')}/day"
    if counts_doses(stated):
        working = f"{rate(stated)} × {doses} = {rate(start.per_day)}"
    else:
        working = f"{rate(stated)} ÷ {doses} = {rate(start.per_dose)}"
    return Step(f"Protocol {protocol.key}", working, protocol.source)


def ceiling_step(daily_mg: Decimal, ceiling_mg: Decimal, source: str) -> Step:
    """Return the step that limits a daily dose to the ceiling."""
    working = f"at most {shown(ceiling_mg)} mg/day instead of {shown(daily_mg)} mg/day"
    return Step("Ceiling", working, source)


def per_dose_step(daily_mg: Decimal, every_hours: int, source: str) -> Step:
    """Return the step from a dose per day to a dose per administration."""
    exact = f"{shown(per_dose(daily_mg, every_hours))} mg/dose"
    if every_hours > HOURS_A_DAY:
        working = f"{shown(daily_mg)} mg/day × {every_hours} h / 24 h = {exact}"
    else:
        doses = count_of(HOURS_A_DAY // every_hours, "dose")
        working = f"{shown(daily_mg)} mg/day ÷ {doses}/day = {exact}"
    return Step("Dose per administration", working, source)


def measured_step(dose: Dose, product: Product) -> Step:
    """Return the step to a dose that can be measured out."""
    measured = dose.measured
    return Step(
        f"Rounded to {product_name(product, measured.strength_mg_per_ml)}",
        f"{shown(dose.exact_mg)} mg in steps of {plain(measured.step_mg)} mg = "
        f"{plain(measured.mg)} mg ({percent(dose.rounding_percent)})",
        PROPOSED,
    )


def given_step(dose: Dose) -> Step:
    """Return the step to the daily dose that is given, and per m² where the area is known."""
    working = f"{dose.dosage.in_short} = {plain(dose.daily_mg)} mg/day"
    if dose.area_m2 and dose.mg_per_m2_per_day:
        rate_by_area = f"{plain(dose.mg_per_m2_per_day, 4)} mg/m²/day"
        working += f"; ÷ {shown(dose.area_m2)} m² = {rate_by_area}"
    return Step("Given per day", working, "definition")


def shown(number: Decimal) -> str:
    """Return a figure with enough decimals to check the step."""
    return plain(number, _SHOWN_DECIMALS)
