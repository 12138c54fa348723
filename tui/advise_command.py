"""`sirolimus advise`: what the last level suggests; nothing is stored."""

import argparse
from typing import TYPE_CHECKING

from dosing import (
    Measure,
    alert_as_json,
    dose_as_json,
    json_number,
    override_as_json,
    read_written,
    step_as_json,
)
from dosing.json_document import json_text
from monitoring.advice import Advice, advise
from monitoring.times import Moment, local_zone
from tui.exit_codes import ExitCode
from tui.override import add_override_options, override_of
from tui.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.parser import Parser

_DESCRIPTION = """\
What the newest level suggests by the label's arithmetic: current dose × aim /
level, with every alert, step and source; or why the level cannot bear it.
Nothing is stored."""

_EXAMPLE = """\
Example:
  sirolimus advise 00123 --aim "8 ng/mL"

Exit codes: 0 there is an answer, a dose or no change; 2 something cannot be
read or is not valid; 3 a stop prevented it, and the alerts say why."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("advise", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument(
        "--aim",
        metavar="LEVEL",
        help='a level inside the target to aim at: "8 ng/mL" (default: the middle of the target)',
    )
    parser.add_argument(
        "--loading", action="store_true", help="with a loading dose, where the dose rises"
    )
    add_override_options(parser)
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the advice and return the exit code; raise `UserError` for input to be mended."""
    aim = read_written(options.aim, Measure.LEVEL).value if options.aim is not None else None
    override = override_of(options)
    record = open_chosen(options).store.find(options.record_number)
    advice = advise(
        record,
        Moment.now(local_zone()),
        aim_ng_ml=aim,
        override=override,
        loading=options.loading,
    )
    if options.json:
        print(advice_as_json(advice))
    else:
        from tui.advise_page import print_advice  # noqa: PLC0415 - JSON needs no page

        print_advice(advice, record.patient.entry)
    return ExitCode.STOPPED if advice.stopped else ExitCode.DONE


def advice_as_json(advice: Advice) -> str:
    """Return the advice as an indented JSON document; the shape is in `docs/commands.md`."""
    request, adjusted = advice.request, advice.adjusted
    level = advice.assessment.level.entry if advice.assessment else None
    target = request.target if request else None
    loading = adjusted.loading_dose if adjusted else None
    document = {
        "level_ng_ml": json_number(level.value.value) if level else None,
        "comparator": level.comparator.value if level and level.comparator else None,
        "sampled_at": str(level.sampled) if level else None,
        "assay": level.assay.value if level and level.assay else None,
        "current_daily_mg": json_number(request.daily_mg) if request else None,
        "target_ng_ml": (
            [json_number(target.low_ng_ml), json_number(target.high_ng_ml)] if target else None
        ),
        "aim_ng_ml": json_number(request.aim_ng_ml) if request else None,
        "factor": json_number(adjusted.factor, 6) if adjusted else None,
        "dose": dose_as_json(advice.dose) if advice.dose else None,
        "loading_dose_mg": json_number(loading.measured.mg) if loading else None,
        "loading_dose": dose_as_json(loading) if loading else None,
        "alerts": [alert_as_json(alert) for alert in advice.alerts],
        "override": override_as_json(adjusted.override, adjusted.overridden) if adjusted else None,
        "steps": [step_as_json(step) for step in adjusted.steps] if adjusted else [],
        "sources": advice.sources,
        "version": advice.version,
    }
    return json_text(document)
