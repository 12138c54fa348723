"""Two records of one person made one: every active entry of the former is added to the other.

The former entries and the former patient are voided with a pointer to the entry that stays; a note
in the record that stays names the author and the time of each. Nothing is erased or counted twice.
What contradicts itself is refused until a person has resolved it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from dosing import AlertKind, Sex, UserError
from dosing.birth_date import may_be_same_birth
from dosing.quantities.text import LONGEST_FREE_TEXT, quoted, shortened
from monitoring.exchange.incoming import IncomingMerge, LeftOut, Refusal, Skipped, SourcePlace
from monitoring.record.dose_check import DoseCheck
from monitoring.record.entries import Record, StopRecord, StoredEntry, Void
from monitoring.record.entry import Entry, name_text
from monitoring.record.kinds import kind_of
from monitoring.record.level import LevelCauseAnswer
from monitoring.record.measurement import Measurement
from monitoring.record.name_keys import words_of
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import Prescription
from monitoring.record.same_entries import is_same, same_entries
from monitoring.store.errors import NotFoundError
from monitoring.times import Moment, short
from monitoring.treatment import DosingPeriod, TreatmentHistory

if TYPE_CHECKING:
    from monitoring.store.store import Store

_COMMAND = SourcePlace(0, "the two records")
_ABOUT_AN_ENTRY = (LevelCauseAnswer, DoseCheck)
"""The answers that name another entry by its number."""


@dataclass(frozen=True, slots=True)
class SharedEntry:
    """An entry that both records have, and the end that only the former one knows."""

    entry: StoredEntry[Any]
    known: StoredEntry[Any]
    ending: StopRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePlan:
    """The future of each entry of the former record; nothing is stored yet."""

    former: Record
    into: Record
    moved: tuple[StoredEntry[Any], ...]
    """The entries to add to the record that stays."""
    doubles: tuple[SharedEntry, ...]
    left: tuple[StoredEntry[Any], ...]
    """Answers about an entry that was voided before: they stay, voided, in the former record."""
    patient: Patient | None
    """The particulars of the patient with what only the former record knew; None if unchanged."""
    cautions: tuple[str, ...] = ()
    """What a person should look at, such as names that differ."""
    conflicts: tuple[str, ...] = ()
    """What contradicts itself: while there is one, nothing is stored."""


@dataclass(frozen=True, slots=True)
class Renumbering:
    """A patient whose record number changes; no entry is touched."""

    record: Record
    patient: Patient
    """With the new record number."""


def patients_of(effects: MergePlan | Renumbering) -> tuple[int, ...]:
    """Return the numbers in the store of the patients that a merge changes."""
    if isinstance(effects, Renumbering):
        return (effects.record.number,)
    return effects.former.number, effects.into.number


def merge_effects(
    former: Record, into: Record, place: SourcePlace = _COMMAND
) -> MergePlan | Refusal:
    """Return what a merge would do, with its conflicts, or the refusal of two persons."""
    one, other = former.patient.entry, into.patient.entry
    if former.number == into.number:
        return Refusal(place, "", "both numbers are of one record. Nothing is to be merged.")
    if not may_be_same_birth(one.born, other.born):
        return Refusal(
            place, "",
            f"{quoted(one.record_number)} was born on {short(one.born)} and "
            f"{quoted(other.record_number)} on {short(other.born)}. They are two persons, or one "
            "date is wrong: correct it first.",
        )  # fmt: skip
    if any(each.is_active for each in former.unreadable):
        return Refusal(
            place, "", "the former record has entries that cannot be read. Run `sirolimus verify`."
        )
    return _MergeSorting(former, into).plan()


class _MergeSorting:
    """The sorting of the former entries into moved ones, doubles and conflicts."""

    def __init__(self, former: Record, into: Record) -> None:
        self._former, self._into = former, into
        self._moved: list[StoredEntry[Any]] = []
        self._doubles: list[SharedEntry] = []
        self._left: list[StoredEntry[Any]] = []
        self._conflicts: list[str] = []
        self._cautions: list[str] = []

    def plan(self) -> MergePlan:
        active = [
            each for each in self._former.entries
            if each.is_active and not isinstance(each.entry, Patient)
        ]  # fmt: skip
        for each in active:
            if isinstance(each.entry, _ABOUT_AN_ENTRY):
                self._sort_answer(each)
            else:
                self._sort(each)
        patient = self._particulars()
        self._conflicts.extend(_overlapping_doses(self._former, self._into))
        return MergePlan(
            former=self._former,
            into=self._into,
            moved=tuple(self._moved),
            doubles=tuple(self._doubles),
            left=tuple(self._left),
            patient=patient,
            cautions=tuple(self._cautions),
            conflicts=tuple(dict.fromkeys(self._conflicts)),
        )

    def _sort(self, recorded: StoredEntry[Any]) -> None:
        entry, ending = recorded.entry, recorded.ending
        ended_on = ending.entry.on if ending else None
        found = same_entries(self._into, entry, ended_on)
        if not found:
            self._check_body(recorded)
            self._moved.append(recorded)
            return
        known = found[-1]
        if not is_same(known.entry, entry):
            self._conflict(recorded, known)
            return
        end = ending.entry if ending else None
        known_end = known.ending.entry if known.ending else None
        if end and known_end and _end(end) != _end(known_end):
            self._conflict(recorded, known)
        self._doubles.append(SharedEntry(recorded, known, end if not known_end else None))

    def _conflict(self, recorded: StoredEntry[Any], known: StoredEntry[Any]) -> None:
        kind = kind_of(recorded.entry)
        ours, theirs = (
            f"{shortened(kind.in_words(each.entry))} (entry {each.number}{_until(each)})"
            for each in (recorded, known)
        )
        self._conflicts.append(
            f"{kind.what[0].upper()}{kind.what[1:]}: {ours} and {theirs} are of one time. Void or "
            "end the wrong one."
        )

    def _sort_answer(self, recorded: StoredEntry[Any]) -> None:
        """Sort the cause of a level with its level, and the check of a dose with its dose."""
        about = recorded.entry.of
        double = next((each for each in self._doubles if each.entry.number == about), None)
        if double is not None:
            answer = replace(recorded.entry, of=double.known.number)
            answers = [each for each in self._into.active(type(answer))
                       if each.entry.of == answer.of]  # fmt: skip
            if answers and is_same(answers[-1].entry, answer):
                self._doubles.append(SharedEntry(recorded, answers[-1]))
            elif answers and isinstance(answer, LevelCauseAnswer):
                self._conflict(recorded, answers[-1])
            else:  # a dose may be checked by several people
                self._moved.append(recorded)
        elif any(each.number == about for each in self._moved):
            self._moved.append(recorded)
        else:
            self._left.append(recorded)

    def _check_body(self, recorded: StoredEntry[Any]) -> None:
        """Note a body that does not fit the other record: it may be another person's."""
        entry, kind = recorded.entry, kind_of(recorded.entry)
        if not isinstance(entry, Measurement) or kind.limits is None or entry.reason:
            return
        for alert in kind.limits(self._into, entry):
            found = f"Entry {recorded.number}, {kind.in_words(entry)}: {alert.message}"
            if alert.kind is AlertKind.STOP:
                self._conflicts.append(found)
            elif alert.kind is AlertKind.CAUTION:
                self._cautions.append(found)

    def _particulars(self) -> Patient | None:
        """Return the patient with what only the former record knew; None if it knew nothing."""
        one, other, cautions = self._former.patient.entry, self._into.patient.entry, self._cautions
        if words_of(one.name) != words_of(other.name):
            cautions.append(f"The names differ: {one.name} and {other.name}.")
        unknown = {Sex.UNKNOWN, Sex.OTHER}
        if one.sex is not other.sex and not unknown & {one.sex, other.sex}:
            self._conflicts.append("The sex differs. Correct it with `sirolimus patient edit`.")
        merged = other
        for name, absent in _PARTICULARS.items():
            ours, theirs = getattr(one, name), getattr(other, name)
            if ours in (absent, theirs):
                continue
            if theirs == absent:
                merged = replace(merged, **{name: ours})
            elif name == "allergies":
                merged = replace(merged, allergies=f"{theirs}; {ours}")
            elif name in {"diagnosis", "severity"}:
                cautions.append(f"The {name} of the former record was: {ours}.")
            else:
                self._conflicts.append(
                    f"The {name} differs. Correct it with `sirolimus patient edit`."
                )
        return merged if merged != other else None


