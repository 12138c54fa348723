"""How long fits and forecasts take, as ratios against scipy's minimiser on plain superposition.

`OMP_NUM_THREADS=1 python -m tests.benchmarks.bench_kinetics` (`--small` for a quick look). Patients
have five levels and ninety days of doses twice a day. scipy's BFGS with its own numerical gradient
makes the same objective small from one start; each dose is superposed alone, in numpy. As in
`bench_dose`, the cases take turns, and the figures of one run compare with each other and with
nothing else. Time is that of the processor, which a busy machine lengthens little.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from statistics import median

import numpy as np
from scipy.optimize import minimize

from dosing.knowledge.protocols import TargetTrough
from dosing.pharmacokinetics import (
    Concentrations,
    CovariateStep,
    DoseRecord,
    DosingHistory,
    MeasuredLevel,
    Model,
    Posterior,
    Regimen,
    dose_outcomes,
    fit,
    fit_many,
    forecast,
)
from tests.benchmarks.bench_dose import print_ratios
from tests.dosing.pharmacokinetics.models import CORRELATED, FAN, FOUR_EFFECTS, random_effects
from tests.dosing.pharmacokinetics.second_kinetics import SecondObjective

_MODELS = {
    "one compartment, 1 effect": FAN,
    "one compartment, 2 effects": CORRELATED,
    "two compartments, 4 effects": FOUR_EFFECTS,
}
_SCIPY, _WEEK = "scipy's BFGS, one start", "a week of doses"


def treated(model: Model, kg: float, days: int) -> DosingHistory:
    """Return the doses of so many days, twice a day, for about 8 ng/mL on average."""
    dose_mg = model.typical({"weight": kg})[0] * 8 * 12 / 1000
    return DosingHistory(
        (DoseRecord(0, dose_mg, 12, 2 * days),), (CovariateStep(0, {"weight": kg}),)
    )


def patient(model: Model, number: int) -> tuple[DosingHistory, list[MeasuredLevel]]:
    """Return a patient with ninety days of doses and five troughs."""
    chance = np.random.default_rng([90, number])
    history = treated(model, float(chance.uniform(5, 60)), 90)
    times = np.sort(chance.choice(np.arange(4, 180), 5, replace=False)) * 12.0
    true = Concentrations(model, history, list(times)).at(random_effects(chance, model, 1))[0]
    spread = np.sqrt(model.additive_ng_ml**2 + (model.proportional * true) ** 2)
    measured = np.maximum(true + spread * chance.standard_normal(5), 0.5)
    pairs = zip(times.tolist(), measured.tolist(), strict=True)
    return history, [MeasuredLevel(*each) for each in pairs]


def fit_by_scipy(model: Model, history: DosingHistory, levels: list[MeasuredLevel]) -> object:
    """Fit by the general minimiser, with numerical gradients, from the typical patient."""
    objective = SecondObjective(model, history, levels)
    return minimize(objective.one, np.zeros(len(model.effects)), method="BFGS")


def processor_seconds(work: Callable[[], object]) -> float:
    """Return how much of the processor's time `work` takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def taking_turns(cases: Mapping[str, Callable[[], object]], turns: int) -> dict[str, list[float]]:
    """Return the seconds of every turn of each case; a first one warms up."""
    for case in cases.values():
        case()
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(turns):
        for name, case in cases.items():
            times[name].append(processor_seconds(case))
    return times


def compare_fits(title: str, model: Model, patients: int) -> None:
    """Compare the time a patient takes by each way: one by one, and all of them at once."""
    people = [patient(model, number) for number in range(patients)]
    cases: dict[str, Callable[[], object]] = {
        _SCIPY: lambda: [fit_by_scipy(model, *one) for one in people],
        "fit, one by one": lambda: [fit(model, *one) for one in people],
        "fit_many": partial(fit_many, model, people),
    }
    fit_many(model, people[:2])  # once for nothing
    found = {name: processor_seconds(case) / patients for name, case in cases.items()}
    print_ratios(f"A patient of {patients:,}, {title}", _SCIPY, found)


def compare_parts_of_a_forecast(title: str, model: Model, turns: int) -> None:
    """Compare the parts of one patient's forecast: fourteen troughs, and thirty doses."""
    history, levels = patient(model, 1)
    fitted = fit(model, history, levels)
    posterior = Posterior.of(fitted, history)
    troughs = [2160.0 + 24 * day for day in range(14)]
    regimens = [Regimen(Decimal(tenths) / 10, 2) for tenths in range(5, 35)]
    target = TargetTrough(Decimal(5), Decimal(15))
    cases: dict[str, Callable[[], object]] = {
        "fit": partial(fit, model, history, levels),
        "posterior": partial(Posterior.of, fitted, history),
        "forecast": partial(forecast, posterior, history, troughs),
        "doses": partial(dose_outcomes, posterior, {"weight": 20.0}, regimens, target),
    }
    found = {name: median(each) for name, each in taking_turns(cases, turns).items()}
    print_ratios(f"One forecast, {title}", "fit", found | {"all": sum(found.values())})


def compare_a_year_with_a_week(title: str, model: Model, turns: int) -> None:
    """Compare one evaluation of five concentrations with their slopes."""
    cases = {}
    for name, days in ((_WEEK, 7), ("a year of doses", 365)):
        times = [12.0 * number for number in range(2 * days - 4, 2 * days + 1)]
        asked = Concentrations(model, treated(model, 20.0, days), times)
        cases[name] = partial(asked.at_with_slopes, np.zeros((1, len(model.effects))))
    found = {name: median(each) for name, each in taking_turns(cases, turns).items()}
    print_ratios(f"One evaluation, {title}", _WEEK, found)


def main() -> None:
    """Run the comparisons and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="fewer patients and turns")
    patients, turns = (30, 200) if parser.parse_args().small else (1000, 1000)
    for title, model in _MODELS.items():
        compare_fits(title, model, patients)
    for title, model in _MODELS.items():
        compare_parts_of_a_forecast(title, model, turns // 20)
    for title, model in _MODELS.items():
        compare_a_year_with_a_week(title, model, turns)


if __name__ == "__main__":
    main()
