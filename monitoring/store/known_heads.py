"""The heads of records that were seen on this machine, kept outside the records.

The audit trail has no key: a writer of the file can put an older copy back, or make a chain with
other entries. Its last head is therefore kept in the user's state folder, and must be in the trail
at every later opening. The state folder is the system's, or SIROLIMUS_STATE; the file in it
holds hashes, numbers, times and places, and no data of patients.

A place is compared with the head last seen there. Records at a new place are known by the hash of
their first change, which is the same in every copy, and compared with the furthest head seen of
them anywhere.
"""

import json
import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, or_, select
from sqlalchemy.engine import make_url

from monitoring.store.connection import Place, reading
from monitoring.store.errors import RolledBackError
from monitoring.store.rows import read_utc, utc_text
from monitoring.store.state_folder import keep_in_state_folder, state_folder
from monitoring.store.tables import AUDIT
from monitoring.store.trail_end import START
from monitoring.times import Moment, local_zone, short

Tell = Callable[[str], object]
"""Shows a warning to the user."""

_ACCEPT = "Restore a backup, or accept them with sirolimus verify --accept."
_GO_ON = "Open the newer ones, or go on with this copy."
CLOCK_SKEW_S = 300
"""The difference between two clocks that is not worth a warning; Kerberos allows as much."""

_FILE = "known-heads.json"
_FORMAT = 2  # in the first line; 1 had no other lines
_MOST_LINES = 64  # then the file is written anew
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_MOST_PLACES = 100  # the places seen last
_HASH = re.compile("[0-9a-f]{64}")
# Made once: building a query takes longer than running it. Each part is a look-up by the index.
_ENDS = select(AUDIT.c.number, AUDIT.c.hash, AUDIT.c.at_utc).where(
    or_(
        AUDIT.c.number == bindparam("number"),
        AUDIT.c.number == select(func.min(AUDIT.c.number)).scalar_subquery(),
        AUDIT.c.number == select(func.max(AUDIT.c.number)).scalar_subquery(),
    )
)
_END = select(AUDIT.c.number, AUDIT.c.hash, AUDIT.c.at_utc).order_by(AUDIT.c.number.desc()).limit(1)


def warn(text: str) -> None:
    """Show a warning where neither command nor app does."""
    warnings.warn(text, stacklevel=2)


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of an audit trail, and the hash of one change between."""

    first: str = START
    """The hash of the first change, which identifies the records; `START` in empty ones."""
    number: int = 0
    hash: str = START
    at_utc: str = ""
    asked: str | None = None
    """The hash of the change that was asked for; None without such a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHead:
    """The last head seen at a place. Raises `ValueError` for anything else."""

    place: str
    records: str
    """The hash of the first change of the records."""
    number: int
    hash: str
    at_utc: str
    """The time when it was seen."""
    accepted_utc: str = ""
    """The time when the user last accepted the records here, by a restoration too."""
    disk: int = 0
    """The number that the system gives the disk of their folder; 0 on a server."""

    def __post_init__(self) -> None:
        """Check the form of each field."""
        texts = (self.place, self.records, self.hash, self.at_utc, self.accepted_utc)
        numbers = (self.number, self.disk)
        if not all(isinstance(each, str) for each in texts) or not all(
            type(each) is int for each in numbers
        ):
            raise ValueError("a field is of another type")
        if not (_HASH.fullmatch(self.records) and _HASH.fullmatch(self.hash)) or self.number < 1:
            raise ValueError("a hash or number is not valid")
        for time in filter(None, (self.at_utc, self.accepted_utc)):
            read_utc(time)

    def is_later_than(self, known: "KnownHead") -> bool:
        """Return whether it is a later head of the same records."""
        return known.records == self.records and known.number < self.number

    def to_dict(self) -> dict[str, object]:
        """Return the fields as they are kept."""
        return {name: getattr(self, name) for name in _FIELDS}

    @property
    def seen_on(self) -> str:
        """The time for people."""
        return short(Moment(read_utc(self.at_utc), local_zone()))