_PARTICULARS: dict[str, object] = {
    "anomaly": Anomaly.NOT_RECORDED, "diagnosis": "", "allergies": "", "congenital": None,
    "severity": None, "gestation": None, "cyp3a5": None,
}  # fmt: skip
"""The particulars that one record may know and the other not, with their absence."""


def _end(ending: StopRecord) -> object:
    return ending.at.utc if ending.at else ending.on


def _until(recorded: StoredEntry[Any]) -> str:
    ending = recorded.ending
    when = ending and (ending.entry.at or ending.entry.on)
    return f", until {short(when)}" if when else ""


def _overlapping_doses(former: Record, into: Record) -> Iterator[str]:
    """Yield each pair of different doses that both records say were given at one time."""
    for one in TreatmentHistory.of(former).periods:
        for other in TreatmentHistory.of(into).periods:
            ours, theirs = one.prescription, other.prescription
            if _is_one_time(one, other) and not _is_one_dose(ours.entry, theirs.entry):
                yield (
                    f"Dose: {ours.entry} (entry {ours.number}) and {theirs.entry} (entry "
                    f"{theirs.number}) are given at one time. End or void the wrong one."
                )


def _is_one_time(one: DosingPeriod, other: DosingPeriod) -> bool:
    return (other.until is None or one.since < other.until) and (
        one.until is None or other.since < one.until
    )


