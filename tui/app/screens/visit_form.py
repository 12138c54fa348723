"""The visit: weight, blood pressure, level, laboratory values, events and a note on one page."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from dosing import Age, UserError
from dosing.knowledge.ctcae import grades_of
from monitoring.adverse_events.finder import known_term
from monitoring.adverse_events.meaning import grade_lines
from monitoring.event_action import change_after, is_change_missing
from monitoring.laboratory import LaboratoryAssessment
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.entry import Entry
from monitoring.record.entry_checks import is_far_from_last_weight, with_assumed_sample
from monitoring.record.entry_kind import EntryField
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.prescription import MissedDose
from monitoring.restarting import hold_at_last_dose
from monitoring.summary import PatientSummary
from monitoring.times import Moment, field_text, short
from monitoring.visit import PartProblem, VisitPart, VisitResult
from tui.app.screens.entry_forms import (
    WHILE_HELD,
    GradedAnswer,
    trough_text,
    while_held_choice,
)
from tui.app.screens.parts_form import (
    FormPart,
    PartsForm,
    ReadParts,
    RepeatedRows,
    parts_named,
    problem_of,
)
from tui.app.text import section, words
from tui.app.widgets.field import Field
from tui.app.widgets.time_field import TimeField

_MEASURE = FormPart.of("measure", "measurement", "on")
_PRESSURE = FormPart.of("pressure", "laboratory_value", "test", "at", "lower_limit",
                        "upper_limit", "laboratory")  # fmt: skip
_LEVEL = FormPart.of("level", "level")
_TESTS = parts_named(
    FormPart.of(f"test-{number}", "laboratory_value", "at", "laboratory") for number in range(1, 13)
)
_EVENTS = parts_named(FormPart.of(f"event-{number}", "adverse_event") for number in range(1, 6))
_NOTE = FormPart.of("note", "note", "on")
_BLOOD_PRESSURE = "blood pressure"
_ASSUMED = "assumed"
RESTART_FIRST = "Doses are held since {since}. Record the restart first, then this level."


class VisitForm(PartsForm):
    """A form for all that one visit brings. The answer is one page."""

    HEADING = "Record a visit"
    HELP = (
        "Fill in what there is and leave out the rest. All of it is stored in one go, or nothing. "
        "The weight and the blood pressure are of the time of the visit. Laboratory values are "
        "sampled with the level, unless another time is given. An empty last dose is assumed from "
        "the schedule. The next test or event opens once the one before has a text."
    )
    BINDINGS: ClassVar[list[Any]] = []

    def __init__(self, summary: PatientSummary) -> None:
        """Take the patient of a summary."""
        super().__init__(summary)
        self._is_first_weight = summary.history.weight_on(summary.made.local.date()) is None

    def blocks(self) -> Iterator[Widget]:
        """Yield the fields of the visit, of the body, the blood and what happened."""
        now = self.session.now()
        yield self.made(
            TimeField(
                "Seen at", self.time_reader, text=field_text(now, now.zone), example="8:00",
                assumed=_ASSUMED, id="seen",
            )
        )  # fmt: skip
        yield from self.part_widgets(_MEASURE, "again")
        value, reason = self.part_widgets(_PRESSURE)
        yield self.made(
            Field(
                "Blood pressure", self._read_pressure, example="96/58 mmHg", required=False,
                id=value.id,
            )
        )  # fmt: skip
        yield reason
        yield _heading("Level")
        yield from self.part_widgets(_LEVEL)
        held = while_held_choice("level-while-held")
        held.add_class("-gone")
        yield self.made(held)
        yield _heading("Laboratory")
        yield self.made(
            TimeField(
                "Sampled", self.time_reader, required=False, example="empty: with the level",
                id="tests-sampled",
            )
        )  # fmt: skip
        yield self.made(Field("Laboratory", str, required=False, id="tests-laboratory"))
        yield self.rows(
            RepeatedRows(
                "tests", tuple(_TESTS), lambda name: self.part_widgets(_TESTS[name]),
                lambda name: self.is_filled(_TESTS[name]),
            )
        )  # fmt: skip
        yield _heading("Adverse events")
        yield self.rows(
            RepeatedRows(
                "events", tuple(_EVENTS), self._event_widgets,
                lambda name: self.is_filled(_EVENTS[name]),
            )
        )  # fmt: skip
        yield _heading("Note")
        yield from self.part_widgets(_NOTE)

    def on_mount(self) -> None:
        """Hide the second field of a weight until it is asked."""
        self.field("again").set_class(not self._is_first_weight, "-gone")

    @property
    def first_field(self) -> Field[Any]:
        """The weight: the time of the visit is now until another is typed."""
        return self.field("measure-weight")

    def _event_widgets(self, name: str) -> Iterator[Widget]:
        yield from self.part_widgets(_EVENTS[name])
        hold = TimeField(
            "No dose from", self.time_reader, required=False,
            example="the time, to record the hold", id=f"{name}-hold",
        )  # fmt: skip
        hold.add_class("-gone")
        yield self.made(hold)

    def first_text(self, field: EntryField) -> str:
        """Return the time of today's trough for the sample of the level."""
        return trough_text(self.summary) if field.name == "sampled" else super().first_text(field)

    def assumed(self, field: EntryField) -> str:
        """Return that the time of the sample is assumed."""
        return _ASSUMED if field.name == "sampled" else super().assumed(field)

    def _read_pressure(self, text: str) -> Any:
        return next(each for each in _PRESSURE.kind.fields).read(text, "")

    def _is_typed_twice(self) -> bool:
        """Return whether the weight is typed twice: a first one, or far from the last one."""
        weight, seen = self.field("measure-weight").value, self.field("seen").value
        return self._is_first_weight or (
            weight is not None
            and seen is not None
            and is_far_from_last_weight(self.summary.record, weight, seen.local.date())
        )

    # --- following

    def follow(self) -> None:
        """Open the next row, and show the time of a hold where an event led to one."""
        super().follow()
        self.field("again").set_class(not self._is_typed_twice(), "-gone")
        last = self.field("level-last-dose").value
        hold = self.summary.history.hold_at(last) if last else None
        is_asked = hold is not None and not hold.is_end_asked
        self.choice("level-while-held").set_class(not is_asked, "-gone")
        for part in filter(self.is_filled, _EVENTS.values()):
            action = self.choice(f"{part.name}-action").value
            is_held = action is ActionTaken.HELD and is_change_missing(
                self.summary.record, action, self.session.now()
            )
            self.field(f"{part.name}-hold").set_class(not is_held, "-gone")

    def helpful(self) -> Iterator[Any]:
        """Yield the grades of an event that has none yet."""
        for part in filter(self.is_filled, _EVENTS.values()):
            term = known_term(self.field(f"{part.name}-term").text)
            if term is None or self.field(f"{part.name}-grade").text.strip():
                continue
            since = self.field(f"{part.name}-since").value or self.today()
            scale = self.session.clinic.scale_of_event(term.name)
            age = Age.between(self.summary.record.patient.entry.born, since)
            grades = grades_of(term, age, scale)
            if grades is not None:
                yield from section("Grades", grade_lines(grades, term.name.capitalize(), scale))

    # --- reading

    def read_parts(self) -> ReadParts:
        """Return the entries of the visit: the body, the events with their holds, the blood."""
        parts: list[VisitPart] = []
        problems: list[PartProblem] = []
        for form_part in (
            _MEASURE,
            *_EVENTS.values(),
            _PRESSURE,
            *_TESTS.values(),
            _LEVEL,
            _NOTE,
        ):
            if not self._is_used(form_part):
                continue
            try:
                parts += self._parts_of(form_part)
            except UserError as error:
                problems.append(problem_of(form_part.name, form_part.kind.what, error))
        return ReadParts(tuple(parts), tuple(problems))

    def _is_used(self, part: FormPart) -> bool:
        has_again = part is _MEASURE and self._is_first_weight and bool(self.field("again").text)
        return self.is_filled(part) or has_again

    def _parts_of(self, part: FormPart) -> list[VisitPart]:
        if part is _MEASURE:
            if self._is_typed_twice():
                self.check_weight_twice("measure-weight", "again", is_first=self._is_first_weight)
            entries = self.entries_of(part, on=self._seen.local.date())
        elif part is _PRESSURE:
            entries = self.entries_of(part, test=_BLOOD_PRESSURE, at=self._seen)
        elif part.name in _TESTS:
            laboratory = self.field("tests-laboratory").text
            entries = self.entries_of(part, at=self._sampled(), laboratory=laboratory)
        elif part is _NOTE:
            entries = self.entries_of(part, on=self._seen.local.date())
        elif part.name in _EVENTS:
            return self._event_parts(part)
        elif part is _LEVEL:
            entries = self._level_entries()
        else:
            entries = self.entries_of(part)
        return [VisitPart(name=part.name, entry=each) for each in entries]

    def _level_entries(self) -> tuple[Entry, ...]:
        """Return the level, its assumed sample marked.

        Raises `UserError` for a last dose of a time on hold that may be the restart.
        """
        record, found = self.summary.record, self.entries_of(_LEVEL)
        is_assumed = self.query_one("#level-sampled", TimeField).is_assumed
        levels = [each for each in found if isinstance(each, Level)]
        for level in levels:
            hold = hold_at_last_dose(record, level)
            what = self.choice("level-while-held").value
            if hold is not None and not hold.is_end_asked and what is not False:
                since = short(hold.at)
                asked = WHILE_HELD.format(since=since)
                raise UserError(RESTART_FIRST.format(since=since) if what else asked)
        if not is_assumed:
            return found
        return tuple(with_assumed_sample(record, each) for each in levels)

    @property
    def _seen(self) -> Moment:
        seen: Moment = self.needed("seen")
        return seen

    def _sampled(self) -> Moment:
        """Return the time of the laboratory's sample: its own, or that of the level."""
        own: Moment | None = self.needed("tests-sampled")
        sampled = own or (self.field("level-sampled").value if self.is_filled(_LEVEL) else None)
        if sampled is None:
            raise UserError("Sampled is missing. Enter the time of the laboratory's sample.")
        return sampled

    def _event_parts(self, part: FormPart) -> list[VisitPart]:
        """Return an event with its last day, and the hold that it led to."""
        (last_day,) = (each for each in part.kind.fields if each.is_last_day)
        rest = tuple(each for each in part.kind.fields if not each.is_last_day)
        ended_on = self.value(last_day)
        (event,) = self.entries_of(replace(part, kind=replace(part.kind, fields=rest)))
        parts = [VisitPart(name=part.name, entry=event, ended_on=ended_on)]
        hold = self.field(f"{part.name}-hold")
        at = None if hold.has_class("-gone") else self.needed(hold.id or "")
        if at is not None and isinstance(event, AdverseEvent):
            change = change_after(self.summary.record, event, at, self.session.now())
            if isinstance(change, MissedDose):
                parts.append(VisitPart(name=part.name, entry=change))
        return parts

    # --- answering

    def following(self, stored: str, result: VisitResult) -> Screen[Any]:
        """Return the advice after a level, or the answer, which may offer an event."""
        levels = [each for each in result.stored if isinstance(each.entry, Level)]
        if levels:
            from tui.app.screens.after_level import AfterLevel  # noqa: PLC0415 - when it is reached

            return AfterLevel(result.summary, stored, result.meaning, levels[-1].number)
        graded = _to_record_as_event(result)
        if graded is not None:
            return GradedAnswer(result.summary, stored, result.meaning, graded)
        return super().following(stored, result)


def _to_record_as_event(result: VisitResult) -> LaboratoryAssessment | None:
    """Return the value of the highest grade whose event was not recorded with it."""
    new = {each.number for each in result.stored if isinstance(each.entry, LaboratoryValue)}
    terms = [known_term(each.entry.term) for each in result.stored
             if isinstance(each.entry, AdverseEvent)]  # fmt: skip
    events = {term.name for term in terms if term}
    found = [
        each
        for each in result.summary.laboratory
        if each.value.number in new and each.matching_event and each.matching_event not in events
    ]
    return max(found, key=lambda each: each.grade or 0, default=None)


def _heading(text: str) -> Static:
    return Static(words(text), classes="block")
