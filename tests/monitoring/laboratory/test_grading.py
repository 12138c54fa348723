"""Grades by number: the table of CTCAE v5.0 (clinical reference, section 8), typed by hand.

NCI, Common Terminology Criteria for Adverse Events v5.0, 2017. The multiples of an abnormal
baseline at which grade 1 begins (ALT and AST 1.5, GGT 2.0, bilirubin above 1.0) are those of its
own table.
"""

import random
from collections.abc import Iterable
from decimal import Decimal

import pytest

from dosing import Age
from dosing.knowledge.laboratory_grades import CTCAE_5, CTCAE_6, SCALES, SCALES_OF, scale_wording
from monitoring.laboratory.cuts import Grading
from monitoring.laboratory.grading import grade_value
from monitoring.laboratory.subject import NOBODY, Subject
from monitoring.laboratory.tests import TESTS, find_test
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Comparator
from tests.builders import at
from tests.campaign import sizes

CELLS = "10*9/L"

# test, unit, LLN, ULN, edge, grade just below the edge, at it, just above it
EDGES = [
    # > ULN to 3 ×, > 3 to 5 ×, > 5 to 20 ×, > 20 ×; ULN 40
    ("ALT", "U/L", None, "40", "40", None, None, 1),
    ("ALT", "U/L", None, "40", "120", 1, 1, 2),
    ("ALT", "U/L", None, "40", "200", 2, 2, 3),
    ("ALT", "U/L", None, "40", "800", 3, 3, 4),
    ("AST", "U/L", None, "35", "35", None, None, 1),
    ("AST", "U/L", None, "35", "105", 1, 1, 2),
    ("AST", "U/L", None, "35", "175", 2, 2, 3),
    ("AST", "U/L", None, "35", "700", 3, 3, 4),
    # > ULN to 2.5 ×, > 2.5 to 5 ×, > 5 to 20 ×, > 20 ×; ULN 60
    ("GGT", "U/L", None, "60", "60", None, None, 1),
    ("GGT", "U/L", None, "60", "150", 1, 1, 2),
    ("GGT", "U/L", None, "60", "300", 2, 2, 3),
    ("GGT", "U/L", None, "60", "1200", 3, 3, 4),
    # > ULN to 1.5 ×, > 1.5 to 3 ×, > 3 to 10 ×, > 10 ×; ULN 20 umol/L, 1.2 mg/dL
    ("bilirubin", "umol/L", None, "20", "20", None, None, 1),
    ("bilirubin", "umol/L", None, "20", "30", 1, 1, 2),
    ("bilirubin", "umol/L", None, "20", "60", 2, 2, 3),
    ("bilirubin", "umol/L", None, "20", "200", 3, 3, 4),
    ("bilirubin", "mg/dL", None, "1.2", "1.8", 1, 1, 2),
    ("bilirubin", "mg/dL", None, "1.2", "3.6", 2, 2, 3),
    ("bilirubin", "mg/dL", None, "1.2", "12", 3, 3, 4),
    # > ULN to 1.5 ×, > 1.5 to 3 ×, > 3 to 6 ×, > 6 ×; ULN 40 umol/L, 0.7 mg/dL
    ("creatinine", "umol/L", None, "40", "40", None, None, 1),
    ("creatinine", "umol/L", None, "40", "60", 1, 1, 2),
    ("creatinine", "umol/L", None, "40", "120", 2, 2, 3),
    ("creatinine", "umol/L", None, "40", "240", 3, 3, 4),
    ("creatinine", "mg/dL", None, "0.7", "1.05", 1, 1, 2),
    ("creatinine", "mg/dL", None, "0.7", "2.1", 2, 2, 3),
    ("creatinine", "mg/dL", None, "0.7", "4.2", 3, 3, 4),
    # > ULN to 300 (7.75), > 300 to 400 (10.34), > 400 to 500 (12.92), > 500 (12.92)
    ("cholesterol", "mg/dL", None, "200", "200", None, None, 1),
    ("cholesterol", "mg/dL", None, "200", "300", 1, 1, 2),
    ("cholesterol", "mg/dL", None, "200", "400", 2, 2, 3),
    ("cholesterol", "mg/dL", None, "200", "500", 3, 3, 4),
    ("cholesterol", "mmol/L", None, "5.2", "5.2", None, None, 1),
    ("cholesterol", "mmol/L", None, "5.2", "7.75", 1, 1, 2),
    ("cholesterol", "mmol/L", None, "5.2", "10.34", 2, 2, 3),
    ("cholesterol", "mmol/L", None, "5.2", "12.92", 3, 3, 4),
    # 150-300 (1.71-3.42), > 300 to 500 (5.7), > 500 to 1000 (11.4), > 1000 (11.4); no limit needed
    ("triglycerides", "mg/dL", None, None, "150", None, 1, 1),
    ("triglycerides", "mg/dL", None, None, "300", 1, 1, 2),
    ("triglycerides", "mg/dL", None, None, "500", 2, 2, 3),
    ("triglycerides", "mg/dL", None, None, "1000", 3, 3, 4),
    ("triglycerides", "mmol/L", None, "1.7", "1.71", None, 1, 1),
    ("triglycerides", "mmol/L", None, "1.7", "3.42", 1, 1, 2),
    ("triglycerides", "mmol/L", None, "1.7", "5.7", 2, 2, 3),
    ("triglycerides", "mmol/L", None, "1.7", "11.4", 3, 3, 4),
    # < LLN to 10, < 10 to 8, < 8 g/dL; grade 4 is clinical
    ("haemoglobin", "g/dL", "11.5", None, "11.5", 1, None, None),
    ("haemoglobin", "g/dL", "11.5", None, "10", 2, 1, 1),
    ("haemoglobin", "g/dL", "11.5", None, "8", 3, 2, 2),
    ("haemoglobin", "g/dL", "11.5", None, "1", 3, 3, 3),
    ("haemoglobin", "g/L", "115", None, "115", 1, None, None),
    ("haemoglobin", "g/L", "115", None, "100", 2, 1, 1),
    ("haemoglobin", "g/L", "115", None, "80", 3, 2, 2),
    # < LLN to 75, < 75 to 50, < 50 to 25, < 25
    ("platelets", CELLS, "150", None, "150", 1, None, None),
    ("platelets", CELLS, "150", None, "75", 2, 1, 1),
    ("platelets", CELLS, "150", None, "50", 3, 2, 2),
    ("platelets", CELLS, "150", None, "25", 4, 3, 3),
    # < LLN to 1.5, < 1.5 to 1.0, < 1.0 to 0.5, < 0.5
    ("neutrophils", CELLS, "1.8", None, "1.8", 1, None, None),
    ("neutrophils", CELLS, "1.8", None, "1.5", 2, 1, 1),
    ("neutrophils", CELLS, "1.8", None, "1.0", 3, 2, 2),
    ("neutrophils", CELLS, "1.8", None, "0.5", 4, 3, 3),
    # < LLN to 3, < 3 to 2, < 2 to 1, < 1
    ("white cells", CELLS, "5", None, "5", 1, None, None),
    ("white cells", CELLS, "5", None, "3", 2, 1, 1),
    ("white cells", CELLS, "5", None, "2", 3, 2, 2),
    ("white cells", CELLS, "5", None, "1", 4, 3, 3),
    # < LLN to 0.8, < 0.8 to 0.5, < 0.5 to 0.2, < 0.2
    ("lymphocytes", CELLS, "1.5", None, "1.5", 1, None, None),
    ("lymphocytes", CELLS, "1.5", None, "0.8", 2, 1, 1),
    ("lymphocytes", CELLS, "1.5", None, "0.5", 3, 2, 2),
    ("lymphocytes", CELLS, "1.5", None, "0.2", 4, 3, 3),
    # < LLN to 3.0, < 3.0 to 2.5 is grade 3, < 2.5 is grade 4
    ("potassium", "mmol/L", "3.5", None, "3.5", 1, None, None),
    ("potassium", "mmol/L", "3.5", None, "3.0", 3, 1, 1),
    ("potassium", "mmol/L", "3.5", None, "2.5", 4, 3, 3),
    ("potassium", "meq/L", "3.5", None, "2.5", 4, 3, 3),
    # > ULN to 5.5, > 5.5 to 6.0, > 6.0 to 7.0, > 7.0
    *(
        ("potassium", unit, "3.5", "5.1", edge, below, on, above)
        for unit in ("mmol/L", "meq/L")
        for edge, below, on, above in [
            ("5.1", None, None, 1),
            ("5.5", 1, 1, 2),
            ("6", 2, 2, 3),
            ("7", 3, 3, 4),
        ]
    ),
    # < LLN to 30, < 30 to 20, < 20 g/L; grade 4 is clinical
    ("albumin", "g/L", "35", None, "35", 1, None, None),
    ("albumin", "g/L", "35", None, "30", 2, 1, 1),
    ("albumin", "g/L", "35", None, "20", 3, 2, 2),
    ("albumin", "g/L", "35", None, "1", 3, 3, 3),
    ("albumin", "g/dL", "3.5", None, "3.5", 1, None, None),
    ("albumin", "g/dL", "3.5", None, "3", 2, 1, 1),
    ("albumin", "g/dL", "3.5", None, "2", 3, 2, 2),
    # < 1.0 to 0.75, < 0.75 to 0.5, < 0.5 to 0.25, < 0.25 × LLN, or < 50 mg/dL
    ("fibrinogen", "g/L", "2.4", None, "2.4", 1, None, None),
    ("fibrinogen", "g/L", "2.4", None, "1.8", 2, 1, 1),
    ("fibrinogen", "g/L", "2.4", None, "1.2", 3, 2, 2),
    ("fibrinogen", "g/L", "2.4", None, "0.6", 4, 3, 3),
    ("fibrinogen", "g/L", "1.6", None, "0.5", 4, 3, 3),
    ("fibrinogen", "g/L", None, None, "0.5", 4, None, None),
    ("fibrinogen", "mg/dL", "240", None, "180", 2, 1, 1),
    ("fibrinogen", "mg/dL", "160", None, "50", 4, 3, 3),
    # < LLN to 3.0, < 3.0 to 2.2, < 2.2 to 1.7, < 1.7 mmol/L (55, 40, 30 mg/dL)
    ("glucose", "mmol/L", "3.5", "6", "3.5", 1, None, None),
    ("glucose", "mmol/L", "3.5", "6", "3", 2, 1, 1),
    ("glucose", "mmol/L", "3.5", "6", "2.2", 3, 2, 2),
    ("glucose", "mmol/L", "3.5", "6", "1.7", 4, 3, 3),
    ("glucose", "mmol/L", "3.5", "6", "27.8", None, None, None),  # v5.0 has no high figures
    ("glucose", "mg/dL", "65", "110", "65", 1, None, None),
    ("glucose", "mg/dL", "65", "110", "55", 2, 1, 1),
    ("glucose", "mg/dL", "65", "110", "40", 3, 2, 2),
    ("glucose", "mg/dL", "65", "110", "30", 4, 3, 3),
]
# CTCAE v6.0, where it differs: course of treatment, section 12. The columns are the same.
EDGES_6 = [
    # < 1.5 to 1.0, < 1.0 to 0.5, < 0.5 to 0.1, < 0.1: grade 1 begins at the figure, not the LLN
    *(
        ("neutrophils", CELLS, lower, None, edge, below, on, above)
        for lower in (None, "1.2", "2")
        for edge, below, on, above in [
            ("1.5", 1, None, None),
            ("1", 2, 1, 1),
            ("0.5", 3, 2, 2),
            ("0.1", 4, 3, 3),
        ]
    ),
    # < LLN to 75, < 75 to 50, < 50 to 10, < 10
    ("platelets", CELLS, "150", None, "150", 1, None, None),
    ("platelets", CELLS, "150", None, "75", 2, 1, 1),
    ("platelets", CELLS, "150", None, "50", 3, 2, 2),
    ("platelets", CELLS, "150", None, "25", 3, 3, 3),
    ("platelets", CELLS, "150", None, "10", 4, 3, 3),
    # fasting: > ULN to 8.9, > 8.9 to 13.9, > 13.9 to 27.8, > 27.8
    ("fasting glucose", "mmol/L", "3.5", "6", "6", None, None, 1),
    ("fasting glucose", "mmol/L", "3.5", "6", "8.9", 1, 1, 2),
    ("fasting glucose", "mmol/L", "3.5", "6", "13.9", 2, 2, 3),
    ("fasting glucose", "mmol/L", "3.5", "6", "27.8", 3, 3, 4),
    ("fasting glucose", "mg/dL", "65", "110", "160", 1, 1, 2),
    ("fasting glucose", "mg/dL", "65", "110", "250", 2, 2, 3),
    ("fasting glucose", "mg/dL", "65", "110", "500", 3, 3, 4),
    # not fasting: grades 3 and 4 alone
    ("glucose", "mmol/L", "3.5", "6", "8.9", None, None, None),
    ("glucose", "mmol/L", "3.5", "6", "13.9", None, None, 3),
    ("glucose", "mmol/L", "3.5", "6", "27.8", 3, 3, 4),
    ("glucose", "mg/dL", None, None, "250", None, None, 3),
    ("glucose", "mg/dL", None, None, "500", 3, 3, 4),
    # as in v5.0
    ("glucose", "mmol/L", "3.5", "6", "1.7", 4, 3, 3),
    ("ALT", "U/L", None, "40", "120", 1, 1, 2),
    ("ALT", "U/L", None, "40", "800", 3, 3, 4),
    ("potassium", "mmol/L", "3.5", "5.1", "7", 3, 3, 4),
    ("white cells", CELLS, "5", None, "1", 4, 3, 3),
    ("creatinine", "umol/L", None, "40", "240", 3, 3, 4),
]
STEP = Decimal("0.000001")  # the smallest step that is parsed


