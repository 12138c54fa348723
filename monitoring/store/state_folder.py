"""The user's state folder: what the program remembers on this machine, outside the records.

It is the system's, or SIROLIMUS_STATE, and holds no data of patients.
"""

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_SAID = "said-once.json"

NOT_ENCRYPTED = "the records are not encrypted"
"""What the app says once: see `is_first_time`."""


def state_folder() -> Path:
    """Return the folder, which need not exist."""
    given = os.environ.get("SIROLIMUS_STATE")
    if given:
        return Path(given)
    from platformdirs import user_state_path  # noqa: PLC0415 - used here only

    return user_state_path("sirolimus-assistant")


def keep_in_state_folder(name: str, text: str) -> None:
    """Write an ASCII file for this user alone under another name, then put it in its place.

    Raises `OSError` where that is impossible.
    """
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        Path(part).replace(folder / name)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def is_first_time(what: str) -> bool:
    """Return whether something comes up for the first time on this machine, and remember it.

    Where nothing can be remembered it is always the first time.
    """
    file = state_folder() / _SAID
    said: list[str] = []
    with suppress(OSError, ValueError, RecursionError):
        said = [str(each) for each in json.loads(file.read_text(encoding="utf-8"))]
    if what in said:
        return False
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump([*said, what], stream)
    return True
