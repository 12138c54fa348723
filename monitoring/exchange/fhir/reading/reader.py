"""The reading of a file of FHIR: a resource, a Bundle, or NDJSON with one resource a line.

A resource that is not right is refused with its place; the file is refused as a whole only where it
is not JSON, or beyond a limit. Of NDJSON nothing is kept but what other lines refer to.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from dosing import UserError
from dosing.quantities.reading_limits import FHIR_BYTES, FHIR_LINE_BYTES, FHIR_NDJSON_BYTES
from dosing.quantities.text import quoted
from monitoring.exchange.fhir.reading.context import REPORT, REPORT_STATUS, Context
from monitoring.exchange.fhir.reading.element import Element, PartError, names
from monitoring.exchange.fhir.reading.events import read_allergy, read_condition, read_event
from monitoring.exchange.fhir.reading.json_text import read_json
from monitoring.exchange.fhir.reading.medications import (
    read_administration,
    read_request,
    read_statement,
)
from monitoring.exchange.fhir.reading.observations import read_observation
from monitoring.exchange.fhir.reading.patients import read_particulars
from monitoring.exchange.fhir.reading.resources import Resource
from monitoring.exchange.incoming import IncomingPatient, Item, ReadingChoices, Skipped, SourceKind

_FILE: Final = "The file"
_BLANK: Final = b" \t\r\n"
_MARK: Final = b"\xef\xbb\xbf"
_GOES_ON: Final = b"[{,:"
_TYPES: Final = frozenset(
    {"collection", "document", "transaction", "batch", "searchset", "message"}
)
_BUNDLE: Final = names(
    "resourceType meta implicitRules language identifier type timestamp total link entry signature "
    "issues"
)
_ENTRY: Final = names("link fullUrl resource search request response")
_REQUEST: Final = names("method url ifNoneMatch ifModifiedSince ifMatch ifNoneExist")
_CHANGES: Final = frozenset({"DELETE", "PATCH"})
# What other lines of NDJSON can refer to: such a line is read before the others.
_REFERRED_TO: Final = re.compile(
    rb'"resourceType"\s*:\s*"(?:Patient|Specimen|DiagnosticReport|Medication(?:Request)?|'
    rb'Organization|Group|Device)"|"hasMember"'
)

Reader = Callable[[Context, Resource], Iterator[Item]]


def fhir_kind(content: bytes) -> SourceKind | None:
    """Return the kind of a file of FHIR by its content, or None for another file.

    >>> fhir_kind(b'{"resourceType": "Patient", "id": "1"}')
    <SourceKind.FHIR: 'fhir'>
    >>> fhir_kind(b"MRN,Sirolimus") is None
    True
    """
    if b'"resourceType"' not in content:
        return None
    begin = len(_MARK) if content.startswith(_MARK) else 0
    lines = _lines(content, begin)
    first = next(lines, (0, b""))[1]
    if not first.startswith(b"{"):
        return None
    second = next(lines, (0, b""))[1]
    is_whole = first[-1:] not in _GOES_ON
    return SourceKind.FHIR_NDJSON if is_whole and second.startswith(b"{") else SourceKind.FHIR


def read_fhir(content: bytes, choices: ReadingChoices) -> Iterator[Item]:
    """Yield what a file of FHIR states, in the order of its resources.

    Raises `UserError` for a file that is damaged as a whole, beyond a limit, or of another kind.
    """
    kind = fhir_kind(content)
    if kind is None:
        raise UserError(f"{_FILE} is not JSON of FHIR. Choose another file.")
    context = Context(choices)
    if kind is SourceKind.FHIR_NDJSON:
        yield from _of_lines(context, content)
    else:
        yield from _of_document(context, read_json(content, _FILE, FHIR_BYTES))


# --- one document


def _of_document(context: Context, document: Mapping[str, Any]) -> Iterator[Item]:
    resource = Resource(document, "")
    try:
        if resource.type == "Bundle":
            found = _entries(Element(document, "", _BUNDLE))
        else:
            found = [_Found(Resource(document, resource.name))]
    except PartError as error:
        raise UserError(f"{_FILE}, {error.part}: {error}") from None
    yield from _all_of(context, found)


@dataclass(slots=True)
class _Found:
    """A resource of a document, and why it is refused, if it is."""

    resource: Resource
    error: UserError | None = None


def _entries(bundle: Element) -> list[_Found]:
    """Return the resource of each entry of a Bundle; without fields, if it has none."""
    kind = bundle.text("type")
    if kind not in _TYPES:
        known = ", ".join(sorted(_TYPES))
        raise bundle.error("type", f"{quoted(kind)} is not one of {known}. Choose another file.")
    found: list[_Found] = []
    for number, entry in enumerate(bundle.objects("entry"), start=1):
        words = f"entry {number}"
        try:
            found.append(_Found(_entry(entry, words)))
        except UserError as error:
            fields = entry.get("resource")
            found.append(_Found(Resource(fields if type(fields) is dict else {}, words), error))
    return found


def _entry(fields: Mapping[str, Any], words: str) -> Resource:
    """Return the resource of an entry; of an entry without one it has no fields."""
    entry = Element(fields, "", _ENTRY)
    request = entry.one("request", _REQUEST)
    method = request.text("method") if request else ""
    if request and method in _CHANGES:
        what = quoted(f"{method} {request.text('url')}")
        raise request.error("method", f"{what} changes a former result. Do it by hand.")
    resource = entry.object("resource")
    if resource is None:
        return Resource({}, words)
    found = Resource(resource, words, entry.text("fullUrl"))
    return Resource(resource, f"{words}, {found.name}", found.full_url)


def _all_of(context: Context, found: list[_Found]) -> Iterator[Item]:
    """Yield what the resources of one document state; their order does not matter."""
    for each in found:
        try:
            if each.error is None and each.resource.fields:
                context.directory.add(each.resource)
        except UserError as error:
            each.error = error
    for each in found:
        if _is_group(each.resource):
            context.add_group(each.resource)
    for each in found:
        if each.error is not None:
            yield context.refused(each.resource, each.error)
        elif not each.resource.fields:
            yield context.left_out(each.resource, Skipped.OTHER, "entry without a resource")
        else:
            yield from _items(context, each.resource)


def _is_group(resource: Resource) -> bool:
    """Return whether it is a report, or a panel with its results."""
    kind = resource.fields.get("resourceType")
    return kind == "DiagnosticReport" or (kind == "Observation" and "hasMember" in resource.fields)


# --- lines


def _lines(content: bytes, begin: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their number; nothing is copied but the line."""
    number = 0
    while begin < len(content):
        number += 1
        end = content.find(b"\n", begin)
        end = len(content) if end < 0 else end
        line = content[begin:end].strip(_BLANK)
        begin = end + 1
        if line:
            yield number, line


