"""The filters of the worklist in a line: the key, the title and the count of each."""

from collections.abc import Iterator, Mapping, Sequence

from textual.content import Content
from textual.events import Resize
from textual.style import Style
from textual.widgets import Static

from tui.app.actions import key_for
from tui.app.worklist_filters import ALL, FILTERS, WorklistFilter

_GAP = 2
_CHOSEN = "▸"


class FilterBar(Static):
    """Every filter, which a click chooses; the chosen one is marked by a sign and a style."""

    DEFAULT_CSS = """
    FilterBar {
        height: auto; padding: 0 1 0 0; background: $panel; color: $foreground;
        link-style: none; link-color: $foreground; link-background: transparent;
        link-style-hover: none; link-color-hover: $foreground; link-background-hover: $primary 35%;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Begin without counts."""
        super().__init__(id=id)
        self._counts: Mapping[str, int] = {}
        self._chosen = ALL

    def show_counts(self, counts: Mapping[str, int], chosen: WorklistFilter) -> None:
        """Show how many patients each filter keeps, and the one that is chosen."""
        self._counts, self._chosen = counts, chosen
        self._show()

    def on_resize(self, _event: Resize) -> None:
        """Use the room."""
        self._show()

    def _show(self) -> None:
        parts = [self._part(each) for each in FILTERS]
        lines = in_lines([each.cell_length for each in parts], self.size.width - 1)
        shown = [Content("").join([parts[at] for at in line]) for line in lines]
        self.update(Content("\n").join(shown))

    def _part(self, each: WorklistFilter) -> Content:
        is_chosen = each is self._chosen
        title = each.title
        count = self._counts.get(each.action)
        counted = "" if count is None else f" {count:,}"
        shown = Content.assemble(
            (key_for(self.screen, each.action), "bold $text-accent"),
            " ",
            (f"{title}{counted}", "bold underline" if is_chosen else ""),
        ).stylize(Style.from_meta({"@click": f"screen.filter('{each.action}')"}))
        return Content.assemble(_CHOSEN.rjust(_GAP) if is_chosen else " " * _GAP, shown)


def in_lines(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Yield the numbers of the parts in each line: as many as fit, and always one.

    >>> list(in_lines([9, 12, 10], 21))
    [[0, 1], [2]]
    """
    line: list[int] = []
    left = room
    for at, width in enumerate(widths):
        if line and width > left:
            yield line
            line, left = [], room
        line.append(at)
        left -= width
    if line:
        yield line
