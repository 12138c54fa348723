"""The import of lab results: file and mapping, the preview, and only then the import."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.message import Message
from textual.widgets import DataTable, Static

from monitoring.times import Moment
from tui.app.actions import bound
from tui.app.import_preview import first_patient, preview_rows
from tui.app.messages import EntryStored
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.screens.print_out import read_path
from tui.app.text import cell, words, wrapped_cell
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.progress import Progress, Progressed

if TYPE_CHECKING:
    from monitoring.exchange.import_plan import Plan
    from monitoring.exchange.laboratory_file.guess import Guess
    from tui.app.screens.guess_mapping import GuessMapping

_SHOWN_EVERY_ROWS = 200
_OTHER_COLUMNS = 28  # with margins and the scroll bar
_NARROWEST = 30


@dataclass
class ImportPreviewed(Message):
    """The plan of an import: what a file would add by a mapping."""

    file: Path
    mapping: Path | None
    plan: "Plan"


@dataclass
class MappingGuessed(Message):
    """The mapping of a file is guessed, and waits to be confirmed."""

    file: Path
    guess: "Guess"


class ImportResults(FormScreen):
    """A form that imports a laboratory's file: all of its good rows, or nothing."""

    CSS_PATH = "import_results.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("preview", "preview"),
        bound("back", "back"),
        bound("store", "write", "Import"),
        bound("new-mapping", "new_mapping"),
        bound("waiting-results", "waiting"),
    ]

    def __init__(self) -> None:
        """Begin without a file."""
        super().__init__()
        self._file = Field("File", read_path, example="results.csv or results.xlsx", id="file")
        self._mapping = Field(
            "Mapping", read_mapping_name, example="kept mapping", required=False, id="mapping"
        )
        self._skips = Choice(
            "Refused rows",
            [("import nothing", False), ("skip them, import the others", True)],
            value=False,
            id="skips",
        )
        self._progress = Progress(id="progress")
        self._counts = Static(id="counts")
        self._rows: DataTable[object] = DataTable(cursor_type="row", zebra_stripes=True, id="rows")
        self._plan: Plan | None = None

    def compose(self) -> ComposeResult:
        """Lay the preview below the fields."""
        with Vertical(id="form"):
            yield Static(words("Import lab results"), classes="-heading")
            yield from (self._file, self._mapping, self._skips)
            yield Static(id="problem")
            yield from (self._progress, self._counts)
        yield self._rows
        yield KeyBar()

    def on_mount(self) -> None:
        """Name the columns of the preview."""
        self._fill()

    @property
    def has_unsaved_input(self) -> bool:
        """True while a preview waits to be imported."""
        return self._plan is not None and self._plan.stores_something

    @on(Field.Changed)
    def _forget(self) -> None:
        """Drop the preview: it is for the earlier file or mapping."""
        self._plan = None
        self._counts.update("")
        self._rows.clear()
        self.tell_problem("")

    # --- preview

    def action_preview(self) -> None:
        """Read the file and show what it would add; nothing is written."""
        self._begin(self._preview)

    def action_new_mapping(self) -> None:
        """Guess the columns of the file, and have them checked."""
        self._begin(self._guess)

    def _begin(self, doing: Callable[[Path, Path | None], Done]) -> None:
        for field in (self._file, self._mapping):
            field.show_problem()
        file = self._file.value
        self._forget()
        if file is None or self._mapping.problem:
            self.tell_problem("Enter the file of the results.")
        else:
            self.work_on(partial(doing, file, self._mapping.value))

    def _preview(self, file: Path, mapping: Path | None) -> Done:
        plan = self._plan_of(file, mapping)
        if plan is None:
            return self._guess(file, mapping)
        self.post_message(ImportPreviewed(file, mapping, plan))
        return Done("Nothing is written yet.")

    def _plan_of(self, file: Path, mapping_file: Path | None) -> "Plan | None":
        """Return the plan of a file, or None for a laboratory's file that needs a mapping."""
        from monitoring.exchange.import_plan import ImportChoices  # noqa: PLC0415 - heavy
        from monitoring.exchange.importing import plan_import  # noqa: PLC0415 - as above
        from monitoring.exchange.source import (  # noqa: PLC0415 - as above
            LABORATORY,
            content_of_source,
            items_of,
            kept_mapping_for,
            source_kind,
            stated_for,
        )

        content = content_of_source(file)
        kind = source_kind(content)
        if mapping_file is None and (kept := kept_mapping_for(content, kind)):
            mapping_file = kept.file
        if mapping_file is None and kind in LABORATORY:
            return None
        stated = stated_for(kind, mapping_file)
        now = Moment(self.session.now().utc, stated.time_zone)
        store, clinic = self.session.records.store, self.session.clinic
        return plan_import(
            store, items_of(content, kind, stated), kind, now, self._tell, clinic=clinic,
            choices=ImportChoices(file=file.name),
        )  # fmt: skip

    def _guess(self, file: Path, _mapping: Path | None, sheet: str | None = None) -> Done:
        from monitoring.exchange.laboratory_file.guess import guess_mapping  # noqa: PLC0415 - heavy
        from monitoring.exchange.laboratory_file.layout import content_of  # noqa: PLC0415 - as above

        guess = guess_mapping(content_of(file), self.session.now().zone, sheet)
        self.post_message(MappingGuessed(file, guess))
        return Done("")

    @on(MappingGuessed)
    def _confirm(self, message: MappingGuessed) -> None:
        from tui.app.screens.guess_mapping import GuessMapping  # noqa: PLC0415 - used here only

        screen = GuessMapping(message.file, message.guess)
        self.app.push_screen(screen, lambda _kept: self._go_on(screen, message.file))

    def _go_on(self, screen: "GuessMapping", file: Path) -> None:
        """Preview by the mapping that was kept, or guess again from the sheet that was chosen."""
        if file != self._file.value:
            return
        if screen.sheet is not None:
            self.work_on(partial(self._guess, file, None, screen.sheet))
        elif screen.kept is not None:
            self._mapping.text = screen.kept.name
            self.action_preview()

    def _tell(self, done: int, everything: int) -> None:
        if done % _SHOWN_EVERY_ROWS == 0 or done == everything:
            self.post_message(Progressed(done, everything))

    @on(Progressed)
    def _follow(self, message: Progressed) -> None:
        self._progress.show_part("Rows", message.done, message.everything)

    @on(ImportPreviewed)
    def _show(self, message: ImportPreviewed) -> None:
        from reports.presentation.imports import (  # noqa: PLC0415 - not before a file is read
            count_rows,
        )

        if (message.file, message.mapping) != (self._file.value, self._mapping.value):
            return
        self._plan = message.plan
        counts = " · ".join(f"{name.strip()}: {count}" for name, count in count_rows(self._plan))
        self._counts.update(words(counts))
        self._fill()

    def on_resize(self, _event: Resize) -> None:
        """Use the room."""
        self._fill()

    def _fill(self) -> None:
        """Show each row of the preview in full."""
        width = max(self.size.width - _OTHER_COLUMNS, _NARROWEST)
        self._rows.clear(columns=True)
        for heading, columns in (("row", 6), ("", 10), ("what", width)):
            self._rows.add_column(cell(heading), width=columns)
        for row, sign, what in preview_rows(self._plan) if self._plan else ():
            text = wrapped_cell(what, width)
            height = len(text.plain.splitlines()) or 1
            self._rows.add_row(cell(row), cell(sign), text, height=height)

    def action_waiting(self) -> None:
        """List the results that wait for their patient."""
        from tui.app.screens.waiting_results import WaitingResults  # noqa: PLC0415 - used here only

        self.app.push_screen(WaitingResults())

    # --- writing

    def action_write(self) -> None:
        """Import what the preview shows."""
        plan = self._plan
        if plan is None:
            self.tell_problem("Preview the file first.")
        elif plan.refused and not self._skips.value:
            self.tell_problem(
                "Some rows are refused. Correct the file or the mapping, or choose to skip these "
                "rows."
            )
        elif not plan.stores_something:
            self.tell_problem("The file adds nothing.")
        else:
            self.work_on(partial(self._write, plan))

    def _write(self, plan: "Plan") -> Done:
        from monitoring.exchange.importing import import_results  # noqa: PLC0415 - heavy
        from reports.presentation.imports import written_words  # noqa: PLC0415 - as above

        kept = import_results(self.session.records, plan, self._tell)
        before = f" A copy of the earlier records is in {kept}." if kept else ""
        return Done(f"{written_words(plan)}{before}", first_patient(plan))

    def after_done(self, message: Done) -> None:
        """Show the result; the preview ends once entries were written."""
        self._progress.clear_away()
        if message.record_number is None:
            if self._plan is None and message.text:
                self._counts.update(words(f"✓ {message.text}"))
            return
        self.app.post_message(EntryStored(message.record_number))
        self._plan = None
        self._rows.clear()
        self._counts.update(words(f"✓ {message.text}").stylize("bold $text-success"))


def read_mapping_name(text: str) -> Path:
    """Return the file of a mapping that is kept by this name, or else of this path.

    Raises `UserError` for an impossible name.
    """
    from monitoring.exchange.laboratory_file.kept_mappings import (  # noqa: PLC0415 - used here only
        kept_file,
    )

    return kept_file(text) or read_path(text)
