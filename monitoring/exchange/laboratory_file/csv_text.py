"""CSV as text cells: the encoding is declared or marked, never guessed."""

import codecs
import csv
import io
from collections.abc import Iterator

from dosing import UserError
from monitoring.exchange.laboratory_file.cells import SheetRow, TextCell

# name in a mapping: how Python calls it
ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "windows-1252": "cp1252"}
# mark at the beginning of a file: the encoding it declares, and how Python calls that
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
_UTF_32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_FORMULA = "is a formula: export the values themselves"


def decode(content: bytes, encoding: str | None) -> str:
    """Return the text of a file in `encoding`, or UTF-8 or what its mark says without one.

    Raises `UserError` where the bytes are not in the encoding, or the mark declares another.
    """
    if content.startswith(_UTF_32_MARKS):
        raise UserError("The file is UTF-32: save it as UTF-8.")
    codec, begin = ENCODINGS[encoding or "utf-8"], 0
    marked = next((each for each in _MARKS if content.startswith(each[0])), None)
    if marked:
        mark, declared, codec = marked
        begin = len(mark)
        if encoding not in {None, declared}:
            raise UserError(
                f"The file begins with the mark of {declared}, but the mapping says {encoding}."
            )
    elif encoding == "utf-16":
        raise UserError("The file has no mark of UTF-16, which the mapping says it is.")
    try:
        text = content[begin:].decode(codec)
    except UnicodeDecodeError:
        advice = "" if encoding else ": state its encoding in the mapping (windows-1252?)"
        raise UserError(f"The file is not {encoding or 'UTF-8'}{advice}.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UserError(
            f"The file has a null sign in line {line}: it is damaged, or in another encoding."
        )
    return text


def rows_of_text(text: str, separator: str) -> Iterator[SheetRow]:
    """Yield the rows; a blank line is a row without cells, as a spreadsheet counts it.

    Raises `UserError` where a quotation mark is not closed: from there on nothing can be told.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield SheetRow(number, tuple(map(_cell, cells)))
    except csv.Error as error:
        raise UserError(f"The file cannot be read after row {number}: {error}.") from None


def _cell(text: str) -> TextCell:
    return TextCell(text, trouble=_FORMULA if text.startswith("=") else "")
