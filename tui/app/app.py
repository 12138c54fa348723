"""The terminal app over one set of records."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.filter import NoColor
from textual.message import Message
from textual.screen import Screen

from dosing import VERSION, UserError, clean
from monitoring.store.errors import LockedError, NoRecordsError
from tui.app.actions import CLINIC_ACTIONS, Action, bound
from tui.app.concurrent_changes import ChangedByOthers, LookFailed, look, showing_patient
from tui.app.documents import documents_folder
from tui.app.messages import EntryStored
from tui.app.screens.help import HelpScreen, KeysScreen
from tui.app.screens.lock import BlankScreen, LockScreen, TooSmallScreen, UnlockScreen
from tui.app.screens.worklist import WorklistScreen
from tui.app.settings import Settings
from tui.app.suspension import SuspendAsked, ask_before_suspending
from tui.app.themes import HIGH_CONTRAST, colours_of
from tui.app.typed_ahead import TypedAhead
from tui.app.widgets.line_input import LinesPasted
from tui.app.widgets.question import ConfirmScreen

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from monitoring.clinic_choices import ClinicChoices
    from monitoring.store.encryption.key_ring import Encryption
    from monitoring.store.opening import Records
    from monitoring.summary import PatientSummary
    from monitoring.times import Moment
    from monitoring.worklist_index.first_rows import FirstRows
    from tui.app.screens.patient import PatientScreen
    from tui.app.unsaved_form import UnsavedForm

Opener = Callable[[], "Records"]
"""Opens the records; called in a worker, once the first screen is painted."""
FirstReader = Callable[["Moment", "ClinicChoices"], "FirstRows | None"]
"""Reads the first rows of the worklist, before the records are opened; None where it cannot."""

_OTHERS_SEEN_AFTER_S = 30  # on the worklist
_CHANGES_SEEN_AFTER_S = 5  # on a patient
_CHANGE_SHOWN_FOR_S = 20
_IDLE_SEEN_AFTER_S = 1
_NEW_DAY_SEEN_AFTER_S = 5
_STORED_AFTER_S = 0.2
_SMALLEST = (60, 20)
_HIDDEN_COMMANDS = {
    "Screenshot",
    "Keys",
}  # the one writes the screen to a file; there is an own overview of keys


@dataclass
class RecordsOpened(Message):
    """The records are open."""

    records: "Records"


@dataclass
class FirstRowsRead(Message):
    """The first rows were read; the records are not open yet."""

    first: "FirstRows"


@dataclass
class RecordsLocked(Message):
    """The records are encrypted: their key file opens by a passphrase."""

    problem: str
    key_file: Path | None


@dataclass
class SummaryReady(Message):
    """The summary of the patient whose form was unsaved."""

    summary: "PatientSummary"
    form: "UnsavedForm"


@dataclass
class RecordsMissing(Message):
    """There are no records at the place: the reason, and what to do."""

    problem: str


@dataclass
class RecordsFailed(Message):
    """The records cannot be opened: the reason, and what to do."""

    problem: str


@dataclass
class RecordsWarning(Message):
    """A warning of the store about the records."""

    text: str


class SirolimusApp(App[None]):
    """The app. Screens see it as a `Session`."""

    TITLE = "Sirolimus"
    # Textual does not load the style of the screen that is there from the beginning by itself.
    CSS_PATH: ClassVar[Any] = ["app.tcss", "screens/worklist.tcss"]
    HORIZONTAL_BREAKPOINTS = [(0, "-small"), (72, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012 - as above
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("help", "help", priority=True),
        bound("keys", "keys"),
        bound("lock", "lock", show=False, priority=True),
        bound("quit", "quit", priority=True),
    ]

    def __init__(
        self,
        open_records: Opener,
        now: "Callable[[], Moment]",
        settings: Settings | None = None,
        *,
        begin_records: Opener | None = None,
        is_demo: bool = False,
    ) -> None:
        """Show the records that `open_records` opens; `now` gives the present moment.

        Where there are none, `begin_records` begins them if the user agrees.
        """
        super().__init__()
        self.register_theme(HIGH_CONTRAST)
        if self.no_color:
            self._filters[-1] = NoColor()  # Textual's own is of many greys
        self._open_records = open_records
        self._begin_records = begin_records
        self.first_rows: FirstReader | None = None
        """Reads the rows that are shown while the records are being opened."""
        self._records: Records | None = None
        self._settings = settings or Settings()
        self._last_touch = monotonic()
        self._day: date | None = None
        self._typed_ahead = TypedAhead(self, super().on_event)
        self._is_cut_off = False
        self._unshown_text = ""
        self._demo_folder: TemporaryDirectory[str] | None = None
        self._home = WorklistScreen()
        self._unsaved_form = b""  # encrypted while the app is locked
        self.now = now
        self.is_demo = is_demo
        """True where the patients are synthetic."""

    @property
    def records(self) -> "Records":
        """The open records; a screen that needs them is shown once they are open."""
        if self._records is None:
            raise UserError("The records are still being opened. Please wait.")
        return self._records

    @property
    def clinic(self) -> "ClinicChoices":
        """The clinic's choices in the settings."""
        return self._settings.clinic

    @property
    def documents(self) -> Path:
        """The folder of print-outs, by the settings."""
        return documents_folder(self._settings.documents)

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self._settings

    def use_settings(self, settings: Settings) -> None:
        """Use other settings from now on; keys are those of the start."""
        self._settings = settings
        self._apply_theme()

    def get_default_screen(self) -> Screen[Any]:
        """Return the worklist."""
        return self._home

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's colours, with text that can be read."""
        return super().get_css_variables() | dict(colours_of(self.current_theme.name))

    def on_mount(self) -> None:
        """Apply the settings."""
        self._apply_theme()
        self.set_keymap(dict(self._settings.keys))
        self.screen_change_signal.subscribe(self, self._typed_ahead.screen_comes, immediate=True)

    def _apply_theme(self) -> None:
        if self._settings.textual_theme in self.available_themes:
            self.theme = self._settings.textual_theme
        else:
            self.show_message(f"The theme {self._settings.theme} does not exist.", is_problem=True)

    def on_ready(self) -> None:
        """Open the records once the first screen is painted."""
        self._home.call_after_refresh(self._start_opening)
        self.set_interval(_OTHERS_SEEN_AFTER_S, self._home.look_again)
        self.set_interval(_CHANGES_SEEN_AFTER_S, self._look_for_changes)
        self._day = self.now().local.date()
        self.set_interval(_NEW_DAY_SEEN_AFTER_S, self.look_at_the_day)
        self.set_interval(_IDLE_SEEN_AFTER_S, self._lock_when_idle)
        ask_before_suspending(self.post_message)

    def on_unmount(self) -> None:
        """Remove a demo that was opened from here."""
        if self._demo_folder is not None:
            self._records = None
            self._demo_folder.cleanup()

    def _start_opening(self) -> None:
        """Show the first rows, then open the records: what is imported for that takes longer."""
        work = self._open if self.first_rows is None else self._read_first
        self.run_worker(work, thread=True, exit_on_error=False, group="open")

    def _read_first(self) -> None:
        first = self.first_rows(self.now(), self.clinic) if self.first_rows else None
        if first is None:
            self._open()
        else:
            self.post_message(FirstRowsRead(first))

    @on(FirstRowsRead)
    def _show_first(self, message: FirstRowsRead) -> None:
        self._home.show_first_rows(message.first)
        self._home.call_after_refresh(self._start_opening_records)

    def _start_opening_records(self) -> None:
        self.run_worker(self._open, thread=True, exit_on_error=False, group="open")

    def _open(self) -> None:
        try:
            self.post_message(RecordsOpened(self._open_records()))
        except LockedError as error:
            self.post_message(RecordsLocked(str(error), error.key_file))
        except NoRecordsError as error:
            self.post_message(RecordsMissing(str(error)))
        except UserError as error:
            self.post_message(RecordsFailed(str(error)))

    @on(RecordsOpened)
    def _opened(self, message: RecordsOpened) -> None:
        from monitoring.store.file_modes import open_to_others  # noqa: PLC0415 - after the first frame

        self._records = message.records
        message.records.store.watch.tell = lambda text: self.post_message(RecordsWarning(text))
        if message.records.is_new and not self.is_demo:
            self.show_message(f"New records were begun at {message.records.place}.")
        if seen_by_others := open_to_others(message.records.place.file):
            self.show_message(seen_by_others, is_problem=True)
        lack = message.records.lack
        if lack is None or lack.is_older_copy:
            self._home.show_records("an older copy" if lack else "")
            self._say_once_if_plain(message.records)
            if lack:
                self._warned(RecordsWarning(str(lack)))
            if self._unsaved_form:
                self._open_unsaved_form()
            return
        self._home.clear()  # the first rows may be of other records
        question = f"The records {lack.what}. Accept them only if you put this copy here yourself."
        asked = ConfirmScreen(question, no="Read only", yes="Accept them")
        self.push_screen(asked, self._answered_for_lack)

    def _say_once_if_plain(self, records: "Records") -> None:
        """Say once on this machine that records are not encrypted; empty ones offer it."""
        from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - is imported by now
        from monitoring.store.state_folder import NOT_ENCRYPTED, is_first_time  # noqa: PLC0415 - as above

        store = records.store
        is_plain = records.place.file is not None and not is_encrypted(store.engine)
        if self.is_demo or not is_plain or not store.watch.last.number:
            return
        if is_first_time(NOT_ENCRYPTED):
            self.show_message(
                "These records are not encrypted. Run sirolimus encrypt. Encrypt the disk, too."
            )

    def _answered_for_lack(self, is_accepted: bool | None) -> None:  # noqa: FBT001 - Textual's way
        if is_accepted:
            self.run_worker(self._accept, thread=True, exit_on_error=False, group="open")
        else:
            self._home.show_records("changes are missing: read only")

    def _accept(self) -> None:
        try:
            self.records.accept_head()
            self.post_message(RecordsOpened(self.records))
        except UserError as error:
            self.post_message(RecordsFailed(str(error)))

    @on(LinesPasted)
    def _lines_pasted(self, message: LinesPasted) -> None:
        self.show_message(message.text)

    @on(RecordsWarning)
    def _warned(self, message: RecordsWarning) -> None:
        self.show_message(message.text, is_problem=True, seconds=_CHANGE_SHOWN_FOR_S)

    @on(RecordsLocked)
    def _ask_passphrase(self, message: RecordsLocked) -> None:
        self._home.clear()
        self._home.show_problem(message.problem)
        if message.key_file is not None:
            self.push_screen(UnlockScreen(message.key_file), self._unlocked)

    def _unlocked(self, _: object) -> None:
        self.clear_notifications()  # of what failed because the key was dropped
        self._start_opening()

    @on(RecordsMissing)
    def _ask_to_begin(self, message: RecordsMissing) -> None:
        self._home.clear()
        self._home.show_problem(message.problem)
        if self._begin_records is not None:
            self.push_screen(
                ConfirmScreen(
                    f"{message.problem}\n\nBegin new records here?",
                    no="No",
                    yes="Begin new records",
                ),
                self._begin_if_agreed,
            )

    def _begin_if_agreed(self, agreed: bool | None) -> None:  # noqa: FBT001 - Textual calls it
        if agreed and self._begin_records is not None:
            self._open_records = self._begin_records
            self._start_opening()

    @on(RecordsFailed)
    def _failed(self, message: RecordsFailed) -> None:
        self._home.clear()
        self._home.show_problem(message.problem)

    @on(EntryStored)
    def _entry_stored(self, message: EntryStored) -> None:
        self._home.look_again()
        if not message.is_shown:
            for screen in self._patient_screens():
                screen.read_again()

    def show_summary(self, summary: "PatientSummary") -> None:
        """Show a patient's new summary after an entry; the record need not be read again."""
        for screen in self._patient_screens():
            screen.show_summary(summary)

    def neighbour(self, patient: int, step: int) -> int | None:
        """Return the patient so many lines below another in the worklist; None beyond its ends."""
        return self._home.neighbour(patient, step)

    def look_at_the_day(self) -> None:
        """Show the new day on every screen that shows a day, once midnight is past."""
        day = self.now().local.date()
        if day != self._day:
            self._day = day
            for screen in self.screen_stack:
                if new_day := getattr(screen, "new_day", None):
                    new_day()

    def drop_typed_ahead(self, why: str) -> None:
        """Drop the keys that were typed for a screen that does not come, and say why."""
        self._typed_ahead.drop(why)

    # --- concurrent changes

    def on_app_focus(self) -> None:
        """Look for others' changes when the user comes back to the terminal."""
        self._home.look_again()
        self._look_for_changes()

    def _look_for_changes(self) -> None:
        """Look in a worker for changes by others to the patient on the screen."""
        screens = showing_patient(self.screen_stack)
        if screens and screens[0].summary and not any(each.is_busy for each in screens):
            known = screens[0].summary
            looking = partial(self._look, known)
            self.run_worker(looking, thread=True, group="concurrent-changes", exclusive=True)

    def _look(self, known: "PatientSummary") -> None:
        try:
            changed = look(self.records.store, known, self.now())
            self.post_message(changed or LookFailed())
        except UserError as error:
            self.post_message(LookFailed(str(error)))

    @on(ChangedByOthers)
    def _changed_by_others(self, message: ChangedByOthers) -> None:
        record, screens = message.summary.record, showing_patient(self.screen_stack)
        known = [each.summary.record for each in screens if each.summary]
        is_of_another = any(each.number != record.number for each in known)
        # A screen that reads or writes meanwhile is looked at the next time.
        if is_of_another or any(each.is_busy for each in screens) or not screens:
            return
        is_later = known[0].revision < record.revision
        is_same = known[0].revision == record.revision
        if is_later or (is_same and known[0].limits != record.limits):
            for screen in screens:
                screen.record_changed(message)
            self._unshown_text = message.text
            self._show_pending()

    def _show_pending(self, _: object = None) -> None:
        """Show it now, or once the screen is blank no longer."""
        if self._unshown_text and not isinstance(self.screen, BlankScreen):
            self.show_message(self._unshown_text, seconds=_CHANGE_SHOWN_FOR_S)
            self._unshown_text = ""

    @on(LookFailed)
    def _look_failed(self, message: LookFailed) -> None:
        if message.problem and not self._is_cut_off:
            self.show_message(
                f"Changes by others cannot be seen now. {message.problem}", is_problem=True
            )
        self._is_cut_off = bool(message.problem)

    def _patient_screens(self) -> "list[PatientScreen]":
        from tui.app.screens.patient import PatientScreen  # noqa: PLC0415 - when one is open

        return [each for each in self.screen_stack if isinstance(each, PatientScreen)]

    def open_again(self) -> None:
        """Open the records again, which are encrypted now."""
        self._start_opening()

    def open_demo(self) -> None:
        """Go over to the synthetic clinic; it is removed when the app is left."""
        from monitoring.demo.clinic import demo_records  # noqa: PLC0415 - the database is heavy

        self._demo_folder = TemporaryDirectory(prefix="sirolimus-demo-")
        self._open_records = partial(demo_records, Path(self._demo_folder.name))
        self.first_rows = None
        self.is_demo = True
        self._start_opening()

    # --- actions

    def offered(self, screen: Screen[Any]) -> list[tuple[Action, Callable[[], None]]]:
        """Return the actions that apply on a screen, each with the function that starts it."""
        opens = getattr(screen, "action_open", None)
        if opens is None:
            return []
        from tui.app.all_actions import PATIENT_ACTIONS  # noqa: PLC0415 - the records are heavy

        actions = [*PATIENT_ACTIONS, *CLINIC_ACTIONS]
        names = {each.binding.id for each in screen.active_bindings.values()}
        return [(each, partial(opens, each.name)) for each in actions if each.name in names]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield the actions that apply now, then the app's own commands."""
        for action, start in self.offered(screen):
            yield SystemCommand(action.title, action.description, start)
        yield SystemCommand("All keys", "Show every key that works now", self.action_keys)
        for command in super().get_system_commands(screen):
            if command.title not in _HIDDEN_COMMANDS:
                yield command

    def action_help(self) -> None:
        """Show help for the part of the screen with the focus."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_keys(self) -> None:
        """Show every key."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(KeysScreen(self.screen))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow nothing but leaving while the screen is blank."""
        if isinstance(self.screen, BlankScreen) and action != "quit":
            return False
        return super().check_action(action, parameters)

    def show_message(
        self, message: str, *, is_problem: bool = False, seconds: float | None = None
    ) -> None:
        """Show a message, never as mark-up, for so long or as long as usual."""
        severity: SeverityLevel = "error" if is_problem else "information"
        self.notify(clean(message), markup=False, severity=severity, timeout=seconds)

    # --- blank screens

    async def on_event(self, event: events.Event) -> None:
        """Remember the time of the last key or click; a key waits for the one before it."""
        if isinstance(event, events.Key | events.MouseDown | events.Paste):
            self._last_touch = monotonic()
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._typed_ahead.take(event)
        else:
            await super().on_event(event)

    def _lock_when_idle(self) -> None:
        minutes = self._settings.idle_minutes
        if minutes and monotonic() - self._last_touch >= 60 * minutes:
            self.lock()

    def action_lock(self) -> None:
        """Lock the app."""
        self.lock()

    @on(SuspendAsked)
    def _lock_before_suspending(self, message: SuspendAsked) -> None:
        self.lock()
        if isinstance(self.screen, LockScreen | UnlockScreen):
            self.call_after_refresh(message.proceed)
        else:
            self.set_timer(_STORED_AFTER_S, partial(self.post_message, message))

    def lock(self) -> None:
        """Drop the key of encrypted records and clear the screens, until the passphrase is given.

        Over plain records the screen is blank until a key is pressed. While an entry is being
        stored nothing happens but another try a moment later.
        """
        if isinstance(self.screen, LockScreen | UnlockScreen):
            return
        self._typed_ahead.forget()
        encryption = self._encryption()
        if encryption is None:
            self.push_screen(LockScreen(), self._show_pending)
            return
        from monitoring.store.encryption.key_ring import KEY_RING  # noqa: PLC0415 - for encrypted records only
        from tui.app.screens.form_screen import FormScreen  # noqa: PLC0415 - as above
        from tui.app.unsaved_form import UnsavedForm  # noqa: PLC0415 - as above

        forms = [each for each in self.screen_stack if isinstance(each, FormScreen)]
        if any(each.is_busy for each in forms):
            self.set_timer(_STORED_AFTER_S, self.lock)
            return
        if unsaved := UnsavedForm.among(forms):
            self._unsaved_form = KEY_RING.key_of(encryption).hidden(unsaved.text())
        KEY_RING.lock()
        self._clipboard = ""  # what was copied cannot be pasted into the passphrase's field
        self.workers.cancel_all()
        self.clear_notifications()
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self._home.clear()
        self.push_screen(UnlockScreen(encryption.key_file), self._unlocked)

    def _encryption(self) -> "Encryption | None":
        """Return the encryption of the open records, None for plain or closed ones."""
        if self._records is None:
            return None
        from monitoring.store.connection import encryption_of  # noqa: PLC0415 - is imported by now

        return encryption_of(self._records.store.engine)

    def _open_unsaved_form(self) -> None:
        """Open the form that was unsaved when the app was locked, with what was typed."""
        from monitoring.store.encryption.key_ring import KEY_RING  # noqa: PLC0415 - as above
        from tui.app.unsaved_form import UnsavedForm  # noqa: PLC0415 - as above

        encryption, hidden = self._encryption(), self._unsaved_form
        if encryption is None:
            return
        self._unsaved_form = b""
        form = UnsavedForm.of_text(KEY_RING.key_of(encryption).shown(hidden))
        if not form.action:
            self.show_message(f"The form was closed. It held: {form.typed}", seconds=60)
        elif form.patient is None:
            self.run_worker(self._open_form(form))
        else:
            self.run_worker(partial(self._summarise, form, form.patient), thread=True)

    def _summarise(self, form: "UnsavedForm", patient: int) -> None:
        from monitoring.summary import summarise  # noqa: PLC0415 - in a worker

        try:
            record = self.records.store.read(patient)
            self.post_message(SummaryReady(summarise(record, self.now(), self.clinic), form))
        except UserError as error:
            self.post_message(LookFailed(str(error)))

    @on(SummaryReady)
    async def _open_patient_and_form(self, message: SummaryReady) -> None:
        from tui.app.screens.patient import PatientScreen  # noqa: PLC0415 - when one is open

        await self.push_screen(PatientScreen(message.summary))
        await self._open_form(message.form, message.summary)

    async def _open_form(self, form: "UnsavedForm", *about: "PatientSummary") -> None:
        from tui.app.all_actions import ACTIONS  # noqa: PLC0415 - the records are heavy

        screen = ACTIONS[form.action].screen(*about)
        await self.push_screen(screen)
        screen.call_after_refresh(form.fill_in, screen)

    def on_resize(self, event: events.Resize) -> None:
        """Blank the screen while the terminal is too small."""
        is_small = event.size.width < _SMALLEST[0] or event.size.height < _SMALLEST[1]
        if is_small and not isinstance(self.screen, BlankScreen):
            self.push_screen(TooSmallScreen(_SMALLEST), self._show_pending)
        elif not is_small and isinstance(self.screen, TooSmallScreen):
            self.pop_screen()
            self._show_pending()

    # --- faults

    def _fatal_error(self) -> None:
        """End the app after a fault, with its place and without the values it was working on."""
        self.panic(Text(fault_report(self._exception)))

    def _handle_exception(self, error: Exception) -> None:
        """Never let an error render itself: it may hold a patient's data."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._fatal_error()


def fault_report(fault: BaseException | None) -> str:
    """Return a report of a fault, without patient data."""
    frames = traceback.extract_tb(fault.__traceback__) if fault else []
    lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    heading = (
        "sirolimus: the program failed. Everything stored before is safe. Please report these "
        f"lines; they hold no patient data ({type(fault).__name__}, version {VERSION}):"
    )
    return "\n".join([heading, *lines])
