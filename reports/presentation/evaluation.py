"""An evaluation in words, for screen, page and paper: never a figure without its number."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dosing.evaluation.accuracy import Accuracy, WithInterval
from dosing.evaluation.evaluation import EvaluationResult, ModelEvaluation, Shrinkage
from dosing.evaluation.npde import NpdeSummary
from dosing.evaluation.predictive_check import PERCENTILES, CheckedBin
from dosing.evaluation.subjects import Grouping
from dosing.quantities.formatting import count_of
from monitoring.evaluation.performance import Method, MethodRecord, PredictivePerformance


def about_performance(record: PredictivePerformance) -> str:
    """Return the levels and patients that the figures are from, and their definitions."""
    if not record.methods:
        return "No level could be predicted from earlier ones."
    levels, patients = count_of(record.levels, "level"), count_of(record.patients, "patient")
    return (
        f"Each of {levels} of {patients} is predicted from the patient's earlier levels "
        "only. Bias: median error in percent of the measured level, above zero for overprediction. "
        "Error: median absolute error. Intervals: 95 %, by resampling patients."
    )


def method_name(record: PredictivePerformance, each: MethodRecord) -> str:
    """Return the name of a method: for the forecast, that of its model or the average."""
    return record.answered_by.name if each.method is Method.MODEL else each.method.value


def shown_figures(each: MethodRecord) -> tuple[WithInterval, WithInterval, WithInterval]:
    """Return bias, error and the percentage within 30 %."""
    accuracy = each.accuracy
    return (
        accuracy.median_error_percent,
        accuracy.median_absolute_error_percent,
        accuracy.within_30_percent,
    )


def percent_with_interval(figure: WithInterval) -> tuple[str, str]:
    """Return a percentage and its interval; a dash where one patient allows none.

    >>> percent_with_interval(WithInterval(-3.14, -8.2, 2.06))
    ('-3.1 %', '-8.2 to 2.1 %')
    """
    if figure.low is None or figure.high is None:
        return f"{figure.value:z.1f} %", "-"
    return f"{figure.value:z.1f} %", f"{figure.low:z.1f} to {figure.high:z.1f} %"


# --- the evaluation of some models

ABOUT_FIGURES = (
    "MPE: mean error in percent of the observation, (observed - predicted), above zero where "
    "predictions are too low; MAPE: mean size of that error; RMSE in ng/mL, rRMSE: RMSE / mean "
    "observation; F20, F30: predictions within 20 and 30 %. Intervals are 95 %: exact for F20 and "
    "F30, else by resampling patients."
)
ABOUT_CHECK = (
    "Prediction-corrected levels by time on treatment: percentiles of the observed ones beside the "
    "95 % interval of the same percentile in simulations. A star marks one outside it."
)
ACCURACY_HEADINGS = ("", "n", "MPE %", "MAPE %", "RMSE", "rRMSE", "F20 %", "F30 %")
CHECK_HEADINGS = ("days", "n", *(f"{percentile} %" for percentile in PERCENTILES))


def about_margin(margin_ng_ml: float) -> str:
    """Return the absolute margin in words."""
    return f"A prediction within {margin_ng_ml:g} ng/mL is within both margins."


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """The cells of a table of accuracies, and the intervals below them."""

    cells: tuple[str, ...]
    intervals: str = ""


def with_levels(found: EvaluationResult) -> tuple[ModelEvaluation, ...]:
    """Return the models under which a level is predicted: the last one is the average, if any."""
    return tuple(each for each in found.models if each.compared.a_priori)


def accuracy_rows(shown: Iterable[ModelEvaluation]) -> Iterator[AccuracyRow]:
    """Yield each model's accuracy from earlier levels, and the baselines on the same levels."""
    on_same: dict[tuple[Accuracy | None, Accuracy | None], list[ModelEvaluation]] = {}
    for each in shown:
        on_same.setdefault((each.compared.last_level, each.compared.label), []).append(each)
    for (last_level, label), models in on_same.items():
        yield from (accuracy_row(each.name, each.compared.forward) for each in models)
        yield accuracy_row("  the last level again", last_level)
        yield accuracy_row("  label arithmetic", label)


