"""`sirolimus prescribe check`: a second person confirms mg, mL and interval of a dose."""

import argparse
from decimal import Decimal
from typing import TYPE_CHECKING

from dosing import QuantityKind, UserError, read_quantity
from monitoring.prescribing import read_interval
from monitoring.record.prescription import Prescription
from monitoring.second_check import DoseFigures, check_of_dose, dose_to_check, words_of_check
from monitoring.times import Moment
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, entry_number, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser

_DESCRIPTION = """\
The second check of a dose. Another person than the prescriber works the dose
out, and types its figures from the order and not from the screen. They are
compared; where one differs, nothing is confirmed. With second_check =
true in [clinic], no dose card and no give-log is printed before it."""

_EXAMPLE = """\
Example:
  sirolimus prescribe check 00123 --dose 0.44mg --volume 0.44mL --times-a-day 2 \\
      --by "Nurse Example" """


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "prescribe check", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE
    )
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument("--dose", required=True, metavar="D", help="per administration: 0.44mg")
    parser.add_argument("--volume", metavar="V", help="of the solution: 0.44mL; none for tablets")
    often = parser.add_mutually_exclusive_group(required=True)
    often.add_argument("--times-a-day", type=int, choices=[1, 2, 3, 4])
    often.add_argument("--every", metavar="T", help='instead: the time between doses, "48 h"')
    parser.add_argument("--evening-dose", metavar="D", help="the dose from noon on, if another")
    parser.add_argument("--evening-volume", metavar="V", help="its volume")
    parser.add_argument("--by", required=True, metavar="WHO", help="who checked the dose")
    parser.add_argument(
        "--number", metavar="NUMBER", help="the prescription, as listed (default: the current one)"
    )
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Record the check, if every figure is that of the prescription."""
    typed = DoseFigures(
        dose_mg=_mg(options.dose),
        every_hours=_hours(options),
        volume_ml=_ml(options.volume),
        evening_mg=None if options.evening_dose is None else _mg(options.evening_dose),
        evening_ml=_ml(options.evening_volume),
    )
    store, now = open_chosen(options).store, Moment.now()
    record = store.find(options.record_number)
    recorded = dose_to_check(record, now)
    if options.number is not None:
        number = entry_number(record, Prescription, options.number)
        recorded = next(each for each in record.of(Prescription) if each.number == number)
        if not recorded.is_active:
            raise UserError(f"Prescription {number} was voided. Check the number.")
    check = check_of_dose(recorded, typed, options.by, now.local.date())
    kept = store.add(record.number, check, revision=record.revision)
    print(f"Check {kept.number}, {record.patient.entry.name}: {words_of_check(check)}")
    print(f"Prescription {recorded.number}: {recorded.entry}")
    return ExitCode.DONE


def _mg(text: str) -> Decimal:
    return read_quantity(text, QuantityKind.DOSE).value


def _ml(text: str | None) -> Decimal | None:
    return None if text is None else read_quantity(text, QuantityKind.VOLUME).value


def _hours(options: argparse.Namespace) -> int:
    return 24 // options.times_a_day if options.every is None else read_interval(options.every)
