"""What an entry goes through from the typing to the answer; the commands and the app share it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import singledispatch
from typing import TYPE_CHECKING, TypeVar

from dosing import Age, Alert, AlertKind, UserError, clean, interaction_alerts, plain
from dosing.review import SOURCE as REVIEW
from monitoring.laboratory import LaboratoryAssessment, assess_laboratory
from monitoring.laboratory.scales import SOURCE as CTCAE
from monitoring.levels import assess_levels
from monitoring.record.adverse_event import SCALE, Action, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Ending, Record, Recorded
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.record.response import Response
from monitoring.recording import check_times, level_alerts, measurement_alerts
from monitoring.side_effects import EventAssessment, assess_events
from monitoring.side_effects.ctcae import Grades, check_grade, grades_of
from monitoring.side_effects.finder import known_term
from monitoring.side_effects.terms import Term
from monitoring.times import Moment
from reports.presentation.levels import change, meaning

if TYPE_CHECKING:
    from monitoring.store.store import Store

Kind = TypeVar("Kind", bound=Entry)


class ReasonNeededError(UserError):
    """A limit asks again: the entry is stored only with a reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an entry means, a line each, and what to know at once, the strongest first."""

    lines: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()


def limits_asked(record: Record, entry: Entry) -> tuple[Alert, ...]:
    """Return what the limits find in an entry; a stop among them asks for a reason."""
    if isinstance(entry, Measurement):
        return measurement_alerts(record, entry)
    return level_alerts(record, entry) if isinstance(entry, Level) else ()


def checked(record: Record, entry: Kind, now: Moment, ended_on: date | None = None) -> Kind:
    """Return the entry as it is to be stored, with the codes of what its reason passed.

    Raises `UserError` for what would have happened before the birth or in the future, and
    `ReasonNeededError` where a limit asks again and there is no reason.
    """
    check_times(entry, record.patient.entry.born, now)
    if ended_on:
        check_times(Ending(of=0, on=ended_on), record.patient.entry.born, now)
    if not isinstance(entry, Measurement | Level):
        return entry
    stops = [each for each in limits_asked(record, entry) if each.kind is AlertKind.STOP]
    if stops and not entry.reason:
        raise ReasonNeededError(stops[0].message)
    return replace(entry, passed=tuple(dict.fromkeys(each.code for each in stops)))


def store_checked(  # noqa: PLR0913 - what checks, and what it is stored with
    store: "Store", record: Record, entry: Kind, now: Moment, ended_on: date | None = None,
    *, seen: int | None = None,
) -> Recorded[Kind]:  # fmt: skip
    """Check an entry and store it; `seen` as in `Store.add`, raising what both raise."""
    kept = checked(record, entry, now, ended_on)
    return store.add(record.number, kept, seen=seen, ended_on=ended_on)


def check_patient(patient: Patient, today: date) -> None:
    """Raise `UserError` for a date of birth in the future."""
    if patient.born > today:
        raise UserError(f"{patient.born} lies in the future: enter the date of birth again.")


def side_effect(  # noqa: PLR0913 - what a side-effect is made of
    patient: Patient,
    typed: str,
    since: date,
    *,
    grade: int | None = None,
    action: Action = Action.NONE,
    text: str = "",
) -> AdverseEvent:
    """Return a side-effect under the name in the table, or as it was typed where it has none.

    The words typed are kept in the remark. Raises `UserError` for a grade that it does not have.
    """
    term = known_term(typed)
    if term and grade:
        check_grade(term, grade, Age.between(patient.born, since))
    return AdverseEvent(
        term=term.name if term else typed,
        since=since,
        grade=grade,
        action=action,
        text=_with_typed(text, typed, term),
    )


def _with_typed(text: str, typed: str, term: Term | None) -> str:
    if term is None or clean(typed).casefold() == term.name.casefold():
        return text
    kept = f'typed as "{clean(typed)}"'
    return f"{text}; {kept}" if text else kept


@singledispatch
def read_back(_entry: Entry) -> str:
    """Return in words what is stored."""
    return ""


@read_back.register
def _level_back(entry: Level) -> str:
    last = entry.last_dose or "not written down"
    return f"{entry} sampled {entry.sampled}, last dose {last}"


@read_back.register
def _event_back(entry: AdverseEvent) -> str:
    grade = f"grade {entry.grade}" if entry.grade else "not graded"
    done = "" if entry.action is Action.NONE else f", sirolimus {entry.action.value}"
    return f"{entry.term}, {grade}, from {entry.since}{done}"


@read_back.register
def _laboratory_back(entry: LaboratoryValue) -> str:
    return f"{entry} at {entry.at}"


@read_back.register
def _drug_back(entry: CoMedication) -> str:
    return f"{entry.drug} from {entry.since}"


@read_back.register
def _missed_back(entry: MissedDose) -> str:
    until = f" until {entry.until}" if entry.until else ""
    verb = "held from" if entry.kind is NotGiven.HELD else "missed at"
    return f"{verb} {entry.at}{until}"


@read_back.register
def _response_back(entry: Response) -> str:
    improved = "improved" if entry.improved else "not improved"
    return f"{improved} on {entry.on}, {entry.criterion.value}"


@read_back.register
def _note_back(entry: Note) -> str:
    return f"of {entry.on}: {entry.text}"


@read_back.register
def _measured_back(measurement: Measurement) -> str:
    parts = []
    if measurement.as_weight:
        weight = measurement.as_weight
        parts.append(f"{plain(weight.kg, 3)} kg = {plain(weight.lb, 1)} lb")
    if measurement.as_height:
        parts.append(f"{plain(measurement.as_height.cm, 1)} cm")
    return f"{', '.join(parts)} on {measurement.on}"


def answer(record: Record, number: int) -> Answer:
    """Return what one entry of a record means."""
    entry = next(each.entry for each in record.entries if each.number == number)
    match entry:
        case Level():
            return _level(record, number)
        case AdverseEvent():
            assessed = next(each for each in assess_events(record) if each.event.number == number)
            return Answer(tuple(_event_lines(record, assessed)), assessed.alerts)
        case LaboratoryValue():
            value = laboratory_value(record, number)
            return Answer((_grade_line(value),), value.alerts)
        case CoMedication():
            return Answer((), interaction_alerts((entry.drug,)))
    return Answer()


def laboratory_value(record: Record, number: int) -> LaboratoryAssessment:
    """Return what one laboratory value of a record means."""
    return next(each for each in assess_laboratory(record) if each.value.number == number)


def _level(record: Record, number: int) -> Answer:
    assessed = next(each for each in assess_levels(record) if each.level.number == number)
    changed = change(assessed)
    against_last = (f"It has changed by {changed}.",) if changed else ()
    return Answer((*meaning(assessed), *against_last), assessed.alerts)


def _event_lines(record: Record, assessed: EventAssessment) -> Iterator[str]:
    event, term = assessed.event.entry, assessed.term
    if assessed.wording:
        yield f"Grade {event.grade} ({SCALE}): {assessed.wording} [{CTCAE}]"
    elif term and event.grade is None:
        grades = grades_of(term, Age.between(record.patient.entry.born, event.since))
        yield from grade_lines(grades, "Not graded; its grades") if grades else ()
    elif term:
        yield f"No wording of {SCALE} is held here for {term.name}: look the grade up."
    if assessed.review_words:
        yield f"It is {assessed.review_words} [{REVIEW}]."
    if assessed.nearest_level:
        yield f"Nearest level: {_nearest_level(assessed)}."


def _nearest_level(assessed: EventAssessment) -> str:
    level, days = assessed.nearest_level, assessed.nearest_level_days
    if level is None:
        return ""
    apart = f"{days} day{'' if days == 1 else 's'} apart" if days else "on the same day"
    return f"{level.entry} sampled {level.entry.sampled}, {apart}"


def grade_lines(grades: Grades, heading: str) -> Iterator[str]:
    """Yield a heading and the grades of a side-effect, a line each."""
    yield f"{heading} ({SCALE}, {grades.graded_as}) [{CTCAE}]:"
    for grade, words in grades.wording.items():
        yield f"  {grade}  {words}"


def _grade_line(assessed: LaboratoryAssessment) -> str:
    if assessed.grade:
        grade = f"Grade {assessed.grade} ({SCALE}, {assessed.graded_as})"
        return f"{grade}: {assessed.working} [{CTCAE}]"
    return f"No grade: {assessed.not_graded_because}."
