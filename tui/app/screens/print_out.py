"""The screen: it asks for a file and a paper, writes the summary, and opens nothing."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Select, Static

from dosing import UserError
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar

_ABOUT = (
    "What is chosen is written as a PDF file that only you can read. It is not opened: "
    "print it or hand it over from where it is."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is to be written, and how."""

    file: Path
    is_card: bool
    paper: str
    replaces: bool
    password: str | None = field(repr=False)


class PrintOut(FormScreen):
    """Writes a patient's summary, or the dose card for the family, as a PDF file."""

    CSS_PATH = "print_out.tcss"
    ASKS_AFTER_CHANGES = False  # the record is read again for the page
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "write", "Write"),
        bound("back", "back"),
    ]

    def __init__(self, summary: PatientSummary) -> None:
        """Propose a file without the patient's name, in the folder the program was started in."""
        from reports.patient_summary import proposed_file_name  # noqa: PLC0415 - ReportLab is heavy

        super().__init__(summary)
        self._patient = summary
        names = (proposed_file_name(summary), proposed_file_name(summary, "dose-card"))
        self._proposed = [str(Path.cwd() / name) for name in names]
        self._file = Field(
            "File", read_path, text=self._proposed[0], example="summary.pdf", id="file"
        )
        self._password = _secret("Password", "none: the file is not encrypted", "password")
        self._again = _secret("The same again", "with a password", "again")
        papers = [("A4", "A4"), ("US Letter", "LETTER")]
        self._paper = Choice("Paper", papers, "A4", id="paper")
        kinds = [("the summary, for a colleague", False), ("the dose card, for the family", True)]
        self._is_card = Choice("What", kinds, value=False, id="what")
        already = [("leave it as it is", False), ("replace it", True)]
        self._replaces = Choice("A file there", already, value=False, id="replaces")

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        yield PatientBanner(self._patient)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Print"), classes="-heading")
            yield Static(words(_ABOUT), id="about")
            yield from (
                self._is_card,
                self._file,
                self._paper,
                self._replaces,
                self._password,
                self._again,
            )
            yield Static(id="problem")
            yield Static(id="found")
        yield KeyBar()

    @property
    def has_unsaved_input(self) -> bool:
        """Nothing that is typed here is lost: only the name of a file, or a password."""
        return False

    @on(Select.Changed)
    def _propose(self) -> None:
        """Let the file's name follow what is printed, unless another was typed."""
        if self._file.text in self._proposed:
            self._file.text = self._proposed[self._is_card.value]

    def action_write(self) -> None:
        """Write the file."""
        self.query_one("#found", Static).update("")
        self._file.show_problem()
        file = self._file.value
        # The text and not the value: of spaces alone there is no value, but they are a password.
        password = self._password.text
        if file is None:
            self.tell_problem("A file is needed.")
        elif self._password.problem:
            self.tell_problem(self._password.problem)
        elif password != self._again.text:
            self.tell_problem("The two passwords differ: nothing was written.")
        else:
            asked = _Asked(
                file=file,
                is_card=self._is_card.value,
                paper=self._paper.value,
                replaces=self._replaces.value,
                password=password or None,
            )
            self.work_on(partial(self._write, asked))

    def _write(self, asked: "_Asked") -> Done:
        from monitoring.recommendation.forecast import forecast_for  # noqa: PLC0415 - as the command does it
        from monitoring.summary import summarise  # noqa: PLC0415 - as above
        from reports.dose_card import dose_card  # noqa: PLC0415 - ReportLab is heavy
        from reports.page import Paper  # noqa: PLC0415 - as above
        from reports.patient_summary import patient_summary_pdf  # noqa: PLC0415 - as above
        from reports.pdf_file import write_pdf  # noqa: PLC0415 - as above

        file, paper = asked.file, Paper[asked.paper]
        if file.exists() and not asked.replaces:
            raise UserError(f"{file} is there already: choose another name, or have it replaced.")
        store = self.session.records.store
        # The head first: it is then at most older than the record, and still one of the links.
        head = store.head()
        record = store.read(self._patient.record.number)
        now = self.session.now()
        summary = summarise(record, now)
        if asked.is_card:
            pdf = dose_card(summary, paper)
        else:
            forecast = forecast_for(record, now)
            pdf = patient_summary_pdf(summary, head=head, forecast=forecast, paper=paper)
        write_pdf(pdf, file, force=asked.replaces, password=asked.password)
        return Done(f"Written{', encrypted' if asked.password else ''}: {file}")

    def after_done(self, message: Done) -> None:
        """Say where it is, and let it stand until the screen is left; forget the password."""
        self._password.text = self._again.text = ""
        told = words(f"✓ {message.told}").stylize("bold $text-success")
        self.query_one("#found", Static).update(told)


def _secret(label: str, example: str, name: str) -> Field[str]:
    return Field(label, _read_password, example=example, required=False, is_secret=True, id=name)


def _read_password(text: str) -> str:
    """Return the password; a sign that cannot be seen was replaced, and would be another one."""
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise UserError("The password has a sign that cannot be typed again: choose another one.")
    return text


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
