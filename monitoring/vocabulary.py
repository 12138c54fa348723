"""Names to complete what is typed: of the record, of the clinic and of the knowledge tables.

A completion is shown and never taken by itself, and so is a name that is spelled nearly like the
typed one: hypocalcaemia is spelled nearly like hypokalaemia. A unit is offered where the record has
used one for the same thing, or where only one is usual.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dosing.knowledge.adverse_event_terms import TERMS
from dosing.knowledge.conditions import ConditionKind
from dosing.knowledge.interactions import DRUGS, find_drugs
from dosing.quantities.text import clean
from monitoring.adverse_events.finder import known_term
from monitoring.laboratory.tests import TESTS, find_test
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Anomaly, Patient

_SHORTEST_TO_COMPARE = 4
_NEAR = 0.78
_NUMBER_AND_UNIT = re.compile(r"(?P<number>[<>]?[0-9]+(?:\.[0-9]+)?)(?P<gap> ?)(?P<unit>\S*)")
_NO_DIAGNOSES = (
    Anomaly.KHE_OR_TUFTED_ANGIOMA, Anomaly.OTHER_TUMOUR, Anomaly.OTHER_MALFORMATION,
    Anomaly.NOT_RECORDED,
)  # fmt: skip
_DIAGNOSES = (
    "kaposiform haemangioendothelioma", "tufted angioma",
    *(each.value.replace("-", " ") for each in Anomaly if each not in _NO_DIAGNOSES),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of one kind of thing, those used before first, each once."""

    names: tuple[str, ...]
    is_known: Callable[[str], object] = lambda _name: False
    """The test of a name that is known by another spelling, such as a synonym."""

    def completed(self, typed: str) -> str | None:
        """Return the first name that begins with what is typed; None for less than a letter.

        >>> Vocabulary(("fluconazole", "Fluoxetine")).completed("FLUO")
        'Fluoxetine'
        """
        sought = typed.casefold()
        if not sought.strip():
            return None
        found = (each for each in self.names if each.casefold().startswith(sought))
        return next((each for each in found if len(each) > len(typed)), None)

    def meant(self, typed: str) -> str | None:
        """Return the name that is spelled nearly like the typed one; None for a known name.

        >>> Vocabulary(("fluconazole", "fluoxetine")).meant("flucanozole")
        'fluconazole'
        """
        sought = _plain(typed)
        known = {_plain(each): each for each in self.names}
        if len(sought) < _SHORTEST_TO_COMPARE or sought in known or self.is_known(typed):
            return None
        if any(each.startswith(sought) for each in known):
            return None  # it is still being typed
        near = difflib.get_close_matches(sought, known, n=1, cutoff=_NEAR)
        return known[near[0]] if near else None


def vocabulary_of(what: str, record: Record | None, of_clinic: Iterable[str] = ()) -> Vocabulary:
    """Return the names of `what`: drug, test, term, condition, laboratory or diagnosis.

    Raises `KeyError` for anything else.
    """
    of_record, of_tables, is_known = _SOURCES[what]
    used = of_record(record) if record else ()
    names = dict.fromkeys(clean(each) for each in (*used, *of_clinic, *of_tables) if each)
    return Vocabulary(tuple(names), is_known)


def usual_unit(what: str, record: Record, test: str = "") -> str | None:
    """Return the unit that the record used last for `what`: level, weight, height or test.

    Without one it is that of the program's own texts; for a test only where one alone is usual.
    """
    if what == "test":
        return _unit_of_test(record, test)
    return next(_units_used(what, record), {"level": "ng/mL", "weight": "kg", "height": "cm"}[what])


def with_unit(typed: str, unit: str | None) -> str | None:
    """Return a typed number with its unit; None for other text, and for another unit.

    >>> with_unit("9.5", "ng/mL"), with_unit("9.5 n", "ng/mL"), with_unit("9.5 u", "ng/mL")
    ('9.5 ng/mL', '9.5 ng/mL', None)
    """
    parts = _NUMBER_AND_UNIT.fullmatch(typed)
    if parts is None or unit is None or not unit.startswith(parts["unit"]):
        return None
    gap = parts["gap"] if parts["unit"] else " "
    return f"{parts['number']}{gap}{unit}"


def _units_used(what: str, record: Record) -> Iterator[str]:
    """Yield the units of levels, weights or heights, the last entry's first."""
    if what == "level":
        yield from (each.entry.value.unit for each in reversed(record.active(Level)))
        return
    for each in reversed(record.active(Measurement)):
        value = each.entry.weight if what == "weight" else each.entry.height
        if value is not None:
            yield value.unit


def _unit_of_test(record: Record, test: str) -> str | None:
    known = find_test(test)
    if not test.strip():
        return None
    for each in reversed(record.active(LaboratoryValue)):
        name = each.entry.test
        if _plain(name) == _plain(test) or (known is not None and find_test(name) is known):
            return each.entry.value.unit
    return known.units[0] if known is not None and len(known.units) == 1 else None


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", clean(name)).casefold()
    return "".join(sign for sign in letters if not unicodedata.combining(sign))


def _drugs_of(record: Record) -> Iterator[str]:
    return (each.entry.drug for each in reversed(record.active(CoMedication)))


def _tests_of(record: Record) -> Iterator[str]:
    return (each.entry.test for each in reversed(record.active(LaboratoryValue)))


def _terms_of(record: Record) -> Iterator[str]:
    return (each.entry.term for each in reversed(record.active(AdverseEvent)))


def _conditions_of(record: Record) -> Iterator[str]:
    return (each.entry.name for each in reversed(record.active(Condition)))


def _laboratories_of(record: Record) -> Iterator[str]:
    yield from (each.entry.laboratory for each in reversed(record.active(Level)))
    yield from (each.entry.laboratory for each in reversed(record.active(LaboratoryValue)))


def _diagnosis_of(record: Record) -> Iterator[str]:
    patient: Patient = record.patient.entry
    yield patient.diagnosis


_Source = tuple[
    Callable[[Record], Iterable[str]], Iterable[str], Callable[[str], object]
]  # of the record, of the tables, the test of a known name
_SOURCES: dict[str, _Source] = {
    "drug": (_drugs_of, tuple(each.name for each in DRUGS), find_drugs),
    "test": (_tests_of, tuple(each.name for each in TESTS), find_test),
    "term": (
        _terms_of,
        tuple(name for each in TERMS for name in (each.name, *each.synonyms)),
        known_term,
    ),
    "condition": (
        _conditions_of,
        tuple(each.value for each in ConditionKind if each is not ConditionKind.OTHER),
        lambda _name: False,
    ),
    "laboratory": (_laboratories_of, (), lambda _name: False),
    "diagnosis": (_diagnosis_of, _DIAGNOSES, lambda _name: False),
}
OF_CLINIC = {
    "laboratory": (("level", "laboratory"), ("laboratory_value", "laboratory")),
    "diagnosis": (("patient", "diagnosis"),),
}
"""The tables and columns of the records that hold the clinic's own names."""
