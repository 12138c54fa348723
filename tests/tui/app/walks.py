"""Walks through the app that come past every screen of it.

Each takes the app as `running` gives it, on its worklist, and calls `look` with a name wherever
there is something to see. The golden screens and their colours are looked at by these walks.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import TabbedContent

from dosing import Sex
from tests.tui.app.dose_screens import fill
from tests.tui.app.shown import open_patient, until, until_shown
from tui.app.screens.patient import PatientScreen
from tui.app.widgets.choice import Choice

Look = Callable[[Pilot[Any], str], Awaitable[None]]

MAPPING = """
[reading]
time_zone = "Europe/Paris"
date_order = "dmy"
decimal_sign = "comma"
[file]
separator = "semicolon"
[columns]
record_number = "MRN"
test = "Test"
value = "Result"
unit = "Unit"
sample_time = "Collected"
[tests]
"SIRO" = "sirolimus level"
"ALAT" = "ALT"
"""
RESULTS = """\
MRN;Test;Result;Unit;Collected
DEMO-11;SIRO;7,2;ng/mL;24/11/2026 07:50
DEMO-11;ALAT;35;U/L;24/11/2026 07:50
[/] <img>;SIRO;7,2;ng/mL;24/11/2026 07:50
DEMO-11;ALAT;7.2;U/L;24/11/2026 07:50
"""
GUESSED = """\
MRN,Analyte,Result,Unit,Collected,Reported,Status
DEMO-11,Sirolimus,7.2,ng/mL,03/04/2026 07:50,03/04/2026 12:00,F
DEMO-11,ALAT,35,,03/04/2026 07:50,03/04/2026 12:00,P
DEMO-11,[/] <img>,1,,03/04/2026 07:50,03/04/2026 12:00,checked
"""


def laboratory_files(folder: Path) -> None:
    """Write the files that the clinic's walk takes in, and the mapping of the first."""
    (folder / "guessed.csv").write_text(GUESSED, encoding="utf-8")
    (folder / "results.csv").write_text(RESULTS, encoding="utf-8")
    (folder / "laboratory.toml").write_text(MAPPING, encoding="utf-8")


async def leave(pilot: Pilot[Any], depth: int) -> None:
    """Leave the screens above the first so many, without storing anything."""
    while len(pilot.app.screen_stack) > depth:
        pilot.app.pop_screen()
    await pilot.pause()


async def worklist(pilot: Pilot[Any], look: Look) -> None:
    """Walk past the worklist, what lies over it, and the form of a new patient."""
    await look(pilot, "worklist")
    await pilot.press("question_mark")
    await look(pilot, "keys")
    await leave(pilot, 1)
    await pilot.press("f1")
    await look(pilot, "help")
    await leave(pilot, 1)
    await pilot.press("ctrl+p")
    await until_shown(pilot, "All keys")
    await look(pilot, "palette")
    await leave(pilot, 1)
    await pilot.press("2")
    await until_shown(pilot, "patients, urgent")
    await look(pilot, "worklist-urgent")
    await pilot.press("1")
    await pilot.press("slash", *"nobody")
    await until_shown(pilot, "no patient found")
    await look(pilot, "worklist-nobody")
    await pilot.press("escape", "escape")
    await until_shown(pilot, "17 patients")

    await pilot.press("n")
    await look(pilot, "new-patient")
    await fill(pilot, **{"record-number": "00123", "name": "Sample Child", "born": "2024-08-23"})
    pilot.app.screen.query_one("#sex", Choice).value = Sex.MALE
    await fill(pilot, diagnosis="kaposiform haemangioendothelioma", allergies="soya")
    await until_shown(pilot, "Will be stored")
    await look(pilot, "new-patient-read-back")
    await pilot.press("escape")
    await look(pilot, "question")
    await leave(pilot, 1)
    pilot.app.lock()  # type: ignore[attr-defined]
    await look(pilot, "lock")
    await leave(pilot, 1)


