"""Text that means harm: in every field, in every stored text, on every screen, in a terminal."""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select
from textual.worker import Worker

from dosing import ORAL_SOLUTION, REVIEW, Override, QuantityKind, Sex, clean, read_quantity
from dosing.quantities.text import LONGEST_AUTHOR
from monitoring.prescribing import typed_prescription
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.record.response import Criterion, Response
from monitoring.store.opening import Records
from monitoring.times import Moment
from tests.tui.app.shown import ZONE, open_patient, running, screen_text_of, until, until_shown
from tests.tui.app.walks import TABS, leave
from tests.tui.places import new_records
from tui.app.actions import CLINIC_ACTIONS, Action
from tui.app.all_actions import PATIENT_ACTIONS
from tui.app.screens.patient import PatientScreen
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.worklist_table import WorklistTable

HOSTILE = (
    "[/]",
    "[red]x[/red]",
    "[@click=app.quit]x[/]",
    "<img src=x>",
    "Łukasz",
    "=1+1",
    "שלום",
    "\N{RIGHT-TO-LEFT OVERRIDE}abc\N{POP DIRECTIONAL FORMATTING}",
    "\x1b[31mred",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x9b35mcsi\x9d0;title\x9c",
    "a\N{ZERO WIDTH SPACE}b\N{ZERO WIDTH NO-BREAK SPACE}",
    "\N{DROP OF BLOOD}",
    "two\nlines\tand\ra tab",
)
ALL = " ".join(HOSTILE)
LONG = "Łukasz[/]" * 34  # 306 signs and no place to break
EVERY_TEXT = pytest.mark.parametrize(
    "text",
    [
        f"{ALL} {LONG}",
        *(pytest.param(text, marks=pytest.mark.campaign) for text in (ALL, LONG)),
    ],
    ids=["all and long", "all", "long"],
)
SIZES = [(60, 20), (80, 24), (140, 40)]
_SHOWS_NOTHING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_PATIENCE_S = 120
_QUIET_S = 0.4


def entries(text: str) -> Iterator[Entry]:
    """Yield an entry of each kind, with a text wherever one can stand."""
    at, day = Moment.read("2026-11-20T07:50", ZONE), date(2026, 11, 20)
    since = Moment.read("2026-11-01T08:00", ZONE)
    yield Measurement(on=day, weight=read_quantity("12.4 kg", QuantityKind.WEIGHT),
                      height=read_quantity("88 cm", QuantityKind.HEIGHT), reason=text)  # fmt: skip
    yield typed_prescription(
        since=since, dose_mg=Decimal("0.44"), times_a_day=2, product=ORAL_SOLUTION,
        protocol=REVIEW, override=Override(text, text), reason=text,
    )  # fmt: skip
    yield Level(sampled=at, value=read_quantity("7.2 ng/mL", QuantityKind.LEVEL), laboratory=text,
                reason=text)  # fmt: skip
    yield LaboratoryValue(test=text, at=at, value=LaboratoryQuantity(Decimal(35), "U/L"),
                          laboratory=text)  # fmt: skip
    yield AdverseEvent(term=text, since=day, text=text)
    yield CoMedication(drug=text, since=day, text=text)
    yield MissedDose(at=at, kind=NotGiven.MISSED, reason=text)
    held = Moment.read("2026-11-22T08:00", ZONE)  # so that a restart is offered
    yield MissedDose(at=held, kind=NotGiven.HELD, is_open=True, reason=text)
    yield Response(on=day, criterion=Criterion.CLINICAL, improved=True, text=text)
    yield Note(on=day, text=text)


def hostile_records(place: Path, text: str) -> Records:
    """Return new records in which every text is a hostile one."""
    records = new_records(place, clean(text)[:LONGEST_AUTHOR])
    patient = Patient(
        record_number=clean(text)[:40], name=text, born=date(2024, 8, 23), sex=Sex.MALE,
        diagnosis=text, allergies=text,
    )  # fmt: skip
    number = records.store.add_patient(patient).number
    for entry in entries(text):
        records.store.add(number, entry)
    note = records.store.add(number, Note(on=date(2026, 11, 20), text=text))
    records.store.void(note.number, text)
    return records


def assert_harmless(pilot: Pilot[Any]) -> None:
    """Hold that the screen holds no sign that commands a terminal or hides itself."""
    painted = screen_text_of(pilot).replace("\n", "")
    assert not {sign for sign in painted if unicodedata.category(sign) in _SHOWS_NOTHING}


@EVERY_TEXT
async def test_every_field_of_every_form_takes_what_it_is_given(tmp_path: Path, text: str) -> None:
    records = hostile_records(tmp_path / "records.sqlite", "Sample")
    async with running(records, (60, 20)) as pilot:
        forms = [each for each in CLINIC_ACTIONS if each.name != "cohort"]
        await fill_every_form(pilot, forms, text)
        await pilot.press("slash")
        for searched in (*HOSTILE, text, ""):
            pilot.app.screen.query_one(Input).value = searched
            await pilot.pause()
            assert_harmless(pilot)
        await until_shown(pilot, "1 patient\n")
        await pilot.press("escape")
        await open_patient(pilot, "Sample")
        patient = pilot.app.screen
        forms = [each for each in PATIENT_ACTIONS if patient.check_action("open", (each.name,))]
        await fill_every_form(pilot, [each for each in forms if each.name != "undo"], text)
        await pilot.press("2", "v")
        await fill_form(pilot, text)
        await leave(pilot, 2)
        await pilot.press("0")
        await until_shown(pilot, "What if")
        await pilot.press("u")
        await fill_form(pilot, text)


