"""The rights of other users of the machine on a file of records."""

import os
import stat
from pathlib import Path

_READING = stat.S_IRGRP | stat.S_IROTH
_WRITING = stat.S_IWGRP | stat.S_IWOTH
_PASSING = {stat.S_IXGRP: 0o070, stat.S_IXOTH: 0o007}


def open_to_others(file: Path | None) -> str:
    """Return a sentence where others can read or change the records; empty where nobody can.

    A file counts as open if every folder on the way lets others pass. Nothing is changed. A server
    has rights of its own, and Windows no such modes: both are not judged.
    """
    if file is None or os.name != "posix":
        return ""
    try:
        rights = stat.S_IMODE(file.stat().st_mode) & (_READING | _WRITING)
        for folder in file.resolve().parents:
            mode = folder.stat().st_mode
            rights &= sum(bits for passing, bits in _PASSING.items() if mode & passing)
    except OSError:
        return ""
    if not rights:
        return ""
    doing = "change" if rights & _WRITING else "read"
    return f"Other users of this machine can {doing} {file}. Run chmod 600 on it."
