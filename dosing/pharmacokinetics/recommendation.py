"""The dose with the best target attainment, among those that can be measured and are allowed.

Every candidate is within the largest step at once, is a dose of the product, and goes through
`dosing.knowledge.limits`, as any other dose does. Before it is shown, a second simulation of its
trough (`dosing.pharmacokinetics.simulation`) must agree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import exp

from dosing.alerts import NO_ALERTS, Alert, Alerts
from dosing.dosage import per_dose
from dosing.dose_adjustment import area_known, ceiling_known, inputs_of_dose
from dosing.knowledge.alert_catalogue import (
    BEST_DOSE_NOT_ALLOWED,
    DOSE_AT_THE_EDGE,
    DOSE_UNCHANGED,
    TROUGH_NOT_CONFIRMED,
)
from dosing.knowledge.clinic_limits import DEFAULT_LIMITS, ClinicLimits
from dosing.knowledge.forecast_rules import ABOVE_COUNTS, SMALLEST_DOSE, WORTH_A_CHANGE
from dosing.knowledge.limits import CheckInput, check
from dosing.knowledge.products import (
    STANDARD_MARKS,
    TABLETS,
    Measured,
    NothingMeasurableError,
    Product,
    SyringeMarks,
    measure_out,
)
from dosing.knowledge.protocols import Protocol, TargetTrough
from dosing.knowledge.tdm_rules import LARGEST_FACTOR
from dosing.patient import Age, Height, Weight
from dosing.pharmacokinetics.averaging import Average, Disagreement
from dosing.pharmacokinetics.map_estimate import Fit
from dosing.pharmacokinetics.model import PARAMETERS_OF
from dosing.pharmacokinetics.predictive import AnyPosterior
from dosing.pharmacokinetics.simulation import AGREES_WITHIN, steady_state_trough
from dosing.pharmacokinetics.target_attainment import Regimen, TargetAttainment, dose_outcomes
from dosing.proposal import Dose
from dosing.quantities.formatting import plain

_STEP = Decimal("1.05")
"""Proposed: candidates are about 5 % apart, finer than the target attainment can separate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseQuestion:
    """The question for a dose: the current dose, the target, and the inputs of the limits."""

    current: Regimen
    product: Product
    protocol: Protocol
    target: TargetTrough
    age: Age
    weight: Weight | None = None
    height: Height | None = None
    measured_days_ago: Decimal | None = None
    is_above: bool = False
    """True after a level above the target: any reduction that reaches it more often is worth it."""
    marks: SyringeMarks = STANDARD_MARKS
    """The marks of the clinic's oral syringes."""
    limits: ClinicLimits = DEFAULT_LIMITS
    """The limits in force in the clinic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The candidates with their outcomes, and the one that is recommended."""

    outcomes: tuple[TargetAttainment, ...]
    """By the dose, the smallest first, with the current dose among them."""
    current: TargetAttainment
    chosen: TargetAttainment | None
    """None where no candidate is allowed, and where the models disagree; the current dose where no
    other is worth a change."""
    dose: Dose | None
    """The chosen dose as measured out; None where the current dose stays or none is chosen."""
    alerts: Alerts
    """The strongest first."""
    disagreement: Disagreement | None
    """Of the models of an average on the current dose; None of a single one."""


def recommend(
    posterior: AnyPosterior, covariates: Mapping[str, float], question: DoseQuestion
) -> Recommendation:
    """Return the dose with the best target attainment in a patient with these covariates.

    Models that differ too much on the current dose recommend none. They are linear, and differ as
    much on every other dose as often a day.
    """
    doses = _candidates(question)
    now = question.current
    regimens = {dose.measured.mg: replace(now, dose_mg=dose.measured.mg) for dose in doses}
    regimens[question.current.dose_mg] = question.current
    outcomes = dose_outcomes(
        posterior, covariates, [regimens[mg] for mg in sorted(regimens)], question.target
    )
    current = next(each for each in outcomes if each.regimen == question.current)
    disagreement = _disagreement(posterior, current)
    answer = Recommendation(
        outcomes=outcomes,
        current=current,
        chosen=None,
        dose=None,
        alerts=NO_ALERTS,
        disagreement=disagreement,
    )
    if disagreement and disagreement.is_too_large:
        return answer
    dose_of = {dose.measured.mg: dose for dose in doses}
    passed_over = NO_ALERTS
    for outcome in sorted(outcomes, key=_loss):
        if not _is_worth_it(question, outcome, current):
            alerts = Alerts([*passed_over, _unchanged(current)])
            return replace(answer, chosen=current, alerts=alerts.strongest_first())
        dose = dose_of[outcome.regimen.dose_mg]
        found = _check(question, dose)
        if found.forbid(override=None):
            passed_over = passed_over or Alerts([_why_not(outcome, found)])
            continue
        differs = _simulation_differs(posterior, covariates, outcome)
        if differs:
            return replace(answer, alerts=Alerts([differs]))
        found += passed_over
        found += _at_the_edge(outcome, outcomes, question)
        return replace(answer, chosen=outcome, dose=dose, alerts=found.strongest_first())
    return replace(answer, alerts=passed_over)


