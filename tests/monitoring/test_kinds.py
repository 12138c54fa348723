"""The table of entry kinds: what every row must have, and that an entry is stored at one go."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import monitoring.adverse_events.meaning as side_effects
import monitoring.laboratory.meaning as laboratory
import monitoring.levels.meaning as levels
from monitoring.record import entry_checks as recording
from monitoring.record.audit_lines import history
from monitoring.record.enter import ReasonNeededError, enter
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryKind, Hook, Meaning
from monitoring.record.kinds import ENTRY_KINDS, KINDS, MARKS, kind_called, kind_of
from monitoring.store.connection import engine_in_memory
from monitoring.store.errors import ConflictError
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.summary import summarise
from tests.builders import AUTHOR, Ticking, a_note, a_patient, a_prescription, at
from tests.builders import every_kind as entries_of_every_kind
from tui.app.all_actions import ACTIONS, PATIENT_ACTIONS
from tui.app.entry_lists import LISTS, rows_of
from tui.cli.main import build_parser

COMMANDS = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
NOW = at("2026-11-25T10:00")
EVERY_KIND = {kind_of(each).name: each for each in (a_patient(), *entries_of_every_kind())}

every_kind = pytest.mark.parametrize("kind", ENTRY_KINDS, ids=lambda each: each.name)


@pytest.fixture
def store() -> Iterator[Store]:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        yield Store(engine, AUTHOR, Ticking())


@pytest.fixture
def record(store: Store) -> Record:
    """A patient with an entry of every kind."""
    number = store.add_patient(a_patient()).number
    for entry in entries_of_every_kind():
        store.add(number, entry)
    return store.read(number)


# --- every kind has everything


def of_the_program() -> set[type[Entry]]:
    """Return the kinds of entry of the program: a test may have one of its own."""
    return {each for each in Entry.__subclasses__() if each.__module__.startswith("monitoring.")}


def test_every_entry_is_of_a_kind_in_the_table() -> None:
    assert set(EVERY_KIND) == {kind.name for kind in ENTRY_KINDS}
    assert set(KINDS.values()) == of_the_program() - _remade()
    assert {each.name for each in MARKS} == {"ending", "void", "removal"}


def _remade() -> set[type[Entry]]:
    """Return the classes without slots that a dataclass with slots was made of."""
    return {each for each in Entry.__subclasses__() if each not in KINDS.values() and (
        any(each.__qualname__ == known.__qualname__ for known in KINDS.values()))}  # fmt: skip


def missing(kind: EntryKind, record: Record) -> list[str]:
    """Return what a kind of entry lacks."""
    summary = summarise(record, NOW)
    entry = EVERY_KIND[kind.name]
    recorded = record.of(kind.of)[0]
    shown = next((each for each in LISTS if each.name == kind.in_app.list), None)
    rows = [each for each in rows_of(shown, summary) if each.entry == recorded] if shown else []
    found = {
        "a command": f"sirolimus {kind.command} list" in commands(),
        "what --help says": kind.summary != "",
        "a form": kind.in_app.action in {each.name for each in PATIENT_ACTIONS},
        "a key": ACTIONS[kind.in_app.action].key != "" if kind.in_app.action in ACTIONS else False,
        "JSON": len(kind.described(recorded)) > 1,
        "a list row": kind.name == "patient"
        or (len(rows) == 1 and shown is not None and len(rows[0].cells) == len(shown.headings)),
        "a read-back": kind.in_words(entry) not in {"", repr(entry)},
        "a history line": any(kind.what in event.what or kind.name.replace("_", " ") in event.what
                              for event in history(record)),
        "a time": any(kind.times(entry)) and kind.begins in {each.name for each in fields(entry)},
        "documentation": f"\n## `sirolimus {kind.command}`\n" in COMMANDS,
        "a key in the counts": kind.counted_as != "",
    }  # fmt: skip
    return [what for what, is_there in found.items() if not is_there]


def commands() -> set[str]:
    """Return every command with its action."""
    found = set()
    for each in build_parser()._actions:  # noqa: SLF001 - argparse has no other way
        for word, parser in (each.choices if isinstance(each.choices, dict) else {}).items():
            for action in parser._actions:  # noqa: SLF001 - as above
                if isinstance(action.choices, dict):
                    found |= {f"sirolimus {word} {below}" for below in action.choices}
    return found


@every_kind
def test_a_kind_has_everything(kind: EntryKind, record: Record) -> None:
    assert missing(kind, record) == []


@pytest.mark.parametrize(
    ("without", "lacks"),
    [
        ({"command": "nothing"}, {"a command", "documentation"}),
        ({"columns": {}}, {"JSON"}),
        ({"counted_as": ""}, {"a key in the counts"}),
        ({"begins": "nothing"}, {"a time"}),
        ({"in_words": repr}, {"a read-back"}),
    ],
)
def test_a_kind_without_something_is_found(
    without: dict[str, Any], lacks: set[str], record: Record
) -> None:
    assert set(missing(replace(kind_called("note"), **without), record)) == lacks


@every_kind
def test_every_field_of_the_form_fills_a_field_of_the_entry(kind: EntryKind) -> None:
    known = {each.name for each in fields(kind.of)}
    asked = {
        name
        for each in kind.fields
        if not each.is_last_day
        for name in filter(None, (each.name, each.and_name))
    }
    assert asked <= known
    assert len({each.form_id for each in kind.fields}) == len(kind.fields)
    assert all(re.fullmatch(r"--[a-z0-9-]+|[A-Z]+", each.argument) for each in kind.fields)
    assert kind.planned <= known


@every_kind
def test_every_hook_is_there(kind: EntryKind) -> None:
    hooks = [each for each in (kind.made, kind.limits, kind.meaning_of) if isinstance(each, Hook)]
    assert all(callable(each.load()) for each in hooks)
    assert kind.meaning is None or isinstance(kind.meaning, Meaning)


# --- an entry is stored at one go


class Counting:
    """Counts the calls of a function that is put in place of another."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self.real, self.calls = real, 0

    def __call__(self, *arguments: Any, **more: Any) -> Any:
        self.calls += 1
        return self.real(*arguments, **more)


