"""The whole of a clinic's story, typed into the app in a real terminal of 80x24.

The record must then hold exactly what was typed, and nothing else.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import pytest

from dosing import REVIEW, Product, QuantityKind, Sex, read_quantity
from dosing.build import this_build
from dosing.quantities.formatting import short_date
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Assay, Level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.store.opening import open_records
from monitoring.times import Moment
from tests.project.render import ROOT
from tests.tui.app.terminal import PROGRAM, Terminal, terminal
from tests.tui.app.walks import MAPPING
from tests.tui.places import put_empty

ZONE = "Asia/Tokyo"  # its clocks are never changed: twelve hours are twelve hours on any day
AUTHOR = "Dr Example"


class Days:
    """The days of the story, counted back from today, as the app's clock is the real one."""

    def __init__(self) -> None:
        self.today = datetime.now(ZoneInfo(ZONE)).date()
        self.born = self.ago(850)
        self.measured = self.ago(30)
        self.first_dose = self.ago(28)
        self.levels = (self.ago(14), self.ago(9), self.ago(4))
        """From 14 days after the first dose on: all at steady state."""
        self.sores = self.ago(5)
        self.changed = self.ago(1)

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)


FIRST_ENTRIES = 8
"""The entries before the visit."""
LEVEL_OF_VISIT = "12.1 ng/mL"
LEVELS = ("6.2 ng/mL", "8.4 ng/mL", "17.1 ng/mL")  # within 5-15 ng/mL, within, above


def at(day: date, clock: str) -> Moment:
    return Moment.read(f"{day}T{clock}", ZONE)


def a_new_patient(screen: Terminal, days: Days) -> None:
    screen.see("add the first patient")
    screen.press("n", see="Record number is missing")
    screen.type("00123")
    screen.press("Enter", see="Name is missing")
    screen.type("Sample Toddler")
    screen.press("Enter", see="Born is missing")
    screen.type(str(days.born))
    screen.press("Enter", see="Choose the sex")
    screen.press("Down", see="female")
    screen.press("f", "Enter", see="Will be stored")
    screen.press("C-s", see="1 patient\n")  # without the dots: it is known where each stands
    screen.press("Enter", see="Not started; no level yet")


def the_first_weight(screen: Terminal, days: Days) -> None:
    screen.press("m", see="type the weight twice")
    screen.type("12.4 kg", see="Enter the first weight twice")
    screen.press("Enter", see="Enter the first weight twice")
    screen.type("12.5 kg", see="The two weights differ: 12.4 kg and 12.5 kg")
    # A slip stores nothing. The refusal is above the fields, and takes keys from then on.
    screen.press("C-s", see="Record weight and height\n The two weights differ")
    screen.press("C-u", see="Enter the first weight twice")
    screen.type("12.4 kg", see="12.4 kg = 27.3 lb")
    screen.press("Enter", "8", "8", "c", "m", see="12.4 kg = 27.3 lb, 88 cm")
    screen.press("Enter", "C-u", see="Measured on is missing")
    screen.type(str(days.measured), see=f"12.4 kg = 27.3 lb, 88 cm on {short_date(days.measured)}")
    screen.press("C-s", see="Not started; no level yet")


def the_dose_accepted(screen: Terminal, days: Days) -> None:
    screen.press("d", see="0.44 mg (0.44 mL of 1 mg/mL)")
    screen.press("C-s", see="Accept this dose")
    screen.press("C-u", see="Enter the first dose")
    screen.type(f"{days.first_dose}T08:00", see=f"from {short_date(days.first_dose)}, 08:00")
    screen.press(
        "C-s", see=f"On 0.44 mg × 2 a day since {short_date(days.first_dose)}; no level yet"
    )


