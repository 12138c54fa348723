"""Common parts of the commands on the record: options, opening, lists, voiding, ending."""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dosing import Alert, UserError, clean
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped, quoted
from monitoring.times import Moment
from reports.presentation.alerts import alert_line
from tui.cli.output import ExitCode, print_json
from tui.cli.parser import add_place_option
from tui.cli.passphrase import add_passphrase_option, unlock_with
from tui.cli.plain_mode import PLAIN, pages_are_plain

if TYPE_CHECKING:
    from monitoring.record.entries import Record, StopRecord, StoredEntry, UnreadableEntry
    from monitoring.record.entry import Entry
    from monitoring.record.entry_kind import EntryKind
    from monitoring.store.connection import Place
    from monitoring.store.opening import Records
    from monitoring.store.store import Store
    from tui.cli.parser import Parser


def add_records_options(parser: argparse.ArgumentParser, *, json_too: bool = False) -> None:
    """Add the options that choose the records and the author."""
    group = add_place_option(parser)
    add_passphrase_option(group)
    group.add_argument(
        "--author", metavar="NAME", help="your name (default: SIROLIMUS_USER, else the login)"
    )
    if json_too:
        group.add_argument("--json", action="store_true", help="print JSON and nothing else")


def open_chosen(options: argparse.Namespace, *, create: bool = False) -> "Records":
    """Open the records that the options choose; with `create` begin them where there are none."""
    from monitoring.store.file_modes import open_to_others  # noqa: PLC0415 - as below
    from monitoring.store.opening import open_records  # noqa: PLC0415 - the database is heavy

    unlock_with(options)
    records = open_records(options.records, options.author, create=create, tell=print_warning)
    left_out: dict[int, UnreadableEntry] = {}
    records.store.on_unreadable = lambda each: left_out.setdefault(each.number, each)
    options.left_out = left_out  # printed once the command is done
    if records.is_new and records.lack is not None and records.lack.is_gone:
        records.accept_head()  # they were asked for, and the warning was printed
    if records.is_new:
        print(f"New records were begun at {escaped(str(records.place))}.", file=sys.stderr)
    if seen_by_others := open_to_others(records.place.file):
        print(f"sirolimus: {clean(seen_by_others)}", file=sys.stderr)
    return records


def add_plain_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that a file of encrypted records needs if it is not encrypted itself.

    In these commands the option of plain pages has this meaning too; nothing else has it: no
    setting, no variable, and not the option before the command.
    """
    parser.add_argument(
        PLAIN,
        action="store_true",
        help="from encrypted records, too: the file is plain; and what is printed is for a screen "
        "reader",
    )


def require_plain(store: "Store", options: argparse.Namespace, what: str, instead: str) -> None:
    """Raise `UserError` for a plain file of encrypted records without `--plain`."""
    from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - the database is heavy

    if not is_encrypted(store.engine):
        return
    if not options.plain:
        raise UserError(
            f"These records are encrypted and {what} is not. Give --plain, or {instead}."
        )
    print_warning(f"these records are encrypted and {what} is not. Anybody can read the file.")


def print_warning(text: str) -> None:
    """Print a warning about the records on standard error."""
    print(f"sirolimus: warning: {clean(text)}", file=sys.stderr)


def print_left_out(options: argparse.Namespace) -> None:
    """Print the entries that could not be read and how many they are, on standard error."""
    left_out: dict[int, UnreadableEntry] = getattr(options, "left_out", {})
    for each in left_out.values():
        print(
            clean(f"sirolimus: {each} cannot be read: {each.why}. It is left out."), file=sys.stderr
        )
    if left_out:
        count = count_of(len(left_out), "entry is", "entries are")
        print(f"sirolimus: {count} left out. Run `sirolimus verify`.", file=sys.stderr)


def chosen_place(options: argparse.Namespace) -> "Place":
    """Return the place that the options choose, without opening the records."""
    from monitoring.store.opening import place_of  # noqa: PLC0415 - the database is heavy

    return place_of(options.records)


def print_alerts(alerts: Iterable[Alert]) -> None:
    """Print alerts, one a line; the strongest first in a plain page, which is read from its top."""
    if pages_are_plain():
        alerts = sorted(alerts, key=lambda each: -each.kind)
    for alert in alerts:
        print(alert_line(alert))


def entry_number(
    record: "Record", kind: "type[Entry]", text: str, *, unreadable_too: bool = False
) -> int:
    """Return the number of an entry of one kind in a record, as typed; else raise `UserError`."""
    from monitoring.record.kinds import NAMES  # noqa: PLC0415 - no dose needs the record

    numbers = {str(each.number) for each in record.of(kind)}
    if unreadable_too:
        numbers |= {str(each.number) for each in record.unreadable if each.kind == NAMES[kind]}
    if text not in numbers:
        raise UserError(
            f"{quoted(text)} is not the number of such an entry of this patient. Take the number "
            "from the list."
        )
    return int(text)


def print_entries(
    entries: "Iterable[StoredEntry[Any]]",
    kind: "EntryKind",
    *,
    as_json: bool,
    means: Mapping[int, Mapping[str, object]] | None = None,
) -> ExitCode:
    """Print entries of a kind as a list or as JSON; `means` adds columns by the entry's number."""
    described = [
        {**kind.described(each), **(means or {}).get(each.number, {}), **_fate(each)}
        for each in entries
    ]
    if as_json:
        print_json(described)
        return ExitCode.DONE
    from tui.cli import entry_list  # noqa: PLC0415 - JSON needs no list

    entry_list.print_entries(described)
    return ExitCode.DONE


