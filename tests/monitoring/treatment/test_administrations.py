"""The doses given by the record, and their dose records for a model."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.recommendation.forecast.fitting import as_dose_records
from monitoring.record.entries import Record
from monitoring.record.level import LevelCause, LevelCauseAnswer
from monitoring.times import Moment
from monitoring.treatment import Administration, Gap, TreatmentHistory
from tests.builders import a_missed_dose, at, ended, held_doses, later
from tests.monitoring.recommendation.records import BEGUN, child, usual_dose, usual_level


def administrations(record: Record, until: Moment) -> tuple[Administration, ...]:
    return TreatmentHistory.of(record).administrations(until)


def clocks(doses: tuple[Administration, ...], zone: str = "Europe/Paris") -> list[str]:
    return [f"{Moment(each.at, zone).local:%m-%d %H:%M}" for each in doses]


def test_doses_are_due_at_the_times_at_which_the_prescription_began() -> None:
    found = administrations(child(usual_dose()), later(BEGUN, hours=36))
    assert clocks(found) == ["01-05 08:00", "01-05 20:00", "01-06 08:00"]
    assert {each.mg for each in found} == {Decimal("0.875")}


def test_a_dose_at_the_end_itself_is_not_yet_given() -> None:
    for minutes, count in ((-1, 2), (0, 2), (1, 3)):
        assert (
            len(administrations(child(usual_dose()), later(BEGUN, hours=24, minutes=minutes)))
            == count
        )


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28T08:00", 23), ("2026-10-24T08:00", 25)])
def test_the_clock_decides_when_it_is_changed(day: str, hours: int) -> None:
    begun = at(day)
    found = administrations(child(usual_dose(since=begun, times=1)), later(begun, hours=30))
    assert [f"{Moment(each.at, begun.zone).local:%H:%M}" for each in found] == ["08:00", "08:00"]
    assert found[1].at - found[0].at == timedelta(hours=hours)


def test_a_change_ends_the_dose_before_and_an_end_stops_it() -> None:
    change = later(BEGUN, hours=36)
    record = child(usual_dose(), usual_dose("1", since=change))
    record = ended(record, 3, later(BEGUN, hours=72))
    found = administrations(record, later(BEGUN, days=10))
    assert [str(each.mg) for each in found] == ["0.875"] * 3 + ["1"] * 3


def test_a_loading_dose_is_given_once() -> None:
    record = child(usual_dose(), usual_dose("3", loading=True))
    found = administrations(record, later(BEGUN, hours=13))
    assert [str(each.mg) for each in found] == ["0.875", "3", "0.875"] or [
        str(each.mg) for each in found
    ] == ["3", "0.875", "0.875"]


def test_doses_held_are_left_out_and_the_one_nearest_to_a_missed_one() -> None:
    record = child(
        usual_dose(),
        held_doses(later(BEGUN, hours=12), later(BEGUN, hours=24)),
        a_missed_dose(later(BEGUN, hours=36.4)),
    )
    found = administrations(record, later(BEGUN, hours=60))
    assert clocks(found) == ["01-05 08:00", "01-07 08:00"]


@pytest.mark.parametrize(("hours", "left"), [(5.9, 0), (6.0, 0), (6.1, 12)])
def test_a_missed_dose_belongs_to_the_nearest_due_time(hours: float, left: int) -> None:
    """Halfway it belongs to the earlier one."""
    found = administrations(
        child(usual_dose(), a_missed_dose(later(BEGUN, hours=hours))), later(BEGUN, hours=24)
    )
    given = [(each.at - BEGUN.utc) / timedelta(hours=1) for each in found]
    assert given == ([12] if left == 0 else [0])


def test_the_time_told_with_a_level_corrects_the_schedule() -> None:
    sampled = later(BEGUN, hours=24, minutes=-5)
    level = usual_level(sampled=sampled, hours=11)  # given at 20:55 instead of 20:00
    found = administrations(child(usual_dose(), level), later(BEGUN, hours=30))
    assert clocks(found) == ["01-05 08:00", "01-05 20:55", "01-06 08:00"]


def test_a_dose_due_between_the_last_one_told_and_the_sample_came_after_it() -> None:
    sampled = later(BEGUN, hours=24, minutes=40)  # the dose of 08:00 waited for the sample
    level = usual_level(sampled=sampled, hours=12 + 40 / 60)
    found = administrations(child(usual_dose(), level), later(BEGUN, hours=30))
    assert clocks(found) == ["01-05 08:00", "01-05 20:00", "01-06 08:40"]


def test_doses_due_long_before_the_sample_and_after_the_last_one_told_were_not_given() -> None:
    """Day 3, 08:00: last dose on day 1, 08:00. The dose of day 3 waited, three were not given."""
    sampled = later(BEGUN, hours=48, minutes=30)
    record = child(usual_dose(), usual_level(sampled=sampled, hours=48.5))
    assert clocks(administrations(record, later(BEGUN, hours=61))) == [
        "01-05 08:00", "01-07 08:30", "01-07 20:00",
    ]  # fmt: skip
    left_out = TreatmentHistory.of(record).left_out(sampled)
    assert [Moment(each, "Europe/Paris") for each in left_out] == [
        later(BEGUN, hours=12), later(BEGUN, hours=24), later(BEGUN, hours=36),
    ]  # fmt: skip


@pytest.mark.parametrize(("hours", "count"), [(5.9, 3), (6.0, 2), (6.1, 2)])
def test_a_dose_waits_less_than_half_an_interval_for_the_sample(hours: float, count: int) -> None:
    sampled = later(BEGUN, hours=24 + hours)
    record = child(usual_dose(), usual_level(sampled=sampled, hours=12 + hours))
    assert len(administrations(record, later(sampled, hours=0.1))) == count


def test_a_time_told_at_a_change_moves_the_dose_of_one_prescription_only() -> None:
    """One dose a day until Monday's; from 20:00 on two a day, the first of them at 19:50."""
    change = later(BEGUN, hours=12)
    sampled = later(BEGUN, hours=23.9)
    record = child(
        usual_dose(times=1),
        usual_dose("0.5", since=change),
        usual_level(sampled=sampled, hours=12 + 1 / 15),
    )
    assert clocks(administrations(record, sampled)) == ["01-05 08:00", "01-05 19:50"]


