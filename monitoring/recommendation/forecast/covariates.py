"""The covariates of a model over time, from the record."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from dosing import Age
from dosing.knowledge.maturation import MATURE_FROM_MONTHS
from dosing.pharmacokinetics.covariates import Covariate
from dosing.pharmacokinetics.dosing_history import CovariateStep
from dosing.pharmacokinetics.model import Model
from monitoring.laboratory.tests import find_test
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.times import zone_of
from monitoring.treatment import TreatmentHistory

_AST = "ast"
_HOUR = timedelta(hours=1)
_U_PER_L = "U/L"


def covariate_steps(
    history: TreatmentHistory,
    covariates: Sequence[Covariate],
    until: date,
    origin: datetime,
    zone: str,
) -> tuple[CovariateStep, ...]:
    """Return the covariates from each day on which one changed, up to a day; hours from an origin.

    A weight, a height or a laboratory value applies from its day until the next; the first one
    applies before its day too. An unknown covariate is left out: the model says if it needs it.
    """
    days = sorted(day for day in _days_of_change(history, covariates) if day <= until)
    days = list(dict.fromkeys([*days, until]))
    steps = []
    for day in days:
        values = {
            each.name: value
            for each in covariates
            if (value := _value(history, each, day)) is not None
        }
        midnight = datetime.combine(day, datetime.min.time(), tzinfo=zone_of(zone))
        steps.append(CovariateStep((midnight - origin) / _HOUR, values))
    changed = [steps[0]]
    changed += [step for before, step in pairwise(steps) if step.values != before.values]
    return tuple(changed)


def covariates_on(history: TreatmentHistory, model: Model, day: date) -> dict[str, float]:
    """Return the recorded covariates on a day."""
    found = {each.name: _value(history, each, day) for each in model.covariates}
    return {name: value for name, value in found.items() if value is not None}


def _days_of_change(history: TreatmentHistory, covariates: Sequence[Covariate]) -> set[date]:
    days = set(history.days_weighed)
    if any(each.name == _AST for each in covariates):
        days |= {each.entry.at.local.date() for each in history.record.active(LaboratoryValue)}
    for covariate in covariates:
        for each in history.drugs if covariate.drug else ():
            if each.is_called(covariate.drug):
                days.add(each.since)
                if each.until:
                    days.add(each.until + timedelta(days=1))
    return days


def _value(history: TreatmentHistory, covariate: Covariate, day: date) -> float | None:
    if covariate.drug:
        given = (each for each in history.drugs if each.is_given_on(day))
        return float(any(each.is_called(covariate.drug) for each in given))
    match covariate.name:
        case "weight":
            return _weight_kg(history, day)
        case "age":
            return _years(history, day)
        case "ast":
            return _ast(history.record, day)
    return None


def _years(history: TreatmentHistory, day: date) -> float | None:
    """Return the age, the least possible one; unknown under two years without the exact date."""
    age = Age.between(history.record.patient.entry.born, day)
    is_maturing = age.oldest is not None and age.months < MATURE_FROM_MONTHS
    return None if is_maturing else float(age.years)


def _weight_kg(history: TreatmentHistory, day: date) -> float | None:
    """Return the last weight up to a day, or the first one after it."""
    measured = history.weight_on(day, or_first_after=True)
    weight = measured.entry.as_weight if measured else None
    return float(weight.kg) if weight else None


def _ast(record: Record, day: date) -> float | None:
    """Return the last AST up to a day, or the first one after it, U/L."""
    values = sorted(
        (each.entry.at.utc, each.number, each.entry.at.local.date(), each.entry.value.number)
        for each in record.active(LaboratoryValue)
        if _is_ast(each.entry)
    )
    if not values:
        return None
    before = [number for *_, on, number in values if on <= day]
    return float(before[-1] if before else values[0][-1])


def _is_ast(value: LaboratoryValue) -> bool:
    test = find_test(value.test)
    return test is not None and test.name == "AST" and value.value.unit == _U_PER_L
