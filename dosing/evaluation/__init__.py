r"""The evaluation of population models on measured levels: accuracy, NPDE, predictive check.

It needs numpy, and pandas for a table, and is imported where it is used:

>>> from dosing.evaluation import evaluate_table
>>> from dosing.nonmem import read_table
>>> from dosing.pharmacokinetics import model_named
>>> table = read_table(
...     "ID,TIME,EVID,AMT,DV,II,ADDL,WT\n"
...     "1,0,1,0.875,.,12,99,25\n"
...     "1,600,0,.,9.2,.,.,25\n"
...     "1,1200,0,.,10.1,.,.,25\n"
... )
>>> found = evaluate_table(table.cells, [model_named("fan2024")])
>>> found.models[0].compared.forward.n
1
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dosing.evaluation.evaluating import SIMULATIONS, Evaluator, Progress
from dosing.evaluation.evaluation import EvaluationResult, ModelEvaluation, evaluation_of
from dosing.pharmacokinetics.model import Model

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SIMULATIONS",
    "EvaluationResult",
    "Evaluator",
    "ModelEvaluation",
    "evaluate_table",
    "evaluation_of",
]


def evaluate_table(
    table: "pd.DataFrame",
    models: Sequence[Model],
    *,
    outside_too: bool = True,
    margin_ng_ml: float = 0.0,
    progress: Progress = lambda _more: None,
) -> EvaluationResult:
    """Return the evaluation of models on a table in the NONMEM convention; see `dosing.nonmem`.

    Without `outside_too` a patient outside the ages or sizes of a model is left out there. Raises
    `UserError` for a table that no model can be evaluated on.
    """
    from dosing.evaluation.table_subjects import table_subjects  # noqa: PLC0415 - needs pandas

    evaluator = Evaluator(models)
    evaluator.add(table_subjects(table, models, outside_too=outside_too), progress)
    return evaluation_of(evaluator, margin_ng_ml=margin_ng_ml)
