"""A guess of a file's mapping, from its headings and its cells, for a person to confirm.

Whatever has more than one reading is a question, and never guessed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import Any

from dosing import UserError, clean
from dosing.quantities.text import quoted
from monitoring.exchange.incoming import ResultStatus
from monitoring.exchange.laboratory_file.cells import SheetRow, SourceSheet, StoredAs, TextCell
from monitoring.exchange.laboratory_file.draft import MappingDraft
from monitoring.exchange.laboratory_file.headings import (
    field_of,
    generic_field_of,
    is_level_name,
    known_test,
    name_and_unit,
    names_sirolimus,
    speaks_of_other_time,
)
from monitoring.exchange.laboratory_file.layout import FileLayout, is_workbook, sheet_in
from monitoring.exchange.laboratory_file.mapping import LEVEL, READ, SKIP
from monitoring.exchange.laboratory_file.template import layout_of
from monitoring.exchange.result_text import (
    is_laboratory_unit,
    is_level_unit,
    plain_signs,
    read_result,
)
from monitoring.exchange.status_text import read_status
from monitoring.record.level import Assay
from monitoring.time_text import DateOrder, read_clock, read_day, read_instant
from monitoring.times import Moment

FIELD_NAMES: Map[str, str] = MappingProxyType(
    {
        "record_number": "record number", "test": "test", "value": "result", "unit": "unit",
        "sample_time": "time of the sample", "sample_day": "day of the sample",
        "sample_clock": "time of day of the sample", "born": "date of birth",
        "last_dose": "time of the last dose", "assay": "assay", "laboratory": "laboratory",
        "lower_limit": "lower limit", "upper_limit": "upper limit", "range": "range of normal",
        "status": "status",
    }
)  # fmt: skip
"""The fields of `MappedColumns` in words."""

_ROWS_KEPT = 5_000  # of which dates, numbers and units are looked at
_TEXTS_KEPT = 500  # different texts of a column, from all rows
_HEADING_ROWS_TRIED = 20
_SAMPLES = 3
_NO_VALUES = frozenset({"NA", "N/A", "n/a", "na", "n.a.", "n. a.", "-", "--", "---", "nan"})
_NUMBER = re.compile(r"[0-9](?:[0-9.,]*[0-9])?")
_GROUP = 3
_SHOWN_NAMES = 6
_ONE_OF_EACH = ("record_number", "value")


class About(Enum):
    """The subject of a question."""

    COLUMN = "column"
    DATE_ORDER = "date order"
    DECIMAL_SIGN = "decimal sign"
    TEST = "test"
    UNIT = "unit"
    ASSAY = "assay"
    STATUS = "status"
    HIDDEN = "hidden"
    SHEET = "sheet"


@dataclass(frozen=True, slots=True)
class Question:
    """An open point of a file, with the possible answers: a label and a value each."""

    about: About
    of: str
    """The field, test or word that it is about; may be empty."""
    text: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of a file: its heading, and its first cells."""

    place: int
    heading: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """A draft of the mapping of a file, and what the file leaves open by it."""

    draft: MappingDraft
    columns: tuple[ColumnView, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]
    """What else a person should know before confirming."""
    table: "FileTable" = field(repr=False)

    def by(self, draft: MappingDraft) -> "Guess":
        """Return the guess with another draft, and the questions that are open by it."""
        questions, notes = _questions(self.table, draft), _notes(self.table, draft)
        return replace(self, draft=draft, questions=tuple(questions), notes=tuple(notes))

    def answered(self, question: Question, answer: str) -> "Guess":
        """Return the guess with one question answered."""
        return self.by(_answered(self.draft, question, answer))


@dataclass(frozen=True, slots=True)
class FileTable:
    """The first rows of a file, and the different texts of each column."""

    headings: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    texts: tuple[Map[str, None], ...]
    hidden_rows: int
    other_sheets: tuple[str, ...]
    alike_sheets: tuple[str, ...] = ()
    """The sheets that may hold results, where there are several."""

    def cells(self, heading: str) -> Iterator[TextCell]:
        """Yield the cells of a column that are not empty."""
        if heading not in self.headings:
            return
        place = self.headings.index(heading)
        for row in self.rows:
            if place < len(row.cells) and row.cells[place].text.strip():
                yield row.cells[place]

    def words(self, heading: str) -> tuple[str, ...]:
        """Return the different texts of a column, cleaned, without empty ones."""
        if heading not in self.headings:
            return ()
        return tuple(self.texts[self.headings.index(heading)])


