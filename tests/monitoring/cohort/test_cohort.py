"""The cohort: the patients counted and not counted, and the figures of Nadal 2016."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dosing import Product, QuantityKind, Sex, TargetTrough, read_quantity
from dosing.knowledge import nadal2016
from dosing.knowledge.later_evidence import LATER_EVIDENCE
from dosing.knowledge.nadal2016 import Count
from monitoring.cohort import Cohort, CohortRow, CohortTable, cohort
from monitoring.cohort.documents import cohort_as_csv, cohort_as_json
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StopRecord, StoredEntry, of_kind
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Assay, Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import Prescription
from monitoring.record.response import Criterion, Response
from tests.builders import (
    BY,
    a_dose,
    a_laboratory_value,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    ended,
    voided,
)

START = "2026-01-10T08:00"
NOW = at("2026-06-01T08:00")


def child(*entries: Entry, **more: Any) -> Record:
    return a_record(*entries, patient=a_patient(**{"born": date(2020, 5, 1), **more}))


def numbered(records: Iterable[Record]) -> list[Record]:
    """Return the records with numbers of their own, as in a store."""
    found = []
    for index, record in enumerate(records, start=1):
        entries = tuple(
            replace(each, number=100 * index + place, patient=100 * index)
            for place, each in enumerate(record.entries)
        )
        found.append(Record(patient=of_kind(entries, Patient)[0], entries=entries))
    return found


def of(*records: Record) -> Cohort:
    return cohort(numbered(records), NOW)


def table(found: Cohort, key: str) -> CohortTable:
    return next(each for each in found.tables if each.key == key)


def row(found: Cohort, key: str, name: str) -> CohortRow:
    return next(each for each in table(found, key).rows if each.name.strip() == name)


def counts(found: Cohort, key: str) -> dict[str, int]:
    """Return the rows of a table that are not zero."""
    return {each.name.strip(): each.count for each in table(found, key).rows if each.count}


def body(on: str, weight: str = "12.4 kg", height: str | None = "88 cm") -> Measurement:
    return a_measurement(weight, height, on)


# --- nobody


@pytest.mark.parametrize("records", [(), (child(),), (child(a_dose("2026-06-02T08:00")),)])
def test_a_clinic_without_a_treated_patient(records: tuple[Record, ...]) -> None:
    found = of(*records)
    assert (found.patients, found.treated) == (len(records), 0)
    for each in found.tables:
        assert each.of == 0
        assert {(r.count, r.of, r.percent, r.interval_percent) for r in each.rows} <= {
            (0, 0, None, None)
        }
    assert found.log_rank_p is None
    assert found.levels.percent_within is None
    assert {times.curve.median_days for times in found.response_times} == {None}
    json.dumps(cohort_as_json(found), allow_nan=False)
    assert len(cohort_as_csv(found).splitlines()) > 50


# --- who and what for


def test_types_of_anomaly() -> None:
    found = of(
        *(
            child(a_dose(START), anomaly=anomaly)
            for anomaly in (*Anomaly, Anomaly.KHE_OR_TUFTED_ANGIOMA)
        )
    )
    assert found.treated == 10
    assert table(found, "anomaly").of == 9
    assert counts(found, "anomaly") == {
        "tumours": 4,
        "kaposiform haemangioendothelioma or tufted angioma": 2,
        "haemangioma": 1,
        "other tumour": 1,
        "malformations": 5,
        "lymphatic": 1,
        "venolymphatic": 1,
        "venous": 1,
        "arteriovenous": 1,
        "other malformation": 1,
        "lymphatic component": 4,
    }


def test_the_reviews_lymphatic_component_is_that_of_the_three_groups() -> None:
    """27 + 38 + 8 = 73, by which the clinic's own are counted."""
    by_name = {count.name: count.count for count in (*nadal2016.TUMOURS, *nadal2016.MALFORMATIONS)}
    three = ("kaposiform haemangioendothelioma or tufted angioma", "lymphatic", "venolymphatic")
    assert sum(by_name[name] for name in three) == 73 == nadal2016.ANOMALIES[2].count


