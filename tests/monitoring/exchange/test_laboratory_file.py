"""What a laboratory's file says: read as it stands, or refused with the row, column and reason."""

import codecs
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from dosing import UserError
from dosing.birth_date import read_birth
from monitoring.exchange.entry_identity import happened, reported
from monitoring.exchange.import_plan import Plan
from monitoring.exchange.incoming import Skipped
from monitoring.exchange.laboratory_file.layout import FileLayout
from monitoring.exchange.laboratory_file.mapping import LEVEL, MappedColumns, Mapping
from monitoring.exchange.laboratory_file.row_parsing import sampled
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Assay, Level
from monitoring.store.store import Store
from monitoring.time_text import DateOrder, read_clock, read_day
from tests.builders import a_patient, at
from tests.monitoring.exchange.laboratory_files import (
    COLUMNS,
    HEADINGS,
    ROW,
    a_mapping,
    csv_of,
    plan_of,
    reasons,
)

Read = Callable[..., Plan]


@pytest.fixture
def read(sqlite_store: Store, tmp_path: Path) -> Read:
    """Give a reader of files beside records with the patients 00123 and 1E5."""
    sqlite_store.add_patient(a_patient("00123"))
    sqlite_store.add_patient(a_patient("1E5", "Sample نموذج"))
    return lambda content, mapping=None: plan_of(sqlite_store, tmp_path, content, mapping)


def only(plan: Plan) -> Level | LaboratoryValue:
    assert reasons(plan) == []
    (addition,) = plan.additions
    assert isinstance(addition.entry, Level | LaboratoryValue)
    return addition.entry


def with_cell(index: int, text: str) -> tuple[str, ...]:
    return (*ROW[:index], text, *ROW[index + 1 :])


# --- CSV: encodings and shape


TEXT = "MRN;Test;Result;Unit;Collected\r\n00123;µ;7,20;µg/L;05/11/2026 07:45\r\n"
GERMAN = {"date_order": DateOrder.DAY_FIRST, "decimal_sign": "comma", "tests": {"µ": LEVEL}}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), None),
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), None),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), None),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("cp1252"), "windows-1252"),
    ],
)
def test_an_encoding_is_marked_or_declared(
    read: Read, content: bytes, encoding: str | None
) -> None:
    layout = FileLayout(encoding=encoding, separator="semicolon")
    entry = only(read(content, a_mapping(layout=layout, **GERMAN)))
    assert reported(entry) == "7.20 ug/L"
    assert sampled(entry) == at("2026-11-05T07:45")


@pytest.mark.parametrize(
    ("content", "encoding", "told"),
    [
        (TEXT.encode("cp1252"), None, "not UTF-8. State its encoding"),
        (TEXT.encode("cp1252"), "utf-8", "not utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "windows-1252", "mark of utf-8, and the mapping says"),
        (TEXT.encode("utf-16-le"), "utf-16", "no mark of UTF-16"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), None, "UTF-32"),
        (b"MRN\r\n\0", None, "null character in line 2"),
        (TEXT.encode("cp1252") + b"\x81", "windows-1252", "not windows-1252"),
        (b"", None, "is empty"),
        (b"\r\n", None, "no headings in row 1"),
        (b"\xd0\xcf\x11\xe0rest", None, "old Excel format"),
        (b"PK\x03\x04rest", None, "not an Excel workbook"),
        (TEXT.encode() + b'"open', None, "cannot be read after row 2"),
        (TEXT.encode().replace(b"Unit", b"Test"), None, "occurs in columns B and D"),
        (TEXT.encode().replace(b"Unit", b"Units"), None, 'no column "Unit"'),
    ],
)
def test_a_file_that_cannot_be_told_is_refused_as_a_whole(
    read: Read, content: bytes, encoding: str | None, told: str
) -> None:
    with pytest.raises(UserError, match=told) as refused:
        read(
            content,
            a_mapping(layout=FileLayout(encoding=encoding, separator="semicolon"), **GERMAN),
        )
    assert len(str(refused.value).splitlines()) == 1


