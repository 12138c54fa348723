"""The form of each kind of entry: from the table of kinds, or with hooks of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from dosing import Age, Alerts, Quantity, QuantityKind, UserError, read_quantity
from dosing.knowledge.adverse_event_terms import Term
from dosing.knowledge.ctcae import grades_of
from monitoring.adverse_events.finder import known_term, suggested_terms
from monitoring.adverse_events.meaning import grade_lines
from monitoring.event_action import (
    DoseChange,
    change_after,
    change_words,
    first_dose_on,
    is_change_missing,
    store_change,
)
from monitoring.laboratory import LaboratoryAssessment
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.enter import EntryResult
from monitoring.record.entry_checks import is_far_from_last_weight, with_assumed_sample
from monitoring.record.entry_kind import EntryField, EntryMeaning
from monitoring.record.kinds import kind_called
from monitoring.record.level import Level
from monitoring.restarting import CheckedRestart, check_restart, hold_at_last_dose
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment, field_text, in_full, short
from monitoring.treatment import OmittedDoses
from monitoring.treatment.usual_times import todays_trough
from tui.app.actions import bound
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.entry_form import Draft, EntryForm, EntrySaved, check_typed_twice
from tui.app.screens.form_screen import Done
from tui.app.session import session_of
from tui.app.text import section, words
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.time_field import TimeField

_ASSUMED = "assumed"
RESTART_REPORTED = "reported with a level"
_SAMPLE_ASSUMED = (
    "Sampling time assumed from the schedule: {sampled}. It is stored as assumed. Please check."
)
_BY_SCHEDULE = "Last dose assumed from the schedule. Please confirm."
WHILE_HELD = "Doses are held since {since}. Choose whether they are given again."
_ENDS_HOLD = "The hold since {since} ends with this dose."
_HOLD_STAYS = "The doses stay held since {since}: the question of a restart stays open."


def while_held_choice(name: str) -> Choice[bool | None]:
    """Return the choice of what a last dose of a time on hold was; None until it is chosen."""
    options: list[tuple[str, bool | None]] = [
        ("choose what this last dose was", None),
        ("the restart: the hold ends", True),
        ("one dose, or not known: the hold stays", False),
    ]
    return Choice("While on hold", options, None, id=name)


@dataclass(frozen=True, slots=True)
class LevelDraft(Draft):
    """A level, and the restart that its last dose was."""

    restart: CheckedRestart | None = None


class LevelForm(EntryForm):
    """The form of a level. The last dose is the schedule's until it is changed or confirmed."""

    KIND = "level"

    def __init__(self, summary: PatientSummary) -> None:
        """Take the patient of a summary; the sample is assumed to be today's trough, if one is."""
        super().__init__(summary, sampled=trough_text(summary))
        self._by_schedule = ""

    def assumed(self, field: EntryField) -> str:
        """Return that the time of the sample is assumed."""
        return _ASSUMED if field.name == "sampled" else super().assumed(field)

    def follow(self) -> None:
        """Fill in the last dose from the schedule, unless another was typed."""
        self._ask_about_hold()
        field, sampled = self.field("last-dose"), self.field("sampled").value
        if field.has_the_focus or field.text != self._by_schedule or sampled is None:
            return
        due = self.summary.history.scheduled_dose_before(sampled)
        self._by_schedule = field_text(due, self.session.now().zone) if due else ""
        field.fill_in(self._by_schedule)

    def _ask_about_hold(self) -> None:
        """Show the question while the last dose is of a time on hold."""
        hold = self._hold
        is_asked = hold is not None and not hold.is_end_asked
        self.query_one("#while-held", Choice).set_class(not is_asked, "-gone")

    def on_mount(self) -> None:
        """Begin in the first field, with the last dose before the assumed sample."""
        super().on_mount()
        self.follow()

    def after_change(self) -> None:
        """Assume the sample anew on the record that somebody else changed."""
        if self._is_sample_assumed:
            self.field("sampled").fill_in(trough_text(self.summary))
        super().after_change()

    def widgets(self, field: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field; below the last dose, whether somebody confirmed it."""
        yield from super().widgets(field)
        if field.name == "last_dose":
            yield Choice(
                "Confirmed", [("no, by the schedule", False), ("yes", True)], value=False,
                id="confirmed",
            )  # fmt: skip
            held = while_held_choice("while-held")
            held.add_class("-gone")
            yield held

    def draft(self) -> Draft:
        """Return the level with its assumed times marked, and the restart that it reports.

        Raises `UserError` where the last dose is of a time on hold, and nobody says what it was.
        """
        draft, record = super().draft(), self.summary.record
        level = draft.entry
        if not isinstance(level, Level):
            return draft
        if self._is_assumed:
            level = replace(level, last_dose_assumed=True)
        if self._is_sample_assumed:
            level = with_assumed_sample(record, level)
        return LevelDraft(
            level, draft.ended_on, draft.before, self._restart(hold_at_last_dose(record, level))
        )

    def _restart(self, hold: OmittedDoses | None) -> CheckedRestart | None:
        """Return the restart that a last dose of a time on hold was, if it was one."""
        last = self.field("last-dose").value
        if hold is None or hold.is_end_asked or last is None:
            return None
        is_restart = self.query_one("#while-held", Choice).value
        if is_restart is None:
            raise UserError(WHILE_HELD.format(since=short(hold.at)))
        if not is_restart:
            return None
        restart = check_restart(self.summary.record, last, self.session.now(), RESTART_REPORTED)
        if restart.stopped:
            raise UserError(f"{restart.alerts[0].message} The hold cannot be ended here.")
        return restart

    @property
    def _hold(self) -> OmittedDoses | None:
        """The hold at the last dose that was typed."""
        last = self.field("last-dose").value
        if last is None or self._is_assumed:
            return None
        return self.summary.history.hold_at(last)

    def read_back(self, draft: Draft) -> str:
        """Return the level in words, and the restart."""
        restart = draft.restart if isinstance(draft, LevelDraft) else None
        more = f"; doses given again from {short(restart.at)}" if restart else ""
        return f"{super().read_back(draft)}{more}"

    def _store(self, draft: Draft, summary: PatientSummary, now: Moment) -> Done:
        """Store the level, then the ends of the holds."""
        done = super()._store(draft, summary, now)
        restart = draft.restart if isinstance(draft, LevelDraft) else None
        if restart is None or not isinstance(done, EntrySaved) or done.result is None:
            return done
        store, result = self.session.records.store, done.result
        revision = result.record.revision
        for ending in restart.endings:
            revision = store.end(ending.of, ending, revision=revision).number
        now_is = summarise(store.read(result.record.number), now, self.session.clinic)
        return replace(done, result=_settled(result, now_is))

    @property
    def _is_assumed(self) -> bool:
        """Return whether the last dose is the schedule's, unchanged and not confirmed.

        Nobody can confirm the last dose before a sample whose own time is assumed.
        """
        is_filled_in = self._by_schedule and self.field("last-dose").text == self._by_schedule
        is_confirmed = self.query_one("#confirmed", Choice).value and not self._is_sample_assumed
        return bool(is_filled_in) and not is_confirmed

    @property
    def _is_sample_assumed(self) -> bool:
        return self.query_one("#sampled", TimeField).is_assumed

    def remarks(self) -> list[str]:
        """Return a remark for each time that is assumed from the schedule."""
        sampled = self.field("sampled").value if self._is_sample_assumed else None
        return [
            *self._about_hold(),
            *([_SAMPLE_ASSUMED.format(sampled=in_full(sampled))] if sampled else []),
            *([_BY_SCHEDULE] if self._is_assumed else []),
        ]

    def _about_hold(self) -> list[str]:
        """Return what storing the level means for the hold at its last dose."""
        hold = self._hold
        chosen = self.query_one("#while-held", Choice).value
        if hold is None or (chosen is None and not hold.is_end_asked):
            return []
        ends = hold.is_end_asked or chosen
        return [(_ENDS_HOLD if ends else _HOLD_STAYS).format(since=short(hold.at))]

    def helpful(self) -> list[Content]:
        """Return the same while the form is incomplete."""
        return [words(each) for each in self.remarks()]

    def following(self, stored: str, result: EntryResult, summary: PatientSummary) -> Any:
        """Return the advice after the level."""
        from tui.app.screens.after_level import AfterLevel  # noqa: PLC0415 - when it is reached

        return AfterLevel(summary, stored, result.answer, result.recorded.number)


@dataclass(frozen=True, slots=True)
class EventDraft(Draft):
    """An adverse event, and the hold or the end of the dose that it led to."""

    change: DoseChange | None = None


def trough_text(summary: PatientSummary) -> str:
    """Return the time of today's trough for its field; empty where none can be assumed."""
    trough = todays_trough(summary.history, summary.made)
    return field_text(trough, summary.made.zone) if trough else ""


def _telling(result: EntryResult, line: str) -> EntryResult:
    """Return a result with another line in its answer."""
    means = replace(result.answer, lines=(*result.answer.lines, line))
    return replace(result, answer=means)


def _settled(result: EntryResult, now: PatientSummary) -> EntryResult:
    """Return a result after the dose was held or ended, without the questions that this answers."""
    before = result.summary.state.questions if result.summary else ()
    answered = [each for each in before if each not in now.state.questions]
    alerts = Alerts(each for each in result.answer.alerts if each not in answered)
    means = replace(result.answer, alerts=alerts)
    return replace(result, record=now.record, summary=now, answer=means)


class AdverseEventForm(EntryForm):
    """The form of an adverse event. Its text is looked up in the terms, Nadal 2016 first."""

    KIND = "adverse_event"
    HELP = (
        "An adverse event. Where the action is to hold or to stop sirolimus, and doses go on in "
        "the record, the time of that action records the hold, or the end of the dose, with it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("into-list", "into_list", "", show=False),
    ]

    def widgets(self, field: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field; below the term, a list of terms that match."""
        yield from super().widgets(field)
        if field.name == "term":
            yield OptionList(id="terms", compact=True)
        if field.name == "action":
            yield TimeField(
                "No dose from", self.time_reader, required=False,
                example="the time, to record it as well", id="action-at",
            )  # fmt: skip

    def draft(self) -> Draft:
        """Return the event, with the hold or the end of the dose where its time was typed."""
        draft = super().draft()
        at = self.needed("action-at") if self._is_change_missing else None
        if at is None or not isinstance(draft.entry, AdverseEvent):
            return draft
        change = change_after(self.summary.record, draft.entry, at, self.session.now())
        return EventDraft(draft.entry, draft.ended_on, draft.before, change)

    @property
    def _is_change_missing(self) -> bool:
        """Return whether the action means that no dose is given, and the record says otherwise."""
        action = self.query_one("#action", Choice).value
        return is_change_missing(self.summary.record, action, self.session.now())

    def read_back(self, draft: Draft) -> str:
        """Return the event in words, and the hold or the end."""
        words = super().read_back(draft)
        change = draft.change if isinstance(draft, EventDraft) else None
        return f"{words}; {change_words(change)}" if change else words

    def remarks(self) -> list[str]:
        """Return a remark where the doses go on in the record, with the time to type."""
        since = self.field("since").value
        if not self._is_change_missing or self.field("action-at").value or since is None:
            return []
        record, now = self.summary.record, self.session.now()
        first = first_dose_on(record, since, now)
        time = f", such as {first.local:%Y-%m-%dT%H:%M}" if first else ""
        return [f"Doses go on in the record. To record it as well, enter its time{time}."]

    def _store(self, draft: Draft, summary: PatientSummary, now: Moment) -> Done:
        """Store the event, then the hold or the end; a refusal of these is in the answer."""
        done = super()._store(draft, summary, now)
        change = draft.change if isinstance(draft, EventDraft) else None
        if change is None or not isinstance(done, EntrySaved) or done.result is None:
            return done
        store, result = self.session.records.store, done.result
        try:
            store_change(store, result.record, change)
        except UserError as error:
            told = f"Only the event was stored, not this: {change_words(change)}. {error}"
            return replace(
                done, text=self.kind.in_words(draft.entry), result=_telling(result, told)
            )
        record = store.read(result.record.number)
        return replace(done, result=_settled(result, summarise(record, now, self.session.clinic)))

    def on_mount(self) -> None:
        """List the terms of Nadal 2016."""
        super().on_mount()
        self.follow()

    def follow(self) -> None:
        """List the terms that match the text."""
        listed = self.query_one("#terms", OptionList)
        typed = self.field("term").text
        term = known_term(typed)
        terms = () if term else suggested_terms(typed)
        listed.clear_options()
        listed.add_options(Option(words(_term_words(each)), id=each.name) for each in terms)
        listed.set_class(not terms, "-gone")
        self.field("action-at").set_class(not self._is_change_missing, "-gone")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.field("term").text = event.option.id or ""
        self.field("grade").begin()

    def action_into_list(self) -> None:
        """Go into the list of terms."""
        listed = self.query_one("#terms", OptionList)
        if listed.option_count:
            listed.focus()
            listed.highlighted = 0

    def helpful(self) -> list[Any]:
        """Return the grades of the term, once it is known."""
        term = known_term(self.field("term").text)
        return [*section("Grades", self._grades(term))] if term else []

    def _grades(self, term: Term) -> Iterator[str]:
        since = self.field("since").value or self.today()
        scale = self.session.clinic.scale_of_event(term.name)
        age = Age.between(self.summary.record.patient.entry.born, since)
        grades = grades_of(term, age, scale)
        if grades is None:
            yield f"The grades of {term.name} are not included here. Look them up in CTCAE."
        else:
            yield from grade_lines(grades, term.name.capitalize(), scale)


def _term_words(term: Term) -> str:
    count = term.review_count
    if count:
        as_part = "" if term.review_words == term.name else f" as {term.review_words}"
        review = f"{count.count} of {count.of} in Nadal 2016{as_part}"
    else:
        category = term.review_category
        review = f"Nadal 2016: {category.value}" if category else "not in Nadal 2016"
    serious = " ▲ serious" if term.seriousness else ""
    return f"{term.name}{serious} · {review}"


class LaboratoryForm(EntryForm):
    """The form of a laboratory value, with the laboratory's own limits of normal."""

    KIND = "laboratory_value"

    def foremost(self, assessed: Sequence[LaboratoryAssessment]) -> LaboratoryAssessment:
        """Return the value of the highest grade: of a blood pressure, either one."""
        return max(assessed, key=lambda each: each.grade or 0)

    def following(self, stored: str, result: EntryResult, summary: PatientSummary) -> Any:
        """Return the answer; a graded value offers the matching adverse event."""
        value: LaboratoryAssessment = result.assessed
        if value.matching_event:
            return GradedAnswer(summary, stored, result.answer, value)
        return AnswerScreen(summary, stored, result.answer)


class GradedAnswer(AnswerScreen):
    """The answer to a graded value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("side-effect", "record_event", priority=True),
    ]

    def __init__(
        self,
        summary: PatientSummary,
        stored: str,
        answer: EntryMeaning,
        value: LaboratoryAssessment,
    ) -> None:
        """Show the answer to `value`."""
        more = f"It can be recorded as the adverse event {value.matching_event}."
        super().__init__(summary, stored, EntryMeaning((*answer.lines, more), answer.alerts))
        self._patient, self._value = summary, value

    def action_record_event(self) -> None:
        """Open the form of the adverse event, filled in."""
        value = self._value
        scale = session_of(self).clinic.scale_of_event(value.matching_event or "")
        form = AdverseEventForm(
            self._patient,
            term=value.matching_event or "",
            since=str(value.value.entry.at.local.date()),
            # The grade of an event is stored as one of the scale that it will have.
            grade=str(value.grade or "") if value.scale == scale else "",
        )
        self.app.switch_screen(form)


class MeasurementForm(EntryForm):
    """The form of a weight and a height; a first weight, or one far off, is typed twice."""

    KIND = "measurement"

    def __init__(self, summary: PatientSummary) -> None:
        """Take the patient of a summary."""
        super().__init__(summary)
        self._is_first = summary.history.weight_on(summary.made.local.date()) is None

    def widgets(self, field: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field; below a first weight, a second field for it."""
        yield from super().widgets(field)
        if field.name == "weight":
            again = Field(
                "Weight again", self._read_again, example="type the weight twice",
                required=False, id="again",
            )  # fmt: skip
            again.set_class(not self._is_first, "-gone")
            yield again

    @on(Field.Changed)
    def _ask_weight_again(self) -> None:
        """Show the second field once the weight is far from the last one."""
        self.field("again").set_class(not self._is_typed_twice(), "-gone")

    def _is_typed_twice(self) -> bool:
        weight, day = self.field("weight").value, self.field("on").value
        return self._is_first or (
            weight is not None
            and day is not None
            and is_far_from_last_weight(self.summary.record, weight, day)
        )

    def _read_again(self, text: str) -> Quantity:
        """Return the second weight; a number alone is in the unit of the first."""
        first: Quantity | None = self.field("weight").value
        is_number = text.strip().replace(".", "", 1).isdecimal()
        unit = f" {first.unit}" if first and is_number else ""
        return read_quantity(f"{text.strip()}{unit}", QuantityKind.WEIGHT)

    def draft(self) -> Draft:
        """Return the measurement, if a first weight, or one far from the last, was typed twice."""
        weight: Quantity | None = self.needed("weight")
        if weight is not None and self._is_typed_twice():
            check_typed_twice(weight, self.needed("again"), is_first=self._is_first)
        return super().draft()


_WITH_HOOKS: dict[str, type[EntryForm]] = {
    each.KIND: each for each in (LevelForm, AdverseEventForm, LaboratoryForm, MeasurementForm)
}


def form_of(kind: str, summary: PatientSummary) -> EntryForm:
    """Return the form that records a kind of entry about a patient."""
    with_hooks = _WITH_HOOKS.get(kind)
    return with_hooks(summary) if with_hooks else EntryForm(summary, kind_called(kind))
