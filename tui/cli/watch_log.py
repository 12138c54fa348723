"""The log of a watched folder: one line for each file, for people or as JSON."""

from dosing import clean
from dosing.quantities.text import escaped
from monitoring.exchange.watching import FileOutcome, Outcome
from reports.presentation.imports import written_words


def file_line(each: FileOutcome) -> str:
    """Return one line about a file of a watched folder."""
    plan = each.plan
    words = f"{each.outcome.value}. {each.reason}" if each.reason else f"{each.outcome.value}."
    if each.outcome is Outcome.IMPORTED and plan is not None:
        words = written_words(plan)
    return f"{escaped(each.file)}: {clean(words)}" if each.file else clean(words)


def file_json(each: FileOutcome) -> dict[str, object]:
    """Return a file of a watched folder as JSON."""
    plan = each.plan
    stored = plan if each.outcome in {Outcome.IMPORTED, Outcome.ALREADY_THERE} else None
    return {
        "file": each.file or None,
        "outcome": each.outcome.value,
        "reason": each.reason or None,
        "moved_to": str(each.moved_to) if each.moved_to else None,
        "kind": plan.kind.value if plan else None,
        "rows": plan.rows if plan else None,
        "added": len(stored.additions) if stored else 0,
        "voided": len(stored.to_void) if stored else 0,
        "new_patients": len(stored.new_patients) if stored else 0,
        "waiting": len(stored.waiting) if stored else 0,
        "taken_from_waiting": len(stored.taken) if stored else 0,
        "already_there": plan.already_there if plan else 0,
        "refused": len(plan.refused) if plan else 0,
    }