@pytest.mark.parametrize(
    ("born", "name"),
    [
        (date(2025, 6, 11), "under 7 months"),
        (date(2025, 6, 10), "7 to 24 months"),
        (date(2024, 1, 11), "7 to 24 months"),
        (date(2024, 1, 10), "2 to 12 years"),
        (date(2014, 1, 11), "2 to 12 years"),
        (date(2014, 1, 10), "12 to 18 years"),
        (date(2008, 1, 11), "12 to 18 years"),
        (date(2008, 1, 10), "18 years and older"),
    ],
)
def test_the_age_at_the_first_dose(born: date, name: str) -> None:
    assert counts(of(child(a_dose(START), born=born)), "age") == {name: 1}


@pytest.mark.parametrize(
    ("born", "name"),
    [
        (date(2025, 11, 11), "under 2 months"),
        (date(2025, 11, 10), "2 months to 2 years"),
        (date(2025, 11, 9), "2 months to 2 years"),
        (date(2024, 1, 11), "2 months to 2 years"),
        (date(2024, 1, 10), "2 to 13 years"),
        (date(2013, 1, 11), "2 to 13 years"),
        (date(2013, 1, 10), "13 to 18 years"),
        (date(2008, 1, 11), "13 to 18 years"),
        (date(2008, 1, 10), "18 years and older"),
    ],
)
def test_the_age_in_the_bands_of_nadal_2016(born: date, name: str) -> None:
    found = of(child(a_dose(START), born=born))
    assert counts(found, "age-in-review-bands") == {name: 1}
    beside = {
        each.name: (each.review.count, each.review.of)
        for each in table(found, "age-in-review-bands").rows
        if each.review
    }
    assert beside == {
        "under 2 months": (3, 27), "2 months to 2 years": (12, 27), "2 to 13 years": (9, 27),
        "13 to 18 years": (3, 27), "18 years and older": (0, 27),
    }  # fmt: skip
    assert "not reported in 57 of 84" in table(found, "age-in-review-bands").review_note


def test_congenital_is_counted_among_those_with_the_answer() -> None:
    answers = (True, False, False, None)
    found = of(*(child(a_dose(START), congenital=each) for each in answers))
    assert (table(found, "congenital").of, found.treated) == (3, 4)
    assert counts(found, "congenital") == {"congenital": 1, "not congenital": 2}
    beside = [(each.review.count, each.review.of) for each in table(found, "congenital").rows
              if each.review]  # fmt: skip
    assert beside == [(12, 27), (15, 27)]


def test_severities_and_no_other_words_than_the_known_ones() -> None:
    words = ("severe", "Severe", "mild", "=1+1 of Jane", None)
    found = of(*(child(a_dose(START), severity=each) for each in words))
    assert (table(found, "severity").of, found.treated) == (4, 5)
    assert counts(found, "severity") == {"severe": 2, "mild": 1, "in other words": 1}
    assert {each.review for each in table(found, "severity").rows} == {None}
    assert "6 and 37 of 44; the two add up to 43" in table(found, "severity").review_note
    assert "Jane" not in cohort_as_csv(found) + json.dumps(cohort_as_json(found))


def test_what_nadal_2016_does_not_count_is_said_with_the_table() -> None:
    found = of()
    for key, words in (
        ("anomaly", "does not report the kind of 3 malformations"),
        ("anomaly", "kaposiform lymphangiomatosis 15"),
        ("sex", "31 and 36 of 84, not reported in 17"),
        ("starting-dose", "83 on sirolimus, 1 on everolimus"),
        ("target", "in one case of Nadal 2016: day 15"),
        ("co-treatment", "no total for the 7 with steroids and vincristine"),
        ("still-treated", "1-28 months"),
    ):
        assert words in table(found, key).review_note
    beside = row(found, "co-treatment", "steroids and vincristine").review
    assert beside == Count("steroids and vincristine", 7, None)


def test_sexes() -> None:
    other = of(child(a_dose(START), sex=Sex.OTHER), child(a_dose(START), sex=Sex.UNKNOWN))
    assert counts(other, "sex") == {"other or unknown": 2}
    found = of(child(a_dose(START)), child(a_dose(START), sex=Sex.FEMALE))
    assert counts(found, "sex") == {"female": 1, "male": 1}