def test_of_two_prescriptions_only_the_nearest_dose_was_missed() -> None:
    change = later(BEGUN, hours=16)
    record = child(usual_dose(), usual_dose("0.5", since=change), a_missed_dose(change))
    assert clocks(administrations(record, later(BEGUN, hours=20))) == ["01-05 08:00", "01-05 20:00"]


def test_the_dose_at_the_end_of_a_hold_was_given_where_a_level_tells_so() -> None:
    end = later(BEGUN, hours=24)
    on_hold = held_doses(later(BEGUN, hours=12), end)
    assert clocks(administrations(child(usual_dose(), on_hold), later(end, hours=11))) == [
        "01-05 08:00"
    ]
    told = usual_level(sampled=later(end, hours=11.9), hours=11.9)
    assert clocks(administrations(child(usual_dose(), on_hold, told), later(end, hours=11))) == [
        "01-05 08:00", "01-06 08:00",
    ]  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(["0.4", "0.8", "1"])),
        unique_by=lambda x: x[0],
    )
)
def test_stretches_are_the_doses(raw: list[tuple[int, str]]) -> None:
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    doses = [Administration(origin + timedelta(hours=h), Decimal(mg)) for h, mg in sorted(raw)]
    again = [
        (round(each.first_h + place * each.interval_h, 6), each.amount_mg)
        for each in as_dose_records(doses, origin)
        for place in range(each.count)
    ]
    assert again == [(h, float(mg)) for h, mg in sorted(raw)]


def test_a_regular_year_is_few_stretches() -> None:
    """Two changes of the clocks in a year: five dose records at most, whatever the doses."""
    doses = administrations(child(usual_dose()), later(BEGUN, days=365))
    assert len(doses) == 730
    assert len(as_dose_records(doses, BEGUN.utc)) <= 5


@pytest.mark.parametrize(("hours", "is_gap"), [(11, False), (12, False), (13, True)])
def test_a_gap_is_a_dose_that_was_due_and_is_not_on_record(hours: int, *, is_gap: bool) -> None:
    end = later(BEGUN, hours=24)
    again = later(end, hours=hours)
    record = ended(child(usual_dose(), usual_dose("1", since=again)), 2, end)
    assert TreatmentHistory.of(record).gaps == ((Gap(end, again),) if is_gap else ())


def test_born_on_the_day_nothing_was_given() -> None:
    assert administrations(child(born=date(2026, 1, 1)), BEGUN) == ()


# --- doses of every interval, and of two sizes


@pytest.mark.parametrize(
    ("first", "days"),
    [
        ("2026-03-27T08:00", [27, 29, 31]),  # across the clocks going forward
        ("2026-10-24T08:00", [24, 26, 28]),  # and back
    ],
)
def test_a_dose_of_every_second_day_keeps_its_clock_across_a_change_of_the_clocks(
    first: str, days: list[int]
) -> None:
    begun = at(first)
    found = administrations(child(usual_dose("1", begun, 1, every_hours=48)), later(begun, days=5))
    shown = [Moment(each.at, begun.zone).local for each in found]
    assert [each.day for each in shown] == days
    assert {f"{each:%H:%M}" for each in shown} == {"08:00"}


