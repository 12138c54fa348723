"""The places of bars and their names below a chart of cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from dosing import clean
from reports.presentation.treatment_bars import BarKind, TreatmentBar, lanes_of
from tui.app.widgets.chart_drawing import CellScale

_ROOM = ((20, 5), (14, 3), (11, 1))
"""The heights of a chart from which on so many rows of bars have room."""
_LONGEST_NAME = 20


@dataclass(frozen=True, slots=True)
class PlacedBar:
    """A bar with its columns, its name, and the column of the name."""

    bar: TreatmentBar
    columns: range
    name: str
    name_at: int

    @property
    def extent(self) -> range:
        """All its columns with those of the name, and one free one beyond a name outside."""
        name_end = self.name_at + cell_len(self.name)
        begin, end = self.columns.start, self.columns.stop
        if self.name_at < begin:
            begin = self.name_at - 1
        if end < name_end:
            end = name_end + 1
        return range(begin, end)


def place_bar(bar: TreatmentBar, scale: CellScale) -> PlacedBar:
    """Return the place of a bar: its name inside where that fits, else on the side with more room.

    A name is shortened where it must be. A bar that follows another at once begins in the column
    behind its end.
    """
    begin = scale.column(bar.since)
    ends_here = bar.until is not None and bar.until <= scale.end
    end = scale.column(bar.until) if bar.until and ends_here else scale.columns.stop
    columns = range(begin, max(begin + 1, end))
    name = _at_most(clean(bar.label), _LONGEST_NAME)
    if cell_len(name) + 2 <= len(columns):
        return PlacedBar(bar, columns, name, columns.start + 1)
    before = columns.start - scale.columns.start - 1
    behind = scale.columns.stop - columns.stop - 1
    if behind >= min(cell_len(name), before):
        return PlacedBar(bar, columns, _at_most(name, behind), columns.stop + 1)
    name = _at_most(name, before)
    return PlacedBar(bar, columns, name, columns.start - 1 - cell_len(name))


def _at_most(name: str, wide: int) -> str:
    """Return a name in at most so many columns."""
    if cell_len(name) <= wide:
        return name
    return f"{set_cell_size(name, wide - 1).rstrip()}…" if wide > 0 else ""


Lane = tuple[BarKind, tuple[PlacedBar, ...]]
"""A row of bars of one kind."""


def bar_lanes(bars: Sequence[TreatmentBar], scale: CellScale, height: int) -> tuple[Lane, ...]:
    """Return the rows of bars for which there is room, each of one kind: first one of each kind."""
    most = next((lanes for least, lanes in _ROOM if height >= least), 0)
    found: dict[tuple[int, int], list[PlacedBar]] = {}
    for order, kind in enumerate(BarKind):
        placed = [place_bar(each, scale) for each in bars if each.kind is kind]
        lanes = lanes_of((each.extent.start, each.extent.stop) for each in placed)
        for lane, each in zip(lanes, placed, strict=True):
            found.setdefault((lane, order), []).append(each)
    kept = sorted(found)[:most]
    by_kind = sorted(kept, key=lambda each: each[::-1])
    return tuple((found[each][0].bar.kind, tuple(found[each])) for each in by_kind)
