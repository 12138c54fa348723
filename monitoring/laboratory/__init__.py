"""Laboratory values: the test, and the grade if CTCAE v5.0 has numbers for it."""

from typing import TYPE_CHECKING

from dosing.lazy import front_page

if TYPE_CHECKING:
    from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
    from monitoring.laboratory.flowsheet import Flowsheet, flowsheet_of

# The table of tests is used without the assessment, which is heavy.
_NAMES_OF = {
    "assessment": "LaboratoryAssessment assess_laboratory",
    "flowsheet": "Flowsheet flowsheet_of",
}

__all__ = ["Flowsheet", "LaboratoryAssessment", "assess_laboratory", "flowsheet_of"]

__getattr__, __dir__ = front_page(__name__, _NAMES_OF)
