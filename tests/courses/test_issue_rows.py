"""What two trials saw, row by row: a record that misled the program, with its right answer.

Each test is one record. The answers are those of the rules of a course (`second_rules` has their
text as code); none is copied from the program.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dosing import Age, Height, Override, Product, Request, Sex, Weight
from dosing import propose_starting_dose as propose
from monitoring.due.check import Due
from monitoring.due.due import due
from monitoring.levels import LevelAssessment, Status, assess_levels
from monitoring.prescribing import CheckedPrescription, check_prescription
from monitoring.recommendation.advice import Advice, advise, forecast_for
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.state import StateKind, TreatmentState, state_at
from monitoring.store.opening import open_records
from monitoring.summary import summarise
from monitoring.times import Moment
from tests.builders import (
    ZONE,
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    ended,
    held_doses,
    later,
)
from tests.tui.commands import Captured, read, run
from tests.tui.laboratory_file import MAPPING
from tui.cli.main import main

NOW = at("2026-11-29T10:00")
CHILD = a_measurement("16 kg", "100 cm", "2026-11-20")
"""Of 6 years; 0.9 mg × 2 are 2.7 mg/m²/day."""


def child(*entries: Entry, **patient: Any) -> Record:
    return a_record(CHILD, *entries, patient=a_patient(born="2020-06-01", **patient))


def state(record: Record) -> TreatmentState:
    return state_at(record, NOW)


def advice(record: Record) -> Advice:
    return advise(record, NOW)


def action(record: Record) -> str:
    return advice(record).recommendation.action.value


def prescribe(record: Record, mg: str, override_by: str = "", **more: Any) -> CheckedPrescription:
    """Return a dose of now, checked."""
    reason = "agreed" if override_by else ""
    dose = a_dose(NOW, mg, override_by=override_by, override_reason=reason, **more)
    return check_prescription(record, dose, NOW)


def levels_due(record: Record) -> list[Due]:
    return [each for each in due(record, NOW) if each.check.value == "level"]


def days_to(check: Due) -> tuple[int, int]:
    """Return the first and last day of a check, counted from today."""
    today = NOW.local.date()
    return (check.since - today).days, (check.until - today).days


def last_level(record: Record) -> LevelAssessment:
    return assess_levels(record)[-1]


def texts(record: Record) -> str:
    """Return everything that summary, advice and due say, in one text."""
    found = advice(record)
    summary = summarise(record, NOW)
    alerts = (*found.alerts, *found.recommendation.reasons, *summary.alerts)
    checks = (f"{each.what}: {each.why}" for each in due(record, NOW))
    state_line = state(record).words
    return "\n".join(
        [summary.where_things_stand, state_line, *(each.message for each in alerts), *checks]
    )


def never_raised(record: Record) -> bool:
    """Return whether neither advice nor forecast gives more than the current dose."""
    current = state(record).prescription
    assert current is not None
    doses = [advice(record).recommendation.dose]
    forecast = forecast_for(record, NOW).to_dict()
    best = forecast["recommended"]
    more = isinstance(best, dict) and best["dose_mg"] * best["times_a_day"] > float(
        current.daily_mg
    )
    return not more and all(dose is None or dose.daily_mg <= current.daily_mg for dose in doses)


# --- commands: records of today, in a file


def ago(days: int, clock: str = "08:00") -> str:
    return f"{day_ago(days)}T{clock}"


def day_ago(days: int) -> date:
    return Moment.now(ZONE).local.date() - timedelta(days=days)


def stored(place: Path, *entries: Entry, patient: Patient | None = None) -> str:
    """Write a patient into the records of the commands; return the record number."""
    store = open_records(str(place), "Dr Example").store
    who = patient or a_patient(born=day_ago(6 * 365), allergies="")
    number = store.add_patient(who).number
    for entry in entries:
        store.add(number, entry)
    store.engine.dispose()
    return who.record_number


def measured(days: int = 3) -> Entry:
    return a_measurement("16 kg", "100 cm", day_ago(days))


# --- row 1


def pneumonitis_held_but_running() -> Record:
    return child(
        a_dose("2026-10-01T08:00", "0.9"),
        a_laboratory_value("Neutrophils", "0.9 10*9/L", "2026-11-28T08:00", lower="1.5 10*9/L"),
        a_side_effect("Pneumonitis", "2026-11-28", 3, action=ActionTaken.HELD),
    )


def test_pneumonitis_held_with_the_dose_running_is_a_conflict_and_no_dose_is_made(
    records: Path, capsys: Captured, tmp_path: Path
) -> None:
    record = pneumonitis_held_but_running()
    assert state(record).conflict is not None
    assert advice(record).stopped
    assert advice(record).recommendation.action.value in {"hold", "ask"}
    assert never_raised(record)
    assert prescribe(record, "1.1").stopped
    assert not prescribe(record, "0.6").stopped
    mrn = stored(
        records, measured(), a_dose(at(ago(60)), "0.9"),
        a_side_effect("Pneumonitis", day_ago(1), 3, action=ActionTaken.HELD),
    )  # fmt: skip
    found = read(capsys, "advise", mrn, code=3)
    assert (found["dose"], found["recommendation"]["dose"]) == (None, None)
    assert read(capsys, "patient", "show", mrn)["state"]["conflict"]
    run("report", mrn, "--card", "--out", str(tmp_path / "card.pdf"), code=3)


# --- row 2


def test_pneumonitis_then_prescribed_again_needs_an_override(records: Path, tmp_path: Path) -> None:
    first = a_dose("2026-09-01T08:00", "0.6")
    event = a_side_effect("Pneumonitis", "2026-11-10", 3, action=ActionTaken.STOPPED)
    record = ended(child(first, event), 3, "2026-11-10T20:00")
    assert state(record).kind is StateKind.STOPPED
    assert prescribe(record, "0.6").stopped
    assert not prescribe(record, "0.6", override_by="Dr Example").stopped
    mrn = stored(
        records, measured(), a_dose(at(ago(60)), "0.6"),
        a_side_effect("Pneumonitis", day_ago(15), 3, action=ActionTaken.STOPPED),
        a_dose(at(ago(1)), "0.5"),
    )  # fmt: skip
    run("report", mrn, "--card", "--out", str(tmp_path / "card.pdf"), code=3)


def test_a_dose_raised_in_pregnancy_needs_an_override_and_a_lower_one_does_not(
    records: Path, tmp_path: Path
) -> None:
    woman: dict[str, Any] = {"born": "2009-01-01", "sex": Sex.FEMALE, "allergies": ""}
    record = a_record(
        a_measurement("55 kg", "165 cm", "2026-11-20"), a_dose("2026-09-01T08:00", "1.2"),
        a_condition("pregnancy", "2026-11-20"), patient=a_patient(**woman),
    )  # fmt: skip
    assert prescribe(record, "1.5").stopped
    assert not prescribe(record, "1.0").stopped
    assert "regnan" in texts(record)
    mrn = stored(
        records, a_measurement("55 kg", "165 cm", day_ago(3)), a_dose(at(ago(60)), "1.2"),
        a_condition("pregnancy", day_ago(5)), patient=a_patient(**woman),
    )  # fmt: skip
    run("report", mrn, "--card", "--out", str(tmp_path / "card.pdf"), code=3)


# --- rows 3 and 4


def test_four_days_after_a_restart_a_level_is_not_at_steady_state() -> None:
    record = child(
        a_dose("2026-08-01T08:00", "0.6"),
        a_level("8.0 ng/mL", "2026-10-01T08:00"),
        held_doses("2026-11-10T20:00", "2026-11-24T20:00"),
        a_level("4.2 ng/mL", "2026-11-28T20:00"),
    )
    assert last_level(record).steady_state is False
    assert advice(record).recommendation.dose is None
    assert never_raised(record)
    change = state(record).last_exposure_change
    assert change is not None
    assert change.at == at("2026-11-24T20:00")


def test_a_hold_without_an_end_is_a_hold(records: Path, capsys: Captured, tmp_path: Path) -> None:
    dose = a_dose("2026-08-01T08:00", "0.6")
    record = child(dose, held_doses("2026-11-20T20:00", None, is_open=True))
    assert (state(record).kind, state(record).until) == (StateKind.ON_HOLD, None)
    assert prescribe(record, "0.7").stopped
    assert levels_due(record) != levels_due(child(dose))
    mrn = stored(records, measured(), a_dose(at(ago(60)), "0.6"))
    run("missed", "add", mrn, "--kind", "held", "--at", ago(5, "20:00"))
    assert read(capsys, "patient", "show", mrn)["state"]["kind"] == "on-hold"
    run("report", mrn, "--card", "--out", str(tmp_path / "card.pdf"), code=3)
    run("restart", mrn, "--at", ago(1, "20:00"))
    assert read(capsys, "patient", "show", mrn)["state"]["kind"] == "on"


# --- row 5


def test_rifampicin_is_named_and_its_end_asks_for_a_level() -> None:
    dose, level = a_dose("2026-08-01T08:00", "0.6"), a_level("3.0 ng/mL", "2026-11-28T20:00")
    record = child(dose, a_drug("rifampicin", "2026-10-24"), level)
    assert [each.name for each in state(record).drugs] == ["rifampicin"]
    assert "ifampicin" in "".join(
        each.message for each in (*advice(record).alerts, *advice(record).recommendation.reasons)
    )
    recommended = advice(record).recommendation.dose
    assert recommended is None or recommended.daily_mg <= dose.daily_mg * 3 / 2
    over = ended(record, 4, "2026-11-28")
    (check,) = levels_due(over)
    assert check.urgency.value == "urgent"
    assert days_to(check)[1] <= 6  # 3-7 days after the 28th


# --- row 6


def adolescent(*entries: Entry) -> Record:
    return a_record(
        a_measurement("52 kg", "165 cm", "2026-11-20"),
        a_dose("2026-08-01T08:00", "1.2"),
        a_level("11.0 ng/mL", "2026-10-20T08:00"),
        *entries,
        patient=a_patient(born="2011-10-01", allergies=""),
    )


def test_an_adolescent_inside_the_target_is_kept_whatever_a_childrens_model_says() -> None:
    record = adolescent()
    assert action(record) == "keep"
    assert advice(record).dose is None
    assert never_raised(record)
    switched = adolescent(a_dose("2026-11-01T08:00", "2", times_a_day=1, product=Product.TABLETS))
    assert action(switched) in {"keep", "repeat-level"}  # no level yet on the tablets
    assert never_raised(switched)


# --- row 7


def test_a_rise_above_twenty_with_sores_lowers_by_both_lines() -> None:
    dose = a_dose("2026-08-01T08:00", "0.6")
    record = child(
        dose,
        a_level("6.5 ng/mL", "2026-10-20T08:00"),
        a_level("20.1 ng/mL", "2026-11-28T20:00"),
        a_side_effect("Mucositis oral", "2026-11-28", 3),
    )
    found = advice(record).recommendation
    assert found.action.value in {"lower", "hold"}
    for each in (found.dose, found.label, found.model.dose if found.model else None):
        assert each is None or each.daily_mg < dose.daily_mg
    words = str(forecast_for(record, NOW).to_dict())
    assert "no other dose" not in words.casefold()


# --- row 8


@pytest.mark.parametrize(("level", "days"), [("46 ng/mL", (0, 2)), ("20.1 ng/mL", (2, 6))])
def test_a_high_level_asks_for_the_next_within_days_and_urgently(
    level: str, days: tuple[int, int]
) -> None:
    """1-3 days after a level above 30, 3-7 after one above 20: the sample was yesterday."""
    record = child(
        a_dose("2026-08-01T08:00", "0.6"),
        a_level("14 ng/mL", "2026-10-20T08:00"),
        a_level(level, "2026-11-28T08:00"),
    )
    (check,) = levels_due(record)
    assert (check.urgency.value, days_to(check)) == ("urgent", days)
    assert due(record, NOW)[0] == check


def rising_neonate() -> Record:
    return a_record(
        a_measurement("4.0 kg", "53 cm", "2026-11-25"),
        a_dose("2026-11-05T08:00", "0.06"),
        a_level("8.1 ng/mL", "2026-11-19T08:00"),
        a_level("16.9 ng/mL", "2026-11-27T08:00"),
        patient=a_patient(born="2026-10-20", allergies=""),
    )


def test_a_neonate_that_rises_is_measured_every_week_and_it_is_not_urgent() -> None:
    (check,) = levels_due(rising_neonate())
    assert days_to(check)[1] <= 5  # a week after the 27th
    assert check.urgency.value in {"due", "later"}


def test_a_small_dose_above_the_target_is_lowered_although_the_marks_are_coarse() -> None:
    """0.06 mg × 10/16.9 is 0.036 mg: no rounding forbids a reduction."""
    assert action(rising_neonate()) in {"lower", "hold"}


def test_voriconazole_asks_for_a_level_urgently() -> None:
    record = child(
        a_dose("2026-08-01T08:00", "0.6"),
        a_level("8 ng/mL", "2026-11-20T08:00"),
        a_drug("voriconazole", "2026-11-29"),
    )
    (check,) = levels_due(record)
    assert (check.urgency.value, days_to(check)) == ("urgent", (3, 7))


# --- row 9


@pytest.mark.parametrize(("before", "after"), [("12.4", "3.1"), ("8.8", "<2.0")])
def test_a_fall_to_a_third_asks_for_its_cause_and_gives_no_dose(before: str, after: str) -> None:
    record = child(
        a_dose("2026-08-01T08:00", "0.6"),
        a_level(f"{before} ng/mL", "2026-10-20T08:00"),
        a_level(f"{after} ng/mL", "2026-11-28T08:00"),
    )
    assert action(record) in {"ask", "repeat-level"}
    assert never_raised(record)
    (check,) = levels_due(record)
    assert (check.urgency.value, days_to(check)) == ("urgent", (0, 2))


# --- row 10


def test_a_level_just_below_the_target_never_doubles_the_dose() -> None:
    dose = a_dose("2026-08-01T08:00", "0.4")
    record = a_record(
        a_measurement("12 kg", "86 cm", "2026-11-20"),
        dose,
        a_level("4.1 ng/mL", "2026-11-28T20:00"),
        patient=a_patient(born="2024-09-01", allergies=""),
    )
    found = advice(record).recommendation
    assert found.action.value == "raise"
    assert found.dose is not None
    assert dose.daily_mg < found.dose.daily_mg <= dose.daily_mg * 3 / 2
    # The lower edge of 5 needs 5/4.1 of the dose: 0.49 mg twice a day.
    assert found.lower_edge is not None
    assert 0.46 <= float(found.lower_edge.measured.mg) <= 0.52


# --- row 11


def test_a_sample_two_hours_after_a_dose_is_not_held_against_the_trough() -> None:
    record = child(
        a_dose("2026-08-01T08:00", "0.6"), a_level("21.4 ng/mL", "2026-11-28T10:00", hours=2)
    )
    assert last_level(record).status is Status.NOT_ASSESSED
    assert "fatal" not in texts(record)
    assert advice(record).recommendation.dose is None
    assert action(record) == "repeat-level"


# --- row 12


def test_back_to_the_former_dose_after_an_azole_is_passed_by_an_override() -> None:
    """0.94 mg before voriconazole, 0.12 mg beside it: 7.8 times up."""
    record = child(
        a_dose("2026-06-01T08:00", "0.94"),
        a_drug("voriconazole", "2026-08-01"),
        a_dose("2026-08-01T20:00", "0.12"),
    )
    over = ended(record, 4, "2026-11-28")
    assert prescribe(over, "0.94").awaits_override
    assert not prescribe(over, "0.94", override_by="Dr Example").stopped


# --- row 13


@pytest.mark.parametrize("weight", ["46 kg", "52 kg", "55 kg"])
def test_an_adolescent_on_tablets_gets_a_dose(weight: str) -> None:
    request = Request(
        weight=Weight(weight),
        height=Height("165 cm"),
        age=Age("15 years"),
        sex=Sex.MALE,
        product=Product.TABLETS,
        override=Override("agreed with the pharmacy", "Dr Example"),
    )
    assert propose(request).dose is not None


def test_peanut_allergy_leaves_tablets_and_names_them(
    capsys: Captured,
) -> None:
    record = a_record(
        a_measurement("29.5 kg", "132 cm", "2026-11-20"),
        patient=a_patient(born="2017-06-01", allergies="peanut"),
    )
    solution = prescribe(record, "0.82")
    assert solution.awaits_override
    assert "tablet" in " ".join(each.message for each in solution.alerts)
    assert not prescribe(record, "0.82", override_by="Dr Example").stopped
    tablets = read(
        capsys, "dose", "--weight", "29.5kg", "--height", "132cm", "--age", "9 years",
        "--product", "tablets", "--override", "peanut allergy", "--by", "Dr Example",
    )  # fmt: skip
    assert tablets["dose"]["volume_ml"] is None
    assert tablets["dose"]["given_mg"] > 0


# --- row 14


def newborn(code: Callable[..., Any], *more: str) -> Any:
    return code(
        "dose", "--weight", "3.3kg", "--height", "51cm", "--age", "12 days", *more,
        "--override", "life-threatening bleeding", "--by", "Dr Example",
    )  # fmt: skip


def test_a_newborn_is_never_rounded_up_and_sees_the_expected_level(capsys: Captured) -> None:
    """0.2162 m²: 0.173 mg a dose is 1.6 mg/m²/day, so that 0.17 mg is given, not 0.18."""
    found = newborn(lambda *words: read(capsys, *words))
    assert found["dose"]["mg_per_m2_per_day"] <= 1.6
    assert "ng/mL" in " ".join(each["message"] for each in found["alerts"])


def test_the_regimen_every_48_hours_can_be_written(records: Path, capsys: Captured) -> None:
    """0.2 mg/m² of 0.2162 m² is 0.04 mg, which the published infants got every 24 or 48 h."""
    mrn = stored(
        records, a_measurement("3.3 kg", "51 cm", day_ago(1)),
        patient=a_patient(born=day_ago(12), allergies=""),
    )  # fmt: skip
    run("prescribe", mrn, "--dose", "0.04mg", "--every", "48 h", "--from", ago(0, "00:01"),
        "--protocol", "infant")  # fmt: skip
    dose = read(capsys, "patient", "show", mrn)["state"]["dose"]
    assert dose["every_hours"] == 48


# --- row 15


def test_growth_on_the_same_dose_is_told_in_milligrams_per_square_metre() -> None:
    """0.3399 m² and 0.4488 m²: 0.316 mg a day was 0.93 mg/m²/day and is 0.70."""
    record = a_record(
        a_measurement("6.5 kg", "64 cm", "2026-05-01"),
        a_dose("2026-05-01T20:00", "0.158"),
        a_measurement("9.8 kg", "74 cm", "2026-11-28"),
        patient=a_patient(born="2025-10-01", allergies=""),
    )
    told = texts(record)
    assert "0.93" in told
    assert "0.7" in told
    assert "mg/m²/day" in told


# --- row 16


@pytest.mark.parametrize("mg", ["0.75", "0.85", "0.875"])
def test_a_dose_between_the_marks_is_recorded_with_a_caution(
    records: Path, capsys: Captured, mg: str
) -> None:
    mrn = stored(records, measured())
    run("prescribe", mrn, "--dose", f"{mg}mg", "--times-a-day", "2", "--from", ago(0, "00:01"))
    said = capsys.readouterr()
    assert "mark" in said.out + said.err
    dose = read(capsys, "patient", "show", mrn)["state"]["dose"]
    assert dose["daily_mg"] == 2 * float(mg)


# --- row 17


def test_a_last_dose_that_nobody_told_is_shown_as_assumed(records: Path, capsys: Captured) -> None:
    mrn = stored(records, measured(), a_dose(at(ago(60)), "0.6"))
    run("level", "add", mrn, "7.2ng/mL", "--at", ago(1, "07:50"))
    (found,) = read(capsys, "level", "list", mrn)
    assert found["last_dose_assumed"] is True
    assert found["status"] == "within"
    capsys.readouterr()
    run("level", "list", mrn)
    assert "assumed" in capsys.readouterr().out


def test_an_imported_level_counts_as_a_typed_one(
    records: Path, capsys: Captured, tmp_path: Path
) -> None:
    mrn = stored(records, measured(), a_dose(at(ago(60)), "0.6"))
    run("level", "add", mrn, "7.2ng/mL", "--at", ago(20, "07:50"))
    file, mapping = tmp_path / "laboratory.csv", tmp_path / "mapping.toml"
    mapping.write_text(MAPPING)
    sampled = f"{day_ago(1):%d/%m/%Y} 07:50"
    file.write_text(f"MRN;Test;Result;Unit;Collected\n{mrn};SIRO;7,4;ng/mL;{sampled}\n")
    run("import", str(file), "--mapping", str(mapping))
    typed, imported = read(capsys, "level", "list", mrn)
    for key in ("status", "is_trough", "last_dose_assumed"):
        assert typed[key] == imported[key]
    assert typed["status"] == "within"


# --- row 18


def test_two_values_of_one_minute_are_told_and_nothing_is_raised() -> None:
    record = child(
        a_dose("2026-08-01T08:00", "0.6"),
        a_level("25 ng/mL", "2026-11-28T20:00"),
        a_level("60 ng/mL", "2026-11-28T20:00"),
    )
    assert advice(record).recommendation.action.value in {"hold", "lower", "ask", "repeat-level"}
    told = texts(record)
    assert "25" in told
    assert "60" in told


def test_the_same_entry_typed_twice_is_told(records: Path, capsys: Captured) -> None:
    mrn = stored(records, measured(), a_dose(at(ago(60)), "0.6"))
    same = (
        "level",
        "add",
        mrn,
        "7.2ng/mL",
        "--at",
        ago(1, "07:50"),
        "--last-dose",
        ago(2, "20:00"),
    )
    run(*same)
    capsys.readouterr()
    main(same)
    said = capsys.readouterr()
    assert "same entry" in said.out + said.err
    main((*same, "--reason", "two samples"))
    levels = read(capsys, "level", "list", mrn)
    assert len(levels) == 2  # never lost: with a reason both stand


# --- what every row has in common


@pytest.mark.parametrize("record", [pneumonitis_held_but_running()], ids=["pneumonitis"])
def test_a_reduction_is_never_blocked(record: Record) -> None:
    running: Prescription | None = state(record).prescription
    assert running is not None
    assert not check_prescription(record, a_dose(later(NOW, hours=1), "0.5"), NOW).stopped
