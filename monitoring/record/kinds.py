"""The table of entry kinds: each kind once, with its command, form, JSON and list.

A new kind takes a row here, a dataclass with its migration, and its documentation.
"""

import json
from typing import Any

from dosing import (
    Quantity,
    QuantityKind,
    Sex,
    UserError,
    json_number,
    plain,
    read_quantity,
)
from dosing.birth_date import read_birth
from dosing.gestational_age import GestationalAge
from monitoring.record.adverse_event import ActionTaken, AdverseEvent, read_grade
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.dose_check import DoseCheck
from monitoring.record.entries import StopRecord, StoredEntry, Void
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import (
    EntryField,
    EntryKind,
    Hook,
    InTheApp,
    Lasts,
    Option,
    Typed,
    by,
    options_of,
    read_day,
)
from monitoring.record.laboratory_value import (
    LaboratoryQuantity,
    LaboratoryValue,
    read_laboratory,
    read_limit,
    values_typed,
)
from monitoring.record.level import Assay, Level, LevelCauseAnswer, read_level
from monitoring.record.limit_set import LimitSet
from monitoring.record.listing import (
    NOTHING,
    ListRow,
    fate,
    named,
    protocol_words,
    row,
)
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Cyp3a5, Patient
from monitoring.record.prescription import (
    MissedDose,
    NotGiven,
    Prescription,
    read_strength,
)
from monitoring.record.removal import Removal
from monitoring.record.response import Criterion, Response
from monitoring.record.settlement import Settlement
from monitoring.record.supply import Supply, read_bottle, read_count, read_tablet
from monitoring.times import Moment, short

_DAY = "year-month-day"
_DAY_OR_TODAY = "year-month-day (default: today)"
_EXAMPLE_DAY, _EXAMPLE_TIME = "2026-11-05", "2026-11-05T08:00"


def _day(name: str, label: str, argument: str, **more: Any) -> EntryField:
    usual: dict[str, Any] = {
        "metavar": "DATE", "help": _DAY, "example": _EXAMPLE_DAY, "read": read_day,
    }  # fmt: skip
    return EntryField(name=name, label=label, argument=argument, **usual | more)


def _time(name: str, label: str, argument: str, **more: Any) -> EntryField:
    return EntryField(
        name=name, label=label, argument=argument, read=Moment.read, is_time=True,
        metavar="TIME", example=_EXAMPLE_TIME, **more,
    )  # fmt: skip


def _text(name: str, label: str, argument: str, **more: Any) -> EntryField:
    return EntryField(name=name, label=label, argument=argument, required=False, **more)


_LAST_DAY = _day(
    "until", "To", "--to", help="last day, if it is over", required=False, is_last_day=True
)
_REASON = _text(
    "reason", "Reason", "--reason", is_reason=True,
    help="reason to record it although it exceeds a limit",
)  # fmt: skip


_WHY_BESIDE = _text(
    "reason", "Reason", "--reason", is_reason=True,
    help="reason to record it beside another about the same",
)  # fmt: skip


_YES_OR_NO = (Option(value=True, typed="yes", label="yes"),
              Option(value=False, typed="no", label="no"))  # fmt: skip


def _ended_on(recorded: StoredEntry[Any]) -> str | None:
    return str(recorded.ending.entry.on) if recorded.ending else None


# --- patient

