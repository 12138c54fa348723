"""A starting dose that can be given, from weight, height and age.

The stages are the measurements, the body surface area, the protocol's row, and the dose. A stop at
one stage ends the calculation there, and a dose that a stop prevents is not shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from dosing.alerts import NO_ALERTS, Alert, Alerts
from dosing.calculation import (
    area_step,
    ceiling_mg_per_day,
    protocol_mg_per_day,
    work_out,
    work_out_loading,
)
from dosing.check_input import check_input, preterm_alerts
from dosing.knowledge.alert_catalogue import (
    BIRTH_DATE_NEEDED,
    CEILING,
    CLEARANCE_MATURING,
    DOSE_BY_WEIGHT,
    LIVER_IMPAIRMENT,
    NO_STARTING_DOSE,
    OVERRIDE_NOT_NEEDED,
    PNEUMOCYSTIS_PROPHYLAXIS,
    PROPHYLAXIS_OF_INFANT_ON_STEROIDS,
    PROTOCOL_NOT_APPLICABLE,
    PROTOCOL_REMARK,
    YOUNG_INFANT_DOSES,
)
from dosing.knowledge.interactions import find_drugs, interaction_alerts
from dosing.knowledge.limits import (
    INFANT_BELOW_MONTHS,
    NEONATE_BELOW_MONTHS,
    ROUNDING_CODE,
    YOUNG_INFANT_BELOW_MONTHS,
    CheckInput,
    age_unsure,
    check,
)
from dosing.knowledge.liver_impairment import exposure_rise_percent, liver_reduction
from dosing.knowledge.maturation import average_level_ng_ml
from dosing.knowledge.products import TABLETS, NothingMeasurableError
from dosing.knowledge.prophylaxis import is_high_target, is_infant
from dosing.knowledge.protocols import Start
from dosing.measuring import TabletOption, tablet_options
from dosing.patient import LiverImpairment
from dosing.proposal import Dose, Proposal, Request
from dosing.quantities.formatting import plain
from dosing.surface_area import HAYCOCK, WEIGHT_ONLY, Formula, body_surface_area
from dosing.version import VERSION


def propose_starting_dose(request: Request, known: Alerts = NO_ALERTS) -> Proposal:
    """Return the starting dose for a request, or the alerts that prevent it.

    `known` are findings about the patient from elsewhere, such as the record: they count as well.

    Raises `UserError` where the formula needs a height and none is given, and for an interval that
    the protocol's source does not state.
    """
    if request.age.oldest is not None:
        return _of_unsure_age(request, known)
    return _of_known_age(request, known)


def _of_known_age(request: Request, known: Alerts) -> Proposal:
    area = body_surface_area(request.formula, request.weight, request.height)
    alerts = known + interaction_alerts(request.drugs) + request.limits.alerts
    alerts += preterm_alerts(request.age, request.gestation)
    proposal = Proposal(request=request, alerts=alerts, version=VERSION)
    inputs = replace(
        check_input(request.weight, request.height, request.age, request.sex, request.gestation),
        measured_days_ago=request.measured_days_ago,
    )
    alerts = check(inputs, table=request.limits.table)
    if alerts.stopped:
        return _with_alerts(proposal, alerts)

    proposal = replace(proposal, area_m2=area, steps=(area_step(request, area),))
    inputs = replace(
        inputs,
        area_m2=area,
        formula_difference_percent=_difference_percent(area, HAYCOCK, request),
        weight_only_difference_percent=_difference_percent(area, WEIGHT_ONLY, request),
    )
    alerts = check(inputs, table=request.limits.table)
    if alerts.stopped:
        return _with_alerts(proposal, alerts)

    start = request.protocol.start_for(request.weight, request.age, area, request.product)
    if start is None:
        return _with_alerts(proposal, [*alerts, _not_for_this_patient(request)])
    start = start.at_interval(request.every_hours)
    try:
        dose, steps = work_out(request, start, area)
        loading, loading_steps = work_out_loading(request, area)
    except NothingMeasurableError as error:
        return _with_alerts(proposal, [*alerts, _nothing_measurable(request, error)])

    protocols_own_mg = protocol_mg_per_day(start, request.weight, area)
    limits = check(
        *_dose_inputs(request, inputs, area, protocols_own_mg, dose, loading),
        table=request.limits.table,
    )
    proposal = _with_alerts(proposal, limits + _notes(request, dose))
    if proposal.alerts.forbid(request.override):
        only_rounding = set(proposal.alerts.blocking_codes) == {ROUNDING_CODE}
        options = _tablet_options(request, dose) if only_rounding else ()
        return replace(proposal, tablet_options=options)
    if request.override and not proposal.alerts.awaits_override:
        proposal = _with_alerts(proposal, [OVERRIDE_NOT_NEEDED.alert()])
    return replace(
        _with_alerts(proposal, _notes_on_dose(request, start, dose)),
        start=start,
        dose=dose,
        loading_dose=loading,
        steps=(*proposal.steps, *steps, *loading_steps),
        tablet_options=_tablet_options(request, dose),
    )


def _of_unsure_age(request: Request, known: Alerts) -> Proposal:
    """Return the starting dose on which both ends of the range of ages agree.

    What stops either of them stops it, and a dose that depends on the age needs the birth date.
    """
    young, old = (_of_known_age(replace(request, age=each), known) for each in request.age.ends)
    alerts = young.alerts + old.alerts.beyond(young.alerts)
    if young.overridden != old.overridden:
        alerts = alerts.without({OVERRIDE_NOT_NEEDED.code})
    if [each.code for each in young.alerts] != [each.code for each in old.alerts]:
        alerts += Alerts((age_unsure(*request.age.ends),))
    if young.dose and old.dose and (young.dose, young.loading_dose) != (old.dose, old.loading_dose):
        needed = BIRTH_DATE_NEEDED.alert(
            young=plain(young.dose.measured.mg),
            old=plain(old.dose.measured.mg),
            youngest=int(young.request.age.months),
            oldest=int(old.request.age.months),
        )
        alerts += Alerts((needed,))
    answer = young if young.dose is None or old.dose is not None else old
    answer = replace(answer, request=request, alerts=alerts.strongest_first())
    if alerts.forbid(request.override):
        return replace(answer, start=None, dose=None, loading_dose=None)
    return answer


def _with_alerts(proposal: Proposal, alerts: Iterable[Alert]) -> Proposal:
    """Return the proposal with these alerts added, the strongest first."""
    return replace(proposal, alerts=Alerts([*alerts, *proposal.alerts]).strongest_first())


def _difference_percent(area: Decimal, formula: Formula, request: Request) -> Decimal | None:
    """Return the difference from another formula's area; None where it lacks the height."""
    if formula.needs_height and request.height is None:
        return None
    other = body_surface_area(formula, request.weight, request.height)
    return (area / other - 1) * 100


