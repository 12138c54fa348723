"""From a trough level to an adjusted dose that can be given.

The label's arithmetic: new dose = current dose × aim / level, and where it is asked for a loading
dose of 3 × (new − current maintenance dose) (`us-label`; clinical reference, section 6). The factor
is capped at 2 and the dose is rounded to the product and goes through `dosing.limits`. A dose that
a stop prevents is not shown.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from dosing.adjustment import AdjustedDose, Adjustment, shown_target
from dosing.alerts import Alert, AlertKind, has_stop, needs_override, strongest_first
from dosing.body_size import Formula
from dosing.calculation import (
    ceiling_step,
    given_step,
    measured_step,
    per_dose_step,
    shown,
)
from dosing.following_dose import area_known, ceiling_known, facts_of_dose
from dosing.level_rules import (
    AFTER_LOADING_FROM,
    HOLDING_CONSIDERED_ABOVE,
    LARGEST_FACTOR,
    LOADING_FACTOR,
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
)
from dosing.limits import INFANT_BELOW_MONTHS, Facts, check
from dosing.maturation import SOURCE as MATURATION_SOURCE
from dosing.products import NothingMeasurableError, measure_out
from dosing.proposal import Dose, Step
from dosing.sources import PROPOSED
from dosing.writing import plain

LABEL = LOADING_FACTOR.source
_FACTOR_DECIMALS = 4


def adjust_dose(request: Adjustment) -> AdjustedDose:
    """Return the dose that a trough level suggests, or the alerts that say why there is none.

    >>> from dosing import ORAL_SOLUTION, REVIEW, Age, Weight
    >>> adjusted = adjust_dose(Adjustment(
    ...     level_ng_ml=Decimal("4.1"), dose_mg=Decimal("0.44"), times_a_day=2,
    ...     product=ORAL_SOLUTION, protocol=REVIEW, target=REVIEW.target,
    ...     age=Age.read("2 years"), weight=Weight.read("12.4 kg"),
    ... ))
    >>> adjusted.factor, adjusted.dose.measured.mg
    (Decimal('2'), Decimal('0.88'))
    """
    if request.level_ng_ml > HOLDING_CONSIDERED_ABOVE.value:
        return AdjustedDose(request=request, alerts=(_too_high(request),))
    if request.in_target:
        return AdjustedDose(request=request, alerts=(_no_change(request),), factor=Decimal(1))

    by_level = request.aim_ng_ml / request.level_ng_ml
    factor = min(by_level, Decimal(LARGEST_FACTOR.value))
    formula, area = area_known(request.weight, request.height)
    ceiling = ceiling_known(request.protocol, request.weight, request.age, area)
    if ceiling is not None and factor > 1 and ceiling <= request.daily_mg:
        return AdjustedDose(request=request, alerts=(_no_room(request, ceiling),))
    try:
        dose = _work_out(request, ceiling, area)
    except NothingMeasurableError as error:
        return AdjustedDose(request=request, alerts=(_nothing_measurable(request, error),))
    loading = _loading_dose(request, dose) if request.loading else None

    body = Facts(
        weight=request.weight,
        age=request.age,
        measured_days_ago=request.measured_days_ago,
        area_m2=area,
    )
    found = [*check(*facts_of_dose(body, dose, request.daily_mg, loading))]
    if (dose.daily_mg - request.daily_mg) * (factor - 1) < 0:
        found.append(_turned_round(request))
    adjusted = AdjustedDose(
        request=request, alerts=strongest_first([*found, *_cautions(request, by_level)])
    )
    awaiting = needs_override(found) and request.override is None
    if has_stop(found) or awaiting:
        return adjusted
    notes = _notes_on_dose(request, dose, loading, overrides=needs_override(found))
    return replace(
        adjusted,
        alerts=strongest_first([*adjusted.alerts, *notes]),
        factor=factor,
        dose=dose,
        loading_dose=loading,
        steps=(
            *_steps_to_factor(request, by_level),
            *_steps_to_dose(request, ceiling, dose, formula),
            *_steps_to_loading(request, dose, loading),
        ),
    )


def _work_out(request: Adjustment, ceiling_mg: Decimal | None, area: Decimal | None) -> Dose:
    """Return the dose, rounded to the product, never above the ceiling or twice the current dose.

    Raises `NothingMeasurableError` where the product has no dose as small as that.
    """
    times = request.times_a_day
    highest = request.daily_mg * LARGEST_FACTOR.value
    ceiling = highest if ceiling_mg is None else min(ceiling_mg, highest)
    exact = min(request.suggested_daily_mg, ceiling) / times
    return Dose(exact, measure_out(exact, request.product, ceiling / times), times, area)


def _loading_dose(request: Adjustment, dose: Dose) -> Dose | None:
    """Return the loading dose, or None where the dose does not rise."""
    exact = LOADING_FACTOR.value * (dose.daily_mg - request.daily_mg)
    if exact <= 0:
        return None
    return Dose(exact, measure_out(exact, request.product), 1, dose.area_m2)


def _steps_to_factor(request: Adjustment, by_level: Decimal) -> Iterator[Step]:
    aim, level, daily = (
        plain(request.aim_ng_ml),
        plain(request.level_ng_ml),
        shown(request.daily_mg),
    )
    if request.chosen_aim_ng_ml is None:
        yield Step("Aim", shown_target(request.target, request.aim_ng_ml), PROPOSED)
    else:
        working = f"{aim} ng/mL, chosen inside the target {request.target}"
        yield Step("Aim", working, request.protocol.target_source)
    working = (
        f"{daily} mg/day × {aim} / {level} = {shown(request.suggested_daily_mg)} mg/day, "
        f"factor {plain(by_level, _FACTOR_DECIMALS)}"
    )
    yield Step("Current dose × aim / level", working, LABEL)
    cap = LARGEST_FACTOR.value
    if by_level > cap:
        working = (
            f"capped at {cap}: {daily} mg/day × {cap} = {shown(request.daily_mg * cap)} mg/day"
        )
        yield Step("Factor", working, PROPOSED)


def _steps_to_dose(
    request: Adjustment, ceiling_mg: Decimal | None, dose: Dose, formula: Formula
) -> Iterator[Step]:
    wanted = min(request.suggested_daily_mg, request.daily_mg * LARGEST_FACTOR.value)
    if ceiling_mg is not None and wanted > ceiling_mg:
        yield ceiling_step(wanted, ceiling_mg, request.protocol.source)
    yield per_dose_step(dose.exact_daily_mg, dose.times_a_day, LABEL)
    yield measured_step(dose, request.product)
    if request.weight and dose.area_m2:
        working = f"{formula.in_numbers(request.weight, request.height)} = {shown(dose.area_m2)} m²"
        yield Step(f"Body surface area ({formula.name})", working, formula.source)
    yield given_step(dose)


def _steps_to_loading(request: Adjustment, dose: Dose, loading: Dose | None) -> Iterator[Step]:
    if loading is None:
        return
    rise = f"({shown(dose.daily_mg)} − {shown(request.daily_mg)})"
    working = f"{LOADING_FACTOR.value} × {rise} mg = {shown(loading.exact_mg)} mg, once"
    yield Step("Loading dose", working, LABEL)
    yield measured_step(loading, request.product)


def _too_high(request: Adjustment) -> Alert:
    limit, value = str(HOLDING_CONSIDERED_ABOVE), f"{plain(request.level_ng_ml)} ng/mL"
    message = f"No dose is worked out from a level above {limit}: re-check it first."
    return Alert("level-too-high-to-adjust", AlertKind.STOP, message, PROPOSED, value, limit)


def _no_change(request: Adjustment) -> Alert:
    message = (
        f"{plain(request.level_ng_ml)} ng/mL lies inside the target {request.target}: no change of "
        f"{shown(request.daily_mg)} mg/day."
    )
    return Alert("no-change", AlertKind.NOTE, message, request.protocol.target_source)


def _no_room(request: Adjustment, ceiling_mg: Decimal) -> Alert:
    message = (
        f"The level asks for more, and the protocol {request.protocol.key} allows at most "
        f"{shown(ceiling_mg)} mg/day, which {shown(request.daily_mg)} mg/day reaches already."
    )
    return Alert("ceiling", AlertKind.STOP, message, request.protocol.source)


def _nothing_measurable(request: Adjustment, error: NothingMeasurableError) -> Alert:
    message = f"{error} Choose the other product, or a longer interval."
    return Alert("ceiling", AlertKind.STOP, message, request.protocol.source)


def _turned_round(request: Adjustment) -> Alert:
    message = (
        f"Rounded to what the product can give, the dose would move away from {request.target}: "
        "the current dose cannot be measured out exactly."
    )
    return Alert("rounding-turned-round", AlertKind.STOP, message, PROPOSED)


def _cautions(request: Adjustment, by_level: Decimal) -> Iterator[Alert]:
    """Yield what to know whether there is a dose or not."""
    if by_level > LARGEST_FACTOR.value:
        asked, cap = plain(by_level, _FACTOR_DECIMALS), str(LARGEST_FACTOR.value)
        message = (
            f"The arithmetic asks for {asked} times the dose: capped at {cap}. Look for another "
            "reason for so low a level before raising further."
        )
        yield Alert("factor-capped", AlertKind.CAUTION, message, PROPOSED, asked, cap)
    if request.weight is None:
        message = "No weight is written down: the limits per m² could not be checked."
        yield Alert("weight-unknown", AlertKind.CAUTION, message, PROPOSED)


def _notes_on_dose(
    request: Adjustment, dose: Dose, loading: Dose | None, *, overrides: bool
) -> Iterator[Alert]:
    """Yield what to know of the dose itself: only where it is shown."""
    yield from check(
        Facts(weight=request.weight, age=request.age, volume_ml=dose.measured.volume_ml)
    )
    if dose.daily_mg == request.daily_mg:
        message = "Rounded to what the product can give, the dose stays as it is."
        yield Alert("dose-unchanged", AlertKind.NOTE, message, PROPOSED)
    else:
        yield _next_level(loading)
    if request.loading and loading is None:
        message = "The dose does not rise: there is no loading dose."
        yield Alert("no-loading-dose", AlertKind.NOTE, message, LABEL)
    if loading and request.age.months < INFANT_BELOW_MONTHS:
        message = "Clearance matures until 2 years: a loading dose stays longer in the body."
        yield Alert("loading-in-infancy", AlertKind.CAUTION, message, MATURATION_SOURCE)
    if request.override and not overrides:
        message = "Nothing needed an override: the reason is not kept."
        yield Alert("override-not-needed", AlertKind.NOTE, message, PROPOSED)


def _next_level(loading: Dose | None) -> Alert:
    days = f"{STEADY_STATE_NOT_BEFORE.value}-{STEADY_STATE_SURELY_FROM}"
    message = f"Keep the new dose for {days} before it is changed again."
    if loading:
        message += f" Take a level from {AFTER_LOADING_FROM} after the loading dose on."
    return Alert("next-level", AlertKind.NOTE, message, LABEL)