def a_level(screen: Terminal, day: date, value: str, status: str) -> None:
    """Type a level; the last dose is filled in by the schedule, the evening before."""
    screen.press("l", see="Record a level")
    screen.type(value, see=f"Level           {value}")
    # Once the time of the trough is over, today's is assumed.
    screen.press("Enter", "C-u", see="Sampled is missing")
    screen.type(f"{day} 07:50", see=f"last dose {short_date(day - timedelta(days=1))}, 20:00")
    screen.press("Enter", "Tab", "Tab", "Enter", "Down", see="lc-ms/ms")
    screen.press("l", "Enter", see="Assay           lc-ms/ms")
    screen.see(status, "It is a trough (11 h 50 min after the dose, assumed), at steady state")
    screen.press("C-s", see="After the level")


def three_levels_and_the_dose_changed(screen: Terminal, days: Days) -> None:
    for day, value in zip(days.levels[:2], LEVELS, strict=False):
        a_level(screen, day, value, "● within")
        screen.see("Keep the dose.")
        screen.press("C-s", see=f"last level {value}")
    a_level(screen, days.levels[2], LEVELS[2], "▲ above")
    # The label lowers it, too (0.88 × 10 / 17.1 = 0.515 mg/day); the model agrees: its dose stands.
    screen.see("Lower the dose to 0.38 mg", "f4 Change the dose")
    screen.press("F4", see="After the last level")
    screen.press("F5", see="To be stored: 0.38 mg × 2 a day")
    changed = short_date(days.changed)
    screen.press(*["Tab"] * 7, "C-u", see="From            (")  # the example
    screen.type(f"{days.changed}T08:00", see=f"{changed}, 08:00 (+0900)")
    screen.press("C-s", see=f"On 0.38 mg × 2 a day since {changed}; last level 17.1 ng/mL")


def mouth_sores(screen: Terminal, days: Days) -> None:
    screen.press("e", see="Record an adverse event")
    screen.type("mouth sores", see="2 moderate pain")
    screen.press("Enter", "2", "Enter", see="From is missing")
    screen.type(str(days.sores), see=f"mouth sores, grade 2, from {short_date(days.sores)}")
    screen.press("Enter", "Enter", "Down", see="doses held")
    screen.press("d", "Enter", see="sirolimus reduced")
    screen.press("C-s", see="⏎ Close")
    screen.press("Enter", see="grade 2 adverse event open")


def the_report(screen: Terminal, file: Path) -> None:
    screen.press("p", see="the summary, for a colleague")
    screen.press("Enter", see="✓ Written")
    assert file.exists()
    screen.press("Escape", see="grade 2 adverse event open")


def a_visit(screen: Terminal, days: Days) -> None:
    """Type a weight, a blood pressure, a level, a laboratory value and a note on one page."""
    screen.press("V", see="Record a visit")
    screen.type("12.9 kg", see="12.9 kg = 28.4 lb")
    screen.press("Tab", "Tab", see="Blood pressure")
    screen.type("96/58 mmHg", see="diastolic blood pressure")
    screen.press("Tab", see="Level")
    screen.type(LEVEL_OF_VISIT, see=f"Level           {LEVEL_OF_VISIT}")
    screen.press("Tab", "C-u", see="Sampled is missing")
    screen.type(f"{days.changed} 07:50", see="Measurement: 12.9 kg")
    screen.press("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", see="Test")
    screen.type("ALT", see="Value is missing")
    screen.press("Tab", see="Value")
    screen.type("35 U/L", see="Value           35 U/L")
    screen.press("C-s", see="After the level")
    screen.press_until("NPage", see="Recommendation")  # an answer takes no key from before it
    screen.press("Escape", see=f"last level {LEVEL_OF_VISIT}")


def a_slip_undone(screen: Terminal) -> None:
    """Store a note about another patient, and undo it."""
    screen.press("t", see="Record a note")
    screen.type("about another patient", see="Will be stored")
    screen.press("C-s", see=f"last level {LEVEL_OF_VISIT}")
    screen.press("U", see="note of")
    screen.press("Enter", see="Undone: note")
    screen.see(f"last level {LEVEL_OF_VISIT}")


