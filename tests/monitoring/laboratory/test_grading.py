"""Grades by number: the table of CTCAE v5.0 (clinical reference, section 8), typed by hand.

NCI, Common Terminology Criteria for Adverse Events v5.0, 2017. The multiples of an abnormal
baseline at which grade 1 begins (ALT and AST 1.5, GGT 2.0, bilirubin above 1.0) are those of its
own table.
"""

import random
from collections.abc import Iterable
from decimal import Decimal

import pytest

from dosing.knowledge.laboratory_grades import SCALES, scale_wording
from monitoring.laboratory.grading import Grading, grade_value
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


def graded(value: LaboratoryValue, baseline: LaboratoryValue | None = None) -> Grading:
    test = find_test(value.test)
    assert test is not None
    return grade_value(test, value, baseline)


@pytest.mark.parametrize(
    ("test", "unit", "lower", "upper", "edge", "below", "on", "above"), EDGES, ids=str
)
def test_every_threshold_below_at_and_above(  # noqa: PLR0913 - the columns of the table
    *,
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
    grades = [graded(a_value(test, number, unit, lower, upper)).grade for number in numbers]
    assert grades == [below, on, above]


def test_the_table_of_edges_covers_every_scale_and_unit_with_figures() -> None:
    covered = {(test, unit) for test, unit, *_ in EDGES}
    assert covered == {(test.name, unit) for test in TESTS if test.scale for unit in test.units}
    assert {test.scale for test in TESTS if test.scale} == set(SCALES)


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
    assert grading == Grading(None, "the baseline was abnormal and is in mg/dL")


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
    assert graded(value) == Grading(None, why)


def test_a_missing_limit_hides_no_serious_grade_that_needs_none() -> None:
    assert graded(a_value("platelets", "74", CELLS)).grade == 2
    assert graded(a_value("platelets", "20", CELLS)).grade == 4
    assert graded(a_value("cholesterol", "501", "mg/dL")).grade == 4


@pytest.mark.parametrize(
    ("test", "number", "unit", "event"),
    [
        ("glucose", "30", "mmol/L", "hyperglycaemia"),
        ("phosphate", "0.2", "mmol/L", "hypophosphataemia"),
        ("UPCR", "2.5", "mg/mg", "proteinuria"),
        ("systolic", "190", "mm[Hg]", "hypertension"),
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
}
TENTHS_OF_ULN = {
    "ALT": (30, 50, 200),
    "AST": (30, 50, 200),
    "GGT": (25, 50, 200),
    "bilirubin": (15, 30, 100),
    "creatinine": (15, 30, 60),
}


def by_the_table(test: str, unit: str, x: int, limit: int) -> int:
    """Return the grade of x millionths with the limit that applies, 0 for none."""
    grade = 0
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
        grade = 4 if x < 2_500_000 else 3 if x < 3_000_000 else 1 if x < limit else 0
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
]


def edges_of(test: str, unit: str, limit: int) -> Iterable[int]:
    yield limit
    yield from (tenths * limit // 10 for tenths in TENTHS_OF_ULN.get(test, ()))
    yield from RISING_IN_UNIT.get((test, unit), ())
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
    seen: set[int] = set()
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
        expected = by_the_table(test, unit, x, millionths)
        assert (graded(value).grade or 0) == expected, value
        seen.add(expected)
    assert seen == {0, 1, 2, 3, 4}


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
        grades = {by_the_table(test, unit, mark, millionths) for mark in possible if mark >= 0}
        value = a_value(
            test,
            Decimal(x) / MILLION,
            unit,
            limit if which == "lower" else None,
            limit if which == "upper" else None,
            comparator=comparator,
        )
        expected = grades.pop() if len(grades) == 1 else 0
        assert (graded(value).grade or 0) == expected, value
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
