"""Mappings that a person confirmed once, kept by name for the next file of the same headings.

They are TOML files beside the settings, of this user alone, and hold no data of patients.
"""

import os
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
_LONGEST = 50
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


def name_for(file: Path, draft: MappingDraft) -> str:
    """Return the name of the mapping for a file: the kept one's, or a free one like the file's."""
    layout = replace(draft.layout, headings=draft.headings)
    for kept in kept_mappings():
        if kept.mapping.layout == layout:
            return kept.name
    first = plain_name(file)
    number, name = 1, first
    while _file_of(name).exists():
        number += 1
        name = f"{first} {number}"
    return name


def plain_name(file: Path) -> str:
    """Return the name of a file in the signs that the name of a mapping may have.

    >>> plain_name(Path("results 2026[x].csv"))
    'results 2026 x'
    """
    words = " ".join(_NOT_OF_A_NAME.sub(" ", clean(file.stem)).split())
    plain = words.strip(" -()")[:_LONGEST].strip(" -()")
    return plain if _NAME.fullmatch(plain) else "laboratory"


def keep_mapping(name: str, draft: MappingDraft) -> KeptMapping:
    """Keep the mapping of a draft by a name, for files of its headings, instead of an earlier one.

    Raises `UserError` for a draft that lacks a key, for a name that is impossible or of a mapping
    for other headings, and if the file cannot be written.
    """
    chosen = " ".join(clean(name).split())
    if not _NAME.fullmatch(chosen):
        raise UserError(
            f"{quoted(name)} is not a name of a mapping. Use letters, digits, blanks and hyphens."
        )
    draft.mapping()
    layout = replace(draft.layout, headings=draft.headings)
    earlier = [each for each in kept_mappings() if each.mapping.layout == layout]
    file = _file_of(chosen)
    if file.exists() and file not in {each.file for each in earlier}:
        raise UserError(f"A mapping is kept as {quoted(chosen)}. Choose another name.")
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with new_file(part) as stream:
            stream.write(draft.text(keep=True))
        part.replace(file)
        for each in earlier:
            if each.file != file:
                each.file.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{file} cannot be written ({error.strerror}). Check the folder of the settings."
        ) from None
    return KeptMapping(chosen, file, read_mapping(file))


def kept_file(name: str) -> Path | None:
    """Return the file of the mapping that is kept by a name, or None."""
    chosen = " ".join(clean(name).split())
    return _file_of(chosen) if _NAME.fullmatch(chosen) and _file_of(chosen).is_file() else None


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
