"""A forecast in words, for screen, page and paper: intervals before single figures."""

from collections.abc import Iterator

from dosing.knowledge.tdm_rules import STEADY_STATE_NOT_BEFORE, STEADY_STATE_SURELY_FROM
from dosing.pharmacokinetics import Disposition, Interval, Recommendation, TargetAttainment
from dosing.quantities.formatting import count_of, plain, whole_days
from monitoring.recommendation.forecast.observed import ObservedLevel
from monitoring.recommendation.forecast.patient_forecast import (
    CheckedLevel,
    FittedForecast,
    ModelShare,
    NextSample,
    PatientForecast,
    TroughForecast,
)
from monitoring.times import Moment, short
from reports.presentation.advice import recommendation_rows
from reports.presentation.times import clock_anywhere
from reports.presentation.track_record import track_record_line

BAND_WORDS = (
    "Intervals hold 90 % of true troughs by the model (uncertainty of the parameters). A measured "
    "level varies more, by assay and day. Probabilities are those of a measured level."
)
_NEIGHBOURS = 3


def interval(low: float, high: float, value: float) -> str:
    """Return an interval of levels and the most probable one.

    >>> interval(7.04, 12.96, 9.5)
    '7.0-13.0 ng/mL, most probably 9.5 ng/mL'
    """
    return f"{low:.1f}-{high:.1f} ng/mL, most probably {value:.1f} ng/mL"


def chances(outcome: TargetAttainment) -> str:
    """Return the probabilities of the target in whole percent."""
    return (
        f"within {outcome.within * 100:.0f} %, below {outcome.below * 100:.0f} %, above "
        f"{outcome.above * 100:.0f} %"
    )


def clearance(patient: Disposition) -> str:
    """Return the clearance with its interval, and the population's."""
    own = patient.clearance_l_h
    return (
        f"{own.low:.1f}-{own.high:.1f} L/h, most probably {own.value:.2f} L/h; typical for this "
        f"size {patient.population_clearance_l_h:.2f} L/h"
    )


def half_life(patient: Disposition) -> str:
    """Return the half-life, and the population's."""
    own, typical = (
        count_of(round(hours), "hour")
        for hours in (patient.half_life_h, patient.population_half_life_h)
    )
    return f"{own}; typical for this size {typical}"


def steady_state(patient: Disposition) -> str:
    """Return the time from a new dose to steady state: that by which every level is assessed.

    A half-life that needs more than that is named; one that needs less changes nothing.
    """
    first, surely = STEADY_STATE_NOT_BEFORE, STEADY_STATE_SURELY_FROM
    assessed = f"{first.value}-{surely} after a change, by the label"
    if patient.days_to_steady_state <= surely.value:
        return assessed
    return f"{assessed}; this half-life needs about {whole_days(patient.days_to_steady_state)}"


