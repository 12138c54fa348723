"""What the tests build: moments, entries of every kind, and records in memory made of them.

Each builder gives something plain and whole; a test states only what it is about. Times are written
as people write them ("2026-11-05T08:00", in Paris) or are moments already; days likewise.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from dosing import Product, QuantityKind, Sex, TargetTrough, read_quantity
from dosing.alerts import Alerts
from dosing.knowledge.limits import LIMIT_TABLE, CheckInput, check
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.dose_check import DoseCheck
from monitoring.record.entries import Author, Record, StopRecord, StoredEntry, Void
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import (
    LaboratoryQuantity,
    LaboratoryValue,
    read_laboratory,
)
from monitoring.record.level import (
    Assay,
    Comparator,
    Level,
    LevelCause,
    LevelCauseAnswer,
    read_level,
)
from monitoring.record.limit_set import LimitSet
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.record.removal import Removal, seal_of, sign_of
from monitoring.record.response import Criterion, Response
from monitoring.record.settlement import Settlement
from monitoring.record.supply import Supply
from monitoring.times import Moment

AUTHOR = "Dr Example"
ZONE = "Europe/Paris"


# --- times


def checked(*inputs: CheckInput) -> Alerts:
    """Return the alerts of inputs by the program's own limits."""
    return check(*inputs, table=LIMIT_TABLE)


def at(text: str | Moment, zone: str = ZONE) -> Moment:
    """Return the moment that the clocks of a zone show so."""
    return text if isinstance(text, Moment) else Moment.read(text, zone)


def day(text: str | date) -> date:
    return date.fromisoformat(text) if isinstance(text, str) else text


def later(moment: Moment, **by: float) -> Moment:
    """Return the moment that lies so much later; the words are those of `timedelta`."""
    return replace(moment, utc=moment.utc + timedelta(**by))


class Ticking:
    """A clock that goes on by one second a call."""

    def __init__(self, begin: str | Moment = "2026-11-05T08:00") -> None:
        self._next = at(begin)

    def __call__(self) -> Moment:
        now = self._next
        self._next = later(now, seconds=1)
        return now


BY = Author(AUTHOR, at("2026-11-05T08:00"))


# --- entries


def a_patient(
    record_number: str = "00123",
    name: str = "Łukasz O'Neil",
    *,
    born: str | date = "2024-02-29",
    sex: Sex = Sex.MALE,
    **more: Any,
) -> Patient:
    stated = {
        "anomaly": Anomaly.LYMPHATIC,
        "diagnosis": "cystic hygroma",
        "allergies": "penicillin",
        **more,
    }
    return Patient(record_number=record_number, name=name, born=day(born), sex=sex, **stated)


def a_measurement(
    weight: str | None = "12.4 kg",
    height: str | None = "88 cm",
    on: str | date = "2026-11-05",
    **more: Any,
) -> Measurement:
    return Measurement(
        on=day(on),
        weight=read_quantity(weight, QuantityKind.WEIGHT) if weight else None,
        height=read_quantity(height, QuantityKind.HEIGHT) if height else None,
        **more,
    )


def a_target(low: str | None = "5", high: str = "15") -> TargetTrough:
    return TargetTrough(Decimal(low) if low else None, Decimal(high))


def a_dose(
    since: str | Moment = "2026-11-01T08:00",
    mg: str = "0.44",
    *,
    times_a_day: int = 2,
    target: TargetTrough | None = None,
    **more: Any,
) -> Prescription:
    """Return a prescription with nothing in it but the dose."""
    stated = {"product": Product.SOLUTION, "protocol": "review", "rule_version": "0.1.0", **more}
    return Prescription(
        since=at(since),
        dose_mg=Decimal(mg),
        times_a_day=times_a_day,
        target=target or a_target(),
        **stated,
    )


def a_prescription(since: str | Moment = "2026-11-01T08:00", mg: str = "0.440") -> Prescription:
    """Return a prescription with every field filled: proposed, overridden and explained."""
    return a_dose(
        since,
        mg,
        target=a_target("5", "15.0"),
        proposal='{"dose": {"given_mg": 0.44}}',
        override_reason="seen before",
        override_by="Dr Example",
        reason="start",
    )


def a_missed_dose(when: str | Moment = "2026-11-02T08:00") -> MissedDose:
    return MissedDose(at=at(when), kind=NotGiven.MISSED)


def held_doses(
    since: str | Moment, until: str | Moment | None, *, is_open: bool | None = None
) -> MissedDose:
    end = None if until is None else at(until)
    return MissedDose(at=at(since), kind=NotGiven.HELD, until=end, is_open=is_open)