def a_value(  # noqa: PLR0913 - what a value has
    test: str,
    number: Decimal | str,
    unit: str,
    lower: str | None = None,
    upper: str | None = None,
    *,
    comparator: Comparator | None = None,
) -> LaboratoryValue:
    def quantity(text: Decimal | str) -> LaboratoryQuantity:
        return LaboratoryQuantity(Decimal(text), unit)

    return LaboratoryValue(
        test=test,
        at=at("2026-11-15T08:00"),
        value=quantity(number),
        comparator=comparator,
        lower_limit=quantity(lower) if lower else None,
        upper_limit=quantity(upper) if upper else None,
    )


def graded(
    value: LaboratoryValue,
    baseline: LaboratoryValue | None = None,
    subject: Subject = NOBODY,
    scale: str = CTCAE_5,
) -> Grading:
    test = find_test(value.test)
    assert test is not None
    return grade_value(test, value, baseline, subject, scale)


@pytest.mark.parametrize(
    ("scale", "test", "unit", "lower", "upper", "edge", "below", "on", "above"),
    [*((CTCAE_5, *row) for row in EDGES), *((CTCAE_6, *row) for row in EDGES_6)],
    ids=str,
)
def test_every_threshold_below_at_and_above(  # noqa: PLR0913 - the columns of the table
    *,
    scale: str,
    test: str,
    unit: str,
    lower: str | None,
    upper: str | None,
    edge: str,
    below: int | None,
    on: int | None,
    above: int | None,
) -> None:
    numbers = (Decimal(edge) - STEP, Decimal(edge), Decimal(edge) + STEP)
    values = [a_value(test, number, unit, lower, upper) for number in numbers]
    assert [graded(value, scale=scale).grade for value in values] == [below, on, above]


