"""The meaning of levels, for the table of entry kinds."""

from collections.abc import Mapping

from monitoring.levels import LevelAssessment, assess_levels
from monitoring.levels.wording import assumed_mark, cause, change, mark, meaning, timing
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry_kind import EntryMeaning, Meaning
from monitoring.record.level import Level, written
from monitoring.record.listing import ListRow, fate, named, row
from monitoring.times import short


class LevelMeaning(Meaning):
    """A level's place against the target; evaluable or not."""

    in_summary = "levels"
    part = "level"

    def assess(self, record: Record) -> tuple[LevelAssessment, ...]:
        """Return an assessment of every level."""
        return assess_levels(record)

    def columns(self, assessed: LevelAssessment) -> Mapping[str, object]:
        """Return an assessment as columns of JSON."""
        return assessed.means()

    def answer(self, _record: Record, assessed: LevelAssessment) -> EntryMeaning:
        """Return an assessment in words, with the change from the last level."""
        changed = change(assessed)
        against_last = (f"Change: {changed}.",) if changed else ()
        return EntryMeaning((*meaning(assessed), *against_last), assessed.alerts)

    def row(self, recorded: StoredEntry[Level], assessed: LevelAssessment) -> ListRow:
        """Return the row of a level."""
        level = recorded.entry
        details = [
            *(meaning(assessed) if recorded.is_active else (written(level),)),
            named("Change", change(assessed)),
            f"Sampled {short(level.sampled)}",
            named(
                "Last dose",
                f"{short(level.last_dose)}{assumed_mark(level)}" if level.last_dose else None,
            ),
            named("Assay", level.assay.value if level.assay else "unknown"),
            named("Laboratory", level.laboratory),
            named("Reason", level.reason),
            named("Cause", None if assessed.is_excluded else cause(assessed)),
        ]
        cells = (
            short(level.sampled),
            str(level),
            mark(assessed),
            _why_out_of_use(assessed) or timing(assessed),
            level.assay.value if level.assay else "assay unknown",
        )
        return row(cells, details)


def _why_out_of_use(assessed: LevelAssessment) -> str:
    """Return the reason why a level is voided or excluded; empty for one in use."""
    if not assessed.level.is_active:
        return fate(assessed.level)
    return f"excluded: {cause(assessed)}" if assessed.is_excluded else ""
