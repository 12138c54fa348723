"""The mapping file: what it states is what is read, and an error names the line or the key."""

import re
import tomllib
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from dosing import UserError
from monitoring.exchange.laboratory_file.layout import FileLayout
from monitoring.exchange.laboratory_file.mapping import LEVEL, MappedColumns, read_mapping
from monitoring.exchange.laboratory_file.template import write_template
from monitoring.record.level import Assay
from monitoring.time_text import DateOrder

WHOLE = """
[file]
encoding = "windows-1252"
separator = "semicolon"
heading_row = 2
sheet = "Results"
[reading]
time_zone = "Europe/Paris"
date_order = "dmy"
decimal_sign = "comma"
no_value = ["NA", "n. a."]
without_value = "skip"
other_tests = "skip"
[columns]
record_number = "Patienten-Nr."
born = "Geburtsdatum"
test = "Test"
value = "Wert"
unit = "Einheit"
sample_day = "Datum"
sample_clock = "Zeit"
last_dose = "Letzte Gabe"
assay = "Methode"
laboratory = "Labor"
lower_limit = "von"
upper_limit = "bis"
[tests]
"SIRO" = "sirolimus level"
"GPT (ALAT)" = "ALT"
[default_units]
"SIRO" = "ng/mL"
"GPT (ALAT)" = "U/L"
[assays]
"LCMSMS" = "lc-ms/ms"
"""
LEAST = """
[reading]
time_zone = "UTC"
[columns]
record_number = "MRN"
value = "Result"
sample_time = "Collected"
[whole_file]
test = "sirolimus level"
assay = "cmia"
laboratory = "Sample laboratory"
"""


def file_of(folder: Path, text: str) -> Path:
    file = folder / "laboratory.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_everything_that_a_mapping_can_state(tmp_path: Path) -> None:
    mapping = read_mapping(file_of(tmp_path, WHOLE))
    assert mapping.layout == FileLayout(
        encoding="windows-1252", separator="semicolon", heading_row=2, sheet="Results"
    )
    assert (mapping.time_zone, mapping.date_order) == ("Europe/Paris", DateOrder.DAY_FIRST)
    assert mapping.decimal_sign == "comma"
    assert mapping.no_value == {"NA", "n. a."}
    assert (mapping.skips_without_value, mapping.skips_other_tests) == (True, True)
    assert mapping.columns.born == "Geburtsdatum"
    assert mapping.columns.sample_time is None
    assert mapping.tests == {"SIRO": LEVEL, "GPT (ALAT)": "ALT"}
    assert mapping.default_units == {"SIRO": "ng/mL", "GPT (ALAT)": "U/L"}
    assert mapping.assays == {"LCMSMS": Assay.LC_MS_MS}


