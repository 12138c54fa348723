"""Assessed levels for the terminal: one paragraph a level, readable at any width."""

from collections.abc import Iterable

from monitoring.levels import LevelAssessment
from monitoring.levels.wording import assumed_mark, cause, change, mark, place, timing
from monitoring.record.level import written
from reports.presentation.alerts import alert_line
from reports.presentation.times import clock_anywhere
from tui.cli.entry_list import ListedEntry, print_paragraphs


def print_levels(levels: Iterable[LevelAssessment]) -> None:
    """Print each level with its sign, its assessment and its alerts."""
    print_paragraphs(map(_listed, levels))


def _listed(assessed: LevelAssessment) -> ListedEntry:
    recorded, level = assessed.level, assessed.level.entry
    lines = [f"{mark(assessed)}  {written(level)}  sampled {clock_anywhere(level.sampled)}"]
    if recorded.is_active:
        lines.append(f"{place(assessed)}; {timing(assessed)}")
    facts = [
        ("", "\n".join(map(alert_line, assessed.alerts))),
        ("level", f"{written(level)}, {mark(assessed).partition(' ')[2]}"),
        ("sampled", clock_anywhere(level.sampled)),
    ]
    if recorded.is_active:
        facts += [("assessment", place(assessed)), ("timing", timing(assessed))]
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
    facts += [(name, text or "") for name, text in details.items()]
    if recorded.void:
        void = recorded.void
        why = f"{void.entry.reason} ({void.author.by}, {clock_anywhere(void.author.at)})"
        lines.append(f"voided: {why}")
        facts.append(("voided", why))
    lines.extend(map(alert_line, assessed.alerts))
    return ListedEntry(recorded.number, "\n".join(filter(None, lines)), tuple(facts))
