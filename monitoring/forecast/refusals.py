"""When kinetics does not answer: each reason is a stop, and then no number is shown."""

from collections.abc import Iterator
from datetime import date, timedelta

from dosing import Alert, AlertKind
from dosing.interactions import find_drugs
from dosing.kinetics.model import Covariate, Model
from dosing.level_rules import ASSAYS_DIFFER, ASSAYS_SOURCE, DRUG_CHANGED_WITHIN
from dosing.plain_text import shortened
from dosing.sources import PROPOSED, UNCONFIRMED
from monitoring.forecast.covariates import covariates_on
from monitoring.forecast.doses_given import gaps
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, Recorded
from monitoring.record.level import Level
from monitoring.times import Moment
from monitoring.treatment import course_at, courses

USED_DAYS = 365
"""Proposed: older levels are left out, as a child's clearance changes by more than its weight."""


def levels_used(record: Record, now: Moment) -> tuple[Recorded[Level], ...]:
    """Return the levels that a fit is made from, in the order of time.

    They stand, are not older than a year, and were sampled long enough after the last change of an
    interacting drug.
    """
    since = now.utc - timedelta(days=USED_DAYS)
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
        *_about_times(record, levels),
        *(() if nothing_given_in_gaps else _about_gaps(record)),
        *_about_drugs(record, levels, now),
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


def _about_times(record: Record, levels: tuple[Recorded[Level], ...]) -> Iterator[Alert]:
    """Yield the levels whose dose before is not known: when it was given, or which it was."""
    for each in levels:
        level = each.entry
        if level.last_dose is None:
            message = (
                f"When the last dose before {level} of {level.sampled} was given is not written "
                "down. Void that level and write it down again with the time."
            )
            yield _stop("last-dose-unknown", message)
        elif course_at(record, level.last_dose) is None:
            message = (
                f"No dose is on record at {level.last_dose}, when the last one before {level} was "
                "given. Write the prescription down."
            )
            yield _stop("dose-record-gap", message)


def _about_gaps(record: Record) -> Iterator[Alert]:
    for gap in gaps(record):
        message = (
            f"Between {gap.since} and {gap.until} no dose is on record. A gap is not a wash-out: "
            "write down what was given, or say that nothing was."
        )
        yield _stop("dose-record-gap", message)


def _about_drugs(
    record: Record, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield the drugs that were begun or ended so lately that no level tells what they do."""
    begun = min((each.since.local.date() for each in courses(record)), default=date.max)
    any_level = record.standing(Level)
    for drug, day in _drug_changes(record):
        if not begun < day <= now.local.date() or not any_level:
            continue
        settled = day + timedelta(days=DRUG_CHANGED_WITHIN.value)
        if levels and levels[0].entry.sampled.local.date() >= settled:
            continue
        message = (
            f"{shortened(drug)}, which may change the level, was begun or ended on {day}: levels "
            f"from before {settled} ({DRUG_CHANGED_WITHIN} after) tell nothing of now. Take a "
            "level then."
        )
        yield _stop("drug-changed-since", message)


def _drug_changes(record: Record) -> Iterator[tuple[str, date]]:
    """Yield the drugs that a source says change the level, and the days they began or ended."""
    for each in record.standing(CoMedication):
        drugs = [drug for drug in find_drugs(each.entry.drug) if drug.may_change_level]
        if not any(drug.source != UNCONFIRMED for drug in drugs):
            continue
        yield each.entry.drug, each.entry.since
        if each.ending and each.ending.entry.on:
            yield each.entry.drug, each.ending.entry.on
