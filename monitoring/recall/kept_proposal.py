"""The document of an accepted proposal, read back: what it stated, and the request behind it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dosing import (
    FORMULAS,
    PROTOCOLS,
    Age,
    Height,
    LiverImpairment,
    Override,
    Product,
    Proposal,
    Request,
    Sex,
    TargetTrough,
    UserError,
    Weight,
    plain,
)
from dosing.gestational_age import GestationalAge
from dosing.knowledge.clinic_limits import ClinicLimits
from dosing.knowledge.products import STANDARD_MARKS, SYRINGE_MARKS
from dosing.quantities.units import convert
from monitoring.recall.statement import NONE, Statement, codes_in_words

_UNREADABLE = "The kept proposal cannot be read. Look at it with `sirolimus prescription list`."


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """The statement of a stored proposal, and the request of its inputs."""

    stated: Statement
    request: Request

    @classmethod
    def read(cls, text: str, born: date, on: date, limits: ClinicLimits) -> "KeptProposal":
        """Return the proposal of its JSON document.

        The document has the age in months to four decimals; where it is the age of the patient on
        the day of the dose, that exact age is taken. The limits are those of today.

        Raises `UserError` for a document that lacks an input.
        """
        try:
            document = json.loads(text, parse_float=Decimal)
            return cls(_stated(document), _request(document, Age.between(born, on), limits))
        except UserError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
            raise UserError(_UNREADABLE) from None


def statement_of_proposal(proposal: Proposal) -> Statement:
    """Return what a proposal states, as its stored document is compared with it."""
    return _stated(json.loads(proposal.to_json(), parse_float=Decimal))


def _stated(document: Mapping[str, Any]) -> Statement:
    low, high = document["target_ng_ml"]
    return Statement(
        (
            ("dose", _dose(document["dose"])),
            ("loading dose", _figure(document["loading_dose_mg"], "mg")),
            ("target", str(TargetTrough(_decimal(low), Decimal(high)))),
            ("body surface area", _figure(document["body_surface_area_m2"], "m²")),
            ("alerts", codes_in_words(each["code"] for each in document["alerts"])),
        )
    )


def _dose(dose: Mapping[str, Any] | None) -> str:
    if dose is None:
        return NONE
    return f"{_figure(dose['given_mg'], 'mg')} every {dose['every_hours']} hours"


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _figure(value: Decimal | int | None, unit: str) -> str:
    return NONE if value is None else f"{plain(Decimal(value))} {unit}"


def _request(document: Mapping[str, Any], age: Age, limits: ClinicLimits) -> Request:
    given = document["inputs"]
    months = Decimal(given["age_months"])
    if abs(age.months - months) >= Decimal("0.0001"):
        age = Age(months, convert(months, "month", to="day"))
    override = document.get("override")
    height, sex, gestation = given["height_cm"], given["sex"], given.get("gestation_days")
    step = given.get("syringe_step_ml")
    marks = STANDARD_MARKS if step is None else SYRINGE_MARKS[Decimal(step)]
    return Request(
        weight=Weight(Decimal(given["weight_kg"])),
        age=age,
        height=None if height is None else Height(Decimal(height)),
        sex=None if sex is None else Sex(sex),
        protocol=PROTOCOLS[document["protocol"]],
        formula=FORMULAS[document["formula"]],
        product=Product(given["product"]),
        drugs=tuple(given["with"]),
        liver=LiverImpairment(given["liver"]),
        measured_days_ago=Decimal(given["measured_days_ago"]),
        override=Override(override["reason"], override["by"]) if override else None,
        every_hours=given.get("every_hours"),
        strength_mg_per_ml=_decimal(given.get("strength_mg_per_ml")),
        gestation=None if gestation is None else GestationalAge(gestation),
        marks=marks,
        limits=limits,
    )
