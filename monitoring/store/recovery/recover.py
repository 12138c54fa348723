"""Recovery: what can be read of a damaged file, saved into new records.

A change is saved where its link of the audit trail and its row can be read and its hash is right;
where the change before is lost, the entry's own checks decide. A row whose link is lost is saved
with the author "not known", where it can be of one kind only. The changes get new numbers in their
order, with their author and time, in a new chain; a note of each patient says so, with the last
head that could be read.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, inspect

from dosing import UserError
from dosing.quantities.reading_limits import RECORDS_BYTES
from monitoring.files import read_file, sync_folder
from monitoring.record.kinds import KINDS, NAMES
from monitoring.record.limit_set import CLINIC
from monitoring.record.note import Note
from monitoring.record.removal import Removal
from monitoring.store.audit_log import Chain, Link, append_link, hash_of
from monitoring.store.backup import part_of, remove_part
from monitoring.store.connection import (
    Place,
    engine_in_memory,
    engine_of,
    is_plain,
    reading,
    writing,
)
from monitoring.store.encryption.key_file import key_file_of
from monitoring.store.errors import RecordsError
from monitoring.store.recovery.sqlite_pages import PageRow, read_pages
from monitoring.store.rows import ROW_ERRORS, Cell, Row, entry_of, fields_of, read_utc, utc_text
from monitoring.store.schema import prepare
from monitoring.store.tables import REMOVED
from monitoring.store.trail_end import START
from monitoring.store.verify import Verification, verify
from monitoring.times import Moment, short

_NOT_KNOWN = "not known"
_NO_LINK = "its link of the audit trail is lost"
_NAMED = 20  # lost changes in a note; the command lists all
_KEYS = {"entry", "patient"}
_MOST_BEYOND = 10_000  # a row so far beyond the last link is none of ours


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that could not be read: its kind, its numbers or pages, and why."""

    what: str
    numbers: tuple[int, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """The result of a recovery."""

    saved: int
    """The number of changes that were read and saved."""
    patients: int
    losses: tuple[Loss, ...]
    old_head: str
    """The hash of the last change that could be read in the damaged file."""
    verification: Verification
    """That of the new records."""


@dataclass(frozen=True, slots=True)
class _Read:
    """The changes of a damaged file that can be saved, in their order, and the others."""

    changes: tuple[tuple[Link, Row], ...]
    losses: tuple[Loss, ...]
    lost_links: Mapping[int, Sequence[Link]]
    """The changes of a patient that cannot be saved, by the patient's number."""
    head: str


def recover(damaged: Path, place: Place, author: str, moment: Moment) -> Recovery:
    """Save what can be read of a damaged file into new records; the damaged file is not written to.

    Raises `RecordsError` if the file cannot be read, or nothing of it, and if there is something at
    the place.
    """
    file = place.file
    if file is None or file.exists():
        raise RecordsError(f"{place} exists, or is a server. Choose a new file.")
    found = _read(_content(damaged), moment)
    if not found.changes:
        raise RecordsError(f"No entry can be read from {damaged}. Restore a backup.")
    part = part_of(file)
    try:
        remove_part(part)
        engine = engine_of(Place.of(str(part)), create=True)
        prepare(engine, before_upgrade=lambda: None)
        with writing(engine, "save what was read") as connection:
            patients = _write(connection, found.changes)
            chain = Chain(connection, author, moment)
            for old, new in patients.items():
                note = Note(on=moment.local.date(), text=_note_text(found, old, moment))
                chain.append(note, new)
        verification = verify(engine)
        if not verification.is_whole:
            raise RecordsError(f"What was read of {damaged} is not whole. Restore a backup.")
        part.rename(file)
        sync_folder(file.parent)
    except OSError as error:
        raise RecordsError(
            f"{file} cannot be written ({error.strerror}). Choose another place."
        ) from None
    finally:
        with suppress(OSError):
            remove_part(part)
    return Recovery(len(found.changes), len(patients), found.losses, found.head, verification)


def _content(damaged: Path) -> bytes:
    if key_file_of(damaged).exists() and not is_plain(damaged):
        raise RecordsError(
            f"{damaged} is encrypted, and its pages cannot be read one by one. Restore a backup."
        )
    try:
        return read_file(damaged, RECORDS_BYTES)
    except OSError as error:
        raise RecordsError(
            f"{damaged} cannot be read ({error.strerror}). Choose a file of records."
        ) from None


def _write(connection: Connection, changes: Sequence[tuple[Link, Row]]) -> dict[int, int]:
    """Write changes with new numbers; return the patients' new numbers by their old ones."""
    end = START
    numbers: dict[int, int] = {}
    patients: dict[int, int] = {}
    for number, (link, row) in enumerate(changes, start=1):
        numbers[link.number] = number
        is_of_clinic = link.patient == CLINIC
        patient = CLINIC if is_of_clinic else patients.setdefault(link.patient, number)
        cells = dict(row)
        if "of" in cells:
            cells["of"] = numbers[int(cells["of"] or 0)]
        new = replace(link, number=number, patient=patient)
        end = hash_of(end, new, cells)
        append_link(connection, new, end, cells)
    return patients


def _note_text(found: _Read, patient: int, moment: Moment) -> str:
    lost = found.lost_links.get(patient, ())
    unknown = next((each.numbers for each in found.losses if each.what == "change"), ())
    parts = [f"Recovered from a damaged file on {short(moment.local.date())}."]
    if lost:
        names = ", ".join(f"{each.kind.replace('_', ' ')} {each.number}" for each in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        parts.append(f"Could not be read of this patient: {names}{more}.")
    if unknown:
        some = ranges(unknown) if len(unknown) <= _NAMED else f"{len(unknown)} of them"
        parts.append(f"Could not be read, of unknown patients: changes {some}.")
    parts.append(
        "No head could be read."
        if found.head == START
        else f"The last head that could be read is {found.head}."
    )
    return " ".join(parts)


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers in words.

    >>> ranges((3, 7, 8, 9))
    '3, 7-9'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


# --- reading


def _read(content: bytes, moment: Moment) -> _Read:
    pages = read_pages(content)
    links, rows = _sorted_out(pages.rows)
    found: dict[int, tuple[Link, Row]] = {}
    lost: dict[int, tuple[Link, str]] = {}
    unchecked: list[int] = []
    columns = _columns()
    for number in sorted(links):
        if links[number][0][0].kind == REMOVED:
            continue  # nothing was there to be saved
        before = {START} if number == 1 else {each for _, each in links.get(number - 1, ())}
        good, why = _good_change(links[number], rows.get(number, ()), columns, before)
        if good is None:
            lost[number] = (links[number][0][0], why)
        else:
            found[number] = good
            if not before:
                unchecked.append(number)
    last = max(links, default=0)
    known = [number for number in rows if 0 < number <= last + _MOST_BEYOND]
    missing = sorted({*range(1, max([last, *known]) + 1)} - links.keys())
    guessed = []
    checked = sorted(found)
    near = Link(
        number=0, at_utc=utc_text(moment.utc), at_zone=moment.zone, by="", kind="", patient=0
    )  # where no link can be read at all
    for number in missing:
        if checked:
            near = found[checked[max(bisect_left(checked, number) - 1, 0)]][0]
        change = _without_link(number, rows.get(number, ()), columns, near)
        if change is not None:
            found[number] = change
            guessed.append(number)
    found = dict(sorted(found.items()))
    changes = _that_hang_together(found, lost)
    by_patient: dict[int, list[Link]] = defaultdict(list)
    for link, _ in lost.values():
        by_patient[link.patient].append(link)
    by_why = {
        ("change", _NO_LINK): [each for each in missing if each not in found],
        ("saved change", "its author and time are lost"): [n for n in guessed if n in found],
        ("saved change", "its hash cannot be checked"): [n for n in unchecked if n in found],
        ("page of the file", "is damaged or missing"): pages.unreadable,
    }
    losses = _losses(lost, by_why)
    head = links[last][0][1] if last else START
    return _Read(changes, losses, by_patient, head)


_Links = dict[int, list[tuple[Link, str]]]


def _sorted_out(found: Sequence[PageRow]) -> tuple[_Links, dict[int, list[PageRow]]]:
    """Return the links of the audit trail with their hashes, and the other rows, by number."""
    links: _Links = defaultdict(list)
    rows: dict[int, list[PageRow]] = defaultdict(list)
    for each in dict.fromkeys(found):
        match each.values:
            case (None, str(at), str(zone), str(by), str(kind), int(patient), str(link_hash)) if (
                kind in {*KINDS, REMOVED} and each.number > 0
            ):
                link = Link(
                    number=each.number, at_utc=at, at_zone=zone, by=by, kind=kind, patient=patient
                )
                links[each.number].append((link, link_hash))
            case (None, int(), *_):
                rows[each.number].append(each)
    return links, rows


def _columns() -> Mapping[str, list[str]]:
    """Return the columns of each table in their order in a file."""
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        with reading(engine, "read the schema") as connection:
            found = inspect(connection)
            return {kind: [each["name"] for each in found.get_columns(kind)] for kind in KINDS}


def _cells(row: PageRow, kind: str, columns: Mapping[str, list[str]]) -> Row | None:
    """Return the columns of a row as one of a kind, or None where it has too many."""
    names = columns[kind]
    if len(row.values) > len(names):
        return None
    values: dict[str, Cell] = dict.fromkeys(names)
    values.update(zip(names, row.values, strict=False))
    return {name: cell for name, cell in values.items() if name not in _KEYS}


def _is_entry(kind: str, row: Row) -> bool:
    """Return whether columns make an entry that passes its own checks."""
    needed = (
        column
        for field in fields_of(KINDS[kind])
        for column in field.columns
        if column not in field.nullable_columns
    )
    try:
        return all(row[column] is not None for column in needed) and bool(
            entry_of(KINDS[kind], row)
        )
    except ROW_ERRORS:
        return False


def _good_change(
    links: Sequence[tuple[Link, str]],
    rows: Sequence[PageRow],
    columns: Mapping[str, list[str]],
    before: set[str],
) -> tuple[tuple[Link, Row] | None, str]:
    """Return the change whose hash is right, or None and why there is none."""
    why = "its row is lost"
    for link, link_hash in links:
        for row in rows:
            cells = _cells(row, link.kind, columns)
            if cells is None or row.values[1] != link.patient:
                continue
            is_right = not before or any(hash_of(each, link, cells) == link_hash for each in before)
            if is_right and _is_moment(link) and _is_entry(link.kind, cells):
                return (link, cells), ""
            why = "its check fails"
    return None, why


def _is_moment(link: Link) -> bool:
    try:
        Moment(read_utc(link.at_utc), link.at_zone)
    except (ValueError, UserError):
        return False
    return True


def _without_link(
    number: int, rows: Sequence[PageRow], columns: Mapping[str, list[str]], near: Link
) -> tuple[Link, Row] | None:
    """Return a change whose link is lost, if its row can be of one kind only; else None."""
    possible = []
    for kind in KINDS:
        for row in rows:
            cells, patient = _cells(row, kind, columns), row.values[1]
            if cells is not None and isinstance(patient, int) and _is_entry(kind, cells):
                link = replace(near, number=number, by=_NOT_KNOWN, kind=kind, patient=patient)
                possible.append((link, cells))
    return possible[0] if len(possible) == 1 else None


def _that_hang_together(
    found: dict[int, tuple[Link, Row]], lost: dict[int, tuple[Link, str]]
) -> tuple[tuple[Link, Row], ...]:
    """Return the changes whose patient and whose entry are there; move the others to the lost.

    A patient whose first entry is lost begins with the next change of the patient.
    """
    first: dict[int, int] = {}
    for number, (link, _) in found.items():
        if link.kind == "patient":
            first.setdefault(link.patient, number)
    kept: list[tuple[int, tuple[Link, Row]]] = []
    saved: set[int] = set()
    for number, (link, row) in list(found.items()):
        if link.patient == CLINIC:
            kept.append((number, (link, row)))
            continue
        if link.patient not in first:
            is_removal = link.kind == NAMES[Removal]
            lost[number] = (link, f"its patient {'was removed' if is_removal else 'is lost'}")
        elif "of" in row and row["of"] not in saved | {first[link.patient]}:
            lost[number] = (link, "the entry that it is about is lost")
        else:
            saved.add(number)
            is_first = number == first[link.patient]
            kept.append((link.patient if is_first else number, (link, row)))
            continue
        del found[number]
    return tuple(change for _, change in sorted(kept, key=lambda each: each[0]))


def _losses(
    lost: Mapping[int, tuple[Link, str]], others: Mapping[tuple[str, str], Sequence[int]]
) -> tuple[Loss, ...]:
    by_kind: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, (link, why) in sorted(lost.items()):
        by_kind[link.kind.replace("_", " "), why].append(number)
    everything = {**by_kind, **others}
    return tuple(
        Loss(what, tuple(numbers), why) for (what, why), numbers in everything.items() if numbers
    )
