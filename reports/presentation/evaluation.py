"""An evaluation in words, for screen, page and paper: never a figure without its number."""

from dosing.evaluation.accuracy import WithInterval
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