@dataclass(frozen=True, slots=True)
class Lack:
    """A head that was seen and that the records lack, in words."""

    what: str
    is_older_copy: bool = False
    """True for records at a new place that end earlier, as a backup does: it can be used apart."""
    is_gone: bool = False
    """True for a file that is gone from its folder, on the same disk: new records may be begun."""

    def __str__(self) -> str:
        """Return the fact, and what to do."""
        return f"The records {self.what}. {_GO_ON if self.is_older_copy else _ACCEPT}"


def ends_of(connection: Connection, number: int = 0) -> Ends:
    """Return the ends of the trail, and the hash of change `number`, by one query."""
    links = {row.number: row for row in connection.execute(_ENDS, {"number": number})}
    asked = links[number].hash if number in links else None
    if not links:
        return Ends(asked=asked)
    first, last = links[min(links)], links[max(links)]
    return Ends(first.hash, last.number, last.hash, last.at_utc, asked)


def ends_after(connection: Connection, before: Ends) -> Ends:
    """Return the ends of the trail after writing in the transaction that found those before."""
    if not before.number:
        return ends_of(connection)
    last = connection.execute(_END).one()
    return Ends(before.first, last.number, last.hash, last.at_utc)


_FIELDS = tuple(each.name for each in fields(KnownHead))


def _heads_of(text: str) -> dict[str, KnownHead]:
    """Return the heads of the file by their places. Raises errors for a damaged one.

    The first line is a document with all of them, each other line a later one of a place. What
    follows the last line break is a line that was not finished, and is left out.
    """
    document, *later = text.split("\n")
    heads = {each["place"]: KnownHead(**each) for each in json.loads(document)["heads"]}
    for line in later[:-1]:
        head = KnownHead(**json.loads(line))
        known = heads.get(head.place)
        if known is None or head.is_later_than(known):
            heads[head.place] = head
    return heads


def _add_to(file: Path, line: bytes) -> bool:
    """Add a line to a file that is there, in one step; return whether all of it was written.

    Raises `OSError` for a file that is gone, or a link.
    """
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | _NO_LINK)
    try:
        return os.write(handle, line) == len(line)
    finally:
        os.close(handle)


class KnownHeads:
    """The file of the known heads. Where it cannot be read or written, `tell` says so once."""

    def __init__(self, tell: Tell = warn) -> None:
        """Take the user's state folder; nothing is made before a head is kept."""
        self._tell = tell
        self._is_told = False
        self._read: tuple[str | None, Mapping[str, KnownHead]] = (None, {})
        """The file as last read, and its heads: one value, as threads share it."""

    @property
    def is_told(self) -> bool:
        """Return whether a problem with the state folder was shown."""
        return self._is_told

    def by_place(self) -> Mapping[str, KnownHead]:
        """Return the known heads by their places; none where the file is missing or damaged.

        The file is read each time, as other programs write it, and checked anew once it differs.
        """
        try:
            text = (state_folder() / _FILE).read_text(encoding="ascii")
            known_text, known = self._read
            if text == known_text:
                return known
            read = _heads_of(text)
        except FileNotFoundError:
            return {}
        except OSError as error:
            self._tell_once(f"cannot be read ({error.strerror}). Check its permissions")
            return {}
        except (ValueError, KeyError, TypeError, RecursionError):
            self._tell_once(
                "are damaged and begun anew. Compare with a printed head: verify --head"
            )
            return {}
        self._read = text, read
        return read

    def keep(self, head: KnownHead, *, accepted: bool = False) -> None:
        """Keep a head; unless it is accepted, it never replaces a later one or other records."""
        heads = dict(self.by_place())
        known = heads.get(head.place)
        if known is not None and not accepted:
            if not head.is_later_than(known):
                return
            head = replace(head, accepted_utc=known.accepted_utc)
            if self._is_added(head):
                return
        heads[head.place] = replace(head, accepted_utc=head.at_utc) if accepted else head
        self._write(heads.values())

    def forget(self, place: str) -> None:
        """Forget the head of a place."""
        heads = dict(self.by_place())
        if heads.pop(place, None) is not None:
            self._write(heads.values())

    def _write(self, heads: Iterable[KnownHead]) -> None:
        newest = sorted(heads, key=lambda each: each.at_utc)[-_MOST_PLACES:]
        try:
            self._replace(newest)
        except OSError as error:
            self._tell_once(f"cannot be kept ({error.strerror}). Check the folder's permissions")

    def _replace(self, heads: Sequence[KnownHead]) -> None:
        """Write the file for this user alone, and put it in its place in one step."""
        document = {"format": _FORMAT, "heads": [each.to_dict() for each in heads]}
        text = f"{json.dumps(document)}\n"
        keep_in_state_folder(_FILE, text)
        self._read = text, {each.place: each for each in heads}

    def _is_added(self, head: KnownHead) -> bool:
        """Add a later head of a place as a line to the file; return False where that is impossible.

        To put a file in the place of another waits for the disk, longer than an entry takes itself.
        """
        known_text, known = self._read
        text = known_text or ""
        if not text.endswith("\n") or text.count("\n") > _MOST_LINES:
            return False
        line = f"{json.dumps(head.to_dict())}\n"
        try:
            is_whole = _add_to(state_folder() / _FILE, line.encode("ascii"))
        except OSError:
            return False
        if is_whole:
            self._read = text + line, {**known, head.place: head}
        return is_whole

    def _tell_once(self, what: str) -> None:
        if not self._is_told:
            self._is_told = True
            self._tell(f"The known heads in {state_folder()} {what}.")


