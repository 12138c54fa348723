"""The evidence since Nadal 2016, each figure typed by hand from the reference (course, 9)."""

import pytest

from dosing.knowledge.later_evidence import LATER_EVIDENCE, LaterEvidence
from dosing.knowledge.references import SOURCES

FIGURES = [
    ("adams2016", 2016, ("61 treated", "of 57", "response 47", "stable 3", "progressive 7",
                          "27 %")),
    ("vase2023", 2023, ("132 patients", "31 of them children", "85 %", "within a month",
                        "24 (18 %)", "54 % relapsed")),
    ("performus2021", 2021, ("59 children", "6-18 years", "4-12 ng/mL",
                             "no effect on volume overall", "pure lymphatic",
                             "pain and bleeding", "ulcers in 49 %")),
    ("harbers2021", 2021, ("12 patients", "4-10 ng/mL", "92 %")),
    ("harbers-phase2b", None, ("68 evaluable", "79 %", "36 % of children", "64 % of adults")),
    ("ji2022", 2022, ("above 100", "week 4", "35 of 37", "24 of 36")),
    ("khe-review2020", 2020, ("0.8 mg/m²/dose twice a day", "8-15 ng/mL", "2-5 ng/mL")),
    ("nf1-pharmacokinetics", None, ("2.0 mg/m²/dose twice a day", "SD 0.72", "10-15 ng/mL")),
    ("wang2021", 2021, ("15 children", "0.31 to 0.17 L/h/kg", "5 to 60 kg",
                        "0.07, 0.06 and 0.05 mg/kg/day", "5-10, 10-24.5 and 24.5-60 kg")),
    ("sirolo2024", 2024, ("67 patients", "3 years or more", "15 centres", "35 of them children",
                          "6.4 ± 3.7", "4.2 ± 3.2", "6 (9 %)", "cysts in 2", "8 changed")),
]  # fmt: skip


@pytest.mark.parametrize(("source", "year", "figures"), FIGURES, ids=lambda each: str(each)[:20])
def test_each_row_has_the_figures_of_its_source(
    source: str, year: int | None, figures: tuple[str, ...]
) -> None:
    (found,) = [each for each in LATER_EVIDENCE if each.source == source]
    assert found.year == year
    told = ". ".join(found.facts)
    assert [words for words in figures if words not in told] == []


def test_no_row_is_without_a_citation_or_left_out_here() -> None:
    assert [each.source for each in LATER_EVIDENCE] == [source for source, _, _ in FIGURES]
    assert {each.source for each in LATER_EVIDENCE} <= SOURCES.keys()


def test_none_is_older_than_the_review() -> None:
    assert {each.year for each in LATER_EVIDENCE if each.year and each.year < 2016} == set()


def test_a_row_without_a_fact_is_refused() -> None:
    with pytest.raises(ValueError, match="Empty"):
        LaterEvidence(name="Empty", year=2020, source="proposed", facts=())
