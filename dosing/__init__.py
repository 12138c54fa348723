"""Dosing: pure knowledge. Units, body size, protocols, products, limits, and a starting dose.

No files, no database, no screen, no clock. Other rooms import its names from here:

>>> from dosing import Age, Height, Request, Weight, propose_starting_dose
>>> propose_starting_dose(
...     Request(weight=Weight("12.4 kg"), height=Height("88 cm"), age=Age("2 years"))
... )
<Proposal 0.44 mg (0.44 mL of 1 mg/mL) every 12 hours, protocol review>

A file is imported at the first use of one of its names: the first screen needs few of them.
`docs/python-api.md` shows more.
"""

from dosing.lazy import front_page
from dosing.version import VERSION

TYPE_CHECKING = False  # see `dosing.lazy`
if TYPE_CHECKING:
    from dosing.alerts import Alert, AlertKind, Alerts
    from dosing.dose_adjustment import AdjustedDose, Adjustment, adjust_dose
    from dosing.errors import ReadingError, UserError
    from dosing.growth import GrowthScore, growth_scores
    from dosing.json_document import json_number, json_text
    from dosing.knowledge.contraindications import allergy_alerts
    from dosing.knowledge.interactions import interaction_alerts
    from dosing.knowledge.products import ORAL_SOLUTION, TABLETS, Product, measure_out
    from dosing.knowledge.protocols import PROTOCOLS, REVIEW, Protocol, Start, TargetTrough
    from dosing.knowledge.references import cite
    from dosing.patient import Age, Height, LiverImpairment, Sex, Weight, days_since, read_date
    from dosing.proposal import Dose, Override, Proposal, Request, Step
    from dosing.quantities.formatting import plain
    from dosing.quantities.parsing import Quantity, QuantityKind, accepted_units, read_quantity
    from dosing.quantities.text import clean, required_text
    from dosing.starting_dose import propose_starting_dose
    from dosing.surface_area import (
        FORMULAS,
        MOSTELLER,
        Formula,
        FormulaArea,
        body_mass_index,
        body_surface_area,
        body_surface_areas,
    )

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
    "GrowthScore",
    "Height",
    "LiverImpairment",
    "Override",
    "Product",
    "Proposal",
    "Protocol",
    "Quantity",
    "QuantityKind",
    "ReadingError",
    "Request",
    "Sex",
    "Start",
    "Step",
    "TargetTrough",
    "UserError",
    "Weight",
    "__version__",
    "accepted_units",
    "adjust_dose",
    "allergy_alerts",
    "body_mass_index",
    "body_surface_area",
    "body_surface_areas",
    "cite",
    "clean",
    "days_since",
    "growth_scores",
    "interaction_alerts",
    "json_number",
    "json_text",
    "measure_out",
    "plain",
    "propose_starting_dose",
    "read_date",
    "read_quantity",
    "required_text",
]

_NAMES_OF = {
    "dose_adjustment": "AdjustedDose Adjustment adjust_dose",
    "alerts": "Alert AlertKind Alerts",
    "patient": "Age Height LiverImpairment Sex Weight days_since read_date",
    "surface_area": (
        "FORMULAS MOSTELLER Formula FormulaArea body_mass_index body_surface_area "
        "body_surface_areas"
    ),
    "knowledge.contraindications": "allergy_alerts",
    "errors": "ReadingError UserError",
    "growth": "GrowthScore growth_scores",
    "knowledge.interactions": "interaction_alerts",
    "json_document": "json_number json_text",
    "quantities.text": "clean required_text",
    "knowledge.products": "ORAL_SOLUTION TABLETS Product measure_out",
    "proposal": "Dose Override Proposal Request Step",
    "knowledge.protocols": "PROTOCOLS REVIEW Protocol Start TargetTrough",
    "quantities.parsing": "Quantity QuantityKind accepted_units read_quantity",
    "knowledge.references": "cite",
    "starting_dose": "propose_starting_dose",
    "quantities.formatting": "plain",
}
"""Each file and the names that are imported from here, as above."""

__version__ = VERSION
__getattr__, __dir__ = front_page(__name__, _NAMES_OF)
