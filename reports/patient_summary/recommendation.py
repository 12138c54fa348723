"""The one recommendation, with its reasons and both lines of evidence."""

from dosing.quantities.formatting import how_to_measure
from monitoring.summary import PatientSummary
from reports.presentation.advice import based_on, evidence_rows, why_rows
from reports.sheet import ReportBuilder

TITLE = "Recommendation"


def recommendation(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """Show the recommendation of a patient on treatment, in question or on hold."""
    advice = summary.advice
    if not advice.state.kind.is_treated:
        return
    found = advice.recommendation
    facts: list[tuple[str, ...]] = [("Action", f"{found.words}.")]
    if advice.dose is not None:
        facts.append(("How to give", how_to_measure(advice.dose.measured)))
    facts += why_rows(found, sheet.cited)
    facts += evidence_rows(found, advice.label)
    if based := based_on(advice.label, summary.made):
        facts.append(("Based on", based))
    sheet.facts(TITLE, facts, share_lines=True)
