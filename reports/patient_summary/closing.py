"""The end of the document: sources, the head of the audit trail, and room for signatures."""

from monitoring.summary import PatientSummary
from reports.sheet import Sheet
from reports.style import Text

_ROLES = ("Prepared by", "Taken over by")


def nothing_written(sheet: Sheet) -> None:
    """Tell of what there is no entry, so that nothing seems to have been left out."""
    if sheet.empty:
        names = "; ".join(title[0].lower() + title[1:] for title in sheet.empty)
        sheet.facts("Nothing is written down of", [(f"{names[0].upper()}{names[1:]}.",)])


def sources_and_trail(summary: PatientSummary, head: str, sheet: Sheet) -> None:
    """List the sources by their numbers, and the head of the audit trail to hold the page against.

    The head says which records the page was made from.
    """
    cited = " ".join(f"{number} {citation}." for number, citation in sheet.sources)
    trail = (
        f"Audit trail: last change of this record {summary.record.seen}; head of the trail when it "
        f"was read {head} (for sirolimus verify --head). Times are those of {summary.made.zone}; "
        "others have their offset beside them."
    )
    told = [(text,) for text in (cited, trail) if text]
    sheet.facts("Sources and audit trail", told, style=Text.DETAIL)


def signatures(sheet: Sheet) -> None:
    """Leave room for two signatures, on one page with their lines."""
    sheet.signatures(_ROLES)
