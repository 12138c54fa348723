"""A folder that fills up: each file is imported once, and moved to `imported` or `refused`.

A file is taken once its size and time have not changed between two looks. The import is stored
before the file is moved: killed in between, the same file adds nothing the next time. One watcher
at a time works on a folder.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from dosing import UserError
from dosing.quantities.formatting import count_of
from monitoring.clinic_choices import ClinicChoices
from monitoring.exchange.import_plan import ImportChoices, Plan
from monitoring.exchange.importing import import_results
from monitoring.exchange.source import content_of_source, plan_content
from monitoring.files import new_file
from monitoring.store.backup import backups_folder
from monitoring.store.errors import ConflictError, RecordsError
from monitoring.store.opening import Records

LOOK_EVERY_S = 1.0
_IMPORTED, _REFUSED = "imported", "refused"
_LOCK = ".sirolimus-import.lock"
_UNFINISHED = (".part", ".tmp", ".filepart")
_REASON = ".reason.txt"
_LONGEST_NAME_BYTES = 200
_TRIES = 5
_LOOKS_BEFORE_AGAIN = 10  # after records that could not be used
_BACKUP_EVERY = timedelta(hours=1)

_Seen = tuple[int, int, int]
"""The identity of a file, its size and its time of change."""


class Outcome(Enum):
    """The outcome for one file of a watched folder."""

    IMPORTED = "imported"
    ALREADY_THERE = "already there"
    REFUSED = "refused"
    KEPT = "kept"
    """It stays in the folder for another try: the records or the folder could not be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """One file of a watched folder, and where it is now."""

    file: str
    outcome: Outcome
    plan: Plan | None = None
    reason: str = ""
    moved_to: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileImport:
    """The import of one file after another into the same records, by the same choices."""

    records: Records
    mapping: Path | None
    clinic: ClinicChoices
    choices: ImportChoices
    skips_refused: bool = False

    def plan(self, content: bytes, name: str) -> Plan:
        """Return the plan for a file."""
        choices = replace(self.choices, file=name)
        return plan_content(
            self.records.store, content, self.mapping, clinic=self.clinic, choices=choices
        )

    def carry_out(self, plan: Plan) -> None:
        """Store what a plan adds; the records are backed up once an hour."""
        import_results(self.records, plan, backs_up=self._needs_backup())

    def _needs_backup(self) -> bool:
        folder = backups_folder(self.records.place)
        newest = max(
            (each.stat().st_mtime for each in folder.glob("*-before-import.sqlite")), default=0.0
        )
        return datetime.now(UTC) - datetime.fromtimestamp(newest, UTC) > _BACKUP_EVERY


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold a folder alone; a killed watcher holds it no longer.

    Raises `UserError` where another watcher does, and for a folder that cannot be used.
    """
    try:
        if not folder.is_dir():
            raise UserError(f"{folder} is not a folder. Choose the folder to watch.")
        handle = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be used ({error.strerror}). Check the folder and its permissions."
        ) from None
    try:
        if not _locked(handle):
            raise UserError(f"{folder} is watched already. End the other `import --watch` first.")
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    """Lock an open file for this process; return whether it was free."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - of this system alone

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - of these systems alone

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def watch(
    folder: Path, importer: FileImport, wait: Callable[[float], bool], *, once: bool = False
) -> Iterator[FileOutcome]:
    """Import the files of a folder as they appear, and yield the outcome of each.

    `wait` sleeps between two looks, and returns True to end. With `once` the files that are there
    are imported. Raises `UserError` as `lock_folder` does.
    """
    with lock_folder(folder):
        looking = _Looking(folder)
        looking.look()
        while not wait(LOOK_EVERY_S):
            for file in looking.look():
                outcome = _import_file(folder / file, importer)
                if outcome is None:
                    continue
                if outcome.outcome is Outcome.KEPT:
                    looking.leave(file)
                yield outcome
                if wait(0):
                    return
            yield from looking.problems()
            if once:
                return


