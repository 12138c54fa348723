"""The result of an evaluation as values, and as the JSON document of `docs/commands.md`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from dosing.evaluation.accuracy import SEED, Accuracy, Predictions, accuracy_of
from dosing.evaluation.evaluating import Collected, Evaluator, PredictedLevel
from dosing.evaluation.npde import NpdeSummary, npde_summary
from dosing.evaluation.predictive_check import CheckedBin, predictive_check
from dosing.evaluation.subjects import Grouping, NotEvaluated
from dosing.pharmacokinetics.model import Model
from dosing.version import VERSION

AVERAGE = "average"
"""The key of all models together, in the place of a model's."""
NOT_A_VALIDATION = (
    "An evaluation describes these levels. It does not validate a model or this program for the "
    "next patient."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedAccuracy:
    """The accuracy of a model beside the two baselines, all from earlier levels, on the same ones.

    `a_priori` is of the typical patient, on every level; the others are None without a level that
    earlier ones predict.
    """

    a_priori: Accuracy | None
    forward: Accuracy | None
    last_level: Accuracy | None
    label: Accuracy | None

    def to_dict(self) -> dict[str, object]:
        """Return the figures from earlier levels, with the others beside."""
        return {
            **_figures(self.forward),
            "a_priori": _figures(self.a_priori),
            "baselines": {
                "last_level": _figures(self.last_level),
                "label_arithmetic": _figures(self.label),
            },
        }


def _figures(accuracy: Accuracy | None) -> dict[str, object]:
    """Return the figures; without a level n is 0, and every figure null."""
    if accuracy is not None:
        return accuracy.to_dict()
    names = [each.name for each in fields(Accuracy) if each.name != "within_30_percent"]
    counts = {"n": 0, "patients": 0, "intervals_95_percent": None}
    return {**dict.fromkeys(names), **counts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrinkage:
    """The shrinkage of random effects and residuals in percent; None below two of them.

    By Savic and Karlsson (AAPS J 2009;11:558): 100 × (1 - SD of the estimates / SD of the model).
    """

    effects: tuple[str, ...]
    eta_percent: tuple[float | None, ...]
    epsilon_percent: float | None
    patients: int
    levels: int

    def to_dict(self) -> dict[str, object]:
        """Return the shrinkage as a part of the document."""
        return {
            "eta_percent": dict(zip(self.effects, self.eta_percent, strict=True)),
            "epsilon_percent": self.epsilon_percent,
            "patients": self.patients,
            "levels": self.levels,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEvaluation:
    """The evaluation of one model, or of the average of all."""

    model: Model | None
    """None for the average."""
    patients: int
    compared: ComparedAccuracy
    groups: tuple[tuple[Grouping, tuple[tuple[str, ComparedAccuracy], ...]], ...]
    npde: NpdeSummary | None = None
    shrinkage: Shrinkage | None = None
    check: tuple[CheckedBin, ...] = ()
    left_out: tuple[NotEvaluated, ...] = ()

    @property
    def key(self) -> str:
        """The key of the model, or that of the average."""
        return self.model.key if self.model else AVERAGE

    @property
    def name(self) -> str:
        """The name of the model, for people."""
        return self.model.name if self.model else "Average of the models"

    def to_dict(self) -> dict[str, object]:
        """Return the model's part of the document."""
        model = self.model
        return {
            "model": self.key,
            "model_name": self.name,
            "population": model.population if model else None,
            "assay": model.assay if model else None,
            **self.compared.to_dict(),
            "patients_evaluated": self.patients,
            "npde": self.npde.to_dict() if self.npde else None,
            "shrinkage": self.shrinkage.to_dict() if self.shrinkage else None,
            "predictive_check": [each.to_dict() for each in self.check],
            **{
                grouping.value: [{"group": name, **found.to_dict()} for name, found in groups]
                for grouping, groups in self.groups
            },
            "left_out": [
                {"reason": each.reason, "levels": each.levels, "example": each.example or None}
                for each in self.left_out
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationResult:
    """The evaluation of some models on the same patients; of two with levels, their average too."""

    patients: int
    models: tuple[ModelEvaluation, ...]
    margin_ng_ml: float
    left_out: tuple[NotEvaluated, ...]
    """For every model."""

    @property
    def answered_by(self) -> ModelEvaluation:
        """The last one with a level: the average, or the only model that applies."""
        return [each for each in self.models if each.compared.a_priori or each is self.models[0]][
            -1
        ]

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus kinetics evaluate --json` prints."""
        models = [each.model for each in self.models if each.model]
        return {
            "patients": self.patients,
            "margin_ng_ml": self.margin_ng_ml or None,
            "seed": SEED,
            "models": [each.to_dict() for each in self.models],
            "left_out": [
                {"reason": each.reason, "levels": each.levels, "example": each.example or None}
                for each in self.left_out
            ],
            "note": NOT_A_VALIDATION,
            "sources": {each.source: each.citation for each in models},
            "version": VERSION,
        }


def evaluation_of(
    evaluator: Evaluator, *, margin_ng_ml: float = 0.0, grouped: bool = True
) -> EvaluationResult:
    """Return the figures of what was collected, without groups if they are not wanted.

    Within `margin_ng_ml` a prediction is close whatever its relative error.
    """
    found = [
        _model_evaluation(each, evaluator.left_out, margin_ng_ml, grouped=grouped)
        for each in evaluator.collected.values()
    ]
    averaged = [
        each for each in evaluator.collected.values() if each.levels and not each.model.only_beside
    ]
    if len(averaged) > 1:
        levels = evaluator.average
        found.append(
            ModelEvaluation(
                model=None,
                patients=len({each.patient for each in levels}),
                compared=_compared(levels, margin_ng_ml),
                groups=tuple(_groups(levels, margin_ng_ml)) if grouped else (),
            )
        )
    return EvaluationResult(
        patients=evaluator.patients,
        models=tuple(found),
        margin_ng_ml=margin_ng_ml,
        left_out=tuple(_together(each for each in evaluator.left_out if each.model is None)),
    )


def _model_evaluation(
    collected: Collected, left_out: Sequence[NotEvaluated], margin_ng_ml: float, *, grouped: bool
) -> ModelEvaluation:
    model = collected.model
    own = [
        NotEvaluated(reason=reason, levels=count) for reason, count in collected.left_out.items()
    ]
    return ModelEvaluation(
        model=model,
        patients=collected.patients,
        compared=_compared(collected.levels, margin_ng_ml),
        groups=tuple(_groups(collected.levels, margin_ng_ml)) if grouped else (),
        npde=npde_summary(collected.npde),
        shrinkage=_shrinkage(collected) if collected.eta else None,
        check=predictive_check(collected.checked),
        left_out=tuple(_together([*(each for each in left_out if each.model == model.key), *own])),
    )


def _together(
    left_out: "Sequence[NotEvaluated] | Iterator[NotEvaluated]",
) -> Iterator[NotEvaluated]:
    """Yield each reason once, with the number of its levels, the most frequent first."""
    levels: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for each in left_out:
        levels[each.reason] += each.levels
        examples.setdefault(each.reason, each.example)
    for reason, count in sorted(levels.items(), key=lambda pair: (-pair[1], pair[0])):
        yield NotEvaluated(reason=reason, levels=count, example=examples[reason])


def _compared(levels: Sequence[PredictedLevel], margin_ng_ml: float) -> ComparedAccuracy:
    ahead = [each for each in levels if each.forward_ng_ml is not None]
    return ComparedAccuracy(
        a_priori=_accuracy(levels, [each.a_priori_ng_ml for each in levels], margin_ng_ml),
        forward=_accuracy(ahead, [each.forward_ng_ml for each in ahead], margin_ng_ml),
        last_level=_accuracy(ahead, [each.level.last_level_ng_ml for each in ahead], margin_ng_ml),
        label=_accuracy(ahead, [each.level.label_ng_ml for each in ahead], margin_ng_ml),
    )


def _accuracy(
    levels: Sequence[PredictedLevel], predicted: Sequence[float | None], margin_ng_ml: float
) -> Accuracy | None:
    if not levels:
        return None
    return accuracy_of(
        Predictions(
            observed=np.array([each.level.ng_ml for each in levels]),
            predicted=np.array(predicted, dtype=float),
            patients=np.array([each.patient for each in levels]),
            margin_ng_ml=margin_ng_ml,
        )
    )


def _groups(
    levels: Sequence[PredictedLevel], margin_ng_ml: float
) -> Iterator[tuple[Grouping, tuple[tuple[str, ComparedAccuracy], ...]]]:
    """Yield each grouping with its groups, in the order of their first level."""
    for grouping in Grouping:
        groups: dict[str, list[PredictedLevel]] = {}
        for each in sorted(levels, key=lambda each: each.level.order):
            groups.setdefault(each.level.groups[grouping], []).append(each)
        yield (
            grouping,
            tuple((name, _compared(found, margin_ng_ml)) for name, found in groups.items()),
        )


def _shrinkage(collected: Collected) -> Shrinkage:
    model = collected.model
    spread = np.sqrt(np.diag(np.array(model.omega)))
    eta = np.array(collected.eta)
    several = len(eta) > 1
    return Shrinkage(
        effects=model.effects,
        eta_percent=tuple(
            _shrunk(eta[:, place], float(each)) if several else None
            for place, each in enumerate(spread)
        ),
        epsilon_percent=(
            _shrunk(np.array(collected.residuals), 1.0) if len(collected.residuals) > 1 else None
        ),
        patients=len(eta),
        levels=len(collected.residuals),
    )


def _shrunk(estimates: "np.typing.NDArray[np.float64]", spread: float) -> float:
    return round(100 * (1 - float(estimates.std(ddof=1)) / spread), 4)