def doses_on_hold(screen: Terminal, days: Days) -> None:
    screen.press("o", see="Record missed or held doses")
    screen.press("BTab", "Down", see="held on purpose")
    screen.press("h", "Enter", see="Kind            held on purpose")
    screen.press("Tab", see="Due at")
    screen.type(f"{days.changed}T20:00", see="held from")
    screen.press("Tab", "Tab", see="until restarted")
    screen.type("fever", see="fever")
    screen.press("C-s", see="On hold since")


def doses_given_again(screen: Terminal, days: Days) -> None:
    screen.press("R", see="Given from")
    screen.press("C-u", see="Given from      (")
    screen.type(f"{days.changed}T20:30", see="are given again from")
    screen.press("C-s", see="On 0.38 mg × 2 a day")


def tablets_from_tomorrow(screen: Terminal, days: Days) -> None:
    """Switch from the solution to tablets, once a day."""
    screen.press("a", see="How often")
    screen.type("0.5 mg", see="0.5 mg")
    screen.press("Tab", see="0.5 mg")
    screen.press("Down", see="every 48 hours")
    screen.press("o", "Enter", see="How often       once a day")
    screen.press("Tab", "Tab", "Down", see="tablets")
    screen.press("t", "Enter", see="Product         tablets")
    screen.press("Tab", "Tab", "Tab", "Tab", "C-u", see="From            (")
    screen.type(f"{days.ago(-1)}T08:00", see="To be stored: 0.5 mg × 1 a day")
    screen.press("C-s", see="On 0.38 mg × 2 a day")
    screen.press("3", see=f"{short_date(days.ago(-1))}, 08:00")
    screen.press("1", see="On 0.38 mg × 2 a day")


def a_file_of_the_laboratory(screen: Terminal, folder: Path) -> None:
    """Import the file from the worklist, after a preview."""
    screen.press("Escape", see="1 patient\n")
    screen.press("i", see="Import lab results")
    screen.type(str(folder / "results.csv"), see="results.csv")
    screen.press("Tab", see="Mapping")
    screen.type(str(folder / "laboratory.toml"), see="laboratory.toml")
    screen.press("F5", see="+ to add")
    screen.press("C-s", see="✓ ")
    screen.press("Escape", see="1 patient\n")


class Counted:
    """The key strokes of each part of the story, printed at the end."""

    def __init__(self, screen: Terminal) -> None:
        self._screen = screen
        self._parts: list[tuple[str, int]] = []
        self._begun = screen.key_strokes

    def part(self, name: str) -> None:
        """Name what was typed since the last part."""
        self._parts.append((name, self._screen.key_strokes - self._begun))
        self._begun = self._screen.key_strokes

    def show(self) -> None:
        width = max(len(name) for name, _ in self._parts)
        print("\nkey strokes, of them every letter of the dates and texts:")
        for name, strokes in self._parts:
            print(f"  {name:{width}}  {strokes:4}")


