"""What levels mean, for the table of entry kinds."""

from collections.abc import Mapping

from monitoring.levels import LevelAssessment, assess_levels
from monitoring.levels.wording import change, mark, meaning, timing
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry_kind import EntryMeaning, Meaning
from monitoring.record.level import Level, written
from monitoring.record.listing import ListRow, clock, fate, named, row


class LevelMeaning(Meaning):
    """Where a level lies, and whether it counts."""

    in_summary = "levels"
    part = "level"

    def assess(self, record: Record) -> tuple[LevelAssessment, ...]:
        """Return an assessment of every level."""
        return assess_levels(record)

    def columns(self, assessed: LevelAssessment) -> Mapping[str, object]:
        """Return the columns of JSON of what one means."""
        return assessed.means()

    def answer(self, _record: Record, assessed: LevelAssessment) -> EntryMeaning:
        """Return what one means, and how it has changed."""
        changed = change(assessed)
        against_last = (f"It has changed by {changed}.",) if changed else ()
        return EntryMeaning((*meaning(assessed), *against_last), assessed.alerts)

    def row(self, recorded: StoredEntry[Level], assessed: LevelAssessment) -> ListRow:
        """Return the row of one."""
        level = recorded.entry
        details = [
            *(meaning(assessed) if recorded.is_active else (written(level),)),
            named("Against the last", change(assessed)),
            f"Sampled {clock(level.sampled)}",
            named("Last dose", clock(level.last_dose) if level.last_dose else None),
            named("Assay", level.assay.value if level.assay else "not known"),
            named("Laboratory", level.laboratory),
            named("Reason", level.reason),
        ]
        cells = (
            clock(level.sampled),
            str(level),
            mark(assessed),
            timing(assessed) if recorded.is_active else fate(recorded),
            level.assay.value if level.assay else "assay not known",
        )
        return row(cells, details)
