"""The lists of a patient's record: each kind of entry as rows, and what each row means in full.

Everything is worded from what the summary holds; voided entries stay, marked, with the reason.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dosing import Alert, plain
from monitoring.history import history
from monitoring.laboratory import LaboratoryAssessment
from monitoring.levels import LevelAssessment
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Recorded
from monitoring.record.entry import Entry
from monitoring.record.level import written
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.record.response import Response
from monitoring.side_effects import EventAssessment
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from reports.presentation.alerts import alert_line
from reports.presentation.levels import change, mark, meaning, timing
from tui.app.wording import NOTHING, dose_words, protocol_words


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: what its line shows, what it means in full, and what voiding it would void."""

    cells: tuple[str, ...]
    details: tuple[str, ...]
    entry: Recorded[Any] | None = None
    """None for a line of the audit trail, which nothing can void."""

    @property
    def can_be_voided(self) -> bool:
        """Whether it is an entry that stands."""
        return self.entry is not None and self.entry.stands

    @property
    def can_end(self) -> bool:
        """Whether it is a side-effect or a drug that stands and has not ended."""
        recorded = self.entry
        return (
            recorded is not None
            and isinstance(recorded.entry, AdverseEvent | CoMedication)
            and recorded.stands
            and recorded.ending is None
        )

    def is_of(self, other: "Row") -> bool:
        """Return whether both are of one entry, whatever became of it in between."""
        return None not in (self.entry, other.entry) and self.number == other.number

    @property
    def number(self) -> int | None:
        """The number of the entry."""
        return self.entry.number if self.entry else None


@dataclass(frozen=True, slots=True)
class RecordList:
    """One list: its tab, its headings, what its emptiness means, and how its rows are made."""

    name: str
    tab: str
    headings: tuple[str, ...]
    when_empty: str
    begun_by: str
    """The action that writes the first of them down."""
    rows: Callable[[PatientSummary], list[Row]]


def _levels(summary: PatientSummary) -> list[Row]:
    return [_level_row(each) for each in reversed(summary.levels)]


def _level_row(assessed: LevelAssessment) -> Row:
    recorded, level = assessed.level, assessed.level.entry
    details = [
        *(meaning(assessed) if recorded.stands else (written(level),)),
        _told("Against the last", change(assessed)),
        f"Sampled {clock(level.sampled)}",
        _told("Last dose", clock(level.last_dose) if level.last_dose else None),
        _told("Assay", level.assay.value if level.assay else "not known"),
        _told("Laboratory", level.laboratory),
        _told("Reason", level.reason),
    ]
    cells = (
        clock(level.sampled),
        str(level),
        mark(assessed),
        timing(assessed) if recorded.stands else _fate(recorded),
        level.assay.value if level.assay else "assay not known",
    )
    return _row(cells, details, recorded, assessed.alerts)


def _doses(summary: PatientSummary) -> list[Row]:
    record = summary.record
    given: list[tuple[Moment, Row]] = [
        (each.entry.since, _dose_row(each)) for each in record.of(Prescription)
    ]
    given += [(each.entry.at, _missed_row(each)) for each in record.of(MissedDose)]
    return [row for _, row in sorted(given, key=lambda each: each[0].utc, reverse=True)]


def _dose_row(recorded: Recorded[Prescription]) -> Row:
    dose = recorded.entry
    until = recorded.ending.entry.at if recorded.ending else None
    details = [
        f"{dose}, {dose.product.value}, {plain(dose.daily_mg)} mg a day",
        f"Protocol {dose.protocol}, target {dose.target}",
        f"From {clock(dose.since)}" + (f" until {clock(until)}" if until else ""),
        _told("Loading dose", "given once" if dose.loading else None),
        _told("Why", dose.reason),
        _told("Why it ended", recorded.ending.entry.reason if recorded.ending else None),
        _told(
            "Override", f"{dose.override_by}: {dose.override_reason}" if dose.override_by else ""
        ),
        _told("It passed", ", ".join(dose.passed)),
        _told("Rules", dose.rule_version),
    ]
    kind = "loading dose" if dose.loading else "dose"
    if dose.override_by:
        kind += ", ▲ override"
    cells = (
        clock(dose.since),
        kind,
        dose_words(dose),
        protocol_words(dose),
        _fate(recorded) or (f"until {clock(until)}" if until else dose.reason),
    )
    return _row(cells, details, recorded)


