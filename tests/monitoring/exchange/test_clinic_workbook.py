"""The workbook of an existing clinic: its template, each cell, each fault with its place."""

import random
import stat
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dosing import Sex, UserError
from monitoring.adverse_events.finder import known_term
from monitoring.cohort.cohort import cohort
from monitoring.cohort.documents import cohort_as_json
from monitoring.demo.clinic import write_demo
from monitoring.exchange.clinic_workbook.reading import (
    is_clinic_workbook,
    read_clinic_workbook,
)
from monitoring.exchange.clinic_workbook.sheets import SHEETS
from monitoring.exchange.clinic_workbook.template import accepted, write_clinic_template
from monitoring.exchange.incoming import (
    Incoming,
    IncomingPatient,
    Item,
    LeftOut,
    ReadingChoices,
    Refusal,
)
from monitoring.levels import assess_levels
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.entries import Record, StopRecord
from monitoring.record.entry import Entry
from monitoring.record.level import Comparator, Level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.builders import at, day
from tests.campaign import cases
from tests.monitoring.exchange.clinic_workbooks import (
    Cells,
    blank_template,
    content_of_book,
    template_with,
    typed_clinic,
)
from tests.stores import store_of

PARIS = ReadingChoices(time_zone="Europe/Paris")
LEVEL = {"Record number": "00123", "Level": "7.20 ng/mL", "Sampled": "2026-11-19T07:50"}
DOSE = {"Record number": "00123", "Dose": "0.44 mg", "Times a day": "2", "Product": "solution",
        "From": "2026-11-05T08:00"}  # fmt: skip


def read(content: bytes) -> list[Item]:
    return list(read_clinic_workbook(content, PARIS))


def read_rows(title: str, *rows: Cells) -> list[Item]:
    return [each for each in read(template_with({title: rows})) if not isinstance(each, LeftOut)]


def the_entry(title: str, row: Cells) -> Entry:
    (item,) = read_rows(title, row)
    assert isinstance(item, Incoming), item
    return item.entry


def the_refusals(title: str, row: Cells) -> list[str]:
    items = read_rows(title, row)
    assert all(isinstance(each, Refusal) for each in items), items
    return [str(each) for each in items]


# --- the template


def test_the_template_is_known_by_its_mark_and_is_this_users_alone(tmp_path: Path) -> None:
    write_clinic_template(tmp_path / "clinic.xlsx")
    assert is_clinic_workbook((tmp_path / "clinic.xlsx").read_bytes())
    assert stat.S_IMODE((tmp_path / "clinic.xlsx").stat().st_mode) == 0o600
    with pytest.raises(UserError, match="exists already"):
        write_clinic_template(tmp_path / "clinic.xlsx")


def test_its_examples_are_plainly_examples_and_left_out() -> None:
    items = read(content_of_book(blank_template()))
    assert len(items) == len(SHEETS) == 11
    assert all(isinstance(each, LeftOut) for each in items)


def test_every_example_would_be_read_if_it_had_a_patient() -> None:
    book = blank_template()
    for sheet in SHEETS:
        book[sheet.title]["A2"] = "00123"
    items = read(content_of_book(book))
    assert [type(each) for each in items] == [IncomingPatient] + [Incoming] * 10


def test_every_column_is_text_and_explained_with_its_accepted_words() -> None:
    book = blank_template()
    explained = {row[:2]: row[2:] for row in book["Read me"].iter_rows(values_only=True)}
    for sheet in SHEETS:
        page = book[sheet.title]
        assert [cell.value for cell in page[1]] == [each.label for each in sheet.columns]
        assert {each.number_format for each in page.column_dimensions.values()} == {"@"}
        for each in sheet.columns:
            needed, meaning, words = explained[sheet.title, each.label]
            assert meaning
            assert (needed == "yes") is sheet.required(each)
            assert (words or "") == accepted(each)


