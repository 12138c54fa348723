"""Levels of a patient over time: time in range (Rosendaal), and how far they spread.

Between two evaluable levels the level is taken to change along a straight line. A line is drawn
only where it would not mislead: neither level censored, both of the same assay, no further apart
than `LARGEST_GAP`, and between them no pause of treatment, no doses held and no change of target.
"""

from dataclasses import dataclass, fields
from math import fsum
from typing import TYPE_CHECKING

from dosing.knowledge.tdm_rules import FEWEST_FOR_VARIATION, LARGEST_GAP
from monitoring.levels.assess import assessed_table
from monitoring.levels.assess_columns import AssessedColumns, assess_columns
from monitoring.levels.columns import NONE, DoseColumns, LevelColumns
from monitoring.levels.timeline import DAY_S, seconds_of
from monitoring.record.entries import Record

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from monitoring.levels.timeline import Real, Times, Truth, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInRange:
    """The days below, within and above the target; the levels joined and the largest gap.

    >>> found = TimeInRange(
    ...     days_below=2.0, days_within=6.0, days_above=2.0, levels=3, largest_gap_days=7.0
    ... )
    >>> found.days_covered, found.percent_within
    (10.0, 60.0)
    """

    days_below: float
    days_within: float
    days_above: float
    levels: int
    largest_gap_days: float

    @property
    def days_covered(self) -> float:
        """The days between joined levels."""
        return self.days_below + self.days_within + self.days_above

    @property
    def percent_within(self) -> float:
        """The percentage of the covered days within the target."""
        return 100 * self.days_within / self.days_covered


def time_in_range_of(record: Record) -> TimeInRange | None:
    """Return a patient's time in range; None if no two levels can be joined.

    It is worked out without pandas, whose import takes longer than a patient's whole report.
    """
    levels = LevelColumns.of([record])
    if not len(levels):
        return None
    assessed = assess_columns(levels, DoseColumns.of([record]))
    if assessed.order is not None:
        levels = levels.rows(assessed.order)
    lines = _lines(_EvaluableLevels.of(levels, assessed))
    if not len(lines.patient):
        return None
    return TimeInRange(
        days_below=fsum(lines.days_below),
        days_within=fsum(lines.days_within),
        days_above=fsum(lines.days_above),
        levels=int(lines.levels.sum()),
        largest_gap_days=float(lines.days_covered.max()),
    )


def times_in_range_of(assessed: "pd.DataFrame") -> dict[int, TimeInRange]:
    """Return the time in range of each patient with two levels that can be joined, by number."""
    table = time_in_range(assessed)
    joined = table[table["levels"] > 0].reset_index().to_dict("records")
    return {
        int(row["patient"]): TimeInRange(
            **{field.name: row[field.name] for field in fields(TimeInRange)}
            | {"levels": int(row["levels"])}
        )
        for row in joined
    }