def test_quotes_blank_lines_and_a_line_break_in_a_cell(read: Read) -> None:
    content = (
        b'MRN,Test,Result,Unit,Collected,Remark\n\n"00123","SIRO","7.2","ng/mL","2026-11-05 07:45",'
        b'"said ""good"",\nthen left"\n00123,SIRO,8,ng/mL,2026-11-05 07:46,x\n,,,,,\n'
    )
    plan = read(content)
    assert [addition.place.number for addition in plan.additions] == [3, 4]
    assert plan.skipped == {Skipped.EMPTY_ROW: 2}
    assert plan.rows == 4


def test_headings_need_not_be_in_the_first_row(read: Read) -> None:
    content = b"Sample laboratory\r\n\r\n" + csv_of(ROW)
    plan = read(content, a_mapping(layout=FileLayout(heading_row=3)))
    assert [addition.place.number for addition in plan.additions] == [4]


@pytest.mark.parametrize("row", [ROW[:4], (*ROW, "more"), (*ROW, "", "more")])
def test_a_ragged_row_is_refused(read: Read, row: tuple[str, ...]) -> None:
    (reason,) = reasons(read(csv_of(row)))
    assert reason.startswith(f"row 2: it has {len(row)} cells for 5 headings")


def test_an_empty_heading_at_the_end_is_no_column(read: Read) -> None:
    assert only(read(csv_of((*ROW, ""), headings=(*HEADINGS, ""))))


# --- cells


