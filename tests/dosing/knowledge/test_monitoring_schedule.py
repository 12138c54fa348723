"""The published rhythms and their sources (course of treatment, section 8)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from dosing import PROTOCOLS
from dosing.knowledge.monitoring_schedule import (
    GENEREVIEWS,
    JOP,
    RHYTHMS,
    STANDARD,
    PublishedRhythm,
    rhythm_for,
    schedule_of,
)
from dosing.knowledge.references import SOURCES


def test_jop_2023_is_monthly_throughout() -> None:
    assert str(JOP.rhythm) == "every month"
    assert (JOP.rhythm.source, JOP.adds_tests) == ("jop2023", ())


def test_genereviews_is_monthly_three_times_then_quarterly_with_the_thyroid() -> None:
    """GeneReviews NBK1967, table 8."""
    assert str(GENEREVIEWS.rhythm) == (
        "every month in the first 3 months of treatment, then every 3 months"
    )
    assert (GENEREVIEWS.rhythm.source, GENEREVIEWS.adds_tests) == ("genereviews", ("TSH", "T4"))
    assert "NBK1967, table 8" in SOURCES["genereviews"]


def test_both_can_be_chosen_by_name() -> None:
    assert list(RHYTHMS) == ["jop", "genereviews"]
    assert {each.rhythm.source for each in RHYTHMS.values()} <= SOURCES.keys()


@pytest.mark.parametrize(
    ("months", "steady", "key"),
    [
        ("0", True, "jop"),
        ("23.9", True, "jop"),
        ("24", True, "genereviews"),
        ("24.1", True, "genereviews"),
        ("216", True, "genereviews"),
        ("23.9", False, "jop"),
        ("24", False, "jop"),
        ("216", False, "jop"),
    ],
)
def test_the_stricter_under_two_years_and_until_steady(
    months: str, key: str, *, steady: bool
) -> None:
    assert rhythm_for(Decimal(months), steady=steady).key == key


@pytest.mark.parametrize("rhythm", [JOP, GENEREVIEWS], ids=lambda each: each.key)
def test_a_rhythm_replaces_that_of_levels_and_blood_tests_alone(rhythm: PublishedRhythm) -> None:
    plain, found = (schedule_of(PROTOCOLS["review"], each) for each in (None, rhythm))
    assert (found.level, found.laboratory) == (rhythm.rhythm, rhythm.rhythm)
    assert replace(found, level=plain.level, laboratory=plain.laboratory) == plain
    assert plain.level == STANDARD.level


def test_the_french_protocol_keeps_the_rhythm_of_its_own_source() -> None:
    found = schedule_of(PROTOCOLS["french"], GENEREVIEWS)
    assert (found.level.source, found.laboratory.source) == ("jop2023", "jop2023")
    assert found.first_level.from_days == found.first_level.until_days == 14
