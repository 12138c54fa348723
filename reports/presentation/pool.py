"""The pooled report of several clinics in words: for page and paper."""

from dosing import clean, plain
from dosing.knowledge import nadal2016
from dosing.pharmacokinetics import model_named
from dosing.quantities.formatting import count_of, whole_days
from monitoring.pooling.clinic_levels import ClinicLevels, LevelFigures
from monitoring.pooling.disclosure import Bounds
from monitoring.pooling.pool import (
    Heterogeneity,
    PooledClinic,
    PooledDays,
    PooledEffects,
    PooledMeasure,
    PooledReport,
    PooledResponse,
    PooledRow,
    PooledTable,
)
from monitoring.pooling.share import AGE, DAYS_TREATED, DOSE_KG, DOSE_M2, ClinicShare
from monitoring.times import short
from reports.presentation.cohort import review_words

ROW_HEADINGS = ("", "clinics", "", "95 % CI", "Nadal 2016", "")
BETWEEN_HEADINGS = ("", "between clinics", "I²")
MEASURE_HEADINGS = ("", "patients", "mean", "SD", "between clinics", "I²")
STEP_HEADINGS = ("until day", "responded", "not responded yet")
RATE_HEADINGS = ("", "per 100 patient-years")

ABOUT_POOL = (
    "Two numbers with a dash are bounds: a clinic publishes no count of fewer than 5 patients, and "
    "the true figure is between them. Between clinics: the lowest and the highest of the clinics "
    "whose figure is exact, and I² (Higgins and Thompson 2002). The clinics' patients differ from "
    "those of Nadal 2016: the figures are not tested against each other."
)
NOT_POOLED = (
    "Not pooled: tumours and malformations apart and their log-rank test, the largest gap between "
    "levels, and predictive performance."
)
_MEASURES = {
    AGE: ("age at the first dose, months", 1),
    DOSE_M2: ("first daily dose, mg/m²", 2),
    DOSE_KG: ("first daily dose, mg/kg", 3),
    DAYS_TREATED: ("days of treatment", 1),
}


READ_FINGERPRINT = "Read it to the pooling clinic by telephone."


def share_words(share: ClinicShare) -> str:
    """Return what a share has, in words."""
    patients = count_of(share.treated, "treated patient")
    return f"{patients}, {share.exact_rows} of {share.rows} counts exact."


def about_pool(report: PooledReport) -> tuple[str, ...]:
    """Return the clinics and patients of a report, and older shares that were left out."""
    lines = [
        f"{count_of(len(report.clinics), 'clinic')}, {count_of(report.treated, 'treated patient')}."
    ]
    if report.replaced:
        count = count_of(len(report.replaced), "share was", "shares were")
        lines.append(f"{count} left out: the newest of the same clinic counts.")
    return (*lines, f"Nadal 2016: {nadal2016.PATIENTS} children [{nadal2016.SOURCE}]. {ABOUT_POOL}")


def clinic_words(each: PooledClinic) -> tuple[str, str, str]:
    """Return a clinic in words: its fingerprint, the day of its share, its patients."""
    return each.fingerprint, short(each.on), count_of(each.treated, "treated patient")


def whom_words(table: PooledTable) -> str:
    """Return the patients of a table, and how many rows it leaves out."""
    words = f"of {bounds_words(table.of)} {table.layout.whom}"
    if not table.left_out:
        return words
    rows = count_of(table.left_out, "other term")
    return f"{words}; {rows} without an exact count in any clinic left out"


def bounds_words(bounds: Bounds) -> str:
    """Return a number, or its bounds.

    >>> bounds_words(Bounds(12, 12)), bounds_words(Bounds(12, 16))
    ('12', '12-16')
    """
    return str(bounds.low) if bounds.is_exact else f"{bounds.low}-{bounds.high}"


def pooled_row_words(row: PooledRow) -> tuple[str, ...]:
    """Return a row in words, a cell for each of `ROW_HEADINGS`."""
    return (
        row.name,
        f"{bounds_words(row.count)}/{bounds_words(row.of)}",
        range_words(row.percent, " %"),
        range_words(row.interval_percent, " %"),
        *review_words(row.review),
    )


def between_rows(table: PooledTable) -> tuple[tuple[str, ...], ...]:
    """Return the rows that several clinics publish, a cell for each of `BETWEEN_HEADINGS`."""
    return tuple(
        (row.name, *_between(row.between, 1, " %")) for row in table.rows if row.between.clinics > 1
    )


def rate_rows(table: PooledTable) -> tuple[tuple[str, str], ...]:
    """Return the adverse events by exposure, a cell for each of `RATE_HEADINGS`."""
    return tuple(
        (row.name, range_words(row.per_100_years, "")) for row in table.rows if row.per_100_years
    )


