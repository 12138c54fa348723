"""`sirolimus dose`: a starting dose, typed or from a record; nothing is stored."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from dosing import (
    FORMULAS,
    MOSTELLER,
    PROTOCOLS,
    REVIEW,
    Age,
    Height,
    LiverImpairment,
    Product,
    Proposal,
    QuantityKind,
    Request,
    Sex,
    UserError,
    Weight,
    days_since,
    plain,
    propose_starting_dose,
    read_date,
    read_quantity,
    required_text,
)
from dosing.birth_date import read_birth
from dosing.dosage import read_interval
from dosing.gestational_age import GestationalAge
from dosing.knowledge.products import SYRINGE_MARKS, SyringeMarks
from monitoring.clinic_choices import clinic_choices
from monitoring.clinic_limits_reading import limits_at
from monitoring.times import Moment, today
from tui.cli.output import ExitCode
from tui.cli.parser import add_override_options, add_place_option, override_of
from tui.cli.units_alone import import_units_alone

if TYPE_CHECKING:
    from tui.cli.parser import Parser

Value = TypeVar("Value")

_DESCRIPTION = """\
A starting dose from weight, height and age, with every alert, step and source.
With --patient they are those of the record, and what the record forbids counts.
Nothing is stored."""

_EXAMPLE = """\
Example:
  sirolimus dose --weight 12.4kg --height 88cm --age "2 years"
  sirolimus dose --patient 00123

