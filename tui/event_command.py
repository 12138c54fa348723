"""`sirolimus event`: side-effects, with their grade, what was done, and what they mean."""

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dosing import Age, UserError, alert_as_json, clean, json_number, read_date
from dosing.plain_text import quoted
from dosing.review import SOURCE as REVIEW
from monitoring.laboratory.scales import SOURCE as CTCAE
from monitoring.record.adverse_event import SCALE, Action, AdverseEvent
from monitoring.record.entries import Record, Recorded
from monitoring.side_effects.assessment import EventAssessment, assess_events
from monitoring.side_effects.ctcae import Grades, check_grade, grades_of
from monitoring.side_effects.finder import find_terms, known_term
from monitoring.side_effects.terms import REVIEW_PATIENTS, Term
from tui.exit_codes import ExitCode
from tui.records import (
    add_end,
    add_list_and_void,
    add_records_options,
    alert_line,
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
    term, since = known_term(options.term), read_date(options.since)
    patient = open_chosen(options).store.find(options.record_number).patient.entry
    if term and options.grade:
        check_grade(term, options.grade, Age.between(patient.born, since))
    entry = AdverseEvent(
        term=term.name if term else options.term,
        since=since,
        grade=options.grade,
        action=Action(options.done),
        text=_with_typed(options.text, options.term, term),
    )
    typed = f' (typed as "{clean(options.term)}")' if entry.term != clean(options.term) else ""
    shown = f"{entry.term}{typed}"
    ended = read_date(options.until) if options.until else None
    return write_down(options, entry, "Side-effect", shown, ended_on=ended, answer=answer)


def _with_typed(text: str, typed: str, term: Term | None) -> str:
    """Return the remark with the words that were typed, where the table's name differs."""
    if term is None or clean(typed).casefold() == term.name.casefold():
        return text
    kept = f'typed as "{clean(typed)}"'
    return f"{text}; {kept}" if text else kept


def answer(record: Record, number: int) -> Iterator[str]:
    """Give the lines that tell what a side-effect means."""
    assessed = next(each for each in assess_events(record) if each.event.number == number)
    event, term = assessed.event.entry, assessed.term
    if assessed.wording:
        yield f"Grade {event.grade} ({SCALE}): {assessed.wording} [{CTCAE}]"
    elif term and event.grade is None:
        grades = grades_of(term, Age.between(record.patient.entry.born, event.since))
        yield from _grade_lines(grades, "Not graded; its grades") if grades else ()
    elif term:
        yield f"No wording of {SCALE} is held here for {term.name}: look the grade up."
    if assessed.review_words:
        yield f"It is {assessed.review_words} [{REVIEW}]."
    if assessed.nearest_level:
        yield f"Nearest level: {_nearest_level(assessed)}."
    yield from map(alert_line, assessed.alerts)


def _nearest_level(assessed: EventAssessment) -> str:
    level, days = assessed.nearest_level, assessed.nearest_level_days
    if level is None:
        return ""
    apart = f"{days} day{'' if days == 1 else 's'} apart" if days else "on the same day"
    return f"{level.entry} sampled {level.entry.sampled}, {apart}"


def _grade_lines(grades: Grades, heading: str) -> Iterator[str]:
    yield f"{heading} ({SCALE}, {grades.graded_as}) [{CTCAE}]:"
    for grade, words in grades.wording.items():
        yield f"  {grade}  {words}"


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
        print(json.dumps(document, ensure_ascii=False, indent=2))
    elif child is None or adult is None:
        print(f"No wording of {SCALE} is held here for {term.name}: look the grade up.")
    elif child == adult:
        print("\n".join(_grade_lines(child, term.name.capitalize())))
    else:
        name = term.name.capitalize()
        print("\n".join(_grade_lines(child, f"{name} under 18 years")))
        print("\n".join(_grade_lines(adult, f"{name} from 18 years")))
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