def test_the_table_of_edges_covers_every_scale_and_unit_with_figures() -> None:
    covered = {(test, unit) for test, unit, *_ in EDGES}
    terms = {term for test in TESTS for term in test.terms}
    by_age = {"Hypertension", "Proteinuria"}  # below, and in test_blood_pressure.py
    assert covered == {
        (test.name, unit)
        for test in TESTS
        if test.terms and not by_age.intersection(test.terms)
        for unit in test.units
    }
    assert terms - by_age == set(SCALES) | {"Hyperglycaemia"}
    assert set(SCALES_OF[CTCAE_6]) - set(SCALES) == {"Hyperglycaemia"}
    assert set(SCALES) - set(SCALES_OF[CTCAE_6]) == {"Lymphocytes decreased"}


# test, unit, abnormal baseline, its ULN, number, grade
ABNORMAL = [
    ("ALT", "U/L", "60", "40", "89.999999", None),
    ("ALT", "U/L", "60", "40", "90", 1),
    ("ALT", "U/L", "60", "40", "180", 1),
    ("ALT", "U/L", "60", "40", "180.000001", 2),
    ("ALT", "U/L", "60", "40", "300", 2),
    ("ALT", "U/L", "60", "40", "300.000001", 3),
    ("ALT", "U/L", "60", "40", "1200", 3),
    ("ALT", "U/L", "60", "40", "1200.000001", 4),
    ("AST", "U/L", "60", "40", "90", 1),
    ("GGT", "U/L", "100", "60", "199.999999", None),
    ("GGT", "U/L", "100", "60", "200", 1),
    ("GGT", "U/L", "100", "60", "250", 1),
    ("GGT", "U/L", "100", "60", "250.000001", 2),
    ("bilirubin", "umol/L", "30", "20", "30", None),
    ("bilirubin", "umol/L", "30", "20", "30.000001", 1),
    ("bilirubin", "umol/L", "30", "20", "45", 1),
    ("bilirubin", "umol/L", "30", "20", "45.000001", 2),
    # a baseline at its limit was normal: the multiples are those of the limit
    ("ALT", "U/L", "40", "40", "40.000001", 1),
    ("ALT", "U/L", "40.000001", "40", "41", None),
]


