"""Which laboratory checks there are, and by which values of the record each is settled.

The checks: clinical reference, section 8 (`jop2023`).
"""

from dataclasses import dataclass
from functools import cache

LYMPHOCYTES = "lymphocytes"


@dataclass(frozen=True, slots=True)
class LaboratoryCheck:
    """One check and its parts: it is made when each part was measured by one of its tests."""

    what: str
    parts: tuple[tuple[str, ...], ...]


CHECKS = (
    LaboratoryCheck(
        "full blood count",
        (("haemoglobin",), ("platelets",), ("white cells", "neutrophils", LYMPHOCYTES)),
    ),
    LaboratoryCheck("renal function", (("creatinine",),)),
    LaboratoryCheck("liver enzymes", (("ALT", "AST"),)),
    LaboratoryCheck("cholesterol and triglycerides", (("cholesterol",), ("triglycerides",))),
    LaboratoryCheck("fasting glucose", (("glucose",),)),
    LaboratoryCheck("potassium", (("potassium",),)),
    LaboratoryCheck("phosphate", (("phosphate",),)),
    LaboratoryCheck("urine protein", (("urine protein/creatinine",),)),
    LaboratoryCheck("blood pressure", (("systolic blood pressure",),)),
)
"""The checks that are made before the first dose and again on the schedule's days."""

_SPELLINGS = {
    "haemoglobin": ("hemoglobin", "hb", "hgb"),
    "platelets": ("platelet count", "plt"),
    "white cells": ("white blood cells", "white cell count", "wbc", "leucocytes", "leukocytes"),
    "neutrophils": ("neutrophil count",),
    LYMPHOCYTES: ("lymphocyte count",),
    "creatinine": ("serum creatinine",),
    "ALT": ("alanine aminotransferase",),
    "AST": ("aspartate aminotransferase",),
    "cholesterol": ("total cholesterol",),
    "triglycerides": ("triglyceride",),
    "glucose": ("fasting glucose", "blood glucose"),
    "potassium": (),
    "phosphate": ("phosphorus",),
    "urine protein/creatinine": ("protein/creatinine", "urine protein", "proteinuria"),
    "systolic blood pressure": ("systolic", "blood pressure"),
}


def _key(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


_BY_KEY = {_key(each): name for name, others in _SPELLINGS.items() for each in (name, *others)}


@cache
def test_called(name: str) -> str | None:
    """Return the test that a name in the record stands for, or None."""
    return _BY_KEY.get(_key(name))
