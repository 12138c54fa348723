"""The periods of constant parameters of many patients, with the doses before each wanted time.

A period ends at a step of the covariates, at a reset and at a steady state. The amounts at its end
are carried into the next one, except after a reset. A steady state is a period of no length: its
doses have been repeated for ever, and those given before it count no more.

Periods that carry nothing are calculated first, all together; then those that continue them, and so
on: a `Layer` each. Nothing here depends on the random effects, and nothing is padded: an array has
one entry for each period, each time, or each record of doses before a time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf, nextafter
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.dual import Array, Places
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.superposition import AgedDoses

_FOR_EVER = 2.0**40
"""The number of doses before a steady state; more would change no digit."""
_SAME_TIME = 1e-9
"""The part of an interval by which rounding may move the time of a dose."""

Wanted: TypeAlias = tuple[DosingHistory, Sequence[float]]
"""A history, and the times in hours at which its concentrations are wanted."""


@dataclass(frozen=True)
class Layer:
    """Periods that are calculated together, and the times in them."""

    patient: Places
    """The patient of each period."""
    typical: Array
    """The parameters of the typical patient, (parameters, periods)."""
    carried_from: Places | None
    """The time of the layer before at which each period begins; None in the first layer."""
    period: Places
    """The period of each time."""
    since_start_h: Array
    """From the start of the period to each time."""
    doses: AgedDoses
    place: Places
    """The place of each time among all wanted times; −1 for the end of a period."""

    def kept(self, patients: Places, places: Places, before: Places) -> tuple["Layer", Places]:
        """Return the layer of some patients, and the new numbers of its times.

        The arguments are the new numbers of patients, wanted times and times of the layer before;
        −1 for those left out.
        """
        is_kept = patients[self.patient] >= 0
        kept, period = np.flatnonzero(is_kept), _numbers(is_kept)
        times_kept = is_kept[self.period]
        times, time = np.flatnonzero(times_kept), _numbers(times_kept)
        carried = self.carried_from
        place = self.place[times]
        layer = Layer(
            patient=patients[self.patient[kept]],
            typical=self.typical.take(kept, -1),
            carried_from=None if carried is None else before[carried[kept]],
            period=period[self.period[times]],
            since_start_h=self.since_start_h[times],
            doses=self.doses.of_times(times),
            place=np.where(place < 0, -1, places[place]) if len(places) else place,
        )
        return layer, time


def _numbers(is_kept: NDArray[np.bool_]) -> Places:
    """Return the new number of each entry; −1 for one left out."""
    return np.where(is_kept, is_kept.cumsum() - 1, -1)


def kept_layers(
    layers: Sequence[Layer], patients: NDArray[np.bool_], times: NDArray[np.bool_]
) -> tuple[Layer, ...]:
    """Return the layers of some patients and their times alone."""
    found, before = [], np.empty(0, dtype=np.intp)
    for each in layers:
        layer, before = each.kept(_numbers(patients), _numbers(times), before)
        if len(layer.patient):
            found.append(layer)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _ConstantPeriod:
    """A period of one patient; its times are those after `start_h`, up to `end_h`."""

    start_h: float
    end_h: float
    typical: tuple[float, ...]
    given_from_h: float
    """Doses given earlier count no more."""
    is_carried: bool
    steady: DoseRecord | None = None
    """The doses of a steady state: its period begins and ends at its first dose."""


def _periods(model: Model, history: DosingHistory, last_h: float) -> Iterator[_ConstantPeriod]:
    """Yield the periods that begin before the last time."""
    steps = list(_changes(model, history.covariates))
    changes = [since_h for since_h, _ in steps]
    steady = {each.first_h: each for each in history.doses if each.steady_state}
    cuts = {*history.resets_h, *steady}
    given_from_h = -inf
    for start_h, end_h in pairwise([*sorted({*changes, *cuts}), inf]):
        if start_h in cuts:
            given_from_h = start_h
        if start_h in steady and start_h <= last_h:
            _, typical = steps[max(bisect_left(changes, start_h) - 1, 0)]
            yield _ConstantPeriod(
                start_h, start_h, typical, given_from_h, is_carried=False, steady=steady[start_h]
            )
        if start_h >= last_h:
            return
        _, typical = steps[bisect_right(changes, start_h) - 1]
        is_carried = start_h in steady or (start_h not in cuts and start_h > -inf)
        yield _ConstantPeriod(start_h, end_h, typical, given_from_h, is_carried)


def _changes(
    model: Model, covariates: Sequence[CovariateStep]
) -> Iterator[tuple[float, tuple[float, ...]]]:
    """Yield the steps that change the typical parameters; the first applies before its time."""
    last = None
    for step in covariates:
        typical = model.typical(step.values)
        if typical != last:
            yield (-inf if last is None else step.since_h), typical
        last = typical


def has_absorbed(lag_h: float, history: DosingHistory, times_h: Sequence[float]) -> list[bool]:
    """Return whether a dose has been absorbed before each time, and since the reset before it."""
    found = []
    for at_h in times_h:
        reset_h = max((each for each in history.resets_h if each < at_h), default=-inf)
        found.append(any(_first_absorbed_h(each, lag_h, reset_h) < at_h for each in history.doses))
    return found


def _first_absorbed_h(dose: DoseRecord, lag_h: float, reset_h: float) -> float:
    """Return when the first dose of a record after a reset is absorbed; +∞ without one."""
    if dose.first_h >= reset_h:
        return nextafter(dose.first_h, -inf) if dose.steady_state else dose.first_h + lag_h
    past = ceil((reset_h - dose.first_h) / dose.interval_h - _SAME_TIME)
    return dose.first_h + past * dose.interval_h + lag_h if past < dose.count else inf


class _Row(NamedTuple):
    """A period in its layer."""

    patient: int
    period: _ConstantPeriod
    key: tuple[int, int]
    """The patient, and the number of the period in the patient."""
    times: list[tuple[float, int]]
    """The times, each with its place; the end has none (−1)."""


def layers_of(models: Sequence[Model], wanted: Sequence[Wanted]) -> tuple[Layer, ...]:
    """Return the layers of all patients; the wanted times are numbered from patient to patient.

    Each patient has a model; all have the same lag.
    """
    layers: list[list[_Row]] = []
    place = 0
    for patient, (history, times) in enumerate(wanted):
        rows: list[_Row] = []
        starts, depth = [], -1
        periods = _periods(models[patient], history, max(times, default=-inf))
        for number, period in enumerate(periods):
            depth = depth + 1 if period.is_carried else 0
            if period.is_carried:
                rows[-1].times.append((period.start_h, -1))
            if depth == len(layers):
                layers.append([])
            rows.append(_Row(patient, period, (patient, number), []))
            starts.append(period.start_h)
            layers[depth].append(rows[-1])
        for at_h in times:
            later = bisect_left(starts, at_h)
            is_steady = later < len(rows) and rows[later].period.end_h == at_h
            rows[later if is_steady else later - 1].times.append((at_h, place))
            place += 1
    model = models[0]
    records = _Records.of(model, [history for history, _ in wanted])
    found: list[Layer] = []
    ends: dict[tuple[int, int], int] = {}
    for each in layers:
        layer, ends = _layer(model, each, records, ends)
        found.append(layer)
    return tuple(found)


@dataclass(frozen=True)
class _Records:
    """The records of doses of all patients: one entry for each record.

    The record of a steady state begins with the earlier doses that are still within the lag.
    """

    first: Places
    """The first record of each patient, and at the end the number of all records."""
    given_h: Array
    absorbed_h: Array
    steady_from_h: Array
    """The beginning of a steady state, or −∞."""
    interval_h: Array
    count: Array
    amount_mg: Array

    @classmethod
    def of(cls, model: Model, histories: Sequence[DosingHistory]) -> "_Records":
        """Return the records of some histories."""
        figures = np.array(
            [
                (each.first_h, each.interval_h, each.count, each.amount_mg, each.steady_state)
                for history in histories
                for each in history.doses
            ]
        ).reshape(-1, 5)
        first_h, interval_h, count, amount_mg, is_steady = figures.T.copy()
        early = is_steady * _within_lag(model.lag_h, interval_h)
        given_h = first_h - early * interval_h
        steady_from_h = np.where(is_steady, first_h, -inf)
        return cls(
            first=np.cumsum([0, *(len(history.doses) for history in histories)]),
            given_h=given_h,
            absorbed_h=np.maximum(given_h + model.lag_h, steady_from_h),
            steady_from_h=steady_from_h,
            interval_h=interval_h,
            count=count + early,
            amount_mg=amount_mg,
        )

    def of_patients(self, patients: Places) -> tuple[Places, Places]:
        """Return every record of each patient, with the place of the patient in the argument."""
        first = self.first[patients]
        number = self.first[patients + 1] - first
        place = np.repeat(np.arange(len(patients)), number)
        return place, np.arange(len(place)) + np.repeat(first - number.cumsum() + number, number)

    def absorbed_before(self, time_h: Array, record: Places) -> Array:
        """Return the number of doses of each record absorbed before a time, not at it."""
        number = np.ceil((time_h - self.absorbed_h[record]) / self.interval_h[record])
        return np.asarray(np.clip(number, 0, self.count[record]))

    def given_before(self, time_h: Array, record: Places) -> Array:
        """Return the number of doses of each record given before a time, not at it."""
        number = np.ceil((time_h - self.given_h[record]) / self.interval_h[record] - _SAME_TIME)
        number = np.clip(number, 0, self.count[record])
        return np.where(time_h <= self.steady_from_h[record], 0.0, number)


def _within_lag(lag_h: float, interval_h: Array) -> Array:
    """Return the number of earlier doses of a steady state that are not absorbed as it begins."""
    return np.asarray(np.floor(lag_h / interval_h + _SAME_TIME))


def _layer(
    model: Model, rows: Sequence[_Row], records: _Records, ends: Mapping[tuple[int, int], int]
) -> tuple[Layer, dict[tuple[int, int], int]]:
    """Return a layer, and the time at the end of each period that is continued, by its key.

    `ends` are those of the layer before.
    """
    times = [time for row in rows for time in row.times]
    at_h = np.array([at for at, _ in times])
    place = np.array([each for _, each in times], dtype=np.intp)
    period = np.repeat(np.arange(len(rows)), [len(row.times) for row in rows])
    start_h = np.array([row.period.start_h for row in rows])[period]
    before = [(patient, number - 1) for patient, number in (row.key for row in rows)]
    is_carried = rows[0].period.is_carried  # all of a layer, or none
    layer = Layer(
        patient=np.array([row.patient for row in rows], dtype=np.intp),
        typical=np.array([row.period.typical for row in rows]).T.copy(),
        carried_from=np.array([ends[key] for key in before]) if is_carried else None,
        period=period,
        since_start_h=at_h - start_h if is_carried else np.zeros_like(at_h),
        doses=_doses(model, rows, period, at_h, records),
        place=place,
    )
    return layer, {rows[period[time]].key: int(time) for time in np.flatnonzero(place < 0)}


def _doses(
    model: Model, rows: Sequence[_Row], period: Places, at_h: Array, records: _Records
) -> AgedDoses:
    """Return the doses before each time: those of its own period, or of its steady state."""
    patient = np.array([row.patient for row in rows], dtype=np.intp)[period]
    is_steady = np.array([row.period.steady is not None for row in rows])[period]
    usual = np.flatnonzero(~is_steady)
    time, record = records.of_patients(patient[usual])
    time = usual[time]
    before = records.absorbed_before(at_h[time], record)
    earlier = np.zeros_like(before)
    start_h = np.array([row.period.start_h for row in rows])[period][time]
    if np.isfinite(start_h).any():
        given_from_h = np.array([row.period.given_from_h for row in rows])[period][time]
        absorbed = records.absorbed_before(start_h, record)
        # A dose given as the period begins is not absorbed before, whatever the rounding says.
        absorbed = np.where(start_h == given_from_h, 0, absorbed)
        earlier = np.maximum(absorbed, records.given_before(given_from_h, record))
    interval_h = records.interval_h[record]
    age_h = at_h[time] - records.absorbed_h[record] - (before - 1) * interval_h
    length_h = (before - earlier) * interval_h
    found = np.array([time, np.maximum(age_h, 0), length_h, interval_h, records.amount_mg[record]])
    found = found[:, before > earlier]
    steady = [(time, rows[period[time]].period.steady) for time in np.flatnonzero(is_steady)]
    others = [_repeated_for_ever(model, int(time), dose) for time, dose in steady if dose]
    without = np.setdiff1d(usual, found[0], assume_unique=False)
    others += [(float(time), 0.0, 1.0, 1.0, 0.0) for time in without]
    if others:
        found = np.concatenate([found, np.array(others).T], axis=1)
        found = found[:, found[0].argsort(kind="stable")]
    return AgedDoses(found[0].astype(np.intp), *found[1:])


def _repeated_for_ever(model: Model, time: int, dose: DoseRecord) -> tuple[float, ...]:
    """Return the entry of the doses absorbed before a steady state begins."""
    within_lag = float(_within_lag(model.lag_h, np.array(dose.interval_h)))
    age_h = (within_lag + 1) * dose.interval_h - model.lag_h
    return time, age_h, _FOR_EVER * dose.interval_h, dose.interval_h, dose.amount_mg