@pytest.mark.parametrize(
    ("index", "text", "column", "told"),
    [
        (0, "123", "MRN (A)", 'no patient has the record number "123"'),
        (0, "", "MRN (A)", "empty"),
        (0, '="00123"', "MRN (A)", "is a formula"),
        (1, "siro", "Test (B)", "not in the mapping's tests"),
        (1, "", "Test (B)", "not in the mapping"),
        (2, "", "Result (C)", "it is empty"),
        (2, "NA", "Result (C)", "is not one plain number"),
        (2, "nan", "Result (C)", "is not one plain number"),
        (2, "inf", "Result (C)", "is not one plain number"),
        (2, "=7.2", "Result (C)", "is a formula"),
        (2, "+7.2", "Result (C)", "plus or minus sign"),
        (2, "-7.2", "Result (C)", "range|sign"),
        (2, "7.2e1", "Result (C)", "exponent"),
        (2, "1_000", "Result (C)", "underscore"),
        (2, "\u0667", "Result (C)", "plain number"),
        (2, "\uff17", "Result (C)", "plain number"),
        (2, "5-7", "Result (C)", "range"),
        (2, "1.2.3", "Result (C)", "two decimal points"),
        (2, "07.2", "Result (C)", "needless zero"),
        (2, "<<2.0", "Result (C)", "plain number"),
        (2, "7.2 ug/L", "Result (C)", "not a known unit"),
        (2, "7.2 haemolysed", "Result (C)", "not a known unit"),
        (2, "0", "Result (C)", "above zero"),
        (2, "250.1", "Result (C)", "above 250 ng/mL"),
        (2, "2026-11-05", "Result (C)", "range"),
        (2, "7.2\N{RIGHT-TO-LEFT OVERRIDE}", "Result (C)", "invisible character"),
        (3, "", "Result (C)", "has no unit"),
        (3, "ng/dL", "Result (C)", "a hundred times smaller"),
        (3, "Ng/ML", "Result (C)", "not a known unit"),
        (3, "U/L", "Result (C)", "not a known unit"),
        (4, "", "Collected (E)", "it is empty"),
        (4, "2026-11-05", "Collected (E)", "no time of day"),
        (4, "05/11/2026 07:45", "Collected (E)", "not year-month-day"),
        (4, "2026-13-05 07:45", "Collected (E)", "not in the calendar"),
        (4, "2026-11-05 25:45", "Collected (E)", "not a time of day"),
        (4, "2026-10-25 02:30", "Collected (E)", "occurred twice"),
        (4, "2026-03-29 02:30", "Collected (E)", "does not exist"),
        (4, "2026-11-05 12:06", "Collected (E)", "is in the future"),
        (4, "2024-02-28 23:59", "Collected (E)", "before the patient's birth"),
        (4, "46331.32", "Collected (E)", "not a valid date"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_refuses_its_row_by_name(
    read: Read, index: int, text: str, column: str, told: str
) -> None:
    cell = f'"{text.replace(chr(34), chr(34) * 2)}"'
    plan = read(csv_of(with_cell(index, cell), ROW))
    (reason,) = reasons(plan)
    assert reason.startswith(f"row 2, column {column}: ")
    assert re.search(told, reason), reason
    assert [addition.place.number for addition in plan.additions] == [3]


@pytest.mark.parametrize("number", ["123.0", "100000", "NA", "[/] <img src=x>"])
def test_a_record_number_of_nobody_waits(read: Read, number: str) -> None:
    plan = read(csv_of(with_cell(0, number), ROW))
    (waits,) = plan.waiting
    assert (waits.item.patient.identifiers[0].value, waits.item.place.number) == (number, 2)
    assert (plan.refused, [each.place.number for each in plan.additions]) == ((), [3])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("7.2", "7.2 ng/mL"),
        (" 7.20 ", "7.20 ng/mL"),
        ("<2.0", "<2.0 ng/mL"),
        ("> 30", ">30 ng/mL"),
        ("250", "250 ng/mL"),
        ("0.1", "0.1 ng/mL"),
    ],
)
def test_every_digit_and_the_comparator_are_kept(read: Read, text: str, kept: str) -> None:
    assert reported(only(read(csv_of(with_cell(2, text))))) == kept


@pytest.mark.parametrize(
    ("sign", "text", "kept"),
    [
        ("comma", "<2,0", "<2.0 ng/mL"),
        ("comma", "7,25", "7.25 ng/mL"),
        ("comma", "7", "7 ng/mL"),
        (None, "7", "7 ng/mL"),
        ("comma", "7.25", None),
        ("comma", "1.234,5", None),
        ("comma", "1,2,3", None),
        ("point", "2,0", None),
        ("point", "1,234.5", None),
        (None, "2,0", None),
        (None, "2.0", None),
    ],
)
def test_the_decimal_sign_is_stated_or_the_row_refused(
    read: Read, sign: str | None, text: str, kept: str | None
) -> None:
    plan = read(csv_of(with_cell(2, f'"{text}"')), a_mapping(decimal_sign=sign))
    if kept is None:
        (reason,) = reasons(plan)
        assert reason.startswith("row 2, column Result (C): ")
    else:
        assert reported(only(plan)) == kept


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-04-03", None, date(2026, 4, 3)),
        ("2026-04-03", DateOrder.MONTH_FIRST, date(2026, 4, 3)),
        ("03/04/2026", DateOrder.DAY_FIRST, date(2026, 4, 3)),
        ("03/04/2026", DateOrder.MONTH_FIRST, date(2026, 3, 4)),
        ("3.4.2026", DateOrder.DAY_FIRST, date(2026, 4, 3)),
        ("31-12-2026", DateOrder.DAY_FIRST, date(2026, 12, 31)),
        ("03/04/2026", None, None),
        ("25/04/2026", None, date(2026, 4, 25)),
        ("04/25/2026", None, date(2026, 4, 25)),
        ("04/04/2026", None, date(2026, 4, 4)),
        ("25/25/2026", None, None),
        ("03/04/2026", DateOrder.ISO, None),
        ("25/04/2026", DateOrder.MONTH_FIRST, None),
        ("04/25/2026", DateOrder.DAY_FIRST, None),
        ("03/04/26", DateOrder.DAY_FIRST, None),
        ("03/04.2026", DateOrder.DAY_FIRST, None),
        ("2026/04/03", DateOrder.ISO, date(2026, 4, 3)),
        ("20260403", DateOrder.ISO, date(2026, 4, 3)),
        ("03042026", DateOrder.DAY_FIRST, None),
        ("29.02.2026", DateOrder.DAY_FIRST, None),
        ("3 April 2026", DateOrder.DAY_FIRST, date(2026, 4, 3)),
        ("\u0660\u0663/04/2026", DateOrder.DAY_FIRST, None),
    ],
)
def test_days_are_read_by_the_declared_order_alone(
    text: str, order: DateOrder | None, day: date | None
) -> None:
    if day is None:
        with pytest.raises(UserError):
            read_day(text, order)
    else:
        assert read_day(text, order) == day


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("00:00", time(0)),
        ("23:59:59", time(23, 59, 59)),
        ("8:05", time(8, 5)),
        ("08:05:00.000", time(8, 5)),
        ("12:00 AM", time(0)),
        ("12:00 PM", time(12)),
        ("1:05pm", time(13, 5)),
        ("11:59 pm", time(23, 59)),
        ("24:00", None),
        ("13:00 PM", None),
        ("0:30 AM", None),
        ("08:60", None),
        ("08:05:00.500", time(8, 5)),
        ("0805", None),
        ("08.05", None),
        ("", None),
    ],
)
def test_times_of_day(text: str, clock: time | None) -> None:
    if clock is None:
        with pytest.raises(UserError):
            read_clock(text)
    else:
        assert read_clock(text) == clock


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-05 07:45", "2026-11-05T07:45+01:00"),
        ("2026-11-05T07:45:30.000", "2026-11-05T07:45:30+01:00"),
        ("2026-11-05T06:45Z", "2026-11-05T06:45+00:00"),
        ("2026-11-05T01:45:00-05:00", "2026-11-05T01:45-05:00"),
        ("2026-11-05 7:45 AM", "2026-11-05T07:45+01:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T02:30+01:00"),
    ],
)
def test_moments_with_and_without_an_offset(read: Read, text: str, moment: str) -> None:
    assert str(sampled(only(read(csv_of(with_cell(4, text)))))) == moment


