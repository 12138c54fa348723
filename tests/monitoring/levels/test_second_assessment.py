"""The assessment compared with the second one on random histories.

SIROLIMUS_CAMPAIGN=full compares 10,000 of them instead of 200.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import cast

import pandas as pd
import pytest

from dosing import Product, Quantity, QuantityKind, TargetTrough
from monitoring.levels import assess_levels
from monitoring.levels.assess import assessed_table
from monitoring.levels.tables import assess, dose_table, level_table
from monitoring.levels.time_in_range import time_in_range
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StopRecord, StoredEntry, Void
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Comparator, Level, LevelCause, LevelCauseAnswer
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.times import Moment
from tests.builders import BY, a_patient
from tests.campaign import cases
from tests.monitoring.levels import second_assessment as second

HISTORIES = cases(120, full=10_000)
A_BATCH = min(HISTORIES, 100)

START = datetime(2026, 9, 1, 6, tzinfo=UTC)
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC")
NUMBERS = (
    "2",
    "4.99",
    "5",
    "5.01",
    "6",
    "10",
    "14.99",
    "15",
    "15.01",
    "18",
    "20",
    "30",
    "31",
    "46.8",
)
UNITS = ("ng/mL", "ng/mL", "ug/L", "nmol/L")
TARGETS = ((5, 15), (5, 15), (5, 15), (10, 15), (None, 15), (4, 12), (3, 7))
EDGES_H = (0, 3, 5, 7, 10, 12, 14, 20, 24, 28)  # around the windows of every interval
SHIFTS_S = (0, 0, 0, -1, 1, -1800, 1800)
SPANS_D = (0, 1, 3, 7, 10, 14, 20, 30, 45, 60, 61)


def moment(random: Random, after: datetime = START) -> Moment:
    """A time that is likely to be at an edge of something else."""
    days, shift = random.choice(SPANS_D), random.choice(SHIFTS_S)
    utc = after + timedelta(days=days, hours=random.choice((0, 0, 12, 24)), seconds=shift)
    return Moment(utc, random.choice(ZONES))


def dose(random: Random, *, loading: bool) -> Prescription:
    low, high = random.choice(TARGETS)
    times_a_day = random.choice((1, 2, 2, 2, 3, 4))
    product = random.choice((Product.SOLUTION, Product.SOLUTION, Product.TABLETS))
    dilution = random.choice((None, None, None, Decimal("0.5")))
    return Prescription(
        since=moment(random),
        dose_mg=Decimal(random.choice(("0.44", "0.44", "0.6"))),
        times_a_day=times_a_day,
        every_hours=48 if times_a_day == 1 and random.random() < 0.3 else None,
        evening_mg=Decimal(1) if times_a_day == 2 and random.random() < 0.1 else None,
        product=product,
        strength_mg_per_ml=dilution if product is Product.SOLUTION else None,
        protocol="review",
        target=TargetTrough(None if low is None else Decimal(low), Decimal(high)),
        rule_version="0.1.0",
        loading=loading,
    )


def level(random: Random, *, usual: bool) -> Level:
    sampled = moment(random, START + timedelta(days=random.choice(SPANS_D)))
    since = timedelta(hours=random.choice(EDGES_H), seconds=abs(random.choice(SHIFTS_S)))
    if usual or random.random() < 0.5:
        since = timedelta(hours=12)
    comparators = [None] * (20 if usual else 4)
    return Level(
        sampled=sampled,
        value=Quantity(Decimal(random.choice(NUMBERS)), random.choice(UNITS), QuantityKind.LEVEL),
        comparator=random.choice((*comparators, *Comparator)),
        last_dose=None if random.random() < 0.05 else Moment(sampled.utc - since, "UTC"),
        assay=random.choice((None, *[Assay.LC_MS_MS] * (20 if usual else 3), Assay.CMIA)),
    )


def missed(random: Random) -> MissedDose:
    begin = moment(random, START + timedelta(days=random.choice(SPANS_D)))
    until = Moment(begin.utc + timedelta(days=random.choice(SPANS_D)), "UTC")
    if random.random() < 0.3:
        return MissedDose(at=begin, kind=NotGiven.HELD, is_open=random.choice((True, None)))
    return MissedDose(
        at=begin, kind=random.choice(tuple(NotGiven)), until=random.choice((None, until))
    )


def again(random: Random, level: Level) -> Level:
    """A level of the same moment: the same, of another value, or of another assay."""
    number = random.choice((level.value, Quantity(Decimal(9), "ng/mL", QuantityKind.LEVEL)))
    return replace(level, value=number, assay=random.choice((level.assay, Assay.EMIT)))


def drug(random: Random) -> CoMedication:
    name = random.choice(("fluconazole", "rifampicin", "propranolol", "enalapril", "MMR vaccine"))
    return CoMedication(drug=name, since=date(2026, 9, 1) + timedelta(days=random.choice(SPANS_D)))


def event(random: Random) -> AdverseEvent:
    day = date(2026, 9, 1) + timedelta(days=random.choice(SPANS_D))
    return AdverseEvent(term="fever", since=day, action=random.choice(tuple(ActionTaken)))


def entries(random: Random) -> Iterator[Entry]:
    """Half of the histories are usual ones, with mostly evaluable levels."""
    usual = random.random() < 0.5
    doses = (1, 1, 2) if usual else (0, 1, 2, 3, 4)
    yield from (dose(random, loading=False) for _ in range(random.choice(doses)))
    yield from (dose(random, loading=True) for _ in range(random.choice((0, 0, 0, 1, 2))))
    levels = range(random.randint(4, 12) if usual else random.randint(1, 6))
    sampled = [level(random, usual=usual) for _ in levels]
    yield from sampled
    if random.random() < 0.2:
        yield again(random, random.choice(sampled))
    yield from (missed(random) for _ in range(random.choice((0, 0, 0, 1, 2))))
    yield from (drug(random) for _ in range(random.choice((0, 0, 1))))
    if random.random() < 0.25:
        yield event(random)


def marked(random: Random, recorded: StoredEntry[Entry]) -> StoredEntry[Entry]:
    """The entry with an end or a void now and then."""
    of, entry = recorded.number, recorded.entry
    if random.random() < 0.08:
        void = StoredEntry(
            number=of + 5000, patient=1, entry=Void(of=of, reason="wrong"), author=BY
        )
        return replace(recorded, void=void)
    if random.random() < 0.25 and isinstance(
        entry, Prescription | CoMedication | MissedDose | AdverseEvent
    ):
        days = timedelta(days=random.choice(SPANS_D))
        if isinstance(entry, MissedDose):
            if entry.until or entry.kind is NotGiven.MISSED:
                return recorded
            ending = StopRecord(of=of, at=Moment(entry.at.utc + days, "UTC"))
        elif isinstance(entry, Prescription):
            ending = StopRecord(of=of, at=Moment(entry.since.utc + days, "UTC"))
        else:
            ending = StopRecord(of=of, on=entry.since + days)
        mark = StoredEntry(number=of + 5000, patient=1, entry=ending, author=BY)
        return replace(recorded, ending=mark)
    return recorded


def answers(random: Random, many: list[Entry], first: int) -> Iterator[Entry]:
    """Causes of some levels, now and then two of one level."""
    for number, entry in enumerate(many, start=first + 1):
        while isinstance(entry, Level) and random.random() < 0.12:
            cause = random.choice(tuple(LevelCause))
            yield LevelCauseAnswer(
                of=number, on=date(2026, 12, 1), cause=cause, is_excluded=cause.is_error
            )


def history(seed: int, patient: int) -> Record:
    """A random record; the number of an entry does not follow its time."""
    random = Random(seed)
    many = list(entries(random))
    random.shuffle(many)
    first = patient * 10_000
    many += answers(random, list(many), first)
    born = random.choice(("2024-02-01", "2024-02-01", "2026-03-10", "2026-07-01"))
    who: StoredEntry[Patient] = StoredEntry(
        number=first, patient=first, entry=a_patient(born=born), author=BY
    )
    rest = (
        marked(random, StoredEntry(number=number, patient=first, entry=entry, author=BY))
        for number, entry in enumerate(many, start=first + 1)
    )
    return Record(patient=who, entries=(cast("StoredEntry[Entry]", who), *rest))


def near(number: float | None, expected: object) -> bool:
    """Equal to the 15 digits that a float holds."""
    return number == (None if expected is None else pytest.approx(float(expected), rel=1e-12))  # type: ignore[arg-type]


@pytest.mark.parametrize("batch", range(HISTORIES // A_BATCH))
def test_both_assessments_agree_on_random_histories(batch: int) -> None:
    seeds = range(batch * A_BATCH, (batch + 1) * A_BATCH)
    records = [history(seed, 1 + seed) for seed in seeds]
    ranges = time_in_range(assessed_table(records))
    for seed, record in zip(seeds, records, strict=True):
        expected = second.judge(record)
        found = assess_levels(record)
        assert [each.level for each in found] == [each.level for each in expected], seed
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            told = (seed, one.level.number)
            assert one.status.value == other.status, told
            assert one.is_trough is other.is_trough, told
            assert one.steady_state is other.steady_state, told
            assert one.is_evaluable == other.is_evaluable, told
            assert one.target == other.target, told
            assert near(one.hours_since_last_dose, other.hours), told
            assert near(one.days_since_change, other.days), told
            assert near(one.change_percent, other.change_percent), told
            assert one.is_excluded == other.is_excluded, told
            assert one.is_peak == other.is_peak, told
            assert (one.double.value if one.double else "") == other.double, told
            assert (one.misfit.why.value if one.misfit else "") == other.misfit, told
            assert (one.misfit.compared if one.misfit else None) == other.compared, told
            alerts = {(alert.kind.word, alert.code) for alert in one.alerts}
            assert alerts == second.codes(record, expected, place), told
        in_range = second.time_in_range(record, expected)
        ranged = ranges.loc[record.number]
        assert ranged["levels"] == in_range.levels, seed
        exact = [in_range.below, in_range.within, in_range.above, in_range.largest]
        days = ranged[["days_below", "days_within", "days_above", "largest_gap_days"]]
        if in_range.levels:
            # sums of days in floats, so to a millionth of a second
            assert list(days) == pytest.approx([float(each) for each in exact], abs=1e-11), seed
        else:
            assert days.isna().all(), seed


def test_the_random_histories_reach_every_judgement() -> None:
    records = [history(seed, 1 + seed) for seed in range(200)]
    table = assessed_table(records)
    assert set(table["status"]) == {"below", "within", "above", "not-assessed"}
    for column in ("is_trough", "steady_state"):
        assert set(table[column].astype(object).fillna("missing")) == {True, False, "missing"}
    assert table["is_evaluable"].sum() > 150
    assert table["change_percent"].notna().sum() > 50
    assert (time_in_range(table)["levels"] > 0).sum() > 20
    found = [each for record in records[:80] for each in assess_levels(record)]
    assert {alert.code for each in found for alert in each.alerts} == {
        "level-high", "level-before-first-dose", "no-dose-in-force", "last-dose-unknown",
        "interval-unknown", "level-not-trough", "level-too-early", "level-censored", "level-jump",
        "assay-unknown", "assay-changed", "doses-not-given", "interacting-drug-changed",
        "level-misfit", "level-contradicted", "level-repeated", "last-dose-in-question",
    }  # fmt: skip


def test_many_patients_are_assessed_as_each_one_alone() -> None:
    records = [history(seed, patient=1 + seed) for seed in range(60)]
    together = assessed_table(records)
    ranges = time_in_range(together)
    for record in records:
        alone = assessed_table([record])
        own = together[together["patient"] == record.number]
        assert own.reset_index(drop=True).equals(alone.reset_index(drop=True))
        assert ranges.loc[[record.number]].equals(time_in_range(alone))
    shuffled = [records[place] for place in Random(1).sample(range(60), 60)]
    again = assessed_table(shuffled)
    assert again.reset_index(drop=True).equals(together.reset_index(drop=True))
    parts = pd.concat([level_table(records[:30]), level_table(records[30:])])  # rows named twice
    again = assess(parts, dose_table(shuffled))
    assert again.reset_index(drop=True).equals(together.reset_index(drop=True))