def _missed_row(recorded: Recorded[MissedDose]) -> Row:
    missed = recorded.entry
    until = f"until {clock(missed.until)}" if missed.until else "one dose"
    details = [
        f"Doses {missed.kind.value} from {clock(missed.at)}, {until}",
        _told("Why", missed.reason),
    ]
    cells = (
        clock(missed.at),
        missed.kind.value,
        until,
        "",
        _fate(recorded) or missed.reason,
    )
    return _row(cells, details, recorded)


def _events(summary: PatientSummary) -> list[Row]:
    ordered = sorted(
        summary.events, key=lambda each: (each.event.entry.since, each.event.number), reverse=True
    )
    return [_event_row(each) for each in ordered]


def _event_row(assessed: EventAssessment) -> Row:
    recorded, event = assessed.event, assessed.event.entry
    ended = recorded.ending.entry.on if recorded.ending else None
    details = [
        event.term,
        _told(f"Grade {event.grade}" if event.grade else "Grade", assessed.wording or "not known"),
        f"From {event.since}" + (f" to {ended}" if ended else ", open"),
        f"Action: {event.action.value}",
        _told("Remark", event.text),
        _told("The review", assessed.review_words),
        _told("Done in the review", assessed.done_in_review),
    ]
    cells = (
        str(event.since),
        event.term,
        f"grade {event.grade}" if event.grade else "not graded",
        f"to {ended}" if ended else "open",
        _fate(recorded) or _told("action", event.action.value),
    )
    return _row(cells, details, recorded, assessed.alerts)


def _laboratory(summary: PatientSummary) -> list[Row]:
    return [_laboratory_row(each) for each in reversed(summary.laboratory)]


def _laboratory_row(assessed: LaboratoryAssessment) -> Row:
    recorded, value = assessed.value, assessed.value.entry
    grade = f"grade {assessed.grade}" if assessed.grade else "not graded"
    details = [
        str(value),
        f"At {clock(value.at)}",
        _told("Limits", assessed.limits),
        _told(grade.capitalize(), assessed.working or assessed.not_graded_because),
        _told("Graded as", assessed.graded_as),
        _told("Laboratory", value.laboratory),
    ]
    comparator = value.comparator.value if value.comparator else ""
    cells = (
        clock(value.at),
        value.test,
        f"{comparator}{value.value}",
        grade if assessed.grade else NOTHING,
        _fate(recorded) or assessed.limits or "no limits",
    )
    return _row(cells, details, recorded, assessed.alerts)


def _measurements(summary: PatientSummary) -> list[Row]:
    return _by_day(summary, Measurement, _measurement_row)


def _measurement_row(recorded: Recorded[Measurement]) -> Row:
    measured = recorded.entry
    weight, height = measured.weight, measured.height
    details = [
        _told("Weight", str(weight) if weight else None),
        _told("In kg", plain(weight.value) if weight else None),
        _told("Height", str(height) if height else None),
        f"On {measured.on}",
        _told("Reason", measured.reason),
    ]
    cells = (
        str(measured.on),
        str(weight) if weight else NOTHING,
        str(height) if height else NOTHING,
        _fate(recorded) or measured.reason,
    )
    return _row(cells, details, recorded)


def _drugs(summary: PatientSummary) -> list[Row]:
    now = {each.drug.number: each.alerts for each in summary.drugs}
    ordered = sorted(
        summary.record.of(CoMedication),
        key=lambda each: (each.entry.since, each.number),
        reverse=True,
    )
    return [_drug_row(each, now.get(each.number)) for each in ordered]


def _drug_row(recorded: Recorded[CoMedication], alerts: tuple[Alert, ...] | None) -> Row:
    drug = recorded.entry
    ended = recorded.ending.entry.on if recorded.ending else None
    details = [
        drug.drug,
        f"From {drug.since}" + (f" to {ended}" if ended else ""),
        _told("Remark", drug.text),
    ]
    state = f"to {ended}" if ended else ("given now" if alerts is not None else "")
    strongest = alerts[0].message if alerts else ""
    cells = (str(drug.since), drug.drug, state, _fate(recorded) or strongest or drug.text)
    return _row(cells, details, recorded, alerts or ())


