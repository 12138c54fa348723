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
        (nadal2016.AGES_AT_START, 84),
        (nadal2016.CONGENITAL, 84),
        ((nadal2016.IN_PUBLICATIONS, nadal2016.ON_POSTERS), 84),
        ((nadal2016.ON_SIROLIMUS, nadal2016.ON_EVEROLIMUS), 84),
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


# --- the rest of Nadal 2016 (doi:10.2340/00015555-2300), Tables I and II and the text


def counts(of: tuple[Count, ...]) -> dict[str, int]:
    return {each.name: each.count for each in of}


def test_the_sexes_are_counted_and_not_named() -> None:
    """31, 36 and 17 of 84: our reference does not say which of the first two are girls."""
    assert (*nadal2016.TWO_SEXES, nadal2016.SEX_NOT_REPORTED.count) == (31, 36, 17)
    assert 31 + 36 + 17 == nadal2016.PATIENTS == 84


def test_age_at_the_start_in_its_own_bands() -> None:
    assert counts(nadal2016.AGES_AT_START) == {
        "under 2 months": 3, "2 months to 2 years": 12, "2 to 13 years": 9, "13 to 18 years": 3,
        "18 years and older": 0, "not reported": 57,
    }  # fmt: skip


def test_congenital() -> None:
    assert counts(nadal2016.CONGENITAL) == {
        "congenital": 12, "not congenital": 15, "not reported": 57,
    }  # fmt: skip


def test_the_severities_do_not_add_up_to_their_printed_total() -> None:
    """6 and 37 of 44: the sum is 43, in Nadal 2016 itself."""
    assert nadal2016.TWO_SEVERITIES == (6, 37)
    assert nadal2016.SEVERITY_OF == 44 != sum(nadal2016.TWO_SEVERITIES)


def test_subtypes_and_what_is_not_reported_in_the_types() -> None:
    assert counts(nadal2016.SUBTYPES) == {
        "PHACE syndrome": 1, "spindle cell haemangioma": 1, "blue rubber bleb naevus syndrome": 2,
        "Gorham-Stout disease": 2, "kaposiform lymphangiomatosis": 15,
    }  # fmt: skip
    assert counts(nadal2016.MALFORMATIONS)["not reported"] == 3


def test_publications_and_posters_apart() -> None:
    assert (nadal2016.PUBLICATIONS, nadal2016.IN_PUBLICATIONS.count) == (14, 25)
    assert (nadal2016.POSTERS, nadal2016.ON_POSTERS.count) == (9, 59)


def test_everolimus_in_one() -> None:
    assert (nadal2016.ON_SIROLIMUS.count, nadal2016.ON_EVEROLIMUS.count) == (83, 1)


def test_how_fast_and_how_well_it_worked() -> None:
    """From 24 hours to 6 months in 25 cases; all improved, which the authors doubt themselves."""
    assert nadal2016.DAYS_TO_RESPONSE_RANGE == (1, 183)
    assert nadal2016.RESPONSE_CURVE_PATIENTS == 25
    assert (nadal2016.EFFICACY_PERCENT, nadal2016.EFFICACY_CAVEAT) == (
        100, "probably publication bias",
    )  # fmt: skip
    assert nadal2016.SHRINKAGE_PERCENT == (20, 80)


def test_follow_up_first_level_and_bioavailability() -> None:
    assert nadal2016.FOLLOW_UP_MONTHS == (1, 28)
    assert nadal2016.FIRST_LEVEL_AFTER_DAYS == 15
    assert nadal2016.BIOAVAILABILITY_PERCENT == 15


def test_steroids_and_vincristine_have_no_denominator() -> None:
    count = nadal2016.STEROIDS_AND_VINCRISTINE
    assert (count.count, count.of, count.percent) == (7, None, None)
