"""The summary of one patient: the one object behind screen, page and JSON.

Its parts come from the functions that assess levels, adverse events, laboratory values and due
checks. Only the dose per m², on the last measured body, is calculated here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from dosing import (
    VERSION,
    Age,
    Alert,
    AlertKind,
    Alerts,
    TargetTrough,
    Weight,
    cite,
    interaction_alerts,
)
from dosing.knowledge.alert_catalogue import (
    GRADE_3_OR_MORE,
    LAST_DOSE_IN_QUESTION,
    NO_DOSE_RULE,
    PNEUMONITIS,
    SEVERE_FINDING,
)
from dosing.knowledge.products import STRENGTH_MG_PER_ML, Measured, rounding_step
from dosing.notebook import Result
from dosing.quantities.formatting import count_of
from dosing.surface_area import MOSTELLER, body_surface_area
from monitoring.adverse_events import EventAssessment, assess_events
from monitoring.adverse_events.prophylaxis import consider_prophylaxis
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.due import Check, Due, KnownLevels, Urgency, due_with
from monitoring.laboratory import LaboratoryAssessment, assess_laboratory
from monitoring.levels import (
    LevelAssessment,
    Status,
    TimeInRange,
    assess_levels_of,
    time_in_range_of,
)
from monitoring.levels.wording import in_ng_per_ml
from monitoring.recommendation.advice import Advice, advise_on
from monitoring.recommendation.label_advice import AdviceOptions, newest_level
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry_checks import dose_in_force_alerts
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import Prescription
from monitoring.response import TimeToResponse, time_to_response
from monitoring.state import StateKind, TreatmentState, as_listed, state_at
from monitoring.times import Moment
from monitoring.treatment import DosingPeriod, TreatmentHistory

MEASUREMENT_OLD = "measurement-old"
_REPORTED_BY_THE_STATE = {PNEUMONITIS.code, GRADE_3_OR_MORE.code}
"""The alerts of an event or a value that the state reports with what to do."""
_IN_QUESTION = {LAST_DOSE_IN_QUESTION.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentDose:
    """The current dose, and the dose per m² on the last measured body."""

    period: DosingPeriod
    measured: Measured | None
    """None for a dose that the product cannot measure, as an import may bring.

    Of the morning, where the evening has another.
    """
    evening: Measured | None
    """The dose of the evening, where it differs."""
    weight: StoredEntry[Measurement] | None
    height: StoredEntry[Measurement] | None
    area_m2: Decimal | None
    """By Mosteller; None without a weight and a height."""
    alerts: Alerts
    """The alerts of the dose now, without those overridden."""

    @property
    def prescription(self) -> Prescription:
        """The prescription."""
        return self.period.prescription.entry

    @property
    def mg_per_m2_per_day(self) -> Decimal | None:
        """The daily dose per m², or None without an area."""
        return self.prescription.daily_mg / self.area_m2 if self.area_m2 else None

    @property
    def mg_per_m2_per_dose(self) -> Decimal | None:
        """The dose per m² and administration, or None without an area."""
        return self.prescription.dose_mg / self.area_m2 if self.area_m2 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugBeside:
    """A concomitant drug and its interaction alerts."""

    drug: StoredEntry[CoMedication]
    alerts: Alerts


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseEntry:
    """A recorded dose; `period` is None if it never applied."""

    prescription: StoredEntry[Prescription]
    period: DosingPeriod | None

    @property
    def until(self) -> Moment | None:
        """The real end, or None if it is current or never applied."""
        return self.period.until if self.period else None


@dataclass(frozen=True, kw_only=True)
class PatientSummary(Result):
    """One patient at one moment. Lists are oldest first."""

    record: Record
    made: Moment
    version: str
    age: Age
    current: CurrentDose | None
    doses: tuple[DoseEntry, ...]
    """Every dose by its planned start; loading doses and voided ones too."""
    levels: tuple[LevelAssessment, ...]
    """Voided ones too: they stay visible."""
    events: tuple[EventAssessment, ...]
    laboratory: tuple[LaboratoryAssessment, ...]
    drugs: tuple[DrugBeside, ...]
    """The drugs given on the day of the summary."""
    past_drugs: tuple[StoredEntry[CoMedication], ...]
    """The drugs stopped before or planned for later, and voided ones."""
    response: TimeToResponse | None
    due: tuple[Due, ...]
    """The urgent first, then the most overdue."""
    prophylaxis: Alert | None
    clinic: ClinicChoices = USUAL_CHOICES

    def at(self, moment: Moment) -> "PatientSummary":
        """Return the summary of the same record at another moment.

        It equals that of `summarise`; the levels are not assessed again.
        """
        return _summary(self.record, moment, self.levels, self.clinic)

    @property
    def history(self) -> TreatmentHistory:
        """The treatment at any moment."""
        return TreatmentHistory.of(self.record)

    @property
    def state(self) -> TreatmentState:
        """The state of treatment when the summary was made."""
        return state_at(self.record, self.made)

    def __repr__(self) -> str:
        """Return the state and the last level, without the name: it may end in a log."""
        return f"<{type(self).__name__} {self.state.words}; {self._level_words}>"

    def to_dict(self) -> dict[str, object]:
        """Return the patient, the state, and the meaning of the entries."""
        patient = self.record.patient.entry
        return {
            "record_number": patient.record_number,
            "name": patient.name,
            "at": str(self.made),
            "where_things_stand": self.where_things_stand,
            "state": self.state.to_dict(),
            "alerts": [each.to_dict() for each in self.alerts],
            "due": [each.to_dict() for each in self.due],
            "levels": [
                {**each.to_dict(), "number": each.level.number, "voided": not each.level.is_active}
                for each in self.levels
            ],
            "sources": self.sources,
            "version": self.version,
            "limits": self.record.limits.to_dict(),
        }

    @cached_property
    def advice(self) -> Advice:
        """The one recommendation of this moment."""
        return advise_on(self.history, self.levels, self.made, AdviceOptions(clinic=self.clinic))

    @property
    def next_level(self) -> Due | None:
        """The check of the next level; None if none is due."""
        return next((each for each in self.due if each.check is Check.LEVEL), None)

    @cached_property
    def time_in_range(self) -> TimeInRange | None:
        """The time in range; None if no two levels can be joined."""
        return time_in_range_of(self.record)

    @property
    def target(self) -> TargetTrough | None:
        """The current target, or None without a current dose."""
        return self.current.prescription.target if self.current else None

    @property
    def last_level(self) -> LevelAssessment | None:
        """The newest level that is neither voided nor excluded."""
        return newest_level(self.levels)

    @property
    def open_events(self) -> tuple[EventAssessment, ...]:
        """The active adverse events that have not ended."""
        return tuple(each for each in self.events if each.is_open)

    @property
    def open_checks(self) -> tuple[Due, ...]:
        """The open checks: urgent, or their first day has come."""
        return tuple(each for each in self.due if each.is_now)

    @property
    def highest_open_grade(self) -> int | None:
        """The highest grade of an open adverse event, or None.

        Left out is one with a newer laboratory value of a lower grade.
        """
        grades = (each.event.entry.grade for each in self.open_events if not each.better_value)
        return max((grade for grade in grades if grade is not None), default=None)

    @property
    def needs_attention(self) -> bool:
        """True if a check is urgent or overdue, an alert is, or the last level is off the target.

        The last level no longer matters once the treatment has ended.
        """
        last = self.last_level if self.current else None
        return (
            any(each.is_urgent or each.overdue_days for each in self.due)
            or (last is not None and last.status in {Status.BELOW, Status.ABOVE})
            or any(alert.kind >= AlertKind.URGENT for alert in self.alerts)
        )

    @property
    def alerts(self) -> Alerts:
        """The current alerts of the state, dose, level, events, drugs and laboratory.

        The strongest are first, and each fact is there once; a weight that is due is among the
        checks. After a stop only open events and values matter: the other contraindications wait
        for the next dose.
        """
        found = Alerts(self._open_alerts()).strongest_first()
        return Alerts({each.message: each for each in reversed(found)}.values()).strongest_first()

    def _open_alerts(self) -> Iterator[Alert]:
        state = self.state
        reported: frozenset[int] = frozenset()
        yield from state.questions
        if state.kind is not StateKind.STOPPED:
            reported = state.reported
            yield from as_listed(state, state.undocumented)
        else:
            severe = as_listed(state).of_code(SEVERE_FINDING.code)
            reported = state.severe_numbers
            yield from severe
        if state.kind.is_treated:
            yield from self._alerts_of_treatment()
        for event in self.open_events:
            is_reported = event.event.number in reported
            told = {*_REPORTED_BY_THE_STATE} if is_reported else set()
            yield from event.alerts.without(told | {NO_DOSE_RULE.code})
        for value in self._latest_of_each_test:
            is_reported = value.value.number in reported
            yield from value.alerts.without(_REPORTED_BY_THE_STATE if is_reported else ())

    def _alerts_of_treatment(self) -> Iterator[Alert]:
        """Yield what matters as long as sirolimus is given or held."""
        if self.current is not None:
            is_weight_due = any(each.check is Check.WEIGHT and each.is_now for each in self.due)
            yield from self.current.alerts.without({MEASUREMENT_OLD} if is_weight_due else ())
        if self.last_level is not None:
            is_told = self.state.conflict is not None  # the conflict asks about the same dose
            yield from self.last_level.alerts.without(_IN_QUESTION if is_told else ())
        for drug in self.drugs:
            yield from drug.alerts.pressing
        if self.prophylaxis is not None:
            yield self.prophylaxis

    @property
    def _latest_of_each_test(self) -> tuple[LaboratoryAssessment, ...]:
        """The newest value of each test: the alerts of older ones are closed."""
        latest = {
            value.test.name if value.test else value.value.entry.test: value
            for value in self.laboratory
            if value.value.is_active
        }
        return tuple(latest.values())

    @property
    def sources(self) -> dict[str, str]:
        """The citation of every source used, by its key."""
        keys = [*self.alerts.sources]
        keys += [source for level in self.levels for source in level.alerts.sources]
        keys += [check.source for check in self.due]
        return cite(keys)

    @property
    def where_things_stand(self) -> str:
        """The state, the last level against the target, and the overdue checks, in a sentence."""
        return f"{self.state.words}; {self._level_words}; {self._waiting_words}."

    @property
    def _level_words(self) -> str:
        last = self.last_level
        if last is None:
            return "no level yet"
        days = (self.made.local.date() - last.level.entry.sampled.local.date()).days
        when = {0: "today", 1: "yesterday"}.get(days, f"{count_of(days, 'day')} ago")
        if last.status is Status.NOT_ASSESSED or last.target is None:
            return (
                f"last level {in_ng_per_ml(last.level.entry)} {when}, not assessed against a target"
            )
        early = " (sampled too early)" if last.steady_state is False else ""
        if last.is_after_hold:
            early = " (sampled shortly after a hold)"
        level = in_ng_per_ml(last.level.entry)
        where = f"{last.status.value} the target of {last.target}{early}"
        return f"last level {level} {when}, {where}"

    @property
    def _waiting_words(self) -> str:
        urgent = sum(1 for each in self.due if each.urgency is Urgency.URGENT)
        overdue = sum(1 for each in self.due if each.urgency is Urgency.OVERDUE)
        parts = [
            f"{count_of(urgent, 'check')} urgent" if urgent else "",
            f"{count_of(overdue, 'check')} overdue" if overdue else "",
        ]
        if self.highest_open_grade is not None:
            parts.append(f"grade {self.highest_open_grade} adverse event open")
        *others, last = list(filter(None, parts)) or ["nothing overdue"]
        return f"{', '.join(others)} and {last}" if others else last


def summarise(record: Record, now: Moment, clinic: ClinicChoices = USUAL_CHOICES) -> PatientSummary:
    """Return the summary of a patient at a moment, by the choices of the clinic."""
    return summarise_all([record], now, clinic)[0]


def summarise_all(
    records: Sequence[Record], now: Moment, clinic: ClinicChoices = USUAL_CHOICES
) -> list[PatientSummary]:
    """Return the summaries of several patients, with their levels assessed together.

    The levels of one patient cost as much as those of many: a batch of 50 suits a screen.
    """
    found = zip(records, assess_levels_of(records), strict=True)
    return [_summary(record, now, levels, clinic) for record, levels in found]


def _summary(
    record: Record, now: Moment, levels: tuple[LevelAssessment, ...], clinic: ClinicChoices
) -> PatientSummary:
    day = now.local.date()
    history = TreatmentHistory.of(record)
    given = tuple(each.recorded for each in history.drugs_on(day))
    return PatientSummary(
        record=record,
        made=now,
        version=VERSION,
        age=Age.between(record.patient.entry.born, day),
        current=_current_dose(history, now),
        doses=_doses(history),
        levels=levels,
        events=assess_events(record),
        laboratory=assess_laboratory(record),
        drugs=tuple(
            DrugBeside(drug=each, alerts=interaction_alerts((each.entry.drug,))) for each in given
        ),
        past_drugs=tuple(each for each in record.of(CoMedication) if each not in given),
        response=time_to_response(record, now),
        due=due_with(record, now, KnownLevels.of(levels), clinic.rhythm),
        prophylaxis=consider_prophylaxis(record, day),
        clinic=clinic,
    )


def _current_dose(history: TreatmentHistory, now: Moment) -> CurrentDose | None:
    period = history.period_at(now)
    if period is None:
        return None
    dose, day = period.prescription.entry, now.local.date()
    weight, height = history.weight_on(day), history.height_on(day)
    measured = measured_of(dose, dose.dose_mg)
    evening = measured_of(dose, dose.evening_mg) if dose.evening_mg is not None else None
    if dose.evening_mg is not None and evening is None:
        measured = None
    return CurrentDose(
        period=period,
        measured=measured,
        evening=evening,
        weight=weight,
        height=height,
        area_m2=_area(weight, height),
        alerts=dose_in_force_alerts(history, dose, day),
    )


def measured_of(dose: Prescription, mg: Decimal) -> Measured | None:
    """Return a dose of a prescription as it is measured out; None if its product cannot."""
    strength = dose.strength_mg_per_ml or STRENGTH_MG_PER_ML
    step = rounding_step(mg, dose.product, strength)
    return None if mg % step else Measured(mg, dose.product, step, strength)


def _doses(history: TreatmentHistory) -> tuple[DoseEntry, ...]:
    in_force = {each.prescription.number: each for each in history.periods}
    prescribed = history.record.of(Prescription)
    ordered = sorted(prescribed, key=lambda each: (each.entry.since, each.number))
    return tuple(DoseEntry(prescription=each, period=in_force.get(each.number)) for each in ordered)


def _area(
    weight: StoredEntry[Measurement] | None, height: StoredEntry[Measurement] | None
) -> Decimal | None:
    measured: Weight | None = weight.entry.as_weight if weight else None
    if measured is None or height is None:
        return None
    return body_surface_area(MOSTELLER, measured, height.entry.as_height)
