"""Random histories: what can happen to the doses and the weight of a child in treatment."""

import numpy as np

from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory


def random_history(chance: np.random.Generator, most_doses: int = 60) -> DosingHistory:
    """Changes, missed and held doses, irregular times, a loading dose, and a growing child."""
    doses = []
    time = float(chance.choice([0.0, 7.25, chance.uniform(-50, 50)]))
    interval = float(chance.choice([8.0, 12.0, 24.0]))
    amount = float(chance.uniform(0.2, 3))
    left = int(chance.integers(5, most_doses))
    if chance.random() < 0.3:
        doses.append(DoseRecord(time, 3 * amount))  # a loading dose beside the first
    while left > 0:
        count = min(left, int(chance.integers(1, 30)))
        happens = chance.choice(["goes on", "changed", "missed", "held", "irregular"])
        if happens == "changed":
            amount = float(chance.uniform(0.2, 3))
            interval = float(chance.choice([8.0, 12.0, 24.0]))
        if happens == "irregular":
            count = min(count, 6)
            for _ in range(count):
                doses.append(DoseRecord(time, amount))
                time += interval + float(chance.uniform(-5, 5))
        else:
            doses.append(DoseRecord(time, amount, interval, count))
            time += interval * count
        if happens == "missed":
            time += interval
        if happens == "held":
            time += float(chance.uniform(2, 20)) * 24
        left -= count
    order = chance.permutation(len(doses))  # nothing says that stretches stand in order
    return DosingHistory(
        tuple(doses[place] for place in order), _growth(chance, doses[0].first_h, time)
    )


def eventful_history(chance: np.random.Generator, most_doses: int = 60) -> DosingHistory:
    """A random history with resets, steady states, or both, at doses, at steps and between."""
    history = random_history(chance, most_doses)
    doses = sorted(each_dose(history))
    first, last = doses[0][0], doses[-1][0]
    marks = [at for at, _ in doses] + [each.since_h for each in history.covariates]
    marks += list(chance.uniform(first, last + 50, 4))
    events = [float(each) for each in chance.choice(marks, 3, replace=False)]
    steady = []
    for at in sorted(set(events[: int(chance.integers(0, 3))])):
        interval, amount = float(chance.choice([6.0, 12.0, 24.0])), float(chance.uniform(0.2, 3))
        count = int(chance.integers(1, 10))
        steady.append(DoseRecord(at, amount, interval, count, steady_state=True))
    resets = [at for at in events if chance.random() < 0.5]
    return DosingHistory((*history.doses, *steady), history.covariates, tuple(resets))


def _growth(chance: np.random.Generator, start: float, end: float) -> tuple[CovariateStep, ...]:
    """One to five weights, from before the first dose to after the last; one at a dose's time."""
    kg = float(chance.uniform(4, 60))
    since = [start - float(chance.uniform(0, 100))]
    since += sorted(float(chance.uniform(start, end)) for _ in range(chance.integers(0, 4)))
    if chance.random() < 0.5:
        since = [*since[:1], start + 48.0, *since[1:]]
    steps = []
    for each in sorted(set(since)):
        steps.append(CovariateStep(each, {"weight": kg}))
        kg *= float(chance.uniform(0.95, 1.3))
    return tuple(steps)


def random_times(
    chance: np.random.Generator, history: DosingHistory, count: int = 12
) -> list[float]:
    """Times at doses, at steps, between, after the last, and one before all; in no order."""
    doses = [at for at, _ in each_dose(history)]
    steps = [each.since_h for each in history.covariates]
    first, last = min(doses), max(doses)
    times = [*chance.choice(doses, 4), *steps, first - 1.0, last + 500.0]
    times += list(chance.uniform(first, last + 200, count))
    return [float(each) for each in chance.permutation(times)]


def each_dose(history: DosingHistory) -> list[tuple[float, float]]:
    """Every single dose: its time and its amount."""
    return [
        (each.first_h + number * each.interval_h, each.amount_mg)
        for each in history.doses
        for number in range(each.count)
    ]