@pytest.mark.parametrize(("hours", "left"), [(23.9, 1), (24.0, 1), (24.1, 0)])
def test_a_missed_dose_of_every_second_day_is_the_one_within_half_its_interval(
    hours: float, left: int
) -> None:
    """Halfway, after 24 hours, it belongs to the earlier one."""
    missed = a_missed_dose(later(BEGUN, hours=hours))
    record = child(usual_dose("1", times=1, every_hours=48), missed)
    found = administrations(record, later(BEGUN, hours=49))
    assert [(each.at - BEGUN.utc) / timedelta(hours=1) for each in found] == [[0, 48][left]]


def test_the_dose_from_noon_on_is_the_evenings() -> None:
    dose = usual_dose("0.5", evening_mg=Decimal("0.4"))
    assert dose.daily_mg == Decimal("0.9")
    found = administrations(child(dose), later(BEGUN, hours=36))
    assert [str(each.mg) for each in found] == ["0.5", "0.4", "0.5"]


@pytest.mark.parametrize(("clock", "mg"), [("11:59", "0.5"), ("12:00", "0.4"), ("12:01", "0.4")])
def test_noon_is_the_evening_dose(clock: str, mg: str) -> None:
    dose = usual_dose("0.5", at(f"2026-01-05T{clock}"), evening_mg=Decimal("0.4"))
    (first,) = administrations(child(dose), later(dose.since, hours=1))
    assert str(first.mg) == mg


def test_a_course_that_begins_in_the_evening_begins_with_the_evening_dose() -> None:
    begun = at("2026-01-05T20:00")
    dose = usual_dose("0.5", begun, evening_mg=Decimal("0.4"))
    found = administrations(child(dose), later(begun, hours=36))
    assert [str(each.mg) for each in found] == ["0.4", "0.5", "0.4"]


# --- the last dose before a moment


@pytest.mark.parametrize(
    ("hours", "expected"), [(48, 0), (48.02, 48), (95.9, 48), (96, 48), (96.02, 96)]
)
def test_the_last_dose_of_every_second_day(hours: float, expected: float) -> None:
    record = child(usual_dose("1", times=1, every_hours=48))
    found = TreatmentHistory.of(record).scheduled_dose_before(later(BEGUN, hours=hours))
    assert found == later(BEGUN, hours=expected)


def test_an_assumed_last_dose_corrects_nothing() -> None:
    """The level was recorded first; then, that the dose at 20:00 was missed."""
    sampled = later(BEGUN, hours=23.9)
    assumed = replace(usual_level(sampled=sampled, hours=11.9), last_dose_assumed=True)
    stated = replace(assumed, last_dose_assumed=None)
    twice = usual_dose(times=2)
    four = usual_dose(times=4)
    assert len(administrations(child(twice, assumed), sampled)) == 2
    assert len(administrations(child(four, assumed), sampled)) == 4
    assert len(administrations(child(four, stated), sampled)) == 3  # that of 02:00 was not given


def test_an_assumed_last_dose_ends_no_hold() -> None:
    end = later(BEGUN, hours=24)
    on_hold = held_doses(later(BEGUN, hours=12), end)
    level = usual_level(sampled=later(end, hours=11.9), hours=11.9)
    for assumed, count in ((True, 1), (None, 2)):
        record = child(usual_dose(), on_hold, replace(level, last_dose_assumed=assumed))
        assert len(administrations(record, later(end, hours=11))) == count


@pytest.mark.parametrize(
    ("answers", "count"),
    [((), 3), ((True,), 4), ((False,), 3), ((True, False), 3), ((False, True), 4)],
)
def test_the_last_dose_of_an_excluded_level_corrects_nothing(
    answers: tuple[bool, ...], count: int
) -> None:
    """Four doses a day; by the level that of 02:00 was not given. The newest answer counts."""
    sampled = later(BEGUN, hours=23.9)
    level = usual_level(sampled=sampled, hours=11.9)
    record = child(usual_dose(times=4), level)
    of = next(each.number for each in record.entries if each.entry == level)
    causes = [
        LevelCauseAnswer(
            of=of, on=sampled.local.date(), cause=LevelCause.MISSED, is_excluded=is_excluded
        )
        for is_excluded in answers
    ]
    assert len(administrations(child(usual_dose(times=4), level, *causes), sampled)) == count


def test_an_excluded_level_ends_no_hold_whose_end_nobody_recorded() -> None:
    since = later(BEGUN, hours=12)
    level = usual_level(sampled=later(BEGUN, hours=48), hours=12)
    record = child(usual_dose(), held_doses(since, None), level)
    of = next(each.number for each in record.entries if each.entry == level)
    excluded = LevelCauseAnswer(
        of=of, on=date(2026, 1, 20), cause=LevelCause.MISSED, is_excluded=True
    )
    assert TreatmentHistory.of(record).hold_at(later(BEGUN, hours=48)) is None
    again = child(usual_dose(), held_doses(since, None), level, excluded)
    assert TreatmentHistory.of(again).hold_at(later(BEGUN, hours=48)) is not None
