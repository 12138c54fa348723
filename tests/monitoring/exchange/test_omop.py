"""The tables for registries: their structure, their concepts, and what is left out."""

import csv
import re
import stat
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dosing import Sex, UserError
from dosing.birth_date import BirthDate
from monitoring.demo.clinic import write_demo
from monitoring.exchange.omop import rows_of, write_omop
from monitoring.exchange.omop_model import (
    CDM_TABLES,
    CONCEPT_SOURCES,
    EHR,
    EHR_PRESCRIPTION,
    GENDERS,
    HEIGHT,
    LABORATORY,
    OPERATORS,
    ORAL,
    SIROLIMUS,
    SIROLIMUS_LEVEL,
    UNITS,
    WEIGHT,
    Concept,
)
from monitoring.laboratory.tests import find_test
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import kept_unit
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.builders import (
    AUTHOR,
    a_cause,
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    day,
    ended,
    held_doses,
    voided,
)
from tests.stores import store_of

NOW = at("2026-12-01T12:00")
# The columns by hand, as the tables of the OMOP CDM 5.4 are printed in its documentation.
PERSON = (
    "person_id gender_concept_id year_of_birth month_of_birth day_of_birth birth_datetime "
    "race_concept_id ethnicity_concept_id location_id provider_id care_site_id "
    "person_source_value gender_source_value gender_source_concept_id race_source_value "
    "race_source_concept_id ethnicity_source_value ethnicity_source_concept_id"
)
CHECKS = {
    "integer": re.compile(r"[0-9]+"),
    "float": re.compile(r"[0-9]+(\.[0-9]+)?"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "datetime": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"),
}


def rows(record: Record, table: str) -> list[dict[str, Any]]:
    return [dict(row) for name, row in rows_of(record, NOW) if name == table]


def the_row(record: Record, table: str) -> dict[str, Any]:
    (row,) = rows(record, table)
    return row


# --- structure


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tables of the synthetic clinic, written once."""
    target = tmp_path_factory.mktemp("omop") / "out"
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        write_demo(engine, day("2026-11-20"), "Europe/Paris")
        store = Store(engine, AUTHOR, lambda: NOW)
        store.add_patient(a_patient("=1+1", "Sample", diagnosis="@x " + "Łukasz " * 40))
        write_omop(store, None, target, NOW)
    return target


def table_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_columns_are_those_of_the_model() -> None:
    assert " ".join(each.name for each in CDM_TABLES["person"]) == PERSON
    counts = {name: len(fields) for name, fields in CDM_TABLES.items()}
    assert counts == {"person": 18, "observation_period": 5, "measurement": 23,
                      "drug_exposure": 23, "condition_occurrence": 16}  # fmt: skip
    needed = {name: sum(each.required for each in fields) for name, fields in CDM_TABLES.items()}
    assert needed == {"person": 5, "observation_period": 5, "measurement": 5, "drug_exposure": 6,
                      "condition_occurrence": 5}  # fmt: skip


def test_every_cell_has_its_type_its_length_and_is_there_where_it_must_be(folder: Path) -> None:
    assert {each.stem for each in folder.iterdir()} == set(CDM_TABLES)
    for name, fields in CDM_TABLES.items():
        found = table_of(folder, name)
        assert found, name
        assert list(found[0]) == [each.name for each in fields]
        for row in found:
            for field in fields:
                cell = row[field.name]
                assert cell or not field.required, (name, field.name)
                check = CHECKS.get(field.type)
                assert not cell or not check or check.fullmatch(cell), (name, field.name, cell)
                assert field.longest is None or len(cell) <= field.longest + 1, cell  # apostrophe


def test_keys_are_unique_and_every_row_has_its_person(folder: Path) -> None:
    people = {row["person_id"] for row in table_of(folder, "person")}
    assert len(people) == 18
    for name in CDM_TABLES:
        found = table_of(folder, name)
        keys = [row[f"{name}_id"] for row in found]
        assert len(set(keys)) == len(keys), name
        assert {row["person_id"] for row in found} <= people


def test_every_event_is_within_the_observation_period(folder: Path) -> None:
    periods = {
        row["person_id"]: (row["observation_period_start_date"], row["observation_period_end_date"])
        for row in table_of(folder, "observation_period")
    }
    for name, column in (("measurement", "measurement_date"),
                         ("drug_exposure", "drug_exposure_start_date"),
                         ("drug_exposure", "drug_exposure_end_date"),
                         ("condition_occurrence", "condition_start_date")):  # fmt: skip
        for row in table_of(folder, name):
            first, last = periods[row["person_id"]]
            assert first <= row[column] <= last


def test_no_name_leaves_and_no_cell_is_run(folder: Path) -> None:
    for name in CDM_TABLES:
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")
        assert "Sample Transplant" not in text
        for row in table_of(folder, name):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
    assert "'=1+1" in {row["person_source_value"] for row in table_of(folder, "person")}


def test_the_folder_is_this_users_alone_and_never_replaced(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        with pytest.raises(UserError, match="not empty"):
            write_omop(store_of(engine), None, folder, NOW)


# --- concepts


def test_every_concept_has_a_source_and_an_id_of_its_own() -> None:
    concepts: list[Concept] = [
        EHR, EHR_PRESCRIPTION, SIROLIMUS, ORAL, SIROLIMUS_LEVEL, WEIGHT, HEIGHT,
        *GENDERS.values(), *dict.fromkeys(OPERATORS.values()), *UNITS.values(),
        *(each.concept for each in LABORATORY),
    ]  # fmt: skip
    assert {each.source for each in concepts} == set(CONCEPT_SOURCES)
    ids = [each.id for each in concepts]
    assert len(set(ids)) == len(ids)
    assert min(ids) > 0


def test_the_concepts_that_the_model_prints_everywhere() -> None:
    """By HL7's and OHDSI's own pages, written out again."""
    assert (GENDERS[Sex.MALE].id, GENDERS[Sex.FEMALE].id) == (8507, 8532)
    assert (SIROLIMUS.id, SIROLIMUS_LEVEL.id, UNITS["ng/mL"].id) == (19034726, 3021374, 8842)
    assert {sign: each.id for sign, each in OPERATORS.items() if len(sign) == 1} == {
        "<": 4171756, ">": 4172704, "≤": 4171754, "≥": 4171755,
    }  # fmt: skip


def test_a_test_of_the_table_is_one_of_the_program_in_a_unit_of_the_program() -> None:
    for each in LABORATORY:
        test = find_test(each.test)
        assert test is not None
        assert test.name == each.test
        assert {kept_unit(unit) for unit in each.units} == set(each.units)
    assert all(kept_unit(unit) == unit for unit in UNITS if unit not in {"kg", "cm", "ng/mL"})


def test_mass_and_amount_of_substance_are_two_concepts() -> None:
    record = a_record(
        a_laboratory_value("creatinine", "31 umol/L"),
        a_laboratory_value("creatinine", "0.35 mg/dL", "2026-11-16T08:00"),
        a_laboratory_value("cholesterol", "3.9 mmol/L"),
    )
    found = [(row["measurement_concept_id"], row["measurement_source_value"])
             for row in rows(record, "measurement")]  # fmt: skip
    assert found == [(3020564, "14682-9"), (3016723, "2160-0"), (0, "cholesterol")]


# --- people


@pytest.mark.parametrize(
    ("born", "known"),
    [("2024-02-29", (2024, 2, 29)), ("2024-02", (2024, 2, None)), ("2024", (2024, None, None))],
)
def test_a_birth_is_written_as_far_as_it_is_known(
    born: str, known: tuple[int, int | None, int | None]
) -> None:
    row = the_row(a_record(patient=a_patient(born=BirthDate.read(born))), "person")
    found = (row["year_of_birth"], row["month_of_birth"], row["day_of_birth"])
    assert found == known


@pytest.mark.parametrize(("sex", "concept"), [(Sex.MALE, 8507), (Sex.OTHER, 0), (Sex.UNKNOWN, 0)])
def test_a_sex_without_a_concept_is_zero_with_its_word(sex: Sex, concept: int) -> None:
    row = the_row(a_record(patient=a_patient(sex=sex)), "person")
    assert (row["gender_concept_id"], row["gender_source_value"]) == (concept, sex.value)


@pytest.mark.parametrize(("length", "is_there"), [(49, True), (50, True), (51, False)])
def test_a_record_number_is_whole_or_left_out(length: int, is_there: bool) -> None:  # noqa: FBT001 - a cell
    row = the_row(a_record(patient=a_patient("1" * length)), "person")
    assert (row["person_source_value"] is not None) is is_there


def test_a_patient_without_events_has_no_period_of_observation() -> None:
    record = a_record(patient=a_patient(diagnosis="", anomaly=a_patient().anomaly.NOT_RECORDED))
    assert [name for name, _ in rows_of(record, NOW)] == ["person"]


# --- measurements


def test_a_level_in_another_unit_is_in_ng_ml_and_stays_as_reported() -> None:
    row = the_row(a_record(a_dose(), a_level("<16.40 nmol/L")), "measurement")
    assert row["measurement_concept_id"] == 3021374
    assert round(row["value_as_number"], 2) == Decimal("14.99")  # 914.17 g/mol
    assert (row["unit_concept_id"], row["operator_concept_id"]) == (8842, 4171756)
    assert (row["value_source_value"], row["unit_source_value"]) == ("<16.40 nmol/L", "nmol/L")


@pytest.mark.parametrize(("hours", "code"), [(12, "115766-8"), (2, "29247-4"), (None, "29247-4")])
def test_a_trough_has_the_code_of_a_trough(hours: float | None, code: str) -> None:
    row = the_row(a_record(a_dose(), a_level(hours=hours)), "measurement")
    assert row["measurement_source_value"] == code


def test_a_voided_and_an_excluded_level_are_left_out() -> None:
    levels = (a_dose(), a_level(), a_level("31 ng/mL", "2026-11-22T08:00"), a_cause(of=4))
    record = voided(a_record(*levels), 3)
    assert rows(record, "measurement") == []
    assert len(rows(a_record(*levels[:3]), "measurement")) == 2


def test_a_weight_in_pounds_is_in_kilograms_and_stays_as_measured() -> None:
    weight, height = rows(a_record(a_measurement("27 lb", "88 cm")), "measurement")
    assert (weight["value_as_number"], weight["unit_concept_id"]) == (Decimal("12.24699399"), 9529)
    assert weight["value_source_value"] == "27 lb"
    assert (height["value_as_number"], height["unit_concept_id"]) == (Decimal(88), 8582)
    assert weight["measurement_datetime"] is None


def test_a_range_is_the_laboratorys_and_a_strip_has_no_number() -> None:
    record = a_record(
        a_laboratory_value("ALT", "61 U/L", lower="5 U/L", upper="40 U/L"),
        a_laboratory_value("urine protein", "2+"),
        a_laboratory_value("Own test", "3 g/L"),
    )
    alt, strip, own = rows(record, "measurement")
    assert (alt["range_low"], alt["range_high"]) == (Decimal(5), Decimal(40))
    assert (strip["value_as_number"], strip["value_source_value"]) == (None, "2+")
    assert (own["measurement_concept_id"], own["unit_concept_id"]) == (0, 0)
    assert own["measurement_source_value"] == "Own test"


# --- drugs


def exposures(record: Record) -> list[tuple[str, str, str]]:
    return [
        (
            str(row["drug_exposure_start_datetime"]),
            str(row["drug_exposure_end_datetime"]),
            f"{row['quantity']}",
        )
        for row in rows(record, "drug_exposure")
        if row["drug_concept_id"] == 19034726
    ]


def test_a_dose_ends_where_the_next_begins_and_the_last_on_the_day_of_the_export() -> None:
    record = a_record(a_dose("2026-11-01T08:00", "0.5"), a_dose("2026-11-03T08:00", "0.6"))
    one, two = rows(record, "drug_exposure")
    assert one["quantity"] == Decimal("2.0")  # 2 days × 2 × 0.5 mg
    assert (one["drug_exposure_end_date"], one["verbatim_end_date"]) == (
        date(2026, 11, 3), date(2026, 11, 3),
    )  # fmt: skip
    assert two["drug_exposure_end_date"] == date(2026, 12, 1)
    assert (two["drug_exposure_end_datetime"], two["verbatim_end_date"]) == (None, None)
    assert two["sig"] == "0.6 mg × 2 a day, solution"


def test_a_hold_interrupts_the_exposure() -> None:
    record = a_record(
        a_dose("2026-11-01T08:00", "0.5"), held_doses("2026-11-03T08:00", "2026-11-05T08:00")
    )
    found = exposures(ended(record, 2, "2026-11-07T08:00"))
    assert [each[:2] for each in found] == [
        ("2026-11-01T08:00+01:00", "2026-11-03T08:00+01:00"),
        ("2026-11-05T08:00+01:00", "2026-11-07T08:00+01:00"),
    ]
    held = a_record(a_dose("2026-11-01T08:00"), held_doses("2026-11-03T08:00", None, is_open=True))
    assert [each[:2] for each in exposures(held)] == [
        ("2026-11-01T08:00+01:00", "2026-11-03T08:00+01:00")
    ]


def test_a_loading_dose_is_one_exposure_and_counted_once() -> None:
    record = a_record(
        a_dose("2026-11-01T08:00", "3", times_a_day=1, loading=True),
        a_dose("2026-11-01T20:00", "0.5"),
    )
    daily, load = rows(ended(record, 3, "2026-11-02T20:00"), "drug_exposure")
    assert (daily["quantity"], load["quantity"]) == (Decimal("1.0"), Decimal(3))
    assert load["drug_exposure_start_date"] == load["drug_exposure_end_date"]


def test_a_planned_dose_is_no_exposure_yet() -> None:
    assert exposures(a_record(a_dose("2026-12-02T08:00"))) == []


def test_another_drug_is_a_text_without_a_concept() -> None:
    (row,) = rows(ended(a_record(a_drug()), 2, "2026-11-10"), "drug_exposure")
    assert (row["drug_concept_id"], row["drug_source_value"]) == (0, "fluconazole")
    assert row["drug_exposure_end_date"] == date(2026, 11, 10)


# --- conditions


def test_a_diagnosis_begins_at_birth_only_where_it_was_present_then() -> None:
    congenital = a_record(patient=a_patient(congenital=True))
    unknown = a_record(patient=a_patient(congenital=None))
    found = [the_row(each, "condition_occurrence")["condition_start_date"]
             for each in (congenital, unknown)]  # fmt: skip
    assert found == [date(2024, 2, 29), date(2026, 11, 5)]


def test_conditions_and_events_are_texts_with_their_days() -> None:
    record = a_record(
        a_condition("infection", "2026-11-04"), a_side_effect("mouth ulcers", grade=2),
        a_condition("surgery", "2027-01-01"),
    )  # fmt: skip
    _, infection, event = rows(ended(record, 2, "2026-11-09"), "condition_occurrence")
    assert (infection["condition_source_value"], infection["condition_end_date"]) == (
        "infection", date(2026, 11, 9),
    )  # fmt: skip
    assert event["condition_source_value"] == "mouth ulcers, grade 2"
    assert {infection["condition_concept_id"], event["condition_concept_id"]} == {0}


def test_ids_are_the_same_from_export_to_export() -> None:
    record = a_record(a_dose(), a_level(), a_measurement())
    longer = a_record(a_dose(), a_level(), a_measurement(), a_level(sampled="2026-11-25T08:00"))

    def ids(of: Record) -> set[object]:
        return {row["measurement_id"] for row in rows(of, "measurement")}

    assert ids(record) < ids(longer)
