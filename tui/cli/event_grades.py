"""`sirolimus event grades`: the grades of an adverse event, in words."""

import argparse
from typing import TYPE_CHECKING

from dosing import Age, UserError
from dosing.knowledge.ctcae import grades_of
from dosing.knowledge.laboratory_grades import SOURCES
from dosing.quantities.text import quoted
from monitoring.adverse_events.finder import find_terms, known_term
from monitoring.adverse_events.meaning import grade_lines
from monitoring.clinic_choices import clinic_choices
from tui.cli.output import ExitCode, print_json
from tui.cli.plain_mode import pages_are_plain

if TYPE_CHECKING:
    from dosing.knowledge.ctcae import Grades
    from tui.cli.parser import Parser

_CHILD, _ADULT = Age.read("17 years"), Age.read("18 years")


def add_to(actions: "argparse._SubParsersAction[Parser]") -> None:
    """Add the action."""
    grades = actions.add_parser("grades", help="show the grades of an adverse event, in words")
    grades.add_argument("term", metavar="TERM", help='the adverse event: "mouth sores"')
    grades.add_argument("--json", action="store_true", help="print JSON and nothing else")
    grades.set_defaults(run=run_grades)


def run_grades(options: argparse.Namespace) -> ExitCode:
    """Print the grades of one adverse event; those of adults too where they differ."""
    term = known_term(options.term)
    if term is None:
        nearest = " or ".join(each.name for each in find_terms(options.term))
        hint = f" Did you mean {nearest}?" if nearest else ""
        raise UserError(f"{quoted(options.term)} is not in the table of adverse events.{hint}")
    scale = clinic_choices().scale_of_event(term.name)
    child, adult = grades_of(term, _CHILD, scale), grades_of(term, _ADULT, scale)
    if options.json:
        document = {
            "term": term.name,
            "scale": scale,
            "graded_as": child.graded_as if child else None,
            "grades": dict(child.wording) if child else None,
            "grades_from_18_years": dict(adult.wording) if adult else None,
            "source": SOURCES[scale],
        }
        print_json(document)
    elif child is None or adult is None:
        print(f"{scale} has no wording for {term.name} here. Look the grade up.")
    elif child == adult:
        _print(child, term.name.capitalize(), scale)
    else:
        name = term.name.capitalize()
        _print(child, f"{name} under 18 years", scale)
        _print(adult, f"{name} from 18 years", scale)
    return ExitCode.DONE


def _print(grades: "Grades", heading: str, scale: str) -> None:
    title, *lines = grade_lines(grades, heading, scale)
    if pages_are_plain():
        from tui.cli.page import print_facts  # noqa: PLC0415 - only a plain page needs rich

        facts = [(f"grade {grade}", words) for grade, words in grades.wording.items()]
        print_facts(title.removesuffix(":"), facts)
    else:
        print("\n".join((title, *lines)))