def test_a_choice_is_a_list_in_excel_with_the_words_that_are_read() -> None:
    book = blank_template()
    lists = {
        str(each.sqref).split(":")[0]: each.formula1.strip('"').split(",")
        for each in book["Events"].data_validations.dataValidation
    }
    assert lists == {"C2": ["1", "2", "3", "4", "5"],
                     "F2": ["none", "reduced", "held", "stopped"]}  # fmt: skip
    for page in book.worksheets:
        for each in page.data_validations.dataValidation:
            assert len(each.formula1) <= 257, "Excel takes 255 characters in a list"


@pytest.mark.parametrize(
    "mark", ["", "Sirolimus assistant", "some other text", None],
    ids=["empty", "a part", "another", "no cell"],
)  # fmt: skip
def test_a_workbook_without_the_mark_is_another(mark: str | None) -> None:
    book = blank_template()
    book["Read me"]["A1"] = mark
    assert not is_clinic_workbook(content_of_book(book))


def test_other_files_are_not_taken_for_one() -> None:
    book = openpyxl.Workbook()
    book.active.append(["MRN", "Result"])
    for content in (content_of_book(book), b"", b"PK\x03\x04cut", b"MRN,Result\n"):
        assert not is_clinic_workbook(content)


# --- what is read


def test_a_level_keeps_every_digit_its_sign_and_its_times() -> None:
    row = LEVEL | {"Level": "<2.00 ng/mL", "Last dose": "2026-11-18T20:00", "Assay": "CMIA"}
    level = the_entry("Levels", row)
    assert isinstance(level, Level)
    assert (str(level), level.comparator) == ("<2.00 ng/mL", Comparator.BELOW)
    assert (level.sampled, level.last_dose) == (at("2026-11-19T07:50"), at("2026-11-18T20:00"))


def test_a_dose_with_its_end_keeps_both_times() -> None:
    (item,) = read_rows("Doses", DOSE | {"To": "2026-12-05T20:00", "Reason for the end": "better"})
    assert isinstance(item, Incoming)
    assert isinstance(item.entry, Prescription)
    assert (item.entry.dose_mg, item.entry.daily_mg) == (Decimal("0.44"), Decimal("0.88"))
    assert (item.ended_at, item.end_reason) == (at("2026-12-05T20:00"), "better")
    assert item.entry.given_reason is None


def test_a_dose_every_other_day_and_a_pharmacys_dilution() -> None:
    row = {**DOSE, "Times a day": None, "Every": "2 days", "Strength": "0.5 mg/mL",
           "Target": "4-10 ng/mL", "As given": "as the family gave it"}  # fmt: skip
    dose = the_entry("Doses", row)
    assert isinstance(dose, Prescription)
    assert (dose.interval_hours, dose.strength_mg_per_ml) == (48, Decimal("0.5"))
    assert (str(dose.target), dose.given_reason) == ("4-10 ng/mL", "as the family gave it")


def test_a_hold_without_an_end_is_open_until_a_restart() -> None:
    held = the_entry("Missed doses", {"Record number": "00123", "Kind": "held on purpose",
                                      "Due at": "2026-11-12T08:00"})  # fmt: skip
    assert isinstance(held, MissedDose)
    assert held.is_open


def test_two_pressures_in_one_cell_are_two_values() -> None:
    row = {"Record number": "00123", "Test": "blood pressure", "Value": "98/61 mmHg",
           "Sampled": "2026-11-19T07:50"}  # fmt: skip
    items = read_rows("Laboratory", row)
    found = [str(each.entry) for each in items if isinstance(each, Incoming)]
    assert found == ["systolic blood pressure 98 mm[Hg]", "diastolic blood pressure 61 mm[Hg]"]


def test_dates_and_numbers_of_excel_are_read_as_stored() -> None:
    book = blank_template()
    page = book["Measurements"]
    page.delete_rows(2)
    page.append(["00123", "12.40 kg", None, datetime(2026, 11, 5)])  # noqa: DTZ001 - Excel has none
    page["D2"].number_format = "dd/mm/yyyy"
    (item,) = (each for each in read(content_of_book(book)) if isinstance(each, Incoming))
    assert isinstance(item.entry, Measurement)
    assert (str(item.entry.weight), item.entry.on) == ("12.40 kg", day("2026-11-05"))


