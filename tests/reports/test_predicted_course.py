"""The predicted course by its troughs and peaks: where they are, and that they are the engine's."""

from datetime import UTC, datetime, timedelta

import pytest

from dosing.pharmacokinetics import curve
from monitoring.recommendation.advice import forecast_for
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.presentation.predicted_course import (
    coming_troughs,
    course_between,
    predicted_course,
    trough_times,
)
from tests.builders import a_dose, a_level, a_measurement, a_record
from tests.reports.demo import demo_records
from tests.reports.treated import NOW

BEGIN = datetime(2026, 11, 1, 8, tzinfo=UTC)


def hours(*numbers: float) -> list[datetime]:
    return [BEGIN + timedelta(hours=number) for number in numbers]


@pytest.mark.parametrize(
    ("doses", "every", "troughs"),
    [
        ((0, 12, 24, 36, 48, 60, 72, 84, 96), 24, (0, 12, 24, 36, 48, 60, 72, 84, 96)),
        ((0, 48, 96), 48, (0, 48, 96)),
        ((0, 12, 84, 96), 24, (0, 12, 36, 60, 84, 96)),  # a hold of three days
        ((0, 12), 24, (0, 12, 36, 60, 84)),  # a stop
        ((), 24, ()),
    ],
)
def test_troughs_are_before_doses_and_once_a_day_without_any(
    doses: tuple[int, ...], every: int, troughs: tuple[int, ...]
) -> None:
    ends = (BEGIN, BEGIN + timedelta(hours=96))
    found = trough_times(hours(*doses), timedelta(hours=every), ends)
    assert list(found) == hours(*troughs)


def test_only_those_between_the_ends_are_given() -> None:
    ends = (BEGIN + timedelta(hours=10), BEGIN + timedelta(hours=30))
    assert list(trough_times(hours(0, 12, 24, 36), timedelta(days=1), ends)) == hours(12, 24)


def test_every_point_is_on_the_engines_curve_and_peaks_are_above_troughs() -> None:
    record = next(each for each in demo_records() if each.patient.entry.record_number == "DEMO-01")
    answer, summary = forecast_for(record, NOW).answer, summarise(record, NOW)
    assert answer is not None
    since = Moment(NOW.utc - timedelta(days=14), NOW.zone)
    course = predicted_course(answer, summary.history, NOW, since)
    assert course is not None
    points = [*course.troughs, *course.peaks]
    times = [(each.at - answer.origin) / timedelta(hours=1) for each in points]
    exact = curve(answer.posterior, answer.posterior.history, times)
    assert [each.ng_ml for each in points] == pytest.approx(list(exact.ng_ml))
    assert [each.low_ng_ml for each in course.troughs] == pytest.approx(
        list(exact.low_ng_ml[: len(course.troughs)])
    )
    for trough, peak in zip(course.troughs, course.peaks, strict=False):
        assert peak.at - trough.at <= timedelta(hours=6)
        assert peak.ng_ml > trough.ng_ml
    coming = coming_troughs(answer, NOW)
    assert coming is not None
    by_time = {each.at: each for each in course.troughs}
    for each in coming.troughs:
        assert by_time[each.at].ng_ml == pytest.approx(each.ng_ml, rel=0.02)


def test_a_loading_dose_at_the_time_of_another_is_no_trouble() -> None:
    record = a_record(
        a_measurement("25 kg", "120 cm", "2026-10-19"),
        a_dose("2026-11-01T08:00", "0.8"),
        a_dose("2026-11-01T08:00", "1.6", loading=True),
        a_dose("2026-11-20T08:30", "1", loading=True),
        a_level("8 ng/mL", "2026-11-19T20:00"),
    )
    answer = forecast_for(record, NOW).answer
    assert answer is not None
    ends = (Moment(answer.origin, NOW.zone), Moment(NOW.utc + timedelta(days=3), NOW.zone))
    course = course_between(answer, summarise(record, NOW).history, NOW, ends)
    times = [each.at for each in course.troughs]
    assert times == sorted(set(times))
    assert len(course.peaks) == pytest.approx(len(times), abs=3)
