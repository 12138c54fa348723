"""The choices, the directory and the reports of a file, for the reading of each resource."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dosing import UserError
from dosing.quantities.text import shortened
from monitoring.exchange.fhir.reading.element import REFERENCE, RESOURCE, Element, PartError, names
from monitoring.exchange.fhir.reading.patients import Subjects
from monitoring.exchange.fhir.reading.resources import Directory, Resource
from monitoring.exchange.incoming import (
    LeftOut,
    PatientIdentity,
    ReadingChoices,
    Refusal,
    ResultStatus,
    Skipped,
    SourcePlace,
)

REPORT: Final = RESOURCE | names(
    "identifier basedOn status category code subject encounter effectiveDateTime effectivePeriod "
    "issued performer resultsInterpreter specimen result note study supportingInfo imagingStudy "
    "media composition conclusion conclusionCode presentedForm"
)
_FINAL: Final = ResultStatus.FINAL
REPORT_STATUS: Final = MappingProxyType(
    {
        "registered": ResultStatus.PRELIMINARY,
        "partial": ResultStatus.PRELIMINARY,
        "preliminary": ResultStatus.PRELIMINARY,
        "modified": _FINAL,
        "final": _FINAL,
        "amended": _FINAL,
        "corrected": _FINAL,
        "appended": _FINAL,
        "cancelled": ResultStatus.CANCELLED,
        "entered-in-error": ResultStatus.WITHDRAWN,
        "unknown": None,
    }
)
"""What the status of a report, or of a panel, makes of a final result in it; None: not known."""


@dataclass(frozen=True, slots=True)
class Group:
    """A report or a panel of results: its status for them, and whom it is about."""

    words: str
    status: ResultStatus | None
    subject: PatientIdentity | None


class Context:
    """The choices and the other resources of a file, and the count of what was found in it."""

    def __init__(self, choices: ReadingChoices) -> None:
        """Begin without any resource."""
        self.choices = choices
        self.directory = Directory()
        self.subjects = Subjects(self.directory)
        self._groups: dict[str, list[Group]] = {}
        self._count = 0

    # --- places

    def place(self, words: str) -> SourcePlace:
        """Return the place of the next item."""
        self._count += 1
        return SourcePlace(self._count, words)

    def left_out(self, resource: Resource, why: Skipped, what: str = "") -> LeftOut:
        """Return a resource, or a part of it, that is left out."""
        return LeftOut(self.place(resource.words), why, shortened(what))

    def refused(self, resource: Resource, error: UserError) -> Refusal:
        """Return the refusal of a resource, or of a part of it."""
        part = error.part if isinstance(error, PartError) else ""
        return Refusal(self.place(resource.words), part, str(error))

    # --- reports and panels

    def check_members(self, resource: Resource) -> None:
        """Raise `PartError` for a report or panel that does not say which results it has."""
        element = resource.element(frozenset(resource.fields))
        for each in element.many(_members_of(resource), REFERENCE):
            if not each.text("reference") and not each.has("identifier"):
                raise each.error("reference", "it is missing. Ask the sender for the result.")

    def add_group(self, resource: Resource) -> None:
        """Keep the status of a report, or of a panel, for each of its results.

        So does one that is refused: nothing in it is final because of that.
        """
        members = resource.fields.get(_members_of(resource))
        references = [
            each["reference"]
            for each in (members if type(members) is list else ())
            if type(each) is dict and type(each.get("reference")) is str and each["reference"]
        ]
        keys = list(self._keys(references, resource))
        if not keys:
            return
        stated = resource.fields.get("status")
        status = REPORT_STATUS.get(stated) if type(stated) is str else None
        try:
            element = resource.element(frozenset(resource.fields))
            subject = self.subjects.subject_of(resource, element, "subject")
        except UserError:
            subject = None  # each result has its own, or is refused
        group = Group(resource.words, status, subject)
        for key in keys:
            self._groups.setdefault(key, []).append(group)

    def _keys(self, references: Iterable[str], resource: Resource) -> Iterator[str]:
        for each in references:
            try:
                yield self.directory.key_of(each, resource)
            except UserError:
                continue  # it can mean several, and each of them is refused
        try:
            if resource.type == "DiagnosticReport":
                yield from (each.key for each in resource.contained())
        except UserError:
            return  # it is refused, and so contains none that is read

    def status_of(
        self, resource: Resource, element: Element, own: ResultStatus, subject: PatientIdentity
    ) -> ResultStatus:
        """Return the status of a result by its own and by those of its reports and panels.

        Raises `PartError` where they contradict each other, or are about different patients.
        """
        groups = self._groups.get(resource.key, ())
        for each in groups:
            if each.subject and not is_same_patient(each.subject, subject):
                raise element.error("subject", f"{each.words} is about another patient.")
            if each.status is None:
                raise element.error("status", f"that of {each.words} is not known. Ask the sender.")
        return _bounded(own, {each.status for each in groups if each.status}, element)


def _bounded(own: ResultStatus, bounds: Iterable[ResultStatus], element: Element) -> ResultStatus:
    """Return the status of a result within reports of these statuses."""
    stated = set(bounds)
    if own is ResultStatus.WITHDRAWN or not stated:
        return own
    if ResultStatus.FINAL in stated:
        stated.discard(ResultStatus.PRELIMINARY)  # the earlier issue of the report
    if len(stated) > 1:
        raise element.error("status", "its reports contradict each other. Ask the sender.")
    (bound,) = stated
    is_weaker = own is ResultStatus.PRELIMINARY and bound is not ResultStatus.WITHDRAWN
    if bound is ResultStatus.FINAL or own is ResultStatus.CANCELLED or is_weaker:
        return own
    return bound


def _members_of(resource: Resource) -> str:
    """Return the element that names the results of a report, or of a panel."""
    return "result" if resource.type == "DiagnosticReport" else "hasMember"


def is_same_patient(one: PatientIdentity, other: PatientIdentity) -> bool:
    """Return whether two identities have a number in common."""
    return not {each.value for each in one.identifiers}.isdisjoint(
        each.value for each in other.identifiers
    )
