"""A clinic's share: its cohort as aggregates, none of which is of fewer than five patients.

It is made from the cohort's own counts. What is too close to an earlier share of the clinic is left
out: two shares have no difference of fewer than five patients.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import fsum

from dosing import VERSION, UserError
from dosing.quantities.formatting import count_of
from dosing.version import tables_hash
from monitoring.cohort.cohort import CountedCohort
from monitoring.cohort.patient_facts import STEROIDS, PatientFacts
from monitoring.pooling import vocabulary as words
from monitoring.pooling.disclosure import FEWEST, Partition, RowGroup, protected
from monitoring.pooling.vocabulary import RULES, PartitionRule

FEWEST_FOR_COVARIANCE = 10
"""The fewest patients behind a covariance: its sums must leave most values open."""
_LARGEST_PART = 0.5
"""The largest part of a sum that one patient may be."""
_FEWEST_ALIKE = 4
"""The square of a sum is so many times the sum of the squares or more, also of a difference of two
shares: then no patient is more than half of the sum."""

AGE, DOSE_M2, DOSE_KG, DAYS_TREATED = (
    "age-months", "first-dose-mg-per-m2-per-day", "first-dose-mg-per-kg-per-day", "days-treated",
)  # fmt: skip
MEASURES = (AGE, DOSE_M2, DOSE_KG, DAYS_TREATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSums:
    """A measured value: the number of patients, and the sums of the values and their squares."""

    key: str
    n: int
    total: float
    squares: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDays:
    """The days of all patients within the target and outside it; below and above if published."""

    within: float
    outside: float
    below: float | None
    above: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEffectSums:
    """The random effects of one model: patients, sums of effects, and sums of their products."""

    model: str
    n: int
    sums: tuple[float, ...]
    products: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicShare:
    """The aggregates of a clinic on a day, of `treated` patients."""

    version: str
    tables: str
    """The hash of the clinical tables and models that the counts were made by."""
    on: date
    treated: int
    partitions: tuple[Partition, ...]
    measures: tuple[MeasureSums, ...]
    days_in_range: SharedDays | None
    random_effects: tuple[RandomEffectSums, ...]

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(len(each.rows) for each in self.partitions)

    @property
    def exact_rows(self) -> int:
        """The rows whose count is published."""
        groups = (group for each in self.partitions for group in each.groups)
        return sum(len(group.rows) == 1 for group in groups)

    def partition(self, key: str) -> Partition:
        """Return one partition."""
        return next(each for each in self.partitions if each.key == key)

    def measure(self, key: str) -> MeasureSums | None:
        """Return one measured value; None if it is not published."""
        return next((each for each in self.measures if each.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierShare:
    """The part of an earlier share that a new one is compared with.

    `joined` are the patients with joined levels, whether published or not; `fitted` are those
    behind the published random effects of each model.
    """

    treated: int
    joined: int
    partitions: tuple[Partition, ...]
    measures: tuple[MeasureSums, ...]
    fitted: Mapping[str, int]

    @classmethod
    def of(cls, share: ClinicShare, joined: int) -> "EarlierShare":
        """Return what is remembered of a share."""
        return cls(
            treated=share.treated,
            joined=joined,
            partitions=share.partitions,
            measures=share.measures,
            fitted={each.model: each.n for each in share.random_effects},
        )


def share_of(counted: CountedCohort, earlier: Sequence[EarlierShare] = ()) -> ClinicShare:
    """Return the next share of a clinic.

    Raises `UserError` for fewer than five treated patients, or fewer than five more than in each
    earlier share.
    """
    treated = counted.cohort.treated
    before = max((each.treated for each in earlier), default=0)
    if treated - before < FEWEST:
        raise _too_few(treated, before)
    partitions = partitions_of(partition_counts(counted), [each.partitions for each in earlier])
    return ClinicShare(
        version=VERSION,
        tables=tables_hash(),
        on=counted.cohort.at.local.date(),
        treated=treated,
        partitions=tuple(partitions.values()),
        measures=tuple(_measures(counted.facts, partitions, earlier)),
        days_in_range=_days(counted.days_in_range, [each.joined for each in earlier]),
        random_effects=tuple(_random_effects(counted.random_effects, partitions, earlier)),
    )


def _too_few(treated: int, before: int) -> UserError:
    if not before:
        return UserError(
            f"{count_of(treated, 'treated patient')} of {FEWEST} needed. Share when there are "
            f"{FEWEST}."
        )
    more = max(treated - before, 0)
    return UserError(
        f"{count_of(more, 'new patient')} since the last share, and {FEWEST} are needed. Share "
        f"again with {before + FEWEST} treated patients."
    )


# --- counts


def partition_counts(counted: CountedCohort) -> dict[str, tuple[int, ...]]:
    """Return the counts of every partition, for the rows that it has without its complement.

    A partition below another one has no last row here: it depends on the group that is divided.
    """
    tables, treated = _row_counts(counted), counted.cohort.treated
    facts = counted.facts
    found: dict[str, tuple[int, ...]] = {}
    for key in (words.SEXES, words.ANOMALIES, words.CONGENITAL, words.SEVERITY, words.DOSES,
                words.TARGETS, words.STILL_TREATED):  # fmt: skip
        known = tuple(tables[key][row] for row in RULES[key].rows[:-1])
        found[key] = (*known, treated - sum(known))
    found[words.AGES] = tuple(
        sum(band.holds(each.age_at_start.months) for each in facts) for band in words.age_atoms()
    )
    (common, _without) = RULES[words.COMMON_START].rows
    found[words.COMMON_START] = (tables[words.DOSES][common],)
    drugs = tables[words.CO_TREATMENT]
    found[words.CO_TREATMENT] = (drugs[words.ANY_DRUG], treated - drugs[words.ANY_DRUG])
    both = drugs["steroids and vincristine"]
    found[words.STEROIDS_VINCRISTINE] = (drugs[STEROIDS] - both, both, drugs["vincristine"] - both)
    for name in words.OTHER_DRUGS:
        found[words.with_drug(name)] = (drugs[name],)
    data = tables["adverse-event-data"]["data on adverse events"]
    none = tables[words.EVENTS][words.NO_EVENT]
    found[words.EVENTS] = (none, data - none, treated - data)
    for name in words.EVENT_NAMES:
        found[words.with_event(name)] = (tables[words.EVENTS].get(name, 0),)
    for name in words.ACTIONS:
        found[words.with_action(name)] = (tables["actions"][name],)
    found[words.RESPONSE] = _response_counts(facts)
    joined = min(len(counted.days_in_range), treated)
    found[words.JOINED] = (joined, treated - joined)
    for model in counted.random_effects:
        fitted = min(len(counted.random_effects[model]), treated)
        found[words.with_model(model)] = (fitted, treated - fitted)
    return found


def _row_counts(counted: CountedCohort) -> dict[str, dict[str, int]]:
    return {
        table.key: {row.name.strip(): row.count for row in table.rows}
        for table in counted.cohort.tables
    }


def _response_counts(facts: Iterable[PatientFacts]) -> tuple[int, ...]:
    found: Counter[str] = Counter()
    for each in facts:
        if each.response is None:
            found[words.NOT_RECORDED] += 1
            continue
        band = bisect_left(words.RESPONSE_DAYS, each.response.days)
        row = words.responded_in if each.response.responded else words.censored_in
        found[row(band)] += 1
    return tuple(found[row] for row in RULES[words.RESPONSE].rows)


def partitions_of(
    counts: Mapping[str, tuple[int, ...]], earlier: Sequence[Sequence[Partition]]
) -> dict[str, Partition]:
    """Return every partition as it may be published, a parent before what divides it."""
    before: dict[str, list[Partition]] = {}
    for share in earlier:
        for each in share:
            before.setdefault(each.key, []).append(each)
    found: dict[str, Partition] = {}
    for key, rule in RULES.items():
        known = counts[key]
        if rule.parent is not None:
            known = (*known, _divided(rule, found).count - sum(known))
        found[key] = protected(key, rule.rows, known, before.get(key, ()))
    return found


def _divided(rule: PartitionRule, found: Mapping[str, Partition]) -> RowGroup:
    """Return the published group that a partition divides."""
    assert rule.parent is not None  # noqa: S101 - asked by partitions with a parent alone
    key, row = rule.parent
    return found[key].group_of(row)


# --- sums


def _measures(
    facts: Sequence[PatientFacts],
    partitions: Mapping[str, Partition],
    earlier: Sequence[EarlierShare],
) -> Iterable[MeasureSums]:
    doses = partitions[words.DOSES]
    sized = [row for row in doses.rows if row != words.NOT_RECORDED]
    by_area = [row for row in sized if "mg/m²" in row]
    values: tuple[tuple[str, Callable[[PatientFacts], float | None], bool], ...] = (
        (AGE, lambda each: float(each.age_at_start.months), True),
        (DOSE_M2, lambda each: _float(each.daily_mg_per_m2), doses.is_union(by_area)),
        (DOSE_KG, lambda each: _float(each.daily_mg_per_kg), doses.is_union(sized)),
        (DAYS_TREATED, lambda each: each.days_treated, True),
    )
    for key, value, is_open in values:
        known = [number for each in facts if (number := value(each)) is not None]
        if not is_open or not _is_spread(known):
            continue
        sums = MeasureSums(
            key=key, n=len(known), total=fsum(known), squares=fsum(x * x for x in known)
        )
        before = [each for share in earlier for each in share.measures if each.key == key]
        if all(_differs(sums, each) for each in before):
            yield sums


def _differs(sums: MeasureSums, before: MeasureSums) -> bool:
    """Return whether a difference of shares is of enough patients, none of them most of it."""
    more = sums.n - before.n
    total, squares = sums.total - before.total, sums.squares - before.squares
    return more >= FEWEST and 0 < _FEWEST_ALIKE * squares <= total * total


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _is_spread(values: Sequence[float]) -> bool:
    """Return whether there are enough values, and none of them is most of a sum."""
    squares = [value * value for value in values]
    return len(values) >= FEWEST and all(
        max(each) <= _LARGEST_PART * fsum(each) for each in ([abs(x) for x in values], squares)
    )


def _days(
    days: Sequence[tuple[float, float, float]], joined_before: Sequence[int]
) -> SharedDays | None:
    if any(abs(len(days) - before) < FEWEST for before in joined_before):
        return None
    within, outside = [each[1] for each in days], [each[0] + each[2] for each in days]
    if not all(map(_is_many, (within, outside))):
        return None
    below, above = [each[0] for each in days], [each[2] for each in days]
    are_many = all(map(_is_many, (below, above)))
    return SharedDays(
        within=fsum(within),
        outside=fsum(outside),
        below=fsum(below) if are_many else None,
        above=fsum(above) if are_many else None,
    )


def _is_many(days: Sequence[float]) -> bool:
    """Return whether enough patients have days, and none of them has most."""
    return _is_spread([each for each in days if each > 0])


def _random_effects(
    effects: Mapping[str, tuple[tuple[float, ...], ...]],
    partitions: Mapping[str, Partition],
    earlier: Sequence[EarlierShare],
) -> Iterable[RandomEffectSums]:
    for model, of_patients in effects.items():
        before = max((each.fitted.get(model, 0) for each in earlier), default=0)
        if len(of_patients) - before < FEWEST_FOR_COVARIANCE:
            continue
        columns = list(zip(*of_patients, strict=True))
        partition = partitions[words.with_model(model)]
        if len(partition.groups) == 1 or not all(map(_is_spread, columns)):
            continue
        yield RandomEffectSums(
            model=model,
            n=len(of_patients),
            sums=tuple(map(fsum, columns)),
            products=tuple(
                tuple(fsum(x * y for x, y in zip(one, two, strict=True)) for two in columns)
                for one in columns
            ),
        )
