"""Laboratory values: the test, and the grade if CTCAE v5.0 has numbers for it."""

from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory

__all__ = ["LaboratoryAssessment", "assess_laboratory"]