_PATIENT = EntryKind(
    name="patient", of=Patient, what="patient", counted_as="Patient",
    command="patient", summary="add, change, list and show patients",
    adds="add a patient",
    in_app=InTheApp(
        action="change-patient", key="n", short="Change",
        help="Change the name, allergies and other details", title="Change the patient", list="",
    ),
    fields=(
        EntryField(
            name="record_number", label="Record number", argument="--mrn", id="record-number",
            metavar="M", help="the record number, as text", example="00123",
        ),
        EntryField(name="name", label="Name", argument="--name", metavar="N"),
        _day("born", "Born", "--born", example="2023-05-01", read=by(read_birth),
             help="year-month-day, or as much as is known: 2023-05, 2023"),
        EntryField(
            name="sex", label="Sex", argument="--sex", options=options_of(Sex), absent="choose",
            choose="the sex",
        ),
        EntryField(
            name="anomaly", label="Anomaly", argument="--anomaly", metavar="GROUP", required=False,
            help=f"group of Nadal 2016: {', '.join(each.value for each in Anomaly)}",
            options=tuple(
                Option(each, each.value, each.value.replace("-", " ")) for each in Anomaly
            ),
            default=Anomaly.NOT_RECORDED,
        ),
        _text("diagnosis", "Diagnosis", "--diagnosis", metavar="D", names="diagnosis",
              help="in the clinic's own words", example="in the clinic's own words"),
        _text("allergies", "Allergies", "--allergies", metavar="A"),
        EntryField(
            name="congenital", label="Congenital", argument="--congenital", required=False,
            options=_YES_OR_NO, absent="not recorded",
        ),
        EntryField(
            name="severity", label="Severity", argument="--severity", required=False,
            read=by(str), help="before treatment, in the clinic's own words",
        ),
        EntryField(
            name="gestation", label="Gestation", argument="--gestation", required=False,
            metavar="WEEKS", read=by(GestationalAge.read), example="31 weeks 2 days",
            help='gestational age at birth: 31+2, "31 weeks 2 days"',
        ),
        EntryField(
            name="cyp3a5", label="CYP3A5", argument="--cyp3a5", required=False,
            help="genotype, in quotes", options=options_of(Cyp3a5), absent="not known",
        ),
    ),
    columns={
        "record_number": "record_number", "name": "name", "born": "born", "sex": "sex",
        "anomaly": "anomaly", "diagnosis": "diagnosis", "allergies": "allergies",
        "congenital": "congenital", "severity": "severity",
        "gestation_days": lambda each: each.entry.gestation and each.entry.gestation.days,
        "cyp3a5": "cyp3a5",
    },
    begins="born",
    in_words=lambda patient: f"{patient.name}, record number {patient.record_number}",
)  # fmt: skip


# --- measurement


def _measured(measurement: Measurement) -> str:
    parts = []
    if measurement.as_weight:
        weight = measurement.as_weight
        parts.append(f"{plain(weight.kg, 3)} kg = {plain(weight.lb, 1)} lb")
    if measurement.as_height:
        parts.append(f"{plain(measurement.as_height.cm, 1)} cm")
    return f"{', '.join(parts)} on {short(measurement.on)}"


def _number(value: Any) -> Any:
    return None if value is None else json_number(value)


def _measurement_row(recorded: StoredEntry[Measurement]) -> ListRow:
    measured = recorded.entry
    weight, height = measured.weight, measured.height
    details = [
        named("Weight", str(weight) if weight else None),
        named("In kg", plain(weight.value) if weight else None),
        named("Height", str(height) if height else None),
        f"On {short(measured.on)}",
        named("Reason", measured.reason),
    ]
    cells = (
        short(measured.on),
        str(weight) if weight else NOTHING,
        str(height) if height else NOTHING,
        fate(recorded) or measured.reason,
    )
    return row(cells, details)


def _size(name: str, measure: QuantityKind, help_: str, example: str) -> EntryField:
    def read(text: str) -> Quantity:
        return read_quantity(text, measure)

    return EntryField(
        name=name, label=name.capitalize(), argument=f"--{name}", read=by(read),
        metavar=name[0].upper(), help=help_, example=example, required=False, unit_of=name,
    )  # fmt: skip


_MEASUREMENT = EntryKind(
    name="measurement", of=Measurement, what="measurement", counted_as="Measurement",
    command="measure", summary="record weight and height",
    adds="add a weight, a height or both",
    in_app=InTheApp(
        action="measurement", key="m", short="Measure", help="Record weight and height",
        title="Record weight and height", list="measures",
    ),
    fields=(
        _size("weight", QuantityKind.WEIGHT, 'with its unit: 12.4kg, "12400 g", 27lb',
              "12.4 kg, or 27 lb"),
        _size("height", QuantityKind.HEIGHT, "with its unit: 88cm, 0.88m, 35in", "88 cm, or 35 in"),
        _day("on", "Measured on", "--on", help=_DAY_OR_TODAY, required=False, is_today=True),
        _REASON,
    ),
    columns={
        "on": "on",
        "weight_kg": lambda each: _number(each.entry.as_weight and each.entry.as_weight.kg),
        "weight_written": lambda each: each.entry.weight and str(each.entry.weight),
        "height_cm": lambda each: _number(each.entry.as_height and each.entry.as_height.cm),
        "height_written": lambda each: each.entry.height and str(each.entry.height),
        "reason": "reason", "passed": "overridden_alerts",
    },
    begins="on",
    in_words=_measured,
    row=_measurement_row,
    about=Hook("monitoring.record.same_entries:about_measures"),
    limits=Hook("monitoring.record.entry_checks:measurement_alerts"),
)  # fmt: skip


