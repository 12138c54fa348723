"""The clinic compared with Nadal 2016, in words: for page, app and paper."""

from dosing.knowledge import nadal2016
from dosing.knowledge.later_evidence import LATER_EVIDENCE, LaterEvidence
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
        *review_words(row.review),
    )


def review_words(count: Count | None) -> tuple[str, str]:
    """Return a count of Nadal 2016 with its percentage, or that there is none."""
    if count is None:
        return "-", ""
    if count.percent is None:
        return f"{count.count}/?", ""
    return f"{count.count}/{count.of}", f"{count.percent} %"


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


def range_words() -> str:
    """Return the patients and the range behind the median time to response in Nadal 2016."""
    return (
        f"Nadal 2016: {nadal2016.RESPONSE_CURVE_PATIENTS} patients behind its curve, from "
        "24 hours to 6 months."
    )


def review_remarks() -> tuple[str, ...]:
    """Return what Nadal 2016 says beyond its counts, a sentence each."""
    small, large = nadal2016.SHRINKAGE_PERCENT
    published, posters = nadal2016.IN_PUBLICATIONS.count, nadal2016.ON_POSTERS.count
    return (
        f"Of publications ({nadal2016.PUBLICATIONS}): {published} patients.",
        f"Of posters ({nadal2016.POSTERS}): {posters} patients.",
        f"Efficacy: {nadal2016.EFFICACY_PERCENT} %, by its authors {nadal2016.EFFICACY_CAVEAT}.",
        f"Lesions shrank by {small}-{large} %.",
        f"Bioavailability: about {nadal2016.BIOAVAILABILITY_PERCENT} %.",
    )


def later_evidence() -> tuple[tuple[str, str], ...]:
    """Return the evidence since Nadal 2016: name with year and source, and the facts."""
    return tuple((_named(each), " ".join(map(_sentence, each.facts))) for each in LATER_EVIDENCE)


def _sentence(fact: str) -> str:
    return f"{fact[0].upper()}{fact[1:]}."


def _named(each: LaterEvidence) -> str:
    year = f" {each.year}" if each.year else ""
    return f"{each.name}{year} [{each.source}]"


LATER_EVIDENCE_NOTE = "Nadal 2016 stays the default protocol."


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
