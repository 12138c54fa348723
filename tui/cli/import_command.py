"""`sirolimus import`: lab results by a mapping, or an export into empty records."""

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError, clean
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from monitoring.store.errors import NoRecordsError
from monitoring.times import Moment, local_zone
from tui.cli.output import ExitCode, print_json
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from monitoring.exchange.export import Preview
    from monitoring.exchange.laboratory_file.mapping import Mapping
    from tui.cli.parser import Parser

_DESCRIPTION = """\
A FILE holds a laboratory's levels and laboratory values, as CSV or Excel; a
mapping, made once, names its columns. A FOLDER is an export of this program,
for empty records. Either everything is imported, or nothing."""

_EXAMPLE = """\
Import lab results, step by step:
  sirolimus import results.csv --guess --preview
  sirolimus import results.csv --guess
  sirolimus import more-results.csv
or, by a mapping of your own:
  sirolimus import results.csv --guess --write-mapping laboratory.toml
  sirolimus import results.csv --mapping laboratory.toml --preview

Exit codes: 0 done; 2 an input cannot be read, or rows are refused."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("import", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE)
    parser.add_argument(
        "path", metavar="PATH", help="a file of lab results, or the folder of an export"
    )
    parser.add_argument(
        "--preview", action="store_true", help="show what would be imported; store nothing"
    )
    laboratory = parser.add_argument_group("laboratory file")
    laboratory.add_argument("--mapping", metavar="MAP", help="the mapping of its columns (TOML)")
    laboratory.add_argument(
        "--guess",
        action="store_true",
        help="guess the mapping from the file, and keep it once it is confirmed",
    )
    laboratory.add_argument("--name", help="the name by which a confirmed guess is kept")
    laboratory.add_argument(
        "--skip-refused",
        action="store_true",
        help="import the good rows although others are refused",
    )
    laboratory.add_argument(
        "--write-mapping",
        metavar="MAP",
        help="write a mapping to fill in, from the headings of the file",
    )
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Import a file of lab results or the folder of an export."""
    path = path_of(options.path).absolute()
    for_a_file = (options.mapping, options.skip_refused, options.write_mapping, options.guess)
    if path.is_dir():
        if any(for_a_file):
            raise UserError(
                f"{options.path} is a folder. Leave out the options of a laboratory file."
            )
        return _import_export(options, path)
    if options.guess and options.mapping:
        raise UserError("--guess and --mapping exclude each other. Use one of them.")
    if options.guess:
        from tui.cli.guess_page import guessed_mapping  # noqa: PLC0415 - rich

        guessed = guessed_mapping(options, path)
        if isinstance(guessed, ExitCode):
            return guessed
        return _import_laboratory_file(options, path, guessed)
    if options.write_mapping:
        if options.mapping or options.preview or options.skip_refused:
            raise UserError("--write-mapping goes alone. Fill the mapping in first.")
        return _write_mapping(options, path)
    return _import_laboratory_file(options, path, _mapping_of(options, path))


def _mapping_of(options: argparse.Namespace, file: Path) -> "Mapping":
    """Return the mapping that is stated, or the kept one for the file's headings."""
    if options.mapping:
        from monitoring.exchange.laboratory_file.mapping import (  # noqa: PLC0415 - used here only
            read_mapping,
        )

        return read_mapping(path_of(options.mapping))
    from monitoring.exchange.laboratory_file.kept_mappings import (  # noqa: PLC0415 - as above
        kept_mapping_of,
    )
    from monitoring.exchange.laboratory_file.layout import content_of  # noqa: PLC0415 - as above

    kept = kept_mapping_of(content_of(file))
    if kept is None:
        raise UserError(
            "A laboratory's file needs --mapping MAP, which names its columns. --guess finds "
            "them, and --write-mapping MAP writes one to fill in."
        )
    print(f'Mapping: "{kept.name}", kept for these headings.', file=sys.stderr)
    return kept.mapping


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


def _import_laboratory_file(
    options: argparse.Namespace, file: Path, mapping: "Mapping"
) -> ExitCode:
    from monitoring.clinic_choices import clinic_choices  # noqa: PLC0415 - for values alone
    from monitoring.exchange.laboratory_file.importing import (  # noqa: PLC0415 - the database
        import_results,
        plan_import,
    )
    from tui.cli.import_page import ImportOutcome, print_outcome, progress_bar  # noqa: PLC0415 - rich

    records = open_chosen(options)
    with progress_bar("Reading") as progress:
        now = Moment.now(mapping.time_zone)
        plan = plan_import(records.store, file, mapping, now, progress, clinic=clinic_choices())
    goes_through = not plan.refused or options.skip_refused
    written, kept = goes_through and not options.preview, None
    if written:
        with progress_bar("Writing") as progress:
            kept = import_results(records, plan, progress)
    outcome = ImportOutcome(plan=plan, file=options.path, written=written, backup=kept)
    print_outcome(outcome, preview=options.preview, as_json=options.json)
    return ExitCode.DONE if goes_through else ExitCode.INVALID_INPUT
