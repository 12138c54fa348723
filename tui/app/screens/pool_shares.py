"""The pool: the figures of several clinics together, from the files of their shares."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from dosing import UserError
from dosing.quantities.reading_limits import SHARES
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.screens.print_out import read_path
from tui.app.text import words
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.pooled_pages import pool_parts
from tui.rich_page import Page

if TYPE_CHECKING:
    from monitoring.pooling.pool import PooledReport

_ABOUT = "Compare each fingerprint with its clinic by telephone. Nothing is stored."


@dataclass
class PoolReady(Done):
    """The pooled report."""

    report: "PooledReport | None" = None


class PoolShares(FormScreen):
    """A form for the files of the clinics, with the pooled report below it."""

    CSS_PATH = "pool_shares.tcss"
    BESIDE = "#report"
    HELP = (
        "The figures of several clinics together, beside those of Nadal 2016. Enter the files that "
        "the clinics have shared, or a folder of them. Two numbers with a dash are bounds: a "
        "clinic publishes no count of fewer than 5 patients."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "pool", "Pool"),
        bound("back", "back"),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]

    def __init__(self) -> None:
        """Begin without a file."""
        super().__init__()
        self._files = Field(
            "Shares", read_shares, example="a.json; b.json, or a folder of them", id="files"
        )
        self._pdf = Field(
            "PDF", read_path, required=False, example="write a new PDF file, too", id="pdf"
        )

    def compose(self) -> ComposeResult:
        """Lay the report below the fields."""
        with Vertical(id="form"):
            yield Static(words("Pool of several clinics"), classes="-heading")
            yield Static(words(_ABOUT), id="about")
            yield from (self._files, self._pdf)
            yield Static(id="problem")
        with VerticalScroll(id="report", can_focus=False):
            yield Static()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the files."""
        self._files.begin()

    @property
    def has_unsaved_input(self) -> bool:
        """False: the names of files are quickly typed again."""
        return False

    def action_pool(self) -> None:
        """Read the shares and show their report; write it where a file was typed."""
        for field in (self._files, self._pdf):
            field.show_problem()
        files = self._files.value
        self.query_one("#report Static", Static).update("")
        if files is None or self._pdf.problem:
            self.tell_problem("Enter the files of the shares.")
        else:
            self.work_on(partial(self._pool, files, self._pdf.value))

    def _pool(self, files: tuple[Path, ...], pdf: Path | None) -> Done:
        from monitoring.pooling.pool import pool  # noqa: PLC0415 - the cohort is heavy
        from monitoring.pooling.share_file import read_share  # noqa: PLC0415 - as above

        report = pool([read_share(each) for each in files])
        if pdf is None:
            return PoolReady("", report=report)
        from reports.pdf_file import write_pdf  # noqa: PLC0415 - ReportLab is heavy
        from reports.pooled_report import pooled_report  # noqa: PLC0415 - as above

        write_pdf(pooled_report(report, self.session.now()), pdf)
        return PoolReady(f"Written: {pdf}", report=report)

    def after_done(self, message: Done) -> None:
        """Show the report."""
        report = message.report if isinstance(message, PoolReady) else None
        if report is not None:
            self.query_one("#report Static", Static).update(Page(pool_parts(report)))
        if message.text:
            self.session.show_message(message.text)


def read_shares(text: str) -> tuple[Path, ...]:
    """Return the files of shares, separated by semicolons; of a folder its JSON files.

    Raises `UserError` for an impossible name, a folder without one, and too many files.
    """
    found: list[Path] = []
    for name in filter(str.strip, text.split(";")):
        path = read_path(name)
        if path.is_dir():
            inside = sorted(path.glob("*.json"))
            if not inside:
                raise UserError(f"{path} has no JSON file. Enter the files of the shares.")
            found += inside
        else:
            found.append(path)
    SHARES.check(len(found), "The pool")
    return tuple(found)