def time_in_range(assessed: "pd.DataFrame") -> "pd.DataFrame":
    """Return the time in range of each patient, a row each, by the patient's number.

    `assessed` is what `assess` returns. The columns `days_below`, `days_within`, `days_above`,
    `days_covered`, `percent_within` and `largest_gap_days` are float64, missing if no two levels
    can be joined; `levels` is int64, the number of joined levels.
    """
    import pandas as pd  # noqa: PLC0415 - heavy

    found_lines = _lines(_EvaluableLevels.of_table(assessed))
    lines = pd.DataFrame(
        {each.name: getattr(found_lines, each.name) for each in fields(found_lines)}
    )
    by_patient = lines.groupby("patient")
    found = by_patient.sum()
    found["percent_within"] = 100 * found["days_within"] / found["days_covered"]
    found["largest_gap_days"] = by_patient["days_covered"].max()
    every = found.reindex(assessed["patient"].drop_duplicates().sort_values())
    return every.assign(levels=every["levels"].fillna(0).astype("int64"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _EvaluableLevels:
    """The evaluable levels by patient and time, a row each."""

    patient: "Whole"
    sampled_utc: "Times"
    level_ng_ml: "Real"
    is_censored: "Truth"
    assay: "Whole"
    """A code of each assay, or `NONE`."""
    period: "Whole"
    target_low_ng_ml: "Real"
    target_high_ng_ml: "Real"

    @classmethod
    def of(cls, levels: LevelColumns, assessed: AssessedColumns) -> "_EvaluableLevels":
        """Return those of levels in the order of their assessments."""
        rows = assessed.is_evaluable
        return cls(
            patient=levels.patient[rows],
            sampled_utc=levels.sampled_utc[rows],
            level_ng_ml=levels.level_ng_ml[rows],
            is_censored=levels.comparator[rows] != NONE,
            assay=levels.assay[rows].astype("int64"),
            period=assessed.period[rows],
            target_low_ng_ml=assessed.target_low_ng_ml[rows],
            target_high_ng_ml=assessed.target_high_ng_ml[rows],
        )

    @classmethod
    def of_table(cls, assessed: "pd.DataFrame") -> "_EvaluableLevels":
        """Return those of a table of assessments."""
        import numpy as np  # noqa: PLC0415 - heavy

        table = assessed[assessed["is_evaluable"]]
        return cls(
            patient=table["patient"].to_numpy(),
            sampled_utc=table["sampled_utc"].to_numpy(),
            level_ng_ml=table["level_ng_ml"].to_numpy(),
            is_censored=table["comparator"].notna().to_numpy(),
            assay=np.asarray(table["assay"].cat.codes, dtype=np.int64),
            period=table["period"].to_numpy(),
            target_low_ng_ml=table["target_low_ng_ml"].to_numpy(),
            target_high_ng_ml=table["target_high_ng_ml"].to_numpy(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """A row for each pair of joined levels, with the days below, within and above the target."""

    patient: "Whole"
    days_below: "Real"
    days_within: "Real"
    days_above: "Real"
    days_covered: "Real"
    levels: "Whole"
    """The levels that it adds: two where no line ends at the first one, else one."""


def _lines(evaluable: _EvaluableLevels) -> _Lines:
    """Return the lines between the evaluable levels."""
    import numpy as np  # noqa: PLC0415 - heavy

    days = np.diff(seconds_of(evaluable.sampled_utc)) / DAY_S
    can_be_joined = ~evaluable.is_censored & (evaluable.assay != NONE)
    is_line = can_be_joined[:-1] & can_be_joined[1:] & (days > 0) & (days <= LARGEST_GAP.value)
    for column in (evaluable.patient, evaluable.period, evaluable.assay):
        is_line &= np.diff(column) == 0
    level = evaluable.level_ng_ml
    lowest, highest = np.minimum(level[:-1], level[1:]), np.maximum(level[:-1], level[1:])
    days, lowest, highest = days[is_line], lowest[is_line], highest[is_line]
    low = evaluable.target_low_ng_ml[1:][is_line]
    below = _part_below(np.where(np.isnan(low), -np.inf, low), lowest, highest)
    # Above the target is below it, with both signs turned.
    above = _part_below(-evaluable.target_high_ng_ml[1:][is_line], -highest, -lowest)
    begins = is_line & ~np.append(False, is_line[:-1])[: len(is_line)]
    return _Lines(
        patient=evaluable.patient[1:][is_line],
        days_below=days * below,
        days_within=days * (1 - below - above),
        days_above=days * above,
        days_covered=days,
        levels=1 + begins[is_line].astype("int64"),
    )


def _part_below(
    limit: "npt.NDArray[np.float64]",
    lowest: "npt.NDArray[np.float64]",
    highest: "npt.NDArray[np.float64]",
) -> "npt.NDArray[np.float64]":
    """Return the part below a limit of each line from lowest to highest."""
    import numpy as np  # noqa: PLC0415 - heavy

    is_flat = lowest == highest
    rise = np.where(is_flat, 1, highest - lowest)
    return np.where(is_flat, lowest < limit, ((limit - lowest) / rise).clip(0, 1))


def variation_percent_of(record: Record) -> float | None:
    """Return a patient's coefficient of variation in percent; None if it would mislead."""
    found = variation(assessed_table([record]))["variation_percent"].dropna()
    return float(found.iloc[0]) if len(found) else None


def variation(assessed: "pd.DataFrame") -> "pd.DataFrame":
    """Return the spread of each patient's levels, a row each, by the patient's number.

    `assessed` is what `assess` returns. Only evaluable, uncensored levels are used. Columns:
    `levels` (int64), their number; `mean_ng_ml` (float64) and `variation_percent` (float64), the
    standard deviation of the sample in percent of the mean; both are missing for fewer levels than
    `FEWEST_FOR_VARIATION` and unless all are known to be of one assay.
    """
    measured = assessed[assessed["is_evaluable"] & assessed["comparator"].isna()]
    by_patient = measured.groupby("patient")
    level, assay = (
        by_patient["level_ng_ml"],
        measured["assay"].cat.codes.groupby(measured["patient"]),
    )
    is_reliable = (
        (level.size() >= FEWEST_FOR_VARIATION.value)
        & (assay.min() >= 0)
        & (assay.min() == assay.max())
    )
    mean = level.mean().where(is_reliable)
    found = level.size().to_frame("levels")
    found = found.assign(mean_ng_ml=mean, variation_percent=100 * level.std() / mean)
    every = found.reindex(assessed["patient"].drop_duplicates().sort_values())
    return every.assign(levels=every["levels"].fillna(0).astype("int64"))
