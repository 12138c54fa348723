"""Changes of the settings file: a line is replaced or added, and every other one stays.

The comments and the order of the file are a person's. So the text is changed line by line, and the
result is read by the program's own reader before it takes the place of the file.
"""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dosing import UserError
from monitoring.clinic_choices import read_settings_file
from tui.app.settings import Settings, read_settings

_SECTION = re.compile(r"\s*\[")


def change_settings(file: Path, changes: Mapping[str, str | int]) -> Settings:
    """Write changes of settings into a file, all or nothing, and return the settings then.

    Raises `UserError` for a wrong value, and for a file that cannot be read or written so.
    """
    if str(file) == os.devnull:
        raise UserError(f"Settings are not kept: SIROLIMUS_SETTINGS is {os.devnull}.")
    before = read_settings(file)
    wanted = replace(before, **changes)  # type: ignore[arg-type]  # each value is checked there
    text = read_settings_file(file).text
    place = file.resolve()
    part = None
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        part = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(with_changes(text, changes))
        if place.exists():
            part.chmod(place.stat().st_mode & 0o777)
        if read_settings(part) != wanted:
            raise UserError(f"The settings in {file} are written in several lines. Edit the file.")
        part.replace(place)
    except OSError as error:
        raise UserError(f"The settings cannot be written to {file} ({error.strerror}).") from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    return wanted


def with_changes(text: str, changes: Mapping[str, str | int]) -> str:
    r"""Return a file of settings with other values, each in its line or in a new one.

    >>> with_changes('theme = "dark"  # at night\n[keys]\nlevel = "f2"\n', {"theme": "light"})
    'theme = "light"  # at night\n[keys]\nlevel = "f2"\n'
    >>> with_changes('[keys]\nlevel = "f2"', {"idle_minutes": 5})
    'idle_minutes = 5\n\n[keys]\nlevel = "f2"'
    """
    lines = text.splitlines()
    first = (at for at, line in enumerate(lines) if _SECTION.match(line))
    end = next(first, len(lines))
    for name, value in changes.items():
        written = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        line = re.compile(rf"""\s*["']?{name}["']?\s*=\s*(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s#]+)""")
        found = next((at for at in range(end) if line.match(lines[at])), None)
        if found is not None:
            rest = lines[found][line.match(lines[found]).end() :]  # type: ignore[union-attr]  # it was found by it
            lines[found] = written + rest
            continue
        lines[end:end] = [written] if end == len(lines) or not lines[end].strip() else [written, ""]
        end += 1
    ends_with_line = text.endswith("\n") or not text
    return "\n".join(lines) + ("\n" if ends_with_line and lines else "")
