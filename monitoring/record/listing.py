"""An entry as a row of a list: what its line shows, and what it says in full."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dosing import plain

if TYPE_CHECKING:  # the app's first screen has dose and target in words, and needs no record yet
    from monitoring.record.entries import StoredEntry
    from monitoring.record.prescription import Prescription
    from monitoring.times import Moment

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ListRow:
    """The cells of one line, and the details, of which empty ones are left out."""

    cells: tuple[str, ...]
    details: tuple[str, ...]


def row(cells: tuple[str, ...], details: Iterable[str]) -> ListRow:
    """Return a row of cells and of those details that are there."""
    return ListRow(cells, tuple(filter(None, details)))


def named(name: str, text: str | None) -> str:
    """Return a text behind its name; nothing where there is none."""
    return f"{name}: {text}" if text else ""


def fate(recorded: "StoredEntry[Any]") -> str:
    """Return that an entry is void, and why; nothing of one that stands."""
    return f"○ voided: {recorded.void.entry.reason}" if recorded.void else ""


def clock(moment: "Moment") -> str:
    """Return a moment as the clocks of its zone showed it, to the minute.

    >>> from monitoring.times import Moment
    >>> clock(Moment.read("2026-11-05T08:00", "Europe/Paris"))
    '2026-11-05 08:00'
    """
    return f"{moment.local:%Y-%m-%d %H:%M}"


def dose_words(dose: "Prescription") -> str:
    """Return mg per administration and times a day."""
    return f"{plain(dose.dose_mg)} mg × {dose.times_a_day}"


def protocol_words(dose: "Prescription") -> str:
    """Return the protocol and the target in ng/mL, without the unit."""
    return f"{dose.protocol} {dose.target}".removesuffix(" ng/mL").replace("at most ", "≤")
