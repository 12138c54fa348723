"""The list of patients: a row each, in columns that can be sorted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widgets.data_table import RowKey

from dosing import plain
from monitoring.record.listing import NOTHING, protocol_words
from reports.presentation.ages import short_age
from reports.presentation.due import how_many
from tui.app.actions import bound
from tui.app.text import cell, lines_of, wrapped_cell
from tui.app.widgets.list_table import ListTable

if TYPE_CHECKING:
    from monitoring.levels import LevelAssessment
    from monitoring.record.entries import StoredEntry
    from monitoring.record.patient import Patient
    from monitoring.summary import CurrentDose, PatientSummary

_SMALL = 92
_LEAST_A_SHARE = 5
_BESIDE = 3  # the margin and the scroll bar
_NOT_YET = "…"
_MOST_LINES = 2  # of a long name
_AT_THE_END = (1,)  # a missing value sorts last


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistColumn:
    """One column. `width` is in signs; `from_width` is the narrowest screen that shows it."""

    name: str
    heading: str
    width: int
    from_width: int
    text: "Callable[[PatientSummary], str]"
    order: "Callable[[PatientSummary], Any]"
    """The sort key; the most urgent comes first."""
    small: int = 0
    """The width on a small screen; 0 for the usual one."""
    share: int = 0
    """The share of the room that is left; 0 for a fixed width."""

    @property
    def is_wrapped(self) -> bool:
        """True where a long text continues in a second line."""
        return self.share > 0 or self.small > 0


def _name(summary: "PatientSummary") -> str:
    return summary.record.patient.entry.name


def _record_number(summary: "PatientSummary") -> str:
    return summary.record.patient.entry.record_number


def _age(summary: "PatientSummary") -> str:
    return short_age(summary.age)


def _diagnosis(summary: "PatientSummary") -> str:
    return _diagnosis_words(summary.record.patient.entry)


def _diagnosis_words(patient: "Patient") -> str:
    return patient.diagnosis or patient.anomaly.value.replace("-", " ")


def _protocol(summary: "PatientSummary") -> str:
    return protocol_words(summary.current.prescription) if summary.current else NOTHING


def _dose(summary: "PatientSummary") -> str:
    if summary.current is None:
        return NOTHING
    if not summary.state.is_given:
        return "on hold" if summary.state.hold else "in question"
    return summary.current.prescription.regimen


def _daily_mg(summary: "PatientSummary") -> Any:
    return (0, -summary.current.prescription.daily_mg) if summary.current else _AT_THE_END


def _per_m2(summary: "PatientSummary") -> str:
    return _per_m2_words(summary.current) if summary.current else NOTHING


def _per_m2_order(summary: "PatientSummary") -> Any:
    value = summary.current.mg_per_m2_per_day if summary.current else None
    return _AT_THE_END if value is None else (0, -value)


def _level(summary: "PatientSummary") -> str:
    return _level_words(summary.last_level) if summary.last_level else NOTHING


def _level_order(summary: "PatientSummary") -> Any:
    return (0, -summary.last_level.level_ng_ml) if summary.last_level else _AT_THE_END


def _level_age(summary: "PatientSummary") -> str:
    last = summary.last_level
    return _since_words(last.level.entry.sampled.local.date(), summary) if last else NOTHING


def _level_age_order(summary: "PatientSummary") -> Any:
    return (0, summary.last_level.level.entry.sampled.utc) if summary.last_level else _AT_THE_END


def _due(summary: "PatientSummary") -> str:
    return how_many(summary.due) or NOTHING


def _due_order(summary: "PatientSummary") -> Any:
    urgent = sum(1 for each in summary.due if each.is_urgent)
    overdue = sum(1 for each in summary.due if each.overdue_days)
    return -urgent, -overdue, -len(summary.open_checks)


def _grade(summary: "PatientSummary") -> str:
    grade = summary.highest_open_grade
    return NOTHING if grade is None else str(grade)


COLUMNS = (
    WorklistColumn(
        name="name", heading="Name", width=0, from_width=0, text=_name, order=_name, share=3
    ),
    WorklistColumn(
        name="record-number",
        heading="Record №",
        width=9,
        from_width=0,
        text=_record_number,
        order=_record_number,
    ),
    WorklistColumn(
        name="age",
        heading="Age",
        width=7,
        from_width=100,
        text=_age,
        order=lambda each: each.age.months,
    ),
    WorklistColumn(
        name="diagnosis",
        heading="Diagnosis",
        width=0,
        from_width=120,
        text=_diagnosis,
        order=_diagnosis,
        share=2,
    ),
    WorklistColumn(
        name="protocol",
        heading="Target ng/mL",
        width=16,
        from_width=120,
        text=_protocol,
        order=_protocol,
    ),
    WorklistColumn(
        name="dose", heading="Dose", width=12, from_width=78, text=_dose, order=_daily_mg
    ),
    WorklistColumn(
        name="per-m2", heading="mg/m²/d", width=8, from_width=120, text=_per_m2, order=_per_m2_order
    ),
    WorklistColumn(
        name="level",
        heading="Last level",
        width=28,
        from_width=0,
        text=_level,
        small=20,
        order=_level_order,
    ),
    WorklistColumn(
        name="level-age",
        heading="Ago",
        width=6,
        from_width=108,
        text=_level_age,
        order=_level_age_order,
    ),
    WorklistColumn(name="due", heading="Due", width=11, from_width=0, text=_due, order=_due_order),
    WorklistColumn(
        name="grade",
        heading="Grade",
        width=6,
        from_width=72,
        text=_grade,
        order=lambda each: -(each.highest_open_grade or 0),
    ),
)
"""All columns; those without a width share the room that is left."""


def columns_for(width: int) -> list[tuple[WorklistColumn, int]]:
    """Return the columns for a screen of so many signs, each with its width.

    >>> [column.name for column, _ in columns_for(80)]
    ['name', 'record-number', 'dose', 'level', 'due', 'grade']
    """
    shown = [each for each in COLUMNS if width >= each.from_width]
    is_small = width < _SMALL
    fixed = [each.small if is_small and each.small else each.width for each in shown]
    shares = sum(each.share for each in shown)
    room = max(_LEAST_A_SHARE * shares, width - _BESIDE - sum(fixed))
    return [
        (column, known or room * column.share // shares)
        for column, known in zip(shown, fixed, strict=True)
    ]


def _known_texts(patient: "Patient") -> dict[str, str]:
    """Return the texts that need no summary."""
    return {
        "name": patient.name,
        "record-number": patient.record_number,
        "diagnosis": _diagnosis_words(patient),
    }


def _per_m2_words(current: "CurrentDose") -> str:
    """Return the daily dose per m², if the area is known."""
    value = current.mg_per_m2_per_day
    return NOTHING if value is None else plain(value, 2)


def _level_words(level: "LevelAssessment") -> str:
    """Return the level between its sign and its word: a cut never removes a digit."""
    from monitoring.levels.wording import mark  # noqa: PLC0415 - its imports are heavy

    sign, _, word = mark(level).partition(" ")
    return f"{sign} {level.level.entry} {word.removesuffix(', censored')}"


def _since_words(day: date, summary: "PatientSummary") -> str:
    """Return the number of days from a day to the summary."""
    return f"{(summary.made.local.date() - day).days} d"


class WorklistTable(ListTable):
    """The patients with their summaries; the cursor stays on its patient."""

    BINDINGS: ClassVar[list[BindingType]] = [bound("open", "select_cursor")]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Begin without patients."""
        super().__init__(gap=0, id=id)
        self.patients: tuple[StoredEntry[Patient], ...] = ()
        self._summaries: dict[int, PatientSummary] = {}
        self.sorted_by: WorklistColumn | None = None
        """The column by which the list is sorted; None for the order in which it was found."""
        self._is_reversed = False

    # --- what is listed

    def list_patients(
        self, patients: "tuple[StoredEntry[Patient], ...]", *, keep_summaries: bool
    ) -> None:
        """List these patients, with or without the summaries known so far."""
        self.patients = patients
        if not keep_summaries:
            self._summaries = {}
        self.show_rows()

    def add_patients(self, summaries: "Sequence[PatientSummary]") -> None:
        """List more patients below the others."""
        self._summaries |= {each.record.number: each for each in summaries}
        new = [each.record.patient for each in summaries]
        self.patients += tuple(new)
        for patient in new:
            self._add(patient)

    def fill_in(self, summaries: "Sequence[PatientSummary]") -> None:
        """Fill in the rows of patients who are listed."""
        self._summaries |= {each.record.number: each for each in summaries}
        fits = [self._fill_row(each.record.patient) for each in summaries]
        if not all(fits):
            self.show_rows()

    # --- rows

    def show_rows(self) -> None:
        """Build the rows anew, in the columns that there is room for."""
        under = self.patient_under_cursor
        self.clear(columns=True)
        for column, width in self._shown_columns():
            arrow = (" ▴" if self._is_reversed else " ▾") if column is self.sorted_by else ""
            # The gap between two columns is the last sign of each: nothing is drawn in it.
            self.add_column(cell(column.heading + arrow), width=width, key=column.name)
        for patient in self._ordered():
            self._add(patient)
        if under is not None and under in {each.patient for each in self.patients}:
            self.move_cursor(row=self.get_row_index(str(under)), animate=False)

    def _ordered(self) -> "list[StoredEntry[Patient]]":
        column = self.sorted_by
        if column is None:
            return list(self.patients)
        known = [each for each in self.patients if each.patient in self._summaries]
        rest = [each for each in self.patients if each.patient not in self._summaries]
        known.sort(
            key=lambda each: column.order(self._summaries[each.patient]), reverse=self._is_reversed
        )
        return known + rest

    def _add(self, patient: "StoredEntry[Patient]") -> None:
        texts = [self._text(column, width, patient) for column, width in self._shown_columns()]
        self.add_row(*texts, key=str(patient.patient), height=lines_of(texts))

    def _fill_row(self, patient: "StoredEntry[Patient]") -> bool:
        """Fill a row; return whether it is high enough for its texts."""
        key = str(patient.patient)
        row = self.rows.get(RowKey(key))
        if row is None:
            return True
        texts = {
            column.name: self._text(column, width, patient)
            for column, width in self._shown_columns()
        }
        for name, text in texts.items():
            self.update_cell(key, name, text)
        return row.height >= lines_of(texts.values())

    def _shown_columns(self) -> list[tuple[WorklistColumn, int]]:
        return columns_for(self.screen.size.width)

    def _text(self, column: WorklistColumn, width: int, patient: "StoredEntry[Patient]") -> Text:
        summary = self._summaries.get(patient.patient)
        known = _known_texts(patient.entry)
        text = column.text(summary) if summary else known.get(column.name, _NOT_YET)
        return wrapped_cell(text, width - 1, _MOST_LINES if column.is_wrapped else 1)

    # --- what is where

    @property
    def rows_in_sight(self) -> int:
        """The number of rows there is room for, at least 1."""
        return max(1, self.scrollable_content_region.height)

    @property
    def in_sight(self) -> frozenset[int]:
        """The numbers of the patients whose rows are in sight."""
        first = round(self.scroll_y)
        shown = self._ordered()[first : first + self.scrollable_content_region.height]
        return frozenset(each.patient for each in shown)

    @property
    def patients_in_order(self) -> tuple[int, ...]:
        """The numbers of the patients as they are listed."""
        return tuple(each.patient for each in self._ordered())

    @property
    def patient_under_cursor(self) -> int | None:
        """The number of the patient under the cursor; None in an empty list."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return int(str(self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value))

    @property
    def chosen(self) -> "PatientSummary | None":
        """The summary of the patient under the cursor, once it is known."""
        number = self.patient_under_cursor
        return self._summaries.get(number) if number is not None else None

    # --- sorting

    def sort_by_next(self) -> None:
        """Sort by the next column; after the last, list as found."""
        shown = [column for column, _ in self._shown_columns()]
        place = shown.index(self.sorted_by) + 1 if self.sorted_by in shown else 1
        self._sort_by(shown[place] if place < len(shown) else None)

    def sort_by_heading(self, name: str | None) -> None:
        """Sort by a column, or the other way round where it is sorted by it."""
        column = next(each for each in COLUMNS if each.name == name)
        if column is self.sorted_by:
            self._is_reversed = not self._is_reversed
            self.show_rows()
        else:
            self._sort_by(column)

    def _sort_by(self, column: WorklistColumn | None) -> None:
        self.sorted_by, self._is_reversed = column, False
        self.show_rows()