def test_day_and_time_of_day_in_two_columns(read: Read) -> None:
    columns = MappedColumns(
        record_number="MRN", test="Test", value="Result", unit="Unit",
        sample_day="Day", sample_clock="Clock",
    )  # fmt: skip
    headings = (*HEADINGS[:4], "Day", "Clock")
    mapping = a_mapping(columns=columns, date_order=DateOrder.MONTH_FIRST)
    rows = ((*ROW[:4], "11/04/2026", "7:45"), (*ROW[:4], "10/25/2026", "02:30"))
    plan = read(csv_of(*rows, headings=headings), mapping)
    assert happened(plan.additions[0].entry) == at("2026-11-04T07:45")
    assert reasons(plan)[0].startswith("row 3, column Clock (F): 2026-10-25T02:30 occurred twice")


def test_everything_that_a_row_can_hold_is_kept(read: Read) -> None:
    columns = MappedColumns(
        record_number="MRN", test="Test", value="Result", unit="Unit", sample_time="Collected",
        born="Born", last_dose="Dose", assay="Method", laboratory="Lab", lower_limit="Low",
        upper_limit="High",
    )  # fmt: skip
    headings = (*HEADINGS, "Born", "Dose", "Method", "Lab", "Low", "High")
    mapping = a_mapping(columns=columns, assays={"MS": Assay.LC_MS_MS})
    content = csv_of(
        (*ROW, "2024-02-29", "2026-11-04 20:00", "MS", "Łódź", "5", "15"),
        ("1E5", "ALAT", "<10", "U/L", "2026-11-05 07:45", "", "", "", "", "7", "40 U/L"),
        headings=headings,
    )
    level, value = (addition.entry for addition in read(content, mapping).additions)
    assert isinstance(level, Level)
    assert (level.assay, level.laboratory) == (Assay.LC_MS_MS, "Łódź")
    assert level.last_dose == at("2026-11-04T20:00")
    assert isinstance(value, LaboratoryValue)
    assert str(value) == "ALT <10 U/L"
    assert (str(value.lower_limit), str(value.upper_limit)) == ("7 U/L", "40 U/L")


