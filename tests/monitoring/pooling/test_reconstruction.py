"""An attack on shares by linear programming: no patient comes out of them.

The attacker has all shares of a clinic. Unknown are the patients of every row at every share. Every
published group, every bound and every nesting of tables is an equation or an inequality; of the
clinic's permanent facts the attacker knows that they only grow. Each count and each change is then
minimised and maximised.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from dosing.pharmacokinetics import MODEL_KEYS
from monitoring.pooling import vocabulary as words
from monitoring.pooling.disclosure import FEWEST, Partition, RowGroup
from monitoring.pooling.share import ClinicShare
from monitoring.pooling.vocabulary import RULES
from tests.campaign import sizes
from tests.monitoring.pooling.clinics import successive_shares

PERMANENT = {words.SEXES, words.AGES, words.ANOMALIES, words.CONGENITAL, words.DOSES,
             words.COMMON_START, words.TARGETS}  # fmt: skip


def families() -> Iterator[list[str]]:
    """Yield the tables that share patients: a table with all that divide it."""
    for key, rule in RULES.items():
        if rule.parent is None:
            children = [
                each.key for each in RULES.values() if each.parent and each.parent[0] == key
            ]
            yield [key, *children]


class Attack:
    """The linear programme of some tables in all shares of a clinic."""

    def __init__(self, keys: Sequence[str], shares: Sequence[ClinicShare]) -> None:
        self.places: dict[tuple[int, str, str], int] = {}
        for number, _ in enumerate(shares):
            for key in keys:
                for row in RULES[key].rows:
                    self.places[number, key, row] = len(self.places)
        self._equal: list[tuple[dict[int, float], float]] = []
        self._at_most: list[tuple[dict[int, float], float]] = []
        for number, share in enumerate(shares):
            for key in keys:
                self._publish(number, share.partition(key))
                self._nest(number, key)
                if number and key in PERMANENT:
                    for row in RULES[key].rows[:1] if RULES[key].parent else RULES[key].rows:
                        now, then = self.places[number, key, row], self.places[number - 1, key, row]
                        self._at_most.append(({then: 1, now: -1}, 0))

    def _publish(self, number: int, partition: Partition) -> None:
        for group in partition.groups:
            there = [self.places[number, partition.key, row] for row in group.rows]
            self._equal.append((dict.fromkeys(there, 1), group.count))
            for place, bounds in zip(there, group.bounds or (), strict=group.bounds is not None):
                self._at_most += [({place: 1}, bounds.high), ({place: -1}, -bounds.low)]

    def _nest(self, number: int, key: str) -> None:
        rule = RULES[key]
        if rule.parent is None:
            return
        parent = self.places[number, *rule.parent]
        inside = [self.places[number, key, row] for row in rule.rows[:-1]]
        self._at_most.append(({**dict.fromkeys(inside, 1), parent: -1}, 0))

    def cover(self, number: int, row: tuple[str, str], others: Sequence[tuple[str, str]]) -> None:
        """Add that the patients of a row are among those of some others."""
        wanted = {self.places[number, *other]: -1.0 for other in others}
        self._at_most.append(({self.places[number, *row]: 1.0, **wanted}, 0))

    def known(self, wanted: dict[int, float]) -> tuple[float, float]:
        """Return the least and the most of a sum of unknowns."""
        found = []
        for sign in (1, -1):
            result = linprog(
                self._row(wanted) * sign,
                A_eq=np.array([self._row(row) for row, _ in self._equal]),
                b_eq=[value for _, value in self._equal],
                A_ub=np.array([self._row(row) for row, _ in self._at_most])
                if self._at_most
                else None,
                b_ub=[value for _, value in self._at_most] if self._at_most else None,
            )
            assert result.success, result.message
            found.append(sign * result.fun)
        return found[0], found[1]

    def _row(self, weights: dict[int, float]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        row = np.zeros(len(self.places))
        for place, weight in weights.items():
            row[place] = weight
        return row


def wanted(
    attack: Attack, keys: Sequence[str], shares: Sequence[ClinicShare]
) -> Iterator[dict[int, float]]:
    """Yield the counts, the sums of two neighbours, and the changes of both between shares."""
    for key in keys:
        rows = RULES[key].rows
        unions = [rows[start:stop] for start in range(len(rows)) for stop in (start + 1, start + 2)]
        for union in unions:
            for now in range(len(shares)):
                there = {attack.places[now, key, row]: 1.0 for row in union}
                yield there
                for then in range(now):
                    if rows[-1] not in union or is_of_the_same(key, shares[now], shares[then]):
                        before = {attack.places[then, key, row]: -1.0 for row in union}
                        yield {**there, **before}


def is_of_the_same(key: str, one: ClinicShare, other: ClinicShare) -> bool:
    """Return whether a table divides the same rows in both shares: else its rest is of others."""
    parent = RULES[key].parent
    if parent is None:
        return True
    groups = [share.partition(parent[0]).group_of(parent[1]).rows for share in (one, other)]
    return groups[0] == groups[1]


def is_open(low: float, high: float) -> bool:
    """Return whether a count or a change is hidden, or is of five patients or more."""
    is_large = low >= FEWEST - 1e-6 or high <= -FEWEST + 1e-6
    return is_large or high - low >= FEWEST - 1 - 1e-6


@sizes(1, 6, 50)
def test_no_patient_comes_out_of_shares_and_their_differences(size: int) -> None:
    chance = random.Random(size)
    asked = 0
    for number in range(size):
        first = chance.choice([5, 8, 14, 30, 60])
        steps = [first, first + chance.choice([5, 6, 9, 20]), first + 40][: 3 - number % 2]
        shares = [share for _, share in successive_shares(chance, steps)]
        for parent, *children in families():
            keys = [parent, *chance.sample(children, min(len(children), 2))]
            attack = Attack(keys, shares)
            for sum_of in wanted(attack, keys, shares):
                asked += 1
                assert is_open(*attack.known(sum_of)), (keys, sum_of, shares)
    assert asked > 200


@sizes(2, 8, 60)
def test_nor_by_what_medicine_says_about_two_tables(size: int) -> None:
    models = [words.with_model(key) for key in MODEL_KEYS[:2]]
    keys = [words.EVENTS, words.RESPONSE, words.JOINED, *models]
    early = [words.NOT_RECORDED, words.responded_in(0), words.censored_in(0)]
    for seed in range(size):
        chance = random.Random(seed)
        first = chance.choice([8, 14, 30, 60])
        steps = [first, first + chance.choice([5, 9, 20])]
        shares = [share for _, share in successive_shares(chance, steps)]
        attack = Attack(keys, shares)
        for number, _ in enumerate(shares):
            # Nothing recorded after the first dose: no later assessment, no levels, no fit.
            row = words.EVENTS, words.NO_DATA
            attack.cover(number, row, [(words.RESPONSE, each) for each in early])
            for key in (words.JOINED, *models):
                attack.cover(number, row, [(key, words.WITHOUT)])
        for sum_of in wanted(attack, keys, shares):
            assert is_open(*attack.known(sum_of)), (seed, sum_of, shares)


def test_the_attack_succeeds_where_the_second_share_does_not_know_the_first() -> None:
    (_, first), (_, grown) = successive_shares(random.Random(4), [60, 65])
    naive = Partition("sex", tuple(
        RowGroup(group.rows, group.count + more)
        for group, more in zip(first.partition("sex").groups, (1, 4), strict=True)
    ))  # fmt: skip
    assert all(group.count >= FEWEST for group in naive.groups)
    parts = tuple(naive if each.key == "sex" else each for each in grown.partitions)
    shares = [first, replace(grown, partitions=parts)]
    attack = Attack(["sex"], shares)
    found = [attack.known(each) for each in wanted(attack, ["sex"], shares)]
    assert not all(is_open(*each) for each in found)


@pytest.mark.parametrize("size", [5, 9, 10, 20])
def test_every_published_sum_is_of_five_patients_or_more(size: int) -> None:
    for seed in range(20):
        share = successive_shares(random.Random(seed), [size])[0][1]
        assert all(group.count >= FEWEST for each in share.partitions for group in each.groups)
        assert all(each.n >= FEWEST for each in share.measures)
        assert all(each.n >= 10 for each in share.random_effects)
