"""The dosing history: the doses and the covariates of one patient over time.

Times are hours on one line, from an origin that the caller chooses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from types import MappingProxyType

from dosing.errors import UserError


@dataclass(frozen=True, slots=True)
class DoseRecord:
    """`count` equal doses, one every `interval_h`; a single dose has any interval above zero.

    At steady state (SS = 1 in NONMEM) the first dose has been repeated every `interval_h` for ever:
    it replaces all that was given before it.

    Raises `UserError` for a dose, interval or number that is not above zero.
    """

    first_h: float
    amount_mg: float
    interval_h: float = 24.0
    count: int = 1
    steady_state: bool = False

    def __post_init__(self) -> None:
        """Check the figures."""
        if not (isfinite(self.amount_mg) and self.amount_mg > 0):
            raise UserError(f"A dose is above zero, not {self.amount_mg} mg.")
        if not (isfinite(self.interval_h) and self.interval_h > 0):
            raise UserError(f"The interval of doses is above zero hours, not {self.interval_h}.")
        if not isfinite(self.first_h):
            raise UserError(f"The time of a dose is a number of hours, not {self.first_h}.")
        if self.count < 1:
            raise UserError(f"The number of doses is at least one, not {self.count}.")


@dataclass(frozen=True, slots=True)
class CovariateStep:
    """The covariates from a time until the next step; the first step applies before its time, too.

    Raises `UserError` for a value that is not a number.
    """

    since_h: float
    values: Mapping[str, float]

    def __post_init__(self) -> None:
        """Check the figures and freeze them."""
        for name, value in self.values.items():
            if not isfinite(value):
                raise UserError(f"The covariate {name} is a number, not {value}.")
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))


@dataclass(frozen=True, slots=True)
class DosingHistory:
    """The doses and covariates of one patient.

    At a reset (EVID 3 in NONMEM) all amounts become zero, and a dose within its lag is lost; a dose
    at the same time comes after the reset (EVID 4).

    Raises `UserError` without covariate steps, where they are not in order, for a reset without a
    time, and for two steady states at one time.
    """

    doses: tuple[DoseRecord, ...]
    covariates: tuple[CovariateStep, ...]
    resets_h: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check the order of the steps, the resets and the steady states."""
        times = [each.since_h for each in self.covariates]
        if not times:
            raise UserError("The covariates of the patient are unknown. Give at least one step.")
        if any(one >= other for one, other in pairwise(times)):
            raise UserError("The covariates are not in order. Sort them by time, each time once.")
        if not all(map(isfinite, self.resets_h)):
            raise UserError("The time of a reset is not a number of hours. Correct it.")
        steady = [each.first_h for each in self.doses if each.steady_state]
        if len(set(steady)) < len(steady):
            raise UserError("Two steady states begin at the same time. Keep one.")
