"""The calculator's dose for a patient, without the screen: what the record forbids counts."""

import pytest

from dosing import (
    MOSTELLER,
    REVIEW,
    LiverImpairment,
    Override,
    Product,
    QuantityKind,
    read_quantity,
)
from monitoring.record.entry import Entry
from tests.builders import (
    a_condition,
    a_dose,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    held_doses,
)
from tui.app.dose_calculation import Calculation, Entered, calculate_for

NOW = at("2026-11-20T08:00")
OVERRIDE = Override("a plan", "Dr Example")
DOSE = a_dose("2026-11-01T08:00", "0.44")


def calculated(
    *entries: Entry, override: Override | None = None, product: Product = Product.SOLUTION
) -> Calculation:
    record = a_record(a_measurement(on="2026-11-01"), *entries, patient=a_patient(allergies=""))
    entered = Entered(
        weight=read_quantity("12.4 kg", QuantityKind.WEIGHT),
        height=read_quantity("88 cm", QuantityKind.HEIGHT),
        protocol=REVIEW,
        formula=MOSTELLER,
        product=product,
        liver=LiverImpairment.NONE,
        drugs=(),
        override=override,
    )
    return calculate_for(record, entered, NOW, NOW)


def codes(calculation: Calculation) -> set[str]:
    return set(calculation.alerts.blocking_codes)


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ((a_side_effect("pneumonitis", "2026-11-10", 3),), "pneumonitis-severe"),
        ((a_condition("pregnancy", "2026-11-10"),), "pregnancy"),
        ((a_condition("peanut allergy", "2020-01-01"),), "allergy-soya"),
        ((DOSE,), "already-on-treatment"),
        ((DOSE, held_doses("2026-11-10T08:00", None, is_open=True)), "already-on-treatment"),
    ],
)
def test_an_override_is_needed_and_its_codes_are_kept(
    entries: tuple[Entry, ...], code: str
) -> None:
    stopped = calculated(*entries)
    assert (stopped.dose, codes(stopped), stopped.awaits_override) == (None, {code}, True)
    assert stopped.checked is None
    passed = calculated(*entries, override=OVERRIDE)
    assert passed.dose is not None
    assert passed.passes_override
    assert passed.checked is not None
    assert code in passed.checked.prescription.overridden_alerts


def test_a_stop_shows_no_dose_whatever_the_override() -> None:
    stopped = calculated(a_condition("allergy to sirolimus", "2020-01-01"), override=OVERRIDE)
    assert (stopped.dose, stopped.awaits_override) == (None, False)


def test_tablets_are_free_of_soya() -> None:
    record = a_condition("peanut allergy", "2020-01-01")
    assert "allergy-soya" not in codes(calculated(record, product=Product.TABLETS))


def test_a_record_without_obstacles_gives_its_dose() -> None:
    calculation = calculated()
    assert calculation.dose is not None
    assert codes(calculation) == set()