async def clinic(pilot: Pilot[Any], look: Look) -> None:
    """Walk past the screens that concern no patient. The files of the laboratory are here."""
    await pilot.press("d")
    await look(pilot, "calculator")
    await fill(pilot, weight="12.4 kg", again="12.4 kg", height="88 cm", age="27 months")
    await look(pilot, "calculator-dose")
    await pilot.press("f3")
    await look(pilot, "calculator-why")
    await pilot.press("f3")
    await fill(pilot, age="3 months", weight="5,5 kg")
    await look(pilot, "calculator-wrong")
    await fill(pilot, weight="5.5 kg", again="5.5 kg", height="58 cm")
    await until_shown(pilot, "override")
    await look(pilot, "calculator-override")
    await leave(pilot, 1)

    await pilot.press("c")
    await until_shown(pilot, "patients")
    for page in ("counts", "response", "levels", "evidence"):
        await look(pilot, f"cohort-{page}")
        tabs = pilot.app.screen.query_one(TabbedContent)
        tabs.active = f"tab-{int(tabs.active.removeprefix('tab-')) % 4 + 1}"
    await leave(pilot, 1)

    await pilot.press("i")
    await look(pilot, "import")
    await fill(pilot, file="results.csv", mapping="laboratory.toml")
    await pilot.press("f5")
    await until_shown(pilot, "refused:")
    await look(pilot, "import-preview")
    await fill(pilot, file="guessed.csv", mapping="")
    await pilot.press("f5")
    await until_shown(pilot, "Columns of")
    await look(pilot, "import-columns")
    await pilot.press("ctrl+s")
    await until_shown(pilot, "Choose an answer")
    await look(pilot, "import-columns-open")
    await leave(pilot, 1)

    await pilot.press("ctrl+b")
    await look(pilot, "backup")
    await leave(pilot, 1)
    await pilot.press("ctrl+y")
    await look(pilot, "verify")
    await pilot.press("ctrl+s")
    await until_shown(pilot, "✓")
    await look(pilot, "verify-done")
    await leave(pilot, 1)


TABS = ("now", "levels", "doses", "events", "laboratory", "measures", "drugs", "response",
        "history")  # fmt: skip


async def one_patient(pilot: Pilot[Any], look: Look) -> None:
    """Walk past the screens of a patient on hold with a long record, then of one on treatment.

    In some of them it stores.
    """
    await open_patient(pilot, "Side Eff")
    for number, tab in enumerate(TABS, start=1):
        await pilot.press(str(number))
        await look(pilot, f"patient-{tab}")
    await pilot.press("1", "w")
    await look(pilot, "patient-why")
    await pilot.press("w", "question_mark")
    await look(pilot, "patient-keys")
    await leave(pilot, 2)
    await pilot.press("2", "enter")
    await look(pilot, "details")
    await leave(pilot, 2)
    await pilot.press("v")
    await look(pilot, "void")
    await leave(pilot, 2)
    await pilot.press("0")
    await until_shown(pilot, "No forecast by")
    await look(pilot, "patient-forecast-on-hold")
    await pilot.press("1", "a")
    await look(pilot, "prescribe-on-hold")
    await leave(pilot, 2)
    await _entry_forms(pilot, look)
    await leave(pilot, 1)
    await pilot.press("escape", "escape")
    await until_shown(pilot, "17 patients")
    patient = await open_patient(pilot, "Łukasz")  # on treatment, without an event
    await _forecast(pilot, look)
    await pilot.press("1")
    await _doses(pilot, look)
    await _answers(pilot, look, patient)


async def _forecast(pilot: Pilot[Any], look: Look) -> None:
    await pilot.press("0")
    await until_shown(pilot, "Based on")
    await look(pilot, "patient-forecast")
    await pilot.press("w")
    await look(pilot, "patient-forecast-why")
    await pilot.press("w", "u")
    await look(pilot, "what-if")
    await fill(pilot, dose="0.7 mg")
    pilot.app.screen.query_one("#model", Choice).value = "golubovic2019"
    await pilot.press("ctrl+s")
    await until_shown(pilot, "No forecast by Golubovic")
    await look(pilot, "patient-forecast-stopped")


