"""Virtual patients of a model: random effects of its population, and bodies of the WHO tables.

Age is uniform in the model's range, from 7 months on (the program gives no younger infant a dose
without an override) to 18 years. Height and weight for age (from ten years on the body mass index)
have z scores of a standard normal distribution within two standard deviations, and keep them. The
weight at the start is in the model's range.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from math import exp, log

import numpy as np

from dosing import Age, Height, Sex, UserError, Weight
from dosing.evaluation.evaluating import random_effects
from dosing.growth import (
    BODY_MASS_INDEX_FOR_AGE,
    HEIGHT_FOR_AGE,
    WEIGHT_FOR_AGE,
    growth_scores,
)
from dosing.knowledge.limits import YOUNG_INFANT_BELOW_MONTHS
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from dosing.pharmacokinetics import Model

_FROM_BODY = {"weight", "age"}
_MONTHS_A_YEAR = 12
_DAYS_A_MONTH = 30.4375
_WIDEST_Z = 2.0
_MOST_DRAWS = 1000
_CLOSE_Z = 0.01
_MOST_STEPS = 12
_USUAL_HEIGHT_CM, _USUAL_WEIGHT_KG = 100.0, 16.0


@dataclass(frozen=True)
class VirtualPatient:
    """A child with its random effects; the body grows along its z scores."""

    number: int
    sex: Sex
    born: date
    z_height: float
    z_weight: float
    eta: tuple[float, ...]

    def body_on(self, day: date) -> tuple[Weight, Height]:
        """Return weight and height on a day, as a scale and a rule show them."""
        return _body(self, day)

    def grown(self, day: date) -> tuple[Weight, Height]:
        """Return the same, solved from the tables."""
        age = Age.between(self.born, day)
        height = Height(_rounded(self._height_cm(age), 0))
        return Weight(_rounded(self._weight_kg(age, height), 1)), height

    def _height_cm(self, age: Age) -> float:
        usual = Weight(Decimal(str(_USUAL_WEIGHT_KG)))

        def z(cm: float) -> float:
            return self._score(HEIGHT_FOR_AGE, usual, Height(_rounded(cm, 2)), age)

        return _solved(z, self.z_height, _USUAL_HEIGHT_CM)

    def _weight_kg(self, age: Age, height: Height) -> float:
        name = WEIGHT_FOR_AGE if age.months < 120 else BODY_MASS_INDEX_FOR_AGE

        def z(kg: float) -> float:
            return self._score(name, Weight(_rounded(kg, 3)), height, age)

        return _solved(z, self.z_weight, _USUAL_WEIGHT_KG)

    def _score(self, name: str, weight: Weight, height: Height, age: Age) -> float:
        scores = growth_scores(weight, height, age, self.sex)
        return float(next(each.z for each in scores if each.name == name))


@lru_cache(maxsize=1024)
def _body(patient: VirtualPatient, day: date) -> tuple[Weight, Height]:
    return patient.grown(day)


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(f"{value:.{digits}f}")


def _solved(z: Callable[[float], float], wanted: float, guess: float) -> float:
    """Return the size with a z score, by the secant in its logarithm."""
    before, now = log(guess), log(guess * 1.1)
    off_before, off = z(exp(before)) - wanted, z(exp(now)) - wanted
    for _ in range(_MOST_STEPS):
        if abs(off) < _CLOSE_Z or off == off_before:
            break
        step = -off * (now - before) / (off - off_before)
        before, off_before = now, off
        now += min(max(step, -0.7), 0.7)
        off = z(exp(now)) - wanted
    return exp(now)


@dataclass(frozen=True)
class VirtualPopulation:
    """The virtual patients of a model, by a seed.

    Raises `UserError` for a model that needs more of a patient than age, weight and drugs.
    """

    model: Model
    seed: int
    begun: date

    def __post_init__(self) -> None:
        """Check that growth tables are enough for the model, and that it is one of children."""
        drugs = {each.name for each in self.model.covariates if each.drug}
        others = sorted(set(self.model.needed) - _FROM_BODY - drugs)
        if others:
            raise UserError(
                f"{self.model.name} needs {', '.join(others)}, which virtual patients lack. Choose "
                "another truth."
            )
        low, high = self._months
        if low >= high:
            raise UserError(
                f"{self.model.name} is not for children from 7 months on. Choose another truth."
            )

    @cached_property
    def _months(self) -> tuple[float, float]:
        """The youngest and the oldest age at the start."""
        ages = [each for each in self.model.covariates if each.name == "age"]
        low = max([float(YOUNG_INFANT_BELOW_MONTHS) + 0.5, *(
            each.lowest * _MONTHS_A_YEAR for each in ages if each.lowest is not None
        )])  # fmt: skip
        high = min([float(ADULT_FROM_MONTHS), *(
            each.highest * _MONTHS_A_YEAR for each in ages if each.highest is not None
        )])  # fmt: skip
        return low, high - _MONTHS_A_YEAR

    def patient(self, number: int) -> VirtualPatient:
        """Return one of them; the same seed and number give the same one."""
        chance = np.random.default_rng([self.seed, number])
        (eta,) = random_effects(chance, self.model, 1)
        for _ in range(_MOST_DRAWS):
            days = round(float(chance.uniform(*self._months)) * _DAYS_A_MONTH)
            found = VirtualPatient(
                number=number,
                sex=Sex.FEMALE if chance.random() < 0.5 else Sex.MALE,
                born=self.begun - timedelta(days=days),
                z_height=_z(chance),
                z_weight=_z(chance),
                eta=tuple(map(float, eta)),
            )
            weight, _ = found.body_on(self.begun)
            if all(
                each.contains(float(weight.kg))
                for each in self.model.covariates
                if each.name == "weight"
            ):
                return found
        raise UserError(
            f"No child has a weight in the range of {self.model.name}. Choose another truth."
        )


def has_virtual_patients(model: Model) -> bool:
    """Return whether a model has virtual patients: growth tables are enough for it."""
    try:
        VirtualPopulation(model, 0, date(2000, 1, 1))
    except UserError:
        return False
    return True


def _z(chance: np.random.Generator) -> float:
    """Return a standard normal figure within two standard deviations."""
    while abs(z := float(chance.standard_normal())) > _WIDEST_Z:
        pass
    return z
