"""The state of treatment over the whole record: one object for every answer."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from dosing import Age, days_since
from dosing.knowledge.tdm_rules import FORMER_DOSE_WITHIN
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment.administrations import (
    Administration,
    DueDose,
    Gap,
    ScheduledDose,
    due_doses,
    first_due_after,
    gaps_between,
    last_due_before,
    scheduled_doses,
)
from monitoring.treatment.concomitant_drug import ConcomitantDrug, DrugChange
from monitoring.treatment.dosing_period import DosingPeriod, dosing_periods
from monitoring.treatment.exposure import ExposureCause, ExposureChange, exposure_changes, start_of
from monitoring.treatment.measured_body import MeasuredBody, last_measured
from monitoring.treatment.omitted_doses import OmittedDoses, omitted_doses
from monitoring.treatment.unanswered_events import (
    UnansweredEvents,
    says_held_or_stopped,
    unanswered_events,
)


def _is_one_dose(omitted: OmittedDoses) -> bool:
    return omitted.is_one_dose


def _begins_utc(omitted: OmittedDoses) -> datetime:
    return omitted.at.utc


@dataclass(frozen=True)
class TreatmentHistory:
    """The treatment at any moment, from the active entries of the record.

    `of` makes it once for each record and keeps it with the record. Slow results are worked out at
    their first use and kept too.
    """

    record: Record

    @classmethod
    def of(cls, record: Record) -> "TreatmentHistory":
        """Return the history of a record, always the same one."""
        return record.once(cls)

    # --- doses

    @cached_property
    def periods(self) -> tuple[DosingPeriod, ...]:
        """The dosing periods in their order."""
        return dosing_periods(self.record)

    @cached_property
    def loading_doses(self) -> tuple[StoredEntry[Prescription], ...]:
        """The loading doses in the order of time."""
        doses = (each for each in self.record.active(Prescription) if each.entry.loading)
        return tuple(sorted(doses, key=lambda each: (each.entry.since, each.number)))

    @cached_property
    def first_prescribed(self) -> Moment | None:
        """The earliest start of any prescription, even of one that never applied."""
        prescribed = self.record.active(Prescription)
        return min((each.entry.since for each in prescribed), default=None)

    @cached_property
    def first_dose(self) -> Moment | None:
        """The time of the first dose, maintenance or loading."""
        loads = (each.entry.since for each in self.loading_doses)
        return min([*(each.since for each in self.periods), *loads], default=None)

    def period_at(self, moment: Moment) -> DosingPeriod | None:
        """Return the dosing period at a moment, or None."""
        place = bisect_right(self._period_starts, moment.utc)  # no two hold at once
        last = self.periods[place - 1] if place else None
        return last if last and last.holds_at(moment) else None

    @cached_property
    def _period_starts(self) -> tuple[datetime, ...]:
        return tuple(each.since.utc for each in self.periods)

    def period_of(self, level: Level) -> DosingPeriod | None:
        """Return the dosing period that a level reflects: that of the last dose before it."""
        return self.period_at(level.reflects_until)

    def periods_on(self, day: date) -> tuple[DosingPeriod, ...]:
        """Return the dosing periods on any part of a day, by the clocks of their zones."""
        return tuple(
            each
            for each in self.periods
            if each.since.local.date() <= day
            and (each.until is None or day <= each.until.local.date())
        )

    def period_before(self, moment: Moment) -> DosingPeriod | None:
        """Return the dosing period before a new dose at a moment; it may just have ended."""
        held = (
            each
            for each in self.periods
            if each.since <= moment and (each.until is None or moment <= each.until)
        )
        return max(held, key=lambda each: each.since, default=None)

    def periods_begun_by(self, moment: Moment) -> tuple[DosingPeriod, ...]:
        """Return the dosing periods that began up to a moment."""
        return tuple(each for each in self.periods if each.since <= moment)

    def last_change(self, moment: Moment) -> Moment | None:
        """Return the last start or change of the dose at a moment; None without a dose."""
        if self.period_at(moment) is None:
            return None
        return max(each.since for each in self.periods if each.is_change and each.since <= moment)

    @cached_property
    def exposure_changes(self) -> tuple[ExposureChange, ...]:
        """The changes of exposure, in order of time."""
        return exposure_changes(self.periods, self.not_given, self.loading_doses, self.drug_changes)

    def last_exposure_change(self, moment: Moment) -> ExposureChange | None:
        """Return the latest change of exposure up to a moment, or None before the first dose."""
        return self._change_up_to(moment.utc)

    def exposure_change_before(self, level: Level) -> ExposureChange | None:
        """Return the latest change of exposure that a level reflects; a restart counts at once."""
        last = self._change_up_to(level.sampled.utc)
        if last is None or last.cause is ExposureCause.RESTART:
            return last
        return self._change_up_to(min(level.reflects_until.utc, level.sampled.utc)) or last

    def _change_up_to(self, utc: datetime) -> ExposureChange | None:
        """Return the last change up to a time, by bisection: it is asked for every level."""
        place = bisect_right(self._change_times, utc)
        return self.exposure_changes[place - 1] if place else None

    @cached_property
    def _change_times(self) -> tuple[datetime, ...]:
        return tuple(each.at.utc for each in self.exposure_changes)

    def former_daily_mg(self, moment: Moment) -> Decimal | None:
        """Return the dose before a hold or an interacting drug that has ended, mg per day.

        It counts for `FORMER_DOSE_WITHIN`; of several the largest. None if nothing ended.
        """
        since = moment.utc - timedelta(days=FORMER_DOSE_WITHIN.value)
        begun = [
            hold.at for hold in self.holds if hold.until is None or since <= hold.until.utc
        ] + [
            start_of(drug.since, moment)
            for drug in self.drugs
            if drug.changes_exposure_much
            and drug.until is not None
            and since <= start_of(drug.until, moment).utc <= moment.utc
        ]
        before = (self.period_before(each) for each in begun if each <= moment)
        return max(
            (each.prescription.entry.daily_mg for each in before if each is not None),
            default=None,
        )

    @cached_property
    def changes_of_dose(self) -> tuple[Moment, ...]:
        """The times of each start or change of a dose, then those of the loading doses."""
        loads = (each.entry.since for each in self.loading_doses)
        return (*(each.since for each in self.periods if each.is_change), *loads)

    # --- doses given

    @cached_property
    def not_given(self) -> tuple[OmittedDoses, ...]:
        """The doses missed or held, in the order of entry."""
        return omitted_doses(self.record)

    def not_given_within(self, span: timedelta, moment: Moment) -> tuple[OmittedDoses, ...]:
        """Return the doses missed or held in the time of `span` up to a moment, in order of time.

        A hold is one of them if any part of it is. Missed doses are found by bisection, as they
        are asked for every level.
        """
        from_utc, missed = moment.utc - span, self._missed
        first = bisect_left(missed, from_utc, key=_begins_utc)
        found = [*missed[first : bisect_right(missed, moment.utc, key=_begins_utc)]]
        found += [
            each
            for each in self._lasting
            if each.at <= moment
            and (from_utc <= (each.until or each.at).utc or each.holds_at(moment))
        ]
        return tuple(sorted(found, key=lambda each: (each.at.utc, each.recorded.number)))

    @cached_property
    def _missed(self) -> tuple[OmittedDoses, ...]:
        """The single doses that were missed, in order of time."""
        return tuple(sorted(filter(_is_one_dose, self.not_given), key=_begins_utc))

    def omission_at(self, dose: Moment) -> OmittedDoses | None:
        """Return the hold that a dose is in, or the missed dose at its time; None if it fits.

        A dose at the beginning of a hold was given just before it.
        """
        missed = self._missed_at.get(dose.utc)
        inside = (each for each in self.holds if each.at < dose and each.holds_at(dose))
        return missed or next(inside, None)

    @cached_property
    def _missed_at(self) -> dict[datetime, OmittedDoses]:
        """The single missed doses by their time: they are asked for every level."""
        return {each.at.utc: each for each in self._missed}

    @cached_property
    def _lasting(self) -> tuple[OmittedDoses, ...]:
        return tuple(each for each in self.not_given if not each.is_one_dose)

    @cached_property
    def holds(self) -> tuple[OmittedDoses, ...]:
        """The holds, in the order of their beginning."""
        held = (each for each in self.not_given if each.is_hold)
        return tuple(sorted(held, key=lambda each: (each.at.utc, each.recorded.number)))

    def hold_at(self, moment: Moment) -> OmittedDoses | None:
        """Return the hold at a moment, or None; of several the one that began first."""
        return next((each for each in self.holds if each.holds_at(moment)), None)

    @cached_property
    def may_be_unanswered(self) -> bool:
        """True if any event says "held" or "stopped", as in few records."""
        return any(map(says_held_or_stopped, self.record.active(AdverseEvent)))

    def unanswered_events(self, moment: Moment) -> UnansweredEvents:
        """Return the events up to a moment that say "held" or "stopped", and no dose shows it."""
        return unanswered_events(self.record, self.periods, self.holds, moment)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """The times between prescriptions with a dose due and none recorded."""
        return gaps_between(self.periods)

    def administrations(self, until: Moment) -> tuple[Administration, ...]:
        """Return the doses given before a moment, in order of time."""
        given = [
            Administration(each.given, each.mg, each.product)
            for each in self._scheduled(until)
            if each.given is not None and each.given < until.utc
        ]
        return tuple(sorted(given, key=lambda each: each.at))

    def left_out(self, until: Moment) -> tuple[datetime, ...]:
        """Return the times of due doses that a level shows were not given, in UTC."""
        return tuple(each.at for each in self._scheduled(until) if each.given is None)

    def scheduled_dose_before(self, moment: Moment) -> Moment | None:
        """Return the scheduled time of the last dose before a moment, or None."""
        return last_due_before(self.periods, self.not_given, moment)

    def scheduled_dose_after(self, moment: Moment) -> Moment | None:
        """Return the scheduled time of the first dose after a moment, or None."""
        return first_due_after(self.periods, self.not_given, moment)

    def due_doses(self, since: Moment, until: Moment) -> tuple[DueDose, ...]:
        """Return the doses due from a moment on and before another; those on hold are marked."""
        return due_doses(self.periods, self.not_given, since, until)

    def _scheduled(self, until: Moment) -> tuple[ScheduledDose, ...]:
        if until not in self._scheduled_until:
            self._scheduled_until[until] = scheduled_doses(
                self.record, self.periods, self.loading_doses, self.not_given, until
            )
        return self._scheduled_until[until]

    @cached_property
    def _scheduled_until(self) -> dict[Moment, tuple[ScheduledDose, ...]]:
        """The scheduled doses, by the moment up to which they were worked out."""
        return {}

    # --- drugs

    @cached_property
    def drugs(self) -> tuple[ConcomitantDrug, ...]:
        """The concomitant drugs, in the order of entry."""
        return tuple(map(ConcomitantDrug, self.record.active(CoMedication)))

    def drugs_on(self, day: date) -> tuple[ConcomitantDrug, ...]:
        """Return the drugs given on a day, by their first day."""
        given = (each for each in self.drugs if each.is_given_on(day))
        return tuple(sorted(given, key=lambda each: (each.since, each.recorded.number)))

    @cached_property
    def drug_changes(self) -> tuple[DrugChange, ...]:
        """The starts and ends of the drugs that may change the level."""
        changing = (each for each in self.drugs if each.changing_level)
        return tuple(change for each in changing for change in each.changes)

    # --- the body

    def weight_on(
        self, day: date, *, or_first_after: bool = False
    ) -> StoredEntry[Measurement] | None:
        """Return the last measurement with a weight up to a day, or None."""
        return last_measured(self._weights, day, or_first_after=or_first_after)

    def height_on(
        self, day: date, *, or_first_after: bool = False
    ) -> StoredEntry[Measurement] | None:
        """Return the last measurement with a height up to a day, or None."""
        return last_measured(self._heights, day, or_first_after=or_first_after)

    def body_on(self, day: date, *, or_first_after: bool = False) -> MeasuredBody:
        """Return the age and the last measured body up to a day, or else the first one after it."""
        measured = self.weight_on(day, or_first_after=or_first_after)
        measured_height = self.height_on(day, or_first_after=or_first_after)
        is_earlier = measured is not None and measured.entry.on <= day
        return MeasuredBody(
            age=Age.between(self.record.patient.entry.born, day),
            weight=measured.entry.as_weight if measured else None,
            height=measured_height.entry.as_height if measured_height else None,
            measured_days_ago=days_since(measured.entry.on, day)
            if measured and is_earlier
            else None,
        )

    @property
    def days_weighed(self) -> tuple[date, ...]:
        """The days with a measured weight, in the order of entry."""
        return tuple(each.entry.on for each in self._weights)

    @cached_property
    def _weights(self) -> tuple[StoredEntry[Measurement], ...]:
        return tuple(each for each in self.record.active(Measurement) if each.entry.weight)

    @cached_property
    def _heights(self) -> tuple[StoredEntry[Measurement], ...]:
        return tuple(each for each in self.record.active(Measurement) if each.entry.height)
