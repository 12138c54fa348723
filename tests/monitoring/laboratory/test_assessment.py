"""Laboratory values in their record: baseline, urgency, platelets and the disease."""

from dataclasses import replace
from decimal import Decimal

import pytest

from dosing import AlertKind, UserError
from dosing.knowledge.adverse_event_terms import TERMS
from monitoring.adverse_events.finder import known_term
from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
from monitoring.laboratory.tests import TESTS
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Comparator
from monitoring.record.patient import Anomaly
from tests.builders import a_dose, a_laboratory_value, a_patient, a_record, at, voided

DOSE = a_dose("2026-11-01T08:00")


def alt(value: str, when: str, upper: str = "40 U/L") -> LaboratoryValue:
    return a_laboratory_value("ALT", value, when, upper=upper)


def last(record: Record) -> LaboratoryAssessment:
    return assess_laboratory(record)[-1]


def of(*entries: Entry) -> LaboratoryAssessment:
    return last(a_record(*entries))


def codes(assessment: LaboratoryAssessment) -> dict[str, AlertKind]:
    return {alert.code: alert.kind for alert in assessment.alerts}


def test_a_graded_value_offers_the_matching_event() -> None:
    assessment = of(alt("130 U/L", "2026-11-15T08:00"))
    assert (assessment.grade, assessment.graded_as) == (2, "ALT, AST increased")
    assert assessment.matching_event == "raised liver enzymes"
    assert assessment.working == "above 120 U/L (3 × the ULN)"
    assert assessment.limits == "ULN 40 U/L"
    assert assessment.not_graded_because is None


def test_a_normal_value_has_no_grade_and_says_so() -> None:
    assessment = of(alt("40 U/L", "2026-11-15T08:00"))
    assert (assessment.grade, assessment.graded_as, assessment.matching_event) == (None,) * 3
    assert assessment.not_graded_because == "it is not above 40 U/L (the ULN)"
    assert assessment.alerts == ()


def test_every_graded_test_matches_a_known_event_that_is_graded_alike() -> None:
    by_name = {term.name: term for term in TERMS}
    for test in TESTS:
        for scale, event in test.events:
            term = by_name[event]
            assert known_term(event) is term
            # v5.0 has no figures for hyperglycaemia: the event is graded by what was done
            assert term.graded_as == (None if scale == "Hyperglycaemia" else scale)


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("2026-10-31T08:00", "31 Oct 2026"),
        ("2026-11-01T08:00", "1 Nov 2026"),
        ("2026-11-01T08:01", ""),
    ],
)
def test_the_baseline_is_the_last_value_up_to_the_first_dose(when: str, day: str) -> None:
    assessment = of(alt("60 U/L", when), DOSE, alt("100 U/L", "2026-11-15T08:00"))
    assert (assessment.baseline is not None) == bool(day)
    if day:
        assert assessment.working == "at or above 90 U/L (1.5 × the abnormal baseline)"
        assert assessment.limits == f"ULN 40 U/L, baseline 60 U/L on {day}"


def test_of_several_values_before_the_first_dose_the_last_counts() -> None:
    assessment = of(
        alt("60 U/L", "2026-10-31T08:00"),
        alt("300 U/L", "2026-10-01T08:00"),
        a_laboratory_value("AST", "500 U/L", "2026-10-31T20:00", upper="40 U/L"),
        DOSE,
        alt("100 U/L", "2026-11-15T08:00"),
    )
    assert assessment.baseline is not None
    assert str(assessment.baseline.entry) == "ALT 60 U/L"


def test_a_censored_or_voided_value_is_no_baseline() -> None:
    censored = replace(alt("60 U/L", "2026-10-31T08:00"), comparator=Comparator.ABOVE)
    assert of(censored, DOSE, alt("100 U/L", "2026-11-15T08:00")).baseline is None
    record = a_record(alt("60 U/L", "2026-10-31T08:00"), DOSE, alt("9 U/L", "2026-11-15T08:00"))
    assert last(voided(record, 2)).baseline is None


def test_a_loading_dose_is_a_first_dose() -> None:
    load = a_dose("2026-10-20T08:00", "2", loading=True)
    before = alt("60 U/L", "2026-10-25T08:00")
    assert of(before, load, DOSE, alt("100 U/L", "2026-11-15T08:00")).baseline is None


def test_a_value_before_the_first_dose_has_no_baseline() -> None:
    first, second = assess_laboratory(
        a_record(alt("60 U/L", "2026-10-01T08:00"), alt("61 U/L", "2026-10-02T08:00"), DOSE)
    )
    assert (first.baseline, second.baseline) == (None, None)
    assert (first.grade, second.grade) == (1, 1)


