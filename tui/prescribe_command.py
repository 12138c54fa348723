"""`sirolimus prescribe`: a dose from a moment on, until the next one or its end."""

import argparse
from typing import TYPE_CHECKING

from dosing import (
    PROTOCOLS,
    REVIEW,
    VERSION,
    AlertKind,
    Measure,
    Product,
    UserError,
    measure_out,
    read_written,
)
from monitoring.record.prescription import Prescription
from monitoring.recording import latest_weight, prescription_alerts
from tui.exit_codes import ExitCode
from tui.override import add_override_options, override_of
from tui.records import add_records_options, moment, open_chosen, print_alerts

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("prescribe", help=summary)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument("--dose", required=True, metavar="D", help="per administration: 0.44mg")
    parser.add_argument("--times-a-day", required=True, type=int, choices=[1, 2, 3, 4])
    parser.add_argument("--from", dest="since", required=True, metavar="TIME")
    parser.add_argument(
        "--product", choices=[product.value for product in Product], default="solution"
    )
    parser.add_argument("--protocol", choices=list(PROTOCOLS), default=REVIEW.key)
    parser.add_argument("--loading", action="store_true", help="a loading dose, given once")
    parser.add_argument("--reason", default="", help="why this dose")
    add_override_options(parser)
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Write a prescription down, unless a limit stops it."""
    override = override_of(options)
    dose = read_written(options.dose, Measure.DOSE).value
    product = Product(options.product)
    if measure_out(dose, product).mg != dose:
        raise UserError(f"{dose} mg of {product.value} cannot be measured out exactly.")
    protocol = PROTOCOLS[options.protocol]
    prescription = Prescription(
        since=moment(options.since),
        dose_mg=dose,
        times_a_day=options.times_a_day,
        product=product,
        protocol=protocol.key,
        target=protocol.target,
        rule_version=VERSION,
        loading=options.loading,
        reason=options.reason,
        override_reason=override.reason if override else "",
        override_by=override.by if override else "",
    )
    store = open_chosen(options).store
    record = store.find(options.record_number)
    alerts = prescription_alerts(record, prescription)
    print_alerts(alerts)
    if latest_weight(record, prescription.since.local.date()) is None:
        print("caution: no weight is written down, so that the dose was not checked per m².")
    strongest = max((alert.kind for alert in alerts), default=AlertKind.NOTE)
    if strongest is AlertKind.STOP or (strongest is AlertKind.OVERRIDE and override is None):
        print("Nothing was stored.")
        return ExitCode.STOPPED
    recorded = store.add(record.number, prescription, seen=record.seen)
    print(f"Prescription {recorded.number}, {record.patient.entry.name}: {prescription}")
    return ExitCode.DONE
