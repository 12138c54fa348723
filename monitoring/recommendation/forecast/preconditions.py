"""Preconditions of a forecast: each one that is not met is a stop, and no figure is shown."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import floor
from typing import TypeAlias

from dosing import Alert, Alerts
from dosing.knowledge.alert_catalogue import (
    ASSAY_OF_MODEL,
    COVARIATE_STALE,
    COVARIATE_UNKNOWN,
    DOSE_RECORD_GAP,
    DOSES_LEFT_OUT,
    DOSES_OF_ANOTHER_PRODUCT,
    DRUG_CHANGED_SINCE,
    DRUG_NOT_IN_MODEL,
    LAST_DOSE_UNKNOWN_STOP,
    LEVEL_NOT_TROUGH,
    LEVELS_LEFT_OUT,
    OUTSIDE_MODEL,
    PRODUCT_OF_MODEL,
)
from dosing.knowledge.forecast_rules import COVARIATE_COUNTS_FOR, FORGOTTEN_AFTER, OLDEST_USED
from dosing.knowledge.products import Product, relative_bioavailability
from dosing.knowledge.tdm_rules import ASSAYS_DIFFER, DRUG_CHANGED_WITHIN
from dosing.pharmacokinetics.covariates import WORDS_OF, Covariate
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.model_checks import listed
from dosing.quantities.formatting import count_of, duration
from dosing.quantities.text import shortened
from monitoring.levels.trough import is_trough, trough_window
from monitoring.recommendation.forecast.covariates import covariates_on, stale_covariates
from monitoring.recommendation.forecast.fitting import product_at
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Level
from monitoring.record.level_causes import excluded_levels
from monitoring.times import Moment, short
from monitoring.treatment import DrugChange, TreatmentHistory

Levels: TypeAlias = tuple[StoredEntry[Level], ...]


def levels_used(history: TreatmentHistory, now: Moment) -> Levels:
    """Return the levels for a fit, in order of time.

    They are of the newest one's assay.
    """
    return tuple(_of_one_assay(_recent_levels(history, now)))


def _recent_levels(history: TreatmentHistory, now: Moment) -> Levels:
    """Return the levels of the last year that were neither voided nor excluded, in order of time.

    They were sampled long enough after the last change of an interacting drug.
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
    left_out = excluded_levels(history.record)
    found = [
        each
        for each in history.record.active(Level)
        if each.number not in left_out
        and since <= each.entry.sampled.utc <= now.utc
        and each.entry.sampled.local.date() >= settled
    ]
    ordered = sorted(found, key=lambda each: (each.entry.sampled.utc, each.number))
    return tuple(ordered)


def _of_one_assay(levels: Sequence[StoredEntry[Level]]) -> list[StoredEntry[Level]]:
    """Return the levels measured as the newest one; those of an unknown assay stay."""
    newest = next((each.entry.assay for each in reversed(levels) if each.entry.assay), None)
    return [each for each in levels if each.entry.assay in {None, newest}]


def preconditions(
    history: TreatmentHistory, model: Model, now: Moment, *, nothing_given_in_gaps: bool
) -> Alerts:
    """Return the stops that prevent an answer by a model, and the cautions about its data."""
    levels = levels_used(history, now)
    of_record = preconditions_of_record(
        history, levels, now, nothing_given_in_gaps=nothing_given_in_gaps
    )
    return of_record + preconditions_of_model(history, model, levels, now)


def preconditions_of_record(
    history: TreatmentHistory,
    levels: Levels,
    now: Moment,
    *,
    nothing_given_in_gaps: bool,
) -> Alerts:
    """Return the stops in the record that prevent an answer by any model, and the cautions."""
    return Alerts(
        (
            *_about_left_out(history, levels, now),
            *_about_products(history, levels, now),
            *_about_times(history, levels, now),
            *(() if nothing_given_in_gaps else _about_gaps(history, levels, now)),
            *_about_drug_changes(history, levels, now),
        )
    )


def preconditions_of_model(
    history: TreatmentHistory, model: Model, levels: Levels, now: Moment
) -> Alerts:
    """Return the stops that prevent an answer by a model."""
    return Alerts(
        (
            *_about_range(history, model, levels, now),
            *_about_drugs(history, model, levels, now),
        )
    )


