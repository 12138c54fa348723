"""The worklist's columns: what each shows of a patient, and by what it sorts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitoring.record.listing import NOTHING, dose_words, protocol_words
from reports.presentation.ages import short_age
from reports.presentation.due import how_many
from tui.app.wording import (
    level_words,
    per_m2_words,
    since_words,
)

if TYPE_CHECKING:
    from monitoring.record.patient import Patient
    from monitoring.summary import PatientSummary

_SMALL = 92
_LEAST_A_SHARE = 5
_BESIDE = 3  # the margin and the scroll bar
_AT_THE_END = (1,)  # what is not there sorts behind what is


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistColumn:
    """One column. `width` is in signs; `from_width` is the narrowest screen that shows it."""

    name: str
    heading: str
    width: int
    from_width: int
    text: "Callable[[PatientSummary], str]"
    order: "Callable[[PatientSummary], Any]"
    """By what the column sorts; the most urgent comes first."""
    small: int = 0
    """The width on a small screen, where it is another."""
    share: int = 0
    """Of the room that is left; 0 for a column of a fixed width."""

    @property
    def is_wrapped(self) -> bool:
        """Whether a text that is too long for the column goes on in a second line."""
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
    return dose_words(summary.current.prescription) if summary.current else NOTHING


def _daily_mg(summary: "PatientSummary") -> Any:
    return (0, -summary.current.prescription.daily_mg) if summary.current else _AT_THE_END


def _per_m2(summary: "PatientSummary") -> str:
    return per_m2_words(summary.current) if summary.current else NOTHING


def _per_m2_order(summary: "PatientSummary") -> Any:
    value = summary.current.mg_per_m2_per_day if summary.current else None
    return _AT_THE_END if value is None else (0, -value)


def _level(summary: "PatientSummary") -> str:
    return level_words(summary.last_level) if summary.last_level else NOTHING


def _level_order(summary: "PatientSummary") -> Any:
    return (0, -summary.last_level.level_ng_ml) if summary.last_level else _AT_THE_END


def _level_age(summary: "PatientSummary") -> str:
    last = summary.last_level
    return since_words(last.level.entry.sampled.local.date(), summary) if last else NOTHING


def _level_age_order(summary: "PatientSummary") -> Any:
    return (0, summary.last_level.level.entry.sampled.utc) if summary.last_level else _AT_THE_END


def _due(summary: "PatientSummary") -> str:
    return how_many(summary.due) or NOTHING


def _due_order(summary: "PatientSummary") -> Any:
    overdue = sum(1 for each in summary.due if each.overdue_days)
    return -overdue, -len(summary.open_checks)


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


def known_texts(patient: "Patient") -> dict[str, str]:
    """Return the columns that are known before it is known where the patient stands."""
    return {
        "name": patient.name,
        "record-number": patient.record_number,
        "diagnosis": _diagnosis_words(patient),
    }