@pytest.mark.parametrize(("test", "unit", "base", "upper", "number", "grade"), ABNORMAL, ids=str)
def test_liver_tests_count_from_an_abnormal_baseline(  # noqa: PLR0913 - the columns of the table
    *, test: str, unit: str, base: str, upper: str, number: str, grade: int | None
) -> None:
    baseline = a_value(test, base, unit, upper=upper)
    assert graded(a_value(test, number, unit, upper=upper), baseline).grade == grade


# CTCAE v6.0: test, unit, abnormal baseline, its ULN, number, grade
ABNORMAL_6 = [
    # 1.0 to 1.5, > 1.5 to 2.0, > 2.0 to 4.0, > 4.0
    ("ALT", "U/L", "60", "40", "59.999999", None),
    ("ALT", "U/L", "60", "40", "60", 1),
    ("ALT", "U/L", "60", "40", "90", 1),
    ("ALT", "U/L", "60", "40", "90.000001", 2),
    ("ALT", "U/L", "60", "40", "120", 2),
    ("ALT", "U/L", "60", "40", "120.000001", 3),
    ("AST", "U/L", "60", "40", "240", 3),
    ("AST", "U/L", "60", "40", "240.000001", 4),
    # 1.0 to 1.5, > 1.5 to 3.0, > 3.0 to 10, > 10
    ("GGT", "U/L", "100", "60", "99.999999", None),
    ("GGT", "U/L", "100", "60", "100", 1),
    ("GGT", "U/L", "100", "60", "150.000001", 2),
    ("GGT", "U/L", "100", "60", "300", 2),
    ("GGT", "U/L", "100", "60", "300.000001", 3),
    ("GGT", "U/L", "100", "60", "1000", 3),
    ("GGT", "U/L", "100", "60", "1000.000001", 4),
    # 1.0 to 1.5, > 1.5 to 2.5, > 2.5 to 10, > 10
    ("bilirubin", "umol/L", "30", "20", "29.999999", None),
    ("bilirubin", "umol/L", "30", "20", "30", 1),
    ("bilirubin", "umol/L", "30", "20", "45", 1),
    ("bilirubin", "umol/L", "30", "20", "45.000001", 2),
    ("bilirubin", "umol/L", "30", "20", "75", 2),
    ("bilirubin", "umol/L", "30", "20", "75.000001", 3),
    ("bilirubin", "umol/L", "30", "20", "300.000001", 4),
    # a normal baseline: as in v5.0
    ("ALT", "U/L", "40", "40", "120.000001", 2),
]


@pytest.mark.parametrize(("test", "unit", "base", "upper", "number", "grade"), ABNORMAL_6, ids=str)
def test_version_6_counts_from_an_abnormal_baseline_by_its_own_multiples(  # noqa: PLR0913
    *, test: str, unit: str, base: str, upper: str, number: str, grade: int | None
) -> None:
    baseline = a_value(test, base, unit, upper=upper)
    value = a_value(test, number, unit, upper=upper)
    assert graded(value, baseline, scale=CTCAE_6).grade == grade


@pytest.mark.parametrize(
    ("base", "number", "by_5", "by_6"),
    [
        ("19", "28.5", None, None),  # 1.5 × a baseline below the LLN of 20
        ("19", "28.500001", 2, 2),
        ("19", "57", 2, 2),
        ("19", "57.000001", 3, 3),
        ("20", "60.000001", 3, 2),  # at the LLN it is not low: v6.0 counts from the ULN of 40
        ("20", "30.000001", 2, None),
    ],
)
def test_version_6_counts_creatinine_from_a_low_baseline_alone(
    *, base: str, number: str, by_5: int | None, by_6: int | None
) -> None:
    baseline = a_value("creatinine", base, "umol/L", "20", "40")
    value = a_value("creatinine", number, "umol/L", "20", "40")
    assert graded(value, baseline).grade == by_5
    assert graded(value, baseline, scale=CTCAE_6).grade == by_6


@pytest.mark.parametrize(
    ("base", "number", "grade"),
    [
        # 25, 50 and 75 % below a baseline of 1.6 that was below its own LLN of 2; the LLN is now 1
        ("1.6", "1.200001", None),
        ("1.6", "1.2", 2),
        ("1.6", "0.800001", 2),
        ("1.6", "0.8", 3),
        ("2", "0.8", 1),  # the baseline was normal: 0.8 × the LLN
    ],
)
def test_fibrinogen_counts_from_an_abnormal_baseline_too(
    base: str, number: str, grade: int | None
) -> None:
    baseline = a_value("fibrinogen", base, "g/L", "2")
    for scale in (CTCAE_5, CTCAE_6):
        value = a_value("fibrinogen", number, "g/L", "1")
        assert graded(value, baseline, scale=scale).grade == grade


def test_version_6_has_no_figures_for_lymphocytes_here() -> None:
    value = a_value("lymphocytes", "0.1", CELLS, "1.5")
    assert graded(value).grade == 4
    grading = graded(value, scale=CTCAE_6)
    assert grading == Grading(None, "the figures of CTCAE v6.0 for it are not in this program")


CHILD, ADULT = Subject(age=Age("17.99 years")), Subject(age=Age("18 years"))


@pytest.mark.parametrize(
    ("number", "unit", "grade"),
    [
        # clinical reference, section 8: 0.5-1.9 is grade 2, above it grade 3
        ("0.499999", "mg/mg", None),
        ("0.5", "mg/mg", 2),
        ("1.9", "mg/mg", 2),
        ("1.900001", "mg/mg", 3),
        # creatinine has 113.12 g/mol: 1 mg/mg is 113 mg/mmol
        ("56.499999", "mg/mmol", None),
        ("56.5", "mg/mmol", 2),
        ("214.7", "mg/mmol", 2),
        ("214.700001", "mg/mmol", 3),
        ("499.999999", "mg/g", None),
        ("500", "mg/g", 2),
        ("1900", "mg/g", 2),
        ("1900.000001", "mg/g", 3),
    ],
)
def test_protein_and_creatinine_are_graded_in_a_child(
    number: str, unit: str, grade: int | None
) -> None:
    value = a_value("UPCR", number, unit)
    assert graded(value, subject=CHILD).grade == grade
    assert graded(value, subject=ADULT).grade is None
    assert "24 hours" in graded(value, subject=ADULT).why


