"""Mappings that a person confirmed once, kept by name for the next file of the same headings.

They are TOML files beside the settings, of this user alone, and hold no data of patients.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from dosing import UserError, clean
from dosing.quantities.text import quoted
from monitoring.clinic_choices import settings_file
from monitoring.exchange.laboratory_file.draft import MappingDraft
from monitoring.exchange.laboratory_file.layout import FileLayout, sheet_in
from monitoring.exchange.laboratory_file.mapping import Mapping, read_mapping
from monitoring.files import new_file

_NAME = re.compile(r"\w[\w ()-]{0,59}")
_NOT_OF_A_NAME = re.compile(r"[^\w ()-]+")
_ENDING = ".toml"


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """A kept mapping, by its name."""

    name: str
    file: Path
    mapping: Mapping


def kept_mappings_folder() -> Path:
    """Return the folder, which need not exist."""
    return settings_file().parent / "mappings"


def name_for(file: Path) -> str:
    """Return a name for the mapping of a file that is not taken: that of the file, to begin with.

    >>> name_for(Path("results 2026[/].csv"))
    'results 2026'
    """
    plain = " ".join(_NOT_OF_A_NAME.sub(" ", clean(file.stem)).split()).strip(" -()")[:50]
    first = plain if _NAME.fullmatch(plain) else "laboratory"
    number, name = 1, first
    while _file_of(name).exists():
        number += 1
        name = f"{first} {number}"
    return name


def keep_mapping(name: str, draft: MappingDraft) -> KeptMapping:
    """Keep the mapping of a draft by a name, for files of its headings.

    Raises `UserError` for a draft that lacks a key, for a name that is taken or impossible, and if
    the file cannot be written.
    """
    chosen = " ".join(clean(name).split())
    if not _NAME.fullmatch(chosen):
        raise UserError(
            f"{quoted(name)} is not a name of a mapping. Use letters, digits, blanks and hyphens."
        )
    draft.mapping()
    file = _file_of(chosen)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with new_file(file) as stream:
            stream.write(draft.text(keep=True))
    except FileExistsError:
        raise UserError(f"A mapping is kept as {quoted(chosen)}. Choose another name.") from None
    except OSError as error:
        raise UserError(
            f"{file} cannot be written ({error.strerror}). Check the folder of the settings."
        ) from None
    return KeptMapping(chosen, file, read_mapping(file))


def kept_mappings() -> tuple[KeptMapping, ...]:
    """Return every kept mapping, by name. Raises `UserError` for one that cannot be read."""
    folder = kept_mappings_folder()
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix == _ENDING)
    except OSError:
        return ()
    return tuple(KeptMapping(clean(file.stem), file, read_mapping(file)) for file in files)


def kept_mapping_of(content: bytes) -> KeptMapping | None:
    """Return the kept mapping for a file of this content: the one with all of its headings.

    Raises `UserError` where several are for it.
    """
    headings: dict[FileLayout, tuple[str, ...]] = {}
    found = []
    for kept in kept_mappings():
        layout = replace(kept.mapping.layout, headings=())
        if layout not in headings:
            headings[layout] = _headings(content, layout)
        if kept.mapping.layout.headings and headings[layout] == kept.mapping.layout.headings:
            found.append(kept)
    if len(found) > 1:
        names = ", ".join(quoted(each.name) for each in found)
        raise UserError(
            f"Several kept mappings are for these headings: {names}. State one with --mapping, or "
            f"remove the others from {kept_mappings_folder()}."
        )
    return found[0] if found else None


def _headings(content: bytes, layout: FileLayout) -> tuple[str, ...]:
    try:
        return sheet_in(content, layout).headings
    except UserError:
        return ()


def _file_of(name: str) -> Path:
    return kept_mappings_folder() / f"{name}{_ENDING}"
