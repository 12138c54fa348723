"""The pool of several clinics' shares: the cohort's tables, from aggregates alone.

A count is exact where every share publishes it. Otherwise it has bounds, which hold the count that
the patients themselves would give. Heterogeneity between the clinics is I² (Higgins and Thompson,
Statistics in Medicine 2002; 21: 1539-1558): the part of the variation between clinics beyond
chance, from Cochran's Q. It and the range between clinics are of the clinics whose figure is exact.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from math import fsum, sqrt

from dosing import VERSION, UserError
from dosing.evaluation.proportion import exact_interval
from dosing.knowledge.age_bands import AGE_BANDS
from dosing.knowledge.nadal2016 import MOST_COMMON_START, Count
from dosing.quantities.reading_limits import SHARES
from dosing.version import tables_hash
from monitoring.cohort import CohortTable
from monitoring.cohort.cohort import cohort_tables, review_age_bands
from monitoring.cohort.patient_facts import STEROIDS
from monitoring.pooling import vocabulary as words
from monitoring.pooling.disclosure import Bounds, Partition
from monitoring.pooling.share import DAYS_TREATED, MEASURES, ClinicShare, MeasureSums
from monitoring.pooling.share_file import SignedShare
from monitoring.pooling.vocabulary import RULES

_DAYS_OF_A_YEAR = 365.25
_NONE = Bounds(0, 0)

Rows = tuple[str, frozenset[str]]
"""A partition, and rows of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """The clinics with an exact figure, the lowest and the highest one, and I² in percent.

    `i_squared_percent` is None for fewer than two clinics, and where no clinic varies.
    """

    clinics: int
    lowest: float | None
    highest: float | None
    i_squared_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledRow:
    """A count of the pooled patients and its total, each within bounds; that of Nadal 2016."""

    name: str
    count: Bounds
    of: Bounds
    review: Count | None
    between: Heterogeneity
    """Of the clinics' percentages."""
    per_100_years: tuple[float, float] | None = None
    """Patients per 100 patient-years of treatment, lowest and highest possible."""

    @property
    def percent(self) -> tuple[float, float] | None:
        """The lowest and the highest possible percentage; None if there may be no patients."""
        if not self.of.low:
            return None
        highest = min(1.0, self.count.high / self.of.low)
        return 100 * self.count.low / self.of.high, 100 * highest

    @property
    def interval_percent(self) -> tuple[float, float] | None:
        """The exact 95 % interval, in percent, from the lowest possible share to the highest."""
        low = exact_interval(self.count.low, self.of.high)
        high = exact_interval(min(self.count.high, self.of.low), self.of.low)
        return (100 * low[0], 100 * high[1]) if low and high else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledTable:
    """Counts of the same patients, as a table of the cohort; `layout` has its words."""

    layout: CohortTable
    of: Bounds
    rows: tuple[PooledRow, ...]
    left_out: int = 0
    """Rows that no clinic publishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledMeasure:
    """The mean and the standard deviation of a measured value, of the clinics that publish it."""

    key: str
    n: int
    mean: float
    sd: float
    between: Heterogeneity
    """Of the clinics' means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledDays:
    """The time in range of the clinics that publish it; `below` is None unless all of them do."""

    clinics: int
    within: float
    outside: float
    below: float | None
    above: float | None
    between: Heterogeneity
    """Of the clinics' percentages within the target."""

    @property
    def percent_within(self) -> float:
        """The percentage of the days within the target."""
        return 100 * self.within / (self.within + self.outside)


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledStep:
    """The end of a band of days: responses until then, and the share without one, in bounds."""

    day: int | None
    """The last day of the band; None for the last band, which has no end."""
    responded: Bounds
    share: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledResponse:
    """The Kaplan-Meier curve of the time to response, at the ends of bands of days."""

    patients: Bounds
    responded: Bounds
    steps: tuple[PooledStep, ...]

    @property
    def median_days(self) -> tuple[int | None, int | None]:
        """The days between which the median is; an end is None if it may not be reached."""
        starts = [0, *(step.day + 1 for step in self.steps if step.day is not None)]
        low = next(
            (day for day, step in zip(starts, self.steps, strict=True) if step.share[0] <= 0.5),
            None,
        )
        high = next((step.day for step in self.steps if step.share[1] <= 0.5), None)
        return low, high


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledEffects:
    """The random effects of one model, of the clinics that publish them."""

    model: str
    n: int
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    between: tuple[Heterogeneity, ...]
    """Of the clinics' means, an effect each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledClinic:
    """One clinic of the pool: the fingerprint of its key, the day of its share, its patients."""

    fingerprint: str
    on: date
    treated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledReport:
    """The report of several clinics."""

    version: str
    tables_hash: str
    clinics: tuple[PooledClinic, ...]
    replaced: tuple[PooledClinic, ...]
    """Shares that are left out: their clinic is in the pool by a newer one, or by the same."""
    treated: int
    tables: tuple[PooledTable, ...]
    measures: tuple[PooledMeasure, ...]
    response: PooledResponse
    days_in_range: PooledDays | None
    patient_years: float | None
    """Of treatment, in the clinics that publish it."""
    random_effects: tuple[PooledEffects, ...]


def pool(signed: Iterable[SignedShare]) -> PooledReport:
    """Return the report of some shares, of each clinic the newest.

    Raises `UserError` for none, for more than the limit, and for shares that were made by other
    clinical tables, models or versions than this program's.
    """
    every = list(signed)
    if not every:
        raise UserError("There is no share. Give the files of the clinics.")
    SHARES.check(len(every), "The pool")
    newest: dict[str, SignedShare] = {}
    for each in every:
        _check_tables(each)
        held = newest.get(each.key)
        if held is None or _age(each) > _age(held):
            newest[each.key] = each
    others = [each for each in every if each is not newest[each.key]]
    shares = [each.share for each in newest.values()]
    return PooledReport(
        version=VERSION,
        tables_hash=tables_hash(),
        clinics=tuple(map(_clinic, newest.values())),
        replaced=tuple(map(_clinic, others)),
        treated=sum(each.treated for each in shares),
        tables=tuple(_table(layout, shares) for layout in cohort_tables(())),
        measures=tuple(_measures(shares)),
        response=_response(shares),
        days_in_range=_days(shares),
        patient_years=_patient_years(shares),
        random_effects=tuple(_random_effects(shares)),
    )


def _age(each: SignedShare) -> tuple[date, int]:
    return each.share.on, each.share.treated


def _clinic(each: SignedShare) -> PooledClinic:
    share = each.share
    return PooledClinic(fingerprint=each.fingerprint, on=share.on, treated=share.treated)


def _check_tables(each: SignedShare) -> None:
    share = each.share
    if (share.version, share.tables) == (VERSION, tables_hash()):
        return
    raise UserError(
        f"The share of {each.fingerprint} was made by version {share.version} with tables "
        f"{share.tables[:12]}; this is {VERSION} with {tables_hash()[:12]}. Use one "
        "version in all clinics and share again."
    )


# --- counts

_SUMS_OF_ROWS = {
    "tumours": RULES[words.ANOMALIES].rows[:3],
    "malformations": RULES[words.ANOMALIES].rows[3:8],
    "lymphatic component": (RULES[words.ANOMALIES].rows[0], "lymphatic", "venolymphatic"),
}
_DRUG_ROWS: Mapping[str, Rows] = {
    words.ANY_DRUG: (words.CO_TREATMENT, frozenset({words.ANY_DRUG})),
    STEROIDS: (
        words.STEROIDS_VINCRISTINE, frozenset({"steroids alone", "steroids and vincristine"}),
    ),
    "vincristine": (
        words.STEROIDS_VINCRISTINE, frozenset({"vincristine alone", "steroids and vincristine"}),
    ),
    "steroids and vincristine": (
        words.STEROIDS_VINCRISTINE, frozenset({"steroids and vincristine"}),
    ),
    **{name: (words.with_drug(name), frozenset({name})) for name in words.OTHER_DRUGS},
}  # fmt: skip
_WITH_DATA: Rows = (words.EVENTS, frozenset({words.NO_EVENT, words.SOME_EVENT}))


def _rows_of(table: str, row: str) -> Rows:
    """Return the partition and its rows that are a row of a table of the cohort."""
    if table in {words.AGES, "age-in-review-bands"}:
        found = words.AGES, _atoms(row)
    elif row == MOST_COMMON_START.name:
        found = words.COMMON_START, frozenset({row})
    elif table == words.CO_TREATMENT:
        found = _DRUG_ROWS[row]
    elif table == "adverse-event-data":
        found = (words.EVENTS, frozenset({words.NO_DATA})) if row == words.NO_DATA else _WITH_DATA
    elif table == "actions":
        found = words.with_action(row), frozenset({row})
    elif table == words.EVENTS and row != words.NO_EVENT:
        found = words.with_event(row), frozenset({row})
    else:
        found = table, frozenset(_SUMS_OF_ROWS.get(row, (row,)))
    return found


def _atoms(name: str) -> frozenset[str]:
    """Return the rows of the ages that are a band."""
    bands = (*AGE_BANDS, *review_age_bands())
    band = next(each for each in bands if each.name == name)
    return frozenset(each.name for each in words.age_atoms() if band.holds(each.from_months))


def _whole_of(table: str) -> Rows:
    """Return the patients of a table: all treated ones, or those with data."""
    if table in {words.EVENTS, "actions"}:
        return _WITH_DATA
    if table in {words.ANOMALIES, words.CONGENITAL, words.SEVERITY, words.DOSES}:
        return table, frozenset(RULES[table].rows[:-1])
    return words.SEXES, frozenset(RULES[words.SEXES].rows)


def _table(layout: CohortTable, shares: Sequence[ClinicShare]) -> PooledTable:
    whole = [_bounds(share, _whole_of(layout.key)) for share in shares]
    names = [(row.name, row.review) for row in layout.rows]
    if layout.key == words.EVENTS:
        known = {name for name, _ in names}
        names += [(name, None) for name in words.EVENT_NAMES if name not in known]
    if layout.key == words.TARGETS:
        names.append((words.ANOTHER_TARGET, None))
    rows = [_row(layout.key, name, review, shares, whole) for name, review in names]
    shown = [each for each in rows if each.review or each.count.low or layout.key != words.EVENTS]
    return PooledTable(
        layout=layout, of=_sum(whole), rows=tuple(shown), left_out=len(rows) - len(shown)
    )


def _bounds(share: ClinicShare, rows: Rows) -> Bounds:
    return share.partition(rows[0]).bounds_of(rows[1])


def _sum(bounds: Iterable[Bounds]) -> Bounds:
    return reduce(Bounds.__add__, bounds, _NONE)


def _row(
    table: str,
    name: str,
    review: Count | None,
    shares: Sequence[ClinicShare],
    whole: Sequence[Bounds],
) -> PooledRow:
    counts = [_bounds(share, _rows_of(table, name.strip())) for share in shares]
    exact = [
        (count.low, of.low)
        for count, of in zip(counts, whole, strict=True)
        if count.is_exact and of.is_exact and of.low
    ]
    total = _sum(whole)
    is_event = table == words.EVENTS and name != words.NO_EVENT
    return PooledRow(
        name=name,
        count=replace(_sum(counts), high=min(_sum(counts).high, total.high)),
        of=total,
        review=review,
        between=_of_proportions(exact),
        per_100_years=_per_100_years(shares, counts) if is_event else None,
    )


def _per_100_years(
    shares: Sequence[ClinicShare], counts: Sequence[Bounds]
) -> tuple[float, float] | None:
    """Return patients per 100 patient-years, of the clinics that publish these."""
    known = [
        (days.total, count)
        for share, count in zip(shares, counts, strict=True)
        if (days := share.measure(DAYS_TREATED)) and days.total
    ]
    if not known:
        return None
    years = fsum(days for days, _ in known) / _DAYS_OF_A_YEAR
    found = _sum(count for _, count in known)
    return 100 * found.low / years, 100 * found.high / years


def _patient_years(shares: Sequence[ClinicShare]) -> float | None:
    days = [each.total for share in shares if (each := share.measure(DAYS_TREATED))]
    return fsum(days) / _DAYS_OF_A_YEAR if days else None


# --- heterogeneity


def _of_proportions(exact: Sequence[tuple[int, int]]) -> Heterogeneity:
    """Return the heterogeneity of counts with their totals, by Pearson's chi-squared as Q."""
    shares = [100 * count / of for count, of in exact]
    all_of = sum(of for _, of in exact)
    pooled = sum(count for count, _ in exact) / all_of if exact else 0
    spread = pooled * (1 - pooled)
    q = fsum(of * (count / of - pooled) ** 2 for count, of in exact) / spread if spread else None
    return _heterogeneity(shares, q)