Exit codes: 0 a dose is proposed; 2 an input cannot be read or is not valid;
3 a stop prevented a dose (see the alerts); 1 a fault of the program."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options to the program's parser."""
    parser = commands.add_parser("dose", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE)
    patient = parser.add_argument_group("patient")
    patient.add_argument(
        "--patient",
        metavar="M",
        help="a record number: weight, height, age, sex, drugs and allergies of the record",
    )
    patient.add_argument("--weight", metavar="W", help='with its unit: 12.4kg, "12400 g", 27lb')
    patient.add_argument(
        "--height",
        metavar="H",
        help="with its unit: 88cm, 0.88m, 35in; needed by every formula but weight-only",
    )
    age = patient.add_mutually_exclusive_group()
    age.add_argument("--age", metavar="A", help='with its unit: "27 months", 2years, 12days')
    age.add_argument(
        "--born", metavar="DATE", help="date of birth: 2024-08-23, or as much as is known"
    )
    patient.add_argument(
        "--sex", choices=[sex.value for sex in Sex], help="for the WHO growth tables"
    )
    patient.add_argument(
        "--gestation",
        metavar="WEEKS",
        help='gestational age at birth, for the WHO growth tables: 31+2, "31 weeks 2 days"',
    )
    patient.add_argument(
        "--measured",
        metavar="DATE",
        help="the day the weight was measured, year-month-day (default: today)",
    )
    patient.add_argument(
        "--with",
        dest="drugs",
        action="append",
        default=[],
        metavar="DRUG",
        help="a concomitant drug; repeat it for each",
    )
    patient.add_argument(
        "--liver",
        choices=[liver.value for liver in LiverImpairment],
        default=LiverImpairment.NONE.value,
        help="Child-Pugh class of liver impairment (default: %(default)s)",
    )
    rules = parser.add_argument_group("rules")
    rules.add_argument(
        "--protocol",
        choices=list(PROTOCOLS),
        default=REVIEW.key,
        metavar="PROTOCOL",
        help=f"the published regimen: {', '.join(PROTOCOLS)} (default: %(default)s)",
    )
    rules.add_argument(
        "--formula",
        choices=list(FORMULAS),
        default=MOSTELLER.key,
        metavar="FORMULA",
        help=f"body surface area by {', '.join(FORMULAS)} (default: %(default)s)",
    )
    rules.add_argument(
        "--product",
        choices=[product.value for product in Product],
        default=Product.SOLUTION.value,
        help="oral solution 1 mg/mL, or tablets of 0.5, 1 and 2 mg (default: %(default)s)",
    )
    rules.add_argument(
        "--every",
        metavar="T",
        help='another interval that the protocol\'s source states: "48 h"',
    )
    rules.add_argument(
        "--strength",
        metavar="S",
        help='of a pharmacy\'s dilution of the oral solution: "0.5 mg/mL"',
    )
    rules.add_argument(
        "--syringe-step",
        metavar="V",
        help=(
            "the finest marks of the clinic's oral syringes: "
            f"{' or '.join(_steps())} (default: the clinic's setting, else {_steps()[0]}; 0.01mL "
            "is for up to 0.5 mL)"
        ),
    )
    add_override_options(rules)
    add_place_option(parser)
    output = parser.add_argument_group("output")
    output.add_argument(
        "--explain", action="store_true", help="show the steps, all formulas and the sources"
    )
    output.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the proposal and return the exit code. Raises `UserError` for wrong input."""
    if options.is_own_process:
        import_units_alone()
    if options.patient is None:
        request = replace(_request(options, today()), limits=limits_at(options.records))
        proposal = propose_starting_dose(request)
    else:
        proposal = _proposal_for_patient(options)
    if options.json:
        print(proposal.to_json())
    else:
        from tui.cli.dose_page import print_proposal  # noqa: PLC0415 - JSON needs no page

        print_proposal(proposal, explain=options.explain)
    return ExitCode.STOPPED if proposal.stopped else ExitCode.DONE


_OF_THE_RECORD = {"weight", "height", "age", "born", "sex", "gestation", "measured"}


def _proposal_for_patient(options: argparse.Namespace) -> Proposal:
    """Return the starting dose for a patient on record.

    Raises `UserError` for an option that the record answers.
    """
    typed = sorted(each for each in _OF_THE_RECORD if getattr(options, each) is not None)
    if typed:
        raise UserError(f"--patient takes it from the record. Leave out --{typed[0]}.")
    from monitoring.prescribing import (  # noqa: PLC0415 - only a patient needs the record
        propose_for,
        starting_request,
    )
    from monitoring.store.opening import open_records  # noqa: PLC0415 - as above
    from tui.cli.records import print_warning  # noqa: PLC0415 - as above

    records, now = open_records(options.records, tell=print_warning), Moment.now()
    record = records.find(options.patient)
    request = starting_request(
        record,
        now,
        protocol=PROTOCOLS[options.protocol],
        product=Product(options.product),
        formula=FORMULAS[options.formula],
        liver=LiverImpairment(options.liver),
    )
    request = replace(
        request, drugs=(*request.drugs, *_drugs(options)), **_ways_to_measure(options)
    )
    return propose_for(record, request, now, now, override_of(options))


def _drugs(options: argparse.Namespace) -> tuple[str, ...]:
    return tuple(required_text(name, "The name after --with") for name in options.drugs)


def _request(options: argparse.Namespace, day: date) -> Request:
    """Return the request, parsed from the options. Raises `UserError` for a missing one."""
    if options.weight is None:
        raise UserError("The weight is missing. Give --weight, or --patient.")
    if options.age is None and options.born is None:
        raise UserError("The age is missing. Give --age or --born, or --patient.")
    return Request(
        weight=_read("--weight", Weight.read, options.weight),
        height=None if options.height is None else _read("--height", Height.read, options.height),
        age=_age(options, day),
        sex=Sex(options.sex) if options.sex else None,
        gestation=_optional("--gestation", GestationalAge.read, options.gestation),
        protocol=PROTOCOLS[options.protocol],
        formula=FORMULAS[options.formula],
        product=Product(options.product),
        drugs=_drugs(options),
        liver=LiverImpairment(options.liver),
        measured_days_ago=_measured_days_ago(options, day),
        override=override_of(options),
        **_ways_to_measure(options),
    )


def _ways_to_measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the interval, the strength and the syringe's marks, as fields of a request."""
    return {
        "every_hours": _optional("--every", read_interval, options.every),
        "strength_mg_per_ml": _optional("--strength", _read_strength, options.strength),
        "marks": _optional("--syringe-step", _read_marks, options.syringe_step)
        or clinic_choices().marks,
    }


def _read(option: str, reader: Callable[[str], Value], text: str) -> Value:
    """Return what `reader` makes of `text`; the error names the option."""
    try:
        return reader(text)
    except UserError as error:
        raise UserError(f"{option}: {error}") from None


def _optional(option: str, reader: Callable[[str], Value], text: str | None) -> Value | None:
    """Return what `reader` makes of `text`, or None without one."""
    return None if text is None else _read(option, reader, text)


def _read_strength(text: str) -> Decimal:
    return read_quantity(text, QuantityKind.STRENGTH).value


def _read_marks(text: str) -> SyringeMarks:
    step = read_quantity(text, QuantityKind.VOLUME).value
    if step not in SYRINGE_MARKS:
        raise UserError(f"The marks are {' or '.join(_steps())}, not {plain(step)} mL.")
    return SYRINGE_MARKS[step]


def _steps() -> tuple[str, ...]:
    return tuple(f"{step}mL" for step in SYRINGE_MARKS)


def _age(options: argparse.Namespace, day: date) -> Age:
    if options.born is not None:
        return Age.between(_read("--born", read_birth, options.born), day)
    return _read("--age", Age.read, options.age)


def _measured_days_ago(options: argparse.Namespace, day: date) -> Decimal:
    if options.measured is None:
        return Decimal(0)
    return days_since(_read("--measured", read_date, options.measured), day)
