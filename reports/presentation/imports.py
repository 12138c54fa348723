"""Additions, voids, waiting results and refusals of an import, in words."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from monitoring.exchange.entry_identity import happened, reported
from monitoring.exchange.import_plan import Addition, PlannedMark, PlannedMerge
from monitoring.exchange.importing import Plan
from monitoring.exchange.incoming import Incoming, LeftOut, Refusal, SourceKind
from monitoring.exchange.merging import Renumbering
from monitoring.exchange.waiting import WaitingResult
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.kinds import kind_of
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.times import Moment, short
from reports.presentation.patients import patient_line
from reports.presentation.times import clock_anywhere

if TYPE_CHECKING:
    from monitoring.exchange.export import Preview


def preview_lines(preview: "Preview", most_patients: int | None = None) -> Iterator[str]:
    """Yield the patients and changes that the import of an export would add, a line each."""
    found, patients = preview.verification, preview.patients
    who, what = count_of(len(patients), "patient"), count_of(found.changes, "change")
    yield f"+ to add: {who} with {what}; the export is whole."
    yield f"Authors: {', '.join(preview.authors) or 'none'}. Head {found.head}."
    for each in patients[:most_patients]:
        yield f"  {patient_line(each)}"
    if most_patients is not None and len(patients) > most_patients:
        yield f"  and {len(patients) - most_patients} more"


def count_rows(plan: Plan) -> list[tuple[str, str]]:
    """Return the number of results of each kind, with their names."""
    levels = sum(isinstance(each.entry, Level) for each in plan.additions)
    values = sum(isinstance(each.entry, LaboratoryValue) for each in plan.additions)
    others = Counter(
        kind_of(each.entry).what
        for each in plan.additions
        if not isinstance(each.entry, Level | LaboratoryValue)
    )
    voided = f", {plan.voided_there} of them voided" if plan.voided_there else ""
    more = (
        ("new patients", len(plan.new_patients)),
        *((f"new entries, {what}", count) for what, count in others.items()),
        ("entries to void", len(plan.to_void)),
        ("entries to end", len(plan.to_end)),
        ("records to merge", len(plan.merges)),
        ("waiting, patient unknown", len(plan.waiting)),
        ("taken from the waiting list", len(plan.taken)),
    )
    return [
        (f"  {noun_of(plan)}s", str(plan.rows)),
        ("  new levels", str(levels)),
        ("  new laboratory values", str(values)),
        *((f"  {name}", str(count)) for name, count in more if count),
        ("  already recorded", f"{plan.already_there}{voided}"),
        *((f"  skipped, {why.value}", str(count)) for why, count in plan.skipped.items()),
        ("  refused", str(len(plan.refused))),
    ]


def noun_of(plan: Plan) -> str:
    """Return the word for one item of a source: a row of a sheet, or a result of messages."""
    return "row" if plan.kind in {SourceKind.CSV, SourceKind.EXCEL} else "result"


def addition_words(addition: Addition) -> str:
    """Return the patient and the entry that is added."""
    patient = addition.patient.entry
    return f"{patient.record_number} {patient.name}: {_entry_words(addition.entry)}"


def _entry_words(entry: Entry) -> str:
    if isinstance(entry, Level | LaboratoryValue):
        test = "sirolimus" if isinstance(entry, Level) else entry.test
        at = entry.sampled if isinstance(entry, Level) else entry.at
        return f"{test} {reported(entry)}, sampled {clock_anywhere(at)}"
    kind = kind_of(entry)
    return f"{kind.what} {kind.in_words(entry)}"


def mark_words(planned: PlannedMark) -> str:
    """Return the entry that is voided or ended, and why."""
    patient, mark = planned.patient.entry, planned.mark
    who = f"{patient.record_number} {patient.name}: {planned.shown} (entry {planned.number})"
    if isinstance(mark, StopRecord):
        end = mark.at or mark.on
        return f"{who} ended {short(end) if end else ''}"
    return f"{who}, {mark.reason}"


def merge_words(planned: PlannedMerge) -> str:
    """Return the two records that are merged, or the record number that changes."""
    effects = planned.effects
    if isinstance(effects, Renumbering):
        before, after = effects.record.patient.entry, effects.patient
        return (
            f"{before.record_number} {before.name}: the record number becomes {after.record_number}"
        )
    former, into = effects.former.patient.entry, effects.into.patient.entry
    entries = count_of(len(effects.moved), "entry", "entries")
    return f"{former.record_number} {former.name} into {into.record_number} {into.name}: {entries}"


def waiting_words(waiting: WaitingResult) -> str:
    """Return a waiting result, with the patient as the source states it, and why it waits."""
    return f"{who_words(waiting.item)}: {_entry_words(waiting.item.entry)}. {waiting.why}"


def who_words(item: Incoming) -> str:
    """Return the patient of an item as its source states it."""
    patient = item.patient
    numbers = " = ".join(each.value for each in patient.identifiers)
    born = f", born {short(patient.born)}" if patient.born else ""
    return f"{numbers}{f' {patient.name}' if patient.name else ''}{born}"


def left_out_words(left: LeftOut) -> str:
    """Return the reason why a result is left out, and what it is about."""
    return f"{left.why.value}: {left.what}" if left.what else left.why.value


def refusal_words(refusal: Refusal) -> str:
    """Return the reason why a result is refused, and its field."""
    return f"{refusal.part}: {refusal.reason}" if refusal.part else refusal.reason


def time_text(entry: Entry) -> str:
    """Return the time or the day of an entry in ISO 8601."""
    when = happened(entry)
    return str(when) if isinstance(when, Moment) else when.isoformat()


def written_words(plan: Plan) -> str:
    """Return the number of entries imported, and of results left out."""
    noun = noun_of(plan)
    words = [f"Imported: {count_of(len(plan.additions), 'entry', 'entries')}."]
    if plan.new_patients:
        words.append(f"{count_of(len(plan.new_patients), 'patient was', 'patients were')} added.")
    if plan.to_void:
        words.append(f"{count_of(len(plan.to_void), 'entry was', 'entries were')} voided.")
    if plan.merges:
        words.append(f"{count_of(len(plan.merges), 'record was', 'records were')} merged.")
    if plan.waiting:
        waits = count_of(len(plan.waiting), "result waits", "results wait")
        words.append(f"{waits} for an unknown patient.")
    if plan.refused:
        words.append(
            count_of(len(plan.refused), f"refused {noun} was", f"refused {noun}s were")
            + " left out."
        )
    return " ".join(words)