def _of_lines(context: Context, content: bytes) -> Iterator[Item]:
    FHIR_NDJSON_BYTES.check(len(content), _FILE)
    begin = len(_MARK) if content.startswith(_MARK) else 0
    groups: list[Resource] = []
    for number, line in _lines(content, begin):
        if _REFERRED_TO.search(line):
            _add_line(context, number, line, groups)
    for each in groups:
        context.add_group(each)
    groups.clear()
    for number, line in _lines(content, begin):
        try:
            resource = _line(number, line)
        except UserError as error:
            yield context.refused(Resource({}, f"line {number}"), error)
            continue
        yield from _items(context, resource)


def _line(number: int, line: bytes) -> Resource:
    words = f"line {number}"
    fields = read_json(line, "It", FHIR_LINE_BYTES)
    return Resource(fields, f"{words}, {Resource(fields, words).name}")


def _add_line(context: Context, number: int, line: bytes, groups: list[Resource]) -> None:
    """Add what other lines can refer to; a line that is not right is refused at its own place."""
    try:
        resource = _line(number, line)
        if _is_group(resource):
            groups.append(resource)
        if resource.type != "Observation":
            context.directory.add(resource)
    except UserError:
        return


# --- one resource


def _items(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield what a resource states, or its refusal."""
    reader = READERS.get(resource.type)
    try:
        if resource.type == "Bundle":
            raise PartError("", "a bundle within a bundle is not read. Send it alone.")
        if reader is None:
            yield context.left_out(resource, Skipped.OTHER, resource.type)
        else:
            if _is_group(resource):
                context.check_members(resource)
            inner = [each for each in resource.contained() if _is_observation(each)]
            yield from reader(context, resource)
            for each in inner:
                yield from _items(context, each)
    except UserError as error:
        yield context.refused(resource, error)


def _is_observation(resource: Resource) -> bool:
    return resource.fields.get("resourceType") == "Observation"


def _report(context: Context, resource: Resource) -> Iterator[Item]:
    """Yield that a report is left out: its results are read, and those that it contains."""
    resource.element(REPORT).code("status", REPORT_STATUS)
    yield context.left_out(resource, Skipped.OTHER, resource.type)


def _patient(context: Context, resource: Resource) -> Iterator[Item]:
    identity, diagnosis, known = read_particulars(resource)
    place = context.place(resource.words)
    yield IncomingPatient(place=place, patient=identity, diagnosis=diagnosis, particulars=known)


READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "Observation": read_observation,
        "DiagnosticReport": _report,
        "Patient": _patient,
        "MedicationRequest": read_request,
        "MedicationStatement": read_statement,
        "MedicationUsage": read_statement,
        "MedicationAdministration": read_administration,
        "AdverseEvent": read_event,
        "Condition": read_condition,
        "AllergyIntolerance": read_allergy,
    }
)
"""The reader of each type of resource that becomes an entry; any other is left out."""
