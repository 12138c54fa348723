"""Every door through which a dose is stored, against every fact of a record that forbids one.

A door is forbidding where it stores nothing without an override that is stated and signed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from dosing import (
    ORAL_SOLUTION,
    REVIEW,
    AlertKind,
    LiverImpairment,
    Quantity,
    QuantityKind,
    read_quantity,
)
from dosing.surface_area import MOSTELLER
from monitoring.exchange.import_plan import ImportChoices
from monitoring.prescribing import check_prescription
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.restarting import check_restart
from monitoring.tapering import plan_taper
from monitoring.visit import VisitPart, check_visit
from tests.builders import (
    a_condition,
    a_dose,
    a_level,
    a_measurement,
    a_record,
    a_side_effect,
    at,
    held_doses,
)
from tui.app.dose_calculation import Entered, calculate_for

NOW = at("2026-11-29T08:00")
WEIGHED = a_measurement("12.4 kg", "88 cm", "2026-11-20")
DOSE = a_dose("2026-10-01T08:00", "0.44")
USABLE = a_level("4 ng/mL", "2026-11-28T20:00")
HELD = held_doses("2026-11-20T08:00", None, is_open=True)
SEVERE = a_side_effect("mouth ulcers", "2026-11-25", 3)
PREGNANT = a_condition("pregnancy", "2026-11-10")


@dataclass(frozen=True)
class Door:
    """A door: whether it stores a dose for a record without an override."""

    name: str
    lets_in: Callable[[Record], bool]


def by_prescription(mg: str) -> Callable[[Record], bool]:
    """Return the door of `prescribe`, its form, and the forecast's dose, which is taken there."""
    return lambda record: not check_prescription(record, a_dose(NOW, mg), NOW).stopped


def by_calculator(record: Record) -> bool:
    entered = Entered(
        weight=_weight(), height=None, protocol=REVIEW, formula=MOSTELLER, product=ORAL_SOLUTION,
        liver=LiverImpairment.NONE, drugs=(),
    )  # fmt: skip
    return calculate_for(record, entered, NOW, NOW).dose is not None


def _weight() -> Quantity:
    return read_quantity("12.4 kg", QuantityKind.WEIGHT)


def by_taper(record: Record) -> bool:
    return not plan_taper(record, NOW).stopped


def by_restart(record: Record) -> bool:
    return not check_restart(record, NOW, NOW).stopped


def by_visit(record: Record) -> bool:
    part = VisitPart(name="dose", entry=a_dose(NOW, "0.46"))
    return check_visit(record, [part], NOW).can_be_stored


RAISE = Door("raise", by_prescription("0.46"))
SAME = Door("same dose", by_prescription("0.44"))
LOWER = Door("lower dose", by_prescription("0.40"))
TAPER = Door("taper", by_taper)
CALCULATOR = Door("calculator", by_calculator)
RESTART = Door("restart", by_restart)
VISIT = Door("form of several entries", by_visit)

