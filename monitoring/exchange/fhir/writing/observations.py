"""Observations: levels, weight, height, body surface area, blood pressure, laboratory values."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dosing import Quantity
from dosing.knowledge.blood_pressure import DIASTOLIC, SYSTOLIC
from dosing.quantities.formatting import rounded
from dosing.surface_area import MOSTELLER, body_surface_area
from monitoring.exchange.coded_test import (
    HEIGHT_LOINC,
    LEVEL_LOINC,
    TROUGH_LOINC,
    WEIGHT_LOINC,
    Measurand,
)
from monitoring.exchange.fhir.extensions import (
    ASSAYS,
    EXCLUDED,
    LAST_DOSE,
    LAST_DOSE_ASSUMED,
    LEVEL_CAUSE,
    TESTS,
    extension,
)
from monitoring.exchange.fhir.writing.elements import (
    LOINC,
    BundleEntry,
    Element,
    coding,
    concept,
    date_time,
    element,
    hl7,
    hl7_coding,
    laboratory,
    notes,
    quantity,
    to,
)
from monitoring.exchange.fhir.writing.exported import Exported, stated, why_voided
from monitoring.laboratory.tests import find_test
from monitoring.levels import LevelAssessment, Status
from monitoring.record.entries import StoredEntry
from monitoring.record.laboratory_value import DIPSTICK, LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import LevelCause, comparator_sign
from monitoring.record.measurement import Measurement

PRESSURES_LOINC = "85354-9"
AREA_LOINC = "8277-6"
"""Body surface area, by HL7's mCODE."""
UCUM_OF = {
    "lb": "[lb_av]", "in": "[in_i]", "g/24h": "g/(24.h)", DIPSTICK: "",
}  # fmt: skip
"""The code of a unit in UCUM, where it is not the unit as the record has it."""
_INTERPRETATION = {Status.BELOW: "L", Status.WITHIN: "N", Status.ABOVE: "H"}
_AREA_DECIMALS = 6


def observations(exported: Exported) -> Iterator[BundleEntry]:
    """Yield every observation of the record, voided ones too."""
    for level in exported.summary.levels:
        yield _level(exported, level)
    for measured in exported.record.of(Measurement):
        yield from _body(exported, measured)
    yield from _laboratory(exported)


def _observation(
    exported: Exported, stored: StoredEntry[Any], category: str, part: str = "", **more: Any
) -> BundleEntry:
    """Return an observation; of a voided entry the status says so, and a note the reason."""
    is_wrong = more.pop("is_wrong", False) or not stored.is_active
    elements = element(
        status="entered-in-error" if is_wrong else "final",
        category=(hl7("observation-category", category),),
        subject=exported.patient,
        note=notes(*more.pop("notes", ()), why_voided(stored)),
        **more,
    )
    return BundleEntry("Observation", exported.id(stored.number, part), elements, stored)


def _ucum(unit: str) -> str:
    return UCUM_OF.get(unit, unit)


# --- levels


def _level(exported: Exported, assessed: LevelAssessment) -> BundleEntry:
    """Return a level; one of another patient, as its cause says, is withdrawn, too."""
    stored, level = assessed.level, assessed.level.entry
    trough = (coding(LOINC, TROUGH_LOINC),) if assessed.is_trough else ()
    where = _INTERPRETATION.get(assessed.status)
    return _observation(
        exported,
        stored,
        "laboratory",
        extension=(stated(stored), *_about_level(assessed)),
        code=concept(*trough, coding(LOINC, LEVEL_LOINC), text=Measurand.LEVEL.value),
        effectiveDateTime=date_time(level.sampled),
        performer=laboratory(level.laboratory),
        valueQuantity=quantity(
            level.value.number,
            level.value.unit,
            comparator=comparator_sign(level.comparator),
        ),
        interpretation=where
        and (
            concept(
                hl7_coding("v3-ObservationInterpretation", where),
                text=f"{assessed.status.value} the target",
            ),
        ),
        method=level.assay and concept(coding(ASSAYS, level.assay.value), text=level.assay.value),
        referenceRange=_target(assessed),
        notes=_level_notes(assessed),
        is_wrong=assessed.cause is not None
        and assessed.cause.entry.cause is LevelCause.WRONG_PATIENT,
    )


