"""What a model asks of the body over time, from the record."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from dosing import Age
from dosing.interactions import find_drugs
from dosing.kinetics.history import CovariateStep
from dosing.kinetics.model import Covariate, Model
from monitoring.laboratory.tests import find_test
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.measurement import Measurement
from monitoring.times import zone_of

_AST = "ast"
_HOUR = timedelta(hours=1)
_U_PER_L = "U/L"


def covariate_steps(
    record: Record, model: Model, until: date, origin: datetime, zone: str
) -> tuple[CovariateStep, ...]:
    """Return the covariates from each day on which one changed, up to a day; hours from an origin.

    A weight, a height or a laboratory value holds from its day until the next; the first one holds
    before its day, too. A covariate that the record does not know is left out: the model then says
    so where it needs it.
    """
    days = sorted(day for day in _days_of_change(record, model) if day <= until)
    days = list(dict.fromkeys([*days, until]))
    steps = []
    for day in days:
        values = {
            each.name: value
            for each in model.covariates
            if (value := _value(record, each, day)) is not None
        }
        midnight = datetime.combine(day, datetime.min.time(), tzinfo=zone_of(zone))
        steps.append(CovariateStep((midnight - origin) / _HOUR, values))
    changed = [steps[0]]
    changed += [step for before, step in pairwise(steps) if step.values != before.values]
    return tuple(changed)


def covariates_on(record: Record, model: Model, day: date) -> dict[str, float]:
    """Return the covariates on a day, as far as the record knows them."""
    found = {each.name: _value(record, each, day) for each in model.covariates}
    return {name: value for name, value in found.items() if value is not None}


def _days_of_change(record: Record, model: Model) -> set[date]:
    days = {each.entry.on for each in record.standing(Measurement) if each.entry.weight}
    if any(each.name == _AST for each in model.covariates):
        days |= {each.entry.at.local.date() for each in record.standing(LaboratoryValue)}
    for covariate in model.covariates:
        for each in record.standing(CoMedication) if covariate.drug else ():
            if _is(each.entry.drug, covariate.drug):
                days.add(each.entry.since)
                if each.ending and each.ending.entry.on:
                    days.add(each.ending.entry.on + timedelta(days=1))
    return days


def _value(record: Record, covariate: Covariate, day: date) -> float | None:
    if covariate.drug:
        return float(_is_given(record, covariate.drug, day))
    match covariate.name:
        case "weight":
            return _weight_kg(record, day)
        case "age":
            return float(Age.between(record.patient.entry.born, day).years)
        case "ast":
            return _ast(record, day)
    return None


def _weight_kg(record: Record, day: date) -> float | None:
    """Return the last weight up to a day, or the first one after it."""
    measured = sorted(
        (each.entry.on, each.number, weight.kg)
        for each in record.standing(Measurement)
        if (weight := each.entry.as_weight)
    )
    if not measured:
        return None
    before = [kg for on, _, kg in measured if on <= day]
    return float(before[-1] if before else measured[0][2])


def _ast(record: Record, day: date) -> float | None:
    """Return the last AST up to a day, or the first one after it, U/L."""
    values = sorted(
        (each.entry.at.utc, each.number, each.entry.at.local.date(), each.entry.value.number)
        for each in record.standing(LaboratoryValue)
        if _is_ast(each.entry)
    )
    if not values:
        return None
    before = [number for *_, on, number in values if on <= day]
    return float(before[-1] if before else values[0][-1])


def _is_ast(value: LaboratoryValue) -> bool:
    test = find_test(value.test)
    return test is not None and test.name == "AST" and value.value.unit == _U_PER_L


def _is_given(record: Record, drug: str, day: date) -> bool:
    return any(
        _is(each.entry.drug, drug)
        and each.entry.since <= day
        and (each.ending is None or each.ending.entry.on is None or day <= each.ending.entry.on)
        for each in record.standing(CoMedication)
    )


def _is(written: str, drug: str) -> bool:
    return any(each.name == drug for each in find_drugs(written)) or written.lower() == drug