def about_models(
    history: TreatmentHistory, models: Sequence[Model], levels: Levels, now: Moment
) -> Iterator[Alert]:
    """Yield the products and the assays of the models that are not this patient's."""
    given = product_at(history, now)
    made_on = {each.key: each.product or Product.SOLUTION for each in models}
    for product in dict.fromkeys(each for each in made_on.values() if each is not given):
        yield PRODUCT_OF_MODEL.alert(
            model=listed([each.name for each in models if made_on[each.key] is product]),
            made_on=product.value,
            product=given.value,
            factor=f"{relative_bioavailability(given, product):.3g}",
        )
    used = {each.entry.assay.value for each in levels if each.entry.assay}
    measured_by = used.pop() if used else "an unknown assay"
    assays = dict.fromkeys(each.assay for each in models if each.assay != measured_by)
    for assay in assays if levels else ():
        yield ASSAY_OF_MODEL.alert(
            model=listed([each.name for each in models if each.assay == assay]),
            assay=assay,
            measured_by=measured_by,
            differ=ASSAYS_DIFFER,
        )


def _about_range(
    history: TreatmentHistory, model: Model, levels: Levels, now: Moment
) -> Iterator[Alert]:
    """Yield the covariates that are unknown or outside the model's range, now or at a level."""
    days = [now.local.date(), *(each.entry.sampled.local.date() for each in levels)]
    reported: set[str] = set()
    for day in days:
        known = covariates_on(history, model, day)
        stale = {each.name: measured for each, measured in stale_covariates(history, model, day)}
        for covariate in model.covariates:
            if covariate.name in reported:
                continue
            x = known.get(covariate.name)
            is_needed = covariate.name in model.needed or covariate.has_range
            if covariate.name in stale:
                reported.add(covariate.name)
                yield COVARIATE_STALE.alert(
                    model=model.name,
                    covariate=covariate.title,
                    day=short(day),
                    measured=short(stale[covariate.name].on),
                    limit=str(COVARIATE_COUNTS_FOR),
                )
            elif x is None and is_needed:  # an age is unknown where the birth date is not exact
                reported.add(covariate.name)
                yield COVARIATE_UNKNOWN.alert(
                    source=model.source,
                    model=model.name,
                    covariate=covariate.title,
                    unit=_unit(covariate),
                )
            elif x is not None and not covariate.contains(x):
                reported.add(covariate.name)
                yield OUTSIDE_MODEL.alert(
                    source=model.source,
                    covariate=covariate.title,
                    day=short(day),
                    figure=_figure(covariate, x),
                    unit=_unit(covariate),
                    model=model.name,
                    range=_range(covariate),
                )


def _unit(covariate: Covariate) -> str:
    if covariate.name in WORDS_OF:
        return " or ".join(WORDS_OF[covariate.name])
    return "years" if covariate.unit == "year" else covariate.unit


def _figure(covariate: Covariate, x: float) -> str:
    """Return a covariate for people; an age is never rounded up."""
    if covariate.unit == "year" and x >= 1:
        x = floor(x * 10) / 10
    return f"{x:.3g}"


def _range(covariate: Covariate) -> str:
    low, high, unit = covariate.lowest, covariate.highest, _unit(covariate)
    if low is None:
        return f"up to {high} {unit}"
    return f"from {low} {unit}" if high is None else f"{low}-{high} {unit}"


def _about_left_out(history: TreatmentHistory, used: Levels, now: Moment) -> Iterator[Alert]:
    """Yield the note on the levels of another assay than the newest."""
    left_out = len(_recent_levels(history, now)) - len(used)
    if left_out:
        newest = next(each.entry.assay for each in reversed(used) if each.entry.assay)
        yield LEVELS_LEFT_OUT.alert(levels=count_of(left_out, "level"), assay=newest.value)


def _about_products(history: TreatmentHistory, levels: Levels, now: Moment) -> Iterator[Alert]:
    """Yield the changes of the product that still matter."""
    given = product_at(history, now)
    first = levels[0].entry.sampled if levels else now
    since = first.utc - timedelta(days=FORGOTTEN_AFTER.value)
    for before, after in pairwise(history.periods):
        one, other = (each.prescription.entry.product for each in (before, after))
        if one is not other and since <= after.since.utc <= now.utc:
            factor = relative_bioavailability(one, given)
            yield DOSES_OF_ANOTHER_PRODUCT.alert(
                product=other.value, day=short(after.since.local.date()), factor=f"{factor:.3g}"
            )


