"""Files of every shape: status, limits, units and conversions, and what Excel hides or merges."""

import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dosing import UserError
from monitoring.exchange.incoming import ResultStatus, Skipped
from monitoring.exchange.laboratory_file.layout import FileLayout, content_of, sheet_in
from monitoring.exchange.laboratory_file.mapping import LEVEL, Mapping, mapping_of
from monitoring.exchange.laboratory_file.row_parsing import RefusedRow, RowReader, RowResult
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from tests.campaign import cases
from tests.monitoring.exchange.laboratory_files import COLUMNS, a_mapping, csv_of
from tests.monitoring.exchange.laboratory_shapes import HEADINGS, ROW, workbook

Read = RowResult | RefusedRow | Skipped
STATED = {"layout": FileLayout(), "date_order": None}


def read(content: bytes, mapping: Mapping | None = None) -> list[Read]:
    """Return what each row of a file is."""
    mapping = mapping or a_mapping(**STATED)
    sheet = sheet_in(content, mapping.layout)
    reader = RowReader(mapping, sheet)
    return [reader.read(row) for row in sheet.rows]


def only(content: bytes, mapping: Mapping | None = None) -> RowResult:
    (found,) = read(content, mapping)
    assert isinstance(found, RowResult), found
    return found


def with_column(name: str, heading: str, text: str, **cells: str) -> tuple[bytes, Mapping]:
    """Return a file with one more column, and its mapping."""
    row = dict(zip(HEADINGS, ROW, strict=True)) | cells
    content = csv_of((*row.values(), text), headings=(*HEADINGS, heading))
    return content, a_mapping(**STATED, columns=replace(COLUMNS, **{name: heading}))


# --- status


@pytest.mark.parametrize(
    ("word", "status"),
    [("F", ResultStatus.FINAL), ("corrected", ResultStatus.CORRECTED),
     ("entered-in-error", ResultStatus.WITHDRAWN)],
)  # fmt: skip
def test_a_result_has_its_status(word: str, status: ResultStatus) -> None:
    assert only(*with_column("status", "State", word)).status is status


@pytest.mark.parametrize(
    ("word", "skipped"), [("P", Skipped.PRELIMINARY), ("cancelled", Skipped.CANCELLED)]
)
@pytest.mark.parametrize("value", ["7.2", "", "see comment"])
def test_a_preliminary_or_cancelled_result_is_never_a_value(
    word: str, skipped: Skipped, value: str
) -> None:
    assert read(*with_column("status", "State", word, Result=value)) == [skipped]


@pytest.mark.parametrize("word", ["", "checked", "inpatient"])
def test_an_unknown_status_refuses_its_row(word: str) -> None:
    (refusal,) = read(*with_column("status", "State", word))
    assert isinstance(refusal, RefusedRow)
    assert "Name it in the mapping's statuses." in str(refusal)


def test_the_words_of_a_file_are_stated() -> None:
    content, mapping = with_column("status", "State", "checked")
    stated = replace(mapping, statuses={"checked": ResultStatus.FINAL})
    assert only(content, stated).status is ResultStatus.FINAL
    with pytest.raises(UserError, match="statuses needs the column"):
        a_mapping(statuses={"checked": ResultStatus.FINAL})


@pytest.mark.parametrize(
    ("words", "is_asked"),
    [
        (("F", "F"), False), (("final", "F"), False), (("inpatient", "inpatient"), False),
        (("F", "C"), True), (("P", "P"), True), (("F", ""), True), (("inpatient", "ward"), True),
    ],
)  # fmt: skip
def test_a_column_that_looks_like_the_status_is_not_passed_over(
    words: tuple[str, ...], *, is_asked: bool
) -> None:
    rows = [(*ROW, word) for word in words]
    content = csv_of(*rows, headings=(*HEADINGS, "Befundstatus"))
    mapping = a_mapping(**STATED)
    if is_asked:
        with pytest.raises(UserError, match=r"Befundstatus \(F\) looks like the status"):
            read(content, mapping)
    else:
        assert all(isinstance(each, RowResult) for each in read(content, mapping))
    assert len(read(content, replace(mapping, ignores_status=True))) == 2


# --- values, limits, times