def _of_means(exact: Sequence[tuple[float, float]]) -> Heterogeneity:
    """Return the heterogeneity of means with the variances of these."""
    means = [mean for mean, _ in exact]
    if any(not variance for _, variance in exact) or not exact:
        return _heterogeneity(means, None)
    weights = [1 / variance for _, variance in exact]
    pooled = fsum(w * mean for w, mean in zip(weights, means, strict=True)) / fsum(weights)
    q = fsum(w * (mean - pooled) ** 2 for w, mean in zip(weights, means, strict=True))
    return _heterogeneity(means, q)


def _heterogeneity(figures: Sequence[float], q: float | None) -> Heterogeneity:
    freedom = len(figures) - 1
    i_squared = None
    if q is not None and freedom > 0:
        i_squared = 100 * max(0.0, (q - freedom) / q) if q else 0.0
    return Heterogeneity(
        clinics=len(figures),
        lowest=min(figures, default=None),
        highest=max(figures, default=None),
        i_squared_percent=i_squared,
    )


# --- sums


def _measures(shares: Sequence[ClinicShare]) -> Iterable[PooledMeasure]:
    for key in MEASURES:
        found = [each for share in shares if (each := share.measure(key))]
        if not found:
            continue
        n, total = sum(each.n for each in found), fsum(each.total for each in found)
        mean = total / n
        yield PooledMeasure(
            key=key,
            n=n,
            mean=mean,
            sd=sqrt(_variance(n, total, fsum(each.squares for each in found))),
            between=_of_means([_mean(each) for each in found]),
        )


