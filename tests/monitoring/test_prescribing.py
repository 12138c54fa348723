"""A prescription against the newest level: a raise after a high one, and what changes that."""

from decimal import Decimal

import pytest

from dosing import AlertKind
from monitoring.prescribing import check_prescription
from monitoring.record.entry import Entry
from monitoring.record.level import Level, LevelCause, LevelCauseAnswer
from tests.builders import a_dose, a_level, a_measurement, a_record, at, day

NOW = at("2026-11-29T10:00")
DOSE = a_dose("2026-10-01T08:00", "0.4")
MEASURED = a_measurement("16 kg", "100 cm", "2026-11-20")
SAMPLED = "2026-11-27T08:00"


def found(mg: str, *entries: Entry) -> AlertKind | None:
    """Return the kind of the alert against a dose of so many mg, prescribed now."""
    checked = check_prescription(a_record(MEASURED, DOSE, *entries), a_dose(NOW, mg), NOW)
    return next((a.kind for a in checked.alerts if a.code == "level-against-raise"), None)


def high(value: str, *, hours: float = 12) -> Level:
    return a_level(f"{value} ng/mL", SAMPLED, hours=hours)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("14.9", None), ("15.0", None), ("15.1", AlertKind.CAUTION),
        ("29.9", AlertKind.CAUTION), ("30.0", AlertKind.CAUTION), ("30.1", AlertKind.OVERRIDE),
    ],
)  # fmt: skip
def test_a_raise_after_a_level_above_the_target(value: str, kind: AlertKind | None) -> None:
    assert found("0.42", high(value)) is kind


@pytest.mark.parametrize("mg", ["0.38", "0.40"])
def test_the_same_dose_and_a_lower_one_are_no_raise(mg: str) -> None:
    assert found(mg, high("46")) is None


def test_a_dose_lowered_since_may_go_up_again_below_the_one_of_the_level() -> None:
    lowered = a_dose("2026-11-28T08:00", "0.1")
    assert found("0.2", high("46"), lowered) is None
    assert found("0.42", high("46"), lowered) is AlertKind.OVERRIDE


def test_a_peak_is_held_against_a_raise_above_30_only() -> None:
    assert found("0.42", high("21.4", hours=2)) is None
    assert found("0.42", high("31", hours=2)) is AlertKind.OVERRIDE


def test_an_excluded_or_an_old_level_says_nothing() -> None:
    cause = LevelCauseAnswer(
        of=4, on=day("2026-11-28"), cause=LevelCause.WRONG_PATIENT, is_excluded=True
    )
    assert found("0.42", high("46"), cause) is None
    old = a_level("46 ng/mL", "2026-09-20T08:00")
    assert found("0.42", old) is None


def test_a_loading_dose_is_a_raise() -> None:
    load = a_dose(NOW, "1", times_a_day=1, loading=True)
    checked = check_prescription(a_record(MEASURED, DOSE, high("18")), load, NOW)
    assert "level-against-raise" in {each.code for each in checked.alerts}


def test_what_was_given_is_recorded_past_it() -> None:
    given = a_dose("2026-11-28T08:00", "0.5", given_reason="given by mistake")
    checked = check_prescription(a_record(MEASURED, DOSE, high("46")), given, NOW)
    assert not checked.stopped
    assert checked.prescription.dose_mg == Decimal("0.5")
    assert "level-against-raise" in checked.prescription.overridden_alerts