# --- how it was given


def by_area(mg_per_m2: str) -> Record:
    """Return a patient of 30 kg and 120 cm, so 1 m², with a dose once a day."""
    dose = replace(a_dose(START, mg_per_m2), times_a_day=1)
    return child(dose, body("2026-01-10", "30 kg", "120 cm"))


@pytest.mark.parametrize(
    ("dose", "name"),
    [
        ("0.94", "below 1 mg/m²/day"),
        ("0.95", "1-1.4 mg/m²/day"),
        ("1.44", "1-1.4 mg/m²/day"),
        ("1.46", "1.5-1.6 mg/m²/day"),
        ("1.64", "1.5-1.6 mg/m²/day"),
        ("1.66", "1.7-2 mg/m²/day"),
        ("2.04", "1.7-2 mg/m²/day"),
        ("2.06", "above 2 mg/m²/day"),
    ],
)
def test_bands_of_the_first_dose_by_area(dose: str, name: str) -> None:
    assert counts(of(by_area(dose)), "starting-dose") == {name: 1}


@pytest.mark.parametrize(
    ("dose", "name"),
    [
        ("0.44", "below 0.05 mg/kg/day"),
        ("0.46", "0.05-0.1 mg/kg/day"),
        ("1.04", "0.05-0.1 mg/kg/day"),
        ("1.06", "above 0.1 mg/kg/day"),
    ],
)
def test_bands_of_the_first_dose_by_weight(dose: str, name: str) -> None:
    record = child(replace(a_dose(START, dose), times_a_day=1), body("2026-01-10", "10 kg", None))
    assert counts(of(record), "starting-dose") == {name: 1}


def test_the_reviews_commonest_start_is_counted_in_two_doses_only() -> None:
    """0.44 mg twice a day at 12.4 kg and 88 cm is 1.5985 mg/m²/day."""
    twice = child(a_dose(START, "0.44"), body("2026-01-10"))
    once = child(replace(a_dose(START, "0.88"), times_a_day=1), body("2026-01-10"))
    found = of(twice, once)
    assert counts(found, "starting-dose") == {
        "1.5-1.6 mg/m²/day": 2,
        "1.6 mg/m²/day in 2 doses": 1,
    }
    beside = row(found, "starting-dose", "1.6 mg/m²/day in 2 doses").review
    assert beside is not None
    assert beside.percent == Decimal("66.7")


@pytest.mark.parametrize(
    ("measured", "name"),
    [
        ("2025-07-10", "0.05-0.1 mg/kg/day"),
        ("2025-07-11", "1.5-1.6 mg/m²/day"),
        ("2026-01-10", "1.5-1.6 mg/m²/day"),
    ],
)
def test_an_old_height_does_not_tell_the_area(measured: str, name: str) -> None:
    tall = Measurement(
        on=date.fromisoformat(measured), height=read_quantity("88 cm", QuantityKind.HEIGHT)
    )
    record = child(
        replace(a_dose(START, "0.88"), times_a_day=1), tall, body("2026-01-10", height=None)
    )
    assert counts(of(record), "starting-dose") == {name: 1}


@pytest.mark.parametrize(
    ("measured", "of_how_many"),
    [("2025-12-10", 0), ("2025-12-11", 1), ("2026-01-10", 1), ("2026-01-11", 0)],
)
def test_a_start_without_a_weight_of_then_is_no_data(measured: str, of_how_many: int) -> None:
    found = of(child(a_dose(START), body(measured)))
    assert (table(found, "starting-dose").of, found.treated) == (of_how_many, 1)


def test_targets_of_the_first_dose() -> None:
    low = replace(a_dose(START), target=TargetTrough(Decimal(1), Decimal(5)))
    other = replace(a_dose(START), target=TargetTrough(Decimal(10), Decimal(15)))
    found = of(child(a_dose(START)), child(low), child(other))
    assert counts(found, "target") == {"5-15 ng/mL": 1, "1-5 ng/mL": 1, "10-15 ng/mL": 1}
    beside = row(found, "target", "5-15 ng/mL").review
    assert beside is not None
    assert (beside.count, beside.of) == (26, 27)


