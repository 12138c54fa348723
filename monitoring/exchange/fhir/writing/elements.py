"""The elements that every resource is made of: codes, quantities, times, references, notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

from dosing import clean
from monitoring.exchange.fhir.writing.json_text import Json
from monitoring.record.entries import StoredEntry
from monitoring.times import Moment

Element = Mapping[str, Json]
SERVER = "https://sirolimus-assistant.example/fhir/"
"""The base of the full addresses of resources, which no server answers."""
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_FARTHEST_OFFSET = timedelta(hours=14)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One resource: its type, its id, its elements, and the entry that it states."""

    kind: str
    id: str
    elements: Element
    of: StoredEntry[Any] | None = None
    """The entry, whose author its Provenance names; None for what the program concludes."""

    @property
    def reference(self) -> str:
        """The reference to it, such as Observation/5f0c-12."""
        return f"{self.kind}/{self.id}"

    @property
    def entry(self) -> Element:
        """The entry of a Bundle."""
        return {
            "fullUrl": f"{SERVER}{self.reference}",
            "resource": {"resourceType": self.kind, "id": self.id, **self.elements},
        }


def element(**parts: Json | None) -> Element:
    """Return an element of the parts that are not empty: FHIR has neither null nor empty lists.

    A name that Python or FHIR keeps for itself ends in an underscore here.

    >>> element(text="allergy", coding=(), onset=None)
    {'text': 'allergy'}
    """
    return {
        name.removesuffix("_"): value
        for name, value in parts.items()
        if value is not None and value not in ("", (), [], {})
    }


def coding(system: str, code: str, display: str = "") -> Element:
    """Return a code of a system."""
    return element(system=system, code=code, display=display)


def hl7(system: str, code: str) -> Element:
    """Return a concept of one code of a system of HL7, such as observation-category."""
    return concept(coding(f"{_HL7}{system}", code))


def hl7_coding(system: str, code: str, display: str = "") -> Element:
    """Return a code of a system of HL7."""
    return coding(f"{_HL7}{system}", code, display)


def concept(*codings: Element, text: str = "") -> Element:
    """Return a concept by its codes and its text."""
    return element(coding=codings, text=text)


def in_words(text: str) -> Element | None:
    """Return a concept that only words state; None for no words."""
    return concept(text=text) if text else None


def quantity(number: Decimal, unit: str, code: str | None = None, comparator: str = "") -> Element:
    """Return a number as it was reported, with its unit and the unit's code in UCUM.

    An empty code leaves the system out, too: the unit has none in UCUM.
    """
    code = unit if code is None else code
    return element(
        value=number, comparator=comparator, unit=unit, system=UCUM if code else "", code=code
    )


def notes(*texts: str) -> tuple[Element, ...]:
    """Return a note for each text that is not empty."""
    return tuple({"text": text} for text in texts if text)


def named(name: str) -> tuple[Element, ...]:
    """Return a reference to somebody of whom only the name is known, or none without it.

    An author's name is as a database has it: what a terminal could obey is taken out.
    """
    return ({"display": clean(name)},) if clean(name) else ()


def laboratory(name: str) -> tuple[Element, ...]:
    """Return a reference to a laboratory of which only the name is known, or none without it."""
    return ({"type": "Organization", "display": name},) if name else ()


def to(reference: str) -> Element:
    """Return a reference to another resource of the Bundle."""
    return {"reference": reference}


def date_time(moment: Moment) -> str:
    """Return a moment with its offset; of an offset that FHIR cannot state, in UTC.

    >>> date_time(Moment.read("2026-11-05T08:00", "Europe/Paris"))
    '2026-11-05T08:00:00+01:00'
    >>> date_time(Moment.read("2026-11-05T08:00:00", "UTC+00:09:21"))
    '2026-11-05T07:50:39Z'
    """
    local = moment.local
    offset = local.utcoffset() or timedelta()
    if offset % _MINUTE or abs(offset) > _FARTHEST_OFFSET:
        return moment.utc.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    return local.isoformat(timespec="seconds")


def period(start: Moment | date | None, end: Moment | date | None) -> Element:
    """Return the time from one moment or day to another, as far as they are known."""
    return element(start=_time(start), end=_time(end))


def _time(when: Moment | date | None) -> str | None:
    if when is None:
        return None
    return date_time(when) if isinstance(when, Moment) else str(when)