def guess_mapping(content: bytes, zone: str, sheet: str | None = None) -> Guess:
    """Return the guess of a file's mapping; `zone` is the time zone of this machine.

    Raises `UserError` for a file that cannot be read, and for one without known headings.
    """
    layout, alike = _layout(content, sheet)
    table = _table(sheet_in(content, layout), alike)
    draft = _draft(table, layout, in_workbook=is_workbook(content), zone=zone)
    columns = tuple(
        ColumnView(place, heading, _samples(table, place))
        for place, heading in enumerate(table.headings)
        if heading
    )
    return Guess(draft, columns, (), (), table).by(draft)


# --- the layout


def _layout(content: bytes, sheet: str | None) -> tuple[FileLayout, tuple[str, ...]]:
    """Return the layout with the row that has the most known headings, and sheets like it."""
    first = layout_of(content)
    if not is_workbook(content):
        return _with_headings(content, first)[0], ()
    from monitoring.exchange.laboratory_file.workbook import (  # noqa: PLC0415 - heavy, Excel only
        sheet_names,
    )

    tried = {name: _with_headings(content, FileLayout(sheet=name)) for name in sheet_names(content)}
    if sheet is not None:
        if sheet not in tried:
            raise UserError(f"The workbook has no sheet {quoted(sheet)}. Choose another one.")
        return tried[sheet][0], ()
    best = max(score for _, score in tried.values())
    alike = tuple(name for name, (_, score) in tried.items() if score >= min(best, _ENOUGH))
    return tried[max(tried, key=lambda name: tried[name][1])][0], alike if len(alike) > 1 else ()


_ENOUGH = 3  # known headings of a table of results


def _with_headings(content: bytes, layout: FileLayout) -> tuple[FileLayout, int]:
    """Return a layout with the row of the headings, and how many of them are known."""
    best, row = 0, 1
    for number, texts in _first_rows(content, layout):
        known = len({name for text in texts if (name := _known(text))})
        if known > best:
            best, row = known, number
    return replace(layout, heading_row=row), best


def _known(text: str) -> str | None:
    name = name_and_unit(text)[0]
    return field_of(text) or generic_field_of(text) or ("level" if is_level_name(name) else None)


