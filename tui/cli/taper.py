"""`sirolimus taper`: the steps that stop a treatment, each a dose that can be given."""

import argparse
from typing import TYPE_CHECKING

from monitoring.clinic_choices import clinic_choices
from monitoring.tapering import plan_taper, store_taper
from monitoring.times import Moment, short
from tui.cli.output import ExitCode, print_json
from tui.cli.records import add_records_options, open_chosen
from tui.cli.typed_times import typed_moment

if TYPE_CHECKING:
    from tui.cli.parser import Parser

_DESCRIPTION = """\
The steps from the current dose to none: at most 10 % a month of the dose at
the start, at least 2 weeks apart, each a dose that can be given. Nothing is
stored without --accept."""

_EXAMPLE = """\
Examples:
  sirolimus taper 00123
  sirolimus taper 00123 --from 2026-12-01T08:00 --accept

Exit codes: 0 a plan is shown or stored; 2 nothing can be tapered; 3 a hold or
a question about the record comes first."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("taper", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument(
        "--from",
        dest="since",
        metavar="TIME",
        help="the first lower dose: 2026-12-01T08:00 (default: the next dose from now on)",
    )
    parser.add_argument("--accept", action="store_true", help="store the plan")
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the plan, store it if it is accepted, and return the exit code."""
    store, now = open_chosen(options).store, Moment.now()
    record = store.find(options.record_number)
    since = None
    if options.since is not None:
        since = typed_moment(options.since, "First step", may_be_ahead=True, is_silent=options.json)
    plan = plan_taper(record, now, since, clinic_choices().marks)
    is_stored = options.accept and not plan.stopped
    if is_stored:
        store_taper(store, record, plan, now)
    if options.json:
        print_json({**plan.to_dict(), "stored": is_stored})
    else:
        from tui.cli.taper_page import print_taper  # noqa: PLC0415 - JSON needs no page

        print_taper(plan, record.patient.entry)
        if is_stored and plan.ends:
            print(f"Stored. The last dose is before {short(plan.ends)}.")
        else:
            print("Nothing is stored." if plan.stopped else "Nothing is stored without --accept.")
    return ExitCode.STOPPED if plan.stopped else ExitCode.DONE
