"""When prophylaxis against Pneumocystis is to be thought about."""

from collections.abc import Iterator

from monitoring.adverse_events.prophylaxis import prophylaxis_reasons
from monitoring.due.check import Check, Due
from monitoring.due.context import DueContext
from monitoring.record.note import Note

_WORDS = ("prophylaxis", "pneumocystis")


def prophylaxis_review(history: DueContext) -> Iterator[Due]:
    """Yield the review where there is a reason for it and nobody wrote of it since.

    A drug against Pneumocystis settles it, or a note that names it or the word prophylaxis.
    """
    reasons = prophylaxis_reasons(history.record, history.today)
    if not reasons:
        return
    since = max(history.start, *(reason.since for reason in reasons))
    if any(
        since <= each.entry.on <= history.today
        and any(word in each.entry.text.casefold() for word in _WORDS)
        for each in history.record.active(Note)
    ):
        return
    words = ", ".join(dict.fromkeys(reason.words for reason in reasons))
    why = f"against Pneumocystis, to consider for: {words}; a note of what was decided settles it"
    window = history.schedule.prophylaxis
    yield history.due(
        Check.PROPHYLAXIS, "review of prophylaxis", window.after(since), why, window.source
    )
