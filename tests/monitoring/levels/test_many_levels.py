"""Many levels of one patient: the work grows with their number, and the results stay the same."""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest

from dosing import Alert
from dosing.knowledge.alert_catalogue import (
    ASSAY_CHANGED,
    DOSES_NOT_GIVEN,
    LEVEL_CONTRADICTED,
    LEVEL_JUMP,
)
from dosing.knowledge.tdm_rules import ASSAYS_DIFFER, JUMP, NOT_GIVEN_WITHIN
from monitoring.levels import LevelAssessment, assess_levels, assessed_table, times_in_range_of
from monitoring.levels.doubles import Double
from monitoring.levels.misfit import MisfitReason
from monitoring.levels.time_in_range import time_in_range_of
from monitoring.record.entries import Record
from monitoring.record.level import Comparator, Level, written
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.summary import summarise
from monitoring.times import Moment, short
from monitoring.treatment import ExposureCause, ExposureChange, TreatmentHistory
from monitoring.treatment.omitted_doses import OmittedDoses
from tests.builders import a_dose, a_level, a_record
from tests.campaign import cases
from tests.monitoring.levels.test_second_assessment import history
from tui.app.entry_lists import LISTS, rows_of

SEEDS = range(cases(150, full=10_000))
SEARCHED = {each.code for each in (ASSAY_CHANGED, DOSES_NOT_GIVEN, LEVEL_CONTRADICTED, LEVEL_JUMP)}
"""The alerts for which something else of the record is looked for."""
NOW = Moment.read("2026-11-05T08:00", "UTC")


# --- the same as by looking through the whole record for each level


def change_before(treatment: TreatmentHistory, level: Level) -> ExposureChange | None:
    before = [each for each in treatment.exposure_changes if each.at <= level.sampled]
    if before and before[-1].cause is not ExposureCause.RESTART:
        before = [each for each in before if not level.is_from_before(each.at)] or before
    return before[-1] if before else None


def not_given(treatment: TreatmentHistory, level: Level) -> list[OmittedDoses]:
    from_utc = level.sampled.utc - timedelta(days=NOT_GIVEN_WITHIN.value)
    found = [
        each
        for each in treatment.not_given
        if each.at <= level.sampled
        and (from_utc <= (each.until or each.at).utc or each.holds_at(level.sampled))
    ]
    return sorted(found, key=lambda each: each.at.utc)


def is_compared(assessed: LevelAssessment) -> bool:
    return not assessed.is_peak and assessed.double is None


def is_jump(last: Level, level: Level) -> bool:
    if last.comparator is Comparator.ABOVE or level.comparator is Comparator.BELOW:
        return False
    limit = JUMP.value * last.value.value
    is_open = bool(last.comparator or level.comparator)
    return level.value.value > limit or (is_open and level.value.value == limit)


def searched(
    treatment: TreatmentHistory, levels: Sequence[LevelAssessment], place: int
) -> Iterator[Alert]:
    """Yield the alerts of a level that the rest of the record decides."""
    assessed = levels[place]
    level = assessed.level.entry
    if not assessed.is_in_use:
        return
    before = [each for each in levels[:place] if each.is_in_use]
    if assessed.double is Double.CONTRADICTED:
        others = [
            written(each.level.entry)
            for each in levels
            if each is not assessed
            and each.double is Double.CONTRADICTED
            and each.level.entry.sampled.utc == level.sampled.utc
        ]
        yield LEVEL_CONTRADICTED.alert(
            value=str(level), level=written(level), others=" and ".join(others)
        )
    last = next((each.level.entry for each in reversed(before) if is_compared(each)), None)
    why = assessed.misfit.why if assessed.misfit else None
    may_jump = is_compared(assessed) and why is not MisfitReason.THREE_TIMES
    if last and may_jump and is_jump(last, level):
        yield LEVEL_JUMP.alert(
            value=str(level), limit=f"{JUMP} {last}", level=written(level), times=JUMP,
            last=written(last), sampled=short(last.sampled), then=None,
        )  # fmt: skip
    measured = [each.level.entry.assay for each in before if each.level.entry.assay]
    if level.assay and measured and measured[-1] is not level.assay:
        yield ASSAY_CHANGED.alert(
            value=level.assay.value, limit=measured[-1].value, differ=ASSAYS_DIFFER
        )
    if not assessed.is_in_question and (found := not_given(treatment, level)):
        when = ", ".join(
            f"{each.kind.value} {short(each.at)}"
            + (f" to {short(each.until)}" if each.until else "")
            for each in found
        )
        yield DOSES_NOT_GIVEN.alert(value=str(len(found)), limit=str(NOT_GIVEN_WITHIN), doses=when)


