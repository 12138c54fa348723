"""`sirolimus level`: trough levels, in the unit and with the digits of the report."""

import argparse
from typing import TYPE_CHECKING

from monitoring.levels import assess_levels
from monitoring.levels.document import assessment_document, level_document
from monitoring.record.entries import Record
from monitoring.record.level import Assay, Level, read_level
from tui.exit_codes import ExitCode
from tui.records import (
    add_list_and_void,
    add_records_options,
    moment,
    write_down,
)

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("level", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write one down")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("value", metavar="VALUE", help='with its unit: 7.2ng/mL, "<2.0 ng/mL"')
    add.add_argument("--at", required=True, metavar="TIME", help="of the sample: 2026-11-05T08:00")
    add.add_argument("--last-dose", metavar="TIME", help="when the last dose before it was given")
    add.add_argument("--assay", choices=[assay.value for assay in Assay])
    add.add_argument("--laboratory", default="", metavar="NAME")
    add.add_argument("--reason", default="", help="why it is right although a limit asks again")
    add_records_options(add)
    add.set_defaults(run=run_add)
    add_list_and_void(
        actions,
        Level,
        level_document,
        "level",
        order=lambda each: each.entry.sampled,
        meaning=lambda record: {
            each.level.number: assessment_document(each) for each in assess_levels(record)
        },
        show=show,
    )


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write it down."""
    value, comparator = read_level(options.value)
    entry = Level(
        sampled=moment(options.at),
        value=value,
        comparator=comparator,
        last_dose=moment(options.last_dose) if options.last_dose else None,
        assay=Assay(options.assay) if options.assay else None,
        laboratory=options.laboratory,
        reason=options.reason,
    )
    shown = f"{entry} sampled {entry.sampled}"
    return write_down(options, entry, "Level", shown)


def show(record: Record) -> None:
    """Print the list for people."""
    from tui import level_list  # noqa: PLC0415 - JSON needs no list

    level_list.print_levels(assess_levels(record))