def test_other_drugs_on_at_least_one_day_of_the_treatment() -> None:
    def given(drug: str, since: str) -> CoMedication:
        return CoMedication(drug=drug, since=date.fromisoformat(since))

    both = child(a_dose(START), given("prednisolone", "2025-12-01"), given("vincristine", NOW_DAY))
    after = ended(child(a_dose(START), given("propranolol", "2026-03-02")), 2, "2026-03-01T08:00")
    later = child(a_dose(START), given("propranolol", "2026-06-02"))
    unknown = child(a_dose(START), given("=1+1 [/]", START[:10]))
    void = voided(child(a_dose(START), given("bactrim", START[:10])), 3)
    found = of(both, after, later, unknown, void)
    assert counts(found, "co-treatment") == {
        "any": 2,
        "steroids": 1,
        "vincristine": 1,
        "steroids and vincristine": 1,
    }
    assert "=1+1" not in cohort_as_csv(found)


NOW_DAY = "2026-06-01"


@pytest.mark.parametrize(
    ("until", "is_counted"), [("2026-01-09", False), ("2026-01-10", True), ("2026-01-11", True)]
)
def test_a_drug_that_was_ended_before_the_treatment_is_not_counted(
    until: str,
    is_counted: bool,  # noqa: FBT001 - a table's column
) -> None:
    drug = CoMedication(drug="propranolol", since=date(2025, 12, 1))
    record = child(a_dose(START), drug)
    end = StoredEntry(
        number=90, patient=1, entry=StopRecord(of=3, on=date.fromisoformat(until)), author=BY
    )
    entries = (*record.entries[:2], replace(record.entries[2], ending=end))
    found = of(replace(record, entries=entries))
    assert (row(found, "co-treatment", "propranolol").count == 1) == is_counted


def test_who_is_still_on_treatment() -> None:
    stopped = ended(child(a_dose(START)), 2, "2026-03-01T08:00")
    found = row(of(child(a_dose(START)), stopped), "still-treated", "still on treatment")
    assert (found.count, found.of, found.percent) == (1, 2, Decimal("50.0"))


# --- safety


def event(term: str, since: str = "2026-02-01", **more: Any) -> AdverseEvent:
    return a_side_effect(term, since, **more)


SEEN = Note(on=date(2026, 1, 11), text="Seen in clinic")


def test_patients_are_counted_once_for_each_event() -> None:
    found = of(
        child(
            a_dose(START),
            event("mouth ulcers"),
            event("Mucositis", "2026-03-01"),
        ),
        child(
            a_dose(START),
            event("high cholesterol"),
            event("anaemia"),
        ),
        child(
            a_dose(START),
            event("<img src=x>"),
            event("=1+1"),
        ),
        child(a_dose(START), SEEN),
    )
    assert table(found, "adverse-events").of == 4
    assert counts(found, "adverse-events") == {
        "none": 1,
        "mouth sores": 1,
        "high cholesterol": 1,
        "anaemia": 1,
        "in words that the program does not know": 1,
    }
    assert table(found, "adverse-events").rows[-1].name.startswith("in words")


def test_who_was_not_seen_since_the_first_dose_is_no_data_and_never_a_none() -> None:
    """Neither what is of the first day alone, nor an event of before it, nor a voided one."""
    found = of(
        child(a_dose(START)),
        child(a_dose(START), body("2026-01-10")),
        child(a_dose(START), event("headache", "2026-01-09")),
        voided(child(a_dose(START), event("headache")), 3),
        child(a_dose(START), SEEN),
        child(a_dose(START), event("headache", "2026-01-10")),
        child(a_dose(START), event("headache", "2026-06-02")),
    )
    assert counts(found, "adverse-event-data") == {"data on adverse events": 2, "no data": 5}
    assert table(found, "adverse-events").of == 2
    assert counts(found, "adverse-events") == {"none": 1, "headache": 1}


def alt(value: str, when: str) -> LaboratoryValue:
    return a_laboratory_value("ALT", f"{value} U/L", when, upper="40 U/L")


