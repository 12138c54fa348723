"""`sirolimus kinetics simulate-trial`: what the program's advice is worth on virtual patients."""

import argparse
from typing import TYPE_CHECKING

from dosing import UserError
from tui.cli.forecast import chosen_model
from tui.cli.output import ExitCode, print_json
from tui.cli.research_table import progress_bar

if TYPE_CHECKING:
    from dosing.pharmacokinetics import Model
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Treat virtual patients of a model for 26 weeks in three ways: by the dose of
Nadal 2016 alone, by label arithmetic, and by the program's recommendation.
Shown are the shares in the target over time, overshoots above 20 ng/mL and the
number of levels. Nothing is stored."""

_EPILOG = """\
Examples:
  sirolimus kinetics simulate-trial --patients 200
  sirolimus kinetics simulate-trial --model fan2024 --truth chen2021

Without --truth there is a trial for each model of children that needs only age
and weight. Without --model the recommendation asks the average of the models,
as it does for a patient. The same seed gives the same figures."""

_MOST_PATIENTS = 100_000


def add_trial_to(actions: "argparse._SubParsersAction[Parser]") -> None:
    """Add the action and its options."""
    parser = actions.add_parser(
        "simulate-trial",
        help="try the advice on virtual patients",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--model", metavar="KEY|FILE", help="the model that the recommendation asks"
    )
    parser.add_argument(
        "--truth",
        action="append",
        default=[],
        metavar="KEY|FILE",
        help="the model that the virtual patients follow",
    )
    parser.add_argument(
        "--patients", type=int, default=100, metavar="N", help="for each truth (default: 100)"
    )
    parser.add_argument("--seed", type=int, default=2016, metavar="S", help="default: 2016")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the trials. Raises `UserError` for wrong input."""
    from monitoring.evaluation.trial_result import simulated_trial  # noqa: PLC0415 - numpy is heavy

    if not 1 <= options.patients <= _MOST_PATIENTS:
        raise UserError(f"A trial has 1 to {_MOST_PATIENTS:,} patients. Correct --patients.")
    if options.seed < 0:
        raise UserError("A seed is a whole number from 0 on. Correct --seed.")
    model = chosen_model(options.model) if options.model else None
    truths = [chosen_model(each) for each in dict.fromkeys(options.truth)] or _truths()
    with progress_bar("Virtual patients", options.patients * len(truths)) as bar:
        found = [
            simulated_trial(
                truth, model, patients=options.patients, seed=options.seed, progress=bar
            )
            for truth in truths
        ]
    if options.json:
        print_json({"trials": [each.to_dict() for each in found]})
    else:
        from tui.cli.trial_page import print_trials  # noqa: PLC0415 - JSON needs no page

        print_trials(found)
    return ExitCode.DONE


def _truths() -> "list[Model]":
    """Return the averaged models of the program that have virtual patients."""
    from dosing.pharmacokinetics import MODEL_KEYS, model_named  # noqa: PLC0415 - numpy is heavy
    from monitoring.evaluation.virtual_patients import (  # noqa: PLC0415 - as above
        has_virtual_patients,
    )

    models = map(model_named, MODEL_KEYS)
    return [each for each in models if has_virtual_patients(each) and not each.only_beside]
