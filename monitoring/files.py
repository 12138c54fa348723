"""Files: names that a person types, reading within limits, new ones for one user, on the disk."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from dosing import UserError
from dosing.quantities.reading_limits import FILE_NAME_BYTES, ReadingLimit
from dosing.quantities.text import quoted

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# What a name may be refused for when the file is opened: it is no fault of the name.
_FOUND_LATER = (FileNotFoundError, NotADirectoryError, PermissionError)
_PIECE = 1 << 20  # Python reserves memory for all that it may read at once
_OPENING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def path_of(text: str) -> Path:
    """Return the path that somebody typed. Raises `UserError` for one that no file can have."""
    path = Path(text)
    try:
        length = len(os.fsencode(path.name))
        path.lstat()
    except _FOUND_LATER:
        pass
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise UserError(f"{quoted(text)} cannot be used ({error.strerror}).") from None
        raise FILE_NAME_BYTES.passed(quoted(text)) from None
    except ValueError:
        raise UserError(
            f"{quoted(text)} has a character that no file name can have. Type it again."
        ) from None
    FILE_NAME_BYTES.check(length, quoted(text))
    return path


def home_path_of(text: str) -> Path:
    """Return a typed path whose `~` is a user's folder. Raises `UserError` as `path_of` does."""
    try:
        return path_of(str(path_of(text).expanduser()))
    except RuntimeError:
        raise UserError("That user's folder does not exist. Enter the whole path.") from None


def refuse_special(file: Path, found: os.stat_result) -> None:
    """Raise `UserError` unless a file is a regular one: a pipe would wait for ever."""
    if stat.S_ISREG(found.st_mode):
        return
    kind = next((words for is_kind, words in _KINDS if is_kind(found.st_mode)), "not a file")
    raise UserError(f"{file} is {kind}. Choose a regular file.")


def read_file(file: Path, limit: ReadingLimit) -> bytes:
    """Return the content of a regular file, which is never waited for.

    Raises `OSError` as opening does. Raises `UserError` for a pipe, a device or a folder, and for
    a file beyond the limit.
    """
    content = read_head(file, limit.most + 1, limit)  # it may have grown, or hide its size
    limit.check(len(content), file)
    return content


def read_head(file: Path, length: int, limit: ReadingLimit) -> bytes:
    """Return the first bytes of a regular file. Raises as `read_file` does."""
    with _opened(file, limit) as stream:
        pieces = []
        while length and (piece := stream.read(min(length, _PIECE))):
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)


def read_lines(file: Path, limit: ReadingLimit, longest: ReadingLimit) -> Iterator[str]:
    """Yield the lines of a regular text file in UTF-8, with any ends of lines, as they are read.

    Raises as `read_file` does, and `UserError` for a line beyond a limit, another encoding, and a
    null character.
    """
    with (
        _opened(file, limit) as stream,
        TextIOWrapper(stream, encoding="utf-8-sig", newline=None) as text,
    ):
        number = 0
        try:
            while line := text.readline(longest.most + 1):
                number += 1
                if len(line) > longest.most:
                    raise longest.passed(f"{file}, line {number}")
                if "\0" in line:
                    raise UserError(f"{file} holds a null character. It is damaged, or not a text.")
                yield line.rstrip("\n")
        except UnicodeDecodeError:
            raise UserError(f"{file} is not UTF-8. Save it as CSV in UTF-8.") from None


@contextmanager
def _opened(file: Path, limit: ReadingLimit) -> Iterator[BinaryIO]:
    """Give the content of a regular file, which is never waited for. Raises as `read_file` does."""
    try:
        before = file.stat()
    except ValueError:
        raise UserError(
            f"{quoted(str(file))} has a character that no file name can have. Type it again."
        ) from None
    refuse_special(file, before)
    handle = os.open(file, _OPENING)
    with os.fdopen(handle, "rb") as stream:
        found = os.fstat(handle)
        refuse_special(file, found)
        limit.check(found.st_size, file)
        yield stream


def new_file(file: Path, encoding: str = "utf-8") -> TextIO:
    """Open a new text file for this user alone. Raises `OSError` where one exists."""
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    return os.fdopen(handle, "w", encoding=encoding, newline="")


@contextmanager
def placed_file(file: Path) -> Iterator[Path]:
    """Give a part file, for this user alone, that becomes a new file in one step.

    Raises `UserError` where the file exists, and where it cannot be written. A stopped writer
    leaves nothing under the name.
    """
    file = file.absolute()
    try:
        if os.path.lexists(file):
            raise FileExistsError  # noqa: TRY301 - answered with that of a race, below
        handle, name = tempfile.mkstemp(prefix=".export-", suffix=".part", dir=file.parent)
        os.close(handle)
        part = Path(name)
        try:
            yield part
            _sync_file(part)
            _give_name(part, file)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(file.parent)
    except FileExistsError:
        raise UserError(f"{file} exists already. Choose another name.") from None
    except OSError as error:
        raise UserError(
            f"{file} cannot be written ({error.strerror}). Choose another place."
        ) from None


def _sync_file(file: Path) -> None:
    """Flush a closed file to the disk."""
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _give_name(part: Path, file: Path) -> None:
    """Give a part file its name, never that of a file that somebody made in the meantime."""
    try:
        os.link(part, file)
    except FileExistsError:
        raise
    except OSError:  # a stick without hard links
        if os.path.lexists(file):
            raise FileExistsError from None
        part.rename(file)


@contextmanager
def placed_folder(folder: Path) -> Iterator[Path]:
    """Give a part folder, for this user alone, that becomes a new folder in one step.

    Raises `UserError` where the folder holds something, and where it cannot be written.
    """
    part = folder.with_name(f".{folder.name}.part")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise UserError(f"{folder} is not empty. Choose another folder.")
        shutil.rmtree(part, ignore_errors=True)  # of a writer that was killed
        part.mkdir(mode=0o700, parents=True)
        yield part
        sync_folder(part)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written ({error.strerror}). Choose another folder."
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Flush the names of a folder to the disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
