"""When kinetics does not answer: each reason is a stop, and then no number is shown."""

from collections.abc import Iterator
from datetime import date, timedelta

from dosing import Alert, AlertKind
from dosing.forecast_rules import FORGOTTEN_AFTER, OLDEST_USED
from dosing.interactions import find_drugs
from dosing.kinetics.model import Covariate, Model
from dosing.level_rules import (
    ASSAYS_DIFFER,
    ASSAYS_SOURCE,
    DRUG_CHANGED_WITHIN,
    TROUGH_WINDOW,
)
from dosing.plain_text import shortened
from dosing.sources import PROPOSED, UNCONFIRMED
from monitoring.forecast.covariates import covariates_on
from monitoring.forecast.doses_given import doses_given, doses_left_out, gaps
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, Recorded
from monitoring.record.level import Level
from monitoring.times import Moment
from monitoring.treatment import Course, course_at, courses, drugs_on


def levels_used(record: Record, now: Moment) -> tuple[Recorded[Level], ...]:
    """Return the levels that a fit is made from, in the order of time.

    They stand, are not older than a year, and were sampled long enough after the last change of an
    interacting drug.
    """
    since = now.utc - timedelta(days=OLDEST_USED.value)
    settled = max(
        (
            day + timedelta(days=DRUG_CHANGED_WITHIN.value)
            for _, day in _drug_changes(record)
            if day <= now.local.date()
        ),
        default=date.min,
    )
    found = [
        each
        for each in record.standing(Level)
        if since <= each.entry.sampled.utc <= now.utc and each.entry.sampled.local.date() >= settled
    ]
    return tuple(sorted(found, key=lambda each: (each.entry.sampled.utc, each.number)))


def refusals(
    record: Record, model: Model, now: Moment, *, nothing_given_in_gaps: bool
) -> tuple[Alert, ...]:
    """Return the stops that forbid an answer, and the cautions about what it rests on."""
    levels = levels_used(record, now)
    return (
        *_about_range(record, model, levels, now),
        *_about_assays(model, levels),
        *_about_times(record, levels, now),
        *(() if nothing_given_in_gaps else _about_gaps(record, levels, now)),
        *_about_drugs(record, model, levels, now),
    )


def _stop(code: str, message: str, source: str = PROPOSED) -> Alert:
    return Alert(code, AlertKind.STOP, message, source)


