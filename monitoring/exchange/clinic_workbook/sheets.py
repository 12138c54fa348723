"""The sheets of a clinic's workbook: the fields of the entry kinds, a column each.

The fields are those that the command and the form of a kind have, with the same readers. Doses have
fields of their own here, as `sirolimus prescribe` has options of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from dosing import PROTOCOLS, REVIEW, Product, QuantityKind, TargetTrough, UserError, read_quantity
from monitoring.prescribing import read_interval, typed_prescription
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryField, Option, Typed, by, options_of
from monitoring.record.kinds import kind_called, kind_of
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription, read_strength
from monitoring.times import Moment

README = "Read me"
"""The title of the sheet with the explanations and the mark."""
MARK = "Sirolimus assistant: workbook of a clinic"
"""The text of its first cell, followed by the version of the template."""
VERSION = 1
EXAMPLE = "EXAMPLE: delete this row"
"""The record number of the template's own rows, which are never imported."""

RECORD_NUMBER = EntryField(
    name="record_number", label="Record number", argument="", help="the patient's record number",
    example="00123",
)  # fmt: skip
END, END_REASON = "ended_at", "end_reason"
"""The names of the fields with the end of a dose, which is an entry of its own."""


@dataclass(frozen=True, slots=True)
class ClinicSheet:
    """One sheet: its title, the kind of its entries, its columns, and an example."""

    title: str
    of: type[Entry]
    fields: tuple[EntryField, ...]
    example: Mapping[str, str]
    """The cells of the example row by the labels of their columns."""
    make: Callable[[Patient, Typed], tuple[Entry, ...]]
    """Makes the entries of a row; raises `UserError`."""

    @property
    def columns(self) -> tuple[EntryField, ...]:
        """The columns in their order: the record number, then the fields."""
        return (RECORD_NUMBER, *self.fields)

    def required(self, field: EntryField) -> bool:
        """Return whether a cell must be filled: a day is never today's by default here."""
        return field.required or field.is_today


def _milligrams(text: str) -> Decimal:
    return read_quantity(text, QuantityKind.DOSE).value


def _times_a_day(text: str) -> int:
    if text not in {"1", "2", "3", "4"}:
        raise UserError(f"A dose is given 1 to 4 times a day, not {text}. Correct the number.")
    return int(text)


def _dose(label: str, name: str, **more: Any) -> EntryField:
    return EntryField(name=name, label=label, argument="", **more)


_DOSE_FIELDS = (
    _dose("Dose", "dose_mg", read=by(_milligrams), example="0.44 mg",
          help="of each administration, with its unit"),
    _dose("Times a day", "times_a_day", read=by(_times_a_day), required=False, example="2",
          help="1 to 4; or else Every", only=("1", "2", "3", "4")),
    _dose("Every", "every_hours", read=by(read_interval), required=False, example="48 h",
          help="the time between doses, in hours or days; or else Times a day"),
    _dose("Evening dose", "evening_mg", read=by(_milligrams), required=False, example="0.4 mg",
          help="the dose from noon on, if it is another"),
    _dose("Product", "product", options=options_of(Product), choose="the product"),
    _dose("Strength", "strength_mg_per_ml", read=by(read_strength), required=False,
          example="0.5 mg/mL", help="of a pharmacy's dilution of the solution"),
    _dose("From", "since", read=Moment.read, is_time=True, example="2026-11-05T08:00",
          help="the time of the first dose"),
    _dose("To", END, read=Moment.read, is_time=True, required=False, example="2026-12-05T20:00",
          help="the time of its end, if no other dose follows"),
    _dose("Reason for the end", END_REASON, required=False),
    _dose("Protocol", "protocol", required=False, default=REVIEW,
          options=tuple(Option(each, key, each.name) for key, each in PROTOCOLS.items())),
    _dose("Target", "target", read=by(TargetTrough.read), required=False, example="4-10 ng/mL",
          help="if it is not the protocol's"),
    _dose("Loading dose", "loading", required=False, default=False,
          options=(Option(value=True, typed="yes", label="yes"),
                   Option(value=False, typed="no", label="no"))),
    _dose("Reason", "reason", required=False, help="for the dose or its change"),
    _dose("As given", "given_reason", required=False,
          help="why it is recorded as it was really given, past every limit"),
)  # fmt: skip


