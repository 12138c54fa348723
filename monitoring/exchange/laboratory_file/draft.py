"""A mapping that may lack answers: empty, as it is filled in by a person, or guessed."""

import json
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from monitoring.exchange.laboratory_file.layout import FileLayout
from monitoring.exchange.laboratory_file.mapping import (
    IGNORE,
    LEVEL,
    MappedColumns,
    Mapping,
    mapping_of,
)

_NOTHING: Map[str, str] = MappingProxyType({})
STATUS = "status"
_TEMPLATE = """\
# The columns of a laboratory's file, for `sirolimus import FILE --mapping THIS`.
# Write a text in quotation marks. Leave a key that does not apply empty.
#
# The headings of the file:
{headings}
{open}
[file]
{layout}
heading_row = {heading_row}               # the row of the headings
{kept}
[reading]
# The time zone of the times in the file, such as "{example_zone}".
time_zone = {time_zone}
# iso: 2026-04-03; dmy: 03/04/2026 is 3 April; mdy: 03/04/2026 is 4 March.
date_order = {date_order}
# point: 2.5; comma: 2,5.
decimal_sign = {decimal_sign}
# Texts that mean a missing value, as an empty cell always does. Such a row: refuse or skip.
no_value = {no_value}
without_value = {without_value}
# A row of a test that is not named in [tests]: refuse or skip.
other_tests = {other_tests}
# Rows that Excel hides or filters: read or skip; empty: refuse. A hidden column or sheet: read.
hidden = {hidden}
# ignore: a column that looks like the status of a result is not one.
status = {status_key}

[columns]
# The heading over each column, exactly as above.
record_number = {record_number}
test = {test}
value = {value}
unit = {unit}                     # empty if the unit follows the number, as in 7.2 ng/mL
sample_time = {sample_time}              # date and time in one column, or else in two:
sample_day = {sample_day}
sample_clock = {sample_clock}
born = {born}                     # date of birth: a row of another patient is refused
last_dose = {last_dose}                # date and time of the last dose before the sample
assay = {assay}
laboratory = {laboratory}
lower_limit = {lower_limit}              # limits of normal, in the unit of the value
upper_limit = {upper_limit}
range = {range}                    # or both in one cell, as in 0.5 - 1.2
status = {status}                   # final, corrected, preliminary, cancelled, withdrawn

[tests]
# The laboratory's name of a test, and its name here, or "skip". One is "{level}".
# "SIRO" = "{level}"
# "ALAT" = "ALT"
{tests}
[default_units]
# Only for a test without a unit in the file: the laboratory's name, and the unit.
# "SIRO" = "ng/mL"
{default_units}
[assays]
# A text in the column of the assay, and its assay: lc-ms/ms, cmia, emit or other.
# "LCMSMS" = "lc-ms/ms"
{assays}
[statuses]
# A word in the column of the status that is not known: final, corrected, preliminary, cancelled,
# or withdrawn for a result that was entered in error.
# "checked" = "final"
{statuses}
[whole_file]
# Values for every row that are in no column.
test = {whole_test}
assay = ""
laboratory = ""
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingDraft:
    """The keys of a mapping, each of which may be empty."""

    headings: tuple[str, ...]
    layout: FileLayout
    in_workbook: bool = False
    example_zone: str = ""
    time_zone: str = ""
    date_order: str = ""
    decimal_sign: str = ""
    no_value: tuple[str, ...] = ("NA",)
    without_value: str = "refuse"
    other_tests: str = "refuse"
    hidden: str = ""
    columns: Map[str, str] = field(default_factory=lambda: _NOTHING)
    """The heading by the field of `MappedColumns`."""
    tests: Map[str, str] = field(default_factory=lambda: _NOTHING)
    """The test here by the file's name of it; `SKIP` for one that is left out."""
    default_units: Map[str, str] = field(default_factory=lambda: _NOTHING)
    assays: Map[str, str] = field(default_factory=lambda: _NOTHING)
    statuses: Map[str, str] = field(default_factory=lambda: _NOTHING)
    test: str = ""
    """The test of the whole file."""
    ignores_status: bool = False

    def field_at(self, heading: str) -> str:
        """Return the field that a heading is taken for, or ""."""
        return next((name for name, each in self.columns.items() if each == heading), "")

    def taking(self, heading: str, name: str) -> "MappingDraft":
        """Return the draft with a heading taken for a field; "" for none."""
        columns = {key: each for key, each in self.columns.items() if each != heading}
        was_status = self.field_at(heading) == STATUS
        if name:
            columns[name] = heading
        return replace(
            self,
            columns=MappingProxyType(columns),
            ignores_status=STATUS not in columns and (was_status or self.ignores_status),
        )

    def mapping(self) -> Mapping:
        """Return the mapping. Raises `UserError` for a key that is missing or contradicts."""
        return mapping_of(self.text(), "The mapping")

    def text(self, *, keep: bool = False, questions: tuple[str, ...] = ()) -> str:
        """Return the mapping as TOML; with `keep`, for the files of these headings alone.

        `questions` are written at its top, for a person to answer.
        """
        fields = MappedColumns.__dataclass_fields__
        asked = "\n".join(f"#   {' '.join(each.split())}" for each in questions)
        return _TEMPLATE.format(
            headings="\n".join(f"#   {_quoted(each)}" for each in self.headings if each),
            open=f"#\n# To answer:\n{asked}\n" if asked else "",
            layout=self._layout(),
            heading_row=self.layout.heading_row,
            kept=f"headings = {_list(self.headings)}\n" if keep else "",
            example_zone=self.example_zone or self.time_zone,
            time_zone=_quoted(self.time_zone),
            date_order=_quoted(self.date_order),
            decimal_sign=_quoted(self.decimal_sign),
            no_value=_list(self.no_value),
            without_value=_quoted(self.without_value),
            other_tests=_quoted(self.other_tests),
            hidden=_quoted(self.hidden),
            status_key=_quoted(IGNORE if self.ignores_status else ""),
            level=LEVEL,
            tests=_lines(self.tests),
            default_units=_lines(self.default_units),
            assays=_lines(self.assays),
            statuses=_lines(self.statuses),
            whole_test=_quoted(self.test),
            **{name: _quoted(self.columns.get(name, "")) for name in fields},
        )

    def _layout(self) -> str:
        if self.in_workbook:
            return f"sheet = {_quoted(self.layout.sheet or '')}"
        encoding = self.layout.encoding
        doubt = " it is not UTF-8: are the headings above correct?" if encoding else ""
        return (
            f"encoding = {_quoted(encoding or '')}"
            f"                 # utf-8, utf-16 or windows-1252;{doubt} empty: utf-8\n"
            f'separator = "{self.layout.separator}"           # comma, semicolon, tab or pipe'
        )


def _lines(table: Map[str, str]) -> str:
    return "".join(f"{_quoted(name)} = {_quoted(value)}\n" for name, value in table.items())


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    """Return a text in TOML, which for a cleaned text is the same as JSON."""
    return json.dumps(text, ensure_ascii=False)