@pytest.mark.parametrize(
    ("heading", "field", "text", "told"),
    [
        ("Born", "born", "2024-03-01", r"was born on 29 Feb 2024, not on 1 Mar 2024"),
        ("Dose", "last_dose", "2026-11-05 07:46", r"row 2: The last dose is after"),
        ("Dose", "last_dose", "yesterday", r"column Dose \(F\): .* is not a valid date"),
        ("Method", "assay", "MS", r"column Method \(F\): .*mapping's assays"),
        ("Low", "lower_limit", "41", r"row 2: The lower limit of normal is above the upper"),
        ("Low", "lower_limit", "7 g/L", r"row 2: A limit of normal has another unit"),
        ("Low", "lower_limit", "low", r"column Low \(F\)"),
    ],
)
def test_what_contradicts_itself_is_refused(
    read: Read, heading: str, field: str, text: str, told: str
) -> None:
    names = {"record_number": "MRN", "test": "Test", "value": "Result", "unit": "Unit"}
    columns = MappedColumns(
        **names, sample_time="Collected", **{field: heading, "upper_limit": "High"}
    )
    row = ("00123", "ALAT", "35", "U/L", ROW[4]) if "limit" in field else ROW
    content = csv_of((*row, text, "40"), headings=(*HEADINGS, heading, "High"))
    (reason,) = reasons(read(content, a_mapping(columns=columns)))
    assert re.search(told, reason), reason


@pytest.mark.parametrize(
    ("born", "fits"), [("2024", True), ("2024-02", True), ("2024-03", False), ("2023", False)]
)
def test_a_birth_date_known_to_the_year_fits_each_of_its_days(
    read: Read, sqlite_store: Store, born: str, *, fits: bool
) -> None:
    record = sqlite_store.find("00123")
    patient = replace(record.patient.entry, born=read_birth(born))
    sqlite_store.change_patient(record.number, patient, record.revision)
    columns = MappedColumns(
        record_number="MRN", test="Test", value="Result", unit="Unit", sample_time="Collected",
        born="Born",
    )  # fmt: skip
    content = csv_of((*ROW, "2024-02-29"), headings=(*HEADINGS, "Born"))
    plan = read(content, a_mapping(columns=columns))
    assert (len(plan.additions), len(plan.refused)) == ((1, 0) if fits else (0, 1))


def test_a_default_unit_is_only_for_what_has_none(read: Read) -> None:
    mapping = a_mapping(default_units={"SIRO": "ng/mL"})
    content = csv_of(
        with_cell(3, ""),
        ("00123", "SIRO", "8 ug/L", "", "2026-11-05 07:46"),
        ("00123", "SIRO", "9", "nmol/L", "2026-11-05 07:47"),
        ("00123", "ALAT", "9", "", "2026-11-05 07:47"),
    )
    plan = read(content, mapping)
    assert [reported(each.entry) for each in plan.additions] == ["7.2 ng/mL", "8 ug/L", "9 nmol/L"]
    assert reasons(plan)[0].startswith("row 5, column Result (C): ")


@pytest.mark.parametrize("unit", ["U/L", "U/l", "IU/L", "IU/l"])
def test_a_unit_as_laboratories_print_it_is_kept_in_one_spelling(read: Read, unit: str) -> None:
    entry = only(read(csv_of(("00123", "ALAT", "35", unit, ROW[4]))))
    assert reported(entry) == "35 U/L"


def test_the_unit_may_stand_beside_the_number_and_one_test_in_the_whole_file(read: Read) -> None:
    columns = MappedColumns(record_number="MRN", value="Result", sample_time="Collected")
    mapping = a_mapping(columns=columns, test=LEVEL, tests={}, assay=Assay.CMIA, laboratory="A")
    content = (
        csv_of(("00123", "7,20 ng/mL", ROW[4]), headings=("MRN", "Result", "Collected"))
        .replace(b"7,20", b'"7.20')
        .replace(b"ng/mL", b'ng/mL"')
    )
    level = only(read(content, mapping))
    assert isinstance(level, Level)
    assert (reported(level), level.assay, level.laboratory) == ("7.20 ng/mL", Assay.CMIA, "A")