def range_words(ends: tuple[float, float] | None, unit: str, decimals: int = 1) -> str:
    """Return a figure, or its bounds, with its unit; empty without one.

    >>> range_words((20.0, 26.66), " %"), range_words((20.0, 20.0), " %")
    ('20.0-26.7 %', '20.0 %')
    """
    if ends is None:
        return ""
    low, high = (f"{end:.{decimals}f}" for end in ends)
    return f"{low}{unit}" if low == high else f"{low}-{high}{unit}"


def _between(found: Heterogeneity, decimals: int, unit: str = "") -> tuple[str, str]:
    if found.lowest is None or found.highest is None or found.clinics == 1:
        return "-", "-"
    i_squared = found.i_squared_percent
    words = range_words((found.lowest, found.highest), unit, decimals)
    return f"{words} in {found.clinics}", "-" if i_squared is None else f"{i_squared:.0f} %"


def measure_words(each: PooledMeasure) -> tuple[str, ...]:
    """Return a measured value in words, a cell for each of `MEASURE_HEADINGS`."""
    name, decimals = _MEASURES[each.key]
    return (
        name,
        str(each.n),
        f"{each.mean:.{decimals}f}",
        f"{each.sd:.{decimals}f}",
        *_between(each.between, decimals),
    )


def effect_words(each: PooledEffects) -> tuple[tuple[str, ...], ...]:
    """Return the random effects of a model in words, a row an effect, as measured values."""
    names = model_named(each.model).effects
    return tuple(
        (
            f"{each.model}, η of {name}",
            str(each.n),
            f"{each.mean[place]:.3f}",
            f"{each.covariance[place][place] ** 0.5:.3f}",
            *_between(each.between[place], 3),
        )
        for place, name in enumerate(names)
    )


def response_words(found: PooledResponse) -> str:
    """Return the responses and the median time of the pooled curve."""
    low, high = found.median_days
    if low is None:
        median = "not reached"
    elif high is None:
        median = f"day {low} or later"
    else:
        median = f"between day {low} and day {high}"
    weeks = nadal2016.MEDIAN_WEEKS_TO_RESPONSE
    return (
        f"Responded: {bounds_words(found.responded)} of {bounds_words(found.patients)} assessed "
        f"patients. Median: {median}; Nadal 2016: {weeks} weeks."
    )


def step_words(found: PooledResponse) -> tuple[tuple[str, str, str], ...]:
    """Return the curve in words, a row for the end of each band of days."""
    return tuple(
        (
            "the end" if step.day is None else str(step.day),
            bounds_words(step.responded),
            range_words((100 * step.share[0], 100 * step.share[1]), " %"),
        )
        for step in found.steps
    )


LEVEL_HEADINGS = ("", "patients", "evaluable", "within", "below", "above", "mean, SD", "median")


def level_words(each: LevelFigures) -> tuple[str, ...]:
    """Return the levels of a clinic in words; figures are in ng/mL."""
    shares = (
        f"{100 * count / each.evaluable:.1f} %" if each.evaluable else "—"
        for count in (each.within, each.below, each.above)
    )
    mean = "—" if each.mean is None else f"{each.mean:.2f}"
    deviation = "" if each.sd is None else f", {each.sd:.2f}"
    median = plain(each.quantiles[2], 2) if each.quantiles else "—"
    evaluable = f"{each.evaluable} of {each.levels}"
    return (clean(each.name), str(each.patients), evaluable, *shares, mean + deviation, median)


def between_levels_words(found: ClinicLevels) -> str:
    """Return how far the clinics differ in levels within the target."""
    shares = [share for each in found.clinics if (share := each.percent_within) is not None]
    if len(shares) < 2:
        return "Within the target: fewer than two clinics with evaluable levels."
    return (
        f"Within the target, between {count_of(len(shares), 'clinic')}: "
        f"{min(shares):.1f} to {max(shares):.1f} %."
    )


def days_words(days: PooledDays | None) -> str:
    """Return the time in range of the clinics that publish it."""
    if days is None:
        return (
            "No clinic publishes it: it needs 5 patients with days within and outside the target."
        )
    between, _ = _between(days.between, 1, " %")
    parts = (
        ""
        if days.below is None or days.above is None
        else f" {whole_days(days.below)} below, {whole_days(days.above)} above."
    )
    return (
        f"{days.percent_within:.1f} % of {whole_days(days.within + days.outside)} within the "
        f"target, in {count_of(days.clinics, 'clinic')} (between clinics: {between}).{parts}"
    )
