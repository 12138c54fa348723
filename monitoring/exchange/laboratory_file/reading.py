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
    Refusal,
    SourcePlace,
)
from monitoring.exchange.laboratory_file.cells import SheetColumn, SourceSheet
from monitoring.exchange.laboratory_file.layout import sheet_in
from monitoring.exchange.laboratory_file.mapping import Mapping
from monitoring.exchange.laboratory_file.row_parsing import RefusedRow, RowReader, RowResult


class LaboratoryItems:
    """The items of a laboratory's file; its length is known roughly before it is read."""

    def __init__(self, reader: RowReader, sheet: SourceSheet) -> None:
        """Take the rows and their reader."""
        self._reader = reader
        self._sheet = sheet
        column = reader.column
        self._number, self._born = _part(column("record_number")), _part(column("born"))
        self._value = _part(column("value"))
        self._time = _part(column("sample_time") or column("sample_day"))
        self._patients: dict[tuple[str, bool, date | None], PatientIdentity] = {}

    def __length_hint__(self) -> int:
        """Return the approximate number of rows."""
        return self._sheet.expected_rows

    def __iter__(self) -> Iterator[Item]:
        """Yield the sheets that are not read, and an item for each row."""
        yield from self._sheet.left_out
        for row in self._sheet.rows:
            read = self._reader.read(row)
            place = SourcePlace(row.number, f"row {row.number}")
            if isinstance(read, RowResult):
                try:
                    yield self._incoming(place, read)
                except UserError as error:
                    yield Refusal(place, self._number, str(error))
            elif isinstance(read, RefusedRow):
                yield Refusal(place, _part(read.column), read.reason)
            else:
                yield LeftOut(place, read)

    def _incoming(self, place: SourcePlace, read: RowResult) -> Incoming:
        return Incoming(
            place=place, patient=self._patient(read), entry=read.entry, status=read.status,
            part=self._value, time_part=self._time, remarks=read.remarks,
        )  # fmt: skip

    def _patient(self, read: RowResult) -> PatientIdentity:
        """Return the patient of a row, one value for all rows of the patient."""
        known = read.record_number, read.was_number, read.born
        if known not in self._patients:
            self._patients[known] = PatientIdentity(
                identifiers=(Identifier(read.record_number),),
                born=read.born,
                may_lack_zeros=read.was_number,
                part=self._number,
                born_part=self._born,
            )
        return self._patients[known]


def _part(column: SheetColumn | None) -> str:
    return f"column {column}" if column else ""


def read_laboratory_file(content: bytes, mapping: Mapping) -> LaboratoryItems:
    """Return the items of a CSV file or of a workbook's sheet, by a mapping.

    Raises `UserError` for a damaged file and for another layout than the mapping's.
    """
    sheet = sheet_in(content, mapping.layout)
    return LaboratoryItems(RowReader(mapping, sheet), sheet)
