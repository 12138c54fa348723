"""Individual kinetics: what a patient's next level will be, and which dose reaches the target.

>>> model_named("fan2024").population
'49 children with vascular anomalies, 0.08-12 years, 3.3-65 kg; 134 troughs'
"""

from dosing.kinetics.model import Model
from dosing.kinetics.model_file import MODEL_KEYS, model_named, read_model

__all__ = ["MODEL_KEYS", "Model", "model_named", "read_model"]
