"""The columns of the worklist: texts with their meaning, widths for a screen, and orders.

A meaning is always in a sign or a word, too; the table gives it a colour.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from rich.cells import cell_len

from dosing import plain
from dosing.patient import Age
from dosing.quantities.formatting import count_of, short_date
from monitoring.record.listing import NOTHING
from monitoring.terms import Status, Urgency
from monitoring.worklist_index.row import LevelPoint, WorklistRow
from reports.presentation.ages import age_words, short_age
from tui.app.line_breaks import parts_of

_BESIDE = 3  # the margin and the scroll bar
_GAP = 1  # the last sign of a column is blank
_LEAST_NAME = 12
_LONGEST_KEPT_WORD = 24
_ELLIPSIS = 2  # the signs that say that more words follow
_FAR_ABOVE = Decimal("1.5")
_DAYS_OF_A_YEAR = 365
_LONG_LATE_DAYS = 1000


class PartMeaning(Enum):
    """The meaning of a part of a row; its value is the style of the table."""

    PLAIN = "plain"
    QUIET = "quiet"
    URGENT = "urgent"
    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"
    ABOVE = "above"
    WITHIN = "within"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class RowPart:
    """A part of a cell: its text and its meaning."""

    text: str
    meaning: PartMeaning = PartMeaning.PLAIN


_NEEDS = {
    Urgency.URGENT: RowPart("■ urgent", PartMeaning.URGENT),
    Urgency.OVERDUE: RowPart("▲ overdue", PartMeaning.OVERDUE),
    Urgency.DUE: RowPart("● due", PartMeaning.DUE),
    Urgency.LATER: RowPart("· later", PartMeaning.LATER),
}
"""The sign and the word of each rank."""
_OF_STATUS = {
    Status.ABOVE: PartMeaning.ABOVE,
    Status.WITHIN: PartMeaning.WITHIN,
    Status.BELOW: PartMeaning.BELOW,
    Status.NOT_ASSESSED: PartMeaning.QUIET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistColumn:
    """One column. `from_width` is the narrowest screen that shows it.

    `least` and `most` are the signs of its text, the gap apart; its width follows the rows.
    """

    name: str
    heading: str
    from_width: int
    least: int
    most: int
    parts: "Callable[[WorklistRow, date], tuple[RowPart, ...]]"
    order: "Callable[[WorklistRow], Any]"
    """The sort key; None, which comes last in both directions, where there is nothing."""
    share: int = 0
    """The share of the room that is left; 0 for a width that follows the rows."""
    lines: int = 1
    """The most lines of a long text."""
    keeps_words: bool = False
    """True where no word is divided, up to a very long one: the column is as wide as it."""

    def text(self, row: WorklistRow, day: date) -> str:
        """Return the text of a row on a day."""
        return "".join(part.text for part in self.parts(row, day))


def _one(
    text: "Callable[[WorklistRow], str]",
) -> "Callable[[WorklistRow, date], tuple[RowPart, ...]]":
    return lambda row, _day: (RowPart(text(row) or NOTHING),)


def needs_of(row: WorklistRow) -> RowPart:
    """Return the sign and the word of a row's rank."""
    return _NEEDS[row.urgency]


def due_words(row: WorklistRow, day: date) -> str:
    """Return how late the longest overdue check is, that one is due now, or the next day."""
    if row.overdue_days:
        years, days = row.overdue_days // _DAYS_OF_A_YEAR, row.overdue_days
        return f"{days} d late" if days < _LONG_LATE_DAYS else f"{years} y late"
    if row.due or row.urgent:
        return "now"
    return _next_day(row.next_due, day) if row.next_due else NOTHING


def _next_day(next_due: date, day: date) -> str:
    """Return a day of the coming year without the year, a later one without the day."""
    words = short_date(next_due)
    in_a_year = (next_due - day).days < _DAYS_OF_A_YEAR
    return words.rpartition(" ")[0] if in_a_year else words.partition(" ")[2]


def _due_parts(row: WorklistRow, day: date) -> tuple[RowPart, ...]:
    meaning = _NEEDS[row.urgency].meaning if row.overdue_days else PartMeaning.PLAIN
    return (RowPart(due_words(row, day), meaning),)


def _due_order(row: WorklistRow) -> Any:
    is_open = bool(row.due or row.urgent)
    next_day = row.next_due.toordinal() if row.next_due else None
    if not row.overdue_days and not is_open and next_day is None:
        return None
    return (-row.overdue_days, not is_open, 0 if is_open else next_day or 0)


def level_words(point: LevelPoint) -> str:
    """Return a level between its sign and its word: a cut never removes a digit."""
    sign, _, word = point.mark.partition(" ")
    return f"{sign} {point.text} {word.removesuffix(', censored')}"


