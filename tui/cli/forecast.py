"""`sirolimus forecast`: the next levels, and the dose that reaches the target."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from dosing import QuantityKind, UserError, read_quantity
from dosing.quantities.text import quoted, shortened
from monitoring.clinic_choices import clinic_choices
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory
from tui.cli.output import ExitCode, print_json
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from dosing.pharmacokinetics import Model, Regimen
    from monitoring.record.entries import Record
    from tui.cli.parser import Parser

_DESCRIPTION = """\
The next trough levels of a patient, and the dose with the best probability of
target attainment, by the average of the published population models that apply
to the patient, fitted to the patient's own levels; or the reason why none is
possible. Nothing is stored."""

_EXAMPLE = """\
Examples:
  sirolimus forecast 00123
  sirolimus forecast 00123 --dose 0.5mg --times-a-day 2 --dose 1mg --times-a-day 1
  sirolimus forecast 00123 --model golubovic2019

Exit codes: 0 a forecast; 2 an input cannot be read or is not valid; 3 a stop
prevented a forecast (see the alerts)."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "forecast", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE
    )
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    add_model_option(parser)
    parser.add_argument(
        "--dose",
        action="append",
        default=[],
        metavar="D",
        help="another dose per administration to forecast, with its unit: 0.5mg",
    )
    parser.add_argument(
        "--times-a-day",
        action="append",
        type=int,
        default=[],
        metavar="N",
        help="how often that dose is given (default: as often as the current dose)",
    )
    parser.add_argument(
        "--nothing-given-in-gaps",
        action="store_true",
        help="assume that no dose was given in the gaps between two prescriptions",
    )
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def add_model_option(parser: "Parser", *, required: bool = False) -> None:
    """Add the option that names a model, by its key or by its file."""
    parser.add_argument(
        "--model",
        required=required,
        metavar="KEY|FILE",
        help="a key (docs/kinetics-models.md), such as fan2024, or a model file"
        + ("" if required else " (default: the average of all that apply)"),
    )


def chosen_model(name: str) -> "Model":
    """Return the model of a key or of a file. Raises `UserError` for anything else."""
    from dosing.pharmacokinetics import MODEL_KEYS, model_named, read_model  # noqa: PLC0415 - heavy
    from dosing.quantities.reading_limits import MODEL_BYTES  # noqa: PLC0415 - for a file alone
    from monitoring.files import path_of, read_file  # noqa: PLC0415 - as above

    if name in MODEL_KEYS:
        return model_named(name)
    try:
        text = read_file(path_of(name), MODEL_BYTES).decode().replace("\r\n", "\n")
        return read_model(text, shortened(path_of(name).name))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(
            f"{quoted(name)} is neither a model ({', '.join(MODEL_KEYS)}) nor a file that can be "
            "read. Name one of the two."
        ) from None


def run(options: argparse.Namespace) -> ExitCode:
    """Print the forecast and return the exit code. Raises `UserError` for wrong input."""
    from monitoring.evaluation.track_record import track_record  # noqa: PLC0415 - heavy
    from monitoring.recommendation.advice import forecast_for  # noqa: PLC0415 - heavy
    from monitoring.recommendation.forecast import ForecastRequest  # noqa: PLC0415 - heavy

    model = None if options.model is None else chosen_model(options.model)
    now = Moment.now()
    store = open_chosen(options).store
    record = store.find(options.record_number)
    request = ForecastRequest(
        model=model,
        regimens=_regimens(options, record, now),
        nothing_given_in_gaps=options.nothing_given_in_gaps,
    )
    found = forecast_for(record, now, request, clinic_choices())
    found = replace(found, track_record=track_record(store))
    if options.json:
        print_json(found.to_dict())
    else:
        from tui.cli.forecast_page import print_forecast  # noqa: PLC0415 - JSON needs no page

        print_forecast(found, record.patient.entry, now)
    return ExitCode.STOPPED if found.stopped else ExitCode.DONE


def _regimens(options: argparse.Namespace, record: "Record", now: Moment) -> "tuple[Regimen, ...]":
    """Return the other doses to forecast, each with how often it is given."""
    from dosing.pharmacokinetics import Regimen  # noqa: PLC0415 - heavy

    doses, times = options.dose, options.times_a_day
    if len(times) > len(doses):
        raise UserError("A --times-a-day has no --dose. Give a --dose before each.")
    if 0 < len(times) < len(doses):
        raise UserError(
            "Some --dose have no --times-a-day. Give it with every --dose, or with none."
        )
    period = TreatmentHistory.of(record).period_at(now)
    if doses and not times and period is None:
        raise UserError("The patient has no current dose. Give --times-a-day with every --dose.")
    often = period.prescription.entry.times_a_day if period else 1
    return tuple(
        Regimen(read_quantity(dose, QuantityKind.DOSE).value, number)
        for dose, number in zip(doses, times or [often] * len(doses), strict=True)
    )