def accept_head_at(engine: Engine, place: Place, tell: Tell = warn) -> None:
    """Compare the records at a place with their present head from now on."""
    HeadWatch(KnownHeads(tell), place_name(place), tell).accept_head(engine)


class HeadWatch:
    """The head that open records must hold: the one known at their place, then the last seen.

    Every look at the records finds it by one query. Others only add to the trail: where it is
    missing, the records were replaced or cut.
    """

    def __init__(self, heads: KnownHeads | None = None, place: str = "", tell: Tell = warn) -> None:
        """Take the known heads, and the place under which the records have one.

        Without them only what is seen while the records are open is compared.
        """
        self._heads, self._place = heads, place
        self.tell = tell
        self.last = Ends()
        """The end of the trail as last seen."""
        self.lack: Lack | None = None
        """The known head that the records lacked when they were opened."""

    @property
    def records(self) -> str | None:
        """The hash that identifies the records; None of empty ones, and of those to throw away."""
        is_kept = self._heads is not None and _HASH.fullmatch(self.last.first)
        return self.last.first if is_kept and self.last.first != START else None

    @property
    def is_folder_told(self) -> bool:
        """Return whether a problem with the state folder was shown."""
        return self._heads is not None and self._heads.is_told

    def refuse_other_disk(self, file: Path) -> None:
        """Raise `RolledBackError` for a missing file that was seen on another disk."""
        known = self._heads.by_place().get(self._place) if self._heads else None
        if known and known.disk and not file.exists() and known.disk != _disk_of(self._place):
            raise RolledBackError(
                f"The records seen here on {known.seen_on} were on another disk. Connect it, or "
                "choose another place. Nothing was stored."
            )

    def open(self, engine: Engine) -> None:
        """Compare records that are being opened with the known heads, and show what they lack."""
        known = self._heads.by_place() if self._heads else {}  # before the records: they only grow
        here = known.get(self._place)
        with reading(engine, "open the records") as connection:
            found = ends_of(connection, here.number if here else 0)
            if here is not None:
                self.lack = _lack_here(here, found)
            elif found.number:
                self.lack = _lack_elsewhere(connection, found, known.values())
        self.last = found
        if self.lack is None:
            self._keep(here.number if here else 0)
        else:
            self.tell(str(self.lack))

    def look(self, connection: Connection, seen: Ends) -> Ends:
        """Return the ends of the trail, which must hold the end `seen` before the transaction.

        Raises `RolledBackError` for records that were replaced or cut since.
        """
        found = ends_of(connection, seen.number)
        if seen.number and found.asked != seen.hash:
            raise RolledBackError(
                f"The records were replaced while they were open: change {seen.number} is missing "
                "or another. Nothing was stored. Close and open them again."
            )
        return found

    def refuse_writing(self) -> None:
        """Raise `RolledBackError` where the records lack a head that nobody accepted."""
        if self.lack is not None and not self.lack.is_older_copy:
            raise RolledBackError(f"{self.lack} Nothing was stored.")

    def follow(self, found: Ends, *, is_own: bool = False) -> None:
        """Keep the end of the trail that was seen, or that this program stored."""
        before = self.last.number
        if found.number > before:
            self.last = found
            if self.lack is None or is_own:
                self._keep(before)

    def accept_head(self, engine: Engine) -> None:
        """Compare with the records as they are now from now on."""
        with reading(engine, "read the records") as connection:
            found = ends_of(connection)
        self.lack, self.last = None, found
        if self._heads and found.number:
            self._heads.keep(self._known(found), accepted=True)
        elif self._heads:
            self._heads.forget(self._place)

    def _keep(self, before: int) -> None:
        last = self.last
        is_whole = _HASH.fullmatch(last.first) and _HASH.fullmatch(last.hash)
        if self._heads and last.number > before and is_whole:  # a damaged end is no head
            self._heads.keep(self._known(last))

    def _known(self, found: Ends) -> KnownHead:
        return KnownHead(
            place=self._place,
            records=found.first,
            number=found.number,
            hash=found.hash,
            at_utc=utc_text(Moment.now("UTC").utc),
            disk=_disk_of(self._place),
        )


