"""An entry as a row of a list: the cells of its line, and its details."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dosing import plain
from dosing.quantities.formatting import short_time

if TYPE_CHECKING:  # the app's first screen formats dose and target without the record
    from monitoring.record.entries import StoredEntry
    from monitoring.record.prescription import Prescription
    from monitoring.times import Moment

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ListRow:
    """The cells of one line, and the details."""

    cells: tuple[str, ...]
    details: tuple[str, ...]


def row(cells: tuple[str, ...], details: Iterable[str]) -> ListRow:
    """Return a row; empty details are left out."""
    return ListRow(cells, tuple(filter(None, details)))


def named(name: str, text: str | None) -> str:
    """Return a text after its name; empty without a text."""
    return f"{name}: {text}" if text else ""


def fate(recorded: "StoredEntry[Any]") -> str:
    """Return the reason why an entry is void; empty for an active entry."""
    return f"○ voided: {recorded.void.entry.reason}" if recorded.void else ""


def clock(moment: "Moment") -> str:
    """Return a moment in its own zone, short and to the minute.

    >>> from monitoring.times import Moment
    >>> clock(Moment.read("2026-11-05T08:00", "Europe/Paris"))
    '5 Nov 2026, 08:00'
    """
    return short_time(moment.local.replace(second=0))


def dose_words(dose: "Prescription") -> str:
    """Return the mg per administration and the times a day, or the interval."""
    if dose.evening_mg is not None:
        return f"{plain(dose.dose_mg)} + {plain(dose.evening_mg)} mg"
    if dose.interval_hours > 24:
        return f"{plain(dose.dose_mg)} mg / {dose.interval_hours} h"
    return f"{plain(dose.dose_mg)} mg × {dose.times_a_day}"


def protocol_words(dose: "Prescription") -> str:
    """Return the protocol and the target in ng/mL, without the unit."""
    return f"{dose.protocol} {dose.target}".removesuffix(" ng/mL").replace("at most ", "≤")
