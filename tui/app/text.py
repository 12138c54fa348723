"""Text of the records for the screen: cleaned, and never read as mark-up."""

from collections.abc import Iterable, Iterator

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.content import Content
from textual.widgets import Static

from dosing import Alert, Alerts, clean
from dosing.quantities.formatting import count_of
from reports.presentation.alerts import LOOKS, Style, alert_text
from tui.app.line_breaks import keep_numbers_with_units

keep_numbers_with_units()

COLOURS = {
    Style.DANGER: "$text-error",
    Style.WARNING: "$text-warning",
    Style.QUIET: "$text-muted",
}

HEADING = "bold $text-accent"
_ELLIPSIS = " …"


def words(text: str) -> Content:
    """Return `text` for a widget."""
    return Content(clean(text))


def words_of_lines(text: str) -> Content:
    """Return a text of several lines, each cleaned."""
    return Content("\n").join([words(line) for line in text.splitlines()])


def cell(text: str) -> Text:
    """Return `text` for a cell or heading of a table, without mark-up.

    A text that is longer than its column ends with an ellipsis.
    """
    return Text(clean(text), no_wrap=True, overflow="ellipsis")


def wrapped_cell(text: str, width: int, most_lines: int = 0) -> Text:
    r"""Return `text` for a cell of so many columns, in as many lines as it needs.

    A text that needs more than `most_lines`, where that is given, ends with an ellipsis after a
    whole word; only a word that is longer than the column is divided.

    >>> wrapped_cell("kaposiform haemangioendothelioma", 21).plain.split("\n")
    ['kaposiform', 'haemangioendothelioma']
    >>> wrapped_cell("avoid the combination", 15, 1).plain
    'avoid the …'
    """
    whole = words(text)
    if whole.cell_length <= width:
        return cell(text)
    lines = [line.plain.rstrip() for line in whole.wrap(width)]
    if most_lines and len(lines) > most_lines:
        lines[most_lines - 1] = _cut(lines[most_lines - 1], width)
        del lines[most_lines:]
    return Text("\n").join([cell(line) for line in lines])


def _cut(line: str, width: int) -> str:
    """Return a line with an ellipsis, without the words that have no room then."""
    parts = line.split(" ")
    for kept in range(len(parts), 0, -1):
        shortened = " ".join(parts[:kept]).rstrip(" ,;:")
        if cell_len(shortened) + len(_ELLIPSIS) <= width:
            return f"{shortened}{_ELLIPSIS}"
    return f"{set_cell_size(line, width - 1).rstrip()}…"


def lines_of(cells: Iterable[Text]) -> int:
    """Return the height in lines of a row of these cells."""
    return max(each.plain.count("\n") + 1 for each in cells)


def alert_line(alert: Alert, *, with_source: bool = False) -> Content:
    """Return an alert in one paragraph: its kind, its message and, where asked, its source."""
    look = LOOKS[alert.kind]
    return Content.assemble(
        (f"{look}  ", f"bold {COLOURS[look.style]}"),
        words(alert_text(alert) if with_source else alert.message),
    )


def hidden_notes(alerts: Alerts, *, follows_alerts: bool) -> Content | None:
    """Return the number of notes that are not shown, in words; None without one."""
    notes = len(alerts.notes)
    if not notes:
        return None
    return words(f"{'and ' if follows_alerts else ''}{count_of(notes, 'note')}").stylize(
        "$text-muted"
    )


def paragraphs(parts: Iterable[Content]) -> Content:
    """Return texts, a line each."""
    return Content("\n").join(parts)


def show_text(widget: Static, text: Content) -> None:
    """Show a text in a widget where it shows another: each update lays the whole screen out."""
    shown = widget.content
    if not (isinstance(shown, Content) and shown.is_same(text)):
        widget.update(text)


def section(title: str, lines: Iterable[str]) -> Iterator[Content]:
    """Yield a heading and the lines under it; nothing without lines."""
    shown = [words(line) for line in lines]
    if shown:
        yield Content.assemble((title, HEADING))
        yield from shown
        yield Content("")


def alerts_section(alerts: Alerts) -> Iterator[Content]:
    """Yield the alerts, the strongest first, each with its source."""
    shown = alerts.distinct().strongest_first()
    if shown:
        yield Content.assemble(("Alerts", HEADING))
        yield from (alert_line(alert, with_source=True) for alert in shown)
        yield Content("")


def visible(text: str) -> str:
    """Return `text` with a visible sign for each invisible one; nothing where all are visible.

    No pasted control sign reaches the terminal, and none is dropped in silence.
    """
    joiners = (
        "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # of the spelling of Persian and Hindi
    )
    seen = "".join(
        sign if sign.isprintable() or sign in joiners else "\N{REPLACEMENT CHARACTER}"
        for sign in text
    )
    return seen if seen != text else ""
