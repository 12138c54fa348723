"""The known laboratory tests, in one table.

Codes (LOINC): clinical reference, section 11. A test without a scale is known and not graded, with
the reason; a test that is not in the table is unknown.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from dosing.quantities.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryTest:
    """One test, with the CTCAE term of its grades (`scale`) and the matching adverse event."""

    name: str
    synonyms: tuple[str, ...]
    loinc: tuple[str, ...]
    units: tuple[str, ...]
    scale: str | None = None
    event: str | None = None
    not_graded_because: str = ""


_CELLS = ("10*9/L",)
_ENZYME = ("U/L",)
_LIPID = ("mg/dL", "mmol/L")
_SMALL = ("umol/L", "mg/dL")
_BY_WHAT_WAS_DONE = (
    "CTCAE v5.0 has no figures for it: it is graded by what was done, as the side-effect {event}"
)
_NO_SCALE = "CTCAE v5.0 has no scale for it in this program"


def _test(  # noqa: PLR0913 - the columns of the table
    name: str,
    loinc: str,
    units: tuple[str, ...],
    *synonyms: str,
    scale: str | None = None,
    event: str | None = None,
    because: str = "",
) -> LaboratoryTest:
    return LaboratoryTest(
        name=name, synonyms=synonyms, loinc=tuple(loinc.split()), units=units, scale=scale,
        event=event, not_graded_because=because.format(event=event),
    )  # fmt: skip


TESTS = (
    _test(
        "ALT", "1742-6", _ENZYME, "alat", "sgpt", "gpt", "alanine aminotransferase",
        "alanine transaminase", "alt (sgpt)", "sgpt (alt)", "serum alt",
        scale="ALT, AST increased", event="raised liver enzymes",
    ),
    _test(
        "AST", "1920-8", _ENZYME, "asat", "sgot", "got", "aspartate aminotransferase",
        "aspartate transaminase", "ast (sgot)", "sgot (ast)", "serum ast",
        scale="ALT, AST increased", event="raised liver enzymes",
    ),
    _test(
        "GGT", "2324-2", _ENZYME, "gamma gt", "γ-gt", "γgt", "gamma-glutamyl transferase",
        "gamma glutamyltransferase", "gamma-glutamyltranspeptidase", "ggtp",
        scale="GGT increased", event="raised GGT",
    ),
    _test(
        "bilirubin", "1975-2", _SMALL, "total bilirubin", "bilirubin total", "tbil", "t-bil",
        "serum bilirubin", scale="Bilirubin increased", event="raised bilirubin",
    ),
    _test(
        "creatinine", "2160-0 14682-9", _SMALL, "serum creatinine", "plasma creatinine", "crea",
        "creat", scale="Creatinine increased", event="raised creatinine",
    ),
    _test(
        "cholesterol", "2093-3", _LIPID, "total cholesterol", "cholesterol total", "chol",
        "serum cholesterol", "tc", scale="Cholesterol high", event="hypercholesterolaemia",
    ),
    _test(
        "triglycerides", "2571-8", _LIPID, "triglyceride", "tg", "trig", "trigs",
        "fasting triglycerides", "serum triglycerides", scale="Hypertriglyceridaemia",
        event="hypertriglyceridaemia",
    ),
    _test(
        "haemoglobin", "718-7", ("g/dL", "g/L"), "hemoglobin", "hb", "hgb", scale="Anaemia",
        event="anaemia",
    ),
    _test(
        "platelets", "777-3", _CELLS, "platelet", "platelet count", "plt", "thrombocytes",
        scale="Platelets decreased", event="thrombocytopenia",
    ),
    _test(
        "neutrophils", "751-8", _CELLS, "neutrophil", "neutrophil count",
        "absolute neutrophil count", "absolute neutrophils", "anc", "neut", "neuts",
        scale="Neutrophils decreased", event="neutropenia",
    ),
    _test(
        "white cells", "6690-2", _CELLS, "white cell count", "white blood cells",
        "white blood cell count", "wbc", "wcc", "leucocytes", "leukocytes", "leucocyte count",
        "leukocyte count", scale="White cells decreased", event="leucopenia",
    ),
    _test(
        "lymphocytes", "731-0", _CELLS, "lymphocyte", "lymphocyte count",
        "absolute lymphocyte count", "absolute lymphocytes", "alc", "lymph", "lymphs",
        scale="Lymphocytes decreased", event="lymphopenia",
    ),
    _test(
        "potassium", "2823-3", ("mmol/L",), "k", "k+", "serum potassium", "plasma potassium",
        scale="Hypokalaemia", event="hypokalaemia",
    ),
    _test(
        "glucose", "2345-7", _LIPID, "fasting glucose", "blood glucose", "blood sugar", "glu",
        "plasma glucose", event="hyperglycaemia", because=_BY_WHAT_WAS_DONE,
    ),
    _test(
        "phosphate", "2777-1", _LIPID, "phosphorus", "inorganic phosphate", "po4",
        "serum phosphate",
        event="hypophosphataemia", because=_BY_WHAT_WAS_DONE,
    ),
    _test(
        "urine protein/creatinine", "2890-2", ("mg/mg", "mg/mmol"),
        "urine protein creatinine ratio",
        "protein/creatinine ratio", "protein/creatinine", "upcr", "upc", "urine p/c", "urine pcr",
        event="proteinuria",
        because="it is graded by hand as the side-effect {event}, by age and kind of sample",
    ),
    _test("albumin", "1751-7", ("g/dL", "g/L"), "serum albumin", "alb", because=_NO_SCALE),
    _test(
        "systolic blood pressure", "8480-6", ("mm[Hg]",), "systolic", "systolic pressure", "sbp",
        event="hypertension",
        because="it is graded by hand as the side-effect {event}, by age and centile",
    ),
    _test(
        "diastolic blood pressure", "8462-4", ("mm[Hg]",), "diastolic", "diastolic pressure", "dbp",
        event="hypertension",
        because="it is graded by hand as the side-effect {event}, by age and centile",
    ),
)  # fmt: skip
"""Every test of the table."""


def _key(name: str) -> str:
    """Return `name` without case, accents, spaces and punctuation."""
    letters = unicodedata.normalize("NFKD", clean(name)).casefold()
    return "".join(sign for sign in letters if sign.isalnum())


_BY_KEY: Mapping[str, LaboratoryTest] = MappingProxyType(
    {_key(name): test for test in TESTS for name in (test.name, *test.synonyms, *test.loinc)}
)


@lru_cache(maxsize=1024)
def find_test(name: str) -> LaboratoryTest | None:
    """Return the test of a name, a synonym or a LOINC code; never by spelling (ALT is not AST).

    >>> find_test("SGPT").name
    'ALT'
    """
    return _BY_KEY.get(_key(name))
