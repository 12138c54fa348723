"""Reading of a clinic's workbook: each cell by the reader of its field, each fault with its place.

A workbook is known by the mark on its sheet of explanations. Rows of the template's example are
left out, and so are sheets that the template does not have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any, cast
from zipfile import ZipFile

from dosing import Sex, UserError, clean
from dosing.quantities.text import quoted
from monitoring.exchange.clinic_workbook.sheets import (
    END,
    END_REASON,
    EXAMPLE,
    MARK,
    README,
    RECORD_NUMBER,
    SHEETS,
    ClinicSheet,
)
from monitoring.exchange.incoming import (
    Identifier,
    Incoming,
    IncomingPatient,
    Item,
    LeftOut,
    PatientIdentity,
    ReadingChoices,
    Refusal,
    Skipped,
    SourcePlace,
)
from monitoring.exchange.laboratory_file.cells import (
    SheetColumn,
    SheetRow,
    StoredAs,
    TextCell,
)
from monitoring.exchange.laboratory_file.row_limits import within_limits
from monitoring.exchange.laboratory_file.workbook import sheets_of_workbook
from monitoring.record.entry_kind import EntryField
from monitoring.record.patient import Patient

_CONTENTS, _LONGEST_CONTENTS = "xl/workbook.xml", 1 << 20
_BORN_UNKNOWN = date(1900, 1, 1)
"""The birth of a stand-in while a row is read: no grade of an event is refused for an infant."""


def is_clinic_workbook(content: bytes) -> bool:
    """Return whether a file is a workbook of the template, by the mark on its first page.

    Raises `UserError` for a workbook beyond a limit that has such a page.
    """
    if not _may_have_readme(content):
        return False
    rows = sheets_of_workbook(content).get(README)
    first = next(rows, None) if rows else None
    return bool(first and first.cells and clean(first.cells[0].text).startswith(MARK))


def _may_have_readme(content: bytes) -> bool:
    """Return whether the list of sheets names the page; only that part is unpacked."""
    try:
        with ZipFile(BytesIO(content)) as archive, archive.open(_CONTENTS) as stream:
            return README.encode() in stream.read(_LONGEST_CONTENTS)
    except Exception:  # noqa: BLE001 - zipfile may raise anything on a damaged file
        return False


def read_clinic_workbook(content: bytes, choices: ReadingChoices) -> Iterator[Item]:
    """Yield the patients, then every entry, each refused cell, and what is left out.

    Raises `UserError` for a damaged workbook, one beyond a limit, and for headings that are not
    those of the template.
    """
    sheets = sheets_of_workbook(content)
    reader = _WorkbookReader(choices)
    known = {README, *(each.title for each in SHEETS)}
    for sheet in SHEETS:
        rows = sheets.get(sheet.title)
        if rows is not None:
            yield from reader.read(sheet, within_limits(rows))
    for title, rows in sheets.items():
        if title not in known and any(not row.is_empty for row in within_limits(rows)):
            yield LeftOut(
                reader.place(f"sheet {clean(title)}"), Skipped.OTHER, "not of the template"
            )


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a sheet and its field."""

    field: EntryField
    column: SheetColumn

    def __str__(self) -> str:
        """Return the letter and the heading, for a message."""
        return f"column {self.column.letter} {self.field.label}"


