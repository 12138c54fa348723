"""Laboratory values: the test, and the grade if CTCAE v5.0 has numbers for it."""

from typing import TYPE_CHECKING

from dosing.lazy import front_page

if TYPE_CHECKING:
    from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory

# The table of tests is used without the assessment, which is heavy.
_NAMES_OF = {"assessment": "LaboratoryAssessment assess_laboratory"}

__all__ = ["LaboratoryAssessment", "assess_laboratory"]

__getattr__, __dir__ = front_page(__name__, _NAMES_OF)
