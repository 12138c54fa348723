"""Doses of sirolimus: requests and statements of a regimen, and doses that were not given.

A regimen needs its dose in mg, how often it is given, its product, and the time at which it began.
What is not stated is never assumed; the protocol and its target alone have a default.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from dosing import PROTOCOLS, VERSION, Product, QuantityKind, TargetTrough, UserError, clean
from dosing.knowledge.products import STRENGTH_MG_PER_ML
from dosing.quantities.text import quoted
from monitoring.exchange.coded_test import Code
from monitoring.exchange.fhir.extensions import EVERY_HOURS, PROTOCOL, TARGET_TROUGH
from monitoring.exchange.fhir.reading.context import Context
from monitoring.exchange.fhir.reading.element import (
    CONCEPT,
    PERIOD,
    QUANTITY,
    REFERENCE,
    RESOURCE,
    SIMPLE_QUANTITY,
    Element,
    names,
)
from monitoring.exchange.fhir.reading.observations import codes_of, in_words
from monitoring.exchange.fhir.reading.quantities import Unit, read_quantity_in
from monitoring.exchange.fhir.reading.record_entry import ReadEntry, completed, stated_entry
from monitoring.exchange.fhir.reading.resources import Resource
from monitoring.exchange.fhir.reading.times import FhirTime, time_in, time_or_period
from monitoring.exchange.incoming import Incoming, Item, PatientIdentity, ResultStatus, Skipped
from monitoring.record.co_medication import CoMedication
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.times import Moment

GIVEN_REASON: Final = "reported by the sender"
"""The reason of a dose from another system: it was given, or ordered, past our limits."""
DEFAULT_PROTOCOL: Final = "review"

REQUEST: Final = RESOURCE | names(
    "identifier status statusReason intent category priority doNotPerform reportedBoolean "
    "reportedReference medicationCodeableConcept medicationReference subject encounter "
    "supportingInformation authoredOn requester performer performerType recorder reasonCode "
    "reasonReference instantiatesCanonical instantiatesUri basedOn groupIdentifier "
    "courseOfTherapyType insurance note dosageInstruction dispenseRequest substitution "
    "priorPrescription detectedIssue eventHistory "
    # R5
    "statusChanged reported medication informationSource device reason renderedDosageInstruction "
    "effectiveDosePeriod"
)
STATEMENT: Final = RESOURCE | names(
    "identifier basedOn partOf status statusReason category medicationCodeableConcept "
    "medicationReference subject context effectiveDateTime effectivePeriod dateAsserted "
    "informationSource derivedFrom reasonCode reasonReference note dosage "
    # R5
    "medication encounter effectiveTiming reason relatedClinicalInformation "
    "renderedDosageInstruction adherence"
)
ADMINISTRATION: Final = RESOURCE | names(
    "identifier instantiates partOf status statusReason category medicationCodeableConcept "
    "medicationReference subject context supportingInformation effectiveDateTime effectivePeriod "
    "performer reasonCode reasonReference request device note dosage eventHistory "
    # R5
    "basedOn medication encounter occurenceDateTime occurencePeriod occurrenceDateTime "
    "occurrencePeriod recorded isSubPotent subPotentReason reason"
)
_MEDICATION: Final = RESOURCE | names(
    "identifier code status manufacturer form amount ingredient batch "
    # R5
    "marketingAuthorizationHolder doseForm totalVolume definition"
)
_INGREDIENT: Final = names(
    "itemCodeableConcept itemReference isActive strength item strengthRatio strengthQuantity "
    "strengthCodeableConcept"
)
_RATIO: Final = names("numerator denominator")
_CODEABLE_REFERENCE: Final = names("concept reference")
_DOSAGE: Final = names(
    "sequence text additionalInstruction patientInstruction timing asNeededBoolean "
    "asNeededCodeableConcept asNeeded asNeededFor site route method doseAndRate "
    "maxDosePerPeriod maxDosePerAdministration maxDosePerLifetime"
)
_DOSE_AND_RATE: Final = names("type doseRange doseQuantity rateRatio rateRange rateQuantity")
_TIMING: Final = names("event repeat code")
_REPEAT: Final = names(
    "boundsDuration boundsRange boundsPeriod count countMax duration durationMax durationUnit "
    "frequency frequencyMax period periodMax periodUnit dayOfWeek timeOfDay when offset"
)
_RANGE_OF_LEVELS: Final = names("low high")

_ATC: Final = frozenset({"http://www.whocc.no/atc", "urn:oid:2.16.840.1.113883.6.73"})
_RXNORM: Final = frozenset(
    {"http://www.nlm.nih.gov/research/umls/rxnorm", "urn:oid:2.16.840.1.113883.6.88"}
)
_SIROLIMUS_ATC: Final = frozenset({"L04AH01", "L04AA10"})
_SIROLIMUS_RXNORM: Final = frozenset({"35302"})
_SIROLIMUS: Final = "sirolimus"
_NAMES_IT: Final = re.compile(r"\b(sirolimus|rapamycin|rapamune)\b")

_ACTIVE, _OVER, _HELD = "active", "over", "held"
_NOT_YET, _NEVER, _ERROR, _NOT_TAKEN = "not yet", "never", "error", "not taken"
_REQUEST_STATUS: Final[Mapping[str, str]] = {
    "active": _ACTIVE, "on-hold": _HELD, "ended": _OVER, "stopped": _OVER, "completed": _OVER,
    "cancelled": _NEVER, "entered-in-error": _ERROR, "draft": _NOT_YET, "unknown": "",
}  # fmt: skip
_STATEMENT_STATUS: Final[Mapping[str, str]] = {
    "active": _ACTIVE, "recorded": _ACTIVE, "completed": _OVER, "entered-in-error": _ERROR,
    "intended": _NOT_YET, "draft": _NOT_YET, "stopped": _OVER, "on-hold": _HELD,
    "not-taken": _NOT_TAKEN, "unknown": "",
}  # fmt: skip
_ADMINISTRATION_STATUS: Final[Mapping[str, str]] = {
    "in-progress": _ACTIVE, "not-done": _NOT_TAKEN, "on-hold": _HELD, "completed": _OVER,
    "entered-in-error": _ERROR, "stopped": _OVER, "unknown": "",
}  # fmt: skip
_INTENT: Final[Mapping[str, bool]] = {
    "proposal": False, "plan": False, "option": False, "order": True, "original-order": True,
    "reflex-order": True, "filler-order": True, "instance-order": True,
}  # fmt: skip
_HOURS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {"h": Decimal(1), "d": Decimal(24), "wk": Decimal(7 * 24)}
)
_TIMING_SYSTEMS: Final = frozenset(
    {
        "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
        "http://hl7.org/fhir/v3/GTSAbbreviation",
    }
)
_HOURS_OF_CODE: Final[Mapping[str, int]] = MappingProxyType(
    {"QD": 24, "BID": 12, "TID": 8, "QID": 6, "QOD": 48, "Q6H": 6, "Q8H": 8, "AM": 24, "PM": 24}
)
_MORNING: Final = frozenset({"MORN", "MORN.early", "MORN.late"})
_EVENING: Final = frozenset({"EVE", "EVE.early", "EVE.late", "NIGHT"})
_ORAL: Final = frozenset({"26643006", "PO", "20053000"})
_ORAL_WORDS: Final = frozenset({"oral", "oral use", "by mouth", "po", "per os", "oral route"})
_FORMS: Final[Mapping[str, Product]] = MappingProxyType(
    {
        "385055001": Product.TABLETS, "385060002": Product.TABLETS, "385061003": Product.TABLETS,
        "421026006": Product.TABLETS, "385023001": Product.SOLUTION,
        "10219000": Product.TABLETS, "11108000": Product.SOLUTION,
        "tablet": Product.TABLETS, "tablets": Product.TABLETS, "coated tablet": Product.TABLETS,
        "film-coated tablet": Product.TABLETS, "oral tablet": Product.TABLETS,
        "solution": Product.SOLUTION, "oral solution": Product.SOLUTION,
    }
)  # fmt: skip