def _about_range(
    record: Record, model: Model, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield where the patient is outside what the model was made from, now or at a level."""
    days = [now.local.date(), *(each.entry.sampled.local.date() for each in levels)]
    told: set[str] = set()
    for day in days:
        known = covariates_on(record, model, day)
        for covariate in model.covariates:
            if covariate.name in told:
                continue
            x = known.get(covariate.name)
            if x is None and covariate.name in model.needed:
                told.add(covariate.name)
                message = (
                    f"{model.name} needs the {covariate.name} ({covariate.unit}), which is not on "
                    "record."
                )
                yield _stop("covariate-unknown", message, model.source)
            elif x is not None and not _is_in_range(covariate, x):
                told.add(covariate.name)
                message = (
                    f"On {day} the {covariate.name} ({x:.3g} {covariate.unit}) lies outside what "
                    f"{model.name} was made from ({_range(covariate)}): it says nothing of this "
                    "patient. Name a model that covers them."
                )
                yield _stop("outside-model", message, model.source)


def _is_in_range(covariate: Covariate, x: float) -> bool:
    low, high = covariate.lowest, covariate.highest
    return (low is None or low <= x) and (high is None or x <= high)


def _range(covariate: Covariate) -> str:
    low, high, unit = covariate.lowest, covariate.highest, covariate.unit
    if low is None:
        return f"up to {high} {unit}"
    return f"from {low} {unit}" if high is None else f"{low}-{high} {unit}"


def _about_assays(model: Model, levels: tuple[Recorded[Level], ...]) -> Iterator[Alert]:
    assays = {each.entry.assay.value for each in levels if each.entry.assay}
    if len(assays) > 1:
        message = (
            f"The levels were measured by {' and '.join(sorted(assays))}: they cannot be used "
            f"together ({ASSAYS_DIFFER})."
        )
        yield _stop("assays-mixed", message, ASSAYS_SOURCE)
    elif levels and assays != {model.assay}:
        by = f"by {assays.pop()}" if assays else "it is not written down how"
        message = (
            f"{model.name} was made from levels measured by {model.assay}, these were measured "
            f"{by}: {ASSAYS_DIFFER}, and the fit takes that for the patient's own."
        )
        yield Alert("assay-of-model", AlertKind.CAUTION, message, ASSAYS_SOURCE)


def _about_times(
    record: Record, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield the levels whose dose before is not known, and what they tell of the doses."""
    given = {each.at for each in doses_given(record, now)}
    for each in levels:
        level, last = each.entry, each.entry.last_dose
        if last is None:
            message = (
                f"When the last dose before {level} of {level.sampled} was given is not written "
                "down. Void that level and write it down again with the time."
            )
            yield _stop("last-dose-unknown", message)
            continue
        course = course_at(record, last)
        if course is None or last.utc not in given:
            message = (
                f"No dose is on record at {last}, when the last one before {level} was given. "
                "Look at the prescriptions and at the doses missed or held."
            )
            yield _stop("dose-record-gap", message)
        elif not _is_trough(level.sampled, last, course):
            message = (
                f"{level} of {level.sampled} was sampled {level.sampled.hours_since(last):.1f} "
                "hours after a dose and is no trough: what it tells rests on the absorption that "
                "the model assumes, and the models were made from troughs."
            )
            yield Alert("level-not-trough", AlertKind.CAUTION, message, PROPOSED)
    yield from _about_doses_left_out(record, levels)


def _is_trough(sampled: Moment, last_dose: Moment, course: Course) -> bool:
    interval_h = 24 / course.prescription.entry.times_a_day
    return abs(sampled.hours_since(last_dose) - interval_h) * 12 <= interval_h * TROUGH_WINDOW.value


def _about_doses_left_out(record: Record, levels: tuple[Recorded[Level], ...]) -> Iterator[Alert]:
    """Yield the doses that were due by the schedule and that a level tells were not given."""
    if not levels:
        return
    left_out = doses_left_out(record, levels[-1].entry.sampled)
    if left_out:
        zone = levels[-1].entry.sampled.zone
        message = (
            "By the times of the last doses told with the levels some doses due by the schedule "
            f"cannot have been given and are left out ({len(left_out)}, the last of "
            f"{Moment(left_out[-1], zone)}). Check them, and write down which were missed."
        )
        yield Alert("doses-left-out", AlertKind.CAUTION, message, PROPOSED)


def _about_gaps(
    record: Record, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield the gaps that are over, and not so long before the levels that nothing is left."""
    first = levels[0].entry.sampled if levels else now
    since = first.utc - timedelta(days=FORGOTTEN_AFTER.value)
    for gap in gaps(record):
        if not since <= gap.until.utc <= now.utc:
            continue
        message = (
            f"Between {gap.since} and {gap.until} no dose is on record. A gap is not a wash-out: "
            "write down what was given, or say that nothing was."
        )
        yield _stop("dose-record-gap", message)


def _about_drugs(
    record: Record, model: Model, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield the drugs that change the level in a way that no level in use tells."""
    if levels:  # they were all sampled long enough after every change
        return
    begun = min((each.since.local.date() for each in courses(record)), default=date.max)
    changed = [
        (drug, day)
        for drug, day in _drug_changes(record)
        if begun < day <= now.local.date() and record.standing(Level)
    ]
    for drug, day in changed:
        settled = day + timedelta(days=DRUG_CHANGED_WITHIN.value)
        message = (
            f"{shortened(drug)}, which may change the level, was begun or ended on {day}: levels "
            f"from before {settled} ({DRUG_CHANGED_WITHIN} after) tell nothing of now. Take a "
            "level then."
        )
        yield _stop("drug-changed-since", message)
    known = {each.drug for each in model.covariates if each.drug}
    for each in () if changed else drugs_on(record, now.local.date()):
        if _changes_level(each.entry.drug) - known:
            message = (
                f"{shortened(each.entry.drug)} may change the level, {model.name} knows nothing of "
                "it, and no level tells what it does. Take a level."
            )
            yield _stop("drug-not-in-model", message)


def _changes_level(written: str) -> set[str]:
    """Return the names of the drugs written that a source says may change the level."""
    return {
        drug.name
        for drug in find_drugs(written)
        if drug.may_change_level and drug.source != UNCONFIRMED
    }


def _drug_changes(record: Record) -> Iterator[tuple[str, date]]:
    """Yield the drugs that a source says change the level, and the days they began or ended."""
    for each in record.standing(CoMedication):
        if not _changes_level(each.entry.drug):
            continue
        yield each.entry.drug, each.entry.since
        if each.ending and each.ending.entry.on:
            yield each.entry.drug, each.ending.entry.on
