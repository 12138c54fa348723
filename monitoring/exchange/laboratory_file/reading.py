"""A laboratory's file as items of an import: each row by the mapping, or its refusal."""

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class LaboratoryItems:
    """The items of a laboratory's file; its length is known roughly before it is read."""

    reader: RowReader
    sheet: SourceSheet
    may_lack_zeros: bool

    def __length_hint__(self) -> int:
        """Return the approximate number of rows."""
        return self.sheet.expected_rows

    def __iter__(self) -> Iterator[Item]:
        """Yield an item for each row."""
        for row in self.sheet.rows:
            read = self.reader.read(row)
            place = Place(row.number, f"row {row.number}")
            if isinstance(read, RowResult):
                try:
                    yield self._incoming(place, read)
                except UserError as error:
                    yield Refusal(place, _part(self.reader.column("record_number")), str(error))
            elif isinstance(read, RowRefusal):
                yield Refusal(place, _part(read.column), read.reason)
            else:
                yield LeftOut(place, Skipped(read.value))

    def _incoming(self, place: Place, read: RowResult) -> Incoming:
        column = self.reader.column
        time = column("sample_time") or column("sample_day")
        return Incoming(
            place=place,
            patient=PatientIdentity(
                identifiers=(Identifier(read.record_number),),
                born=read.born,
                may_lack_zeros=self.may_lack_zeros or read.was_number,
                part=_part(column("record_number")),
                born_part=_part(column("born")),
            ),
            entry=read.entry,
            part=_part(column("value")),
            time_part=_part(time),
        )


def _part(column: SheetColumn | None) -> str:
    return f"column {column}" if column else ""


def read_laboratory_file(content: bytes, mapping: Mapping) -> LaboratoryItems:
    """Return the items of a CSV file or of a workbook's sheet, by a mapping.

    A CSV file may have been saved again by a spreadsheet, which takes leading zeros away.
    Raises `UserError` for a damaged file and for another layout than the mapping's.
    """
    sheet = sheet_in(content, mapping.layout)
    return LaboratoryItems(RowReader(mapping, sheet), sheet, not is_workbook(content))