def _prescriptions(_patient: Patient, typed: Typed) -> tuple[Entry, ...]:
    """Return the dose of a row. Raises `UserError` unless it states how often once."""
    values = {name: value for name, value in typed.items() if name not in {END, END_REASON}}
    times, every = values.get("times_a_day"), values.get("every_hours")
    if (times is None) is (every is None):
        raise UserError("The frequency is stated once. Fill in Times a day or Every.")
    if not values.get("given_reason"):
        values.pop("given_reason", None)
    return (typed_prescription(**values | {"times_a_day": times or max(1, 24 // (every or 24))}),)


def _missed_doses() -> ClinicSheet:
    """Return the sheet of missed doses, with the time at which doses on hold were given again."""
    sheet = _sheet(
        "Missed doses", "missed_dose", {"kind": "missed", "at": _EVENING, "reason": "fever"}
    )
    again = _dose("Given again", END, read=Moment.read, is_time=True, required=False,
                  example="2026-11-20T08:00",
                  help="the time of the first dose after a hold; or else Held until")  # fmt: skip

    def make(patient: Patient, typed: Typed) -> tuple[Entry, ...]:
        if typed.get(END) and typed.get("until"):
            raise UserError("The hold has two ends. Fill in Held until or Given again.")
        return sheet.make(patient, {name: each for name, each in typed.items() if name != END})

    return replace(sheet, fields=(*sheet.fields, again), make=make)


def _sheet(title: str, name: str, example: Mapping[str, str]) -> ClinicSheet:
    """Return the sheet of a kind in the table of kinds; its example is by the fields' names."""
    kind = kind_called(name)
    fields = tuple(each for each in kind.fields if each.label != RECORD_NUMBER.label)
    labels = {each.name: each.label for each in fields}
    cells = {labels[each]: text for each, text in example.items()}
    return ClinicSheet(title, kind.of, fields, cells, kind.make_all)


_DAY, _TIME, _TROUGH, _EVENING = (
    "2026-11-05", "2026-11-05T08:00", "2026-11-19T07:50", "2026-11-18T20:00",
)  # fmt: skip

SHEETS = (
    _sheet("Patients", "patient", {
        "name": "Sample Patient", "born": "2023-05-01", "sex": "female",
        "anomaly": "lymphatic-malformation",
    }),
    _sheet("Measurements", "measurement", {"weight": "12.4 kg", "height": "88 cm", "on": _DAY}),
    ClinicSheet(
        "Doses", Prescription, _DOSE_FIELDS,
        {"Dose": "0.44 mg", "Times a day": "2", "Product": "solution", "From": _TIME},
        _prescriptions,
    ),
    _missed_doses(),
    _sheet("Levels", "level", {
        "value": "7.2 ng/mL", "sampled": _TROUGH, "last_dose": _EVENING, "assay": "lc-ms/ms",
    }),
    _sheet("Events", "adverse_event", {
        "term": "mouth sores", "grade": "2", "since": _DAY, "action": "none",
    }),
    _sheet("Laboratory", "laboratory_value", {
        "test": "ALT", "value": "35 U/L", "at": _TROUGH, "upper_limit": "40",
    }),
    _sheet("Drugs", "co_medication", {"drug": "co-trimoxazole", "since": _DAY}),
    _sheet("Conditions", "condition", {"name": "surgery", "since": _DAY}),
    _sheet("Responses", "response", {"on": _DAY, "criterion": "clinical", "improved": "yes"}),
    _sheet("Notes", "note", {"text": "Seen in clinic", "on": _DAY}),
)  # fmt: skip
"""Every sheet, in the order in which they are read: a dose before the level that follows it."""

WHAT = {each.title: kind_of(each.of).what for each in SHEETS}
"""What a row of each sheet is, in words."""
