"""Disclosure control: which counts of a clinic's patients leave the clinic, and as what.

A partition has rows in a fixed order; each patient is in one row. What is published are totals of
groups of neighbouring rows. No group has fewer than `FEWEST` patients, and no difference between
two shares of a clinic is smaller: so every number of patients that can be calculated from the
shares is that of `FEWEST` or more. A row in a group of several has bounds, at least `FEWEST` values
wide. The rule reads nothing but the counts, and somebody who knows it learns no more: each of the
published results could have come from at least `FEWEST` values of every row that is hidden.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, combinations, pairwise

FEWEST = 5
"""The fewest patients in a published count, and in its complement."""
_MOST_HIDDEN = FEWEST - 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number of patients, known from `low` to `high`, both included.

    >>> Bounds(0, 4) + Bounds(12, 12)
    Bounds(low=12, high=16)
    """

    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        """Return whether one value is left."""
        return self.low == self.high

    def __add__(self, other: "Bounds") -> "Bounds":
        """Return the bounds of the sum."""
        return Bounds(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Neighbouring rows and their patients together; `bounds` has a pair a row, if given."""

    rows: tuple[str, ...]
    count: int
    bounds: tuple[Bounds, ...] | None = None

    def bounds_of(self, names: frozenset[str]) -> Bounds:
        """Return the bounds of the patients in some rows, of this group or not."""
        inside = [row in names for row in self.rows]
        if all(inside):
            return Bounds(self.count, self.count)
        if not any(inside):
            return Bounds(0, 0)
        if self.bounds is None:
            return Bounds(0, self.count)
        pairs = list(zip(self.bounds, inside, strict=True))
        low, high = sum(b.low for b, is_in in pairs if is_in), sum(b.high for b, i in pairs if i)
        rest_low = sum(b.low for b, is_in in pairs if not is_in)
        rest_high = sum(b.high for b, is_in in pairs if not is_in)
        return Bounds(max(low, self.count - rest_high), min(high, self.count - rest_low))


@dataclass(frozen=True)
class Partition:
    """A published partition: every row is in one group, in order."""

    key: str
    groups: tuple[RowGroup, ...]

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """The names of the rows."""
        return tuple(row for group in self.groups for row in group.rows)

    @cached_property
    def total(self) -> int:
        """The patients of all rows."""
        return sum(group.count for group in self.groups)

    @cached_property
    def edges(self) -> Mapping[int, int]:
        """The patients before each place at which a group begins or ends."""
        places = accumulate((len(group.rows) for group in self.groups), initial=0)
        counts = accumulate((group.count for group in self.groups), initial=0)
        return dict(zip(places, counts, strict=True))

    def bounds_of(self, names: Iterable[str]) -> Bounds:
        """Return the bounds of the patients in some rows."""
        wanted, found = frozenset(names), Bounds(0, 0)
        for group in self.groups:
            found += group.bounds_of(wanted)
        return found

    def group_of(self, row: str) -> RowGroup:
        """Return the group that has a row."""
        return next(group for group in self.groups if row in group.rows)

    def is_union(self, names: Iterable[str]) -> bool:
        """Return whether some rows are whole groups."""
        wanted = set(names)
        return all(len(wanted.intersection(g.rows)) in {0, len(g.rows)} for g in self.groups)


def protected(
    key: str, rows: Sequence[str], counts: Sequence[int], earlier: Sequence[Partition] = ()
) -> Partition:
    """Return the groups of a partition that may be published after those of earlier shares.

    >>> protected("sex", ("female", "male", "unknown"), (20, 18, 2)).groups
    (RowGroup(rows=('female',), count=20, bounds=None), \
RowGroup(rows=('male', 'unknown'), count=20, bounds=(Bounds(low=16, high=20), \
Bounds(low=0, high=4))))
    """
    rows = tuple(rows)
    alike = [each for each in earlier if each.rows == rows]
    if len(alike) != len(earlier):  # rows of another version: no difference can be checked
        return Partition(key, (RowGroup(rows, sum(counts)),))
    if len(rows) == 2:
        return Partition(key, _halves(rows, counts[0], sum(counts), alike))
    return Partition(key, _groups(rows, counts, alike))


# --- two rows: exact, or a run of values that are all hidden


def _halves(
    rows: tuple[str, ...], count: int, total: int, earlier: Sequence[Partition]
) -> tuple[RowGroup, ...]:
    def is_hidden(value: int) -> bool:
        rest = total - value
        return min(value, rest) < FEWEST or any(
            _is_close(value, each.bounds_of(rows[:1])) or _is_close(rest, each.bounds_of(rows[1:]))
            for each in earlier
        )

    if not is_hidden(count):
        return RowGroup(rows[:1], count), RowGroup(rows[1:], total - count)
    low = high = count
    while low > 0 and is_hidden(low - 1):
        low -= 1
    while high < total and is_hidden(high + 1):
        high += 1
    run = (Bounds(low, high), Bounds(total - high, total - low))
    return (RowGroup(rows, total, run if high - low >= _MOST_HIDDEN else None),)


# --- more rows: groups of neighbours


def _groups(
    rows: tuple[str, ...], counts: Sequence[int], earlier: Sequence[Partition]
) -> tuple[RowGroup, ...]:
    before = [0, *accumulate(counts)]
    edges, end = [0], len(rows)
    for place in range(1, end):
        so_far, rest = before[place] - before[edges[-1]], before[-1] - before[place]
        if min(so_far, rest) >= FEWEST and all(
            _is_far(each, before, (*edges, place, end)) for each in earlier
        ):
            edges.append(place)
    edges.append(end)
    found = []
    for start, stop in pairwise(edges):
        inside = tuple(counts[start:stop])
        # After earlier shares bounds would say whether an edge is missing for their sake.
        bounds = None if earlier else _bounds(inside, is_last=stop == end)
        found.append(RowGroup(rows[start:stop], sum(inside), bounds))
    return tuple(found)


def _is_far(earlier: Partition, before: Sequence[int], edges: Sequence[int]) -> bool:
    """Return whether these edges leave enough patients between this share and an earlier one.

    It is asked of each run of neighbouring groups, and of all other patients.
    """
    for start, stop in combinations(edges, 2):
        if (start, stop) == (edges[0], edges[-1]):
            continue
        names = earlier.rows[start:stop]
        others = earlier.rows[:start] + earlier.rows[stop:]
        count = before[stop] - before[start]
        if _is_close(count, earlier.bounds_of(names)) or _is_close(
            before[-1] - count, earlier.bounds_of(others)
        ):
            return False
    return True


def _is_close(count: int, earlier: Bounds) -> bool:
    """Return whether a count would say too much about the change from an earlier share.

    From an exact earlier count it differs by too few. Within earlier bounds it would cut off a part
    of them: a count that only grows was not larger before.
    """
    if earlier.is_exact:
        return abs(count - earlier.low) < FEWEST
    return earlier.low <= count <= earlier.high


def _bounds(counts: tuple[int, ...], *, is_last: bool) -> tuple[Bounds, ...] | None:
    """Return the bounds of the rows of one group: one large row, and small ones around it.

    They follow from the rule, which closes a group as soon as it is large enough. The last group
    is open to both sides, and must be large enough for all small rows at their most.
    """
    total = sum(counts)
    if len(counts) == 1 or total < FEWEST:
        return None
    if is_last and total < FEWEST + _MOST_HIDDEN * min(2, len(counts) - 1):
        return None
    large = next(place for place, sofar in enumerate(accumulate(counts)) if sofar >= FEWEST)
    sides = (large > 0) + (large < len(counts) - 1)
    small = Bounds(0, _MOST_HIDDEN)
    return tuple(
        Bounds(total - sides * _MOST_HIDDEN, total) if place == large else small
        for place in range(len(counts))
    )
