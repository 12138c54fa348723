"""Levels and laboratory values as one table for people: a row each, with the dose at the sample.

CSV holds both kinds of row under the same headings, the kind first; a workbook has a sheet for each
kind, and shows all times of a row in the zone of its sample. The figures are exactly those of
`sirolimus level list --json` and `lab list --json`.

| column | what it holds |
| --- | --- |
| kind | level or laboratory |
| record_number, name, born, sex | the patient; the record number is text |
| number | the entry's number in the store |
| test | the test; sirolimus for a level |
| sampled_at, utc_offset, zone | the local time of the sample, its offset and its time zone |
| reported | as reported, every digit kept: "7.20 ng/mL", "<2.0 ng/mL" |
| comparator, value, unit | the same in parts |
| level_ng_ml | a level in ng/mL, without rounding |
| lower_limit, upper_limit | the laboratory's limits of normal, in the unit of the value |
| assay, laboratory | how and where it was measured |
| status | the place against the target: below, within, above or not-assessed |
| counts | whether the level is evaluable |
| is_trough, steady_state | empty if unknown |
| last_dose, hours_since_last_dose | the last dose before the sample, and the time after it |
| last_dose_assumed | whether the time is the schedule's, and nobody confirmed it |
| days_since_change | from the last change of exposure to the sample |
| target_low_ng_ml, target_high_ng_ml | the target at the time of the sample |
| change_percent | from the last evaluable level of the same assay |
| dose_mg, evening_mg, every_hours, daily_mg | the current dose at the sample |
| mg_per_m2_per_day, body_surface_area_m2 | by Mosteller, from the last weight and height |
| weight_kg, weight_on, height_cm, height_on | that weight and height, and their days |
| product, dose_since, on_hold | the product; the start of the dose; whether it was on hold |
| grade, scale, beyond_limit | the grade of a laboratory value, and the limit that it is beyond |
| cause, excluded, misfit | why a level does not fit; whether it is out of every assessment |
| alerts | the codes of the alerts, the strongest first |
| reason | the reason to record it although it exceeds a limit |
| voided, voided_by, voided_at | the reason, author and time of a void; empty for an active entry |
"""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from dosing import Alerts, UserError
from dosing.quantities.formatting import rounded
from dosing.surface_area import MOSTELLER, body_surface_area
from monitoring.exchange.spreadsheet import defused
from monitoring.files import placed_file
from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
from monitoring.levels import LevelAssessment, assess_levels
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Comparator, Level
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

if TYPE_CHECKING:
    from monitoring.store.store import Store

Cell: TypeAlias = str | Decimal | bool | int | date | Moment | None
"""A cell, before it is written; None is an empty one."""

_PATIENT = ("record_number", "name", "born", "sex", "number")
_SAMPLE = ("test", "sampled_at", "utc_offset", "zone", "reported", "comparator", "value", "unit")
_OF_LEVEL = (
    "status", "counts", "is_trough", "last_dose", "last_dose_assumed", "hours_since_last_dose",
    "steady_state", "days_since_change", "target_low_ng_ml", "target_high_ng_ml",
    "change_percent", "dose_mg", "evening_mg", "every_hours", "daily_mg", "mg_per_m2_per_day",
    "body_surface_area_m2", "weight_kg", "weight_on", "height_cm", "height_on", "product",
    "dose_since", "on_hold",
)  # fmt: skip
_OF_VALUE = ("grade", "scale", "beyond_limit")
_END = ("alerts", "reason", "voided", "voided_by", "voided_at")

COLUMNS = (
    "kind", *_PATIENT, *_SAMPLE, "level_ng_ml", "lower_limit", "upper_limit", "assay",
    "laboratory", *_OF_LEVEL, *_OF_VALUE, "cause", "excluded", "misfit", *_END,
)  # fmt: skip
"""The headings of the CSV file."""

SHEETS: Mapping[str, tuple[str, ...]] = {
    "level": (
        *_PATIENT, *_SAMPLE, "level_ng_ml", "assay", "laboratory", *_OF_LEVEL,
        "cause", "excluded", "misfit", *_END,
    ),
    "laboratory": (
        *_PATIENT, *_SAMPLE, "lower_limit", "upper_limit", "laboratory", *_OF_VALUE, *_END,
    ),
}  # fmt: skip
"""The headings of each sheet of the workbook, by the kind of its rows."""

_TITLES = {"level": "Levels", "laboratory": "Laboratory"}
_AREA_DIGITS, _RATE_DIGITS = 4, 4
_LAST_ROW, _MOST_DECIMALS = 1_048_576, 15

Row = Mapping[str, Cell]