def _level_parts(row: WorklistRow, _day: date) -> tuple[RowPart, ...]:
    last = row.last_level
    return (RowPart(NOTHING),) if last is None else (RowPart(level_words(last), _meaning(last)),)


def _meaning(point: LevelPoint) -> PartMeaning:
    return _OF_STATUS[point.status] if point.is_evaluable else PartMeaning.QUIET


def _trend_parts(row: WorklistRow, _day: date) -> tuple[RowPart, ...]:
    return tuple(RowPart(spark(each), _meaning(each)) for each in row.levels) or (RowPart(NOTHING),)


def spark(point: LevelPoint) -> str:
    """Return a sign whose height says without colour where a level is against its target.

    A low bar is below it, a middle one within (by thirds of the target), a high one above, full
    from half as much again; a dot is a level that is not assessed.
    """
    low, high = point.low or Decimal(0), point.high
    if not point.is_evaluable or high is None:
        return "·"
    match point.status:
        case Status.BELOW:
            return "▁"
        case Status.ABOVE:
            return "█" if point.ng_ml > _FAR_ABOVE * high else "▇"
        case Status.WITHIN:
            third = int(3 * (point.ng_ml - low) / (high - low)) if high > low else 1
            return "▃▄▅"[min(max(third, 0), 2)]
        case _:
            return "·"


def _off_target_order(row: WorklistRow) -> Any:
    """Order by the distance of the last level from its target, the furthest above first."""
    last = row.last_level
    if last is None or last.high is None or not last.is_evaluable:
        return None
    if last.status is Status.ABOVE:
        return (0, -last.ng_ml / last.high)
    if last.status is Status.BELOW and last.low:
        return (1, last.ng_ml / last.low)
    return (2, Decimal(0))


def _ago_parts(row: WorklistRow, day: date) -> tuple[RowPart, ...]:
    last = row.last_level
    return (RowPart(f"{(day - last.on).days} d" if last else NOTHING),)


def _age_parts(row: WorklistRow, day: date) -> tuple[RowPart, ...]:
    return (RowPart(short_age(Age.between(row.born, day))),)


def _grade_parts(row: WorklistRow, _day: date) -> tuple[RowPart, ...]:
    if row.grade is None:
        return (RowPart(NOTHING),)
    return (RowPart(str(row.grade), PartMeaning.URGENT if row.grade >= 3 else PartMeaning.PLAIN),)


def _per_m2(row: WorklistRow) -> str:
    return "" if row.mg_per_m2_per_day is None else plain(row.mg_per_m2_per_day, 2)


def _negative(value: "Decimal | int | None") -> Any:
    return None if value is None else -value


def _last(row: WorklistRow, of: "Callable[[LevelPoint], Any]") -> Any:
    return None if row.last_level is None else of(row.last_level)


