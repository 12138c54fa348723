"""Which doses the record says were given, and how they become stretches."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.recommendation.forecast.fitting import as_dose_records
from monitoring.record.entries import Record
from monitoring.times import Moment
from monitoring.treatment import Administration, Gap, TreatmentHistory
from tests.builders import a_missed_dose, at, ended, held_doses, later
from tests.monitoring.recommendation.records import BEGUN, child, usual_dose, usual_level


def doses_given(record: Record, until: Moment) -> tuple[Administration, ...]:
    return TreatmentHistory.of(record).administrations(until)


def clocks(doses: tuple[Administration, ...], zone: str = "Europe/Paris") -> list[str]:
    return [f"{Moment(each.at, zone).local:%m-%d %H:%M}" for each in doses]


def test_doses_are_due_at_the_times_at_which_the_prescription_began() -> None:
    found = doses_given(child(usual_dose()), later(BEGUN, hours=36))
    assert clocks(found) == ["01-05 08:00", "01-05 20:00", "01-06 08:00"]
    assert {each.mg for each in found} == {Decimal("0.875")}


def test_a_dose_at_the_end_itself_is_not_yet_given() -> None:
    for minutes, count in ((-1, 2), (0, 2), (1, 3)):
        assert (
            len(doses_given(child(usual_dose()), later(BEGUN, hours=24, minutes=minutes))) == count
        )


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28T08:00", 23), ("2026-10-24T08:00", 25)])
def test_the_clock_decides_when_it_is_changed(day: str, hours: int) -> None:
    begun = at(day)
    found = doses_given(child(usual_dose(since=begun, times=1)), later(begun, hours=30))
    assert [f"{Moment(each.at, begun.zone).local:%H:%M}" for each in found] == ["08:00", "08:00"]
    assert found[1].at - found[0].at == timedelta(hours=hours)


def test_a_change_ends_the_dose_before_and_an_end_stops_it() -> None:
    change = later(BEGUN, hours=36)
    record = child(usual_dose(), usual_dose("1", since=change))
    record = ended(record, 3, later(BEGUN, hours=72))
    found = doses_given(record, later(BEGUN, days=10))
    assert [str(each.mg) for each in found] == ["0.875"] * 3 + ["1"] * 3


def test_a_loading_dose_is_given_once() -> None:
    record = child(usual_dose(), usual_dose("3", loading=True))
    found = doses_given(record, later(BEGUN, hours=13))
    assert [str(each.mg) for each in found] == ["0.875", "3", "0.875"] or [
        str(each.mg) for each in found
    ] == ["3", "0.875", "0.875"]


def test_doses_held_are_left_out_and_the_one_nearest_to_a_missed_one() -> None:
    record = child(
        usual_dose(),
        held_doses(later(BEGUN, hours=12), later(BEGUN, hours=24)),
        a_missed_dose(later(BEGUN, hours=36.4)),
    )
    found = doses_given(record, later(BEGUN, hours=60))
    assert clocks(found) == ["01-05 08:00", "01-07 08:00"]


@pytest.mark.parametrize(("hours", "left"), [(5.9, 0), (6.0, 0), (6.1, 12)])
def test_a_missed_dose_belongs_to_the_nearest_due_time(hours: float, left: int) -> None:
    """Halfway it belongs to the earlier one."""
    found = doses_given(
        child(usual_dose(), a_missed_dose(later(BEGUN, hours=hours))), later(BEGUN, hours=24)
    )
    given = [(each.at - BEGUN.utc) / timedelta(hours=1) for each in found]
    assert given == ([12] if left == 0 else [0])


def test_the_time_told_with_a_level_corrects_the_schedule() -> None:
    sampled = later(BEGUN, hours=24, minutes=-5)
    level = usual_level(sampled=sampled, hours=11)  # given at 20:55 instead of 20:00
    found = doses_given(child(usual_dose(), level), later(BEGUN, hours=30))
    assert clocks(found) == ["01-05 08:00", "01-05 20:55", "01-06 08:00"]


def test_a_dose_due_between_the_last_one_told_and_the_sample_came_after_it() -> None:
    sampled = later(BEGUN, hours=24, minutes=40)  # the dose of 08:00 waited for the sample
    level = usual_level(sampled=sampled, hours=12 + 40 / 60)
    found = doses_given(child(usual_dose(), level), later(BEGUN, hours=30))
    assert clocks(found) == ["01-05 08:00", "01-05 20:00", "01-06 08:40"]


def test_doses_due_long_before_the_sample_and_after_the_last_one_told_were_not_given() -> None:
    """Told on day 3 at 08:00: last dose on day 1 at 08:00. That of day 3 waited, three were not."""
    sampled = later(BEGUN, hours=48, minutes=30)
    record = child(usual_dose(), usual_level(sampled=sampled, hours=48.5))
    assert clocks(doses_given(record, later(BEGUN, hours=61))) == [
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
    assert len(doses_given(record, later(sampled, hours=0.1))) == count


def test_a_time_told_at_a_change_moves_the_dose_of_one_prescription_only() -> None:
    """One dose a day until Monday's; from 20:00 on two a day, the first of them at 19:50."""
    change = later(BEGUN, hours=12)
    sampled = later(BEGUN, hours=23.9)
    record = child(
        usual_dose(times=1),
        usual_dose("0.5", since=change),
        usual_level(sampled=sampled, hours=12 + 1 / 15),
    )
    assert clocks(doses_given(record, sampled)) == ["01-05 08:00", "01-05 19:50"]


def test_of_two_prescriptions_only_the_nearest_dose_was_missed() -> None:
    change = later(BEGUN, hours=16)
    record = child(usual_dose(), usual_dose("0.5", since=change), a_missed_dose(change))
    assert clocks(doses_given(record, later(BEGUN, hours=20))) == ["01-05 08:00", "01-05 20:00"]


def test_the_dose_at_the_end_of_a_hold_was_given_where_a_level_tells_so() -> None:
    end = later(BEGUN, hours=24)
    on_hold = held_doses(later(BEGUN, hours=12), end)
    assert clocks(doses_given(child(usual_dose(), on_hold), later(end, hours=11))) == [
        "01-05 08:00"
    ]
    told = usual_level(sampled=later(end, hours=11.9), hours=11.9)
    assert clocks(doses_given(child(usual_dose(), on_hold, told), later(end, hours=11))) == [
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
    """Two changes of the clocks in a year: five stretches at most, whatever the doses."""
    doses = doses_given(child(usual_dose()), later(BEGUN, days=365))
    assert len(doses) == 730
    assert len(as_dose_records(doses, BEGUN.utc)) <= 5


@pytest.mark.parametrize(("hours", "is_gap"), [(11, False), (12, False), (13, True)])
def test_a_gap_is_a_dose_that_was_due_and_is_not_on_record(hours: int, *, is_gap: bool) -> None:
    end = later(BEGUN, hours=24)
    again = later(end, hours=hours)
    record = ended(child(usual_dose(), usual_dose("1", since=again)), 2, end)
    assert TreatmentHistory.of(record).gaps == ((Gap(end, again),) if is_gap else ())


def test_born_on_the_day_nothing_was_given() -> None:
    assert doses_given(child(born=date(2026, 1, 1)), BEGUN) == ()
