"""The meaning of a test's code: a LOINC code, or a sender's own code by a mapping.

A code is never read by its likeness: ALT is not AST, and an unknown code is another test.
LOINC codes: clinical reference, section 11; 115766-8 by HL7 Europe's PROTECT-CHILD value set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from dosing import UserError, clean
from dosing.quantities.text import quoted
from monitoring.laboratory.tests import TESTS

LOINC_SYSTEMS = frozenset({"http://loinc.org", "urn:oid:2.16.840.1.113883.6.1", "LN", "LOINC"})
"""LOINC as FHIR names it (a URI or its OID) and as HL7 v2 does (table 0396)."""

LEVEL_LOINC, TROUGH_LOINC = "29247-4", "115766-8"
WEIGHT_LOINC = "29463-7"
HEIGHT_LOINC, LENGTH_LOINC = "8302-2", "8306-3"
BLOOD_PRESSURE_LOINC = frozenset({"85354-9", "55284-4"})
"""A panel whose components are the systolic (8480-6) and diastolic (8462-4) pressure."""


class Measurand(Enum):
    """The quantity that a code measures."""

    LEVEL = "sirolimus level"
    TROUGH = "sirolimus trough level"
    WEIGHT = "weight"
    HEIGHT = "height"
    BLOOD_PRESSURE = "blood pressure"
    LABORATORY = "laboratory value"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a test, the system it is of, and its text."""

    value: str
    system: str = ""
    words: str = ""

    @property
    def key(self) -> str:
        """The name of the code in a mapping: the code, or its text without one."""
        return self.value or self.words

    @property
    def is_loinc(self) -> bool:
        """Return whether it is a code of LOINC."""
        return self.system in LOINC_SYSTEMS


@dataclass(frozen=True, slots=True)
class CodedTest:
    """The meaning of a code here, and for a laboratory value the name of its test."""

    measured: Measurand
    test: str = ""


_LOINC = {
    LEVEL_LOINC: CodedTest(Measurand.LEVEL),
    TROUGH_LOINC: CodedTest(Measurand.TROUGH),
    WEIGHT_LOINC: CodedTest(Measurand.WEIGHT),
    HEIGHT_LOINC: CodedTest(Measurand.HEIGHT),
    LENGTH_LOINC: CodedTest(Measurand.HEIGHT),
    **{code: CodedTest(Measurand.BLOOD_PRESSURE) for code in BLOOD_PRESSURE_LOINC},
}
_LABORATORY = {
    code: CodedTest(Measurand.LABORATORY, test.name) for test in TESTS for code in test.loinc
}
_NAMES_OF_THE_DRUG = ("sirolimus", "rapamycin", "rapamune")


def coded_test(codes: Iterable[Code], mapping: Mapping[str, str]) -> CodedTest | None:
    """Return what the codes of one result mean, or None for another test.

    The mapping names the test of a sender's own code, and goes before LOINC. Raises `UserError`
    for codes that mean different tests, and for a result that names sirolimus without a known
    code: it must not be left out in silence.

    >>> coded_test([Code("29247-4", "http://loinc.org")], {}).measured
    <Measurand.LEVEL: 'sirolimus level'>
    >>> coded_test([Code("SIRO")], {"SIRO": "sirolimus level"}).measured
    <Measurand.LEVEL: 'sirolimus level'>
    >>> coded_test([Code("5778-6", "http://loinc.org", "Color of urine")], {}) is None
    True
    """
    given = tuple(codes)
    by_mapping = {_mapped(mapping[each.key]) for each in given if each.key in mapping}
    by_loinc = {
        found
        for each in given
        if each.is_loinc and (found := _LOINC.get(each.value) or _LABORATORY.get(each.value))
    }
    meanings = by_mapping or by_loinc
    if {each.measured for each in meanings} == {Measurand.LEVEL, Measurand.TROUGH}:
        return CodedTest(Measurand.TROUGH)
    if len(meanings) > 1:
        names = " and ".join(sorted(each.test or each.measured.value for each in meanings))
        raise UserError(f"The codes mean {names}. Name one of them in the mapping.")
    if meanings:
        return meanings.pop()
    for each in given:
        words = clean(f"{each.value} {each.words}").casefold()
        if any(name in words for name in _NAMES_OF_THE_DRUG):
            raise UserError(
                f"{quoted(each.words or each.value)} has no known code. Name "
                f"{quoted(each.key)} in the mapping's tests."
            )
    return None


def _mapped(name: str) -> CodedTest:
    """Return the test of a name in a mapping."""
    measured = {each.value: each for each in Measurand if each is not Measurand.LABORATORY}
    return CodedTest(measured[name]) if name in measured else CodedTest(Measurand.LABORATORY, name)