COLUMNS = (
    WorklistColumn(
        name="needs", heading="Needs", from_width=0, least=9, most=9,
        parts=lambda row, _day: (needs_of(row),), order=lambda row: row.order,
    ),
    WorklistColumn(
        name="name", heading="Name", from_width=0, least=_LEAST_NAME, most=0, share=3, lines=2,
        parts=_one(lambda row: row.name), order=lambda row: row.name.casefold(),
    ),
    WorklistColumn(
        name="record-number", heading="Record №", from_width=0, least=8, most=12, lines=2,
        parts=_one(lambda row: row.record_number), order=lambda row: row.record_number,
    ),
    WorklistColumn(
        name="age", heading="Age", from_width=116, least=7, most=7,
        parts=_age_parts, order=lambda row: -row.born.toordinal(),
    ),
    WorklistColumn(
        name="diagnosis", heading="Diagnosis", from_width=140, least=16, most=0, share=3, lines=2,
        keeps_words=True,
        parts=_one(lambda row: row.diagnosis),
        order=lambda row: row.diagnosis.casefold() or None,
    ),
    WorklistColumn(
        name="dose", heading="Dose", from_width=92, least=11, most=14, lines=2,
        parts=_one(lambda row: row.dose), order=lambda row: _negative(row.daily_mg),
    ),
    WorklistColumn(
        name="target", heading="Target ng/mL", from_width=170, least=12, most=17, lines=2,
        parts=_one(lambda row: row.protocol), order=lambda row: row.protocol or None,
    ),
    WorklistColumn(
        name="per-m2", heading="mg/m²/d", from_width=154, least=7, most=7,
        parts=_one(_per_m2), order=lambda row: _negative(row.mg_per_m2_per_day),
    ),
    WorklistColumn(
        name="level", heading="Last level", from_width=0, least=12, most=19, lines=2,
        parts=_level_parts, order=lambda row: _last(row, lambda last: -last.ng_ml),
    ),
    WorklistColumn(
        name="trend", heading="Levels", from_width=100, least=8, most=8,
        parts=_trend_parts, order=_off_target_order,
    ),
    WorklistColumn(
        name="level-age", heading="Ago", from_width=120, least=6, most=6,
        parts=_ago_parts, order=lambda row: _last(row, lambda last: last.on),
    ),
    WorklistColumn(
        name="due", heading="Due", from_width=78, least=10, most=10,
        parts=_due_parts, order=_due_order,
    ),
    WorklistColumn(
        name="grade", heading="Grade", from_width=78, least=5, most=5,
        parts=_grade_parts, order=lambda row: _negative(row.grade),
    ),
)  # fmt: skip
"""All columns; those with a share divide the room that is left."""
USUAL_ORDER = COLUMNS[0]
"""The column by which the list is sorted from the beginning: the most urgent first."""


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column with its width on the screen, gap included, and the place where it begins."""

    column: WorklistColumn
    start: int
    width: int

    @property
    def room(self) -> int:
        """The signs of its text."""
        return self.width - _GAP


def columns_for(width: int, rows: Iterable[WorklistRow], day: date) -> tuple[PlacedColumn, ...]:
    """Return the columns for a screen of so many signs, as wide as the rows need.

    >>> from datetime import date
    >>> [each.column.name for each in columns_for(80, (), date(2026, 11, 24))]
    ['needs', 'name', 'record-number', 'level', 'due', 'grade']
    """
    shown = [each for each in COLUMNS if width >= each.from_width]
    rows = list(rows)
    widths = {each.name: _width_of(each, rows, day) for each in shown if not each.share}
    room = width - _BESIDE - sum(widths.values())
    for each in (each for each in reversed(shown) if each.share):
        shares = sum(other.share for other in shown if other.name not in widths)
        least = max(each.least, _longest_word(each, rows, day)) + _GAP
        widths[each.name] = max(least, room * each.share // shares)
        room -= widths[each.name]
    placed, start = [], 0
    for each in shown:
        placed.append(PlacedColumn(each, start, widths[each.name]))
        start += widths[each.name]
    return tuple(placed)


def _width_of(column: WorklistColumn, rows: Sequence[WorklistRow], day: date) -> int:
    """Return the width of a column without a share: its widest text, within its bounds."""
    least = max(column.least, cell_len(column.heading))
    if least >= column.most:
        return least + _GAP
    widest = max((cell_len(column.text(row, day)) for row in rows), default=0)
    return min(max(least, widest), column.most) + _GAP


def _longest_word(column: WorklistColumn, rows: Sequence[WorklistRow], day: date) -> int:
    """Return the signs of the longest word of a column without a width of its own, to a bound."""
    if not column.keeps_words:
        return 0
    texts = {column.text(row, day) for row in rows}
    longest = max((cell_len(word) for text in texts for word in parts_of(text)), default=0)
    return min(longest, _LONGEST_KEPT_WORD) + _ELLIPSIS


def in_order(
    rows: Iterable[WorklistRow], column: WorklistColumn, *, is_reversed: bool = False
) -> list[WorklistRow]:
    """Return the rows by a column; rows alike stay by need, rows without a value come last."""
    by_need = sorted(rows, key=lambda row: row.order)
    if column is USUAL_ORDER:
        return by_need[::-1] if is_reversed else by_need
    keyed = [(column.order(row), row) for row in by_need]
    known = [each for each in keyed if each[0] is not None]
    known.sort(key=lambda each: each[0], reverse=is_reversed)
    return [row for _, row in known] + [row for key, row in keyed if key is None]


def details_of(row: WorklistRow, day: date) -> Iterator[str]:
    """Yield the facts about a patient for which a narrow screen has no column."""
    yield age_words(Age.between(row.born, day))
    yield row.diagnosis
    is_given = row.dose and not row.is_on_hold and _per_m2(row)
    yield (f"{row.dose}, {_per_m2(row)} mg/m² a day" if is_given else row.dose) or "no dose"
    if row.protocol:
        yield f"target {row.protocol} ng/mL"
    last = row.last_level
    if last is not None:
        yield f"level of {short_date(last.on)}"
    counts = {"urgent": row.urgent, "overdue": row.overdue, "due": row.due}
    checks = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    if checks:
        total = sum(counts.values())
        yield f"{checks} {'check' if total == 1 else 'checks'}"


def count_in_words(shown: int, total: int, unit: str = "patient") -> str:
    """Return how many of all are shown.

    >>> count_in_words(17, 17), count_in_words(4, 17), count_in_words(1, 1)
    ('17 patients', '4 of 17 patients', '1 patient')
    """
    return count_of(total, unit) if shown == total else f"{shown:,} of {count_of(total, unit)}"
