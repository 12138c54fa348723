"""`sirolimus kinetics`: a population model on a table of many patients, for research."""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from dosing import UserError, clean
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped, quoted
from monitoring.files import path_of, placed_file
from tui.cli.fit_workers import MOST_JOBS, fitting
from tui.cli.forecast import add_model_option, chosen_model
from tui.cli.kinetics_evaluate import add_evaluate_to
from tui.cli.kinetics_trial import add_trial_to
from tui.cli.output import ExitCode
from tui.cli.research_table import progress_bar, table_lines

if TYPE_CHECKING:
    from dosing.nonmem.patients_table import Chunk, ChunkFits
    from dosing.pharmacokinetics import Model
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Fit a population model to each patient of a table, for research. Input: doses
and levels in the NONMEM convention, cells separated by commas, tabs or blanks;
several tables are one study. Output: CSV with a row for each patient.

Columns: ID, TIME (h or HH:MM), AMT (mg), DV (ng/mL) and the model's covariates,
such as WT; EVID (0 level, 1 dose, 2 neither, 3 reset, 4 reset and dose; without
it a row with AMT is a dose). Also read: MDV, II, ADDL, SS, CENS, BLQ or BQL with
LLOQ, CMT, DATE (month-day-year), DAT1 (day-month-year), DAT2 (year-month-day),
DAT3 (year-day-month), EXCL. Missing: an empty cell, a point, NA.

Refused by name where they change a row: RATE, DUR, TINF, ADM, INPUT, DVID, YTYPE,
OUTEQ, LIMIT, MDVX, DROP and their like. Columns without a use are named."""

_EPILOG = """\
Examples:
  sirolimus kinetics fit levels.csv --model fan2024 --out fits.csv
  sirolimus kinetics fit site1.csv site2.csv --model fan2024 --out fits.csv --jobs 4
  sirolimus kinetics fit levels.csv --model fan2024 --out fits.csv \\
      --cluster tcp://scheduler:8786

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
    fit.add_argument("file", metavar="TABLE", nargs="+", help="a table; several are one study")
    add_model_option(fit, required=True)
    fit.add_argument("--out", required=True, metavar="FILE", help="a new file for the fits (CSV)")
    workers = fit.add_mutually_exclusive_group()
    workers.add_argument(
        "--jobs", metavar="N", help="processes of this machine that fit (default: 1)"
    )
    workers.add_argument(
        "--cluster", metavar="ADDRESS", help="the scheduler of a dask cluster that fits"
    )
    fit.set_defaults(run=run_fit)
    add_evaluate_to(actions)
    add_trial_to(actions)


def run_fit(options: argparse.Namespace) -> ExitCode:
    """Fit every patient, write the fits, and name the patients without one."""
    out, files = path_of(options.out), [path_of(each) for each in options.file]
    if out.exists():
        raise UserError(f"{out} exists already. Choose another name.")
    model, jobs = chosen_model(options.model), _jobs_of(options.jobs)
    tables = _Tables(files, model)
    everyone = sum(len(chunk.patients) for chunk in tables.chunks())  # and the whole is readable
    counts = _Counts()
    with (
        placed_file(out) as part,
        part.open("w", encoding="utf-8", newline="") as stream,
        fitting(model, jobs, options.cluster) as fitted,
        progress_bar("Patients", everyone) as advance,
    ):
        rows = _Rows(stream, model)
        for fits in fitted(tables.chunks()):
            rows.write(fits)
            counts.add(fits, rows.names)
            advance(len(fits.rows))
    counts.print_doubtful()
    print(f"{escaped(str(out.absolute()))}: {counts.summary()}{tables.summary()}.")
    if tables.unused:
        print(f"Columns without a use: {', '.join(map(clean, tables.unused))}.")
    return ExitCode.DONE if counts.unfitted < counts.patients else ExitCode.INVALID_INPUT


def _jobs_of(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_JOBS):
        raise UserError(f"--jobs {quoted(text)} is not a whole number from 1 to {MOST_JOBS}.")
    return int(text)


class _Tables:
    """The tables of a study, read one after another, as often as they are asked for."""

    def __init__(self, files: Sequence[Path], model: "Model") -> None:
        self._files = files
        self._model = model
        self._comments = 0
        self.unused: list[str] = []
        """The columns without a use, each once."""

    def chunks(self) -> "Iterator[Chunk]":
        """Yield the patients of all tables, in chunks."""
        from dosing.nonmem.columns import Columns  # noqa: PLC0415 - numpy is heavy
        from dosing.nonmem.patients_table import KnownPatients, text_chunks  # noqa: PLC0415 - as above
        from dosing.nonmem.table_text import TableLines  # noqa: PLC0415 - as above

        known, self._comments = KnownPatients(), 0
        for file in self._files:
            name = clean(str(file)) if len(self._files) > 1 else ""
            table = TableLines(table_lines(file), name)
            columns = Columns.of(table.header, self._model, name)
            self.unused += [each for each in columns.unused if each not in self.unused]
            yield from text_chunks(table, columns, known, name)
            self._comments += table.comments

    def summary(self) -> str:
        """Return how many comments are left out."""
        return f"; {count_of(self._comments, 'comment line')} left out"


class _Rows:
    """The fits as CSV, a row a patient."""

    def __init__(self, stream: TextIO, model: "Model") -> None:
        from dosing.nonmem.patients_table import fit_columns  # noqa: PLC0415 - numpy is heavy

        self.names = fit_columns(model)
        self._writer = csv.writer(stream)
        self._writer.writerow(self.names)

    def write(self, fits: "ChunkFits") -> None:
        from monitoring.exchange.spreadsheet import defused  # noqa: PLC0415 - used here only

        self._writer.writerows(
            ["" if cell is None else defused(cell) for cell in row] for row in fits.rows
        )


@dataclass
class _Counts:
    """The numbers of patients, of those without a fit, and of what was left out."""

    patients: int = 0
    unfitted: int = 0
    left_out: int = 0
    predose: int = 0
    doubtful: int = 0
    first_doubtful: str = field(default="")

    def add(self, fits: "ChunkFits", names: Sequence[str]) -> None:
        """Count the fits of a chunk, and name its patients without one."""
        ofv, last = names.index("ofv"), names.index("problem")
        self.left_out += fits.left_out
        self.predose += fits.predose
        for row in fits.rows:
            self.patients += 1
            patient, problem = clean(str(row[0])), clean(str(row[last]))
            if row[ofv] is None:
                self.unfitted += 1
                print(f"Not fitted, patient {patient}: {problem}", file=sys.stderr)
            elif problem:
                self.doubtful += 1
                self.first_doubtful = self.first_doubtful or f"{patient}: {problem}"

    def print_doubtful(self) -> None:
        """Print how many fits are to be reviewed, and the first."""
        if self.doubtful:
            print(
                f"{count_of(self.doubtful, 'fit')} to review (column problem); the first is "
                f"{self.first_doubtful}",
                file=sys.stderr,
            )

    def summary(self) -> str:
        """Return the numbers in words."""
        text = f"{count_of(self.patients, 'patient')}, {self.unfitted} without a fit"
        if self.left_out:
            text += f"; {count_of(self.left_out, 'flagged row')} left out"
        if self.predose:
            text += f"; {count_of(self.predose, 'level')} of 0 before the first dose left out"
        return text