def test_a_value_of_the_moment_of_the_first_dose_is_no_baseline_of_its_own() -> None:
    assessment = of(alt("60 U/L", "2026-10-01T08:00"), DOSE, alt("61 U/L", "2026-11-01T08:00"))
    assert (assessment.baseline, assessment.grade) == (None, 1)


def test_without_any_dose_there_is_no_baseline() -> None:
    assert of(alt("60 U/L", "2026-10-01T08:00"), alt("61 U/L", "2026-10-02T08:00")).baseline is None


def test_creatinine_says_that_its_baseline_is_in_another_unit() -> None:
    assessment = of(
        a_laboratory_value("creatinine", "0.2 mg/dL", "2026-10-31T08:00", upper="0.5 mg/dL"),
        DOSE,
        a_laboratory_value("creatinine", "35 umol/L", "2026-11-15T08:00", upper="40 umol/L"),
    )
    assert codes(assessment) == {"baseline-unit": AlertKind.NOTE}


@pytest.mark.parametrize(
    ("value", "urgent"), [("200 U/L", False), ("201 U/L", True), ("900 U/L", True)]
)
def test_grade_3_or_more_is_urgent(value: str, *, urgent: bool) -> None:
    found = codes(of(alt(value, "2026-11-15T08:00")))
    assert found == ({"grade-3-or-more": AlertKind.URGENT} if urgent else {})


def test_a_value_that_a_later_one_follows_is_not_urgent_any_more() -> None:
    record = a_record(alt("900 U/L", "2026-11-15T08:00"), alt("50 U/L", "2026-11-20T08:00"))
    first, _ = assess_laboratory(record)
    assert codes(first) == {"grade-3-or-more": AlertKind.NOTE}
    assert "A later value of ALT is recorded." in first.alerts[0].message
    first, _ = assess_laboratory(voided(record, 3))
    assert codes(first) == {"grade-3-or-more": AlertKind.URGENT}


def test_a_voided_value_is_not_graded() -> None:
    assessment = last(voided(a_record(alt("900 U/L", "2026-11-15T08:00")), 2))
    assert (assessment.grade, assessment.alerts) == (None, ())
    assert assessment.not_graded_because == "it was voided"


def test_an_unknown_test_is_said_to_be_unknown() -> None:
    assessment = of(a_laboratory_value("<img src=x> [/]", "9 U/L", "2026-11-15T08:00"))
    assert assessment.not_graded_because == '"<img src=x> [/]" is not among the tests known here'


@pytest.mark.parametrize(
    ("test", "value", "limits", "told"),
    [
        ("potassium", "3.2 mmol/L", {"lower": "3.5 mmol/L"}, "It is grade 2"),
        ("haemoglobin", "7 g/dL", {"lower": "11 g/dL"}, "Grade 4 is a clinical judgement"),
    ],
)
def test_what_the_number_cannot_tell_is_told(
    test: str, value: str, limits: dict[str, str], told: str
) -> None:
    assessment = of(a_laboratory_value(test, value, "2026-11-15T08:00", **limits))
    (note,) = (alert for alert in assessment.alerts if alert.code == "beyond-the-number")
    assert told in note.message


def platelets(value: str, when: str) -> LaboratoryValue:
    return a_laboratory_value("PLT", value, when, lower="150 10*9/L")


def with_anomaly(anomaly: Anomaly, *entries: Entry) -> LaboratoryAssessment:
    return last(a_record(*entries, patient=a_patient(anomaly=anomaly)))


KHE = Anomaly.KHE_OR_TUFTED_ANGIOMA
CODE = "kasabach-merritt-platelets"


def test_low_platelets_in_khe_are_compared_with_the_baseline_first() -> None:
    entries = (
        platelets("60 10*9/L", "2026-10-30T08:00"),
        DOSE,
        platelets("40 10*9/L", "2026-11-15T08:00"),
    )
    (alert,) = (each for each in with_anomaly(KHE, *entries).alerts if each.code == CODE)
    assert alert.kind is AlertKind.CAUTION
    assert "60 10*9/L on 30 Oct 2026" in alert.message
    assert "Kasabach-Merritt phenomenon" in alert.message


def test_low_platelets_in_khe_without_a_baseline_say_so() -> None:
    (alert,) = with_anomaly(KHE, DOSE, platelets("140 10*9/L", "2026-11-15T08:00")).alerts
    assert alert.code == CODE
    assert "none recorded" in alert.message


