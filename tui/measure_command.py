"""`sirolimus measure`: weight and height, as they were measured."""

import argparse
from typing import TYPE_CHECKING

from dosing import Measure, json_number, read_date, read_written
from monitoring.record.entries import Recorded
from monitoring.record.measurement import Measurement
from tui.entering import read_back
from tui.exit_codes import ExitCode
from tui.records import (
    add_list_and_void,
    add_records_options,
    today,
    write_down,
)

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("measure", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write a weight, a height or both down")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("--weight", metavar="W", help='with its unit: 12.4kg, "12400 g", 27lb')
    add.add_argument("--height", metavar="H", help="with its unit: 88cm, 0.88m, 35in")
    add.add_argument("--on", metavar="DATE", help="year-month-day (default: today)")
    add.add_argument("--reason", default="", help="why it is right although a limit asks again")
    add_records_options(add)
    add.set_defaults(run=run_add)
    add_list_and_void(actions, Measurement, describe, "measurement")


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write a measurement down; where a limit stops, only with a reason."""
    day = read_date(options.on) if options.on else today()
    measurement = Measurement(
        on=day,
        weight=read_written(options.weight, Measure.WEIGHT) if options.weight else None,
        height=read_written(options.height, Measure.HEIGHT) if options.height else None,
        reason=options.reason,
    )
    return write_down(options, measurement, "Measurement", read_back(measurement))


def describe(entry: Recorded[Measurement]) -> dict[str, object]:
    """Return a measurement's columns."""
    measurement = entry.entry
    weight, height = measurement.as_weight, measurement.as_height
    return {
        "on": str(measurement.on),
        "weight_kg": json_number(weight.kg) if weight else None,
        "weight_written": str(measurement.weight) if measurement.weight else None,
        "height_cm": json_number(height.cm) if height else None,
        "height_written": str(measurement.height) if measurement.height else None,
        "reason": measurement.reason or None,
        "passed": list(measurement.passed),
    }