def test_na_and_empty_values_are_refused_or_skipped_with_a_count(read: Read) -> None:
    content = csv_of(with_cell(2, "NA"), with_cell(2, ""), with_cell(2, "n/a"), ROW)
    stated = {"no_value": frozenset({"NA"})}
    assert len(read(content, a_mapping(**stated)).refused) == 3
    plan = read(content, a_mapping(**stated, skips_without_value=True))
    assert plan.skipped == {Skipped.WITHOUT_VALUE: 2}
    assert [refusal.place.number for refusal in plan.refused] == [4]
    assert len(plan.additions) == 1


def test_other_tests_are_refused_or_skipped_with_a_count(read: Read) -> None:
    content = csv_of(with_cell(1, "CRP"), with_cell(1, ""), ROW)
    assert len(read(content).refused) == 2
    plan = read(content, a_mapping(skips_other_tests=True))
    assert plan.skipped == {Skipped.OTHER_TEST: 2}
    assert plan.refused == ()


# --- Excel


def workbook(
    *rows: tuple[Any, ...],
    headings: tuple[str, ...] = HEADINGS,
    formats: dict[str, str] | None = None,
    sheets: int = 1,
) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (headings, *rows):
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    for number in range(1, sheets):
        book.create_sheet(f"More {number}")
    content = BytesIO()
    book.save(content)
    return content.getvalue()


MORNING = datetime(2026, 11, 5, 7, 45)  # noqa: DTZ001 - Excel's times have no zone
CELLS = ("00123", "SIRO", 7.2, "ng/mL", MORNING)


def excel_with(index: int, cell: object) -> tuple[Any, ...]:
    return (*CELLS[:index], cell, *CELLS[index + 1 :])


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (7.2, "7.2 ng/mL"),
        (7, "7 ng/mL"),
        (0.1, "0.1 ng/mL"),
        ("7.20", "7.20 ng/mL"),
        ("<2.0", "<2.0 ng/mL"),
    ],
)
def test_an_excel_number_is_taken_as_it_is_stored(read: Read, cell: object, kept: str) -> None:
    entry = only(read(workbook(excel_with(2, cell))))
    assert reported(entry) == kept
    assert sampled(entry) == at("2026-11-05T07:45")


def test_a_number_of_excel_needs_no_decimal_sign_and_a_date_no_order(read: Read) -> None:
    mapping = a_mapping(decimal_sign=None, date_order=None)
    assert reported(only(read(workbook(CELLS), mapping))) == "7.2 ng/mL"
    assert reported(only(read(workbook(CELLS), a_mapping(decimal_sign="comma")))) == "7.2 ng/mL"


@pytest.mark.parametrize(
    ("index", "cell", "number_format", "told"),
    [
        (0, "=A1", None, "formula"),
        (2, "=1+1", None, "formula"),
        (2, True, None, "true or false"),
        (2, "#N/A", None, "Excel error"),
        (2, 0.42, "0%", "stored as 0.42, and Excel shows it in the format"),
        (2, 2, '"<"0.0', "Excel shows it in the format"),
        (2, 7200, "0.0,", "Excel shows it in the format"),
        (2, -7.2, None, "sign|range"),
        (2, MORNING, None, "."),
        (0, 123, None, 'no patient has the record number "123"'),
        (0, 123, "00000", "Excel shows it in the format"),
        (4, 46331.3, None, "not a valid date"),
        (4, date(2026, 11, 5), "yyyy-mm-dd", "no time of day"),
        (4, timedelta(hours=30), None, "is a duration in Excel"),
        (4, time(7, 45), None, "not a valid date"),
        (4, 3e9, "yyyy-mm-dd h:mm", "Excel error"),
    ],
)
def test_an_excel_cell_that_misleads_is_refused(
    read: Read, index: int, cell: object, number_format: str | None, told: str
) -> None:
    place = "ABCDE"[index]
    formats = {f"{place}2": number_format} if number_format else {}
    plan = read(workbook(excel_with(index, cell), CELLS, formats=formats))
    (reason,) = reasons(plan)
    assert reason.startswith(f"row 2, column {HEADINGS[index]} ({place}): ")
    assert re.search(told, reason), reason


