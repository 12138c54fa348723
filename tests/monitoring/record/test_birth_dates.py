"""A patient whose birth date is known to the month or year: stored so, and decided so."""

from datetime import date
from decimal import Decimal

import pytest

from dosing import Age, Sex, UserError
from dosing.birth_date import read_birth
from monitoring.due import due
from monitoring.laboratory import assess_laboratory
from monitoring.record.duplicate_patients import duplicate_patients
from monitoring.record.enter import check_patient
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.entry_checks import check_times, measurement_alerts
from monitoring.record.kinds import kind_called
from monitoring.record.patient import Patient
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import (
    a_dose,
    a_laboratory_value,
    a_measurement,
    a_note,
    a_patient,
    a_record,
    at,
)

NOW = at("2026-11-29T10:00")


def born_in(text: str, *entries: Entry, sex: Sex = Sex.MALE) -> Record:
    return a_record(*entries, patient=a_patient(born=read_birth(text), sex=sex, allergies=""))


@pytest.mark.parametrize("text", ["2024", "2024-05", "2024-05-11"])
def test_it_is_stored_and_read_back_as_it_was_stated(store: Store, text: str) -> None:
    kept = store.add_patient(a_patient(born=read_birth(text)))
    read = store.read(kept.number).patient
    assert read.entry == kept.entry
    assert str(read.entry.born) == text
    assert kind_called("patient").described(read)["born"] == text
    assert verify(store.engine).is_whole


@pytest.mark.parametrize(
    ("known", "typed", "found"),
    [
        ("2024", "2024-05-11", True),
        ("2024-05-11", "2024", True),
        ("2024-05", "2024", True),
        ("2024-05", "2024-06", False),
        ("2024-05-11", "2024-05-12", False),
        ("2024", "2023", False),
    ],
)
def test_a_patient_who_may_be_born_then_is_a_duplicate(
    sqlite_store: Store, known: str, typed: str, *, found: bool
) -> None:
    first = sqlite_store.add_patient(a_patient("1", born=read_birth(known)))
    duplicates = duplicate_patients(sqlite_store, a_patient("2", born=read_birth(typed)))
    assert duplicates == ((first,) if found else ())


def test_what_is_surely_before_the_birth_or_in_the_future_is_refused() -> None:
    born = read_birth("2026-05")
    check_times(a_note(on="2026-05-01"), born, NOW)
    with pytest.raises(UserError, match="before the patient's birth"):
        check_times(a_note(on="2026-04-30"), born, NOW)
    check_patient(a_patient(born=read_birth("2026")), date(2026, 11, 29))
    with pytest.raises(UserError, match="in the future"):
        check_patient(a_patient(born=read_birth("2026-12")), date(2026, 11, 29))


def test_a_weight_that_is_unusual_at_one_end_of_the_range_asks() -> None:
    """8 kg is usual at 8 months and not at birth."""
    weight = a_measurement("8 kg", None, "2026-11-20")
    exact = measurement_alerts(born_in("2026-03-20"), weight)
    assert exact == ()
    unsure = measurement_alerts(born_in("2026"), weight)
    assert "age-unsure" in {each.code for each in unsure}
    assert len(unsure) > 1


def graded(born: str, value: str, height: str = "150 cm") -> str:
    record = born_in(
        born,
        a_measurement(None, height, "2026-11-01"),
        a_laboratory_value("systolic", value, "2026-11-15T08:00"),
    )
    assessed = assess_laboratory(record)[-1]
    return f"{assessed.grade}: {assessed.working or assessed.not_graded_because}"


def test_the_higher_grade_of_the_two_ends_counts_and_both_are_shown() -> None:
    """Born in 2008: 17 or 18 years; 125 mmHg is above the 90th centile of neither, and AAP 1."""
    for value in ("118 mmHg", "122 mmHg", "131 mmHg", "141 mmHg"):
        ends = [graded("2009-01-15", value), graded("2008-01-15", value)]
        either = graded("2008", value)
        grades = [int(each.split(":")[0].replace("None", "0")) for each in ends]
        assert int(either.split(":")[0].replace("None", "0")) >= max(grades[1:])
    assert "at 202 months" in graded("2009", "131 mmHg") + graded("2010", "131 mmHg")


def test_where_both_ends_have_one_grade_it_is_that_of_an_exact_date() -> None:
    assert graded("1990", "141 mmHg") == graded("1990-05-11", "141 mmHg")


def test_fertility_is_asked_about_once_the_patient_may_be_old_enough() -> None:
    def asked(born: str) -> bool:
        treated = (a_measurement("30 kg", "135 cm", "2026-10-01"), a_dose("2026-10-01T08:00"))
        found = due(born_in(born, *treated), NOW)
        return "fertility" in {each.what for each in found}

    assert asked("2016")  # 9 years 10 months to 10 years 10 months
    assert asked("2016-11-01")
    assert not asked("2016-12-31")
    assert not asked("2017")


def test_a_patient_keeps_what_is_known_where_something_else_is_changed() -> None:
    patient = a_patient(born=read_birth("2024-05"))
    field = next(each for each in kind_called("patient").fields if each.name == "born")
    assert field.read(str(patient.born), "") == patient.born
    assert isinstance(patient, Patient)
    assert Age.between(patient.born, date(2026, 11, 29)).months > Decimal(29)
