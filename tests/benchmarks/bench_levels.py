"""How long a clinic's levels take to assess, as ratios to reading the same table from a file.

`python -m tests.benchmarks.bench_levels` (`--small` for a quick look). As in `bench_dose`, the
cases take turns, their medians are compared, and the figures of one run compare with each other and
with nothing else. Memory is what is taken at most beside the table's own.
"""

import argparse
import tempfile
import tracemalloc
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from monitoring.levels.tables import assess
from monitoring.levels.time_in_range import time_in_range, variation
from monitoring.record.level import Assay, Comparator
from tests.benchmarks.bench_dose import print_ratios
from tests.benchmarks.bench_record import medians

_LEVELS_A_PATIENT = 20
_DOSES_A_PATIENT = 3
_BEGUN = np.datetime64("2024-01-01T08:00:00", "s")
_DAY_S = 86400


def clinic(patients: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the levels and doses as `level_table` and `dose_table` give them: by patient.

    One level in 50 was written down after a later one.
    """
    random = np.random.default_rng(20260)
    many = patients * _LEVELS_A_PATIENT
    sampled = _BEGUN + random.integers(0, 1000 * _DAY_S // 60, many) * 60
    levels = pd.DataFrame(
        {
            "patient": np.repeat(np.arange(patients) + 1, _LEVELS_A_PATIENT),
            "sampled_utc": sampled.astype("datetime64[s]"),
            "level_ng_ml": random.integers(10, 250, many) / 10,
            "comparator": _category([each.value for each in Comparator], random, many, missing=48),
            "last_dose_utc": sampled - random.integers(570, 870, many) * 60,
            "assay": _category([each.value for each in Assay], random, many, missing=1),
            "voided": random.random(many) < 0.02,
            "is_excluded": False,
            "is_young": False,
            "is_in_question": False,
            "is_after_hold": False,
        }
    )
    written = levels["sampled_utc"] + pd.to_timedelta((random.random(many) < 0.02) * 200, unit="D")
    order = np.lexsort((written, levels["patient"]))
    levels = levels.iloc[order].reset_index(drop=True)
    levels.insert(1, "number", np.arange(many) + 1)
    rows = patients * _DOSES_A_PATIENT
    which = np.tile(np.arange(_DOSES_A_PATIENT), patients)
    since = _BEGUN + which * 300 * _DAY_S
    doses = pd.DataFrame(
        {
            "patient": np.repeat(np.arange(patients) + 1, _DOSES_A_PATIENT),
            "number": many + np.arange(rows) + 1,
            "since_utc": since,
            "until_utc": np.where(
                which == _DOSES_A_PATIENT - 1, np.datetime64("NaT"), since + 300 * _DAY_S
            ),
            "is_loading": False,
            "is_change": True,
            "is_restart": False,
            "held_since_utc": np.datetime64("NaT", "s"),
            "interval_hours": 24 // random.integers(1, 3, rows),
            "target_low_ng_ml": 5.0,
            "target_high_ng_ml": 15.0,
            "period": 0,
        }
    )
    return levels, doses


def _category(
    values: list[str], random: np.random.Generator, many: int, *, missing: int
) -> "pd.Categorical[Any]":
    """Return random values, with as many missing in each `missing` and the values as there are."""
    codes = random.integers(-missing, len(values), many).clip(min=-1)
    return pd.Categorical.from_codes(codes, categories=pd.Index(values))


def read(file: Path, levels: pd.DataFrame) -> pd.DataFrame:
    """Read the table of levels, each column as what it is."""
    times = ["sampled_utc", "last_dose_utc"]
    types = {name: kind for name, kind in levels.dtypes.items() if name not in times}
    return pd.read_csv(file, dtype=types, parse_dates=times, date_format="ISO8601")


def taken_bytes(levels: pd.DataFrame, doses: pd.DataFrame) -> int:
    """Return the memory that the assessment takes at most, its result included."""
    tracemalloc.start()
    assess(levels, doses)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few turns and a smaller clinic")
    turns, patients = (3, 5_000) if parser.parse_args().small else (7, 50_000)
    levels, doses = clinic(patients)
    assessed = assess(levels, doses)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "levels.csv"
        levels.to_csv(file, index=False)
        cases = {
            "pandas.read_csv": partial(read, file, levels),
            "assess": partial(assess, levels, doses),
            "assess, levels in any order": partial(
                assess, levels.sample(frac=1, random_state=1), doses
            ),
            "time in range": partial(time_in_range, assessed),
            "variation": partial(variation, assessed),
        }
        title = f"{len(levels):,} levels of {patients:,} patients"
        print_ratios(title, "pandas.read_csv", medians(cases, turns))
    own, taken = levels.memory_usage(deep=True).sum(), taken_bytes(levels, doses)
    print(f"Memory, against the table's own {own / 1e6:.0f} MB")
    result = assessed.memory_usage(deep=True).sum()
    for name, size in (("the result", result), ("at most, the result included", taken)):
        print(f"  {name:32} {size / 1e6:9.0f} MB   × {size / own:.2f}")
    print(f"{assessed['is_evaluable'].mean():.0%} of the levels are evaluable")


if __name__ == "__main__":
    main()