@pytest.mark.parametrize(
    ("name", "text", "limits"),
    [
        ("upper_limit", "<41", (None, "41 U/L")),
        ("upper_limit", "≤ 41", (None, "41 U/L")),
        ("upper_limit", "&lt;41 U/L", (None, "41 U/L")),
        ("lower_limit", ">5", ("5 U/L", None)),
        ("range", "0.0 - 41", ("0.0 U/L", "41 U/L")),
        ("range", "[3-41]", ("3 U/L", "41 U/L")),
        ("range", "<41", (None, "41 U/L")),
        ("range", "", (None, None)),
    ],
)
def test_limits_with_a_sign_and_in_one_cell(
    name: str, text: str, limits: tuple[str | None, str | None]
) -> None:
    content, mapping = with_column(name, "Limit", text, Test="ALAT", Result="35", Unit="U/l")
    entry = only(content, mapping).entry
    assert isinstance(entry, LaboratoryValue)
    shown = tuple(each and str(each) for each in (entry.lower_limit, entry.upper_limit))
    assert shown == limits


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("upper_limit", ">41", "sign of the other limit"),
        ("lower_limit", "<5", "sign of the other limit"),
        ("range", "see report", "is not a range of normal"),
        ("range", "41-3", "the lower limit above"),
        ("range", "3-41 g/L", "another unit than the value"),
    ],
)
def test_limits_that_contradict_refuse_their_row(name: str, text: str, told: str) -> None:
    content, mapping = with_column(name, "Limit", text, Test="ALAT", Result="35", Unit="U/l")
    (refusal,) = read(content, mapping)
    assert isinstance(refusal, RefusedRow)
    assert told in str(refusal)


def test_a_conversion_is_exact_for_value_and_limits_and_said() -> None:
    content, mapping = with_column(
        "range", "Limits", "1500-8000", Test="ANC", Result="1500", Unit="cells/µL"
    )
    mapping = replace(mapping, tests={"ANC": "neutrophils", "SIRO": LEVEL})
    found = only(content, mapping)
    assert isinstance(found.entry, LaboratoryValue)
    assert str(found.entry) == "neutrophils 1.500 10*9/L"
    assert str(found.entry.lower_limit) == "1.500 10*9/L"
    assert str(found.entry.upper_limit) == "8.000 10*9/L"
    assert found.remarks == ("1500 cells/µL is converted to 1.500 10*9/L.",)


def test_what_is_not_kept_as_reported_is_said() -> None:
    row = ("00123", "SIRO", "<=2.0 L", "µg/L", "2026-11-03T07:50:12.250+0100")
    found = only(csv_of(row))
    assert isinstance(found.entry, Level)
    assert (str(found.entry), str(found.entry.sampled)) == (
        "<2.0 ug/L",
        "2026-11-03T07:50:12+01:00",
    )
    assert found.remarks == (
        'It was reported as "<=2.0 L", and is kept as <2.0.',
        'The laboratory\'s flag "L" is not kept.',
        "The fraction of a second in the time is not kept.",
    )


def test_every_csv_may_lack_zeros_and_a_text_of_excel_does_not() -> None:
    assert only(csv_of(ROW)).was_number
    assert not only(workbook(HEADINGS, ROW)).was_number
    assert only(workbook(HEADINGS, (123, *ROW[1:]))).was_number


def test_a_test_that_names_sirolimus_is_never_skipped_in_silence() -> None:
    mapping = a_mapping(**STATED, skips_other_tests=True)
    content = csv_of(ROW, *((ROW[0], name, *ROW[2:]) for name in ("CRP", "Sirolimus LC-MS")))
    kinds = read(content, mapping)
    assert kinds[1] is Skipped.OTHER_TEST
    assert "names sirolimus" in str(kinds[2])
    tests = {**mapping.tests, "Sirolimus LC-MS": "skip"}
    assert read(content, replace(mapping, tests=tests))[2] is Skipped.OTHER_TEST


# --- Excel


MORNING = datetime(2026, 11, 3, 7, 50)  # noqa: DTZ001 - Excel's times have no zone
DAY = datetime(2026, 11, 3)  # noqa: DTZ001 - as above


def timed(moment: datetime, number_format: str) -> bytes:
    def change(book: Any) -> None:
        book["Results"]["E2"].number_format = number_format

    return workbook(HEADINGS, (*ROW[:4], moment), change=change)


@pytest.mark.parametrize(
    "number_format",
    ["[White]dd/mm/yyyy", 'd"th" mmmm yyyy', "[$-409]d mmmm yyyy", r"dd/mm/yyyy\h", "yyyy-mm-dd",
     'dd/mm/yyyy" (h)"', "[Black]yyyy/mm/dd;@", "dd.mm.yyyy_h"],
)  # fmt: skip
def test_a_day_of_excel_is_never_midnight(number_format: str) -> None:
    (refusal,) = read(timed(DAY, number_format))
    assert isinstance(refusal, RefusedRow)
    assert "has no time of day" in str(refusal)