# --- prescription


def _target(recorded: StoredEntry[Prescription]) -> list[object]:
    target = recorded.entry.target
    return [_number(target.low_ng_ml), _number(target.high_ng_ml)]


def _override(recorded: StoredEntry[Prescription]) -> str | None:
    dose = recorded.entry
    return f"{dose.override_reason} ({dose.override_by})" if dose.override_by else None


def _prescription_row(recorded: StoredEntry[Prescription]) -> ListRow:
    dose = recorded.entry
    until = recorded.ending.entry.at if recorded.ending else None
    strength = dose.strength_mg_per_ml
    mark = ", ▲ override" if dose.override_by else ", ! as given" if dose.given_reason else ""
    details = [
        f"{dose}, {dose.product.value}, {plain(dose.daily_mg)} mg a day",
        f"Protocol {dose.protocol}, target {dose.target}",
        f"From {short(dose.since)}" + (f" until {short(until)}" if until else ""),
        named("Strength", f"{plain(strength)} mg/mL" if strength else None),
        named("Loading dose", "given once" if dose.loading else None),
        named("Recorded as given", dose.given_reason),
        named("Reason", dose.reason),
        named("Reason for the end", recorded.ending.entry.reason if recorded.ending else None),
        named(
            "Override", f"{dose.override_by}: {dose.override_reason}" if dose.override_by else ""
        ),
        named("Overridden alerts", ", ".join(dose.overridden_alerts)),
        named("Rule version", dose.made_by.version),
    ]
    kind = "loading dose" if dose.loading else "dose"
    cells = (
        short(dose.since),
        f"{kind}{mark}",
        dose.regimen,
        protocol_words(dose),
        fate(recorded) or (f"until {short(until)}" if until else dose.reason),
    )
    return row(cells, details)


_PRESCRIPTION = EntryKind(
    name="prescription", of=Prescription, what="prescription", counted_as="Prescription",
    command="prescription", summary="list, end or void prescriptions",
    in_app=InTheApp(
        action="prescribe", key="a", short="Adjust dose",
        help="Change the dose, with advice on the level", title="", list="doses",
    ),
    columns={
        "from": "since",
        "to": lambda each: str(each.ending.entry.at) if each.ending else None,
        "dose_mg": "dose_mg",
        "times_a_day": lambda each: (
            each.entry.times_a_day if each.entry.interval_hours <= 24 else None
        ),
        "daily_mg": "daily_mg",
        "product": "product", "protocol": "protocol", "target_ng_ml": _target,
        "loading": "loading", "reason": "reason", "override": _override,
        "passed": "overridden_alerts",
        "proposal": lambda each: json.loads(each.entry.proposal) if each.entry.proposal else None,
        "rule_version": lambda each: each.entry.made_by.version,
        "every_hours": "interval_hours", "evening_mg": "evening_mg",
        "strength_mg_per_ml": "strength_mg_per_ml", "given": "given_reason",
        "taper": lambda each: bool(each.entry.is_taper_step),
        "rule_commit": lambda each: each.entry.made_by.commit,
        "rule_tables_hash": lambda each: each.entry.made_by.tables_hash,
    },
    begins="since", lasts=Lasts.TO_A_MOMENT, planned=frozenset({"since"}),
    about=lambda dose: {"loading dose" if dose.loading else "dose": None},
    in_words=lambda dose: f"{dose} from {short(dose.since)}",
    row=_prescription_row,
)  # fmt: skip


# --- missed dose


def _not_given(entry: MissedDose) -> str:
    until = f" until {short(entry.until)}" if entry.until else ""
    until = ", until restarted" if entry.is_open else until
    verb = "held from" if entry.kind is NotGiven.HELD else "missed at"
    return f"{verb} {short(entry.at)}{until}"


def _missed_row(recorded: StoredEntry[MissedDose]) -> ListRow:
    missed = recorded.entry
    end = (recorded.ending and recorded.ending.entry.at) or missed.until
    if end:
        until = f"until {short(end)}"
    elif missed.kind is NotGiven.HELD:
        until = "until restarted" if missed.is_open else "end not recorded"
    else:
        until = "one dose"
    details = [
        f"Doses {missed.kind.value} from {short(missed.at)}, {until}",
        named("Reason", missed.reason),
    ]
    cells = (short(missed.at), missed.kind.value, until, "", fate(recorded) or missed.reason)
    return row(cells, details)