def _lack_here(known: KnownHead, found: Ends) -> Lack | None:
    """Return what the records lack of the head last seen at their place."""
    if found.asked == known.hash:
        return None
    is_gone = not found.number and known.disk == _disk_of(known.place) != 0
    return Lack(_difference(known, found, "here"), is_gone=is_gone)


def _disk_of(place: str) -> int:
    """Return the number of the disk with the folder of a place; 0 without one."""
    try:
        return Path(place).parent.stat().st_dev
    except (OSError, ValueError):
        return 0


def _lack_elsewhere(connection: Connection, found: Ends, known: Iterable[KnownHead]) -> Lack | None:
    """Return what records at a new place lack of the furthest head seen of them anywhere.

    Heads from before an acceptance are left out: the user went back behind them.
    """
    same = [each for each in known if each.records == found.first]
    if not same:
        return None
    last = max(each.accepted_utc for each in same)
    same = [each for each in same if each.at_utc > last or each.accepted_utc == last]
    furthest = max(same, key=lambda each: each.number)
    asked = ends_of(connection, furthest.number).asked
    if any(each.hash == asked for each in same if each.number == furthest.number):
        return None
    is_older_copy = found.number < furthest.number
    return Lack(_difference(furthest, found, f"at {furthest.place}"), is_older_copy)


def _difference(known: KnownHead, found: Ends, where: str) -> str:
    seen = f"seen {where} on {known.seen_on}"
    if not found.number:
        return f"are empty, and change {known.number} was {seen}"
    if found.first != known.records:
        return f"are others than those {seen}"
    if found.number < known.number:
        return f"end at change {found.number}, and change {known.number} was {seen}"
    return f"hold another change {known.number} than the one {seen}"


def is_behind(at_utc: str, before_utc: str) -> bool:
    """Return whether a time of UTC is earlier than the one of the entry before it, beyond skew."""
    try:
        return (read_utc(before_utc) - read_utc(at_utc)).total_seconds() > CLOCK_SKEW_S
    except ValueError:  # the first entry, or a damaged one
        return False


def place_name(place: Place) -> str:
    """Return the name of a place: its path, or server and database without user and password."""
    if place.file is not None:
        return str(place.file.resolve())
    url = make_url(place.url)
    host = url.host or _text(url.query.get("host"))
    port = url.port or _text(url.query.get("port"))
    server = f"{host}:{port}" if port else host
    return f"postgresql://{server}/{url.database or ''}"


def _text(given: Any) -> str:
    return "" if given is None else given if isinstance(given, str) else ",".join(given)
