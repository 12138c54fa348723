"""`sirolimus lab`: laboratory values with the laboratory's own limits of normal, and grades."""

import argparse
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dosing import alert_as_json, json_number
from monitoring.laboratory.assessment import LaboratoryAssessment, assess_laboratory
from monitoring.record.entries import Record, Recorded
from monitoring.record.laboratory_value import (
    LaboratoryQuantity,
    LaboratoryValue,
    read_laboratory,
)
from tui.entering import laboratory_value, read_back
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
    parser = commands.add_parser("lab", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write one down, and say what it means")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("test", metavar="TEST", help="such as ALT")
    add.add_argument("value", metavar="VALUE", help='with its unit: "35 U/L"')
    add.add_argument("--at", required=True, metavar="TIME", help="of the sample: 2026-11-05T08:00")
    add.add_argument("--lln", metavar="V", help="lower limit of normal, in the same unit")
    add.add_argument("--uln", metavar="V", help="upper limit of normal, in the same unit")
    add.add_argument("--laboratory", default="", metavar="NAME")
    add_records_options(add)
    add.set_defaults(run=run_add)
    add_list_and_void(
        actions,
        LaboratoryValue,
        describe,
        "laboratory value",
        order=lambda each: each.entry.at,
        meaning=meaning,
    )


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write it down."""
    value, comparator = read_laboratory(options.value)
    entry = LaboratoryValue(
        test=options.test,
        at=moment(options.at),
        value=value,
        comparator=comparator,
        lower_limit=LaboratoryQuantity.read(options.lln) if options.lln else None,
        upper_limit=LaboratoryQuantity.read(options.uln) if options.uln else None,
        laboratory=options.laboratory,
    )
    return write_down(options, entry, "Laboratory value", read_back(entry), then=_as_side_effect)


def _as_side_effect(record: Record, number: int) -> Iterator[str]:
    assessed = laboratory_value(record, number)
    if assessed.matching_event:
        yield f"To write it down as a side-effect: {_event_command(record, assessed)}"


def _event_command(record: Record, assessed: LaboratoryAssessment) -> str:
    day = assessed.value.entry.at.local.date()
    words = ["sirolimus", "event", "add", record.patient.entry.record_number]
    words += [assessed.matching_event or "", "--from", str(day), "--grade", str(assessed.grade)]
    return shlex.join(words)


def meaning(record: Record) -> dict[int, dict[str, object]]:
    """Return the columns that tell what each value means, by its number."""
    return {each.value.number: _columns(each) for each in assess_laboratory(record)}


def _columns(assessed: LaboratoryAssessment) -> dict[str, object]:
    return {
        "known_as": assessed.test.name if assessed.test else None,
        "limits": assessed.limits,
        "grade": assessed.grade,
        "graded_as": assessed.graded_as,
        "working": assessed.working,
        "not_graded_because": assessed.not_graded_because,
        "matching_event": assessed.matching_event,
        "alerts": [alert_as_json(alert) for alert in assessed.alerts],
    }


def describe(entry: Recorded[LaboratoryValue]) -> dict[str, object]:
    """Return the columns of one."""
    value = entry.entry
    lower, upper = value.lower_limit, value.upper_limit
    return {
        "test": value.test,
        "at": str(value.at),
        "value": json_number(value.value.number),
        "unit": value.value.unit,
        "comparator": value.comparator.value if value.comparator else None,
        "lower_limit": json_number(lower.number) if lower else None,
        "upper_limit": json_number(upper.number) if upper else None,
        "laboratory": value.laboratory or None,
    }
