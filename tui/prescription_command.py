"""`sirolimus prescription`: list, end or void what was prescribed."""

import argparse
import json
from typing import TYPE_CHECKING

from dosing import json_number
from monitoring.record.entries import Recorded
from monitoring.record.prescription import Prescription
from tui.records import add_end, add_list_and_void

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("prescription", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add_list_and_void(actions, Prescription, describe, "prescription")
    add_end(actions, Prescription, "prescription", day=False)


def describe(entry: Recorded[Prescription]) -> dict[str, object]:
    """Return the columns of one."""
    prescription = entry.entry
    target = prescription.target
    override = f"{prescription.override_reason} ({prescription.override_by})"
    return {
        "from": str(prescription.since),
        "to": str(entry.ending.entry.at) if entry.ending else None,
        "dose_mg": json_number(prescription.dose_mg),
        "times_a_day": prescription.times_a_day,
        "daily_mg": json_number(prescription.daily_mg),
        "product": prescription.product.value,
        "protocol": prescription.protocol,
        "target_ng_ml": [json_number(target.low_ng_ml), json_number(target.high_ng_ml)],
        "loading": prescription.loading,
        "reason": prescription.reason or None,
        "override": override if prescription.override_by else None,
        "passed": list(prescription.passed),
        "proposal": json.loads(prescription.proposal) if prescription.proposal else None,
        "rule_version": prescription.rule_version,
    }
