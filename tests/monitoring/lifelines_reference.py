"""Write down what lifelines says of 200 random sets, for the tests to compare with.

`python -m tests.monitoring.lifelines_reference`, with the dependency group `comparison`: lifelines
0.30 forbids the pandas that the program needs, so that it cannot be among the development packages.
"""

import json
import random
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "fixtures" / "lifelines-0.30.3.json"
SETS = 200


def random_group(chance: random.Random) -> list[tuple[int, bool]]:
    """Return days and whether there was a response: with ties, and with censored times."""
    size, longest = chance.randint(1, 60), chance.choice([3, 20, 200])
    share = chance.choice([0.2, 0.6, 1.0])
    return [(chance.randint(0, longest), chance.random() < share) for _ in range(size)]


def _said_of(one: list[tuple[int, bool]], other: list[tuple[int, bool]]) -> dict[str, Any]:
    from lifelines import KaplanMeierFitter  # noqa: PLC0415 - see above
    from lifelines.statistics import logrank_test  # noqa: PLC0415 - see above
    from lifelines.utils import median_survival_times  # noqa: PLC0415 - see above

    fitted = KaplanMeierFitter().fit(*zip(*one, strict=True))
    bounds = fitted.confidence_interval_
    medians = median_survival_times(bounds).iloc[0].tolist()
    days = [day for day in fitted.timeline if fitted.event_table.observed[day]]
    test = logrank_test(
        *[[day for day, _ in group] for group in (one, other)],
        *[[responded for _, responded in group] for group in (one, other)],
    )
    return {
        "one": one,
        "other": other,
        "days": [int(day) for day in days],
        "share": [float(fitted.survival_function_.iloc[:, 0][day]) for day in days],
        "low": [float(bounds.iloc[:, 0][day]) for day in days],
        "high": [float(bounds.iloc[:, 1][day]) for day in days],
        "median": _day(fitted.median_survival_time_),
        "median_low": _day(medians[0]),
        "median_high": _day(medians[1]),
        "log_rank_chi_squared": float(test.test_statistic),
        "log_rank_p": float(test.p_value),
    }


def _day(days: float) -> int | None:
    return None if days == float("inf") else int(days)


def main() -> None:
    """Write the file."""
    chance = random.Random(20160448)
    sets = [_said_of(random_group(chance), random_group(chance)) for _ in range(SETS)]
    FILE.write_text(json.dumps(sets, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
