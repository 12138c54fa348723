"""From a trough level to an adjusted dose that can be given.

The label's arithmetic: new dose = current dose × aim / level, and where it is asked for a loading
dose of 3 × (new − current maintenance dose) (`us-label`; clinical reference, section 6). The factor
is capped at 2 and the dose is rounded to the product and goes through `dosing.knowledge.limits`. A
dose that a stop prevents is not shown.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from dosing.adjustment import AdjustedDose, Adjustment, shown_target
from dosing.alerts import Alert, Alerts
from dosing.calculation import (
    ceiling_step,
    given_step,
    measured_step,
    per_dose_step,
    shown,
)
from dosing.following_dose import area_known, ceiling_known, facts_of_dose
from dosing.knowledge.alert_catalogue import (
    CEILING,
    DOSE_UNCHANGED,
    FACTOR_CAPPED,
    LEVEL_TOO_HIGH_TO_ADJUST,
    LOADING_IN_INFANCY,
    NEXT_LEVEL,
    NO_CHANGE,
    NO_LOADING_DOSE,
    OVERRIDE_NOT_NEEDED,
    ROUNDING_TURNED_ROUND,
    WEIGHT_UNKNOWN,
)
from dosing.knowledge.limits import INFANT_BELOW_MONTHS, CheckInput, check
from dosing.knowledge.products import NothingMeasurableError, measure_out
from dosing.knowledge.references import PROPOSED
from dosing.knowledge.tdm_rules import (
    AFTER_LOADING_FROM,
    HOLDING_CONSIDERED_ABOVE,
    LARGEST_FACTOR,
    LOADING_FACTOR,
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
)
from dosing.proposal import Dose, Step
from dosing.quantities.formatting import plain
from dosing.surface_area import Formula

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
        return AdjustedDose(request=request, alerts=Alerts([_too_high(request)]))
    if request.in_target:
        return AdjustedDose(
            request=request, alerts=Alerts([_no_change(request)]), factor=Decimal(1)
        )

    by_level = request.aim_ng_ml / request.level_ng_ml
    factor = min(by_level, Decimal(LARGEST_FACTOR.value))
    formula, area = area_known(request.weight, request.height)
    ceiling = ceiling_known(request.protocol, request.weight, request.age, area)
    if ceiling is not None and factor > 1 and ceiling <= request.daily_mg:
        return AdjustedDose(request=request, alerts=Alerts([_no_room(request, ceiling)]))
    try:
        dose = _work_out(request, ceiling, area)
    except NothingMeasurableError as error:
        return AdjustedDose(request=request, alerts=Alerts([_nothing_measurable(request, error)]))
    loading = _loading_dose(request, dose) if request.loading else None

    body = CheckInput(
        weight=request.weight,
        age=request.age,
        measured_days_ago=request.measured_days_ago,
        area_m2=area,
    )
    found = check(*facts_of_dose(body, dose, request.daily_mg, loading))
    if (dose.daily_mg - request.daily_mg) * (factor - 1) < 0:
        found += [ROUNDING_TURNED_ROUND.alert(target=request.target)]
    alerts = found + _cautions(request, by_level)
    adjusted = AdjustedDose(request=request, alerts=alerts.strongest_first())
    if alerts.forbid(request.override):
        return adjusted
    alerts = adjusted.alerts + _notes_on_dose(request, dose, loading)
    if request.override and not found.awaits_override:
        alerts += [OVERRIDE_NOT_NEEDED.alert()]
    return replace(
        adjusted,
        alerts=alerts.strongest_first(),
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
    value = f"{plain(request.level_ng_ml)} ng/mL"
    return LEVEL_TOO_HIGH_TO_ADJUST.alert(value=value, limit=str(HOLDING_CONSIDERED_ABOVE))


def _no_change(request: Adjustment) -> Alert:
    return NO_CHANGE.alert(
        source=request.protocol.target_source,
        level=plain(request.level_ng_ml),
        target=request.target,
        daily=shown(request.daily_mg),
    )


def _no_room(request: Adjustment, ceiling_mg: Decimal) -> Alert:
    return CEILING.alert(
        source=request.protocol.source,
        protocol=request.protocol.key,
        most=shown(ceiling_mg),
        daily=shown(request.daily_mg),
        unmeasurable=None,
    )


def _nothing_measurable(request: Adjustment, error: NothingMeasurableError) -> Alert:
    return CEILING.alert(
        source=request.protocol.source, unmeasurable=error, protocol=None, most=None, daily=None
    )


def _cautions(request: Adjustment, by_level: Decimal) -> Iterator[Alert]:
    """Yield what to know whether there is a dose or not."""
    if by_level > LARGEST_FACTOR.value:
        yield FACTOR_CAPPED.alert(
            value=plain(by_level, _FACTOR_DECIMALS),
            limit=str(LARGEST_FACTOR.value),
            times=plain(by_level, 2),
        )
    if request.weight is None:
        yield WEIGHT_UNKNOWN.alert()


def _notes_on_dose(request: Adjustment, dose: Dose, loading: Dose | None) -> Iterator[Alert]:
    """Yield what to know of the dose itself: only where it is shown."""
    yield from check(
        CheckInput(weight=request.weight, age=request.age, volume_ml=dose.measured.volume_ml)
    )
    if dose.daily_mg == request.daily_mg:
        yield DOSE_UNCHANGED.alert(daily=plain(dose.daily_mg), chance=None, gain=None)
    else:
        yield _next_level(loading)
    if request.loading and loading is None:
        yield NO_LOADING_DOSE.alert()
    if loading and request.age.months < INFANT_BELOW_MONTHS:
        yield LOADING_IN_INFANCY.alert()


def _next_level(loading: Dose | None) -> Alert:
    days = f"{STEADY_STATE_NOT_BEFORE.value}-{STEADY_STATE_SURELY_FROM}"
    return NEXT_LEVEL.alert(days=days, after_loading=AFTER_LOADING_FROM if loading else None)
