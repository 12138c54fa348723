"""The preview of an import: its rows, and the first patient whose record changes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitoring.exchange.import_plan import Plan

_SHOWN_ROWS = 500


def preview_rows(plan: "Plan") -> Iterator[tuple[str, str, str]]:
    """Yield the refused rows, then the additions; at most `_SHOWN_ROWS` of each."""
    from reports.presentation.imports import (  # noqa: PLC0415 - heavy
        addition_words,
        left_out_words,
        mark_words,
        refusal_words,
        waiting_words,
    )

    parts: tuple[tuple[str, str, list[tuple[int, str]]], ...] = (
        ("refused", "■ refused", [(each.place.number, refusal_words(each))
                                  for each in plan.refused[:_SHOWN_ROWS]]),
        ("to add", "+ to add", [(each.place.number, addition_words(each))
                                for each in plan.additions[:_SHOWN_ROWS]]),
        ("to void", "- to void", [(each.place.number, mark_words(each))
                                  for each in plan.to_void[:_SHOWN_ROWS]]),
        ("waiting", "… waiting", [(each.item.place.number, waiting_words(each))
                                  for each in plan.waiting[:_SHOWN_ROWS]]),
        ("left out", "left out", [(each.place.number, left_out_words(each))
                                  for each in plan.left_out[:_SHOWN_ROWS]]),
    )  # fmt: skip
    for _, sign, rows in parts:
        for row, what in rows:
            yield str(row), sign, what
    for what, count in (("refused", len(plan.refused)), ("to add", len(plan.additions))):
        if count > _SHOWN_ROWS:
            yield "", "…", f"and {count - _SHOWN_ROWS} more {what}"


def first_patient(plan: "Plan") -> str | None:
    """Return the record number of the first patient whose record changes, or None."""
    for each in plan.additions:
        return each.patient.entry.record_number
    for mark in (*plan.to_void, *plan.to_end):
        return mark.patient.entry.record_number
    return None