def _mean(sums: MeasureSums) -> tuple[float, float]:
    """Return a clinic's mean, and the variance of the mean."""
    return sums.total / sums.n, _variance(sums.n, sums.total, sums.squares) / sums.n


def _variance(n: int, total: float, squares: float) -> float:
    return max(0.0, (squares - total * total / n) / (n - 1))


def _days(shares: Sequence[ClinicShare]) -> PooledDays | None:
    found = [share.days_in_range for share in shares if share.days_in_range]
    if not found:
        return None
    below = [each.below for each in found if each.below is not None]
    above = [each.above for each in found if each.above is not None]
    is_whole = len(below) == len(found)
    percents = [100 * each.within / (each.within + each.outside) for each in found]
    return PooledDays(
        clinics=len(found),
        within=fsum(each.within for each in found),
        outside=fsum(each.outside for each in found),
        below=fsum(below) if is_whole else None,
        above=fsum(above) if is_whole else None,
        between=_heterogeneity(percents, None),
    )


def _random_effects(shares: Sequence[ClinicShare]) -> Iterable[PooledEffects]:
    every = [each for share in shares for each in share.random_effects]
    for model in sorted({each.model for each in every}):
        found = [each for each in every if each.model == model]
        n, places = sum(each.n for each in found), range(len(found[0].sums))
        sums = [fsum(each.sums[place] for each in found) for place in places]
        products = [
            [fsum(each.products[one][two] for each in found) for two in places] for one in places
        ]
        means = [
            [
                _mean(
                    MeasureSums(
                        key=model,
                        n=each.n,
                        total=each.sums[place],
                        squares=each.products[place][place],
                    )
                )
                for each in found
            ]
            for place in places
        ]
        yield PooledEffects(
            model=model,
            n=n,
            mean=tuple(each / n for each in sums),
            covariance=tuple(
                tuple((products[one][two] - sums[one] * sums[two] / n) / (n - 1) for two in places)
                for one in places
            ),
            between=tuple(map(_of_means, means)),
        )


