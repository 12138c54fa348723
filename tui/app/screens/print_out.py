"""The print-out: the summary, the dose card or the give-log as a PDF file, which is not opened."""

import os
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Button, Select, Static

from dosing import UserError, clean
from monitoring.files import home_path_of
from monitoring.summary import PatientSummary
from reports.languages import ENGLISH, LANGUAGES
from tui.app.actions import bound
from tui.app.documents import make_folder, open_on_desktop, unused
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.question import AnswerButton, ConfirmScreen

_ABOUT = "Writes a PDF file that only you can read. It is opened on request only."


_SUMMARY, _FULL, _CARD, _LOG = "summary", "full-summary", "dose-card", "give-log"
_DOCUMENTS = {
    _SUMMARY: "the summary, for a colleague",
    _FULL: "the summary with every entry, for a colleague",
    _CARD: "the dose card, for the family",
    _LOG: "the give-log of four weeks, for the family",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _PrintOptions:
    """The document, its file and its paper."""

    file: Path
    document: str
    """One of `_DOCUMENTS`."""
    language: str
    """The code of the language of a family's page."""
    paper: str
    replaces: bool
    password: str | None = field(repr=False)


@dataclass
class DocumentWritten(Done):
    """The document is written to a file."""

    file: Path | None = None


class PrintOut(FormScreen):
    """A form that writes a patient's summary, dose card or give-log as a PDF file."""

    CSS_PATH = "print_out.tcss"
    ASKS_AFTER_CHANGES = False  # the record is read again for the page
    AUTO_FOCUS = "#write"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "write", "Write"),
        bound("back", "back"),
        bound("open-file", "open_file"),
        bound("copy-path", "copy_path"),
    ]

    def __init__(self, summary: PatientSummary) -> None:
        """Propose a file without the patient's name, in the folder for documents."""
        from reports.patient_summary import proposed_file_name  # noqa: PLC0415 - ReportLab is heavy

        super().__init__(summary)
        self._patient = summary
        self._names = {each: proposed_file_name(summary, each) for each in _DOCUMENTS}
        self._proposed: dict[str, str] = {}
        self._written: Path | None = None
        self._file = Field("File", read_path, example="summary.pdf", id="file")
        self._password = _secret("Password", "none: the file is not encrypted", "password")
        self._again = _secret("Password again", "with a password", "again")
        papers = [("A4", "A4"), ("US Letter", "LETTER")]
        self._paper = Choice("Paper", papers, "A4", id="paper")
        kinds = [(label, name) for name, label in _DOCUMENTS.items()]
        self._document = Choice("What", kinds, value=_SUMMARY, id="what")
        languages = [(name, code) for code, name in LANGUAGES.items()]
        self._language = Choice("Language", languages, value=ENGLISH, id="language")
        already = [("keep it", False), ("replace it", True)]
        self._replaces = Choice("Existing file", already, value=False, id="replaces")

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        yield PatientBanner(self._patient)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Print"), classes="-heading")
            yield Static(words(_ABOUT), id="about")
            yield from (
                self._document,
                self._language,
                self._file,
                self._paper,
                self._replaces,
                self._password,
                self._again,
            )
            yield Static(id="problem")
            yield AnswerButton("Write", id="write")
            yield Static(id="result")
        yield KeyBar()

    def on_mount(self) -> None:
        """Propose the summary."""
        self._propose()

    @property
    def has_unsaved_input(self) -> bool:
        """False: the name of a file or a password is quickly typed again."""
        return False

    @on(Select.Changed)
    def _propose(self) -> None:
        """Let the file's name follow the document, unless another was typed."""
        self._language.display = self._document.value not in {_SUMMARY, _FULL}
        if self._file.text in {*self._proposed.values(), ""}:
            folder = self.session.documents
            self._proposed = {
                each: str(unused(folder / name)) for each, name in self._names.items()
            }
            self._file.text = self._proposed[self._document.value]

    @on(Select.Changed)
    @on(Field.Changed)
    def _forget_problem(self) -> None:
        """Clear what was wrong with the choices of before."""
        self.tell_problem("")

    @on(Button.Pressed)
    def _pressed(self) -> None:
        self.action_write()

    def action_write(self) -> None:
        """Write the file."""
        self.query_one("#result", Static).update("")
        self._file.show_problem()
        file = self._file.value
        # The text and not the value: spaces alone have no value, but they are a password.
        password = self._password.text
        if file is None:
            self.tell_problem("Enter a file.")
        elif self._password.problem:
            self.tell_problem(self._password.problem)
        elif password != self._again.text:
            self.tell_problem("The two passwords differ. Nothing was written.")
        else:
            options = _PrintOptions(
                file=file,
                document=self._document.value,
                language=self._language.value,
                paper=self._paper.value,
                replaces=self._replaces.value,
                password=password or None,
            )
            self._ask_and_write(options)

    @work
    async def _ask_and_write(self, options: "_PrintOptions") -> None:
        """Write the file; ask first for a plain one of encrypted records."""
        from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - is imported by now

        question = ConfirmScreen(
            "The records are encrypted and this PDF has no password. Write it nevertheless?",
            no="No",
            yes="Write it plain",
        )
        is_asked = options.password is None and is_encrypted(self.session.records.store.engine)
        if not is_asked or await self.app.push_screen_wait(question):
            self.work_on(partial(self._write, options))

    def _write(self, options: "_PrintOptions") -> Done:
        from monitoring.evaluation.track_record import track_record  # noqa: PLC0415 - as the command does it
        from monitoring.recall.printing import log_page_of_patient  # noqa: PLC0415 - as above
        from monitoring.recommendation.advice import forecast_for  # noqa: PLC0415 - as the command does it
        from monitoring.store.print_log import PrintedDocument  # noqa: PLC0415 - as above
        from monitoring.summary import summarise  # noqa: PLC0415 - as above
        from reports.dose_card import dose_card  # noqa: PLC0415 - ReportLab is heavy
        from reports.give_log import give_log  # noqa: PLC0415 - as above
        from reports.page import Paper  # noqa: PLC0415 - as above
        from reports.patient_summary import patient_summary_pdf  # noqa: PLC0415 - as above
        from reports.pdf_file import write_pdf  # noqa: PLC0415 - as above

        file, paper = options.file, Paper[options.paper]
        if os.path.lexists(file) and not options.replaces:
            raise UserError(f"{file} already exists. Choose another name, or replace it.")
        if file.parent == self.session.documents:
            make_folder(file.parent)
        store = self.session.records.store
        # The head first: it is then at most older than the record, and still one of the links.
        head = store.head()
        record = store.read(self._patient.record.number)
        now = self.session.now()
        summary = summarise(record, now, self.session.clinic)
        if options.document == _CARD:
            pdf = dose_card(summary, paper, options.language)
        elif options.document == _LOG:
            pdf = give_log(summary, paper, options.language)
        else:
            forecast = replace(
                forecast_for(record, now, clinic=self.session.clinic),
                track_record=track_record(store),
            )
            pdf = patient_summary_pdf(
                summary,
                head=head,
                forecast=forecast,
                paper=paper,
                is_full=options.document == _FULL,
            )
        told: list[str] = []
        document = PrintedDocument(options.document)
        log = partial(log_page_of_patient, store, document, summary, told.append)
        write_pdf(pdf, file, force=options.replaces, password=options.password, log=log)
        written = f"Written{', encrypted' if options.password else ''}: {file}"
        return DocumentWritten(" ".join([written, *told]), file=file)

    def after_done(self, message: Done) -> None:
        """Show the place of the file until the screen is left; forget the password."""
        self._written = message.file if isinstance(message, DocumentWritten) else None
        self.refresh_bindings()
        self._password.text = self._again.text = ""
        text = words(f"✓ {message.text}").stylize("bold $text-success")
        self.query_one("#result", Static).update(text)

    # --- the written file

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the written file only once there is one."""
        if action in {"open_file", "copy_path"}:
            return self._written is not None
        return super().check_action(action, parameters)

    def action_open_file(self) -> None:
        """Open the written file where there is a desktop; elsewhere say where it is."""
        if self._written is not None and not open_on_desktop(self._written):
            self.tell_problem(f"No desktop was found here. The file is {self._written}.")

    def action_copy_path(self) -> None:
        """Copy the path of the written file."""
        if self._written is not None:
            self.session.copy_to_clipboard(clean(str(self._written)))
            self.session.show_message(f"Copied: {self._written}")


def _secret(label: str, example: str, name: str) -> Field[str]:
    return Field(label, _read_password, example=example, required=False, is_secret=True, id=name)


def _read_password(text: str) -> str:
    """Return the password. Raises `UserError` for one with an invisible character."""
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise UserError("The password has an invisible character. Choose another one.")
    return text


def read_path(text: str) -> Path:
    """Return the typed file, from the folder the program was started in.

    Raises `UserError` for an impossible name.
    """
    if "\N{REPLACEMENT CHARACTER}" in text or "\0" in text:
        raise UserError("The name of the file has an invisible character. Type it again.")
    return home_path_of(text.strip()).absolute()
