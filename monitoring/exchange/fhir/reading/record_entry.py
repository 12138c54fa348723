"""The extension `record-entry` of a resource: the entry as the records had it.

It never goes before what the standard's elements state: the two must agree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from dosing import Quantity
from monitoring.exchange.fhir.extensions import RECORD_ENTRY, StatedEntry, read_entry_text
from monitoring.exchange.fhir.reading.element import Element
from monitoring.laboratory.tests import find_test
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.times import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """An entry of a resource, and its end."""

    entry: Entry
    ended_on: date | None = None
    ended_at: Moment | None = None
    end_reason: str = ""


# What the standard's elements always state of a kind, and what they state where it is there.
_STATED: Final[Mapping[type[Entry], tuple[str, str]]] = MappingProxyType(
    {
        Level: ("sampled value comparator", "assay laboratory last_dose last_dose_assumed"),
        LaboratoryValue: ("test at value comparator", "lower_limit upper_limit laboratory"),
        Measurement: ("on", "weight height"),
        Prescription: (
            "since dose_mg interval_hours evening_mg product loading",
            "strength_mg_per_ml protocol target reason",
        ),
        MissedDose: ("at", "reason"),
        CoMedication: ("drug since", "text"),
        AdverseEvent: ("term since", "grade action text"),
        Condition: ("name since", "text"),
    }
)
_NOT_STATED: Final = (None, "", False, ActionTaken.NONE)


def stated_entry(element: Element) -> StatedEntry | None:
    """Return the entry of the extension, or None without one."""
    found = element.extension(RECORD_ENTRY, "valueString")
    return None if found is None else read_entry_text(found.text("valueString"))


def completed(
    element: Element, read: ReadEntry, unstated: frozenset[str] = frozenset()
) -> ReadEntry:
    """Return an entry as the records had it, if a resource says so, or as it was read.

    `unstated` are the fields of which the resource states nothing, such as the default protocol.
    Raises `PartError` where the extension contradicts the resource.
    """
    stated = stated_entry(element)
    if stated is None:
        return read
    kept, ending = stated.entry, stated.ending
    ended_on, ended_at = (ending.on, ending.at) if ending else (None, None)
    same_kind = type(kept) is type(read.entry)
    if not same_kind or not all(
        same(_form(getattr(read.entry, name)), _form(getattr(kept, name)))
        for name, same in _compared(read.entry, unstated).items()
    ):
        raise _contradiction(element)
    end = ended_at or (kept.until if isinstance(kept, MissedDose) else None)
    until = read.ended_at or (read.entry.until if isinstance(read.entry, MissedDose) else None)
    if (read.ended_on or ended_on) != ended_on or _form(until or end) != _form(end):
        raise _contradiction(element)
    return ReadEntry(
        entry=kept,
        ended_on=ended_on,
        ended_at=ended_at,
        end_reason=ending.reason if ending else "",
    )


def _contradiction(element: Element) -> Exception:
    return element.error(
        "extension", "record-entry contradicts the other elements. Export the records again."
    )


def _compared(
    entry: Entry, unstated: frozenset[str]
) -> dict[str, Callable[[object, object], bool]]:
    always, where_stated = (each.split() for each in _STATED[type(entry)])
    compared = {
        name
        for name in (*always, *where_stated)
        if name in always or getattr(entry, name) not in _NOT_STATED
    }
    return {name: _COMPARED_AS.get(name, _is_equal) for name in compared - unstated}


def _is_equal(one: object, other: object) -> bool:
    return one == other


def _is_same_test(one: object, other: object) -> bool:
    known, also_known = find_test(str(one)), find_test(str(other))
    return str(one).casefold() == str(other).casefold() or (
        known is not None and known is also_known
    )


_COMPARED_AS: Final[Mapping[str, Callable[[object, object], bool]]] = MappingProxyType(
    {"test": _is_same_test}
)


def _form(value: object) -> object:
    """Return what is compared: a moment without its zone, and a quantity with every digit."""
    if isinstance(value, Moment):
        return value.utc
    return str(value) if isinstance(value, Quantity | LaboratoryQuantity) else value
