"""What is said of an entry before it is written down."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dosing import (
    ORAL_SOLUTION,
    PROTOCOLS,
    TABLETS,
    AlertKind,
    Override,
    QuantityKind,
    TargetTrough,
    UserError,
    read_quantity,
)
from monitoring.prescribing import accept, check_prescription, propose, starting_request
from monitoring.record.co_medication import CoMedication
from monitoring.record.enter import ReasonNeededError, check_entry
from monitoring.record.entries import Author, Record, StopRecord, Void
from monitoring.record.entry import Entry
from monitoring.record.entry_checks import (
    body_alerts,
    check_times,
    level_alerts,
    prescription_alerts,
    with_assumed_sample,
    with_last_dose,
)
from monitoring.record.kinds import KINDS, kind_of
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.removal import Removal
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory
from tests.builders import (
    a_dose,
    a_level,
    a_limit_set,
    a_measurement,
    a_patient,
    a_prescription,
    a_record,
    at,
    day,
    ended,
    every_field_of_0003,
    every_field_of_0010,
    every_kind,
    voided,
)

AUTHOR = Author("Dr Example", at("2026-11-01T08:00"))
DAY = date(2026, 11, 1)
DOSED = a_dose("2026-11-01T08:00")
BORN = a_patient().born
SAMPLED = "2026-11-20T08:00"


def child(*entries: Entry, allergies: str = "") -> Record:
    return a_record(*entries, patient=a_patient(allergies=allergies))


def measured(weight: str = "12.4 kg", height: str | None = "88 cm", on: date = DAY) -> Measurement:
    return a_measurement(weight, height, on)


def codes(record: Record, **changes: Any) -> dict[str, AlertKind]:
    dose = replace(a_prescription(), override_reason="", override_by="", **changes)
    return {alert.code: alert.kind for alert in prescription_alerts(record, dose)}


# --- times


def entries_with_times() -> Iterator[Entry]:
    yield from every_kind()
    yield from every_field_of_0003()
    yield from every_field_of_0010()
    yield a_limit_set()
    yield a_patient()
    yield StopRecord(of=2, on=DAY)
    yield StopRecord(of=2, at=at("2026-11-01T08:00"))


def test_every_kind_that_has_a_time_or_a_day_is_looked_at() -> None:
    looked_at = {type(entry) for entry in entries_with_times() if list(kind_of(entry).times(entry))}
    assert looked_at == set(KINDS.values()) - {Void, Removal}
    for timeless in (Void, Removal):  # the audit trail says when
        assert not {"at", "on"} & {field.name for field in fields(timeless)}


@pytest.mark.parametrize(
    ("seconds", "is_future"), [(299, False), (300, False), (301, True), (-60, False)]
)
def test_five_minutes_ahead_of_the_clock_are_let_pass(seconds: int, is_future: bool) -> None:  # noqa: FBT001 - a column of the table
    now = at("2026-11-05T08:00")
    level = replace_time(Level, replace(now, utc=now.utc + timedelta(seconds=seconds)))
    if is_future:
        with pytest.raises(UserError, match="in the future"):
            check_times(level, BORN, now)
    else:
        check_times(level, BORN, now)


def replace_time(kind: type[Level], moment: Moment) -> Level:
    return kind(sampled=moment, value=read_quantity("7 ng/mL", QuantityKind.LEVEL))


@pytest.mark.parametrize(("clock", "is_future"), [("23:54", True), ("23:55", False)])
def test_a_day_begins_five_minutes_early_too(clock: str, is_future: bool) -> None:  # noqa: FBT001 - a column of the table
    tomorrow, now = measured(on=date(2026, 11, 6)), at(f"2026-11-05T{clock}")
    if is_future:
        with pytest.raises(UserError, match="in the future"):
            check_times(tomorrow, BORN, now)
    else:
        check_times(tomorrow, BORN, now)
    check_times(measured(on=date(2026, 11, 5)), BORN, now)


def test_the_day_of_birth_is_the_first() -> None:
    now = at("2026-11-05T08:00")
    check_times(measured(on=BORN), BORN, now)
    with pytest.raises(UserError, match="before the patient's birth"):
        check_times(measured(on=BORN - timedelta(days=1)), BORN, now)
    with pytest.raises(UserError, match="before the patient's birth"):
        check_times(replace(a_prescription(), since=at("2020-01-01T08:00")), BORN, now)


def test_the_last_dose_of_a_level_is_looked_at_too() -> None:
    level = replace(replace_time(Level, at("2026-11-05T08:00")), last_dose=at("2016-11-04T20:00"))
    with pytest.raises(UserError, match="4 Nov 2016, 20:00"):
        check_times(level, BORN, at("2026-11-05T09:00"))


def test_a_prescription_may_begin_in_the_future() -> None:
    check_times(a_prescription(), BORN, at("2026-10-01T08:00"))


# --- a level


@pytest.mark.parametrize(
    ("level", "expected"),
    [("249.9 ng/mL", []), ("250 ng/mL", []), ("250.1 ng/mL", ["level-asked-again"])],
)
def test_a_level_above_250_is_asked_about(level: str, expected: list[str]) -> None:
    entry = Level(sampled=at("2026-11-05T08:00"), value=read_quantity(level, QuantityKind.LEVEL))
    assert [alert.code for alert in level_alerts(child(), entry)] == expected


@pytest.mark.parametrize(("time", "asked"), [("07:59", True), ("08:00", False), ("08:01", False)])
def test_a_level_before_the_first_dose_is_asked_about(time: str, asked: bool) -> None:  # noqa: FBT001 - a column of the table
    later = replace(a_prescription(), since=at("2026-11-09T08:00"))
    record = child(later, a_prescription())
    level = replace_time(Level, at(f"2026-11-01T{time}"))
    assert bool(level_alerts(record, level)) is asked
    assert level_alerts(child(), level) == ()
    assert bool(level_alerts(voided(record, 3), level))  # the first that stands is the later one


# --- a prescription


def test_a_usual_dose_is_let_pass() -> None:
    assert codes(child(measured())) == {}


@pytest.mark.parametrize(
    ("drug", "kind"),
    [("voriconazole", AlertKind.OVERRIDE), ("fluconazole", AlertKind.CAUTION)],
)
def test_drugs_in_force_are_told(drug: str, kind: AlertKind) -> None:
    record = child(measured(), CoMedication(drug=drug, since=DAY))
    assert codes(record) == {"interaction": kind}
    assert codes(voided(record, 3)) == {}


def test_an_unknown_drug_in_force_is_told() -> None:
    record = child(measured(), CoMedication(drug="[/] unheard-of", since=DAY))
    assert codes(record) == {"drug-unknown": AlertKind.CAUTION}


def test_a_drug_is_in_force_from_its_first_day_to_its_last() -> None:
    drug = CoMedication(drug="voriconazole", since=DAY)
    record = ended(child(drug), 2, DAY + timedelta(days=2))
    days = [DAY + timedelta(days=days) for days in range(-1, 4)]
    found = [
        [each.recorded.entry for each in TreatmentHistory.of(record).drugs_on(day)] for day in days
    ]
    assert found == [[], [drug], [drug], [drug], []]
    (still,) = TreatmentHistory.of(child(drug)).drugs_on(date(2030, 1, 1))
    assert still.recorded.entry == drug


@pytest.mark.parametrize(("load_mg", "stopped"), [("39", False), ("39.2", False), ("39.4", True)])
@pytest.mark.parametrize("maintenance_first", [True, False])
def test_a_load_and_the_dose_of_the_same_day_count_together(
    load_mg: str,
    stopped: bool,  # noqa: FBT001 - a table's column
    maintenance_first: bool,  # noqa: FBT001 - a table's column
) -> None:
    """At most 40 mg on any day (label): 0.8 mg a day beside a load of 39.2 mg is just that."""
    dose = replace(a_prescription(), override_reason="", override_by="", dose_mg=Decimal("0.4"))
    assert dose.daily_mg == Decimal("0.8")
    load = replace(dose, dose_mg=Decimal(load_mg), times_a_day=1, loading=True)
    first, second = (dose, load) if maintenance_first else (load, dose)
    alerts = prescription_alerts(child(measured(), first), second)
    assert ("dose-above-maximum" in {alert.code for alert in alerts}) == stopped


def test_allergies_speak_against_a_product() -> None:
    record = child(measured(), allergies="penicillin, Peanuts")
    assert codes(record) == {"allergy-soya": AlertKind.OVERRIDE}
    assert codes(record, product=TABLETS, dose_mg=Decimal("0.5")) == {}
    assert codes(child(measured(), allergies="rapamycin"), product=TABLETS) == {
        "allergy-sirolimus": AlertKind.STOP
    }


def test_without_a_weight_the_rest_is_still_checked() -> None:
    """40 mg on any day is the label's maximum; the step is five times."""
    record = child(a_prescription(), allergies="soya")
    later = at("2026-11-20T08:00")
    assert codes(record, since=later) == {"allergy-soya": AlertKind.OVERRIDE}
    assert codes(record, since=later, dose_mg=Decimal(21)) == {
        "dose-above-maximum": AlertKind.STOP,
        "dose-step": AlertKind.STOP,
        "dose-high": AlertKind.OVERRIDE,  # the limits per day hold where those per m² cannot
        "allergy-soya": AlertKind.OVERRIDE,
    }


