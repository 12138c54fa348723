"""How far a patient's levels spread: the coefficient of variation of those that count."""

from typing import TYPE_CHECKING

from dosing.knowledge.tdm_rules import FEWEST_FOR_VARIATION
from monitoring.levels.assess import assessed_table
from monitoring.record.entries import Record

if TYPE_CHECKING:
    import pandas as pd


def variation_percent_of(record: Record) -> float | None:
    """Return a patient's coefficient of variation in percent; None where it would mislead."""
    found = variation(assessed_table([record]))["variation_percent"].dropna()
    return float(found.iloc[0]) if len(found) else None


def variation(assessed: "pd.DataFrame") -> "pd.DataFrame":
    """Return the spread of each patient's levels, a row each, by the patient's number.

    `assessed` is what `assess` returns. Looked at are levels that count and are not censored.
    Columns: `levels` (int64), how many there are; `mean_ng_ml` (float64) and `variation_percent`
    (float64), the standard deviation of the sample in percent of the mean; both are missing for
    fewer levels than `FEWEST_FOR_VARIATION` and where not all are known to be of one assay.
    """
    measured = assessed[assessed["is_evaluable"] & assessed["comparator"].isna()]
    by_patient = measured.groupby("patient")
    level, assay = (
        by_patient["level_ng_ml"],
        measured["assay"].cat.codes.groupby(measured["patient"]),
    )
    is_told = (
        (level.size() >= FEWEST_FOR_VARIATION.value)
        & (assay.min() >= 0)
        & (assay.min() == assay.max())
    )
    mean = level.mean().where(is_told)
    found = level.size().to_frame("levels")
    found = found.assign(mean_ng_ml=mean, variation_percent=100 * level.std() / mean)
    every = found.reindex(assessed["patient"].drop_duplicates().sort_values())
    return every.assign(levels=every["levels"].fillna(0).astype("int64"))
