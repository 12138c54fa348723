"""`sirolimus advise`: one recommendation from the whole record; nothing is stored."""

import argparse
from typing import TYPE_CHECKING

from dosing import QuantityKind, read_quantity
from monitoring.clinic_choices import clinic_choices
from monitoring.recommendation.advice import advise
from monitoring.times import Moment
from tui.cli.output import ExitCode, print_json
from tui.cli.parser import add_override_options, override_of
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser

_DESCRIPTION = """\
The one recommendation from the whole record, with its reasons and the evidence
under it: the label's rule (current dose × aim / level) and the model. Nothing
is stored."""

_EXAMPLE = """\
Example:
  sirolimus advise 00123 --aim "8 ng/mL"

Exit codes: 0 a recommendation; 2 an input cannot be read or is not valid;
3 something in the record forbids a dose (see the reasons)."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("advise", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument(
        "--aim",
        metavar="LEVEL",
        help='a level inside the target to aim at: "8 ng/mL" (default: the middle of the target)',
    )
    parser.add_argument(
        "--loading", action="store_true", help="add a loading dose where the dose rises"
    )
    add_override_options(parser)
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the advice and return the exit code. Raises `UserError` for wrong input."""
    aim = read_quantity(options.aim, QuantityKind.LEVEL).value if options.aim is not None else None
    override = override_of(options)
    record = open_chosen(options).store.find(options.record_number)
    advice = advise(
        record,
        Moment.now(),
        aim_ng_ml=aim,
        override=override,
        loading=options.loading,
        clinic=clinic_choices(),
    )
    if options.json:
        print_json(advice.to_dict())
    else:
        from tui.cli.advise_page import print_advice  # noqa: PLC0415 - JSON needs no page

        print_advice(advice, record.patient.entry)
    return ExitCode.STOPPED if advice.stopped else ExitCode.DONE
