"""When kinetics does not answer: each reason is a stop, and then no number is shown."""

from collections.abc import Iterator
from datetime import date, timedelta

from dosing import Alert, AlertKind
from dosing.forecast_rules import FORGOTTEN_AFTER, OLDEST_USED
from dosing.kinetics.model import Covariate, Model
from dosing.level_rules import (
    ASSAYS_DIFFER,
    ASSAYS_SOURCE,
    DRUG_CHANGED_WITHIN,
)
from dosing.plain_text import shortened
from dosing.sources import PROPOSED
from monitoring.forecast.covariates import covariates_on
from monitoring.levels.trough import is_trough
from monitoring.record.entries import Recorded
from monitoring.record.level import Level
from monitoring.times import Moment
from monitoring.treatment import DrugChange, TreatmentHistory


def levels_used(history: TreatmentHistory, now: Moment) -> tuple[Recorded[Level], ...]:
    """Return the levels that a fit is made from, in the order of time.

    They stand, are not older than a year, and were sampled long enough after the last change of an
    interacting drug.
    """
    since = now.utc - timedelta(days=OLDEST_USED.value)
    settled = max(
        (
            change.day + timedelta(days=DRUG_CHANGED_WITHIN.value)
            for change in _drug_changes(history)
            if change.day <= now.local.date()
        ),
        default=date.min,
    )
    found = [
        each
        for each in history.record.standing(Level)
        if since <= each.entry.sampled.utc <= now.utc and each.entry.sampled.local.date() >= settled
    ]
    return tuple(sorted(found, key=lambda each: (each.entry.sampled.utc, each.number)))


def refusals(
    history: TreatmentHistory, model: Model, now: Moment, *, nothing_given_in_gaps: bool
) -> tuple[Alert, ...]:
    """Return the stops that forbid an answer, and the cautions about what it rests on."""
    levels = levels_used(history, now)
    return (
        *_about_range(history, model, levels, now),
        *_about_assays(model, levels),
        *_about_times(history, levels, now),
        *(() if nothing_given_in_gaps else _about_gaps(history, levels, now)),
        *_about_drugs(history, model, levels, now),
    )


def _stop(code: str, message: str, source: str = PROPOSED) -> Alert:
    return Alert(code, AlertKind.STOP, message, source)


def _about_range(
    history: TreatmentHistory, model: Model, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield where the patient is outside what the model was made from, now or at a level."""
    days = [now.local.date(), *(each.entry.sampled.local.date() for each in levels)]
    told: set[str] = set()
    for day in days:
        known = covariates_on(history, model, day)
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
    history: TreatmentHistory, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield the levels whose dose before is not known, and what they tell of the doses."""
    given = {each.at for each in history.administrations(now)}
    for each in levels:
        level, last = each.entry, each.entry.last_dose
        if last is None:
            message = (
                f"When the last dose before {level} of {level.sampled} was given is not written "
                "down. Void that level and write it down again with the time."
            )
            yield _stop("last-dose-unknown", message)
            continue
        period = history.period_at(last)
        if period is None or last.utc not in given:
            message = (
                f"No dose is on record at {last}, when the last one before {level} was given. "
                "Look at the prescriptions and at the doses missed or held."
            )
            yield _stop("dose-record-gap", message)
        elif not is_trough(level.sampled.utc - last.utc, period.interval):
            message = (
                f"{level} of {level.sampled} was sampled {level.sampled.hours_since(last):.1f} "
                "hours after a dose and is no trough: what it tells rests on the absorption that "
                "the model assumes, and the models were made from troughs."
            )
            yield Alert("level-not-trough", AlertKind.CAUTION, message, PROPOSED)
    yield from _about_doses_left_out(history, levels)


def _about_doses_left_out(
    history: TreatmentHistory, levels: tuple[Recorded[Level], ...]
) -> Iterator[Alert]:
    """Yield the doses that were due by the schedule and that a level tells were not given."""
    if not levels:
        return
    left_out = history.left_out(levels[-1].entry.sampled)
    if left_out:
        zone = levels[-1].entry.sampled.zone
        message = (
            "By the times of the last doses told with the levels some doses due by the schedule "
            f"cannot have been given and are left out ({len(left_out)}, the last of "
            f"{Moment(left_out[-1], zone)}). Check them, and write down which were missed."
        )
        yield Alert("doses-left-out", AlertKind.CAUTION, message, PROPOSED)


def _about_gaps(
    history: TreatmentHistory, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield the gaps that are over, and not so long before the levels that nothing is left."""
    first = levels[0].entry.sampled if levels else now
    since = first.utc - timedelta(days=FORGOTTEN_AFTER.value)
    for gap in history.gaps:
        if not since <= gap.until.utc <= now.utc:
            continue
        message = (
            f"Between {gap.since} and {gap.until} no dose is on record. A gap is not a wash-out: "
            "write down what was given, or say that nothing was."
        )
        yield _stop("dose-record-gap", message)


def _about_drugs(
    history: TreatmentHistory, model: Model, levels: tuple[Recorded[Level], ...], now: Moment
) -> Iterator[Alert]:
    """Yield the drugs that change the level in a way that no level in use tells."""
    if levels:  # they were all sampled long enough after every change
        return
    begun = min((each.since.local.date() for each in history.periods), default=date.max)
    changed = [
        change
        for change in _drug_changes(history)
        if begun < change.day <= now.local.date() and history.record.standing(Level)
    ]
    for change in changed:
        settled = change.day + timedelta(days=DRUG_CHANGED_WITHIN.value)
        message = (
            f"{shortened(change.drug.name)}, which may change the level, was begun or ended on "
            f"{change.day}: levels from before {settled} ({DRUG_CHANGED_WITHIN} after) tell "
            "nothing of now. Take a level then."
        )
        yield _stop("drug-changed-since", message)
    known = {each.drug for each in model.covariates if each.drug}
    for each in () if changed else history.drugs_on(now.local.date()):
        if {drug.name for drug in each.surely_changing_level} - known:
            message = (
                f"{shortened(each.name)} may change the level, {model.name} knows nothing of "
                "it, and no level tells what it does. Take a level."
            )
            yield _stop("drug-not-in-model", message)


def _drug_changes(history: TreatmentHistory) -> Iterator[DrugChange]:
    """Yield the changes of the drugs that a source says change the level."""
    return (each for each in history.drug_changes if each.drug.surely_changing_level)
