"""Individual kinetics: what a patient's next level will be, and which dose reaches the target.

Published population models (`dosing/kinetics/models/`) are fitted to one patient's own levels. It
is imported where it is used, as it needs numpy:

>>> history = DosingHistory((DoseRecord(0, 0.875, 12, 1000),), (CovariateStep(0, {"weight": 25}),))
>>> fitted = fit(model_named("fan2024"), history, [MeasuredLevel(12_000, 14)])
>>> round(fitted.eta[0], 4)
-0.1785
"""

from dosing.kinetics.concentration import Concentrations
from dosing.kinetics.dose_outcome import Regimen, TargetAttainment, dose_outcomes
from dosing.kinetics.fit import Fit, fit
from dosing.kinetics.history import CovariateStep, DoseRecord, DosingHistory
from dosing.kinetics.model import PARAMETERS_OF, Model
from dosing.kinetics.model_file import MODEL_KEYS, model_named, read_model
from dosing.kinetics.objective import Censoring, MeasuredLevel
from dosing.kinetics.patients_table import fit_table
from dosing.kinetics.posterior import Posterior
from dosing.kinetics.prediction import (
    Disposition,
    Forecast,
    Interval,
    LevelCheck,
    PredictedCurve,
    check_levels,
    curve,
    disposition,
    forecast,
)
from dosing.kinetics.recommendation import DoseQuestion, Recommendation, recommend
from dosing.kinetics.table_text import read_table

__all__ = [
    "MODEL_KEYS",
    "PARAMETERS_OF",
    "Censoring",
    "Concentrations",
    "CovariateStep",
    "Disposition",
    "DoseQuestion",
    "DoseRecord",
    "DosingHistory",
    "Fit",
    "Forecast",
    "Interval",
    "LevelCheck",
    "MeasuredLevel",
    "Model",
    "Posterior",
    "PredictedCurve",
    "Recommendation",
    "Regimen",
    "TargetAttainment",
    "check_levels",
    "curve",
    "disposition",
    "dose_outcomes",
    "fit",
    "fit_table",
    "forecast",
    "model_named",
    "read_model",
    "read_table",
    "recommend",
]