async def _entry_forms(pilot: Pilot[Any], look: Look) -> None:
    forms: dict[str, tuple[str, dict[str, str]]] = {
        "level": ("l", {"value": "21.5 ng/mL", "sampled": "2026-11-24T07:45"}),
        "side-effect": ("e", {"term": "Mucositis oral", "grade": "2", "since": "2026-11-20"}),
        "laboratory": ("b", {"test": "ALT", "value": "210 U/L", "sampled": "2026-11-24T07:45",
                             "upper": "40 U/L"}),
        "measurement": ("m", {"weight": "42 kg", "height": "140 cm"}),
        "drug": ("g", {"drug": "clarithromycin", "since": "2026-11-20"}),
        "missed": ("o", {"at": "2026-11-20T08:00", "why": "vomited"}),
        "response": ("r", {"text": "smaller on ultrasound"}),
        "note": ("t", {"text": "seen with both parents"}),
    }  # fmt: skip
    for name, (key, texts) in forms.items():
        await pilot.press(key)
        await look(pilot, name)
        if name == "response":
            pilot.app.screen.query_one("#improved", Choice).value = True
        await fill(pilot, **texts)
        await until_shown(pilot, "Will be stored")
        await look(pilot, f"{name}-read-back")
        await leave(pilot, 2)
    await pilot.press("e")
    await fill(pilot, term="mouth")
    await look(pilot, "side-effect-search")
    await leave(pilot, 2)


async def _doses(pilot: Pilot[Any], look: Look) -> None:
    await pilot.press("d")
    await look(pilot, "patient-calculator")
    await leave(pilot, 2)
    await pilot.press("a")
    await look(pilot, "prescribe")
    await fill(pilot, dose="0.8 mg")
    await until_shown(pilot, "To be stored")
    await look(pilot, "prescribe-read-back")
    await fill(pilot, dose="9 mg")
    await look(pilot, "prescribe-stopped")
    await leave(pilot, 2)
    await pilot.press("x")
    await look(pilot, "ending")
    await leave(pilot, 2)
    await pilot.press("p")
    await look(pilot, "print")
    await leave(pilot, 2)


async def _answers(pilot: Pilot[Any], look: Look, patient: PatientScreen) -> None:
    """Walk past what is told once something is stored."""
    before = len(patient.summary.drugs)
    await pilot.press("g")
    await fill(pilot, drug="clarithromycin", since="2026-11-20")
    await pilot.press("ctrl+s")
    await until_shown(pilot, "Stored")
    await look(pilot, "answer")
    await leave(pilot, 2)
    await until(pilot, lambda: len(patient.summary.drugs) > before)
    await pilot.press("l")
    await fill(pilot, value="21.5 ng/mL", sampled="2026-11-24T07:45")
    await pilot.press("ctrl+s")
    await until_shown(pilot, "After the level")
    await look(pilot, "after-level")
    await leave(pilot, 2)


async def newcomer(pilot: Pilot[Any], look: Look) -> None:
    """Walk past the screens of the patient Sample Newcomer, of whom nothing is known yet."""
    await open_patient(pilot, "Newcomer")
    await look(pilot, "newcomer")
    await pilot.press("2")
    await look(pilot, "newcomer-levels")
    await pilot.press("1", "m")
    await look(pilot, "first-weight")
    await fill(pilot, weight="8.4 kg", again="8.4 kg", height="70 cm")
    await until_shown(pilot, "Will be stored")
    await look(pilot, "first-weight-read-back")
    await leave(pilot, 2)
    await pilot.press("d")
    await look(pilot, "newcomer-calculator")
    await fill(pilot, weight="8.4 kg", again="8.4 kg", height="70 cm")
    await pilot.press("ctrl+s")
    await look(pilot, "acceptance-without-a-time")
    await fill(pilot, since="2026-11-24T20:00")
    await look(pilot, "acceptance")
    await leave(pilot, 2)
    await pilot.press("a")
    await look(pilot, "newcomer-prescribe")
