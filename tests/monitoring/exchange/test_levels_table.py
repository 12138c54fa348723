"""The table of levels for people: the figures of the lists, read back by pandas."""

import csv
import json
import stat
import tempfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from dosing import UserError
from monitoring.exchange.levels_table import COLUMNS, SHEETS, rows_of, write_levels
from monitoring.laboratory.assessment import assess_laboratory
from monitoring.laboratory.meaning import LaboratoryMeaning
from monitoring.levels import assess_levels
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.store.store import Store
from tests.builders import (
    a_cause,
    a_dose,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    at,
    ended,
    held_doses,
    voided,
    with_patient,
)

NOW = at("2026-12-01T12:00")
Written = Callable[..., list[dict[str, str]]]


def the_row(record: Record, kind: str = "level") -> dict[str, Any]:
    """Return the only row of a kind."""
    (row,) = (each for each in rows_of([record]) if each["kind"] == kind)
    return dict(row)


def csv_of(
    store: Store, file: Path, numbers: tuple[int, ...] | None = None
) -> list[dict[str, str]]:
    write_levels(store, numbers, file, NOW)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def clinic(sqlite_store: Store) -> Store:
    """Give records with two patients, levels of every sort and hostile texts."""
    store = sqlite_store
    one = store.add_patient(a_patient("00123", "=1+1 [/] Łukasz")).number
    two = store.add_patient(a_patient("-5", "Sample دعاء")).number
    entries = (
        a_measurement("12.40 kg", "88.0 cm", "2026-10-30"),
        a_dose("2026-11-01T08:00", "0.44"),
        a_level("7.20 ng/mL", "2026-11-20T08:00", laboratory="@lab"),
        a_level("16.40 nmol/L", "2026-11-22T08:00"),
        a_level("<2.0 ng/mL", "2026-11-24T08:00", hours=None, assay=None),
        a_level("9.1 ng/mL", "2026-11-26T08:00"),
        a_laboratory_value("ALT", "61 U/L", upper="40 U/L"),
        a_laboratory_value("Platelets", "<112.0 10*9/L", lower="150 10*9/L"),
        a_cause(of=6),
    )
    store.add_all([(one, entry) for entry in entries], store.last_change())
    store.void(8, "another patient's sample")
    store.add(two, a_level("31 ng/mL", "2026-11-20T23:30", hours=None))
    return store


