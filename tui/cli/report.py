"""`sirolimus report`: a patient's summary, the dose card or the clinic report, as PDF."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError, clean
from dosing.quantities.text import escaped, quoted
from monitoring.clinic_choices import clinic_choices
from monitoring.files import path_of
from monitoring.times import Moment
from reports.languages import ENGLISH, LANGUAGES
from tui.cli.output import ExitCode
from tui.cli.plain_mode import draws_bars
from tui.cli.records import (
    add_plain_option,
    add_records_options,
    open_chosen,
    print_warning,
    require_plain,
)

if TYPE_CHECKING:
    from monitoring.store.store import Store
    from reports.batch import BatchItem
    from reports.page import Paper
    from tui.cli.parser import Parser

_DESCRIPTION = """\
The patient's summary as a PDF file, for a colleague without the program: state
of treatment, what to do next, dose, alerts, other drugs and the last levels,
with sources, on one page of a usual course. --full goes on with the forecast
and every entry: doses, levels, adverse events, laboratory values, response.
Only you can read the file. It replaces another file only with --force.

--card prints the dose card for the family. --give-log prints a page with the
doses of four weeks to tick. Both are in the language of --language. --clinic
prints the clinic compared with Nadal 2016 and the worklist; --all prints the
summaries of all patients, a file each, into a folder."""

_EPILOG = """\
Example:
  sirolimus report 00123 --out summary.pdf
  sirolimus report 00123 --full --out record.pdf
  sirolimus report 00123 --card --out card.pdf
  sirolimus report 00123 --give-log --language es --out log.pdf
  sirolimus report --clinic --out clinic.pdf
  sirolimus report --all --out summaries

Exit codes: 0 written; 2 an input cannot be read or is not valid; 3 the record
forbids a card or a give-log (see the reason); 1 a fault of the program."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("report", help=summary, description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("record_number", metavar="M", nargs="?", help="the patient's record number")
    parser.add_argument("--card", action="store_true", help="the dose card for the family")
    parser.add_argument(
        "--give-log",
        action="store_true",
        help="the doses of four weeks with boxes to tick, for the family",
    )
    parser.add_argument(
        "--language",
        metavar="CODE",
        help=f"of the card or the give-log: {_languages()} (default: en)",
    )
    parser.add_argument(
        "--clinic",
        action="store_true",
        help="the clinic compared with Nadal 2016, and the worklist",
    )
    parser.add_argument("--all", action="store_true", help="every patient's summary, into a folder")
    parser.add_argument(
        "--full",
        action="store_true",
        help="with every entry and the forecast after the first page",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="the file, with --all the folder (default: a name without the patient's name, here)",
    )
    parser.add_argument("--paper", choices=["a4", "letter"], default="a4", help="default: a4")
    parser.add_argument("--force", action="store_true", help="replace an existing file")
    parser.add_argument(
        "--password", action="store_true", help="ask for a password and encrypt with AES-256"
    )
    add_plain_option(parser)
    add_records_options(parser)
    parser.set_defaults(run=run)


def _languages() -> str:
    return ", ".join(f"{code} {name}" for code, name in LANGUAGES.items())


def run(options: argparse.Namespace) -> ExitCode:
    """Write the chosen document and print its path."""
    from reports.page import Paper  # noqa: PLC0415 - ReportLab is heavy

    _refuse_mixed(options)
    store, paper = open_chosen(options).store, Paper[options.paper.upper()]
    if not options.password:
        require_plain(store, options, "a PDF", "--password")
    if options.all:
        return _write_all(store, options, paper)
    if options.card or options.give_log:
        return _family_page(store, options, paper)
    make = _clinic if options.clinic else _summary
    pdf, name, log = make(store, options, paper)
    return write(pdf, path_of(options.out or name), options, log)


def _refuse_mixed(options: argparse.Namespace) -> None:
    chosen = [options.record_number is not None, options.clinic, options.all]
    if sum(chosen) != 1:
        raise UserError("Name one document: a record number, --clinic or --all.")
    of_family = [name for name in ("card", "give_log") if getattr(options, name)]
    if len(of_family) > 1:
        raise UserError("--card and --give-log are two documents. Print one after the other.")
    for name in of_family:
        if options.record_number is None:
            option = name.replace("_", "-")
            raise UserError(f"--{option} is for one patient. Give the record number.")
    if options.language is not None:
        if not of_family:
            raise UserError("--language is for the family's pages. Add --card or --give-log.")
        if options.language not in LANGUAGES:
            raise UserError(
                f"{quoted(options.language)} is not a language of these pages. The languages "
                f"are {_languages()}."
            )
    if options.full and (of_family or options.clinic):
        raise UserError("--full is for a summary. Leave it out.")
    if options.all and options.out is None:
        raise UserError("--all needs a folder. Give --out FOLDER.")


Made = tuple[bytes, str, Callable[[], object]]
"""A document, the default name of its file, and the function that adds it to the print log."""