def _missed_typed(_patient: Patient, typed: Typed) -> MissedDose:
    """Return the missed dose, or the hold; without an end it is open until a restart."""
    is_held = typed.get("kind") is NotGiven.HELD
    is_open = True if is_held and typed.get("until") is None else None
    return MissedDose(**typed, is_open=is_open)


_MISSED_DOSE = EntryKind(
    name="missed_dose", of=MissedDose, what="missed dose", counted_as="MissedDose",
    command="missed", summary="record missed or held doses", made=_missed_typed,
    ends_as="held doses", ends_in_a_restart=True,
    in_app=InTheApp(
        action="missed", key="o", short="Missed dose", help="Record missed or held doses",
        title="Record missed or held doses", list="doses",
    ),
    fields=(
        EntryField(
            name="kind", label="Kind", argument="--kind", required=False,
            options=options_of(NotGiven, HELD="held on purpose"), default=NotGiven.MISSED,
        ),
        _time("at", "Due at", "--at", help="time it was due"),
        _time("until", "Held until", "--until", required=False, may_be_ahead=True,
              help="end of the hold (default: until a restart)"),
        _text("reason", "Reason", "--reason", id="why"),
    ),
    columns={
        "at": "at", "kind": "kind", "until": "until", "reason": "reason",
        "open": lambda each: bool(each.entry.is_open) and each.ending is None,
    },
    listed_by="at", begins="at", planned=frozenset({"until"}),
    lasts=Lasts.TO_A_MOMENT, lasts_if=lambda missed: missed.kind is NotGiven.HELD,
    about=lambda _missed: {"dose": None}, overlaps=True,
    until=lambda missed: None if missed.is_open else missed.until or missed.at,
    in_words=_not_given,
    row=_missed_row,
)  # fmt: skip


# --- level


def _level_in_words(level: Level) -> str:
    last_dose = short(level.last_dose) if level.last_dose else "not recorded"
    assumed = " (assumed from the schedule)" if level.last_dose_assumed else ""
    return f"{level} sampled {short(level.sampled)}, last dose {last_dose}{assumed}"


_LEVEL = EntryKind(
    name="level", of=Level, what="level", counted_as="Level",
    command="level", summary="record trough levels",
    in_app=InTheApp(
        action="level", key="l", short="Level", help="Record a trough level",
        title="Record a level", list="levels",
    ),
    fields=(
        EntryField(
            name="value", and_name="comparator", label="Level", argument="VALUE",
            read=by(read_level), help='with its unit: 7.2ng/mL, "<2.0 ng/mL"',
            example="7.2 ng/mL, or <2.0 ng/mL", unit_of="level",
        ),
        _time("sampled", "Sampled", "--at", help="time of the sample: 2026-11-05T08:00"),
        _time("last_dose", "Last dose", "--last-dose", id="last-dose", required=False,
              help="time of the last dose before the sample"),
        EntryField(
            name="assay", label="Assay", argument="--assay", required=False,
            options=options_of(Assay), absent="unknown",
        ),
        _text("laboratory", "Laboratory", "--laboratory", metavar="NAME", names="laboratory"),
        _REASON,
    ),
    columns={
        "at": "sampled",
        "level_ng_ml": lambda each: json_number(each.entry.value.value),
        "comparator": "comparator",
        "reported": lambda each: str(each.entry),
        "last_dose": "last_dose", "assay": "assay", "laboratory": "laboratory",
        "reason": "reason", "passed": "overridden_alerts",
        "last_dose_assumed": lambda each: bool(each.entry.last_dose_assumed),
    },
    listed_by="sampled", begins="sampled",
    about=lambda _level: {"level": None},
    in_words=_level_in_words,
    completed=Hook("monitoring.record.entry_checks:with_last_dose"),
    limits=Hook("monitoring.record.entry_checks:level_alerts"),
    meaning_of=Hook("monitoring.levels.meaning:LevelMeaning"),
)  # fmt: skip


# --- adverse event