@pytest.mark.parametrize(
    ("entries", "counted"),
    [
        pytest.param((alt("41", "2026-03-01T08:00"),), True, id="grade 1 above the ULN of 40"),
        pytest.param((alt("40", "2026-03-01T08:00"),), False, id="at the ULN"),
        pytest.param((alt("41", START),), False, id="at the first dose"),
        pytest.param((alt("41", "2026-06-01T08:01"),), False, id="after the report"),
        pytest.param(
            (alt("100", "2026-01-05T08:00"), alt("110", "2026-03-01T08:00")),
            False,
            id="no grade above an abnormal baseline",
        ),
        pytest.param(
            (alt("100", "2026-01-05T08:00"), alt("600", "2026-03-01T08:00")),
            True,
            id="worse than before the first dose",
        ),
    ],
)
def test_a_graded_value_new_or_worse_than_before_is_an_adverse_event(
    entries: tuple[LaboratoryValue, ...], *, counted: bool
) -> None:
    found = of(child(a_dose(START), SEEN, *entries))
    assert row(found, "adverse-events", "raised liver enzymes").count == counted
    assert row(found, "adverse-events", "none").count == (not counted)


def test_an_event_and_its_values_are_one_patient() -> None:
    values = (alt("130", "2026-03-01T08:00"), alt("250", "2026-04-01T08:00"))
    found = of(
        child(a_dose(START), event("raised liver enzymes"), *values),
        voided(child(a_dose(START), SEEN, alt("130", "2026-03-01T08:00")), 4),
    )
    assert counts(found, "adverse-events") == {"none": 1, "raised liver enzymes": 1}
    assert "graded laboratory value" in table(found, "adverse-events").note


def test_what_was_done() -> None:
    found = of(
        child(
            a_dose(START),
            event("mouth sores", action=ActionTaken.REDUCED),
            event("infection", action=ActionTaken.STOPPED),
        ),
        child(a_dose(START), SEEN),
    )
    assert counts(found, "actions") == {"dose reduced": 1, "stopped": 1}


def test_the_reviews_percentages_follow_from_its_counts() -> None:
    """As printed in Nadal 2016 (clinical reference, section 1)."""
    found = of()
    printed = {
        ("anomaly", "tumours"): "35.7",
        ("anomaly", "malformations"): "64.3",
        ("anomaly", "lymphatic component"): "86.9",
        ("starting-dose", "1.6 mg/m²/day in 2 doses"): "66.7",
        ("co-treatment", "any"): "65.9",
        ("still-treated", "still on treatment"): "78.6",
        ("adverse-event-data", "no data"): "28.6",
        ("adverse-events", "none"): "66.7",
    }
    for (key, name), percent in printed.items():
        beside = row(found, key, name).review
        assert beside is not None
        assert str(beside.percent) == percent
    counted = {
        each.name: each.review.count for each in table(found, "adverse-events").rows if each.review
    }
    assert counted == {
        "none": 40, "mouth sores": 12, "high cholesterol": 9, "infection": 3,
        "raised liver enzymes": 3, "headache": 1, "high blood pressure": 1,
    }  # fmt: skip


def test_the_interval_of_a_row() -> None:
    """40 of 60: 53.3 to 78.3 %, as any table of exact intervals gives it."""
    interval = CohortRow("none", 40, 60).interval_percent
    assert interval == pytest.approx((53.3, 78.3), abs=0.05)


# --- response and levels


def improved(on: str, anomaly: Anomaly, *, better: bool = True) -> Record:
    day = date.fromisoformat(on)
    response = Response(on=day, criterion=Criterion.CLINICAL, improved=better)
    return child(a_dose(START), response, anomaly=anomaly)


def test_time_to_response_by_group() -> None:
    found = of(
        improved("2026-01-17", Anomaly.HAEMANGIOMA),
        improved("2026-01-24", Anomaly.OTHER_TUMOUR),
        improved("2026-01-31", Anomaly.LYMPHATIC),
        improved("2026-02-07", Anomaly.VENOUS, better=False),
        improved("2026-02-14", Anomaly.NOT_RECORDED),
        child(a_dose(START)),
    )
    told = {
        times.group: (times.curve.patients, times.curve.responded, times.curve.median_days)
        for times in found.response_times
    }
    assert told == {"all": (5, 4, 21), "tumours": (2, 2, 7), "malformations": (2, 1, 21)}
    # chi-squared: (2 - 1/2 - 1/3)² / (1/4 + 2/9), as for the log-rank test worked by hand
    assert found.log_rank_p == pytest.approx(0.0896, abs=5e-5)


