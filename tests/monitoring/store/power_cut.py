"""A disk in memory whose power can be cut, as a file system (VFS) for SQLite by way of apsw.

What it takes for granted is little. Until a file is synced, each write and truncation to it since
the last sync may or may not have reached the disk, in any combination, and a write may have
arrived in part: its first bytes. Holes that arise hold garbage. Until the folder is synced, each
creation and deletion of a name may or may not have happened. As SQLite's own file system on Unix
does, the first sync of a journal syncs the folder too, and a deletion does where SQLite asks for it
(which it does with `synchronous=EXTRA` alone). A write leaves the bytes beside it alone, which
SQLite takes for granted on Unix (SQLITE_IOCAP_POWERSAFE_OVERWRITE).

The cut is a snapshot of what would be left at that moment; the connection then goes on unharmed, so
that nothing of it has to be torn down in the middle of a call. One connection at a time: there are
no locks.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import apsw


@dataclass(eq=False)
class File:
    """A file: what a process reads, what is on the disk for certain, and what is on its way."""

    live: bytearray = field(default_factory=bytearray)
    synced: bytes = b""
    unsynced: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Writes at an offset, or truncations to it (None), in order."""

    def change(self, at: int, data: bytes | None) -> None:
        _apply(self.live, at, data, bytes)
        self.unsynced.append((at, data))

    def sync(self) -> None:
        self.synced, self.unsynced = bytes(self.live), []

    def after_cut(self, random: Random) -> "File":
        content = bytearray(self.synced)
        for at, data in self.unsynced:
            fate = random.choice(("whole", "torn", "lost"))
            if fate == "lost":
                continue
            torn = data is not None and fate == "torn"
            part = data[: random.randrange(len(data) + 1)] if data is not None and torn else data
            _apply(content, at, part, random.randbytes)
        return File(content, bytes(content))


def _apply(content: bytearray, at: int, data: bytes | None, hole: Callable[[int], bytes]) -> None:
    if data is None:
        del content[at:]
        return
    if len(content) < at:
        content += hole(at - len(content))
    content[at : at + len(data)] = data


class Disk(apsw.VFS):
    """One folder of files. `cut_after` is the number of operations until the power is cut."""

    def __init__(self, files: dict[str, bytes], random: Random, cut_after: int) -> None:
        self.name = f"power-cut-{id(self)}"
        super().__init__(self.name, "")
        self.files = {name: File(bytearray(data), data) for name, data in files.items()}
        self.left: dict[str, bytes] | None = None
        """What the cut left on the disk, once it has happened."""
        self._synced_names = dict(self.files)
        self._unsynced_names: list[tuple[str, File | None]] = []
        self._random = random
        self._cut_after = cut_after

    def operation(self) -> None:
        """Count one operation that is about to begin; the power is cut before it or not."""
        if self._cut_after == 0:
            names = dict(self._synced_names)
            for name, file in self._unsynced_names:
                if self._random.random() < 0.5:
                    _set(names, name, file)
            self.left = {
                name: bytes(file.after_cut(self._random).live) for name, file in names.items()
            }
        self._cut_after -= 1

    def sync_names(self) -> None:
        self._synced_names, self._unsynced_names = dict(self.files), []

    def _rename(self, name: str, file: File | None) -> None:
        self.operation()
        _set(self.files, name, file)
        self._unsynced_names.append((name, file))

    # SQLite's calls

    def xOpen(  # noqa: N802 - SQLite's name, as below
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "OpenFile":
        text = name.filename() if isinstance(name, apsw.URIFilename) else name
        if text is None:  # a temporary file needs no name and outlives nothing
            return OpenFile(self, File(), is_new_journal=False)
        is_new = text not in self.files
        if is_new:
            self._rename(text, File())
        is_journal = bool(flags[0] & apsw.SQLITE_OPEN_MAIN_JOURNAL)
        return OpenFile(self, self.files[text], is_new_journal=is_new and is_journal)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001
        self._rename(filename, None)
        if syncdir:
            self.operation()
            self.sync_names()

    def xAccess(self, pathname: str, _flags: int) -> bool:  # noqa: N802
        return pathname in self.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


def _set(names: dict[str, File], name: str, file: File | None) -> None:
    if file is None:
        names.pop(name, None)
    else:
        names[name] = file


class OpenFile(apsw.VFSFile):
    """A file as SQLite holds it open."""

    def __init__(self, disk: Disk, file: File, *, is_new_journal: bool) -> None:
        # The parent's __init__ would open a real file.
        self._disk = disk
        self._file = file
        self._sync_names = is_new_journal

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self._file.live[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.operation()
        self._file.change(offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.operation()
        self._file.change(newsize, None)

    def xSync(self, _flags: int) -> None:  # noqa: N802
        self._disk.operation()
        self._file.sync()
        if self._sync_names:
            self._disk.operation()
            self._disk.sync_names()
            self._sync_names = False

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._file.live)

    def xClose(self) -> None:  # noqa: N802
        pass

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, _op: int, _pointer: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return 4096

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE
