"""The limits of every file that the program reads: one table, with the reason of each.

A file beyond a limit is refused in words, and never cut. Ordinary files are far below.
"""

from dataclasses import dataclass

from dosing.errors import UserError

_KIB = 1024
_MIB = 1024 * _KIB
_GIB = 1024 * _MIB


@dataclass(frozen=True, slots=True)
class ReadingLimit:
    """The most of one thing that a kind of file may have, and what to do about more."""

    of: str
    """The kind of file."""
    most: int
    unit: str
    advice: str
    why: str

    def check(self, found: int, file: object) -> None:
        """Raise `UserError` for more than the limit; `file` is its name, for the message.

        >>> MAPPING_NESTING.check(16, "map.toml")
        >>> MAPPING_NESTING.check(17, "map.toml")
        Traceback (most recent call last):
        ...
        dosing.errors.UserError: map.toml has more than 16 levels of nesting. Write it flat.
        """
        if found > self.most:
            raise self.passed(file)

    def passed(self, file: object) -> UserError:
        """Return the error of a file beyond the limit."""
        return UserError(f"{file} has more than {self.most:,} {self.unit}. {self.advice}")


_SPLIT = "Split it into several files."
_SMALLER = "Save it again as CSV."
_FLAT = "Write it flat."
_OTHER = "Choose another file."

IMPORT_BYTES = ReadingLimit(
    "any file of results", 512 * _MIB, "bytes", _SPLIT, "100,000 FHIR results have about 150 MiB"
)

_LABORATORY = "laboratory's file"
LABORATORY_BYTES = ReadingLimit(
    _LABORATORY, 64 * _MIB, "bytes", _SPLIT, "100,000 results have about 10 MiB; all is in memory"
)
LABORATORY_ROWS = ReadingLimit(
    _LABORATORY, 200_000, "rows", _SPLIT, "twice the largest file that was tried"
)
LABORATORY_LAST_ROW = ReadingLimit(
    _LABORATORY, 1_048_576, "rows, empty ones included", _SPLIT, "the last row of Excel"
)
LABORATORY_COLUMNS = ReadingLimit(
    _LABORATORY, 1_000, "columns", "Remove empty columns.", "an export has about 20"
)
LABORATORY_CHARACTERS = ReadingLimit(
    _LABORATORY, 32_767, "characters in one cell", "Shorten that cell.", "the most of Excel"
)
LABORATORY_SECONDS = ReadingLimit(
    _LABORATORY, 300, "seconds of reading", _SPLIT, "100,000 results take a tenth of it"
)

_WORKBOOK = "Excel workbook"
WORKBOOK_PARTS = ReadingLimit(_WORKBOOK, 2_000, "parts", _SMALLER, "a workbook has about 10")
WORKBOOK_INFLATED_BYTES = ReadingLimit(
    _WORKBOOK, 128 * _MIB, "bytes when it is unpacked", _SMALLER, "a small file can unpack to 1 GiB"
)
WORKBOOK_CELLS = ReadingLimit(
    _WORKBOOK, 1_500_000, "cells in a sheet, empty ones included", _SMALLER, "100,000 rows of 15"
)
WORKBOOK_STRINGS = ReadingLimit(
    _WORKBOOK, 500_000, "different texts", _SMALLER, "all are read before the first row"
)
WORKBOOK_ELEMENTS = ReadingLimit(
    _WORKBOOK, 50_000, "styles and other elements", _SMALLER, "all are read before the first row"
)
WORKBOOK_NESTING = ReadingLimit(
    _WORKBOOK, 64, "levels of nesting", _SMALLER, "a workbook has about 10"
)

_HL7 = "file of HL7 v2"
_ONE = "Send it in parts."
HL7_BYTES = ReadingLimit(
    _HL7, 128 * _MIB, "bytes", _SPLIT, "100,000 results of one message each have about 60 MiB"
)
HL7_SEGMENTS = ReadingLimit(
    _HL7, 50_000, "segments in one message", _ONE, "a message of a year's results has about 2,000"
)
HL7_SEGMENT_BYTES = ReadingLimit(
    _HL7, 16 * _MIB, "bytes in one segment", _ONE, "a document inside has about 1 MiB"
)
HL7_FIELDS = ReadingLimit(
    _HL7, 1_000, "fields in one segment", _ONE, "the longest segment of the standard has about 60"
)
HL7_PARTS = ReadingLimit(
    _HL7, 1_000, "repetitions or components in one field", _ONE, "a field has about 10"
)
_FHIR = "FHIR file"
FHIR_BYTES = ReadingLimit(
    _FHIR, 64 * _MIB, "bytes", "Write it as NDJSON.", "a bundle is in memory, eight times as large"
)
FHIR_NDJSON_BYTES = ReadingLimit(
    _FHIR, 512 * _MIB, "bytes of NDJSON", _SPLIT, "100,000 Observations have about 100 MiB"
)
FHIR_LINE_BYTES = ReadingLimit(
    _FHIR, 4 * _MIB, "bytes in one line", "Write one resource a line.", "a resource has about 2 KiB"
)
FHIR_NESTING = ReadingLimit(_FHIR, 64, "levels of nesting", _OTHER, "a bundle has about 12")

