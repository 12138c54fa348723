"""The fields of the forms: pasted lines, replaced text, times in short, completed names."""

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static, TextArea

from monitoring.record.note import Note
from monitoring.summary import summarise
from monitoring.times import Moment
from tests.builders import a_dose, a_level, a_measurement
from tests.tui.app.dose_screens import DrivenApp, records_at, settle, where_stands, with_patient
from tui.app.all_actions import ACTIONS, PATIENT_ACTIONS
from tui.app.screens.encrypt import EncryptScreen
from tui.app.screens.entry_forms import LevelForm, form_of
from tui.app.screens.export import Export
from tui.app.screens.form_screen import FormScreen
from tui.app.screens.import_results import ImportResults
from tui.app.screens.lock import UnlockScreen
from tui.app.screens.new_patient import NewPatientForm
from tui.app.text import show_text, words
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.line_input import LineInput, pasted_lines
from tui.app.widgets.time_field import TimeField

LINES = "HOLD sirolimus\n  from Monday\r\n\n[/] =1+1 \u202eabc\n"
DOSE = a_dose("2026-11-01T20:00", "0.44")


class Clock:
    """A clock that a test moves."""

    def __init__(self, text: str) -> None:
        self.at = text

    def __call__(self) -> Moment:
        return Moment.read(self.at, "Europe/Paris")