def _event_in_words(event: AdverseEvent) -> str:
    grade = f"grade {event.grade}" if event.grade else "not graded"
    done = "" if event.action is ActionTaken.NONE else f", sirolimus {event.action.value}"
    remark = f"; {event.text}" if event.text else ""
    return f"{event.term}, {grade}, from {short(event.since)}{done}{remark}"


_ADVERSE_EVENT = EntryKind(
    name="adverse_event", of=AdverseEvent, what="adverse event", counted_as="AdverseEvent",
    command="event", summary="record adverse events",
    adds="add an adverse event and show its assessment",
    in_app=InTheApp(
        action="event", key="e", short="Event", help="Record an adverse event",
        title="Record an adverse event", list="events",
    ),
    fields=(
        EntryField(
            name="term", label="Adverse event", argument="TERM", example="mouth sores",
            help='name of the event: "mouth sores"', names="term",
        ),
        EntryField(
            name="grade", label="Grade", argument="--grade", read=by(read_grade), required=False,
            help="1 to 5, by CTCAE v5.0", example="1 to 5; empty: not graded",
            only=("1", "2", "3", "4", "5"),
        ),
        _day("since", "From", "--from"),
        _LAST_DAY,
        EntryField(
            name="action", label="Action taken", argument="--action", required=False,
            options=options_of(ActionTaken, REDUCED="dose reduced", HELD="doses held",
                               STOPPED="sirolimus stopped"),
            default=ActionTaken.NONE,
        ),
        EntryField(
            name="attributed_to", label="Other cause", argument="--attributed-to", required=False,
            read=by(str), metavar="CAUSE", help="its cause, if it is not sirolimus",
        ),
        _text("text", "Remark", "--text", help="any remark"),
        _WHY_BESIDE,
    ),
    columns={
        "term": "term", "grade": "grade", "scale": "scale", "from": "since", "to": _ended_on,
        "action": "action", "text": "text", "attributed_to": "attributed_to", "reason": "reason",
    },
    begins="since", lasts=Lasts.TO_A_DAY,
    about=Hook("monitoring.record.same_entries:about_event"), overlaps=True,
    in_words=_event_in_words,
    made=Hook("monitoring.adverse_events.meaning:event_typed"),
    meaning_of=Hook("monitoring.adverse_events.meaning:EventMeaning"),
)  # fmt: skip


# --- laboratory value


def _limit(name: str, label: str, argument: str, help_: str) -> EntryField:
    return EntryField(
        name=f"{name}_limit", label=label, argument=argument, id=name, metavar="V", help=help_,
        read=by(read_limit), example="of normal, in the same unit", required=False,
    )  # fmt: skip


def _limit_of(limit: LaboratoryQuantity | None) -> Any:
    return _number(limit and limit.number)


_LABORATORY_VALUE = EntryKind(
    name="laboratory_value", of=LaboratoryValue, what="laboratory value",
    counted_as="LaboratoryValue",
    command="lab", summary="record laboratory values", adds="add a value and show its assessment",
    in_app=InTheApp(
        action="laboratory", key="b", short="Lab", help="Record a laboratory value",
        title="Record a laboratory value", list="laboratory",
    ),
    fields=(
        EntryField(
            name="test", label="Test", argument="TEST", help="such as ALT", example="ALT",
            names="test",
        ),
        EntryField(
            name="value", and_name="comparator", label="Value", argument="VALUE",
            read=by(read_laboratory), example="35 U/L", unit_of="test",
            help='with its unit: "35 U/L", "128/84 mmHg"; of a dipstick: "2+"',
        ),
        _time("at", "Sampled", "--at", id="sampled", help="time of the sample: 2026-11-05T08:00"),
        _limit("lower", "Lower limit", "--lln", "lower limit of normal, in the same unit"),
        _limit("upper", "Upper limit", "--uln", "upper limit of normal, in the same unit"),
        _text("laboratory", "Laboratory", "--laboratory", metavar="NAME", names="laboratory"),
        _WHY_BESIDE,
    ),
    columns={
        "test": "test", "at": "at",
        "value": lambda each: json_number(each.entry.value.number),
        "unit": lambda each: each.entry.value.unit,
        "comparator": "comparator",
        "lower_limit": lambda each: _limit_of(each.entry.lower_limit),
        "upper_limit": lambda each: _limit_of(each.entry.upper_limit),
        "laboratory": "laboratory", "scale": "scale", "reason": "reason",
    },
    listed_by="at", begins="at",
    about=Hook("monitoring.record.same_entries:about_test"),
    in_words=lambda value: f"{value} sampled {short(value.at)}",
    parts=values_typed,
    meaning_of=Hook("monitoring.laboratory.meaning:LaboratoryMeaning"),
)  # fmt: skip