def _first_rows(content: bytes, layout: FileLayout) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the number and texts of the first rows, whichever of them has the headings."""
    try:
        sheet = sheet_in(content, replace(layout, heading_row=1))
    except UserError:  # an empty first row: headings are further down
        for row in range(2, _HEADING_ROWS_TRIED + 1):
            try:
                sheet = sheet_in(content, replace(layout, heading_row=row))
            except UserError:
                continue
            break
        else:
            return
        yield row, sheet.headings
    else:
        yield 1, sheet.headings
    for below in sheet.rows:
        if below.number > _HEADING_ROWS_TRIED:
            return
        yield below.number, tuple(clean(cell.text) for cell in below.cells)


def _table(sheet: SourceSheet, alike: tuple[str, ...]) -> FileTable:
    rows: list[SheetRow] = []
    texts: tuple[dict[str, None], ...] = tuple({} for _ in sheet.headings)
    hidden = 0
    for row in sheet.rows:
        if row.is_empty:
            continue
        hidden += row.is_hidden
        if len(rows) < _ROWS_KEPT:
            rows.append(row)
        for cell, seen in zip(row.cells, texts, strict=False):
            if len(seen) < _TEXTS_KEPT and (text := clean(cell.text)):
                seen[text] = None
    return FileTable(
        sheet.headings, tuple(rows), tuple(map(MappingProxyType, texts)), hidden,
        sheet.other_sheets, alike,
    )  # fmt: skip


def _samples(table: FileTable, place: int) -> tuple[str, ...]:
    return tuple(
        clean(row.cells[place].text) for row in table.rows[:_SAMPLES] if place < len(row.cells)
    )


# --- the draft


def _draft(table: FileTable, layout: FileLayout, *, in_workbook: bool, zone: str) -> MappingDraft:
    columns = _columns(table)
    value = columns.get("value", "")
    placeholders = tuple(text for text in table.words(value) if text in _NO_VALUES)
    has_empty = value and len(list(table.cells(value))) < len(table.rows)
    tests, whole = _tests(table, columns)
    named = tests or ({whole: whole} if whole else {})
    draft = MappingDraft(
        headings=table.headings,
        layout=layout,
        in_workbook=in_workbook,
        time_zone=zone,
        no_value=placeholders or ("NA",),
        without_value=SKIP if placeholders or has_empty else "refuse",
        other_tests=SKIP,
        columns=MappingProxyType(columns),
        tests=MappingProxyType(tests),
        test=whole,
        default_units=MappingProxyType(_heading_units(value, named)),
        ignores_status=False,
    )
    return replace(
        draft,
        date_order=_date_order(table, draft) or "",
        decimal_sign=_decimal_sign(table, draft) or "",
    )


def _columns(table: FileTable) -> dict[str, str]:
    """Return the heading of each field, where one column alone is taken for it."""
    headings = tuple(filter(None, table.headings))
    named = _by_field(headings, field_of)
    generic = _by_field([each for each in headings if not field_of(each)], generic_field_of)
    times = named.pop("sample_time", []), generic.pop("sample_time", [])
    found = {name: all_[0] for name, all_ in (generic | named).items() if len(all_) == 1}
    found |= _sample_columns(table, *times)
    free = [each for each in headings if not field_of(each) and each not in found.values()]
    for name, is_one in _BY_CONTENT.items():
        alike = [each for each in free if is_one(table.words(each))]
        if name not in found and name not in named and len(alike) == 1:
            found[name] = alike[0]
            free.remove(alike[0])
    if not any(times):
        moments = [each for each in free if _kind(table.words(each)) == "sample_time"]
        if len(moments) == 1 and not speaks_of_other_time(moments[0]):
            found["sample_time"] = moments[0]
    levels = [each for each in free if is_level_name(name_and_unit(each)[0])]
    if "value" not in found and len(levels) == 1:
        found["value"] = levels[0]
        found.pop("test", None)
    return found


def _by_field(
    headings: Iterable[str], field_named: Callable[[str], str | None]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for heading in headings:
        if name := field_named(heading):
            found.setdefault(name, []).append(heading)
    return found


def _sample_columns(table: FileTable, named: list[str], generic: list[str]) -> dict[str, str]:
    """Return the column of the sample's time, or those of its day and time of day.

    A column with a name of its own goes before one that is only called "Date".
    """
    for headings in (named, [*named, *generic]):
        kinds: dict[str, list[str]] = {}
        for heading in headings:
            if kind := _kind(table.words(heading)):
                kinds.setdefault(kind, []).append(heading)
        moments, days, clocks = (
            kinds.get(name, []) for name in ("sample_time", "sample_day", "sample_clock")
        )
        if len(moments) == 1 and not days:
            return {"sample_time": moments[0]}
        if not moments and len(days) == len(clocks) == 1:
            return {"sample_day": days[0], "sample_clock": clocks[0]}
        if len(moments) > 1 or len(days) > 1:
            return {}
    return {}


def _kind(texts: tuple[str, ...]) -> str:
    """Return the field for a column of times by its texts: moments, days or times of day."""
    if not texts:
        return ""
    readers: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("sample_clock", _is_clock),
        ("sample_day", _is_day),
        ("sample_time", _is_moment),
    )
    counts = {name: sum(map(reads, texts)) for name, reads in readers}
    return next((name for name, count in counts.items() if 2 * count > len(texts)), "")


def _is_clock(text: str) -> bool:
    return _reads(lambda: read_clock(text))


def _is_day(text: str) -> bool:
    return any(_reads(partial(read_day, text, order)) for order in _ORDERS)


def _is_moment(text: str) -> bool:
    return any(_reads(partial(_read_moment, text, order)) for order in _ORDERS)


_ORDERS = (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)


def _read_moment(text: str, order: DateOrder | None) -> Moment:
    return read_instant(text, order, "UTC")


def _reads(read: Callable[[], object]) -> bool:
    try:
        read()
    except UserError:
        return False
    return True


def _are_units(texts: tuple[str, ...]) -> bool:
    return bool(texts) and all(is_level_unit(each) or is_laboratory_unit(each) for each in texts)


def _are_statuses(texts: tuple[str, ...]) -> bool:
    """Return whether all texts are words of a status; a letter alone may be F for female."""
    return bool(texts) and all(len(each) > 1 and read_status(each) for each in texts)


def _are_tests(texts: tuple[str, ...]) -> bool:
    return any(is_level_name(each) for each in texts)


_BY_CONTENT: Map[str, Callable[[tuple[str, ...]], bool]] = MappingProxyType(
    {"test": _are_tests, "unit": _are_units, "status": _are_statuses}
)


def _tests(table: FileTable, columns: Map[str, str]) -> tuple[dict[str, str], str]:
    """Return the known tests by the file's names, or the one test of the whole file."""
    if "test" in columns:
        names = table.words(columns["test"])
        known = ((name, LEVEL if is_level_name(name) else known_test(name)) for name in names)
        return {name: test for name, test in known if test}, ""
    value = name_and_unit(columns.get("value", ""))[0]
    return {}, LEVEL if is_level_name(value) else ""


