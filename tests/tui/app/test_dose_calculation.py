"""The calculator's dose for a patient, without the screen: what the record forbids counts."""

from dataclasses import replace

import pytest

from dosing import (
    MOSTELLER,
    REVIEW,
    LiverImpairment,
    Override,
    Product,
    QuantityKind,
    UserError,
    read_quantity,
)
from monitoring.record.entry import Entry
from monitoring.record.measurement import Measurement
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.builders import (
    AUTHOR,
    Ticking,
    a_condition,
    a_dose,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    held_doses,
)
from tui.app.dose_calculation import Calculation, Entered, calculate_for, store

NOW = at("2026-11-20T08:00")
OVERRIDE = Override("a plan", "Dr Example")
DOSE = a_dose("2026-11-01T08:00", "0.44")
ENTERED = Entered(
    weight=read_quantity("12.4 kg", QuantityKind.WEIGHT),
    height=read_quantity("88 cm", QuantityKind.HEIGHT),
    protocol=REVIEW,
    formula=MOSTELLER,
    product=Product.SOLUTION,
    liver=LiverImpairment.NONE,
    drugs=(),
    override=None,
)


def calculated(
    *entries: Entry, override: Override | None = None, product: Product = Product.SOLUTION
) -> Calculation:
    record = a_record(a_measurement(on="2026-11-01"), *entries, patient=a_patient(allergies=""))
    return calculate_for(record, replace(ENTERED, product=product, override=override), NOW, NOW)


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


@pytest.mark.parametrize(
    ("on", "reason", "is_stored"),
    [
        ("2026-11-20", "", False),
        ("2026-11-20", "weighed again", True),
        ("2026-11-19", "", True),
    ],
)
def test_another_weight_of_the_same_day_is_stored_only_with_a_reason(
    on: str, reason: str, *, is_stored: bool
) -> None:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        records = Store(engine, AUTHOR, Ticking(NOW))
        number = records.add_patient(a_patient(allergies="")).number
        records.add(number, a_measurement("12.1 kg", "88 cm", on))
        record = records.read(number)
        calculation = calculate_for(record, ENTERED, NOW, NOW, reason=reason)
        is_same_day = on == "2026-11-20"
        found = {each.code for each in calculation.measurement_alerts}
        assert ("entry-of-same-time" in found) is is_same_day
        if not is_stored:
            with pytest.raises(UserError, match=r"about the same time: 12\.1 kg.*enter the reason"):
                store(calculation, record, records)
            assert records.read(number) == record
            return
        store(calculation, record, records)
        *_, last = records.read(number).of(Measurement)
        assert last.entry.reason == (reason if is_same_day else "")
