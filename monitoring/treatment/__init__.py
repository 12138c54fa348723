"""The state of treatment: current and given doses, concomitant drugs, and the body."""

from monitoring.treatment.administrations import Administration, Gap
from monitoring.treatment.concomitant_drug import ConcomitantDrug, DrugChange
from monitoring.treatment.dosing_period import DosingPeriod
from monitoring.treatment.exposure import ExposureCause, ExposureChange
from monitoring.treatment.growth_drift import GrowthDrift, growth_drift
from monitoring.treatment.measured_body import MeasuredBody
from monitoring.treatment.omitted_doses import OmittedDoses
from monitoring.treatment.treatment_history import TreatmentHistory

__all__ = [
    "Administration",
    "ConcomitantDrug",
    "DosingPeriod",
    "DrugChange",
    "ExposureCause",
    "ExposureChange",
    "Gap",
    "GrowthDrift",
    "MeasuredBody",
    "OmittedDoses",
    "TreatmentHistory",
    "growth_drift",
]