def outcomes_worth_showing(recommendation: Recommendation | None) -> tuple[TargetAttainment, ...]:
    """Return the current dose, the chosen one and some on either side of it, by the dose."""
    if recommendation is None or not recommendation.outcomes:
        return ()
    outcomes = recommendation.outcomes
    chosen = recommendation.chosen or recommendation.current
    place = outcomes.index(chosen)
    step = max(1, len(outcomes) // 12)
    places = {place + step * off for off in range(-_NEIGHBOURS, _NEIGHBOURS + 1)}
    places |= {outcomes.index(recommendation.current)}
    return tuple(outcomes[each] for each in sorted(places) if 0 <= each < len(outcomes))


def basis(answer: FittedForecast) -> str:
    """Return the data that a forecast is based on."""
    number = len(answer.levels)
    if not number:
        return "the population only (weak)"
    return f"{count_of(number, 'level')} of this patient"


def model_weight(share: ModelShare) -> str:
    """Return the weight of a model in an average."""
    return "Comparison" if share.weight is None else f"Weight {100 * share.weight:.0f} %"


def model_share(share: ModelShare, cited: str) -> str:
    """Return a model with its source, its trough, its assay and its population."""
    supposed = f", as {share.supposed}" if share.supposed else ""
    trough = ""
    if share.trough_ng_ml is not None:
        trough = f": trough {share.trough_ng_ml:.1f} ng/mL on this dose"
    model = share.model
    return f"{model.name} {cited}{supposed}{trough}; by {model.assay}, {model.population}"


def left_out_models(answer: FittedForecast) -> str:
    """Return the models that do not answer, with the reasons that can be removed first."""
    outside = [each.model.name for each in answer.left_out if each.is_outside]
    reasons = [each.reason.fact for each in answer.left_out if not each.is_outside]
    reasons += [f"this patient is outside the range of {', '.join(outside)}"] if outside else []
    return "; ".join(reasons)


def auc24(exposure: Interval) -> str:
    """Return AUC24 with its interval, shown only."""
    return (
        f"{exposure.low:.0f}-{exposure.high:.0f} ng·h/mL, most probably {exposure.value:.0f}, on "
        "the current dose (shown only: the target is for troughs)"
    )


def next_sample(sample: NextSample) -> str:
    """Return the time of the most informative trough, and by how much it narrows the band."""
    return (
        f"the trough of {short(sample.at)} would narrow the interval by about "
        f"{100 * sample.narrowing:.0f} % (shown only: no order)"
    )


def troughs_worth_showing(answer: FittedForecast) -> tuple[TroughForecast, ...]:
    """Return the next trough, the one in a week and the last: JSON holds every day."""
    last = len(answer.troughs) - 1
    return tuple(answer.troughs[place] for place in sorted({0, min(7, last), last}) if last >= 0)


def trough(each: TroughForecast) -> str:
    """Return a forecast trough: the true one, and the interval of a measured one."""
    found = each.forecast
    true = interval(found.low_ng_ml, found.high_ng_ml, found.ng_ml)
    measured = f"{found.measured_low_ng_ml:.1f}-{found.measured_high_ng_ml:.1f}"
    return f"{true}; a measured level {measured} ng/mL"


def recommended_rows(
    found: PatientForecast, answer: FittedForecast, now: Moment
) -> Iterator[tuple[str, str]]:
    """Yield the one recommendation with its evidence, the target, and the last level's miss."""
    if found.recommendation:
        yield from recommendation_rows(found.recommendation, found.label, now)
    yield "Target", f"a measured trough of {answer.target}"
    if answer.observed:
        yield "Last level", observed_level(answer.observed)


def observed_level(observed: ObservedLevel) -> str:
    """Return the last level, its prediction from before it, and whether the forecast missed it."""
    level, found = observed.level.entry, observed.predicted
    known = "from the population"
    if observed.earlier_levels:
        known = f"from {count_of(observed.earlier_levels, 'earlier level')}"
    band = f"{found.measured_low_ng_ml:.1f}-{found.measured_high_ng_ml:.1f} ng/mL"
    words = f"observed {level}, predicted {found.ng_ml:.1f} ng/mL ({band}) {known}"
    return (
        f"{words}. It is outside the 90 % band: the forecast missed."
        if observed.is_missed
        else words
    )


def outcome_words(outcome: TargetAttainment) -> str:
    """Return the outcome of a dose: its trough, the interval first, and its probabilities."""
    return f"{interval_of(outcome)}; {chances(outcome)}"


def interval_of(outcome: TargetAttainment) -> str:
    """Return the trough of a dose at steady state, the interval first."""
    return f"trough {interval(outcome.low_ng_ml, outcome.high_ng_ml, outcome.trough_ng_ml)}"


def patient_rows(found: PatientForecast, answer: FittedForecast) -> Iterator[tuple[str, str]]:
    """Yield the model, its data, and the parameters of this patient."""
    yield "Model", found.model.name
    for each in answer.models:
        yield model_weight(each), model_share(each, f"[{each.model.source}]")
    yield "Based on", basis(answer)
    yield "Clearance", clearance(answer.disposition)
    yield "Half-life", half_life(answer.disposition)
    yield "Steady state", steady_state(answer.disposition)
    if answer.auc24:
        yield "AUC24", auc24(answer.auc24)
    if answer.next_sample:
        yield "Next sample", next_sample(answer.next_sample)
    if answer.left_out:
        yield "Not used", left_out_models(answer)
    yield "Track record", track_record_line(found.track_record)


def level_row(checked: CheckedLevel) -> tuple[str, str]:
    """Return the time of a measured level, the level, and the level by the fit."""
    level, check, percent = checked.level.entry, checked.check, checked.haematocrit_percent
    haematocrit = f"; haematocrit {plain(percent)} %" if percent is not None else ""
    return clock_anywhere(level.sampled), (
        f"{level}, predicted {check.predicted_ng_ml:.1f} ng/mL; percentile "
        f"{check.percentile:.0f} of the population{haematocrit}"
    )


def trough_rows(answer: FittedForecast) -> Iterator[tuple[str, str]]:
    """Yield the next trough, the one in a week and the last: JSON holds every day."""
    for each in troughs_worth_showing(answer):
        yield clock_anywhere(each.at), trough(each)