# --- time to response


def _response(shares: Sequence[ClinicShare]) -> PooledResponse:
    """Return the bounds of the curve, by whichever bands before give the closest ones.

    Within a band the share falls least if all responses come before all ends of follow-up, and
    most if they come after these.
    """
    found = [share.partition(words.RESPONSE) for share in shares]
    patients = _rows_bounds(found, RULES[words.RESPONSE].rows[:-1])
    lows, highs = [1.0], [1.0]  # at the start, then at the end of each band
    steps = []
    for end in words.BANDS:
        low, high = 0.0, 1.0
        for start in range(end + 1):
            between = range(start, end + 1)
            responded = _rows_bounds(found, map(words.responded_in, between))
            left = _rows_bounds(found, map(words.censored_in, between))
            gone = _rows_bounds(
                found,
                [row(band) for band in range(start) for row in _ENDS],
            )
            at_risk = Bounds(max(0, patients.low - gone.high), patients.high - gone.low)
            fewest = at_risk.low - left.high
            low_factor = max(0.0, 1 - responded.high / fewest) if fewest > 0 else 0.0
            high_factor = max(0.0, 1 - responded.low / at_risk.high) if at_risk.high else 1.0
            low, high = max(low, lows[start] * low_factor), min(high, highs[start] * high_factor)
        lows.append(low)
        highs.append(high)
        until = _rows_bounds(found, map(words.responded_in, range(end + 1)))
        day = words.RESPONSE_DAYS[end] if end < len(words.RESPONSE_DAYS) else None
        steps.append(PooledStep(day=day, responded=until, share=(low, high)))
    responded = _rows_bounds(found, map(words.responded_in, words.BANDS))
    return PooledResponse(patients=patients, responded=responded, steps=tuple(steps))


_ENDS: tuple[Callable[[int], str], ...] = (words.responded_in, words.censored_in)


def _rows_bounds(partitions: Sequence[Partition], rows: Iterable[str]) -> Bounds:
    names = frozenset(rows)
    return _sum(each.bounds_of(names) for each in partitions)
