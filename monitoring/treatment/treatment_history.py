"""The state of treatment over the whole record: the one object that every answer reads."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from dosing import Age, days_since
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.times import Moment
from monitoring.treatment.administrations import (
    Administration,
    Gap,
    ScheduledDose,
    gaps_between,
    last_due_before,
    scheduled_doses,
)
from monitoring.treatment.concomitant_drug import ConcomitantDrug, DrugChange
from monitoring.treatment.dosing_period import DosingPeriod, dosing_periods
from monitoring.treatment.measured_body import MeasuredBody, last_measured


@dataclass(frozen=True)
class TreatmentHistory:
    """What the record says of the treatment at any moment; voided entries do not count.

    It is made once for each record, by `of`, and kept with it. What takes time is worked out when
    it is first asked for, and then kept, too.
    """

    record: Record

    @classmethod
    def of(cls, record: Record) -> "TreatmentHistory":
        """Return the history of a record, always the same one."""
        return record.once(cls)

    # --- doses

    @cached_property
    def periods(self) -> tuple[DosingPeriod, ...]:
        """The maintenance doses in the order they were in force."""
        return dosing_periods(self.record)

    @cached_property
    def loading_doses(self) -> tuple[StoredEntry[Prescription], ...]:
        """The loading doses in the order they were given."""
        doses = (each for each in self.record.active(Prescription) if each.entry.loading)
        return tuple(sorted(doses, key=lambda each: (each.entry.since, each.number)))

    @cached_property
    def first_prescribed(self) -> Moment | None:
        """The earliest beginning of any prescription, also of one that was never in force."""
        prescribed = self.record.active(Prescription)
        return min((each.entry.since for each in prescribed), default=None)

    @cached_property
    def first_dose(self) -> Moment | None:
        """When the first dose was given, a maintenance or a loading dose."""
        loads = (each.entry.since for each in self.loading_doses)
        return min([*(each.since for each in self.periods), *loads], default=None)

    def period_at(self, moment: Moment) -> DosingPeriod | None:
        """Return the dose in force at a moment, or None."""
        return next((each for each in self.periods if each.holds_at(moment)), None)

    def periods_on(self, day: date) -> tuple[DosingPeriod, ...]:
        """Return the doses in force on some part of a day, by the clocks of their zones."""
        return tuple(
            each
            for each in self.periods
            if each.since.local.date() <= day
            and (each.until is None or day <= each.until.local.date())
        )

    def period_before(self, moment: Moment) -> DosingPeriod | None:
        """Return the dose that a new one from a moment on would follow, or that just ended."""
        held = (
            each
            for each in self.periods
            if each.since <= moment and (each.until is None or moment <= each.until)
        )
        return max(held, key=lambda each: each.since, default=None)

    def periods_begun_by(self, moment: Moment) -> tuple[DosingPeriod, ...]:
        """Return the doses in force at a moment or before it."""
        return tuple(each for each in self.periods if each.since <= moment)

    def last_change(self, moment: Moment) -> Moment | None:
        """Return when the dose in force at a moment was last changed or begun; None without one."""
        if self.period_at(moment) is None:
            return None
        return max(each.since for each in self.periods if each.is_change and each.since <= moment)

    @cached_property
    def changes_of_dose(self) -> tuple[Moment, ...]:
        """When a dose was begun or changed, and then when a loading dose was given."""
        loads = (each.entry.since for each in self.loading_doses)
        return (*(each.since for each in self.periods if each.is_change), *loads)

    # --- what was given

    @cached_property
    def not_given(self) -> tuple[MissedDose, ...]:
        """The doses missed or held, in the order they were written down."""
        return tuple(each.entry for each in self.record.active(MissedDose))

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """The times between prescriptions in which a dose was due and none is on record."""
        return gaps_between(self.periods)

    def administrations(self, until: Moment) -> tuple[Administration, ...]:
        """Return the doses given before a moment, in the order of time."""
        given = [
            Administration(each.given, each.mg)
            for each in self._scheduled(until)
            if each.given is not None and each.given < until.utc
        ]
        return tuple(sorted(given, key=lambda each: each.at))

    def left_out(self, until: Moment) -> tuple[datetime, ...]:
        """Return when doses were due that a level tells were not given, in UTC."""
        return tuple(each.at for each in self._scheduled(until) if each.given is None)

    def scheduled_dose_before(self, moment: Moment) -> Moment | None:
        """Return when, by the schedule, the last dose before a moment was due; None without one."""
        return last_due_before(self.periods, self.not_given, moment)

    def _scheduled(self, until: Moment) -> tuple[ScheduledDose, ...]:
        if until not in self._scheduled_until:
            self._scheduled_until[until] = scheduled_doses(
                self.record, self.periods, self.loading_doses, until
            )
        return self._scheduled_until[until]

    @cached_property
    def _scheduled_until(self) -> dict[Moment, tuple[ScheduledDose, ...]]:
        """The scheduled doses by the moment up to which they were asked for."""
        return {}

    # --- drugs

    @cached_property
    def drugs(self) -> tuple[ConcomitantDrug, ...]:
        """The drugs given beside sirolimus, in the order they were written down."""
        return tuple(map(ConcomitantDrug, self.record.active(CoMedication)))

    def drugs_on(self, day: date) -> tuple[ConcomitantDrug, ...]:
        """Return the drugs given on a day, by when they were begun."""
        given = (each for each in self.drugs if each.is_given_on(day))
        return tuple(sorted(given, key=lambda each: (each.since, each.recorded.number)))

    @cached_property
    def drug_changes(self) -> tuple[DrugChange, ...]:
        """The beginnings and ends of the drugs that may change the level."""
        changing = (each for each in self.drugs if each.changing_level)
        return tuple(change for each in changing for change in each.changes)

    # --- the body

    def weight_on(
        self, day: date, *, or_first_after: bool = False
    ) -> StoredEntry[Measurement] | None:
        """Return the last measurement with a weight up to a day, or None."""
        return last_measured(self._weights, day, or_first_after=or_first_after)

    def height_on(self, day: date) -> StoredEntry[Measurement] | None:
        """Return the last measurement with a height up to a day, or None."""
        return last_measured(self._heights, day)

    def body_on(self, day: date) -> MeasuredBody:
        """Return the age and the last measured body up to a day."""
        measured, measured_height = self.weight_on(day), self.height_on(day)
        return MeasuredBody(
            age=Age.between(self.record.patient.entry.born, day),
            weight=measured.entry.as_weight if measured else None,
            height=measured_height.entry.as_height if measured_height else None,
            measured_days_ago=days_since(measured.entry.on, day) if measured else None,
        )

    @property
    def days_weighed(self) -> tuple[date, ...]:
        """The days on which a weight was measured, in the order they were written down."""
        return tuple(each.entry.on for each in self._weights)

    @cached_property
    def _weights(self) -> tuple[StoredEntry[Measurement], ...]:
        return tuple(each for each in self.record.active(Measurement) if each.entry.weight)

    @cached_property
    def _heights(self) -> tuple[StoredEntry[Measurement], ...]:
        return tuple(each for each in self.record.active(Measurement) if each.entry.height)
