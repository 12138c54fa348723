"""`sirolimus patient retention`: the patients whose record may be removed by the clinic's rule."""

import argparse
from typing import TYPE_CHECKING

from dosing import clean
from dosing.quantities.formatting import count_of
from monitoring.clinic_choices import clinic_choices
from monitoring.times import Moment, short
from tui.cli.output import ExitCode, print_json
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Lists who has no entry for the years that the clinic keeps a record, and was born
before the day that the clinic states for its rule on minors. The law of the
clinic's country decides: there is no default, and nothing is removed here."""


def add_to(actions: "argparse._SubParsersAction[Parser]") -> None:
    """Add the action and its options."""
    parser = actions.add_parser(
        "retention", help="list whose record may be removed", description=_DESCRIPTION
    )
    parser.add_argument(
        "--years", metavar="N", help="years without an entry (default: retention_years)"
    )
    parser.add_argument(
        "--born-before", metavar="DATE",
        help="whoever was born on this day or later is kept (default: retention_born_before)",
    )  # fmt: skip
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """List the records whose time is over; none without the clinic's rule."""
    from monitoring.retention import retained, retention_rule  # noqa: PLC0415 - the record is heavy

    clinic = clinic_choices()
    rule = retention_rule(
        options.years or clinic.retention_years,
        options.born_before or clinic.retention_born_before,
    )
    store = open_chosen(options).store
    found = () if rule is None else retained(store, rule, Moment.now())
    if options.json:
        print_json([each.to_dict() for each in found])
        return ExitCode.DONE
    for each in found:
        keeps = f"; kept: {each.keeps}" if each.keeps else ""
        print(clean(f"{each.record_number}: {each.name}, born {short(each.born)}; last entry of "
                    f"{short(each.last_day)}{keeps}"))  # fmt: skip
    if rule is None:
        print("No retention rule is set. Give --years and --born-before, or set them.")
    else:
        time = f"{count_of(rule.years, 'year')}, born before {short(rule.born_before)}"
        print(f"{count_of(len(found), 'record')} without an entry for {time}.")
    return ExitCode.DONE
