"""Pharmacokinetics of one patient: the next level, and the dose that reaches the target.

Published population models (in the folder `models`) are fitted to the patient's own levels. A file,
and numpy with it, is imported at the first use of one of its names:

>>> history = DosingHistory((DoseRecord(0, 0.875, 12, 1000),), (CovariateStep(0, {"weight": 25}),))
>>> fitted = fit(model_named("fan2024"), history, [MeasuredLevel(12_000, 14)])
>>> round(fitted.eta[0], 4)
-0.1785
"""

from dosing.lazy import front_page

TYPE_CHECKING = False  # see `dosing.lazy`
if TYPE_CHECKING:
    from dosing.pharmacokinetics.averaging import Average, Disagreement, WeightedModel, averaged
    from dosing.pharmacokinetics.concentration import Concentrations, predict_many, predict_models
    from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
    from dosing.pharmacokinetics.map_estimate import (
        Fit,
        fit,
        fit_many,
        fits_or_errors,
        fits_or_errors_of_models,
    )
    from dosing.pharmacokinetics.model import PARAMETERS_OF, Model
    from dosing.pharmacokinetics.model_file import MODEL_KEYS, model_named, read_model
    from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel
    from dosing.pharmacokinetics.posterior import Posterior
    from dosing.pharmacokinetics.prediction import (
        Disposition,
        Forecast,
        Interval,
        LevelCheck,
        PredictedCurve,
        check_levels,
        curve,
        disposition,
        forecast,
        forecasts_of,
    )
    from dosing.pharmacokinetics.predictive import AnyPosterior, Predictive
    from dosing.pharmacokinetics.recommendation import DoseQuestion, Recommendation, recommend
    from dosing.pharmacokinetics.sampling import expected_narrowing
    from dosing.pharmacokinetics.target_attainment import (
        Regimen,
        TargetAttainment,
        dose_outcomes,
        most_probable_trough,
    )
    from dosing.pharmacokinetics.variability import levels_vary_more
    from dosing.pharmacokinetics.variants import model_variants

__all__ = [
    "MODEL_KEYS",
    "PARAMETERS_OF",
    "AnyPosterior",
    "Average",
    "Censoring",
    "Concentrations",
    "CovariateStep",
    "Disagreement",
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
    "Predictive",
    "Recommendation",
    "Regimen",
    "TargetAttainment",
    "WeightedModel",
    "averaged",
    "check_levels",
    "curve",
    "disposition",
    "dose_outcomes",
    "expected_narrowing",
    "fit",
    "fit_many",
    "fits_or_errors",
    "fits_or_errors_of_models",
    "forecast",
    "forecasts_of",
    "levels_vary_more",
    "model_named",
    "model_variants",
    "most_probable_trough",
    "predict_many",
    "predict_models",
    "read_model",
    "recommend",
]

_NAMES_OF = {
    "averaging": "Average Disagreement WeightedModel averaged",
    "concentration": "Concentrations predict_many predict_models",
    "dosing_history": "CovariateStep DoseRecord DosingHistory",
    "map_estimate": "Fit fit fit_many fits_or_errors fits_or_errors_of_models",
    "model": "PARAMETERS_OF Model",
    "model_file": "MODEL_KEYS model_named read_model",
    "variants": "model_variants",
    "objective": "Censoring MeasuredLevel",
    "posterior": "Posterior",
    "prediction": (
        "Disposition Forecast Interval LevelCheck PredictedCurve check_levels curve "
        "disposition forecast forecasts_of"
    ),
    "predictive": "AnyPosterior Predictive",
    "recommendation": "DoseQuestion Recommendation recommend",
    "sampling": "expected_narrowing",
    "target_attainment": "Regimen TargetAttainment dose_outcomes most_probable_trough",
    "variability": "levels_vary_more",
}
"""Each file and the names that are imported from here, as above."""

__getattr__, __dir__ = front_page(__name__, _NAMES_OF)