@pytest.mark.parametrize(
    ("number", "adult", "child"),
    [
        # ULN (0.15) to < 1.0, 1.0 to < 3.5, 3.5 g in 24 hours
        ("0.149999", None, None),
        ("0.15", 1, 1),
        ("0.999999", 1, 1),
        ("1", 2, None),
        ("3.499999", 2, None),
        ("3.5", 3, None),
    ],
)
def test_protein_of_24_hours_is_graded_in_an_adult(
    number: str, adult: int | None, child: int | None
) -> None:
    value = a_value("urine protein", number, "g/24h", upper="0.15")
    assert graded(value, subject=ADULT).grade == adult
    assert graded(value, subject=CHILD).grade == child


@pytest.mark.parametrize(
    ("number", "grade"), [("0", None), ("0.5", None), ("1", 1), ("2", None), ("4", None)]
)
def test_a_dipstick_of_1_plus_is_grade_1(number: str, grade: int | None) -> None:
    grading = graded(a_value("urine protein", number, "dipstick"))
    assert grading.grade == grade
    assert ("no grade of its own" in grading.why) == (Decimal(number) > 1)


def test_potassium_and_glucose_name_the_term_that_they_pass() -> None:
    assert graded(a_value("potassium", "7.2", "mmol/L")).term == "Hyperkalaemia"
    assert graded(a_value("potassium", "2.4", "mmol/L")).term == "Hypokalaemia"
    assert graded(a_value("glucose", "1.6", "mmol/L")).term == "Hypoglycaemia"
    high = graded(a_value("glucose", "14", "mmol/L"), scale=CTCAE_6)
    assert (high.term, high.grade) == ("Hyperglycaemia", 3)


def test_a_sample_that_may_not_be_fasting_says_how_to_name_it() -> None:
    grading = graded(a_value("glucose", "9", "mmol/L", "3.5", "6"), scale=CTCAE_6)
    assert grading.grade is None
    assert "name the test fasting glucose" in grading.why


def test_a_baseline_without_a_limit_is_held_against_the_limit_of_the_value() -> None:
    value = a_value("ALT", "100", "U/L", upper="40")
    assert graded(value, a_value("ALT", "60", "U/L")).grade == 1  # 1.67 × baseline
    assert graded(value, a_value("ALT", "30", "U/L")).grade == 1  # 2.5 × ULN
    assert (
        graded(a_value("ALT", "85", "U/L", upper="40"), a_value("ALT", "60", "U/L")).grade is None
    )


def test_an_abnormal_baseline_in_another_unit_prevents_a_grade() -> None:
    baseline = a_value("bilirubin", "3", "mg/dL", upper="1.2")
    grading = graded(a_value("bilirubin", "90", "umol/L", upper="20"), baseline)
    assert (grading.grade, grading.why) == (None, "the baseline was abnormal and is in mg/dL")


@pytest.mark.parametrize(
    ("number", "grade"),
    [
        ("30", None),  # 1.5 × the baseline of 20, within the ULN of 40
        ("30.000001", 2),
        ("60", 2),
        ("60.000001", 3),
        ("240", 3),
        ("240.000001", 4),  # 6 × ULN
    ],
)
def test_creatinine_counts_from_the_baseline_too(number: str, grade: int | None) -> None:
    baseline = a_value("creatinine", "20", "umol/L", upper="40")
    assert graded(a_value("creatinine", number, "umol/L", upper="40"), baseline).grade == grade


def test_a_baseline_in_another_unit_or_of_zero_leaves_creatinine_to_the_limit() -> None:
    value = a_value("creatinine", "70", "umol/L", upper="40")
    assert graded(value, a_value("creatinine", "0.2", "mg/dL", upper="0.5")).grade == 2
    assert graded(value, a_value("creatinine", "0", "umol/L", upper="40")).grade == 2


WITHIN_AND_YET_PASSED = (
    "it is within the laboratory's own lower limit of normal (LLN), 9.5 g/dL, and yet passes "
    "CTCAE's figure for grade 2"
)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (a_value("ALT", "900", "U/L", lower="5"), "the upper limit of normal (ULN) is missing"),
        (a_value("ALT", "9", "U/L", upper="0"), "the upper limit of normal (ULN) is zero"),
        (
            a_value("cholesterol", "250", "mg/dL"),
            "the upper limit of normal (ULN) is missing",
        ),
        (a_value("platelets", "80", CELLS), "the lower limit of normal (LLN) is missing"),
        (
            a_value("platelets", "80", CELLS, upper="400"),
            "the lower limit of normal (LLN) is missing",
        ),
        (a_value("platelets", "80", "%", lower="150"), "it is graded in 10*9/L, not in %"),
        (
            a_value("cholesterol", "9", "g/L", upper="2"),
            "it is graded in mg/dL or mmol/L, not in g/L",
        ),
        (a_value("platelets", "150", CELLS, lower="150"), "it is not below 150 10*9/L (the LLN)"),
        (
            a_value("haemoglobin", "9.8", "g/dL", lower="9.5"),
            WITHIN_AND_YET_PASSED,
        ),
    ],
    ids=str,
)
def test_why_there_is_no_grade(value: LaboratoryValue, why: str) -> None:
    grading = graded(value)
    assert (grading.grade, grading.why) == (None, why)


def test_a_missing_limit_hides_no_serious_grade_that_needs_none() -> None:
    assert graded(a_value("platelets", "74", CELLS)).grade == 2
    assert graded(a_value("platelets", "20", CELLS)).grade == 4
    assert graded(a_value("cholesterol", "501", "mg/dL")).grade == 4


