"""The review's figures: its percentages follow from its counts (clinical reference, section 1)."""

from decimal import Decimal

import pytest

from dosing.knowledge import nadal2016
from dosing.knowledge.nadal2016 import Count

PRINTED = [
    (nadal2016.ANOMALIES[0], 30, 84, "35.7"),
    (nadal2016.ANOMALIES[1], 54, 84, "64.3"),
    (nadal2016.ANOMALIES[2], 73, 84, "86.9"),
    (nadal2016.MOST_COMMON_START, 16, 24, "66.7"),
    (nadal2016.STILL_TREATED, 11, 14, "78.6"),
    (nadal2016.CO_TREATED, 27, 41, "65.9"),
    (nadal2016.NO_ADVERSE_EVENT, 40, 60, "66.7"),
    (nadal2016.WITHOUT_ADVERSE_EVENT_DATA, 24, 84, "28.6"),
]


@pytest.mark.parametrize(("count", "number", "of", "percent"), PRINTED, ids=str)
def test_printed_percentages(count: Count, number: int, of: int, percent: str) -> None:
    assert (count.count, count.of) == (number, of)
    assert count.percent == Decimal(percent)


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        (nadal2016.TUMOURS, 30),
        (nadal2016.MALFORMATIONS, 54),
        (nadal2016.STARTING_DOSES, 84),
        (nadal2016.EXPECTED_TROUGHS, 84),
    ],
)
def test_the_parts_add_up(parts: tuple[Count, ...], total: int) -> None:
    assert sum(part.count for part in parts) == total


def test_counts_of_adverse_events() -> None:
    assert {event.name: event.count for event in nadal2016.ADVERSE_EVENTS} == {
        "mouth sores": 12, "high cholesterol": 9, "infection": 3, "raised liver enzymes": 3,
        "headache": 1, "high blood pressure": 1,
    }  # fmt: skip
    assert {event.of for event in nadal2016.ADVERSE_EVENTS} == {60}


def test_time_to_response() -> None:
    assert nadal2016.MEDIAN_WEEKS_TO_RESPONSE == 2
    assert nadal2016.WEEKS_TO_RESPONSE_95_PERCENT == (1, 10)


def test_what_was_done_about_adverse_events() -> None:
    """Clinical reference, section 1: decreased in 4, stopped gradually in 1, kept in all 3."""
    assert nadal2016.DOSE_DECREASED_IN == 4
    assert nadal2016.STOPPED_GRADUALLY_IN == 1
    assert nadal2016.STOPPED_GRADUALLY_FOR == "severe oral mucositis at 1.6 mg/m²/day"
    assert (nadal2016.KEPT_IN_INFECTION.count, nadal2016.KEPT_IN_INFECTION.of) == (3, 3)
    assert len(nadal2016.INFECTIONS) == 3


@pytest.mark.parametrize(
    ("name", "percent"),
    [("mouth sores", "20.0"), ("high cholesterol", "15.0"), ("infection", "5.0"),
     ("raised liver enzymes", "5.0"), ("headache", "1.7"), ("high blood pressure", "1.7")],
)  # fmt: skip
def test_shares_of_adverse_events(name: str, percent: str) -> None:
    """12, 9, 3, 3, 1 and 1 of 60, worked by hand."""
    (count,) = (event for event in nadal2016.ADVERSE_EVENTS if event.name == name)
    assert count.percent == Decimal(percent)
