"""From weight, height and age to a starting dose that can be given.

The stages are: what was typed, the body surface area, the protocol's row, the dose. A stop at one
stage ends the calculation there, and a dose that a stop prevents is not shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from dosing.alerts import Alert, AlertKind
from dosing.body_size import (
    HAYCOCK,
    WEIGHT_ONLY,
    FormulaArea,
    body_mass_index,
    body_surface_area,
    body_surface_areas,
)
from dosing.growth import HEIGHT_FOR_AGE, WEIGHT_FOR_AGE, growth_scores
from dosing.interactions import find_drug, interaction_alerts
from dosing.limits import INFANT_BELOW_MONTHS, YOUNG_INFANT_BELOW_MONTHS, Facts, check
from dosing.liver import LiverImpairment, exposure_rise_percent, liver_reduction
from dosing.maturation import SOURCE as MATURATION_SOURCE
from dosing.maturation import average_level_ng_ml
from dosing.proposal import Dose, Override, Proposal, Request
from dosing.protocols import Start
from dosing.version import VERSION
from dosing.working import area_step, work_out, work_out_loading
from dosing.writing import plain

_INFANCY_BELOW_MONTHS = 12


def propose_starting_dose(request: Request) -> Proposal:
    """Return the starting dose for a request, or the alerts that say why there is none.

    Raises `UserError` where the formula needs a height that was not given.
    """
    area = body_surface_area(request.formula, request.weight, request.height)
    facts = _typed_facts(request)
    nothing_yet = Proposal(
        request=request, alerts=interaction_alerts(request.drugs), version=VERSION
    )
    if _has_stop(check(facts)):
        return _with_alerts(nothing_yet, check(facts))

    areas = body_surface_areas(request.weight, request.height)
    facts = _with_areas(facts, area, areas)
    undosed = replace(nothing_yet, area_m2=area, areas=areas, steps=(area_step(request, area),))
    if _has_stop(check(facts)):
        return _with_alerts(undosed, check(facts))
    start = request.protocol.start_for(request.weight, request.age, area, request.product)
    if start is None:
        return _with_alerts(undosed, (*check(facts), _not_for_this_patient(request)))

    dose, dose_steps = work_out(request, start, area)
    loading, loading_steps = work_out_loading(request, area)
    checked = check(*_dose_facts(facts, dose, loading))
    undosed = replace(undosed, start=start)
    undosed = _with_alerts(undosed, (*checked, *_notes(request, start, dose)))
    if _prevented(undosed.alerts, request.override):
        return undosed
    return replace(
        undosed,
        dose=dose,
        loading_dose=loading,
        steps=(*undosed.steps, *dose_steps, *loading_steps),
    )


def _has_stop(alerts: Iterable[Alert]) -> bool:
    return any(alert.kind is AlertKind.STOP for alert in alerts)


def _prevented(alerts: Iterable[Alert], override: Override | None) -> bool:
    """Return whether a stop, or one that only an override passes, stands against the dose."""
    strongest = max((alert.kind for alert in alerts), default=AlertKind.NOTE)
    return strongest is AlertKind.STOP or (strongest is AlertKind.OVERRIDE and override is None)


def _with_alerts(proposal: Proposal, alerts: Iterable[Alert]) -> Proposal:
    """Return the proposal with these alerts added, the strongest first."""
    every_alert = sorted((*alerts, *proposal.alerts), key=lambda alert: -alert.kind)
    return replace(proposal, alerts=tuple(every_alert))


def _typed_facts(request: Request) -> Facts:
    """Return what the limits on the input look at."""
    weight, height, age = request.weight, request.height, request.age
    scores = {score.name: score.z for score in growth_scores(weight, height, age, request.sex)}
    return Facts(
        weight=weight,
        age=age,
        height_cm=height.cm if height else None,
        body_mass_index=body_mass_index(weight, height) if height else None,
        weight_for_age_z=scores.get(WEIGHT_FOR_AGE),
        height_for_age_z=scores.get(HEIGHT_FOR_AGE),
        measured_days_ago=request.measured_days_ago,
    )


def _with_areas(facts: Facts, area: Decimal, areas: tuple[FormulaArea, ...]) -> Facts:
    """Return the facts with the body surface area and how far other formulas are from it."""
    difference_percent = {each.formula: (area / each.m2 - 1) * 100 for each in areas}
    return replace(
        facts,
        area_m2=area,
        formula_difference_percent=difference_percent.get(HAYCOCK),
        weight_only_difference_percent=difference_percent.get(WEIGHT_ONLY),
    )


def _dose_facts(facts: Facts, dose: Dose, loading: Dose | None) -> Iterator[Facts]:
    """Yield what the limits look at: the dose before and after rounding, and the loading dose."""
    yield replace(
        facts, daily_mg=dose.exact_daily_mg, daily_mg_per_m2=dose.exact_daily_mg / dose.area_m2
    )
    yield replace(
        facts,
        daily_mg=dose.daily_mg,
        daily_mg_per_m2=dose.mg_per_m2_per_day,
        largest_day_mg=dose.daily_mg + (loading.measured.mg if loading else 0),
        rounding_percent=dose.rounding_percent,
        volume_ml=dose.measured.volume_ml,
    )
    if loading:
        yield replace(facts, rounding_percent=loading.rounding_percent)


def _not_for_this_patient(request: Request) -> Alert:
    protocol = request.protocol
    message = f"The protocol {protocol.key} is for {protocol.whom}. Choose another protocol."
    return Alert("protocol-not-applicable", AlertKind.STOP, message, protocol.source)


def _notes(request: Request, start: Start, dose: Dose) -> Iterator[Alert]:
    """Yield what to know beside the limits."""
    if request.liver is not LiverImpairment.NONE:
        yield _liver_alert(request)
    if request.age.months < INFANT_BELOW_MONTHS:
        yield _clearance_note(request, dose)
    if request.age.months < YOUNG_INFANT_BELOW_MONTHS:
        message = (
            "0.2 mg/m² every 24 or 48 hours gave levels of 4-6 ng/mL in five infants of 4 days to "
            "7 months."
        )
        yield Alert("young-infant-doses", AlertKind.NOTE, message, "bjcp2022")
    if request.protocol.also_mg_per_kg_per_day:
        yield _by_weight_note(request, request.protocol.also_mg_per_kg_per_day)
    if start.remark:
        yield Alert("protocol-remark", AlertKind.NOTE, start.remark, request.protocol.source)
    if _consider_prophylaxis(request):
        message = "Consider prophylaxis against Pneumocystis: in infancy, and beside steroids."
        yield Alert("pneumocystis-prophylaxis", AlertKind.NOTE, message, "authorea668195")


def _liver_alert(request: Request) -> Alert:
    reduction = liver_reduction(request.protocol, request.liver)
    done = f"was reduced to {reduction}, after the label" if reduction else "was not reduced"
    message = (
        f"Child-Pugh {request.liver.value} raises the exposure by "
        f"{exposure_rise_percent(request.liver)} %: the dose {done}. Take an earlier level."
    )
    source = reduction.source if reduction else request.protocol.source
    return Alert("liver-impairment", AlertKind.CAUTION, message, source, request.liver.value)


def _clearance_note(request: Request, dose: Dose) -> Alert:
    level = average_level_ng_ml(dose.exact_daily_mg, request.weight, request.age)
    message = (
        "Clearance matures until 2 years: at this age the protocol's dose is expected to give an "
        f"average level of about {plain(level, 0)} ng/mL (derived). Take the first level early, "
        f"{request.protocol.first_level_days[0]} days after the start."
    )
    return Alert("clearance-maturing", AlertKind.NOTE, message, MATURATION_SOURCE)


def _by_weight_note(request: Request, mg_per_kg: tuple[Decimal, Decimal]) -> Alert:
    low, high = mg_per_kg
    kg = request.weight.kg
    message = (
        f"The protocol also states {plain(low)}-{plain(high)} mg/kg/day, which is "
        f"{plain(low * kg, 2)}-{plain(high * kg, 2)} mg/day for {plain(kg, 3)} kg."
    )
    return Alert("dose-by-weight", AlertKind.NOTE, message, request.protocol.source)


def _consider_prophylaxis(request: Request) -> bool:
    drugs = [drug for name in request.drugs if (drug := find_drug(name))]
    at_risk = request.age.months < _INFANCY_BELOW_MONTHS or any(drug.is_steroid for drug in drugs)
    return at_risk and not any(drug.is_pneumocystis_prophylaxis for drug in drugs)
