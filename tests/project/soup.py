"""Software of unknown provenance: what the program depends on directly, with its known faults.

The data are in docs/safety/soup.toml; the version bounds are those of pyproject.toml.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from packaging.requirements import Requirement as Dependency

from tests.project.markdown import MADE, ROOT, SAFETY, table

SOUP = SAFETY / "soup.toml"
_PROJECT = ROOT / "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoupItem:
    """One package, extra or platform that the program did not make."""

    name: str
    kind: str = "package"
    """A package that is always installed, an `extra` on request, or the `platform` beneath."""
    why: str
    licence: str
    faults: tuple[str, ...]
    looked: str
    """The day and the way in which known faults were looked for, or that they were not."""
    if_it_fails: str
    seen_by: str

    def __post_init__(self) -> None:
        """Raise `ValueError` where a field is empty."""
        for field in fields(self):
            value = getattr(self, field.name)
            texts = (value,) if isinstance(value, str) else value
            if not texts or not all(text.strip() for text in texts):
                raise ValueError(f"{self.name}: {field.name} is empty")


def soup(path: Path = SOUP) -> tuple[SoupItem, ...]:
    """Return the list, read from docs/safety/soup.toml."""
    with path.open("rb") as file:
        rows = tomllib.load(file)["soup"]
    return tuple(SoupItem(**{**row, "faults": tuple(row["faults"])}) for row in rows)


def dependencies() -> Iterator[tuple[str, Dependency]]:
    """Yield the direct dependencies of the program, each with its kind."""
    project = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
    yield from (("package", Dependency(each)) for each in project["dependencies"])
    extras: Iterable[list[str]] = project.get("optional-dependencies", {}).values()
    yield from (("extra", Dependency(each)) for extra in extras for each in extra)


_PAGE = """\
# Software of unknown provenance

{made}
What the program depends on directly and did not make. Everything else that comes with it is in the
bill of materials, which `make sbom` writes from the lock file; the packages are locked by their
hashes. Faults were looked for in public threads that were stored, not at their places of today: an
administrator looks again before a release, and after each advisory. What was not looked at says so.

{rows}

## Known faults, and how far they concern this program

{faults}
"""
_FAULTS = """\
### {name}

{faults}

Looked at: {looked}.
"""


def soup_page() -> str:
    """Return the page of the list."""
    bounds = {each.name: str(each.specifier) for _, each in dependencies()}
    headings = (
        "name", "kind", "versions", "licence", "why", "what happens if it fails",
        "how it is seen",
    )  # fmt: skip
    return _PAGE.format(
        made=MADE,
        rows=table(
            headings,
            (
                (each.name, each.kind, _bounds(bounds.get(each.name, "")), each.licence, each.why,
                 each.if_it_fails, each.seen_by)
                for each in soup()
            ),
        ),
        faults="\n".join(
            _FAULTS.format(
                name=each.name,
                faults="\n".join(f"- {fault}" for fault in each.faults),
                looked=each.looked,
            )
            for each in soup()
        ),
    )  # fmt: skip


def _bounds(specifier: str) -> str:
    """Return the bounds of a version with the lowest first, or that they are not ours."""
    return ", ".join(sorted(specifier.split(","), reverse=True)) or "see the README"
