"""Reports as files: written whole or not at all, for this user alone, never over another file."""

import os
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from dosing import UserError


class ReportFileError(UserError):
    """A report cannot be written."""


def _nothing() -> None:
    """Add the page of no records to no log."""


def write_pdf(
    pdf: bytes,
    file: Path,
    *,
    force: bool = False,
    password: str | None = None,
    log: Callable[[], object] = _nothing,
) -> None:
    """Write a document to `file`, 0600, in one step; with a password encrypted with AES-256.

    `log` is called once the page is written whole and before it takes its place: a page that
    anybody can see is in the log.
    Raises `ReportFileError` where the file exists and `force` is not set, or where it cannot be
    written.
    """
    if password is not None:
        pdf = encrypted(pdf, password)
    try:
        _replace(file.absolute(), pdf, log, force=force)
    except FileExistsError:
        raise ReportFileError(
            f"{file} exists already. Choose another name, or replace it with --force."
        ) from None
    except OSError as error:
        raise ReportFileError(f"{file} cannot be written: {error.strerror}.") from None


def _replace(file: Path, content: bytes, log: Callable[[], object], *, force: bool) -> None:
    if file.exists() and not force:
        raise FileExistsError
    handle, part = tempfile.mkstemp(prefix=".report-", suffix=".part", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        log()
        if force:
            Path(part).replace(file)
        else:
            os.link(part, file)  # fails where somebody made the file in the meantime
    finally:
        Path(part).unlink(missing_ok=True)


def encrypted(pdf: bytes, password: str) -> bytes:
    """Return the document encrypted with AES-256. Raises `UserError` for an empty password."""
    if not password:
        raise UserError("The password is empty. Type one, or leave out --password.")
    import pikepdf  # noqa: PLC0415 - only for a password

    result = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(result, encryption=pikepdf.Encryption(owner=password, user=password, R=6))
    return result.getvalue()
