"""Blood pressure: the Fourth Report in children, the AAP from 13 years, CTCAE v5.0 in adults."""

import random
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import pytest

from dosing import Age, Sex
from dosing.gestational_age import GestationalAge
from dosing.knowledge.blood_pressure import CENTILES, DIASTOLIC, REGRESSIONS, SYSTOLIC
from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
from monitoring.laboratory.cuts import Grading
from monitoring.laboratory.grading import grade_value
from monitoring.laboratory.subject import Subject
from monitoring.laboratory.tests import find_test
from tests.builders import a_laboratory_value, a_measurement, a_patient, a_record, day
from tests.campaign import sizes

TEN = Decimal(10)


@pytest.mark.parametrize(("centile", "mmhg"), [(90, "115.9"), (95, "119.8"), (99, "127.1")])
def test_the_check_point_of_the_fourth_report(centile: int, mmhg: str) -> None:
    """A boy of 10 years at the median height: course of treatment, section 11."""
    row = REGRESSIONS[Sex.MALE, SYSTOLIC]
    assert round(row.expected(TEN, Decimal(0))) == 102
    assert round(row.centile(centile, TEN, Decimal(0)), 1) == Decimal(mmhg)


def test_the_deviates_are_those_of_the_normal_distribution() -> None:
    for centile, deviate in CENTILES.items():
        assert float(deviate) == pytest.approx(NormalDist().inv_cdf(centile / 100), abs=1e-6)


def graded(pressure: str, mmhg: str, **known: Any) -> Grading:
    test = find_test(f"{pressure} blood pressure")
    assert test is not None
    value = a_laboratory_value(test.name, f"{mmhg} mmHg")
    return grade_value(test, value, None, Subject(**known))


BOY: dict[str, Any] = {"age": Age("10 years"), "sex": Sex.MALE, "height_z": Decimal(0)}


@pytest.mark.parametrize(
    ("mmhg", "grade"),
    [
        ("115", None),
        ("115.926", None),  # the 90th is 102.19768 + 1.2815516 × 10.7128 = 115.92669
        ("115.927", 1),
        ("116", 1),
        ("119.818", 1),  # the 95th: 119.81867
        ("119.819", 2),
        ("132.119", 2),  # the 99th is 127.11938, and 5 above it
        ("132.120", 3),
        ("180", 3),
    ],
)
def test_a_boy_of_ten_at_the_median_height(mmhg: str, grade: int | None) -> None:
    assert graded(SYSTOLIC, mmhg, **BOY).grade == grade


@pytest.mark.parametrize(
    ("pressure", "mmhg", "grade"),
    [
        # elevated 120, stage 1 130/80, stage 2 140/90; no height: the AAP alone
        (SYSTOLIC, "119", None),
        (SYSTOLIC, "120", 1),
        (SYSTOLIC, "129", 1),
        (SYSTOLIC, "130", 2),
        (SYSTOLIC, "139", 2),
        (SYSTOLIC, "140", 3),
        (DIASTOLIC, "79", None),
        (DIASTOLIC, "80", 2),
        (DIASTOLIC, "89", 2),
        (DIASTOLIC, "90", 3),
    ],
)
def test_from_13_years_the_aap_needs_no_height(pressure: str, mmhg: str, grade: int | None) -> None:
    known: dict[str, Any] = {"age": Age("13 years"), "sex": Sex.FEMALE}
    assert graded(pressure, mmhg, **known).grade == grade
    before = graded(pressure, mmhg, **known | {"age": Age("12.99 years")})
    assert (before.grade, before.why) == (None, "no height is recorded up to that day: no centile")


def test_the_higher_of_centile_and_aap_counts_and_both_are_shown() -> None:
    # boy of 13, z 0: 102.19768 + 3 × 1.82416 + 9 × 0.12776 + 27 × 0.00249 - 81 × 0.00135
    # = 108.778, 95th 126.40
    known: dict[str, Any] = {"age": Age("13 years"), "sex": Sex.MALE, "height_z": Decimal(0)}
    grading = graded(SYSTOLIC, "127", **known)
    assert grading.grade == 2
    assert "grade 2: at or above 126.4 mm[Hg] (95th centile, Fourth Report" in grading.why
    assert "grade 1: at or above 120 mm[Hg] (AAP 2017)" in grading.why
    grading = graded(SYSTOLIC, "141", **known)
    assert grading.grade == 3
    assert grading.remark is not None


@pytest.mark.parametrize(
    ("pressure", "mmhg", "grade"),
    [
        (SYSTOLIC, "119", None),
        (SYSTOLIC, "120", 1),
        (SYSTOLIC, "139", 1),
        (SYSTOLIC, "140", 2),
        (SYSTOLIC, "159", 2),
        (SYSTOLIC, "160", 3),
        (DIASTOLIC, "79", None),
        (DIASTOLIC, "80", 1),
        (DIASTOLIC, "89", 1),
        (DIASTOLIC, "90", 2),
        (DIASTOLIC, "99", 2),
        (DIASTOLIC, "100", 3),
    ],
)
def test_an_adult_is_graded_by_figures(pressure: str, mmhg: str, grade: int | None) -> None:
    assert graded(pressure, mmhg, age=Age("18 years")).grade == grade


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"age": Age("11.9 months")}, "under 1 year there are no centiles for it in this program"),
        ({"age": Age("12 months"), "sex": Sex.MALE}, "no height is recorded up to that day"),
        ({"age": Age("5 years"), "height_z": Decimal(0)}, "the sex is not known: no centile"),
        (
            {"age": Age("5 years"), "height_z": Decimal(0), "sex": Sex.OTHER},
            "the sex is not known: no centile",
        ),
        ({}, "the age is not known"),
    ],
)
def test_what_has_no_centile_says_so(known: dict[str, Any], why: str) -> None:
    grading = graded(SYSTOLIC, "150", **known)
    assert grading.grade is None
    assert grading.why.startswith(why)


