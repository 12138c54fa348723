"""`sirolimus prescribe`: a dose from a moment on, until the next one or its end."""

import argparse
from typing import TYPE_CHECKING

from dosing import (
    FORMULAS,
    MOSTELLER,
    PROTOCOLS,
    REVIEW,
    LiverImpairment,
    Override,
    Product,
    Proposal,
    QuantityKind,
    TargetTrough,
    UserError,
    plain,
    read_quantity,
)
from dosing.alerts import NO_ALERTS
from dosing.quantities.formatting import count_of
from monitoring.clinic_choices import clinic_choices
from monitoring.prescribing import (
    accept,
    check_prescription,
    propose_for,
    read_interval,
    starting_request,
    typed_prescription,
)
from monitoring.record.entries import Record
from monitoring.record.prescription import Prescription, read_strength
from monitoring.times import Moment, short
from monitoring.treatment import TreatmentHistory
from tui.cli.output import ExitCode
from tui.cli.parser import add_override_options, override_of
from tui.cli.records import add_records_options, open_chosen, print_alerts
from tui.cli.typed_times import typed_moment

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("prescribe", help=summary)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument("--from", dest="since", required=True, metavar="TIME")
    parser.add_argument(
        "--product", choices=[product.value for product in Product], default="solution"
    )
    parser.add_argument("--protocol", choices=list(PROTOCOLS), default=REVIEW.key)
    parser.add_argument(
        "--target", metavar="RANGE", help='a target other than the protocol\'s: "4-10 ng/mL"'
    )
    parser.add_argument("--reason", default="", help="why this dose")
    add_override_options(parser)
    typed = parser.add_argument_group("a typed dose")
    typed.add_argument("--dose", metavar="D", help="per administration: 0.44mg")
    typed.add_argument("--times-a-day", type=int, choices=[1, 2, 3, 4])
    typed.add_argument("--every", metavar="T", help='instead: the time between doses, "48 h"')
    typed.add_argument(
        "--evening-dose", metavar="D", help="the dose from noon on, if it is another: 0.4mg"
    )
    typed.add_argument(
        "--strength", metavar="S", help='of a pharmacy\'s dilution of the solution: "0.5 mg/mL"'
    )
    typed.add_argument(
        "--given",
        metavar="REASON",
        help="record it as it was really given, past every limit, with the reason",
    )
    typed.add_argument("--loading", action="store_true", help="a loading dose, given once")
    proposed = parser.add_argument_group("or the starting dose from the record")
    proposed.add_argument(
        "--accept", action="store_true", help="calculate it, show it and record it"
    )
    proposed.add_argument("--formula", choices=list(FORMULAS), metavar="FORMULA")
    proposed.add_argument("--liver", choices=[liver.value for liver in LiverImpairment])
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Record a prescription, unless a limit stops it."""
    _refuse_mixed(options)
    override = override_of(options)
    since = typed_moment(options.since, "From", may_be_ahead=True)
    typed = None if options.accept else _typed(options, since, override)
    store = open_chosen(options).store
    record = store.find(options.record_number)
    if typed is None:
        proposal = _proposal(options, record, since, override)
        if proposal.stopped:
            print("Nothing was stored.")
            return ExitCode.STOPPED
        prescription = accept(
            proposal,
            since,
            target=_target(options),
            override=override,
            reason=options.reason,
        )
        known = proposal.alerts
    else:
        prescription, known = typed, NO_ALERTS
    checked = check_prescription(
        record, prescription, Moment.now(), known=known, marks=clinic_choices().marks
    )
    print_alerts(checked.alerts.beyond(known))
    if prescription.since > Moment.now():
        print(f"note: The prescription begins in the future, {short(prescription.since)}.")
    if checked.stopped:
        print("Nothing was stored.")
        return ExitCode.STOPPED
    prescription = checked.prescription
    recorded = store.add(record.number, prescription, revision=record.revision)
    print(f"Prescription {recorded.number}, {record.patient.entry.name}: {prescription}")
    return ExitCode.DONE


_TYPED = ("dose", "times_a_day", "loading", "every", "evening_dose", "strength", "given")


def _refuse_mixed(options: argparse.Namespace) -> None:
    """Refuse a dose that is both typed and proposed, or neither."""
    if options.accept:
        given = (each for each in _TYPED if getattr(options, each) not in {None, False})
        if any(given):
            raise UserError(
                "--accept takes the proposed dose. Leave out --dose, --times-a-day and --loading, "
                "and the other options of a typed dose."
            )
    elif options.dose is None or (options.times_a_day is None and options.every is None):
        raise UserError("The dose is missing. Give --dose and --times-a-day, or --accept.")
    elif options.times_a_day is not None and options.every is not None:
        raise UserError("--times-a-day and --every say the same. Give one of them.")
    elif options.given is not None and options.override is not None:
        raise UserError("A dose that was given needs no override. Leave out --override and --by.")
    elif options.formula or options.liver:
        raise UserError("--formula and --liver are for --accept only. Leave them out.")


def _typed(options: argparse.Namespace, since: Moment, override: Override | None) -> Prescription:
    """Return the prescription of a dose as it was typed."""
    every = None if options.every is None else read_interval(options.every)
    times = options.times_a_day if every is None else max(1, 24 // every)
    evening = options.evening_dose
    return typed_prescription(
        since=since,
        dose_mg=read_quantity(options.dose, QuantityKind.DOSE).value,
        evening_mg=None if evening is None else read_quantity(evening, QuantityKind.DOSE).value,
        times_a_day=times,
        every_hours=every,
        strength_mg_per_ml=None if options.strength is None else read_strength(options.strength),
        given_reason=options.given,
        product=Product(options.product),
        protocol=PROTOCOLS[options.protocol],
        target=_target(options),
        loading=options.loading,
        override=override,
        reason=options.reason,
    )


def _target(options: argparse.Namespace) -> TargetTrough | None:
    return TargetTrough.read(options.target) if options.target else None


def _proposal(
    options: argparse.Namespace, record: Record, since: Moment, override: Override | None
) -> Proposal:
    """Return the starting dose from the record, after printing it."""
    from tui.cli.dose_page import print_proposal  # noqa: PLC0415 - a typed dose needs no page

    request = starting_request(
        record,
        since,
        protocol=PROTOCOLS[options.protocol],
        product=Product(options.product),
        formula=FORMULAS[options.formula] if options.formula else MOSTELLER,
        liver=LiverImpairment(options.liver or LiverImpairment.NONE.value),
        marks=clinic_choices().marks,
    )
    proposal = propose_for(record, request, since, Moment.now(), override)
    print_proposal(proposal)
    day, history = since.local.date(), TreatmentHistory.of(record)
    for what, latest in (
        ("Weight", history.weight_on(day)),
        ("Height", history.height_on(day)),
    ):
        if latest:
            earlier = count_of((day - latest.entry.on).days, "day")
            print(f"{what} measured {earlier} before, on {short(latest.entry.on)}.")
    if proposal.loading_dose:
        dose = plain(proposal.loading_dose.measured.mg)
        print(
            f"The loading dose of {dose} mg is a prescription of its own. Record it with --loading."
        )
    return proposal
