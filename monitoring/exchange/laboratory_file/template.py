"""A template of the mapping for a file: its headings, and every key with its choices."""

import json
from pathlib import Path

from dosing import UserError
from monitoring.exchange.laboratory_file.csv_text import decode, rows_of_text
from monitoring.exchange.laboratory_file.layout import (
    SEPARATORS,
    FileLayout,
    content_of,
    is_workbook,
    sheet_in,
)
from monitoring.exchange.laboratory_file.mapping import LEVEL
from monitoring.files import new_file

_TEMPLATE = """\
# The columns of a laboratory's file, for `sirolimus import FILE --mapping THIS`.
# Write a text in quotation marks. Leave a key that does not apply empty.
#
# The headings of the file:
{headings}

[file]
{layout}
heading_row = 1               # the row of the headings

[reading]
# The time zone of the times in the file, such as "{zone}".
time_zone = ""
# iso: 2026-04-03; dmy: 03/04/2026 is 3 April; mdy: 03/04/2026 is 4 March.
date_order = ""
# point: 2.5; comma: 2,5.
decimal_sign = ""
# Texts that mean a missing value, as an empty cell always does. Such a row: refuse or skip.
no_value = ["NA"]
without_value = "refuse"
# A row of a test that is not named in [tests]: refuse or skip.
other_tests = "refuse"

[columns]
# The heading over each column, exactly as above.
record_number = ""
test = ""
value = ""
unit = ""                     # empty if the unit follows the number, as in 7.2 ng/mL
sample_time = ""              # date and time in one column, or else in two:
sample_day = ""
sample_clock = ""
born = ""                     # date of birth: a row of another patient is refused
last_dose = ""                # date and time of the last dose before the sample
assay = ""
laboratory = ""
lower_limit = ""              # limits of normal, in the unit of the value
upper_limit = ""

[tests]
# The laboratory's name of a test, and its name here. One is "{level}".
# "SIRO" = "{level}"
# "ALAT" = "ALT"

[default_units]
# Only for a test without a unit in the file: the laboratory's name, and the unit.
# "SIRO" = "ng/mL"

[assays]
# A text in the column of the assay, and its assay: lc-ms/ms, cmia, emit or other.
# "LCMSMS" = "lc-ms/ms"

[whole_file]
# Values for every row that are in no column.
test = ""
assay = ""
laboratory = ""
"""


def write_template(file: Path, mapping: Path, zone: str) -> tuple[str, ...]:
    """Write a mapping to be filled in for `file`, and return the headings of the file.

    Raises `UserError` if the file cannot be read or the mapping already exists.
    """
    content = content_of(file)
    layout = _layout_of(content)
    headings = tuple(heading for heading in sheet_in(content, layout).headings if heading)
    text = _TEMPLATE.format(
        headings="\n".join(f"#   {_quoted(heading)}" for heading in headings),
        layout=_layout_lines(content, layout),
        zone=zone,
        level=LEVEL,
    )
    try:
        with new_file(mapping) as stream:
            stream.write(text)
    except FileExistsError:
        raise UserError(f"{mapping} already exists. Choose another name.") from None
    except OSError as error:
        raise UserError(
            f"{mapping} cannot be written ({error.strerror}). Choose another place."
        ) from None
    return headings


def _layout_of(content: bytes) -> FileLayout:
    """Return a layout to begin with: the separator that gives the most headings."""
    if is_workbook(content):
        return FileLayout(sheet=_first_sheet(content))
    encoding = None
    try:
        text = decode(content, None)
    except UserError:
        encoding = "windows-1252"
        text = decode(content, encoding)
    separator = max(SEPARATORS, key=lambda name: len(_first_row(text, SEPARATORS[name])))
    return FileLayout(encoding=encoding, separator=separator)


def _first_sheet(content: bytes) -> str:
    from monitoring.exchange.laboratory_file.workbook import (  # noqa: PLC0415 - heavy, Excel only
        sheet_names,
    )

    return sheet_names(content)[0]


def _first_row(text: str, separator: str) -> tuple[object, ...]:
    first = next(rows_of_text(text, separator), None)
    return first.cells if first else ()


def _layout_lines(content: bytes, layout: FileLayout) -> str:
    if is_workbook(content):
        return f"sheet = {_quoted(layout.sheet or '')}"
    doubt = " it is not UTF-8: are the headings above correct?" if layout.encoding else ""
    return (
        f"encoding = {_quoted(layout.encoding or '')}"
        f"                 # utf-8, utf-16 or windows-1252;{doubt} empty: utf-8\n"
        f'separator = "{layout.separator}"           # comma, semicolon or tab'
    )


def _quoted(text: str) -> str:
    """Return a text in TOML, which for a cleaned text is the same as JSON."""
    return json.dumps(text, ensure_ascii=False)