@pytest.mark.parametrize(
    "number_format", ["dd/mm/yyyy hh:mm", "[White]d/m/yy h:mm", "[$-409]m/d/yy h:mm AM/PM;@"]
)
@pytest.mark.parametrize("moment", [MORNING, DAY])
def test_a_time_of_excel_is_read(moment: datetime, number_format: str) -> None:
    entry = only(timed(moment, number_format)).entry
    assert isinstance(entry, Level)
    assert entry.sampled.local.replace(tzinfo=None) == moment


@pytest.mark.parametrize("number_format", ["[h]:mm", "[hh]:mm:ss", "[m]:ss"])
def test_a_duration_is_no_time(number_format: str) -> None:
    (refusal,) = read(timed(MORNING, number_format))
    assert isinstance(refusal, RefusedRow)
    assert "is a duration in Excel" in str(refusal)


def hide_rows(book: Any) -> None:
    book["Results"].row_dimensions[3].hidden = True


TWO_ROWS = (HEADINGS, ROW, (*ROW[:4], "2026-11-03 08:50"))


@pytest.mark.parametrize(
    ("hidden", "kind"), [(None, RefusedRow), ("read", RowResult), ("skip", Skipped)]
)
def test_a_hidden_row_is_asked_about(hidden: str | None, kind: type) -> None:
    content = workbook(*TWO_ROWS, change=hide_rows)
    shown, other = read(content, a_mapping(**STATED, hidden=hidden))
    assert isinstance(shown, RowResult)
    assert isinstance(other, kind)
    if hidden is None:
        assert str(other).startswith("row 3: it is hidden or filtered in Excel.")
    if hidden == "skip":
        assert other is Skipped.HIDDEN_ROW


@pytest.mark.parametrize("what", ["column", "sheet"])
def test_a_hidden_column_or_sheet_is_asked_about(what: str) -> None:
    def change(book: Any) -> None:
        if what == "column":
            book["Results"].column_dimensions["C"].hidden = True
        else:
            book.create_sheet("Other")
            book["Results"].sheet_state = "hidden"

    content = workbook(*TWO_ROWS, change=change)
    stated = {**STATED, "layout": FileLayout(sheet="Results")}
    for hidden in (None, "skip"):
        with pytest.raises(UserError, match="is hidden in Excel"):
            read(content, a_mapping(**stated, hidden=hidden))
    assert len(read(content, a_mapping(**stated, hidden="read"))) == 2


def test_other_sheets_are_left_out_and_said() -> None:
    content = workbook(*TWO_ROWS, change=lambda book: book.create_sheet("Totals"))
    sheet = sheet_in(content, FileLayout(sheet="Results"))
    assert [(str(each.place), each.why) for each in sheet.left_out] == [
        ('sheet "Totals"', Skipped.OTHER_SHEET)
    ]
    assert sheet_in(csv_of(ROW), FileLayout()).left_out == ()


def test_a_merged_heading_is_refused_and_a_merged_title_is_not() -> None:
    def heading(book: Any) -> None:
        book["Results"].merge_cells("C1:D1")

    with pytest.raises(UserError, match=r'"Result" is merged over columns C to D'):
        read(workbook((*HEADINGS[:3], None, "Collected"), ROW, change=heading),
             a_mapping(**STATED, columns=replace(COLUMNS, unit=None)))  # fmt: skip

    def title(book: Any) -> None:
        book["Results"].merge_cells("A1:E1")

    stated = {**STATED, "layout": FileLayout(heading_row=2)}
    (found,) = read(workbook(("Results",), HEADINGS, ROW, change=title), a_mapping(**stated))
    assert isinstance(found, RowResult)


@pytest.mark.parametrize(
    "row", [("Total", "", "14.4", "", ""), ("2 rows",), ("", "", "Mean: 7.2", "", "")]
)
def test_a_row_of_totals_is_refused_with_its_number(row: tuple[str, ...]) -> None:
    for content in (csv_of(ROW, row), workbook(HEADINGS, ROW, row)):
        result, refusal = read(content)
        assert isinstance(result, RowResult)
        assert isinstance(refusal, RefusedRow)
        assert refusal.row == 3


# --- random files


