"""`sirolimus event`: side-effects, with their grade, what was done, and what they mean."""

import argparse
from typing import TYPE_CHECKING

from dosing import Age, UserError, alert_as_json, clean, json_number, read_date
from dosing.plain_text import quoted
from monitoring.laboratory.scales import SOURCE as CTCAE
from monitoring.record.adverse_event import SCALE, Action, AdverseEvent
from monitoring.record.entries import Record, Recorded
from monitoring.side_effects.assessment import EventAssessment, assess_events
from monitoring.side_effects.ctcae import grades_of
from monitoring.side_effects.finder import find_terms, known_term
from monitoring.side_effects.terms import REVIEW_PATIENTS
from tui.entering import grade_lines, side_effect
from tui.exit_codes import ExitCode
from tui.json_output import print_json
from tui.records import (
    add_end,
    add_list_and_void,
    add_records_options,
    open_chosen,
    write_down,
)

if TYPE_CHECKING:
    from tui.parser import Parser

_CHILD, _ADULT = Age.read("17 years"), Age.read("18 years")


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("event", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write one down, and say what it means")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("term", metavar="TERM", help='what it was: "mouth sores"')
    add.add_argument("--from", dest="since", required=True, metavar="DATE", help="year-month-day")
    add.add_argument("--to", dest="until", metavar="DATE", help="its last day, if it is over")
    add.add_argument("--grade", type=int, choices=range(1, 6), help="1 to 5, by CTCAE v5.0")
    add.add_argument(
        "--action", dest="done", choices=[action.value for action in Action], default="none"
    )
    add.add_argument("--text", default="", help="anything else")
    add_records_options(add)
    add.set_defaults(run=run_add)
    grades = actions.add_parser("grades", help="the grades of a side-effect, in words")
    grades.add_argument("term", metavar="TERM", help='what it was: "mouth sores"')
    grades.add_argument("--json", action="store_true", help="print JSON and nothing else")
    grades.set_defaults(run=run_grades)
    add_list_and_void(actions, AdverseEvent, describe, "side-effect", meaning=meaning)
    add_end(actions, AdverseEvent, "side-effect", day=True)


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write it down under the name in the table, or as it was typed where it has none."""
    entry = side_effect(
        open_chosen(options).store.find(options.record_number).patient.entry,
        options.term,
        read_date(options.since),
        grade=options.grade,
        action=Action(options.done),
        text=options.text,
    )
    typed = f' (typed as "{clean(options.term)}")' if entry.term != clean(options.term) else ""
    shown = f"{entry.term}{typed}"
    ended = read_date(options.until) if options.until else None
    return write_down(options, entry, "Side-effect", shown, ended_on=ended)


def run_grades(options: argparse.Namespace) -> ExitCode:
    """Print the grades of one side-effect; those of adults too where they differ."""
    term = known_term(options.term)
    if term is None:
        nearest = " or ".join(each.name for each in find_terms(options.term))
        hint = f" Did you mean {nearest}?" if nearest else ""
        raise UserError(f"{quoted(options.term)} is not in the table of side-effects.{hint}")
    child, adult = grades_of(term, _CHILD), grades_of(term, _ADULT)
    if options.json:
        document = {
            "term": term.name,
            "scale": SCALE,
            "graded_as": child.graded_as if child else None,
            "grades": dict(child.wording) if child else None,
            "grades_from_18_years": dict(adult.wording) if adult else None,
            "source": CTCAE,
        }
        print_json(document)
    elif child is None or adult is None:
        print(f"No wording of {SCALE} is held here for {term.name}: look the grade up.")
    elif child == adult:
        print("\n".join(grade_lines(child, term.name.capitalize())))
    else:
        name = term.name.capitalize()
        print("\n".join(grade_lines(child, f"{name} under 18 years")))
        print("\n".join(grade_lines(adult, f"{name} from 18 years")))
    return ExitCode.DONE


def meaning(record: Record) -> dict[int, dict[str, object]]:
    """Return the columns that tell what each side-effect means, by its number."""
    return {each.event.number: _columns(each) for each in assess_events(record)}


def _columns(assessed: EventAssessment) -> dict[str, object]:
    count, level = assessed.review_count, assessed.nearest_level
    return {
        "open": assessed.is_open,
        "grade_wording": assessed.wording,
        "in_review_profile": assessed.in_review_profile,
        "review_count": count.count if count else None,
        "review_patients": REVIEW_PATIENTS,
        "done_in_review": assessed.done_in_review,
        "nearest_level_ng_ml": json_number(level.entry.value.value) if level else None,
        "nearest_level_comparator": (
            level.entry.comparator.value if level and level.entry.comparator else None
        ),
        "nearest_level_at": str(level.entry.sampled) if level else None,
        "nearest_level_days": assessed.nearest_level_days,
        "alerts": [alert_as_json(alert) for alert in assessed.alerts],
    }


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
