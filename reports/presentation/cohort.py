"""The clinic compared with Nadal 2016, in words: for page, app and paper."""

from dosing.knowledge import nadal2016
from dosing.knowledge.nadal2016 import Count
from dosing.quantities.formatting import count_of, whole_days
from monitoring.cohort import Cohort, CohortRow, LevelsInRange, ResponseTimes
from monitoring.response import SurvivalCurve
from monitoring.times import short


def about_cohort(cohort: Cohort) -> tuple[str, str]:
    """Return the patients of the figures, and the source that they are compared with."""
    return (
        treated_words(cohort),
        (
            f"Nadal 2016: {nadal2016.PATIENTS} children [{nadal2016.SOURCE}]. "
            "Confidence intervals (CI) are 95 %, exact."
        ),
    )


def treated_words(cohort: Cohort) -> str:
    """Return how many of the clinic's patients were given sirolimus, and until when."""
    were = "was" if cohort.treated == 1 else "were"
    return (
        f"{cohort.treated} of {count_of(cohort.patients, 'patient')} {were} given sirolimus until "
        f"{short(cohort.at)}."
    )


def row_words(row: CohortRow) -> tuple[str, ...]:
    """Return a row in words: name, clinic, percent, interval, Nadal 2016, percent."""
    interval = row.interval_percent
    return (
        row.name,
        f"{row.count}/{row.of}",
        "" if row.percent is None else f"{row.percent} %",
        f"{interval[0]:.1f}-{interval[1]:.1f} %" if interval else "",
        *_of_review(row.review),
    )


def _of_review(count: Count | None) -> tuple[str, str]:
    return (f"{count.count}/{count.of}", f"{count.percent} %") if count else ("-", "")


def times_words(times: ResponseTimes) -> tuple[str, str, str, str]:
    """Return a group's times to response: name, responded, median, interval."""
    curve = times.curve
    median = days_words(curve.median_days) if curve.patients else "-"
    return times.group, f"{curve.responded}/{curve.patients}", median, interval_words(curve)


def days_words(days: int | None) -> str:
    """Return a number of days, or that it was not reached."""
    return "not reached" if days is None else count_of(days, "day")


def interval_words(curve: SurvivalCurve) -> str:
    """Return the interval of a median in days."""
    low, high = curve.median_interval_days
    if low is None and high is None:
        return "-"
    return f"{'?' if low is None else low}-{'?' if high is None else high} days"


def review_response() -> tuple[str, str]:
    """Return the median time to response in Nadal 2016, and its interval."""
    low, high = nadal2016.WEEKS_TO_RESPONSE_95_PERCENT
    return f"{nadal2016.MEDIAN_WEEKS_TO_RESPONSE} weeks", f"{low}-{high} weeks"


def log_rank_words(cohort: Cohort) -> str:
    """Return the test of tumours against malformations, here and in Nadal 2016."""
    p_value = "not calculable" if cohort.log_rank_p is None else f"{cohort.log_rank_p:.3f}"
    in_review = nadal2016.RESPONSE_OF_TUMOURS_AGAINST_MALFORMATIONS_P
    return f"Tumours against malformations, log-rank test: p {p_value}; Nadal 2016 p {in_review}."


def levels_words(levels: LevelsInRange) -> str:
    """Return the share of the time within the target."""
    if levels.percent_within is None:
        return "Not calculable: no two levels can be joined."
    return (
        f"{levels.percent_within:.1f} % of {whole_days(levels.days_covered)} within the target at "
        f"that time, in {count_of(levels.patients, 'patient')}; the largest gap bridged is "
        f"{whole_days(levels.largest_gap_days)}."
    )
