"""The bill of materials: every package that the program is installed with, as CycloneDX.

`python -m tests.project.sbom FILE` makes it from `requirements.txt`, the lock file of a user; a
package that only some Pythons install is there with the marker that chooses it.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

from dosing import VERSION

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.txt"
_ENTRY = re.compile(r"^(?P<what>[^\s#-].*?) *\\?\n(?P<hashes>(?: +--hash=.*\n)*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of the lock file: its name, version and marker, and the hashes of its files."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked() -> Iterator[Locked]:
    """Yield every package of the lock file."""
    for entry in _ENTRY.finditer(LOCK.read_text(encoding="utf-8")):
        wanted = Requirement(entry["what"])
        yield Locked(
            name=wanted.name,
            version=str(wanted.specifier).removeprefix("=="),
            marker=str(wanted.marker or ""),
            hashes=tuple(_HASH.findall(entry["hashes"])),
        )


def bill_of_materials() -> Bom:
    """Return the program with a component for each package."""
    bom = Bom()
    program = Component(
        name="sirolimus-assistant", version=VERSION, type=ComponentType.APPLICATION,
        licenses=[DisjunctiveLicense(id="MIT")], bom_ref="sirolimus-assistant",
    )  # fmt: skip
    bom.metadata.component = program
    components = [_component(each) for each in locked()]
    for component in components:
        bom.components.add(component)
    bom.register_dependency(program, components)
    return bom


def _component(package: Locked) -> Component:
    # CycloneDX gives a component the hashes of one file; most packages here are one of several.
    where = PackageURL("pypi", None, package.name, package.version)
    return Component(
        name=package.name, version=package.version, type=ComponentType.LIBRARY, purl=where,
        bom_ref=str(where),
        properties=[
            *([Property(name="python:marker", value=package.marker)] if package.marker else ()),
            *(Property(name="python:file-sha256", value=each) for each in package.hashes),
        ],
    )  # fmt: skip


def main() -> int:
    """Write the bill of materials into the file that is named."""
    (file,) = sys.argv[1:]
    JsonV1Dot6(bill_of_materials()).output_to_file(file, allow_overwrite=True, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