def a_level(
    value: str = "7.2 ng/mL",
    sampled: str | Moment = "2026-11-20T08:00",
    *,
    hours: float | None = 12,
    last_dose: str | Moment | None = None,
    assay: Assay | None = Assay.LC_MS_MS,
    **more: Any,
) -> Level:
    """Return a level taken `hours` after the last dose, or after the dose that is stated.

    With `hours=None` nothing is told about the last dose.
    """
    written, comparator = read_level(value)
    moment = at(sampled)
    if last_dose is not None:
        before: Moment | None = at(last_dose)
    else:
        before = None if hours is None else later(moment, hours=-hours)
    return Level(
        sampled=moment,
        value=written,
        comparator=comparator,
        last_dose=before,
        assay=assay,
        **more,
    )


def a_side_effect(
    term: str = "mouth ulcers",
    since: str | date = "2026-11-03",
    grade: int | None = None,
    **more: Any,
) -> AdverseEvent:
    return AdverseEvent(term=term, since=day(since), grade=grade, **more)


def a_laboratory_value(
    test: str = "ALT",
    value: str = "30 U/L",
    when: str | Moment = "2026-11-15T08:00",
    *,
    lower: str | None = None,
    upper: str | None = None,
) -> LaboratoryValue:
    """Return a value such as "35 U/L" or "<5 U/L" with the laboratory's limits of normal."""
    quantity, comparator = read_laboratory(value)
    assert isinstance(quantity, LaboratoryQuantity), "a pair of blood pressures is two values"
    return LaboratoryValue(
        test=test,
        at=at(when),
        value=quantity,
        comparator=comparator,
        lower_limit=LaboratoryQuantity.read(lower) if lower else None,
        upper_limit=LaboratoryQuantity.read(upper) if upper else None,
    )


def a_drug(name: str = "fluconazole", since: str | date = "2026-11-04") -> CoMedication:
    return CoMedication(drug=name, since=day(since))


def a_response(
    on: str | date = "2026-11-05",
    *,
    improved: bool = True,
    criterion: Criterion = Criterion.CLINICAL,
) -> Response:
    return Response(on=day(on), criterion=criterion, improved=improved)


def a_condition(
    name: str = "pregnancy", since: str | date = "2026-11-04", text: str = ""
) -> Condition:
    return Condition(name=name, since=day(since), text=text)


def a_cause(
    of: int, cause: LevelCause = LevelCause.VOMITED, *, is_excluded: bool | None = None
) -> LevelCauseAnswer:
    """Return the cause of a level; an error excludes it, unless something else is stated."""
    excluded = cause.is_error if is_excluded is None else is_excluded
    return LevelCauseAnswer(
        of=of, on=day("2026-11-21"), cause=cause, is_excluded=excluded, text="asked the family"
    )


def a_settlement(what: str = "blood pressure", on: str | date = "2026-11-20") -> Settlement:
    return Settlement(what=what, on=day(on), reason="not measured before the start")


def a_dose_check(of: int = 3, by: str = "Nurse Sample", **figures: Any) -> DoseCheck:
    """Return a check of the dose of `a_prescription`."""
    usual: dict[str, Any] = {"dose_mg": Decimal("0.44"), "volume_ml": Decimal("0.44")}
    return DoseCheck(**{"of": of, "on": day("2026-11-05"), "every_hours": 12,
                        "checked_by": by, **usual, **figures})  # fmt: skip


def a_limit_set(*, is_signed: bool = True, **values: str) -> LimitSet:
    """Return a set of the clinic's limits: `step_stop="4"`."""
    figures = tuple(sorted(f"{name.replace('_', '-')}={each}" for name, each in values.items()))
    return LimitSet(
        on=day("2026-11-05"), figures=figures, decided_by="Dr Sample",
        reason="local guideline", is_signed=is_signed,
    )  # fmt: skip


def a_removal(reason: str = "retention has ended") -> Removal:
    """Return the removal of a patient with two changes."""
    changes = [(1, "a" * 64), (2, "b" * 64)]
    return Removal(of=1, changes=2, seal=seal_of(changes), signs=(sign_of("00123"),), reason=reason)


def a_bottle(on: str | date = "2026-11-05", volume_ml: str = "60", **more: Any) -> Supply:
    return Supply(on=day(on), volume_ml=Decimal(volume_ml), **more)


def some_tablets(number: int, mg: str = "1", on: str | date = "2026-11-05", **more: Any) -> Supply:
    return Supply(on=day(on), tablets=number, tablet_mg=Decimal(mg), **more)


def a_note(text: str = "Seen in clinic", on: str | date = "2026-11-05") -> Note:
    return Note(on=day(on), text=text)