def left_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder, without the records themselves."""
    return [each.name for each in folder.iterdir() if not each.name.startswith("records-")]


# --- the figures


def test_the_figures_are_those_of_the_lists(clinic: Store) -> None:
    """By the objects that `level list --json` and `lab list --json` print."""
    for record in clinic.records():
        rows = {row["number"]: row for row in rows_of([record])}
        for level in assess_levels(record):
            row, shown = rows[level.level.number], level.to_dict()
            for name in ("status", "counts", "is_trough", "steady_state", "hours_since_last_dose",
                         "days_since_change", "change_percent", "level_ng_ml", "excluded", "misfit",
                         "cause", "comparator", "assay", "reported"):  # fmt: skip
                cell = row[name]
                assert (float(cell) if isinstance(cell, Decimal) else cell) == shown[name], name
            ends = [row["target_low_ng_ml"], row["target_high_ng_ml"]]
            assert [float(str(end)) if end is not None else None for end in ends] == (
                shown["target_ng_ml"] or [None, None]
            )
            assert row["alerts"] == " ".join(each["code"] for each in shown["alerts"])  # type: ignore[attr-defined]
            assert str(row["sampled_at"]) == shown["at"]
        meaning = LaboratoryMeaning()
        for value in assess_laboratory(record):
            columns = meaning.columns(value)
            for name in ("grade", "scale", "beyond_limit"):
                assert rows[value.value.number][name] == columns[name]


def test_the_dose_at_the_sample_with_the_body_that_it_is_stated_for() -> None:
    record = a_record(
        a_measurement("12.4 kg", "88 cm", "2026-10-30"),
        a_measurement("12.9 kg", None, "2026-11-10"),
        a_dose("2026-11-01T08:00", "0.44"),
        a_dose("2026-11-21T08:00", "0.60"),
        a_level(sampled="2026-11-20T08:00"),
    )
    row = the_row(record)
    # Mosteller: sqrt(12.9 × 88 / 3600) = sqrt(0.315333) = 0.561546 m²; 0.88 / 0.561546 = 1.56710
    assert (row["dose_mg"], row["daily_mg"], row["every_hours"]) == (
        Decimal("0.44"), Decimal("0.88"), 12,
    )  # fmt: skip
    assert row["body_surface_area_m2"] == Decimal("0.5615")
    assert row["mg_per_m2_per_day"] == Decimal("1.5671")
    assert [str(row[each]) for each in ("weight_kg", "weight_on", "height_cm", "height_on")] == [
        "12.9", "2026-11-10", "88", "2026-10-30",
    ]  # fmt: skip
    assert (row["product"], row["dose_since"]) == ("solution", at("2026-11-01T08:00"))


@pytest.mark.parametrize(
    ("sampled", "on_hold"),
    [("2026-11-19T07:59", False), ("2026-11-19T08:00", True), ("2026-11-20T08:00", True)],
)
def test_a_level_during_a_hold_says_so(sampled: str, on_hold: bool) -> None:  # noqa: FBT001 - a cell
    record = a_record(
        a_dose(), held_doses("2026-11-19T08:00", "2026-11-25T08:00"), a_level(sampled=sampled)
    )
    assert the_row(record)["on_hold"] is on_hold


def test_before_the_first_dose_and_after_the_last_there_is_no_dose() -> None:
    before = a_record(a_dose("2026-11-21T08:00"), a_level(sampled="2026-11-20T08:00"))
    after = ended(a_record(a_dose(), a_level()), 2, "2026-11-10T08:00")
    for record in (before, after):
        row = the_row(record)
        assert not {"dose_mg", "daily_mg", "mg_per_m2_per_day", "product"} & row.keys()


def test_a_voided_level_stays_with_its_reason_and_author() -> None:
    row = the_row(voided(a_record(a_dose(), a_level()), 3))
    assert (row["voided"], row["voided_by"], row["status"]) == (
        "Typed twice", "Dr Example", "not-assessed",
    )  # fmt: skip


def test_an_assumed_last_dose_is_marked() -> None:
    assumed = a_record(a_dose(), a_level(last_dose_assumed=True))
    stated, unknown = a_record(a_dose(), a_level()), a_record(a_dose(), a_level(hours=None))
    found = [the_row(each)["last_dose_assumed"] for each in (assumed, stated, unknown)]
    assert found == [True, False, None]


def test_a_laboratory_value_keeps_its_unit_and_limits() -> None:
    row = the_row(a_record(a_laboratory_value("ALT", "<61.0 U/L", upper="40 U/L")), "laboratory")
    assert [row[each] for each in ("reported", "comparator", "value", "unit", "upper_limit")] == [
        "<61.0 U/L", "<", Decimal("61.0"), "U/L", Decimal(40),
    ]  # fmt: skip


# --- CSV


def test_every_row_has_every_column_and_the_count_is_returned(
    clinic: Store, tmp_path: Path
) -> None:
    assert write_levels(clinic, None, tmp_path / "all.csv", NOW) == 7
    content = (tmp_path / "all.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfkind,record_number,")
    rows = csv_of(clinic, tmp_path / "again.csv")
    assert all(tuple(row) == COLUMNS for row in rows)
    kinds = [(row["kind"], row["record_number"]) for row in rows]
    assert kinds == [("level", "00123")] * 4 + [("laboratory", "00123")] * 2 + [("level", "-5")]


def test_digits_signs_and_zeros_are_kept(clinic: Store, tmp_path: Path) -> None:
    first, second, third, *_ = csv_of(clinic, tmp_path / "a.csv")
    assert (first["value"], first["level_ng_ml"], first["reported"]) == (
        "7.20", "7.20", "7.20 ng/mL",
    )  # fmt: skip
    assert round(Decimal(second["level_ng_ml"]), 2) == Decimal("14.99")  # 914.17 g/mol
    assert (third["comparator"], third["value"]) == ("<", "2.0")
    assert first["sampled_at"] == "2026-11-20T08:00+01:00"


def test_no_cell_is_run_by_a_spreadsheet(clinic: Store, tmp_path: Path) -> None:
    rows = csv_of(clinic, tmp_path / "a.csv")
    assert {row["name"] for row in rows} == {"'=1+1 [/] Łukasz", "Sample دعاء"}
    assert rows[0]["laboratory"] == "'@lab"
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "@", "\t")), cell


def test_only_the_chosen_patients(clinic: Store, tmp_path: Path) -> None:
    numbers = tuple(each.number for each in clinic.records())
    assert {row["record_number"] for row in csv_of(clinic, tmp_path / "a.csv", numbers[1:])} == {
        "-5"
    }
    assert csv_of(clinic, tmp_path / "none.csv", ()) == []


def test_pandas_reads_the_same_values(clinic: Store, tmp_path: Path) -> None:
    write_levels(clinic, None, tmp_path / "a.csv", NOW)
    frame = pd.read_csv(tmp_path / "a.csv", dtype={"record_number": "str"})
    levels = frame[frame["kind"] == "level"]
    assert list(levels["record_number"]) == ["00123"] * 4 + ["-5"]
    assessed = [each for record in clinic.records() for each in assess_levels(record)]
    assert list(levels["level_ng_ml"]) == [float(each.level_ng_ml) for each in assessed]
    assert list(levels["counts"]) == [each.is_evaluable for each in assessed]
    times = pd.to_datetime(levels["sampled_at"], utc=True)
    assert list(times) == [pd.Timestamp(each.level.entry.sampled.utc) for each in assessed]


# --- Excel


def test_excel_has_real_dates_numbers_with_their_digits_and_text_numbers(
    clinic: Store, tmp_path: Path
) -> None:
    assert write_levels(clinic, None, tmp_path / "a.xlsx", NOW) == 7
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["Levels", "Laboratory"]
    page = book["Levels"]
    heading = {cell.value: cell.column - 1 for cell in page[1]}
    assert tuple(heading) == SHEETS["level"]
    row = page[2]
    assert (row[heading["record_number"]].value, row[heading["record_number"]].data_type) == (
        "00123", "s",
    )  # fmt: skip
    value = row[heading["value"]]
    assert (value.value, value.data_type, value.number_format) == (7.2, "n", "0.00")
    sampled = row[heading["sampled_at"]]
    assert sampled.is_date
    assert f"{sampled.value:%Y-%m-%dT%H:%M}" == "2026-11-20T08:00"
    assert row[heading["utc_offset"]].value == "UTC+01:00"
    assert row[heading["weight_on"]].number_format == "yyyy-mm-dd"
    assert row[heading["is_trough"]].value is True
    assert all(cell.data_type != "f" for line in page.iter_rows() for cell in line)


def test_pandas_reads_the_workbook_as_it_reads_the_csv(clinic: Store, tmp_path: Path) -> None:
    write_levels(clinic, None, tmp_path / "a.csv", NOW)
    write_levels(clinic, None, tmp_path / "a.xlsx", NOW)
    whole = pd.read_csv(tmp_path / "a.csv", dtype={"record_number": "str"})
    for kind, title in (("level", "Levels"), ("laboratory", "Laboratory")):
        sheet = pd.read_excel(tmp_path / "a.xlsx", title, dtype={"record_number": "str"})
        rows = whole[whole["kind"] == kind].reset_index(drop=True)
        assert list(rows["value"]) == list(sheet["value"])
        for name in ("record_number", "number", "reported", "unit", "alerts", "voided"):
            assert list(map(str, rows[name])) == list(map(str, sheet[name])), name
        local = pd.to_datetime(rows["sampled_at"].str[:16])
        assert list(local) == list(sheet["sampled_at"])


def test_times_of_a_row_in_excel_are_in_the_zone_of_its_sample(
    sqlite_store: Store, tmp_path: Path
) -> None:
    store = sqlite_store
    number = store.add_patient(a_patient()).number
    sampled, dose = at("2026-11-20T08:00"), at("2026-11-19T14:00", "America/New_York")
    store.add(number, a_level(sampled=sampled, last_dose=dose))
    write_levels(store, None, tmp_path / "a.xlsx", NOW)
    frame = pd.read_excel(tmp_path / "a.xlsx", "Levels")
    assert str(frame["last_dose"][0]) == "2026-11-19 20:00:00"


def test_a_text_that_looks_like_an_error_stays_a_text(sqlite_store: Store, tmp_path: Path) -> None:
    store = sqlite_store
    number = store.add_patient(a_patient("#N/A", "#REF!")).number
    store.add(number, a_level())
    write_levels(store, None, tmp_path / "a.xlsx", NOW)
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["Levels"]
    assert (page["A2"].value, page["A2"].data_type, page["B2"].value) == ("#N/A", "s", "#REF!")


def test_the_laboratory_file_reader_reads_the_workbook_back(clinic: Store, tmp_path: Path) -> None:
    """By the program's own careful reader: no cell of a number or time is doubtful."""
    from monitoring.exchange.laboratory_file.workbook import (  # noqa: PLC0415 - for this alone
        sheets_of_workbook,
    )

    write_levels(clinic, None, tmp_path / "a.xlsx", NOW)
    for rows in sheets_of_workbook((tmp_path / "a.xlsx").read_bytes()).values():
        for row in rows:
            troubles = [cell.trouble for cell in row.cells if cell.trouble]
            assert all("true or false" in each for each in troubles)


