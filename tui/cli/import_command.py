"""`sirolimus import`: results of other systems, a folder that fills up, or an export."""

import argparse
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from dosing import UserError, clean
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from monitoring.store.errors import NoRecordsError
from monitoring.times import Moment, local_zone
from tui.cli.output import ExitCode, print_json, print_json_line
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from monitoring.exchange.export import Preview
    from monitoring.exchange.import_plan import ImportChoices, Plan
    from monitoring.exchange.incoming import SourceKind
    from monitoring.exchange.laboratory_file.mapping import Mapping
    from monitoring.exchange.watching import FileOutcome
    from monitoring.store.opening import Records
    from tui.cli.parser import Parser

WAITING = "waiting"
"""The word in the place of a file for the list of waiting results; a file is ./waiting."""

_DESCRIPTION = """\
A FILE holds results of another system, known by its content: CSV or Excel by a
mapping of its columns, HL7 v2, FHIR, or a workbook of the clinic. A FOLDER is an
export of this program, for empty records. Either everything is imported, or
nothing. Results of unknown patients wait: `sirolimus import waiting` lists them."""

_EXAMPLE = """\
Import lab results, step by step:
  sirolimus import results.csv --guess --preview
  sirolimus import results.csv --guess
  sirolimus import more-results.csv
or, by a mapping of your own:
  sirolimus import results.csv --guess --write-mapping laboratory.toml
  sirolimus import results.csv --mapping laboratory.toml --preview

Import whatever an interface engine puts into a folder:
  sirolimus import --watch /srv/results

Exit codes: 0 done; 2 an input cannot be read, or rows are refused."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("import", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE)
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        help="a file of results, the folder of an export, or the word waiting for the list of "
        "results whose patient is unknown",
    )
    parser.add_argument(
        "--preview", action="store_true", help="show what would be imported; store nothing"
    )
    parser.add_argument(
        "--skip-refused",
        action="store_true",
        help="import the good results although others are refused",
    )
    parser.add_argument(
        "--new-patients",
        action="store_true",
        help="add patients who are not in the records, by name, date of birth and sex",
    )
    parser.add_argument(
        "--take-doses",
        action="store_true",
        help="import prescriptions and doses not given, too: they change the forecast",
    )
    laboratory = parser.add_argument_group("laboratory file")
    laboratory.add_argument(
        "--mapping",
        metavar="MAP",
        help="the mapping of its columns (TOML); of messages, the tests and the time zone",
    )
    laboratory.add_argument(
        "--guess",
        action="store_true",
        help="guess the mapping from the file, and keep it once it is confirmed",
    )
    laboratory.add_argument("--name", help="the name by which a confirmed guess is kept")
    laboratory.add_argument(
        "--write-mapping",
        metavar="MAP",
        help="write a mapping to fill in, from the headings of the file",
    )
    folder = parser.add_argument_group("a folder that fills up")
    folder.add_argument(
        "--watch", metavar="FOLDER", help="import each file that appears in a folder"
    )
    folder.add_argument(
        "--once", action="store_true", help="import the files that are there, and end"
    )
    waiting = parser.add_argument_group("waiting results")
    waiting.add_argument(
        "--take", action="store_true", help="import those whose patient is known by now"
    )
    waiting.add_argument("--drop", metavar="N", help="remove one from the list; needs --reason")
    waiting.add_argument("--reason", metavar="R", help="why it is removed")
    parser.add_argument_group("a clinic's workbook").add_argument(
        "--write-template", metavar="FILE", help="write a workbook for all data of a clinic"
    )
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


_MODES: tuple[tuple[str, str], ...] = (
    ("write_template", "--write-template"), ("watch", "--watch"),
)  # fmt: skip
_OF_ONE_MODE = {
    "once": "--watch", "take": WAITING, "drop": WAITING, "reason": WAITING,
}  # fmt: skip


def run(options: argparse.Namespace) -> ExitCode:
    """Import a file, a folder or the waiting results."""
    mode = _mode_of(options)
    if mode == "--write-template":
        return _write_template(options)
    if mode == "--watch":
        return _watch(options, path_of(options.watch).absolute())
    if mode == WAITING:
        return _waiting(options)
    path = path_of(options.path).absolute()
    return _import_folder(options, path) if path.is_dir() else _import_by_mapping(options, path)


def _of_a_file(options: argparse.Namespace) -> int:
    """Return how many options of a file are given."""
    given = (
        options.mapping, options.skip_refused, options.write_mapping, options.guess, options.name,
        options.new_patients, options.take_doses,
    )  # fmt: skip
    return sum(map(bool, given))


def _import_folder(options: argparse.Namespace, folder: Path) -> ExitCode:
    if _of_a_file(options):
        raise UserError(f"{options.path} is a folder. Leave out the options of a laboratory file.")
    return _import_export(options, folder)


def _import_by_mapping(options: argparse.Namespace, file: Path) -> ExitCode:
    """Import a file by the mapping that is stated, kept or guessed, or write one."""
    if options.guess and options.mapping:
        raise UserError("--guess and --mapping exclude each other. Use one of them.")
    if options.name and not options.guess:
        raise UserError("--name belongs to --guess. Leave it out.")
    if options.guess:
        from tui.cli.guess_page import guessed_mapping  # noqa: PLC0415 - rich

        guessed = guessed_mapping(options, file)
        if isinstance(guessed, ExitCode):
            return guessed
        return _import_file(options, file, guessed)
    if options.write_mapping:
        if options.preview or _of_a_file(options) > 1:
            raise UserError("--write-mapping goes alone. Fill the mapping in first.")
        return _write_mapping(options, file)
    return _import_file(options, file)


def _mode_of(options: argparse.Namespace) -> str:
    """Return what is to be done: an option of `_MODES`, the waiting list, or "" for a path."""
    chosen = [name for option, name in _MODES if getattr(options, option)]
    if len(chosen) + (options.path is not None) != 1:
        raise UserError("Name one file or folder, or the word waiting, or give --watch FOLDER.")
    mode = chosen[0] if chosen else WAITING if options.path == WAITING else ""
    for option, only in _OF_ONE_MODE.items():
        if getattr(options, option) and mode != only:
            raise UserError(f"--{option} belongs to {only}. Leave it out.")
    if mode and options.write_mapping:
        raise UserError("--write-mapping needs a laboratory's file. Name the file.")
    if mode == "--watch" and options.preview:
        raise UserError("A watched folder has no preview. Preview one file instead.")
    return mode


def _choices(options: argparse.Namespace, file: str) -> "ImportChoices":
    from monitoring.exchange.import_plan import ImportChoices  # noqa: PLC0415 - the database

    return ImportChoices(
        new_patients=options.new_patients, take_doses=options.take_doses, file=file
    )


def _write_template(options: argparse.Namespace) -> ExitCode:
    from monitoring.exchange.clinic_workbook.template import (  # noqa: PLC0415 - used here only
        write_clinic_template,
    )

    file = path_of(options.write_template).absolute()
    write_clinic_template(file)
    if options.json:
        print_json({"template": options.write_template}, ascii_only=True)
    else:
        print(f"{escaped(options.write_template)} is ready. Fill it in, then import it.")
    return ExitCode.DONE


def _import_export(options: argparse.Namespace, folder: Path) -> ExitCode:
    from monitoring.exchange.export import (  # noqa: PLC0415 - the database is heavy
        preview_export,
        restore_export,
    )

    try:
        records = open_chosen(options)
    except NoRecordsError:
        records = None
    if options.preview:
        return _preview_export(
            options, preview_export(records.store.engine if records else None, folder)
        )
    if records is None:
        preview_export(None, folder)  # a damaged export begins no records
        records = open_chosen(options, create=True)
    imported = restore_export(records.store.engine, folder)
    records.accept_head()
    if options.json:
        print_json({"changes": imported.changes, "head": imported.head})
    else:
        print(f"Imported {count_of(imported.changes, 'change')}; verified. Head {imported.head}.")
    return ExitCode.DONE


def _preview_export(options: argparse.Namespace, preview: "Preview") -> ExitCode:
    from reports.presentation.imports import preview_lines  # noqa: PLC0415 - the database

    if options.json:
        found = preview.verification
        numbers = [each.record_number for each in preview.patients]
        print_json({"changes": found.changes, "head": found.head, "record_numbers": numbers})
    else:
        print("\n".join(map(clean, preview_lines(preview))))
        print("Nothing is stored yet. Repeat without --preview to import.")
    return ExitCode.DONE


def _write_mapping(options: argparse.Namespace, file: Path) -> ExitCode:
    from monitoring.exchange.laboratory_file.template import (  # noqa: PLC0415 - used here only
        write_template,
    )

    headings = write_template(file, path_of(options.write_mapping).absolute(), local_zone())
    if options.json:
        # A file name may hold bytes that are not text: those can be printed in ASCII only.
        print_json({"mapping": options.write_mapping, "headings": headings}, ascii_only=True)
        return ExitCode.DONE
    print(
        f"{escaped(options.write_mapping)} is ready, with the {len(headings)} headings of the file."
    )
    print("Open it and name the column of each value. Then:")
    command = shlex.join(["import", options.path, "--mapping", options.write_mapping, "--preview"])
    print(f"  sirolimus {escaped(command)}")
    return ExitCode.DONE


def _import_file(
    options: argparse.Namespace, file: Path, guessed: "Mapping | None" = None
) -> ExitCode:
    from monitoring.clinic_choices import clinic_choices  # noqa: PLC0415 - for values alone
    from monitoring.exchange.importing import plan_import  # noqa: PLC0415 - as above
    from monitoring.exchange.source import (  # noqa: PLC0415 - the database
        content_of_source,
        items_of,
        source_kind,
        stated_for,
    )
    from monitoring.store.opening import store_in_memory  # noqa: PLC0415 - the database
    from tui.cli.import_page import progress_bar  # noqa: PLC0415 - rich

    content = content_of_source(file)
    kind = source_kind(content)
    stated = guessed or stated_for(kind, _mapping_file(options, content, kind))
    try:
        records = open_chosen(options)
    except NoRecordsError:
        if not options.new_patients:
            raise
        records = None  # begun once something is stored
    chosen = nullcontext(records.store) if records else store_in_memory()
    with chosen as store, progress_bar("Reading") as progress:
        plan = plan_import(
            store,
            items_of(content, kind, stated),
            kind,
            Moment.now(stated.time_zone),
            progress,
            clinic=clinic_choices(),
            choices=_choices(options, file.name),
        )
    return _carry_out(options, records, plan, options.path)


def _mapping_file(options: argparse.Namespace, content: bytes, kind: "SourceKind") -> Path | None:
    """Return the mapping that is stated, or the one that is kept for the headings of the file."""
    from monitoring.exchange.source import kept_mapping_for  # noqa: PLC0415 - the database

    if options.mapping:
        return path_of(options.mapping)
    kept = kept_mapping_for(content, kind)
    if kept is None:
        return None
    print(f'Mapping: "{kept.name}", kept for these headings.', file=sys.stderr)
    return kept.file


def _carry_out(
    options: argparse.Namespace, records: "Records | None", plan: "Plan", name: str
) -> ExitCode:
    """Store what a plan adds unless it is a preview or has refusals, and print the outcome."""
    from monitoring.exchange.importing import import_results  # noqa: PLC0415 - the database
    from tui.cli.import_page import ImportOutcome, print_outcome, progress_bar  # noqa: PLC0415 - rich

    goes_through = not plan.refused or options.skip_refused
    written, kept = goes_through and not options.preview, None
    if written and plan.stores_something:
        with progress_bar("Writing") as progress:
            records = records or open_chosen(options, create=True)
            kept = import_results(records, plan, progress)
    outcome = ImportOutcome(plan=plan, file=name, written=written, backup=kept)
    print_outcome(outcome, preview=options.preview, as_json=options.json)
    return ExitCode.DONE if goes_through else ExitCode.INVALID_INPUT


# --- waiting results


def _waiting(options: argparse.Namespace) -> ExitCode:
    from monitoring.clinic_choices import clinic_choices  # noqa: PLC0415 - for values alone
    from monitoring.exchange.importing import plan_waiting  # noqa: PLC0415 - the database

    if options.mapping:
        raise UserError("Waiting results need no mapping. Leave --mapping out.")
    if options.drop:
        return _drop(options)
    if options.reason:
        raise UserError("--reason belongs to --drop N. Leave it out.")
    records = open_chosen(options)
    if not options.take:
        return _list_waiting(options, records)
    plan = plan_waiting(
        records.store, Moment.now(), clinic=clinic_choices(), choices=_choices(options, "")
    )
    options.skip_refused = True  # a refused one goes on waiting
    return _carry_out(options, records, plan, "the waiting results")


def _drop(options: argparse.Namespace) -> ExitCode:
    from monitoring.exchange.waiting import drop_waiting  # noqa: PLC0415 - the database

    if not options.reason or options.take or options.preview:
        raise UserError("--drop N needs --reason R, and goes without --take.")
    if not (options.drop.isascii() and options.drop.isdecimal() and len(options.drop) < 12):
        raise UserError("--drop needs the number of a waiting result. Take it from the list.")
    drop_waiting(open_chosen(options).store, int(options.drop), options.reason)
    if options.json:
        print_json({"dropped": int(options.drop)})
    else:
        print(f"Removed waiting result {int(options.drop)} from the list; its row stays.")
    return ExitCode.DONE


def _list_waiting(options: argparse.Namespace, records: "Records") -> ExitCode:
    from monitoring.exchange.waiting import open_waiting  # noqa: PLC0415 - the database
    from reports.presentation.imports import waiting_words  # noqa: PLC0415 - as above
    from tui.cli.import_page import waiting_json  # noqa: PLC0415 - rich
    from tui.cli.page import print_rows  # noqa: PLC0415 - rich

    waiting = tuple(open_waiting(records.store.engine))
    if options.json:
        print_json(
            [
                {
                    "number": each.number,
                    "received": str(each.received.at),
                    "by": each.received.by,
                    "kind": each.kind.value,
                    **waiting_json(each),
                }
                for each in waiting
            ]
        )
        return ExitCode.DONE
    if not waiting:
        print("No result waits for a patient.")
        return ExitCode.DONE
    print("Waiting for a patient who is in the records")
    print_rows(
        [
            (str(each.number), clean(f"{waiting_words(each)} ({each.file}, {each.item.place})"))
            for each in waiting
        ],
        right=True,
    )
    print("\nAdd the patient, then: sirolimus import waiting --take")
    return ExitCode.DONE


# --- a folder that fills up


def _watch(options: argparse.Namespace, folder: Path) -> ExitCode:
    from monitoring.clinic_choices import clinic_choices  # noqa: PLC0415 - for values alone
    from monitoring.exchange.watching import FileImport, Outcome, watch  # noqa: PLC0415 - the database

    mapping = path_of(options.mapping).absolute() if options.mapping else None
    importer = FileImport(
        records=open_chosen(options),
        mapping=mapping,
        clinic=clinic_choices(),
        choices=_choices(options, ""),
        skips_refused=options.skip_refused,
    )
    all_good = True
    with _until_signal() as wait:
        for each in watch(folder, importer, wait, once=options.once):
            all_good &= each.outcome in {Outcome.IMPORTED, Outcome.ALREADY_THERE}
            _print_file(options, each)
    return ExitCode.DONE if all_good or not options.once else ExitCode.INVALID_INPUT


@contextmanager
def _until_signal() -> Iterator[Callable[[float], bool]]:
    """Give a wait that returns True once the program is asked to end, by Ctrl-C or SIGTERM."""
    ends = Event()

    def end(_number: int, _frame: object) -> None:
        ends.set()

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ends.wait
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _print_file(options: argparse.Namespace, each: "FileOutcome") -> None:
    """Print one line for a file."""
    from tui.cli.watch_log import file_json, file_line  # noqa: PLC0415 - the database

    if options.json:
        print_json_line(file_json(each))
    else:
        print(file_line(each), flush=True)
