"""A simulated trial: virtual patients of a model, treated in three ways by the program itself.

Each patient begins with the dose of Nadal 2016. One arm keeps it; one follows the label's
arithmetic; one follows the recommendation, on a record as a clinic keeps it. Levels are sampled
when the program asks for them, and vary by the model's residual error. The virtual clinician does
what is advised: a question about a level is answered with "not found", a hold is two days.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import cached_property
from typing import TypeAlias, cast

import numpy as np

from dosing import VERSION, Age, Dose, Product, Quantity, QuantityKind
from dosing.pharmacokinetics import CovariateStep, DosingHistory, Model, predict_many
from dosing.pharmacokinetics.posterior import residual_sd
from monitoring.due import Check, due
from monitoring.evaluation.virtual_patients import VirtualPatient, VirtualPopulation
from monitoring.levels import assess_levels
from monitoring.prescribing import accept, propose_for, starting_request
from monitoring.recommendation.advice import advise_on
from monitoring.recommendation.dose_recommendation import DoseAction
from monitoring.recommendation.forecast.fitting import as_dose_records
from monitoring.recommendation.label_advice import AdviceOptions, label_advice, newest_level
from monitoring.record.entries import Author, Record, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Level, LevelCause, LevelCauseAnswer, read_level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

BEGUN = date(2026, 1, 5)
WEEKS = 26
CHECKED_WEEKS = (2, 4, 8, 12, 26)
"""The weeks at whose end the shares are given."""
OVERSHOOT_NG_ML = 20.0
LOWEST_REPORTED_NG_ML = 2.0
"""Proposed: a lower level is reported as below it, as by an immunoassay."""
_ZONE = "UTC"
_MORNING, _EVENING, _BEFORE_DOSE, _DECIDED = time(8), time(20), time(7, 45), time(16)
_MEASURED_EVERY = timedelta(days=28)
_HELD_FOR = timedelta(days=2)
_REPEATED_AFTER = timedelta(days=7)
_HOUR = timedelta(hours=1)


class Arm(Enum):
    """A way of treatment; the value is its key in JSON."""

    STARTING_DOSE = "starting_dose"
    LABEL = "label_arithmetic"
    RECOMMENDATION = "recommendation"

    @property
    def words(self) -> str:
        """The arm in words."""
        return _WORDS[self]


_WORDS = {
    Arm.STARTING_DOSE: "dose of Nadal 2016, kept",
    Arm.LABEL: "label arithmetic",
    Arm.RECOMMENDATION: "recommendation",
}
_Decide: TypeAlias = Callable[["_Course", Moment], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedPatient:
    """The course of one patient in one arm: the true troughs of each morning, in ng/mL."""

    troughs_ng_ml: tuple[float, ...]
    levels: int
    changes: int
    holds: int
    open_questions: int
    """Levels after which the program still asked for something."""


def treated(
    population: VirtualPopulation, number: int, arm: Arm, model: Model | None
) -> TreatedPatient:
    """Return the course of a patient of a population; `model` is asked in place of the average.

    The random errors of the levels are the same in every arm, level by level.
    """
    course = _Course(population, population.patient(number), model)
    decide = {Arm.LABEL: _follow_label, Arm.RECOMMENDATION: _follow_recommendation}.get(arm)
    if decide:
        course.follow(decide)
    return TreatedPatient(
        troughs_ng_ml=tuple(course.troughs()),
        levels=course.levels,
        changes=course.changes,
        holds=course.holds,
        open_questions=course.open_questions,
    )


class _Course:
    """The record of a virtual patient as it grows, and what was done."""

    def __init__(
        self, population: VirtualPopulation, patient: VirtualPatient, model: Model | None
    ) -> None:
        self.options = AdviceOptions(model=model)
        self.levels = self.changes = self.holds = self.open_questions = 0
        self._truth, self._patient = population.model, patient
        self._chance = np.random.default_rng([population.seed, patient.number, 1])
        begin = _at(BEGUN, _MORNING)
        self.record = _empty_record(patient, begin)
        self._measure(BEGUN)
        request = starting_request(self.record, begin)
        proposal = propose_for(self.record, request, begin, begin, None)
        self.record = self.record.with_entry(accept(proposal, begin), begin)

    def follow(self, decide: _Decide) -> None:
        """Take the levels that the program asks for, and decide after each, to the end."""
        day = BEGUN
        while (following := self._next_visit(day)) is not None:
            day = following
            if day - self._measured >= _MEASURED_EVERY:
                self._measure(day)
            self._sample(day)
            decide(self, _at(day, _DECIDED))

    def _next_visit(self, day: date) -> date | None:
        """Return the day of the next level, after this one; None after the end."""
        now = _at(day, _DECIDED)
        asked = [each for each in due(self.record, now) if each.check is Check.LEVEL]
        wanted = min((each.since for each in asked), default=day + _REPEATED_AFTER)
        following = max(wanted, day + timedelta(days=1))
        return following if following < BEGUN + timedelta(weeks=WEEKS) else None

    def _measure(self, day: date) -> None:
        weight, height = self._patient.body_on(day)
        entry = Measurement(
            on=day,
            weight=Quantity(weight.kg, "kg", QuantityKind.WEIGHT),
            height=Quantity(height.cm, "cm", QuantityKind.HEIGHT),
        )
        self.record = self.record.with_entry(entry, _at(day, _MORNING))
        self._measured = day

    def _sample(self, day: date) -> None:
        at = _at(day, _BEFORE_DOSE)
        history = TreatmentHistory.of(self.record)
        given = [each.at for each in history.administrations(at)]
        true = self._concentrations([at])[0]
        error = residual_sd(self._truth, np.array([true]))[0] * self._chance.standard_normal()
        measured = true + float(error)
        is_low = measured < LOWEST_REPORTED_NG_ML
        text = f"<{LOWEST_REPORTED_NG_ML}" if is_low else f"{measured:.1f}"
        value, comparator = read_level(f"{text} ng/mL")
        level = Level(
            sampled=at,
            value=value,
            comparator=comparator,
            last_dose=Moment(given[-1], _ZONE),
            assay=Assay(self._truth.assay),
        )
        self.record = self.record.with_entry(level, at)
        self.levels += 1

    def prescribe(self, dose: Dose, now: Moment) -> None:
        """Give another dose from this evening on."""
        current = TreatmentHistory.of(self.record).period_at(now)
        if current is None:
            raise AssertionError
        changed = replace(
            current.prescription.entry,
            since=_at(now.local.date(), _EVENING),
            dose_mg=dose.measured.mg,
            times_a_day=dose.times_a_day or 1,
            every_hours=dose.every_hours,
            rule_version=VERSION,
            proposal="",
        )
        self.record = self.record.with_entry(changed, now)
        self.changes += 1

    def hold(self, now: Moment) -> None:
        """Hold the doses of two days."""
        at = _at(now.local.date(), _EVENING)
        until = Moment(at.utc + _HELD_FOR, _ZONE)
        held = MissedDose(at=at, until=until, kind=NotGiven.HELD, reason="level far too high")
        self.record = self.record.with_entry(held, now)
        self.holds += 1

    def answer(self, now: Moment) -> None:
        """Answer the question for the cause of the newest level: none was found."""
        newest = self.record.active(Level)[-1]
        entry = LevelCauseAnswer.about(newest.number, LevelCause.NOT_FOUND, now.local.date())
        self.record = self.record.with_entry(entry, now)

    def troughs(self) -> list[float]:
        """Return the true concentration before the morning dose of each day after the first."""
        days = [BEGUN + timedelta(days=day) for day in range(1, 7 * WEEKS + 1)]
        return self._concentrations([_at(day, _MORNING) for day in days])

    @cached_property
    def _true_body(self) -> tuple[CovariateStep, ...]:
        """The covariates of the truth: the body of every four weeks, measured or not."""
        drugs = {each.name: 0.0 for each in self._truth.covariates if each.drug}
        days = [BEGUN + each * _MEASURED_EVERY for each in range(WEEKS // 4 + 1)]
        return tuple(
            CovariateStep(
                (_at(day, _MORNING).utc - _at(BEGUN, _MORNING).utc) / _HOUR,
                {
                    "weight": float(self._patient.body_on(day)[0].kg),
                    "age": float(Age.between(self._patient.born, day).years),
                    **drugs,
                },
            )
            for day in days
        )

    def _concentrations(self, times: Sequence[Moment]) -> list[float]:
        history, until = TreatmentHistory.of(self.record), times[-1]
        doses = history.administrations(until)
        origin = _at(BEGUN, _MORNING).utc
        known = DosingHistory(
            as_dose_records(doses, origin, self._truth.product or Product.SOLUTION),
            self._true_body,
        )
        hours = [(each.utc - origin) / _HOUR for each in times]
        eta = np.array([self._patient.eta])
        return [float(each) for each in predict_many(self._truth, [(known, hours, eta)])[0][0]]


def _follow_label(course: _Course, now: Moment) -> None:
    """Give the dose of the label's arithmetic, if it has another."""
    newest = newest_level(assess_levels(course.record))
    found = label_advice(TreatmentHistory.of(course.record), newest, now, course.options)
    adjusted = found.adjusted or found.lowered
    current = found.request.daily_mg if found.request else None
    if adjusted and adjusted.dose and adjusted.dose.daily_mg != current:
        course.prescribe(adjusted.dose, now)


def _follow_recommendation(course: _Course, now: Moment) -> None:
    """Do what the recommendation says; answer its question about the level once."""
    for is_answered in (False, True):
        history = TreatmentHistory.of(course.record)
        levels = assess_levels(course.record)
        found = advise_on(history, levels, now, course.options).recommendation
        if found.action is not DoseAction.ASK or is_answered:
            break
        course.answer(now)
    if found.dose:
        course.prescribe(found.dose, now)
    elif found.action is DoseAction.HOLD:
        course.hold(now)
    elif found.action is DoseAction.ASK:
        course.open_questions += 1


def _empty_record(patient: VirtualPatient, begin: Moment) -> Record:
    """Return the record of a virtual patient without an entry."""
    entry = Patient(
        record_number=f"VIRTUAL-{patient.number}",
        name=f"Sample Virtual {patient.number}",
        born=patient.born,
        sex=patient.sex,
    )
    stored = StoredEntry(number=1, patient=1, entry=entry, author=Author("Sample Trial", begin))
    return Record(patient=stored, entries=cast("tuple[StoredEntry[Entry], ...]", (stored,)))


def _at(day: date, clock: time) -> Moment:
    return Moment(datetime.combine(day, clock, tzinfo=UTC), _ZONE)
