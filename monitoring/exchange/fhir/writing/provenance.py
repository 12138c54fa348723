"""The origin of the resources: program, authors, head of the audit trail, and the export itself."""

from collections.abc import Iterable, Iterator

from dosing import VERSION
from monitoring.exchange.fhir.extensions import HEADS
from monitoring.exchange.fhir.writing.elements import (
    BundleEntry,
    Element,
    coding,
    date_time,
    element,
    hl7,
    named,
    to,
)
from monitoring.exchange.fhir.writing.exported import PROGRAM, Exported
from monitoring.record.entries import Author
from monitoring.store.trail_end import START

_NAME = "sirolimus assistant"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_EXPORT = coding(_DICOM, "110106", "Export")
_NOT_RECORDED = "not recorded"


def program() -> BundleEntry:
    """Return the program and its version."""
    return BundleEntry(
        "Device",
        PROGRAM.partition("/")[2],
        element(
            deviceName=({"name": _NAME, "type": "user-friendly-name"},),
            version=({"value": VERSION},),
        ),
    )


def provenance(exported: Exported, resources: Iterable[BundleEntry]) -> Iterator[BundleEntry]:
    """Yield who recorded, ended and voided what and when, and then what the program made.

    What one author did at one moment is one resource, as an import is.
    """
    acts: dict[tuple[str, Author], tuple[int, dict[str, None]]] = {}
    made: list[str] = []
    for each in resources:
        if each.of is None:
            made.append(each.reference)
            continue
        for activity, stored in (
            ("CREATE", each.of),
            ("UPDATE", each.of.ending),
            ("NULLIFY", each.of.void),
        ):
            if stored is not None:
                first = (stored.number, dict[str, None]())
                _, targets = acts.setdefault((activity, stored.author), first)
                targets[each.reference] = None
    for (activity, author), (number, targets) in acts.items():
        yield _provenance(
            exported,
            f"{number}-provenance",
            targets,
            recorded=date_time(author.at),
            activity=hl7("v3-DataOperation", activity),
            agent=(_agent("author", (named(author.by) or named(_NOT_RECORDED))[0]),),
        )
    yield _provenance(
        exported,
        f"{exported.record.number}-export",
        [f"Patient/{exported.id(exported.record.number)}", *made],
        recorded=date_time(exported.now),
        agent=(_agent("assembler", to(PROGRAM)),),
        entity=_head(exported),
    )


def _provenance(
    exported: Exported,
    part: str,
    targets: Iterable[str],
    **more: Element | str | tuple[Element, ...],
) -> BundleEntry:
    elements = element(target=tuple(map(to, targets)), **more)
    number, _, name = part.partition("-")
    return BundleEntry("Provenance", exported.id(int(number), name), elements)


def _agent(kind: str, who: Element) -> Element:
    return {"type": hl7("provenance-participant-type", kind), "who": who}


def _head(exported: Exported) -> tuple[Element, ...]:
    """Return the head of the audit trail from which the export was made."""
    head = exported.ends.hash
    if head == START:
        return ()
    what = element(identifier=element(system=HEADS, value=head), display="head of the audit trail")
    return (element(role="source", what=what),)


def audit_event(exported: Exported) -> BundleEntry:
    """Return the export of this patient, by whom and when."""
    user = element(who=next(iter(named(exported.by)), None), requestor=True)
    return BundleEntry(
        "AuditEvent",
        exported.id(exported.record.number, "audit"),
        element(
            type=_EXPORT,
            action="R",
            recorded=date_time(exported.now),
            outcome="0",
            agent=(user, element(who=to(PROGRAM), requestor=False)),
            source={"observer": to(PROGRAM)},
            entity=({"what": exported.patient},),
        ),
    )