@pytest.mark.parametrize(
    ("test", "number", "unit", "event"),
    [
        ("glucose", "30", "mmol/L", "hyperglycaemia"),
        ("phosphate", "0.2", "mmol/L", "hypophosphataemia"),
        ("MCV", "60", "fL", "microcytosis"),
    ],
)
def test_what_has_no_figures_is_not_graded(test: str, number: str, unit: str, event: str) -> None:
    grading = graded(a_value(test, number, unit, "1", "5"))
    assert grading.grade is None
    assert event in grading.why


BELOW, ABOVE = Comparator.BELOW, Comparator.ABOVE


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        (a_value("platelets", "25", CELLS, "150", comparator=BELOW), 4),
        (a_value("platelets", "26", CELLS, "150", comparator=BELOW), None),
        (a_value("platelets", "150", CELLS, "150", comparator=BELOW), None),
        (a_value("platelets", "150", CELLS, "150", comparator=ABOVE), None),
        (a_value("platelets", "100", CELLS, "150", comparator=ABOVE), None),
        (a_value("haemoglobin", "8", "g/dL", "11", comparator=BELOW), 3),
        # below 25, and possibly within the laboratory's own limit of 20
        (a_value("platelets", "25", CELLS, "20", comparator=BELOW), None),
        (a_value("platelets", "20", CELLS, "20", comparator=BELOW), 4),
        (a_value("ALT", "800", "U/L", None, "40", comparator=ABOVE), 4),
        (a_value("ALT", "799", "U/L", None, "40", comparator=ABOVE), None),
        (a_value("ALT", "40", "U/L", None, "40", comparator=BELOW), None),
        (a_value("triglycerides", "1000", "mg/dL", None, comparator=ABOVE), 4),
        (a_value("platelets", "25", CELLS, None, comparator=BELOW), 4),
    ],
    ids=str,
)
def test_a_censored_value_is_graded_only_where_it_is_certain(
    value: LaboratoryValue, grade: int | None
) -> None:
    assert graded(value).grade == grade


def test_a_censored_value_says_what_is_possible() -> None:
    value = a_value("platelets", "26", CELLS, "150", comparator=BELOW)
    assert graded(value).why == "it is censored: from grade 3 to grade 4 is possible"
    value = a_value("ALT", "30", "U/L", None, "40", comparator=ABOVE)
    assert graded(value).why == "it is censored: from no grade to grade 4 is possible"


def test_the_comparison_that_gave_a_grade_is_told_with_its_numbers() -> None:
    assert graded(a_value("ALT", "130", "U/L", upper="40")).why == "above 120 U/L (3 × the ULN)"
    assert graded(a_value("platelets", "40", CELLS, "150")).why == "below 50 10*9/L"
    assert graded(a_value("triglycerides", "150", "mg/dL")).why == "at or above 150 mg/dL"


# A second implementation, in whole millionths and written out test by test.

MILLION = 1_000_000


def _millionths(*numbers: str) -> tuple[int, ...]:
    return tuple(int(Decimal(number) * MILLION) for number in numbers)


RISING_IN_UNIT = {
    ("cholesterol", "mg/dL"): _millionths("300", "400", "500"),
    ("cholesterol", "mmol/L"): _millionths("7.75", "10.34", "12.92"),
    ("triglycerides", "mg/dL"): _millionths("300", "500", "1000"),
    ("triglycerides", "mmol/L"): _millionths("3.42", "5.7", "11.4"),
}
FALLING_IN_UNIT = {
    ("haemoglobin", "g/dL"): _millionths("10", "8"),
    ("haemoglobin", "g/L"): _millionths("100", "80"),
    ("platelets", CELLS): _millionths("75", "50", "25"),
    ("neutrophils", CELLS): _millionths("1.5", "1", "0.5"),
    ("white cells", CELLS): _millionths("3", "2", "1"),
    ("lymphocytes", CELLS): _millionths("0.8", "0.5", "0.2"),
    ("potassium", "mmol/L"): _millionths("3", "2.5"),
    ("potassium", "meq/L"): _millionths("3", "2.5"),
    ("albumin", "g/L"): _millionths("30", "20"),
    ("albumin", "g/dL"): _millionths("3", "2"),
    ("glucose", "mmol/L"): _millionths("3", "2.2", "1.7"),
    ("glucose", "mg/dL"): _millionths("55", "40", "30"),
}
TOO_MUCH_POTASSIUM = _millionths("5.5", "6", "7")
# CTCAE v6.0: what differs.
FALLING_6 = {
    ("platelets", CELLS): _millionths("75", "50", "10"),
    ("neutrophils", CELLS): _millionths("1.5", "1", "0.5", "0.1"),
}
HIGH_GLUCOSE_6 = {
    "mg/dL": _millionths("160", "250", "500"),
    "mmol/L": _millionths("8.9", "13.9", "27.8"),
}
TENTHS_OF_ULN = {
    "ALT": (30, 50, 200),
    "AST": (30, 50, 200),
    "GGT": (25, 50, 200),
    "bilirubin": (15, 30, 100),
    "creatinine": (15, 30, 60),
}


