"""`sirolimus level`: trough levels, in the unit and with the digits of the report."""

import argparse
from typing import TYPE_CHECKING

from dosing import TargetTrough, alert_as_json, json_number
from monitoring.levels import LevelAssessment, assess_levels
from monitoring.record.entries import Record, Recorded
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
        describe,
        "level",
        order=lambda each: each.entry.sampled,
        meaning=lambda record: {each.level.number: means(each) for each in assess_levels(record)},
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


def describe(entry: Recorded[Level]) -> dict[str, object]:
    """Return the columns of one."""
    level = entry.entry
    return {
        "at": str(level.sampled),
        "level_ng_ml": json_number(level.value.value),
        "comparator": level.comparator.value if level.comparator else None,
        "reported": str(level),
        "last_dose": str(level.last_dose) if level.last_dose else None,
        "assay": level.assay.value if level.assay else None,
        "laboratory": level.laboratory or None,
        "reason": level.reason or None,
        "passed": list(level.passed),
    }


def means(assessed: LevelAssessment) -> dict[str, object]:
    """Return the columns of what one means."""
    return {
        "status": assessed.status.value,
        "is_trough": assessed.is_trough,
        "steady_state": assessed.steady_state,
        "hours_since_last_dose": _rounded(assessed.hours_since_last_dose, 2),
        "days_since_change": _rounded(assessed.days_since_change, 2),
        "target_ng_ml": _ends(assessed.target),
        "counts": assessed.counts,
        "change_percent": _rounded(assessed.change_percent, 1),
        "alerts": [alert_as_json(alert) for alert in assessed.alerts],
    }


def _rounded(number: float | None, decimals: int) -> float | None:
    return None if number is None else round(number, decimals)


def _ends(target: TargetTrough | None) -> list[float | None] | None:
    if target is None:
        return None
    return [json_number(target.low_ng_ml), json_number(target.high_ng_ml)]