def _disagreement(posterior: AnyPosterior, current: TargetAttainment) -> Disagreement | None:
    if not isinstance(posterior, Average):
        return None
    return Disagreement.among(posterior.models, current.by_model_ng_ml)


def _loss(outcome: TargetAttainment) -> float:
    """Return the probability of a miss; above the target counts twice (proposed)."""
    return outcome.below + ABOVE_COUNTS.value * outcome.above


def _is_worth_it(
    question: DoseQuestion, outcome: TargetAttainment, current: TargetAttainment
) -> bool:
    """Return whether a dose misses the target so much less that the dose is changed."""
    gain = 100 * (_loss(current) - _loss(outcome))
    is_reduction = outcome.regimen.dose_mg < current.regimen.dose_mg
    return gain > 0 if question.is_above and is_reduction else gain >= WORTH_A_CHANGE.value


def _candidates(question: DoseQuestion) -> tuple[Dose, ...]:
    """Return the doses that can be measured between the smallest and the largest step allowed."""
    _, area = area_known(question.weight, question.height)
    ceiling = ceiling_known(question.protocol, question.weight, question.age, area)
    every = question.current.interval_h
    most = question.current.dose_mg * question.limits.rule(LARGEST_FACTOR).value
    if ceiling is not None:
        most = min(most, per_dose(ceiling, every))
    least = question.current.dose_mg * SMALLEST_DOSE.value / 100
    found: dict[Decimal, Dose] = {}
    for exact in _ladder(least, most):
        measured = _measured(exact, most, question)
        if measured is not None and measured.mg >= least:
            found[measured.mg] = Dose(measured.mg, measured, every, area)
    return tuple(found.values())


def _ladder(least: Decimal, most: Decimal) -> Iterator[Decimal]:
    """Yield doses from the least to the most, both ends included."""
    exact = least
    while exact < most:
        yield exact
        exact *= _STEP
    yield most


def _measured(exact_mg: Decimal, ceiling_mg: Decimal, question: DoseQuestion) -> Measured | None:
    try:
        return measure_out(exact_mg, question.product, ceiling_mg, marks=question.marks)
    except NothingMeasurableError:
        return None


def _check(question: DoseQuestion, dose: Dose) -> Alerts:
    body = CheckInput(
        weight=question.weight,
        age=question.age,
        measured_days_ago=question.measured_days_ago,
        area_m2=dose.area_m2,
        is_tablets=question.product is TABLETS,
        is_low_intended=question.protocol.is_low_dose,
    )
    current = question.current.dosage.daily_mg
    measured = CheckInput(
        weight=question.weight, age=question.age, volume_ml=dose.measured.volume_ml
    )
    table = question.limits.table
    return check(*inputs_of_dose(body, dose, current), table=table) + check(measured, table=table)


def _simulation_differs(
    posterior: AnyPosterior, covariates: Mapping[str, float], outcome: TargetAttainment
) -> Alert | None:
    """Return a stop where a second simulation of the trough, model by model, disagrees."""
    regimen = outcome.regimen
    again = sum(
        weight
        * steady_state_trough(
            each.fit.model,
            _own_parameters(each.fit, covariates),
            float(regimen.dose_mg),
            regimen.interval_h,
        )
        for weight, each in posterior.members
    )
    if abs(again - outcome.trough_ng_ml) <= AGREES_WITHIN * again:
        return None
    return TROUGH_NOT_CONFIRMED.alert(
        dose=plain(regimen.dose_mg), trough=f"{outcome.trough_ng_ml:.2f}", again=f"{again:.2f}"
    )


def _own_parameters(fit: Fit, covariates: Mapping[str, float]) -> tuple[float, ...]:
    """Return the parameters of the most probable patient, in the order of `PARAMETERS_OF`."""
    model = fit.model
    typical = zip(PARAMETERS_OF[model.compartments], model.typical(covariates), strict=True)
    return tuple(
        value * exp(fit.eta[model.effects.index(name)]) if name in model.effects else value
        for name, value in typical
    )


def _unchanged(current: TargetAttainment) -> Alert:
    chance = f"{current.within * 100:.0f}"
    return DOSE_UNCHANGED.alert(chance=chance, gain=WORTH_A_CHANGE.value, daily=None)


def _why_not(outcome: TargetAttainment, found: Alerts) -> Alert:
    strongest = found.strongest_first()[0]
    return BEST_DOSE_NOT_ALLOWED.alert(
        source=strongest.source, dose=plain(outcome.regimen.dose_mg), reason=strongest.message
    )


def _at_the_edge(
    outcome: TargetAttainment, outcomes: tuple[TargetAttainment, ...], question: DoseQuestion
) -> Iterator[Alert]:
    """Yield a note where the chosen dose is the largest or the smallest candidate."""
    if outcome in (outcomes[0], outcomes[-1]):
        yield DOSE_AT_THE_EDGE.alert(
            least=SMALLEST_DOSE.value / 100,
            most=question.limits.rule(LARGEST_FACTOR).value,
            current=plain(question.current.dose_mg),
        )
