"""`sirolimus kinetics`: a population model on a table of many patients, for research."""

import argparse
import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError, clean
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import new_file, path_of
from tui.cli.forecast import add_model_option, chosen_model
from tui.cli.kinetics_evaluate import add_evaluate_to
from tui.cli.output import ExitCode
from tui.cli.research_table import patients_bar, text_of_table

if TYPE_CHECKING:
    import pandas as pd

    from tui.cli.parser import Parser

_DESCRIPTION = """\
Fit a population model to each patient of a table, for research. Input: doses
and levels in the NONMEM convention, as CSV with commas. Output: CSV with a row
for each patient.

Columns: ID, TIME (h), EVID (0 level, 1 dose, 2 neither), AMT (mg), DV (ng/mL)
and the model's covariates, such as WT; also MDV, II, ADDL and CENS."""

_EPILOG = """\
Example:
  sirolimus kinetics fit levels.csv --model fan2024 --out fits.csv

A patient whose rows cannot be used has a row with the problem; the others are
fitted. Exit codes: 0 done; 2 the table cannot be read, or no patient can be
fitted."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("kinetics", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    fit = actions.add_parser(
        "fit", help="fit every patient of a table", description=_DESCRIPTION, epilog=_EPILOG
    )
    fit.add_argument("file", metavar="FILE", help="the table")
    add_model_option(fit, required=True)
    fit.add_argument("--out", required=True, metavar="FILE", help="a new file for the fits (CSV)")
    fit.set_defaults(run=run_fit)
    add_evaluate_to(actions)


def run_fit(options: argparse.Namespace) -> ExitCode:
    """Fit every patient, write the fits, and name the patients without one."""
    from dosing.nonmem import fit_table, read_table  # noqa: PLC0415 - numpy is heavy

    out, file = path_of(options.out), path_of(options.file)
    if out.exists():
        raise _there_already(out)
    model = chosen_model(options.model)
    table = read_table(text_of_table(file))
    with patients_bar() as progress:
        fits = fit_table(table.cells, model, progress)
    _write(fits, out)
    _print_problems(fits)
    unfitted = int(fits["ofv"].isna().sum())
    print(
        f"{escaped(str(out.absolute()))}: {count_of(len(fits), 'patient')}, "
        f"{unfitted} without a fit; "
        f"{count_of(table.comments, 'comment line')} left out."
    )
    return ExitCode.DONE if unfitted < len(fits) else ExitCode.INVALID_INPUT


def _write(fits: "pd.DataFrame", out: Path) -> None:
    """Write the fits as CSV, for this user alone; never over another file."""
    from monitoring.exchange.spreadsheet import defused  # noqa: PLC0415 - used here only

    cells = fits.astype(object).where(fits.notna(), "")
    try:
        with new_file(out) as stream:
            writer = csv.writer(stream)
            writer.writerow(map(defused, cells.columns))
            writer.writerows(map(defused, row) for row in cells.itertuples(index=False))
    except FileExistsError:
        raise _there_already(out) from None
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror}.") from None


def _there_already(out: Path) -> UserError:
    return UserError(f"{out} exists already. Choose another name.")


def _print_problems(fits: "pd.DataFrame") -> None:
    """Name each patient without a fit, and count the fits to review."""
    is_unfitted = fits["ofv"].isna()
    for patient, problem in zip(fits["ID"][is_unfitted], fits["problem"][is_unfitted], strict=True):
        print(f"Not fitted, patient {clean(str(patient))}: {clean(problem)}", file=sys.stderr)
    doubtful = fits[~is_unfitted & (fits["problem"] != "")]
    if len(doubtful):
        first = f"{clean(str(doubtful['ID'].iloc[0]))}: {clean(doubtful['problem'].iloc[0])}"
        print(
            f"{count_of(len(doubtful), 'fit')} to review (column problem); the first is {first}",
            file=sys.stderr,
        )