def _about_times(history: TreatmentHistory, levels: Levels, now: Moment) -> Iterator[Alert]:
    """Yield the levels with an unknown last dose, those off trough, and the doses ruled out."""
    given = {each.at for each in history.administrations(now)}
    for each in levels:
        level, last = each.entry, each.entry.last_dose
        if last is None:
            yield LAST_DOSE_UNKNOWN_STOP.alert(level=_of_its_time(level))
            continue
        period = history.period_at(last)
        if period is None or last.utc not in given:
            when = f"at {short(last)}, the last dose before {level}"
            yield DOSE_RECORD_GAP.alert(when=when, gap=None)
        elif not is_trough(level.sampled.utc - last.utc, period.interval):
            yield _not_trough(level, last, period.interval)
    yield from _about_doses_left_out(history, levels)


def _of_its_time(level: Level) -> str:
    return f"{level} of {short(level.sampled)}"


def _not_trough(level: Level, last: Moment, interval: timedelta) -> Alert:
    since, earliest, latest, every = (
        duration(each / timedelta(hours=1))
        for each in (level.sampled.utc - last.utc, *trough_window(interval), interval)
    )
    return LEVEL_NOT_TROUGH.alert(
        level=_of_its_time(level),
        since=since,
        window=f"{earliest} to {latest}",
        interval=every,
        model="The models",
    )


def _about_doses_left_out(history: TreatmentHistory, levels: Levels) -> Iterator[Alert]:
    """Yield the scheduled doses that a level shows were not given."""
    if not levels:
        return
    left_out = history.left_out(levels[-1].entry.sampled)
    if left_out:
        yield DOSES_LEFT_OUT.alert(
            doses=count_of(len(left_out), "dose"),
            last=short(Moment(left_out[-1], levels[-1].entry.sampled.zone)),
        )


def _about_gaps(history: TreatmentHistory, levels: Levels, now: Moment) -> Iterator[Alert]:
    """Yield the gaps that have ended and still affect the levels."""
    first = levels[0].entry.sampled if levels else now
    since = first.utc - timedelta(days=FORGOTTEN_AFTER.value)
    for gap in history.gaps:
        if not since <= gap.until.utc <= now.utc:
            continue
        yield DOSE_RECORD_GAP.alert(
            when=f"between {short(gap.since)} and {short(gap.until)}",
            gap=duration(gap.until.hours_since(gap.since)),
        )


def _about_drug_changes(history: TreatmentHistory, levels: Levels, now: Moment) -> Iterator[Alert]:
    """Yield the drugs that began or ended without a level that shows their effect."""
    for change in _unseen_changes(history, levels, now):
        settled = change.day + timedelta(days=DRUG_CHANGED_WITHIN.value)
        yield DRUG_CHANGED_SINCE.alert(
            drug=shortened(change.drug.name),
            day=short(change.day),
            settled=short(settled),
            after=DRUG_CHANGED_WITHIN,
        )


def _unseen_changes(history: TreatmentHistory, levels: Levels, now: Moment) -> list[DrugChange]:
    if levels:  # they were all sampled long enough after every change
        return []
    begun = min((each.since.local.date() for each in history.periods), default=date.max)
    return [
        change
        for change in _drug_changes(history)
        if begun < change.day <= now.local.date() and history.record.active(Level)
    ]


def _about_drugs(
    history: TreatmentHistory, model: Model, levels: Levels, now: Moment
) -> Iterator[Alert]:
    """Yield the drugs that change the level, unknown to the model, without a level."""
    if levels or _unseen_changes(history, levels, now):
        return
    known = {each.drug for each in model.covariates if each.drug}
    for each in history.drugs_on(now.local.date()):
        if {drug.name for drug in each.surely_changing_level} - known:
            yield DRUG_NOT_IN_MODEL.alert(drug=shortened(each.name), model=model.name)


def _drug_changes(history: TreatmentHistory) -> Iterator[DrugChange]:
    """Yield the changes of the drugs that change the level, confirmed by a source."""
    return (each for each in history.drug_changes if each.drug.surely_changing_level)