def _heading_units(value: str, tests: Map[str, str]) -> dict[str, str]:
    """Return the unit in the heading of the results, for the tests that it can be of."""
    unit = name_and_unit(value)[1]
    if not unit:
        return {}
    return {
        name: unit
        for name, test in tests.items()
        if (is_level_unit(unit) if test == LEVEL else is_laboratory_unit(unit))
    }


def _date_order(table: FileTable, draft: MappingDraft) -> str | None:
    """Return the order by which every date can be read; None if that is open, "" if any."""
    names = ("sample_time", "sample_day", "born", "last_dose")
    texts = [
        text for name in names for text in table.words(draft.columns.get(name, ""))
        if not _reads_without_order(text)
    ]  # fmt: skip
    known = [
        order
        for order in _ORDERS
        if all(_is_day_by(text, order) for text in _all_dates(table, draft))
    ]
    if not texts:
        return ""
    return known[0].value if len(known) == 1 else None


def _all_dates(table: FileTable, draft: MappingDraft) -> Iterator[str]:
    for name in ("sample_time", "sample_day", "born", "last_dose"):
        for text in table.words(draft.columns.get(name, "")):
            if _is_day(text) or _is_moment(text):
                yield text


def _is_day_by(text: str, order: DateOrder) -> bool:
    return any(_reads(partial(read, text, order)) for read in (read_day, _read_moment))


def _reads_without_order(text: str) -> bool:
    ambiguous = "is day-month or month-day"
    for read in (read_day, _read_moment):
        try:
            read(text, None)
        except UserError as error:
            if ambiguous in str(error):
                return False
        else:
            return True
    return True


def _decimal_sign(table: FileTable, draft: MappingDraft) -> str | None:
    """Return the decimal sign that the numbers show; None if that is open, "" if not needed."""
    evidence: set[str] = set()
    is_open = False
    for name in ("value", "lower_limit", "upper_limit", "range"):
        for cell in table.cells(draft.columns.get(name, "")):
            if cell.stored is not StoredAs.TEXT:
                continue
            for number in _NUMBER.findall(cell.text):
                sign, is_clear = _sign_of(number)
                is_open |= bool(sign) and not is_clear
                if is_clear:
                    evidence.add(sign)
    if len(evidence) == 1:
        return "comma" if evidence == {","} else "point"
    return None if evidence or is_open else ""


def _sign_of(number: str) -> tuple[str, bool]:
    """Return the sign of a number that is or may be decimal, and whether that is clear.

    >>> _sign_of("7,2"), _sign_of("1.234"), _sign_of("1.234,5"), _sign_of("0.412"), _sign_of("41")
    ((',', True), ('.', False), (',', True), ('.', True), ('', False))
    """
    signs = [sign for sign in number if sign in ",."]
    if not signs:
        return "", False
    last = signs[-1]
    if len(set(signs)) > 1:
        return last, True
    if len(signs) > 1:
        return ("." if last == "," else ","), True
    whole, _, fraction = number.partition(last)
    is_clear = len(fraction) != _GROUP or len(whole) > _GROUP or whole.startswith("0")
    return last, is_clear


# --- questions