def _about_level(assessed: LevelAssessment) -> Iterator[Element]:
    level = assessed.level.entry
    if level.last_dose is not None:
        yield extension(LAST_DOSE, valueDateTime=date_time(level.last_dose))
    if level.last_dose_assumed is not None:
        yield extension(LAST_DOSE_ASSUMED, valueBoolean=level.last_dose_assumed)
    if assessed.cause is not None:
        yield extension(LEVEL_CAUSE, valueCode=assessed.cause.entry.cause.value)
        yield extension(EXCLUDED, valueBoolean=assessed.cause.entry.is_excluded)


def _target(assessed: LevelAssessment) -> tuple[Element, ...]:
    """Return the target; as text alone beside a level in nmol/L, whose figures are others."""
    target = assessed.target
    if target is None:
        return ()
    is_mass = assessed.level.entry.value.unit != "nmol/L"
    low = target.low_ng_ml
    return (
        element(
            low=quantity(low, "ng/mL") if low is not None and is_mass else None,
            high=quantity(target.high_ng_ml, "ng/mL") if is_mass else None,
            type=hl7("referencerange-meaning", "therapeutic"),
            text=f"target trough {target}",
        ),
    )


def _level_notes(assessed: LevelAssessment) -> Iterator[str]:
    level, hours = assessed.level.entry, assessed.hours_since_last_dose
    if hours is not None:
        assumed = ", assumed from the schedule" if level.last_dose_assumed else ""
        yield f"Sampled {round(hours, 2):g} hours after the last dose{assumed}."
    if assessed.steady_state is False:
        yield "Sampled before steady state."
    if assessed.cause is not None:
        cause = assessed.cause.entry
        excluded = ", excluded from every assessment" if cause.is_excluded else ""
        remark = f": {cause.text}" if cause.text else "."
        yield f"Cause {cause.cause.value}{excluded}{remark}"
    yield level.reason


# --- the body


def _body(exported: Exported, measured: StoredEntry[Measurement]) -> Iterator[BundleEntry]:
    """Yield the weight, the height, and the body surface area where both were measured."""
    entry = measured.entry
    found = [
        _size(exported, measured, part, loinc, size)
        for part, loinc, size in (
            ("weight", WEIGHT_LOINC, entry.weight),
            ("height", HEIGHT_LOINC, entry.height),
        )
        if size is not None
    ]
    yield from found
    if entry.as_weight is None or entry.as_height is None:
        return
    area = body_surface_area(MOSTELLER, entry.as_weight, entry.as_height)
    yield replace(
        _observation(
            exported,
            measured,
            "vital-signs",
            "area",
            code=concept(coding(LOINC, AREA_LOINC), text="body surface area"),
            effectiveDateTime=str(entry.on),
            valueQuantity=quantity(rounded(area, _AREA_DECIMALS), "m²", "m2"),
            method=concept(text=MOSTELLER.name),
            derivedFrom=tuple(to(each.reference) for each in found),
        ),
        of=None,
    )


def _size(
    exported: Exported, measured: StoredEntry[Measurement], part: str, loinc: str, size: Quantity
) -> BundleEntry:
    return _observation(
        exported,
        measured,
        "vital-signs",
        part,
        extension=(stated(measured),),
        code=concept(coding(LOINC, loinc), text=part),
        effectiveDateTime=str(measured.entry.on),
        valueQuantity=quantity(size.number, size.unit, _ucum(size.unit)),
        notes=(measured.entry.reason,),
    )


# --- laboratory values


