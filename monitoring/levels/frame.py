"""Levels for analysis: a row each, every column a plain figure or text, its unit in the name.

| column | what it holds |
| --- | --- |
| record_number | the patient's record number, as text |
| number | the entry's number in the store |
| sampled_at | when it was sampled, as text with its offset from UTC |
| sampled_utc | the same in UTC |
| reported | the level as reported, every digit kept: "7.20 ng/mL", "<2.0 ng/mL" |
| level_ng_ml | the level as a number |
| level_ng_ml_exact | the same as text, without rounding |
| comparator | "<" or ">" for a level outside the assay's range |
| assay, laboratory | how and where it was measured |
| hours_since_last_dose, interval_hours | from the last dose to the sample; between doses |
| is_trough, steady_state | missing if unknown |
| days_since_change | from the last change of exposure to the sample |
| status | below, within, above or not-assessed |
| target_low_ng_ml, target_high_ng_ml | the target at the time of the sample |
| change_percent | from the last evaluable level of the same assay |
| voided | whether it was marked as wrong |
| excluded | whether its cause takes it out of every assessment |

The patients' names are left out.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dosing import plain
from monitoring.levels.assess import assessed_table
from monitoring.record.entries import Record
from monitoring.record.level import Level

if TYPE_CHECKING:
    import pandas as pd

_TEXTS = ("record_number", "sampled_at", "reported", "level_ng_ml_exact", "laboratory")
COLUMNS = (
    "record_number",
    "number",
    "sampled_at",
    "sampled_utc",
    "reported",
    "level_ng_ml",
    "level_ng_ml_exact",
    "comparator",
    "assay",
    "laboratory",
    "hours_since_last_dose",
    "interval_hours",
    "is_trough",
    "steady_state",
    "days_since_change",
    "status",
    "target_low_ng_ml",
    "target_high_ng_ml",
    "change_percent",
    "voided",
    "excluded",
)


def levels_frame(records: Sequence[Record]) -> "pd.DataFrame":
    """Return the levels of these records by patient and time, voided ones too."""
    import pandas as pd  # noqa: PLC0415 - heavy

    texts = pd.DataFrame(
        [
            (
                each.number,
                record.patient.entry.record_number,
                str(each.entry.sampled),
                str(each.entry),
                plain(each.entry.value.value),
                each.entry.laboratory or None,
            )
            for record in records
            for each in record.of(Level)
        ],
        columns=["number", *_TEXTS],
    )
    levels = assessed_table(records).merge(texts, on="number", how="left", validate="1:1")
    plainly = {name: levels[name].astype("str") for name in ("comparator", "assay", "status")}
    levels = levels.assign(sampled_utc=levels["sampled_utc"].dt.tz_localize("UTC"), **plainly)
    return levels.rename(columns={"is_excluded": "excluded"})[list(COLUMNS)]
