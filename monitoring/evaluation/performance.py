"""Predictive performance of the forecasts in a clinic: levels predicted from earlier ones only.

A walk forward through the stored patients. A forecast answers by the average of the models that
apply; two baselines are compared on the same levels: the last level again, and the label's
arithmetic.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from dosing.evaluation.accuracy import Accuracy
from dosing.evaluation.evaluating import Evaluator
from dosing.evaluation.evaluation import ModelEvaluation, evaluation_of
from dosing.pharmacokinetics import MODEL_KEYS, Model, model_named
from monitoring.evaluation.clinic_subjects import clinic_subjects
from monitoring.record.entries import Record
from monitoring.record.level import Level


class Method(Enum):
    """A way to predict the next level."""

    MODEL = "model"
    LAST_LEVEL = "the last level again"
    LABEL = "label arithmetic"


@dataclass(frozen=True, slots=True)
class MethodRecord:
    """The accuracy of one method."""

    method: Method
    accuracy: Accuracy


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictivePerformance:
    """The predictive performance of the forecasts in a clinic."""

    answered_by: ModelEvaluation
    models: tuple[Model, ...]
    """The models that predicted a level."""
    methods: tuple[MethodRecord, ...]
    """Empty without a predicted level."""

    @property
    def patients(self) -> int:
        """The patients with at least one predicted level."""
        return self.methods[0].accuracy.patients if self.methods else 0

    @property
    def levels(self) -> int:
        """The levels that were predicted from earlier ones."""
        return self.methods[0].accuracy.n if self.methods else 0


class PredictivePerformanceKeeper:
    """The collection of predicted levels, patient by patient."""

    def __init__(self, models: Iterable[Model] | None = None) -> None:
        """Begin with no patient; without models all of the program are averaged."""
        self._models = tuple(map(model_named, MODEL_KEYS)) if models is None else tuple(models)
        self._evaluator = Evaluator(self._models, simulations=0)

    def add(self, records: Iterable[Record]) -> None:
        """Walk through the levels of more patients."""
        with_two = (record for record in records if len(record.active(Level)) > 1)
        self._evaluator.add(clinic_subjects(with_two, self._models))

    @property
    def random_effects(self) -> dict[str, tuple[tuple[float, ...], ...]]:
        """The random effects of the fits to all levels, a patient each, by the model's key."""
        return {key: tuple(each.eta) for key, each in self._evaluator.collected.items()}

    @property
    def result(self) -> PredictivePerformance:
        """The predictive performance so far."""
        evaluation = evaluation_of(self._evaluator, grouped=False)
        found = evaluation.answered_by
        compared = found.compared
        accuracies = (compared.forward, compared.last_level, compared.label)
        return PredictivePerformance(
            answered_by=found,
            models=tuple(
                each.model for each in evaluation.models if each.model and each.compared.a_priori
            ),
            methods=tuple(
                MethodRecord(method, each)
                for method, each in zip(Method, accuracies, strict=True)
                if each is not None
            ),
        )
