"""Doses as prescribed, doses not given, and concomitant drugs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from dosing.quantities.formatting import plain, rounded
from dosing.surface_area import MOSTELLER, body_surface_area
from monitoring.exchange.fhir.extensions import (
    EVERY_HOURS,
    MG_PER_M2_PER_DAY,
    MG_PER_M2_PER_DOSE,
    PROTOCOL,
    TARGET_TROUGH,
    extension,
)
from monitoring.exchange.fhir.writing.elements import (
    BundleEntry,
    Element,
    coding,
    concept,
    date_time,
    element,
    in_words,
    named,
    notes,
    period,
    quantity,
    to,
)
from monitoring.exchange.fhir.writing.exported import Exported, stated, why_voided
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import StoredEntry
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.state import StateKind
from monitoring.summary import DoseEntry
from monitoring.treatment import OmittedDoses

ATC = "http://www.whocc.no/atc"
SIROLIMUS_ATC = "L04AH01"
_SIROLIMUS = coding(ATC, SIROLIMUS_ATC)
_RATE_DECIMALS = 4
_HOURS_A_DAY = 24


def prescriptions(exported: Exported) -> Iterator[BundleEntry]:
    """Yield each prescription of sirolimus, by the state of treatment now."""
    for each in exported.summary.doses:
        yield _prescription(exported, each)


def _prescription(exported: Exported, dose: DoseEntry) -> BundleEntry:
    stored, entry = dose.prescription, dose.prescription.entry
    status, why = _status(exported, dose)
    recorder = named(stored.author.by)
    return BundleEntry(
        "MedicationRequest",
        exported.id(stored.number),
        element(
            extension=tuple(_more(stored)),
            status=status,
            statusReason=in_words(why),
            intent="order",
            medicationCodeableConcept=concept(_SIROLIMUS, text=_drug_of(entry)),
            subject=exported.patient,
            authoredOn=date_time(stored.author.at),
            recorder=recorder[0] if recorder else None,
            reasonCode=tuple(filter(None, (in_words(entry.reason),))),
            note=notes(*_prescription_notes(stored)),
            dosageInstruction=tuple(_dosage(exported, stored)),
        ),
        stored,
    )


def taken_doses(exported: Exported) -> Iterator[BundleEntry]:
    """Yield each dose that has begun as it was taken by the schedule, to its real end.

    Doses not given are resources of their own. What never applied is withdrawn.
    """
    for each in exported.summary.doses:
        if each.prescription.entry.since <= exported.now:
            yield _taken(exported, each)


def _taken(exported: Exported, dose: DoseEntry) -> BundleEntry:
    stored, entry = dose.prescription, dose.prescription.entry
    status, why = _status(exported, dose)
    until = dose.until if dose.until is not None and dose.until <= exported.now else None
    return BundleEntry(
        "MedicationStatement",
        exported.id(stored.number, "taken"),
        element(
            basedOn=(to(f"MedicationRequest/{exported.id(stored.number)}"),),
            status="entered-in-error" if status == "cancelled" else status,
            statusReason=tuple(filter(None, (in_words(why),))),
            medicationCodeableConcept=concept(_SIROLIMUS, text=_drug_of(entry)),
            subject=exported.patient,
            effectiveDateTime=date_time(entry.since) if entry.loading else None,
            effectivePeriod=None if entry.loading else period(entry.since, until),
            note=notes("Taken by the schedule of the prescription."),
            dosage=tuple(_dosage(exported, stored)),
        ),
    )


def _more(stored: StoredEntry[Prescription]) -> Iterator[Element]:
    entry = stored.entry
    low = entry.target.low_ng_ml
    yield stated(stored)
    yield extension(PROTOCOL, valueCode=entry.protocol)
    yield extension(
        TARGET_TROUGH,
        valueRange=element(
            low=None if low is None else quantity(low, "ng/mL"),
            high=quantity(entry.target.high_ng_ml, "ng/mL"),
        ),
    )
    if entry.every_hours is not None:
        yield extension(EVERY_HOURS, valuePositiveInt=entry.every_hours)


def _drug_of(entry: Prescription) -> str:
    return f"sirolimus {entry.product.value}"


def _status(exported: Exported, dose: DoseEntry) -> tuple[str, str]:
    """Return the status of a prescription now, and its reason.

    One that another took the place of before it began is cancelled; one that another followed is
    completed; one that was ended is stopped.
    """
    stored, now, state = dose.prescription, exported.now, exported.summary.state
    ending = stored.ending.entry if stored.ending else None
    if not stored.is_active:
        return "entered-in-error", why_voided(stored)
    if stored.entry.loading:
        return "completed" if stored.entry.since <= now else "active", ""
    if dose.period is None:
        return "cancelled", ""
    if dose.until is not None and dose.until <= now:
        is_ended = ending is not None and ending.at == dose.until
        return ("stopped", ending.reason) if ending and is_ended else ("completed", "")
    if state.kind is StateKind.ON_HOLD and state.period == dose.period:
        return "on-hold", state.reason
    return "active", ""


def _prescription_notes(stored: StoredEntry[Prescription]) -> Iterator[str]:
    entry = stored.entry
    passed = f" ({', '.join(entry.overridden_alerts)})" if entry.overridden_alerts else ""
    if entry.given_reason:
        yield f"Recorded as given{passed}: {entry.given_reason}"
    if entry.override_by:
        yield f"Override by {entry.override_by}{passed}: {entry.override_reason}"
    if entry.is_taper_step:
        yield "A step of a plan to stop."


# --- the dosage


def _dosage(exported: Exported, stored: StoredEntry[Prescription]) -> Iterator[Element]:
    """Yield the dosage; the doses of morning and evening apart where they differ."""
    entry = stored.entry
    if entry.evening_mg in {None, entry.dose_mg}:
        yield _part(exported, stored, entry.dose_mg, _timing(stored))
        return
    parts = ((entry.dose_mg, "MORN"), (entry.evening_mg, "EVE"))
    for sequence, (mg, when) in enumerate(parts, start=1):
        timing = element(
            repeat=element(
                boundsPeriod=_bounds(stored),
                frequency=1,
                period=Decimal(1),
                periodUnit="d",
                when=(when,),
            )
        )
        yield {"sequence": sequence, **_part(exported, stored, mg, timing)}


def _part(
    exported: Exported, stored: StoredEntry[Prescription], mg: Decimal, timing: Element
) -> Element:
    entry = stored.entry
    area = None if entry.loading else _area(exported, stored)
    strength = entry.strength_mg_per_ml
    a_day, a_dose = (
        (None, None) if area is None
        else (_rate(entry.daily_mg / area), _rate(mg / area))
    )  # fmt: skip
    words = [
        f"{plain(mg)} mg once" if entry.loading else str(entry),
        *([f"of {plain(strength)} mg/mL"] if strength else []),
        *([f"{a_dose} mg/m²/dose, {a_day} mg/m²/day"] if area else []),
    ]
    return element(
        extension=()
        if a_day is None or a_dose is None
        else (
            extension(MG_PER_M2_PER_DAY, valueQuantity=quantity(a_day, "mg/m²/day", "mg/m2/d")),
            extension(MG_PER_M2_PER_DOSE, valueQuantity=quantity(a_dose, "mg/m²/dose", "mg/m2")),
        ),
        text=", ".join(words),
        timing=timing,
        doseAndRate=({"doseQuantity": quantity(mg, "mg")},),
    )


def _rate(value: Decimal) -> Decimal:
    """Return a dose per m² as JSON shows it: four decimals, no zeros behind them."""
    return Decimal(plain(rounded(value, _RATE_DECIMALS)))


def _area(exported: Exported, stored: StoredEntry[Prescription]) -> Decimal | None:
    """Return the body surface area for a dose per m².

    Of the current dose it is that of the summary, on the body last measured; of another dose, that
    of the body last measured by its first day.
    """
    current = exported.summary.current
    if current is not None and current.period.prescription.number == stored.number:
        return current.area_m2
    history, day = exported.summary.history, stored.entry.since.local.date()
    weight, height = history.weight_on(day), history.height_on(day)
    if weight is None or height is None or weight.entry.as_weight is None:
        return None
    return body_surface_area(MOSTELLER, weight.entry.as_weight, height.entry.as_height)


def _timing(stored: StoredEntry[Prescription]) -> Element:
    entry = stored.entry
    if entry.loading:
        return element(event=(date_time(entry.since),))
    every = entry.every_hours
    often = (
        {"frequency": entry.times_a_day, "period": Decimal(1), "periodUnit": "d"}
        if every is None
        else {"frequency": 1, "period": Decimal(every), "periodUnit": "h"}
    )
    return element(repeat=element(boundsPeriod=_bounds(stored), **often))  # type: ignore[arg-type]


def _bounds(stored: StoredEntry[Prescription]) -> Element:
    """Return the start, and the end where one was recorded."""
    return period(stored.entry.since, stored.ending.entry.at if stored.ending else None)


# --- doses not given


def omitted_doses(exported: Exported) -> Iterator[BundleEntry]:
    """Yield the doses missed or held."""
    assessed = {each.recorded.number: each for each in exported.summary.history.not_given}
    for each in exported.record.of(MissedDose):
        yield _omitted(exported, each, assessed.get(each.number))


def _omitted(
    exported: Exported, stored: StoredEntry[MissedDose], assessed: OmittedDoses | None
) -> BundleEntry:
    entry = stored.entry
    is_one = entry.kind is NotGiven.MISSED and entry.until is None
    end = entry.until or (stored.ending.entry.at if stored.ending else None)
    is_on_hold = assessed is not None and not is_one and assessed.holds_at(exported.now)
    return BundleEntry(
        "MedicationStatement",
        exported.id(stored.number),
        element(
            extension=(stated(stored),),
            status=_statement_status(stored, "on-hold" if is_on_hold else "not-taken"),
            statusReason=tuple(filter(None, (in_words(entry.reason),))),
            medicationCodeableConcept=concept(_SIROLIMUS, text="sirolimus"),
            subject=exported.patient,
            effectiveDateTime=date_time(entry.at) if is_one else None,
            effectivePeriod=None if is_one else period(entry.at, end),
            dateAsserted=date_time(stored.author.at),
            note=notes(
                f"Dose {entry.kind.value}." if is_one else f"Doses {entry.kind.value}.",
                why_voided(stored),
            ),
        ),
        stored,
    )


def _statement_status(stored: StoredEntry[Any], status: str) -> str:
    return status if stored.is_active else "entered-in-error"


# --- concomitant drugs


def concomitant_drugs(exported: Exported) -> Iterator[BundleEntry]:
    """Yield the drugs given with sirolimus, those that ended or are planned, too."""
    for each in exported.record.of(CoMedication):
        yield _drug(exported, each)


def _drug(exported: Exported, stored: StoredEntry[CoMedication]) -> BundleEntry:
    entry, end = stored.entry, stored.ending.entry.on if stored.ending else None
    if exported.today < entry.since:
        status = "intended"
    else:
        status = "completed" if end is not None and end < exported.today else "active"
    return BundleEntry(
        "MedicationStatement",
        exported.id(stored.number),
        element(
            extension=(stated(stored),),
            status=_statement_status(stored, status),
            medicationCodeableConcept=in_words(entry.drug),
            subject=exported.patient,
            effectivePeriod=period(entry.since, end),
            dateAsserted=date_time(stored.author.at),
            note=notes(entry.text, entry.reason or "", why_voided(stored)),
        ),
        stored,
    )
