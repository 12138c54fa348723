"""Names and units to complete what is typed: used ones first, near ones only as a question."""

from pathlib import Path

import pytest

from dosing.knowledge.interactions import DRUGS
from monitoring.laboratory.tests import TESTS
from monitoring.record.co_medication import CoMedication
from monitoring.record.kinds import ENTRY_KINDS
from monitoring.store.names_in_use import names_in_use
from monitoring.vocabulary import OF_CLINIC, usual_unit, vocabulary_of, with_unit
from tests.builders import (
    AUTHOR,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    day,
)
from tests.tui.places import new_records

EMPTY = a_record()


def test_every_field_with_a_vocabulary_has_one() -> None:
    fields = [each for kind in ENTRY_KINDS for each in kind.fields]
    names = {each.names for each in fields if each.names}
    assert names == {"drug", "test", "term", "condition", "laboratory", "diagnosis"}
    for name in names:
        assert vocabulary_of(name, EMPTY).completed("zzz") is None
    assert {each.unit_of for each in fields if each.unit_of} == {"level", "test", "weight",
                                                                 "height"}  # fmt: skip


def test_times_that_may_be_planned_are_read_as_such() -> None:
    for kind in ENTRY_KINDS:
        for field in kind.fields:
            if field.is_time or field.is_day:
                assert field.may_be_ahead == (field.name in kind.planned), (kind.name, field.name)


def test_the_records_own_names_come_first() -> None:
    record = a_record(CoMedication(drug="Fluoro [/]", since=day("2026-11-01")))
    assert vocabulary_of("drug", EMPTY).completed("Fl") == "fluconazole"
    assert vocabulary_of("drug", record).completed("Fl") == "Fluoro [/]"
    assert vocabulary_of("laboratory", EMPTY).completed("U") is None
    assert vocabulary_of("laboratory", None, ["University"]).completed("u") == "University"


def test_no_known_name_is_asked_about_and_one_slip_is() -> None:
    drugs, tests = vocabulary_of("drug", EMPTY), vocabulary_of("test", EMPTY)
    assert not [each.name for each in DRUGS if drugs.meant(each.name)]
    assert not [name for each in TESTS for name in (each.name, *each.synonyms) if tests.meant(name)]
    assert drugs.meant("flucanozole") == "fluconazole"
    assert vocabulary_of("term", EMPTY).meant("mouht sores") == "mouth sores"
    assert tests.meant("AST") is tests.meant("ALT") is None  # never one for the other


@pytest.mark.parametrize(
    ("typed", "unit", "whole"),
    [
        ("9", "ng/mL", "9 ng/mL"), ("9 ", "ng/mL", "9 ng/mL"), ("<2.0", "ng/mL", "<2.0 ng/mL"),
        ("9.5n", "ng/mL", "9.5ng/mL"), ("9,5", "ng/mL", None), ("9.", "ng/mL", None),
        ("9 ng/mL", "ng/mL", "9 ng/mL"), ("9 nmol", "ng/mL", None), ("", "kg", None),
        ("12.4", None, None), ("128/84", "mmHg", None),
    ],
)  # fmt: skip
def test_a_number_is_completed_by_its_unit_alone(
    typed: str, unit: str | None, whole: str | None
) -> None:
    assert with_unit(typed, unit) == whole


def test_a_unit_is_that_of_the_record_or_the_only_usual_one() -> None:
    assert usual_unit("level", EMPTY) == "ng/mL"
    assert usual_unit("level", a_record(a_level("7 ug/L"))) == "ug/L"
    assert usual_unit("weight", a_record(a_measurement("27 lb"))) == "lb"
    assert usual_unit("test", EMPTY, "SGPT") == "U/L"
    assert usual_unit("test", EMPTY, "cholesterol") is None  # mg/dL here, mmol/L there
    used = a_laboratory_value()
    assert usual_unit("test", a_record(used), used.test) == used.value.unit
    assert usual_unit("test", EMPTY, "unheard of") is usual_unit("test", EMPTY, "") is None


def test_the_names_of_the_clinic_are_those_in_use(tmp_path: Path) -> None:
    store = new_records(tmp_path / "records.sqlite", AUTHOR).store
    number = store.add_patient(a_patient()).number
    for laboratory in ("A", "B [/]", "B [/]", ""):
        store.add(number, a_level("7 ng/mL", laboratory=laboratory))
    assert names_in_use(store.engine, OF_CLINIC["laboratory"]) == ("B [/]", "A")
    assert names_in_use(store.engine, OF_CLINIC["diagnosis"]) == (a_patient().diagnosis,)
