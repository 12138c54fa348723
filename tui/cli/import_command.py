"""`sirolimus import`: lab results by a mapping, or an export into empty records."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError, clean
from dosing.quantities.formatting import count_of
from monitoring.store.errors import NoRecordsError
from monitoring.times import Moment, local_zone
from tui.cli.output import ExitCode, print_json
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from monitoring.exchange.export import Preview
    from tui.cli.parser import Parser

_DESCRIPTION = """\
A FILE holds a laboratory's levels and laboratory values, as CSV or Excel; a
mapping, made once, names its columns. A FOLDER is an export of this program,
for empty records. Either everything is imported, or nothing."""

_EXAMPLE = """\
Import lab results, step by step:
  sirolimus import results.csv --write-mapping laboratory.toml
  (open laboratory.toml and name the column of each value)
  sirolimus import results.csv --mapping laboratory.toml --preview
  sirolimus import results.csv --mapping laboratory.toml

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
    path = Path(options.path).absolute()
    for_a_file = (options.mapping, options.skip_refused, options.write_mapping)
    if path.is_dir():
        if any(for_a_file):
            raise UserError(
                f"{options.path} is a folder. Leave out the options of a laboratory file."
            )
        return _import_export(options, path)
    if options.write_mapping:
        if options.mapping or options.preview or options.skip_refused:
            raise UserError("--write-mapping goes alone. Fill the mapping in first.")
        return _write_mapping(options, path)
    if not options.mapping:
        raise UserError(
            "A laboratory's file needs --mapping MAP, which names its columns. "
            "--write-mapping MAP writes one to fill in."
        )
    return _import_laboratory_file(options, path)


def _import_export(options: argparse.Namespace, folder: Path) -> ExitCode:
    from monitoring.exchange.export import (  # noqa: PLC0415 - the database is heavy
        preview_export,
        restore_export,
    )

    try:
        engine = open_chosen(options).store.engine
    except NoRecordsError:
        engine = None
    if options.preview:
        return _preview_export(options, preview_export(engine, folder))
    if engine is None:
        preview_export(None, folder)  # a damaged export begins no records
        engine = open_chosen(options, create=True).store.engine
    imported = restore_export(engine, folder)
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

    headings = write_template(file, Path(options.write_mapping).absolute(), local_zone())
    if options.json:
        # A file name may hold bytes that are not text: those can be printed in ASCII only.
        print_json({"mapping": options.write_mapping, "headings": headings}, ascii_only=True)
        return ExitCode.DONE
    print(f"{options.write_mapping} is ready, with the {len(headings)} headings of the file.")
    print("Open it and name the column of each value. Then:")
    print(f"  sirolimus import {options.path} --mapping {options.write_mapping} --preview")
    return ExitCode.DONE


def _import_laboratory_file(options: argparse.Namespace, file: Path) -> ExitCode:
    from monitoring.clinic_choices import clinic_choices  # noqa: PLC0415 - for values alone
    from monitoring.exchange.laboratory_file.importing import (  # noqa: PLC0415 - the database
        import_results,
        plan_import,
    )
    from monitoring.exchange.laboratory_file.mapping import read_mapping  # noqa: PLC0415 - as above
    from tui.cli.import_page import ImportOutcome, print_outcome, progress_bar  # noqa: PLC0415 - rich

    mapping = read_mapping(Path(options.mapping))
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
