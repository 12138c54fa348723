"""The review's figures: its percentages follow from its counts (clinical reference, section 1)."""

from decimal import Decimal

import pytest

from dosing import review
from dosing.review import Count

PRINTED = [
    (review.ANOMALIES[0], 30, 84, "35.7"),
    (review.ANOMALIES[1], 54, 84, "64.3"),
    (review.ANOMALIES[2], 73, 84, "86.9"),
    (review.MOST_COMMON_START, 16, 24, "66.7"),
    (review.STILL_TREATED, 11, 14, "78.6"),
    (review.CO_TREATED, 27, 41, "65.9"),
    (review.NO_ADVERSE_EVENT, 40, 60, "66.7"),
    (review.WITHOUT_ADVERSE_EVENT_DATA, 24, 84, "28.6"),
]


@pytest.mark.parametrize(("count", "number", "of", "percent"), PRINTED, ids=str)
def test_printed_percentages(count: Count, number: int, of: int, percent: str) -> None:
    assert (count.count, count.of) == (number, of)
    assert count.percent == Decimal(percent)


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        (review.TUMOURS, 30),
        (review.MALFORMATIONS, 54),
        (review.STARTING_DOSES, 84),
        (review.EXPECTED_TROUGHS, 84),
    ],
)
def test_the_parts_add_up(parts: tuple[Count, ...], total: int) -> None:
    assert sum(part.count for part in parts) == total


def test_counts_of_adverse_events() -> None:
    assert {event.name: event.count for event in review.ADVERSE_EVENTS} == {
        "mouth sores": 12, "high cholesterol": 9, "infection": 3, "raised liver enzymes": 3,
        "headache": 1, "high blood pressure": 1,
    }  # fmt: skip
    assert {event.of for event in review.ADVERSE_EVENTS} == {60}


def test_time_to_response() -> None:
    assert review.MEDIAN_WEEKS_TO_RESPONSE == 2
    assert review.WEEKS_TO_RESPONSE_95_PERCENT == (1, 10)


def test_what_was_done_about_adverse_events() -> None:
    """Clinical reference, section 1: decreased in 4, stopped gradually in 1, kept in all 3."""
    assert review.DOSE_DECREASED_IN == 4
    assert review.STOPPED_GRADUALLY_IN == 1
    assert review.STOPPED_GRADUALLY_FOR == "severe oral mucositis at 1.6 mg/m²/day"
    assert (review.KEPT_IN_INFECTION.count, review.KEPT_IN_INFECTION.of) == (3, 3)
    assert len(review.INFECTIONS) == 3


@pytest.mark.parametrize(
    ("name", "percent"),
    [("mouth sores", "20.0"), ("high cholesterol", "15.0"), ("infection", "5.0"),
     ("raised liver enzymes", "5.0"), ("headache", "1.7"), ("high blood pressure", "1.7")],
)  # fmt: skip
def test_shares_of_adverse_events(name: str, percent: str) -> None:
    """12, 9, 3, 3, 1 and 1 of 60, worked by hand."""
    (count,) = (event for event in review.ADVERSE_EVENTS if event.name == name)
    assert count.percent == Decimal(percent)
