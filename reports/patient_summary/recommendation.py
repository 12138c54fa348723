"""The one recommendation, with its reasons and both lines of evidence."""

from dosing.quantities.formatting import how_to_measure
from monitoring.summary import PatientSummary
from reports.patient_summary.standing import alert_facts
from reports.presentation.advice import reasons_of, recommendation_rows
from reports.sheet import ReportBuilder

TITLE = "Recommendation"


def recommendation(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """Show the recommendation of a patient on treatment, in question or on hold."""
    advice = summary.advice
    if not advice.state.kind.is_treated:
        return
    rows = list(recommendation_rows(advice.recommendation, advice.label, summary.made))
    (_, action), *evidence = rows
    facts: list[tuple[str, ...]] = [("Action", action)]
    if advice.dose is not None:
        facts.append(("How to give", how_to_measure(advice.dose.measured)))
    reasons = alert_facts(reasons_of(advice.recommendation), sheet)
    sheet.facts(TITLE, [*facts, *reasons, *evidence])
