"""The index of the worklist: rows read from the lines in the store, and lines made anew.

A line is used for the last change of its patient, for the present clinical tables and the clinic's
choices, and for a moment inside its pieces. Else the row is made from the record, and its line is
kept where this user may write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.knowledge.clinic_limits import ClinicLimits
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.rules_hash import rules_hash
from monitoring.store.worklist_lines import LineKey, StoredLine
from monitoring.times import Moment
from monitoring.worklist_index.line import LINE_ERRORS, line_text, read_line
from monitoring.worklist_index.row import WorklistRow, row_of

if TYPE_CHECKING:
    from monitoring.store.store import Store
    from monitoring.summary import PatientSummary


@dataclass(frozen=True, slots=True)
class IndexedPatient:
    """A patient who is not void, and the row of the index; None where the record must be read."""

    patient: int
    row: WorklistRow | None


def key_of(now: Moment, clinic: ClinicChoices, limits: ClinicLimits) -> LineKey:
    """Return the key of the lines for a zone, the choices of a clinic and its limits in force."""
    rhythm = clinic.rhythm.key if clinic.rhythm else ""
    unread = " unread" if limits.is_unread else ""
    return LineKey(f"{now.zone} {rhythm}".strip(), f"{rules_hash()} {limits.hash}{unread}")


def indexed(line: StoredLine, now: Moment) -> IndexedPatient:
    """Return the row of a line at a moment, without it where the line does not have it."""
    row = None
    if line.text is not None:
        try:
            basis = read_line(line.text, now)
            is_own = basis is not None and basis.patient == line.patient
            row = basis.row_on(now.local.date()) if basis and is_own else None
        except LINE_ERRORS:  # another program wrote it
            row = None
    return IndexedPatient(line.patient, row)


class WorklistIndex:
    """The index at a moment, by the choices of a clinic."""

    def __init__(self, store: "Store", now: Moment, clinic: ClinicChoices = USUAL_CHOICES) -> None:
        """Take the store; nothing is read yet."""
        self._store, self._now, self._clinic = store, now, clinic
        self.is_kept = True
        """False once a line could not be kept: the user has no right to write, or none now."""

    @cached_property
    def _limits(self) -> ClinicLimits:
        """The limits in force when the index was first read."""
        return self._store.limits()

    @property
    def _key(self) -> LineKey:
        return key_of(self._now, self._clinic, self._limits)

    def patients(self) -> Iterator[IndexedPatient]:
        """Yield every patient who is not void, in the order they were added. Raises `UserError`."""
        now = self._now
        return (indexed(line, now) for line in self._store.worklist_lines(self._key))

    def summaries_of(self, patients: Sequence[int]) -> "list[PatientSummary]":
        """Return the summaries of patients by their numbers, without those who cannot be read."""
        from monitoring.summary import summarise_all  # noqa: PLC0415 - the first rows need none

        return summarise_all(self._store.read_some(patients), self._now, self._clinic)

    def keep(self, summaries: "Sequence[PatientSummary]") -> None:
        """Make the lines of these summaries and keep them, where this user may write.

        A record with an entry that cannot be read has none: where its row is corrected in the
        database, no number in the audit trail says so.
        """
        if not self.is_kept:
            return
        from monitoring.worklist_index.pieces import pieces_of  # noqa: PLC0415 - as above

        lines = [
            StoredLine(each.record.number, each.record.revision, line_text(pieces_of(each)))
            for each in summaries
            if not each.record.unreadable and each.record.limits == self._limits
        ]
        try:
            self._store.keep_worklist_lines(lines, self._key)
        except UserError:  # without the right to write the rows are read from the records
            self.is_kept = False


def rows_of_all(
    store: "Store", now: Moment, clinic: ClinicChoices = USUAL_CHOICES, *, batch: int = 50
) -> list[WorklistRow]:
    """Return the row of every patient in the usual order; lines that are missing are made."""
    index = WorklistIndex(store, now, clinic)
    found = list(index.patients())
    rows = [each.row for each in found if each.row is not None]
    stale = [each.patient for each in found if each.row is None]
    for start in range(0, len(stale), batch):
        summaries = index.summaries_of(stale[start : start + batch])
        rows += map(row_of, summaries)
        index.keep(summaries)
    return sorted(rows, key=lambda each: each.order)