def test_a_patient_is_read_whole_and_lends_the_birth_to_every_row() -> None:
    patient = {"Record number": "00123", "Name": "Łukasz [/] <img src=x>", "Born": "2024-02",
               "Sex": "male", "Anomaly": "venous-malformation", "Gestation": "31+2"}  # fmt: skip
    content = template_with({"Patients": [patient], "Levels": [LEVEL]})
    who, level = (each for each in read(content) if not isinstance(each, LeftOut))
    assert isinstance(who, IncomingPatient)
    assert who.particulars is not None
    assert str(who.particulars.born) == "2024-02"
    assert who.particulars.gestation is not None
    assert isinstance(level, Incoming)
    assert (level.patient.born, level.patient.sex) == (who.particulars.born, Sex.MALE)


def test_a_number_of_excel_may_have_lost_its_zeros_and_says_so() -> None:
    (item,) = read_rows("Levels", LEVEL | {"Record number": 123})
    assert isinstance(item, Incoming)
    assert item.patient.may_lack_zeros
    (item,) = read_rows("Levels", LEVEL)
    assert isinstance(item, Incoming)
    assert not item.patient.may_lack_zeros


def test_the_place_names_sheet_and_row_as_excel_does() -> None:
    items = read_rows("Levels", LEVEL, {}, LEVEL | {"Sampled": "2026-11-20T07:50"})
    assert [str(each.place) for each in items if isinstance(each, Incoming)] == [
        "Levels, row 2", "Levels, row 4",
    ]  # fmt: skip


# --- what is refused


