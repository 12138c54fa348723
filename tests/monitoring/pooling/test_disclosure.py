"""The rule of disclosure: every possible clinic of a size, and an attacker who knows the rule.

The attacker has all shares, knows that counts grow only by new patients, and tries every clinic
that would have published the same. What is then left of a count is its set of possible values.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import pytest

from monitoring.pooling.disclosure import FEWEST, Bounds, Partition, RowGroup, protected
from tests.campaign import FULL

ROWS = "abcde"
Counts = tuple[int, ...]


def splits(total: int, rows: int) -> Iterator[Counts]:
    if rows == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in splits(total - first, rows - 1))


def attacked(  # noqa: C901 - one attack
    rows: int, totals: Sequence[int], *, grow: bool
) -> Iterator[tuple[object, set[int]]]:
    """Yield the possible values of each union of rows, and of each of its changes."""
    alike: dict[object, list[list[Counts]]] = defaultdict(list)
    known: dict[object, Partition] = {}

    def go(counts: list[Counts], shares: list[Partition]) -> None:
        place = len(counts)
        if place == len(totals):
            alike[tuple(each.groups for each in shares)].append(counts)
            return
        more = totals[place] - (totals[place - 1] if place and grow else 0)
        for split in splits(more, rows):
            new = split
            if place and grow:
                new = tuple(old + x for old, x in zip(counts[-1], split, strict=True))
            key = (new, tuple(each.groups for each in shares))
            if key not in known:
                known[key] = protected("k", ROWS[:rows], new, shares)
            go([*counts, new], [*shares, known[key]])

    go([], [])
    for published, clinics in alike.items():
        for size in range(1, rows):
            for union in combinations(range(rows), size):
                sums = [[sum(one[row] for row in union) for one in clinic] for clinic in clinics]
                for share in range(len(totals)):
                    yield (published, union, share), {each[share] for each in sums}
                    for before in range(share):
                        change = {each[share] - each[before] for each in sums}
                        yield (published, union, before, share), change


SMALL = [
    (2, (5,), True), (2, (9,), True), (2, (10,), True), (3, (18,), True), (4, (16,), True),
    (5, (13,), True), (2, (8, 14, 20), True), (2, (20, 32, 44), True), (2, (20, 30, 35), True),
    (2, (12, 20), False), (3, (11, 16), True), (3, (11, 20), True), (3, (11, 20), False),
]  # fmt: skip
LARGE = [
    (2, (20, 30, 35, 40), True), (3, (15, 25, 30), True), (3, (12, 24, 34), True),
    (3, (20, 30), False), (4, (10, 20), True), (4, (22,), True), (5, (18,), True),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "totals", "grow"), SMALL + (LARGE if FULL else []))
def test_no_count_and_no_change_is_known_closer_than_five_values(
    rows: int, totals: tuple[int, ...], *, grow: bool
) -> None:
    for what, values in attacked(rows, totals, grow=grow):
        assert len(values) >= FEWEST or min(map(abs, values)) >= FEWEST, (what, values)


def test_the_attack_finds_the_difference_of_two_shares_without_the_rule() -> None:
    first = protected("k", "ab", (7, 8))
    second = protected("k", "ab", (8, 13))
    assert second.bounds_of("a").low - first.bounds_of("a").low == 1
    assert len(protected("k", "ab", (8, 13), [first]).groups) == 1


@pytest.mark.parametrize(
    ("count", "total", "bounds"),
    [
        (4, 20, Bounds(0, 4)), (5, 20, Bounds(5, 5)), (6, 20, Bounds(6, 6)),
        (14, 20, Bounds(14, 14)), (15, 20, Bounds(15, 15)), (16, 20, Bounds(16, 20)),
        (0, 20, Bounds(0, 4)), (20, 20, Bounds(16, 20)), (3, 9, Bounds(0, 9)),
        (5, 10, Bounds(5, 5)), (4, 10, Bounds(0, 4)), (2, 5, Bounds(0, 5)),
    ],
)  # fmt: skip
def test_a_count_and_its_complement_are_five_or_more(
    count: int, total: int, bounds: Bounds
) -> None:
    found = protected("k", ("yes", "no"), (count, total - count))
    assert found.bounds_of(["yes"]) == bounds
    assert found.bounds_of(["no"]) == Bounds(total - bounds.high, total - bounds.low)
    assert found.total == total


@pytest.mark.parametrize(("counts", "groups"), [
    ((5, 5, 5), ["a", "b", "c"]), ((4, 5, 5), ["ab", "c"]), ((5, 4, 5), ["a", "bc"]),
    ((5, 5, 4), ["a", "bc"]), ((0, 0, 12), ["abc"]), ((6, 0, 6), ["a", "bc"]),
])  # fmt: skip
def test_small_rows_are_counted_with_their_neighbours(counts: Counts, groups: list[str]) -> None:
    found = protected("k", "abc", counts)
    assert ["".join(group.rows) for group in found.groups] == groups
    assert all(group.count >= FEWEST for group in found.groups)


def test_bounds_hold_the_truth_for_every_union() -> None:
    for counts in splits(14, 4):
        found = protected("k", "abcd", counts)
        for size in (1, 2, 3, 4):
            for union in combinations(range(4), size):
                bounds = found.bounds_of(ROWS[place] for place in union)
                assert bounds.low <= sum(counts[place] for place in union) <= bounds.high


def test_rows_of_another_version_are_hidden_together() -> None:
    earlier = Partition("k", (RowGroup(("a", "z"), 20),))
    assert len(protected("k", "ab", (20, 20), [earlier]).groups) == 1
