"""The folder for documents: where the print-out goes unless another file is typed.

It is the setting `documents`, or else the folder sirolimus in the user's documents, or at home
where there are none. It is made when the first document is written, for this user alone.
"""

import os
import sys
from pathlib import Path

from dosing import UserError
from monitoring.files import home_path_of

_NAME = "sirolimus"


def documents_folder(chosen: str = "") -> Path:
    """Return the folder for documents, which need not exist; `chosen` is the setting.

    Raises `UserError` for a setting that no folder can have.
    """
    if chosen:
        return home_path_of(chosen).absolute()
    from platformdirs import user_documents_path  # noqa: PLC0415 - used here only

    documents = user_documents_path()
    return (documents if documents.is_dir() else Path.home()) / _NAME


def make_folder(folder: Path) -> None:
    """Make the folder for documents if it is missing, for this user alone.

    Raises `UserError` where that is impossible.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder {folder} cannot be made ({error.strerror}). Enter another file."
        ) from None


def unused(file: Path) -> Path:
    """Return a file of that name, or with a number behind it where it exists already.

    A name that cannot be looked up is returned as it is: the writing says why it is impossible.
    """
    number, found = 1, file
    while os.path.lexists(found):
        number += 1
        found = file.with_stem(f"{file.stem}-{number}")
    return found


def open_on_desktop(file: Path) -> bool:
    """Open a file with the desktop's program for it; return False where there is no desktop."""
    import subprocess  # noqa: PLC0415 - only where a document is opened
    from threading import Thread  # noqa: PLC0415 - as above

    command = _opener()
    if command is None:
        return False
    try:
        viewer = subprocess.Popen(  # noqa: S603 - a fixed command, and the path as one argument
            [command, str(file.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    Thread(target=viewer.wait, daemon=True).start()  # its end is awaited, but never by the app
    return True


def _opener() -> str | None:
    """Return the command that opens a file on this desktop, None without one."""
    from shutil import which  # noqa: PLC0415 - as above

    if sys.platform == "darwin":
        return which("open")
    if sys.platform == "win32":
        return which("explorer")
    has_desktop = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return which("xdg-open") if has_desktop else None
