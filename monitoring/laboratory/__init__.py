"""Laboratory values: which test each one is, and its grade where CTCAE v5.0 has numbers."""

from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory

__all__ = ["LaboratoryAssessment", "assess_laboratory"]