def by_the_table(  # noqa: C901, PLR0911, PLR0912, PLR0913 - written out test by test
    test: str, unit: str, x: int, limit: int, which: str = "", *, six: bool = False
) -> int:
    """Return the grade of x millionths with the one limit that is given, 0 for none."""
    grade = 0
    if six and test == "lymphocytes":
        return 0
    if six and test == "neutrophils":
        return sum(x < figure for figure in FALLING_6[test, unit])
    if six and test == "platelets":
        return (x < limit) + sum(x < figure for figure in FALLING_6[test, unit])
    if test == "fibrinogen":
        absolute = {"g/L": 500_000, "mg/dL": 50 * MILLION}[unit]
        if x < absolute or 4 * x < limit:
            return 4
        return 3 if 2 * x < limit else 2 if 4 * x < 3 * limit else 1 if x < limit else 0
    if test.endswith("glucose"):
        if which == "lower" and x < limit:
            return 1 + sum(x < figure for figure in FALLING_IN_UNIT["glucose", unit])
        low = 1 + sum(x < figure for figure in FALLING_IN_UNIT["glucose", unit])
        if which == "upper" and low > 1:
            return low
        if not six:
            return 0
        second, third, fourth = HIGH_GLUCOSE_6[unit]
        if test == "glucose":
            return 4 if x > fourth else 3 if x > third else 0
        grade = 1 + (x > second) + (x > third) + (x > fourth)
        return grade if grade > 1 or (which == "upper" and x > limit) else 0
    if test in TENTHS_OF_ULN:
        second, third, fourth = TENTHS_OF_ULN[test]
        grade += x > limit
        grade += x > limit and 10 * x > second * limit
        grade += x > limit and 10 * x > third * limit
        grade += x > limit and 10 * x > fourth * limit
    elif (test, unit) in RISING_IN_UNIT:
        second, third, fourth = RISING_IN_UNIT[test, unit]
        first = {"mg/dL": 150 * MILLION - 1, "mmol/L": 1_709_999}[unit]
        begin = first if test == "triglycerides" else limit
        grade += (x > begin) + (x > second) + (x > third) + (x > fourth)
    elif test == "potassium":
        high = sum(x > figure for figure in TOO_MUCH_POTASSIUM)
        if high:
            return 1 + high
        if which == "upper" and x > limit:
            return 1
        low = 1 if which == "lower" and x < limit else 0
        return 4 if x < 2_500_000 else 3 if x < 3_000_000 else low
    else:
        grade += (x < limit) + sum(x < figure for figure in FALLING_IN_UNIT[test, unit])
    return grade


# test, unit, which limit applies, limits to draw from (on the normal side of the first figure)
KINDS: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("ALT", "U/L", "upper", ("30", "40.5", "55")),
    ("AST", "U/L", "upper", ("35", "80")),
    ("GGT", "U/L", "upper", ("22", "60", "200")),
    ("bilirubin", "umol/L", "upper", ("17", "20.5")),
    ("creatinine", "mg/dL", "upper", ("0.35", "0.7")),
    ("creatinine", "umol/L", "upper", ("30", "62")),
    ("cholesterol", "mg/dL", "upper", ("170", "200")),
    ("cholesterol", "mmol/L", "upper", ("4.4", "5.2")),
    ("triglycerides", "mg/dL", "upper", ("100", "150")),
    ("triglycerides", "mmol/L", "upper", ("1.1", "1.7")),
    ("haemoglobin", "g/dL", "lower", ("10.5", "11.5")),
    ("haemoglobin", "g/L", "lower", ("105", "115")),
    ("platelets", CELLS, "lower", ("150", "200")),
    ("neutrophils", CELLS, "lower", ("1.5", "2")),
    ("white cells", CELLS, "lower", ("4", "5.5")),
    ("lymphocytes", CELLS, "lower", ("1.0", "3")),
    ("potassium", "mmol/L", "lower", ("3.3", "3.5")),
    ("potassium", "mmol/L", "upper", ("4.8", "5.5")),
    ("potassium", "meq/L", "upper", ("5", "5.3")),
    ("albumin", "g/L", "lower", ("32", "35")),
    ("albumin", "g/dL", "lower", ("3.2", "3.8")),
    ("fibrinogen", "g/L", "lower", ("1.6", "2")),
    ("fibrinogen", "mg/dL", "lower", ("160", "240")),
    ("glucose", "mmol/L", "lower", ("3.3", "3.9")),
    ("glucose", "mmol/L", "upper", ("5.6", "7")),
    ("fasting glucose", "mmol/L", "upper", ("5.6", "7")),
    ("fasting glucose", "mg/dL", "upper", ("100", "120")),
    ("fasting glucose", "mg/dL", "lower", ("60", "70")),
]


