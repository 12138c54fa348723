"""The screen: it asks for a file and a paper, writes the summary, and opens nothing."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from dosing import UserError
from monitoring.summary import PatientSummary
from tui.app.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar

_ABOUT = (
    "The summary is written as a PDF file that only you can read. It is not opened: "
    "print it or hand it over from where it is."
)


class PrintOut(FormScreen):
    """Writes a patient's summary as a PDF file."""

    CSS_PATH = "print_out.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "write", "Write"),
        Binding("escape", "back", "Back"),
    ]

    def __init__(self, summary: PatientSummary) -> None:
        """Propose a file without the patient's name, in the folder the program was started in."""
        from reports.patient_summary import proposed_file_name  # noqa: PLC0415 - ReportLab is heavy

        super().__init__(summary)
        self._patient = summary
        proposed = str(Path.cwd() / proposed_file_name(summary))
        self._file = Field("File", read_path, text=proposed, example="summary.pdf", id="file")
        papers = [("A4", "A4"), ("US Letter", "LETTER")]
        self._paper = Choice("Paper", papers, "A4", id="paper")
        already = [("leave it as it is", False), ("replace it", True)]
        self._replaces = Choice("A file there", already, value=False, id="replaces")

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        yield PatientBanner(self._patient)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Print the summary"), classes="-heading")
            yield Static(words(_ABOUT), id="about")
            yield from (self._file, self._paper, self._replaces)
            yield Static(id="problem")
            yield Static(id="found")
        yield KeyBar()

    @property
    def has_unsaved_input(self) -> bool:
        """Nothing that is typed here is lost: only the name of a file."""
        return False

    def action_write(self) -> None:
        """Write the file."""
        self.query_one("#found", Static).update("")
        self._file.show_problem()
        file = self._file.value
        if file is None:
            self.tell_problem("A file is needed.")
        else:
            self.work_on(partial(self._write, file, self._paper.value, self._replaces.value))

    def _write(self, file: Path, paper: str, replaces: bool) -> Done:  # noqa: FBT001 - as chosen
        from monitoring.forecast import forecast_for  # noqa: PLC0415 - as the command does it
        from monitoring.summary import summarise  # noqa: PLC0415 - as above
        from reports.page import Paper  # noqa: PLC0415 - ReportLab is heavy
        from reports.patient_summary import patient_summary_pdf  # noqa: PLC0415 - as above
        from reports.pdf_file import write_pdf  # noqa: PLC0415 - as above

        if file.exists() and not replaces:
            raise UserError(f"{file} is there already: choose another name, or have it replaced.")
        store = self.sirolimus.records.store
        # The head first: it is then at most older than the record, and still one of the links.
        head = store.head()
        record = store.read(self._patient.record.number)
        now = self.sirolimus.now()
        summary, forecast = summarise(record, now), forecast_for(record, now)
        pdf = patient_summary_pdf(summary, head=head, forecast=forecast, paper=Paper[paper])
        write_pdf(pdf, file, force=replaces)
        return Done(f"Written: {file}")

    def after_done(self, message: Done) -> None:
        """Say where it is, and let it stand until the screen is left."""
        told = words(f"✓ {message.told}").stylize("bold $text-success")
        self.query_one("#found", Static).update(told)


def read_path(text: str) -> Path:
    """Return the file that was typed, from the folder the program was started in.

    Raises `UserError` for a name that no file can have.
    """
    if "\N{REPLACEMENT CHARACTER}" in text or "\0" in text:
        raise UserError("The file has a sign in its name that cannot be seen.")
    try:
        return Path(text.strip()).expanduser().absolute()
    except RuntimeError:
        raise UserError("There is no such user's folder: write the file's whole path.") from None
