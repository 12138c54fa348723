"""A second way from a record to its forecast, for the tests: slow, plain and written anew.

Doses are listed one by one from what the record tells, the rate equations are stepped from event to
event by scipy's exponential of a matrix, and the most probable random effects are looked for by
scipy's general optimiser from several starts. The models' figures are typed in from the clinical
reference, section 9. Nothing of the program's own kinetics and forecasts is used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import norm

from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Comparator, Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.times import Moment

Numbers = NDArray[np.float64]
HOUR = timedelta(hours=1)


@dataclass
class Given:
    """A dose due, what it is in mg of the solution, and its time; None if it was not given."""

    due: datetime
    mg: float
    half: timedelta
    when: datetime | None
    as_solution: float


def schedule(record: Record, until: datetime) -> list[Given]:
    """Return every dose that was due before a time and was neither missed nor held."""
    maintenance = [each for each in record.active(Prescription) if not each.entry.loading]
    maintenance.sort(key=lambda each: (each.entry.since.utc, each.number))
    found = []
    for place, each in enumerate(maintenance):
        ends = [until, *(later.entry.since.utc for later in maintenance[place + 1 : place + 2])]
        if each.ending and each.ending.entry.at:
            ends.append(each.ending.entry.at.utc)
        hours = 24 // each.entry.times_a_day
        zone = ZoneInfo(each.entry.since.zone)
        wall = each.entry.since.utc.astimezone(zone).replace(tzinfo=None)
        for number in range(100_000):
            due = (wall + timedelta(hours=number * hours)).replace(tzinfo=zone).astimezone(UTC)
            if due >= min(ends):
                break
            mg = float(each.entry.dose_mg)
            found.append(Given(due, mg, timedelta(hours=hours) / 2, due, mg * over(each.entry)))
    gone = set()
    for skipped in (each.entry for each in record.active(MissedDose)):
        if skipped.until:
            gone |= {each.due for each in found if skipped.at.utc <= each.due <= skipped.until.utc}
            given_again = [each.entry.last_dose for each in record.active(Level)]
            if skipped.until.utc in [each.utc for each in given_again if each]:
                gone.discard(skipped.until.utc)
        elif skipped.kind is NotGiven.HELD:
            # its end was not recorded: a later dose ends it
            signs = [each.entry.since.utc for each in record.active(Prescription)]
            signs += [each.entry.last_dose.utc for each in record.active(Level)
                      if each.entry.last_dose]  # fmt: skip
            again = min((each for each in signs if each > skipped.at.utc), default=until)
            gone |= {each.due for each in found if skipped.at.utc <= each.due < again}
        else:
            gone |= {each.due for each in concerned(found, skipped.at.utc)}
    found = [each for each in found if each.due not in gone]
    found += [
        Given(
            each.entry.since.utc,
            float(each.entry.dose_mg),
            12 * HOUR,
            each.entry.since.utc,
            float(each.entry.dose_mg) * over(each.entry),
        )
        for each in record.active(Prescription)
        if each.entry.loading and each.entry.since.utc < until
    ]
    return sorted(found, key=lambda each: each.due)


def over(dose: Prescription) -> float:
    """Return the bioavailability of a dose over that of the solution: clinical.md, section 5."""
    return 1.27 if dose.product.value == "tablets" else 1.0


def concerned(doses: Sequence[Given], at: datetime) -> list[Given]:
    """Return the dose that a time concerns, in a list; halfway it is the earlier one."""
    near = [each for each in doses if at - each.half <= each.due < at + each.half]
    near.sort(key=lambda each: (abs(each.due - at), each.due))
    return near[:1]


def given_before(record: Record, until: datetime) -> list[Given]:
    """Return each dose given before a time, in order."""
    doses = schedule(record, until)
    for level in (each.entry for each in record.active(Level)):
        if level.last_dose is None:
            continue
        told, sampled = level.last_dose.utc, level.sampled.utc
        own = concerned(doses, told)
        for each in own:
            each.when = told
        for each in doses:
            if told < each.due < sampled and all(each is not one for one in own):
                each.when = sampled if sampled - each.due < each.half else None
    given = [(each.when, each.mg, each) for each in doses if each.when and each.when < until]
    return [each for *_, each in sorted(given, key=lambda each: each[:2])]


def doses_before(record: Record, until: datetime) -> list[tuple[datetime, float]]:
    """Return the time and amount of each dose."""
    return [(each.when, each.mg) for each in given_before(record, until) if each.when]


@dataclass(frozen=True)
class Figures:
    """A model: its typical parameters (CL, V[, Q, Vp], ka), which vary, and how."""

    typical: Callable[[Mapping[str, float]], list[float]]
    effects: tuple[int, ...]
    variance: tuple[float, ...]
    additive: float
    proportional: float = 0.0


MODELS = {
    "fan2024": Figures(
        lambda x: [4.06 * (x["kg"] / 16) ** 1.23, 155 * (x["kg"] / 16) ** 1.62, 0.485],
        (0,), (0.06729,), 3.41,
    ),
    "chen2021": Figures(
        lambda x: [8.59 * (x["kg"] / 70) ** 0.75, 294 * x["kg"] / 70, 0.485],
        (0,), (0.0306,), 1.913,
    ),
    "golubovic2019": Figures(
        lambda x: [
            12.2 * (0.63 if x["ast"] > 37 else 1) * (1 - 0.388 * x["age"] / 44),
            118, 5.07, 609, 2.19,
        ],
        (0, 1, 2, 3, 4), (0.0547, 0.306, 0.103, 0.0657, 0.145), 1.93, 0.249,
    ),
    "cheng2020": Figures(
        lambda x: [
            5.63 * (x["kg"] / 28.5) ** 0.5 * (x["bilirubin"] / 11.29) ** -0.32, 144.16, 0.7521,
        ],
        (0, 1), (0.0353, 0.0727), 0, 0.2245,
    ),
    "chen2020": Figures(
        lambda x: [
            7.55 * (x["kg"] / 70) ** 0.75 * 1.999 ** x["cyp3a5"], 1840 * x["kg"] / 70, 0.485,
        ],
        (0,), (0.1211,), 0, 0.390,
    ),
}  # fmt: skip


IN_MODELS_UNIT = {"U/L": 1, "umol/L": 1, "mmol/L": 1000, "mg/dL": 10 / 584.67 * 1000}
"""Bilirubin is 584.67 g/mol: 33 · 12.011 + 36 · 1.008 + 4 · 14.007 + 6 · 15.999."""


def body(record: Record, day: date) -> dict[str, float]:
    """Return the covariates of a day: the last recorded, or before them the first."""
    weights = [(each.entry.on, float(each.entry.as_weight.kg)) for each in
               record.active(Measurement) if each.entry.as_weight]  # fmt: skip
    tests: dict[str, list[tuple[date, float]]] = {"AST": [], "T-Bil": []}
    measured = [each.entry for each in record.active(LaboratoryValue)]
    for one in sorted(measured, key=lambda each: each.at.utc):
        value = float(one.value.number) * IN_MODELS_UNIT[one.value.unit]
        tests[one.test].append((one.at.local.date(), value))
    born = record.patient.entry.born
    birthday = born.replace(year=born.year + (day.year - born.year))
    years = day.year - born.year - (birthday > day)
    months = (day.month - born.month - (day.day < born.day)) % 12
    last = born.replace(
        year=born.year + years + (born.month + months - 1) // 12,
        month=(born.month + months - 1) % 12 + 1,
    )
    following = last.replace(year=last.year + last.month // 12, month=last.month % 12 + 1)
    part = (day - last).days / (following - last).days
    found = {"age": years + (months + part) / 12}
    genotype = record.patient.entry.cyp3a5
    if genotype is not None:
        found["cyp3a5"] = float("*1" in genotype.value)
    for name, values in (("kg", weights), ("ast", tests["AST"]), ("bilirubin", tests["T-Bil"])):
        if values:
            values.sort(key=lambda each: each[0])
            found[name] = ([v for d, v in values if d <= day] or [values[0][1]])[-1]
    return found


def rates(parameters: Sequence[float]) -> Numbers:
    """Return the matrix of the rate equations: depot, central, peripheral."""
    if len(parameters) == 3:
        cl, v, ka = parameters
        return np.array([[-ka, 0], [ka, -cl / v]])
    cl, v, q, vp, ka = parameters
    return np.array([[-ka, 0, 0], [ka, -(cl + q) / v, q / vp], [0, q / v, -q / vp]])


Layout = tuple[list[tuple[datetime, int, float]], list[tuple[int, float]], list[int]]
_ASKED, _CHANGED, _GIVEN = range(3)
"""The kinds of event, in their order at one moment."""


class SecondPatient:
    """A record's patient by one of the models, fitted the slow way, in doses of the solution."""

    def __init__(self, record: Record, key: str, now: Moment, levels: Sequence[Level]) -> None:
        """List the doses and find the most probable random effects."""
        self.figures = MODELS[key]
        horizon = now.utc + timedelta(days=16)
        self.doses = given_before(record, horizon)
        self.record, self.now, self.levels = record, now, levels
        days = {each.entry.on for each in record.active(Measurement) if each.entry.weight}
        days |= {each.entry.at.local.date() for each in record.active(LaboratoryValue)}
        today = now.local.date()
        self.days = sorted({*(each for each in days if each <= today), today})
        self.midnights = [
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(now.zone)).astimezone(UTC)
            for day in self.days
        ]
        self.bodies = [body(record, day) for day in self.days]
        self._known: dict[tuple[datetime, ...], Layout] = {}
        self.eta = self._most_probable()

    def parameters(
        self, values: Mapping[str, float], eta: Sequence[float] | Numbers
    ) -> list[float]:
        found = self.figures.typical(values)
        for place, one in zip(self.figures.effects, eta, strict=True):
            found[place] *= float(np.exp(one))
        return found

    def concentrations(
        self, eta: Sequence[float] | Numbers, times: Sequence[datetime]
    ) -> list[float]:
        """Step from event to event; at a time of a dose the concentration is that before it."""
        sets = [self.parameters(values, eta) for values in self.bodies]
        matrices = [rates(each) for each in sets]
        events, unique, which = self._laid_out(tuple(times))
        steps = expm(np.array([matrices[use] * hours for use, hours in unique]))
        amounts = np.zeros(len(matrices[0]))
        found, use = [0.0] * len(times), 0
        for (_, kind, what), step in zip(events, which, strict=True):
            amounts = steps[step] @ amounts
            if kind == _ASKED:
                found[int(what)] = float(amounts[1] / sets[use][1] * 1000)
            elif kind == _CHANGED:
                use = int(what)
            else:
                amounts[0] += what
        return found

    def _laid_out(self, times: tuple[datetime, ...]) -> Layout:
        """Return the events, the different spans before them, and which of these each one has."""
        if times not in self._known:
            events = [(at, _ASKED, float(place)) for place, at in enumerate(times)]
            events += [(at, _CHANGED, float(n)) for n, at in enumerate(self.midnights) if n]
            events += [(each.when, _GIVEN, each.as_solution) for each in self.doses if each.when]
            events = sorted(each for each in events if each[:2] <= (max(times), _ASKED))
            spans = []
            before, use = events[0][0], 0
            for at, kind, what in events:
                spans.append((use, (at - before) / HOUR))
                before = at
                use = int(what) if kind == _CHANGED else use
            unique = list(dict.fromkeys(spans))
            self._known[times] = events, unique, [unique.index(each) for each in spans]
        return self._known[times]

    def objective(self, eta: Sequence[float] | Numbers) -> float:
        total = float(sum(e * e / v for e, v in zip(eta, self.figures.variance, strict=True)))
        if not self.levels:
            return total
        predicted = self.concentrations(eta, [each.sampled.utc for each in self.levels])
        for level, f in zip(self.levels, predicted, strict=True):
            variance = self.figures.additive**2 + (self.figures.proportional * f) ** 2
            off = (float(level.value.value) - f) / variance**0.5
            if level.comparator is None:
                total += np.log(variance) + off**2
            else:
                side = 1 if level.comparator is Comparator.BELOW else -1
                total += -2 * float(norm.logcdf(side * off))
        return total

    def _most_probable(self) -> Numbers:
        count = len(self.figures.effects)
        if not self.levels:
            return np.zeros(count)
        spread = np.sqrt(self.figures.variance)
        if count == 1:
            grid = spread * np.linspace(-6, 6, 13)
            middle = grid[np.argmin([self.objective([float(one)]) for one in grid])]
            found = minimize_scalar(
                lambda one: self.objective([one]),
                bounds=(middle - spread[0], middle + spread[0]),
                method="bounded", options={"xatol": 1e-8},
            )  # fmt: skip
            return np.array([found.x])
        starts = (np.zeros(count), 0.8 * spread, -0.8 * spread)
        ends = [minimize(self.objective, start, method="BFGS") for start in starts]
        return np.asarray(min(ends, key=lambda each: float(each.fun)).x)

    def steady_state_trough(self, mg: float, times_a_day: int) -> float:
        """Solve for the amounts that a dose interval brings back to themselves."""
        parameters = self.parameters(self.bodies[-1], self.eta)
        step = expm(rates(parameters) * (24 // times_a_day))
        dose = np.zeros(len(step))
        dose[0] = mg
        amounts = np.linalg.solve(np.eye(len(step)) - step, step @ dose)
        return float(amounts[1] / parameters[1] * 1000)
