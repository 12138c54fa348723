"""`sirolimus export`: all records as JSON and CSV, or what other systems and people read."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from monitoring.times import Moment
from tui.cli.output import ExitCode, print_json
from tui.cli.records import (
    add_plain_option,
    add_records_options,
    open_chosen,
    require_plain,
)

if TYPE_CHECKING:
    from monitoring.record.entry_kind import Hook
    from monitoring.store.store import Store
    from tui.cli.parser import Parser

_DESCRIPTION = """\
A FOLDER gets everything, as JSON and CSV, for use without this program and for
`sirolimus import`. The options write one format instead: of all patients, or of
those that --patient names. An existing file is never replaced."""

_EXAMPLE = """\
  sirolimus export backup-folder
  sirolimus export --levels levels.xlsx
  sirolimus export --levels sample.csv --patient 00123 --patient 00124
  sirolimus export --omop registry"""


def _hook(place: str) -> "Hook":
    from monitoring.record.entry_kind import Hook  # noqa: PLC0415 - the record is heavy

    return Hook(place)


@dataclass(frozen=True, slots=True)
class Format:
    """A format for other systems: its option, its writer, and what is counted."""

    kind: str
    metavar: str
    help: str
    place: str
    """The writer by its module and name, imported on first use."""
    counted: str

    def write(
        self, store: "Store", numbers: tuple[int, ...] | None, file: Path, now: Moment
    ) -> int:
        """Write the file or the folder, and return how much was written."""
        try:
            writer: Callable[..., int] = _hook(self.place).load()
        except ModuleNotFoundError:
            raise UserError(f"--{self.kind} is not available in this version.") from None
        return writer(store, numbers, file, now)


FORMATS = (
    Format("fhir", "FILE", "a Bundle of FHIR R4", "monitoring.exchange.fhir.writing:write_fhir",
           "resource"),
    Format("hl7", "FILE", "the levels as messages of HL7 v2 (ORU^R01, 2.5.1)",
           "monitoring.exchange.hl7.writing:write_hl7", "result"),
    Format("omop", "FOLDER", "tables of the OMOP CDM 5.4, as CSV",
           "monitoring.exchange.omop:write_omop", "row"),
    Format("levels", "FILE", "levels and laboratory values with the dose: .csv or .xlsx",
           "monitoring.exchange.levels_table:write_levels", "row"),
)  # fmt: skip
"""Each format besides the complete export."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("export", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE)
    parser.add_argument("folder", metavar="FOLDER", nargs="?", help="a new folder, for everything")
    formats = parser.add_argument_group("one format instead")
    for each in FORMATS:
        formats.add_argument(f"--{each.kind}", metavar=each.metavar, help=each.help)
    formats.add_argument(
        "--patient", metavar="M", action="append", default=[],
        help="only the patient with this record number; may be repeated",
    )  # fmt: skip
    add_plain_option(parser)
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Write all records, or one format."""
    given = [each for each in FORMATS if getattr(options, each.kind) is not None]
    if len(given) + (options.folder is not None) != 1:
        names = ", ".join(f"--{each.kind}" for each in FORMATS)
        raise UserError(f"An export has one form. Name a FOLDER or one of {names}.")
    if not given and options.patient:
        raise UserError("A complete export has all patients. Leave out --patient.")
    store = open_chosen(options).store
    require_plain(store, options, "an export", "back up instead")
    if given:
        return _write_format(options, given[0], store)
    return _write_everything(options, store)


def _write_everything(options: argparse.Namespace, store: "Store") -> ExitCode:
    from monitoring.exchange.export import export  # noqa: PLC0415 - the database is heavy

    written = export(store.engine, path_of(options.folder).absolute())
    _print_written(options, written, "records", "change", options.folder)
    return ExitCode.DONE


def _write_format(options: argparse.Namespace, chosen: Format, store: "Store") -> ExitCode:
    file = getattr(options, chosen.kind)
    numbers = None
    if options.patient:
        found = (store.find(each).number for each in options.patient)
        numbers = tuple(dict.fromkeys(found))
    written = chosen.write(store, numbers, path_of(file).absolute(), Moment.now())
    _print_written(options, written, chosen.kind, chosen.counted, file)
    return ExitCode.DONE


def _print_written(
    options: argparse.Namespace, written: int, kind: str, counted: str, file: str
) -> None:
    if options.json:
        # A file name may hold bytes that are not text: those can be printed in ASCII only.
        print_json({"written": written, "kind": kind, "file": file}, ascii_only=True)
    else:
        print(f"Exported {count_of(written, counted)} to {escaped(file)}.")
