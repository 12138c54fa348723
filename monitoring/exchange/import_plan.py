"""The plan of an import: what it adds, voids, ends, refuses, and what waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitoring.exchange.incoming import (
    IncomingMerge,
    LeftOut,
    Refusal,
    Skipped,
    SourceKind,
    SourcePlace,
)
from monitoring.exchange.merging import MergePlan, Renumbering
from monitoring.exchange.new_patients import NewPatient
from monitoring.exchange.waiting import WaitingResult
from monitoring.record.entries import StopRecord, StoredEntry, Void
from monitoring.record.entry import Entry
from monitoring.record.patient import Patient
from monitoring.times import Moment

Owner = StoredEntry[Patient] | NewPatient


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportChoices:
    """The choices of a person for one import."""

    new_patients: bool = False
    """Patients who are not in the records are added, if their particulars are known."""
    take_doses: bool = False
    """Prescriptions and doses not given are imported, too."""
    file: str = ""
    """The name of the file, for the reason of a void and the list of waiting results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A new entry, with its patient, its place, and its end if it is over."""

    place: SourcePlace
    patient: Owner
    entry: Entry
    ending: StopRecord | None = None
    """Its end; `of` is not known before the entry is stored."""
    remarks: tuple[str, ...] = ()
    replaces: int | None = None
    """The entry that it corrects, which is voided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMark:
    """The void or the end of an entry of the records."""

    place: SourcePlace
    patient: Owner
    number: int
    """The number of the entry."""
    shown: str
    """The value of the entry in words."""
    mark: Void | StopRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMerge:
    """Two records of one person that become one, or a changed record number (ADT A40)."""

    item: IncomingMerge
    effects: MergePlan | Renumbering
    reason: str
    """The reason of the voids: the file and its place."""
    now: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The effect of an import on the records at a revision."""

    kind: SourceKind
    rows: int
    """The number of results, left out ones included."""
    additions: tuple[Addition, ...] = ()
    new_patients: tuple[NewPatient, ...] = ()
    to_void: tuple[PlannedMark, ...] = ()
    to_end: tuple[PlannedMark, ...] = ()
    merges: tuple[PlannedMerge, ...] = ()
    waiting: tuple[WaitingResult, ...] = ()
    """The results of unknown patients, which wait."""
    taken: tuple[int, ...] = ()
    """The numbers of waiting results of earlier imports whose patient is known by now."""
    refused: tuple[Refusal, ...] = ()
    """By place."""
    already_there: int = 0
    """The number of results that the records, or an earlier place of the file, already contain."""
    voided_there: int = 0
    """The number of those that are voided in the records."""
    skipped: Mapping[Skipped, int] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    """The first results left out for each reason, where the source says what they are about."""
    remarks: tuple[str, ...] = ()
    """Sentences for a person to check."""
    revision: int = 0
    """The last change of the records that was read."""

    @property
    def changes_records(self) -> bool:
        """Return whether it adds or changes entries."""
        return self.adds_entries or bool(self.merges)

    @property
    def adds_entries(self) -> bool:
        """Return whether it changes entries other than by merging two records."""
        return bool(self.additions or self.new_patients or self.to_void or self.to_end)

    @property
    def stores_something(self) -> bool:
        """Return whether it changes the records or the list of waiting results."""
        return self.changes_records or bool(self.waiting or self.taken)
