"""Dosing: pure knowledge. Units, body size, protocols, products, limits, and a starting dose.

No files, no database, no screen, no clock. What other rooms use is imported from here:

>>> from dosing import Age, Height, Request, Weight, propose_starting_dose
>>> request = Request(
...     weight=Weight.read("12.4 kg"), height=Height.read("88 cm"), age=Age.read("2 years")
... )
>>> proposal = propose_starting_dose(request)
>>> proposal.dose.measured.mg, proposal.dose.times_a_day
(Decimal('0.44'), 2)

A file is imported when a name of its is first used: the first screen needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dosing.adjusted_dose import adjust_dose
    from dosing.adjustment import AdjustedDose, Adjustment
    from dosing.alerts import Alert, AlertKind, Alerts
    from dosing.body import Age, Height, LiverImpairment, Sex, Weight, days_since, read_date
    from dosing.body_size import FORMULAS, MOSTELLER, Formula, FormulaArea
    from dosing.contraindications import allergy_alerts
    from dosing.errors import ReadingError, UserError
    from dosing.interactions import interaction_alerts
    from dosing.json_document import (
        alert_as_json,
        dose_as_json,
        json_number,
        override_as_json,
        proposal_as_json,
        step_as_json,
    )
    from dosing.plain_text import clean, required_text
    from dosing.products import ORAL_SOLUTION, TABLETS, Product, measure_out
    from dosing.proposal import Dose, Override, Proposal, Request, Step
    from dosing.protocols import PROTOCOLS, REVIEW, Protocol, Start, TargetTrough
    from dosing.reading import Measure, Written, accepted_units, read_written
    from dosing.sources import cite
    from dosing.starting_dose import propose_starting_dose
    from dosing.version import VERSION
    from dosing.writing import plain

__all__ = [
    "FORMULAS",
    "MOSTELLER",
    "ORAL_SOLUTION",
    "PROTOCOLS",
    "REVIEW",
    "TABLETS",
    "VERSION",
    "AdjustedDose",
    "Adjustment",
    "Age",
    "Alert",
    "AlertKind",
    "Alerts",
    "Dose",
    "Formula",
    "FormulaArea",
    "Height",
    "LiverImpairment",
    "Measure",
    "Override",
    "Product",
    "Proposal",
    "Protocol",
    "ReadingError",
    "Request",
    "Sex",
    "Start",
    "Step",
    "TargetTrough",
    "UserError",
    "Weight",
    "Written",
    "accepted_units",
    "adjust_dose",
    "alert_as_json",
    "allergy_alerts",
    "cite",
    "clean",
    "days_since",
    "dose_as_json",
    "interaction_alerts",
    "json_number",
    "measure_out",
    "override_as_json",
    "plain",
    "proposal_as_json",
    "propose_starting_dose",
    "read_date",
    "read_written",
    "required_text",
    "step_as_json",
]

_NAMES_OF = {
    "adjusted_dose": "adjust_dose",
    "adjustment": "AdjustedDose Adjustment",
    "alerts": "Alert AlertKind Alerts",
    "body": "Age Height LiverImpairment Sex Weight days_since read_date",
    "body_size": "FORMULAS MOSTELLER Formula FormulaArea",
    "contraindications": "allergy_alerts",
    "errors": "ReadingError UserError",
    "interactions": "interaction_alerts",
    "json_document": (
        "alert_as_json dose_as_json json_number override_as_json proposal_as_json step_as_json"
    ),
    "plain_text": "clean required_text",
    "products": "ORAL_SOLUTION TABLETS Product measure_out",
    "proposal": "Dose Override Proposal Request Step",
    "protocols": "PROTOCOLS REVIEW Protocol Start TargetTrough",
    "reading": "Measure Written accepted_units read_written",
    "sources": "cite",
    "starting_dose": "propose_starting_dose",
    "version": "VERSION",
    "writing": "plain",
}
"""Each file and the names that are imported from here, as above."""

_FILE_OF = {name: file for file, names in _NAMES_OF.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Return one of the names, imported now."""
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_FILE_OF[name]}"), name)
    globals()[name] = found
    return found
