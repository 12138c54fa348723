"""A table of many patients for research: its text, and the bar of the patients done."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dosing import UserError
from monitoring.files import read_file


def text_of_table(file: Path) -> str:
    """Return the text of a table. Raises `UserError` for a file that is none."""
    from dosing.quantities.reading_limits import TABLE_BYTES  # noqa: PLC0415 - used here only

    try:
        text = read_file(file, TABLE_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not UTF-8. Save it as CSV in UTF-8.") from None
    if "\0" in text:
        raise UserError(f"{file} holds a null character. It is damaged, or not CSV.")
    return text


@contextmanager
def patients_bar() -> "Iterator[Callable[[int, int | None], None]]":
    """Give the function to report progress; the bar is drawn on standard error of a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _everything: None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import Progress as Bar  # noqa: PLC0415 - as above

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Patients", total=None)
        yield lambda done, everything: bar.update(task, completed=done, total=everything)