def test_time_in_range_of_all_patients_together() -> None:
    """Two levels of 10 and 20, ten days apart: five days within 5-15 and five above."""
    first = at("2026-02-10T08:00")

    def a_level(day: int, value: str) -> Level:
        sampled = replace(first, utc=first.utc + timedelta(days=day))
        return Level(
            sampled=sampled,
            value=read_quantity(value, QuantityKind.LEVEL),
            last_dose=replace(sampled, utc=sampled.utc - timedelta(hours=12)),
            assay=Assay.LC_MS_MS,
        )

    record = child(a_dose(START), a_level(0, "10 ng/mL"), a_level(10, "20 ng/mL"))
    levels = of(record, record, child(a_dose(START))).levels
    assert (levels.patients, levels.days_within, levels.days_above) == (2, 10, 10)
    assert (levels.percent_within, levels.largest_gap_days) == (50, 10)


# --- documents


def test_the_csv_has_a_line_a_row() -> None:
    found = of(child(a_dose(START), event("mouth sores")))
    lines = list(csv.DictReader(io.StringIO(cohort_as_csv(found))))
    of_tables = sum(len(each.rows) for each in found.tables)
    assert len(lines) == of_tables + 2 * len(found.response_times)
    (sores,) = [line for line in lines if line["row"] == "mouth sores"]
    assert (sores["table"], sores["count"], sores["of"]) == ("adverse-events", "1", "1")
    assert (sores["percent"], sores["low_95_percent"]) == ("100", "2.5")
    assert (sores["review_count"], sores["review_of"], sores["review_percent"]) == (
        "12",
        "60",
        "20",
    )


def test_the_json_says_the_same() -> None:
    found = of(child(a_dose(START), event("mouth sores")))
    document = json.loads(json.dumps(cohort_as_json(found)))
    assert (document["patients"], document["treated"]) == (1, 1)
    (events,) = [each for each in document["tables"] if each["key"] == "adverse-events"]
    assert events["of_whom"] == "patients who were given sirolimus and have data"
    (sores,) = [each for each in events["rows"] if each["name"] == "mouth sores"]
    assert sores == {
        "name": "mouth sores",
        "count": 1,
        "of": 1,
        "percent": 100,
        "interval_95_percent": [2.5, 100],
        "review": {"count": 12, "of": 60, "percent": 20},
    }
    assert "nadal2016" in document["sources"]


def test_the_json_has_the_rest_of_nadal_2016_and_the_later_evidence() -> None:
    document = json.loads(json.dumps(cohort_as_json(of())))
    review = document["review"]
    assert (review["publications"], review["posters"]) == (
        {"count": 14, "patients": 25}, {"count": 9, "patients": 59},
    )  # fmt: skip
    assert review["sex"] == {"counts_of_unnamed_sexes": [31, 36], "not_reported": 17}
    assert review["severity"] == {"counts_of_unnamed_severities": [6, 37], "of": 44}
    assert review["subtypes"][-1]["count"] == 15
    assert (review["follow_up_months"], review["shrinkage_percent"]) == ([1, 28], [20, 80])
    assert (review["efficacy_percent"], review["efficacy_caveat"]) == (
        100, "probably publication bias",
    )  # fmt: skip
    assert review["response_curve_patients"] == 25
    later = document["later_evidence"]
    assert [each["source"] for each in later] == [each.source for each in LATER_EVIDENCE]
    assert {each["source"] for each in later} <= document["sources"].keys()
    (both,) = [
        each
        for table in document["tables"]
        for each in table["rows"]
        if each["name"] == "steroids and vincristine"
    ]
    assert both["review"] == {"count": 7, "of": None, "percent": None}


def test_tablets_once_a_day_are_treatment_too() -> None:
    dose: Prescription = replace(a_dose(START, "1"), product=Product.TABLETS, times_a_day=1)
    assert of(child(dose)).treated == 1
