"""`sirolimus event`: side-effects, with their grade and what was done."""

import argparse
from typing import TYPE_CHECKING

from dosing import read_date
from monitoring.record.adverse_event import Action, AdverseEvent
from monitoring.record.entries import Recorded
from tui.exit_codes import ExitCode
from tui.records import (
    add_end,
    add_list_and_void,
    add_records_options,
    write_down,
)

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("event", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write one down")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("term", metavar="TERM", help='what it was: "mouth sores"')
    add.add_argument("--from", dest="since", required=True, metavar="DATE", help="year-month-day")
    add.add_argument("--grade", type=int, choices=range(1, 6), help="1 to 5, by CTCAE v5.0")
    add.add_argument(
        "--action", dest="done", choices=[action.value for action in Action], default="none"
    )
    add.add_argument("--text", default="", help="anything else")
    add_records_options(add)
    add.set_defaults(run=run_add)
    add_list_and_void(actions, AdverseEvent, describe, "side-effect")
    add_end(actions, AdverseEvent, "side-effect", day=True)


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write it down."""
    entry = AdverseEvent(
        term=options.term,
        since=read_date(options.since),
        grade=options.grade,
        action=Action(options.done),
        text=options.text,
    )
    return write_down(options, entry, "Side-effect", entry.term)


def describe(entry: Recorded[AdverseEvent]) -> dict[str, object]:
    """Return the columns of one."""
    event = entry.entry
    return {
        "term": event.term,
        "grade": event.grade,
        "scale": event.scale,
        "from": str(event.since),
        "to": str(entry.ending.entry.on) if entry.ending else None,
        "action": event.action.value,
        "text": event.text or None,
    }