def write_levels(store: "Store", numbers: tuple[int, ...] | None, file: Path, now: Moment) -> int:
    """Write the levels and laboratory values of some patients, or of all; return the rows.

    The name decides the format: `.csv` or `.xlsx`. Raises `UserError` for another name, for a file
    that exists, and for more rows than a sheet of Excel holds.
    """
    del now  # a table of what was measured: nothing in it is of today
    return write_table(store.records() if numbers is None else iter(store.read_some(numbers)), file)


def write_table(records: Iterable[Record], file: Path) -> int:
    """Write the levels and laboratory values of these records, as `write_levels` does."""
    writer = _WRITERS.get(file.suffix.casefold())
    if writer is None:
        raise UserError(f"{file} is neither .csv nor .xlsx. Name the file with one of them.")
    with placed_file(file) as part:
        return writer(part, rows_of(records))


def rows_of(records: Iterable[Record]) -> Iterator[Row]:
    """Yield the rows: the levels of a patient, then the laboratory values, the oldest first."""
    for record in records:
        for level in assess_levels(record):
            yield _level_row(record, level)
        values = {each.value.number: each for each in assess_laboratory(record)}
        for value in sorted(record.of(LaboratoryValue), key=lambda each: each.entry.at):
            yield _laboratory_row(record, value, values.get(value.number))


# --- the rows


def _patient(record: Record, recorded: StoredEntry[Any]) -> dict[str, Cell]:
    patient, void = record.patient.entry, recorded.void
    return {
        "record_number": patient.record_number,
        "name": patient.name,
        "born": str(patient.born),
        "sex": patient.sex.value,
        "number": recorded.number,
        "voided": void.entry.reason if void else None,
        "voided_by": void.author.by if void else None,
        "voided_at": void.author.at if void else None,
    }


def _time(sampled: Moment) -> dict[str, Cell]:
    return {"sampled_at": sampled, "utc_offset": _offset(sampled), "zone": sampled.zone}


def _offset(moment: Moment) -> str:
    """Return the offset such as UTC+01:00: a text, whatever a spreadsheet makes of signs."""
    return f"UTC{moment.local.isoformat()[19:]}"


def _sign(comparator: Comparator | None) -> str | None:
    return comparator.value if comparator else None


def _codes(alerts: Alerts) -> str:
    return " ".join(alert.code for alert in alerts)


def _level_row(record: Record, assessed: LevelAssessment) -> Row:
    recorded, level, target = assessed.level, assessed.level.entry, assessed.target
    cause = assessed.cause
    return {
        "kind": "level",
        **_patient(record, recorded),
        "test": "sirolimus",
        **_time(level.sampled),
        "reported": str(level),
        "comparator": _sign(level.comparator),
        "value": level.value.number,
        "unit": level.value.unit,
        "level_ng_ml": level.value.value,
        "assay": level.assay.value if level.assay else None,
        "laboratory": level.laboratory,
        "status": assessed.status.value,
        "counts": assessed.is_evaluable,
        "is_trough": assessed.is_trough,
        "last_dose": level.last_dose,
        "last_dose_assumed": bool(level.last_dose_assumed) if level.last_dose else None,
        "hours_since_last_dose": _figure(assessed.hours_since_last_dose, 2),
        "steady_state": assessed.steady_state,
        "days_since_change": _figure(assessed.days_since_change, 2),
        "target_low_ng_ml": target.low_ng_ml if target else None,
        "target_high_ng_ml": target.high_ng_ml if target else None,
        "change_percent": _figure(assessed.change_percent, 1),
        **_dose(TreatmentHistory.of(record), level),
        "cause": cause.entry.cause.value if cause else None,
        "excluded": assessed.is_excluded,
        "misfit": assessed.misfit.why.value if assessed.misfit else None,
        "alerts": _codes(assessed.alerts),
        "reason": level.reason,
    }


def _figure(number: float | None, decimals: int) -> Decimal | None:
    """Return a figure with the digits that JSON shows."""
    return None if number is None else Decimal(repr(round(number, decimals)))


def _dose(history: TreatmentHistory, level: Level) -> dict[str, Cell]:
    """Return the dose that a level reflects, and the body that it is stated for."""
    day = level.sampled.local.date()
    weighed, measured = history.weight_on(day), history.height_on(day)
    weight = weighed.entry.as_weight if weighed else None
    height = measured.entry.as_height if measured else None
    area = body_surface_area(MOSTELLER, weight, height) if weight and height else None
    body: dict[str, Cell] = {
        "body_surface_area_m2": rounded(area, _AREA_DIGITS) if area else None,
        "weight_kg": weight.kg if weight else None,
        "weight_on": weighed.entry.on if weighed else None,
        "height_cm": height.cm if height else None,
        "height_on": measured.entry.on if measured else None,
    }
    period = history.period_of(level)
    if period is None:
        return body
    dose = period.prescription.entry
    return body | {
        "dose_mg": dose.dose_mg,
        "evening_mg": dose.evening_mg,
        "every_hours": dose.interval_hours,
        "daily_mg": dose.daily_mg,
        "mg_per_m2_per_day": rounded(dose.daily_mg / area, _RATE_DIGITS) if area else None,
        "product": dose.product.value,
        "dose_since": period.since,
        "on_hold": history.hold_at(level.sampled) is not None,
    }


