"""The end of the document: sources, the head of the audit trail, and room for signatures."""

from monitoring.summary import PatientSummary
from reports.sheet import ReportBuilder

_ROLES = ("Prepared by", "Received by")


def no_entries(sheet: ReportBuilder) -> None:
    """List the sections without an entry: nothing seems to be left out."""
    if sheet.empty:
        names = "; ".join(title[0].lower() + title[1:] for title in sheet.empty)
        sheet.facts("No entries", [(f"{names[0].upper()}{names[1:]}.",)])


def sources_and_trail(
    summary: PatientSummary, head: str, sheet: ReportBuilder, left_out: str
) -> None:
    """List the sources by their numbers and the head of the audit trail, with room to sign.

    The head identifies the records that the page was made from. `left_out` names what the page
    does not show of them.
    """
    cited = " ".join(f"{number} {citation}." for number, citation in sheet.sources)
    trail = (
        f"Audit trail: change {summary.record.revision}, head {head} "
        f"(for sirolimus verify --head). Times: {summary.made.zone}; others show their offset."
    )
    facts = [(text,) for text in (cited, f"{left_out} {trail}".strip()) if text]
    sheet.end("Sources and audit trail", facts, signed_by=_ROLES)