_MAPPING = "mapping"
MAPPING_BYTES = ReadingLimit(_MAPPING, 256 * _KIB, "bytes", _OTHER, "a mapping has about 3 KiB")
MAPPING_NESTING = ReadingLimit(_MAPPING, 16, "levels of nesting", _FLAT, "a mapping has 2")

_SETTINGS = "settings"
SETTINGS_BYTES = ReadingLimit(_SETTINGS, 64 * _KIB, "bytes", _OTHER, "settings have about 1 KiB")
SETTINGS_NESTING = ReadingLimit(_SETTINGS, 16, "levels of nesting", _FLAT, "settings have 2")

_SHARE = "share of a clinic"
SHARE_BYTES = ReadingLimit(_SHARE, 512 * _KIB, "bytes", _OTHER, "a share has about 20 KiB")
SHARES = ReadingLimit(_SHARE, 500, "shares in one pool", "Pool fewer clinics.", "50 were tried")

_MODEL = "model file"
MODEL_BYTES = ReadingLimit(_MODEL, 200_000, "bytes", _OTHER, "4 bytes a character")
MODEL_CHARACTERS = ReadingLimit(
    _MODEL, 50_000, "characters", _OTHER, "a published model has about 1,600"
)
MODEL_NESTING = ReadingLimit(_MODEL, 16, "levels of nesting", _FLAT, "a model has 3")

_TABLE = "table for `kinetics`"
TABLE_BYTES = ReadingLimit(
    _TABLE, 16 * _GIB, "bytes", _SPLIT, "100,000 patients have about 100 MiB; one is in memory"
)
TABLE_PATIENT_ROWS = ReadingLimit(
    _TABLE, 100_000, "rows of one patient", "Check its ID.", "a patient has about 50"
)
TABLE_LINE_CHARACTERS = ReadingLimit(
    _TABLE, 1_000_000, "characters in one line", _OTHER, "a line has about 100"
)
TABLE_COLUMNS = ReadingLimit(
    _TABLE, 1_000, "columns", "Remove other columns.", "a table has about 20"
)

EXPORT_BYTES = ReadingLimit(
    "export of this program", 2 * _GIB, "bytes", _OTHER, "a million changes have about 1 GiB"
)
RECORDS_BYTES = ReadingLimit("records or backup", 64 * _GIB, "bytes", _OTHER, "100 million changes")
RECORDS_VALUE_BYTES = ReadingLimit(
    "records or backup", 16 * _MIB, "bytes in one value", _OTHER, "a text has at most 2,000"
)
FILE_NAME_BYTES = ReadingLimit(
    "name of any file", 240, "bytes", "Choose a shorter name.", "255, less what a part file adds"
)

READING_LIMITS = (
    IMPORT_BYTES,
    LABORATORY_BYTES,
    LABORATORY_ROWS,
    LABORATORY_LAST_ROW,
    LABORATORY_COLUMNS,
    LABORATORY_CHARACTERS,
    LABORATORY_SECONDS,
    WORKBOOK_PARTS,
    WORKBOOK_INFLATED_BYTES,
    WORKBOOK_CELLS,
    WORKBOOK_STRINGS,
    WORKBOOK_ELEMENTS,
    WORKBOOK_NESTING,
    HL7_BYTES,
    HL7_SEGMENTS,
    HL7_SEGMENT_BYTES,
    HL7_FIELDS,
    HL7_PARTS,
    FHIR_BYTES,
    FHIR_NDJSON_BYTES,
    FHIR_LINE_BYTES,
    FHIR_NESTING,
    MAPPING_BYTES,
    MAPPING_NESTING,
    SETTINGS_BYTES,
    SETTINGS_NESTING,
    SHARE_BYTES,
    SHARES,
    MODEL_BYTES,
    MODEL_CHARACTERS,
    MODEL_NESTING,
    TABLE_BYTES,
    TABLE_PATIENT_ROWS,
    TABLE_LINE_CHARACTERS,
    TABLE_COLUMNS,
    EXPORT_BYTES,
    RECORDS_BYTES,
    RECORDS_VALUE_BYTES,
    FILE_NAME_BYTES,
)
"""Every limit, in the order of the page."""
