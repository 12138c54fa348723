"""`sirolimus cohort`: the clinic compared with Nadal 2016."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.quantities.formatting import count_of
from dosing.quantities.reading_limits import SHARES
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
count states its denominator; intervals are exact (Clopper-Pearson).

share writes the clinic's figures for a pool of several clinics, without a count
of fewer than five patients; pool prints the figures of several shares together."""
_SHARE = """\
The clinic's figures as a signed file for a pool of several clinics. No count in
it is of fewer than 5 patients, and a new one needs 5 new patients. Read the
fingerprint of the key to the pooling clinic by telephone. A share hides counts
that are close to an earlier one, so share rarely; without --out nothing is
written, and the counts that a share has now are numbered."""
_POOL = """\
Several clinics together, compared with Nadal 2016, from the files of sirolimus
cohort share. Counts that a clinic hides have bounds. Compare each fingerprint
with its clinic by telephone."""

_LEVELS = """\
The levels of many clinics together, from the tables that sirolimus export
--levels FILE.csv wrote, one of each clinic. The tables may be larger than the
memory of this machine. They hold names: share them only where the law and the
patients allow it, otherwise use share and pool. It needs DuckDB, which
sirolimus-assistant[pool] installs."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("cohort", help=summary, description=_DESCRIPTION)
    parser.add_argument("--csv", metavar="FILE", help="write the tables to a new file as CSV")
    add_plain_option(parser)
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    share = actions.add_parser(
        "share",
        help="write the clinic's figures for a pool of clinics",
        description=_SHARE,
        argument_default=argparse.SUPPRESS,
    )
    share.add_argument("--out", metavar="FILE", default=None, help="a new file")
    add_plain_option(share)
    add_records_options(share, json_too=True)
    share.set_defaults(run=run_share)
    pool = actions.add_parser(
        "pool",
        help="the figures of several clinics together",
        description=_POOL,
        argument_default=argparse.SUPPRESS,
    )
    pool.add_argument("files", metavar="FILE", nargs="+", help="a share of each clinic")
    pool.add_argument("--pdf", metavar="FILE", default=None, help="write a new PDF file, too")
    pool.add_argument("--json", action="store_true", help="print JSON and nothing else")
    pool.set_defaults(run=run_pool)
    levels = actions.add_parser(
        "levels",
        help="the levels of many clinics, from the tables of their exports",
        description=_LEVELS,
        argument_default=argparse.SUPPRESS,
    )
    levels.add_argument("files", metavar="FILE", nargs="+", help="a table of each clinic")
    levels.add_argument("--json", action="store_true", help="print JSON and nothing else")
    levels.set_defaults(run=run_levels)


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


def run_share(options: argparse.Namespace) -> ExitCode:
    """Write the share, remember it, and print the fingerprint of its key."""
    from monitoring.pooling.sharing import prepare_share  # noqa: PLC0415 - as above
    from reports.presentation.pool import READ_FINGERPRINT, share_words  # noqa: PLC0415 - as above

    _refuse_csv(options)
    store = open_chosen(options).store
    require_plain(store, options, "a share", "share nothing")
    prepared = prepare_share(store, Moment.now(), options.out)
    share = prepared.share
    if options.out is not None:
        prepared.write(path_of(options.out))
    if options.json:
        print_json(
            {
                "file": options.out,
                "treated": share.treated,
                "rows": share.rows,
                "exact_rows": share.exact_rows,
                "fingerprint": None if options.out is None else prepared.fingerprint,
                "version": share.version,
                "tables_hash": share.tables,
            }
        )
        return ExitCode.DONE
    figures = share_words(share)
    if options.out is None:
        print(f"Nothing was written. A share has {figures} Write it with --out FILE.")
    else:
        print(f"Written to {escaped(options.out)}: {figures}")
        print(f"Fingerprint of the clinic's key: {prepared.fingerprint}")
        print(READ_FINGERPRINT)
    return ExitCode.DONE


def run_pool(options: argparse.Namespace) -> ExitCode:
    """Print the pooled report, and write it as PDF if asked."""
    from monitoring.pooling.documents import pooled_as_json  # noqa: PLC0415 - as above
    from monitoring.pooling.pool import pool  # noqa: PLC0415 - as above
    from monitoring.pooling.share_file import read_share  # noqa: PLC0415 - as above

    _refuse_csv(options)
    SHARES.check(len(options.files), "The pool")
    report = pool([read_share(path_of(file)) for file in options.files])
    if options.pdf is not None:
        from reports.pdf_file import write_pdf  # noqa: PLC0415 - ReportLab is heavy
        from reports.pooled_report import pooled_report  # noqa: PLC0415 - as above

        write_pdf(pooled_report(report, Moment.now()), path_of(options.pdf))
    if options.json:
        print_json(pooled_as_json(report))
    else:
        from tui.cli.pool_page import print_pool  # noqa: PLC0415 - JSON needs no page

        print_pool(report)
    return ExitCode.DONE


def run_levels(options: argparse.Namespace) -> ExitCode:
    """Print the levels of many clinics."""
    from monitoring.pooling.clinic_levels import levels_of_clinics  # noqa: PLC0415 - as above
    from monitoring.pooling.documents import clinic_levels_as_json  # noqa: PLC0415 - as above

    _refuse_csv(options)
    found = levels_of_clinics([path_of(file) for file in options.files])
    if options.json:
        print_json(clinic_levels_as_json(found))
    else:
        from tui.cli.pool_page import print_clinic_levels  # noqa: PLC0415 - JSON needs no page

        print_clinic_levels(found)
    return ExitCode.DONE


def _refuse_csv(options: argparse.Namespace) -> None:
    if options.csv is not None:
        raise UserError("--csv is for this clinic alone. Leave share, pool and levels out.")


def _write_new(file: Path, text: str) -> None:
    try:
        with new_file(file) as stream:
            stream.write(text)
    except FileExistsError:
        raise UserError(f"{file} exists already. Choose another name.") from None
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}.") from None