@pytest.mark.parametrize(
    ("anomaly", "entries"),
    [
        (Anomaly.LYMPHATIC, (DOSE, platelets("140 10*9/L", "2026-11-15T08:00"))),
        (KHE, (DOSE, platelets("150 10*9/L", "2026-11-15T08:00"))),
        (KHE, (DOSE, platelets("140 10*9/L", "2026-10-15T08:00"))),  # before the drug
        (KHE, (DOSE, alt("50 U/L", "2026-11-15T08:00"))),
    ],
)
def test_nothing_is_said_of_the_disease_where_it_is_not_in_question(
    anomaly: Anomaly, entries: tuple[Entry, ...]
) -> None:
    assert CODE not in codes(with_anomaly(anomaly, *entries))


def test_values_are_listed_oldest_first() -> None:
    record = a_record(alt("2 U/L", "2026-11-16T08:00"), alt("1 U/L", "2026-11-15T08:00"))
    assert [each.value.number for each in assess_laboratory(record)] == [3, 2]


def test_the_multiples_of_limit_and_baseline_are_shown_beside_each_other() -> None:
    entries = (alt("200 U/L", "2026-10-31T08:00"), DOSE, alt("450 U/L", "2026-11-15T08:00"))
    assessment = of(*entries)
    assert (assessment.grade, assessment.other_grades) == (1, {"CTCAE v6.0": 3})
    assert assessment.times_upper_limit == Decimal("11.25")
    assert assessment.times_baseline == Decimal("2.25")
    assert assessment.multiples == "11.2 × ULN, 2.2 × baseline"
    assert of(alt("450 U/L", "2026-11-15T08:00")).multiples is None


def test_a_potassium_of_7_2_is_urgent() -> None:
    assessment = of(a_laboratory_value("potassium", "7.2 mmol/L", "2026-11-15T08:00"))
    assert (assessment.grade, assessment.graded_as) == (4, "Hyperkalaemia")
    assert assessment.matching_event == "hyperkalaemia"
    assert codes(assessment) == {"grade-3-or-more": AlertKind.URGENT}


@pytest.mark.parametrize(
    ("test", "value", "lower", "upper", "side"),
    [
        ("MCV", "74.9 fL", "75 fL", None, "below"),
        ("MCV", "75 fL", "75 fL", "87 fL", None),
        ("MCV", "87.1 fL", "75 fL", "87 fL", "above"),
        ("D-dimer", "0.6 mg/L", None, "0.5 mg/L", "above"),
        ("phosphate", "0.9 mmol/L", "1.2 mmol/L", None, "below"),
        ("vitamin D", "9 ug/L", "20 ug/L", None, "below"),
        ("glucose", "12 mmol/L", "3.5 mmol/L", "6 mmol/L", "above"),
    ],
)
def test_a_value_beyond_a_limit_without_a_grade_is_noted_once(
    *, test: str, value: str, lower: str | None, upper: str | None, side: str | None
) -> None:
    entry = a_laboratory_value(test, value, "2026-11-15T08:00", lower=lower, upper=upper)
    assessment = of(entry)
    assert (assessment.grade, assessment.beyond) == (None, side)
    assert codes(assessment) == ({"outside-limits": AlertKind.NOTE} if side else {})
    if side:
        assert f"is {side} the laboratory's limit of normal" in assessment.alerts[0].message
        older, _ = assess_laboratory(a_record(entry, replace(entry, at=at("2026-11-16T08:00"))))
        assert older.alerts == ()


@pytest.mark.parametrize(("strip", "is_noted"), [("1+", False), ("2+", True), ("trace", False)])
def test_a_dipstick_above_1_plus_asks_for_a_ratio(strip: str, *, is_noted: bool) -> None:
    assessment = of(a_laboratory_value("urine protein", strip, "2026-11-15T08:00"))
    found = codes(assessment)
    assert found == ({"protein-on-dipstick": AlertKind.CAUTION} if is_noted else {})
    assert assessment.is_out_of_range == (strip != "trace")


def test_an_older_worse_value_names_the_newer_one() -> None:
    record = a_record(
        platelets("12 10*9/L", "2026-11-15T08:00"), platelets("168 10*9/L", "2026-11-16T08:00")
    )
    older, newer = assess_laboratory(record)
    assert older.later is newer.value
    assert newer.later is None
    older, _ = assess_laboratory(voided(record, 3))
    assert older.later is None


def test_the_stored_version_grades_a_value() -> None:
    value = replace(platelets("12 10*9/L", "2026-11-15T08:00"), scale="CTCAE v6.0")
    assessment = of(value)
    assert (assessment.scale, assessment.grade, assessment.source) == ("CTCAE v6.0", 3, "ctcae6")
    assert assessment.other_grades == {"CTCAE v5.0": 4}
    with pytest.raises(UserError, match=r"Use CTCAE v5\.0 or CTCAE v6\.0"):
        replace(value, scale="CTCAE v4.0")