def is_misfit_alert(alert: Alert, assessed: LevelAssessment) -> bool:
    """Return whether an alert of a jump is that of a misfit, which has its own test."""
    why = assessed.misfit.why if assessed.misfit else None
    return alert.code == LEVEL_JUMP.code and why is MisfitReason.THREE_TIMES


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_level_is_compared_with_is_found_as_by_searching_the_record(seed: int) -> None:
    record = history(seed, 1 + seed)
    treatment, levels = TreatmentHistory.of(record), assess_levels(record)
    for place, each in enumerate(levels):
        level = each.level.entry
        assert treatment.exposure_change_before(level) == change_before(treatment, level)
        held = [each for each in treatment.periods if each.holds_at(level.sampled)]
        assert treatment.period_at(level.sampled) == (held[0] if held else None)
        span = timedelta(days=NOT_GIVEN_WITHIN.value)
        found = treatment.not_given_within(span, level.sampled)
        assert list(found) == not_given(treatment, level)
        alerts = [alert for alert in each.alerts
                  if alert.code in SEARCHED and not is_misfit_alert(alert, each)]  # fmt: skip
        expected = list(searched(treatment, levels, place))
        key = lambda alert: (alert.code, alert.message)  # noqa: E731 - of both
        assert sorted(alerts, key=key) == sorted(expected, key=key)


def test_the_records_compared_have_every_alert_that_is_searched() -> None:
    records = [history(seed, 1 + seed) for seed in SEEDS]
    found = {
        alert.code
        for record in records
        for each in assess_levels(record)
        for alert in each.alerts
        if not is_misfit_alert(alert, each)
    }
    assert found >= SEARCHED


def test_time_in_range_is_the_same_without_a_table_of_pandas() -> None:
    ranged = 0
    for seed in SEEDS:
        record = history(seed, 1 + seed)
        found = time_in_range_of(record)
        expected = times_in_range_of(assessed_table([record])).get(record.number)
        assert (found is None) == (expected is None), seed
        if found is None or expected is None:
            continue
        ranged += 1
        assert (found.levels, found.largest_gap_days) == (
            expected.levels, expected.largest_gap_days
        ), seed  # fmt: skip
        sums = [found.days_below, found.days_within, found.days_above]
        others = [expected.days_below, expected.days_within, expected.days_above]
        assert sums == pytest.approx(others, abs=1e-11), seed  # sums of days in floats
    assert ranged


# --- the work of opening a patient


def calls_of(work: Callable[[], object]) -> int:
    """Return the number of calls that some work makes, of Python and of C."""
    calls = 0

    def count(_frame: FrameType, event: str, _what: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def treated(levels: int) -> Record:
    """A patient with so many levels; a quarter as many doses, and as many missed ones."""
    entries: list[Any] = []
    for number in range(levels):
        at = Moment(NOW.utc - timedelta(days=levels - number), "UTC")
        entries.append(a_level(f"{5 + number % 9} ng/mL", at))
        if number % 4 == 0:
            entries.append(a_dose(str(at), mg=f"0.{1 + number % 7}"))
            later = Moment(at.utc + timedelta(hours=30), "UTC")
            entries.append(MissedDose(at=later, kind=NotGiven.MISSED))
    return a_record(*entries)


def open_patient(record: Record) -> None:
    summary = summarise(record, NOW)
    assert summary.where_things_stand
    assert summary.alerts is not None
    assert len(rows_of(LISTS[0], summary)) == len(record.of(Level))


def test_the_work_of_opening_a_patient_grows_with_the_levels() -> None:
    open_patient(treated(8))  # what is made once for all patients
    few, many = (calls_of(lambda size=size: open_patient(treated(size))) for size in (60, 240))  # type: ignore[misc]
    assert many < 4.6 * few
