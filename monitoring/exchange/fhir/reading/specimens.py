"""Specimens: the time of the draw where the Observation has none, and never another one."""

from typing import Final

from dosing import UserError
from monitoring.exchange.fhir.reading.context import Context, is_same_patient
from monitoring.exchange.fhir.reading.element import REFERENCE, RESOURCE, Element, names
from monitoring.exchange.fhir.reading.resources import Resource
from monitoring.exchange.fhir.reading.times import FhirTime, time_or_period
from monitoring.exchange.incoming import PatientIdentity
from monitoring.times import short

_SPECIMEN: Final = RESOURCE | names(
    "identifier accessionIdentifier status type subject receivedTime parent request combined role "
    "feature collection processing container condition note"
)
_COLLECTION: Final = names(
    "collector collectedDateTime collectedPeriod duration quantity method device procedure "
    "bodySite fastingStatusCodeableConcept fastingStatusDuration"
)
_USABLE: Final = frozenset({"", "available", "unavailable"})


def time_of_draw(
    context: Context, resource: Resource, observation: Element, subject: PatientIdentity
) -> FhirTime:
    """Return when a result was sampled: effective[x], or else when its specimen was collected.

    Raises `PartError` where the two differ, and without any of them. `issued` is the time of the
    report, and is never taken.
    """
    zone = context.choices.time_zone
    effective = time_or_period(observation, "effective", zone)
    found = _collected(context, resource, observation, subject)
    either = effective or found
    if either is None:
        raise observation.error("effective", "the time of the sample is missing. Ask the sender.")
    if effective is None or found is None:
        return either
    if not effective.is_same(found):
        one, other = (short(each.moment or each.day) for each in (effective, found))
        raise observation.error(
            "effective", f"it is {one}, and the specimen is of {other}. Ask the sender."
        )
    return effective if effective.moment else found


def _collected(
    context: Context, resource: Resource, observation: Element, subject: PatientIdentity
) -> FhirTime | None:
    """Return when the specimen of a result was collected, where the file has it."""
    stated = observation.one("specimen", REFERENCE)
    reference = stated.text("reference") if stated else ""
    if stated is None or not reference:
        return None
    try:
        found = context.directory.find(reference, resource)
    except UserError as error:
        raise stated.error("reference", str(error)) from None
    if found is None:
        return None
    if found.type != "Specimen":
        raise stated.error("reference", f"{found.name} is not a specimen. Ask the sender.")
    specimen = found.element(_SPECIMEN)
    if specimen.text("status") not in _USABLE:
        raise observation.error("specimen", "it is not usable, by its status. Ask the sender.")
    if specimen.has("subject"):
        whose = context.subjects.subject_of(found, specimen, "subject")
        if not is_same_patient(whose, subject):
            raise observation.error("specimen", "it is of another patient. Ask the sender.")
    collection = specimen.one("collection", _COLLECTION)
    return (
        time_or_period(collection, "collected", context.choices.time_zone) if collection else None
    )
