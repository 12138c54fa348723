"""A dosage: its intervals, its parts and its daily dose."""

from decimal import Decimal

import pytest

from dosing import ReadingError, UserError
from dosing.dosage import Dosage, read_interval


@pytest.mark.parametrize(
    ("every", "fits"),
    [
        (6, True), (8, True), (12, True), (24, True), (48, True), (72, True), (168, True),
        (0, False), (-24, False), (5, False), (7, False), (9, False), (13, False), (23, False),
        (25, False), (36, False), (47, False), (49, False),
    ],
)  # fmt: skip
def test_an_interval_fits_a_day_or_whole_days(every: int, *, fits: bool) -> None:
    if fits:
        assert Dosage(Decimal(1), every).every_hours == every
    else:
        with pytest.raises(UserError, match="do not fit the day"):
            Dosage(Decimal(1), every)


@pytest.mark.parametrize(
    ("dosage", "times", "daily", "largest"),
    [
        (Dosage(Decimal("0.44"), 12), 2, "0.88", "0.88"),
        (Dosage(Decimal("0.5"), 6), 4, "2", "2"),
        (Dosage(Decimal(1), 24), 1, "1", "1"),
        # Rapalimus FAQ: 0.5 mg a day as 1 mg on alternate days
        (Dosage(Decimal(1), 48), None, "0.5", "1"),
        (Dosage(Decimal(3), 72), None, "1", "3"),
        (Dosage(Decimal("0.5"), 12, Decimal("0.4")), 2, "0.9", "0.9"),
    ],
    ids=str,
)
def test_the_daily_dose_is_the_mean_over_days(
    dosage: Dosage, times: int | None, daily: str, largest: str
) -> None:
    assert dosage.times_a_day == times
    assert dosage.daily_mg == Decimal(daily)
    assert dosage.largest_day_mg == Decimal(largest)


def test_the_parts_of_a_day() -> None:
    assert [part.to_dict() for part in Dosage(Decimal("0.44"), 12).parts] == [
        {"at": "each dose", "mg": 0.44}
    ]
    assert [part.to_dict() for part in Dosage(Decimal("0.5"), 12, Decimal("0.4")).parts] == [
        {"at": "morning", "mg": 0.5}, {"at": "evening", "mg": 0.4},
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["0", "-1", "NaN", "Infinity"])
def test_doses_are_above_zero(wrong: str) -> None:
    with pytest.raises(UserError, match="above zero"):
        Dosage(Decimal(wrong), 12)
    with pytest.raises(UserError, match="above zero"):
        Dosage(Decimal(1), 12, Decimal(wrong))


@pytest.mark.parametrize("every", [6, 8, 24, 48])
def test_an_evening_dose_needs_two_doses_a_day(every: int) -> None:
    with pytest.raises(UserError, match="two doses a day"):
        Dosage(Decimal(1), every, Decimal(1))


def test_the_columns_of_a_record() -> None:
    assert [Dosage.of(Decimal(1), times).every_hours for times in (1, 2, 3, 4)] == [24, 12, 8, 6]
    assert Dosage.of(Decimal(1), 1, 48).every_hours == 48
    for times in (0, 5):
        with pytest.raises(UserError, match="1 to 4 times"):
            Dosage.of(Decimal(1), times)


@pytest.mark.parametrize(
    ("text", "hours"),
    [("48 h", 48), ("2 days", 48), ("12 hours", 12), ("0.5 days", 12), ("1 d", 24)],
)
def test_an_interval_is_read_with_its_unit(text: str, hours: int) -> None:
    assert read_interval(text) == hours


@pytest.mark.parametrize("text", ["", "48", "48 x", "0 h", "-48 h", "4 8 h", "\u0664\u0668 h"])
def test_another_text_is_no_interval(text: str) -> None:
    with pytest.raises(ReadingError):
        read_interval(text)


@pytest.mark.parametrize("text", ["12.5 h", "36 h", "999999999 h"])
def test_an_interval_that_fits_no_day_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="do not fit the day"):
        read_interval(text)
