"""The pool against the report of the patients themselves, for synthetic clinics of 5 to 300."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from statistics import mean, stdev
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from dosing import UserError
from monitoring.cohort import CohortTable
from monitoring.cohort.cohort import cohort_tables
from monitoring.pooling.disclosure import Bounds
from monitoring.pooling.documents import pooled_as_json
from monitoring.pooling.pool import PooledReport, PooledTable, pool
from monitoring.pooling.share import AGE, DAYS_TREATED, DOSE_KG, DOSE_M2, ClinicShare
from monitoring.pooling.share_file import SignedShare
from monitoring.pooling.vocabulary import ANOTHER_TARGET, EVENT_NAMES
from monitoring.response import kaplan_meier
from tests.campaign import sizes
from tests.monitoring.pooling.clinics import HOSTILE, SyntheticPatient, successive_shares

Clinics = list[tuple[list[SyntheticPatient], ClinicShare]]


def key(number: int) -> str:
    return f"{number:064x}"


def pooled(shares: Sequence[ClinicShare]) -> PooledReport:
    return pool(SignedShare(share, key(place)) for place, share in enumerate(shares))


def some_clinics(chance: random.Random, count: int) -> Clinics:
    """Return clinics of 5 to 300 patients, some of them by their second or third share."""
    found = []
    for _ in range(count):
        last = chance.choice([5, 6, 9, 14, 30, 60, 120, 300])
        before = [size for size in (last // 3, last // 2) if size >= 5 and chance.random() < 0.4]
        steps = [
            size for size in dict.fromkeys([*before, last]) if size == last or size + 5 <= last
        ]
        steps = [steps[0], *(b for a, b in pairwise(steps) if b - a >= 5)]
        found.append(successive_shares(chance, steps)[-1])
    return found


def table(report: PooledReport, name: str) -> PooledTable:
    return next(each for each in report.tables if each.layout.key == name)


@sizes(8, 15, 50)
def test_the_pool_is_the_report_of_the_patients_themselves(size: int) -> None:
    clinics = some_clinics(random.Random(size), size)
    for some in (clinics, *([each] for each in clinics)):
        patients = [each for clinic, _ in some for each in clinic]
        report = pooled([share for _, share in some])
        assert report.treated == len(patients)
        for raw in cohort_tables([each.facts for each in patients]):
            compare(table(report, raw.key), raw)


def compare(found: PooledTable, raw: CohortTable) -> None:
    """Hold a table of the pool to that of the patients."""
    assert found.of.low <= raw.of <= found.of.high
    rows = {row.name.strip(): row for row in found.rows}
    others = 0
    for row in raw.rows:
        name = row.name.strip()
        if name not in rows:
            others += row.count
            assert raw.key == "target" or name in EVENT_NAMES
            continue
        mine = rows[name]
        assert mine.count.low <= row.count <= mine.count.high, (raw.key, name)
        if mine.count.is_exact and found.of.is_exact:
            assert mine.interval_percent == row.interval_percent
        if row.interval_percent and mine.interval_percent:
            (low, high), (wide_low, wide_high) = row.interval_percent, mine.interval_percent
            assert wide_low <= low <= high <= wide_high
    if raw.key == "target":
        assert rows[ANOTHER_TARGET].count.low <= others <= rows[ANOTHER_TARGET].count.high


def test_of_clinics_without_a_small_count_every_count_is_exact() -> None:
    ((patients, share),) = successive_shares(random.Random(3), [300])
    report = pooled([share, share])
    raw = {each.key: each for each in cohort_tables([each.facts for each in patients])}
    for name in ("sex", "age", "congenital", "still-treated", "adverse-event-data"):
        for row, mine in zip(raw[name].rows, table(report, name).rows, strict=True):
            assert mine.count == Bounds(2 * row.count, 2 * row.count)
            assert mine.of == Bounds(2 * row.of, 2 * row.of)


@sizes(5, 20, 50)
def test_means_and_covariances_are_those_of_the_patients(size: int) -> None:
    clinics = [successive_shares(random.Random(seed), [40 + seed])[0] for seed in range(size)]
    report = pooled([share for _, share in clinics])
    values: dict[str, Callable[[SyntheticPatient], Any]] = {
        AGE: lambda each: float(each.facts.age_at_start.months),
        DAYS_TREATED: lambda each: each.facts.days_treated,
        DOSE_KG: lambda each: each.facts.daily_mg_per_kg,
        DOSE_M2: lambda each: each.facts.daily_mg_per_m2,
    }
    for measure in report.measures:
        known = [
            float(value)
            for clinic, share in clinics
            if share.measure(measure.key)
            for each in clinic
            if (value := values[measure.key](each)) is not None
        ]
        assert measure.n == len(known)
        assert math.isclose(measure.mean, mean(known), rel_tol=1e-9)
        assert math.isclose(measure.sd, stdev(known), rel_tol=1e-9)
    assert {AGE, DAYS_TREATED} <= {each.key for each in report.measures}
    assert report.random_effects
    for each in report.random_effects:
        effects = np.array([
            patient.effects[each.model]
            for clinic, share in clinics
            if each.model in {found.model for found in share.random_effects}
            for patient in clinic
            if each.model in patient.effects
        ])  # fmt: skip
        assert each.n == len(effects)
        assert np.allclose(each.mean, effects.mean(axis=0), rtol=1e-9, atol=1e-12)
        wanted = np.atleast_2d(np.cov(effects, rowvar=False))
        assert np.allclose(each.covariance, wanted, rtol=1e-9, atol=1e-12)
    days = report.days_in_range
    assert days is not None
    joined = [p.days for clinic, share in clinics if share.days_in_range for p in clinic if p.days]
    assert math.isclose(days.within, sum(each[1] for each in joined), rel_tol=1e-9)
    assert math.isclose(days.outside, sum(each[0] + each[2] for each in joined), rel_tol=1e-9)


@sizes(6, 20, 50)
def test_the_curve_of_the_patients_is_within_the_bounds(size: int) -> None:
    for seed in range(size):
        chance = random.Random(100 + seed)
        clinics = some_clinics(chance, chance.choice([1, 2, 6]))
        times = [p.facts.response for clinic, _ in clinics for p in clinic if p.facts.response]
        curve = kaplan_meier(times)
        found = pooled([share for _, share in clinics]).response
        assert found.patients.low <= curve.patients <= found.patients.high
        assert found.responded.low <= curve.responded <= found.responded.high
        for step in found.steps:
            until = [each for each in curve.steps if step.day is None or each.day <= step.day]
            share = float(until[-1].share) if until else 1.0
            assert step.share[0] - 1e-12 <= share <= step.share[1] + 1e-12
        low, high = found.median_days
        if (median := curve.median_days) is not None:
            assert low is not None
            assert low <= median
        if high is not None:
            assert median is not None
            assert median <= high


def test_of_large_clinics_the_curve_is_known_closely() -> None:
    clinics = [successive_shares(random.Random(seed), [300])[0] for seed in (1, 2, 3)]
    found = pooled([share for _, share in clinics]).response
    assert all(high - low < 0.1 for low, high in (step.share for step in found.steps[:5]))


def test_bands_of_the_curve_have_five_responses_or_more() -> None:
    for _, share in some_clinics(random.Random(5), 6):
        assert all(group.count >= 5 for group in share.partition("response").groups)


# --- heterogeneity


def test_heterogeneity_is_that_of_pearsons_chi_squared() -> None:
    clinics = [successive_shares(random.Random(seed), [200])[0] for seed in range(4)]
    row = next(r for r in table(pooled([s for _, s in clinics]), "sex").rows if r.name == "female")
    of = [share.treated for _, share in clinics]
    women = [share.partition("sex").bounds_of(["female"]).low for _, share in clinics]
    tables = [[count, all_of - count] for count, all_of in zip(women, of, strict=True)]
    q = chi2_contingency(tables, correction=False)[0]
    assert row.between.i_squared_percent == pytest.approx(100 * max(0, (q - 3) / q))
    shares = [100 * count / all_of for count, all_of in zip(women, of, strict=True)]
    assert (row.between.lowest, row.between.highest) == (min(shares), max(shares))


def test_alike_clinics_have_no_heterogeneity_and_one_clinic_none_that_can_be_known() -> None:
    share = successive_shares(random.Random(1), [100])[0][1]
    (twice, once) = (pooled([share] * 2), pooled([share]))
    assert table(twice, "sex").rows[0].between.i_squared_percent == 0
    assert table(once, "sex").rows[0].between.i_squared_percent is None


# --- which shares


def test_other_tables_and_other_versions_are_refused() -> None:
    share = successive_shares(random.Random(1), [20])[0][1]
    for other in (replace(share, tables="0" * 64), replace(share, version="0.0.9")):
        with pytest.raises(UserError, match="Use one version in all clinics"):
            pooled([share, other])


def test_of_one_clinic_the_newest_share_counts_once_in_either_order() -> None:
    (_, old), (_, new) = successive_shares(random.Random(2), [20, 40])
    assert new.on > old.on
    for shares in ([old, new], [new, old], [new, old, new]):
        report = pool(SignedShare(share, key(1)) for share in shares)
        assert report.treated == 40
        assert [each.treated for each in report.replaced] == [20, 40][: len(shares) - 1]
    later = replace(old, on=new.on + timedelta(1))
    assert pool([SignedShare(new, key(1)), SignedShare(later, key(1))]).treated == 20
    assert pool([SignedShare(new, key(1)), SignedShare(old, key(2))]).treated == 60


def test_no_share_and_too_many_are_refused() -> None:
    share = SignedShare(successive_shares(random.Random(1), [20])[0][1], key(1))
    with pytest.raises(UserError, match="There is no share"):
        pool([])
    with pytest.raises(UserError, match="more than 500 shares"):
        pool([share] * 501)


def test_json_is_whole_and_has_no_word_of_a_clinic() -> None:
    report = pooled([share for _, share in some_clinics(random.Random(9), 3)])
    text = repr(pooled_as_json(report))
    assert not [word for word in HOSTILE if word in text]
