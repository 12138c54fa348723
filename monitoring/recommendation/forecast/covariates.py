"""The covariates of a model over time, from the record."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from dosing import Age
from dosing.knowledge.forecast_rules import COVARIATE_COUNTS_FOR
from dosing.knowledge.laboratory_units import IN_UNIT_OF_MODELS
from dosing.knowledge.maturation import MATURE_FROM_MONTHS
from dosing.pharmacokinetics.covariates import Covariate
from dosing.pharmacokinetics.dosing_history import CovariateStep
from dosing.pharmacokinetics.model import Model
from monitoring.laboratory.tests import find_test
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.times import zone_of
from monitoring.treatment import TreatmentHistory

_HOUR = timedelta(hours=1)
_AGE_STEP = 1.025
"""A maturing clearance is calculated anew each time the age has grown so, or by a day."""
_COVARIATE_OF = {"AST": "ast", "bilirubin": "bilirubin", "haematocrit": "haematocrit"}
"""The covariate that a laboratory test measures."""


@dataclass(frozen=True, slots=True)
class MeasuredCovariate:
    """A covariate that a laboratory measured, in the model's unit."""

    value: float
    on: date

    def counts_on(self, day: date) -> bool:
        """Return whether it was measured near enough to a day, before or after it."""
        return abs((day - self.on).days) <= COVARIATE_COUNTS_FOR.value


def covariate_steps(
    history: TreatmentHistory, models: Sequence[Model], until: date, origin: datetime, zone: str
) -> tuple[CovariateStep, ...]:
    """Return the models' covariates from each day on which one changed; hours from an origin.

    A weight, a height or a laboratory value applies from its day until the next, whatever its age;
    the first one applies before its day too. An unknown covariate is left out: the model says if it
    needs it.
    """
    changes = _days_of_change(history, models)
    if any(each.matures for each in models):
        changes.update(_days_of_maturation(history, origin, until))
    days = sorted(day for day in changes if day <= until)
    days = list(dict.fromkeys([*days, until]))
    steps = []
    for day in days:
        values = {
            name: value for each in models for name, value in _values_on(history, each, day).items()
        }
        midnight = datetime.combine(day, datetime.min.time(), tzinfo=zone_of(zone))
        steps.append(CovariateStep((midnight - origin) / _HOUR, values))
    changed = [steps[0]]
    changed += [step for before, step in pairwise(steps) if step.values != before.values]
    return tuple(changed)


def supposing(
    steps: Iterable[CovariateStep], supposed: Mapping[str, float]
) -> tuple[CovariateStep, ...]:
    """Return the steps with supposed values, as of `model_variants`, where none is known."""
    return tuple(CovariateStep(each.since_h, {**supposed, **each.values}) for each in steps)


def covariates_on(history: TreatmentHistory, model: Model, day: date) -> dict[str, float]:
    """Return the covariates that are known on a day, without laboratory values too old for it."""
    old = {covariate.name for covariate, _ in stale_covariates(history, model, day)}
    found = _values_on(history, model, day)
    return {name: value for name, value in found.items() if name not in old}


def stale_covariates(
    history: TreatmentHistory, model: Model, day: date
) -> tuple[tuple[Covariate, MeasuredCovariate], ...]:
    """Return the covariates that a laboratory measured too long before or after a day."""
    found = []
    for each in model.covariates:
        if each.name not in IN_UNIT_OF_MODELS:
            continue
        measured = _measured(history.record, each.name, day)
        if measured and not measured.counts_on(day):
            found.append((each, measured))
    return tuple(found)


def _values_on(history: TreatmentHistory, model: Model, day: date) -> dict[str, float]:
    found = {each.name: _value(history, each, day) for each in model.covariates}
    return {name: value for name, value in found.items() if value is not None}


def _days_of_change(history: TreatmentHistory, models: Sequence[Model]) -> set[date]:
    days = set(history.days_weighed)
    measured = history.record.once(_measurements)
    for covariate in (each for model in models for each in model.covariates):
        days |= {each.on for each in measured.get(covariate.name, ())}
        for each in history.drugs if covariate.drug else ():
            if each.is_called(covariate.drug):
                days.add(each.since)
                if each.until:
                    days.add(each.until + timedelta(days=1))
    return days


def _days_of_maturation(history: TreatmentHistory, origin: datetime, until: date) -> Iterator[date]:
    """Yield the days from which on a maturing clearance is calculated with the age of that day."""
    born = history.record.patient.entry.born.toordinal()
    old = max(1, origin.toordinal() - born)
    while old <= until.toordinal() - born:
        yield date.fromordinal(born + old)
        old = max(old + 1, int(old * _AGE_STEP))


def _value(history: TreatmentHistory, covariate: Covariate, day: date) -> float | None:
    if covariate.drug:
        given = (each for each in history.drugs if each.is_given_on(day))
        return float(any(each.is_called(covariate.drug) for each in given))
    match covariate.name:
        case "weight":
            return _weight_kg(history, day)
        case "age":
            return _years(history, day)
        case "cyp3a5":
            genotype = history.record.patient.entry.cyp3a5
            return None if genotype is None else float(genotype.is_carrier)
        case name if name not in IN_UNIT_OF_MODELS:
            return None
    measured = _measured(history.record, covariate.name, day)
    return measured.value if measured else None


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


def _measured(record: Record, name: str, day: date) -> MeasuredCovariate | None:
    """Return the last value up to a day, or the first one after it."""
    values = record.once(_measurements)[name]
    before = [each for each in values if each.on <= day]
    return next(iter([*before[-1:], *values[:1]]), None)


def _measurements(record: Record) -> Mapping[str, tuple[MeasuredCovariate, ...]]:
    """Return the values of each covariate in order of time; one with < or >, or of 0, is none."""
    found: dict[str, list[MeasuredCovariate]] = defaultdict(list)
    values = sorted(
        record.active(LaboratoryValue), key=lambda each: (each.entry.at.utc, each.number)
    )
    for each in values:
        test = find_test(each.entry.test)
        name = _COVARIATE_OF.get(test.name) if test else None
        in_unit = IN_UNIT_OF_MODELS[name].get(each.entry.value.unit) if name else None
        measured = float(each.entry.value.number * (in_unit or 0))
        if name and measured and each.entry.comparator is None:
            found[name].append(MeasuredCovariate(measured, each.entry.at.local.date()))
    return MappingProxyType({name: tuple(found[name]) for name in IN_UNIT_OF_MODELS})