async def paste(pilot: Pilot[Any], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()
    await pilot.pause()


def no_form_of_a_patient() -> list[Any]:
    return [NewPatientForm(), Export(), EncryptScreen(), ImportResults()]


def kind_of(field: Field[Any]) -> object:
    """Return what decides about a paste: the classes of the field and its input, the lines."""
    typed = field.query_one("Input, TextArea")
    assert isinstance(typed, LineInput | TextArea)
    joins_lines = getattr(typed, "_joins_lines", None)
    return type(field), type(typed), joins_lines


async def test_in_every_field_pasted_lines_are_joined_or_refused_in_words(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    record = with_patient(records, a_measurement(on="2026-10-20"), DOSE)
    app = DrivenApp(records)
    said: list[str] = []
    app.show_message = lambda text, **_: said.append(text)  # type: ignore[method-assign]
    tried: set[object] = set()
    looked_at = 0
    async with app.run_test(size=(120, 50)) as pilot:
        forms = [
            action.screen(where_stands(record)) for action in PATIENT_ACTIONS
            if action.name != "restart"
        ]  # fmt: skip
        for form in [*no_form_of_a_patient(), *forms]:
            await app.push_screen(form)
            await pilot.pause()
            for field in form.query(Field):
                looked_at += 1
                kind = kind_of(field)
                if kind in tried:
                    continue
                tried.add(kind)
                field.display = True
                field.text = ""
                field.begin()
                await pilot.pause()
                said.clear()
                await paste(pilot, LINES)
                where = (type(form).__name__, field.label)
                if field.query(TextArea):
                    assert field.text.count("\n") == LINES.replace("\r\n", "\n").count("\n"), where
                elif field.text:
                    whole = field.text.replace("\N{REPLACEMENT CHARACTER}", "\u202e")
                    assert whole == "HOLD sirolimus from Monday [/] =1+1 \u202eabc", where
                    assert "3 pasted lines were joined" in said[0], where
                else:
                    assert "3 lines were pasted and not used" in said[0], where
                await paste(pilot, "a single line\n")
                assert len(said) <= 1, where  # of one line nothing is said
            app.pop_screen()
            await pilot.pause()
        search = app.screen_stack[0].query_one("#search", Input)
        search.display = True
        search.focus()
        await paste(pilot, "Sample\nŁukasz\n")
        assert search.value == "Sample Łukasz"
        app.push_screen(UnlockScreen(tmp_path / "key"))
        await pilot.pause()
        await paste(pilot, "a pass\nphrase")
        assert app.screen.query_one("#passphrase", Input).value == ""
    assert looked_at > 60
    assert len(tried) > 3


class TextsShown(Static):
    """A widget that keeps what it is told to show."""

    def __init__(self, shown: Content) -> None:
        super().__init__(shown)
        self.updates: list[object] = []

    def update(self, content: object = "", *, layout: bool = True) -> None:  # noqa: ARG002 - Textual's own
        self.updates.append(content)


def test_a_text_is_shown_anew_only_where_it_or_its_style_is_another() -> None:
    widget = TextsShown(words("7.20 ng/mL"))
    show_text(widget, words("7.20 ng/mL"))
    assert widget.updates == []
    for other in (words("7.20 ng/mL").stylize("$text-error"), words("7.2 ng/mL"), words("")):
        show_text(widget, other)
        assert widget.updates.pop() is other


def test_a_single_line_keeps_its_blanks() -> None:
    assert pasted_lines(" two  blanks ") == [" two  blanks "]
    assert pasted_lines("/a file\n") == ["/a file"]
    assert pasted_lines("\r\n\x0b\n") == []


async def test_a_note_is_stored_with_all_its_lines_in_one(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    record = with_patient(records, DOSE)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(form_of("note", where_stands(record)))
        await settle(pilot)
        await paste(pilot, LINES)
        await pilot.press("ctrl+s")
        await settle(pilot)
    (note,) = records.store.read(record.number).of(Note)
    assert note.entry.text.startswith("HOLD sirolimus from Monday [/] =1+1")


async def test_typing_into_a_filled_field_replaces_it_by_tab_by_mouse_and_at_first(
    tmp_path: Path,
) -> None:
    records = records_at(tmp_path)
    record = with_patient(records, DOSE)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 30)) as pilot:
        form: Any = ACTIONS["end-dose"].screen(where_stands(record))
        await app.push_screen(form)
        await settle(pilot)
        at, reason = form.query_one("#at", Field), form.query_one("#reason", Field)
        await pilot.press(*"8:00")
        assert at.text == "8:00"  # the first field
        await pilot.press("tab", *"why", "shift+tab", *"7:00", "tab")
        assert (at.text, reason.text) == ("2026-11-05T07:00", "why")
        await pilot.press(*"because")
        assert reason.text == "because"
        await pilot.click(at.query_one(Input), offset=(3, 0))
        await pilot.press(*"6:00")
        assert at.text == "6:00"
        await pilot.click(at.query_one(Input), offset=(1, 0))  # the second click places the cursor
        await pilot.press("1")
        assert at.text == "61:00"


async def test_a_time_in_short_is_read_back_and_keeps_the_meaning_of_its_minute(
    tmp_path: Path,
) -> None:
    records = records_at(tmp_path)
    record = with_patient(records, a_dose("2026-11-01T20:00", "0.44", times_a_day=1))
    clock = Clock("2026-11-05T23:59")
    app = DrivenApp(records, clock)
    async with app.run_test(size=(80, 30)) as pilot:
        form = LevelForm(where_stands(record))
        await app.push_screen(form)
        await settle(pilot)
        sampled = form.query_one("#sampled", TimeField)
        await pilot.press(*"7 ng/mL", "tab", *"today 20:00")
        below = str(sampled.query("Static").last().render())
        assert below == "Thursday 5 Nov 2026, 20:00, Europe/Paris"
        clock.at = "2026-11-06T00:01"  # midnight passes before the field is left
        assert str(sampled.value) == sampled.lasting_text + "+01:00" == "2026-11-05T20:00+01:00"
        await pilot.press("tab")
        assert sampled.text == "2026-11-05T20:00"
        await pilot.press("shift+tab", *"3.4. 8:00")
        assert "may be day and month or month and day" in (sampled.problem or "")


@pytest.mark.parametrize(
    ("entries", "is_"),
    [
        ([DOSE], "2026-11-05T08:00"),
        ([], ""),
        ([DOSE, a_level("7 ng/mL", "2026-11-05T07:50")], ""),
    ],
)
async def test_an_assumed_sample_is_marked_until_it_is_touched(
    tmp_path: Path, entries: list[Any], is_: str
) -> None:
    records = records_at(tmp_path)
    record = with_patient(records, *entries)
    app = DrivenApp(records, Clock("2026-11-05T10:00"))
    async with app.run_test(size=(120, 40)) as pilot:
        form = LevelForm(summarise(record, Moment.read("2026-11-05T10:00", "Europe/Paris")))
        await app.push_screen(form)
        await settle(pilot)
        sampled = form.query_one("#sampled", TimeField)
        assert sampled.text == is_
        assert sampled.is_assumed == bool(is_)
        assert not form.has_unsaved_input  # nobody typed anything
        shown = "\n".join(str(each.render()) for each in form.query("#read-back Static"))
        assert ("Sampling time assumed from the schedule: Thursday 5 Nov" in shown) == bool(is_)
        if is_:  # nobody can confirm the last dose before a sample of an assumed time
            form.query_one("#value", Field).text = "7 ng/mL"
            form.query_one("#confirmed", Choice).value = True
            await settle(pilot)
            assert "(assumed from the schedule)" in form.read_back(form.draft())
            form.query_one("#value", Field).begin()
            await pilot.pause()
        await pilot.press("tab", *"7:45")
        shown = "\n".join(str(each.render()) for each in form.query("#read-back Static"))
        assert "Sampling time assumed" not in shown


async def test_names_and_units_are_offered_and_never_taken_by_themselves(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    record = with_patient(records, DOSE, a_level("7 ug/L", "2026-11-04T07:50"))
    app = DrivenApp(records)
    async with app.run_test(size=(120, 40)) as pilot:
        form: FormScreen = form_of("co_medication", where_stands(record))
        await app.push_screen(form)
        await settle(pilot)
        drug = form.query_one("#drug", Field)
        await pilot.press(*"fluc")
        await pilot.pause()
        assert drug.text == "fluc"
        await pilot.press("right")
        assert drug.text == "fluconazole"
        drug.text = "flucanozole"
        await pilot.pause()
        assert "Did you mean fluconazole?" in str(drug.query("Static").last().render())
        app.pop_screen()
        form = LevelForm(where_stands(record))
        await app.push_screen(form)
        await settle(pilot)
        await pilot.press(*"9.5")
        await pilot.pause()
        await pilot.press("right")
        assert form.query_one("#value", Field).text == "9.5 ug/L"  # the unit of the record


async def test_a_list_is_chosen_by_its_letters(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    record = with_patient(records, DOSE)
    app = DrivenApp(records)
    async with app.run_test(size=(120, 40)) as pilot:
        form = form_of("adverse_event", where_stands(record))
        await app.push_screen(form)
        await settle(pilot)
        action = form.query_one("#action", Choice)
        action.query_one(Select).focus()
        names = []
        for key in ("d", "d", "s", "x", "n"):
            await pilot.press(key)
            names.append(action.value.value)
        assert names == ["reduced", "held", "stopped", "stopped", "none"]
        await pilot.press("d", "o", "s", "e", "s")
        assert action.value.value == "held"
