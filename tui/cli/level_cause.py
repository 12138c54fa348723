"""`sirolimus level cause`: the cause of a level that does not fit."""

import argparse
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.record.level import Level, LevelCause, LevelCauseAnswer
from monitoring.times import today
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, entry_number, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(actions: "argparse._SubParsersAction[Parser]") -> None:
    """Add the action."""
    cause = actions.add_parser("cause", help="record the cause of a level that does not fit")
    cause.add_argument("record_number", metavar="M", help="the patient's record number")
    cause.add_argument("number", metavar="NUMBER", help="the level's number, as listed")
    cause.add_argument(
        "cause",
        metavar="CAUSE",
        choices=[each.value for each in LevelCause],
        help=f"an error of dosing or sampling, which excludes the level: {_named(is_error=True)}; "
        f"or another: {_named(is_error=False)}",
    )
    cause.add_argument("--exclude", action="store_true", help="exclude the level in any case")
    cause.add_argument("--text", default="", help="any remark")
    add_records_options(cause)
    cause.set_defaults(run=run)


def _named(*, is_error: bool) -> str:
    return ", ".join(each.value for each in LevelCause if each.is_error is is_error)


def run(options: argparse.Namespace) -> ExitCode:
    """Record the cause of a level; a later answer replaces it."""
    store = open_chosen(options).store
    record = store.find(options.record_number)
    number = entry_number(record, Level, options.number)
    recorded = next(each for each in record.of(Level) if each.number == number)
    if not recorded.is_active:
        raise UserError(f"Level {number} is voided. Only an active level has a cause.")
    cause = LevelCause(options.cause)
    answer = LevelCauseAnswer.about(
        number, cause, today(), exclude=options.exclude, text=options.text
    )
    kept = store.add(record.number, answer, revision=record.revision)
    print(f"Cause {kept.number} of level {number}, {recorded.entry}: {cause.value}.")
    if answer.is_excluded:
        print("The level is excluded from every assessment and stays listed. Repeat it.")
    return ExitCode.DONE
