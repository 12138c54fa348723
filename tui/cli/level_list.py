"""Assessed levels for the terminal: one paragraph a level, readable at any width."""

from collections.abc import Iterable

from monitoring.levels import LevelAssessment
from monitoring.levels.wording import assumed_mark, cause, change, mark, place, timing
from monitoring.record.level import written
from reports.presentation.alerts import alert_line
from reports.presentation.times import clock_anywhere
from tui.cli.entry_list import print_paragraphs


def print_levels(levels: Iterable[LevelAssessment]) -> None:
    """Print each level with its sign, its assessment and its alerts."""
    print_paragraphs((each.level.number, _paragraph(each)) for each in levels)


def _paragraph(assessed: LevelAssessment) -> str:
    recorded, level = assessed.level, assessed.level.entry
    lines = [f"{mark(assessed)}  {written(level)}  sampled {clock_anywhere(level.sampled)}"]
    if recorded.is_active:
        lines.append(f"{place(assessed)}; {timing(assessed)}")
    details = {
        "last dose": f"{clock_anywhere(level.last_dose)}{assumed_mark(level)}"
        if level.last_dose
        else None,
        "measured by": level.assay.value if level.assay else None,
        "laboratory": level.laboratory,
        "changed by": change(assessed),
        "reason": level.reason,
        "cause": None if assessed.is_excluded else cause(assessed),
    }
    lines.append("; ".join(f"{name} {text}" for name, text in details.items() if text))
    if recorded.void:
        void = recorded.void
        lines.append(
            f"voided: {void.entry.reason} ({void.author.by}, {clock_anywhere(void.author.at)})"
        )
    lines.extend(map(alert_line, assessed.alerts))
    return "\n".join(filter(None, lines))