def _summary(store: "Store", options: argparse.Namespace, paper: "Paper") -> Made:
    from monitoring.evaluation.track_record import track_record  # noqa: PLC0415 - used here only
    from monitoring.recall.printing import log_page_of_patient  # noqa: PLC0415 - as above
    from monitoring.recommendation.advice import forecast_for  # noqa: PLC0415 - numpy is heavy
    from monitoring.store.print_log import PrintedDocument  # noqa: PLC0415 - the database is heavy
    from monitoring.summary import summarise  # noqa: PLC0415 - levels are assessed by pandas
    from reports.patient_summary import (  # noqa: PLC0415 - ReportLab is heavy
        patient_summary_pdf,
        proposed_file_name,
    )

    # The head first: it may then be older than the record, but is a link of the trail.
    head = store.head()
    record, now = store.find(options.record_number), Moment.now()
    clinic = clinic_choices()
    summary, forecast = summarise(record, now, clinic), forecast_for(record, now, clinic=clinic)
    forecast = replace(forecast, track_record=track_record(store))
    pdf = patient_summary_pdf(
        summary, head=head, forecast=forecast, paper=paper, is_full=options.full
    )
    document = PrintedDocument.FULL_SUMMARY if options.full else PrintedDocument.SUMMARY
    log = partial(log_page_of_patient, store, document, summary, print_warning)
    return pdf, proposed_file_name(summary), log


def _family_page(store: "Store", options: argparse.Namespace, paper: "Paper") -> ExitCode:
    """Write the dose card or the give-log, unless the record forbids it."""
    from monitoring.recall.printing import log_page_of_patient  # noqa: PLC0415 - as above
    from monitoring.store.print_log import PrintedDocument  # noqa: PLC0415 - as above
    from monitoring.summary import summarise  # noqa: PLC0415 - as above
    from reports.dose_card import ForbiddenCardError, dose_card  # noqa: PLC0415 - as above
    from reports.give_log import give_log  # noqa: PLC0415 - as above
    from reports.patient_summary import proposed_file_name  # noqa: PLC0415 - as above

    summary = summarise(store.find(options.record_number), Moment.now(), clinic_choices())
    make = dose_card if options.card else give_log
    document = PrintedDocument.DOSE_CARD if options.card else PrintedDocument.GIVE_LOG
    try:
        pdf = make(summary, paper, options.language or ENGLISH)
    except ForbiddenCardError as error:
        print(clean(str(error)), file=sys.stderr)
        return ExitCode.STOPPED
    log = partial(log_page_of_patient, store, document, summary, print_warning)
    file = path_of(options.out or proposed_file_name(summary, document.value))
    return write(pdf, file, options, log)


def _clinic(store: "Store", options: argparse.Namespace, paper: "Paper") -> Made:
    from monitoring.cohort import cohort  # noqa: PLC0415 - as above
    from monitoring.due import worklist  # noqa: PLC0415 - as above
    from monitoring.evaluation.track_record import keep_track_record  # noqa: PLC0415 - as above
    from monitoring.recall.printing import log_page_of_clinic  # noqa: PLC0415 - as above
    from monitoring.store.print_log import PrintedDocument  # noqa: PLC0415 - as above
    from reports.clinic_report import clinic_report  # noqa: PLC0415 - as above

    now = Moment.now()
    waiting = worklist(store.records(), now, clinic_choices().rhythm)
    figures = cohort(store.records(), now)
    keep_track_record(store, figures.forecasts.answered_by, now)
    left_out = [str(each) for each in options.left_out.values()]
    pdf = clinic_report(figures, waiting, paper, left_out=left_out)
    log = partial(log_page_of_clinic, store, PrintedDocument.CLINIC_REPORT, now, print_warning)
    return pdf, f"sirolimus-clinic-{now.local:%Y-%m-%d}.pdf", log


def write(
    pdf: bytes, file: Path, options: argparse.Namespace, log: Callable[[], object]
) -> ExitCode:
    """Log and write a document as the options say, and print its path."""
    from reports.pdf_file import write_pdf  # noqa: PLC0415 - as above

    password = _ask_password() if options.password else None
    write_pdf(pdf, file, force=options.force, password=password, log=log)
    print(escaped(str(file.absolute())))
    return ExitCode.DONE


def _ask_password() -> str:
    """Return a password that was typed twice. Raises `UserError` where the two differ."""
    password = getpass("Password of the file: ")
    if getpass("Password again: ") != password:
        raise UserError("The two passwords differ. Nothing was written: try again.")
    return password


# --- the whole clinic, a file each


def _write_all(store: "Store", options: argparse.Namespace, paper: "Paper") -> ExitCode:
    from reports.batch import BatchOutcome, write_summaries  # noqa: PLC0415 - as above

    password = _ask_password() if options.password else None
    folder = path_of(options.out)
    counts = dict.fromkeys(BatchOutcome, 0)
    failed = []
    made = write_summaries(
        store,
        folder,
        Moment.now(),
        paper=paper,
        force=options.force,
        password=password,
        clinic=clinic_choices(),
        is_full=options.full,
        tell=print_warning,
    )
    for each in _with_progress(made, len(store.patient_numbers())):
        counts[each.outcome] += 1
        if each.outcome is BatchOutcome.FAILED:
            failed.append(each)
    print(f"{escaped(str(folder.absolute()))}: {counts[BatchOutcome.WRITTEN]} written.")
    if counts[BatchOutcome.THERE]:
        print(
            f"{counts[BatchOutcome.THERE]} of today exist already and stay as they are "
            "(--force writes them again)."
        )
    for each in failed:
        print(f"Not written, patient {each.patient}: {clean(each.why)}", file=sys.stderr)
    return ExitCode.FAULT if failed else ExitCode.DONE


def _with_progress(made: "Iterator[BatchItem]", total: int) -> "Iterator[BatchItem]":
    """Yield each, with a bar on standard error where that is a terminal."""
    if not draws_bars():
        yield from made
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import track  # noqa: PLC0415 - see above

    console = Console(stderr=True)
    yield from track(made, "Summaries", total=total, console=console, transient=True)