@pytest.mark.parametrize(
    ("title", "row", "part", "reason"),
    [
        ("Levels", LEVEL | {"Level": "7.2"}, "column B Level", "unit"),
        ("Levels", LEVEL | {"Level": "7,2 ng/mL"}, "column B Level", "comma"),
        ("Levels", LEVEL | {"Level": 7.2}, "column B Level", "unit"),
        ("Levels", LEVEL | {"Level": "=1+1"}, "column B Level", "formula"),
        ("Levels", LEVEL | {"Level": None}, "column B Level", "empty"),
        ("Levels", LEVEL | {"Sampled": "2026-11-19"}, "column C Sampled", "not a valid time"),
        ("Levels", LEVEL | {"Sampled": "2026-03-29T02:30"}, "column C Sampled", "does not exist"),
        ("Levels", LEVEL | {"Sampled": "2026-10-25T02:30"}, "column C Sampled", "occurred twice"),
        ("Levels", LEVEL | {"Assay": "best"}, "column E Assay", "not one of lc-ms/ms"),
        ("Levels", LEVEL | {"Record number": None}, "column A Record number", "empty"),
        ("Levels", LEVEL | {"Last dose": "2026-11-19T08:00"}, "", "after the sample"),
        ("Doses", DOSE | {"Dose": "0.44"}, "column B Dose", "unit"),
        ("Doses", DOSE | {"Every": "12 h"}, "", "stated once"),
        ("Doses", DOSE | {"Times a day": None}, "", "stated once"),
        ("Doses", DOSE | {"Times a day": "5"}, "column C Times a day", "1 to 4"),
        ("Doses", DOSE | {"Product": None}, "column F Product", "empty"),
        ("Measurements", {"Record number": "00123", "Weight": "12.4 kg"}, "column D Measured on",
         "empty"),
        ("Measurements", {"Record number": "00123", "Measured on": "2026-11-05"}, "",
         "needs a weight or a height"),
        ("Events", {"Record number": "00123", "Adverse event": "fever", "From": "2026-11-05",
                    "Grade": "6"}, "column C Grade", "not a grade"),
        ("Laboratory", {"Record number": "00123", "Test": "sirolimus", "Value": "7 ug/L",
                        "Sampled": "2026-11-19T07:50"}, "", "recorded as a level"),
        ("Patients", {"Record number": "00123", "Name": "Sample", "Born": "1.5.2023",
                      "Sex": "male"}, "column C Born", "not a date"),
        ("Patients", {"Record number": "x" * 65, "Name": "Sample", "Born": "2023-05-01",
                      "Sex": "male"}, "", "64"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_refused_with_sheet_row_column_and_reason(
    title: str, row: Cells, part: str, reason: str
) -> None:
    (refusal,) = the_refusals(title, row)
    assert refusal.startswith(f"{title}, row 2" + (f", {part}: " if part else ": "))
    assert reason in refusal


def test_every_wrong_cell_of_a_row_is_named() -> None:
    row = LEVEL | {"Level": "seven", "Sampled": "today", "Assay": "best"}
    assert len(the_refusals("Levels", row)) == 3


def test_a_record_number_twice_among_the_patients_is_refused() -> None:
    patient = {"Record number": "00123", "Name": "Sample", "Born": "2024", "Sex": "male"}
    items = read_rows("Patients", patient, patient | {"Name": "Another"})
    assert [type(each) for each in items] == [IncomingPatient, Refusal]
    assert "Patients, row 2" in str(items[1])


@pytest.mark.parametrize(
    ("cell", "heading", "reason"),
    [("B1", "Lvel", "unknown"), ("C1", "Level", "repeated"), ("B1", None, "missing")],
)
def test_other_headings_are_refused_as_a_whole(cell: str, heading: str, reason: str) -> None:
    book = blank_template()
    book["Levels"][cell] = heading
    with pytest.raises(UserError, match=reason):
        read(content_of_book(book))


def test_a_cell_without_a_heading_is_refused() -> None:
    book = blank_template()
    page = book["Levels"]
    page["A2"], page["J2"] = "00123", "a remark beside the table"
    (refusal,) = (each for each in read(content_of_book(book)) if isinstance(each, Refusal))
    assert "no heading" in str(refusal)


def test_a_sheet_that_the_template_does_not_have_is_named() -> None:
    book = blank_template()
    book.create_sheet("Own list").append(["00123"])
    book.create_sheet("Empty")
    others = [each for each in read(content_of_book(book)) if "sheet" in str(each.place)]
    assert [str(each.place) for each in others if isinstance(each, LeftOut)] == ["sheet Own list"]


def test_sheets_that_are_not_needed_may_be_deleted() -> None:
    book = blank_template()
    for title in ("Notes", "Drugs", "Responses"):
        del book[title]
    assert len(read(content_of_book(book))) == 8


def test_a_hold_has_one_end() -> None:
    """Held until: the dose of that time was not given; Given again: it was."""
    held = {"Record number": "00123", "Kind": "held", "Due at": "2026-11-05T08:00"}
    again = {"Given again": "2026-11-08T08:00"}
    (item,) = read_rows("Missed doses", held | again)
    assert isinstance(item, Incoming)
    assert (item.entry.until, item.entry.is_open) == (None, True)  # type: ignore[attr-defined]
    assert item.ended_at == at("2026-11-08T08:00")
    (refusal,) = the_refusals("Missed doses", held | again | {"Held until": "2026-11-08T08:00"})
    assert "two ends" in str(refusal)


# --- a whole clinic


def taken(items: Iterable[Item], store: Store) -> None:
    """Add what was read to empty records, as an import does."""
    numbers: dict[str, int] = {}
    for item in items:
        assert isinstance(item, IncomingPatient | Incoming), item
        if isinstance(item, IncomingPatient):
            assert item.particulars is not None
            numbers[item.particulars.record_number] = store.add_patient(item.particulars).number
            continue
        patient = numbers[item.patient.identifiers[0].value]
        added = store.add(patient, item.entry, ended_on=item.ended_on)
        if item.ended_at:
            ending = StopRecord(of=added.number, at=item.ended_at, reason=item.end_reason)
            store.end(added.number, ending)


_HOW = {"proposal", "rule_version", "override_reason", "override_by", "overridden_alerts",
        "is_open", "until", "term", "text"}  # fmt: skip
"""The fields that say how an entry was recorded, and those that depend on the words typed."""


def _words(entry: Entry) -> str:
    """Return the name of an adverse event, or the remark of any other entry."""
    if isinstance(entry, AdverseEvent):
        term = known_term(entry.term)
        return term.name if term else entry.term
    return getattr(entry, "text", "")


def said(record: Record) -> set[tuple[object, ...]]:
    return {
        (
            type(each.entry).__name__,
            _words(each.entry),
            *(getattr(each.entry, field.name) for field in fields(each.entry)
              if field.name not in _HOW),
            getattr(each.entry, "until", None)
            or (each.ending and (each.ending.entry.at or each.ending.entry.on)),
        )
        for each in record.entries
        if each.is_active and not isinstance(each.entry, Patient)
    }  # fmt: skip


def figures(store: Store, now: Any) -> dict[str, object]:
    levels = {
        record.patient.entry.record_number: [each.means() for each in assess_levels(record)
                                             if each.level.is_active]
        for record in store.records()
    }  # fmt: skip
    return {"cohort": cohort_as_json(cohort(store.records(), now)), "levels": levels}


def test_the_synthetic_clinic_typed_into_the_template_gives_the_same_figures() -> None:
    with engine_in_memory() as engine, engine_in_memory() as empty:
        for each in (engine, empty):
            prepare(each, before_upgrade=lambda: None)
        write_demo(engine, day("2026-11-20"), "Europe/Paris")
        clinic, other = store_of(engine), store_of(empty)
        content = typed_clinic(clinic.records())
        assert is_clinic_workbook(content)
        taken((each for each in read(content) if not isinstance(each, LeftOut)), other)
        now = at("2026-11-20T12:00")
        before = {each.patient.entry.record_number: each for each in clinic.records()}
        after = {each.patient.entry.record_number: each for each in other.records()}
        assert before.keys() == after.keys()
        assert len(before) == 17
        for number, record in before.items():
            assert after[number].patient.entry == record.patient.entry
            assert said(after[number]) == said(record), number
        assert figures(other, now) == figures(clinic, now)


# --- hostile cells


_TEXTS = (
    "=1+1", "[/]", "<img src=x>", "nan", "1e309", "9" * 400, "-0", "٣", "12,4 kg", "0.44 mg",
    "2026-11-05T08:00", "7 ng/mL", "yes", "00123",
)  # fmt: skip
_STORED = (
    10**15, -1, 0.1 + 0.2, True,
    datetime(2026, 11, 5, 8),  # noqa: DTZ001 - Excel has no zones
    datetime(1900, 1, 1),  # noqa: DTZ001 - as above
)  # fmt: skip


def _hostile(random_: random.Random) -> object:
    signs = "=+-@<>[]{}\\'\"`;,.:/0123456789 abcŁ李م\u202e\u200b\t\n€µ×²"
    return random_.choice([
        "".join(random_.choices(signs, k=random_.randrange(1, 40))),
        random_.choice(_TEXTS),
        random_.choice(_STORED),
    ])  # fmt: skip


def test_hostile_cells_are_read_or_refused_and_never_a_fault() -> None:
    random_ = random.Random(15)
    for _ in range(cases(4, 400)):
        rows = {
            sheet.title: [
                {each.label: _hostile(random_) for each in sheet.columns if random_.random() < 0.8}
                for _ in range(6)
            ]
            for sheet in SHEETS
        }
        for item in read(template_with(rows)):
            assert isinstance(item, Incoming | IncomingPatient | Refusal | LeftOut)


def test_a_cut_workbook_is_refused_in_words() -> None:
    content = template_with({"Levels": [LEVEL] * 20})
    random_ = random.Random(15)
    for _ in range(cases(10, 300)):
        cut = bytearray(content[: random_.randrange(len(content) // 2, len(content))])
        cut[random_.randrange(len(cut))] ^= 1 << random_.randrange(8)
        try:
            is_clinic_workbook(bytes(cut))
            read(bytes(cut))
        except UserError:
            continue