def test_the_strongest_is_told_first() -> None:
    record = child(
        measured(), CoMedication(drug="fluconazole", since=DAY), a_prescription(), allergies="soya"
    )
    dose = replace(a_prescription(), since=at("2026-11-20T08:00"), dose_mg=Decimal("4.4"))
    kinds = [alert.kind for alert in prescription_alerts(record, dose)]
    assert kinds == sorted(kinds, reverse=True)
    assert set(kinds) == {AlertKind.STOP, AlertKind.OVERRIDE, AlertKind.CAUTION}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("5", "14.9", set()),
        ("5", "15", set()),
        ("5", "15.1", {"target-high"}),
        ("8", "9.9", {"target-narrow"}),
        ("8", "10", set()),
        ("8", "10.1", set()),
        ("23", "24", {"target-high", "target-narrow"}),
    ],
)
def test_a_target_of_ones_own_is_looked_at(low: str, high: str, expected: set[str]) -> None:
    target = TargetTrough(Decimal(low), Decimal(high))
    found = codes(child(measured()), target=target)
    assert found == dict.fromkeys(expected, AlertKind.CAUTION)


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_a_protocols_own_target_is_not_asked_about(protocol: str) -> None:
    found = codes(child(measured()), protocol=protocol, target=PROTOCOLS[protocol].target)
    assert found == {}


