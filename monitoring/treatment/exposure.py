"""Changes of exposure: whatever makes the level move to another steady state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

from dosing.knowledge.tdm_rules import RESTART_AFTER
from monitoring.record.entries import StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.times import Moment, zone_of
from monitoring.treatment.concomitant_drug import DrugChange
from monitoring.treatment.dosing_period import DosingPeriod
from monitoring.treatment.omitted_doses import OmittedDoses


class ExposureCause(Enum):
    """The cause of a change of exposure (course of treatment, section 2)."""

    START = "start"
    DOSE = "dose-change"
    PRODUCT = "product-change"
    RESTART = "restart"
    DRUG = "interacting-drug"
    LOADING = "loading-dose"


@dataclass(frozen=True, slots=True)
class ExposureChange:
    """A moment at which the exposure changed, and what changed it."""

    at: Moment
    cause: ExposureCause
    drug: str = ""
    """The drug that began or ended, as recorded."""

    def __repr__(self) -> str:
        """Return the cause and the moment."""
        return f"<{type(self).__name__} {self.cause.value} {self.at}>"


def exposure_changes(
    periods: Sequence[DosingPeriod],
    not_given: Sequence[OmittedDoses],
    loading_doses: Sequence[StoredEntry[Prescription]],
    drug_changes: Sequence[DrugChange],
) -> tuple[ExposureChange, ...]:
    """Return every change of exposure, in order of time.

    They are the start; a change of dose, interval, product or strength; a restart after a gap of
    `RESTART_AFTER`, held or missed dose by dose; the beginning and the end of a drug to avoid, or
    of one that changes exposure by half or more; and a loading dose.
    """
    loads = [ExposureChange(each.entry.since, ExposureCause.LOADING) for each in loading_doses]
    begun = min([*(each.since for each in periods), *(each.at for each in loads)], default=None)
    found = [
        *_of_periods(periods),
        *_restarts(periods, not_given),
        *(_of_drugs(drug_changes, begun) if begun else ()),
        *loads,
    ]
    return tuple(sorted(found, key=lambda each: each.at.utc))


def _of_periods(periods: Sequence[DosingPeriod]) -> Iterator[ExposureChange]:
    longest = timedelta(days=RESTART_AFTER.value)
    before = None
    for period in periods:
        if before is None:
            yield ExposureChange(period.since, ExposureCause.START)
        elif before.until is not None and period.since.utc - before.until.utc >= longest:
            yield ExposureChange(period.since, ExposureCause.RESTART)
        elif period.is_change:
            one, other = before.prescription.entry, period.prescription.entry
            is_same = (one.product, one.strength_mg_per_ml) == (
                other.product,
                other.strength_mg_per_ml,
            )
            yield ExposureChange(
                period.since, ExposureCause.DOSE if is_same else ExposureCause.PRODUCT
            )
        before = period


@dataclass(frozen=True, slots=True)
class _Pause:
    """A time without doses: until a hold ends, or the dose after the last missed one is due."""

    since: datetime
    until: Moment
    half: timedelta
    """Half the interval: a pause that begins within it goes on from here. Zero for a hold."""

    def joined(self, later: "_Pause") -> "_Pause":
        """Return both as one."""
        last = max(self, later, key=lambda each: each.until.utc)
        return replace(last, since=self.since)


def _restarts(
    periods: Sequence[DosingPeriod], not_given: Sequence[OmittedDoses]
) -> Iterator[ExposureChange]:
    """Yield the ends of the pauses that were long enough: holds, and doses missed in a row."""
    pauses: list[_Pause] = []
    for each in sorted(_pauses(periods, not_given), key=lambda each: each.since):
        last = pauses[-1] if pauses else None
        if last is not None and each.since <= last.until.utc + last.half:
            pauses[-1] = last.joined(each)
        else:
            pauses.append(each)
    longest = timedelta(days=RESTART_AFTER.value)
    for each in pauses:
        if each.until.utc - each.since >= longest:
            yield ExposureChange(each.until, ExposureCause.RESTART)


def _pauses(periods: Sequence[DosingPeriod], not_given: Sequence[OmittedDoses]) -> Iterator[_Pause]:
    for each in not_given:
        if not each.is_one_dose:
            if each.until is not None:
                yield _Pause(each.at.utc, each.until, timedelta())
            continue
        period = next((one for one in periods if one.holds_at(each.at)), None)
        if period is not None:
            until = Moment(each.at.utc + period.interval, each.at.zone)
            yield _Pause(each.at.utc, until, period.interval / 2)


def _of_drugs(drug_changes: Sequence[DrugChange], begun: Moment) -> Iterator[ExposureChange]:
    """Yield the first and last days of the drugs that change the exposure much."""
    for change in drug_changes:
        if change.drug.changes_exposure_much:
            at = start_of(change.day, begun)
            if begun < at:
                yield ExposureChange(at, ExposureCause.DRUG, change.drug.name)


def start_of(day: date, like: Moment) -> Moment:
    """Return the beginning of a day by the clocks of a moment's zone."""
    local = datetime.combine(day, time(), tzinfo=zone_of(like.zone))
    return replace(like, utc=local.astimezone(UTC))
