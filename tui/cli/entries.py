"""The commands of the entry kinds, made from the table: add, list, end and void.

Anything special of one command is a hook here, by the name of the kind.
"""

import argparse
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dosing import UserError
from monitoring.clinic_choices import clinic_choices
from monitoring.record.entry_kind import EntryField, EntryKind, Lasts
from monitoring.time_reader import TimeReader
from monitoring.times import Moment, today
from tui.cli import event_action
from tui.cli.output import ExitCode
from tui.cli.records import (
    add_end,
    add_list_and_void,
    add_records_options,
    open_chosen,
    print_alerts,
)
from tui.cli.typed_times import print_in_full

if TYPE_CHECKING:
    from monitoring.record.enter import EntryResult
    from monitoring.record.entries import Record
    from monitoring.record.entry import Entry
    from monitoring.store.store import Store
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
        special.more_options(add)
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
    """Return the name under which the parser keeps a field: never that of another option."""
    return f"given_{field.name}"


def given_values(options: argparse.Namespace, kind: EntryKind) -> dict[str, Any]:
    """Return the values that were given, parsed, by the names of the entry's fields."""
    values: dict[str, Any] = {}
    reader = TimeReader.here()
    for each in kind.fields:
        text = getattr(options, _given(each))
        if text or (text == "" and each.keeps_empty):
            value = _read(each, text, reader)
            if each.is_time or each.is_day:
                print_in_full(text, each.label, value)
            values.update(each.values(value))
    return values


def typed_values(options: argparse.Namespace, kind: EntryKind) -> dict[str, Any]:
    """Return the values that were given, and the defaults of the others."""
    defaults = {
        each.name: today() if each.is_today else each.default
        for each in kind.fields
        if each.is_today or each.default is not None
    }
    return {**defaults, **given_values(options, kind)}


def _read(field: EntryField, text: str, reader: TimeReader) -> Any:
    if field.options:
        return next(each.value for each in field.options if each.typed == text)
    return field.read_typed(text, reader)


def _run_add(kind: EntryKind, special: "Special", options: argparse.Namespace) -> ExitCode:
    """Add an entry to the chosen patient's record, read it back, and print its meaning.

    A value beyond a limit needs a reason; the codes of the limits are kept with it. Raises
    `UserError` for a missing reason, and for a time before the birth or in the future.
    """
    from tui.cli.page import print_line  # noqa: PLC0415 - only an added entry is answered

    store = open_chosen(options).store
    for result in _entered(kind, special, store, options):
        name = result.record.patient.entry.name
        what = f"{kind.what[0].upper()}{kind.what[1:]}"
        print(f"{what} {result.recorded.number}, {name}: {kind.in_words(result.recorded.entry)}")
        print_alerts(result.alerts)
        for line in result.answer.lines:
            print_line(line)
        print_alerts(result.answer.alerts)
        for line in special.then(result, store, options):
            print(line)
    return ExitCode.DONE


def _entered(
    kind: EntryKind, special: "Special", store: "Store", options: argparse.Namespace
) -> "list[EntryResult]":
    """Check and store each typed entry; again where somebody else changed the record meanwhile."""
    from monitoring.record.enter import (  # noqa: PLC0415 - only an added entry is assessed
        ReasonNeededError,
        check_entry,
        enter,
    )
    from monitoring.store.errors import ConflictError  # noqa: PLC0415 - the database is heavy

    typed = typed_values(options, kind)
    last_days = [typed.pop(each.name, None) for each in kind.fields if each.is_last_day]
    ended_on = last_days[0] if last_days else None
    results: list[EntryResult] = []
    choices = clinic_choices()
    for tries_left in reversed(range(_MOST_TRIES)):
        record, now = store.find(options.record_number), Moment.now()
        made = kind.make_all(record.patient.entry, typed)
        entries = [choices.graded(each) for each in made][len(results) :]
        try:
            for entry in entries:
                special.check(record, entry, options)
            for entry in entries[1:]:  # all are checked before the first is stored
                check_entry(record, entry, now, ended_on)
            for entry in entries:
                results.append(enter(store, record, entry, now, ended_on=ended_on))
                record = results[-1].record
        except ReasonNeededError as error:
            raise UserError(f"{error} If it is right, give the reason with --reason.") from None
        except ConflictError:
            if not tries_left:
                raise
        else:
            return results
    raise AssertionError


# --- hooks of single kinds


@dataclass(frozen=True, slots=True)
class Special:
    """Hooks of the command of one kind."""

    more_actions: "Callable[[argparse._SubParsersAction[Parser]], None]" = lambda _actions: None
    show: "Callable[[Record], None] | None" = None
    """Prints the list for people where the columns alone are hard to read."""
    more_options: "Callable[[argparse.ArgumentParser], None]" = lambda _parser: None
    """Adds options of `add` beyond the fields of the entry."""
    check: "Callable[[Record, Entry, argparse.Namespace], None]" = lambda _record, _entry, _on: None
    """Refuses those options before anything is stored."""
    then: "Callable[[EntryResult, Store, argparse.Namespace], Iterable[str]]" = (
        lambda _result, _store, _options: ()
    )
    """Gives more lines after an entry was added."""


def _add_grades(actions: "argparse._SubParsersAction[Parser]") -> None:
    from tui.cli import event_grades  # noqa: PLC0415 - the grades are heavy

    event_grades.add_to(actions)


def _show_levels(record: "Record") -> None:
    from monitoring.levels import assess_levels  # noqa: PLC0415 - JSON needs no list
    from tui.cli import level_list  # noqa: PLC0415 - as above

    level_list.print_levels(assess_levels(record))


def _add_cause(actions: "argparse._SubParsersAction[Parser]") -> None:
    from tui.cli import level_cause  # noqa: PLC0415 - as above

    level_cause.add_to(actions)


def _as_adverse_event(
    result: "EntryResult", _store: "Store", _options: argparse.Namespace
) -> Iterator[str]:
    """Yield the command that adds a graded value as an adverse event."""
    value = result.assessed
    if value.matching_event:
        day = value.value.entry.at.local.date()
        words = ["sirolimus", "event", "add", result.record.patient.entry.record_number]
        words += [value.matching_event, "--from", str(day)]
        # The grade of an event is stored as one of the scale that it will have.
        if value.scale == clinic_choices().scale_of_event(value.matching_event):
            words += ["--grade", str(value.grade)]
        yield f"To record it as an adverse event: {shlex.join(words)}"


def _lasts_until(
    result: "EntryResult", _store: "Store", _options: argparse.Namespace
) -> Iterator[str]:
    """Yield how long the supply lasts."""
    from dosing.quantities.formatting import short_date  # noqa: PLC0415 - used here only
    from monitoring.supply_course import supply_course  # noqa: PLC0415 - as above
    from monitoring.treatment import TreatmentHistory  # noqa: PLC0415 - as above

    found = supply_course(TreatmentHistory.of(result.record), Moment.now())
    if found is not None:
        words = f"{found.words[0].upper()}{found.words[1:]}"
        yield f"{words}. Order by {short_date(found.order_by)}."


_SPECIAL = {
    "level": Special(show=_show_levels, more_actions=_add_cause),
    "adverse_event": Special(
        more_actions=_add_grades,
        more_options=event_action.add_option,
        check=event_action.check,
        then=event_action.carried_out,
    ),
    "laboratory_value": Special(then=_as_adverse_event),
    "supply": Special(then=_lasts_until),
}
