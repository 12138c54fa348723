"""`sirolimus report`: a patient's record on paper, as a PDF file."""

import argparse
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError
from tui.exit_codes import ExitCode
from tui.records import add_records_options, open_chosen, present

if TYPE_CHECKING:
    from tui.parser import Parser

_DESCRIPTION = """\
The patient's summary as a PDF file, for a colleague who does not have the
program: where things stand, the dose, what is due, alerts, levels, doses,
side-effects, laboratory values, other drugs and the response, with sources.
The file is for you alone and never replaces another one unless forced."""

_EPILOG = """\
Example:
  sirolimus report 00123 --out summary.pdf"""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("report", help=summary, description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument(
        "--out", metavar="FILE", help="the file (default: a name without the patient's name, here)"
    )
    parser.add_argument("--paper", choices=["a4", "letter"], default="a4", help="default: a4")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    parser.add_argument(
        "--password", action="store_true", help="ask for a password and encrypt by AES-256"
    )
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Write the summary of one patient and print where it is."""
    from monitoring.summary import summarise  # noqa: PLC0415 - levels are assessed by pandas
    from reports.page import Paper  # noqa: PLC0415 - ReportLab is heavy
    from reports.patient_summary import (  # noqa: PLC0415 - see above
        patient_summary_pdf,
        proposed_file_name,
    )

    store = open_chosen(options).store
    # The head first: it is then at most older than the record, and still one of the trail's links.
    head = store.head()
    summary = summarise(store.find(options.record_number), present())
    file = Path(options.out or proposed_file_name(summary))
    return write(
        patient_summary_pdf(summary, head=head, paper=Paper[options.paper.upper()]), file, options
    )


def write(pdf: bytes, file: Path, options: argparse.Namespace) -> ExitCode:
    """Write a document as the options say, and print where it is."""
    from reports.pdf_file import write_pdf  # noqa: PLC0415 - as above

    password = _ask_password() if options.password else None
    write_pdf(pdf, file, force=options.force, password=password)
    print(file.absolute())
    return ExitCode.DONE


def _ask_password() -> str:
    """Return a password that was typed twice alike. Raises `UserError` where it was not."""
    password = getpass("Password of the file: ")
    if getpass("The same again: ") != password:
        raise UserError("The two passwords differ: nothing was written.")
    return password
