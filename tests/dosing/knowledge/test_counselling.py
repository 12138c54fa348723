"""Precautions and counselling: each fact with its source (course of treatment, section 8)."""

import pytest

from dosing import Age, Product
from dosing.knowledge.counselling import advice_for, precautions_for
from dosing.knowledge.references import SOURCES

WORDS = [
    # JOP 2023, table 2
    ("Rule out", "missing vaccinations", "jop2023"),
    ("Rule out", "active infection (teeth too)", "jop2023"),
    ("Rule out", "cancer", "jop2023"),
    ("Test", "full blood count", "jop2023"),
    ("Test", "coagulation", "jop2023"),
    ("Test", "pregnancy test", "jop2023"),
    ("Test", "HIV", "jop2023"),
    ("Test", "hepatitis", "jop2023"),
    ("Test", "tuberculosis", "jop2023"),
    ("Test", "chest X-ray where indicated", "jop2023"),
    ("Test", "again every month", "jop2023"),
    # GeneReviews NBK1967, table 8
    ("Test", "TSH, T4", "genereviews"),
    ("Know", "monthly three times, then every 3 months", "genereviews"),
    # Rapalimus label
    ("Test", "chest CT, again during treatment", "rapalimus-label"),
    ("Know", "hepatitis B can be reactivated", "rapalimus-label"),
    ("Know", "efficacy in high-flow lesions is not confirmed", "rapalimus-label"),
    # VASCERN-VASCA 2023 and SUISSE ADPKD
    ("Tell", "fertility is a concern in women and men", "vascern2023"),
    ("Know", "1.3-1.5 mg/day", "suisse-adpkd"),
    ("Know", "rare periods (hazard ratio 4.3, 95 % CI 1.1-29)", "suisse-adpkd"),
    ("Know", "ovarian cysts (4.4, 1.1-26)", "suisse-adpkd"),
]


@pytest.mark.parametrize("product", list(Product))
@pytest.mark.parametrize(("topic", "words", "source"), WORDS, ids=str)
def test_each_precaution_has_its_words_and_its_source(
    topic: str, words: str, source: str, product: Product
) -> None:
    found = [
        each for each in precautions_for(product) if (each.topic, each.source) == (topic, source)
    ]
    assert any(words in each.text for each in found)


@pytest.mark.parametrize("product", list(Product))
def test_each_topic_is_in_one_place_and_every_source_has_a_citation(product: Product) -> None:
    topics = [each.topic for each in precautions_for(product)]
    assert len(dict.fromkeys(topics)) == sum(
        first != second for first, second in zip([None, *topics], topics, strict=False)
    )
    assert {each.source for each in precautions_for(product)} <= SOURCES.keys()


@pytest.mark.parametrize("product", list(Product))
@pytest.mark.parametrize(
    ("age", "is_asked"),
    [("119 months", False), ("10 years", True), ("121 months", True)],
)
def test_the_family_is_asked_about_periods_from_the_age_of_puberty(
    product: Product, age: str, *, is_asked: bool
) -> None:
    found = [each for each in advice_for(product, Age.read(age)) if each.source == "vascern2023"]
    assert ["Periods" in each.text and "children" in each.text for each in found] == (
        [True] if is_asked else []
    )
