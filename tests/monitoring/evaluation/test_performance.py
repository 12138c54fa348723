"""Predictive performance: a second walk, a second summary, and nothing from later."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing import Product
from dosing.evaluation.evaluating import Evaluator
from dosing.pharmacokinetics import model_named
from monitoring.cohort import cohort
from monitoring.cohort.documents import cohort_as_json
from monitoring.evaluation.clinic_subjects import clinic_subject
from monitoring.evaluation.performance import (
    Method,
    PredictivePerformance,
    PredictivePerformanceKeeper,
)
from monitoring.record.entries import Author, Record, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from reports.presentation.evaluation import shown_figures
from tests.builders import a_drug, a_missed_dose, ended, held_doses, later, voided
from tests.campaign import sizes
from tests.monitoring.recommendation.random_records import drawn
from tests.monitoring.recommendation.records import (
    BEGUN,
    SAMPLED,
    child,
    usual_body,
    usual_dose,
    usual_level,
)
from tests.monitoring.recommendation.second_forecast import SecondPatient, body, doses_before

FAN = model_named("fan2024")
FAN_SPREAD = 0.06729**0.5


def second_walk(record: Record) -> list[tuple[float, tuple[float, float, float]]]:
    """Return each level with the three predictions; every entry is of EMIT and without drugs."""
    levels = sorted((each.entry for each in record.active(Level)), key=lambda x: x.sampled.utc)
    found = []
    for place, target in enumerate(levels):
        earlier, now = levels[:place], target.sampled
        if not earlier or target.comparator or earlier[-1].comparator:
            continue
        known = until(record, now)
        weights = [each for each in known.active(Measurement) if each.entry.weight]
        if not weights or not all(3.3 <= float(each.entry.as_weight.kg) <= 65 for each in weights
                                  if each.entry.as_weight):  # fmt: skip
            continue
        days = [now.local.date(), *(each.sampled.local.date() for each in earlier)]
        if not all(body(known, day)["age"] <= 12 for day in days):  # its oldest patient
            continue
        if has_gap(known) or not all(is_told(known, each, now) for each in levels[: place + 1]):
            continue
        if len({product(known, each) for each in (target, earlier[-1])}) > 1:
            continue  # the label's arithmetic knows no other product
        patient = SecondPatient(known, "fan2024", now, earlier)
        if abs(patient.eta[0]) > 4 * FAN_SPREAD:
            continue
        model = patient.concentrations(patient.eta, [now.utc])[0]
        again = float(earlier[-1].value.value)
        ratio = daily(known, target) / daily(known, earlier[-1])
        found.append((float(target.value.value), (model, again, again * ratio)))
    return found


def until(record: Record, now: Moment) -> Record:
    """Return the record as a clinic would have had it that day."""
    kept = []
    for each in record.entries:
        entry = each.entry
        when = getattr(entry, "sampled", None) or getattr(entry, "since", None)
        when = when or getattr(entry, "at", None) or getattr(entry, "on", None)
        if isinstance(when, Moment) and when.utc > now.utc:
            continue
        if isinstance(when, date) and when > now.local.date():
            continue
        ending = each.ending
        if ending and ending.entry.at and ending.entry.at.utc > now.utc:
            ending = None
        kept.append(replace(each, ending=ending))
    return Record(patient=record.patient, entries=tuple(kept))


def spans(record: Record) -> list[tuple[Prescription, Moment, Moment | None]]:
    """Return each dose with when it began and when it ended."""
    active = sorted(
        (each for each in record.active(Prescription) if not each.entry.loading),
        key=lambda each: each.entry.since.utc,
    )
    found = []
    for place, each in enumerate(active):
        ends = [later.entry.since for later in active[place + 1 : place + 2]]
        ends += [each.ending.entry.at] if each.ending and each.ending.entry.at else []
        found.append((each.entry, each.entry.since, min(ends, default=None)))
    return found


def has_gap(record: Record) -> bool:
    treated = spans(record)
    return any(
        end is not None
        and following - end.utc > timedelta(hours=24 // dose.times_a_day)
        for (dose, _, end), following in zip(
            treated, [since.utc for _, since, _ in treated[1:]], strict=False
        )
    )  # fmt: skip


def daily(record: Record, level: Level) -> float:
    """Return the daily dose when the last dose before a level was given; 0 without one."""
    last = level.last_dose
    return sum(
        float(dose.dose_mg) * dose.times_a_day
        for dose, since, end in spans(record)
        if last and since.utc <= last.utc and (end is None or last.utc < end.utc)
    )


def product(record: Record, level: Level) -> Product | None:
    """Return the product of the last dose before a level."""
    last = level.last_dose
    return next(
        (
            dose.product
            for dose, since, end in reversed(spans(record))
            if last and since.utc <= last.utc and (end is None or last.utc < end.utc)
        ),
        None,
    )


def is_told(record: Record, level: Level, now: Moment) -> bool:
    given_at = {at for at, _ in doses_before(record, now.utc)}
    return level.last_dose is not None and level.last_dose.utc in given_at and (
        daily(record, level) > 0
    )  # fmt: skip


@dataclass(frozen=True)
class WalkedLevel:
    """A level and its prediction by each method, in the order of `Method`."""

    observed_ng_ml: float
    predicted_ng_ml: tuple[float, float, float]


def walked_levels(record: Record) -> list[WalkedLevel]:
    """Return the levels that the program predicts from earlier ones."""
    evaluator = Evaluator([FAN], simulations=0)
    evaluator.add([clinic_subject(record, [FAN])])
    return [
        WalkedLevel(
            each.level.ng_ml,
            (
                each.forward_ng_ml,
                each.level.last_level_ng_ml or 0,
                each.level.label_ng_ml or 0,
            ),
        )
        for each in evaluator.collected["fan2024"].levels
        if each.forward_ng_ml is not None
    ]


@sizes(40, 150, 1500)
def test_each_prediction_is_that_of_the_second_walk(size: int) -> None:
    """The searches differ by some 1e-7 in η, a prediction by about as much of itself."""
    walked = 0
    for seed in range(size):
        record = drawn(seed).record
        ours = [(x.observed_ng_ml, x.predicted_ng_ml) for x in walked_levels(record)]
        second = second_walk(record)
        assert [each for each, _ in ours] == [each for each, _ in second], seed
        for (_, one), (_, other) in zip(ours, second, strict=True):
            assert one == pytest.approx(other, rel=2e-5), seed
        walked += len(ours)
    assert walked >= size / 8


def kept(*records: Record) -> PredictivePerformance:
    keeper = PredictivePerformanceKeeper([FAN])
    keeper.add(records)
    return keeper.result


def figures(errors: Sequence[float]) -> tuple[float, float, float]:
    """Return the median error, the median size of an error, and how many of 100 are within 30."""
    sizes = [abs(each) for each in errors]
    return median(errors), median(sizes), 100 * sum(x <= 30 for x in sizes) / len(sizes)


def test_the_summary_and_its_intervals_are_those_of_a_second_one() -> None:
    """An end at 2.5 of 100 of 1,000 resamples has a rank that is uncertain by 0.5 of 100.

    So by four times as much: it must lie between the ranks 0.5 and 4.5 of 5,000 other resamples.
    """
    records = [drawn(seed).record for seed in range(120)]
    walked = [found for each in records if (found := list(walked_levels(each)))]
    result = kept(*records)
    assert (result.patients, result.levels) == (len(walked), sum(map(len, walked)))
    draw = random.Random(7)
    resamples = [draw.choices(walked, k=len(walked)) for _ in range(5000)]
    for place, method in enumerate(result.methods):
        assert method.method is list(Method)[place]
        expected = figures(errors_of(walked, place))
        again = [figures(errors_of(one, place)) for one in resamples]
        for number, figure in enumerate(shown_figures(method)):
            assert figure.value == pytest.approx(expected[number], rel=1e-9)
            ordered = sorted(each[number] for each in again)
            assert figure.low is not None
            assert figure.high is not None
            assert ordered[25] - 1e-9 <= figure.low <= ordered[225] + 1e-9
            assert ordered[-225] - 1e-9 <= figure.high <= ordered[-25] + 1e-9


def errors_of(walked: Sequence[Sequence[WalkedLevel]], place: int) -> list[float]:
    return [
        100 * (level.predicted_ng_ml[place] / level.observed_ng_ml - 1)
        for levels in walked
        for level in levels
    ]


DOUBLED = later(BEGUN, days=35)
NEXT = SAMPLED  # five weeks on again


def test_a_patient_whose_next_level_is_known() -> None:
    """25 kg on 0.875 mg every 12 h have 9.486 ng/mL (clinical reference, section 9).

    Twice the dose gives twice that; the last level again is half of it, and so 50 % too low.
    """
    record = child(
        usual_body(), usual_dose(), usual_dose("1.75", since=DOUBLED),
        usual_level("9.486 ng/mL", DOUBLED), usual_level("18.972 ng/mL", NEXT),
    )  # fmt: skip
    (walked,) = walked_levels(record)
    assert walked.predicted_ng_ml == pytest.approx((18.972, 9.486, 18.972), abs=1e-3)
    model, again, label = kept(record).methods
    assert [shown_figures(x)[0].value for x in (model, again, label)] == pytest.approx(
        [0, -50, 0], abs=0.01
    )
    assert [shown_figures(x)[2].value for x in (model, again, label)] == [100, 0, 100]
    assert (shown_figures(model)[0].low, shown_figures(model)[0].high) == (None, None)


def test_a_dose_that_begins_with_the_sample_changes_no_prediction() -> None:
    record = child(
        usual_body(), usual_dose(), usual_dose("1.75", since=SAMPLED),
        usual_level("9.486 ng/mL", later(SAMPLED, days=-7)), usual_level("9.486 ng/mL"),
    )  # fmt: skip
    (walked,) = walked_levels(record)
    assert walked.predicted_ng_ml == pytest.approx((9.486, 9.486, 9.486), abs=1e-3)


@pytest.mark.parametrize(
    "second",
    [
        usual_level(hours=None),
        usual_level(assay=Assay.CMIA),
        usual_level("<2.0 ng/mL"),
        usual_level(sampled=later(SAMPLED, days=400)),
    ],
)
def test_what_no_answer_was_given_about_is_left_out_of_all_methods(second: Level) -> None:
    first = usual_level(sampled=later(SAMPLED, days=-7))
    assert kept(child(usual_body(), usual_dose(), first, usual_level())).levels == 1
    result = kept(child(usual_body(), usual_dose(), first, second))
    assert (result.patients, result.levels, result.methods) == (0, 0, ())


def test_one_level_or_none_is_no_record() -> None:
    for record in (child(), child(usual_body(), usual_dose(), usual_level())):
        assert kept(record).methods == ()


def test_every_patient_of_a_large_clinic_is_used() -> None:
    """The walk ended after 300 patients once."""
    good = child(
        usual_body(), usual_dose(), usual_level(sampled=later(SAMPLED, days=-7)), usual_level()
    )
    result = kept(*[good] * 301)
    assert (result.patients, result.levels) == (301, 301)


@given(st.integers(0, 5000), st.data())
def test_nothing_from_later_changes_an_earlier_prediction(seed: int, data: st.DataObject) -> None:
    case = drawn(seed)
    record = case.record
    sampled = sorted(each.entry.sampled.utc for each in record.active(Level))
    if len(sampled) < 2:
        return
    cut = Moment(data.draw(st.sampled_from(sampled[1:])), case.now.zone)
    before = list(walked_levels(record))
    earlier = len(list(walked_levels(until(record, cut))))
    hours = data.draw(st.integers(25, 400))
    after = later(cut, hours=hours)
    more: tuple[Entry, ...] = (
        usual_level("25 ng/mL", after, hours=data.draw(st.integers(0, 30))),
        a_drug("clarithromycin", after.local.date()),
        usual_body("60 kg", on=after.local.date()),
        usual_dose("3", since=after),
        a_missed_dose(later(cut, hours=26)),
        held_doses(after, later(after, hours=48)),
    )
    author = Author("Dr Example", case.now)
    added = [
        StoredEntry(number=900 + i, patient=1, entry=x, author=author) for i, x in enumerate(more)
    ]
    changed = Record(patient=record.patient, entries=(*record.entries, *added))
    for level in record.of(Level):
        if level.entry.sampled > cut and data.draw(st.booleans()):
            changed = voided(changed, level.number)
    for dose in record.of(Prescription):
        if dose.ending is None and dose.entry.since < cut:
            changed = ended(changed, dose.number, after)
    assert list(walked_levels(changed))[:earlier] == before[:earlier]


def test_the_record_in_the_cohort_s_document() -> None:
    clinic = [drawn(seed).record for seed in range(20)]
    document = cohort_as_json(cohort(clinic, later(SAMPLED, days=400)))
    json.dumps(document, allow_nan=False)
    found = document["forecasts"]
    assert isinstance(found, dict)
    assert (found["model"], found["is_sample"]) == ("average", False)
    assert [each["method"] for each in found["methods"]] == [
        "model", "the last level again", "label arithmetic",
    ]  # fmt: skip
    for each in found["methods"]:
        for key in ("bias_percent", "median_error_percent", "within_30_percent"):
            low, high = each[key]["interval_95_percent"]
            assert low <= each[key]["value"] <= high
    empty = cohort_as_json(cohort([child()], SAMPLED))["forecasts"]
    assert isinstance(empty, dict)
    assert (empty["patients"], empty["levels"], empty["methods"]) == (0, 0, [])
    assert FAN.source in str(document["sources"])
