"""A laboratory's file as items of an import: each row by the mapping, or its refusal."""

from collections.abc import Iterator
from datetime import date

from dosing import UserError
from monitoring.exchange.incoming import (
    Identifier,
    Incoming,
    Item,
    LeftOut,
    PatientIdentity,
    Place,
    Refusal,
    Skipped,
)
from monitoring.exchange.laboratory_file.cells import SheetColumn, SourceSheet
from monitoring.exchange.laboratory_file.layout import is_workbook, sheet_in
from monitoring.exchange.laboratory_file.mapping import Mapping
from monitoring.exchange.laboratory_file.row_parsing import Refusal as RowRefusal
from monitoring.exchange.laboratory_file.row_parsing import RowReader, RowResult


class LaboratoryItems:
    """The items of a laboratory's file; its length is known roughly before it is read."""

    def __init__(self, reader: RowReader, sheet: SourceSheet, *, may_lack_zeros: bool) -> None:
        """Take the rows, and whether record numbers may have lost leading zeros."""
        self._reader = reader
        self._sheet = sheet
        self._may_lack_zeros = may_lack_zeros
        column = reader.column
        self._number, self._born = _part(column("record_number")), _part(column("born"))
        self._value = _part(column("value"))
        self._time = _part(column("sample_time") or column("sample_day"))
        self._patients: dict[tuple[str, bool, date | None], PatientIdentity] = {}

    def __length_hint__(self) -> int:
        """Return the approximate number of rows."""
        return self._sheet.expected_rows

    def __iter__(self) -> Iterator[Item]:
        """Yield an item for each row."""
        for row in self._sheet.rows:
            read = self._reader.read(row)
            place = Place(row.number, f"row {row.number}")
            if isinstance(read, RowResult):
                try:
                    yield self._incoming(place, read)
                except UserError as error:
                    yield Refusal(place, self._number, str(error))
            elif isinstance(read, RowRefusal):
                yield Refusal(place, _part(read.column), read.reason)
            else:
                yield LeftOut(place, Skipped(read.value))

    def _incoming(self, place: Place, read: RowResult) -> Incoming:
        return Incoming(
            place=place, patient=self._patient(read), entry=read.entry, part=self._value,
            time_part=self._time,
        )  # fmt: skip

    def _patient(self, read: RowResult) -> PatientIdentity:
        """Return the patient of a row, one value for all rows of the patient."""
        known = read.record_number, read.was_number, read.born
        if known not in self._patients:
            self._patients[known] = PatientIdentity(
                identifiers=(Identifier(read.record_number),),
                born=read.born,
                may_lack_zeros=self._may_lack_zeros or read.was_number,
                part=self._number,
                born_part=self._born,
            )
        return self._patients[known]


def _part(column: SheetColumn | None) -> str:
    return f"column {column}" if column else ""


def read_laboratory_file(content: bytes, mapping: Mapping) -> LaboratoryItems:
    """Return the items of a CSV file or of a workbook's sheet, by a mapping.

    A CSV file may have been saved again by a spreadsheet, which takes leading zeros away.
    Raises `UserError` for a damaged file and for another layout than the mapping's.
    """
    sheet = sheet_in(content, mapping.layout)
    may_lack = not is_workbook(content)
    return LaboratoryItems(RowReader(mapping, sheet), sheet, may_lack_zeros=may_lack)
