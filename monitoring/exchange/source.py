"""The source of an import: a file whose kind is known by its content, and its reader."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from dosing import UserError
from dosing.quantities.reading_limits import IMPORT_BYTES, LABORATORY_BYTES
from dosing.quantities.text import quoted
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.exchange.import_plan import ImportChoices, Plan
from monitoring.exchange.importing import plan_import
from monitoring.exchange.incoming import Item, ReadingChoices, SourceKind
from monitoring.exchange.laboratory_file.kept_mappings import KeptMapping, kept_mapping_of
from monitoring.exchange.laboratory_file.layout import content_of, is_workbook
from monitoring.exchange.laboratory_file.mapping import Mapping, read_choices, read_mapping
from monitoring.exchange.laboratory_file.reading import read_laboratory_file
from monitoring.store.store import Store
from monitoring.store.verify import Progress
from monitoring.times import Moment, local_zone

_MARKS_OF_TEXT = (b"\xef\xbb\xbf", b"\x0b")
_JSON_BEGINS = (b"{", b'["', b"[{", b"[[", b"[]")
_NOT_READ = {
    b"%PDF": "a PDF document. Ask for the results as CSV, HL7 or FHIR",
    b"<?xml": "XML. Ask for the results as FHIR JSON",
    b"<html": "a web page. Ask for the results as CSV, HL7 or FHIR",
    b"<!DOCTYPE": "a web page. Ask for the results as CSV, HL7 or FHIR",
    b"SQLite format 3\0": "a database. Open it with --records, or use sirolimus restore",
}
_SNIFFED = 4096
LABORATORY = frozenset({SourceKind.CSV, SourceKind.EXCEL})
"""The kinds that need a mapping with columns."""

Reader = Callable[[bytes, ReadingChoices], Iterable[Item]]


def content_of_source(file: Path) -> bytes:
    """Return the content of a file. Raises `UserError` if it cannot be read or is empty."""
    return content_of(file, IMPORT_BYTES)


def source_kind(content: bytes) -> SourceKind:
    """Return the kind of a file by its content; whatever is nothing else is a CSV file.

    Raises `UserError` for a kind that is not read, with its name.
    """
    if is_workbook(content):
        from monitoring.exchange.clinic_workbook.reading import (  # noqa: PLC0415 - used here only
            is_clinic_workbook,
        )

        return SourceKind.CLINIC_WORKBOOK if is_clinic_workbook(content) else SourceKind.EXCEL
    begin = content[:_SNIFFED]
    for mark in _MARKS_OF_TEXT:
        begin = begin.lstrip().removeprefix(mark)
    begin = begin.lstrip()
    from monitoring.exchange.hl7.reading import is_hl7  # noqa: PLC0415 - used here only

    if is_hl7(content):
        return SourceKind.HL7
    if b"".join(begin.split())[:2].startswith(_JSON_BEGINS):
        return _kind_of_json(content)
    for mark, what in _NOT_READ.items():
        if begin[: len(mark)].lower() == mark.lower():
            raise UserError(f"The file is {what}.")
    return SourceKind.CSV


def _kind_of_json(content: bytes) -> SourceKind:
    from monitoring.exchange.fhir.reading import fhir_kind  # noqa: PLC0415 - used here only

    found = fhir_kind(content)
    if found is None:
        raise UserError(f"The file is {_named_json(content)}, not FHIR. Ask for a FHIR R4 bundle.")
    return found


def _named_json(content: bytes) -> str:
    """Return the words for a JSON document that is not FHIR: its first key, if it has one."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return "damaged JSON"
    if isinstance(document, dict) and document:
        return f"JSON with the key {quoted(next(iter(document)))}"
    return "JSON"


def items_of(content: bytes, kind: SourceKind, stated: Mapping | ReadingChoices) -> Iterable[Item]:
    """Return the items of a file, by the mapping of its columns or the choices of its sender.

    Raises `UserError` for a file that is damaged as a whole.
    """
    if isinstance(stated, Mapping):
        LABORATORY_BYTES.check(len(content), "The file")
        return read_laboratory_file(content, stated)
    return _reader_of(kind)(content, stated)


def _reader_of(kind: SourceKind) -> Reader:
    """Return the reader of a kind, imported where it is used."""
    if kind is SourceKind.HL7:
        from monitoring.exchange.hl7.reading import read_hl7  # noqa: PLC0415 - of this kind only

        return read_hl7
    if kind is SourceKind.CLINIC_WORKBOOK:
        from monitoring.exchange.clinic_workbook.reading import (  # noqa: PLC0415 - as above
            read_clinic_workbook,
        )

        return read_clinic_workbook
    from monitoring.exchange.fhir.reading import read_fhir  # noqa: PLC0415 - as above

    return read_fhir


def stated_for(kind: SourceKind, mapping: Path | None) -> Mapping | ReadingChoices:
    """Return the mapping that a kind of file needs, read from its file.

    Raises `UserError` for a laboratory's file without one.
    """
    if kind in LABORATORY:
        if mapping is None:
            raise UserError(
                "A laboratory's file needs --mapping MAP, which names its columns. --guess finds "
                "them, and --write-mapping MAP writes one to fill in."
            )
        return read_mapping(mapping)
    return ReadingChoices(time_zone=local_zone()) if mapping is None else read_choices(mapping)


def kept_mapping_for(content: bytes, kind: SourceKind) -> KeptMapping | None:
    """Return the mapping that a person confirmed for the headings of a laboratory's file, or None.

    Raises `UserError` where several are for it.
    """
    return kept_mapping_of(content) if kind in LABORATORY else None


def plan_content(  # noqa: PLR0913 - a file, the records, and the choices of an import
    store: Store,
    content: bytes,
    mapping: Path | None,
    progress: Progress = lambda _done, _all: None,
    *,
    clinic: ClinicChoices = USUAL_CHOICES,
    choices: ImportChoices,
) -> Plan:
    """Return the plan for the content of a file, as `plan_import` does."""
    kind = source_kind(content)
    kept = None if mapping else kept_mapping_for(content, kind)
    stated = stated_for(kind, kept.file if kept else mapping)
    now = Moment.now(stated.time_zone)
    items = items_of(content, kind, stated)
    return plan_import(store, items, kind, now, progress, clinic=clinic, choices=choices)