def _laboratory(exported: Exported) -> Iterator[BundleEntry]:
    """Yield the laboratory values; a systolic and a diastolic pressure of one time as one."""
    paired = _pressures(exported)
    for each in exported.record.of(LaboratoryValue):
        both = paired.get(each.number)
        if both is None:
            yield _value(exported, each)
            continue
        in_panel = tuple(one for one in both if one.is_active) or both
        if both[0].is_active is not both[1].is_active:
            if each.is_active:
                yield _value(exported, each)
                continue
            in_panel = (each,)
        if each is in_panel[0]:
            yield _panel(exported, min(one.number for one in both), in_panel)


Value = StoredEntry[LaboratoryValue]


def _pressures(exported: Exported) -> dict[int, tuple[Value, Value]]:
    """Return the systolic and diastolic pressure of one time, where there is one of each.

    The numbers of both are the keys.
    """
    by_time: dict[object, dict[str, list[Value]]] = {}
    for each in exported.record.of(LaboratoryValue):
        test = find_test(each.entry.test)
        which = test.name.split(maxsplit=1)[0] if test else ""
        if which in {SYSTOLIC, DIASTOLIC}:
            of_time = by_time.setdefault((each.entry.at, each.entry.laboratory), {})
            of_time.setdefault(which, []).append(each)
    pairs = (
        (of_time[SYSTOLIC][0], of_time[DIASTOLIC][0])
        for of_time in by_time.values()
        if [len(of_time.get(which, ())) for which in (SYSTOLIC, DIASTOLIC)] == [1, 1]
    )
    return {each.number: both for both in pairs for each in both}


def _panel(exported: Exported, number: int, pressures: tuple[Value, ...]) -> BundleEntry:
    """Return one observation of both pressures, or of the voided one that was part of it."""
    first = pressures[0]
    found = _observation(
        exported,
        first,
        "vital-signs",
        code=concept(coding(LOINC, PRESSURES_LOINC), text=Measurand.BLOOD_PRESSURE.value),
        effectiveDateTime=date_time(first.entry.at),
        performer=laboratory(first.entry.laboratory),
        component=tuple(
            element(extension=(stated(each),), code=_test(each.entry), **_result(each.entry))
            for each in pressures
        ),
        notes=(each.entry.reason or "" for each in pressures),
    )
    return replace(found, id=exported.id(number, "pressure"))


def _value(exported: Exported, stored: Value) -> BundleEntry:
    value = stored.entry
    test = find_test(value.test)
    is_pressure = test is not None and test.name.startswith((SYSTOLIC, DIASTOLIC))
    return _observation(
        exported,
        stored,
        "vital-signs" if is_pressure else "laboratory",
        extension=(stated(stored),),
        code=_test(value),
        effectiveDateTime=date_time(value.at),
        performer=laboratory(value.laboratory),
        **_result(value),
        notes=(value.reason or "",),
    )


def _test(value: LaboratoryValue) -> Element:
    """Return the test under its name in the record, and by LOINC where it is known."""
    test = find_test(value.test)
    codes = test.loinc if test else ()
    loinc = codes[-1:] if value.value.unit == "umol/L" else codes[:1]
    return concept(
        *(coding(LOINC, code) for code in loinc), coding(TESTS, value.test), text=value.test
    )


def _result(value: LaboratoryValue) -> dict[str, Any]:
    sign = comparator_sign(value.comparator)
    if value.value.unit == DIPSTICK:
        return {"valueString": f"{sign}{value.value}", "referenceRange": _limits(value)}
    return {
        "valueQuantity": _quantity(value.value, sign),
        "referenceRange": _limits(value),
    }


def _limits(value: LaboratoryValue) -> tuple[Element, ...]:
    low, high = value.lower_limit, value.upper_limit
    if low is None and high is None:
        return ()
    if value.value.unit == DIPSTICK:
        words = " to ".join(str(each) for each in (low, high) if each)
        return ({"text": words if low and high else f"{'from' if low else 'up to'} {words}"},)
    return (
        element(
            low=None if low is None else _quantity(low),
            high=None if high is None else _quantity(high),
        ),
    )


def _quantity(value: LaboratoryQuantity, sign: str = "") -> Element:
    return quantity(value.number, value.unit, _ucum(value.unit), sign)
