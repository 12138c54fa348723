"""The top of the page: the patient, the state of treatment, the dose, due checks, and alerts."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from dosing import PROTOCOLS, Alert, AlertKind, Alerts
from dosing.quantities.formatting import (
    four_digits,
    how_to_measure,
    measured_dose,
    plain,
    short_date,
)
from dosing.surface_area import MOSTELLER
from monitoring.clinic_choices import ClinicChoices
from monitoring.due import Check, Due
from monitoring.recommendation.dose_recommendation import DoseAction
from monitoring.record.prescription import Prescription
from monitoring.state import StateKind, allergies_of
from monitoring.summary import CurrentDose, PatientSummary
from monitoring.times import short
from reports.presentation.advice import beyond_reasons, days_ago
from reports.presentation.ages import age_words
from reports.presentation.alerts import LOOKS, alert_text
from reports.presentation.doses import how_often_given
from reports.presentation.due import days, of_same_days, together, what, when
from reports.sheet import ReportBuilder
from reports.style import Text

_DUE = "Due, with the proposed owner"
_SCHEDULE = "Reasons of the due checks"
_PRESCRIBER, _TEAM = "prescriber", "clinic"
_OF_THE_PRESCRIBER = {
    Check.PROPHYLAXIS, Check.TAPER, Check.FERTILITY, Check.QUESTION, Check.SEVERE, Check.FORBIDDEN,
}  # fmt: skip
_ROUTINE = {Check.LABORATORY, Check.WEIGHT, Check.RESPONSE, Check.GROWTH}
"""The checks of the schedule: their names say what to do, and their reasons follow later."""
_LONGEST_NAME = 60  # characters: a longer one may be shortened in the head, and is here in full


def state_of_treatment(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """Show from whom to whom, the state of treatment in a sentence, and who the patient is."""
    clinic = summary.clinic
    if clinic.name or clinic.recipient:
        ends = (("From", sender(clinic)), ("To", clinic.recipient))
        sheet.text(". ".join(f"{name}: {text}" for name, text in ends if text), Text.SMALL)
    sheet.text(summary.where_things_stand, Text.LEAD)
    patient = summary.record.patient.entry
    parts = [
        f"Name: {patient.name}" if len(patient.name) > _LONGEST_NAME else "",
        patient.sex.value,
        f"{age_words(summary.age)} old",
        f"born after {patient.gestation}" if patient.gestation else "",
        patient.anomaly.words,
        patient.diagnosis,
        f"CYP3A5 {patient.cyp3a5.value}" if patient.cyp3a5 else "",
        f"allergies: {allergies_of(summary.record, summary.made.local.date()) or 'none recorded'}",
    ]
    sheet.text("; ".join(filter(None, parts)) + ".")
    sheet.space(3)


def dose_and_target(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """Show the current dose, for the last weight and height, and its target."""
    current = summary.current
    if current is None:
        sheet.facts("Current dose and target", [(f"{summary.state.words}.",)])
        return
    facts = [*_dose_facts(current, summary, sheet), *_body_facts(current, summary, sheet)]
    title = "Current dose and target"
    if summary.state.kind is StateKind.ON_HOLD:
        title = "Dose before the hold, and target"
    facts.insert(-2, _target_fact(current.prescription, sheet))
    sheet.facts(title, facts, share_lines=True)


def _dose_facts(
    current: CurrentDose, summary: PatientSummary, sheet: ReportBuilder
) -> Iterator[tuple[str, str]]:
    dose, measured, evening = current.prescription, current.measured, current.evening
    often = how_often_given(dose)
    if not summary.state.is_given:
        yield "Dose", f"{summary.state.words}: none to give until this is decided"
    elif measured is None:
        unmeasurable = f"cannot be measured exactly with {dose.product.value}"
        given = str(dose) if dose.evening_mg else f"{plain(dose.dose_mg)} mg by mouth {often}"
        yield "Dose", f"{given}; {unmeasurable}"
    elif evening is not None:
        parts = f"{measured_dose(measured)} in the morning, {measured_dose(evening)} in the evening"
        yield "Dose", f"{parts}, by mouth {often}"
    else:
        yield "Dose", f"{measured_dose(measured)} by mouth {often}"
    if summary.state.is_given and summary.state.coming:
        yield "Planned", summary.state.coming
    yield from _how_to_give(current, summary)
    per_day = _both(f"{plain(dose.daily_mg)} mg", current.mg_per_m2_per_day, "mg/m²/day")
    if dose.evening_mg is None:
        per_dose = _both(f"{plain(dose.dose_mg)} mg", current.mg_per_m2_per_dose, "mg/m²/dose")
        yield "Amount", f"per dose {per_dose}; per day {per_day}"
    else:
        yield "Amount", f"per day {per_day}"
    protocol = PROTOCOLS[dose.protocol]
    cited = sheet.cited(protocol.source)
    yield (
        "Since",
        f"{short(current.period.since, summary.made.zone)}; protocol: {protocol.name} {cited}",
    )


def _how_to_give(current: CurrentDose, summary: PatientSummary) -> Iterator[tuple[str, str]]:
    """Yield how the dose is measured, unless it is held, in question, or should be held."""
    found = summary.advice.recommendation
    is_held = not summary.state.is_given or found.action is DoseAction.HOLD or found.is_forbidden
    if current.measured is None or is_held:
        return
    if current.evening is None:
        yield "How to give", how_to_measure(current.measured)
        return
    yield "How to give", f"Morning: {how_to_measure(current.measured)}"
    yield "", f"Evening: {how_to_measure(current.evening)}"


def _both(amount: str, per_m2: Decimal | None, unit: str) -> str:
    return amount if per_m2 is None else f"{amount} = {four_digits(per_m2)} {unit}"


def _body_facts(
    current: CurrentDose, summary: PatientSummary, sheet: ReportBuilder
) -> Iterator[tuple[str, str]]:
    weight, height = current.weight, current.height
    parts = [
        f"{weight.entry.weight} on {short_date(weight.entry.on)} "
        f"({days_ago((summary.made.local.date() - weight.entry.on).days)})"
        if weight
        else "no weight recorded",
        f"{height.entry.height} on {short_date(height.entry.on)}"
        if height
        else "no height recorded",
    ]
    if current.area_m2 is not None:
        cited = sheet.cited(MOSTELLER.source)
        parts.append(f"surface {four_digits(current.area_m2)} m² by Mosteller {cited}")
    yield "Body used", "; ".join(parts)


def _target_fact(dose: Prescription, sheet: ReportBuilder) -> tuple[str, str]:
    protocol = PROTOCOLS[dose.protocol]
    if dose.target == protocol.target:
        return "Target", f"trough {dose.target} {sheet.cited(protocol.target_source)}"
    return (
        "Target",
        f"trough {dose.target}, set for this patient (the protocol's is {protocol.target})",
    )


def sender(clinic: ClinicChoices) -> str:
    """Return the institution with its telephone, as far as the settings name them."""
    phone = f"telephone {clinic.telephone}" if clinic.telephone else ""
    return ", ".join(filter(None, (clinic.name, phone)))


def checks(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List the due checks, the urgent first, each with its owner; then later ones.

    Those of the schedule are by their days, without their reasons (`reasons_of_checks`).
    """
    if not summary.due:
        sheet.facts(_DUE, [("Nothing is due without a current dose.",)])
        return
    reasons = {each.message for each in summary.advice.recommendation.reasons}
    now = [each for each in summary.due if each.is_now]
    groups = [
        *together(each for each in now if not _is_routine(each)),
        *of_same_days(each for each in now if _is_routine(each)),
    ]
    facts = []
    for group in sorted(groups, key=lambda each: each[0].order):
        first = group[0]
        said = f"{what(group)}: {days(first)}. {_why(first, reasons, sheet)}"
        if _is_routine(first):
            said = f"{what(group)} {sheet.cited(*dict.fromkeys(each.source for each in group))}"
        facts.append((f"{when(first)} ({_owner(group)})", said))
    for owner in (_PRESCRIBER, _TEAM):
        later = "; ".join(
            f"{what(group)} {days(group[0])} {sheet.cited(group[0].source)}"
            for group in together(summary.due)
            if not group[0].is_now and _owner(group) == owner
        )
        if later:
            facts.append((f"later ({owner})", f"{later}."))
    sheet.facts(_DUE, facts)