def write_results(folder: Path, days: Days) -> None:
    """Write a laboratory's file with a value of yesterday, and its mapping."""
    collected = f"{days.changed:%d/%m/%Y} 07:50"
    lines = ["MRN;Test;Result;Unit;Collected", f"00123;ASAT;31;U/L;{collected}"]
    (folder / "results.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    mapping = MAPPING.replace("Europe/Paris", ZONE).replace('"ALAT" = "ALT"', '"ASAT" = "AST"')
    (folder / "laboratory.toml").write_text(mapping, encoding="utf-8")


# A list may open too late on a busy machine. Other tests drive each form without a terminal.
@pytest.mark.full_size
def test_the_whole_story_is_what_the_record_holds(tmp_path: Path) -> None:
    days = Days()
    pdf = tmp_path / "sirolimus" / f"sirolimus-summary-{days.today}-00123.pdf"
    place = put_empty(tmp_path / "records.sqlite")
    write_results(tmp_path, days)
    environment = {
        "TZ": ZONE,
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_DOCUMENTS_DIR": str(tmp_path),
    }
    chosen = ["--records", str(place), "--author", AUTHOR]
    with terminal(tmp_path, environment) as screen:
        screen.start(chosen)
        counted = Counted(screen)
        a_new_patient(screen, days)
        counted.part("a new patient")
        the_first_weight(screen, days)
        counted.part("the first weight, with a slip")
        the_dose_accepted(screen, days)
        counted.part("the first dose")
        three_levels_and_the_dose_changed(screen, days)
        counted.part("three levels, and the dose changed")
        mouth_sores(screen, days)
        counted.part("an adverse event")
        the_report(screen, pdf)
        counted.part("the report")
        assert screen.leave("C-q") == 0

        assert_record(place, days)
        assert_commands(place, days)
        assert_report(pdf)

        screen.start(chosen)
        counted.part("leaving")
        screen.see("Sample Toddler", "▲ 17.1 ng/mL above", "1 patient\n")
        screen.press("Enter", see=f"On 0.38 mg × 2 a day since {short_date(days.changed)}")
        screen.see("last level 17.1 ng/mL 4 days ago", "№ 00123", "0.38 mL")
        counted.part("opening the patient")
        a_visit(screen, days)
        counted.part("a visit of four parts")
        a_slip_undone(screen)
        counted.part("a note, undone")
        doses_on_hold(screen, days)
        counted.part("a hold")
        doses_given_again(screen, days)
        counted.part("the restart")
        tablets_from_tomorrow(screen, days)
        counted.part("tablets from tomorrow")
        a_file_of_the_laboratory(screen, tmp_path)
        counted.part("a laboratory's file")
        assert screen.leave("C-q") == 0
    counted.show()
    assert_record(place, days)
    assert_later_entries(place, days)


def assert_record(place: Path, days: Days) -> None:
    """Hold the record, entry by entry and in their order, to what was typed."""
    store = open_records(str(place), AUTHOR).store
    assert store.count_patients() == 1
    record = store.find("00123")
    entries = record.entries[:FIRST_ENTRIES]
    first, *rest = [each.entry for each in entries]
    assert first == record.patient.entry == Patient(
        record_number="00123",
        name="Sample Toddler",
        born=days.born,
        sex=Sex.FEMALE,
        anomaly=Anomaly.NOT_RECORDED,
    )  # fmt: skip
    assert all(each.is_active and each.ending is None for each in entries)
    assert {each.author.by for each in record.entries} == {AUTHOR}

    measured, accepted, *rest = rest
    assert measured == Measurement(
        on=days.measured,
        weight=read_quantity("12.4 kg", QuantityKind.WEIGHT),
        height=read_quantity("88 cm", QuantityKind.HEIGHT),
    )
    assert isinstance(accepted, Prescription)
    assert replace(accepted, proposal="") == a_prescription("0.44", at(days.first_dose, "08:00"))
    # √(12.4 × 88 / 3600) = 0.550555 m², × 0.8 mg/m² = 0.4404 mg, in steps of 0.02 mg: 0.44 mg.
    proposal = json.loads(accepted.proposal)
    assert proposal["dose"]["given_mg"] == 0.44
    assert proposal["body_surface_area_m2"] == 0.550555
    assert [each for each in rest if isinstance(each, Level)] == rest[:3] == [
        Level(
            sampled=at(day, "07:50"),
            value=read_quantity(value, QuantityKind.LEVEL),
            last_dose=at(day - timedelta(days=1), "20:00"),
            last_dose_assumed=True,
            assay=Assay.LC_MS_MS,
        )
        for day, value in zip(days.levels, LEVELS, strict=True)
    ]  # fmt: skip
    changed, event = rest[3:]
    assert changed == replace(
        a_prescription("0.38", at(days.changed, "08:00")),
        reason=f"after 17.1 ng/mL on {days.levels[2]}",
    )
    assert event == AdverseEvent(
        term="mouth sores", since=days.sores, grade=2, action=ActionTaken.REDUCED
    )


def assert_later_entries(place: Path, days: Days) -> None:
    """Hold the visit, the undone note, the hold, the switch and the imported value."""
    record = open_records(str(place), AUTHOR).store.find("00123")
    weight, *pressures, alt, level, slip, hold, tablets, ast = record.entries[FIRST_ENTRIES:]
    visit = (weight, *pressures, alt, level)
    assert len({each.author.at for each in visit}) == 1
    assert weight.entry == Measurement(
        on=days.today, weight=read_quantity("12.9 kg", QuantityKind.WEIGHT)
    )
    assert [str(each.entry) for each in pressures] == [
        "systolic blood pressure 96 mm[Hg]", "diastolic blood pressure 58 mm[Hg]",
    ]  # fmt: skip
    assert level.entry == Level(
        sampled=at(days.changed, "07:50"),
        value=read_quantity(LEVEL_OF_VISIT, QuantityKind.LEVEL),
        last_dose=at(days.changed - timedelta(days=1), "20:00"),
        last_dose_assumed=True,
    )
    assert isinstance(alt.entry, LaboratoryValue)
    assert alt.entry.at == level.entry.sampled
    assert slip.void is not None
    assert slip.void.entry.reason == "entered by mistake, undone"
    assert hold.entry == MissedDose(
        at=at(days.changed, "20:00"), kind=NotGiven.HELD, is_open=True, reason="fever"
    )
    assert hold.ending is not None
    assert hold.ending.entry.at == at(days.changed, "20:30")
    assert tablets.entry == replace(
        a_prescription("0.5", at(days.ago(-1), "08:00")), times_a_day=1, product=Product.TABLETS
    )
    assert isinstance(ast.entry, LaboratoryValue)
    assert (ast.entry.test, str(ast.entry.value)) == ("AST", "31 U/L")
    assert [each for each in record.entries if not each.is_active] == [slip]


def a_prescription(dose_mg: str, since: Moment) -> Prescription:
    return Prescription(
        since=since,
        dose_mg=Decimal(dose_mg),
        times_a_day=2,
        product=Product.SOLUTION,
        protocol=REVIEW.key,
        target=REVIEW.target,
        rule_version=this_build().label,
    )


def told_by(place: Path, *command: str) -> Any:
    """Return the JSON document of a plain command on the same records."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command, "--records", str(place), "--json"],
        check=True, capture_output=True, cwd=ROOT, env={**os.environ, "TZ": ZONE},
    )  # fmt: skip
    return json.loads(ran.stdout)


def assert_commands(place: Path, days: Days) -> None:
    """Hold what the plain commands tell to what was typed."""
    entries = {"Measurement": 1, "Prescription": 2, "Level": 3, "AdverseEvent": 1}
    assert told_by(place, "patient", "show", "00123")["entries"] == entries
    assert [
        (each["at"], each["level_ng_ml"], each["status"], each["is_trough"], each["steady_state"])
        for each in told_by(place, "level", "list", "00123")
    ] == [
        (f"{days.levels[0]}T07:50+09:00", 6.2, "within", True, True),
        (f"{days.levels[1]}T07:50+09:00", 8.4, "within", True, True),
        (f"{days.levels[2]}T07:50+09:00", 17.1, "above", True, True),
    ]
    (event,) = told_by(place, "event", "list", "00123")
    told = (event["term"], event["grade"], event["from"], event["to"], event["action"])
    assert told == ("mouth sores", 2, str(days.sores), None, "reduced")


def assert_report(pdf: Path) -> None:
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    for expected in ("Sample Toddler", "00123", "6.2", "8.4", "17.1", "0.38 mg"):
        assert expected in text