def _questions(table: FileTable, draft: MappingDraft) -> Iterator[Question]:
    """Yield what the file leaves open by a draft."""
    if table.alike_sheets:
        yield Question(
            About.SHEET, "", "Several sheets may hold the results. Which one is read?",
            tuple((name, name) for name in table.alike_sheets),
        )  # fmt: skip
    yield from _open_columns(table, draft)
    if not draft.date_order and _date_order(table, draft) is None:
        yield Question(
            About.DATE_ORDER, "", f"{_example_of_date(table, draft)} is a date of two readings.",
            (("the day is first", "dmy"), ("the month is first", "mdy")),
        )  # fmt: skip
    if not draft.decimal_sign and _decimal_sign(table, draft) is None:
        yield Question(
            About.DECIMAL_SIGN, "", "The decimal sign of the numbers is not clear.",
            (("point: 2.5", "point"), ("comma: 2,5", "comma")),
        )  # fmt: skip
    yield from _open_tests(table, draft)
    yield from _open_units(table, draft)
    for word in _words_of_assays(table, draft):
        yield Question(
            About.ASSAY, word, f"The assay {quoted(word)} is not known.",
            tuple((each.value, each.value) for each in Assay),
        )  # fmt: skip
    for word in table.words(draft.columns.get("status", "")):
        if read_status(word) is None and word not in draft.statuses:
            yield Question(
                About.STATUS, word, f"The status {quoted(word)} is not known.",
                tuple((each.value, each.value) for each in ResultStatus),
            )  # fmt: skip
    if table.hidden_rows and not draft.hidden:
        yield Question(
            About.HIDDEN, "", f"Excel hides or filters {table.hidden_rows} of the rows.",
            (("skip them", SKIP), ("read them", READ)),
        )  # fmt: skip


def _open_columns(table: FileTable, draft: MappingDraft) -> Iterator[Question]:
    columns = draft.columns
    options = tuple((heading, heading) for heading in table.headings if heading)
    for name in _ONE_OF_EACH:
        if name not in columns:
            text = f"The column of the {FIELD_NAMES[name]} is not clear."
            yield Question(About.COLUMN, name, text, options)
    if "sample_time" not in columns and not {"sample_day", "sample_clock"} <= columns.keys():
        text = "The column of the sample's time, or those of its day and its time, is not clear."
        yield Question(About.COLUMN, "sample_time", text, options)
    if "test" not in columns and not draft.test:
        whole = ("the file holds only sirolimus levels", LEVEL)
        yield Question(About.COLUMN, "test", "The column of the test is not clear.",
                       (*options, whole))  # fmt: skip


def _open_tests(table: FileTable, draft: MappingDraft) -> Iterator[Question]:
    options = ((LEVEL, LEVEL), ("leave out", SKIP))
    for name in table.words(draft.columns.get("test", "")):
        if names_sirolimus(name) and name not in draft.tests:
            text = f"The test {quoted(name)} names sirolimus. Is it the level?"
            yield Question(About.TEST, name, text, options)
    if "test" in draft.columns and set(draft.tests.values()) <= {SKIP}:
        names = [each for each in table.words(draft.columns["test"]) if not names_sirolimus(each)]
        if names:
            yield Question(
                About.TEST, "", "No name of a test is known. Which one is the sirolimus level?",
                tuple((name, name) for name in names),
            )  # fmt: skip


def _open_units(table: FileTable, draft: MappingDraft) -> Iterator[Question]:
    """Yield a question for each test with a number that has no unit."""
    lacking: dict[str, None] = {}
    for test, row in _rows_of_tests(table, draft):
        if test not in draft.default_units and not row("unit") and _is_number_alone(row("value")):
            lacking[test] = None
    for test in lacking:
        kept = draft.tests.get(test, test)
        units = ("ng/mL", "ug/L", "nmol/L") if kept == LEVEL else _units_of(kept)
        yield Question(
            About.UNIT, test, f"Results of {quoted(test)} have no unit.",
            tuple((unit, unit) for unit in units),
        )  # fmt: skip


def _words_of_assays(table: FileTable, draft: MappingDraft) -> Iterator[str]:
    """Yield the words of assays of levels that are not known."""
    known = {each.value for each in Assay} | draft.assays.keys()
    words = {
        row("assay"): None
        for test, row in _rows_of_tests(table, draft)
        if draft.tests.get(test, test) == LEVEL
    }
    yield from (word for word in words if word and word not in known)


