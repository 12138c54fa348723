"""Changes of exposure: what makes the level move to another steady state."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dosing import Product
from monitoring.record.entries import Record
from monitoring.treatment import ExposureCause, TreatmentHistory
from tests.builders import a_dose, a_drug, a_missed_dose, a_record, at, ended, held_doses, later

BEGUN = at("2026-11-01T08:00")
CHANGED = at("2026-11-20T08:00")
START = (ExposureCause.START, BEGUN)


def changes(record: Record) -> list[tuple[ExposureCause, Any]]:
    return [(each.cause, each.at) for each in TreatmentHistory.of(record).exposure_changes]


def test_the_first_dose_is_the_start() -> None:
    assert changes(a_record()) == []
    assert changes(a_record(a_dose(BEGUN))) == [START]


@pytest.mark.parametrize(
    ("dose", "cause"),
    [
        ({}, None),
        ({"mg": "0.46"}, ExposureCause.DOSE),
        ({"times_a_day": 1}, ExposureCause.DOSE),
        ({"times_a_day": 1, "every_hours": 48}, ExposureCause.DOSE),
        ({"evening_mg": Decimal("0.4")}, ExposureCause.DOSE),
        ({"every_hours": 12}, None),  # as twice a day
        ({"strength_mg_per_ml": Decimal("0.5")}, ExposureCause.PRODUCT),
        ({"product": Product.TABLETS, "mg": "0.5"}, ExposureCause.PRODUCT),
        ({"reason": "prescribed again", "protocol": "phase2"}, None),
    ],
)
def test_a_change_of_dose_interval_product_or_strength_counts(
    dose: dict[str, Any], cause: ExposureCause | None
) -> None:
    record = a_record(a_dose(BEGUN), a_dose(CHANGED, **dose))
    assert changes(record) == [START, *([(cause, CHANGED)] if cause else [])]


@pytest.mark.parametrize(("minutes", "is_restart"), [(-1, False), (0, True), (1, True)])
def test_doses_held_for_three_days_make_the_next_one_a_restart(
    minutes: int, *, is_restart: bool
) -> None:
    again = later(CHANGED, days=3, minutes=minutes)
    hold = held_doses(CHANGED, None, is_open=True)
    record = ended(a_record(a_dose(BEGUN), hold), 3, again)
    restart = [(ExposureCause.RESTART, again)] if is_restart else []
    assert changes(record) == [START, *restart]
    planned = a_record(a_dose(BEGUN), held_doses(CHANGED, again))
    assert changes(planned) == [START, *restart]


@pytest.mark.parametrize(("doses", "is_restart"), [(5, False), (6, True), (7, True)])
def test_doses_missed_in_a_row_for_three_days_make_the_next_one_a_restart(
    doses: int, *, is_restart: bool
) -> None:
    """Twice a day: six in a row are three days."""
    missed = [a_missed_dose(later(CHANGED, hours=12 * number)) for number in range(doses)]
    restart = (ExposureCause.RESTART, later(CHANGED, hours=12 * doses))
    found = changes(a_record(a_dose(BEGUN), *reversed(missed)))
    assert found == [START, *([restart] if is_restart else [])]


def test_missed_doses_recorded_some_hours_off_are_still_in_a_row() -> None:
    off = (0, 15, 22, 37, 49, 60)  # due at 0, 12, 24 ...
    missed = [a_missed_dose(later(CHANGED, hours=each)) for each in off]
    assert changes(a_record(a_dose(BEGUN), *missed)) == [
        START,
        (ExposureCause.RESTART, later(CHANGED, days=3)),
    ]


def test_doses_missed_with_one_given_between_them_are_no_gap() -> None:
    hours = [12 * number for number in range(9) if number != 4]
    missed = [a_missed_dose(later(CHANGED, hours=each)) for each in hours]
    assert changes(a_record(a_dose(BEGUN), *missed)) == [START]


def test_doses_missed_before_a_hold_and_after_it_are_one_gap() -> None:
    """A day missed, a day held, and two doses missed at its end."""
    missed = [a_missed_dose(later(CHANGED, hours=each)) for each in (0, 12, 48, 60)]
    hold = held_doses(later(CHANGED, days=1), later(CHANGED, days=2))
    assert changes(a_record(a_dose(BEGUN), hold, *missed)) == [
        START,
        (ExposureCause.RESTART, later(CHANGED, days=3)),
    ]


def test_an_open_hold_is_no_restart_yet() -> None:
    assert changes(a_record(a_dose(BEGUN), held_doses(CHANGED, None, is_open=True))) == [START]


@pytest.mark.parametrize(
    ("minutes", "cause"),
    [(-1, ExposureCause.DOSE), (0, ExposureCause.RESTART), (1, ExposureCause.RESTART)],
)
def test_a_pause_of_three_days_between_prescriptions_is_a_restart(
    minutes: int, cause: ExposureCause
) -> None:
    """A shorter pause is a change of the dose: the level is another one for a while."""
    again = later(CHANGED, days=3, minutes=minutes)
    record = ended(a_record(a_dose(BEGUN), a_dose(again)), 2, CHANGED)
    assert changes(record) == [START, (cause, again)]


def test_a_drug_to_avoid_counts_on_its_first_and_its_last_day_from_midnight() -> None:
    record = a_record(a_dose(BEGUN), a_drug("voriconazole", "2026-11-10"))
    assert changes(ended(record, 3, date(2026, 11, 20))) == [
        START,
        (ExposureCause.DRUG, at("2026-11-10T00:00")),
        (ExposureCause.DRUG, at("2026-11-20T00:00")),
    ]
    assert TreatmentHistory.of(record).exposure_changes[1].drug == "voriconazole"


@pytest.mark.parametrize("drug", ["paracetamol", "unheard-of"])
def test_a_drug_that_changes_little_or_nothing_known_does_not_count(drug: str) -> None:
    assert changes(a_record(a_dose(BEGUN), a_drug(drug, "2026-11-10"))) == [START]


@pytest.mark.parametrize(
    ("day", "counts"), [("2026-10-31", False), ("2026-11-01", False), ("2026-11-02", True)]
)
def test_a_drug_from_before_the_first_dose_is_part_of_the_start(day: str, *, counts: bool) -> None:
    record = a_record(a_dose(BEGUN), a_drug("voriconazole", day))
    assert (len(changes(record)) == 2) is counts


def test_a_loading_dose_counts_even_with_the_first_dose() -> None:
    load = a_dose(BEGUN, "2", times_a_day=1, loading=True)
    assert changes(a_record(a_dose(BEGUN), load)) == [START, (ExposureCause.LOADING, BEGUN)]


@pytest.mark.parametrize(("minutes", "expected"), [(-1, BEGUN), (0, CHANGED), (1, CHANGED)])
def test_the_last_change_is_that_up_to_the_moment(minutes: int, expected: Any) -> None:
    history = TreatmentHistory.of(a_record(a_dose(BEGUN), a_dose(CHANGED, "0.6")))
    last = history.last_exposure_change(later(CHANGED, minutes=minutes))
    assert last is not None
    assert last.at == expected
    assert history.last_exposure_change(later(BEGUN, minutes=-1)) is None
