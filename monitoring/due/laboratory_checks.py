"""Which laboratory checks there are, and by which values of the record each is settled.

The checks: clinical reference, section 8 (`jop2023`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LaboratoryCheck:
    """One check and its parts: it is made when each part was measured by one of its tests.

    The tests are named as in `monitoring.laboratory.tests`.
    """

    what: str
    parts: tuple[tuple[str, ...], ...]


CHECKS = (
    LaboratoryCheck(
        "full blood count",
        (("haemoglobin",), ("platelets",), ("white cells", "neutrophils", "lymphocytes")),
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