def _is_routine(check: Due) -> bool:
    return check.check in _ROUTINE and not check.is_urgent


def reasons_of_checks(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List the days and the reason of each check of the schedule that is due."""
    groups = together(each for each in summary.due if each.is_now and _is_routine(each))
    facts = [
        (what(group), f"{days(group[0])}. {group[0].why} {sheet.cited(group[0].source)}")
        for group in groups
    ]
    if facts:
        sheet.facts(_SCHEDULE, facts)


def _owner(group: Iterable[Due]) -> str:
    """Return the role that a check falls to: what changes the treatment is the prescriber's."""
    return _PRESCRIBER if any(each.check in _OF_THE_PRESCRIBER for each in group) else _TEAM


def _why(check: Due, reasons: Collection[str], sheet: ReportBuilder) -> str:
    """Return the reason of a check, unless the recommendation has it already."""
    if check.why in reasons:
        return "See the recommendation."
    return f"{check.why} {sheet.cited(check.source)}"


def alerts(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List the open alerts, the strongest first; of what is a reason or due only the urgent facts.

    No urgent alert is missing here: a reader may look nowhere else.
    """
    found = open_alerts(summary)
    facts = [
        (str(LOOKS[alert.kind]), f"{alert.fact}: see below.")
        for alert in summary.alerts
        if alert.kind >= AlertKind.URGENT and alert not in found
    ]
    if facts or found:
        sheet.facts("Open alerts", [*facts, *alert_facts(found, sheet)])


def open_alerts(summary: PatientSummary) -> Alerts:
    """Return the alerts that neither the recommendation nor a due check has as its reason."""
    advice = summary.advice
    shown = advice.recommendation if advice.state.kind.is_treated else None
    found = beyond_reasons(summary.alerts, shown) if shown else summary.alerts
    due = {each.why for each in summary.due}
    return Alerts(each for each in found if each.message not in due)


def alert_facts(found: Iterable[Alert], sheet: ReportBuilder) -> list[tuple[str, ...]]:
    """Return alerts as rows: the sign and kind, and the message with its source."""
    return [
        (str(LOOKS[alert.kind]), alert_text(alert, sheet.cited(alert.source))) for alert in found
    ]