TREATED = (WEIGHED, DOSE)
FACTS: dict[str, tuple[tuple[Entry, ...], frozenset[Door], frozenset[Door]]] = {
    # the record; the doors that forbid; those that do not
    "nothing": (
        (*TREATED, USABLE),
        frozenset({CALCULATOR}), frozenset({RAISE, SAME, LOWER, TAPER, VISIT}),
    ),
    "no level": (
        TREATED, frozenset({CALCULATOR}), frozenset({RAISE, SAME, LOWER, TAPER, VISIT}),
    ),
    "no trough": (
        (*TREATED, a_level("4 ng/mL", "2026-11-28T12:00", hours=4)),
        frozenset({RAISE, CALCULATOR, VISIT}), frozenset({SAME, LOWER, TAPER}),
    ),
    "level from before a change of dose": (
        (WEIGHED, a_dose("2026-10-01T08:00", "0.40"), a_level("4 ng/mL", "2026-11-26T20:00"),
         a_dose("2026-11-27T08:00", "0.44")),
        frozenset({RAISE, CALCULATOR, VISIT}), frozenset({SAME, LOWER}),
    ),
    "level that does not fit": (
        (*TREATED, a_level("13 ng/mL", "2026-11-15T20:00"), a_level("3 ng/mL", "2026-11-28T20:00")),
        frozenset({RAISE, CALCULATOR, VISIT}), frozenset({SAME, LOWER}),
    ),
    "level above 30": (
        (*TREATED, a_level("31 ng/mL", "2026-11-28T20:00")),
        frozenset({RAISE, CALCULATOR, VISIT}), frozenset({SAME, LOWER}),
    ),
    "grade 3": (
        (*TREATED, USABLE, SEVERE),
        frozenset({RAISE, CALCULATOR, VISIT}), frozenset({LOWER, TAPER}),
    ),
    "pregnancy": (
        (*TREATED, USABLE, PREGNANT),
        frozenset({RAISE, SAME, CALCULATOR, VISIT}), frozenset({LOWER, TAPER}),
    ),
    "hold": (
        (*TREATED, USABLE, HELD),
        frozenset({RAISE, CALCULATOR, TAPER, VISIT}), frozenset({RESTART}),
    ),
    "hold and grade 3": (
        (*TREATED, USABLE, HELD, SEVERE),
        frozenset({RAISE, SAME, LOWER, CALCULATOR, TAPER, RESTART, VISIT}), frozenset(),
    ),
    "hold and pregnancy": (
        (*TREATED, USABLE, HELD, PREGNANT),
        frozenset({RAISE, SAME, LOWER, CALCULATOR, TAPER, RESTART, VISIT}), frozenset(),
    ),
    "pregnancy before the start": (
        (WEIGHED, PREGNANT), frozenset({RAISE, CALCULATOR, VISIT}), frozenset(),
    ),
    "before the start": ((WEIGHED,), frozenset(), frozenset({RAISE, CALCULATOR, VISIT})),
}  # fmt: skip


@pytest.mark.parametrize("fact", FACTS)
def test_each_door_forbids_what_the_record_forbids(fact: str) -> None:
    entries, forbid, allow = FACTS[fact]
    record = a_record(*entries)
    assert {door.name for door in forbid if door.lets_in(record)} == set()
    assert {door.name for door in allow if not door.lets_in(record)} == set()


@pytest.mark.parametrize("fact", ["no trough", "grade 3", "pregnancy"])
def test_a_signed_override_passes_it_and_its_code_is_kept(fact: str) -> None:
    record = a_record(*FACTS[fact][0])
    signed = a_dose(NOW, "0.46", override_reason="agreed by the team", override_by="Dr Example")
    checked = check_prescription(record, signed, NOW)
    unsigned = check_prescription(record, a_dose(NOW, "0.46"), NOW)
    assert not checked.stopped
    assert set(checked.prescription.overridden_alerts) == set(unsigned.alerts.blocking_codes)


def test_an_override_of_one_fact_shows_the_level_that_is_waited_for_too() -> None:
    record = a_record(*FACTS["no trough"][0], PREGNANT)
    signed = a_dose(NOW, "0.46", override_reason="agreed by the team", override_by="Dr Example")
    passed = check_prescription(record, signed, NOW).prescription.overridden_alerts
    assert set(passed) == {"pregnancy", "raise-without-level"}


def test_a_raise_before_the_first_level_is_a_caution() -> None:
    """The label's 7-14 days on a dose; nothing measured speaks against the raise."""
    raised = a_dose(NOW, "0.46")
    kinds = {
        each.code: each.kind for each in check_prescription(a_record(*TREATED), raised, NOW).alerts
    }
    assert kinds["raise-before-first-level"] is AlertKind.CAUTION
    assert "raise-without-level" not in kinds


def test_a_loading_dose_waits_for_no_level_of_its_own() -> None:
    load = a_dose(NOW, "1.2", times_a_day=1, loading=True)
    for record in (a_record(*TREATED), a_record(*FACTS["no trough"][0])):
        codes = {each.code for each in check_prescription(record, load, NOW).alerts}
        assert not codes & {"raise-without-level", "raise-before-first-level"}


def test_a_dose_that_was_given_is_recorded_with_all_that_spoke_against_it() -> None:
    given = a_dose("2026-11-28T08:00", "0.46", given_reason="prescribed elsewhere")
    checked = check_prescription(a_record(*TREATED, PREGNANT), given, NOW)
    assert not checked.stopped
    assert checked.prescription.dose_mg == Decimal("0.46")
    assert "pregnancy" in checked.prescription.overridden_alerts


def test_an_import_takes_no_dose_unless_it_is_asked_to() -> None:
    assert ImportChoices(file="results.json").take_doses is False
