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
    """One test, with the CTCAE terms of its grades and the adverse events that match them."""

    name: str
    synonyms: tuple[str, ...]
    loinc: tuple[str, ...]
    units: tuple[str, ...]
    events: tuple[tuple[str, str], ...] = ()
    """Each CTCAE term by which it is graded, with the adverse event of that term."""
    not_graded_because: str = ""
    """Why it has no grade, or not in both directions; `{scale}` is the version of CTCAE."""

    @property
    def terms(self) -> tuple[str, ...]:
        """The CTCAE terms by which it is graded."""
        return tuple(term for term, _ in self.events)

    def event_of(self, term: str | None) -> str | None:
        """Return the adverse event of a CTCAE term, or None."""
        return dict(self.events).get(term or "")


_CELLS = ("10*9/L",)
_ENZYME = ("U/L",)
_LIPID = ("mg/dL", "mmol/L")
_SMALL = ("umol/L", "mg/dL")
_RATIO = ("mg/mg", "mg/mmol", "mg/g")
_BY_WHAT_WAS_DONE = (
    "{scale} has no figures for it: it is graded by what was done, as the adverse event "
)
_NO_SCALE = "{scale} has no scale for it in this program"
_PRESSURE = (("Hypertension", "hypertension"),)
_PROTEINURIA = (("Proteinuria", "proteinuria"),)


def _test(
    name: str,
    loinc: str,
    units: tuple[str, ...],
    *synonyms: str,
    events: tuple[tuple[str, str], ...] = (),
    because: str = "",
) -> LaboratoryTest:
    return LaboratoryTest(
        name=name, synonyms=synonyms, loinc=tuple(loinc.split()), units=units, events=events,
        not_graded_because=because,
    )  # fmt: skip


