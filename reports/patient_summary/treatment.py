"""The treatment: dose history, doses not given, and other drugs."""

from dosing.quantities.formatting import plain, strength
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import StoredEntry
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.summary import DoseEntry, DrugBeside, PatientSummary
from monitoring.times import short
from reports.patient_summary.wording import about_void, labelled, newest_first
from reports.presentation.alerts import alert_line
from reports.presentation.doses import how_often_given
from reports.presentation.times import span
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import Align, TableColumn

_DOSES = (
    TableColumn("From", 0.205),
    TableColumn("To", 0.205),
    TableColumn("Dose, mg", 0.1, Align.DECIMAL, strong=True),
    TableColumn("How often", 0.17),
    TableColumn("Per day, mg", 0.1, Align.DECIMAL),
    TableColumn("Product", 0.1),
    TableColumn("Target", 0.13),
)
_NOT_GIVEN = (TableColumn("When", 0.4), TableColumn("What", 0.6))
_DRUGS = (
    TableColumn("Drug", 0.2, strong=True),
    TableColumn("Given", 0.22),
    TableColumn("Interaction", 0.58),
)


def dose_history(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List every dose, newest first, with its reason and override."""
    rows = [_dose(each, summary) for each in reversed(summary.doses)]
    sheet.table("Dose history", _DOSES, rows)


def _dose(each: DoseEntry, summary: PatientSummary) -> PrintedRow:
    recorded, dose = each.prescription, each.prescription.entry
    passed = f"; passed {', '.join(dose.overridden_alerts)}" if dose.overridden_alerts else ""
    override = f"{dose.override_reason} ({dose.override_by}{passed})" if dose.override_by else ""
    given = f"Recorded as it was given: {dose.given_reason}{passed}" if dose.given_reason else ""
    often = "loading dose, " if dose.loading else ""
    often += how_often_given(dose)
    if dose.evening_mg is not None:
        often += f"; {plain(dose.evening_mg)} mg in the evening"
    cells = (
        short(dose.since, summary.made.zone),
        _until(each, summary),
        plain(dose.dose_mg),
        often,
        plain(dose.daily_mg),
        _product(dose),
        str(dose.target),
    )
    ended = recorded.ending.entry.reason if recorded.ending else ""
    details = (
        *labelled(Reason=dose.reason, Override=override),
        *filter(None, (given, f"Ended because: {ended}" if ended else "")),
    )
    return PrintedRow(
        cells,
        (*details, *about_void(recorded, summary)),
        struck=not recorded.is_active,
    )


def _product(dose: Prescription) -> str:
    if dose.strength_mg_per_ml is None:
        return dose.product.value
    return f"{dose.product.value}, {strength(dose.strength_mg_per_ml)}"


def _until(each: DoseEntry, summary: PatientSummary) -> str:
    if each.until is not None:
        return short(each.until, summary.made.zone)
    if each.prescription.entry.loading or not each.prescription.is_active:
        return "—"
    if each.period is None:
        return "never current"
    if not each.period.holds_at(summary.made):
        return "future"
    return (
        "current" if summary.state.is_given else "on hold" if summary.state.hold else "in question"
    )


def doses_not_given(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List the doses that were missed or held, if any."""
    found = newest_first(summary.record.of(MissedDose), lambda each: each.at)
    rows = [
        PrintedRow(
            (
                span(
                    short(each.entry.at, summary.made.zone),
                    short(each.entry.until, summary.made.zone) if each.entry.until else None,
                )
                if each.entry.until
                else short(each.entry.at, summary.made.zone),
                each.entry.kind.value,
            ),
            (*labelled(Reason=each.entry.reason), *about_void(each, summary)),
            struck=not each.is_active,
        )
        for each in found
    ]
    if rows:
        sheet.table("Doses not given", _NOT_GIVEN, rows)


def drugs(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List concomitant drugs: those given now with their interactions, then the others."""
    rows = [_given(each, summary, sheet) for each in summary.drugs]
    rows += [_past(each, summary) for each in summary.past_drugs]
    sheet.table("Other drugs", _DRUGS, rows)


def _given(each: DrugBeside, summary: PatientSummary, sheet: ReportBuilder) -> PrintedRow:
    interactions = (alert_line(alert, sheet.cited(alert.source)) for alert in each.alerts)
    return _drug(each.drug, " ".join(interactions), summary)


def _past(drug: StoredEntry[CoMedication], summary: PatientSummary) -> PrintedRow:
    return _drug(drug, "not given on the day of this summary", summary)


def _drug(drug: StoredEntry[CoMedication], remark: str, summary: PatientSummary) -> PrintedRow:
    until = drug.ending.entry.on if drug.ending else None
    ended = drug.ending.entry.reason if drug.ending else ""
    details = (*labelled(Remark=drug.entry.text, Ended=ended), *about_void(drug, summary))
    cells = (drug.entry.drug, span(drug.entry.since, until), remark)
    return PrintedRow(cells, details, struck=not drug.is_active)