def _tablet_options(request: Request, dose: Dose) -> tuple[TabletOption, ...]:
    """Return the doses of whole tablets near the exact one; none for the solution."""
    if request.product is not TABLETS or dose.area_m2 is None:
        return ()
    ceiling = ceiling_mg_per_day(request.protocol, request.weight, request.age, dose.area_m2)
    return tablet_options(dose.exact_daily_mg, dose.every_hours, ceiling)


def _dose_inputs(  # noqa: PLR0913, PLR0917 - the doses in the order of their calculation
    request: Request,
    inputs: CheckInput,
    area: Decimal,
    protocols_own_mg: Decimal,
    dose: Dose,
    loading: Dose | None,
) -> Iterator[CheckInput]:
    """Yield the inputs of the limits.

    They are the protocol's own dose, because a reduction for the liver answers a higher exposure
    and does not excuse a dose beyond a limit; the dose after rounding; and the loading dose.
    """
    yield inputs
    patient = CheckInput(
        age=inputs.age,
        weight=inputs.weight,
        is_tablets=request.product is TABLETS,
        is_low_intended=request.protocol.is_low_dose,
    )
    for daily_mg in (protocols_own_mg, dose.exact_daily_mg, dose.daily_mg):
        yield replace(patient, daily_mg=daily_mg, daily_mg_per_m2=daily_mg / area)
    yield replace(
        patient,
        largest_day_mg=dose.dosage.largest_day_mg + (loading.measured.mg if loading else 0),
        rounding_percent=dose.rounding_percent,
        loading_rounding_percent=loading.rounding_percent if loading else None,
    )