# --- co-medication

_CO_MEDICATION = EntryKind(
    name="co_medication", of=CoMedication, what="drug", counted_as="CoMedication",
    command="drug", summary="record drugs given with sirolimus",
    in_app=InTheApp(
        action="drug", key="g", short="Drug", help="Record a drug given with sirolimus",
        title="Record a drug given with sirolimus", list="drugs",
    ),
    fields=(
        EntryField(
            name="drug", label="Drug", argument="DRUG", example="propranolol", names="drug",
        ),
        _day("since", "From", "--from"),
        _LAST_DAY,
        _text("text", "Remark", "--text", help="any remark, such as the dose",
              example="such as the dose"),
        _WHY_BESIDE,
    ),
    columns={
        "drug": "drug", "from": "since", "to": _ended_on, "text": "text", "reason": "reason",
    },
    begins="since", lasts=Lasts.TO_A_DAY,
    about=Hook("monitoring.record.same_entries:about_drug"), overlaps=True,
    in_words=lambda entry: f"{entry.drug} from {short(entry.since)}",
    meaning_of=Hook("monitoring.co_medication_meaning:CoMedicationMeaning"),
)  # fmt: skip


# --- response


def _outcome(response: Response) -> str:
    return "improved" if response.improved else "not improved"


def _response_row(recorded: StoredEntry[Response]) -> ListRow:
    response, outcome = recorded.entry, _outcome(recorded.entry)
    details = [
        f"{outcome.capitalize()} on {short(response.on)}; criterion: {response.criterion.value}",
        named("Remark", response.text),
        named("Reason", response.reason),
    ]
    cells = (
        short(response.on), outcome, response.criterion.value, fate(recorded) or response.text,
    )  # fmt: skip
    return row(cells, details)


_RESPONSE = EntryKind(
    name="response", of=Response, what="response", counted_as="Response",
    command="response", summary="record the response to treatment",
    in_app=InTheApp(
        action="response", key="r", short="Response", help="Record the response to treatment",
        title="Record the response", list="response",
    ),
    fields=(
        _day("on", "Assessed on", "--on", is_today=True),
        EntryField(
            name="criterion", label="Criterion", argument="--criterion",
            options=options_of(Criterion), default=Criterion.CLINICAL,
        ),
        EntryField(
            name="improved", label="Improved", argument="--improved",
            options=(Option(True, "yes", "improved"), Option(False, "no", "not improved")),  # noqa: FBT003 - the value of an option
            absent="choose", choose="whether it improved",
        ),
        _text("text", "Remark", "--text", help="any remark"),
        _WHY_BESIDE,
    ),
    columns={
        "on": "on", "criterion": "criterion", "improved": "improved", "text": "text",
        "reason": "reason",
    },
    begins="on",
    about=lambda response: {response.criterion: None},
    in_words=lambda entry: f"{_outcome(entry)} on {short(entry.on)}, {entry.criterion.value}",
    row=_response_row,
)  # fmt: skip


# --- note


def _note_row(recorded: StoredEntry[Note]) -> ListRow:
    note = recorded.entry
    cells = (short(note.on), "note", "", fate(recorded) or note.text)
    details = [f"Note of {short(note.on)}", note.text, named("Reason", note.reason)]
    return row(cells, details)


_NOTE = EntryKind(
    name="note", of=Note, what="note", counted_as="Note",
    command="note", summary="record notes",
    in_app=InTheApp(
        action="note", key="t", short="Note", help="Record a note", title="Record a note",
        list="response",
    ),
    fields=(
        EntryField(name="text", label="Note", argument="TEXT", is_long=True),
        _day("on", "Of", "--on", help=_DAY_OR_TODAY, required=False, is_today=True),
        _WHY_BESIDE,
    ),
    columns={"on": "on", "text": "text", "reason": "reason"},
    begins="on",
    in_words=lambda note: f"of {short(note.on)}: {note.text}",
    row=_note_row,
)  # fmt: skip


# --- condition


