"""The lists of a patient's record: each entry as a row, and its details.

The rows are those of the table of entry kinds; voided entries stay, marked, with the reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from dosing import Alert
from dosing.quantities.formatting import short_time
from monitoring.record.audit_lines import history
from monitoring.record.entries import StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryKind, Lasts
from monitoring.record.kinds import ENTRY_KINDS, kind_of
from monitoring.record.level import Level
from monitoring.summary import PatientSummary
from monitoring.times import Moment, short
from reports.presentation.alerts import alert_line


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One entry: the cells of its row, its details, and the stored entry."""

    cells: tuple[str, ...]
    details: tuple[str, ...]
    entry: StoredEntry[Any] | None = None
    """None for a line of the audit trail, which cannot be voided."""

    @property
    def can_be_voided(self) -> bool:
        """True for an active entry."""
        return self.entry is not None and self.entry.is_active

    @property
    def can_end(self) -> bool:
        """True for an active entry that lasts to a day, or a hold, and has not ended."""
        recorded = self.entry
        return (
            recorded is not None
            and (kind_of(recorded.entry).lasts is Lasts.TO_A_DAY or self.is_hold)
            and recorded.is_active
            and recorded.ending is None
        )

    @property
    def is_hold(self) -> bool:
        """True for a hold, whose end is a restart."""
        entry = self.entry.entry if self.entry else None
        return (
            entry is not None
            and (kind := kind_of(entry)).ends_in_a_restart
            and kind.lasts_if(entry)
        )

    @property
    def has_cause(self) -> bool:
        """True for an active level, of which a cause can be recorded."""
        return (
            self.entry is not None and self.entry.is_active and isinstance(self.entry.entry, Level)
        )

    def is_of(self, other: "RecordRow") -> bool:
        """Return True where both rows are of one entry, even if it changed in between."""
        return None not in (self.entry, other.entry) and self.number == other.number

    @property
    def number(self) -> int | None:
        """The number of the entry."""
        return self.entry.number if self.entry else None


@dataclass(frozen=True, slots=True)
class RecordList:
    """One list: its tab, its headings, and its text when it is empty."""

    name: str
    tab: str
    headings: tuple[str, ...]
    when_empty: str
    added_by: str
    """The action that adds an entry."""

    @property
    def kinds(self) -> tuple[EntryKind, ...]:
        """The kinds of entry in it."""
        return tuple(each for each in ENTRY_KINDS if each.in_app.list == self.name)

    @property
    def has_ends(self) -> bool:
        """True where entries in it last to a day."""
        return any(each.lasts is Lasts.TO_A_DAY for each in self.kinds)


LISTS = (
    RecordList("levels", "Levels", ("Sampled", "Level", "Target", "Timing", "Assay"),
               "No levels.", "level"),
    RecordList("doses", "Doses", ("From", "What", "Dose", "Target ng/mL", "Remark"),
               "No doses.", "dose"),
    RecordList("events", "Events", ("From", "Adverse event", "Grade", "Until", "Remark"),
               "No adverse events.", "event"),
    RecordList("laboratory", "Lab", ("At", "Test", "Value", "Grade", "Limits"),
               "No laboratory values.", "laboratory"),
    RecordList("measures", "Measures", ("On", "Weight", "Height", "Remark"),
               "No measurements.", "measurement"),
    RecordList("drugs", "Drugs", ("From", "Drug", "Until", "Interaction"),
               "No other drugs.", "drug"),
    RecordList("response", "Response", ("On", "What", "Assessed by", "Remark"),
               "No responses or notes.", "response"),
    RecordList("history", "History", ("№", "When", "By", "Change"), "No changes.", ""),
)  # fmt: skip
"""Every list, in the order of the tabs."""


def rows_of(shown: RecordList, summary: PatientSummary) -> list[RecordRow]:
    """Return the rows of a list, the newest first."""
    if not shown.kinds:
        return _history(summary)
    rows = [each for kind in shown.kinds for each in _rows_of_kind(kind, summary)]
    return [row for _, row in sorted(rows, key=lambda each: each[0], reverse=True)]


def _rows_of_kind(
    kind: EntryKind, summary: PatientSummary
) -> Iterator[tuple[tuple[datetime, int], RecordRow]]:
    """Yield the rows of a kind, each with its sort key."""
    meaning, assessed = kind.meaning, {}
    if meaning:
        assessed = meaning.by_number(getattr(summary, meaning.in_summary))
    for each in summary.record.of(kind.of):
        means = assessed.get(each.number)
        row = kind.listed(each, means)
        alerts = means.alerts if means else ()
        details = [*row.details, *_alert_lines(alerts), _recorded_by(each), *_void_lines(each)]
        when = getattr(each.entry, kind.begins)
        at = when.utc if isinstance(when, Moment) else datetime.combine(when, time(), UTC)
        yield (at, each.number), RecordRow(row.cells, tuple(details), each)


def _history(summary: PatientSummary) -> list[RecordRow]:
    return [
        RecordRow(
            (
                str(event.number),
                short_time(datetime.fromisoformat(event.at[:16])),
                event.by,
                event.what,
            ),
            (f"Change {event.number}, {event.at}", f"By {event.by}", event.what),
        )
        for event in reversed(history(summary.record))
    ]


def _alert_lines(alerts: Iterable[Alert]) -> Iterator[str]:
    for alert in alerts:
        yield alert_line(alert)


def _recorded_by(recorded: StoredEntry[Entry]) -> str:
    author = recorded.author
    return f"Entry {recorded.number}, recorded by {author.by} on {short(author.at)}"


def _void_lines(recorded: StoredEntry[Entry]) -> Iterator[str]:
    if recorded.void:
        void = recorded.void
        yield f"○ Voided by {void.author.by} on {short(void.author.at)}: {void.entry.reason}"
