"""A table of many patients for research: its lines, and the bar of the patients done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dosing import UserError
from monitoring.files import read_lines
from tui.cli.plain_mode import draws_bars


def table_lines(file: Path) -> Iterator[str]:
    """Yield the lines of a table. Raises `UserError` for a file that cannot be read."""
    from dosing.quantities.reading_limits import (  # noqa: PLC0415 - used here only
        TABLE_BYTES,
        TABLE_LINE_CHARACTERS,
    )

    try:
        yield from read_lines(file, TABLE_BYTES, TABLE_LINE_CHARACTERS)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from None


def text_of_table(file: Path) -> str:
    """Return the whole text of a table. Raises as `table_lines` does."""
    return "\n".join(table_lines(file))


@contextmanager
def progress_bar(what: str, everything: int | None) -> "Iterator[Callable[[int], None]]":
    """Give the function to report some more; the bar is drawn on standard error of a terminal."""
    if not draws_bars():
        yield lambda _more: None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import Progress  # noqa: PLC0415 - as above

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=everything)
        yield lambda more: bar.update(task, advance=more)