class _WrongCellError(UserError):
    """A cell that cannot be read: its column, and the reason."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(reason)
        self.part = part


class _WorkbookReader:
    """The sheets of one workbook, with the patients of the first one."""

    def __init__(self, choices: ReadingChoices) -> None:
        self._zone = choices.time_zone
        self._patients: dict[str, IncomingPatient] = {}
        self._count = 0

    def place(self, words: str) -> SourcePlace:
        """Return the next place, with its name."""
        self._count += 1
        return SourcePlace(self._count, words)

    def read(self, sheet: ClinicSheet, rows: Iterator[SheetRow]) -> Iterator[Item]:
        first = next(rows, None)
        columns = _columns(sheet, first.cells if first else ())
        for row in rows:
            if row.is_empty:
                continue
            place = self.place(f"{sheet.title}, row {row.number}")
            if clean(_cell_at(row, columns[0]).text) == EXAMPLE:
                yield LeftOut(place, Skipped.OTHER, "example of the template")
            elif row.is_hidden:
                yield Refusal(place, "", "Excel hides this row. Show it, or delete it.")
            else:
                yield from self._row(sheet, columns, row, place)

    def _row(
        self, sheet: ClinicSheet, columns: Sequence[_Column], row: SheetRow, place: SourcePlace
    ) -> Iterator[Item]:
        typed, faults = self._typed(sheet, columns, row)
        beyond = row.cells[max(each.column.index for each in columns) + 1 :]
        if any(cell.text.strip() or cell.trouble for cell in beyond):
            faults.append(_WrongCellError("", "A cell has no heading above it. Move or delete it."))
        if not faults:
            try:
                yield from self._items(sheet, columns, row, place, typed)
            except _WrongCellError as error:
                faults.append(error)
            except UserError as error:
                faults.append(_WrongCellError("", str(error)))
        for fault in faults:
            yield Refusal(place, fault.part, str(fault))

    def _typed(
        self, sheet: ClinicSheet, columns: Sequence[_Column], row: SheetRow
    ) -> tuple[dict[str, Any], list[_WrongCellError]]:
        """Return the values of a row by the names of their fields, and the wrong cells."""
        typed: dict[str, Any] = {}
        faults = []
        for each in columns:
            try:
                value = self._value(sheet, each, _cell_at(row, each))
            except UserError as error:
                faults.append(_WrongCellError(str(each), str(error)))
            else:
                typed |= {} if value is None else dict(each.field.values(value))
        return typed, faults

    def _value(self, sheet: ClinicSheet, column: _Column, cell: TextCell) -> Any:
        """Return the value of a cell, or None for an empty one that may be empty."""
        field, text = column.field, clean(cell.text)
        if cell.trouble:
            raise UserError(f"{quoted(text) if text else 'it'} {cell.trouble}.")
        if not text:
            if sheet.required(field):
                raise UserError("it is empty. Fill it in.")
            return field.default
        if field.options:
            return _option(field, text)
        return field.read(text, self._zone if field.is_time else "")

    def _items(
        self,
        sheet: ClinicSheet,
        columns: Sequence[_Column],
        row: SheetRow,
        place: SourcePlace,
        typed: dict[str, Any],
    ) -> Iterator[Item]:
        number = Identifier(typed[RECORD_NUMBER.name]).value
        may_lack_zeros = _cell_at(row, columns[0]).stored is StoredAs.NUMBER
        if sheet.of is Patient:
            yield self._patient(columns, place, Patient(**typed), may_lack_zeros=may_lack_zeros)
            return
        known = self._patients.get(number)
        identity = (
            replace(known.patient, part=str(columns[0]))
            if known
            else PatientIdentity(
                identifiers=(Identifier(number),), may_lack_zeros=may_lack_zeros,
                part=str(columns[0]),
            )
        )  # fmt: skip
        patient = known.particulars if known and known.particulars else _stand_in(number)
        values = {name: each for name, each in typed.items() if name != RECORD_NUMBER.name}
        last_days = [values.pop(each.name, None) for each in sheet.fields if each.is_last_day]
        parts = {each.field.name: str(each) for each in columns}
        for entry in sheet.make(patient, values):
            yield Incoming(
                place=place,
                patient=identity,
                entry=entry,
                ended_on=last_days[0] if last_days else None,
                ended_at=values.get(END),
                end_reason=values.get(END_REASON, ""),
                part=parts.get(sheet.fields[0].name, ""),
                time_part=next((parts[each.name] for each in sheet.fields
                                if each.is_time and each.name in parts), ""),
                source=str(place),
            )  # fmt: skip

    def _patient(
        self,
        columns: Sequence[_Column],
        place: SourcePlace,
        patient: Patient,
        *,
        may_lack_zeros: bool,
    ) -> IncomingPatient:
        """Return a patient, once. Raises `UserError` for a record number that came before."""
        number = patient.record_number
        if number in self._patients:
            raise _WrongCellError(
                str(columns[0]),
                f"{quoted(number)} is the record number of {self._patients[number].place} already. "
                "Delete one of them.",
            )
        parts = {each.field.name: str(each) for each in columns}
        identity = PatientIdentity(
            identifiers=(Identifier(number),),
            born=patient.born,
            name=patient.name,
            sex=patient.sex,
            may_lack_zeros=may_lack_zeros,
            part=str(columns[0]),
            born_part=parts.get("born", ""),
        )
        item = IncomingPatient(
            place=place, patient=identity, diagnosis=patient.diagnosis, particulars=patient
        )
        self._patients[number] = item
        return item


def _stand_in(number: str) -> Patient:
    """Return a patient for the readers alone, where the workbook does not describe one."""
    return Patient(record_number=number, name=number, born=_BORN_UNKNOWN, sex=Sex.UNKNOWN)


def _option(field: EntryField, text: str) -> Any:
    """Return the option of a text, by its word or its label."""
    for option in field.options:
        if text.casefold() in {option.typed.casefold(), option.label.casefold()}:
            return option.value
    words = ", ".join(option.typed for option in field.options)
    raise UserError(f"{quoted(text)} is not one of {words}. Choose one.")


def _cell_at(row: SheetRow, column: _Column) -> TextCell:
    """Return the cell of a column; an empty one beyond the end of a short row."""
    index = column.column.index
    return row.cells[index] if index < len(row.cells) else TextCell("")


def _columns(sheet: ClinicSheet, cells: Sequence[TextCell]) -> tuple[_Column, ...]:
    """Return the columns of a sheet, the record number first.

    Raises `UserError` for a heading that is unknown, repeated or missing.
    """
    fields = {each.label.casefold(): each for each in sheet.columns}
    found: dict[str, _Column] = {}
    for index, cell in enumerate(cells):
        heading = clean(cell.text)
        if not heading:
            continue
        field = fields.get(heading.casefold())
        if field is None or field.name in found:
            fault = "unknown" if field is None else "repeated"
            raise UserError(
                f"Sheet {sheet.title}: the heading {quoted(heading)} is {fault}. Use the headings "
                "of the template."
            )
        found[field.name] = _Column(field, SheetColumn(index, heading))
    missing = [each.label for each in sheet.columns
               if sheet.required(each) and each.name not in found]  # fmt: skip
    if missing:
        raise UserError(
            f"Sheet {sheet.title}: the headings {', '.join(missing)} are missing. Use those of the "
            "template."
        )
    first = found.pop(RECORD_NUMBER.name)
    return cast("tuple[_Column, ...]", (first, *found.values()))