def test_what_is_not_stated_is_refused_later_not_guessed(tmp_path: Path) -> None:
    mapping = read_mapping(file_of(tmp_path, LEAST))
    assert mapping.columns == MappedColumns(
        record_number="MRN", value="Result", sample_time="Collected"
    )
    assert (mapping.date_order, mapping.decimal_sign, mapping.no_value) == (None, None, frozenset())
    assert (mapping.skips_without_value, mapping.skips_other_tests) == (False, False)
    assert (mapping.test, mapping.assay) == (LEVEL, Assay.CMIA)
    assert mapping.laboratory == "Sample laboratory"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[file]", "[file", "line 2"),
        ("[file]", "[fiel]", "fiel is unknown"),
        ("encoding", "encodign", "file.encodign is unknown. Use one of encoding"),
        (
            '"windows-1252"',
            '"latin-1"',
            "file.encoding is unknown. Use one of utf-8, utf-16, windows-1252",
        ),
        ('"semicolon"', '";"', "file.separator is unknown. Use one of comma, semicolon, tab"),
        ("heading_row = 2", "heading_row = 0", "file.heading_row is not the number of a row"),
        ("heading_row = 2", 'heading_row = "2"', "file.heading_row is not the number of a row"),
        ("heading_row = 2", "heading_row = true", "file.heading_row is not the number of a row"),
        ('"Europe/Paris"', '"Paris"', "not a known time zone"),
        ('"Europe/Paris"', '""', "reading.time_zone is missing"),
        ('"Europe/Paris"', "1", "reading.time_zone is not a text"),
        ('"dmy"', '"ymd"', "reading.date_order is unknown. Use one of iso, dmy, mdy"),
        (
            'decimal_sign = "comma"',
            'decimal_sign = ","',
            "reading.decimal_sign is unknown. Use one of point",
        ),
        ('["NA", "n. a."]', '"NA"', "reading.no_value is not a list"),
        ('["NA", "n. a."]', "[1]", "reading.no_value is not a list"),
        (
            'without_value = "skip"',
            'without_value = "zero"',
            "reading.without_value is unknown. Use one of",
        ),
        ('value = "Wert"', "", "columns.value is missing"),
        ('record_number = "Patienten-Nr."', 'record_number = ""', "columns.record_number is miss"),
        ('sample_clock = "Zeit"', "", "Give sample_time, or both"),
        ('test = "Test"', "", "Use either columns.test or whole_file.test"),
        ('"SIRO" = "sirolimus level"', '"SIRO" = 1', 'tests."SIRO" is not a text'),
        ('"SIRO" = "sirolimus level"', "", 'default_units."SIRO" is not named in tests'),
        (
            '"SIRO" = "ng/mL"',
            '"SIRO" = "ng/dL"',
            'default_units."SIRO" is unknown. Use one of ng/mL, ug/L',
        ),
        ('"lc-ms/ms"', '"hplc"', 'assays."LCMSMS" is unknown. Use one of lc-ms/ms'),
        ("[assays]", "[whole_file]\nassay = 'cmia'\n[assays]", "columns.assay and whole_file"),
        ("[tests]", "[[tests]]", "tests is a section"),
    ],
)
def test_an_error_of_the_mapping_names_the_line_or_the_key(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in WHOLE
    file = file_of(tmp_path, WHOLE.replace(old, new, 1))
    with pytest.raises(UserError) as refused:
        read_mapping(file)
    message = str(refused.value)
    assert message.startswith(str(file))
    assert told in message
    assert len(message.splitlines()) == 1


def test_a_mapping_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_mapping(tmp_path / "missing.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="is not in UTF-8"):
        read_mapping(tmp_path / "bytes.toml")


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        (b"MRN,Test\n", {"encoding": "", "separator": "comma"}),
        (b"\xef\xbb\xbfMRN;Test;a,b\n", {"encoding": "", "separator": "semicolon"}),
        ("MRN\tTest".encode("utf-16"), {"encoding": "", "separator": "tab"}),
        (b"MRN;Gr\xf6\xdfe", {"encoding": "windows-1252", "separator": "semicolon"}),
    ],
)
def test_a_template_states_what_the_file_shows(
    tmp_path: Path, content: bytes, layout: dict[str, object]
) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    headings = write_template(tmp_path / "file.csv", tmp_path / "map.toml", "Europe/Paris")
    text = (tmp_path / "map.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["file"] == layout | {"heading_row": 1}
    assert headings[0] == "MRN"
    for heading in headings:
        assert f'#   "{heading}"' in text
    with pytest.raises(UserError, match="record_number is missing"):
        read_mapping(tmp_path / "map.toml")
    with pytest.raises(UserError, match="already exists"):
        write_template(tmp_path / "file.csv", tmp_path / "map.toml", "Europe/Paris")


def test_a_template_of_a_workbook_names_its_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = 'Results "A"'
    sheet.append(["MRN", datetime(2026, 11, 5), None, "Wert [ng/mL]"])  # noqa: DTZ001 - no zone
    book.save(tmp_path / "file.xlsx")
    headings = write_template(tmp_path / "file.xlsx", tmp_path / "map.toml", "UTC")
    assert headings == ("MRN", "2026-11-05T00:00:00", "Wert [ng/mL]")
    document = tomllib.loads((tmp_path / "map.toml").read_text(encoding="utf-8"))
    assert document["file"] == {"sheet": 'Results "A"', "heading_row": 1}


def test_a_template_that_is_filled_in_is_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_bytes(b'MRN,"a ""quoted"" heading",Result,Collected\n')
    write_template(tmp_path / "file.csv", tmp_path / "map.toml", "Europe/Paris")
    text = (tmp_path / "map.toml").read_text(encoding="utf-8")
    filled = {
        "time_zone": "Europe/Paris", "record_number": "MRN", "value": "Result",
        "sample_time": "Collected", "laboratory": 'a "quoted" name', "born": "",
    }  # fmt: skip
    for key, value in filled.items():
        text = re.sub(rf'^{key} = ""', f"{key} = '{value}'", text, count=1, flags=re.MULTILINE)
    text = re.sub(r'(\[whole_file\]\n#.*\n)test = ""', rf'\1test = "{LEVEL}"', text)
    mapping = read_mapping(file_of(tmp_path, text))
    assert mapping.columns.record_number == "MRN"
    assert mapping.columns.laboratory == 'a "quoted" name'
    assert mapping.no_value == {"NA"}
