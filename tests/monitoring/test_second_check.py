"""The second check of a dose: by another person, of exactly this dose, where a clinic wants it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dosing import TABLETS, UserError
from monitoring.clinic_choices import ClinicChoices
from monitoring.record.dose_check import DoseCheck
from monitoring.record.entries import Author, Record, StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.second_check import DoseFigures, check_in_force, check_of_dose, dose_to_check
from monitoring.summary import PatientSummary, summarise
from reports.dose_card import ForbiddenCardError, dose_card
from reports.give_log import give_log
from tests.builders import (
    a_dose,
    a_dose_check,
    a_measurement,
    a_record,
    at,
    voided,
)

NOW = at("2026-11-24T10:00")
TODAY = date(2026, 11, 24)
RIGHT: dict[str, Any] = {
    "dose_mg": Decimal("0.44"),
    "volume_ml": Decimal("0.44"),
    "every_hours": 12,
}
WANTED = ClinicChoices(second_check=True)
DOSE = 3
"""The number of the dose in `treated`."""


def treated(*more: Any, dose: Prescription | None = None, by: str = "Dr Sample") -> Record:
    given = dose or a_dose("2026-11-01T08:00", "0.44")
    author = Author(by, at("2026-11-01T08:00"))
    weight = a_measurement("12.4 kg", "88 cm", date(2026, 10, 30))
    return a_record(weight, given, *more, by=author)


def dose_of(record: Record) -> StoredEntry[Prescription]:
    return dose_to_check(record, NOW)


def checked(record: Record, by: str = "Nurse Sample", **typed: Any) -> DoseCheck:
    return check_of_dose(dose_of(record), DoseFigures(**RIGHT | typed), by, TODAY)


def summary(record: Record, clinic: ClinicChoices = WANTED) -> PatientSummary:
    return summarise(record, NOW, clinic)


# --- comparing what was typed


def test_the_same_figures_by_another_person_are_confirmed() -> None:
    check = checked(treated())
    assert check == DoseCheck(of=DOSE, on=TODAY, checked_by="Nurse Sample", **RIGHT)


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"dose_mg": Decimal("4.4")}, "the dose in mg differs"),
        ({"volume_ml": Decimal("4.4")}, "the volume in mL differs"),
        ({"volume_ml": None}, "the volume in mL differs"),
        ({"every_hours": 24}, "the interval differs"),
        ({"evening_mg": Decimal("0.44")}, "the evening dose in mg differs"),
        (
            {"dose_mg": Decimal("0.4"), "volume_ml": Decimal("0.4")},
            "the dose in mg and the volume in mL differ ",
        ),
    ],
)
def test_a_difference_is_told_without_the_right_figure(typed: dict[str, Any], named: str) -> None:
    with pytest.raises(UserError) as refused:
        checked(treated(), **typed)
    assert f"Not confirmed: {named}" in str(refused.value)
    assert "0.44" not in str(refused.value)


@pytest.mark.parametrize("by", ["Dr Sample", "dr  sample", "DR. SAMPLE", " Dr Sample "])
def test_the_prescriber_does_not_count(by: str) -> None:
    with pytest.raises(UserError, match="this person prescribed the dose"):
        checked(treated(), by=by)


def test_who_passed_a_limit_and_a_login_do_not_count() -> None:
    dose = replace(
        a_dose("2026-11-01T08:00", "0.44"), override_by="Dr Over", override_reason="discussed"
    )
    record = treated(dose=dose, by="ann on behalf of Dr Ünal")
    for by in ("Dr Over", "ann", "Dr Ünal", "ann on behalf of Dr Ünal"):
        with pytest.raises(UserError, match="this person prescribed the dose"):
            checked(record, by=by)
    assert checked(record, by="Dr Other").checked_by == "Dr Other"


@pytest.mark.parametrize("by", ["", " ", "[]", "\u200b"])
def test_a_check_needs_a_name(by: str) -> None:
    with pytest.raises(UserError, match="The name is empty"):
        checked(treated(), by=by)


def test_an_evening_dose_and_a_dilution_are_part_of_the_figures() -> None:
    dose = a_dose("2026-11-01T08:00", "0.4", evening_mg=Decimal("0.5"),
                  strength_mg_per_ml=Decimal("0.5"))  # fmt: skip
    found = DoseFigures.of(dose)
    assert (found.volume_ml, found.evening_mg, found.evening_ml) == (
        Decimal("0.8"), Decimal("0.5"), Decimal(1),
    )  # fmt: skip
    third = DoseFigures.of(replace(dose, evening_mg=None, strength_mg_per_ml=Decimal("0.3")))
    assert third.volume_ml == Decimal("1.333")
    assert DoseFigures.of(a_dose(mg="1", product=TABLETS)).volume_ml is None


def test_the_next_dose_is_checked_where_there_is_no_current_one() -> None:
    later = treated(dose=a_dose("2026-11-25T08:00", "0.5"))
    assert dose_of(later).entry.dose_mg == Decimal("0.5")
    with pytest.raises(UserError, match="no dose to check"):
        dose_to_check(a_record(), NOW)


# --- which check counts


def test_a_check_counts_for_its_own_dose_alone() -> None:
    record = treated(a_dose_check(of=DOSE))
    assert check_in_force(record, dose_of(record)) is not None
    changed = treated(a_dose_check(of=DOSE), a_dose("2026-11-20T08:00", "0.44"))
    assert dose_of(changed).number != DOSE
    assert check_in_force(changed, dose_of(changed)) is None


def test_a_voided_check_does_not_count() -> None:
    record = treated(a_dose_check(of=DOSE))
    number = record.of(DoseCheck)[0].number
    assert check_in_force(voided(record, number), dose_of(record)) is None


def test_an_earlier_check_counts_where_a_later_one_was_voided() -> None:
    record = treated(a_dose_check(of=DOSE), a_dose_check(of=DOSE, by="Nurse Other"))
    last = record.of(DoseCheck)[-1].number
    found = check_in_force(voided(record, last), dose_of(record))
    assert found is not None
    assert found.entry.checked_by == "Nurse Sample"


@pytest.mark.parametrize(
    "wrong",
    [{"dose_mg": Decimal("4.4")}, {"every_hours": 24}, {"by": "Dr Sample"}, {"of": 2}],
)
def test_a_check_that_another_program_wrote_is_compared_again(wrong: dict[str, Any]) -> None:
    record = treated(a_dose_check(**{"of": DOSE, **wrong}))
    assert check_in_force(record, dose_of(record)) is None


# --- the card and the give-log


@pytest.mark.parametrize("page", [dose_card, give_log])
def test_no_page_is_printed_before_the_check(page: Any) -> None:
    with pytest.raises(ForbiddenCardError, match=r"No second person has checked the dose of 0\.44"):
        page(summary(treated()))
    assert page(summary(treated(a_dose_check(of=DOSE)))).startswith(b"%PDF")


def test_without_the_setting_nothing_changes() -> None:
    assert dose_card(summary(treated(), ClinicChoices())).startswith(b"%PDF")


def test_a_dose_to_come_on_the_give_log_is_checked_too() -> None:
    coming = a_dose("2026-11-27T08:00", "0.5")
    record = treated(coming, a_dose_check(of=DOSE))
    with pytest.raises(ForbiddenCardError, match=r"checked the dose of 0\.5 mg"):
        give_log(summary(record))
    both: dict[str, Any] = {"of": DOSE + 1, "dose_mg": Decimal("0.5"), "volume_ml": Decimal("0.5")}
    record = treated(coming, a_dose_check(of=DOSE), a_dose_check(**both))
    assert give_log(summary(record)).startswith(b"%PDF")
