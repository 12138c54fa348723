"""The plan that stops a treatment: its steps, its prescriptions, and what ends it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing import AlertKind, Product, UserError
from dosing.knowledge.products import FINE_MARKS
from monitoring.levels import assess_levels
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Record
from monitoring.record.entry_checks import prescription_alerts
from monitoring.record.prescription import Prescription
from monitoring.state import StateKind, state_at
from monitoring.store.errors import ConflictError
from monitoring.store.opening import Records
from monitoring.summary import summarise
from monitoring.tapering import TaperPlan, plan_taper, store_taper
from monitoring.terms import Status
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory
from tests.builders import (
    a_condition,
    a_dose,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    ended,
    held_doses,
    voided,
)
from tests.second_taper import breaks_the_rule, second_taper
from tests.tui.places import new_records

NOW = at("2026-11-20T10:00")
START = at("2026-12-01T08:00")
GIVEN = a_dose("2026-11-01T08:00", "0.44")


def steps_of(plan: TaperPlan) -> list[tuple[int, Decimal]]:
    """Return the days after the first step, and the daily doses, with the end."""
    assert plan.ends is not None
    first = plan.doses[0].since.local.date()
    days = [(each.since.local.date() - first).days for each in plan.doses]
    doses = [each.dosage.daily_mg for each in plan.doses]
    return [*zip(days, doses, strict=True), ((plan.ends.local.date() - first).days, Decimal(0))]


def with_plan(record: Record, plan: TaperPlan) -> Record:
    """Return the record with the doses of a plan and its end, as the store writes them."""
    for each in plan.prescriptions:
        record = record.with_entry(each, NOW)
    assert plan.ends is not None
    return ended(record, record.entries[-1].number, plan.ends)


def tapered(*entries: object, since: Moment = START) -> Record:
    record = a_record(GIVEN, *entries)  # type: ignore[arg-type]
    return with_plan(record, plan_taper(record, NOW, since))


# --- the steps


def test_the_worked_steps() -> None:
    """0.88 mg a day: steps of 0.08 mg, 9.1 % of the start, need 27.7 days each, so 28."""
    plan = plan_taper(a_record(GIVEN), NOW, START)
    assert [daily for _, daily in steps_of(plan)] == [
        Decimal(each) for each in ("0.80", "0.72", "0.64", "0.56", "0.48", "0.40", "0.32",
                                   "0.24", "0.16", "0.08", "0")
    ]  # fmt: skip
    assert [days for days, _ in steps_of(plan)] == [28 * number for number in range(11)]
    assert [str(each.since) for each in plan.doses[:2]] == [
        "2026-12-01T08:00+01:00",
        "2026-12-29T08:00+01:00",
    ]


def test_every_step_is_at_the_clock_time_of_the_doses_across_a_change_of_the_clocks() -> None:
    plan = plan_taper(a_record(GIVEN), NOW, START)
    assert {f"{each.since.local:%H:%M}" for each in plan.doses} == {"08:00"}
    assert {f"{each.since.local:%z}" for each in plan.doses} == {"+0100", "+0200"}


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-11-20T07:59", "2026-11-20T08:00"),
        ("2026-11-20T08:00", "2026-11-20T08:00"),
        ("2026-11-20T08:01", "2026-11-21T08:00"),
    ],
)
def test_without_a_start_it_is_the_next_dose_at_that_clock_time(now: str, first: str) -> None:
    assert plan_taper(a_record(GIVEN), at(now)).doses[0].since == at(first)


@given(st.integers(2, 500).filter(lambda each: not each % (2 if each <= 100 else 20)))
def test_the_steps_are_those_of_a_second_implementation(hundredths: int) -> None:
    dose = a_dose("2026-11-01T08:00", str(Decimal(hundredths) / 100), times_a_day=1)
    expected = second_taper(hundredths)
    if len(expected) == 1:
        with pytest.raises(UserError, match="smallest dose"):
            plan_taper(a_record(dose), NOW, START)
        return
    plan = plan_taper(a_record(dose), NOW, START)
    assert plan.ends is not None
    moments = [*(each.since for each in plan.doses), plan.ends]
    days = [(each.local.date() - START.local.date()).days for each in moments]
    doses = [*(int(each.dosage.daily_mg * 100) for each in plan.doses), 0]
    found = list(zip(days, doses, strict=True))
    assert found == expected
    assert breaks_the_rule(hundredths, found) == []


def test_a_rule_that_is_broken_is_found() -> None:
    assert breaks_the_rule(100, [(0, 90), (13, 88), (14, 89), (30, 61), (400, 0)]) != []
    assert breaks_the_rule(100, [(0, 88), (400, 0)]) == ["day 0: 12 less, 10.00 are allowed"]
    assert breaks_the_rule(100, [(0, 90)]) == ["it does not end"]


def test_a_step_larger_than_a_month_waits_and_is_not_the_first_day() -> None:
    """1 mg tablets twice a day: half a milligram is 25 % of the start, two and a half months."""
    dose = replace(GIVEN, dose_mg=Decimal(1), product=Product.TABLETS)
    plan = plan_taper(a_record(dose), NOW, START)
    first = plan.doses[0]
    assert (first.dosage.dose_mg, first.dosage.evening_mg) == (Decimal(1), Decimal("0.5"))
    # 76.1 days, less the month's part of the start
    assert first.since.local.date() - START.local.date() == timedelta(days=77 - 30)
    assert [dict(each.tablets)[Decimal("0.5")] for each in first.measured] == [0, 1]


def test_doses_on_alternate_days_change_on_a_day_with_a_dose() -> None:
    dose = replace(GIVEN, dose_mg=Decimal("0.44"), times_a_day=1, every_hours=48)
    plan = plan_taper(a_record(dose), NOW)
    assert plan.ends is not None
    days = [(each.since.local.date() - GIVEN.since.local.date()).days for each in plan.doses]
    assert [each % 2 for each in days] == [0] * len(days)
    assert {each.every_hours for each in plan.prescriptions} == {48}


def test_the_marks_of_the_clinic_and_the_strength_are_used() -> None:
    dose = a_dose("2026-11-01T08:00", "0.05", strength_mg_per_ml=Decimal("0.5"))
    plan = plan_taper(a_record(dose), NOW, START, FINE_MARKS)
    assert [each.dosage.dose_mg for each in plan.doses][:2] == [Decimal("0.045"), Decimal("0.04")]
    assert plan.doses[0].measured[0].volume_ml == Decimal("0.09")
    assert {each.strength_mg_per_ml for each in plan.prescriptions} == {Decimal("0.5")}


# --- the prescriptions


def test_the_prescriptions_keep_what_is_not_the_dose() -> None:
    given_dose = replace(GIVEN, override_reason="x", override_by="y", proposal="{}")
    doses = plan_taper(a_record(given_dose), NOW, START).prescriptions
    assert [each.reason for each in doses][2] == "taper step 3 of 10"
    assert {each.is_taper_step for each in doses} == {True}
    assert {(each.target, each.product, each.protocol) for each in doses} == {
        (GIVEN.target, GIVEN.product, GIVEN.protocol)
    }
    assert {(each.override_reason, each.proposal) for each in doses} == {("", "")}


def test_the_document_has_its_keys() -> None:
    document = plan_taper(a_record(GIVEN), NOW, START).to_dict()
    assert document["relapse"] == {
        "relapsed": 33, "of": 61, "median_months": 13, "source": "vase2023",
    }  # fmt: skip
    assert {"nct04448873", "vase2023"} <= document["sources"].keys()  # type: ignore[attr-defined]
    assert document["steps"][0] == {  # type: ignore[index]
        "from": "2026-12-01T08:00+01:00",
        "dose": {
            "given_mg": 0.4, "evening_mg": None, "volume_ml": 0.4, "tablets": None,
            "times_a_day": 2, "every_hours": 12, "parts": [{"at": "each dose", "mg": 0.4}],
        },
        "daily_mg": 0.8,
        "percent_of_start": 90.9,
    }  # fmt: skip
    assert document["ends"] == "2027-09-07T08:00+02:00"


# --- refused, or stopped


@pytest.mark.parametrize(
    ("record", "since", "words"),
    [
        (a_record(), START, "No dose is given"),
        (ended(a_record(GIVEN), 2, "2026-11-10T08:00"), START, "No dose is given"),
        (a_record(GIVEN), at("2026-11-01T07:59"), "current dose began"),
        (a_record(GIVEN, a_dose("2026-12-24T08:00", "0.6")), START, "Another dose, or the end"),
        (ended(a_record(GIVEN), 2, "2026-12-24T08:00"), START, "Another dose, or the end"),
        (tapered(), START, "tapered already"),
        (tapered(), at("2027-02-01T08:00"), "tapered already"),
        (a_record(a_dose(mg="0.02", times_a_day=1)), START, "smallest dose"),
    ],
)
def test_nothing_to_taper_is_refused(record: Record, since: Moment, words: str) -> None:
    with pytest.raises(UserError, match=words):
        plan_taper(record, NOW, since)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (held_doses("2026-11-15T08:00", None, is_open=True), "on-hold"),
        (
            a_side_effect("pneumonitis", "2026-11-15", 3, action=ActionTaken.STOPPED),
            "treatment-conflict",
        ),
    ],
)
def test_a_hold_or_a_question_comes_first(entry: object, code: str) -> None:
    plan = plan_taper(a_record(GIVEN, entry), NOW, START)  # type: ignore[arg-type]
    assert plan.stopped
    assert plan.doses == ()
    assert code in [each.code for each in plan.alerts if each.kind is AlertKind.STOP]
    with pytest.raises(UserError, match="stopped"):
        store_taper(None, a_record(GIVEN), plan, NOW)  # type: ignore[arg-type]


def test_what_forbids_more_does_not_forbid_less() -> None:
    plan = plan_taper(a_record(GIVEN, a_condition("pregnancy", "2026-11-10")), NOW, START)
    assert not plan.stopped
    (alert,) = [each for each in plan.alerts if each.code == "pregnancy"]
    assert alert.kind is AlertKind.URGENT


# --- the state, and what ends a plan


@pytest.mark.parametrize(
    ("moment", "kind", "next_step"),
    [
        ("2026-12-01T07:59", StateKind.ON, "2026-12-01T08:00"),
        ("2026-12-01T08:00", StateKind.TAPERING, "2026-12-29T08:00"),
        ("2027-09-07T07:59", StateKind.TAPERING, None),
        ("2027-09-07T08:00", StateKind.STOPPED, None),
    ],
)
def test_the_state_follows_the_plan(moment: str, kind: StateKind, next_step: str | None) -> None:
    state = state_at(tapered(), at(moment))
    assert state.kind is kind
    assert (state.next_step.since if state.next_step else None) == (
        at(next_step) if next_step else None
    )


def test_a_later_dose_ends_the_plan_and_the_steps_to_come_never_applied() -> None:
    record = tapered().with_entry(a_dose("2027-01-10T08:00", "0.44"), at("2027-01-10T08:00"))
    state = state_at(record, at("2027-03-01T08:00"))
    assert (state.kind, state.next_step) == (StateKind.ON, None)
    assert state.prescription is not None
    assert state.prescription.dose_mg == Decimal("0.44")
    # of 10 steps the first two were reached, on 1 and 29 December
    doses = summarise(record, at("2027-03-01T08:00")).doses
    steps = [each for each in doses if each.prescription.entry.is_taper_step]
    assert [each.period is not None for each in steps] == [True] * 2 + [False] * 8
    assert state_at(record, at("2027-12-01T08:00")).kind is StateKind.ON


def test_a_voided_later_dose_leaves_the_plan() -> None:
    record = tapered().with_entry(a_dose("2027-01-10T08:00", "0.44"), at("2027-01-10T08:00"))
    record = voided(record, record.entries[-1].number)
    assert state_at(record, at("2027-03-01T08:00")).kind is StateKind.TAPERING


def test_the_end_of_a_step_ends_the_plan() -> None:
    """Without this the next step would restart the treatment by itself."""
    record = ended(tapered(), 4, "2027-01-10T08:00")
    for moment in ("2027-01-10T08:00", "2027-01-26T08:00", "2027-03-01T08:00"):
        assert state_at(record, at(moment)).kind is StateKind.STOPPED
    assert [each.prescription.number for each in TreatmentHistory.of(record).periods] == [2, 3, 4]


def test_the_end_of_the_dose_before_the_plan_ends_it() -> None:
    record = ended(tapered(), 2, "2026-11-25T08:00")
    assert state_at(record, at("2026-12-10T08:00")).kind is StateKind.STOPPED


def test_a_plan_recorded_after_the_end_of_a_dose_is_a_plan() -> None:
    """An end that was known when the plan was made ends nothing."""
    first = a_record(GIVEN)
    steps = [replace(each, since=START) for each in plan_taper(first, NOW, START).prescriptions[:1]]
    record = ended(a_record(GIVEN, *[a_measurement()] * 120, *steps), 2, "2026-11-25T08:00")
    assert record.entries[-1].number > 92  # the number of the end
    assert state_at(record, at("2026-12-10T08:00")).kind is StateKind.TAPERING


def test_a_second_plan_takes_the_place_of_the_first() -> None:
    first = tapered()
    again = [
        replace(each, since=Moment(each.since.utc + timedelta(days=100), each.since.zone))
        for each in plan_taper(a_record(GIVEN), NOW, START).prescriptions
    ]
    record = first
    for each in again:
        record = record.with_entry(each, NOW)
    numbers = [each.prescription.number for each in TreatmentHistory.of(record).periods]
    # 100 days after 1 December is 11 March: steps 1 to 4 of the first plan began before it
    assert numbers[:5] == [2, 3, 4, 5, 6]
    assert len(numbers) == 5 + len(again)
    assert min(numbers[5:]) > 12  # the last of the first plan


def test_a_hold_inside_a_plan_lasts_until_somebody_ends_it() -> None:
    record = tapered().with_entry(
        held_doses("2027-01-10T08:00", None, is_open=True), at("2027-01-10T08:00")
    )
    state = state_at(record, at("2027-03-01T08:00"))
    assert (state.kind, state.since) == (StateKind.ON_HOLD, at("2027-01-10T08:00"))
    assert state.next_step is not None
    given_doses = TreatmentHistory.of(record).administrations(at("2027-03-01T08:00"))
    assert max(each.at for each in given_doses) < at("2027-01-10T08:00").utc


def test_a_hold_without_an_end_is_not_ended_by_a_step_planned_before_it() -> None:
    record = tapered().with_entry(held_doses("2027-01-10T08:00", None), at("2027-01-10T08:00"))
    assert state_at(record, at("2027-03-01T08:00")).kind is StateKind.ON_HOLD


def test_while_held_the_dose_before_is_the_one_that_was_given() -> None:
    record = tapered().with_entry(
        held_doses("2027-01-10T08:00", None, is_open=True), at("2027-01-10T08:00")
    )
    # given until then: the second step, 0.36 mg; on 1 March the plan is at the fourth, 0.28 mg
    words = state_at(record, at("2027-03-01T08:00")).words
    assert "before on 0.36 mg × 2 a day" in words
    assert "by the plan 0.28 mg × 2 a day" in words


# --- while tapering


def test_while_tapering_a_level_has_no_lower_end() -> None:
    level = a_level("2 ng/mL", "2027-01-20T07:50", last_dose="2027-01-19T20:00")
    (before,) = assess_levels(a_record(GIVEN, level))
    (during,) = assess_levels(tapered(level))
    assert (before.status, during.status) == (Status.BELOW, Status.WITHIN)
    assert during.target is not None
    assert (during.target.low_ng_ml, during.target.high_ng_ml) == (None, Decimal(15))
    high = a_level("16 ng/mL", "2027-01-20T07:50", last_dose="2027-01-19T20:00")
    assert assess_levels(tapered(high))[0].status is Status.ABOVE


def test_a_step_has_no_caution_for_a_low_dose() -> None:
    record = a_record(GIVEN, a_measurement("30 kg", "135 cm", "2026-11-05"))
    low = a_dose("2026-12-01T08:00", "0.1")

    def codes(dose: Prescription) -> set[str]:
        return {each.code for each in prescription_alerts(record, dose)}

    assert "dose-low" in codes(low)
    assert "dose-low" not in codes(replace(low, is_taper_step=True))


# --- the store


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return new_records(tmp_path / "records.sqlite")


def test_a_plan_is_stored_whole(records: Records) -> None:
    number = records.store.add_patient(a_patient()).number
    records.store.add(number, GIVEN)
    record = records.store.read(number)
    plan = plan_taper(record, NOW, START)
    store_taper(records.store, record, plan, NOW)
    stored = records.store.read(number)
    steps = [each for each in stored.of(Prescription) if each.entry.is_taper_step]
    assert tuple(each.entry for each in steps) == plan.prescriptions
    assert [each.ending is not None for each in steps] == [False] * 9 + [True]
    assert steps[-1].ending is not None
    assert steps[-1].ending.entry.at == plan.ends
    assert state_at(stored, at("2027-02-01T08:00")).kind is StateKind.TAPERING


def test_a_change_by_somebody_else_stores_nothing(records: Records) -> None:
    number = records.store.add_patient(a_patient()).number
    records.store.add(number, GIVEN)
    record = records.store.read(number)
    plan = plan_taper(record, NOW, START)
    records.store.add(number, a_measurement())
    with pytest.raises(ConflictError):
        store_taper(records.store, record, plan, NOW)
    assert not any(e.entry.is_taper_step for e in records.store.read(number).of(Prescription))
