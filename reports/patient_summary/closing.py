"""The end of the document: sources, the head of the audit trail, and room for signatures."""

from monitoring.summary import PatientSummary
from reports.sheet import Sheet

_ROLES = ("Prepared by", "Taken over by")


def sources(sheet: Sheet) -> None:
    """List the sources by the numbers that stand behind the figures."""
    sheet.facts("Sources", sheet.sources)


def audit_trail(summary: PatientSummary, head: str, sheet: Sheet) -> None:
    """Print the head of the audit trail, by which this page can be held against the records."""
    trail = (
        f"Last change of this record: {summary.record.seen}. Head of the trail when it was read: "
        f"{head}. To hold the records against it: sirolimus verify --head."
    )
    times = f"Times are those of {summary.made.zone}; others have their offset beside them."
    sheet.facts("Audit trail", [(trail,), (times,)])


def signatures(sheet: Sheet) -> None:
    """Leave room for two signatures, on one page with their lines."""
    sheet.signatures(_ROLES)
