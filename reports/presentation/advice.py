"""Advice after a level in rows of a label and a text."""

from collections.abc import Iterator

from dosing import Adjustment
from dosing.quantities.formatting import (
    count_of,
    how_to_measure,
    measured_dose,
    plain,
    product_name,
    regimen_words,
)
from monitoring.levels import LevelAssessment
from monitoring.levels.wording import assumed_mark
from monitoring.recommendation.advice import Advice
from reports.presentation.doses import dose_rows
from reports.presentation.times import clock_anywhere


def level_rows(assessment: LevelAssessment) -> Iterator[tuple[str, str]]:
    """Yield the level, its time and the last dose before it."""
    level = assessment.level.entry
    assay = level.assay.value if level.assay else "assay not recorded"
    yield "Level", f"{level} by {assay}" if level.assay else f"{level}, {assay}"
    yield "Sampled", clock_anywhere(level.sampled)
    if level.last_dose:
        yield "Last dose", f"{clock_anywhere(level.last_dose)}{assumed_mark(level)}"


def now_given_rows(request: Adjustment) -> Iterator[tuple[str, str]]:
    """Yield the dose at the level, its target and the weight and height."""
    regimen = regimen_words(request.dose_mg, request.times_a_day)
    per_day = f"{regimen} a day = {plain(request.daily_mg)} mg per day"
    yield "Dose", f"{per_day}, {product_name(request.product)}"
    protocol = request.protocol
    yield "Target", f"trough {request.target} [{protocol.target_source}]"
    yield "Body", _body(request)


def _body(request: Adjustment) -> str:
    weight, height = request.weight, request.height
    if weight is None:
        return "no weight recorded"
    ago = count_of(int(request.measured_days_ago or 0), "day")
    parts = [f"{plain(weight.kg, 3)} kg, weighed {ago} ago"]
    parts += [f"{plain(height.cm, 2)} cm"] if height else ["no height recorded"]
    return "; ".join(parts)


def advised_dose_rows(advice: Advice) -> Iterator[tuple[str, str]]:
    """Yield the suggested dose, if any."""
    if advice.adjusted is None or advice.dose is None:
        return
    if advice.adjusted.loading_dose:
        loading = advice.adjusted.loading_dose.measured
        yield "First, once", f"{measured_dose(loading)} by mouth. {how_to_measure(loading)}"
    yield from dose_rows(advice.dose)
    if advice.adjusted.override:
        override = advice.adjusted.override
        yield "Override", f"{override.reason} (by {override.by})"