def test_a_formula_beside_what_is_read_does_not_matter(read: Read) -> None:
    assert only(read(workbook((*CELLS, "=1+1"), headings=(*HEADINGS, "Age"))))
    (reason,) = reasons(read(workbook((*CELLS, "=1+1"))))
    assert "cells for 5 headings" in reason


def test_a_number_as_record_number_is_refused_where_zeros_tell_patients_apart(
    sqlite_store: Store, tmp_path: Path
) -> None:
    for number in ("00123", "123", "77"):
        sqlite_store.add_patient(a_patient(number))
    content = workbook(excel_with(0, 123), excel_with(0, 77), excel_with(0, "123"))
    plan = plan_of(sqlite_store, tmp_path, content)
    (reason,) = reasons(plan)
    assert reason.startswith('row 2, column MRN (A): "123" may have lost leading zeros')
    assert [each.patient.entry.record_number for each in plan.additions] == ["77", "123"]


def test_a_sheet_is_named_where_there_are_several(read: Read) -> None:
    content = workbook(CELLS, sheets=2)
    with pytest.raises(UserError, match='sheets "Sheet", "More 1"'):
        read(content)
    with pytest.raises(UserError, match='no sheet "Other"'):
        read(content, a_mapping(layout=FileLayout(sheet="Other")))
    assert only(read(content, a_mapping(layout=FileLayout(sheet="Sheet"))))


def test_a_workbook_whose_cells_contradict_its_styles_is_refused(read: Read) -> None:
    damaged = BytesIO()
    with ZipFile(BytesIO(workbook(CELLS))) as whole, ZipFile(damaged, "w") as part:
        for name in whole.namelist():
            part.writestr(name, whole.read(name).replace(b' s="1"', b' s="99"'))
    with pytest.raises(UserError, match="cannot be read after row 1"):
        read(damaged.getvalue())


def test_day_and_clock_of_excel_in_two_columns(read: Read) -> None:
    columns = MappedColumns(
        record_number="MRN", test="Test", value="Result", sample_day="Unit",
        sample_clock="Collected",
    )  # fmt: skip
    row = ("00123", "SIRO", "7.2 ng/mL", date(2026, 11, 4), time(7, 45))
    entry = only(read(workbook(row), a_mapping(columns=columns)))
    assert sampled(entry) == at("2026-11-04T07:45")


def test_an_empty_cell_of_excel_is_an_empty_cell(read: Read) -> None:
    assert "it is empty" in reasons(read(workbook(excel_with(4, None))))[0]
    assert "has no unit" in reasons(read(workbook(excel_with(3, None))))[0]


def test_a_mapping_that_contradicts_itself_is_refused() -> None:
    def refused(told: str, **changes: Any) -> None:
        with pytest.raises(UserError, match=told):
            a_mapping(**changes)

    refused("test must be given once", test=LEVEL)
    refused("tests is empty", tests={})
    refused("is not named in tests", default_units={"X": "ng/mL"})
    refused(r"is unknown. Use one of ng/mL", default_units={"SIRO": "g/L"})
    refused(r"is unknown. Use one of 10", default_units={"ALAT": "furlong"})
    refused("not a known time zone", time_zone="Paris")
    for columns in (
        {"sample_time": None},
        {"sample_day": "Day"},
        {"sample_time": None, "sample_day": "Day"},
    ):
        stated = {"record_number": "MRN", "value": "Result", "sample_time": "Collected"} | columns
        with pytest.raises(UserError, match="sample_time, or both"):
            MappedColumns(**stated)
    assert isinstance(a_mapping(columns=COLUMNS), Mapping)