def _responses(summary: PatientSummary) -> list[Row]:
    found = [(each.entry.on, _response_row(each)) for each in summary.record.of(Response)]
    found += [(each.entry.on, _note_row(each)) for each in summary.record.of(Note)]
    return [row for _, row in sorted(found, key=lambda each: each[0], reverse=True)]


def _response_row(recorded: Recorded[Response]) -> Row:
    response = recorded.entry
    outcome = "improved" if response.improved else "not improved"
    details = [
        f"{outcome.capitalize()}, judged by {response.criterion.value} on {response.on}",
        _told("Remark", response.text),
    ]
    cells = (
        str(response.on),
        outcome,
        response.criterion.value,
        _fate(recorded) or response.text,
    )
    return _row(cells, details, recorded)


def _note_row(recorded: Recorded[Note]) -> Row:
    note = recorded.entry
    cells = (str(note.on), "note", "", _fate(recorded) or note.text)
    return _row(cells, [f"Note of {note.on}", note.text], recorded)


def _history(summary: PatientSummary) -> list[Row]:
    return [
        Row(
            (str(event.number), event.at[:16].replace("T", " "), event.by, event.what),
            (f"Change {event.number}, {event.at}", f"By {event.by}", event.what),
        )
        for event in reversed(history(summary.record))
    ]


LISTS = (
    RecordList("levels", "Levels", ("Sampled", "Level", "Target", "Counts as", "Assay"),
               "No level yet.", "level", _levels),
    RecordList("doses", "Doses", ("From", "What", "Dose", "Target ng/mL", "Remark"),
               "No dose yet.", "dose", _doses),
    RecordList("events", "Events", ("From", "Side-effect", "Grade", "Until", "Remark"),
               "No side-effect is written down.", "event", _events),
    RecordList("laboratory", "Lab", ("At", "Test", "Value", "Grade", "Limits"),
               "No laboratory value yet.", "laboratory", _laboratory),
    RecordList("measures", "Measures", ("On", "Weight", "Height", "Remark"),
               "Nothing measured yet.", "measurement", _measurements),
    RecordList("drugs", "Drugs", ("From", "Drug", "Until", "Interaction"),
               "No other drug is written down.", "drug", _drugs),
    RecordList("response", "Response", ("On", "What", "Judged by", "Remark"),
               "No response and no note is written down.", "response", _responses),
    RecordList("history", "History", ("№", "When", "By", "What"),
               "Nothing.", "", _history),
)  # fmt: skip
"""Every list, in the order of the tabs; newest first in each."""


def _by_day(
    summary: PatientSummary, kind: type[Measurement], row: Callable[[Recorded[Measurement]], Row]
) -> list[Row]:
    def day(each: Recorded[Measurement]) -> tuple[date, int]:
        return each.entry.on, each.number

    return [row(each) for each in sorted(summary.record.of(kind), key=day, reverse=True)]


def _row(
    cells: tuple[str, ...],
    details: Iterable[str],
    recorded: Recorded[Any],
    alerts: Iterable[Alert] = (),
) -> Row:
    every = [*details, *_alert_lines(alerts), _written(recorded), *_void_lines(recorded)]
    return Row(cells, tuple(filter(None, every)), recorded)


def _alert_lines(alerts: Iterable[Alert]) -> Iterator[str]:
    for alert in alerts:
        yield alert_line(alert)


def _written(recorded: Recorded[Entry]) -> str:
    author = recorded.author
    return f"Entry {recorded.number}, written down by {author.by} on {clock(author.at)}"


def _void_lines(recorded: Recorded[Entry]) -> Iterator[str]:
    if recorded.void:
        void = recorded.void
        yield f"○ Voided by {void.author.by} on {clock(void.author.at)}: {void.entry.reason}"


def _fate(recorded: Recorded[Any]) -> str:
    return f"○ voided: {recorded.void.entry.reason}" if recorded.void else ""


def _told(name: str, text: str | None) -> str:
    return f"{name}: {text}" if text else ""


def clock(moment: Moment) -> str:
    """Return a moment as the clocks of its zone showed it, to the minute.

    >>> clock(Moment.read("2026-11-05T08:00", "Europe/Paris"))
    '2026-11-05 08:00'
    """
    return f"{moment.local:%Y-%m-%d %H:%M}"