def _condition_row(recorded: StoredEntry[Condition]) -> ListRow:
    condition, until = recorded.entry, recorded.ending.entry.on if recorded.ending else None
    details = [
        f"{condition.name} from {short(condition.since)}",
        named("Until", short(until) if until else None),
        named("Remark", condition.text),
        named("Reason", condition.reason),
    ]
    cells = (
        short(condition.since), condition.name, short(until) if until else "",
        fate(recorded) or condition.text,
    )  # fmt: skip
    return row(cells, details)


_CONDITION = EntryKind(
    name="condition", of=Condition, what="condition", counted_as="Condition",
    command="condition", summary="record pregnancy, allergies, surgery, infections and others",
    in_app=InTheApp(
        action="condition", key="i", short="Condition",
        help="Record pregnancy, an allergy, surgery, an infection", title="Record a condition",
        list="drugs",
    ),
    fields=(
        EntryField(
            name="name", label="Condition", argument="NAME", example="pregnancy", names="condition",
            help="pregnancy, planned pregnancy, breastfeeding, surgery, infection, "
            "'allergy to peanut', or any other",
        ),
        _day("since", "From", "--from", may_be_ahead=True),
        _LAST_DAY,
        _text("text", "Remark", "--text", help="any remark"),
        _WHY_BESIDE,
    ),
    columns={
        "name": "name", "from": "since", "to": _ended_on, "text": "text", "reason": "reason",
    },
    begins="since", lasts=Lasts.TO_A_DAY, planned=frozenset({"since"}),
    about=Hook("monitoring.record.same_entries:about_condition"), overlaps=True,
    in_words=lambda condition: f"{condition.name} from {short(condition.since)}",
    row=_condition_row,
)  # fmt: skip


# --- supply


def _supply_row(recorded: StoredEntry[Supply]) -> ListRow:
    supply = recorded.entry
    details = [
        f"{supply.amount} from {short(supply.on)}",
        named("Not to be used after", short(supply.use_by) if supply.use_by else None),
        named("Reason", supply.reason),
    ]
    until = f"until {short(supply.use_by)}" if supply.use_by else ""
    return row((short(supply.on), "supply", supply.amount, "", fate(recorded) or until), details)


_SUPPLY = EntryKind(
    name="supply", of=Supply, what="supply", counted_as="Supply",
    command="supply", summary="record the bottles or tablets that the family has",
    adds="add all that there is of a product on a day",
    in_app=InTheApp(
        action="supply", key="z", short="Supply",
        help="Record bottles or tablets, to know when to order", title="Record a supply",
        list="doses",
    ),
    fields=(
        _day("on", "Opened on", "--opened", is_today=True,
             help="day the bottle was opened, or from which the tablets are given"),
        EntryField(
            name="volume_ml", label="Bottle", argument="--volume", id="volume", required=False,
            metavar="V", help="volume of a full bottle", example="60 mL", read=by(read_bottle),
        ),
        EntryField(
            name="bottles", label="Bottles", argument="--bottles", required=False, metavar="N",
            help="bottles in all, with the opened one (default: 1)", example="1",
            read=by(read_count),
        ),
        EntryField(
            name="tablets", label="Tablets", argument="--tablets", required=False, metavar="N",
            help="tablets in all", example="100", read=by(read_count),
        ),
        EntryField(
            name="tablet_mg", label="Each of", argument="--tablet", id="tablet", required=False,
            metavar="D", help="strength of a tablet", example="1 mg", read=by(read_tablet),
        ),
        EntryField(
            name="strength_mg_per_ml", label="Dilution", argument="--strength", id="strength",
            required=False, metavar="S", help="strength of a pharmacy's dilution",
            example="0.5 mg/mL", read=by(read_strength),
        ),
        _day("use_by", "Use by", "--use-by", help="last day by the label of the pharmacy",
             required=False, may_be_ahead=True, id="use-by"),
        _WHY_BESIDE,
    ),
    columns={
        "opened": "on", "product": lambda each: each.entry.product.value,
        "volume_ml": "volume_ml", "bottles": "bottles", "tablets": "tablets",
        "tablet_mg": "tablet_mg", "strength_mg_per_ml": "strength_mg_per_ml", "use_by": "use_by",
        "reason": "reason",
    },
    begins="on", planned=frozenset({"use_by"}),
    in_words=lambda supply: f"{supply.amount} from {short(supply.on)}",
    row=_supply_row,
)  # fmt: skip


# --- answers about another entry, given by an action of its command