def every_kind() -> tuple[Entry, ...]:
    """Return one entry of every kind that is added to a patient, with its fields filled."""
    quantity = LaboratoryQuantity.read
    return (
        a_measurement("12.40 kg", reason="measured twice"),
        a_prescription(),
        MissedDose(
            at=at("2026-11-02T08:00"),
            kind=NotGiven.HELD,
            until=at("2026-11-03T20:00"),
            reason="fever",
        ),
        Level(
            sampled=at("2026-11-05T07:45"),
            value=read_quantity("7.20 ng/mL", QuantityKind.LEVEL),
            comparator=Comparator.ABOVE,
            last_dose=at("2026-11-04T20:00"),
            assay=Assay.CMIA,
            laboratory="University laboratory",
            reason="sampled early",
        ),
        AdverseEvent(
            term="Mouth ulcers",
            since=date(2026, 11, 3),
            grade=2,
            action=ActionTaken.REDUCED,
            text="painful",
        ),
        LaboratoryValue(
            test="Platelets",
            at=at("2026-11-05T07:45"),
            value=quantity("112 10*9/L"),
            comparator=Comparator.BELOW,
            lower_limit=quantity("150 10*9/L"),
            upper_limit=quantity("450.0 10*9/L"),
            laboratory="University laboratory",
        ),
        CoMedication(drug="Fluconazole", since=date(2026, 11, 4), text="7 days"),
        Response(
            on=date(2026, 11, 5), criterion=Criterion.IMAGING, improved=True, text="half the size"
        ),
        a_note(),
        a_condition("allergy to peanut", text="hives"),
        a_bottle(bottles=2, use_by=date(2027, 1, 31), reason="a second box"),
    )


def every_field_of_0003() -> tuple[Entry, ...]:
    """Return entries in which every column and table that schema 0003 added is filled."""
    value = a_laboratory_value()
    return (
        a_dose(
            "2026-11-10T08:00",
            "0.50",
            every_hours=12,
            evening_mg=Decimal("0.40"),
            strength_mg_per_ml=Decimal("0.50"),
            given_reason="as the family gave it",
            is_taper_step=True,
        ),
        held_doses("2026-11-12T08:00", None, is_open=True),
        a_level("6.9 ng/mL", "2026-11-12T07:30", last_dose_assumed=True),
        a_side_effect("fever", attributed_to="a viral infection"),
        replace(value, scale="CTCAE v6.0"),
        a_condition("planned pregnancy", "2027-02-01"),
        a_cause(of=4),
        a_settlement(),
    )


def every_field_of_0004() -> tuple[Entry, ...]:
    """Return entries in which every column that schema 0004 added is filled."""
    reason = "both are right"
    return (
        replace(a_side_effect("fever", "2026-11-10"), reason=reason),
        replace(a_laboratory_value(), reason=reason),
        replace(a_drug(), reason=reason),
        replace(a_response(), reason=reason),
        replace(a_note(), reason=reason),
        replace(a_condition("infection"), reason=reason),
    )


def every_field_of_0010() -> tuple[Entry, ...]:
    """Return entries about a patient in which every column of schema 0010 is filled."""
    return (a_dose_check(evening_mg=Decimal("0.50"), evening_ml=Decimal("0.50")),)


# --- records in memory


def a_record(*entries: Entry, patient: Patient | None = None, by: Author = BY) -> Record:
    """Return the record of a patient (number 1) and these entries, numbered from 2 on."""
    who, *rest = (
        StoredEntry(number=number, patient=1, entry=entry, author=by)
        for number, entry in enumerate((patient or a_patient(), *entries), start=1)
    )
    return Record(patient=cast("StoredEntry[Patient]", who), entries=(who, *rest))


def with_patient(record: Record, **changes: Any) -> Record:
    """Return the record with other words about the patient."""
    who = replace(record.patient, entry=replace(record.patient.entry, **changes))
    return Record(patient=who, entries=(cast("StoredEntry[Entry]", who), *record.entries[1:]))


def ended(record: Record, number: int, when: str | Moment | date, reason: str = "") -> Record:
    """Return the record in which an entry has ended: a dose at a time, all else on a day."""
    is_day = not isinstance(when, Moment) and (isinstance(when, date) or "T" not in when)
    ending = (
        StopRecord(of=number, on=day(cast("str | date", when)), reason=reason)
        if is_day
        else StopRecord(of=number, at=at(cast("str | Moment", when)), reason=reason)
    )
    mark = StoredEntry(number=90 + number, patient=1, entry=ending, author=BY)
    return _changed(record, number, ending=mark)


def voided(record: Record, number: int) -> Record:
    """Return the record in which an entry is marked as wrong."""
    void = Void(of=number, reason="Typed twice")
    mark = StoredEntry(number=900 + number, patient=1, entry=void, author=BY)
    return _changed(record, number, void=mark)


def _changed(record: Record, number: int, **marks: Any) -> Record:
    assert number in {each.number for each in record.entries}, f"the record has no entry {number}"
    entries = tuple(
        replace(each, **marks) if each.number == number else each for each in record.entries
    )
    return replace(record, entries=entries)