TESTS = (
    _test(
        "ALT", "1742-6", _ENZYME, "alat", "sgpt", "gpt", "alanine aminotransferase",
        "alanine transaminase", "alt (sgpt)", "sgpt (alt)", "serum alt",
        events=(("ALT, AST increased", "raised liver enzymes"),),
    ),
    _test(
        "AST", "1920-8", _ENZYME, "asat", "sgot", "got", "aspartate aminotransferase",
        "aspartate transaminase", "ast (sgot)", "sgot (ast)", "serum ast",
        events=(("ALT, AST increased", "raised liver enzymes"),),
    ),
    _test(
        "GGT", "2324-2", _ENZYME, "gamma gt", "γ-gt", "γgt", "gamma-glutamyl transferase",
        "gamma glutamyltransferase", "gamma-glutamyltranspeptidase", "ggtp",
        events=(("GGT increased", "raised GGT"),),
    ),
    _test(
        "bilirubin", "1975-2", _SMALL, "total bilirubin", "bilirubin total", "tbil", "t-bil",
        "serum bilirubin", events=(("Bilirubin increased", "raised bilirubin"),),
    ),
    _test(
        "creatinine", "2160-0 14682-9", _SMALL, "serum creatinine", "plasma creatinine", "crea",
        "creat", events=(("Creatinine increased", "raised creatinine"),),
    ),
    _test(
        "cholesterol", "2093-3", _LIPID, "total cholesterol", "cholesterol total", "chol",
        "serum cholesterol", "tc", events=(("Cholesterol high", "hypercholesterolaemia"),),
    ),
    _test(
        "triglycerides", "2571-8", _LIPID, "triglyceride", "tg", "trig", "trigs",
        "fasting triglycerides", "serum triglycerides",
        events=(("Hypertriglyceridaemia", "hypertriglyceridaemia"),),
    ),
    _test(
        "haemoglobin", "718-7", ("g/dL", "g/L"), "hemoglobin", "hb", "hgb",
        events=(("Anaemia", "anaemia"),),
    ),
    _test(
        "platelets", "777-3", _CELLS, "platelet", "platelet count", "plt", "thrombocytes",
        events=(("Platelets decreased", "thrombocytopenia"),),
    ),
    _test(
        "neutrophils", "751-8", _CELLS, "neutrophil", "neutrophil count",
        "absolute neutrophil count", "absolute neutrophils", "anc", "neut", "neuts",
        events=(("Neutrophils decreased", "neutropenia"),),
    ),
    _test(
        "white cells", "6690-2", _CELLS, "white cell count", "white blood cells",
        "white blood cell count", "wbc", "wcc", "leucocytes", "leukocytes", "leucocyte count",
        "leukocyte count", events=(("White cells decreased", "leucopenia"),),
    ),
    _test(
        "lymphocytes", "731-0", _CELLS, "lymphocyte", "lymphocyte count",
        "absolute lymphocyte count", "absolute lymphocytes", "alc", "lymph", "lymphs",
        events=(("Lymphocytes decreased", "lymphopenia"),),
    ),
    _test(
        "potassium", "2823-3", ("mmol/L", "meq/L"), "k", "k+", "serum potassium",
        "plasma potassium",
        events=(("Hypokalaemia", "hypokalaemia"), ("Hyperkalaemia", "hyperkalaemia")),
    ),
    _test(
        "glucose", "2345-7", _LIPID, "fasting glucose", "blood glucose", "blood sugar", "glu",
        "plasma glucose", "fasting blood glucose", "fasting blood sugar",
        "fasting plasma glucose",
        events=(("Hypoglycaemia", "hypoglycaemia"), ("Hyperglycaemia", "hyperglycaemia")),
        because=f"{_BY_WHAT_WAS_DONE}hyperglycaemia",
    ),
    _test(
        "phosphate", "2777-1", _LIPID, "phosphorus", "inorganic phosphate", "po4",
        "serum phosphate",
        because=f"{_BY_WHAT_WAS_DONE}hypophosphataemia",
    ),
    _test(
        "urine protein/creatinine", "2890-2", _RATIO,
        "urine protein creatinine ratio",
        "protein/creatinine ratio", "protein/creatinine", "upcr", "upc", "urine p/c", "urine pcr",
        events=_PROTEINURIA,
    ),
    _test(
        "urine protein", "", ("dipstick", "g/24h"), "protein in urine", "protein urine",
        "proteinuria", "urine dipstick", "urine dipstick protein", "dipstick protein", "dipstick",
        "24 h urine protein", "24-hour urine protein", "urine protein 24 h",
        events=_PROTEINURIA,
    ),
    _test(
        "albumin", "1751-7", ("g/dL", "g/L"), "serum albumin", "alb",
        events=(("Hypoalbuminaemia", "hypoalbuminaemia"),),
    ),
    _test(
        "fibrinogen", "", ("g/L", "mg/dL"), "fibrinogen clauss", "clauss fibrinogen",
        "plasma fibrinogen", "fib", events=(("Fibrinogen decreased", "low fibrinogen"),),
    ),
    _test("D-dimer", "", ("mg/L", "ug/L"), "d-dimers", "ddimer", because=_NO_SCALE),
    _test(
        "TSH", "", ("mU/L",), "thyrotropin", "thyroid stimulating hormone", because=_NO_SCALE
    ),
    _test(
        "T4", "", ("pmol/L", "nmol/L", "ng/dL", "ug/dL"), "thyroxine", "free t4", "ft4",
        "free thyroxine", "total t4", because=_NO_SCALE,
    ),
    _test("IgG", "", ("g/L", "mg/dL"), "immunoglobulin g", "serum igg", because=_NO_SCALE),
    _test(
        "HbA1c", "", ("%", "mmol/mol"), "haemoglobin a1c", "hemoglobin a1c", "a1c",
        "glycated haemoglobin", because=_NO_SCALE,
    ),
    _test(
        "haematocrit", "", ("%", "L/L"), "hematocrit", "hct", "packed cell volume", "pcv",
        because=_NO_SCALE,
    ),
    _test(
        "MCV", "", ("fL",), "mean cell volume", "mean corpuscular volume",
        because=f"{_NO_SCALE}; a low one is the adverse event microcytosis",
    ),
    _test(
        "systolic blood pressure", "8480-6", ("mm[Hg]",), "systolic", "systolic pressure", "sbp",
        events=_PRESSURE,
    ),
    _test(
        "diastolic blood pressure", "8462-4", ("mm[Hg]",), "diastolic", "diastolic pressure", "dbp",
        events=_PRESSURE,
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
