"""A mapping to be filled in for a file: its headings, and every key with its choices."""

from collections import Counter
from pathlib import Path

from dosing import UserError
from monitoring.exchange.laboratory_file.csv_text import decode, rows_of_text
from monitoring.exchange.laboratory_file.draft import MappingDraft
from monitoring.exchange.laboratory_file.layout import (
    SEPARATORS,
    FileLayout,
    content_of,
    is_workbook,
    sheet_in,
)
from monitoring.files import new_file

_ROWS_TRIED = 20


def write_template(file: Path, mapping: Path, zone: str) -> tuple[str, ...]:
    """Write a mapping to be filled in for `file`, and return the headings of the file.

    Raises `UserError` if the file cannot be read or the mapping already exists.
    """
    content = content_of(file)
    layout = layout_of(content)
    headings = tuple(heading for heading in sheet_in(content, layout).headings if heading)
    draft = MappingDraft(
        headings=headings, layout=layout, in_workbook=is_workbook(content), example_zone=zone
    )
    write_mapping(mapping, draft.text())
    return headings


def write_mapping(mapping: Path, text: str) -> None:
    """Write a mapping to a new file. Raises `UserError` if it cannot be written or exists."""
    try:
        with new_file(mapping) as stream:
            stream.write(text)
    except FileExistsError:
        raise UserError(f"{mapping} already exists. Choose another name.") from None
    except OSError as error:
        raise UserError(
            f"{mapping} cannot be written ({error.strerror}). Choose another place."
        ) from None


def layout_of(content: bytes) -> FileLayout:
    """Return a layout to begin with: the separator that gives the most cells in a row."""
    if is_workbook(content):
        return FileLayout(sheet=_first_sheet(content))
    encoding = None
    try:
        text = decode(content, None)
    except UserError:
        encoding = "windows-1252"
        text = decode(content, encoding)
    separator = max(SEPARATORS, key=lambda name: _width(text, SEPARATORS[name]))
    return FileLayout(encoding=encoding, separator=separator)


def _first_sheet(content: bytes) -> str:
    from monitoring.exchange.laboratory_file.workbook import (  # noqa: PLC0415 - heavy, Excel only
        sheet_names,
    )

    return sheet_names(content)[0]


def _width(text: str, separator: str) -> int:
    """Return the cells beyond the first of the rows of one width; 0 for text that is not CSV."""
    widths = Counter[int]()
    try:
        for row in rows_of_text(text, separator):
            widths[len(row.cells)] += 1
            if row.number >= _ROWS_TRIED:
                break
    except UserError:
        return 0
    return max((count * (width - 1) for width, count in widths.items()), default=0)