# --- the file


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "A.XLSX"])
def test_the_file_is_this_users_alone_and_never_replaced(
    clinic: Store, tmp_path: Path, name: str
) -> None:
    write_levels(clinic, None, tmp_path / name, NOW)
    before = (tmp_path / name).read_bytes()
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    with pytest.raises(UserError, match="exists already"):
        write_levels(clinic, None, tmp_path / name, NOW)
    assert (tmp_path / name).read_bytes() == before
    assert left_in(tmp_path) == [name]


@pytest.mark.parametrize("name", ["a.txt", "a", ".csv.gz", "a.xls"])
def test_another_name_is_refused(clinic: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"neither \.csv nor \.xlsx"):
        write_levels(clinic, None, tmp_path / name, NOW)
    assert left_in(tmp_path) == []


def test_a_failed_export_leaves_nothing(
    clinic: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_records: object) -> Any:
        yield {"kind": "level", "zone": "UTC"}
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("monitoring.exchange.levels_table.rows_of", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where openpyxl keeps its rows
    for name in ("a.csv", "a.xlsx"):
        with pytest.raises(UserError, match="No space left on device"):
            write_levels(clinic, None, tmp_path / name, NOW)
    assert left_in(tmp_path) == []


def test_a_place_that_does_not_exist_is_refused(clinic: Store, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        write_levels(clinic, None, tmp_path / "missing" / "a.csv", NOW)


def test_a_scale_that_was_stored_is_shown() -> None:
    value = replace(a_laboratory_value(), scale="CTCAE v6.0")
    assert isinstance(value, LaboratoryValue)
    record = with_patient(a_record(value), name="Sample")
    assert the_row(record, "laboratory")["scale"] == "CTCAE v6.0"
    assert json.dumps([str(each) for each in the_row(record, "laboratory").values()])
