"""The end of the document: sources, the head of the audit trail, and room for signatures."""

from monitoring.summary import PatientSummary
from reports.sheet import ReportBuilder

_ROLES = ("Prepared by", "Taken over by")


def nothing_written(sheet: ReportBuilder) -> None:
    """Tell of what there is no entry, so that nothing seems to have been left out."""
    if sheet.empty:
        names = "; ".join(title[0].lower() + title[1:] for title in sheet.empty)
        sheet.facts("Nothing is written down of", [(f"{names[0].upper()}{names[1:]}.",)])


def sources_and_trail(summary: PatientSummary, head: str, sheet: ReportBuilder) -> None:
    """List the sources by their numbers, and the head of the audit trail; leave room to sign.

    The head tells which records the page was made from.
    """
    cited = " ".join(f"{number} {citation}." for number, citation in sheet.sources)
    trail = (
        f"Audit trail: change {summary.record.revision}, head {head} "
        "(for sirolimus verify --head). "
        f"Times are those of {summary.made.zone}; others have their offset beside them."
    )
    facts = [(text,) for text in (cited, trail) if text]
    sheet.end("Sources and audit trail", facts, signed_by=_ROLES)
