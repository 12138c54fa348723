"""The commands of the entry kinds, made from the table: add, list, end and void.

What a command has beside is a hook here, by the name of the kind.
"""

import argparse
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dosing import UserError
from monitoring.record.entry_kind import EntryField, EntryKind, Lasts
from tui.cli.exit_codes import ExitCode
from tui.cli.records import (
    add_end,
    add_list_and_void,
    add_records_options,
    open_chosen,
    present,
    print_alerts,
    today,
    zone,
)

if TYPE_CHECKING:
    from monitoring.record.enter import EntryResult
    from monitoring.record.entries import Record
    from tui.cli.parser import Parser

_MOST_TRIES = 5  # while others keep writing to the same record


def add_entry_to(
    kind: EntryKind, commands: "argparse._SubParsersAction[Parser]", summary: str
) -> None:
    """Add the command of a kind of entry and its actions."""
    special = _SPECIAL.get(kind.name, Special())
    parser = commands.add_parser(kind.command, help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    if kind.fields:
        add = actions.add_parser("add", help=kind.adds)
        add.add_argument("record_number", metavar="M", help="the patient's record number")
        add_fields(add, kind)
        add_records_options(add)
        add.set_defaults(run=lambda options: _run_add(kind, special, options))
    special.more_actions(actions)
    add_list_and_void(actions, kind, show=special.show)
    if kind.lasts:
        add_end(actions, kind, day=kind.lasts is Lasts.TO_A_DAY)


def add_fields(parser: argparse.ArgumentParser, kind: EntryKind, *, required: bool = True) -> None:
    """Add the arguments of a kind; with `required` False none must be given."""
    for each in kind.fields:
        more: dict[str, Any] = {}
        if each.argument.startswith("--"):
            more = {"dest": _given(each), "required": required and each.required}
        name = each.argument if more else _given(each)
        metavar = each.metavar or (None if more else each.argument)
        choices = [option.typed for option in each.options] or list(each.only) or None
        parser.add_argument(name, metavar=metavar, choices=choices, help=each.help or None, **more)


def _given(field: EntryField) -> str:
    """Return where the parser puts what was given, apart from the names of other options."""
    return f"given_{field.name}"


def given_values(options: argparse.Namespace, kind: EntryKind) -> dict[str, Any]:
    """Return what was given, read, by the names of the entry's fields."""
    values: dict[str, Any] = {}
    for each in kind.fields:
        text = getattr(options, _given(each))
        if text or (text == "" and each.keeps_empty):
            values.update(each.values(_read(each, text)))
    return values


def typed_values(options: argparse.Namespace, kind: EntryKind) -> dict[str, Any]:
    """Return what was given, and for what was not what the command takes instead."""
    instead = {
        each.name: today() if each.is_today else each.default
        for each in kind.fields
        if each.is_today or each.default is not None
    }
    return {**instead, **given_values(options, kind)}


def _read(field: EntryField, text: str) -> Any:
    if field.options:
        return next(each.value for each in field.options if each.typed == text)
    return field.read(text, zone() if field.is_time else "")


def _run_add(kind: EntryKind, special: "Special", options: argparse.Namespace) -> ExitCode:
    """Add an entry to the chosen patient's record, read it back, and say what it means.

    Where a limit stops, only with a reason, whose codes are kept. Raises `UserError` for what would
    have happened before the birth or in the future, and where there is no reason.
    """
    result = _entered(kind, options)
    name = result.record.patient.entry.name
    what = f"{kind.what[0].upper()}{kind.what[1:]}"
    print(f"{what} {result.recorded.number}, {name}: {kind.in_words(result.recorded.entry)}")
    print_alerts(result.alerts)
    for line in result.answer.lines:
        print(line)
    print_alerts(result.answer.alerts)
    for line in special.then(result):
        print(line)
    return ExitCode.DONE


def _entered(kind: EntryKind, options: argparse.Namespace) -> "EntryResult":
    """Check and store what was typed; anew where somebody else wrote in between."""
    from monitoring.record.enter import (  # noqa: PLC0415 - only what is recorded is judged
        ReasonNeededError,
        enter,
    )
    from monitoring.store.errors import ConflictError  # noqa: PLC0415 - the database is heavy

    typed = typed_values(options, kind)
    last_days = [typed.pop(each.name, None) for each in kind.fields if each.is_last_day]
    ended_on = last_days[0] if last_days else None
    store = open_chosen(options).store
    for tries_left in reversed(range(_MOST_TRIES)):
        record = store.find(options.record_number)
        entry = kind.make(record.patient.entry, typed)
        try:
            return enter(store, record, entry, present(), ended_on=ended_on)
        except ReasonNeededError as error:
            raise UserError(f"{error} If it is right, say why with --reason.") from None
        except ConflictError:
            if not tries_left:
                raise
    raise AssertionError


# --- what is special


@dataclass(frozen=True, slots=True)
class Special:
    """What the command of one kind does beside."""

    more_actions: "Callable[[argparse._SubParsersAction[Parser]], None]" = lambda _actions: None
    show: "Callable[[Record], None] | None" = None
    """Prints the list for people where the columns alone would not read well."""
    then: "Callable[[EntryResult], Iterable[str]]" = lambda _result: ()
    """Gives more lines when an entry was added."""


def _add_grades(actions: "argparse._SubParsersAction[Parser]") -> None:
    from tui.cli import event_grades  # noqa: PLC0415 - the grades are heavy

    event_grades.add_to(actions)


def _show_levels(record: "Record") -> None:
    from monitoring.levels import assess_levels  # noqa: PLC0415 - JSON needs no list
    from tui.cli import level_list  # noqa: PLC0415 - as above

    level_list.print_levels(assess_levels(record))


def _as_side_effect(result: "EntryResult") -> Iterator[str]:
    """Yield the command by which a graded value is added as a side-effect."""
    value = result.assessed
    if value.matching_event:
        day = value.value.entry.at.local.date()
        words = ["sirolimus", "event", "add", result.record.patient.entry.record_number]
        words += [value.matching_event, "--from", str(day), "--grade", str(value.grade)]
        yield f"To write it down as a side-effect: {shlex.join(words)}"


_SPECIAL = {
    "level": Special(show=_show_levels),
    "adverse_event": Special(more_actions=_add_grades),
    "laboratory_value": Special(then=_as_side_effect),
}
