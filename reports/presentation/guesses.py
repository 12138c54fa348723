"""A guessed mapping in words, for the command line and the app."""

from collections.abc import Iterator

from dosing.quantities.text import quoted
from monitoring.exchange.laboratory_file.guess import FIELD_NAMES, About, ColumnView, Guess
from monitoring.exchange.laboratory_file.mapping import SKIP

NOT_READ = "not read"
_SHOWN_SIGNS = 24


def column_rows(guess: Guess) -> Iterator[tuple[str, str, str]]:
    """Yield each column: its heading, its first cells, and the field it is taken for."""
    for column in guess.columns:
        name = guess.draft.field_at(column.heading)
        yield column.heading, samples_of(column), FIELD_NAMES.get(name, NOT_READ)


def samples_of(column: ColumnView) -> str:
    """Return the first different cells of a column, each cut to a few signs."""
    shown = dict.fromkeys(sample or "(empty)" for sample in column.samples)
    return " · ".join(
        each if len(each) <= _SHOWN_SIGNS else f"{each[: _SHOWN_SIGNS - 1]}…" for each in shown
    )


def reading_rows(guess: Guess) -> Iterator[tuple[str, str]]:
    """Yield how the file is read: sheet or separator, time zone, dates, numbers, tests."""
    draft = guess.draft
    layout = draft.layout
    if draft.in_workbook:
        yield "sheet", layout.sheet or ""
    else:
        yield "separator", layout.separator
        yield "encoding", layout.encoding or "utf-8, or that of its mark"
    yield "headings", f"in row {layout.heading_row}"
    yield "time zone", f"{draft.time_zone} (of this machine)"
    open_ = {each.about for each in guess.questions}
    yield "dates", _NOT_CLEAR if About.DATE_ORDER in open_ else _ORDERS[draft.date_order]
    sign = draft.decimal_sign or "not needed"
    yield "decimal sign", _NOT_CLEAR if About.DECIMAL_SIGN in open_ else sign
    if draft.test:
        yield "test", draft.test
    for name, test in draft.tests.items():
        unit = draft.default_units.get(name)
        what = "left out" if test == SKIP else test
        yield "test", f"{quoted(name)} is {what}{f', in {unit}' if unit else ''}"
    if draft.without_value == "skip":
        yield "without a value", "skipped"


_NOT_CLEAR = "not clear"
_ORDERS = {
    "": "each has one reading",
    "dmy": "the day is first",
    "mdy": "the month is first",
    "iso": "the year is first",
}
