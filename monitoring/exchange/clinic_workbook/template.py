"""The template of a clinic's workbook: a sheet a kind of entry, each column explained."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitoring.exchange.clinic_workbook.sheets import (
    EXAMPLE,
    MARK,
    README,
    RECORD_NUMBER,
    SHEETS,
    VERSION,
    WHAT,
    ClinicSheet,
)
from monitoring.files import placed_file
from monitoring.record.entry_kind import EntryField

_TEXT = "@"
_LAST_ROW = 1_048_576
_WIDTHS = (16, 22, 12, 60, 60)
_HEADINGS = ("Sheet", "Column", "Needed", "Meaning", "Accepted")
_ADVICE = (
    "One row is one entry. The record number joins the sheets; every column is text.",
    "Numbers have a decimal point and their unit: 12.4 kg.",
    "Days are written 2026-11-05, times 2026-11-05T08:00. A time without an offset is local.",
    "Leave the headings as they are. A column that is not needed may stay empty.",
    "Leave sheets that you do not need empty. Delete the example rows: they are never imported.",
    "Preview: sirolimus import FILE --new-patients --take-doses --preview",
)


def write_clinic_template(path: Path) -> None:
    """Write the template to a new file. Raises `UserError` where it exists or cannot be written."""
    import openpyxl  # noqa: PLC0415 - heavy, and only for Excel

    book = openpyxl.Workbook()
    book.properties.creator = "sirolimus"
    _explain(book.active)
    for sheet in SHEETS:
        _lay_out(book.create_sheet(sheet.title), sheet)
    with placed_file(path) as part:
        book.save(part)


def _explain(page: Any) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - as above

    page.title = README
    page.append([f"{MARK}, version {VERSION}"])
    for line in _ADVICE:
        page.append([line])
    page.append([])
    page.append(list(_HEADINGS))
    for row in _explanations():
        page.append(list(row))
    for cell in (page["A1"], *page[len(_ADVICE) + 3]):
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    for row in page.iter_rows(min_row=len(_ADVICE) + 3):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _explanations() -> Iterator[tuple[str, ...]]:
    for sheet in SHEETS:
        for field in sheet.columns:
            needed = "yes" if sheet.required(field) else ""
            yield sheet.title, field.label, needed, _meaning(sheet, field), accepted(field)


def _meaning(sheet: ClinicSheet, field: EntryField) -> str:
    return field.help or f"{field.label.lower()} of the {WHAT[sheet.title]}"


def accepted(field: EntryField) -> str:
    """Return the accepted words of a column, or an example."""
    words = [option.typed for option in field.options] or field.only
    return ", ".join(words) or field.example


def _lay_out(page: Any, sheet: ClinicSheet) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415 - as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 - as above

    page.freeze_panes = "B2"
    for place, field in enumerate(sheet.columns, start=1):
        letter = get_column_letter(place)
        page.column_dimensions[letter].number_format = _TEXT
        page.column_dimensions[letter].width = 24
        heading, example = page.cell(1, place, field.label), page.cell(2, place)
        heading.font = Font(bold=sheet.required(field))
        example.value = EXAMPLE if field is RECORD_NUMBER else sheet.example.get(field.label)
        example.font = Font(italic=True, color="808080")
        for cell in (heading, example):
            cell.number_format = _TEXT
        words = [option.typed for option in field.options] or list(field.only)
        if words:
            chosen = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
            chosen.add(f"{letter}2:{letter}{_LAST_ROW}")
            page.add_data_validation(chosen)