def _rows_of_tests(
    table: FileTable, draft: MappingDraft
) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield the file's name of the test of each row that is read, and its text by field."""
    places = {
        name: table.headings.index(heading)
        for name, heading in draft.columns.items()
        if heading in table.headings
    }

    def reader(row: SheetRow) -> Callable[[str], str]:
        def text(name: str) -> str:
            place = places.get(name)
            has_cell = place is not None and place < len(row.cells)
            return clean(row.cells[place].text) if has_cell and place is not None else ""

        return text

    for row in table.rows:
        text = reader(row)
        test = text("test") if "test" in places else draft.test
        if draft.tests.get(test, SKIP) != SKIP or (test and test == draft.test):
            yield test, text


def options_for_tests() -> tuple[tuple[str, str], ...]:
    """Return what a test of a file may be: left out, the sirolimus level, or a known test."""
    from monitoring.laboratory.tests import TESTS  # noqa: PLC0415 - for a choice alone

    known = ((each.name, each.name) for each in TESTS)
    return (("leave out", SKIP), (LEVEL, LEVEL), *known)


def _units_of(test: str) -> tuple[str, ...]:
    from monitoring.laboratory.tests import find_test  # noqa: PLC0415 - for a question alone

    known = find_test(test)
    return known.units if known else ()


def _is_number_alone(text: str) -> bool:
    plain = plain_signs(text.strip())
    try:
        result = read_result(plain, "comma" if "," in plain else "point")
    except UserError:
        return False
    return result.number[:1].isdigit() and not result.rest.strip()


def _example_of_date(table: FileTable, draft: MappingDraft) -> str:
    return next(
        (quoted(text) for text in _all_dates(table, draft) if not _reads_without_order(text)),
        "One date",
    )


_KEY_OF = MappingProxyType(
    {
        About.DATE_ORDER: "date_order", About.DECIMAL_SIGN: "decimal_sign", About.HIDDEN: "hidden",
        About.TEST: "tests", About.UNIT: "default_units", About.STATUS: "statuses",
        About.ASSAY: "assays",
    }
)  # fmt: skip


def _answered(draft: MappingDraft, question: Question, answer: str) -> MappingDraft:
    """Return a draft with an answer. Raises `UserError` for the choice of a sheet: guess again."""
    of, about = question.of, question.about
    if about is About.SHEET:
        raise UserError("Another sheet has other columns. Read the file again with it.")
    if about is About.COLUMN:
        is_whole_file = of == "test" and answer == LEVEL
        return replace(draft, test=LEVEL) if is_whole_file else draft.taking(answer, of)
    key, kept = _KEY_OF[about], getattr(draft, _KEY_OF[about])
    added = {of: answer} if of else {answer: LEVEL}
    changed = answer if isinstance(kept, str) else MappingProxyType({**kept, **added})
    changes: dict[str, Any] = {key: changed}
    return replace(draft, **changes)


def _notes(table: FileTable, draft: MappingDraft) -> Iterator[str]:
    """Yield what is left out or assumed without a question."""
    if draft.layout.encoding:
        yield f"The file is not UTF-8. It is read as {draft.layout.encoding}: check its letters."
    names = table.words(draft.columns.get("test", ""))
    others = [name for name in names if draft.tests.get(name, SKIP) == SKIP]
    if others:
        shown = ", ".join(map(quoted, others[:_SHOWN_NAMES]))
        more = f" and {len(others) - _SHOWN_NAMES} more" if len(others) > _SHOWN_NAMES else ""
        yield f"Tests that are skipped: {shown}{more}."
    if draft.test:
        tests = [
            heading for heading in table.headings
            if heading not in draft.columns.values() and known_test(name_and_unit(heading)[0])
        ]  # fmt: skip
        if tests:
            yield f"Columns of other tests are not read: {', '.join(map(quoted, tests))}."
    if table.other_sheets:
        yield f"Sheets that are not read: {', '.join(map(quoted, table.other_sheets))}."
    for name in FIELD_NAMES:
        alike = [heading for heading in table.headings if heading and field_of(heading) == name]
        if len(alike) > 1 and name not in draft.columns and name != "sample_time":
            shown = ", ".join(map(quoted, alike))
            yield f"Several columns may be the {FIELD_NAMES[name]}: {shown}. None is read."