@pytest.mark.parametrize("entry", entries_of_every_kind(), ids=lambda each: kind_of(each).name)
def test_limits_are_asked_once_and_entries_judged_once(
    entry: Entry, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = store.add_patient(a_patient()).number
    store.add(number, a_prescription("2026-10-01T08:00"))
    record = store.read(number)
    counted: dict[str, Counting] = {}
    for module, name in (
        (recording, "measurement_alerts"),
        (recording, "level_alerts"),
        (levels, "assess_levels"),
        (side_effects, "assess_events"),
        (laboratory, "assess_laboratory"),
    ):
        counted[name] = Counting(getattr(module, name))
        monkeypatch.setattr(module, name, counted[name])
    reads = Counting(store.read)
    monkeypatch.setattr(store, "read", reads)
    enter(store, record, entry, NOW)
    expected = {
        "measurement": {"measurement_alerts"},
        "level": {"level_alerts", "assess_levels"},
        "adverse_event": {"assess_events"},
        "laboratory_value": {"assess_laboratory"},
    }
    assert {name: each.calls for name, each in counted.items() if each.calls} == dict.fromkeys(
        expected.get(kind_of(entry).name, set()), 1
    )
    assert reads.calls == 0


@pytest.mark.parametrize("entry", entries_of_every_kind(), ids=lambda each: kind_of(each).name)
def test_the_result_holds_the_record_as_it_is_read_again(entry: Entry, store: Store) -> None:
    number = store.add_patient(a_patient()).number
    ended_on = date(2026, 11, 20) if kind_of(entry).name == "co_medication" else None
    result = enter(store, store.read(number), entry, NOW, ended_on=ended_on, summarise=summarise)
    assert result.record == store.read(number)
    assert result.recorded == result.record.entries[-1]
    assert result.summary == summarise(result.record, NOW)


def test_nothing_is_stored_on_a_record_that_was_changed_meanwhile(store: Store) -> None:
    number = store.add_patient(a_patient()).number
    record = store.read(number)
    store.add(number, a_note("by somebody else"))
    with pytest.raises(ConflictError, match="recorded a note"):
        enter(store, record, a_note(), NOW)
    assert len(store.read(number).entries) == 2


def test_a_reason_is_asked_for_with_all_that_the_limits_found(store: Store) -> None:
    number = store.add_patient(a_patient()).number
    level = kind_called("level").make(
        a_patient(),
        dict(
            each
            for field in kind_called("level").fields
            if field.name in {"value", "sampled"}
            for each in field.values(
                field.read({"value": "300 ng/mL", "sampled": "2026-11-05T08:00"}[field.name], "UTC")
            )
        ),
    )
    with pytest.raises(ReasonNeededError, match="above 250 ng/mL") as raised:
        enter(store, store.read(number), level, NOW)
    assert [each.code for each in raised.value.alerts] == ["level-asked-again"]
    assert len(store.read(number).entries) == 1
