"""CSV as text cells, in a declared or marked encoding, which is never guessed."""

import codecs
import csv
import io
from collections.abc import Iterator

from dosing import UserError
from dosing.quantities.reading_limits import LABORATORY_COLUMNS
from monitoring.exchange.laboratory_file.cells import SheetRow, TextCell

# name in a mapping: Python's name
ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "windows-1252": "cp1252"}
# byte order mark: its encoding, and Python's name of it
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
_UTF_32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_FORMULA = "is a formula. Export the values instead"


def decode(content: bytes, encoding: str | None) -> str:
    """Return the text of a file in `encoding`, by default that of its mark or UTF-8.

    Raises `UserError` for bytes of another encoding, and a mark of another one.
    """
    if content.startswith(_UTF_32_MARKS):
        raise UserError("The file is UTF-32. Save it as UTF-8.")
    codec, begin = ENCODINGS[encoding or "utf-8"], 0
    marked = next((each for each in _MARKS if content.startswith(each[0])), None)
    if marked:
        mark, declared, codec = marked
        begin = len(mark)
        if encoding not in {None, declared}:
            raise UserError(
                f"The file has the mark of {declared}, and the mapping says {encoding}. Correct "
                "the mapping."
            )
    elif encoding == "utf-16":
        raise UserError("The file has no mark of UTF-16. Correct the encoding in the mapping.")
    try:
        text = content[begin:].decode(codec)
    except UnicodeDecodeError:
        advice = "Correct" if encoding else "State"
        example = "" if encoding else ", such as windows-1252"
        raise UserError(
            f"The file is not {encoding or 'UTF-8'}. {advice} its encoding in the mapping{example}."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UserError(
            f"The file has a null character in line {line}. Check its encoding, or export it again."
        )
    return text


def rows_of_text(text: str, separator: str) -> Iterator[SheetRow]:
    """Yield the rows; a blank line is a row without cells, as a spreadsheet counts it.

    Raises `UserError` for an unclosed quotation mark.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            LABORATORY_COLUMNS.check(len(cells), f"Row {number}")  # before cells are made of it
            yield SheetRow(number, tuple(map(_cell, cells)))
    except csv.Error as error:
        raise UserError(
            f"The file cannot be read after row {number} ({error}). Check its quotation marks."
        ) from None


def _cell(text: str) -> TextCell:
    return TextCell(text, trouble=_FORMULA if text.startswith("=") else "")