UNITS = {"ng/mL": "ng/mL", "ng/ml": "ng/mL", "µg/L": "ug/L", "mcg/l": "ug/L", "NMOL/L": "nmol/L"}
TIMES = ("%Y/%m/%d %H:%M", "%d-%b-%Y %H:%M", "%Y%m%d%H%M%S", "%d %B %Y %I:%M %p", "%Y-%m-%dT%H:%M")
COMPARATORS = {"": "", "<": "<", "≤": "<", "&gt;": ">", ">= ": ">"}


def random_row(rng: random.Random) -> tuple[tuple[str, ...], tuple[str, str]]:
    """Return a row in random spellings, and its level and local time as they are meant."""
    number = f"{rng.randrange(1, 2000) / 10:.{rng.choice((1, 2))}f}"
    comparator, unit = rng.choice(sorted(COMPARATORS)), rng.choice(sorted(UNITS))
    moment = datetime(2026, rng.randrange(4, 10), rng.randrange(1, 29), rng.randrange(24),  # noqa: DTZ001 - local
                      rng.randrange(60))  # fmt: skip
    flag = rng.choice(("", " H", "*", " (L)"))
    cells = (
        "00123",
        "SIRO",
        f"{comparator}{number}{flag}",
        unit,
        moment.strftime(rng.choice(TIMES)),
    )
    return cells, (f"{COMPARATORS[comparator]}{number} {UNITS[unit]}", f"{moment:%Y-%m-%dT%H:%M}")


def meant(found: Read) -> tuple[str, str]:
    assert isinstance(found, RowResult), found
    assert isinstance(found.entry, Level)
    return str(found.entry), f"{found.entry.sampled.local:%Y-%m-%dT%H:%M}"


def test_random_rows_in_random_spellings_are_read_back_equal() -> None:
    rng = random.Random(15)
    rows = [random_row(rng) for _ in range(cases(300, full=20_000))]
    for content in (csv_of(*(cells for cells, _ in rows)),
                    workbook(HEADINGS, *(cells for cells, _ in rows[:200]))):  # fmt: skip
        found = read(content)
        assert [meant(each) for each in found] == [each for _, each in rows[: len(found)]]


def test_a_damaged_cell_is_refused_or_has_the_digits_that_are_written() -> None:
    """Of a damaged value every digit and sign is kept, or the row is refused."""
    rng = random.Random(16)
    rows = []
    for _ in range(cases(300, full=20_000)):
        cells, _ = random_row(rng)
        text = list(cells[2])
        text[rng.randrange(len(text))] = rng.choice("0123456789<>.*H() -eE'x\u202e")
        rows.append((*cells[:2], "".join(text), *cells[3:]))
    for cells, found in zip(rows, read(csv_of(*rows)), strict=True):
        if isinstance(found, RowResult) and isinstance(found.entry, Level):
            digits = [sign for sign in f"{found.entry.value.number:f}" if sign.isdigit()]
            assert digits == [sign for sign in cells[2] if sign.isdigit()], cells
        else:
            assert isinstance(found, RefusedRow)
            assert len(str(found).splitlines()) == 1


def test_the_mapping_states_the_new_keys(tmp_path: Path) -> None:
    text = """
    [file]
    headings = ["MRN", "Result"]
    [reading]
    time_zone = "UTC"
    hidden = "skip"
    status = "ignore"
    [columns]
    record_number = "MRN"
    value = "Result"
    sample_time = "Collected"
    range = "Limits"
    status = "State"
    [statuses]
    "checked" = "final"
    [whole_file]
    test = "sirolimus level"
    """
    mapping = mapping_of(text, "map")
    assert mapping.layout.headings == ("MRN", "Result")
    assert (mapping.hidden, mapping.ignores_status) == ("skip", True)
    assert (mapping.columns.range, mapping.columns.status) == ("Limits", "State")
    assert mapping.statuses == {"checked": ResultStatus.FINAL}
    for old, new, told in (
        ('"skip"', '"no"', "reading.hidden is unknown"),
        ('"ignore"', '"no"', "reading.status is unknown"),
        ('"final"', '"done"', 'statuses."checked" is unknown'),
        ('range = "Limits"', 'range = "Limits"\nlower_limit = "Low"', "columns.range has both"),
    ):
        with pytest.raises(UserError, match=told):
            mapping_of(text.replace(old, new), "map")
    file = tmp_path / "x.csv"
    file.write_bytes(b"")
    with pytest.raises(UserError, match="is empty"):
        content_of(file)