def _fate(entry: "StoredEntry[Any]") -> Mapping[str, object]:
    ending, void = entry.ending, entry.void
    return {
        "number": entry.number,
        "ended": _end(ending.entry) if ending else None,
        "written": str(entry.author.at),
        "by": entry.author.by,
        "voided": f"{void.entry.reason} ({void.author.by}, {void.author.at})" if void else None,
    }


def _end(ending: "StopRecord") -> str:
    return str(ending.at or ending.on)


def add_list_and_void(
    actions: "argparse._SubParsersAction[Parser]",
    kind: "EntryKind",
    *,
    show: "Callable[[Record], None] | None" = None,
) -> None:
    """Add the actions `list`, oldest first, and `void`, which every kind of entry has.

    `show` prints the list for people where the columns alone are hard to read.
    """
    listing = actions.add_parser("list", help=f"list the {kind.what}s, voided ones too")
    listing.add_argument("record_number", metavar="M", help="the patient's record number")
    add_records_options(listing, json_too=True)

    def run_list(options: argparse.Namespace) -> ExitCode:
        record = open_chosen(options).store.find(options.record_number)
        if show and not options.json:
            show(record)
            return ExitCode.DONE
        entries = list(record.of(kind.of))
        if kind.listed_by:
            entries.sort(key=lambda each: getattr(each.entry, kind.listed_by))
        meaning, means = kind.meaning, {}
        if meaning:
            assessed = meaning.by_number(meaning.assess(record))
            means = {number: meaning.columns(each) for number, each in assessed.items()}
        return print_entries(entries, kind, as_json=options.json, means=means)

    listing.set_defaults(run=run_list)
    add_void(actions, kind, kind.what)


def add_void(
    actions: "argparse._SubParsersAction[Parser]", kind: "EntryKind", what: str
) -> "Parser":
    """Add the action `void` and return its parser."""
    void = actions.add_parser("void", help=f"mark a {what} as wrong; it stays listed")
    void.add_argument("record_number", metavar="M", help="the patient's record number")
    void.add_argument("number", metavar="NUMBER", help="the entry's number, as listed")
    void.add_argument("--reason", required=True, help="why it is wrong")
    add_records_options(void)

    def run_void(options: argparse.Namespace) -> ExitCode:
        void_entry(options, kind)
        print(f"Voided {what} {options.number}; it stays listed.")
        return ExitCode.DONE

    void.set_defaults(run=run_void)
    return void


def void_entry(options: argparse.Namespace, kind: "EntryKind") -> "Record":
    """Void the chosen entry of one kind and return the record as it was."""
    store = open_chosen(options).store
    record = store.find(options.record_number)
    number = entry_number(record, kind.of, options.number, unreadable_too=True)
    store.void(number, options.reason)
    return record


def add_end(actions: "argparse._SubParsersAction[Parser]", kind: "EntryKind", *, day: bool) -> None:
    """Add the action `end` of a kind that lasts: by the day, or by the time."""
    end = actions.add_parser("end", help=f"record when a {kind.what} ended")
    end.add_argument("record_number", metavar="M", help="the patient's record number")
    end.add_argument("number", metavar="NUMBER", help="the entry's number, as listed")
    end.add_argument("--on" if day else "--at", dest="end", required=True, metavar="WHEN")
    end.add_argument("--reason", default="", help="why it ended")
    add_records_options(end)

    def run_end(options: argparse.Namespace) -> ExitCode:
        from monitoring.record.entries import StopRecord  # noqa: PLC0415 - used here only
        from monitoring.record.entry_checks import check_times  # noqa: PLC0415 - as above
        from monitoring.time_reader import is_written_out  # noqa: PLC0415 - as above
        from monitoring.treatment import TreatmentHistory  # noqa: PLC0415 - as above
        from monitoring.treatment.usual_times import next_dose_after_hold  # noqa: PLC0415 - as above
        from tui.cli.typed_times import typed_day, typed_moment  # noqa: PLC0415 - as above

        store = open_chosen(options).store
        record = store.find(options.record_number)
        number = entry_number(record, kind.of, options.number)
        ending = StopRecord(
            of=number,
            on=typed_day(options.end, "End") if day else None,
            at=None if day else typed_moment(options.end, "End", may_be_ahead=True),
            reason=options.reason,
        )
        now, history = Moment.now(), TreatmentHistory.of(record)
        upcoming = next_dose_after_hold(history, now) if ending.at else None
        check_times(ending, record.patient.entry.born, now, planned_until=upcoming)
        if kind.ends_in_a_restart and ending.at is not None:
            from monitoring.state import restart_safety  # noqa: PLC0415 - as above

            alerts = restart_safety(record, ending.at)
            print_alerts(alerts)
            if alerts.blocking_codes:
                print("Nothing was stored. Restart with sirolimus prescribe, --override and --by.")
                return ExitCode.STOPPED
        store.end(number, ending)
        is_full = is_written_out(options.end)
        ended = clean(options.end) if is_full else str(ending.on or ending.at)
        print(f"Recorded: {kind.what} {number} ended {ended}.")
        return ExitCode.DONE

    end.set_defaults(run=run_end)