# A second implementation, in binary floating point, from the table typed by hand.
TABLE = {
    ("male", "systolic"): (
        102.19768, (1.82416, 0.12776, 0.00249, -0.00135),
        (2.73157, -0.19618, -0.04659, 0.00947), 10.7128,
    ),
    ("male", "diastolic"): (
        61.01217, (0.68314, -0.09835, 0.01711, 0.00045),
        (1.46993, -0.07849, -0.03144, 0.00967), 11.6032,
    ),
    ("female", "systolic"): (
        102.01027, (1.94397, 0.00598, -0.00789, -0.00059),
        (2.03526, 0.02534, -0.01884, 0.00121), 10.4855,
    ),
    ("female", "diastolic"): (
        60.50510, (1.01301, 0.01157, 0.00424, -0.00137),
        (1.16641, 0.12795, -0.03869, -0.00079), 10.9573,
    ),
}  # fmt: skip


def by_the_report(sex: Sex, pressure: str, years: float, z: float, mmhg: int) -> int:
    """Return the grade by the percentile of a pressure: taken the other way round."""
    a, b, c, sigma = TABLE[sex.value, pressure]
    x, h = years - 10, max(-3.0, min(3.0, z))
    expected = a + b[0] * x + b[1] * x * x + b[2] * x**3 + b[3] * x**4
    expected += c[0] * h + c[1] * h * h + c[2] * h**3 + c[3] * h**4
    share = NormalDist().cdf((mmhg - expected) / sigma)
    above = NormalDist().cdf((mmhg - 5 - expected) / sigma)
    return 3 if above > 0.99 else 2 if share >= 0.95 else 1 if share >= 0.90 else 0


@sizes(1_000, 10_000)
def test_a_second_implementation_agrees_on_random_children(size: int) -> None:
    draw, seen = random.Random(8), set()
    for _ in range(size):
        sex, pressure = draw.choice((Sex.FEMALE, Sex.MALE)), draw.choice((SYSTOLIC, DIASTOLIC))
        months, z = draw.randint(12, 155), draw.randint(-400, 400) / 100
        mmhg = draw.randint(90, 150) if pressure == SYSTOLIC else draw.randint(50, 110)
        expected = by_the_report(sex, pressure, months / 12, z, mmhg)
        grading = graded(
            pressure, str(mmhg), age=Age(f"{months} months"), sex=sex, height_z=Decimal(str(z))
        )
        assert (grading.grade or 0) == expected, (sex, pressure, months, z, mmhg)
        seen.add(expected)
    assert seen == {0, 1, 2, 3}


# In the record.


def of(
    mmhg: str,
    *,
    height: str | None = "138 cm",
    when: str = "2026-11-15T08:00",
    born: str = "2016-11-01",
    sex: Sex = Sex.MALE,
    **more: Any,
) -> LaboratoryAssessment:
    measured = [a_measurement(None, height, "2026-11-01")] if height else []
    value = a_laboratory_value("systolic", f"{mmhg} mmHg", when)
    patient = a_patient(born=day(born), sex=sex, **more)
    return assess_laboratory(a_record(*measured, value, patient=patient))[-1]


def test_the_height_of_the_record_is_compared_with_the_who_tables() -> None:
    assessment = of("121")  # WHO median at 10 years 137.8 cm: the 95th centile is about 120
    assert assessment.grade == 2
    assert assessment.working is not None
    assert "by WHO" in assessment.working
    assert (assessment.graded_as, assessment.matching_event) == ("Hypertension", "hypertension")


def test_a_height_measured_later_is_not_used() -> None:
    assert of("120", when="2026-10-31T08:00").grade is None
    assert of("120", height=None).not_graded_because == (
        "no height is recorded up to that day: no centile"
    )


@pytest.mark.parametrize("sex", [Sex.OTHER, Sex.UNKNOWN])
@pytest.mark.parametrize("mmhg", ["110", "116", "121", "134"])
def test_without_a_sex_of_the_tables_the_higher_grade_counts_and_both_are_shown(
    sex: Sex, mmhg: str
) -> None:
    either = of(mmhg, sex=sex)
    girl, boy = of(mmhg, sex=Sex.FEMALE), of(mmhg, sex=Sex.MALE)
    assert (either.grade or 0) == max(girl.grade or 0, boy.grade or 0)
    words = either.working or either.not_graded_because or ""
    for name, one in (("female", girl), ("male", boy)):
        assert f"as {name}, " in words
        assert (one.working or one.not_graded_because or "") in words


def test_what_both_sexes_lack_is_said_once() -> None:
    assert of("120", height=None, sex=Sex.UNKNOWN).not_graded_because == (
        "no height is recorded up to that day: no centile"
    )


def test_the_height_of_a_preterm_child_is_compared_at_the_corrected_age() -> None:
    """Born on 1 October 2025, 12 weeks early: 13 months old, and in growth 10 months."""
    born: dict[str, Any] = {"born": "2025-10-01", "height": "74 cm"}
    early = of("100", **born, gestation=GestationalAge.read("28+0"))
    term = of("100", **born)
    assert "by WHO at the corrected age" in (early.working or early.not_graded_because or "")
    assert "corrected" not in (term.working or term.not_graded_because or "")
    older = of("121", gestation=GestationalAge.read("28+0"))
    assert "corrected" not in (older.working or "")