def _laboratory_row(
    record: Record, recorded: StoredEntry[LaboratoryValue], assessed: LaboratoryAssessment | None
) -> Row:
    value = recorded.entry
    lower, upper = value.lower_limit, value.upper_limit
    return {
        "kind": "laboratory",
        **_patient(record, recorded),
        "test": value.test,
        **_time(value.at),
        "reported": f"{_sign(value.comparator) or ''}{value.value}",
        "comparator": _sign(value.comparator),
        "value": value.value.number,
        "unit": value.value.unit,
        "lower_limit": lower.number if lower else None,
        "upper_limit": upper.number if upper else None,
        "laboratory": value.laboratory,
        "grade": assessed.grade if assessed else None,
        "scale": assessed.scale if assessed else value.scale,
        "beyond_limit": assessed.beyond if assessed else None,
        "alerts": _codes(assessed.alerts) if assessed else None,
        "reason": value.reason,
    }


# --- the files


def _write_csv(part: Path, rows: Iterator[Row]) -> int:
    count = 0
    with part.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last one is returned
            writer.writerow([defused(_as_text(row.get(name))) for name in COLUMNS])
    return count


def _as_text(cell: Cell) -> str | int | None:
    match cell:
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return f"{cell:f}"
        case date() | Moment():
            return str(cell)
    return cell


def _write_workbook(part: Path, rows: Iterator[Row]) -> int:
    import openpyxl  # noqa: PLC0415 - heavy, and only for Excel
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    book = openpyxl.Workbook(write_only=True)
    book.properties.creator = "sirolimus"
    sheets = {
        kind: _Sheet(book.create_sheet(_TITLES[kind]), names, WriteOnlyCell)
        for kind, names in SHEETS.items()
    }
    try:
        for row in rows:
            sheets[str(row["kind"])].add(row)
    finally:
        book.save(os.fspath(part))  # it removes the files in which openpyxl keeps the rows
    return sum(sheet.rows for sheet in sheets.values())


@dataclass(slots=True)
class _Sheet:
    """A sheet of a write-only workbook: no row is kept in memory."""

    sheet: Any
    names: Sequence[str]
    make_cell: Callable[..., Any]
    rows: int = 0

    def __post_init__(self) -> None:
        """Write the headings, which stay in sight."""
        self.sheet.freeze_panes = "B2"
        self.sheet.append([self._cell(name) for name in self.names])

    def add(self, row: Row) -> None:
        """Write a row. Raises `UserError` beyond the last row of Excel."""
        self.rows += 1
        if self.rows >= _LAST_ROW:
            raise UserError("Excel holds fewer rows. Write .csv, or choose patients.")
        zone = str(row["zone"])
        self.sheet.append([self._cell(_in_zone(row.get(name), zone)) for name in self.names])

    def _cell(self, cell: Cell) -> Any:
        """Return a cell for openpyxl, with a format only where one is needed: it is slow."""
        if cell is None or cell == "":
            return None
        value, number_format = _excel(cell)
        if number_format is None:
            return value
        made = self.make_cell(self.sheet, value=value)
        made.number_format = number_format
        if isinstance(value, str):
            made.data_type = "s"  # never an error of Excel, whatever it looks like
        return made


def _in_zone(cell: Cell, zone: str) -> Cell:
    """Return a moment in the zone of the row's sample: Excel keeps a time without one."""
    return replace(cell, zone=zone) if isinstance(cell, Moment) else cell


def _excel(cell: Cell) -> tuple[object, str | None]:
    """Return a cell as Excel stores it, and the format that shows each of its digits.

    A defused text never begins with the sign of a formula; one that begins as an error of Excel or
    has digits alone is marked as a text.
    """
    match cell:
        case bool():
            return cell, None
        case Decimal():
            decimals = min(max(0, -int(cell.as_tuple().exponent)), _MOST_DECIMALS)
            return cell, f"0.{'0' * decimals}" if decimals else "0"
        case int():
            return cell, None
        case Moment():
            local: datetime = cell.local.replace(tzinfo=None)
            return local, "yyyy-mm-dd hh:mm:ss" if local.second else "yyyy-mm-dd hh:mm"
        case date():
            return cell, "yyyy-mm-dd"
    text = cell or ""
    return defused(text), "@" if text.startswith("#") or text.isdigit() else None


_WRITERS = {".csv": _write_csv, ".xlsx": _write_workbook}