def _not_for_this_patient(request: Request) -> Alert:
    protocol = request.protocol
    if not protocol.starts:
        return NO_STARTING_DOSE.alert(
            source=protocol.source, protocol=protocol.key, target=protocol.target
        )
    return PROTOCOL_NOT_APPLICABLE.alert(
        source=protocol.source, protocol=protocol.key, whom=protocol.whom
    )


def _nothing_measurable(request: Request, error: NothingMeasurableError) -> Alert:
    return CEILING.alert(
        source=request.protocol.source,
        unmeasurable=error,
        instead="another protocol",
        protocol=None,
        most=None,
        daily=None,
    )


def _notes(request: Request, dose: Dose) -> Iterator[Alert]:
    """Yield the alerts that no limit raises, with a dose or without."""
    if request.liver is not LiverImpairment.NONE:
        yield _liver_alert(request)
    if request.age.months < INFANT_BELOW_MONTHS:
        neonate = request.age.months < NEONATE_BELOW_MONTHS
        yield CLEARANCE_MATURING.alert(
            average=_average_level(request, dose),
            derived="extrapolated below 1 month" if neonate else "derived",
        )
    if request.age.months < YOUNG_INFANT_BELOW_MONTHS:
        yield YOUNG_INFANT_DOSES.alert()
    yield from _prophylaxis(request)


def _notes_on_dose(request: Request, start: Start, dose: Dose) -> Iterator[Alert]:
    """Yield the alerts about a dose that is shown."""
    protocol = request.protocol
    yield from check(
        CheckInput(weight=request.weight, age=request.age, volume_ml=dose.measured.volume_ml),
        table=request.limits.table,
    )
    if protocol.also_mg_per_kg_per_day:
        low, high = protocol.also_mg_per_kg_per_day
        per_kg = plain(dose.daily_mg / request.weight.kg, 3)
        yield DOSE_BY_WEIGHT.alert(source=protocol.source, low=low, high=high, per_kg=per_kg)
    if start.remark:
        yield PROTOCOL_REMARK.alert(source=protocol.source, remark=start.remark)


def _liver_alert(request: Request) -> Alert:
    reduction = liver_reduction(request.protocol, request.liver)
    return LIVER_IMPAIRMENT.alert(
        value=request.liver.value,
        rise=exposure_rise_percent(request.liver),
        reduced=f"reduced to {reduction}, as in the label" if reduction else "not reduced",
    )


def _average_level(request: Request, dose: Dose) -> str:
    """Return the expected average level on the protocol's dose, ng/mL."""
    level = average_level_ng_ml(dose.exact_daily_mg, request.weight, request.age)
    return plain(level * Decimal(100 + exposure_rise_percent(request.liver)) / 100, 0)


def _prophylaxis(request: Request) -> Iterator[Alert]:
    drugs = [drug for name in request.drugs for drug in find_drugs(name)]
    if any(drug.is_pneumocystis_prophylaxis for drug in drugs):
        return
    infancy = is_infant(request.age.months)
    on_steroids = any(drug.is_steroid for drug in drugs)
    if infancy and on_steroids:
        yield PROPHYLAXIS_OF_INFANT_ON_STEROIDS.alert()
    elif infancy or on_steroids or is_high_target(request.protocol.target):
        yield PNEUMOCYSTIS_PROPHYLAXIS.alert()