def _is_one_dose(one: Prescription, other: Prescription) -> bool:
    return (one.dosage, one.product, one.strength_mg_per_ml) == (
        other.dosage, other.product, other.strength_mg_per_ml,
    )  # fmt: skip


# --- storing


def says_merged_into(reason: str, record_number: str) -> bool:
    """Return whether the reason of a voided patient is that of a merge into a record number."""
    return reason.startswith(f"{_merged_into(record_number)}: ")


def _merged_into(record_number: str) -> str:
    return f"merged into {record_number}"


def merge_entries(
    plan: MergePlan, reason: str, first: int, today: date
) -> tuple[tuple[int, Entry], ...]:
    """Return the entries that a merge stores, each with its patient, the first numbered `first`.

    Every one is a link of the audit trail. Raises `UserError` for a plan with conflicts, and
    without a reason.
    """
    if plan.conflicts:
        raise UserError(
            f"{len(plan.conflicts)} contradictions: {plan.conflicts[0]} Nothing was stored."
        )
    return tuple(_Writing(plan, name_text(reason, "The reason"), first, today).entries())


class _Writing:
    """The entries of a merge, in the order in which they are stored and numbered."""

    def __init__(self, plan: MergePlan, reason: str, first: int, today: date) -> None:
        self._plan, self._reason, self._next, self._today = plan, reason, first, today
        self._former = plan.former.patient.entry.record_number
        self._stays = plan.into.patient.entry.record_number
        self._becomes: dict[int, int] = {
            each.entry.number: each.known.number for each in plan.doubles
        }

    def entries(self) -> Iterator[tuple[int, Entry]]:
        into, former = self._plan.into.number, self._plan.former.number
        for entry in self._added():
            yield into, entry
        for voided in (*self._plan.moved, *(each.entry for each in self._plan.doubles)):
            pointer = f"{_merged_into(self._stays)}, entry {self._becomes[voided.number]}"
            yield former, Void(of=voided.number, reason=self._because(pointer))
        for left in self._plan.left:
            yield former, Void(of=left.number, reason=self._because(_merged_into(self._stays)))
        yield former, Void(of=former, reason=self._because(_merged_into(self._stays)))

    def _because(self, pointer: str) -> str:
        """Return a pointer with the reason, within the length of a text."""
        return f"{pointer}: {self._reason}"[:LONGEST_FREE_TEXT]

    def _added(self) -> Iterator[Entry]:
        """Yield the entries of the record that stays, counting their numbers."""
        for recorded in self._plan.moved:
            entry = recorded.entry
            if isinstance(entry, _ABOUT_AN_ENTRY):
                entry = replace(entry, of=self._becomes[entry.of])
            self._becomes[recorded.number] = self._next
            yield self._numbered(entry)
            if recorded.ending:
                yield self._numbered(
                    replace(recorded.ending.entry, of=self._becomes[recorded.number])
                )
        for double in self._plan.doubles:
            if double.ending:
                yield self._numbered(replace(double.ending, of=double.known.number))
        if self._plan.patient:
            yield self._numbered(self._plan.patient)
        for text in self._notes():
            yield self._numbered(Note(on=self._today, text=text))

    def _numbered(self, entry: Entry) -> Entry:
        self._next += 1
        return entry

    def _notes(self) -> Iterator[str]:
        """Yield the texts of the notes: the origin of each entry, with author and time."""
        text = f"Record {self._former} was merged into this one: {self._reason}."
        text = " ".join([text[: LONGEST_FREE_TEXT // 2], *self._plan.cautions])[:LONGEST_FREE_TEXT]
        for each in self._plan.moved:
            author = each.author
            origin = (
                f" Entry {self._becomes[each.number]} was {each.number}, of {author.by}, "
                f"{short(author.at)}."
            )
            if len(text) + len(origin) > LONGEST_FREE_TEXT:
                yield text
                text = f"Record {self._former}, continued."
            text += origin
        yield text


def read_merge(store: "Store", former: str, into: str) -> tuple[int, MergePlan | Refusal]:
    """Return the last change that was read, and the effects of merging two records.

    Raises `NotFoundError` for an unknown record number.
    """
    revision = store.last_change()  # first: a change while the rest is read is a later one
    return revision, merge_effects(store.find(former), store.find(into))


def write_merge(
    store: "Store", plan: MergePlan, reason: str, revision: int, now: Moment
) -> tuple[tuple[int, Entry], ...]:
    """Store a merge in one transaction, and return its entries with their patients.

    Raises `ConflictError` if anything was changed after `revision`, and as `merge_entries` does.
    """
    entries = merge_entries(plan, reason, revision + 1, now.local.date())
    store.add_all(entries, revision)
    return entries


# --- as another system reports it


def plan_merge(store: "Store", merge: IncomingMerge) -> MergePlan | Renumbering | LeftOut | Refusal:
    """Return the effects of a reported merge (ADT A40).

    A former number that is unknown here changes nothing. If only the former one is known, the
    record number of that patient changes. A merge with conflicts is refused.
    """
    former = _found(store, merge.former.value)
    into = next(filter(None, (_found(store, each.value) for each in merge.patient.identifiers)),
                None)  # fmt: skip
    if former is None:
        what = f"record number {shortened(merge.former.value)} is not in the records"
        return LeftOut(merge.place, Skipped.OTHER, f"{what}: nothing to merge")
    born = merge.patient.born
    for record in filter(None, (former, into)):
        patient = record.patient.entry
        if born is not None and not may_be_same_birth(born, patient.born):
            return Refusal(
                merge.place, merge.patient.born_part,
                f"{quoted(patient.record_number)} was born on {short(patient.born)}, not on "
                f"{short(born)}. Check the record number.",
            )  # fmt: skip
    if into is None:
        number = merge.patient.identifiers[0].value
        return Renumbering(former, replace(former.patient.entry, record_number=number))
    effects = merge_effects(former, into, merge.place)
    if isinstance(effects, MergePlan) and effects.conflicts:
        return Refusal(merge.place, "", f"{effects.conflicts[0]} Then merge the records here.")
    return effects


def write_renumbering(store: "Store", change: Renumbering) -> None:
    """Store a changed record number. Raises `RecordsError` for one that is taken."""
    store.change_patient(change.record.number, change.patient, change.record.revision)


def carry_out(
    store: "Store", merge: IncomingMerge, reason: str, now: Moment
) -> MergePlan | Renumbering | LeftOut | Refusal:
    """Plan a reported merge by the records as they are now, store it, and return its effects."""
    revision = store.last_change()
    effects = plan_merge(store, merge)
    if isinstance(effects, MergePlan):
        write_merge(store, effects, reason, revision, now)
    elif isinstance(effects, Renumbering):
        write_renumbering(store, effects)
    return effects


def _found(store: "Store", number: str) -> Record | None:
    try:
        return store.find(number)
    except NotFoundError:
        return None