def edges_of(test: str, unit: str, limit: int) -> Iterable[int]:
    yield limit
    yield from (tenths * limit // 10 for tenths in TENTHS_OF_ULN.get(test, ()))
    yield from RISING_IN_UNIT.get((test, unit), ())
    yield from FALLING_6.get((test, unit), ())
    if test == "potassium":
        yield from TOO_MUCH_POTASSIUM
    if test == "fibrinogen":
        yield from (limit // 4, limit // 2, 3 * limit // 4)
        yield {"g/L": 500_000, "mg/dL": 50 * MILLION}[unit]
    if test.endswith("glucose"):
        yield from HIGH_GLUCOSE_6[unit]
        yield from FALLING_IN_UNIT["glucose", unit]
    yield from FALLING_IN_UNIT.get((test, unit), ())
    yield from {"mg/dL": [150 * MILLION], "mmol/L": [1_710_000]}.get(unit, [])


def a_random_number(draw: random.Random, test: str, unit: str, limit: int) -> int:
    """Return an edge, a number next to one, or any number."""
    edges = list(edges_of(test, unit, limit))
    near = draw.choice(edges) + draw.choice((-1, 0, 1))
    return draw.choice((near, draw.randrange(0, 2 * max(edges))))


@sizes(2_000, 10_000)
def test_a_second_implementation_agrees_on_random_values(size: int) -> None:
    draw = random.Random(5)
    seen: set[tuple[str, int]] = set()
    for _ in range(size):
        test, unit, which, limits = draw.choice(KINDS)
        limit = draw.choice(limits)
        millionths = int(Decimal(limit) * MILLION)
        x = max(0, a_random_number(draw, test, unit, millionths))
        value = a_value(
            test,
            Decimal(x) / MILLION,
            unit,
            limit if which == "lower" else None,
            limit if which == "upper" else None,
        )
        for scale in (CTCAE_5, CTCAE_6):
            expected = by_the_table(test, unit, x, millionths, which, six=scale == CTCAE_6)
            assert (graded(value, scale=scale).grade or 0) == expected, (scale, value)
            seen.add((scale, expected))
    assert seen == {(scale, grade) for scale in (CTCAE_5, CTCAE_6) for grade in range(5)}


@sizes(600, 3_000)
def test_a_second_implementation_agrees_on_censored_values(size: int) -> None:
    """Every possible number is tried: the edges, their neighbours, the ends, the middle."""
    draw = random.Random(6)
    certain = 0
    for _ in range(size):
        test, unit, which, limits = draw.choice(KINDS)
        limit = draw.choice(limits)
        millionths = int(Decimal(limit) * MILLION)
        x = max(1, a_random_number(draw, test, unit, millionths))
        comparator = draw.choice(list(Comparator))
        highest = 100 * max(*edges_of(test, unit, millionths), x)
        marks = [
            mark + beside
            for mark in (*edges_of(test, unit, millionths), x, highest, 0)
            for beside in (-1, 0, 1)
        ]
        possible = [
            mark for mark in marks if (mark < x if comparator is Comparator.BELOW else mark > x)
        ]
        scale = draw.choice((CTCAE_5, CTCAE_6))
        grades = {
            by_the_table(test, unit, mark, millionths, which, six=scale == CTCAE_6)
            for mark in possible
            if mark >= 0
        }
        value = a_value(
            test,
            Decimal(x) / MILLION,
            unit,
            limit if which == "lower" else None,
            limit if which == "upper" else None,
            comparator=comparator,
        )
        expected = grades.pop() if len(grades) == 1 else 0
        assert (graded(value, scale=scale).grade or 0) == expected, (scale, value)
        certain += expected > 0
    assert certain > size / 30


@sizes(1_000, 5_000)
def test_a_second_implementation_agrees_on_baselines(size: int) -> None:
    draw = random.Random(7)
    starts = {"ALT": 15, "AST": 15, "GGT": 20, "bilirubin": 10}
    for _ in range(size):
        test = draw.choice(list(TENTHS_OF_ULN))
        unit = "umol/L" if test in {"bilirubin", "creatinine"} else "U/L"
        limit, base = draw.choice((20, 40, 55)), draw.choice((10, 20, 40, 41, 60, 100))
        second, third, fourth = TENTHS_OF_ULN[test]
        edges = [
            tenths * of // 10
            for of in (limit * MILLION, base * MILLION)
            for tenths in (10, starts.get(test, 10), second, third, fourth)
        ]
        x = draw.choice(edges) + draw.choice((-1, 0, 1))
        baseline = a_value(test, str(base), unit, upper=str(limit))
        value = a_value(test, Decimal(x) / MILLION, unit, upper=str(limit))
        if test == "creatinine":
            expected = by_the_table(test, unit, x, limit * MILLION)
            if x > 3 * base * MILLION:
                expected = max(expected, 3)
            elif 10 * x > 15 * base * MILLION:
                expected = max(expected, 2)
        elif base > limit:
            by_base = by_the_table(test, unit, x, base * MILLION)
            start = starts[test] * base * MILLION
            begun = 10 * x > start if test == "bilirubin" else 10 * x >= start
            expected = by_base if begun else 0
        else:
            expected = by_the_table(test, unit, x, limit * MILLION)
        assert (graded(value, baseline).grade or 0) == expected, (value, base)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("SGPT", "ALT"), ("alat", "ALT"), ("ALT (SGPT)", "ALT"), ("1742-6", "ALT"),
        ("SGOT", "AST"), ("ASAT", "AST"), ("1920-8", "AST"), ("γ-GT", "GGT"), ("2324-2", "GGT"),
        ("Total Bilirubin", "bilirubin"), ("1975-2", "bilirubin"), ("Crea", "creatinine"),
        ("2160-0", "creatinine"), ("14682-9", "creatinine"), ("2093-3", "cholesterol"),
        ("TG", "triglycerides"), ("2571-8", "triglycerides"), ("Hb", "haemoglobin"),
        ("Hemoglobin", "haemoglobin"), ("718-7", "haemoglobin"), ("PLT", "platelets"),
        ("777-3", "platelets"), ("ANC", "neutrophils"), ("751-8", "neutrophils"),
        ("WBC", "white cells"), ("Leukocytes", "white cells"), ("6690-2", "white cells"),
        ("731-0", "lymphocytes"), ("K+", "potassium"), ("2823-3", "potassium"),
        ("2345-7", "glucose"), ("2777-1", "phosphate"), ("1751-7", "albumin"),
        ("fasting glucose", "glucose"), ("Clauss fibrinogen", "fibrinogen"), ("A1c", "HbA1c"),
        ("D-Dimers", "D-dimer"), ("Immunoglobulin G", "IgG"), ("Hct", "haematocrit"),
        ("mean cell volume", "MCV"), ("urine dipstick", "urine protein"),
        ("2890-2", "urine protein/creatinine"), ("8480-6", "systolic blood pressure"),
        ("8462-4", "diastolic blood pressure"),
    ],
)  # fmt: skip
def test_a_test_is_found_by_name_synonym_and_code(typed: str, name: str) -> None:
    test = find_test(typed)
    assert test is not None
    assert test.name == name


@pytest.mark.parametrize(
    "typed",
    ["HDL cholesterol", "LDL", "direct bilirubin", "urine creatinine", "ALP", "ALTT", "", "[/]",
     "<img src=x>", "=1+1", "\N{RIGHT-TO-LEFT OVERRIDE}TLA", "Łukasz", "x" * 5000],
)  # fmt: skip
def test_what_is_another_test_or_none_is_not_taken_for_one(typed: str) -> None:
    assert find_test(typed) is None


def test_no_name_belongs_to_two_tests() -> None:
    for test in TESTS:
        for name in (test.name, *test.synonyms, *test.loinc):
            assert find_test(name) == test


def test_the_wording_of_a_scale_names_its_figures() -> None:
    assert scale_wording(SCALES["ALT, AST increased"])[3].startswith("above 5 to 20 × ULN")
    assert scale_wording(SCALES["Creatinine increased"])[3] == (
        "above 3 to 6 × ULN, or above 3 × baseline"
    )
    assert scale_wording(SCALES["Hypertriglyceridaemia"])[1] == (
        "from 150 mg/dL (1.71 mmol/L) to 300 mg/dL (3.42 mmol/L)"
    )
    assert 2 not in scale_wording(SCALES["Hypokalaemia"])