def accuracy_row(name: str, accuracy: Accuracy | None) -> AccuracyRow:
    """Return a row; without a level n is 0 and the figures are dashes."""
    if accuracy is None:
        return AccuracyRow((name, "0", *["-"] * (len(ACCURACY_HEADINGS) - 2)))
    cells = (
        name,
        str(accuracy.n),
        f"{accuracy.mpe_percent.value:z.1f}",
        f"{accuracy.mape_percent.value:.1f}",
        f"{accuracy.rmse.value:.2f}",
        f"{accuracy.relative_rmse.value:.2f}",
        f"{100 * accuracy.f20.value:.0f}",
        f"{100 * accuracy.f30.value:.0f}",
    )
    return AccuracyRow(cells, _intervals(accuracy))


def _intervals(accuracy: Accuracy) -> str:
    found = [
        f"{name} {figure.low * factor:z.{digits}f} to {figure.high * factor:z.{digits}f}"
        for name, figure, factor, digits in (
            ("MPE", accuracy.mpe_percent, 1, 1),
            ("MAPE", accuracy.mape_percent, 1, 1),
            ("RMSE", accuracy.rmse, 1, 2),
            ("F20", accuracy.f20, 100, 0),
            ("F30", accuracy.f30, 100, 0),
        )
        if figure.low is not None and figure.high is not None
    ]
    return f"95 % CI: {', '.join(found)}"


def simulation_rows(found: ModelEvaluation) -> Iterator[tuple[str, str]]:
    """Yield what the simulations and the random effects say of a model."""
    if found.npde:
        yield "NPDE", _npde_words(found.npde)
    if found.shrinkage:
        yield "Shrinkage", _shrinkage_words(found.shrinkage)


def _npde_words(npde: NpdeSummary) -> str:
    variance = _with_ends(npde.variance) if npde.variance else "-"
    tests = "too few levels for a test"
    if npde.p_global is not None:
        tests = f"p of normality {npde.p_normality:.3g}, of all three tests {npde.p_global:.3g}"
    return (
        f"{count_of(npde.n, 'level')}: mean {_with_ends(npde.mean)}, variance {variance} (0 and 1 "
        f"if the model holds); {tests}"
    )


def _shrinkage_words(shrinkage: Shrinkage) -> str:
    each = zip(shrinkage.effects, shrinkage.eta_percent, strict=True)
    eta = ", ".join(f"{name} {_percent(value)}" for name, value in each)
    return (
        f"η: {eta} ({count_of(shrinkage.patients, 'patient')}); ε: "
        f"{_percent(shrinkage.epsilon_percent)} ({count_of(shrinkage.levels, 'level')})"
    )


def _with_ends(figure: WithInterval) -> str:
    if figure.low is None or figure.high is None:
        return f"{figure.value:z.2f}"
    return f"{figure.value:z.2f} ({figure.low:z.2f} to {figure.high:z.2f})"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:z.0f} %"


def check_row(found: CheckedBin) -> tuple[str, ...]:
    """Return the cells of a bin of the predictive check."""
    return (
        f"{found.days_from:.0f}-{found.days_to:.0f}",
        str(found.n),
        *(
            f"{each.observed_ng_ml:.1f} ({each.low_ng_ml:z.1f} to {each.high_ng_ml:z.1f})"
            f"{'' if each.is_inside else ' *'}"
            for each in found.percentiles
        ),
    )


def left_out_rows(found: EvaluationResult) -> Iterator[tuple[str, str]]:
    """Yield the number of levels that are left out, by the reason."""
    names = [("all models", found.left_out)]
    names += [(each.name, each.left_out) for each in found.models]
    for name, left_out in names:
        for each in left_out:
            count = f"{count_of(each.levels, 'level')}: " if each.levels else ""
            example = f" (the first: {each.example})" if each.example else ""
            yield name, f"{count}{each.reason}{example}"


_GROUP_TITLES = {
    Grouping.ORDER: "by level order",
    Grouping.AGE: "by age",
    Grouping.PRODUCT: "by product",
    Grouping.ASSAY: "by assay",
}


def grouped_rows(found: ModelEvaluation) -> Iterator[tuple[str, Sequence[AccuracyRow]]]:
    """Yield each grouping with more than one group as its title and rows.

    The first level has a row a priori, the others from earlier levels.
    """
    for grouping, groups in found.groups:
        if len(groups) < 2:
            continue
        rows = []
        for name, compared in groups:
            accuracy, label = compared.forward, name
            if accuracy is None:
                accuracy, label = compared.a_priori, f"{name} (a priori)"
            rows.append(accuracy_row(label, accuracy))
        yield _GROUP_TITLES[grouping], rows
