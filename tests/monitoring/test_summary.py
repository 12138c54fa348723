"""The summary of a patient, on small records worked by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dosing import AlertKind, Product, QuantityKind, read_quantity
from monitoring.laboratory import assess_laboratory
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.store.store import Store
from monitoring.store.trail_end import START
from monitoring.store.verify import verify
from monitoring.summary import PatientSummary, summarise
from tests.builders import (
    a_dose,
    a_laboratory_value,
    a_level,
    a_record,
    at,
    ended,
    voided,
)
from tests.stores import fill

NOW = at("2026-11-24T22:00")
DAY = date(2026, 11, 1)
START_OF_DOSE = "2026-11-01T08:00"


def summary(*entries: Entry) -> PatientSummary:
    return summarise(a_record(*entries), NOW)


def trough(value: str, day: str) -> Level:
    return a_level(value, f"{day}T08:00", assay=None)


def lab(
    value: str, day: str, test: str = "ALT", limits: tuple[str | None, str | None] = (None, None)
) -> LaboratoryValue:
    return a_laboratory_value(test, value, f"{day}T08:00", lower=limits[0], upper=limits[1])


def test_nothing_but_the_patient() -> None:
    found = summary()
    assert found.where_things_stand == "Not started; no level yet; nothing overdue."
    assert (found.current, found.target, found.last_level, found.response) == (None,) * 4
    assert (found.alerts, found.due, found.doses, found.past_drugs) == ((), (), (), ())
    assert found.sources == {}


def test_the_dose_per_m2_is_that_of_the_body_as_last_measured() -> None:
    old = Measurement(
        on=date(2026, 10, 1),
        weight=read_quantity("10 kg", QuantityKind.WEIGHT),
        height=read_quantity("90 cm", QuantityKind.HEIGHT),
    )
    new = Measurement(on=date(2026, 11, 20), weight=read_quantity("14.4 kg", QuantityKind.WEIGHT))
    later = Measurement(on=date(2026, 11, 25), weight=read_quantity("99 kg", QuantityKind.WEIGHT))
    current = summary(old, new, later, a_dose(START_OF_DOSE, "0.5")).current
    assert current is not None
    # By hand: the square root of 90 × 14.4 / 3600 is 0.6.
    assert current.area_m2 == Decimal("0.6")
    assert round(current.mg_per_m2_per_dose or 0, 9) == Decimal("0.833333333")
    assert round(current.mg_per_m2_per_day or 0, 9) == Decimal("1.666666667")
    assert current.measured is not None
    assert (current.measured.volume_ml, current.measured.syringe_ml) == (Decimal("0.5"),) * 2
    assert (current.weight and current.weight.number, current.height and current.height.number) == (
        3,
        2,
    )


@pytest.mark.parametrize("mg", ["0.453", "0.7"])
def test_without_a_measurement_or_a_measurable_dose_none_is_made_up(mg: str) -> None:
    product = Product.SOLUTION if mg == "0.453" else Product.TABLETS
    current = summary(replace(a_dose(START_OF_DOSE, mg), product=product)).current
    assert current is not None
    assert (current.measured, current.area_m2, current.mg_per_m2_per_day) == (None, None, None)


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("4.9 ng/mL", "below the target of 5-15 ng/mL"),
        ("5 ng/mL", "within the target of 5-15 ng/mL"),
        ("15.1 ng/mL", "above the target of 5-15 ng/mL"),
        (">7 ng/mL", "not assessed against a target"),
    ],
)
def test_the_sentence_tells_where_the_last_level_lies(level: str, words: str) -> None:
    told = summary(a_dose(START_OF_DOSE), trough(level, "2026-11-23")).where_things_stand
    assert told.startswith("On 0.44 mg × 2 a day since 1 Nov 2026; ")
    assert f"last level {level} yesterday, {words}; " in told


@pytest.mark.parametrize(
    ("day", "when"),
    [("2026-11-24", "today"), ("2026-11-23", "yesterday"), ("2026-11-22", "2 days ago")],
)
def test_the_sentence_tells_when_it_was(day: str, when: str) -> None:
    told = summary(a_dose(START_OF_DOSE), trough("7 ng/mL", day)).where_things_stand
    assert f"last level 7 ng/mL {when}, " in told


def test_a_level_that_was_taken_too_early_is_told_so() -> None:
    told = summary(a_dose(START_OF_DOSE), trough("7 ng/mL", "2026-11-04")).where_things_stand
    assert "within the target of 5-15 ng/mL (sampled too early)" in told


def test_a_voided_level_is_kept_and_is_not_the_last_one() -> None:
    record = a_record(
        a_dose(START_OF_DOSE),
        trough("7 ng/mL", "2026-11-20"),
        trough("9 ng/mL", "2026-11-23"),
    )
    found = summarise(voided(record, 4), NOW)
    assert len(found.levels) == 2
    assert found.last_level is not None
    assert found.last_level.level_ng_ml == 7


def test_open_side_effects_are_told_and_ended_ones_are_not() -> None:
    events = [
        AdverseEvent(term="mouth sores", since=DAY, grade=1),
        AdverseEvent(term="pneumonitis", since=DAY, grade=3),
    ]
    found = summary(*events)
    assert found.highest_open_grade == 3
    assert found.where_things_stand.endswith("; grade 3 adverse event open.")
    assert next((each.code, each.kind) for each in found.alerts) == (
        "pneumonitis-severe",
        AlertKind.OVERRIDE,
    )
    over = summarise(ended(a_record(*events), 3, date(2026, 11, 10)), NOW)
    assert over.highest_open_grade == 1
    assert "pneumonitis" not in {alert.code for alert in over.alerts}


def test_the_alerts_stand_strongest_first_and_once() -> None:
    fluconazole = CoMedication(drug="fluconazole", since=date(2026, 1, 1))
    found = summary(
        AdverseEvent(term="mouth sores", since=DAY),
        AdverseEvent(term="mouth sores", since=DAY),
        fluconazole,
        AdverseEvent(term="sepsis", since=DAY),
    )
    kinds = [alert.kind for alert in found.alerts]
    assert kinds == sorted(kinds, reverse=True)
    assert len(set(found.alerts)) == len(found.alerts)
    assert {alert.source for alert in found.alerts} <= set(found.sources)


def test_only_the_latest_value_of_a_test_has_open_alerts() -> None:
    low = lab("0.4 10*9/L", "2026-11-10", "neutrophils")
    assert [alert.code for alert in summary(low).alerts] == ["grade-3-or-more"]
    better = lab("4 10*9/L", "2026-11-12", "ANC")  # the same test by another name
    found = summary(low, better)
    assert found.alerts == ()
    assert [each.is_out_of_range for each in found.laboratory] == [True, False]


@pytest.mark.parametrize(
    ("value", "is_out"),
    [
        ("39 U/L", False), ("40 U/L", False), ("40.1 U/L", True),
        ("10 U/L", False), ("9.9 U/L", True),
        (">40 U/L", True), (">39 U/L", False), ("<10 U/L", True), ("<11 U/L", False),
        ("<50 U/L", False),
    ],
)  # fmt: skip
def test_out_of_range_is_what_is_certainly_beyond_a_limit(value: str, *, is_out: bool) -> None:
    value_found = lab(value, "2026-11-10", "made-up test", ("10 U/L", "40 U/L"))
    (assessed,) = assess_laboratory(a_record(value_found))
    assert assessed.grade is None  # the test is unknown: the limits alone decide
    assert assessed.is_out_of_range is is_out
    (void,) = assess_laboratory(voided(a_record(value_found), 2))
    assert not void.is_out_of_range


def test_drugs_of_today_have_their_interactions_and_others_are_kept_beside() -> None:
    now = CoMedication(drug="fluconazole", since=DAY)
    past = CoMedication(drug="clarithromycin", since=DAY)
    to_come = CoMedication(drug="voriconazole", since=date(2026, 12, 1))
    found = summarise(ended(a_record(now, past, to_come), 3, date(2026, 11, 23)), NOW)
    assert [each.drug.entry.drug for each in found.drugs] == ["fluconazole"]
    assert [alert.code for alert in found.drugs[0].alerts] == ["interaction"]
    assert [each.entry.drug for each in found.past_drugs] == ["clarithromycin", "voriconazole"]


def test_every_dose_has_its_end_and_a_voided_one_never_held() -> None:
    record = a_record(
        a_dose("2026-11-10T08:00", "0.6"),
        a_dose(START_OF_DOSE),
        a_dose("2026-11-05T08:00", "0.5"),
    )
    found = summarise(voided(record, 4), NOW)
    assert [each.prescription.number for each in found.doses] == [3, 4, 2]
    first, wrong, last = found.doses
    assert first.until == at("2026-11-10T08:00")
    assert (wrong.period, wrong.until) == (None, None)
    assert last.period is not None
    assert last.until is None


def test_after_the_end_no_dose_is_in_force() -> None:
    found = summarise(ended(a_record(a_dose(START_OF_DOSE)), 2, "2026-11-24T22:00"), NOW)
    assert found.current is None
    assert found.where_things_stand.startswith("Stopped since 24 Nov 2026; ")


def test_the_head_of_the_trail_is_that_which_verify_walks_to(store: Store) -> None:
    assert store.head() == START
    fill(store)
    assert store.head() == verify(store.engine).head


@pytest.mark.parametrize(("mg", "told"), [("0.08", True), ("0.1", True), ("0.12", False)])
def test_a_dose_that_is_hard_to_measure_out_is_an_open_alert(mg: str, *, told: bool) -> None:
    """1 mL syringes are off by more than 10 % at 0.1 mL or less (arenas-lopez2017)."""
    found = summary(a_dose(START_OF_DOSE, mg))
    assert ("volume-small" in {alert.code for alert in found.alerts}) == told


def test_what_an_override_passed_is_not_open_any_more() -> None:
    """4 mg a day on 0.55 m² is 7.3 mg/m²/day, which only an override passes (limits.md)."""
    weighed = Measurement(
        on=DAY,
        weight=read_quantity("12.4 kg", QuantityKind.WEIGHT),
        height=read_quantity("88 cm", QuantityKind.HEIGHT),
    )
    dose = a_dose(START_OF_DOSE, "2")
    assert "dose-high" in {alert.code for alert in summary(weighed, dose).alerts}
    overridden_alerts = replace(
        dose, override_reason="agreed", override_by="Dr Example", overridden_alerts=("dose-high",)
    )
    assert "dose-high" not in {alert.code for alert in summary(weighed, overridden_alerts).alerts}
