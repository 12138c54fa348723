"""Doses off the marks, and the other doses of whole tablets (course.md, section 7)."""

from decimal import Decimal

import pytest

from dosing import ORAL_SOLUTION, TABLETS, AlertKind
from dosing.dosage import Dosage
from dosing.knowledge.products import FINE_MARKS, STANDARD_MARKS, SyringeMarks
from dosing.measuring import measurable, tablet_options


def message(
    dosage: Dosage, strength: str = "1", marks: SyringeMarks = STANDARD_MARKS
) -> str | None:
    found = measurable(dosage, ORAL_SOLUTION, strength_mg_per_ml=Decimal(strength), marks=marks)
    assert all(alert.kind is AlertKind.CAUTION for alert in found)
    assert {alert.code for alert in found} <= {"off-the-marks"}
    return found[0].message if found else None


@pytest.mark.parametrize(
    ("mg", "below", "above", "fine"),
    [
        ("0.75", "0.74", "0.76", True), ("0.85", "0.84", "0.86", True),
        ("0.875", "0.86", "0.88", False), ("1.01", "1", "1.1", False),
    ],
)  # fmt: skip
def test_a_dose_off_the_marks_names_the_nearest(
    mg: str, below: str, above: str, *, fine: bool
) -> None:
    words = message(Dosage(Decimal(mg), 12))
    assert words is not None
    assert f"{mg} mg ({mg} mL of 1 mg/mL) is off the marks" in words
    assert f"{below} mg ({below} mL of 1 mg/mL) or {above} mg ({above} mL of 1 mg/mL)" in words
    assert (f"0.01 mL marks gives {mg} mL" in words) == fine


def test_below_the_first_mark_only_the_first_is_named() -> None:
    words = message(Dosage(Decimal("0.01"), 24))
    assert words is not None
    assert "Choose 0.02 mg (0.02 mL of 1 mg/mL)." in words
    assert "0.01 mL marks gives 0.01 mL" in words


@pytest.mark.parametrize("mg", ["0.44", "0.02", "1", "1.1", "3.2"])
def test_a_dose_on_the_marks_is_no_caution(mg: str) -> None:
    assert message(Dosage(Decimal(mg), 12)) is None


@pytest.mark.parametrize(("mg", "off"), [("0.49", False), ("0.5", False), ("0.51", True)])
def test_the_clinics_marks_count(mg: str, *, off: bool) -> None:
    assert (message(Dosage(Decimal(mg), 12), marks=FINE_MARKS) is not None) == off


def test_a_dilution_has_its_own_marks() -> None:
    assert message(Dosage(Decimal("0.05"), 24), "0.5") is None  # 0.1 mL
    words = message(Dosage(Decimal("0.055"), 24), "0.5")
    assert words is not None
    assert "0.055 mg (0.11 mL of 0.5 mg/mL)" in words
    assert "0.05 mg (0.1 mL of 0.5 mg/mL) or 0.06 mg (0.12 mL of 0.5 mg/mL)" in words


def test_morning_and_evening_are_each_judged_and_a_dose_once() -> None:
    found = measurable(Dosage(Decimal("0.75"), 12, Decimal("0.85")), ORAL_SOLUTION)
    assert [alert.message.split(" mg")[0] for alert in found] == ["0.75", "0.85"]
    assert len(measurable(Dosage(Decimal("0.75"), 12, Decimal("0.74")), ORAL_SOLUTION)) == 1


def test_no_whole_tablet_names_every_way() -> None:
    """0.75 mg twice a day is 1.5 mg a day: 1 + 0.5 mg, 1.5 mg, or 3 mg every second day."""
    (alert,) = measurable(Dosage(Decimal("0.75"), 12), TABLETS)
    assert (alert.code, alert.kind) == ("no-whole-tablets", AlertKind.CAUTION)
    for words in (
        "choose 0.5 mg or 1 mg", "Once a day: 1.5 mg every 24 hours",
        "1 mg in the morning and 0.5 mg in the evening", "Alternate days: 3 mg every 48 hours",
    ):  # fmt: skip
        assert words in alert.message


def test_ways_that_are_far_off_are_left_out() -> None:
    """0.1 mg a day: every tablet dose is at least 150 % more."""
    (alert,) = measurable(Dosage(Decimal("0.1"), 24), TABLETS)
    assert "choose 0.5 mg" in alert.message
    assert "Once a day" not in alert.message
    assert measurable(Dosage(Decimal("0.5"), 48), TABLETS) == ()


@pytest.mark.parametrize(
    ("daily", "named"),
    # 0.5 mg once a day, or 1 mg every second day, is 28.2, 25 and 22 % more
    [("0.39", False), ("0.4", True), ("0.41", True)],
)
def test_other_ways_are_within_25_percent(daily: str, *, named: bool) -> None:
    """At 72 hours the two nearest are 1 and 1.5 mg, for 1.17, 1.2 and 1.23 mg."""
    options = tablet_options(Decimal(daily), 72)
    assert {str(each.dosage) for each in options} == {
        "1 mg every 72 hours", "1.5 mg every 72 hours",
        *(("0.5 mg every 24 hours", "1 mg every 48 hours") if named else ()),
    }  # fmt: skip


@pytest.mark.parametrize(("ceiling", "named"), [("0.99", 0), ("1", 3), ("1.01", 3)])
def test_no_option_is_above_the_ceiling_of_a_day(ceiling: str, named: int) -> None:
    """0.9 mg a day: 0.5 mg twice, 1 mg once, 2 mg every second day; unequal is 1.5 mg."""
    options = tablet_options(Decimal("0.9"), 12, Decimal(ceiling))
    assert all(each.dosage.daily_mg <= Decimal(ceiling) for each in options)
    assert len(options) == named