class _Looking:
    """The looks at one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, _Seen] = {}
        self._left: dict[str, int] = {}
        self._problem = ""
        self._is_new_problem = False

    def look(self) -> list[str]:
        """Return the files that did not change since the last look, the oldest first."""
        try:
            found = dict(self._files())
        except OSError as error:
            self._note(f"{self._folder} cannot be read ({error.strerror}). Check the folder.")
            return []
        self._note("")
        ready = [name for name, seen in found.items() if self._seen.get(name) == seen]
        self._seen = found
        self._left = {name: looks - 1 for name, looks in self._left.items() if looks > 1}
        ready = [name for name in ready if name not in self._left]
        return sorted(ready, key=lambda name: (found[name][2], name))

    def leave(self, name: str) -> None:
        """Leave a file alone for some looks."""
        self._left[name] = _LOOKS_BEFORE_AGAIN

    def problems(self) -> Iterator[FileOutcome]:
        """Yield a problem of the folder itself, once."""
        if self._problem and self._is_new_problem:
            self._is_new_problem = False
            yield FileOutcome(file="", outcome=Outcome.KEPT, reason=self._problem)

    def _note(self, problem: str) -> None:
        self._is_new_problem = problem != self._problem
        self._problem = problem

    def _files(self) -> Iterator[tuple[str, _Seen]]:
        with os.scandir(self._folder) as entries:
            for each in entries:
                if each.name.startswith(".") or each.name.lower().endswith(_UNFINISHED):
                    continue
                with suppress(FileNotFoundError):
                    found = each.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode) and found.st_size:
                        yield each.name, (found.st_ino, found.st_size, found.st_mtime_ns)


def _import_file(  # noqa: PLR0911 - an outcome each
    file: Path, importer: FileImport
) -> FileOutcome | None:
    """Import one file and move it; None for one that changed or vanished meanwhile."""
    try:
        before = file.stat()
        content = content_of_source(file)
        after = file.stat()
    except FileNotFoundError:
        return None
    except UserError as error:
        if not file.exists():
            return None
        return _refused(file, None, str(error), [str(error)])
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or len(content) != after.st_size:
        return None
    try:
        return _brought_in(file, content, importer)
    except RecordsError as error:
        return FileOutcome(file=file.name, outcome=Outcome.KEPT, reason=str(error))
    except UserError as error:
        return _refused(file, None, str(error), [str(error)])


def _brought_in(file: Path, content: bytes, importer: FileImport) -> FileOutcome:
    for attempt in range(_TRIES):
        plan = importer.plan(content, file.name)
        lines = [str(each) for each in plan.refused]
        if plan.refused and not importer.skips_refused:
            count = count_of(len(plan.refused), "result is", "results are")
            return _refused(file, plan, f"{count} refused, and nothing was stored.", lines)
        try:
            importer.carry_out(plan)
        except ConflictError:
            if attempt == _TRIES - 1:
                raise
        else:
            break
    adds = plan.changes_records or plan.waiting
    outcome = Outcome.ALREADY_THERE if plan.already_there and not adds else Outcome.IMPORTED
    return _moved(file, outcome, plan, "", lines)


def _refused(file: Path, plan: Plan | None, reason: str, lines: list[str]) -> FileOutcome:
    return _moved(file, Outcome.REFUSED, plan, reason, lines)


def _moved(
    file: Path, outcome: Outcome, plan: Plan | None, reason: str, lines: list[str]
) -> FileOutcome:
    """Move a file to its folder, with the reasons beside it where there are any."""
    folder = file.parent / (_REFUSED if outcome is Outcome.REFUSED else _IMPORTED)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        target = _free_name(folder, file.name)
        if lines:
            beside = target.with_name(target.name + _REASON)
            with new_file(beside) as stream:
                stream.write("\n".join([*([reason] if reason not in lines else []), *lines]) + "\n")
        file.rename(target)
    except OSError as error:
        why = f"{file.name} cannot be moved ({error.strerror}). Check the permissions."
        done = f" It was {outcome.value}."
        return FileOutcome(file=file.name, outcome=Outcome.KEPT, plan=plan, reason=why + done)
    return FileOutcome(file=file.name, outcome=outcome, plan=plan, reason=reason, moved_to=target)


def _free_name(folder: Path, name: str) -> Path:
    """Return a name in a folder that neither a file nor its reasons have."""
    encoded = os.fsencode(name)
    stem, suffix = Path(name).stem, Path(name).suffix
    if len(encoded) > _LONGEST_NAME_BYTES:
        stem, suffix = os.fsdecode(encoded[:_LONGEST_NAME_BYTES]), ""
        name = stem
    number = 1
    while (folder / name).exists() or (folder / f"{name}{_REASON}").exists():
        number += 1
        name = f"{stem}-{number}{suffix}"
    return folder / name