_LEVEL_CAUSE = EntryKind(
    name="level_cause", of=LevelCauseAnswer, what="cause of a level", counted_as="LevelCause",
    columns={
        "of": "of", "on": "on", "cause": "cause", "excluded": "is_excluded", "text": "text",
    },
    begins="on",
    in_words=lambda answer: f"{answer.cause.value} for level {answer.of}",
)  # fmt: skip

_SETTLEMENT = EntryKind(
    name="settlement", of=Settlement, what="settled check", counted_as="Settlement",
    columns={"what": "what", "on": "on", "reason": "reason"},
    begins="on",
    in_words=lambda settled: f"{settled.what} settled on {short(settled.on)}: {settled.reason}",
)  # fmt: skip


_DOSE_CHECK = EntryKind(
    name="dose_check", of=DoseCheck, what="dose check", counted_as="DoseCheck",
    columns={
        "of": "of", "on": "on", "dose_mg": "dose_mg", "volume_ml": "volume_ml",
        "every_hours": "every_hours", "evening_mg": "evening_mg", "evening_ml": "evening_ml",
        "checked_by": "checked_by",
    },
    begins="on",
    in_words=lambda check: f"prescription {check.of} by {check.checked_by} on {short(check.on)}",
)  # fmt: skip


# --- of the clinic, about no patient

_CLINIC_LIMITS = EntryKind(
    name="clinic_limits", of=LimitSet, what="set of limits", counted_as="LimitSet",
    columns={
        "on": "on", "figures": "figures", "decided_by": "decided_by", "reason": "reason",
        "is_signed": "is_signed",
    },
    begins="on",
    in_words=lambda each: f"{'signed' if each.is_signed else 'decided'} by {each.decided_by}",
)  # fmt: skip


# --- the table

_ENDING = EntryKind(name="ending", of=StopRecord, what="end")
_VOID = EntryKind(name="void", of=Void, what="void")
_REMOVAL = EntryKind(name="removal", of=Removal, what="removal")

ENTRY_KINDS = (
    _PATIENT,
    _MEASUREMENT,
    _PRESCRIPTION,
    _MISSED_DOSE,
    _LEVEL,
    _ADVERSE_EVENT,
    _LABORATORY_VALUE,
    _CO_MEDICATION,
    _RESPONSE,
    _NOTE,
    _CONDITION,
    _SUPPLY,
)
"""Each kind of entry, in the order of the commands."""

MARKS = (_ENDING, _VOID, _REMOVAL)
"""The marks of other entries, made by `end` and `void` of their kind and by `patient remove`."""

ANSWERS = (_LEVEL_CAUSE, _SETTLEMENT, _DOSE_CHECK)
"""The answers to a question of the program: `level cause`, `due settle` and `prescribe check`."""

OF_THE_CLINIC = (_CLINIC_LIMITS,)
"""The kinds of the clinic, made by its commands, about no patient."""

_ALL = (*ENTRY_KINDS, *ANSWERS, *OF_THE_CLINIC, *MARKS)

KINDS: dict[str, type[Entry]] = {each.name: each.of for each in _ALL}
"""Each kind of entry by the name of its table."""

NAMES: dict[type[Entry], str] = {of: name for name, of in KINDS.items()}

_BY_TYPE = {each.of: each for each in _ALL}


def kind_of(entry: Entry | type[Entry]) -> EntryKind:
    """Return the row of an entry, or of its type."""
    return _BY_TYPE[entry if isinstance(entry, type) else type(entry)]


def kind_called(name: str) -> EntryKind:
    """Return the row of a kind by its name."""
    return kind_of(KINDS[name])


def check_ending(entry: Entry, ending: StopRecord) -> None:
    """Check the end of an entry.

    Raises `UserError` for a kind that does not last, for a time instead of a day or the reverse,
    and for an end before the beginning.
    """
    kind = kind_of(entry)
    if kind.lasts is None or not kind.lasts_if(entry):
        lasting = [each.ends_as or f"{each.what}s" for each in ENTRY_KINDS if each.lasts]
        raise UserError(
            f"A {kind.what} cannot be ended. Only {', '.join(lasting[:-1])} and {lasting[-1]} can."
        )
    kind.check_end(is_moment=ending.at is not None)
    since, end = getattr(entry, kind.begins), ending.at or ending.on
    if end is not None and end < since:
        raise UserError(
            f"The end ({short(end)}) is before the beginning ({short(since)}). Check both."
        )