def test_only_what_was_passed_is_kept() -> None:
    record = child(
        measured(),
        CoMedication(drug="voriconazole", since=DAY),
        CoMedication(drug="ketoconazole", since=DAY),
        CoMedication(drug="fluconazole", since=DAY),
        allergies="soya",
    )
    alerts = prescription_alerts(record, a_prescription())
    overridden_alerts = alerts.codes_of(AlertKind.OVERRIDE)
    assert overridden_alerts == ("allergy-soya", "interaction")
    assert (
        check_prescription(
            record, a_prescription(), at("2026-11-01T09:00")
        ).prescription.overridden_alerts
        == overridden_alerts
    )
    with pytest.raises(UserError, match="need a reason"):
        replace(
            a_prescription(),
            override_reason="",
            override_by="",
            overridden_alerts=overridden_alerts,
        )


# --- an accepted proposal

SINCE = at("2026-11-10T08:00")


def test_a_proposal_rests_on_what_the_record_says_that_day() -> None:
    record = child(
        measured("12 kg", "87 cm", date(2026, 10, 1)),
        measured("12.4 kg", None, date(2026, 11, 5)),
        measured("13 kg", "90 cm", date(2026, 11, 11)),
        CoMedication(drug="fluconazole", since=date(2026, 11, 10)),
        CoMedication(drug="propranolol", since=date(2026, 11, 11)),
    )
    request = starting_request(record, SINCE, product=TABLETS, protocol=PROTOCOLS["phase2"])
    assert request.weight.kg == Decimal("12.4")
    assert request.height is not None
    assert request.height.cm == 87
    assert request.measured_days_ago == 5
    assert request.age.days == (date(2026, 11, 10) - BORN).days
    assert request.sex is a_patient().sex
    assert request.drugs == ("fluconazole",)
    assert (request.product, request.protocol.key) == (TABLETS, "phase2")
    with pytest.raises(UserError, match="Record a weight first"):
        starting_request(child(), SINCE)


def test_what_is_accepted_is_what_was_proposed() -> None:
    proposal = propose(starting_request(child(measured()), SINCE), None)
    assert proposal.dose is not None
    prescription = accept(proposal, SINCE, reason="start")
    assert (prescription.dose_mg, prescription.times_a_day) == (Decimal("0.44"), 2)
    assert prescription.dose_mg == proposal.dose.measured.mg
    assert (prescription.product, prescription.protocol) == (ORAL_SOLUTION, "review")
    assert prescription.target == PROTOCOLS["review"].target
    assert prescription.made_by.version == proposal.version
    assert prescription.proposal == " ".join(proposal.to_json().split())
    assert (prescription.override_reason, prescription.overridden_alerts) == ("", ())
    own = TargetTrough(Decimal(4), Decimal(10))
    assert accept(proposal, SINCE, target=own).target == own


def test_an_override_is_used_where_the_dose_needs_one() -> None:
    override = Override("no other drug", "Dr Example")
    avoided = CoMedication(drug="voriconazole", since=DAY)
    usual = propose(starting_request(child(measured()), SINCE), override)
    assert (usual.override, usual.request.override) == (None, None)
    request = starting_request(child(measured(), avoided), SINCE)
    stopped = propose(request, None)
    with pytest.raises(UserError, match="stopped"):
        accept(stopped, SINCE)
    prescription = accept(propose(request, override), SINCE)
    assert (prescription.override_reason, prescription.override_by) == (
        "no other drug",
        "Dr Example",
    )
    assert prescription.overridden_alerts == ("interaction",)


