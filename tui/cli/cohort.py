"""`sirolimus cohort`: the clinic compared with Nadal 2016."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import new_file, path_of
from monitoring.times import Moment
from tui.cli.output import ExitCode, print_json
from tui.cli.records import (
    add_plain_option,
    add_records_options,
    open_chosen,
    require_plain,
)

if TYPE_CHECKING:
    from tui.cli.parser import Parser

_DESCRIPTION = """\
The clinic's patients on sirolimus, counted as in Nadal 2016: who they are, how
they were treated, adverse events, time to response and time in range. Each
count states its denominator; intervals are exact (Clopper-Pearson)."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("cohort", help=summary, description=_DESCRIPTION)
    parser.add_argument("--csv", metavar="FILE", help="write the tables to a new file as CSV")
    add_plain_option(parser)
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the cohort, or write it to a file."""
    from monitoring.cohort import cohort  # noqa: PLC0415 - levels are assessed by pandas
    from monitoring.cohort.documents import cohort_as_csv, cohort_as_json  # noqa: PLC0415 - see above
    from monitoring.evaluation.track_record import keep_track_record  # noqa: PLC0415 - as above

    store = open_chosen(options).store
    if options.csv is not None:
        require_plain(store, options, "a CSV file", "leave --csv out")
    found = cohort(store.records(), Moment.now())
    keep_track_record(store, found.forecasts.answered_by, found.at)
    if options.csv is not None:
        _write_new(path_of(options.csv), cohort_as_csv(found))
    if options.json:
        print_json(cohort_as_json(found))
    elif options.csv is not None:
        patients = count_of(found.patients, "patient")
        print(f"Written to {escaped(options.csv)}: {found.treated} treated of {patients}.")
    else:
        from tui.cli.cohort_page import print_cohort  # noqa: PLC0415 - JSON needs no page

        print_cohort(found)
    return ExitCode.DONE


def _write_new(file: Path, text: str) -> None:
    try:
        with new_file(file) as stream:
            stream.write(text)
    except FileExistsError:
        raise UserError(f"{file} exists already. Choose another name.") from None
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}.") from None