async def fill_every_form(pilot: Pilot[Any], actions: list[Action], text: str) -> None:
    """Open the form of each action by its key, and fill it."""
    depth = len(pilot.app.screen_stack)
    for action in actions:
        await pilot.press(action.key)
        assert len(pilot.app.screen_stack) == depth + 1, action.name
        await fill_form(pilot, text)
        await leave(pilot, depth)


async def fill_form(pilot: Pilot[Any], text: str) -> None:
    """Put a text into each field, choose the last of each choice, and try to store it."""
    screen = pilot.app.screen
    fields = list(screen.query(Field))
    assert fields
    for field in fields:
        field.text = text
    await pilot.pause()
    for choice in screen.query(Select):
        choice.value = choice._options[-1][1]  # noqa: SLF001 - as one does with the keys
    await pilot.pause()
    for field in fields:
        kept = field.text.replace("\N{REPLACEMENT CHARACTER}", "").replace("\n", "")
        assert kept == "".join(sign for sign in text if sign.isprintable())
    assert_harmless(pilot)
    for name in ("why", "write", "accept", "store", "verify", "back_up", "keep"):
        act = getattr(screen, f"action_{name}", None)
        if act is not None and name not in {"write", "back_up"}:  # no files by hostile names here
            act()
            await pilot.pause()
            assert_harmless(pilot)
    # What is stored by now dismisses its form itself: two would go if the test left it meanwhile.
    await until(pilot, lambda: not any(map(_is_in_thread, pilot.app.workers)))
    await pilot.pause()


def _is_in_thread(worker: Worker[Any]) -> bool:
    return worker.is_running and worker._thread_worker  # noqa: SLF001 - Textual does not say it


@EVERY_TEXT
async def test_every_screen_shows_the_stored_text_and_does_nothing(
    tmp_path: Path, text: str
) -> None:
    records = hostile_records(tmp_path / "records.sqlite", text)
    stored = records.store.patients()[0].entry.name
    assert stored == clean(text)
    async with running(records, SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            table = pilot.app.screen.query_one(WorklistTable)
            assert table.text_of(0, "name") == stored
            assert stored[:3] in screen_text_of(pilot)
            assert_harmless(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientScreen))
        for number, _tab in enumerate(TABS, start=1):
            await pilot.press(str(number))
            assert_harmless(pilot)
            await pilot.press("enter")
            assert_harmless(pilot)
            await leave(pilot, 2)
        await pilot.press("0")
        await until_shown(pilot, "No forecast")
        assert_harmless(pilot)
        await pilot.press("1", "w")
        assert_harmless(pilot)
        for action in PATIENT_ACTIONS:
            if not pilot.app.screen.check_action("open", (action.name,)):
                continue  # for a patient without a dose
            await pilot.press(action.key)
            await pilot.pause()
            assert len(pilot.app.screen_stack) == 3, action.name
            assert str(pilot.app.screen.query_one(PatientBanner).render()).startswith(stored)
            assert_harmless(pilot)
            await leave(pilot, 2)


# --- in a real terminal


def recorded(place: Path, keys: str, environment: dict[str, str]) -> bytes:
    """Run the program in a terminal of 80 x 24, press keys and leave; return all it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:  # the program itself
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
        program = "import sys; from tui.start import main; sys.exit(main(sys.argv[1:]))"
        arguments = ["--records", str(place)]
        os.execv(sys.executable, [sys.executable, "-c", program, *arguments])  # noqa: S606 - itself
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    written = _read_until(terminal, b"1 patient")
    for key in [*re.findall(r"\x1b|\x1bO?[A-Z]|.", keys, re.DOTALL), "\x11"]:
        os.write(terminal, key.encode())
        written += _read_until(terminal, None)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return written


def _read_until(terminal: int, shown: bytes | None) -> bytes:
    """Read until something is shown, or else until nothing more comes for a moment."""
    written, until_s = b"", time.monotonic() + _PATIENCE_S
    while time.monotonic() < until_s:
        wait = _QUIET_S if shown is None or shown in written else 1
        if not select.select([terminal], [], [], wait)[0]:
            if shown is None or shown in written:
                return written
            continue
        try:
            more = os.read(terminal, 65536)
        except OSError:  # the terminal's other end is closed
            return written
        if not more:
            return written
        written += more
    raise AssertionError(f"{shown!r} was not shown in {written[-2000:]!r}")


# Open the patient, look at every tab and one entry in full, at forms, help and commands.
_KEYS = "\r" + "1234567890" + "4\r\x1b" + "l\x1b" + "e\x1b" + "p\x1b" + "?\x1b" + "\x10\x1b"
_COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10[0-7])[;m]")


@pytest.mark.campaign  # a real terminal
@pytest.mark.parametrize("no_color", [False, True], ids=["colour", "NO_COLOR"])
def test_no_stored_sign_commands_a_terminal(tmp_path: Path, *, no_color: bool) -> None:
    place = tmp_path / "records.sqlite"
    hostile_records(place, ALL)
    environment = {
        "SIROLIMUS_SETTINGS": str(tmp_path / "settings.toml"),
        **({"NO_COLOR": "1"} if no_color else {}),
    }
    written = recorded(place, _KEYS, environment)
    assert b"[31mred" in written  # what is left of it is shown, as a text
    assert b"\x1b[31mred" not in written
    assert b"\x1b]52" not in written
    assert b"\x1b]8;" not in written
    assert b"evil.example\x1b\\" not in written
    for sign in ("\x9b", "\x9d", "\x9c", "\u202e", "\u202c", "\u200b", "\ufeff"):
        assert sign.encode() not in written, sign
    assert bool(_COLOUR.search(written)) is not no_color