def test_a_proposal_with_a_stop_is_not_passed_by_an_override() -> None:
    """An area above 3.5 m² is a stop."""
    record = child(measured("349 kg", "249 cm"))
    proposal = propose(starting_request(record, SINCE), Override("why", "who"))
    assert proposal.stopped
    with pytest.raises(UserError, match="stopped"):
        accept(proposal, SINCE, override=Override("why", "who"))


# --- the last dose by the schedule


@pytest.mark.parametrize(
    ("sampled", "last_dose"),
    [
        ("2026-11-20T07:59", "2026-11-19T20:00"),
        ("2026-11-20T08:00", "2026-11-19T20:00"),
        ("2026-11-20T08:01", "2026-11-20T08:00"),
        ("2026-11-01T08:00", None),
        ("2026-11-01T07:59", None),
    ],
)
def test_a_level_without_a_last_dose_has_the_schedules(sampled: str, last_dose: str | None) -> None:
    completed = with_last_dose(child(a_prescription()), a_level(sampled=sampled, hours=None))
    assert completed.last_dose == (at(last_dose) if last_dose else None)
    assert completed.last_dose_assumed is (True if last_dose else None)


def test_a_last_dose_that_was_stated_is_kept() -> None:
    level = a_level(sampled=SAMPLED, hours=12)
    assert with_last_dose(child(a_prescription()), level) is level


def test_without_a_dose_the_last_one_stays_unknown() -> None:
    level = a_level(sampled=SAMPLED, hours=None)
    assert with_last_dose(child(), level) is level


# --- times and bodies that nobody stated for the moment of an entry


def test_a_level_of_an_assumed_sample_says_so_in_its_remark() -> None:
    level = with_assumed_sample(a_record(DOSED), a_level(sampled="2026-11-05T08:00"))
    assert level.reason == "sampling time assumed from the schedule"


def test_the_remark_of_an_assumed_sample_explains_no_level() -> None:
    record = a_record(DOSED)
    high = a_level("900 ng/mL", "2026-11-05T08:00")
    assert with_assumed_sample(record, high).reason == ""
    with pytest.raises(ReasonNeededError):
        check_entry(record, with_assumed_sample(record, high), at("2026-11-05T10:00"))
    explained = with_assumed_sample(record, replace(high, reason="dose given twice"))
    assert explained.reason == "dose given twice; sampling time assumed from the schedule"


def test_a_second_level_of_an_assumed_sample_is_not_explained_by_the_same_remark() -> None:
    first = with_assumed_sample(a_record(DOSED), a_level(sampled="2026-11-05T08:00"))
    second = a_level("9 ng/mL", "2026-11-05T08:00")
    assert with_assumed_sample(a_record(DOSED, first), second).reason == ""


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        ((), "No weight is recorded: the dose is not checked per m²."),
        ((a_measurement("12.4 kg", None, "2026-10-20"),), "No height is recorded: the dose is not"),
        ((a_measurement("12.4 kg", "88 cm", "2026-11-01"),), None),
        (
            (a_measurement(on="2026-11-05"), a_measurement("13 kg", "89 cm", "2026-12-05")),
            "up to 1 Nov 2026: the dose is checked with 12.4 kg and 88 cm of 5 Nov 2026.",
        ),
        (
            (a_measurement("12.4 kg", None, DAY), a_measurement(None, "88 cm", "2026-11-05")),
            "No height is recorded up to 1 Nov 2026: the dose is checked with 88 cm of 5 Nov 2026.",
        ),
    ],
)
def test_a_dose_names_the_body_that_it_is_checked_with_unless_it_is_of_before(
    measured: tuple[Measurement, ...], told: str | None
) -> None:
    found = body_alerts(a_record(*measured), day("2026-11-01"))
    assert [each.message for each in found] == [] if told is None else told in found[0].message


def test_a_dose_before_the_first_weight_is_checked_per_m2_with_the_weight_that_follows() -> None:
    # 12.4 kg and 88 cm are 0.55 m²: 2 × 2 mg are 7.3 mg/m²/day, above every usual dose
    record = a_record(a_measurement("12.4 kg", "88 cm", "2026-11-05"))
    high = prescription_alerts(record, a_dose("2026-11-01T08:00", "2"))
    assert high.blocking_codes
    assert "dose-high" in {each.code for each in high}
    usual = prescription_alerts(record, a_dose("2026-11-01T08:00", "0.44"))
    assert not usual.blocking_codes
